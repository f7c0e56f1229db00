/*
 * policy_named.c - what a policy names, for those who tell of it.
 *
 * See policy_named.h.  Names are found by the same patterns that judge.  One
 * owner.
 */
#include "detect/policy_named.h"

#include "detect/policy_i.h"

#include <stdlib.h>

#define ARENA_FIRST 1024

/* ---- approved lists ------------------------------------------------------------ */

static enum dim
dim_of(enum policy_list list)
{
	static const enum dim dims[] = { [POLICY_ACCOUNTS] = DIM_ACCOUNT,
		[POLICY_CLOUD_REGIONS] = DIM_CLOUD_REGION,
		[POLICY_COUNTRIES] = DIM_COUNTRY };

	return dims[list];
}

enum policy_listed
policy_lists(const struct policy *p, struct policy_scratch *s,
    enum policy_list list, struct slice name)
{
	enum dim d = dim_of(list);

	if (policy_approved(p->config, d)->n == 0)
		return POLICY_NO_LIST;
	if (!s->runs[d])
		return POLICY_NOT_LISTED;
	memset(s->bits[d], 0, p->set_words[d] * sizeof(*s->bits[d]));
	pattern_match(s->runs[d], name, s->bits[d]);
	return pattern_bit(s->bits[d], ROW_LIST(p)) ? POLICY_LISTED
						    : POLICY_NOT_LISTED;
}

/* ---- principals ------------------------------------------------------------------ */

struct policy_named {
	const struct policy *policy;
	struct policy_principal *v;
	size_t n, room;
	bool *class_done; /* by class: its patterns are in the list */
	struct pattern_set *set;
	struct pattern_run *run;
	uint64_t *bits;     /* those that were seen, by index */
	struct arena arena; /* of names without their path */
};

static bool
add(struct policy_named *n, const char *pattern, const struct unit *rule,
    struct slice class)
{
	size_t room = n->room ? 2 * n->room : 64;
	struct policy_principal *v;

	if (policy_is_none(pattern))
		return true;
	if (n->n == n->room) {
		v = realloc(n->v, room * sizeof(*v));
		if (!v)
			return false;
		n->v = v;
		n->room = room;
	}
	n->v[n->n++] = (struct policy_principal){ pattern, rule->id,
		rule->owner, class, false };
	return true;
}

static bool
add_class(struct policy_named *n, const struct unit *rule, struct slice name)
{
	const struct policy *p = n->policy;
	bool ok = true;

	for (size_t k = 0; k < p->n_classes; k++) {
		const struct policy_class *c = &p->classes[k];

		if (n->class_done[k] || !slice_eq(c->name, name))
			continue;
		n->class_done[k] = true;
		for (size_t i = 0; ok && i < c->patterns.n; i++)
			ok = add(n, c->patterns.v[i], rule, c->name);
	}
	return ok;
}

static bool
list_all(struct policy_named *n)
{
	const struct policy *p = n->policy;
	bool ok = true;

	for (size_t i = 0; ok && i < p->n_rules; i++) {
		const struct opt_strings *list = policy_list(
		    p->units[i].match, DIM_PRINCIPAL);

		for (size_t k = 0; ok && k < list->n; k++) {
			struct slice class = policy_class_of(list->v[k]);

			ok = class.p
			    ? add_class(n, &p->units[i], class)
			    : add(n, list->v[k], &p->units[i], SLICE_NULL);
		}
	}
	return ok;
}

static bool
add_pattern(struct policy_named *n, size_t i)
{
	const char *text = n->v[i].pattern;
	struct slice other = policy_pattern_without_path(text, &n->arena);

	return pattern_set_add(n->set, slice_str(text), (uint32_t)i) == 0 &&
	    (!other.p || pattern_set_add(n->set, other, (uint32_t)i) == 0);
}

static bool
compile(struct policy_named *n)
{
	bool ok;

	n->set = pattern_set_new(n->n);
	n->bits = calloc(pattern_words(n->n), sizeof(*n->bits));
	ok = n->set && n->bits;
	for (size_t i = 0; ok && i < n->n; i++)
		ok = add_pattern(n, i);
	if (!ok || pattern_set_finish(n->set) < 0)
		return false;
	n->run = pattern_run_new(n->set);
	return n->run != NULL;
}

struct policy_named *
policy_named_new(const struct policy *p)
{
	struct policy_named *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->policy = p;
	arena_init(&n->arena, ARENA_FIRST);
	n->class_done = calloc(p->n_classes + 1, sizeof(*n->class_done));
	if (!n->class_done || !list_all(n) || (n->n && !compile(n))) {
		policy_named_free(n);
		return NULL;
	}
	return n;
}

void
policy_named_free(struct policy_named *n)
{
	if (!n)
		return;
	pattern_run_free(n->run);
	pattern_set_free(n->set);
	arena_release(&n->arena);
	free(n->class_done);
	free(n->bits);
	free(n->v);
	free(n);
}

void
policy_named_saw(struct policy_named *n, struct slice principal)
{
	struct slice other;

	if (!n->n || slice_is_null(principal))
		return;
	arena_reset(&n->arena);
	pattern_match(n->run, principal, n->bits);
	other = policy_without_path(principal, &n->arena);
	if (!slice_is_null(other))
		pattern_match(n->run, other, n->bits);
}

size_t
policy_named_count(const struct policy_named *n)
{
	return n->n;
}

const struct policy_principal *
policy_named_at(const struct policy_named *n, size_t i)
{
	n->v[i].seen = pattern_bit(n->bits, i);
	return &n->v[i];
}
