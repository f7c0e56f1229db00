/*
 * policy_load.c - policy.yaml becomes units: everything checked and typed.
 *
 * Knows what the values of the keys may be, and says with file, line and
 * column what is wrong.  The keys themselves are policy_rows.c's, what is made
 * of the units policy_compile.c's.  One thread, until the policy is done.
 */
#include "detect/policy_load_i.h"

#include "lib/hash.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The rest
 */

static int
read_window(struct loader *l, const struct maintenance_config *c,
    const struct ynode *node, struct maintenance *m)
{
	int err = load_no_empty_lists(l, node);

	if (err == 0)
		err = load_moment(l, node, "from", c->from, &m->from);
	if (err == 0)
		err = load_moment_end(l, node, "to", c->to, &m->to);
	if (err == 0)
		err = load_accounts(l, &c->accounts);
	if (err < 0)
		return err;
	if (when_cmp(m->from, m->to) >= 0)
		return ynode_err(load_node_at(node, "to"), l->e,
		    "to: does not come after from");
	m->accounts = c->accounts;
	m->suppressed_by = arena_printf(&l->p->arena,
	    "maintenance %s to %s: %s", c->from, c->to, c->reason);
	return slice_is_null(m->suppressed_by) ? load_no_memory(l) : 0;
}

static int
read_maintenance(struct loader *l)
{
	const struct ynode *list = ynode_get(l->root, "maintenance");
	const struct maintenance_config *c = l->c->maintenance.v;
	struct policy *p = l->p;
	int err = 0;

	p->n_maintenance = l->c->maintenance.n;
	if (p->n_maintenance > POLICY_RULES_MAX)
		return ynode_err(
		    list, l->e, "maintenance: more than %d", POLICY_RULES_MAX);
	p->maintenance = arena_calloc(
	    &p->arena, (p->n_maintenance + 1) * sizeof(*p->maintenance));
	if (!p->maintenance)
		return load_no_memory(l);
	for (size_t i = 0; err == 0 && i < p->n_maintenance; i++)
		if (opt_blocks_good(&l->c->maintenance, i))
			err = load_take(l,
			    read_window(
				l, &c[i], list->items[i], &p->maintenance[i]));
	return err;
}

static int
read_approved(struct loader *l)
{
	struct policy_config *c = l->c;
	int err = load_no_empty_lists(l, ynode_get(l->root, "approved"));

	if (err == 0)
		err = load_countries(l, &c->approved.countries);
	if (err == 0)
		err = load_asns(l, &c->approved.asns);
	if (err == 0)
		err = load_accounts(l, &c->approved.accounts);
	if (err == 0)
		err = load_patterns(
		    l, &c->approved.cloud_regions, "cloud_regions");
	if (err == 0)
		err = load_patterns(l, &c->decoys, "decoys");
	if (err == 0)
		err = load_networks(l, &c->approved.networks, &l->p->networks);
	return err;
}

static bool
is_rule(const struct policy *p, const char *id)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->units[i].id && strcmp(p->units[i].id, id) == 0)
			return true;
	return false;
}

static int
check_fields(
    struct loader *l, const struct test_fields *f, const struct ynode *node)
{
	char shown[YNODE_SHOWN];
	const char *key = "";
	struct request r;
	struct arena a;
	int err;

	if (!node)
		return 0;
	arena_init(&a, 512);
	err = policy_fields_request(f, &a, &r, &key);
	arena_release(&a);
	if (err == 0)
		return 0;
	node = load_node_at(node, key);
	return ynode_err(
	    node, l->e, "%s: %s is no %s", key, ynode_shown(node, shown), key);
}

static int
check_test(
    struct loader *l, const struct test_config *t, const struct ynode *node)
{
	uint64_t ignored = 0;
	char shown[YNODE_SHOWN];
	int err;

	if (!ynode_get(node, "event") && !ynode_get(node, "fields"))
		return ynode_err(
		    node, l->e, "a test needs an event, or fields");
	if (t->rule && !is_rule(l->p, t->rule))
		return ynode_err(load_node_at(node, "rule"), l->e,
		    "rule: there is no rule %s",
		    ynode_shown(load_node_at(node, "rule"), shown));
	err = check_fields(l, &t->fields, ynode_get(node, "fields"));
	return err < 0 ? err : load_codes(l, &t->codes, &ignored);
}

static int
check_tests(struct loader *l)
{
	const struct ynode *list = ynode_get(l->root, "tests");
	const struct test_config *t = l->c->tests.v;
	int err = 0;

	if (l->c->tests.n > POLICY_TESTS_MAX)
		return ynode_err(
		    list, l->e, "tests: more than %d", POLICY_TESTS_MAX);
	for (size_t i = 0; err == 0 && i < l->c->tests.n; i++)
		if (opt_blocks_good(&l->c->tests, i))
			err = load_take(
			    l, check_test(l, &t[i], list->items[i]));
	return err;
}

static int
write_hash(struct policy *p, struct slice text)
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	if (!h)
		return ST_ENOMEM;
	sha256_add(h, text.p, text.n);
	sha256_sum(h, sum);
	sha256_free(h);
	memcpy(p->hash, "sha256:", 7);
	hash_hex(sum, sizeof(sum), p->hash + 7);
	return 0;
}

/* A part that cannot be gone into at all is one problem. */
static int (*const parts[])(struct loader *l) = {
	load_classes,
	load_units,
	read_maintenance,
	read_approved,
	check_tests,
};

static int
load(struct loader *l)
{
	struct policy *p = l->p;
	int err;

	l->c = p->config = arena_calloc(&p->arena, sizeof(*l->c));
	if (!l->c)
		return load_no_memory(l);
	err = schema_fill_all(
	    l->root, policy_rows, &p->arena, l->c, l->all, l->e);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && err == 0;
	     i++)
		err = load_take(l, parts[i](l));
	if (err == 0 && l->all && problems_count(l->all) > l->before)
		return ST_EINVAL;
	return err < 0 ? err : policy_compile(p, l->e);
}

/* Takes the document, also where it fails. */
static int
load_doc(struct loader *l, struct yaml_doc *doc, const char *name,
    struct policy **result)
{
	struct policy *p = calloc(1, sizeof(*p));
	int err = ST_ENOMEM;

	if (!p) {
		yaml_free(doc);
		return load_no_memory(l);
	}
	l->p = p;
	arena_init(&p->arena, 16384);
	p->doc = doc;
	l->root = doc ? yaml_root(doc) : NULL;
	p->path = arena_dup(&p->arena, name, strlen(name));
	if (!p->path || write_hash(p, doc ? yaml_text(doc) : SLICE_LIT("")) < 0)
		load_no_memory(l);
	else
		err = load(l);
	if (err == 0)
		*result = p;
	else
		policy_free(p);
	return err;
}

int
policy_load_text(
    struct slice yaml, const char *name, struct policy **result, struct err *e)
{
	struct loader l = { .e = e };
	struct yaml_doc *doc;
	int err = yaml_load_text(yaml, name, &doc, e);

	return err < 0 ? err : load_doc(&l, doc, name, result);
}

int
policy_load(const char *path, struct policy **result, struct err *e)
{
	struct loader l = { .e = e };
	struct yaml_doc *doc;
	int err;

	if (!path)
		return load_doc(&l, NULL, "", result);
	err = yaml_load(path, &doc, e);
	return err < 0 ? err : load_doc(&l, doc, path, result);
}

/* `err` is of reading the document, which is taken. */
static struct policy *
examine(struct loader *l, int err, struct yaml_doc *doc, const char *name)
{
	struct policy *p = NULL;

	if (err == 0)
		err = load_doc(l, doc, name, &p);
	if (err < 0 && problems_count(l->all) == l->before)
		problems_add(l->all, l->e);
	return p;
}

struct policy *
policy_examine(const char *path, struct problems *all)
{
	struct err e = { .text = "" };
	struct loader l = { .e = &e, .all = all };
	struct yaml_doc *doc = NULL;
	int err;

	l.before = problems_count(all);
	err = yaml_load_all(path, all, &doc, &e);
	return examine(&l, err, doc, path);
}

struct policy *
policy_examine_text(struct slice yaml, const char *name, struct problems *all)
{
	struct err e = { .text = "" };
	struct loader l = { .e = &e, .all = all };
	struct yaml_doc *doc = NULL;
	int err;

	l.before = problems_count(all);
	err = yaml_load_text_all(yaml, name, all, &doc, &e);
	return examine(&l, err, doc, name);
}

void
policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; p->units && i < p->n_units; i++) {
		hours_free(p->units[i].hours);
		cidr_set_free(p->units[i].networks);
	}
	cidr_set_free(p->networks);
	for (int d = 0; d < DIM_COUNT; d++)
		pattern_set_free(p->sets[d]);
	arena_release(&p->arena);
	if (p->doc)
		yaml_free(p->doc);
	free(p);
}

const char *
policy_path(const struct policy *p)
{
	return p->path;
}

const char *
policy_hash(const struct policy *p)
{
	return p->hash;
}

size_t
policy_rule_count(const struct policy *p)
{
	return p->n_rules;
}

size_t
policy_entry_count(const struct policy *p)
{
	return p->n_units;
}

void
policy_entry_at(const struct policy *p, size_t i, struct policy_entry *result)
{
	const struct unit *u = &p->units[i];

	*result = (struct policy_entry){ .id = u->id,
		.owner = u->owner,
		.why = u->why,
		.end_text = u->end_text,
		.end = u->end,
		.max_duration = u->max_duration,
		.says = u->suppressed_by };
}

bool
policy_trusts(const struct policy *p, const struct request *r)
{
	return p->networks && r->source.ip.p &&
	    cidr_set_has(p->networks, &r->source.addr);
}

double
policy_max_distance_km(const struct policy *p)
{
	return p->config->use.max_distance_km;
}
