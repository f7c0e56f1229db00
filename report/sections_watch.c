/*
 * sections_watch.c - findings and their reasons, what was watched, and what
 * all of it was read from.
 *
 * Pure functions over what was gathered.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#include "lib/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- findings --------------------------------------------------------------------- */

static const struct sheet_column finding_columns[] = {
	{ "severity", SHEET_WORD, false },
	{ "first", SHEET_TIME, false },
	{ "last", SHEET_TIME, true },
	{ "events", SHEET_COUNT, false },
	{ "title", SHEET_TEXT, false },
	{ "reasons", SHEET_WORDS, false },
	{ "principal", SHEET_TEXT, true },
	{ "for", SHEET_TEXT, true },
	{ "account", SHEET_SHORT, true },
	{ "country", SHEET_SHORT, true },
	{ "id", SHEET_TEXT, true },
};

static void
codes(const struct kept_finding *k, struct sheet *s)
{
	struct buf text = BUF_INIT;

	for (unsigned i = 0; i < k->n_codes; i++)
		buf_addf(&text, "%s%s", i ? " " : "",
		    reason_table[k->codes[i]].code);
	s->failed |= text.failed;
	sheet_text(s, buf_slice(&text));
	buf_release(&text);
}

static void
finding_row(const struct kept_finding *k, struct sheet *s)
{
	sheet_str(s, severity_name(k->severity));
	section_moment(s, k->first);
	section_moment(s, k->last);
	sheet_count(s, k->count);
	sheet_text(s, k->title);
	codes(k, s);
	sheet_text(s, k->principal);
	sheet_text(s, k->target);
	sheet_text(s, k->account);
	sheet_str(s, k->country[0] ? k->country : NULL);
	sheet_text(s, k->id);
}

void
section_findings(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	const struct kept_finding **v = findings_sorted(&g->findings);

	if (!g->findings.n)
		sheet_about(s, "Nothing was found in this period.");
	if (g->findings.dropped)
		sheet_about(s,
		    "%" PRIu64 " further lines of findings are only counted.",
		    g->findings.dropped);
	SECTION_COLUMNS(s, finding_columns);
	for (size_t i = 0; v && i < g->findings.n; i++)
		finding_row(v[i], s);
	s->failed |= !v && g->findings.n;
	free(v);
}

static const struct sheet_column ack_columns[] = {
	{ "acknowledged", SHEET_TIME, false },
	{ "by", SHEET_TEXT, false },
	{ "taught", SHEET_WORD, false },
	{ "severity", SHEET_WORD, false },
	{ "title", SHEET_TEXT, false },
	{ "id", SHEET_TEXT, true },
};

static void
ack_row(const struct kept_finding *k, struct sheet *s)
{
	section_moment(s, k->ack.at);
	sheet_text(s, k->ack.by);
	sheet_str(s, k->ack.taught ? "yes" : "no");
	sheet_str(s, severity_name(k->severity));
	sheet_text(s, k->title);
	sheet_text(s, k->id);
}

void
section_acknowledged(const struct report *r, struct sheet *s)
{
	const struct findings *f = &r->gathered->findings;
	const struct kept_finding **v = findings_sorted(f);
	size_t n = 0;

	SECTION_COLUMNS(s, ack_columns);
	for (size_t i = 0; v && i < f->n; i++) {
		if (!v[i]->ack.at.valid)
			continue;
		ack_row(v[i], s);
		n++;
	}
	sheet_about(s,
	    "%zu of %zu findings were acknowledged.  Taught: and what they "
	    "told is usual from then on.",
	    n, f->n);
	s->failed |= !v && f->n;
	free(v);
}

static const struct sheet_column severity_columns[] = { { "severity",
							    SHEET_WORD, false },
	{ "findings", SHEET_COUNT, false }, { "events", SHEET_COUNT, false } };

void
section_severities(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	uint64_t n[SEV_COUNT] = { 0 }, events[SEV_COUNT] = { 0 };
	const struct findings *f = &g->findings;

	for (size_t i = 0; i < f->n; i++) {
		n[f->v[i]->severity]++;
		events[f->v[i]->severity] += f->v[i]->count;
	}
	sheet_about(s,
	    "%zu findings were told, in %" PRIu64
	    " messages: a finding is told "
	    "again when it becomes graver or has grown.",
	    f->n, f->lines);
	SECTION_COLUMNS(s, severity_columns);
	for (int i = SEV_COUNT - 1; i >= 0; i--) {
		sheet_str(s, severity_name((enum severity)i));
		sheet_count(s, n[i]);
		sheet_count(s, events[i]);
	}
}

static const struct sheet_column reason_columns[] = {
	{ "reason", SHEET_WORD, false }, { "requests", SHEET_COUNT, false },
	{ "told", SHEET_COUNT, false }, { "meaning", SHEET_TEXT, false }
};

void
section_reasons(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;
	sheet_about(s,
	    "A request may have several reasons.  Told: those that are part of "
	    "a finding; the others were held back, or were too little for one.");
	SECTION_COLUMNS(s, reason_columns);
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		if (!g->reasons[i])
			continue;
		sheet_str(s, reason_table[i].code);
		sheet_count(s, g->reasons[i]);
		sheet_count(s, g->reasons_told[i]);
		sheet_str(s, reason_table[i].help);
	}
}

/* ---- coverage ------------------------------------------------------------------------ */

static const struct sheet_column coverage_columns[] = {
	{ "account", SHEET_SHORT, false },
	{ "region", SHEET_SHORT, false },
	{ "service", SHEET_SHORT, false },
	{ "requests", SHEET_COUNT, false },
	{ "days", SHEET_COUNT, false },
	{ "longest_gap_in_days", SHEET_COUNT, false },
	{ "first", SHEET_TIME, false },
	{ "last", SHEET_TIME, false },
};

static void
coverage_row(struct sheet *s, const struct table_row *row, const void *arg)
{
	uint32_t place = TABLE_OTHERS, service = TABLE_OTHERS;
	uint32_t account = TABLE_OTHERS, region = TABLE_OTHERS;
	const struct gather *g = arg;
	unsigned days, gap;

	if (row->index != TABLE_OTHERS)
		table_unpair(row, &place, &service);
	if (place < g->places.n)
		table_unpair(g->places.rows[place], &account, &region);
	sheet_text(s, section_name_at(&g->accounts, account));
	sheet_text(s, section_name_at(&g->regions, region));
	sheet_text(s, section_name_at(&g->services, service));
	sheet_count(s, row->n);
	if (row->index == TABLE_OTHERS) {
		sheet_null(s);
		sheet_null(s);
	} else {
		gather_covered(g, row, &days, &gap);
		sheet_count(s, days);
		sheet_count(s, gap);
	}
	section_times(s, row);
}

/* What a row of coverage is of. */
struct covered {
	uint32_t account;
	struct slice service;
};

static struct covered
covered_at(const struct gather *g, size_t i)
{
	struct covered c = { TABLE_OTHERS, SLICE_NULL };
	uint32_t place, service, region;

	table_unpair(g->coverage.rows[i], &place, &service);
	if (place < g->places.n)
		table_unpair(g->places.rows[place], &c.account, &region);
	c.service = section_name_at(&g->services, service);
	return c;
}

static bool
account_has(const struct gather *g, uint32_t account, const char *service)
{
	for (size_t i = 0; i < g->coverage.n; i++) {
		struct covered c = covered_at(g, i);

		if (c.account == account && slice_is(c.service, service))
			return true;
	}
	return false;
}

/* Exchanges are logged without being asked; what comes of them, the tokens, is
 * in Data Access logs alone, which are off where nobody switched them on. */
static void
say_data_access(const struct gather *g, struct sheet *s)
{
	for (size_t i = 0; i < g->coverage.n; i++) {
		struct covered c = covered_at(g, i);

		if (!slice_is(c.service, "gcp-sts") ||
		    account_has(g, c.account, "iamcredentials"))
			continue;
		sheet_about(s,
		    "%.*s exchanges tokens and shows none that was minted: its "
		    "Data Access logs of iamcredentials are evidently off.",
		    SLICE_ARG(utf8_cut(
			section_name_at(&g->accounts, c.account), 200)));
	}
}

void
section_coverage(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;

	sheet_about(s,
	    "Where nothing was seen nothing could be judged.  An account, "
	    "region or service that is in use and has no row here is not "
	    "watched.");
	say_data_access(g, s);
	SECTION_COLUMNS(s, coverage_columns);
	section_rows(s, &g->coverage, table_by_count, coverage_row, g);
}

/* ---- integrity ------------------------------------------------------------------------- */

static const struct sheet_column integrity_columns[] = {
	{ "ledger", SHEET_TEXT, false },
	{ "state", SHEET_WORD, false },
	{ "lines", SHEET_COUNT, false },
	{ "breaks", SHEET_COUNT, false },
	{ "set_aside", SHEET_COUNT, false },
	{ "first", SHEET_SHORT, false },
	{ "last", SHEET_SHORT, false },
	{ "first_break", SHEET_TEXT, false },
};

static void
ledger_row(const struct report_ledger *l, struct sheet *s)
{
	const struct ledger_verdict *v = &l->verdict;

	sheet_str(s, l->path);
	sheet_str(s, v->breaks ? "broken" : "whole");
	sheet_count(s, v->lines);
	sheet_count(s, v->breaks);
	sheet_count(s, v->files.aside);
	sheet_str(s, v->from[0] ? v->from : NULL);
	sheet_str(s, v->to[0] ? v->to : NULL);
	sheet_str(s, l->first_break[0] ? l->first_break : NULL);
}

void
section_integrity(const struct report *r, struct sheet *s)
{
	if (!r->n_ledgers)
		sheet_about(s,
		    "Not verified: files of decisions and findings carry no "
		    "chain of hashes.  A report on a state directory verifies "
		    "its ledger.");
	else
		sheet_about(s,
		    "Each line of a ledger carries the hash of the line before "
		    "it.  Whole: every one fits, and the state knows the "
		    "last.");
	SECTION_COLUMNS(s, integrity_columns);
	for (unsigned i = 0; i < r->n_ledgers; i++)
		ledger_row(&r->ledgers[i], s);
}

/* ---- what was read ---------------------------------------------------------------------- */

static const struct sheet_column input_columns[] = {
	{ "what", SHEET_TEXT, false }, { "number", SHEET_COUNT, false }
};

static void
line(struct sheet *s, const char *what, uint64_t n)
{
	sheet_str(s, what);
	sheet_count(s, n);
}

void
section_input(const struct report *r, struct sheet *s)
{
	const struct gather *g = r->gathered;

	if (r->allowed)
		sheet_about(s, "The policy %s, %s.",
		    policy_path(allowed_policy(r->allowed)),
		    policy_hash(allowed_policy(r->allowed)));
	SECTION_COLUMNS(s, input_columns);
	line(s, "Lines read", g->lines);
	line(s, "Decisions counted", g->all.n);
	line(s, "Decisions outside the period", g->outside);
	line(s, "Decisions without a time, left out", g->timeless);
	line(s, "Decisions too far in time for the days", g->far);
	line(s, "Messages of findings", g->findings.lines);
	line(s, "Notes of the ledger", g->notes);
	line(s, "Lines that could not be read", g->unreadable);
}
