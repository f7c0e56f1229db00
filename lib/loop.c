/*
 * loop.c - one thread's event loop, on libevent.
 *
 * See loop.h.  Bases are made without locks, because nobody but their thread
 * touches them; a bell is an eventfd.
 */
#include "lib/loop.h"

#include "lib/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct loop {
	struct event_base *base;
	loop_cb *turn;
	void *turn_arg;
	int64_t frozen; /* loop_set_now(); -1: the clock */
	bool stopped;
};

/* What io, timers, signals and bells have in common. */
struct watch {
	struct event ev;
	struct loop *loop;
	loop_cb *cb;
	void *arg;
};

struct loop_io {
	struct watch w;
	loop_cb *writable; /* or NULL */
	bool reads;
};
struct loop_timer {
	struct watch w;
};
struct loop_signal {
	struct watch w;
};
struct loop_bell {
	struct watch w;
	int fd;
};

struct loop *
loop_new(void)
{
	struct event_config *config = event_config_new();
	struct loop *l = calloc(1, sizeof(*l));

	if (!config || !l)
		goto fail;
	if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) < 0)
		goto fail;
	l->base = event_base_new_with_config(config);
	if (!l->base)
		goto fail;
	event_config_free(config);
	l->frozen = -1;
	return l;
fail:
	if (config)
		event_config_free(config);
	free(l);
	return NULL;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	event_base_free(l->base);
	free(l);
}

static int
turn(struct loop *l, int flags)
{
	int err = event_base_loop(l->base, flags);

	if (l->turn)
		l->turn(l->turn_arg);
	return err < 0 ? ST_EIO : 0;
}

int
loop_run(struct loop *l)
{
	int err = 0;

	while (!l->stopped && err == 0)
		err = turn(l, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
	return err;
}

int
loop_step(struct loop *l)
{
	return turn(l, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}

void
loop_on_turn(struct loop *l, loop_cb *cb, void *arg)
{
	l->turn = cb;
	l->turn_arg = arg;
}

int64_t
loop_now(const struct loop *l)
{
	return l->frozen >= 0 ? l->frozen : clock_ms();
}

void
loop_set_now(struct loop *l, int64_t ms)
{
	l->frozen = ms;
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	w->cb(w->arg);
}

/* Fill a watch that stands first in an object of its own. */
static int
watch_init(
    struct watch *w, struct loop *l, int fd, short what, loop_cb *cb, void *arg)
{
	w->loop = l;
	w->cb = cb;
	w->arg = arg;
	return event_assign(&w->ev, l->base, fd, what, on_event, w);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct loop_io *io = arg;

	(void)fd;
	/* One call only, for it may free the io; the other follows, as the
	 * descriptor stays ready. */
	if (io->writable && (what & EV_WRITE))
		io->writable(io->w.arg);
	else if (io->reads)
		io->w.cb(io->w.arg);
}

/* Watch for what is asked now. */
static int
io_apply(struct loop_io *io)
{
	short what = (short)((io->reads ? EV_READ : 0) |
	    (io->writable ? EV_WRITE : 0));
	int fd = event_get_fd(&io->w.ev);

	event_del(&io->w.ev);
	if (what == 0)
		return 0;
	if (event_assign(&io->w.ev, io->w.loop->base, fd,
		(short)(what | EV_PERSIST), on_io, io) < 0 ||
	    event_add(&io->w.ev, NULL) < 0)
		return ST_EIO;
	return 0;
}

struct loop_io *
loop_io_new(struct loop *l, int fd, loop_cb *cb, void *arg)
{
	struct loop_io *io = calloc(1, sizeof(*io));

	if (!io)
		return NULL;
	io->reads = true;
	io->w.loop = l;
	io->w.cb = cb;
	io->w.arg = arg;
	if (event_assign(
		&io->w.ev, l->base, fd, EV_READ | EV_PERSIST, on_io, io) < 0 ||
	    event_add(&io->w.ev, NULL) < 0) {
		free(io);
		return NULL;
	}
	return io;
}

int
loop_io_enable(struct loop_io *io)
{
	io->reads = true;
	return io_apply(io);
}

void
loop_io_disable(struct loop_io *io)
{
	io->reads = false;
	/* Watching for less does not fail. */
	if (io_apply(io) < 0)
		io->writable = NULL;
}

int
loop_io_on_writable(struct loop_io *io, loop_cb *cb)
{
	if (io->writable == cb)
		return 0;
	io->writable = cb;
	return io_apply(io);
}

void
loop_io_free(struct loop_io *io)
{
	if (!io)
		return;
	event_del(&io->w.ev);
	free(io);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_cb *cb, void *arg)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (t && watch_init(&t->w, l, -1, 0, cb, arg) < 0) {
		free(t);
		return NULL;
	}
	return t;
}

void
loop_timer_set(struct loop_timer *t, int64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	event_add(&t->w.ev, &tv);
}

void
loop_timer_stop(struct loop_timer *t)
{
	event_del(&t->w.ev);
}

bool
loop_timer_is_set(const struct loop_timer *t)
{
	return event_pending(&t->w.ev, EV_TIMEOUT, NULL) != 0;
}

void
loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	event_del(&t->w.ev);
	free(t);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_cb *cb, void *arg)
{
	struct loop_signal *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (watch_init(&s->w, l, signo, EV_SIGNAL | EV_PERSIST, cb, arg) < 0 ||
	    event_add(&s->w.ev, NULL) < 0) {
		free(s);
		return NULL;
	}
	return s;
}

void
loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	event_del(&s->w.ev);
	free(s);
}

static void
on_ring(evutil_socket_t fd, short what, void *arg)
{
	struct loop_bell *b = arg;
	uint64_t rings;

	(void)what;
	/* Read first: a ring during the callback must ring again. */
	if (read(fd, &rings, sizeof(rings)) == (ssize_t)sizeof(rings))
		b->w.cb(b->w.arg);
}

struct loop_bell *
loop_bell_new(struct loop *l, loop_cb *cb, void *arg)
{
	struct loop_bell *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->w.cb = cb;
	b->w.arg = arg;
	b->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (b->fd < 0)
		goto fail;
	if (event_assign(&b->w.ev, l->base, b->fd, EV_READ | EV_PERSIST,
		on_ring, b) < 0 ||
	    event_add(&b->w.ev, NULL) < 0)
		goto fail;
	return b;
fail:
	if (b->fd >= 0)
		close(b->fd);
	free(b);
	return NULL;
}

void
loop_wake(struct loop_bell *b)
{
	const uint64_t one = 1;

	/* EAGAIN: it rings already. */
	while (write(b->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
loop_bell_free(struct loop_bell *b)
{
	if (!b)
		return;
	event_del(&b->w.ev);
	close(b->fd);
	free(b);
}

struct event_base *
loop_native(struct loop *l)
{
	return l->base;
}

const char *
loop_library_version(void)
{
	return "libevent " LIBEVENT_VERSION;
}
