/*
 * sections_volume.c - how much of what: actions, kinds, accounts, regions,
 * countries, errors.
 *
 * Pure functions over what was gathered.
 */
#include "report/sections.h"
#include "report/sections_i.h"

/* The columns of a table by one name; the first is called after it. */
#define COUNT(name)                      \
	{                                \
		name, SHEET_COUNT, false \
	}
#define COUNTS                                                       \
	COUNT("requests"), COUNT("expected"), COUNT("unexpected"),   \
	    COUNT("suppressed"), COUNT("learning"), COUNT("denied"), \
	    COUNT("failed")
#define BY(name)                                    \
	{                                           \
		{ name, SHEET_TEXT, false }, COUNTS \
	}
/* The same of names that a policy may approve. */
#define BY_APPROVED(name)                                                     \
	{                                                                     \
		{ name, SHEET_TEXT, false }, { "policy", SHEET_WORD, false }, \
		    COUNTS, COUNT("refused")                                  \
	}

static void
counts(struct sheet *s, const struct table_row *row)
{
	section_verdicts(s, row->verdict);
	sheet_count(s, row->outcome[OUTCOME_DENIED]);
	sheet_count(s, row->outcome[OUTCOME_FAILED]);
}

static void
name_row(struct sheet *s, const struct table_row *row, const void *arg)
{
	(void)arg;
	sheet_text(s, section_name(row));
	counts(s, row);
}

void
section_actions(const struct report *r, struct sheet *s)
{
	static const struct sheet_column columns[] = BY("action");

	SECTION_COLUMNS(s, columns);
	section_rows(s, &r->gathered->actions, table_by_count, name_row, NULL);
}

void
section_kinds(const struct report *r, struct sheet *s)
{
	static const struct sheet_column columns[] = BY("kind");

	SECTION_COLUMNS(s, columns);
	section_rows(s, &r->gathered->kinds, table_by_count, name_row, NULL);
}

void
section_denied(const struct report *r, struct sheet *s)
{
	static const struct sheet_column columns[] = BY("error");

	SECTION_COLUMNS(s, columns);
	section_rows(s, &r->gathered->errors, table_by_count, name_row, NULL);
	section_none(s, "No request was denied or failed.");
}

/* ---- names that a policy may approve -------------------------------------------- */

struct asked {
	const struct allowed *allowed; /* NULL: no policy was given */
	enum policy_list list;
};

/* Names that nobody told, and all others together, are on no list. */
static const char *
approved(const struct asked *a, const struct table_row *row)
{
	if (!a->allowed || !row->key.p)
		return NULL;
	switch (allowed_lists(a->allowed, a->list, row->key)) {
	case POLICY_LISTED:
		return "approved";
	case POLICY_NOT_LISTED:
		return "unapproved";
	default:
		return NULL;
	}
}

static void
approved_row(struct sheet *s, const struct table_row *row, const void *arg)
{
	sheet_text(s, section_name(row));
	sheet_str(s, approved(arg, row));
	counts(s, row);
	sheet_count(s, row->refused);
}

static void
approved_rows(const struct report *r, const struct table *t,
    enum policy_list list, struct sheet *s)
{
	struct asked a = { r->allowed, list };

	sheet_about(s,
	    r->allowed
		? "Approved: it is on the policy's list.  Refused: requests of "
		  "which the reasons say that it is not approved; a rule may "
		  "allow what no list has, or refuse what is on one."
		: "Refused: requests of which the reasons say that it is not "
		  "approved.  A report with --policy FILE also tells what is "
		  "on its lists.");
	section_rows(s, t, table_by_count, approved_row, &a);
}

void
section_accounts(const struct report *r, struct sheet *s)
{
	static const struct sheet_column columns[] = BY_APPROVED("account");

	SECTION_COLUMNS(s, columns);
	approved_rows(r, &r->gathered->accounts, POLICY_ACCOUNTS, s);
}

void
section_regions(const struct report *r, struct sheet *s)
{
	static const struct sheet_column columns[] = BY_APPROVED("region");

	SECTION_COLUMNS(s, columns);
	approved_rows(r, &r->gathered->regions, POLICY_CLOUD_REGIONS, s);
}

void
section_countries(const struct report *r, struct sheet *s)
{
	static const struct sheet_column columns[] = BY_APPROVED("country");

	sheet_about(s,
	    "Requests from private addresses and from inside the cloud have no "
	    "country.");
	SECTION_COLUMNS(s, columns);
	approved_rows(r, &r->gathered->countries, POLICY_COUNTRIES, s);
}
