/*
 * sections_policy.c - exceptions, rules and principals that nobody needed, and
 * lifetimes against what rules allow.
 *
 * Pure functions over what was gathered, and what the policy says.
 */
#include "report/sections.h"
#include "report/sections_i.h"

#define DAY 86400
#define SOON (30 * (int64_t)DAY)

/* Behind the last moment of the range; false: nothing has a time. */
static bool
range_end(const struct gather *g, int64_t *end)
{
	int64_t first, last;

	*end = g->period.to.sec;
	if (g->period.to.valid)
		return true;
	if (!gather_span(g, &first, &last))
		return false;
	*end = (last + 1) * DAY;
	return true;
}

static bool
has_policy(const struct report *r, struct sheet *s)
{
	if (!r->allowed)
		sheet_about(s, "Not known: no --policy FILE was given.");
	return r->allowed != NULL;
}

/* ---- exceptions ----------------------------------------------------------------- */

static const struct sheet_column exception_columns[] = {
	{ "exception", SHEET_TEXT, false },
	{ "owner", SHEET_TEXT, false },
	{ "reason", SHEET_TEXT, false },
	{ "until", SHEET_SHORT, false },
	{ "state", SHEET_WORD, false },
	{ "used", SHEET_COUNT, false },
};

static const char *
state_of(struct when ends, bool has_end, int64_t end)
{
	if (!has_end || !ends.valid)
		return NULL;
	return ends.sec <= end       ? "ended"
	    : ends.sec <= end + SOON ? "ending"
				     : "open";
}

void
section_exceptions(const struct report *r, struct sheet *s)
{
	const struct policy *p;
	struct policy_entry e;
	int64_t end;
	bool has_end = range_end(r->gathered, &end);

	SECTION_COLUMNS(s, exception_columns);
	if (!has_policy(r, s))
		return;
	p = allowed_policy(r->allowed);
	sheet_about(s,
	    "Used: requests that were held back and of which it covers a "
	    "reason.  Ended: before the end of the period.  Ending: within 30 "
	    "days of it.");
	for (size_t i = policy_rule_count(p); i < policy_entry_count(p); i++) {
		policy_entry_at(p, i, &e);
		sheet_str(s, e.id);
		sheet_str(s, e.owner);
		sheet_str(s, e.why);
		sheet_str(s, e.end_text);
		sheet_str(s, state_of(e.end, has_end, end));
		sheet_count(s, allowed_use(r->allowed, i)->uses);
	}
	section_none(s, "The policy has none.");
}

/* ---- rules that nobody needed ------------------------------------------------------ */

static const struct sheet_column unused_columns[] = {
	{ "rule", SHEET_TEXT, false },
	{ "owner", SHEET_TEXT, false },
	{ "why", SHEET_TEXT, false },
	{ "expires", SHEET_SHORT, false },
};

void
section_unused(const struct report *r, struct sheet *s)
{
	const struct policy *p;
	struct policy_entry e;

	SECTION_COLUMNS(s, unused_columns);
	if (!has_policy(r, s))
		return;
	p = allowed_policy(r->allowed);
	sheet_about(s,
	    "Rules that no request of the period came to: none allowed one, or "
	    "said why not.");
	for (size_t i = 0; i < policy_rule_count(p); i++) {
		if (allowed_use(r->allowed, i)->uses)
			continue;
		policy_entry_at(p, i, &e);
		sheet_str(s, e.id);
		sheet_str(s, e.owner);
		sheet_str(s, e.why);
		sheet_str(s, e.end_text);
	}
	section_none(s, "There is none of them.");
}

/* ---- principals that nobody saw ---------------------------------------------------- */

static const struct sheet_column absent_columns[] = {
	{ "principal", SHEET_TEXT, false },
	{ "class", SHEET_SHORT, false },
	{ "rule", SHEET_TEXT, false },
	{ "owner", SHEET_TEXT, false },
};

static void
absent_rows(const struct policy_named *n, struct sheet *s)
{
	for (size_t i = 0; i < policy_named_count(n); i++) {
		const struct policy_principal *p = policy_named_at(n, i);

		if (p->seen)
			continue;
		sheet_str(s, p->pattern);
		sheet_text(s, p->class);
		sheet_str(s, p->rule);
		sheet_str(s, p->owner);
	}
}

void
section_absent(const struct report *r, struct sheet *s)
{
	const struct table *seen = &r->gathered->principals;
	struct policy_named *n;

	SECTION_COLUMNS(s, absent_columns);
	if (!has_policy(r, s))
		return;
	sheet_about(s,
	    "What rules, or classes that rules use, say of principals, and that "
	    "fits nobody who asked in the period.");
	if (seen->others.n)
		sheet_about(s, "Only the first %zu principals were looked at.",
		    seen->max);
	n = policy_named_new(allowed_policy(r->allowed));
	s->failed |= !n;
	if (!n)
		return;
	for (size_t i = 0; i < seen->n; i++)
		policy_named_saw(n, seen->rows[i]->key);
	absent_rows(n, s);
	section_none(s, "There is none of them.");
	policy_named_free(n);
}

/* ---- lifetimes ------------------------------------------------------------------------ */

static const struct sheet_column duration_columns[] = {
	{ "rule", SHEET_TEXT, false },
	{ "owner", SHEET_TEXT, false },
	{ "allowed", SHEET_SHORT, false },
	{ "longest", SHEET_SHORT, false },
	{ "issued", SHEET_COUNT, false },
	{ "longer", SHEET_COUNT, false },
};

void
section_durations(const struct report *r, struct sheet *s)
{
	char text[SECTION_DURATION];
	const struct policy *p;
	struct policy_entry e;

	SECTION_COLUMNS(s, duration_columns);
	if (!has_policy(r, s))
		return;
	p = allowed_policy(r->allowed);
	sheet_about(s,
	    "Of the requests that came to a rule: what was issued and says when "
	    "it expires, the longest of it, and how much lives longer than the "
	    "rule allows.  Rules that allow any time have no row unless they "
	    "issued something.");
	for (size_t i = 0; i < policy_rule_count(p); i++) {
		const struct allowed_use *u = allowed_use(r->allowed, i);

		policy_entry_at(p, i, &e);
		if (!e.max_duration && !u->issued)
			continue;
		sheet_str(s, e.id);
		sheet_str(s, e.owner);
		sheet_str(s,
		    e.max_duration ? section_duration(e.max_duration, text)
				   : "any");
		sheet_str(
		    s, u->issued ? section_duration(u->longest, text) : NULL);
		sheet_count(s, u->issued);
		sheet_count(s, u->longer);
	}
	section_none(s, "Nothing of it says when it expires.");
}
