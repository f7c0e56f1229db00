/*
 * sections_policy.c - exceptions, and rules that nobody needed.
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
		sheet_count(s, allowed_uses(r->allowed, i));
	}
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
		if (allowed_uses(r->allowed, i))
			continue;
		policy_entry_at(p, i, &e);
		sheet_str(s, e.id);
		sheet_str(s, e.owner);
		sheet_str(s, e.why);
		sheet_str(s, e.end_text);
	}
}
