/*
 * output.c - one instance of a kind of output, on a loop.
 *
 * See output.h.  Which kinds there are, configure.ac says.  Answers about records that are not the output's are refused: a kind
 * may be somebody else's code.  On the loop's thread.
 */
#include "outputs/output.h"

#include "conf/config.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/when.h"
#include "outputs/settings.h"
#include "outputs/shared.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_BYTES 1024 /* of what an output logs */
#define SETTINGS_BYTES 1024

/* By enum output_type. */
static const struct stsentry_output *const kinds[] = {
#define OUTPUT_KIND(name) &output_##name,
	OUTPUT_KINDS(OUTPUT_KIND)
#undef OUTPUT_KIND
};

struct output {
	struct stsentry_host
	    host; /* first: the kind's functions give it back */
	const struct output_config *config;
	const struct stsentry_output *kind;
	struct stsentry_setup setup;
	struct arena arena; /* setup */
	struct output_place place;
	void *self; /* NULL: not open */
	size_t batch;
	double rate;
	/* what was sent last */
	const struct stsentry_record *records;
	size_t n, unanswered;
	bool *answered; /* [n] */
	size_t answered_size;
};

/* ---- the host ---- */

static struct output *
of(const struct stsentry_host *host)
{
	return (struct output *)(uintptr_t)host;
}

struct stsentry_watch {
	struct loop_io *io;
	void (*cb)(void *arg, unsigned events);
	void *arg;
};

/* The callback may free the watch. */
static void
on_readable(void *arg)
{
	struct stsentry_watch *w = arg;

	w->cb(w->arg, STSENTRY_READ);
}

static void
on_writable(void *arg)
{
	struct stsentry_watch *w = arg;

	w->cb(w->arg, STSENTRY_WRITE);
}

static int
host_watch_for(struct stsentry_watch *w, unsigned events)
{
	int err = 0;

	if (events & STSENTRY_READ)
		err = loop_io_enable(w->io);
	else
		loop_io_disable(w->io);
	if (err == 0)
		err = loop_io_on_writable(
		    w->io, events & STSENTRY_WRITE ? on_writable : NULL);
	return err < 0 ? -1 : 0;
}

static void
host_unwatch(struct stsentry_watch *w)
{
	if (!w)
		return;
	loop_io_free(w->io);
	free(w);
}

static struct stsentry_watch *
host_watch(const struct stsentry_host *host, int fd, unsigned events,
    void (*cb)(void *, unsigned), void *arg)
{
	struct stsentry_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->cb = cb;
	w->arg = arg;
	w->io = loop_io_new(of(host)->place.loop, fd, on_readable, w);
	if (!w->io || host_watch_for(w, events) < 0) {
		host_unwatch(w);
		return NULL;
	}
	return w;
}

struct stsentry_timer {
	struct loop_timer *timer;
};

static void
host_timer_free(struct stsentry_timer *t)
{
	if (!t)
		return;
	loop_timer_free(t->timer);
	free(t);
}

static struct stsentry_timer *
host_timer(const struct stsentry_host *host, void (*cb)(void *arg), void *arg)
{
	struct stsentry_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->timer = loop_timer_new(of(host)->place.loop, cb, arg);
	if (!t->timer) {
		host_timer_free(t);
		return NULL;
	}
	return t;
}

static void
host_timer_set(struct stsentry_timer *t, int64_t ms)
{
	if (ms < 0)
		loop_timer_stop(t->timer);
	else
		loop_timer_set(t->timer, ms);
}

static void host_log(const struct stsentry_host *host, int level,
    const char *format, ...) STSENTRY_PRINTF(3, 4);

static void
host_log(const struct stsentry_host *host, int level, const char *format, ...)
{
	const char *name = of(host)->config->name;
	char text[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	switch (level) {
	case STSENTRY_ERROR:
		log_errorx("output %s: %s", name, text);
		break;
	case STSENTRY_WARNING:
		log_warnx("output %s: %s", name, text);
		break;
	case STSENTRY_INFO:
		log_info("output %s: %s", name, text);
		break;
	default:
		log_debug("output %s: %s", name, text);
	}
}

static int64_t
host_now_ms(const struct stsentry_host *host)
{
	(void)host;
	return clock_ms();
}

static int64_t
host_time_ms(const struct stsentry_host *host)
{
	struct when now = when_now();

	(void)host;
	return now.sec * 1000 + now.nsec / 1000000;
}

static void
host_batch(const struct stsentry_host *host, size_t n)
{
	of(host)->batch = n > 0 ? n : 1;
}

static void
host_rate(const struct stsentry_host *host, double sends)
{
	of(host)->rate = sends > 0 ? sends : 0;
}

/* Are these n of what was sent last, and still without an answer? */
static bool
may_answer(const struct output *o, const struct stsentry_record *r, size_t n)
{
	size_t first;

	if (o->unanswered < n || r < o->records || r >= o->records + o->n)
		return false;
	first = (size_t)(r - o->records);
	if (n > o->n - first)
		return false;
	for (size_t i = 0; i < n; i++)
		if (o->answered[first + i])
			return false;
	return true;
}

static void
host_answer(const struct stsentry_host *host,
    const struct stsentry_record *records, size_t n,
    const struct stsentry_answer *answer)
{
	struct output *o = of(host);

	if (n == 0)
		return;
	if (!may_answer(o, records, n)) {
		log_errorx("output %s: answers what it was not asked; passed "
			   "over",
		    o->config->name);
		return;
	}
	memset(o->answered + (records - o->records), true, n);
	o->unanswered -= n;
	o->place.on_answer(o->place.arg, records, n, answer);
}

static const struct stsentry_host functions = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_host),
	.answer = host_answer,
	.batch = host_batch,
	.rate = host_rate,
	.watch = host_watch,
	.watch_for = host_watch_for,
	.unwatch = host_unwatch,
	.timer = host_timer,
	.timer_set = host_timer_set,
	.timer_free = host_timer_free,
	.log = host_log,
	.now_ms = host_now_ms,
	.time_ms = host_time_ms,
};

/* ---- a life ---- */

static int
find_kind(const struct output_config *c, const struct stsentry_output **result,
    struct err *e)
{
	struct err why = { .text = "" };

	if (c->type == OUTPUT_PLUGIN) {
		if (shared_load(c->path, result, &why) < 0)
			return ynode_err(
			    ynode_get(c->node, "path"), e, "%s", why.text);
		return 0;
	}
	/* A path with holes is many files. */
	if (c->type == OUTPUT_FILE && strpbrk(c->path, "{}"))
		*result = &output_tree;
	else
		*result = kinds[c->type];
	return 0;
}

/* What a kind says, with the output's name and place in the file. */
static int
told(const struct output *o, const struct stsentry_why *why, struct err *e)
{
	return ynode_err(o->config->node, e, "output %s: %s", o->config->name,
	    why->text[0] ? why->text : "it does not say why");
}

static int
prepare(struct output *o, const char *machine, struct err *e)
{
	const struct output_config *c = o->config;
	struct stsentry_why why = { .text = "" };
	int err = find_kind(c, &o->kind, e);

	if (err < 0)
		return err;
	o->setup.name = c->name;
	o->setup.machine = machine;
	o->setup.format = c->format ? c->format : "json";
	err = settings_fill(c, o->kind, &o->arena, &o->setup, e);
	if (err < 0)
		return err;
	return o->kind->check(&o->setup, &why) < 0 ? told(o, &why, e) : 0;
}

int
output_new(const struct output_config *c, const char *machine,
    struct output **result, struct err *e)
{
	struct output *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return err_set(e, ST_ENOMEM, "out of memory");
	arena_init(&o->arena, SETTINGS_BYTES);
	o->host = functions;
	o->config = c;
	o->batch = STSENTRY_BATCH;
	err = prepare(o, machine, e);
	if (err < 0) {
		output_free(o);
		return err;
	}
	*result = o;
	return 0;
}

int
output_open(struct output *o, const struct output_place *place, struct err *e)
{
	struct stsentry_why why = { .text = "" };

	o->place = *place;
	o->place.head = SLICE_NULL;
	o->setup.head_size = place->head.n;
	o->setup.head = arena_dup(&o->arena, place->head.p, place->head.n);
	if (!o->setup.head)
		return err_set(e, ST_ENOMEM, "out of memory");
	o->self = o->kind->open(&o->setup, &o->host, &why);
	return o->self ? 0 : told(o, &why, e);
}

void
output_free(struct output *o)
{
	if (!o)
		return;
	if (o->self)
		o->kind->close(o->self);
	arena_release(&o->arena);
	free(o->answered);
	free(o);
}

/* ---- records ---- */

static bool
forget_answers(struct output *o, size_t n)
{
	bool *more;

	if (n > o->answered_size) {
		more = realloc(o->answered, n * sizeof(*more));
		if (!more)
			return false;
		o->answered = more;
		o->answered_size = n;
	}
	memset(o->answered, false, n * sizeof(*o->answered));
	return true;
}

void
output_send(struct output *o, const struct stsentry_record *records, size_t n)
{
	const struct stsentry_answer later = { .verdict = STSENTRY_AGAIN,
		.why = "out of memory" };

	if (!forget_answers(o, n)) {
		o->place.on_answer(o->place.arg, records, n, &later);
		return;
	}
	o->records = records;
	o->n = o->unanswered = n;
	o->kind->send(o->self, records, n);
}

bool
output_is_idle(const struct output *o)
{
	return o->unanswered == 0;
}

size_t
output_batch(const struct output *o)
{
	return o->batch;
}

double
output_rate(const struct output *o)
{
	return o->rate;
}

int
output_flush(struct output *o, struct err *e)
{
	struct stsentry_why why = { .text = "" };

	if (o->kind->flush(o->self, &why) < 0)
		return err_set(e, ST_EIO, "%s", why.text);
	return 0;
}

int
output_reopen(struct output *o, struct err *e)
{
	struct stsentry_why why = { .text = "" };

	if (o->kind->reopen(o->self, &why) < 0)
		return err_set(e, ST_EIO, "%s", why.text);
	return 0;
}

bool
output_has_marks(const struct output *o)
{
	return o->kind->mark && o->kind->resume;
}

uint64_t
output_mark(struct output *o)
{
	return o->kind->mark(o->self);
}

int
output_resume(struct output *o, uint64_t position, struct err *e)
{
	struct stsentry_why why = { .text = "" };

	if (o->kind->resume(o->self, position, &why) < 0)
		return err_set(e, ST_EIO, "%s", why.text);
	return 0;
}
