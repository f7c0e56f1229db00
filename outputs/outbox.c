/*
 * outbox.c - what one output has yet to take: between two threads, and as rows
 * of the state.
 *
 * See outbox.h.  Knows neither how records are made nor how they are sent; its
 * rows are outbox_rows.c's.
 */
#include "outputs/outbox_i.h"

#include "lib/hash.h"
#include "lib/log.h"
#include "lib/map.h"
#include "lib/when.h"
#include "outputs/sent.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- chunks ---- */

void
outbox_chunk_free(struct chunk *c)
{
	buf_release(&c->text);
	buf_release(&c->records);
	buf_release(&c->places);
	free(c);
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
		outbox_chunk_free(shift(l));
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
	pack_uint(&c->text, OUTBOX_FORM);
	pack_int(&c->text, c->made_ms);
	if (!c->text.failed)
		return c;
	outbox_chunk_free(c);
	return NULL;
}

/* Of texts that each end with NUL; "" where there are no more, as in rows that
 * were written before there were more. */
static const char *
next_name(struct slice *names)
{
	const char *name = names->n > 0 ? names->p : "";
	size_t n = names->n > 0 ? strlen(name) + 1 : 0;

	*names = slice_of(names->p + n, names->n - n);
	return name;
}

/* The pointers, once the text does not move any more. */
bool
outbox_chunk_read(struct chunk *c)
{
	struct unpack u = unpack_of(buf_slice(&c->text));
	struct stsentry_record r;
	struct slice id, data;

	c->records.n = 0;
	if (unpack_uint(&u) != OUTBOX_FORM)
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
		r.id = next_name(&id);
		r.account = next_name(&id);
		r.provider = next_name(&id);
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
		outbox_append(&o->fresh, c);
	}
	if (buf_reserve(&c->text, size + OUTBOX_HEAD_BYTES) &&
	    buf_reserve(&c->records, sizeof(struct stsentry_record)) &&
	    buf_reserve(&c->places, 1))
		return c;
	c->text.failed = c->records.failed = c->places.failed = false;
	return NULL;
}

static void
add_name(struct buf *names, const char *name)
{
	if (name)
		buf_adds(names, name);
	buf_addc(names, '\0');
}

/* Null without memory. */
static struct slice
names_of(struct outbox *o, const struct stsentry_record *r)
{
	buf_reset(&o->names);
	add_name(&o->names, r->id);
	add_name(&o->names, r->account);
	add_name(&o->names, r->provider);
	return o->names.failed ? SLICE_NULL : buf_slice(&o->names);
}

static void
write_record(
    struct chunk *c, const struct stsentry_record *r, struct slice names)
{
	pack_uint(&c->text, r->revision);
	pack_uint(&c->text, r->severity);
	pack_uint(&c->text, r->flags);
	pack_int(&c->text, r->time_ms);
	pack_slice(&c->text, names);
	pack_slice(&c->text, slice_of(r->data, r->size));
	buf_add(&c->records, r, sizeof(*r));
	buf_addc(&c->places, WAITS);
	c->n++;
	c->left++;
}

void
outbox_note_fate(struct outbox *o, const struct stsentry_record *r,
    enum outbox_fate fate, bool dropped)
{
	size_t n = strlen(r->id);

	if (!o->o.lasts || !(r->flags & STSENTRY_FINDING) ||
	    (r->flags & STSENTRY_TEST) ||
	    o->told.n + n + OUTBOX_HEAD_BYTES > OUTBOX_TOLD_BYTES ||
	    !buf_reserve(&o->told, n + OUTBOX_HEAD_BYTES)) {
		o->told.failed = false;
		return;
	}
	pack_uint(&o->told, fate);
	pack_bool(&o->told, dropped);
	pack_uint(&o->told, r->revision);
	pack_slice(&o->told, slice_of(r->id, n));
}

struct buf
outbox_take_told(struct outbox *o)
{
	struct buf told;

	pthread_mutex_lock(&o->lock);
	told = o->told;
	o->told = (struct buf)BUF_INIT;
	pthread_mutex_unlock(&o->lock);
	return told;
}

bool
outbox_told_next(struct slice *rest, struct outbox_told *result)
{
	struct unpack u = unpack_of(*rest);

	if (rest->n == 0)
		return false;
	result->fate = (enum outbox_fate)unpack_at_most(&u, OUTBOX_DEAD);
	result->dropped = unpack_bool(&u);
	result->revision = (uint32_t)unpack_at_most(&u, UINT32_MAX);
	result->id = unpack_slice(&u);
	*rest = u.rest;
	return !u.failed;
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
miss(struct outbox *o, const struct stsentry_record *r, const char *why)
{
	o->added = true;
	pthread_mutex_lock(&o->lock);
	o->counts.made++;
	o->counts.dead++;
	o->counts.dropped++;
	if (r)
		outbox_note_fate(o, r, OUTBOX_DEAD, true);
	pthread_mutex_unlock(&o->lock);
	say_dropped(o, why);
}

void
outbox_add(struct outbox *o, const struct stsentry_record *r)
{
	struct slice names = r ? names_of(o, r) : SLICE_NULL;
	size_t id_n = r ? strlen(r->id) + 1 : 0;
	struct chunk *c;

	if (names.p && r->size > OUTBOX_RECORD_MAX - names.n) {
		miss(o, r, "too long");
		return;
	}
	c = names.p ? open_chunk(o, r->size + names.n) : NULL;
	if (!c) {
		miss(o, r, "out of memory");
		return;
	}
	write_record(c, r, names);
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

void
outbox_set_drop_oldest(struct outbox *o, bool drop_oldest)
{
	o->o.drop_oldest = drop_oldest;
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
void
outbox_gone(struct outbox *o, struct chunk *c, size_t i)
{
	const struct stsentry_record *r = outbox_record(c, i);

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
void
outbox_sweep(struct outbox *o)
{
	struct chunk *c;

	while (o->queue.first && o->queue.first->left == 0) {
		c = shift(&o->queue);
		if (o->o.lasts) {
			buf_release(&c->text);
			buf_release(&c->records);
			outbox_append(&o->finished, c);
		} else {
			outbox_chunk_free(c);
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
				outbox_note_fate(
				    o, outbox_record(c, i), OUTBOX_DEAD, true);
				outbox_gone(o, c, i);
				n++;
			}
	o->counts.dead += n;
	o->counts.dropped += n;
	o->settled += n > 0;
	outbox_sweep(o);
	return n;
}

/* ---- keeping ---- */

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
		(void)!outbox_chunk_read(c);
		outbox_append(&o->queue, c);
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
		outbox_chunk_free(shift(&o->finished));
	if (!o->o.lasts)
		o->saved = o->settled;
	o->kept = o->saved;
	o->answered_kept = o->answered_saved;
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

/* ---- taking ---- */

static bool
may_take(const struct chunk *c, size_t i, int64_t until)
{
	return c->places.p[i] == WAITS &&
	    (!(outbox_record(c, i)->flags & OUTBOX_LATER) ||
		c->made_ms <= until);
}

/* Locked.  False: the batch is full. */
static bool
take_from(struct outbox *o, struct chunk *c, struct stsentry_record *batch,
    size_t most, size_t *room, int64_t until)
{
	for (size_t i = c->begin; i < c->n; i++) {
		const struct stsentry_record *r = outbox_record(c, i);

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
			struct stsentry_record *r = outbox_record(c, i), *old;
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
			const struct stsentry_record *r = outbox_record(c, i);

			if (c->places.p[i] != WAITS ||
			    !(r->flags & OUTBOX_LATER))
				continue;
			if (map_get(newest, hash_slice(slice_str(r->id)),
				r->id) == r)
				continue;
			outbox_gone(o, c, i);
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
	outbox_sweep(o);
	return n;
}

/* Locked. */
static int64_t
oldest_later(const struct outbox *o)
{
	for (const struct chunk *c = o->queue.first; c; c = c->next)
		for (size_t i = c->begin; i < c->n; i++)
			if (c->places.p[i] == WAITS &&
			    (outbox_record(c, i)->flags & OUTBOX_LATER))
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

/* Before anybody acts on them.  Without the lock: a note is a system call. */
static void
note_answers(struct outbox *o)
{
	struct err e = { .text = "" };
	uint64_t times;
	int err = 0;

	for (size_t i = 0; i < o->n_taken && err == 0; i++) {
		const struct taken *t = &o->taken[i];

		if (o->fates[i] != OUTBOX_AGAIN)
			err = sent_note(o->sent, t->chunk->first + t->i,
			    outbox_record(t->chunk, t->i), o->fates[i], &e);
	}
	if (err < 0 && rarely(&o->unsure_said, clock_ms(), &times))
		log_warnx("output %s: %s; each batch waits for the state",
		    o->name, e.text);
	o->unsure = o->unsure || err < 0;
}

static uint64_t
unkept(struct outbox *o)
{
	uint64_t n;

	pthread_mutex_lock(&o->lock);
	n = o->answered - o->answered_kept;
	pthread_mutex_unlock(&o->lock);
	return n;
}

void
outbox_settle(struct outbox *o, const uint64_t *mark)
{
	bool news = mark != NULL;

	if (!mark && o->sent && unkept(o) + o->n_taken <= SENT_MAX)
		note_answers(o);
	else
		o->unsure = true;
	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < o->n_taken; i++) {
		struct chunk *c = o->taken[i].chunk;

		if (o->fates[i] == OUTBOX_AGAIN) {
			c->places.p[o->taken[i].i] = WAITS;
			continue;
		}
		news = true;
		o->answered++;
		outbox_note_fate(
		    o, outbox_record(c, o->taken[i].i), o->fates[i], false);
		outbox_gone(o, c, o->taken[i].i);
		o->counts.delivered += o->fates[i] == OUTBOX_DONE;
		o->counts.dead += o->fates[i] == OUTBOX_DEAD;
	}
	if (mark) {
		o->has_mark = true;
		o->mark = *mark;
	}
	if (news)
		outbox_sweep(o);
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

bool
outbox_may_take(struct outbox *o, size_t most)
{
	if (outbox_is_settled(o)) {
		o->unsure = false;
		return true;
	}
	return o->sent && !o->unsure && unkept(o) + most <= SENT_MAX;
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
	if (options->sent_file)
		o->sent_file = strdup(options->sent_file);
	if (o->name && (o->sent_file || !options->sent_file) &&
	    pthread_mutex_init(&o->lock, NULL) == 0)
		return o;
	free(o->name);
	free(o->sent_file);
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
	sent_close(o->sent);
	buf_release(&o->told);
	buf_release(&o->names);
	pthread_mutex_destroy(&o->lock);
	free(o->name);
	free(o->sent_file);
	free(o);
}
