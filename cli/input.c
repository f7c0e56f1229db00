/*
 * input.c - files and directories become token requests, on some threads.
 *
 * Jobs are taken in order under one lock; what a job found is handed over
 * under the same lock, in pieces.  Opening, inflating, framing, sifting and
 * the look-up of places run in parallel.  See input.h for what makes ranges
 * of one file right.
 */
#include "config.h"

#include "cli/input.h"

#include "cli/walk.h"
#include "collector/frame.h"
#include "collector/recent.h"
#include "events/reject.h"
#include "lib/inflate.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE ((size_t)256 << 10)
#define HAND_OVER ((size_t)256 << 10) /* packed bytes */
#define NO_RANGE UINT32_MAX

/* What one job found and has not handed over yet. */
struct haul {
	struct buf requests;
	struct sift_counts counts;
	struct buf notes; /* lines, NUL behind each */
	unsigned n_notes;
	uint64_t bytes; /* read, as on disk */
	bool unreadable;
	bool clean; /* a range: it ended between two frames */
	bool ready;
};

struct file {
	char *path;
	uint64_t size;      /* of a regular file, 0 for others */
	unsigned n_ranges;  /* 0: one job */
	unsigned next;      /* range to be handed over next */
	bool broken;        /* a range was not clean: the rest is read again */
	bool unreadable;    /* counted as such already */
	struct haul *hauls; /* of the ranges, while they are worked at */
};

struct input {
	struct input_options o;
	struct input_calls calls;
	void *arg;
	struct file *sources;
	size_t n, cap;
	pthread_mutex_t lock;
	size_t job_source; /* the next job */
	unsigned job_range;
	struct sift_counts counts;
	uint64_t unreadable, bytes, total;
	uint64_t done; /* bytes read, those read again too: for progress */
	int err;       /* the first that ended the run */
	struct err why;
};

/* One thread, and the job in its hands. */
struct hand {
	struct input *in;
	struct sifter *sifter;
	struct inflate *inflate;
	char *buf;
	struct framer *framer;
	struct haul haul;
	const char *path;
	uint64_t file, base; /* file number; offset of the range */
	struct geo_cache *places;
	struct recent *recent;
	uint64_t segment; /* of the file, that `recent` remembers */
	bool range;       /* keep the haul until the range's turn */
};

struct input *
input_new(
    const struct input_options *o, const struct input_calls *calls, void *arg)
{
	struct input *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->o = *o;
	if (!in->o.range)
		in->o.range = INPUT_RANGE;
	in->calls = *calls;
	in->arg = arg;
	pthread_mutex_init(&in->lock, NULL);
	return in;
}

static void
haul_release(struct haul *h)
{
	buf_release(&h->requests);
	buf_release(&h->notes);
	memset(h, 0, sizeof(*h));
}

void
input_free(struct input *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->n; i++) {
		for (unsigned k = 0;
		     in->sources[i].hauls && k < in->sources[i].n_ranges; k++)
			haul_release(&in->sources[i].hauls[k]);
		free(in->sources[i].hauls);
		free(in->sources[i].path);
	}
	free(in->sources);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

const struct sift_counts *
input_counts(const struct input *in)
{
	return &in->counts;
}

uint64_t
input_unreadable(const struct input *in)
{
	return in->unreadable;
}

uint64_t
input_files(const struct input *in)
{
	return in->n;
}

uint64_t
input_bytes(const struct input *in)
{
	return in->bytes;
}

/* ---- which files ----------------------------------------------------------------- */

static int
add_file(void *arg, const char *path, uint64_t size)
{
	struct input *in = arg;
	struct file *s;

	if (in->n == in->cap) {
		size_t cap = in->cap ? in->cap * 2 : 64;

		if (cap > INPUT_FILES_MAX)
			return ST_ELIMIT;
		s = realloc(in->sources, cap * sizeof(*s));
		if (!s)
			return ST_ENOMEM;
		in->sources = s;
		in->cap = cap;
	}
	s = &in->sources[in->n];
	memset(s, 0, sizeof(*s));
	s->path = strdup(path);
	if (!s->path)
		return ST_ENOMEM;
	s->size = size;
	in->total += size;
	in->n++;
	return 0;
}

static void
add_unreadable(void *arg, const char *path, const char *why)
{
	struct input *in = arg;
	char line[1024];

	snprintf(line, sizeof(line), "%s: %s", path, why);
	in->calls.note(in->arg, line);
	in->unreadable++;
}

int
input_add(struct input *in, const char *path, struct err *e)
{
	int err = walk(path, add_file, add_unreadable, in);

	if (err == ST_ELIMIT)
		return err_set(e, err, "more than %d files", INPUT_FILES_MAX);
	return err < 0 ? err_set(e, err, "%s: %s", path, st_strerror(err)) : 0;
}

/* ---- what a job finds --------------------------------------------------------------- */

static void
note(struct hand *h, const char *line)
{
	struct haul *u = &h->haul;

	if (u->n_notes++ < INPUT_NOTES_MAX)
		buf_add(&u->notes, line, strlen(line) + 1);
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct hand *h = arg;
	const char *hint = NULL;
	char line[1024];

	(void)some;
	if (!reject_is_error(why))
		return;
	if (why == REJECT_TRUNCATED)
		hint = sift_truncation_hint(length);
	snprintf(line, sizeof(line), "%s: at byte %llu: %s%s%s", h->path,
	    (unsigned long long)(h->base + offset), reject_help(why),
	    hint ? "; it looks cut at " : "", hint ? hint : "");
	note(h, line);
	h->haul.unreadable = true;
}

/* Give what was found to the caller.  Under the lock. */
static void
hand_over(struct input *in, struct file *s, struct haul *u)
{
	const char *p = u->notes.p, *end = p + u->notes.n;

	if (u->requests.n && in->err == 0)
		in->err = in->calls.requests(
		    in->arg, buf_slice(&u->requests), &in->why);
	for (; p < end; p += strlen(p) + 1)
		in->calls.note(in->arg, p);
	sift_counts_add(&in->counts, &u->counts);
	in->bytes += u->bytes;
	if (u->unreadable && !s->unreadable) {
		s->unreadable = true;
		in->unreadable++;
	}
	buf_reset(&u->requests);
	buf_reset(&u->notes);
	memset(&u->counts, 0, sizeof(u->counts));
}

static void
give_out(struct hand *h, const struct request *r)
{
	struct input *in = h->in;

	request_pack(r, &h->haul.requests);
	if (h->range || h->haul.requests.n < HAND_OVER)
		return;
	pthread_mutex_lock(&in->lock);
	if (in->err == 0)
		in->err = in->calls.requests(
		    in->arg, buf_slice(&h->haul.requests), &in->why);
	pthread_mutex_unlock(&in->lock);
	buf_reset(&h->haul.requests);
}

static void
on_request(void *arg, struct request *r)
{
	struct hand *h = arg;

	r->input_file = h->file;
	r->input_offset += h->base;
	r->raw = SLICE_NULL;
	if (r->source.kind == SOURCE_IP)
		geo_cache_lookup(h->places, &r->source.addr, &r->source.place);
	give_out(h, r);
}

/* The ranges of a file begin where its offset is a multiple of their size, also
 * when it is read in one go. */
static void
on_use(void *arg, const struct use *u, uint64_t offset, uint32_t index)
{
	struct hand *h = arg;
	uint64_t segment = (h->base + offset) / h->in->o.range;
	struct use_room room;
	struct request r;

	if (segment != h->segment)
		recent_forget(h->recent);
	h->segment = segment;
	if (recent_has(h->recent, u))
		return;
	use_read(u, &room, &r);
	r.input_offset = offset;
	r.input_index = index;
	on_request(h, &r);
}

static void
on_frame(void *arg, const struct frame *f)
{
	struct hand *h = arg;

	sifter_frame(h->sifter, f->bytes, f->scan, f->offset);
}

static void
on_frame_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct hand *h = arg;

	sifter_reject(h->sifter, why, offset, some, length);
}

/* ---- reading ------------------------------------------------------------------------- */

static int
feed(void *arg, const char *p, size_t n)
{
	struct hand *h = arg;

	return framer_feed(h->framer, p, n);
}

static bool
stopped(struct input *in, uint64_t more)
{
	bool stop;

	pthread_mutex_lock(&in->lock);
	in->done += more;
	stop = in->err != 0;
	if (in->calls.progress)
		in->calls.progress(
		    in->arg, in->done, in->total, in->counts.received);
	pthread_mutex_unlock(&in->lock);
	return stop;
}

static void
failed(struct hand *h, const char *what)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s: %s", h->path, what);
	note(h, line);
	h->haul.unreadable = true;
}

/* What was read goes on: a range is plain, anything else may be compressed. */
static int
pass_on(struct hand *h, size_t n, struct err *e)
{
	h->haul.bytes += n;
	if (h->range)
		return framer_feed(h->framer, h->buf, n);
	return inflate_feed(h->inflate, h->buf, n, feed, h, e);
}

/* From fd up to `left` bytes into the framer; true where all went well. */
static bool
pump(struct hand *h, int fd, uint64_t left)
{
	struct err e = { .text = "cannot be cut into records" };
	ssize_t n = 0;
	int err = 0;

	while (err == 0 && left && !stopped(h->in, n > 0 ? (uint64_t)n : 0)) {
		n = read(
		    fd, h->buf, left < READ_SIZE ? (size_t)left : READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		left -= (uint64_t)n;
		err = pass_on(h, (size_t)n, &e);
	}
	if (n < 0)
		failed(h, strerror(errno));
	else if (err < 0)
		failed(h, e.text);
	return n >= 0 && err == 0;
}

/* A whole stream: the bytes may be compressed. */
static void
read_all(struct hand *h, int fd)
{
	struct err e;

	inflate_reset(h->inflate);
	if (pump(h, fd, UINT64_MAX) &&
	    inflate_finish(h->inflate, feed, h, &e) < 0)
		failed(h, e.text);
	framer_finish(h->framer);
}

static int
open_source(struct hand *h)
{
	int fd;

	if (strcmp(h->path, "-") == 0)
		return dup(STDIN_FILENO);
	fd = open(h->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		failed(h, strerror(errno));
	return fd;
}

/* ---- ranges ----------------------------------------------------------------------------- */

/* A large file that begins like JSON lines can be cut into ranges. */
static unsigned
ranges_of(const struct input *in, const struct file *s)
{
	char first;
	ssize_t n;
	int fd;

	if (in->o.threads < 2 || s->size < 2 * in->o.range)
		return 0;
	fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return 0;
	n = read(fd, &first, 1);
	close(fd);
	if (n != 1 || first != '{')
		return 0;
	return (unsigned)((s->size + in->o.range - 1) / in->o.range);
}

/* The first byte behind the first LF at or behind `from` - 1; 0 if there is
 * none before the file's end or within a range. */
static uint64_t
line_after(struct hand *h, int fd, uint64_t from)
{
	uint64_t at = from - 1;
	const char *lf;
	ssize_t n;

	while (at < from + h->in->o.range) {
		n = pread(fd, h->buf, READ_SIZE, (off_t)at);
		if (n <= 0)
			break;
		lf = memchr(h->buf, '\n', (size_t)n);
		if (lf)
			return at + (uint64_t)(lf - h->buf) + 1;
		at += (uint64_t)n;
	}
	return 0;
}

/* A range whose lines have no end near its own is not clean. */
static void
read_range(struct hand *h, int fd, const struct file *s, unsigned range)
{
	uint64_t size = h->in->o.range, start = range * size, end;
	bool last = range + 1 == s->n_ranges;

	if (range)
		start = line_after(h, fd, start);
	end = last ? s->size : line_after(h, fd, (range + 1) * size);
	h->base = start;
	if ((range && !start) || !end)
		return;
	h->haul.clean = true;
	if (start >= end)
		return;
	if (lseek(fd, (off_t)start, SEEK_SET) < 0) {
		failed(h, strerror(errno));
		return;
	}
	pump(h, fd, last ? UINT64_MAX : end - start);
	framer_look(h->framer);
	h->haul.clean = framer_held(h->framer) == 0;
	if (last)
		framer_finish(h->framer);
}

/* ---- jobs -------------------------------------------------------------------------------- */

static bool
begin(struct hand *h, const struct file *s, size_t number, uint64_t base)
{
	struct frame_limits limits = { h->in->o.max_record, 0 };

	h->path = s->path;
	h->file = number;
	h->base = base;
	h->segment = UINT64_MAX;
	memset(&h->haul.counts, 0, sizeof(h->haul.counts));
	h->haul.n_notes = 0;
	h->haul.unreadable = false;
	h->haul.bytes = 0;
	h->haul.clean = false;
	h->framer = framer_new(
	    FRAME_FILE, &limits, on_frame, on_frame_reject, h);
	if (!h->framer)
		failed(h, "out of memory");
	return h->framer != NULL;
}

static void
end(struct hand *h)
{
	char line[1024];

	framer_free(h->framer);
	h->framer = NULL;
	sifter_take_counts(h->sifter, &h->haul.counts);
	if (h->haul.n_notes > INPUT_NOTES_MAX) {
		snprintf(line, sizeof(line), "%s: and %u more of the kind",
		    h->path, h->haul.n_notes - INPUT_NOTES_MAX);
		buf_add(&h->haul.notes, line, strlen(line) + 1);
	}
}

/* From `base` to the end in one go. */
static void
do_whole(struct hand *h, size_t number, uint64_t base)
{
	struct file *s = &h->in->sources[number];
	int fd;

	h->range = false;
	if (!begin(h, s, number, base))
		return;
	fd = open_source(h);
	if (fd >= 0) {
		if (base && lseek(fd, (off_t)base, SEEK_SET) < 0)
			failed(h, strerror(errno));
		else
			read_all(h, fd);
		close(fd);
	}
	end(h);
	pthread_mutex_lock(&h->in->lock);
	hand_over(h->in, s, &h->haul);
	pthread_mutex_unlock(&h->in->lock);
}

/*
 * Hand over the ranges whose turn it is.  Returns the range from which the
 * file must be read again, or NO_RANGE.  Under the lock.
 */
static unsigned
settle(struct input *in, struct file *s)
{
	while (!s->broken && s->next < s->n_ranges && s->hauls[s->next].ready) {
		struct haul *u = &s->hauls[s->next];

		if (!u->clean && s->next + 1 < s->n_ranges) {
			s->broken = true;
			return s->next;
		}
		hand_over(in, s, u);
		haul_release(u);
		s->next++;
	}
	return NO_RANGE;
}

/* The haul of a range waits for its turn. */
static unsigned
put_down(struct hand *h, struct file *s, unsigned range)
{
	struct input *in = h->in;
	unsigned again = NO_RANGE;

	pthread_mutex_lock(&in->lock);
	if (!s->broken) {
		h->haul.ready = true;
		s->hauls[range] = h->haul;
		memset(&h->haul, 0, sizeof(h->haul));
		again = settle(in, s);
	}
	pthread_mutex_unlock(&in->lock);
	haul_release(&h->haul);
	return again;
}

/* The rest of a file that could be opened before, and now cannot. */
static void
lost(struct hand *h, struct file *s)
{
	failed(h, "its rest can no longer be read");
	pthread_mutex_lock(&h->in->lock);
	hand_over(h->in, s, &h->haul);
	pthread_mutex_unlock(&h->in->lock);
}

static void
do_range(struct hand *h, size_t number, unsigned range)
{
	struct file *s = &h->in->sources[number];
	unsigned again;
	uint64_t from = 0;
	int fd = -1;

	h->range = true;
	if (begin(h, s, number, 0)) {
		fd = open_source(h);
		if (fd >= 0)
			read_range(h, fd, s, range);
	}
	end(h);
	again = put_down(h, s, range);
	/* The range before it was clean: it has a beginning. */
	if (again != NO_RANGE && again && fd >= 0)
		from = line_after(h, fd, again * h->in->o.range);
	if (fd >= 0)
		close(fd);
	if (again == NO_RANGE)
		return;
	if (from || !again)
		do_whole(h, number, from);
	else
		lost(h, s);
}

/* The next job; false when there is none. */
static bool
take(struct input *in, size_t *number, unsigned *range)
{
	struct file *s;
	bool any = false;

	pthread_mutex_lock(&in->lock);
	if (in->err == 0 && in->job_source < in->n) {
		s = &in->sources[in->job_source];
		if (in->job_range == 0)
			s->n_ranges = ranges_of(in, s);
		if (s->n_ranges && !s->hauls)
			s->hauls = calloc(s->n_ranges, sizeof(*s->hauls));
		if (!s->hauls)
			s->n_ranges = 0;
		*number = in->job_source;
		*range = in->job_range++;
		any = true;
		if (in->job_range >= s->n_ranges || s->broken) {
			in->job_source++;
			in->job_range = 0;
		}
	}
	pthread_mutex_unlock(&in->lock);
	return any;
}

static void *
work(void *arg)
{
	struct hand *h = arg;
	size_t number;
	unsigned range;

	while (take(h->in, &number, &range)) {
		if (h->in->sources[number].n_ranges)
			do_range(h, number, range);
		else
			do_whole(h, number, 0);
	}
	return NULL;
}

/* ---- threads -------------------------------------------------------------------------------- */

static void
hand_release(struct hand *h)
{
	haul_release(&h->haul);
	sifter_free(h->sifter);
	inflate_free(h->inflate);
	free(h->buf);
	geo_cache_free(h->places);
	recent_free(h->recent);
}

static bool
hand_init(struct hand *h, struct input *in)
{
	struct sift_options o = { 0 };
	struct sift_calls calls = { .request = on_request,
		.use = in->o.uses ? on_use : NULL,
		.grant = in->o.uses ? on_request : NULL,
		.reject = on_reject };
	struct inflate_limits limits = { in->o.max_inflated, in->o.max_ratio };

	memset(h, 0, sizeof(*h));
	h->in = in;
	o.apis = in->o.apis;
	o.max_record = in->o.max_record;
	h->sifter = sifter_new(&o, &calls, h);
	h->inflate = inflate_new(&limits);
	h->buf = malloc(READ_SIZE);
	h->places = geo_cache_new(in->o.geo);
	h->recent = recent_new();
	return h->sifter && h->inflate && h->buf && h->places && h->recent;
}

int
input_run(struct input *in, struct err *e)
{
	pthread_t threads[INPUT_THREADS_MAX];
	struct hand hands[INPUT_THREADS_MAX];
	unsigned n = in->o.threads, ready = 0, started = 0;

	if (n > INPUT_THREADS_MAX)
		n = INPUT_THREADS_MAX;
	while (ready < n && hand_init(&hands[ready], in))
		ready++;
	if (ready < n) {
		hand_release(&hands[ready]);
		in->err = err_set(&in->why, ST_ENOMEM, "out of memory");
	}
	while (started + 1 < ready &&
	    pthread_create(
		&threads[started], NULL, work, &hands[started + 1]) == 0)
		started++;
	if (ready)
		work(&hands[0]);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < ready; i++)
		hand_release(&hands[i]);
	if (in->err < 0 && e)
		*e = in->why;
	return in->err;
}
