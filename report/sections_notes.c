/*
 * sections_notes.c - what the daemon itself did, and who was told of what.
 *
 * From the notes of a ledger; decision and finding files have none, and the
 * sections say so.
 */
#include "report/sections_i.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- the daemon ----------------------------------------------------------- */

static const struct sheet_column daemon_columns[] = {
	{ "time", SHEET_TIME, false },
	{ "event", SHEET_WORD, false },
	{ "detail", SHEET_TEXT, false },
	{ "config_hash", SHEET_TEXT, true },
	{ "policy_hash", SHEET_TEXT, true },
};

void
section_daemon(const struct report *r, struct sheet *s)
{
	const struct notes *n = &r->gathered->noted;

	if (n->starts || n->stops)
		sheet_about(s,
		    "The daemon was started %" PRIu64
		    " times and stopped %" PRIu64
		    " times; a start without a stop before it follows a kill.",
		    n->starts, n->stops);
	if (!n->n_events)
		sheet_about(s, "Only a ledger tells of the daemon.");
	if (n->beyond)
		sheet_about(s, "%" PRIu64 " further notes are only counted.",
		    n->beyond);
	SECTION_COLUMNS(s, daemon_columns);
	for (const struct noted_event *e = n->first; e; e = e->next) {
		section_moment(s, e->at);
		sheet_text(s, e->event);
		sheet_text(s, e->text);
		sheet_text(s, e->config);
		sheet_text(s, e->policy);
	}
}

/* ---- who was told --------------------------------------------------------- */

static const struct sheet_column told_columns[] = {
	{ "severity", SHEET_GROUP, false },
	{ "title", SHEET_GROUP, false },
	{ "output", SHEET_TEXT, false },
	{ "outcome", SHEET_WORD, false },
	{ "told", SHEET_TIME, false },
	{ "told_last", SHEET_TIME, true },
	{ "acknowledged", SHEET_TIME, false },
	{ "id", SHEET_TEXT, true },
};

static void
told_row(const struct kept_finding *k, const struct noted_telling *t,
    struct sheet *s)
{
	sheet_str(s, severity_name(k->severity));
	sheet_text(s, k->title);
	sheet_text(s, t ? t->output : SLICE_NULL);
	sheet_text(s, t ? t->fate : SLICE_LIT("untold"));
	section_moment(s, t ? t->first : WHEN_NONE);
	section_moment(s, t ? t->last : WHEN_NONE);
	section_moment(s, k->ack.at);
	sheet_text(s, k->id);
}

/* A finding that nobody was told of has a row, too: that is the one to ask
 * about. */
void
section_told(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	const struct findings *f = &g->findings;
	const struct kept_finding **v = findings_sorted(f);
	size_t told = 0;

	SECTION_COLUMNS(s, told_columns);
	for (size_t i = 0; g->notes && v && i < f->n; i++) {
		const struct noted_telling *t = notes_told(&g->noted, v[i]->id);

		told += t != NULL;
		do {
			told_row(v[i], t, s);
			t = t ? t->next : NULL;
		} while (t);
	}
	if (g->notes)
		sheet_about(s,
		    "%zu of %zu findings were told to somebody, that is, an "
		    "output has answered.",
		    told, f->n);
	else
		sheet_about(s, "Only a ledger tells who was told.");
	s->failed |= !v && f->n;
	free(v);
}
