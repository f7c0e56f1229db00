/*
 * digest.c - the name of a record that has none: a hash of its canonical bytes.
 *
 * Reads JSON text a byte at a time and writes it again at once; only the
 * members of the objects that are open are remembered, for the case that a
 * name repeats.  Iterative: depth costs no stack.  Any thread.
 */
#include "events/digest.h"

#include "lib/hash.h"
#include "lib/json.h"
#include "lib/utf8.h"

#include <stdint.h>
#include <stdlib.h>

/* Where a member stands in the output. */
struct member {
	size_t name, value; /* "name": and what follows it */
	size_t from, end;   /* the value that counts; end 0: none of its own */
};

/* A name while its object's members are compared. */
struct key {
	struct slice name;
	size_t index;
};

struct level {
	size_t start;  /* of the bracket, in the output */
	size_t member; /* the first of this object's */
	bool object;
};

struct canon {
	const char *p, *end;
	struct buf *out;
	struct member *members;
	size_t n, cap;
	size_t depth;
	struct level level[JSON_DEPTH_MAX];
};

static void
skip_blanks(struct canon *c)
{
	while (c->p < c->end &&
	    (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

/* The next byte behind blanks, NUL at the end (where no JSON has one). */
static char
peek(struct canon *c)
{
	skip_blanks(c);
	return c->p < c->end ? *c->p : '\0';
}

/* ---- strings ----------------------------------------------------------- */

static void
write_code_point(struct buf *out, uint32_t cp)
{
	static const char shorts[32] = { ['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't' };

	if (cp == '"' || cp == '\\') {
		buf_addc(out, '\\');
		buf_addc(out, (char)cp);
	} else if (cp < 0x20 && shorts[cp]) {
		buf_addc(out, '\\');
		buf_addc(out, shorts[cp]);
	} else if (cp < 0x20 || (cp >= 0xD800 && cp <= 0xDFFF)) {
		buf_addf(out, "\\u%04x", (unsigned)cp);
	} else {
		utf8_add(out, cp);
	}
}

static bool
read_hex4(struct canon *c, uint32_t *result)
{
	uint32_t v = 0;

	if (c->end - c->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char d = *c->p++;

		v <<= 4;
		if (d >= '0' && d <= '9')
			v |= (uint32_t)(d - '0');
		else if ((d | 32) >= 'a' && (d | 32) <= 'f')
			v |= (uint32_t)((d | 32) - 'a' + 10);
		else
			return false;
	}
	*result = v;
	return true;
}

/* Behind "\u": one escape, and its other half where it has one. */
static bool
read_unicode(struct canon *c)
{
	uint32_t cp, low;
	const char *back;

	if (!read_hex4(c, &cp))
		return false;
	if (cp >= 0xD800 && cp <= 0xDBFF && c->end - c->p >= 6 &&
	    c->p[0] == '\\' && c->p[1] == 'u') {
		back = c->p;
		c->p += 2;
		if (!read_hex4(c, &low))
			return false;
		if (low >= 0xDC00 && low <= 0xDFFF)
			cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
		else
			c->p = back;
	}
	write_code_point(c->out, cp);
	return true;
}

static bool
read_escape(struct canon *c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	char e;

	if (c->p >= c->end)
		return false;
	e = *c->p++;
	if (e == 'u')
		return read_unicode(c);
	at = e ? strchr(from, e) : NULL;
	if (!at)
		return false;
	write_code_point(c->out, (unsigned char)to[at - from]);
	return true;
}

static bool
is_plain(char b)
{
	return b >= 0x20 && b != '"' && b != '\\';
}

/* c->p stands behind the opening quote. */
static bool
write_string(struct canon *c)
{
	size_t len;
	bool ok;

	buf_addc(c->out, '"');
	while (c->p < c->end) {
		const char *run = c->p;

		while (c->p < c->end && is_plain(*c->p))
			c->p++;
		buf_add(c->out, run, (size_t)(c->p - run));
		if (c->p == c->end)
			return false;
		if (*c->p == '"') {
			c->p++;
			buf_addc(c->out, '"');
			return true;
		}
		if (*c->p == '\\') {
			c->p++;
			if (!read_escape(c))
				return false;
			continue;
		}
		write_code_point(c->out, utf8_next(c->p, c->end, &len, &ok));
		c->p += len;
	}
	return false;
}

/* ---- other scalars ----------------------------------------------------- */

static bool
skip_digits(struct canon *c)
{
	const char *from = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > from;
}

static bool
write_number(struct canon *c)
{
	const char *from = c->p;

	if (*c->p == '-')
		c->p++;
	if (c->p < c->end && *c->p == '0')
		c->p++;
	else if (!skip_digits(c))
		return false;
	if (c->p < c->end && *c->p == '.') {
		c->p++;
		if (!skip_digits(c))
			return false;
	}
	if (c->p < c->end && (*c->p | 32) == 'e') {
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		if (!skip_digits(c))
			return false;
	}
	buf_add(c->out, from, (size_t)(c->p - from));
	return true;
}

static bool
write_word(struct canon *c, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
		return false;
	c->p += n;
	buf_add(c->out, word, n);
	return true;
}

static bool
write_scalar(struct canon *c)
{
	switch (*c->p) {
	case '"':
		c->p++;
		return write_string(c);
	case 't':
		return write_word(c, "true");
	case 'f':
		return write_word(c, "false");
	case 'n':
		return write_word(c, "null");
	default:
		return write_number(c);
	}
}

/* ---- members whose name repeats ---------------------------------------- */

static int
key_cmp(const void *x, const void *y)
{
	const struct key *a = x, *b = y;
	int c = slice_cmp(a->name, b->name);

	return c ? c : (a->index > b->index) - (a->index < b->index);
}

/* Of members with one name the first gets the last one's value, the others
 * are marked (end 0).  True where there are any. */
static bool
fold_members(struct member *m, struct key *keys, size_t n)
{
	bool any = false;
	size_t first = 0;

	for (size_t i = 1; i < n; i++) {
		struct member *keep = &m[keys[first].index];
		struct member *again = &m[keys[i].index];

		if (!slice_eq(keys[i].name, keys[first].name)) {
			first = i;
			continue;
		}
		keep->from = again->from;
		keep->end = again->end;
		again->end = 0;
		any = true;
	}
	return any;
}

static void
write_members_again(struct canon *c, size_t start, const struct member *m,
    size_t n, struct buf *scratch)
{
	for (size_t i = 0; i < n; i++) {
		if (m[i].end == 0)
			continue;
		if (scratch->n)
			buf_addc(scratch, ',');
		buf_add(scratch, c->out->p + m[i].name, m[i].value - m[i].name);
		buf_add(scratch, c->out->p + m[i].from, m[i].end - m[i].from);
	}
	c->out->n = start + 1;
	buf_add_slice(c->out, buf_slice(scratch));
}

#define FEW_MEMBERS 24

/* Of few members: does a name repeat?  Nearly always not, and then nothing
 * need be sorted. */
static bool
may_repeat(const struct canon *c, const struct member *m, size_t n)
{
	if (n > FEW_MEMBERS)
		return true;
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (m[i].value - m[i].name == m[k].value - m[k].name &&
			    memcmp(c->out->p + m[i].name, c->out->p + m[k].name,
				m[i].value - m[i].name) == 0)
				return true;
	return false;
}

/* The object's members are all written: drop what a later one replaces. */
static int
settle_members(struct canon *c, const struct level *l)
{
	size_t n = c->n - l->member;
	struct buf scratch = BUF_INIT;
	struct member *m;
	struct key *keys;
	int err = 0;

	if (n < 2 || c->out->failed)
		return 0;
	m = c->members + l->member;
	if (!may_repeat(c, m, n))
		return 0;
	keys = malloc(n * sizeof(*keys));
	if (!keys)
		return ST_ENOMEM;
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct key){ slice_of(c->out->p + m[i].name,
					    m[i].value - m[i].name),
			i };
	qsort(keys, n, sizeof(*keys), key_cmp);
	if (fold_members(m, keys, n))
		write_members_again(c, l->start, m, n, &scratch);
	if (scratch.failed)
		err = ST_ENOMEM;
	buf_release(&scratch);
	free(keys);
	return err;
}

/* ---- the walk ---------------------------------------------------------- */

static int
open_level(struct canon *c, bool object)
{
	if (c->depth == JSON_DEPTH_MAX)
		return ST_EFORMAT;
	c->level[c->depth++] = (struct level){ c->out->n, c->n, object };
	buf_addc(c->out, *c->p++);
	return 0;
}

static int
close_level(struct canon *c)
{
	struct level *l = &c->level[--c->depth];
	int err = l->object ? settle_members(c, l) : 0;

	c->n = l->member;
	buf_addc(c->out, *c->p++);
	return err;
}

static int
add_member(struct canon *c, size_t name)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		struct member *more = realloc(c->members, cap * sizeof(*more));

		if (!more)
			return ST_ENOMEM;
		c->members = more;
		c->cap = cap;
	}
	c->members[c->n++] = (struct member){ name, c->out->n, c->out->n, 0 };
	return 0;
}

/* "name": and what is known of it so far. */
static int
read_name(struct canon *c)
{
	size_t name = c->out->n;

	if (peek(c) != '"')
		return ST_EFORMAT;
	c->p++;
	if (!write_string(c) || peek(c) != ':')
		return ST_EFORMAT;
	c->p++;
	buf_addc(c->out, ':');
	return add_member(c, name);
}

/* A bracket that opens, with the first name of an object; or a scalar.
 * *open is true where a value must follow. */
static int
begin_value(struct canon *c, bool *open)
{
	char b = peek(c), close = b == '{' ? '}' : ']';
	int err;

	*open = false;
	if (b != '{' && b != '[')
		return b && write_scalar(c) ? 0 : ST_EFORMAT;
	err = open_level(c, b == '{');
	if (err < 0)
		return err;
	if (peek(c) == close)
		return close_level(c);
	*open = true;
	return b == '{' ? read_name(c) : 0;
}

/* A value has ended: a comma, or brackets that close.  *more is true where
 * another value follows. */
static int
end_value(struct canon *c, bool *more)
{
	int err = 0;

	*more = false;
	while (err == 0 && c->depth > 0) {
		struct level *l = &c->level[c->depth - 1];
		char b = peek(c);

		if (l->object)
			c->members[c->n - 1].end = c->out->n;
		if (b == ',') {
			buf_addc(c->out, ',');
			c->p++;
			*more = true;
			return l->object ? read_name(c) : 0;
		}
		if (b != (l->object ? '}' : ']'))
			return ST_EFORMAT;
		err = close_level(c);
	}
	return err;
}

static int
walk(struct canon *c)
{
	bool more = true;
	int err;

	while (more) {
		err = begin_value(c, &more);
		if (err < 0)
			return err;
		if (more)
			continue;
		err = end_value(c, &more);
		if (err < 0)
			return err;
	}
	skip_blanks(c);
	return c->p == c->end ? 0 : ST_EFORMAT;
}

int
digest_canonical(struct slice json, struct buf *out)
{
	struct canon c;
	size_t before = out->n;
	int err;

	if (!json.p)
		return ST_EFORMAT;
	c.p = json.p;
	c.end = json.p + json.n;
	c.out = out;
	c.members = NULL;
	c.n = c.cap = c.depth = 0;
	err = walk(&c);
	if (err == 0 && out->failed)
		err = ST_ENOMEM;
	if (err < 0 && !out->failed)
		out->n = before;
	free(c.members);
	return err;
}

void
digest_id(struct slice json, char id[DIGEST_ID_SIZE])
{
	unsigned char sum[SHA256_SIZE] = { 0 };
	struct buf canonical = BUF_INIT;
	struct slice named = json;
	struct sha256 *h = sha256_new();

	buf_reserve(&canonical, json.n);
	if (digest_canonical(json, &canonical) == 0)
		named = buf_slice(&canonical);
	if (h) {
		sha256_add(h, named.p, named.n);
		sha256_sum(h, sum);
	}
	sha256_free(h);
	buf_release(&canonical);
	memcpy(id, "sha256:", 7);
	hash_hex(sum, sizeof(sum), id + 7);
}

void
digest_key(enum provider provider, const struct slice *parts, size_t n,
    uint64_t key[2])
{
	/* Two lanes of 64 bits; each part is hashed under what went before. */
	for (uint64_t lane = 0; lane < 2; lane++) {
		uint64_t chain[2] = { provider, lane };

		for (size_t i = 0; i < n; i++)
			chain[0] = hash_bytes(
			    parts[i].p ? parts[i].p : "", parts[i].n, chain);
		key[lane] = chain[0];
	}
}
