/*
 * addr.c - network addresses: reading, canonical writing, ranges.
 *
 * Knows the text forms, which addresses are private, and how to ask many
 * ranges at once.  Does not know where an address is (geo.c) nor what a
 * record calls its source (events/).  Pure functions, any thread; a set
 * never changes once made.
 *
 * The two families never mix: ::/0 has no IPv4 address in it and 0.0.0.0/0
 * no IPv6 one, as somebody who writes a list of networks expects.
 */
#include "geo/addr.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define ADDR_BITS 128
#define MAPPED_BITS 96 /* before the IPv4 part of a mapped address */

static const unsigned char mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0xff, 0xff };

/* ---- reading ------------------------------------------------------------ */

/* Decimal digits at *at, at most `max`, no leading zero; moves behind them. */
static bool
number(const char **at, const char *end, unsigned max, unsigned *result)
{
	const char *p = *at;
	unsigned n = 0;

	while (p < end && *p >= '0' && *p <= '9') {
		n = n * 10 + (unsigned)(*p++ - '0');
		if (n > max)
			return false;
	}
	if (p == *at || (**at == '0' && p - *at > 1))
		return false;
	*at = p;
	*result = n;
	return true;
}

static bool
parse_v4(struct slice s, unsigned char out[4])
{
	const char *p = s.p, *end = s.p + s.n;
	unsigned n;

	for (int i = 0; i < 4; i++) {
		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		if (!number(&p, end, 255, &n))
			return false;
		out[i] = (unsigned char)n;
	}
	return p == end;
}

static bool
parse_v6(struct slice s, unsigned char out[16])
{
	char text[ADDR_TEXT];

	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, out) == 1;
}

bool
addr_parse(struct slice s, struct addr *result)
{
	struct addr a;

	if (s.n < 2 || s.n >= ADDR_TEXT || memchr(s.p, '\0', s.n))
		return false;
	if (!memchr(s.p, ':', s.n)) {
		memcpy(a.b, mapped_prefix, sizeof(mapped_prefix));
		if (!parse_v4(s, a.b + 12))
			return false;
	} else if (!parse_v6(s, a.b)) {
		return false;
	}
	a.v4 = memcmp(a.b, mapped_prefix, sizeof(mapped_prefix)) == 0;
	*result = a;
	return true;
}

/* ---- writing ------------------------------------------------------------ */

static char *
put_decimal(char *p, unsigned n)
{
	if (n >= 100)
		*p++ = (char)('0' + n / 100);
	if (n >= 10)
		*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	return p;
}

static char *
put_hex(char *p, unsigned n)
{
	int shift = 12;

	while (shift > 0 && n >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[n >> shift & 15];
	return p;
}

static char *
put_v4(char *p, const unsigned char *b)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		p = put_decimal(p, b[i]);
	}
	return p;
}

/* Where the first of the longest runs of zero groups is; its length. */
static int
longest_zeros(const unsigned group[8], int *at)
{
	int best = 0, run = 0;

	*at = 0;
	for (int i = 0; i < 8; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*at = i - run + 1;
		}
	}
	return best;
}

static char *
put_v6(char *p, const unsigned char *b)
{
	unsigned group[8];
	int at, zeros;

	for (int i = 0; i < 8; i++)
		group[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
	zeros = longest_zeros(group, &at);
	for (int i = 0; i < 8; i++) {
		/* One zero group alone is written out: RFC 5952, 4.2.2. */
		if (zeros > 1 && i == at) {
			*p++ = ':';
			i += zeros - 1;
			if (i == 7)
				*p++ = ':';
			continue;
		}
		if (i > 0)
			*p++ = ':';
		p = put_hex(p, group[i]);
	}
	return p;
}

struct slice
addr_format(const struct addr *a, char *buf)
{
	char *end = a->v4 ? put_v4(buf, a->b + 12) : put_v6(buf, a->b);

	*end = '\0';
	return slice_of(buf, (size_t)(end - buf));
}

/* ---- private addresses -------------------------------------------------- */

static bool
private_v4(const unsigned char *b)
{
	switch (b[0]) {
	case 10:
	case 127:
		return true;
	case 100:
		return (b[1] & 0xc0) == 64;
	case 169:
		return b[1] == 254;
	case 172:
		return (b[1] & 0xf0) == 16;
	case 192:
		return b[1] == 168;
	default:
		return false;
	}
}

bool
addr_is_private(const struct addr *a)
{
	static const unsigned char loopback[16] = { [15] = 1 };
	const unsigned char *b = a->b;

	if (a->v4)
		return private_v4(b + 12);
	if (b[0] == 0x20 && b[1] == 0x02) /* 6to4 carries its IPv4 address */
		return private_v4(b + 2);
	return (b[0] & 0xfe) == 0xfc ||
	    (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) ||
	    memcmp(b, loopback, sizeof(loopback)) == 0;
}

/* ---- one range ---------------------------------------------------------- */

/* Which bits of byte i stand behind a range's length. */
static unsigned char
host_mask(unsigned bits, unsigned i)
{
	unsigned have = bits > 8 * i ? bits - 8 * i : 0;

	return (unsigned char)((have < 8 ? 0xffU >> have : 0U) & 0xffU);
}

static bool
host_bits_set(const struct cidr *c)
{
	for (unsigned i = 0; i < 16; i++)
		if (c->base.b[i] & host_mask(c->bits, i))
			return true;
	return false;
}

bool
cidr_parse(struct slice s, struct cidr *result)
{
	const char *slash = s.p ? memchr(s.p, '/', s.n) : NULL;
	const char *end = s.p + s.n;
	unsigned skip;
	struct cidr c;

	if (!slash)
		slash = end;
	if (!addr_parse(slice_of(s.p, (size_t)(slash - s.p)), &c.base))
		return false;
	c.bits = ADDR_BITS;
	if (slash < end) {
		/* ::ffff:198.51.100.0/120 counts as it is written. */
		skip = memchr(s.p, ':', s.n) ? 0 : MAPPED_BITS;
		slash++;
		if (!number(&slash, end, ADDR_BITS - skip, &c.bits) ||
		    slash != end)
			return false;
		c.bits += skip;
	}
	if (host_bits_set(&c))
		return false;
	*result = c;
	return true;
}

bool
cidr_has(const struct cidr *c, const struct addr *a)
{
	size_t whole = c->bits / 8;
	unsigned rest = c->bits % 8;

	if (c->bits > ADDR_BITS || c->base.v4 != a->v4)
		return false;
	if (memcmp(c->base.b, a->b, whole) != 0)
		return false;
	return rest == 0 ||
	    ((c->base.b[whole] ^ a->b[whole]) >> (8 - rest)) == 0;
}

/* ---- many ranges -------------------------------------------------------- */

#define KEY_SIZE 17 /* the family, then the address: sorts families apart */

struct range {
	unsigned char first[KEY_SIZE], last[KEY_SIZE];
};

struct cidr_set {
	size_t n;
	struct range ranges[];
};

static void
make_key(const struct addr *a, unsigned char key[KEY_SIZE])
{
	key[0] = a->v4 ? 4 : 6;
	memcpy(key + 1, a->b, 16);
}

static void
range_last(const struct cidr *c, unsigned char last[16])
{
	for (unsigned i = 0; i < 16; i++)
		last[i] = c->base.b[i] | host_mask(c->bits, i);
}

/* By beginning, the wider first, so that what is nested comes behind. */
static int
compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int c = memcmp(x->first, y->first, KEY_SIZE);

	return c ? c : memcmp(y->last, x->last, KEY_SIZE);
}

/* CIDR ranges are nested or apart, never half over each other. */
static size_t
drop_nested(struct range *r, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept > 0 &&
		    memcmp(r[i].first, r[kept - 1].last, KEY_SIZE) <= 0)
			continue;
		r[kept++] = r[i];
	}
	return kept;
}

struct cidr_set *
cidr_set_new(const struct cidr *ranges, size_t n)
{
	struct cidr_set *s;

	if (n > (SIZE_MAX - sizeof(*s)) / sizeof(s->ranges[0]))
		return NULL;
	s = malloc(sizeof(*s) + n * sizeof(s->ranges[0]));
	if (!s)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct range *r = &s->ranges[i];

		make_key(&ranges[i].base, r->first);
		r->last[0] = r->first[0];
		range_last(&ranges[i], r->last + 1);
	}
	if (n > 0)
		qsort(s->ranges, n, sizeof(s->ranges[0]), compare_ranges);
	s->n = drop_nested(s->ranges, n);
	return s;
}

bool
cidr_set_has(const struct cidr_set *s, const struct addr *a)
{
	unsigned char key[KEY_SIZE];
	size_t low = 0, high = s ? s->n : 0;

	if (high == 0)
		return false;
	make_key(a, key);
	while (low < high) { /* the first range that begins behind the key */
		size_t mid = low + (high - low) / 2;

		if (memcmp(s->ranges[mid].first, key, KEY_SIZE) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && memcmp(key, s->ranges[low - 1].last, KEY_SIZE) <= 0;
}

void
cidr_set_free(struct cidr_set *s)
{
	free(s);
}
