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
#include <stdlib.h>

#define ARENA_FIRST 4096
#define NUMBER_MAX 64 /* bytes of a number that is looked at */

enum take { TAKE_TEXT, TAKE_TIME, TAKE_RAW };

/* A member that is kept as it is. */
struct member {
	const char *name;
	enum take take;
	size_t at; /* in struct decided */
};

#define TEXT(member)                                                 \
	{                                                            \
#member, TAKE_TEXT, offsetof(struct decided, member) \
	}
#define TIME(member)                                                 \
	{                                                            \
#member, TAKE_TIME, offsetof(struct decided, member) \
	}

static const struct member members[] = { TEXT(event_id), TEXT(provider),
	TIME(time), TEXT(action), TEXT(kind), TEXT(principal),
	TEXT(principal_type), TEXT(account), TEXT(target), TEXT(target_account),
	TEXT(session), TEXT(caller_session), TIME(expires), TEXT(cloud_region),
	TEXT(error), TEXT(group),
	{ "reasons", TAKE_RAW, offsetof(struct decided, reasons) } };
#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

static const struct member source_members[] = {
	{ "kind", TAKE_TEXT, offsetof(struct decided, source_kind) }, TEXT(ip),
	TEXT(country), TEXT(city),
	{ "asn", TAKE_RAW, offsetof(struct decided, asn) }, TEXT(org)
};
#define N_SOURCE (sizeof(source_members) / sizeof(source_members[0]))

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

/* A string as it is; absent for null. */
static struct slice
text_of(struct decided_reader *r, const struct jscan *s, struct slice value)
{
	struct slice plain = jscan_plain(s, value);

	if (plain.p || !slice_starts(value, "\""))
		return plain;
	return arena_slice(
	    &r->arena, json_text(json_parse(&r->json, value, NULL)));
}

static void
take(struct decided_reader *r, const struct jscan *s, const struct member *m,
    struct slice value, struct decided *d)
{
	char *at = (char *)d + m->at;
	struct slice text = value;

	if (m->take == TAKE_RAW) {
		if (slice_is(value, "null"))
			text = SLICE_NULL;
		memcpy(at, &text, sizeof(text));
		return;
	}
	text = text_of(r, s, value);
	if (m->take == TAKE_TEXT)
		memcpy(at, &text, sizeof(text));
	else
		when_parse(text, (struct when *)(void *)at);
}

/* The row of that name; the search begins where it stood last time's next. */
static const struct member *
find(const struct member *table, size_t n, size_t *guess, struct slice name)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = (*guess + i) % n;

		if (slice_is(name, table[at].name)) {
			*guess = at + 1;
			return &table[at];
		}
	}
	return NULL;
}

static void
take_source(struct decided_reader *r, struct slice value, struct decided *d)
{
	const struct member *m;
	struct jscan s;
	size_t guess = 0;

	if (!slice_starts(value, "{") ||
	    jscan_value(value.p, value.p + value.n, &s) != JSCAN_DONE)
		return;
	for (unsigned i = 0; i < s.n; i++) {
		m = find(source_members, N_SOURCE, &guess, s.member[i].key);
		if (m)
			take(r, &s, m, s.member[i].value, d);
	}
}

static double
number_of(struct slice value)
{
	char text[NUMBER_MAX];

	if (value.n >= sizeof(text))
		return 0;
	memcpy(text, value.p, value.n);
	text[value.n] = 0;
	return strtod(text, NULL);
}

static bool
take_verdict(struct slice word, struct decided *d)
{
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		if (slice_is(word, verdict_name(i))) {
			d->verdict = i;
			return true;
		}
	return false;
}

static void
take_outcome(struct slice word, struct decided *d)
{
	int outcome = outcome_of(word);

	if (outcome >= 0)
		d->outcome = (enum outcome)outcome;
}

/* Members whose value is no text that is kept; false: not one of them. */
static bool
take_special(struct decided_reader *r, const struct jscan *s,
    const struct jmember *m, struct decided *d, bool *judged)
{
	if (slice_is(m->key, "outcome"))
		take_outcome(jscan_plain(s, m->value), d);
	else if (slice_is(m->key, "source"))
		take_source(r, m->value, d);
	else if (slice_is(m->key, "verdict"))
		*judged = take_verdict(jscan_plain(s, m->value), d);
	else if (slice_is(m->key, "score"))
		d->score = number_of(m->value);
	else if (slice_is(m->key, "finding"))
		d->finding = slice_is(m->value, "true");
	else
		return false;
	return true;
}

int
decided_read(
    struct decided_reader *r, struct slice line, struct decided *result)
{
	struct decided d = { 0 };
	const struct member *m;
	bool judged = false;
	size_t guess = 0;
	struct jscan s;

	arena_reset(&r->arena);
	line = slice_trim(line);
	if (!slice_starts(line, "{") ||
	    jscan_value(line.p, line.p + line.n, &s) != JSCAN_DONE ||
	    s.end != line.p + line.n || s.rest)
		return ST_EFORMAT;
	for (unsigned i = 0; i < s.n; i++) {
		if (take_special(r, &s, &s.member[i], &d, &judged))
			continue;
		m = find(members, N_MEMBERS, &guess, s.member[i].key);
		if (m)
			take(r, &s, m, s.member[i].value, &d);
	}
	if (!judged || slice_is_null(d.event_id))
		return ST_EFORMAT;
	*result = d;
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
