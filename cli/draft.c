/*
 * draft.c - a policy.yaml from what was normal.
 *
 * See draft.h.  Knows the keys of a policy; what is normal it is told.
 */
#include "config.h"

#include "cli/draft.h"

#include "detect/pattern.h"
#include "lib/jsonw.h"
#include "lib/pack.h"

#include <inttypes.h>
#include <stdlib.h>

#define NAMES_MAX NORMAL_CELLS_MAX
#define FLOW_MAX 3 /* names on one line */
#define ID_MAX 80  /* bytes of a rule's id, without a number behind */

/* A principal, and the cells of it: v[first] to v[first + n - 1]. */
struct actor {
	struct slice principal, family;
	enum principal_type type;
	size_t first, n;
	struct slice actions; /* which it calls, as one key */
	struct slice acts;    /* the same, with the targets */
};

struct draft {
	const struct normal *norm;
	struct actor *actors;
	size_t n_actors;
	struct counts countries, regions, accounts; /* of all that is normal */
	struct counts ids;
	/* Names that are in no normal cell. */
	struct counts strangers, foreign_targets;
	struct arena arena;
	struct buf *out;
};

/* What one rule is made of. */
struct rule {
	struct counts principals, actions, targets, countries;
	bool everywhere; /* some addresses have no country */
	int64_t duration;
	uint64_t n, days;
};

void
draft_quote(struct buf *out, struct slice s)
{
	struct buf plain = BUF_INIT;
	struct jsonw w;

	/* "${" would be filled in from the environment. */
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{')
			buf_addc(&plain, '$');
		buf_addc(&plain, s.p[i]);
	}
	jsonw_init(&w, out);
	jsonw_slice(&w, plain.p ? buf_slice(&plain) : SLICE_LIT(""));
	out->failed |= plain.failed;
	buf_release(&plain);
}

static void
add_name(struct counts *c, struct slice name)
{
	struct count *k = counts_of(c, name);

	if (k)
		k->n++;
}

/* ---- who does what --------------------------------------------------------------- */

static int
actor_cmp(const void *a, const void *b)
{
	const struct actor *x = a, *y = b;
	int c = (int)x->type - (int)y->type;

	if (c == 0)
		c = slice_cmp(x->family, y->family);
	if (c == 0)
		c = slice_cmp(x->actions, y->actions);
	if (c == 0)
		c = slice_cmp(x->acts, y->acts);
	return c ? c : slice_cmp(x->principal, y->principal);
}

/* Cells of one principal stand in the order of action and target. */
static int
set_acts(struct draft *d, struct actor *a)
{
	struct buf actions = BUF_INIT, acts = BUF_INIT;
	struct slice action = SLICE_NULL;

	for (size_t i = a->first; i < a->first + a->n; i++) {
		const struct cell *c = d->norm->v[i];
		bool self = slice_eq(c->r.target, a->principal);

		if (c->left != LEFT_NOT)
			continue;
		if (!slice_eq(action, c->r.action))
			pack_slice(&actions, c->r.action);
		action = c->r.action;
		pack_slice(&acts, action);
		pack_slice(&acts, self ? SLICE_LIT("=") : c->r.target);
	}
	a->actions = arena_slice(&d->arena, buf_slice(&actions));
	a->acts = arena_slice(&d->arena, buf_slice(&acts));
	buf_release(&actions);
	buf_release(&acts);
	return a->acts.p ? 0 : ST_ENOMEM;
}

static int
gather_actors(struct draft *d)
{
	const struct normal *n = d->norm;
	struct actor *a = NULL;
	int err = 0;

	d->actors = calloc(n->n + 1, sizeof(*d->actors));
	if (!d->actors)
		return ST_ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		const struct request *r = &n->v[i]->r;

		if (n->v[i]->left != LEFT_NOT)
			continue;
		if (!a || !slice_eq(a->principal, r->principal)) {
			a = &d->actors[d->n_actors++];
			a->principal = r->principal;
			a->family = normal_family(r->principal);
			a->type = r->principal_type;
			a->first = i;
		}
		a->n = i - a->first + 1;
	}
	for (size_t i = 0; err == 0 && i < d->n_actors; i++)
		err = set_acts(d, &d->actors[i]);
	if (err == 0 && d->n_actors)
		qsort(d->actors, d->n_actors, sizeof(*d->actors), actor_cmp);
	return err;
}

static void
gather_names(struct draft *d)
{
	struct counts known, targets;

	counts_init(&known, NAMES_MAX);
	counts_init(&targets, NAMES_MAX);
	for (size_t i = 0; i < d->norm->n; i++) {
		const struct cell *c = d->norm->v[i];

		if (c->left != LEFT_NOT)
			continue;
		add_name(&known, c->r.principal);
		add_name(&targets, c->r.target);
		if (c->r.source.place.country[0])
			add_name(&d->countries,
			    slice_str(c->r.source.place.country));
		if (c->r.cloud_region.p)
			add_name(&d->regions, c->r.cloud_region);
		if (c->r.account.p)
			add_name(&d->accounts, c->r.account);
		if (c->r.target_account.p)
			add_name(&d->accounts, c->r.target_account);
	}
	for (size_t i = 0; i < d->norm->n; i++) {
		const struct request *r = &d->norm->v[i]->r;

		if (!counts_look(&known, r->principal))
			add_name(&d->strangers, r->principal);
		if (!counts_look(&targets, r->target))
			add_name(&d->foreign_targets, r->target);
	}
	counts_release(&known);
	counts_release(&targets);
}

/* ---- names as patterns -------------------------------------------------------------- */

static size_t
same_head(struct slice a, struct slice b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static size_t
same_tail(struct slice a, struct slice b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	return n;
}

static struct slice
last_part(struct slice name)
{
	size_t n = normal_family(name).n;

	return slice_of(name.p + n, name.n - n);
}

/* The pattern that stands for all names, into `out`; false: there is none that
 * stands for no stranger. */
static bool
wildcard(
    const struct counts *names, const struct counts *strangers, struct buf *out)
{
	struct slice first = names->v[0]->name, part = last_part(first);
	size_t head = part.n, tail = part.n, least = part.n;

	for (size_t i = 1; i < names->n; i++) {
		struct slice other = last_part(names->v[i]->name);

		if (!slice_eq(
			normal_family(names->v[i]->name), normal_family(first)))
			return false;
		head = same_head(slice_of(part.p, head), other);
		tail = same_tail(slice_of(part.p + part.n - tail, tail), other);
		least = other.n < least ? other.n : least;
	}
	if (tail > least - head)
		tail = least - head;
	buf_add(out, first.p, first.n - part.n + head);
	buf_addc(out, '*');
	buf_add(out, first.p + first.n - tail, tail);
	for (size_t i = 0; i < strangers->n; i++)
		if (pattern_matches(buf_slice(out), strangers->v[i]->name))
			return false;
	return !out->failed;
}

static void
write_list(
    struct draft *d, const char *indent, const char *key, struct counts *names)
{
	bool flow = names->n <= FLOW_MAX;

	counts_by_name(names);
	buf_addf(d->out, "%s%s:%s", indent, key, flow ? " [" : "\n");
	for (size_t i = 0; i < names->n; i++) {
		struct slice s = names->v[i]->name;

		if (!flow)
			buf_addf(d->out, "%s  - ", indent);
		else if (i)
			buf_adds(d->out, ", ");
		draft_quote(d->out, s.p ? s : SLICE_LIT("-"));
		if (!flow)
			buf_addc(d->out, '\n');
	}
	if (flow)
		buf_adds(d->out, "]\n");
}

static void
write_names(struct draft *d, const char *key, struct counts *names,
    const struct counts *strangers)
{
	struct buf pattern = BUF_INIT;

	counts_by_name(names);
	if (names->n >= NORMAL_FAMILY_MIN &&
	    wildcard(names, strangers, &pattern)) {
		buf_addf(d->out, "    %s: [", key);
		draft_quote(d->out, buf_slice(&pattern));
		buf_addf(d->out, "]  # %zu were seen\n", names->n);
	} else {
		write_list(d, "    ", key, names);
	}
	d->out->failed |= pattern.failed;
	buf_release(&pattern);
}

/* ---- a rule --------------------------------------------------------------------------- */

static void
rule_init(struct rule *r)
{
	*r = (struct rule){ .duration = -1 };
	counts_init(&r->principals, NAMES_MAX);
	counts_init(&r->actions, NAMES_MAX);
	counts_init(&r->targets, NAMES_MAX);
	counts_init(&r->countries, NAMES_MAX);
}

static void
rule_release(struct rule *r)
{
	counts_release(&r->principals);
	counts_release(&r->actions);
	counts_release(&r->targets);
	counts_release(&r->countries);
}

static void
rule_take(struct rule *r, const struct cell *c)
{
	const char *country = c->r.source.place.country;

	add_name(&r->principals, c->r.principal);
	add_name(&r->actions, c->r.action);
	add_name(&r->targets, c->r.target);
	if (country[0])
		add_name(&r->countries, slice_str(country));
	else
		r->everywhere |= c->r.source.kind == SOURCE_IP;
	if (c->duration > r->duration)
		r->duration = c->duration;
	if (c->days > r->days)
		r->days = c->days;
	r->n += c->n;
}

static void
add_slug(struct buf *id, struct slice s)
{
	for (size_t i = 0; i < s.n && id->n < ID_MAX; i++) {
		char c = s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buf_addc(id, c);
		else if (id->n && id->p[id->n - 1] != '-')
			buf_addc(id, '-');
	}
}

/* "saml-okta-assumerolewithsaml", with a number where there is one already. */
static void
write_id(struct draft *d, const struct actor *a, const struct rule *r)
{
	struct slice family = a->family, last;
	struct buf id = BUF_INIT;
	struct count *k;

	if (family.n)
		family.n--;
	last = slice_after_last(slice_after_last(family, '/'), ':');
	buf_adds(&id, principal_type_name(a->type));
	/* "serviceAccount" and "user" of GCP's names say the type again. */
	if (last.n && slice_find(family, "/")) {
		buf_addc(&id, '-');
		add_slug(&id, last);
	}
	if (r->principals.n == 1) {
		buf_addc(&id, '-');
		add_slug(&id, last_part(a->principal));
	}
	if (id.n && id.p[id.n - 1] != '-')
		buf_addc(&id, '-');
	add_slug(&id, slice_after_last(r->actions.v[0]->name, ':'));
	k = counts_of(&d->ids, buf_slice(&id));
	if (k && k->n++)
		buf_addf(&id, "-%" PRIu64, k->n);
	buf_addf(d->out, "  - id: %.*s\n", SLICE_ARG(buf_slice(&id)));
	d->out->failed |= id.failed;
	buf_release(&id);
}

static void
write_duration(struct draft *d, int64_t seconds)
{
	static const int hours[] = { 1, 2, 4, 8, 12, 24, 36 };

	if (seconds < 0)
		return;
	for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++)
		if (seconds <= hours[i] * 3600) {
			buf_addf(d->out, "    max_duration: %dh\n", hours[i]);
			return;
		}
}

/* Only themselves: a list of targets would say it again. */
static bool
is_for_itself(const struct rule *r)
{
	for (size_t i = 0; i < r->targets.n; i++)
		if (!counts_look(&r->principals, r->targets.v[i]->name))
			return false;
	return r->principals.n == 1;
}

static void
write_rule(struct draft *d, const struct actor *a, struct rule *r)
{
	counts_by_name(&r->actions);
	write_id(d, a, r);
	buf_adds(d->out, "    owner: " DRAFT_OWNER "\n");
	buf_addf(d->out,
	    "    why: seen %" PRIu64 " times, on up to %" PRIu64 " of %" PRIu64
	    " days\n",
	    r->n, r->days, d->norm->span);
	write_names(d, "principals", &r->principals, &d->strangers);
	write_list(d, "    ", "actions", &r->actions);
	if (!is_for_itself(r))
		write_names(d, "targets", &r->targets, &d->foreign_targets);
	if (r->countries.n && !r->everywhere &&
	    r->countries.n < d->countries.n) {
		buf_adds(d->out, "    from:\n");
		write_list(d, "      ", "countries", &r->countries);
	}
	write_duration(d, r->duration);
}

/* Actors from..to-1 in one rule. */
static void
write_actors(struct draft *d, size_t from, size_t to)
{
	struct rule r;

	rule_init(&r);
	for (size_t i = from; i < to; i++) {
		const struct actor *a = &d->actors[i];

		for (size_t k = a->first; k < a->first + a->n; k++)
			if (d->norm->v[k]->left == LEFT_NOT)
				rule_take(&r, d->norm->v[k]);
	}
	write_rule(d, &d->actors[from], &r);
	rule_release(&r);
}

static bool
same_work(const struct actor *a, const struct actor *b)
{
	return a->type == b->type && slice_eq(a->family, b->family) &&
	    slice_eq(a->actions, b->actions);
}

static void
write_group(struct draft *d, size_t from, size_t to)
{
	size_t kinds = 1;

	for (size_t i = from + 1; i < to; i++)
		kinds += !slice_eq(d->actors[i].acts, d->actors[i - 1].acts);
	if (kinds > DRAFT_SPLIT_MAX) {
		write_actors(d, from, to);
		return;
	}
	for (size_t i = from, k; i < to; i = k) {
		for (k = i + 1;
		     k < to && slice_eq(d->actors[k].acts, d->actors[i].acts);)
			k++;
		write_actors(d, i, k);
	}
}

static void
write_rules(struct draft *d)
{
	if (d->n_actors)
		buf_adds(d->out, "rules:\n");
	for (size_t i = 0, k; i < d->n_actors; i = k) {
		for (k = i + 1; k < d->n_actors &&
		     same_work(&d->actors[i], &d->actors[k]);)
			k++;
		write_group(d, i, k);
	}
}

static void
write_approved(struct draft *d)
{
	if (!d->countries.n && !d->regions.n && !d->accounts.n)
		return;
	buf_adds(d->out, "approved:\n");
	if (d->regions.n)
		write_list(d, "  ", "cloud_regions", &d->regions);
	if (d->countries.n)
		write_list(d, "  ", "countries", &d->countries);
	if (d->accounts.n)
		write_list(d, "  ", "accounts", &d->accounts);
}

int
draft_write(const struct normal *n, struct buf *out)
{
	struct draft d = { .norm = n, .out = out };
	struct counts *all[] = { &d.countries, &d.regions, &d.accounts, &d.ids,
		&d.strangers, &d.foreign_targets };
	int err;

	arena_init(&d.arena, 4096);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		counts_init(all[i], NAMES_MAX);
	gather_names(&d);
	err = gather_actors(&d);
	if (err == 0) {
		buf_adds(out, "version: 1\n");
		write_approved(&d);
		buf_adds(out, "unlisted_principals: alert\n");
		write_rules(&d);
		err = out->failed ? ST_ENOMEM : 0;
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		counts_release(all[i]);
	arena_release(&d.arena);
	free(d.actors);
	return err;
}
