/*
 * told.c - of whom a finding told, so that a person can say it was all right.
 *
 * A table by the finding's id, bounded: the oldest are forgotten, and then
 * only time makes a habit of what they told.  Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include "lib/hash.h"

#include <stdlib.h>

struct told_of {
	uint64_t id_hash, number; /* numbers go up */
	struct told_of *newer;
	bool saved;
	uint64_t who_hash;
	struct slice id, who; /* they stand behind it */
};

struct told {
	struct map by_id;
	struct told_of *oldest, *newest;
	struct told_of *unsaved; /* it and all newer ones are */
	uint64_t last;
	size_t n;
	struct buf gone; /* numbers */
};

static bool
same_id(const void *item, const void *key)
{
	return slice_eq(
	    ((const struct told_of *)item)->id, *(const struct slice *)key);
}

static struct told_of *
find(const struct told *t, struct slice id)
{
	return map_get(&t->by_id, hash_stable(id.p, id.n), &id);
}

static void
forget_oldest(struct told *t)
{
	struct told_of *o = t->oldest;

	t->oldest = o->newer;
	if (!t->oldest)
		t->newest = NULL;
	if (t->unsaved == o)
		t->unsaved = o->newer;
	if (o->saved)
		buf_add(&t->gone, &o->number, sizeof(o->number));
	map_remove(&t->by_id, o->id_hash, o);
	t->n--;
	free(o);
}

static struct told_of *
told_of_new(struct slice id, uint64_t who_hash, struct slice who)
{
	struct told_of *o = calloc(1, sizeof(*o) + id.n + who.n + 1);
	char *text = (char *)(o + 1);

	if (!o)
		return NULL;
	o->id_hash = hash_stable(id.p, id.n);
	o->who_hash = who_hash;
	memcpy(text, id.p, id.n);
	o->id = slice_of(text, id.n);
	if (who.n > 0)
		memcpy(text + id.n, who.p, who.n);
	o->who = slice_of(text + id.n, who.n);
	return o;
}

static struct told_of *
add(struct told *t, uint64_t number, struct slice id, uint64_t who_hash,
    struct slice who)
{
	struct told_of *o = told_of_new(id, who_hash, who);

	if (!o || !map_put(&t->by_id, o->id_hash, o)) {
		free(o);
		return NULL;
	}
	o->number = t->last = number;
	if (t->newest)
		t->newest->newer = o;
	else
		t->oldest = o;
	t->newest = o;
	if (++t->n > TOLD_MAX)
		forget_oldest(t);
	return o;
}

int
told_add(struct told *t, struct slice id, uint64_t who_hash, struct slice who)
{
	struct told_of *o;

	if (find(t, id))
		return 0;
	if (who.n > TRAITS_TEXT_MAX)
		who.n = TRAITS_TEXT_MAX;
	o = add(t, t->last + 1, id, who_hash, who);
	if (!o)
		return ST_ENOMEM;
	if (!t->unsaved)
		t->unsaved = o;
	return 0;
}

int
told_find(const struct told *t, struct slice id, uint64_t *who_hash,
    struct slice *who)
{
	const struct told_of *o = find(t, id);

	if (!o)
		return ST_ENOENT;
	*who_hash = o->who_hash;
	*who = o->who;
	return 0;
}

/* ---- over a restart ------------------------------------------------------- */

static int
put_one(uint64_t number, const struct told_of *o, pack_row *put, void *arg)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	int err = ST_ENOMEM;

	pack_ordered(&key, number);
	if (o) {
		pack_slice(&value, o->id);
		pack_ordered(&value, o->who_hash);
		pack_slice(&value, o->who);
	}
	if (!key.failed && !value.failed)
		err = put(
		    arg, buf_slice(&key), o ? buf_slice(&value) : SLICE_NULL);
	buf_release(&key);
	buf_release(&value);
	return err;
}

int
told_save(struct told *t, pack_row *put, void *arg)
{
	uint64_t number;
	int err;

	while (t->gone.n >= sizeof(number)) {
		memcpy(&number, t->gone.p + t->gone.n - sizeof(number),
		    sizeof(number));
		err = put_one(number, NULL, put, arg);
		if (err < 0)
			return err;
		t->gone.n -= sizeof(number);
	}
	t->gone.failed = false;
	for (; t->unsaved; t->unsaved = t->unsaved->newer) {
		err = put_one(t->unsaved->number, t->unsaved, put, arg);
		if (err < 0)
			return err;
		t->unsaved->saved = true;
	}
	return 0;
}

int
told_load(struct told *t, struct slice key, struct slice value)
{
	struct unpack k = unpack_of(key), u = unpack_of(value);
	uint64_t number = unpack_ordered(&k);
	struct slice id = unpack_slice(&u);
	uint64_t who_hash = unpack_ordered(&u);
	struct slice who = unpack_slice(&u);
	struct told_of *o;

	if (!unpack_is_whole(&k) || !unpack_is_whole(&u) || !id.n ||
	    number <= t->last || number == UINT64_MAX || find(t, id) ||
	    who.n > TRAITS_TEXT_MAX)
		return ST_EFORMAT;
	o = add(t, number, id, who_hash, who);
	if (!o)
		return ST_ENOMEM;
	o->saved = true;
	return 0;
}

/* ---- life ------------------------------------------------------------------ */

struct told *
told_new(void)
{
	struct told *t = calloc(1, sizeof(*t));

	if (t)
		t->by_id = (struct map)MAP_INIT(same_id);
	return t;
}

void
told_free(struct told *t)
{
	if (!t)
		return;
	while (t->oldest)
		forget_oldest(t);
	map_release(&t->by_id);
	buf_release(&t->gone);
	free(t);
}
