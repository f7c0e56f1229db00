/*
 * encoding.h - the values that a MaxMind DB is written in.
 *
 *     struct enc_reader r = { data, size, 4096 };
 *     struct enc_value v;
 *     at = enc_value(&r, at, &v, &inside);     // ENC_BAD where it is broken
 *     at = enc_skip(&r, at, 1);
 *
 * Any bytes: nothing is read outside of data, and after `left` values all is
 * broken.  Used for each record that is asked for, hence inline.  Pure
 * functions, any thread.
 */
#ifndef ST_ENCODING_H
#define ST_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum enc_type {
	ENC_EXTENDED = 0,
	ENC_POINTER = 1,
	ENC_STRING = 2,
	ENC_DOUBLE = 3,
	ENC_UINT16 = 5,
	ENC_UINT32 = 6,
	ENC_MAP = 7,
	ENC_UINT64 = 9,
	ENC_ARRAY = 11,
	ENC_BOOLEAN = 14,
	ENC_FLOAT = 15,
};

struct enc_value {
	unsigned type;
	size_t size; /* bytes; items of a map or array; a boolean itself */
	const unsigned char *p;
};

struct enc_reader {
	const unsigned char *data;
	size_t size;
	unsigned left; /* items until the record is given up */
};

/*
 * Positions are passed and returned by value: kept behind a pointer, each
 * step would wait for the store of the one before.
 */
#define ENC_BAD SIZE_MAX

static inline size_t
enc_big_endian(const unsigned char *p, size_t n)
{
	size_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* Pointers of 11, 19, 27 and 32 bits, each beginning where the shorter end. */
static inline size_t
enc_pointer(const struct enc_reader *r, size_t at, unsigned control,
    struct enc_value *v)
{
	static const size_t base[4] = { 0, 2048, 526336, 0 };
	unsigned bytes = (control >> 3 & 3) + 1;
	size_t low;

	if (bytes > r->size - at)
		return ENC_BAD;
	low = enc_big_endian(r->data + at, bytes);
	if (bytes < 4)
		low |= (size_t)(control & 7) << 8 * bytes;
	v->size = low + base[bytes - 1];
	return at + bytes;
}

/* Sizes from 29 on stand in up to three more bytes. */
static inline size_t
enc_long_size(const struct enc_reader *r, size_t at, struct enc_value *v)
{
	static const size_t base[3] = { 29, 285, 65821 };
	size_t bytes = v->size - 28;

	if (bytes > r->size - at)
		return ENC_BAD;
	v->size = base[bytes - 1] + enc_big_endian(r->data + at, bytes);
	return at + bytes;
}

static inline bool
enc_is_container(const struct enc_value *v)
{
	return v->type == ENC_MAP || v->type == ENC_ARRAY;
}

/* One value.  Returns where the next one begins; of a map or array that is
 * the first in it.  Of a pointer `size` is where it points. */
static inline size_t
enc_one(struct enc_reader *r, size_t at, struct enc_value *v)
{
	unsigned control;

	if (at >= r->size || r->left == 0)
		return ENC_BAD;
	r->left--;
	control = r->data[at++];
	v->type = control >> 5;
	if (v->type == ENC_POINTER)
		return enc_pointer(r, at, control, v);
	if (v->type == ENC_EXTENDED) {
		/* Zeros are no empty map: 7 has a short form. */
		if (at >= r->size || r->data[at] == 0 ||
		    r->data[at] > ENC_FLOAT - 7)
			return ENC_BAD;
		v->type = r->data[at++] + 7U;
	}
	v->size = control & 31;
	if (v->size > 28) {
		at = enc_long_size(r, at, v);
		if (at == ENC_BAD)
			return ENC_BAD;
	}
	v->p = r->data + at;
	if (enc_is_container(v) || v->type == ENC_BOOLEAN)
		return at;
	return v->size <= r->size - at ? at + v->size : ENC_BAD;
}

/*
 * One value, and what it points to.  Returns as enc_one(); where items of a
 * map or array begin is *inside, which is elsewhere behind a pointer.
 */
static inline size_t
enc_value(struct enc_reader *r, size_t at, struct enc_value *v, size_t *inside)
{
	at = enc_one(r, at, v);
	*inside = at;
	if (at == ENC_BAD || v->type != ENC_POINTER)
		return at;
	*inside = enc_one(r, v->size, v);
	return *inside != ENC_BAD && v->type != ENC_POINTER ? at : ENC_BAD;
}

/* Behind n values and all that is in them, without recursion. */
static inline size_t
enc_skip(struct enc_reader *r, size_t at, size_t n)
{
	struct enc_value v;

	for (; n > 0; n--) {
		at = enc_one(r, at, &v);
		if (at == ENC_BAD)
			break;
		if (v.type == ENC_MAP)
			n += 2 * v.size;
		else if (v.type == ENC_ARRAY)
			n += v.size;
	}
	return at;
}

#endif
