/*
 * cadence.c - how often a source speaks, and that it has gone silent.
 *
 * See cadence.h.  Knows sources by name only; what is said of a silent one is
 * the caller's business.  Owned by the pipeline's thread.
 */
#include "detect/cadence.h"

#include "lib/hash.h"
#include "lib/map.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S ((int64_t)86400)

struct source {
	struct when first, last; /* heard; last: or resumed */
	uint64_t heard;
	/* The longest pause, in seconds, that ended on such a day. */
	int64_t day;
	int64_t longest[CADENCE_DAYS]; /* [0] is `day` */
	int64_t bound;
	bool told, dirty, is_new; /* is_new: not heard since it was made */
	size_t n;
	char name[];
};

struct cadence {
	struct map by_name;
	struct source **v;
	size_t n, cap, max;
	uint64_t unwatched;
};

/* ---- finding ---- */

static bool
same_name(const void *item, const void *key)
{
	const struct source *s = item;
	const struct slice *name = key;

	return s->n == name->n && memcmp(s->name, name->p, name->n) == 0;
}

static struct slice
as_name(struct slice s)
{
	if (s.n > CADENCE_NAME_MAX)
		s.n = CADENCE_NAME_MAX;
	return s;
}

static struct source *
find(const struct cadence *c, struct slice name)
{
	if (name.n == 0)
		return NULL;
	return map_get(&c->by_name, hash_slice(name), &name);
}

static bool
make_room(struct cadence *c)
{
	size_t cap = c->cap ? c->cap * 2 : 64;
	struct source **v;

	if (c->n < c->cap)
		return true;
	v = realloc(c->v, cap * sizeof(*v));
	if (!v)
		return false;
	c->v = v;
	c->cap = cap;
	return true;
}

static struct source *
add(struct cadence *c, struct slice name)
{
	struct source *s;

	if (name.n == 0 || c->n == c->max || !make_room(c))
		return NULL;
	s = calloc(1, sizeof(*s) + name.n);
	if (!s)
		return NULL;
	memcpy(s->name, name.p, name.n);
	s->n = name.n;
	s->is_new = true;
	if (!map_put(&c->by_name, hash_slice(name), s)) {
		free(s);
		return NULL;
	}
	c->v[c->n++] = s;
	return s;
}

static struct source *
need(struct cadence *c, struct slice name)
{
	struct source *s = find(c, as_name(name));

	return s ? s : add(c, as_name(name));
}

/* ---- what is learned ---- */

/* Days without a word count as days, too: theirs is the pause that ends them. */
static void
turn_to(struct source *s, int64_t day)
{
	while (s->day < day) {
		int64_t steps = day - s->day;

		if (steps >= CADENCE_DAYS) {
			memset(s->longest, 0, sizeof(s->longest));
			s->day = day;
			return;
		}
		memmove(s->longest + 1, s->longest,
		    (CADENCE_DAYS - 1) * sizeof(s->longest[0]));
		s->longest[0] = 0;
		s->day++;
	}
}

static int64_t
longest(const struct source *s)
{
	int64_t most = 0;

	for (int i = 0; i < CADENCE_DAYS; i++)
		if (s->longest[i] > most)
			most = s->longest[i];
	return most;
}

static void
learn_pause(struct source *s, struct when now)
{
	int64_t pause = now.sec - s->last.sec;

	turn_to(s, when_day(now));
	if (pause > s->longest[0])
		s->longest[0] = pause;
}

void
cadence_heard(struct cadence *c, struct slice source, struct when now)
{
	struct source *s = need(c, source);

	if (!s) {
		c->unwatched++;
		return;
	}
	if (s->is_new) {
		s->is_new = false;
		s->first = now;
		s->last = now;
		s->day = when_day(now);
	}
	/* A clock that was set back teaches nothing. */
	if (when_cmp(now, s->last) > 0)
		learn_pause(s, now);
	s->last = now;
	s->heard++;
	s->told = false;
	s->dirty = true;
}

void
cadence_bound(struct cadence *c, struct slice source, int64_t seconds)
{
	struct source *s = need(c, source);

	if (s)
		s->bound = seconds;
}

void
cadence_resume(struct cadence *c, struct when now)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->v[i]->is_new)
			c->v[i]->last = now;
}

/* ---- what is told ---- */

static bool
is_known(const struct source *s, struct when now)
{
	return s->heard >= CADENCE_LEARN_HEARD &&
	    now.sec - s->first.sec >= CADENCE_LEARN_S;
}

/* From how many seconds on it is silent; -1: never. */
static int64_t
patience(const struct source *s, struct when now)
{
	int64_t most;

	if (s->bound != 0)
		return s->bound > 0 ? s->bound : -1;
	if (!is_known(s, now))
		return -1;
	most = longest(s) * CADENCE_FACTOR;
	return most > CADENCE_FLOOR_S ? most : CADENCE_FLOOR_S;
}

static void
check(struct source *s, struct when now, cadence_cb *cb, void *arg)
{
	int64_t silent = now.sec - s->last.sec, bound = patience(s, now);
	const struct cadence_silence told = { slice_of(s->name, s->n), s->last,
		silent, longest(s) };

	if (s->is_new || s->told || bound < 0 || silent < bound)
		return;
	s->told = true;
	s->dirty = true;
	cb(arg, &told);
}

void
cadence_check(struct cadence *c, struct when now, cadence_cb *cb, void *arg)
{
	for (size_t i = 0; i < c->n; i++)
		check(c->v[i], now, cb, arg);
}

bool
cadence_is_silent(const struct cadence *c, struct slice source)
{
	const struct source *s = find(c, as_name(source));

	return s && s->told;
}

size_t
cadence_count(const struct cadence *c)
{
	return c->n;
}

uint64_t
cadence_unwatched(const struct cadence *c)
{
	return c->unwatched;
}

/* ---- what is kept ---- */

static int
save(struct source *s, struct buf *b, pack_row *row, void *arg)
{
	b->n = 0;
	pack_when(b, s->first);
	pack_when(b, s->last);
	pack_uint(b, s->heard);
	pack_int(b, s->day);
	for (int i = 0; i < CADENCE_DAYS; i++)
		pack_int(b, s->longest[i]);
	pack_bool(b, s->told);
	if (b->failed)
		return ST_ENOMEM;
	return row(arg, slice_of(s->name, s->n), slice_of(b->p, b->n));
}

int
cadence_save(struct cadence *c, pack_row *row, void *arg)
{
	struct buf b = BUF_INIT;
	int err = 0;

	for (size_t i = 0; i < c->n && err == 0; i++) {
		if (!c->v[i]->dirty)
			continue;
		err = save(c->v[i], &b, row, arg);
		c->v[i]->dirty = err < 0;
	}
	buf_release(&b);
	return err;
}

int
cadence_load(struct cadence *c, struct slice key, struct slice value)
{
	struct unpack u = unpack_of(value);
	struct source kept = { .is_new = false }, *s;

	kept.first = unpack_when(&u);
	kept.last = unpack_when(&u);
	kept.heard = unpack_uint(&u);
	kept.day = unpack_int(&u);
	for (int i = 0; i < CADENCE_DAYS; i++)
		kept.longest[i] = unpack_int(&u);
	kept.told = unpack_bool(&u);
	if (!unpack_is_whole(&u) || !kept.first.valid || !kept.last.valid ||
	    key.n == 0 || key.n > CADENCE_NAME_MAX)
		return ST_EFORMAT;
	for (int i = 0; i < CADENCE_DAYS; i++)
		if (kept.longest[i] < 0 || kept.longest[i] > INT32_MAX)
			return ST_EFORMAT;
	s = need(c, key);
	if (!s)
		return ST_ENOMEM;
	kept.n = s->n;
	kept.bound = s->bound;
	*s = kept;
	return 0;
}

/* ---- life ---- */

struct cadence *
cadence_new(size_t max_sources)
{
	struct cadence *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->by_name = (struct map)MAP_INIT(same_name);
	c->max = max_sources;
	return c;
}

void
cadence_free(struct cadence *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i]);
	map_release(&c->by_name);
	free(c->v);
	free(c);
}
