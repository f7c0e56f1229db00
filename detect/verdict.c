/*
 * verdict.c - the reasons of all detectors become one verdict.
 *
 * Knows how weights become a score and severities one severity.  Which
 * reasons there are is the detectors' business, whether repeats fold is
 * finding.c's.  Pure functions, any thread.
 */
#include "detect/verdict.h"

#include <math.h>

/* What of its weight a breach of the policy has where the baseline finds nothing
 * in it, and what is left of that where its principal was told on another day. */
#define BREACH_ALONE 0.1
#define BREACH_GOES_ON 0.2
/* How much of what is left to 100 a reason takes more, right after a grant. */
#define GRANT_SHARE 0.5

static const char *const words[VERDICT_COUNT] = { "expected", "unexpected",
	"learning", "suppressed" };

const char *
verdict_name(enum verdict_word w)
{
	return words[w];
}

/* By weight, the heaviest first; ties by code, then as they came. */
static bool
goes_before(const struct reason *a, const struct reason *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return a->code < b->code;
}

static void
sort_reasons(struct reason *r, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		struct reason moving = r[i];
		unsigned at = i;

		for (; at > 0 && goes_before(&moving, &r[at - 1]); at--)
			r[at] = r[at - 1];
		r[at] = moving;
	}
}

double
verdict_score(const struct reason *reasons, unsigned n)
{
	double rest = 1;

	for (unsigned i = 0; i < n; i++) {
		double w = reasons[i].weight;

		rest *= 1 - (w < 0 ? 0 : w > 100 ? 100 : w) / 100;
	}
	return round(1000 * (1 - rest)) / 10;
}

/* How many different codes there are of exactly this severity. */
static unsigned
count_codes(
    const struct reason *reasons, unsigned n, enum severity s, bool policy_only)
{
	bool seen[REASON_COUNT] = { false };
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct reason_row *row = &reason_table[reasons[i].code];

		if (seen[reasons[i].code] || row->severity != s)
			continue;
		if (policy_only && row->group != GROUP_POLICY)
			continue;
		seen[reasons[i].code] = true;
		count++;
	}
	return count;
}

static enum severity
highest(const struct reason *reasons, unsigned n)
{
	enum severity top = SEV_INFORMATIONAL;

	for (unsigned i = 0; i < n; i++)
		if (reason_table[reasons[i].code].severity > top)
			top = reason_table[reasons[i].code].severity;
	return top;
}

enum severity
verdict_severity(const struct reason *reasons, unsigned n, enum outcome outcome)
{
	enum severity s = highest(reasons, n);

	if (s == SEV_CRITICAL)
		return s;
	if (s == SEV_MEDIUM && count_codes(reasons, n, s, false) > 1)
		s = SEV_HIGH;
	else if (s == SEV_LOW && count_codes(reasons, n, s, false) > 2)
		s = SEV_MEDIUM;
	else if (s == SEV_HIGH && count_codes(reasons, n, s, false) > 1 &&
	    count_codes(reasons, n, s, true) > 0)
		s = SEV_CRITICAL;
	if (outcome != OUTCOME_SUCCESS && s > SEV_LOW)
		s--;
	return s;
}

static enum verdict_word
word_of(enum policy_word w)
{
	switch (w) {
	case POLICY_ALLOWED:
		return VERDICT_EXPECTED;
	case POLICY_BREACH:
		return VERDICT_UNEXPECTED;
	case POLICY_SUPPRESSED:
		return VERDICT_SUPPRESSED;
	case POLICY_SILENT:
		break;
	}
	return VERDICT_LEARNING;
}

static void
add_up(const struct request *r, struct verdict *v)
{
	sort_reasons(v->reasons, v->n_reasons);
	v->score = verdict_score(v->reasons, v->n_reasons);
	v->severity = verdict_severity(v->reasons, v->n_reasons, r->outcome);
	if (v->every_day && v->severity > SEV_LOW)
		v->severity--;
}

void
verdict_from_policy(const struct request *r, const struct policy_answer *answer,
    struct verdict *result)
{
	result->word = word_of(answer->word);
	result->finding = result->word == VERDICT_UNEXPECTED;
	result->held_back = false;
	result->rule = answer->rule;
	result->suppressed_by = answer->suppressed_by;
	result->fold = SLICE_NULL;
	result->every_day = false;
	result->granted = result->granted_event = SLICE_NULL;
	result->hops = NULL;
	result->n_hops = 0;
	result->n_reasons = answer->n_reasons;
	for (unsigned i = 0; i < answer->n_reasons; i++) {
		result->reasons[i] = answer->reasons[i];
		if (!(result->reasons[i].weight > 0))
			result->reasons[i].weight =
			    reason_table[answer->reasons[i].code].weight;
	}
	add_up(r, result);
}

static void
add_reasons(const struct baseline_answer *a, struct verdict *v)
{
	for (unsigned i = 0;
	     i < a->n_reasons && v->n_reasons < VERDICT_REASONS_MAX; i++)
		v->reasons[v->n_reasons++] = a->reasons[i];
}

static bool
has_code(const struct verdict *v, enum reason_code code)
{
	for (unsigned i = 0; i < v->n_reasons; i++)
		if (v->reasons[i].code == code)
			return true;
	return false;
}

/* What looks like every day's work weighs less although it is a breach: a new
 * service whose rule is not written yet looks so, a thief does not.  What people
 * have seen on many days tells them less each time. */
static void
weigh_breach(const struct baseline_answer *a, struct verdict *v)
{
	double share = BREACH_ALONE + (1 - BREACH_ALONE) * a->score / 100;

	if (a->goes_on)
		share *= BREACH_GOES_ON;
	if (has_code(v, R_DECOY_TOUCHED))
		return;
	for (unsigned i = 0; i < v->n_reasons; i++)
		if (reason_table[v->reasons[i].code].group == GROUP_POLICY)
			v->reasons[i].weight *= share;
	/* What is learned from is no habit yet. */
	if (a->learning)
		return;
	v->every_day = a->usual;
	/* One whom no rule knows is one story, whatever it asks for. */
	if (a->usual || has_code(v, R_PRINCIPAL_NOT_ALLOWED))
		v->fold = a->who;
}

void
verdict_add_baseline(const struct request *r, const struct baseline_answer *a,
    struct slice excuse, struct verdict *v)
{
	if (a->silent || v->word == VERDICT_SUPPRESSED)
		return;
	if (v->word == VERDICT_UNEXPECTED)
		weigh_breach(a, v);
	if (!a->learning)
		add_reasons(a, v);
	add_up(r, v);
	if (a->learning || v->word == VERDICT_UNEXPECTED)
		return;
	v->word = VERDICT_EXPECTED;
	if (a->finding && excuse.p) {
		v->word = VERDICT_SUPPRESSED;
		v->suppressed_by = excuse;
	} else if (a->finding) {
		v->word = VERDICT_UNEXPECTED;
		v->finding = true;
		v->fold = a->who;
	} else if (a->held_back) {
		v->word = VERDICT_SUPPRESSED;
		v->held_back = true;
		v->fold = a->who;
		v->suppressed_by = SLICE_LIT("the budget of findings");
	}
}

void
verdict_from_use(struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	v->word = VERDICT_EXPECTED;
}

void
verdict_add_lineage(const struct request *r, const struct lineage_answer *a,
    struct slice excuse, struct verdict *v)
{
	v->hops = a->hops;
	v->n_hops = a->n_hops;
	if (a->n_reasons == 0 ||
	    (v->word == VERDICT_SUPPRESSED && !v->held_back))
		return;
	for (unsigned i = 0;
	     i < a->n_reasons && v->n_reasons < VERDICT_REASONS_MAX; i++)
		if (!has_code(v, a->reasons[i].code))
			v->reasons[v->n_reasons++] = a->reasons[i];
	/* Whatever is usual, this is not. */
	if (a->finding && v->every_day) {
		v->every_day = false;
		v->fold = SLICE_NULL;
	}
	add_up(r, v);
	if (!a->finding || v->finding)
		return;
	v->word = excuse.p ? VERDICT_SUPPRESSED : VERDICT_UNEXPECTED;
	v->suppressed_by = excuse;
	v->finding = !excuse.p;
	v->held_back = false;
	v->fold = SLICE_NULL;
}

/* Reasons that tell of somebody who asks, or of something that is asked for,
 * for the first time. */
static bool
is_of_first_time(enum reason_code code)
{
	switch (code) {
	case R_NEW_PRINCIPAL:
	case R_NEW_ACTION:
	case R_NEW_TARGET:
	case R_DORMANT_PRINCIPAL:
	case R_NEW_CHAIN:
	case R_CHAIN_TOO_DEEP:
	case R_NEW_FEDERATED_SUBJECT:
	case R_NEW_SIGNING_KEY:
		return true;
	default:
		return false;
	}
}

/* A service takes a role that was made for it: each new function does so. */
bool
verdict_is_first(const struct request *r, const struct verdict *v)
{
	if (r->principal_type == PT_SERVICE ||
	    (v->word == VERDICT_SUPPRESSED && !v->held_back))
		return false;
	for (unsigned i = 0; i < v->n_reasons; i++)
		if (is_of_first_time(v->reasons[i].code))
			return true;
	return false;
}

void
verdict_add_grant(const struct request *r, const struct grants_found *f,
    struct slice told, struct slice excuse, struct verdict *v)
{
	v->granted = told;
	v->granted_event = f->event;
	for (unsigned i = 0; i < v->n_reasons; i++) {
		struct reason *reason = &v->reasons[i];

		if (!is_of_first_time(reason->code))
			continue;
		reason->weight += (100 - reason->weight) * GRANT_SHARE;
		if (!reason->note.p)
			reason->note = told;
	}
	add_up(r, v);
	if (f->used_to)
		return;
	if (v->severity < SEV_HIGH)
		v->severity++;
	if (v->finding || (v->word != VERDICT_EXPECTED && !v->held_back))
		return;
	v->word = excuse.p ? VERDICT_SUPPRESSED : VERDICT_UNEXPECTED;
	v->suppressed_by = excuse;
	v->finding = !excuse.p;
	v->held_back = false;
	v->fold = SLICE_NULL;
}

/* As arena_slice(), but a lack of memory is noticed. */
static struct slice
keep(struct arena *a, struct slice s, bool *ok)
{
	struct slice copy = arena_slice(a, s);

	if (s.p && !copy.p)
		*ok = false;
	return copy;
}

static bool
keep_hops(const struct verdict *v, struct arena *a, struct kept_verdict *k)
{
	bool ok = true;

	k->n_hops = v->n_hops;
	k->hops = arena_alloc(a, (v->n_hops + 1) * sizeof(*k->hops));
	for (unsigned i = 0; k->hops && i < v->n_hops; i++) {
		struct hop *h = &k->hops[i];

		*h = v->hops[i];
		h->who = keep(a, h->who, &ok);
		h->credential = keep(a, h->credential, &ok);
		h->city = keep(a, h->city, &ok);
	}
	return k->hops && ok;
}

int
verdict_keep(
    const struct verdict *v, struct arena *a, struct kept_verdict *result)
{
	struct kept_verdict k = { v->word, v->score, v->severity, v->finding,
		NULL, v->n_reasons, SLICE_NULL, SLICE_NULL, SLICE_NULL,
		SLICE_NULL, NULL, 0 };
	bool ok = true;

	k.rule = keep(a, v->rule, &ok);
	k.suppressed_by = keep(a, v->suppressed_by, &ok);
	k.granted = keep(a, v->granted, &ok);
	k.granted_event = keep(a, v->granted_event, &ok);
	k.reasons = arena_alloc(a, (v->n_reasons + 1) * sizeof(*k.reasons));
	if (!k.reasons)
		return ST_ENOMEM;
	for (unsigned i = 0; i < v->n_reasons; i++) {
		struct reason *r = &k.reasons[i];

		*r = v->reasons[i];
		r->observed = keep(a, r->observed, &ok);
		r->note = keep(a, r->note, &ok);
		for (unsigned j = 0; j < r->n_expected; j++)
			r->expected[j] = keep(a, r->expected[j], &ok);
	}
	if (!ok || !keep_hops(v, a, &k))
		return ST_ENOMEM;
	*result = k;
	return 0;
}

void
verdict_restore(const struct kept_verdict *k, struct verdict *result)
{
	result->word = k->word;
	result->score = k->score;
	result->severity = k->severity;
	result->finding = k->finding;
	result->held_back = false;
	result->rule = k->rule;
	result->suppressed_by = k->suppressed_by;
	result->granted = k->granted;
	result->granted_event = k->granted_event;
	result->fold = SLICE_NULL;
	result->hops = k->hops;
	result->n_hops = k->n_hops;
	result->n_reasons = k->n_reasons;
	memcpy(result->reasons, k->reasons, k->n_reasons * sizeof(*k->reasons));
}
