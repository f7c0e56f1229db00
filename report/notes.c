/*
 * notes.c - what a ledger's notes tell: what the daemon itself did, and who was
 * told of which finding.
 *
 * See notes.h.
 */
#include "report/notes.h"

#include "lib/buf.h"
#include "lib/hash.h"

#include <inttypes.h>

#define ARENA_FIRST 4096

static bool
same_finding(const void *item, const void *key)
{
	const struct noted_telling *t = item;

	return slice_eq(t->id, *(const struct slice *)key);
}

void
notes_init(struct notes *n)
{
	*n = (struct notes){ .by_finding = MAP_INIT(same_finding) };
	arena_init(&n->arena, ARENA_FIRST);
	json_reader_init(&n->reader);
}

void
notes_release(struct notes *n)
{
	map_release(&n->by_finding);
	json_reader_release(&n->reader);
	arena_release(&n->arena);
}

/* ---- events --------------------------------------------------------------- */

/* A member that is a text or a number, behind a word of ours. */
static void
say(struct buf *out, const char *word, const struct json *v)
{
	struct slice s = json_text(v);
	int64_t number;

	if (!s.p && !json_int(v, &number))
		return;
	buf_addf(out, "%s%s", out->n ? ", " : "", word);
	if (s.p)
		buf_add_slice(out, s);
	else
		buf_addf(out, "%" PRId64, number);
}

/* What may stand beside an event, in the order it is said. */
static void
write_text(const struct json *note, struct buf *out)
{
	static const struct {
		const char *member, *word;
	} rows[] = {
		{ "version", "version " },
		{ "generation", "configuration " },
		{ "why", "" },
		{ "source", "" },
		{ "told", "" },
		{ "received", "records received " },
		{ "token_requests", "token requests " },
		{ "rejected", "rejected " },
		{ "file", "file " },
		{ "acknowledged", "finding " },
		{ "by", "by " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		say(out, rows[i].word, json_get(note, rows[i].member));
	if (out->n > NOTES_TEXT_MAX)
		out->n = NOTES_TEXT_MAX;
}

/* An acknowledgement is told by a member of its own. */
static struct slice
event_of(const struct json *note)
{
	if (json_get(note, "acknowledged"))
		return SLICE_LIT("acknowledged");
	return json_text(json_get(note, "event"));
}

static struct slice
keep(struct notes *n, struct slice s, bool *ok)
{
	struct slice copy = arena_slice(&n->arena, s);

	*ok &= copy.p != NULL || s.p == NULL;
	return copy;
}

static int
keep_event(struct notes *n, const struct json *note, struct slice event,
    struct slice text, struct when at)
{
	struct noted_event *e = arena_calloc(&n->arena, sizeof(*e));
	bool ok = e != NULL;

	if (!ok)
		return ST_ENOMEM;
	e->at = at;
	e->event = keep(n, event, &ok);
	e->text = keep(n, text, &ok);
	e->config = keep(n, json_text(json_path(note, "config.hash")), &ok);
	e->policy = keep(n, json_text(json_path(note, "policy.hash")), &ok);
	if (!ok)
		return ST_ENOMEM;
	*(n->last ? &n->last->next : &n->first) = e;
	n->last = e;
	n->n_events++;
	return 0;
}

static int
take_event(struct notes *n, const struct json *note, struct when at)
{
	struct slice event = event_of(note);
	struct buf text = BUF_INIT;
	int err;

	if (!event.p)
		return 0;
	n->starts += slice_is(event, "start");
	n->stops += slice_is(event, "stop");
	if (n->n_events == NOTES_EVENTS_MAX) {
		n->beyond++;
		return 0;
	}
	write_text(note, &text);
	err = text.failed ? ST_ENOMEM
			  : keep_event(n, note, event, buf_slice(&text), at);
	buf_release(&text);
	return err;
}

/* ---- who was told --------------------------------------------------------- */

/* The one of this output, made where there is none; NULL where there is no
 * room, or no memory. */
static struct noted_telling *
telling_of(struct notes *n, struct slice id, struct slice output, int *err)
{
	uint64_t hash = hash_slice(id);
	struct noted_telling *t = map_get(&n->by_finding, hash, &id), *new;
	bool ok = true;

	for (; t && !slice_eq(t->output, output); t = t->next)
		if (!t->next)
			break;
	if (t && slice_eq(t->output, output))
		return t;
	if (n->n_told == NOTES_TOLD_MAX) {
		n->beyond++;
		return NULL;
	}
	new = arena_calloc(&n->arena, sizeof(*new));
	if (!new)
		goto out;
	new->id = keep(n, id, &ok);
	new->output = keep(n, output, &ok);
	if (!ok || (!t && !map_put(&n->by_finding, hash, new)))
		goto out;
	if (t)
		t->next = new;
	n->n_told++;
	return new;
out:
	*err = ST_ENOMEM;
	return NULL;
}

/* Words of ours, so that nothing need be copied. */
static struct slice
fate_of(const struct json *finding)
{
	static const char *const words[] = { "delivered", "refused",
		"dropped" };
	struct slice s = json_text(json_get(finding, "fate"));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(s, words[i]))
			return slice_str(words[i]);
	return SLICE_LIT("unknown");
}

static int
take_telling(struct notes *n, const struct json *finding, struct slice output,
    struct when at)
{
	struct slice id = json_text(json_get(finding, "id"));
	struct noted_telling *t;
	int64_t revision = 0;
	int err = 0;

	(void)json_int(json_get(finding, "revision"), &revision);
	if (!id.p)
		return 0;
	t = telling_of(n, id, output, &err);
	if (!t)
		return err;
	if (!t->first.valid)
		t->first = at;
	t->last = at;
	if (revision >= t->revision) {
		t->revision = revision;
		t->fate = fate_of(finding);
	}
	return 0;
}

static int
take_delivery(struct notes *n, const struct json *note, struct when at)
{
	const struct json *all = json_get(note, "findings"), *one;
	struct slice output = json_text(json_get(note, "output"));
	struct json_iter i = { 0 };
	int err = 0;

	if (!output.p || json_type(all) != JSON_ARRAY)
		return 0;
	while (err == 0 && (one = json_next(all, &i, NULL)) != NULL)
		err = take_telling(n, one, output, at);
	return err;
}

int
notes_take(struct notes *n, struct slice data, struct when at,
    const struct period *period)
{
	const struct json *note;

	if (!period_touches(period, at, at))
		return 0;
	note = json_parse(&n->reader, data, NULL);
	if (slice_is(json_text(json_get(note, "event")), "delivery"))
		return take_delivery(n, note, at);
	return take_event(n, note, at);
}

const struct noted_telling *
notes_told(const struct notes *n, struct slice id)
{
	return map_get(&n->by_finding, hash_slice(id), &id);
}
