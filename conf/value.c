/*
 * value.c - text to value: durations, sizes, counts, and the nearest word.
 *
 * The pure half of schema.h, shared with the command line.  Any thread.
 */
#include "conf/schema.h"

#define WORD_MAX 64
#define PREFIX_MIN 4 /* what two words must have in common */

/* Digits at the front of *s; false where there are none or too many. */
static bool
number(struct slice *s, uint64_t *result)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(s->p[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*s = slice_of(s->p + i, s->n - i);
	*result = v;
	return i > 0;
}

struct unit {
	const char *name;
	int64_t ms;
};

static const struct unit units[] = {
	{ "w", 7 * 86400000LL },
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

/* The unit at the front of *s, only from units[first] on: 1h30m, not 30m1h. */
static const struct unit *
unit_of(struct slice *s, size_t *first)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= 'a' && s->p[n] <= 'z')
		n++;
	for (size_t i = *first; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!slice_is(slice_of(s->p, n), units[i].name))
			continue;
		*s = slice_of(s->p + n, s->n - n);
		*first = i + 1;
		return &units[i];
	}
	return NULL;
}

bool
schema_duration(struct slice s, int64_t *ms)
{
	int64_t sum = 0;
	size_t first = 0;

	if (slice_is(s, "0")) {
		*ms = 0;
		return true;
	}
	if (s.n == 0)
		return false;
	while (s.n > 0) {
		const struct unit *u;
		uint64_t v;

		if (!number(&s, &v))
			return false;
		u = unit_of(&s, &first);
		if (!u || v > (uint64_t)((INT64_MAX - sum) / u->ms))
			return false;
		sum += (int64_t)v * u->ms;
	}
	*ms = sum;
	return true;
}

/* A number and one letter of `letters`, each a further power of `base`. */
static bool
scaled(struct slice s, const char *letters, uint64_t base, uint64_t max,
    uint64_t *result)
{
	uint64_t v, factor = base;

	if (!number(&s, &v) || v > max)
		return false;
	if (s.n == 0) {
		*result = v;
		return true;
	}
	if (s.n != 1)
		return false;
	for (; *letters; letters++, factor *= base) {
		char c = *s.p == 'K' ? 'k' : *s.p;

		if (c != *letters)
			continue;
		if (v > max / factor)
			return false;
		*result = v * factor;
		return true;
	}
	return false;
}

bool
schema_size(struct slice s, size_t *bytes)
{
	uint64_t v;

	if (!scaled(s, "kMGT", 1024, SIZE_MAX, &v))
		return false;
	*bytes = (size_t)v;
	return true;
}

bool
schema_count(struct slice s, int64_t *result)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v;

	if (minus)
		s = slice_of(s.p + 1, s.n - 1);
	if (!scaled(s, "kMG", 1000, INT64_MAX, &v))
		return false;
	*result = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Letters to change, add, leave out or swap with their neighbour. */
static unsigned
distance(struct slice a, struct slice b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	for (unsigned j = 0; j <= b.n; j++)
		last[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *turn = before;

		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			char x = lower(a.p[i - 1]), y = lower(b.p[j - 1]);

			now[j] = min3(last[j] + 1, now[j - 1] + 1,
			    last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == lower(b.p[j - 2]) &&
			    y == lower(a.p[i - 2]) &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		before = last;
		last = now;
		now = turn;
	}
	return last[b.n];
}

/* "warn" is "warning", and "teams-webhook" is "teams". */
static const char *
longer_or_shorter(struct slice s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice word = slice_str(words[i]);
		size_t common = s.n < word.n ? s.n : word.n;

		if (common >= PREFIX_MIN && memcmp(s.p, word.p, common) == 0)
			return words[i];
	}
	return NULL;
}

const char *
schema_nearest(struct slice s, const char *const *words, size_t n)
{
	const char *best = NULL;
	unsigned least = s.n < 3 ? 1 : (unsigned)(s.n / 3);

	if (s.n == 0 || s.n > WORD_MAX)
		return NULL;
	least = least > 3 ? 3 : least;
	for (size_t i = 0; i < n; i++) {
		struct slice word = slice_str(words[i]);
		unsigned d;

		if (word.n > WORD_MAX)
			continue;
		d = distance(s, word);
		if (d > least || (best && d == least) || d >= word.n)
			continue;
		best = words[i];
		least = d;
	}
	return best ? best : longer_or_shorter(s, words, n);
}
