/*
 * grants.c - the first token after somebody was let ask for it.
 *
 * See grants.h.  Changes and those who make them are notes in a table by hash
 * each, in the order they were heard of.  Owned by the pipeline's thread.
 */
#include "detect/grants.h"

#include "events/arn.h"
#include "lib/buf.h"
#include "lib/hash.h"
#include "lib/map.h"

#include <stdlib.h>

#define DAY_S 86400
#define ASKERS_MAX 12                  /* names that one caller goes by */
#define SECONDS_MAX ((int64_t)1 << 40) /* of a time that is none of ours */
#define FORM 1                         /* of a row */
#define CENTER "identity-center:"

/* A change by what it gives, or somebody who makes changes. */
struct note {
	uint64_t hash;
	struct note *older, *newer;
	struct note *next_dirty, **dirty_at; /* dirty_at NULL: it is saved */
	int64_t sec;   /* of the change; of the maker's last */
	uint32_t days; /* a maker's, before that day */
	uint32_t n_who, n_action, n_event;
	char text[]; /* a change's maker, action and event id */
};

/* Keys of rows begin with it. */
enum shelf_kind { SHELF_CHANGES, SHELF_MAKERS, SHELF_COUNT };
static const char letters[SHELF_COUNT] = { 'g', 'm' };

struct shelf {
	struct map by_hash;
	struct note *oldest, *newest, *dirty;
	struct buf gone; /* hashes whose rows must go */
};

struct grants {
	struct grants_options o;
	struct grants_counts counts;
	struct shelf shelf[SHELF_COUNT];
	int64_t now; /* of events */
};

/* ---- names as keys ------------------------------------------------------ */

/* Parts with their lengths, so that no two lists give the same bytes. */
static uint64_t
hash_of(const char *kind, struct slice a, struct slice b)
{
	const struct slice parts[] = { slice_str(kind), a, b };
	uint64_t h[3];

	for (size_t i = 0; i < sizeof(h) / sizeof(h[0]); i++)
		h[i] = hash_stable(parts[i].p ? parts[i].p : "", parts[i].n);
	return hash_stable(h, sizeof(h));
}

/* The pool of identities that a name of Google's is in; absent: none. */
static struct slice
pool_of(struct slice name)
{
	static const char *const folders[] = { "/workloadIdentityPools/",
		"/workforcePools/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *at = slice_find(name, folders[i]);
		struct slice rest, pool;

		if (!at)
			continue;
		at += strlen(folders[i]);
		rest = slice_of(at, (size_t)(name.p + name.n - at));
		pool = slice_before(rest, '/');
		return pool.p ? pool : rest;
	}
	return SLICE_NULL;
}

/* A role or user by account and name, all else as it is. */
static uint64_t
name_key(struct slice name)
{
	struct slice account, role;
	struct arn a;

	if (!name.n)
		return 0;
	if (role_of_arn(name, &account, &role))
		return hash_of("role", account, role);
	if (arn_parse(name, &a) && slice_starts(a.resource, "user/"))
		return hash_of(
		    "user", a.account, slice_after_last(a.resource, '/'));
	/* A grant does not tell the store that a user is in. */
	if (slice_starts(name, CENTER))
		return hash_of("center",
		    slice_after_last(slice_after(name, ':'), '/'), SLICE_NULL);
	if (slice_starts(name, "principalSet://") && pool_of(name).n)
		return hash_of("pool", pool_of(name), SLICE_NULL);
	return hash_of("name", name, SLICE_NULL);
}

/* 0 stands for anybody, and for anything. */
static uint64_t
pair_key(uint64_t asker, uint64_t target)
{
	const uint64_t pair[2] = { asker, target };

	return hash_stable(pair, sizeof(pair));
}

/* Names that a request's caller goes by: its own, and that of the provider or
 * pool that vouches for it.  `provider/subject`, where either may hold "/". */
static size_t
askers_of(const struct request *r, uint64_t keys[ASKERS_MAX])
{
	const struct slice pools[] = { pool_of(r->principal),
		pool_of(r->target) };
	size_t n = 0;

	keys[n++] = 0;
	if (r->principal.n)
		keys[n++] = name_key(r->principal);
	for (size_t i = 0; i < 2; i++)
		if (pools[i].n)
			keys[n++] = hash_of("pool", pools[i], SLICE_NULL);
	if (r->principal_type != PT_SAML &&
	    r->principal_type != PT_WEB_IDENTITY)
		return n;
	for (size_t i = 0; i < r->principal.n && n < ASKERS_MAX; i++)
		if (r->principal.p[i] == '/')
			keys[n++] = name_key(slice_of(r->principal.p, i));
	return n;
}

/* ---- shelves ------------------------------------------------------------ */

static bool
same_hash(const void *item, const void *key)
{
	return ((const struct note *)item)->hash == *(const uint64_t *)key;
}

static struct note *
find(const struct shelf *s, uint64_t hash)
{
	return map_get(&s->by_hash, hash, &hash);
}

static void
touch(struct grants *g, struct shelf *s, struct note *n)
{
	if (n->dirty_at || !g->o.kept)
		return;
	n->next_dirty = s->dirty;
	n->dirty_at = &s->dirty;
	if (s->dirty)
		s->dirty->dirty_at = &n->next_dirty;
	s->dirty = n;
}

static void
unlist(struct shelf *s, struct note *n)
{
	*(n->older ? &n->older->newer : &s->oldest) = n->newer;
	*(n->newer ? &n->newer->older : &s->newest) = n->older;
}

static void
list_newest(struct shelf *s, struct note *n)
{
	n->newer = NULL;
	n->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = n;
	s->newest = n;
}

static void
clean(struct note *n)
{
	if (!n->dirty_at)
		return;
	*n->dirty_at = n->next_dirty;
	if (n->next_dirty)
		n->next_dirty->dirty_at = n->dirty_at;
	n->dirty_at = NULL;
}

/* Its row goes at the next save; without memory it goes when it is loaded. */
static void
drop(struct grants *g, struct shelf *s, struct note *n)
{
	map_remove(&s->by_hash, n->hash, n);
	unlist(s, n);
	clean(n);
	if (g->o.kept)
		buf_add(&s->gone, &n->hash, sizeof(n->hash));
	free(n);
}

/* What a note has to tell. */
struct told {
	struct slice who, action, event;
};

static struct told
told_by(const struct note *n)
{
	const char *action = n->text + n->n_who;

	return (struct told){ slice_of(n->text, n->n_who),
		slice_of(action, n->n_action),
		slice_of(action + n->n_action, n->n_event) };
}

static void
put_text(char *to, struct slice s)
{
	if (s.n)
		memcpy(to, s.p, s.n);
}

static struct note *
add(struct shelf *s, uint64_t hash, const struct told *t)
{
	struct note *n = calloc(
	    1, sizeof(*n) + t->who.n + t->action.n + t->event.n);

	if (!n)
		return NULL;
	n->hash = hash;
	n->n_who = (uint32_t)t->who.n;
	n->n_action = (uint32_t)t->action.n;
	n->n_event = (uint32_t)t->event.n;
	put_text(n->text, t->who);
	put_text(n->text + n->n_who, t->action);
	put_text(n->text + n->n_who + n->n_action, t->event);
	if (!map_put(&s->by_hash, hash, n)) {
		free(n);
		return NULL;
	}
	list_newest(s, n);
	return n;
}

static void
trim(struct grants *g, struct shelf *s, int64_t keep, uint64_t *evicted)
{
	while (s->oldest && s->oldest->sec < g->now - keep) {
		g->counts.expired += s == &g->shelf[SHELF_CHANGES];
		drop(g, s, s->oldest);
	}
	while (s->by_hash.n > g->o.max) {
		++*evicted;
		drop(g, s, s->oldest);
	}
}

/* ---- changes ------------------------------------------------------------ */

static struct slice
cut(struct slice s)
{
	return slice_of(s.p, s.n < GRANTS_NAME_MAX ? s.n : GRANTS_NAME_MAX);
}

/* On how many days before the one of `sec`. */
static int
note_maker(struct grants *g, const struct request *c)
{
	struct shelf *s = &g->shelf[SHELF_MAKERS];
	uint64_t hash = name_key(c->principal);
	struct note *n = find(s, hash);
	bool is_new = !n;

	if (!c->principal.n)
		return 0;
	if (is_new)
		n = add(s, hash, &(struct told){ .who = SLICE_NULL });
	if (!n)
		return ST_ENOMEM;
	if (!is_new && c->time.sec / DAY_S <= n->sec / DAY_S)
		return 0;
	n->days += !is_new;
	n->sec = c->time.sec;
	unlist(s, n);
	list_newest(s, n);
	touch(g, s, n);
	trim(
	    g, s, (int64_t)GRANTS_KEPT_DAYS * DAY_S, &g->counts.evicted_makers);
	return 0;
}

static int
note_change(struct grants *g, const struct request *c, uint64_t hash)
{
	const struct told told = { cut(c->principal), cut(c->action),
		cut(c->event_id) };
	struct shelf *s = &g->shelf[SHELF_CHANGES];
	struct note *n = find(s, hash);

	if (n && n->sec >= c->time.sec)
		return 0;
	if (n)
		drop(g, s, n);
	n = add(s, hash, &told);
	if (!n)
		return ST_ENOMEM;
	n->sec = c->time.sec;
	touch(g, s, n);
	g->counts.noted++;
	trim(g, s, g->o.window, &g->counts.evicted);
	return 0;
}

int
grants_note(struct grants *g, const struct request *c)
{
	uint64_t target = name_key(c->target);
	int err;

	if (!c->time.valid || g->o.window == 0)
		return 0;
	if (c->time.sec > g->now)
		g->now = c->time.sec;
	err = note_maker(g, c);
	if (c->n_delegation == 0 && target != 0 && err == 0)
		err = note_change(g, c, pair_key(0, target));
	for (unsigned i = 0; i < c->n_delegation && err == 0; i++)
		err = note_change(
		    g, c, pair_key(name_key(c->delegation[i]), target));
	g->counts.known = g->shelf[SHELF_CHANGES].by_hash.n;
	return err;
}

/* ---- requests ----------------------------------------------------------- */

static const struct note *
later(const struct grants *g, uint64_t hash, const struct request *r,
    const struct note *best)
{
	const struct note *n = find(&g->shelf[SHELF_CHANGES], hash);

	if (!n || n->sec > r->time.sec || r->time.sec - n->sec > g->o.window)
		return best;
	return !best || n->sec > best->sec ? n : best;
}

static bool
is_used_to(const struct grants *g, struct slice who)
{
	const struct note *n = find(&g->shelf[SHELF_MAKERS], name_key(who));

	return n && n->days >= GRANTS_USED_TO_DAYS;
}

bool
grants_before(
    struct grants *g, const struct request *r, struct grants_found *result)
{
	uint64_t askers[ASKERS_MAX], target;
	const struct note *n = NULL;
	struct told told;
	size_t n_askers;

	if (!g->shelf[SHELF_CHANGES].oldest || !r->time.valid)
		return false;
	target = name_key(r->target);
	n_askers = askers_of(r, askers);
	for (size_t i = 0; i < n_askers; i++) {
		if (askers[i] != 0)
			n = later(g, pair_key(askers[i], 0), r, n);
		if (target != 0)
			n = later(g, pair_key(askers[i], target), r, n);
	}
	if (!n)
		return false;
	told = told_by(n);
	result->who = told.who;
	result->action = told.action;
	result->event = told.event;
	g->counts.found++;
	result->age = r->time.sec - n->sec;
	result->used_to = is_used_to(g, result->who);
	return true;
}

const struct grants_counts *
grants_counts(const struct grants *g)
{
	return &g->counts;
}

/* ---- over a restart ----------------------------------------------------- */

static struct slice
key_of(struct buf *key, char letter, uint64_t hash)
{
	buf_reset(key);
	buf_addc(key, letter);
	pack_ordered(key, hash);
	return buf_slice(key);
}

struct save {
	pack_row *put;
	void *arg;
	char letter;
	struct buf key, row;
};

static int
save_gone(struct shelf *s, struct save *to)
{
	uint64_t hash;
	int err = 0;

	while (s->gone.n >= sizeof(hash) && err == 0) {
		memcpy(
		    &hash, s->gone.p + s->gone.n - sizeof(hash), sizeof(hash));
		err = to->put(
		    to->arg, key_of(&to->key, to->letter, hash), SLICE_NULL);
		if (err == 0)
			s->gone.n -= sizeof(hash);
	}
	s->gone.failed = false;
	return err;
}

static int
save_note(const struct note *n, struct save *to)
{
	const struct told told = told_by(n);

	buf_reset(&to->row);
	pack_uint(&to->row, FORM);
	pack_int(&to->row, n->sec);
	pack_uint(&to->row, n->days);
	pack_slice(&to->row, told.who);
	pack_slice(&to->row, told.action);
	pack_slice(&to->row, told.event);
	key_of(&to->key, to->letter, n->hash);
	if (to->row.failed || to->key.failed)
		return ST_ENOMEM;
	return to->put(to->arg, buf_slice(&to->key), buf_slice(&to->row));
}

/* What is gone first: it may be there anew. */
static int
save_shelf(struct shelf *s, struct save *to)
{
	int err = save_gone(s, to);

	while (s->dirty && err == 0) {
		struct note *n = s->dirty;

		err = save_note(n, to);
		if (err < 0)
			break;
		clean(n);
	}
	return err;
}

int
grants_save(struct grants *g, pack_row *put, void *arg)
{
	struct save to = { put, arg, 0, BUF_INIT, BUF_INIT };
	int err = 0;

	for (int i = 0; i < SHELF_COUNT && err == 0; i++) {
		to.letter = letters[i];
		err = save_shelf(&g->shelf[i], &to);
	}
	buf_release(&to.key);
	buf_release(&to.row);
	return err;
}

static struct shelf *
shelf_of_key(struct grants *g, struct slice key, uint64_t *hash)
{
	struct unpack u;

	for (int i = 0; key.n > 0 && i < SHELF_COUNT; i++) {
		if (key.p[0] != letters[i])
			continue;
		u = unpack_of(slice_of(key.p + 1, key.n - 1));
		*hash = unpack_ordered(&u);
		return unpack_is_whole(&u) ? &g->shelf[i] : NULL;
	}
	return NULL;
}

int
grants_load(struct grants *g, struct slice key, struct slice value)
{
	struct unpack u = unpack_of(value);
	uint64_t hash, days;
	struct shelf *s = shelf_of_key(g, key, &hash);
	struct told told;
	struct note *n;
	int64_t sec;

	if (!s || unpack_uint(&u) != FORM || find(s, hash))
		return ST_EFORMAT;
	sec = unpack_int(&u);
	days = unpack_at_most(&u, UINT32_MAX);
	told.who = unpack_slice(&u);
	told.action = unpack_slice(&u);
	told.event = unpack_slice(&u);
	if (!unpack_is_whole(&u) || sec > SECONDS_MAX || sec < -SECONDS_MAX ||
	    told.who.n > GRANTS_NAME_MAX || told.action.n > GRANTS_NAME_MAX ||
	    told.event.n > GRANTS_NAME_MAX)
		return ST_EFORMAT;
	n = add(s, hash, &told);
	if (!n)
		return ST_ENOMEM;
	n->sec = sec;
	n->days = (uint32_t)days;
	if (sec > g->now)
		g->now = sec;
	g->counts.known = g->shelf[SHELF_CHANGES].by_hash.n;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct note *x = *(struct note *const *)a;
	const struct note *y = *(struct note *const *)b;

	if (x->sec != y->sec)
		return x->sec < y->sec ? -1 : 1;
	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Rows came in the order of their keys. */
static int
order_by_time(struct shelf *s)
{
	size_t n = 0;
	struct note **all = calloc(s->by_hash.n + 1, sizeof(struct note *));

	if (!all)
		return ST_ENOMEM;
	for (struct note *i = s->oldest; i; i = i->newer)
		all[n++] = i;
	qsort(all, n, sizeof(struct note *), compare);
	s->oldest = s->newest = NULL;
	for (size_t i = 0; i < n; i++)
		list_newest(s, all[i]);
	free(all);
	return 0;
}

int
grants_loaded(struct grants *g)
{
	int err = order_by_time(&g->shelf[SHELF_CHANGES]);

	return err < 0 ? err : order_by_time(&g->shelf[SHELF_MAKERS]);
}

/* ---- life --------------------------------------------------------------- */

struct grants *
grants_new(const struct grants_options *o)
{
	struct grants *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->o = *o;
	if (g->o.max == 0)
		g->o.max = GRANTS_MAX;
	for (int i = 0; i < SHELF_COUNT; i++)
		g->shelf[i].by_hash = (struct map)MAP_INIT(same_hash);
	return g;
}

void
grants_set_window(struct grants *g, int64_t seconds)
{
	g->o.window = seconds;
}

void
grants_free(struct grants *g)
{
	if (!g)
		return;
	for (int i = 0; i < SHELF_COUNT; i++) {
		struct shelf *s = &g->shelf[i];

		while (s->oldest) {
			struct note *n = s->oldest;

			s->oldest = n->newer;
			free(n);
		}
		map_release(&s->by_hash);
		buf_release(&s->gone);
	}
	free(g);
}
