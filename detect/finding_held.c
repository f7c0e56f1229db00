/*
 * finding_held.c - what the digest of a budget says.
 *
 * Knows the few strangest principals of the day, a line for each, and how they
 * outlast a restart.  When a digest is closed is finding.c's business.  Owned
 * by the finder.
 */
#include "detect/finding_i.h"

#include <inttypes.h>
#include <stdlib.h>

#define LINES_FIRST 512

struct held *
held_new(void)
{
	struct held *h = calloc(1, sizeof(*h));

	if (h)
		arena_init(&h->arena, LINES_FIRST);
	return h;
}

void
held_free(struct held *h)
{
	if (!h)
		return;
	arena_release(&h->arena);
	free(h);
}

/* Which line is to be its own: that of the same principal, else a new one, else
 * the last; HELD_LINES_MAX where it is not strange enough. */
static unsigned
line_for(const struct held *h, struct slice who, double score)
{
	unsigned i = 0;

	while (i < h->n && !slice_eq(h->lines[i].who, who))
		i++;
	if (i == HELD_LINES_MAX)
		i--;
	return i < h->n && h->lines[i].score >= score ? HELD_LINES_MAX : i;
}

static void
move_up(struct held *h, struct held_line *l)
{
	for (; l > h->lines && l[-1].score < l->score; l--) {
		struct held_line before = l[-1];

		l[-1] = *l;
		*l = before;
	}
}

int
held_note(struct held *h, const struct request *r, const struct verdict *v)
{
	unsigned i = line_for(h, v->fold, v->score);
	struct held_line l = { .score = v->score };

	if (i == HELD_LINES_MAX)
		return 0;
	l.who = arena_slice(&h->arena, v->fold);
	l.title = finding_title(r, v, &h->arena);
	if (!l.who.p || !l.title.p)
		return ST_ENOMEM;
	h->n += i == h->n;
	h->lines[i] = l;
	move_up(h, &h->lines[i]);
	return 0;
}

/* ---- words ------------------------------------------------------------------ */

struct slice
held_title(const struct open *o, struct arena *a)
{
	char day[WHEN_TEXT];

	when_format(o->first_seen, day);
	return arena_printf(a,
	    "The budget held back %" PRIu64
	    " request%s on %.10s; first of all: "
	    "%.*s",
	    o->count, o->count == 1 ? "" : "s", day,
	    SLICE_ARG(o->held->n ? o->held->lines[0].title : SLICE_LIT("-")));
}

unsigned
held_steps(const struct held *h, struct arena *a,
    struct slice steps[FINDING_STEPS_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->n; i++) {
		const struct held_line *l = &h->lines[i];

		steps[n] = arena_printf(
		    a, "Score %.1f: %.*s.", l->score, SLICE_ARG(l->title));
		n += steps[n].p != NULL;
	}
	return n;
}

/* ---- over a restart ---------------------------------------------------------- */

void
held_save(const struct held *h, struct buf *out)
{
	pack_bool(out, h != NULL);
	if (!h)
		return;
	pack_uint(out, h->n);
	for (unsigned i = 0; i < h->n; i++) {
		pack_slice(out, h->lines[i].who);
		pack_slice(out, h->lines[i].title);
		pack_double(out, h->lines[i].score);
	}
}

static bool
load_line(struct unpack *u, struct held *h, struct held_line *l)
{
	l->who = arena_slice(&h->arena, unpack_slice(u));
	l->title = arena_slice(&h->arena, unpack_slice(u));
	l->score = unpack_double(u);
	return l->who.p && l->title.p && l->score >= 0 && l->score <= 100;
}

int
held_load(struct unpack *u, struct held **result)
{
	struct held *h;

	if (!unpack_bool(u))
		return u->failed ? ST_EFORMAT : 0;
	h = held_new();
	if (!h)
		return ST_ENOMEM;
	h->n = (unsigned)unpack_at_most(u, HELD_LINES_MAX);
	for (unsigned i = 0; i < h->n && !u->failed; i++)
		if (!load_line(u, h, &h->lines[i]))
			u->failed = true;
	if (u->failed) {
		held_free(h);
		return ST_EFORMAT;
	}
	*result = h;
	return 0;
}
