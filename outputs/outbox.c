/*
 * outbox.c - what one output has yet to take: between two threads, and as rows
 * of the state.
 *
 * See outbox.h.  Knows neither how records are made nor how they are sent.
 */
#include "outputs/outbox.h"

#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/log.h"
#include "lib/map.h"
#include "lib/when.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#define FORM 1    /* of both rows; what is newer is not read */
#define BOOKS 'b' /* sorts before chunks: what is done is known first */
#define CHUNK 'c'
#define ENTRY_BYTES 48 /* of a record's head in its row, about */

enum place { WAITS, TAKEN, GONE };

struct chunk {
	struct chunk *next;
	uint64_t first; /* the number of its first record */
	size_t n, left; /* records; those that are not gone */
	size_t begin;   /* all before it are gone */
	int64_t made_ms;
	struct buf text;    /* the row's value */
	struct buf records; /* struct stsentry_record[n] */
	struct buf places;  /* a byte each: enum place */
};

struct list {
	struct chunk *first, *last;
};

struct taken {
	struct chunk *chunk;
	size_t i;
};

struct outbox {
	struct outbox_options o;
	char *name;
	/* Who adds, alone. */
	struct list fresh; /* not given over yet */
	uint64_t next;     /* the number of the next record */
	struct rarely dropped_said;
	bool added; /* since the last save */
	struct buf key, row;
	struct buf partial; /* load: what of chunks is done already */
	/* Both. */
	pthread_mutex_t lock;
	struct list queue;    /* given over, something left */
	struct list finished; /* nothing left, but their rows are there */
	size_t to_drop;       /* of these, in the last save */
	uint64_t reach;       /* chunks that begin behind it are whole */
	size_t bytes;
	struct outbox_counts counts;
	bool unfolded; /* something came since the last outbox_fold() */
	bool has_mark;
	uint64_t mark;
	/* Numbers of settlements: the last, the last in a save, the last kept. */
	uint64_t settled, saved, kept;
	/* Who takes, alone. */
	struct taken taken[OUTBOX_TAKE_MAX];
	size_t n_taken;
	enum outbox_fate fates[OUTBOX_TAKE_MAX];
};

/* ---- chunks ---- */

static void
chunk_free(struct chunk *c)
{
	buf_release(&c->text);
	buf_release(&c->records);
	buf_release(&c->places);
	free(c);
}

static struct stsentry_record *
record_of(const struct chunk *c, size_t i)
{
	return (struct stsentry_record *)(void *)c->records.p + i;
}

static void
append(struct list *l, struct chunk *c)
{
	c->next = NULL;
	if (l->last)
		l->last->next = c;
	else
		l->first = c;
	l->last = c;
}

static struct chunk *
shift(struct list *l)
{
	struct chunk *c = l->first;

	l->first = c->next;
	if (!l->first)
		l->last = NULL;
	return c;
}

static void
list_free(struct list *l)
{
	while (l->first)
		chunk_free(shift(l));
}

static int64_t
now_ms(void)
{
	struct when now = when_now();

	return now.sec * 1000 + now.nsec / 1000000;
}

static struct chunk *
chunk_new(uint64_t first)
{
	struct chunk *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->first = first;
	c->made_ms = now_ms();
	pack_uint(&c->text, FORM);
	pack_int(&c->text, c->made_ms);
	if (!c->text.failed)
		return c;
	chunk_free(c);
	return NULL;
}

/* The pointers, once the text does not move any more. */
static bool
chunk_read(struct chunk *c)
{
	struct unpack u = unpack_of(buf_slice(&c->text));
	struct stsentry_record r;
	struct slice id, data;

	c->records.n = 0;
	if (unpack_uint(&u) != FORM)
		return false;
	c->made_ms = unpack_int(&u);
	for (c->n = 0; u.rest.n > 0 && !u.failed; c->n++) {
		memset(&r, 0, sizeof(r));
		r.revision = (uint32_t)unpack_at_most(&u, UINT32_MAX);
		r.severity = (uint32_t)unpack_at_most(&u, UINT32_MAX);
		r.flags = (uint32_t)unpack_at_most(&u, UINT32_MAX);
		r.time_ms = unpack_int(&u);
		id = unpack_slice(&u);
		data = unpack_slice(&u);
		if (u.failed || id.n == 0 || id.p[id.n - 1] != '\0')
			return false;
		r.id = id.p;
		r.data = data.p;
		r.size = data.n;
		buf_add(&c->records, &r, sizeof(r));
	}
	return !u.failed && !c->records.failed && c->n > 0;
}

/* ---- adding ---- */

/* A chunk with room for one more record of that size. */
static struct chunk *
open_chunk(struct outbox *o, size_t size)
{
	struct chunk *c = o->fresh.last;

	if (!c || c->n >= OUTBOX_CHUNK_RECORDS ||
	    c->text.n >= OUTBOX_CHUNK_BYTES) {
		c = chunk_new(o->next);
		if (!c)
			return NULL;
		append(&o->fresh, c);
	}
	if (buf_reserve(&c->text, size + ENTRY_BYTES) &&
	    buf_reserve(&c->records, sizeof(struct stsentry_record)) &&
	    buf_reserve(&c->places, 1))
		return c;
	c->text.failed = c->records.failed = c->places.failed = false;
	return NULL;
}

static void
write_record(struct chunk *c, const struct stsentry_record *r, size_t id_n)
{
	pack_uint(&c->text, r->revision);
	pack_uint(&c->text, r->severity);
	pack_uint(&c->text, r->flags);
	pack_int(&c->text, r->time_ms);
	pack_slice(&c->text, slice_of(r->id, id_n));
	pack_slice(&c->text, slice_of(r->data, r->size));
	buf_add(&c->records, r, sizeof(*r));
	buf_addc(&c->places, WAITS);
	c->n++;
	c->left++;
}

static void
say_dropped(struct outbox *o, const char *why)
{
	uint64_t n;

	if (rarely(&o->dropped_said, clock_ms(), &n))
		log_warnx("output %s: dropped %" PRIu64 " records, %s", o->name,
		    n, why);
}

/* A record that never comes to wait. */
static void
miss(struct outbox *o, const char *why)
{
	o->added = true;
	pthread_mutex_lock(&o->lock);
	o->counts.made++;
	o->counts.dead++;
	o->counts.dropped++;
	pthread_mutex_unlock(&o->lock);
	say_dropped(o, why);
}

void
outbox_add(struct outbox *o, const struct stsentry_record *r)
{
	size_t id_n = r ? strlen(r->id) + 1 : 0;
	struct chunk *c;

	if (r && r->size > OUTBOX_RECORD_MAX - id_n) {
		miss(o, "too long");
		return;
	}
	c = r ? open_chunk(o, r->size + id_n) : NULL;
	if (!c) {
		miss(o, "out of memory");
		return;
	}
	write_record(c, r, id_n);
	o->next++;
	o->added = true;
	pthread_mutex_lock(&o->lock);
	o->counts.made++;
	o->bytes += r->size + id_n;
	pthread_mutex_unlock(&o->lock);
}

/* ---- bounds ---- */

static int64_t
age_of(const struct outbox *o)
{
	const struct chunk *c = o->queue.first;

	return c ? now_ms() - c->made_ms : 0;
}

/* Locked. */
static bool
is_full(const struct outbox *o)
{
	return outbox_queued(&o->counts) >= o->o.records ||
	    o->bytes >= o->o.bytes ||
	    (o->o.age_ms > 0 && age_of(o) >= o->o.age_ms);
}

bool
outbox_is_over(struct outbox *o)
{
	bool over;

	if (o->o.drop_oldest)
		return false;
	pthread_mutex_lock(&o->lock);
	over = is_full(o);
	pthread_mutex_unlock(&o->lock);
	return over;
}

/* Locked.  One record less to be taken. */
static void
record_is_gone(struct outbox *o, struct chunk *c, size_t i)
{
	const struct stsentry_record *r = record_of(c, i);

	c->places.p[i] = GONE;
	c->left--;
	if (o->reach < c->first)
		o->reach = c->first;
	o->bytes -= r->size + strlen(r->id) + 1;
	while (c->begin < c->n && c->places.p[c->begin] == GONE)
		c->begin++;
}

/* Locked.  A chunk without a record left leaves the queue, once all before it
 * have. */
static void
sweep(struct outbox *o)
{
	struct chunk *c;

	while (o->queue.first && o->queue.first->left == 0) {
		c = shift(&o->queue);
		if (o->o.lasts) {
			buf_release(&c->text);
			buf_release(&c->records);
			append(&o->finished, c);
		} else {
			chunk_free(c);
		}
	}
}

/* Locked.  The oldest quarter, so that a stuck output does not drop with each
 * record that comes. */
static uint64_t
drop_oldest(struct outbox *o)
{
	uint64_t most = (outbox_queued(&o->counts) + 3) / 4, n = 0;

	for (struct chunk *c = o->queue.first; c && n < most; c = c->next)
		for (size_t i = c->begin; i < c->n && n < most; i++)
			if (c->places.p[i] == WAITS) {
				record_is_gone(o, c, i);
				n++;
			}
	o->counts.dead += n;
	o->counts.dropped += n;
	o->settled += n > 0;
	sweep(o);
	return n;
}

/* ---- rows ---- */

static struct slice
key_of(struct outbox *o, char kind, uint64_t first)
{
	buf_reset(&o->key);
	buf_adds(&o->key, o->name);
	buf_addc(&o->key, '\0');
	buf_addc(&o->key, kind);
	if (kind == CHUNK)
		pack_ordered(&o->key, first);
	return o->key.failed ? SLICE_NULL : buf_slice(&o->key);
}

struct slice
outbox_row_name(struct slice key)
{
	const char *end = memchr(key.p, '\0', key.n);

	return end ? slice_of(key.p, (size_t)(end - key.p)) : SLICE_NULL;
}

static void
pack_places(const struct chunk *c, struct buf *out)
{
	unsigned bits = 0;

	for (size_t i = 0; i < c->n; i++) {
		bits |= (unsigned)(c->places.p[i] == GONE) << (i % 8);
		if (i % 8 == 7 || i + 1 == c->n) {
			buf_addc(out, (char)bits);
			bits = 0;
		}
	}
}

/* Locked.  The next chunk of which a part is gone, from `c` on. */
static const struct chunk *
next_partial(const struct outbox *o, const struct chunk *c)
{
	while (c && c->first <= o->reach && c->left == c->n)
		c = c->next;
	return c && c->first <= o->reach ? c : NULL;
}

/* Locked. */
static void
pack_partial(const struct outbox *o, struct buf *out)
{
	const struct chunk *c;
	uint64_t n = 0;

	for (c = o->queue.first; (c = next_partial(o, c)); c = c->next)
		n++;
	pack_uint(out, n);
	for (c = o->queue.first; (c = next_partial(o, c)); c = c->next) {
		pack_uint(out, c->first);
		pack_uint(out, (c->n + 7) / 8);
		pack_places(c, out);
	}
}

/* Locked. */
static void
pack_books(const struct outbox *o, struct buf *out)
{
	buf_reset(out);
	pack_uint(out, FORM);
	pack_uint(out, o->counts.made);
	pack_uint(out, o->counts.delivered);
	pack_uint(out, o->counts.dead);
	pack_uint(out, o->counts.dropped);
	pack_uint(out, o->next);
	pack_bool(out, o->has_mark);
	pack_uint(out, o->mark);
	pack_partial(o, out);
}

static int
put_row(struct outbox *o, char kind, uint64_t first, struct slice value,
    pack_row *put, void *arg)
{
	struct slice key = key_of(o, kind, first);

	return key.p ? put(arg, key, value) : ST_ENOMEM;
}

/* Locked. */
static int
save_finished(struct outbox *o, pack_row *put, void *arg)
{
	size_t n = 0;
	int err = 0;

	for (struct chunk *c = o->finished.first; c && err == 0; c = c->next) {
		err = put_row(o, CHUNK, c->first, SLICE_NULL, put, arg);
		n++;
	}
	o->to_drop = n;
	return err;
}

static int
save_fresh(struct outbox *o, pack_row *put, void *arg)
{
	int err = 0;

	for (struct chunk *c = o->fresh.first; c && err == 0; c = c->next)
		err = put_row(
		    o, CHUNK, c->first, buf_slice(&c->text), put, arg);
	return err;
}

int
outbox_save(struct outbox *o, pack_row *put, void *arg)
{
	int err;

	if (!outbox_has_news(o))
		return 0;
	pthread_mutex_lock(&o->lock);
	pack_books(o, &o->row);
	o->saved = o->settled;
	err = save_finished(o, put, arg);
	pthread_mutex_unlock(&o->lock);
	if (err == 0)
		err = save_fresh(o, put, arg);
	if (err == 0)
		err = o->row.failed
		    ? ST_ENOMEM
		    : put_row(o, BOOKS, 0, buf_slice(&o->row), put, arg);
	return err;
}

bool
outbox_has_news(struct outbox *o)
{
	bool news;

	pthread_mutex_lock(&o->lock);
	news = o->added || o->kept != o->settled;
	pthread_mutex_unlock(&o->lock);
	return news;
}

/* Locked. */
static void
give_over(struct outbox *o)
{
	while (o->fresh.first) {
		struct chunk *c = shift(&o->fresh);

		/* What was packed here can be read; memory is there. */
		(void)!chunk_read(c);
		append(&o->queue, c);
		o->unfolded = true;
	}
}

void
outbox_kept(struct outbox *o)
{
	uint64_t dropped = 0;
	bool work;

	pthread_mutex_lock(&o->lock);
	work = o->fresh.first || o->kept != o->saved;
	give_over(o);
	for (; o->to_drop > 0; o->to_drop--)
		chunk_free(shift(&o->finished));
	if (!o->o.lasts)
		o->saved = o->settled;
	o->kept = o->saved;
	if (o->o.drop_oldest && is_full(o))
		dropped = drop_oldest(o);
	pthread_mutex_unlock(&o->lock);
	o->added = false;
	if (dropped > 0) {
		o->dropped_said.held += dropped - 1;
		say_dropped(o, "the oldest, queue full");
	}
	if (work)
		o->o.on_work(o->o.arg);
}

/* ---- loading ---- */

/* Up to where the rest of the row is another's business. */
static int
unpack_counts(struct unpack *u, struct outbox_counts *c)
{
	if (unpack_uint(u) != FORM)
		return ST_EFORMAT;
	c->made = unpack_uint(u);
	c->delivered = unpack_uint(u);
	c->dead = unpack_uint(u);
	c->dropped = unpack_uint(u);
	return u->failed || c->made < c->delivered ||
		c->made - c->delivered < c->dead
	    ? ST_EFORMAT
	    : 0;
}

bool
outbox_row_books(
    struct slice key, struct slice value, struct outbox_counts *result)
{
	struct slice name = outbox_row_name(key);
	struct unpack u = unpack_of(value);

	return name.p && key.n == name.n + 2 && key.p[name.n + 1] == BOOKS &&
	    unpack_counts(&u, result) == 0;
}

static int
load_books(struct outbox *o, struct slice value)
{
	struct unpack u = unpack_of(value);
	struct outbox_counts c;
	uint64_t next, mark;
	bool has_mark;

	if (unpack_counts(&u, &c) < 0)
		return ST_EFORMAT;
	next = unpack_uint(&u);
	has_mark = unpack_bool(&u);
	mark = unpack_uint(&u);
	if (u.failed)
		return ST_EFORMAT;
	o->counts = c;
	o->next = next;
	o->has_mark = has_mark;
	o->mark = mark;
	buf_reset(&o->partial);
	buf_add_slice(&o->partial, u.rest);
	return o->partial.failed ? ST_ENOMEM : 0;
}

/* What of this chunk was gone already. */
static void
apply_partial(struct outbox *o, struct chunk *c)
{
	struct unpack u = unpack_of(buf_slice(&o->partial));
	uint64_t n = unpack_uint(&u), first, size;

	for (; n > 0 && !u.failed; n--) {
		first = unpack_uint(&u);
		size = unpack_uint(&u);
		if (u.failed || size > u.rest.n)
			return;
		for (size_t i = 0; first == c->first && i < c->n; i++)
			if (i / 8 < size && (u.rest.p[i / 8] >> (i % 8) & 1))
				record_is_gone(o, c, i);
		u.rest = slice_of(u.rest.p + size, u.rest.n - size);
	}
}

static size_t
bytes_of(const struct chunk *c)
{
	size_t bytes = 0;

	for (size_t i = 0; i < c->n; i++)
		bytes += record_of(c, i)->size + strlen(record_of(c, i)->id) +
		    1;
	return bytes;
}

static int
load_chunk(struct outbox *o, uint64_t first, struct slice value)
{
	struct chunk *c = calloc(1, sizeof(*c));
	int err = ST_EFORMAT;

	if (!c)
		return ST_ENOMEM;
	c->first = first;
	buf_add_slice(&c->text, value);
	if (!c->text.failed && chunk_read(c)) {
		for (size_t i = 0; i < c->n; i++)
			buf_addc(&c->places, WAITS);
		err = c->places.failed ? ST_ENOMEM : 0;
	}
	if (err < 0) {
		chunk_free(c);
		return err;
	}
	c->left = c->n;
	o->bytes += bytes_of(c);
	apply_partial(o, c);
	append(&o->queue, c);
	o->unfolded = true;
	if (o->next < first + c->n)
		o->next = first + c->n;
	return 0;
}

int
outbox_load(struct outbox *o, struct slice key, struct slice value)
{
	size_t skip = strlen(o->name) + 1;
	struct unpack u;
	uint64_t first;

	if (key.n <= skip)
		return ST_EFORMAT;
	if (key.p[skip] == BOOKS && key.n == skip + 1)
		return load_books(o, value);
	u = unpack_of(slice_of(key.p + skip + 1, key.n - skip - 1));
	first = unpack_ordered(&u);
	if (key.p[skip] != CHUNK || !unpack_is_whole(&u))
		return ST_EFORMAT;
	return load_chunk(o, first, value);
}

void
outbox_loaded(struct outbox *o)
{
	uint64_t there = 0, told;

	buf_release(&o->partial);
	for (const struct chunk *c = o->queue.first; c; c = c->next)
		there += c->left;
	sweep(o);
	told = outbox_queued(&o->counts);
	if (there < told) {
		log_errorx("output %s: %" PRIu64
			   " records that it had yet to take are lost",
		    o->name, told - there);
		o->counts.dead += told - there;
		o->counts.dropped += told - there;
	} else {
		o->counts.made += there - told;
	}
}

bool
outbox_mark(struct outbox *o, uint64_t *mark)
{
	*mark = o->mark;
	return o->has_mark;
}

/* ---- taking ---- */

static bool
may_take(const struct chunk *c, size_t i, int64_t until)
{
	return c->places.p[i] == WAITS &&
	    (!(record_of(c, i)->flags & OUTBOX_LATER) || c->made_ms <= until);
}

/* Locked.  False: the batch is full. */
static bool
take_from(struct outbox *o, struct chunk *c, struct stsentry_record *batch,
    size_t most, size_t *room, int64_t until)
{
	for (size_t i = c->begin; i < c->n; i++) {
		const struct stsentry_record *r = record_of(c, i);

		if (!may_take(c, i, until))
			continue;
		if (o->n_taken == most || (o->n_taken > 0 && r->size > *room))
			return false;
		*room -= r->size < *room ? r->size : *room;
		c->places.p[i] = TAKEN;
		o->taken[o->n_taken] = (struct taken){ c, i };
		o->fates[o->n_taken] = OUTBOX_AGAIN;
		batch[o->n_taken] = *r;
		batch[o->n_taken++].flags &= ~OUTBOX_LATER;
	}
	return true;
}

size_t
outbox_take(struct outbox *o, struct stsentry_record *batch, size_t most,
    size_t bytes, int64_t until)
{
	if (most > OUTBOX_TAKE_MAX)
		most = OUTBOX_TAKE_MAX;
	pthread_mutex_lock(&o->lock);
	o->n_taken = 0;
	for (struct chunk *c = o->queue.first; c; c = c->next)
		if (!take_from(o, c, batch, most, &bytes, until))
			break;
	pthread_mutex_unlock(&o->lock);
	return o->n_taken;
}

/* ---- digests ---- */

static bool
same_id(const void *item, const void *key)
{
	const struct stsentry_record *r = item;

	return strcmp(r->id, key) == 0;
}

/* Locked.  The newest of each id that waits; false without memory. */
static bool
find_newest(const struct outbox *o, struct map *newest)
{
	for (struct chunk *c = o->queue.first; c; c = c->next)
		for (size_t i = c->begin; i < c->n; i++) {
			struct stsentry_record *r = record_of(c, i), *old;
			uint64_t hash = hash_slice(slice_str(r->id));

			if (c->places.p[i] == GONE)
				continue;
			old = map_get(newest, hash, r->id);
			if (old && old->revision >= r->revision)
				continue;
			if (old)
				map_remove(newest, hash, old);
			if (!map_put(newest, hash, r))
				return false;
		}
	return true;
}

/* Locked.  How many went. */
static size_t
drop_replaced(struct outbox *o, const struct map *newest)
{
	size_t n = 0;

	for (struct chunk *c = o->queue.first; c; c = c->next)
		for (size_t i = c->begin; i < c->n; i++) {
			const struct stsentry_record *r = record_of(c, i);

			if (c->places.p[i] != WAITS ||
			    !(r->flags & OUTBOX_LATER))
				continue;
			if (map_get(newest, hash_slice(slice_str(r->id)),
				r->id) == r)
				continue;
			record_is_gone(o, c, i);
			n++;
		}
	return n;
}

/* Locked. */
static size_t
fold(struct outbox *o)
{
	struct map newest = MAP_INIT(same_id);
	size_t n = 0;

	if (find_newest(o, &newest)) {
		n = drop_replaced(o, &newest);
		o->unfolded = false;
	}
	map_release(&newest);
	o->counts.delivered += n;
	o->settled += n > 0;
	if (!o->o.lasts)
		o->saved = o->kept = o->settled;
	sweep(o);
	return n;
}

/* Locked. */
static int64_t
oldest_later(const struct outbox *o)
{
	for (const struct chunk *c = o->queue.first; c; c = c->next)
		for (size_t i = c->begin; i < c->n; i++)
			if (c->places.p[i] == WAITS &&
			    (record_of(c, i)->flags & OUTBOX_LATER))
				return c->made_ms;
	return -1;
}

int64_t
outbox_fold(struct outbox *o)
{
	int64_t since;
	size_t n = 0;

	pthread_mutex_lock(&o->lock);
	if (o->unfolded)
		n = fold(o);
	since = oldest_later(o);
	pthread_mutex_unlock(&o->lock);
	if (n > 0)
		o->o.on_news(o->o.arg);
	return since;
}

/* ---- answers ---- */

void
outbox_answer(struct outbox *o, size_t i, enum outbox_fate fate)
{
	o->fates[i] = fate;
}

void
outbox_settle(struct outbox *o, const uint64_t *mark)
{
	bool news = mark != NULL;

	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < o->n_taken; i++) {
		struct chunk *c = o->taken[i].chunk;

		if (o->fates[i] == OUTBOX_AGAIN) {
			c->places.p[o->taken[i].i] = WAITS;
			continue;
		}
		news = true;
		record_is_gone(o, c, o->taken[i].i);
		o->counts.delivered += o->fates[i] == OUTBOX_DONE;
		o->counts.dead += o->fates[i] == OUTBOX_DEAD;
	}
	if (mark) {
		o->has_mark = true;
		o->mark = *mark;
	}
	if (news)
		sweep(o);
	o->n_taken = 0;
	o->settled += news;
	if (!o->o.lasts)
		o->saved = o->kept = o->settled;
	pthread_mutex_unlock(&o->lock);
	if (news)
		o->o.on_news(o->o.arg);
}

bool
outbox_is_settled(struct outbox *o)
{
	bool settled;

	pthread_mutex_lock(&o->lock);
	settled = o->kept == o->settled;
	pthread_mutex_unlock(&o->lock);
	return settled;
}

void
outbox_look(struct outbox *o, struct outbox_counts *result)
{
	pthread_mutex_lock(&o->lock);
	*result = o->counts;
	pthread_mutex_unlock(&o->lock);
}

/* ---- life ---- */

struct outbox *
outbox_new(const struct outbox_options *options)
{
	struct outbox *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->o = *options;
	o->name = strdup(options->name);
	if (o->name && pthread_mutex_init(&o->lock, NULL) == 0)
		return o;
	free(o->name);
	free(o);
	return NULL;
}

void
outbox_free(struct outbox *o)
{
	if (!o)
		return;
	list_free(&o->fresh);
	list_free(&o->queue);
	list_free(&o->finished);
	buf_release(&o->key);
	buf_release(&o->row);
	buf_release(&o->partial);
	pthread_mutex_destroy(&o->lock);
	free(o->name);
	free(o);
}
