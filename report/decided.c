/*
 * decided.c - a decision line, read back.
 *
 * Knows the members that outputs/format/decision.c writes and their order,
 * which it only uses to guess where a name stands in the table.  Does not know
 * what becomes of them.  One owner, no locks.
 */
#include "report/decided.h"
#include "lib/jscan.h"

#include <stddef.h>

#define ARENA_FIRST 4096

struct reading;

/* A member: its name, what is done with its value, and where that goes. */
struct member {
	const char *name;
	size_t len;
	/* `s` is NULL where no string has an escape; NULL: passed over. */
	void (*take)(struct reading *r, const struct jscan *s,
	    struct slice value, void *at);
	size_t at;        /* in struct decided */
	bool alike;       /* is in decided's parts that hold its names */
	const char *lead; /* what stands before the value, of all but the first
			   * behind a comma */
};

/* A line that is being read. */
struct reading {
	struct decided_reader *reader;
	struct decided d;
	bool judged;        /* it has a verdict */
	const char *escape; /* the line's first backslash, or its end */
};

void
decided_reader_init(struct decided_reader *r)
{
	json_reader_init(&r->json);
	arena_init(&r->arena, ARENA_FIRST);
}

void
decided_reader_release(struct decided_reader *r)
{
	json_reader_release(&r->json);
	arena_release(&r->arena);
}

/* Of a value without an escape. */
static inline struct slice
plain_text(struct slice value)
{
	return *value.p == '"' ? slice_of(value.p + 1, value.n - 2)
			       : SLICE_NULL;
}

/* A string as it is; absent for null. */
static struct slice
text_of(struct decided_reader *r, const struct jscan *s, struct slice value)
{
	struct slice plain;

	if (!s)
		return plain_text(value);
	plain = jscan_plain(s, value);
	if (plain.p || !slice_starts(value, "\""))
		return plain;
	return arena_slice(
	    &r->arena, json_text(json_parse(&r->json, value, NULL)));
}

static void
take_text(
    struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	*(struct slice *)at = text_of(r->reader, s, value);
}

static void
take_raw(struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	(void)r;
	(void)s;
	*(struct slice *)at = slice_is(value, "null") ? SLICE_NULL : value;
}

static void
take_time(
    struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	when_parse(text_of(r->reader, s, value), at);
}

static void
take_finding(
    struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	(void)r;
	(void)s;
	*(bool *)at = slice_is(value, "true");
}

static void
take_outcome(
    struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	int outcome = outcome_of(text_of(r->reader, s, value));

	if (outcome >= 0)
		*(enum outcome *)at = (enum outcome)outcome;
}

static void
take_verdict(
    struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	struct slice word = text_of(r->reader, s, value);

	for (unsigned i = 0; i < VERDICT_COUNT && !r->judged; i++)
		if (slice_is(word, verdict_name(i))) {
			*(enum verdict_word *)at = i;
			r->judged = true;
		}
}

static void take_source(
    struct reading *r, const struct jscan *s, struct slice value, void *at);

#define ROW(name, take, member, alike)                                       \
	{                                                                    \
		name, sizeof(name) - 1, take,                                \
		    offsetof(struct decided, member), alike, "\"" name "\":" \
	}
#define PASSED(name)                                                    \
	{                                                               \
		name, sizeof(name) - 1, NULL, 0, false, "\"" name "\":" \
	}

/* In the order in which they are written, so that each is found at once. */
static const struct member members[] = {
	ROW("event_id", take_text, event_id, false),
	ROW("provider", take_text, provider, true),
	ROW("time", take_time, time, false),
	ROW("action", take_text, action, true),
	ROW("kind", take_text, kind, true),
	ROW("principal", take_text, principal, true),
	ROW("principal_type", take_text, principal_type, true),
	ROW("account", take_text, account, true),
	ROW("target", take_text, target, true),
	PASSED("target_account"),
	PASSED("session"),
	PASSED("caller_session"),
	PASSED("credential"),
	ROW("expires", take_time, expires, false),
	ROW("cloud_region", take_text, cloud_region, true),
	ROW("outcome", take_outcome, outcome, true),
	ROW("error", take_text, error, true),
	ROW("source", take_source, source_kind, false),
	PASSED("user_agent"),
	ROW("verdict", take_verdict, verdict, false),
	PASSED("score"),
	ROW("finding", take_finding, finding, false),
	PASSED("group"),
	ROW("reasons", take_raw, reasons, false),
};
#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

static const struct member source_members[] = {
	ROW("kind", take_text, source_kind, true),
	PASSED("ip"),
	PASSED("name"),
	ROW("country", take_text, country, true),
	PASSED("city"),
	PASSED("asn"),
	PASSED("org"),
};
#define N_SOURCE (sizeof(source_members) / sizeof(source_members[0]))

/* The row of that name; the search begins behind the one found last. */
static const struct member *
find(const struct member *table, size_t n, size_t *guess, struct slice name)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = *guess + i < n ? *guess + i : *guess + i - n;

		if (table[at].len == name.n &&
		    memcmp(table[at].name, name.p, name.n) == 0) {
			*guess = at + 1 < n ? at + 1 : 0;
			return &table[at];
		}
	}
	return NULL;
}

static void
take_members(struct reading *r, const struct jscan *s,
    const struct member *table, size_t n)
{
	const struct member *m;
	size_t guess = 0;

	for (unsigned i = 0; i < s->n; i++) {
		m = find(table, n, &guess, s->member[i].key);
		if (m && m->take)
			m->take(
			    r, s, s->member[i].value, (char *)&r->d + m->at);
	}
}

static void
take_source(
    struct reading *r, const struct jscan *s, struct slice value, void *at)
{
	struct jscan inner;

	(void)s;
	(void)at;
	if (slice_starts(value, "{") &&
	    jscan_value(value.p, value.p + value.n, &inner) == JSCAN_DONE)
		take_members(r, &inner, source_members, N_SOURCE);
}

/* ---- as it was written -------------------------------------------------------- */

static inline bool
same_word(const char *a, const char *b)
{
	return memcmp(a, b, sizeof(uint64_t)) == 0;
}

static inline bool
same_half(const char *a, const char *b)
{
	return memcmp(a, b, sizeof(uint32_t)) == 0;
}

/* memcmp() of 4 bytes or some more: a call for each name costs more than the
 * looking.  The last word overlaps the one before. */
static inline bool
same(const char *a, const char *b, size_t n)
{
	const size_t half = sizeof(uint32_t), word = sizeof(uint64_t);

	if (n < word)
		return same_half(a, b) && same_half(a + n - half, b + n - half);
	for (size_t at = 0; at + word < n; at += word)
		if (!same_word(a + at, b + at))
			return false;
	return same_word(a + n - word, b + n - word);
}

/* Behind a string without an escape, a number or a word; NULL: something else. */
static inline const char *
behind_scalar(const struct reading *r, const char *p, const char *end)
{
	const char *q;

	if (p < end && *p == '"') {
		q = memchr(p + 1, '"', (size_t)(end - p - 1));
		return q && q < r->escape ? q + 1 : NULL;
	}
	if (end - p > 4 && same_half(p, "null"))
		return p + 4;
	for (q = p; q < end && *q != ',' && *q != '}'; q++)
		if (*q <= ' ' || *q == '{' || *q == '[' || *q == '"')
			return NULL;
	return q > p ? q : NULL;
}

/* The reasons come last: all but the object's own end. */
static const char *
behind_reasons(const char *p, const char *end)
{
	struct jscan s;

	if (end - p < 3 || *p != '[' || end[-1] != '}')
		return NULL;
	if (end - p > 3 &&
	    (jscan_value(p, end, &s) != JSCAN_DONE || s.end != end - 1))
		return NULL;
	return end[-2] == ']' ? end - 1 : NULL;
}

static const char *read_in_order(struct reading *r, const char *p,
    const char *end, const struct member *table, size_t n);

static inline const char *
behind_value(
    struct reading *r, const char *p, const char *end, const struct member *m)
{
	if (m->take == take_raw)
		return behind_reasons(p, end);
	if (m->take != take_source)
		return behind_scalar(r, p, end);
	if (p == end || *p != '{')
		return NULL;
	p = read_in_order(r, p + 1, end, source_members, N_SOURCE);
	return p && p < end && *p == '}' ? p + 1 : NULL;
}

/* Behind the name and the colon. */
static inline const char *
behind_name(const char *p, const char *end, const struct member *m, bool first)
{
	size_t n = m->len + 3;

	if ((size_t)(end - p) < n + 1)
		return NULL;
	if (!first && *p++ != ',')
		return NULL;
	return same(p, m->lead, n) ? p + n : NULL;
}

/* A member from p to stop is a name, or more of the same part. */
static inline void
add_alike(struct decided *d, const char *p, const char *stop)
{
	struct slice *last = d->n_alike ? &d->alike[d->n_alike - 1] : NULL;

	if (last && last->p + last->n == p)
		last->n = (size_t)(stop - last->p);
	else if (d->n_alike < DECIDED_ALIKE_MAX)
		d->alike[d->n_alike++] = slice_of(p, (size_t)(stop - p));
}

/* Most are text: a call less for each. */
static inline void
take_plain(struct reading *r, const struct member *m, struct slice value)
{
	void *at = (char *)&r->d + m->at;

	if (m->take == take_text)
		*(struct slice *)at = plain_text(value);
	else if (m->take != take_source)
		m->take(r, NULL, value, at);
}

/* All members of a table, each in its place and without an escape: what
 * decision.c writes nearly always.  Behind the last; NULL: it is not so. */
static const char *
read_in_order(struct reading *r, const char *p, const char *end,
    const struct member *table, size_t n)
{
	const char *value, *stop;

	for (size_t i = 0; i < n; i++) {
		const struct member *m = &table[i];

		value = behind_name(p, end, m, i == 0);
		stop = value ? behind_value(r, value, end, m) : NULL;
		if (!stop)
			return NULL;
		if (m->take)
			take_plain(
			    r, m, slice_of(value, (size_t)(stop - value)));
		if (m->alike)
			add_alike(&r->d, p, stop);
		p = stop;
	}
	return p;
}

/* Any other way of writing the same. */
static bool
read_any(struct reading *r, struct slice line)
{
	struct jscan s;

	if (jscan_value(line.p, line.p + line.n, &s) != JSCAN_DONE ||
	    s.end != line.p + line.n || s.rest)
		return false;
	take_members(r, &s, members, N_MEMBERS);
	return true;
}

int
decided_read(
    struct decided_reader *r, struct slice line, struct decided *result)
{
	struct reading reading = { .reader = r };
	const char *end;

	line = slice_trim(line);
	end = line.p + line.n;
	if (!slice_starts(line, "{"))
		return ST_EFORMAT;
	reading.escape = memchr(line.p, '\\', line.n);
	if (!reading.escape)
		reading.escape = end;
	if (read_in_order(&reading, line.p + 1, end, members, N_MEMBERS) !=
	    end - 1) {
		arena_reset(&r->arena);
		reading = (struct reading){ .reader = r };
		if (!read_any(&reading, line))
			return ST_EFORMAT;
	}
	if (!reading.judged || slice_is_null(reading.d.event_id))
		return ST_EFORMAT;
	*result = reading.d;
	return 0;
}

unsigned
decided_codes(struct decided_reader *r, const struct decided *d,
    enum reason_code codes[VERDICT_REASONS_MAX])
{
	const struct json *all, *one;
	struct json_iter at = { 0 };
	unsigned n = 0, i;
	int code;

	if (d->reasons.n <= 2) /* "[]" */
		return 0;
	all = json_parse(&r->json, d->reasons, NULL);
	while (n < VERDICT_REASONS_MAX && (one = json_next(all, &at, NULL))) {
		code = reason_of(json_text(json_get(one, "code")));
		for (i = 0; i < n && (int)codes[i] != code; i++)
			;
		if (code >= 0 && i == n)
			codes[n++] = (enum reason_code)code;
	}
	return n;
}
