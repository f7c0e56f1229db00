/*
 * sections_controls.c - what of the evidence supports which control.
 *
 * A control's row names its framework and version, says what was counted for
 * it, and in which section that stands.  Pure functions.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#include <inttypes.h>

/* ---- how much evidence there is --------------------------------------------- */

static uint64_t
of_name(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_is(t->rows[i]->key, name))
			return t->rows[i]->n;
	return 0;
}

static uint64_t
of_kinds(const struct gather *g, const enum token_kind *kinds, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += of_name(&g->kinds, token_kind_name(kinds[i]));
	return sum;
}

static uint64_t
of_reasons(const struct gather *g, enum reason_group group)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (reason_table[i].group == group)
			sum += g->reasons[i];
	return sum;
}

/* Findings with one of these reasons: what readers tell of the telemetry has
 * no decision of its own. */
static uint64_t
findings_with(const struct gather *g, enum reason_group group)
{
	uint64_t n = 0;

	for (size_t i = 0; i < g->findings.n; i++) {
		const struct kept_finding *k = g->findings.v[i];
		unsigned c = 0;

		while (
		    c < k->n_codes && reason_table[k->codes[c]].group != group)
			c++;
		n += c < k->n_codes;
	}
	return n;
}

static uint64_t
root(const struct report *r)
{
	const struct gather *g = r->gathered;
	static const enum token_kind kinds[] = { KIND_ROOT };

	return of_kinds(g, kinds, 1);
}

static uint64_t
federation(const struct report *r)
{
	const struct gather *g = r->gathered;
	static const enum token_kind kinds[] = { KIND_FEDERATION,
		KIND_WEB_IDENTITY, KIND_SAML, KIND_EXCHANGE };

	return of_kinds(g, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

static uint64_t
impersonation(const struct report *r)
{
	const struct gather *g = r->gathered;
	static const enum token_kind kinds[] = { KIND_ACCESS_TOKEN,
		KIND_ID_TOKEN, KIND_SIGNATURE };

	return of_kinds(g, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

static uint64_t
issued(const struct report *r)
{
	const struct gather *g = r->gathered;
	uint64_t n = 0;

	for (unsigned i = 0; i <= GATHER_LIVES; i++)
		n += g->lives[i];
	return n;
}

static uint64_t
days(const struct report *r)
{
	const struct gather *g = r->gathered;
	int64_t first, last;

	return gather_span(g, &first, &last) ? (uint64_t)(last - first + 1) : 0;
}

static uint64_t
requests(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->all.n;
}

static uint64_t
denied(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->all.outcome[OUTCOME_DENIED];
}

static uint64_t
findings(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->findings.n;
}

static uint64_t
principals(const struct report *r)
{
	const struct gather *g = r->gathered;
	return table_names(&g->principals);
}

static uint64_t
mfa(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->reasons[R_MFA_MISSING];
}

static uint64_t
coverage(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->coverage.n;
}

static uint64_t
silence(const struct report *r)
{
	const struct gather *g = r->gathered;
	return findings_with(g, GROUP_TELEMETRY);
}

static uint64_t
clocks(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->lagged;
}

/* Lines of ledgers that are as they were written. */
static uint64_t
ledger(const struct report *r)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < r->n_ledgers; i++)
		if (!r->ledgers[i].verdict.breaks)
			n += r->ledgers[i].verdict.lines;
	return n;
}

static uint64_t
exceptions(const struct report *r)
{
	const struct gather *g = r->gathered;
	return g->all.verdict[VERDICT_SUPPRESSED];
}

static uint64_t
countries(const struct report *r)
{
	const struct gather *g = r->gathered;
	return table_names(&g->countries);
}

static uint64_t
policy(const struct report *r)
{
	const struct gather *g = r->gathered;
	return of_reasons(g, GROUP_POLICY);
}

static uint64_t
baseline(const struct report *r)
{
	const struct gather *g = r->gathered;
	return of_reasons(g, GROUP_BASELINE);
}

static const struct {
	uint64_t (*count)(const struct report *r);
	const char *what;
	const char *section;
} kinds_of_evidence[EVIDENCE_COUNT] = {
	[EVIDENCE_REQUESTS] = { requests, "requests, each recorded and judged",
	    "requests" },
	[EVIDENCE_DENIED] = { denied, "denied requests", "denied" },
	[EVIDENCE_FINDINGS] = { findings, "findings", "findings" },
	[EVIDENCE_PRINCIPALS] = { principals, "principals with their use",
	    "principals" },
	[EVIDENCE_ROOT] = { root, "sessions of a root user", "kinds" },
	[EVIDENCE_MFA] = { mfa, "requests without the MFA that is required",
	    "reasons" },
	[EVIDENCE_LIFETIMES] = { issued, "credentials with their lifetime",
	    "lifetimes" },
	[EVIDENCE_COVERAGE] = { coverage,
	    "rows of account, region and service seen", "coverage" },
	[EVIDENCE_SILENCE] = { silence,
	    "findings of silence, lateness or a changed trail", "findings" },
	[EVIDENCE_CLOCKS] = { clocks, "records with the time of their arrival",
	    "lag" },
	[EVIDENCE_DAYS] = { days, "days with their row", "days" },
	[EVIDENCE_LEDGER] = { ledger, "lines of a ledger whose chain is whole",
	    "integrity" },
	[EVIDENCE_FEDERATION] = { federation, "requests by federation",
	    "kinds" },
	[EVIDENCE_IMPERSONATION] = { impersonation,
	    "tokens and signatures of service accounts", "kinds" },
	[EVIDENCE_EXCEPTIONS] = { exceptions,
	    "requests held back by an exception", "principals" },
	[EVIDENCE_COUNTRIES] = { countries, "countries of origin",
	    "countries" },
	[EVIDENCE_POLICY] = { policy, "breaches of the policy", "reasons" },
	[EVIDENCE_BASELINE] = { baseline, "deviations from what is usual",
	    "reasons" },
};

/* ---- the table ------------------------------------------------------------------ */

static const struct sheet_column columns[] = {
	{ "framework", SHEET_GROUP, false },
	{ "version", SHEET_GROUP, false },
	{ "control", SHEET_SHORT, false },
	{ "asks", SHEET_TEXT, false },
	{ "state", SHEET_WORD, false },
	{ "evidence", SHEET_TEXT, false },
};

/* How much there is in all, and what of it in words. */
static uint64_t
evidence_of(const struct control *c, const struct report *r, struct buf *text)
{
	uint64_t sum = 0, n;

	for (unsigned i = 0; c->evidence[i] != EVIDENCE_NONE; i++) {
		n = kinds_of_evidence[c->evidence[i]].count(r);
		sum += n;
		buf_addf(text, "%s%" PRIu64 " %s (%s)", i ? "; " : "", n,
		    kinds_of_evidence[c->evidence[i]].what,
		    kinds_of_evidence[c->evidence[i]].section);
	}
	return sum;
}

static void
control_row(const struct framework *f, const struct control *c,
    const struct report *r, struct sheet *s)
{
	struct buf text = BUF_INIT;
	uint64_t n = evidence_of(c, r, &text);

	sheet_str(s, f->title);
	sheet_str(s, f->version);
	sheet_str(s, c->id);
	sheet_str(s, c->asks);
	sheet_str(s,
	    c->evidence[0] == EVIDENCE_NONE ? "uncovered"
		: n                         ? "supported"
					    : "unseen");
	sheet_text(s, text.n ? buf_slice(&text) : SLICE_NULL);
	s->failed |= text.failed;
	buf_release(&text);
}

static void
say_choice(struct sheet *s)
{
	struct buf names = BUF_INIT;
	const struct framework *f;

	for (size_t i = 0; (f = framework_at(i)); i++)
		buf_addf(&names, "%s%s", i ? ", " : "", f->name);
	sheet_about(s, "None was asked for.  --framework takes: %.*s.",
	    SLICE_ARG(buf_slice(&names)));
	s->failed |= names.failed;
	buf_release(&names);
}

void
section_controls(const struct report *r, struct sheet *s)
{
	const struct framework *f;

	sheet_about(s,
	    "This evidence supports controls; it does not prove that they are "
	    "met.  Supported: there is evidence in this period.  Unseen: it "
	    "would be here, and nothing of it happened.  Uncovered: nothing "
	    "here speaks of it.");
	if (!r->n_frameworks)
		say_choice(s);
	SECTION_COLUMNS(s, columns);
	for (unsigned i = 0; i < r->n_frameworks; i++) {
		f = r->frameworks[i];
		sheet_about(s, "%s %s: %s.", f->title, f->version, f->scope);
		for (unsigned c = 0; c < f->n; c++)
			control_row(f, &f->controls[c], r, s);
	}
}
