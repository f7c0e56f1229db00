/*
 * sorter.c - token requests in the order of time, however many there are.
 *
 * Packed requests lie behind one another in one buffer, with a small key each
 * that is sorted in their place.  A full buffer becomes a run in a file that
 * has no name; many runs become one.  sorter_add() may be called from any
 * thread, the rest from one.
 */
#include "config.h"

#include "cli/sorter.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SEEN_FIRST 4096
#define RUN_BUFFER ((size_t)64 << 10)

struct key {
	struct when time;
	uint64_t id;            /* its first bytes, in their order */
	uint32_t at, len;       /* of the packed request */
	uint32_t id_at, id_len; /* of its event_id */
	uint64_t file, offset;
	uint32_t index;
};

struct run {
	off_t start, end; /* what is left of it in the file */
};

/* Where a request was seen first. */
struct seen {
	uint64_t key[2];
	uint64_t offset;
	uint32_t file, index;
	bool used;
};

struct sorter {
	pthread_mutex_t lock;
	struct sorter_options o;
	struct buf packed;
	struct key *keys;
	size_t n, cap;
	int fd; /* -1: nothing was written yet */
	off_t written;
	struct run runs[SORTER_RUNS_MAX];
	size_t n_runs;
	struct seen *seen;
	size_t n_seen, cap_seen;
	uint64_t duplicates;
	uint64_t last_key[2]; /* given out last */
	struct when last_time;
	bool any;
};

struct sorter *
sorter_new(const struct sorter_options *o)
{
	struct sorter *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->o = *o;
	if (!s->o.memory)
		s->o.memory = SORTER_MEMORY;
	if (!s->o.tmpdir)
		s->o.tmpdir = getenv("TMPDIR");
	if (!s->o.tmpdir || !*s->o.tmpdir)
		s->o.tmpdir = "/tmp";
	s->fd = -1;
	return s;
}

void
sorter_free(struct sorter *s)
{
	if (!s)
		return;
	buf_release(&s->packed);
	free(s->keys);
	free(s->seen);
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

uint64_t
sorter_duplicates(const struct sorter *s)
{
	return s->duplicates;
}

size_t
sorter_runs(const struct sorter *s)
{
	return s->n_runs;
}

/* ---- duplicates -------------------------------------------------------------- */

static struct seen *
seen_slot(struct seen *table, size_t cap, const uint64_t key[2])
{
	size_t i = (size_t)key[0] & (cap - 1);

	while (table[i].used &&
	    (table[i].key[0] != key[0] || table[i].key[1] != key[1]))
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static bool
seen_grow(struct sorter *s)
{
	size_t cap = s->cap_seen ? s->cap_seen * 2 : SEEN_FIRST;
	struct seen *table = calloc(cap, sizeof(*table));

	if (!table)
		return false;
	for (size_t i = 0; i < s->cap_seen; i++)
		if (s->seen[i].used)
			*seen_slot(table, cap, s->seen[i].key) = s->seen[i];
	free(s->seen);
	s->seen = table;
	s->cap_seen = cap;
	return true;
}

static bool
earlier(const struct request *r, const struct seen *than)
{
	if (r->input_file != than->file)
		return r->input_file < than->file;
	if (r->input_offset != than->offset)
		return r->input_offset < than->offset;
	return r->input_index < than->index;
}

/* Remember where this key was seen first in the input. */
static void
remember(struct sorter *s, const struct request *r)
{
	struct seen *slot;

	if (s->n_seen * 4 >= s->cap_seen * 3 && s->n_seen < SORTER_SEEN_MAX &&
	    !seen_grow(s))
		return;
	slot = seen_slot(s->seen, s->cap_seen, r->duplicate_key);
	if (slot->used && !earlier(r, slot))
		return;
	if (!slot->used && s->n_seen >= SORTER_SEEN_MAX)
		return;
	s->n_seen += !slot->used;
	slot->key[0] = r->duplicate_key[0];
	slot->key[1] = r->duplicate_key[1];
	slot->offset = r->input_offset;
	slot->file = (uint32_t)r->input_file;
	slot->index = r->input_index;
	slot->used = true;
}

/* In sorted order: is this a copy of one that stands before it? */
static bool
is_duplicate(struct sorter *s, const struct request *r)
{
	const struct seen *slot = NULL;
	bool same = s->any && s->last_key[0] == r->duplicate_key[0] &&
	    s->last_key[1] == r->duplicate_key[1] &&
	    when_cmp(s->last_time, r->time) == 0;

	if (s->cap_seen)
		slot = seen_slot(s->seen, s->cap_seen, r->duplicate_key);
	if (slot && slot->used)
		same = slot->file != r->input_file ||
		    slot->offset != r->input_offset ||
		    slot->index != r->input_index;
	s->any = true;
	s->last_key[0] = r->duplicate_key[0];
	s->last_key[1] = r->duplicate_key[1];
	s->last_time = r->time;
	return same;
}

/* Most ids differ in these; shorter ones end in zeros, as they are sorted. */
static uint64_t
first_bytes(struct slice id)
{
	uint64_t first = 0;

	if (id.n > 0)
		memcpy(
		    &first, id.p, id.n < sizeof(first) ? id.n : sizeof(first));
	return be64toh(first);
}

/* ---- sorting in memory --------------------------------------------------------- */

static int
key_cmp(const void *pa, const void *pb, void *arg)
{
	const struct sorter *s = arg;
	const struct key *a = pa, *b = pb;
	int c = when_cmp(a->time, b->time);

	if (c == 0)
		c = (a->id > b->id) - (a->id < b->id);
	if (c == 0)
		c = slice_cmp(slice_of(s->packed.p + a->id_at, a->id_len),
		    slice_of(s->packed.p + b->id_at, b->id_len));
	if (c == 0)
		c = (a->file > b->file) - (a->file < b->file);
	if (c == 0)
		c = (a->offset > b->offset) - (a->offset < b->offset);
	if (c == 0)
		c = (a->index > b->index) - (a->index < b->index);
	return c;
}

static void
sort_keys(struct sorter *s)
{
	if (s->n)
		qsort_r(s->keys, s->n, sizeof(*s->keys), key_cmp, s);
}

/* ---- runs ------------------------------------------------------------------------ */

static int
open_file(struct sorter *s, struct err *e)
{
	char path[4096];

	s->fd = open(s->o.tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd >= 0)
		return 0;
	snprintf(path, sizeof(path), "%s/stsentry-sort-XXXXXX", s->o.tmpdir);
	s->fd = mkostemp(path, O_CLOEXEC);
	if (s->fd < 0)
		return err_sys(
		    e, "cannot make a file for sorting in %s", s->o.tmpdir);
	unlink(path);
	return 0;
}

static int
write_all(struct sorter *s, const struct buf *b, struct err *e)
{
	size_t at = 0;

	while (at < b->n) {
		ssize_t n = pwrite(s->fd, b->p + at, b->n - at, s->written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(
			    e, "cannot write a sorted run in %s", s->o.tmpdir);
		at += (size_t)n;
		s->written += n;
	}
	return 0;
}

/* Behind what is in `out`, which is written when it is large. */
static int
add_to_run(
    struct sorter *s, struct buf *out, struct slice packed, struct err *e)
{
	uint32_t len = (uint32_t)packed.n;
	int err = 0;

	buf_add(out, &len, sizeof(len));
	buf_add_slice(out, packed);
	if (out->failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (out->n >= RUN_BUFFER) {
		err = write_all(s, out, e);
		buf_reset(out);
	}
	return err;
}

static int condense(struct sorter *s, struct err *e);

/* What is in memory becomes a run. */
static int
spill(struct sorter *s, struct err *e)
{
	struct buf out = BUF_INIT;
	struct run *run;
	int err = 0;

	if (s->fd < 0)
		err = open_file(s, e);
	else if (s->n_runs == SORTER_RUNS_MAX)
		err = condense(s, e);
	if (err < 0)
		return err;
	run = &s->runs[s->n_runs];
	sort_keys(s);
	run->start = s->written;
	for (size_t i = 0; err == 0 && i < s->n; i++)
		err = add_to_run(s, &out,
		    slice_of(s->packed.p + s->keys[i].at, s->keys[i].len), e);
	if (err == 0)
		err = write_all(s, &out, e);
	run->end = s->written;
	s->n_runs += err == 0;
	s->n = 0;
	buf_reset(&s->packed);
	buf_release(&out);
	return err;
}

/* ---- adding ------------------------------------------------------------------------ */

static int
add_one(struct sorter *s, const struct request *r, size_t at, size_t len,
    struct err *e)
{
	struct key *k;

	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 1024;
		struct key *keys = realloc(s->keys, cap * sizeof(*keys));

		if (!keys)
			return err_set(e, ST_ENOMEM, "out of memory");
		s->keys = keys;
		s->cap = cap;
	}
	k = &s->keys[s->n++];
	k->time = r->time;
	k->at = (uint32_t)at;
	k->len = (uint32_t)len;
	k->id = first_bytes(r->event_id);
	k->id_at = (uint32_t)(r->event_id.p - s->packed.p);
	k->id_len = (uint32_t)r->event_id.n;
	k->file = r->input_file;
	k->offset = r->input_offset;
	k->index = r->input_index;
	if (!s->o.keep_duplicates && token_kind_name(r->kind))
		remember(s, r);
	return 0;
}

static int
add_locked(struct sorter *s, struct slice packed, struct err *e)
{
	size_t at = s->packed.n, took;
	struct request r;
	int err;

	if (s->n &&
	    s->packed.n + packed.n + s->n * sizeof(struct key) > s->o.memory) {
		err = spill(s, e);
		if (err < 0)
			return err;
		at = 0;
	}
	buf_add_slice(&s->packed, packed);
	if (s->packed.failed || s->packed.n > UINT32_MAX)
		return err_set(e, ST_ENOMEM, "out of memory");
	while (at < s->packed.n) {
		err = request_unpack(
		    slice_of(s->packed.p + at, s->packed.n - at), &r, &took);
		if (err == 0)
			err = add_one(s, &r, at, took, e);
		if (err < 0)
			return err;
		at += took;
	}
	return 0;
}

int
sorter_add(struct sorter *s, struct slice packed, struct err *e)
{
	int err;

	pthread_mutex_lock(&s->lock);
	err = add_locked(s, packed, e);
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* ---- merging ------------------------------------------------------------------------- */

/* One run being read: the request in hand points into `bytes`. */
struct reader {
	struct run run;
	struct buf bytes;
	size_t at;           /* in bytes: behind the request in hand */
	struct slice packed; /* of the request in hand, as it lies there */
	struct request r;
	bool done;
};

static int
refill(struct sorter *s, struct reader *d, struct err *e)
{
	ssize_t n;

	buf_consume(&d->bytes, d->at);
	d->at = 0;
	if (!buf_reserve(&d->bytes, RUN_BUFFER))
		return err_set(e, ST_ENOMEM, "out of memory");
	do
		n = pread(s->fd, d->bytes.p + d->bytes.n,
		    (size_t)(d->run.end - d->run.start) < RUN_BUFFER
			? (size_t)(d->run.end - d->run.start)
			: RUN_BUFFER,
		    d->run.start);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return err_sys(e, "cannot read a sorted run");
	d->bytes.n += (size_t)n;
	d->run.start += n;
	return 0;
}

/* The next request of a run into d->r. */
static int
advance(struct sorter *s, struct reader *d, struct err *e)
{
	uint32_t len;
	size_t took;
	int err;

	for (;;) {
		size_t have = d->bytes.n - d->at;

		if (have >= sizeof(len)) {
			memcpy(&len, d->bytes.p + d->at, sizeof(len));
			if (have - sizeof(len) >= len)
				break;
		}
		if (d->run.start == d->run.end) {
			d->done = true;
			return 0;
		}
		err = refill(s, d, e);
		if (err < 0)
			return err;
	}
	d->packed = slice_of(d->bytes.p + d->at + sizeof(len), len);
	err = request_unpack(d->packed, &d->r, &took);
	d->at += sizeof(len) + len;
	return err;
}

static int
give(struct sorter *s, const struct request *r, sorter_cb *cb, void *arg)
{
	if (!s->o.keep_duplicates && token_kind_name(r->kind) &&
	    is_duplicate(s, r)) {
		s->duplicates++;
		return 0;
	}
	return cb(arg, r);
}

static int
give_memory(struct sorter *s, sorter_cb *cb, void *arg)
{
	struct request r;
	size_t took;
	int err = 0;

	sort_keys(s);
	for (size_t i = 0; err == 0 && i < s->n; i++) {
		err = request_unpack(
		    slice_of(s->packed.p + s->keys[i].at, s->keys[i].len), &r,
		    &took);
		if (err == 0)
			err = give(s, &r, cb, arg);
	}
	return err;
}

/* The readers that have something, as a heap: the first comes before the two
 * at 2 i + 1 and 2 i + 2, and so on. */
struct heap {
	struct reader **at;
	size_t n;
};

static bool
comes_before(const struct reader *a, const struct reader *b)
{
	return request_cmp(&a->r, &b->r) < 0;
}

static void
sink(struct heap *h, size_t i)
{
	struct reader *moving = h->at[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < h->n &&
		    comes_before(h->at[child + 1], h->at[child]))
			child++;
		if (child >= h->n || !comes_before(h->at[child], moving))
			break;
		h->at[i] = h->at[child];
		i = child;
	}
	h->at[i] = moving;
}

/* The first has something new, or nothing more. */
static void
settle(struct heap *h)
{
	if (h->at[0]->done)
		h->at[0] = h->at[--h->n];
	if (h->n > 0)
		sink(h, 0);
}

typedef int merged_cb(void *arg, const struct reader *d);

static int
merge_readers(struct sorter *s, struct reader *readers, struct heap *h,
    merged_cb *cb, void *arg, struct err *e)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < s->n_runs; i++) {
		readers[i].run = s->runs[i];
		err = advance(s, &readers[i], e);
		if (!readers[i].done)
			h->at[h->n++] = &readers[i];
	}
	for (size_t i = h->n / 2; err == 0 && i-- > 0;)
		sink(h, i);
	while (err == 0 && h->n > 0) {
		err = cb(arg, h->at[0]);
		if (err == 0)
			err = advance(s, h->at[0], e);
		if (err == 0)
			settle(h);
	}
	return err;
}

/* All runs, in order. */
static int
merge(struct sorter *s, merged_cb *cb, void *arg, struct err *e)
{
	struct reader *readers = calloc(s->n_runs, sizeof(*readers));
	struct heap h = { calloc(s->n_runs, sizeof(*h.at)), 0 };
	int err;

	if (readers && h.at)
		err = merge_readers(s, readers, &h, cb, arg, e);
	else
		err = err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; readers && i < s->n_runs; i++)
		buf_release(&readers[i].bytes);
	free(readers);
	free(h.at);
	return err;
}

struct condensing {
	struct sorter *s;
	struct buf out;
	struct err *e;
};

static int
on_condensed(void *arg, const struct reader *d)
{
	struct condensing *c = arg;

	return add_to_run(c->s, &c->out, d->packed, c->e);
}

/* The runs become one, behind them; their place on the disk is given back
 * where the file system can do that. */
static int
condense(struct sorter *s, struct err *e)
{
	struct condensing c = { s, BUF_INIT, e };
	struct run one = { .start = s->written };
	int err = merge(s, on_condensed, &c, e);

	if (err == 0)
		err = write_all(s, &c.out, e);
	buf_release(&c.out);
	if (err < 0)
		return err;
	(void)fallocate(
	    s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, one.start);
	one.end = s->written;
	s->runs[0] = one;
	s->n_runs = 1;
	return 0;
}

struct giving {
	struct sorter *s;
	sorter_cb *cb;
	void *arg;
};

static int
on_merged(void *arg, const struct reader *d)
{
	struct giving *g = arg;

	return give(g->s, &d->r, g->cb, g->arg);
}

int
sorter_run(struct sorter *s, sorter_cb *cb, void *arg, struct err *e)
{
	struct giving g = { s, cb, arg };
	int err = 0;

	if (s->n_runs == 0)
		return give_memory(s, cb, arg);
	if (s->n)
		err = spill(s, e);
	buf_release(&s->packed);
	free(s->keys);
	s->keys = NULL;
	s->n = s->cap = 0;
	return err < 0 ? err : merge(s, on_merged, &g, e);
}
