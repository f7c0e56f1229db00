/*
 * policy_units.c - classes, rules and exceptions of policy.yaml become units.
 *
 * Knows which keys a unit has and which names must exist.  Single values are
 * policy_check.c's, what is made of the units policy_compile.c's.  One thread,
 * until the policy is done.
 */
#include "detect/policy_load_i.h"

#include <stdlib.h>

/*
 * Classes
 */

static struct policy_class *
class_named(struct policy *p, struct slice name)
{
	for (size_t i = 0; i < p->n_classes; i++)
		if (slice_eq(p->classes[i].name, name))
			return &p->classes[i];
	return NULL;
}

static int
dangling_class(struct loader *l, const struct ynode *n, struct slice name)
{
	const char *words[POLICY_CLASSES_MAX], *near;
	char shown[YNODE_SHOWN];

	for (size_t i = 0; i < l->p->n_classes; i++)
		words[i] = l->p->classes[i].name.p;
	near = schema_nearest(name, words, l->p->n_classes);
	if (near)
		return ynode_err(n, l->e,
		    "principals: there is no class for %s; did you mean "
		    "\"class:%s\"?",
		    ynode_shown(n, shown), near);
	return ynode_err(n, l->e, "principals: there is no class for %s",
	    ynode_shown(n, shown));
}

static int
check_principals(struct loader *l, const struct opt_strings *list)
{
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++) {
		struct slice name = policy_class_of(list->v[i]);

		if (!slice_is_null(name) && !class_named(l->p, name))
			err = load_take(
			    l, dangling_class(l, list->nodes[i], name));
	}
	return err < 0 ? err : load_patterns(l, list, "principals");
}

static int
read_class(struct loader *l, const struct ynode *key, const struct ynode *v,
    struct policy_class *class)
{
	/* One row of its own, so that the list is read as all lists are. */
	struct opt row[] = {
		{ .name = key->text.p, .type = OPT_STRINGS },
		OPT_END,
	};
	struct ynode map = { .kind = YNODE_MAP,
		.line = key->line,
		.col = key->col,
		.file = key->file,
		.n = 1,
		.items = &v,
		.keys = &key };
	int err;

	class->name = key->text;
	if (key->text.n == 0 || strlen(key->text.p) != key->text.n)
		return ynode_err(key, l->e, "classes: a class has no name");
	err = schema_fill_all(
	    &map, row, &l->p->arena, &class->patterns, l->all, l->e);
	if (err == 0 && v->kind == YNODE_SEQ && v->n == 0)
		return ynode_err(v, l->e,
		    "classes: \"%s\": an empty list; leave the class out, or "
		    "name somebody",
		    key->text.p);
	for (size_t i = 0; i < class->patterns.n && err == 0; i++)
		if (!slice_is_null(policy_class_of(class->patterns.v[i])))
			err = load_take(l,
			    ynode_err(class->patterns.nodes[i], l->e,
				"classes: a class is a list of patterns, not "
				"of classes"));
	return err < 0 ? err : load_patterns(l, &class->patterns, key->text.p);
}

int
load_classes(struct loader *l)
{
	const struct ynode *n = l->c->classes;
	struct policy *p = l->p;

	if (!n)
		return 0;
	if (n->kind != YNODE_MAP)
		return ynode_err(n, l->e,
		    "classes: expects names, each with a list of patterns");
	if (n->n > POLICY_CLASSES_MAX)
		return ynode_err(
		    n, l->e, "classes: more than %d", POLICY_CLASSES_MAX);
	p->classes = arena_calloc(
	    &p->arena, (n->n ? n->n : 1) * sizeof(*p->classes));
	if (!p->classes)
		return load_no_memory(l);
	for (size_t i = 0; i < n->n; i++) {
		int err = load_take(
		    l, read_class(l, n->keys[i], n->items[i], &p->classes[i]));

		if (err < 0)
			return err;
		p->n_classes = i + 1;
	}
	return 0;
}

/*
 * Units
 */

static const char *
type_word(unsigned i)
{
	return principal_type_name(i);
}

static const char *
kind_word(unsigned i)
{
	return token_kind_name(i);
}

static const char *
source_word(unsigned i)
{
	return source_kind_name(i);
}

static const char *
outcome_word(unsigned i)
{
	return outcome_name(i);
}

static int
read_hours(struct loader *l, const struct match_config *m,
    const struct ynode *map, struct unit *u)
{
	const struct ynode *n = schema_node(map, "hours"), *at;
	size_t wrong = 0, n_days = m->hours.days.n;
	struct err inner = { .text = "" };
	int err;

	if (!n)
		return 0;
	err = hours_new(m->hours.days.v, n_days, m->hours.between.v,
	    m->hours.between.n, m->hours.zone, &u->hours, &wrong, &inner);
	if (err == 0)
		return 0;
	if (wrong < n_days)
		at = m->hours.days.nodes[wrong];
	else if (wrong < n_days + m->hours.between.n)
		at = m->hours.between.nodes[wrong - n_days];
	else
		at = load_node_at(n, "zone");
	return ynode_err(at, l->e, "hours: %s", inner.text);
}

static int
read_unit_words(struct loader *l, const struct match_config *m, struct unit *u)
{
	int err;

	err = load_words(l, &m->principal_types, "principal_types", type_word,
	    PT_COUNT, &u->types);
	if (err == 0)
		err = load_words(
		    l, &m->kinds, "kinds", kind_word, KIND_COUNT, &u->kinds);
	if (err == 0)
		err = load_words(l, &m->from.source_kinds, "source_kinds",
		    source_word, SOURCE_COUNT, &u->source_kinds);
	if (err == 0)
		err = load_words(l, &m->outcome, "outcome", outcome_word,
		    OUTCOME_COUNT, &u->outcomes);
	return err;
}

static int
check_unit_names(struct loader *l, const struct match_config *m)
{
	static const struct {
		const char *key;
		enum dim dim;
	} names[] = {
		{ "sessions", DIM_SESSION },
		{ "targets", DIM_TARGET },
		{ "cloud_regions", DIM_CLOUD_REGION },
		{ "external_id", DIM_EXTERNAL_ID },
		{ "source_identity", DIM_SOURCE_IDENTITY },
	};
	int err = check_principals(l, &m->principals);

	for (size_t i = 0; err == 0 && i < sizeof(names) / sizeof(names[0]);
	     i++)
		err = load_patterns(
		    l, policy_list(m, names[i].dim), names[i].key);
	if (err == 0)
		err = load_actions(l, policy_list(m, DIM_ACTION));
	if (err == 0)
		err = load_accounts(l, policy_list(m, DIM_ACCOUNT));
	if (err == 0)
		err = load_countries(l, &m->from.countries);
	if (err == 0)
		err = load_asns(l, &m->from.asns);
	return err;
}

/* Which conditions a unit has. */
static unsigned
given(const struct match_config *m, const struct unit *u)
{
	const struct {
		bool is;
		enum cond cond;
	} all[] = {
		{ m->actions.n > 0, COND_ACTIONS },
		{ m->kinds.n > 0, COND_KINDS },
		{ m->targets.n > 0, COND_TARGETS },
		{ m->accounts.n > 0, COND_ACCOUNTS },
		{ m->cloud_regions.n > 0, COND_CLOUD_REGIONS },
		{ m->from.countries.n > 0, COND_COUNTRIES },
		{ m->from.networks.n > 0, COND_NETWORKS },
		{ m->from.asns.n > 0, COND_ASNS },
		{ m->from.source_kinds.n > 0, COND_SOURCE_KINDS },
		{ u->hours != NULL, COND_HOURS },
		{ m->max_duration > 0, COND_MAX_DURATION },
		{ (m->mfa & 1) != 0, COND_MFA },
		{ m->external_id.n > 0, COND_EXTERNAL_ID },
		{ m->source_identity.n > 0, COND_SOURCE_IDENTITY },
	};
	unsigned bits = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].is)
			bits |= 1u << all[i].cond;
	return bits;
}

static int
read_match(struct loader *l, const struct match_config *m,
    const struct ynode *map, struct unit *u)
{
	int err = load_no_empty_lists(l, map);

	u->match = m;
	if (err == 0)
		err = read_unit_words(l, m, u);
	if (err == 0)
		err = check_unit_names(l, m);
	if (err == 0)
		err = load_networks(l, &m->from.networks, &u->networks);
	if (err == 0)
		err = read_hours(l, m, map, u);
	u->names_who = m->principals.n || m->sessions.n || m->principal_types.n;
	u->given = given(m, u);
	u->max_duration = m->max_duration / 1000;
	u->max_duration_text = policy_duration_text(
	    u->max_duration, &l->p->arena);
	return err < 0 || u->max_duration_text.p ? err : load_no_memory(l);
}

static int
read_rule(struct loader *l, const struct rule_config *c,
    const struct ynode *node, struct unit *u)
{
	int err = 0;

	u->owner = c->owner;
	u->why = c->why;
	u->note = arena_printf(&l->p->arena, "rule %s", c->id);
	if (slice_is_null(u->note))
		return load_no_memory(l);
	if (c->expires) {
		u->end_text = c->expires;
		err = load_moment_end(l, node, "expires", c->expires, &u->end);
	}
	return err < 0 ? err : read_match(l, &c->match, node, u);
}

static int
read_exception(struct loader *l, const struct exception_config *c,
    const struct ynode *node, struct unit *u)
{
	const struct ynode *match = load_node_at(node, "match");
	int err;

	u->owner = c->owner;
	u->why = c->reason;
	u->end_text = c->until;
	u->suppressed_by = arena_printf(&l->p->arena,
	    "exception %s (%s, until %s): %s", c->id, c->owner, c->until,
	    c->reason);
	if (slice_is_null(u->suppressed_by))
		return load_no_memory(l);
	err = load_moment_end(l, node, "until", c->until, &u->end);
	if (err == 0)
		err = read_match(l, &c->match.match, match, u);
	if (err == 0)
		err = load_codes(l, &c->match.codes, &u->codes);
	u->has_codes = c->match.codes.n > 0;
	if (err == 0 && !u->names_who && !u->given && !u->outcomes &&
	    !u->has_codes)
		return ynode_err(match, l->e,
		    "match: is empty and would hold back everything");
	return err;
}

static int
cmp_units(const void *a, const void *b)
{
	const struct unit *x = *(const struct unit *const *)a;
	const struct unit *y = *(const struct unit *const *)b;
	int c = strcmp(x->id, y->id);

	return c ? c : x < y ? -1 : x > y;
}

static int
twice(struct loader *l, const struct unit *again, const char *what)
{
	return load_take(l,
	    ynode_err(again->node, l->e, "there are two %s \"%.64s\"", what,
		again->id));
}

static int
refuse_same_ids(
    struct loader *l, const struct unit *units, size_t n, const char *what)
{
	const struct unit **sorted;
	size_t named = 0;
	int err = 0;

	sorted = calloc(n + 1, sizeof(*sorted));
	if (!sorted)
		return load_no_memory(l);
	for (size_t i = 0; i < n; i++)
		if (units[i].id)
			sorted[named++] = &units[i];
	qsort(sorted, named, sizeof(*sorted), cmp_units);
	for (size_t i = 1; i < named && err == 0; i++)
		if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0)
			err = twice(l, sorted[i], what);
	free(sorted);
	return err;
}

/* Of one with a fault only the name is known: others may refer to it. */
static int
load_rules(struct loader *l)
{
	const struct ynode *nodes = ynode_get(l->root, "rules");
	const struct rule_config *c = l->c->rules.v;
	int err = 0;

	for (size_t i = 0; err == 0 && i < l->c->rules.n; i++) {
		struct unit *u = &l->p->units[i];

		u->id = c[i].id;
		u->node = nodes->items[i];
		if (opt_blocks_good(&l->c->rules, i))
			err = load_take(l, read_rule(l, &c[i], u->node, u));
	}
	return err;
}

static int
load_exceptions(struct loader *l)
{
	const struct ynode *nodes = ynode_get(l->root, "exceptions");
	const struct exception_config *c = l->c->exceptions.v;
	int err = 0;

	for (size_t i = 0; err == 0 && i < l->c->exceptions.n; i++) {
		struct unit *u = &l->p->units[l->p->n_rules + i];

		u->id = c[i].id;
		u->node = nodes->items[i];
		if (opt_blocks_good(&l->c->exceptions, i))
			err = load_take(
			    l, read_exception(l, &c[i], u->node, u));
	}
	return err;
}

int
load_units(struct loader *l)
{
	struct policy *p = l->p;
	int err;

	p->n_rules = l->c->rules.n;
	p->n_units = p->n_rules + l->c->exceptions.n;
	if (p->n_units > POLICY_RULES_MAX)
		return ynode_err(l->root, l->e,
		    "more than %d rules and exceptions", POLICY_RULES_MAX);
	p->units = arena_calloc(
	    &p->arena, (p->n_units + 1) * sizeof(*p->units));
	if (!p->units)
		return load_no_memory(l);
	err = load_rules(l);
	if (err == 0)
		err = load_exceptions(l);
	if (err == 0)
		err = refuse_same_ids(l, p->units, p->n_rules, "rules");
	if (err == 0)
		err = refuse_same_ids(
		    l, p->units + p->n_rules, l->c->exceptions.n, "exceptions");
	return err;
}
