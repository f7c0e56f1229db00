/*
 * outbox_rows.c - what waits for an output as rows of the state.
 *
 * See outbox.h.  A row a chunk, which never changes, and one with the books and
 * what of chunks is gone.
 */
#include "outputs/outbox_i.h"

#include "lib/log.h"
#include "outputs/sent.h"

#include <inttypes.h>
#include <stdlib.h>

#define BOOKS 'b' /* sorts before chunks: what is gone is known first */
#define CHUNK 'c'

/* ---- rows ---- */

static struct slice
key_of(struct outbox *o, char kind, uint64_t first)
{
	buf_reset(&o->key);
	buf_adds(&o->key, o->name);
	buf_addc(&o->key, '\0');
	buf_addc(&o->key, kind);
	if (kind == CHUNK)
		pack_ordered(&o->key, first);
	return o->key.failed ? SLICE_NULL : buf_slice(&o->key);
}

struct slice
outbox_row_name(struct slice key)
{
	const char *end = memchr(key.p, '\0', key.n);

	return end ? slice_of(key.p, (size_t)(end - key.p)) : SLICE_NULL;
}

static void
pack_places(const struct chunk *c, struct buf *out)
{
	unsigned bits = 0;

	for (size_t i = 0; i < c->n; i++) {
		bits |= (unsigned)(c->places.p[i] == GONE) << (i % 8);
		if (i % 8 == 7 || i + 1 == c->n) {
			buf_addc(out, (char)bits);
			bits = 0;
		}
	}
}

/* Locked.  The next chunk of which a part is gone, from `c` on. */
static const struct chunk *
next_partial(const struct outbox *o, const struct chunk *c)
{
	while (c && c->first <= o->reach && c->left == c->n)
		c = c->next;
	return c && c->first <= o->reach ? c : NULL;
}

/* Locked. */
static void
pack_partial(const struct outbox *o, struct buf *out)
{
	const struct chunk *c;
	uint64_t n = 0;

	for (c = o->queue.first; (c = next_partial(o, c)); c = c->next)
		n++;
	pack_uint(out, n);
	for (c = o->queue.first; (c = next_partial(o, c)); c = c->next) {
		pack_uint(out, c->first);
		pack_uint(out, (c->n + 7) / 8);
		pack_places(c, out);
	}
}

/* Locked. */
static void
pack_books(const struct outbox *o, struct buf *out)
{
	buf_reset(out);
	pack_uint(out, OUTBOX_FORM);
	pack_uint(out, o->counts.made);
	pack_uint(out, o->counts.delivered);
	pack_uint(out, o->counts.dead);
	pack_uint(out, o->counts.dropped);
	pack_uint(out, o->next);
	pack_bool(out, o->has_mark);
	pack_uint(out, o->mark);
	pack_partial(o, out);
}

static int
put_row(struct outbox *o, char kind, uint64_t first, struct slice value,
    pack_row *put, void *arg)
{
	struct slice key = key_of(o, kind, first);

	return key.p ? put(arg, key, value) : ST_ENOMEM;
}

/* Locked. */
static int
save_finished(struct outbox *o, pack_row *put, void *arg)
{
	size_t n = 0;
	int err = 0;

	for (struct chunk *c = o->finished.first; c && err == 0; c = c->next) {
		err = put_row(o, CHUNK, c->first, SLICE_NULL, put, arg);
		n++;
	}
	o->to_drop = n;
	return err;
}

static int
save_fresh(struct outbox *o, pack_row *put, void *arg)
{
	int err = 0;

	for (struct chunk *c = o->fresh.first; c && err == 0; c = c->next)
		err = put_row(
		    o, CHUNK, c->first, buf_slice(&c->text), put, arg);
	return err;
}

int
outbox_save(struct outbox *o, pack_row *put, void *arg)
{
	int err;

	if (!outbox_has_news(o))
		return 0;
	pthread_mutex_lock(&o->lock);
	pack_books(o, &o->row);
	o->saved = o->settled;
	o->answered_saved = o->answered;
	err = save_finished(o, put, arg);
	pthread_mutex_unlock(&o->lock);
	if (err == 0)
		err = save_fresh(o, put, arg);
	if (err == 0)
		err = o->row.failed
		    ? ST_ENOMEM
		    : put_row(o, BOOKS, 0, buf_slice(&o->row), put, arg);
	return err;
}

/* ---- loading ---- */

/* Up to where the rest of the row is another's business. */
static int
unpack_counts(struct unpack *u, struct outbox_counts *c)
{
	if (unpack_uint(u) != OUTBOX_FORM)
		return ST_EFORMAT;
	c->made = unpack_uint(u);
	c->delivered = unpack_uint(u);
	c->dead = unpack_uint(u);
	c->dropped = unpack_uint(u);
	return u->failed || c->made < c->delivered ||
		c->made - c->delivered < c->dead
	    ? ST_EFORMAT
	    : 0;
}

bool
outbox_row_books(
    struct slice key, struct slice value, struct outbox_counts *result)
{
	struct slice name = outbox_row_name(key);
	struct unpack u = unpack_of(value);

	return name.p && key.n == name.n + 2 && key.p[name.n + 1] == BOOKS &&
	    unpack_counts(&u, result) == 0;
}

static int
load_books(struct outbox *o, struct slice value)
{
	struct unpack u = unpack_of(value);
	struct outbox_counts c;
	uint64_t next, mark;
	bool has_mark;

	if (unpack_counts(&u, &c) < 0)
		return ST_EFORMAT;
	next = unpack_uint(&u);
	has_mark = unpack_bool(&u);
	mark = unpack_uint(&u);
	if (u.failed)
		return ST_EFORMAT;
	o->counts = c;
	o->next = next;
	o->has_mark = has_mark;
	o->mark = mark;
	buf_reset(&o->partial);
	buf_add_slice(&o->partial, u.rest);
	return o->partial.failed ? ST_ENOMEM : 0;
}

/* What of this chunk was gone already. */
static void
apply_partial(struct outbox *o, struct chunk *c)
{
	struct unpack u = unpack_of(buf_slice(&o->partial));
	uint64_t n = unpack_uint(&u), first, size;

	for (; n > 0 && !u.failed; n--) {
		first = unpack_uint(&u);
		size = unpack_uint(&u);
		if (u.failed || size > u.rest.n)
			return;
		for (size_t i = 0; first == c->first && i < c->n; i++)
			if (i / 8 < size && c->places.p[i] != GONE &&
			    (u.rest.p[i / 8] >> (i % 8) & 1))
				outbox_gone(o, c, i);
		u.rest = slice_of(u.rest.p + size, u.rest.n - size);
	}
}

static size_t
bytes_of(const struct chunk *c)
{
	size_t bytes = 0;

	for (size_t i = 0; i < c->n; i++)
		bytes += outbox_record(c, i)->size +
		    strlen(outbox_record(c, i)->id) + 1;
	return bytes;
}

static int
load_chunk(struct outbox *o, uint64_t first, struct slice value)
{
	struct chunk *c = calloc(1, sizeof(*c));
	int err = ST_EFORMAT;

	if (!c)
		return ST_ENOMEM;
	c->first = first;
	buf_add_slice(&c->text, value);
	if (!c->text.failed && outbox_chunk_read(c)) {
		for (size_t i = 0; i < c->n; i++)
			buf_addc(&c->places, WAITS);
		err = c->places.failed ? ST_ENOMEM : 0;
	}
	if (err < 0) {
		outbox_chunk_free(c);
		return err;
	}
	c->left = c->n;
	o->bytes += bytes_of(c);
	apply_partial(o, c);
	outbox_append(&o->queue, c);
	o->unfolded = true;
	if (o->next < first + c->n)
		o->next = first + c->n;
	return 0;
}

int
outbox_load(struct outbox *o, struct slice key, struct slice value)
{
	size_t skip = strlen(o->name) + 1;
	struct unpack u;
	uint64_t first;

	if (key.n <= skip)
		return ST_EFORMAT;
	if (key.p[skip] == BOOKS && key.n == skip + 1)
		return load_books(o, value);
	u = unpack_of(slice_of(key.p + skip + 1, key.n - skip - 1));
	first = unpack_ordered(&u);
	if (key.p[skip] != CHUNK || !unpack_is_whole(&u))
		return ST_EFORMAT;
	return load_chunk(o, first, value);
}

/* The record of that number, if it is still to be taken. */
static struct chunk *
find_waiting(const struct outbox *o, uint64_t number, size_t *i)
{
	for (struct chunk *c = o->queue.first; c; c = c->next)
		if (number >= c->first && number - c->first < c->n) {
			*i = (size_t)(number - c->first);
			return c->places.p[*i] == WAITS ? c : NULL;
		}
	return NULL;
}

/* An answer that came before the process died, and after the last commit. */
static void
apply_note(void *arg, const struct sent_note *note)
{
	struct outbox *o = arg;
	size_t i = 0;
	struct chunk *c = find_waiting(o, note->number, &i);
	bool done, dead;

	if (!c)
		return;
	done = sent_says(note, outbox_record(c, i), OUTBOX_DONE);
	dead = !done && sent_says(note, outbox_record(c, i), OUTBOX_DEAD);
	if (!done && !dead)
		return;
	outbox_note_fate(
	    o, outbox_record(c, i), done ? OUTBOX_DONE : OUTBOX_DEAD, false);
	outbox_gone(o, c, i);
	o->counts.delivered += done;
	o->counts.dead += dead;
	/* To be kept before the note is written over. */
	o->settled++;
	o->unsure = true;
}

/* It is faster with them, and right without. */
static void
read_notes(struct outbox *o)
{
	struct err e = { .text = "" };

	if (!o->sent_file)
		return;
	if (sent_open(o->sent_file, o->next == 0, &o->sent, &e) < 0)
		log_warnx("output %s: %s; each batch waits for the state",
		    o->name, e.text);
	else
		sent_each(o->sent, apply_note, o);
}

void
outbox_loaded(struct outbox *o)
{
	uint64_t there = 0, told;

	buf_release(&o->partial);
	read_notes(o);
	for (const struct chunk *c = o->queue.first; c; c = c->next)
		there += c->left;
	outbox_sweep(o);
	told = outbox_queued(&o->counts);
	if (there < told) {
		log_errorx("output %s: %" PRIu64
			   " records that it had yet to take are lost",
		    o->name, told - there);
		o->counts.dead += told - there;
		o->counts.dropped += told - there;
	} else {
		o->counts.made += there - told;
	}
	if (o->kept != o->settled)
		o->o.on_news(o->o.arg);
}

bool
outbox_mark(struct outbox *o, uint64_t *mark)
{
	*mark = o->mark;
	return o->has_mark;
}
