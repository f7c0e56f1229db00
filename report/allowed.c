/*
 * allowed.c - what a period made use of in a policy.
 *
 * See allowed.h.  Reading a decision is outputs/format/parse's business, and
 * judging it detect/policy's.
 */
#include "report/allowed.h"

#include "lib/hash.h"
#include "lib/map.h"
#include "outputs/format/parse.h"

#include <stdlib.h>

#define ARENA_FIRST 4096

struct entry {
	struct policy_entry about;
	struct allowed_use use;
	uint64_t last; /* the request that was counted last */
};

struct allowed {
	const struct policy *policy;
	struct policy_scratch *scratch;
	struct period period;
	struct json_reader json;
	struct arena arena; /* of one line */
	struct entry *v;
	size_t n, n_rules;
	struct map rules; /* by id */
	uint64_t requests;
};

static bool
same_rule(const void *item, const void *key)
{
	const struct entry *e = item;

	return slice_eq(slice_str(e->about.id), *(const struct slice *)key);
}

static bool
fill(struct allowed *a)
{
	bool ok = true;

	for (size_t i = 0; i < a->n && ok; i++) {
		policy_entry_at(a->policy, i, &a->v[i].about);
		if (i < a->n_rules)
			ok = map_put(&a->rules,
			    hash_slice(slice_str(a->v[i].about.id)), &a->v[i]);
	}
	return ok;
}

struct allowed *
allowed_new(const struct policy *p, const struct period *period)
{
	struct allowed *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->policy = p;
	a->period = *period;
	a->n = policy_entry_count(p);
	a->n_rules = policy_rule_count(p);
	a->rules = (struct map)MAP_INIT(same_rule);
	json_reader_init(&a->json);
	arena_init(&a->arena, ARENA_FIRST);
	a->scratch = policy_scratch_new(p);
	a->v = calloc(a->n + 1, sizeof(*a->v));
	if (!a->scratch || !a->v || !fill(a)) {
		allowed_free(a);
		return NULL;
	}
	return a;
}

void
allowed_free(struct allowed *a)
{
	if (!a)
		return;
	policy_scratch_free(a->scratch);
	json_reader_release(&a->json);
	arena_release(&a->arena);
	map_release(&a->rules);
	free(a->v);
	free(a);
}

static void
count_life(struct entry *e, const struct request *r)
{
	if (r->outcome != OUTCOME_SUCCESS || r->duration < 0)
		return;
	e->use.issued++;
	if (e->about.max_duration && r->duration > e->about.max_duration)
		e->use.longer++;
	if (r->duration > e->use.longest)
		e->use.longest = r->duration;
}

static void
count_rule(struct allowed *a, const struct request *r)
{
	struct policy_answer answer;
	struct entry *e;

	policy_judge(a->policy, a->scratch, r, &answer);
	if (slice_is_null(answer.rule))
		return;
	e = map_get(&a->rules, hash_slice(answer.rule), &answer.rule);
	if (!e)
		return;
	e->use.uses++;
	count_life(e, r);
}

/* A request counts once, however many of its reasons are covered. */
static void
count_excuse(struct allowed *a, struct slice says)
{
	for (size_t i = a->n_rules; i < a->n; i++) {
		struct entry *e = &a->v[i];

		if (e->about.says.p != says.p || e->last == a->requests)
			continue;
		e->last = a->requests;
		e->use.uses++;
	}
}

static void
count(struct allowed *a, const struct request *r, const struct verdict *v)
{
	struct slice says;

	a->requests++;
	count_rule(a, r);
	if (v->word != VERDICT_SUPPRESSED)
		return;
	for (unsigned i = 0; i < v->n_reasons; i++) {
		says = policy_excuse(
		    a->policy, a->scratch, r, v->reasons[i].code);
		if (!slice_is_null(says))
			count_excuse(a, says);
	}
}

int
allowed_line(struct allowed *a, struct slice line)
{
	const struct json *json = json_parse(&a->json, line, NULL);
	struct err e = { .text = "" };
	struct request r;
	struct verdict v;
	struct slice group;
	int err;

	if (!json_get(json, "event_id") || !json_get(json, "verdict"))
		return 0;
	arena_reset(&a->arena);
	err = decision_parse(json, &a->arena, &r, &v, &group, &e);
	if (err < 0)
		return err == ST_ENOMEM ? err : 0;
	if (period_touches(&a->period, r.time, r.time))
		count(a, &r, &v);
	return 0;
}

const struct policy *
allowed_policy(const struct allowed *a)
{
	return a->policy;
}

const struct allowed_use *
allowed_use(const struct allowed *a, size_t i)
{
	return &a->v[i].use;
}

enum policy_listed
allowed_lists(const struct allowed *a, enum policy_list list, struct slice name)
{
	return policy_lists(a->policy, a->scratch, list, name);
}
