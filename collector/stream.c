/*
 * stream.c - connections that bring records and are never answered.
 *
 * tcp, tls and unix inputs; see client.h.  The framer is made with the first
 * bytes and given back when nothing is held, so that an idle sender holds no
 * buffer.  Over TLS a connection has a deadline until its handshake is over.
 * Runs on the worker that owns the connection.
 */
#include "collector/client.h"

#include "collector/worker.h"
#include "lib/log.h"
#include "lib/tls.h"

#include <sys/ioctl.h>

/* At the end this much may still lie with a sender that has let go of it: the
 * most that Linux lets a socket hold for sending (tcp_wmem). */
#define UNSENT_MAX ((uint64_t)4 << 20)

/* So that one peer does not keep the others waiting. */
#define READS_MAX 4

/* A handshake is read while the queue is full, too: hardly more than its
 * messages may come with it. */
#define HANDSHAKE_BUFFER (TLS_SLACK + ((size_t)4 << 10))
_Static_assert(HANDSHAKE_BUFFER < WORKER_BUFFER, "a part of the buffer");

struct stream {
	struct framer *framer; /* NULL between frames */
	/* At the end: what was sent by then, at most, and is still to be read.
	 * A sender that goes on must not keep us from ending. */
	uint64_t left;
};

/* The intake is another one after a reload. */
static void
on_frame(void *arg, const struct frame *f)
{
	intake_frame(client_intake(arg), f);
}

static void
on_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	intake_reject(client_intake(arg), why, offset, some, length);
}

static bool
need_framer(struct client *cl, struct stream *s)
{
	const struct frame_limits limits = {
		.max_record = client_config(cl)->max_record,
	};

	if (!s->framer)
		s->framer = framer_new(
		    FRAME_STREAM, &limits, on_frame, on_reject, cl);
	return s->framer != NULL;
}

static void
drop_idle_framer(struct stream *s)
{
	if (s->framer && framer_held(s->framer) == 0) {
		framer_free(s->framer);
		s->framer = NULL;
	}
}

/* False where the bytes after these cannot be told apart any more. */
static bool
feed(struct client *cl, const char *p, size_t n)
{
	struct stream *s = client_own(cl);
	int err;

	if (n == 0)
		return true;
	if (!need_framer(cl, s))
		return false;
	client_begin(cl);
	err = framer_feed(s->framer, p, n);
	intake_end(client_intake(cl), NULL);
	return err == 0;
}

static void
say_failed(struct client *cl, const char *why)
{
	log_info("%s: closed, %s", conn_label(client_conn(cl)), why);
}

static enum conn_state
after_read(struct client *cl, enum wire_state state, const struct err *e)
{
	switch (state) {
	case WIRE_WAITS:
		return CONN_WAITS;
	case WIRE_MORE:
		return CONN_MORE;
	case WIRE_FAILED:
		say_failed(cl, e->text);
		return CONN_FAILED;
	default:
		return CONN_ENDED;
	}
}

/* What belongs to the handshake and to nothing behind it. */
static void
watch_handshake(struct client *cl, bool was_up)
{
	struct wire *w = conn_wire(client_conn(cl));
	char text[128];

	client_wants_write(cl, wire_wants_write(w));
	if (was_up || !wire_is_up(w))
		return;
	client_deadline(cl, 0);
	log_debug("%s: %s", conn_label(client_conn(cl)),
	    wire_describe(w, text, sizeof(text)));
}

static enum conn_state
read_once(struct client *cl, uint64_t *bytes)
{
	struct wire *w = conn_wire(client_conn(cl));
	bool was_up = wire_is_up(w);
	enum wire_state state;
	struct wire_io io;
	struct err e;
	size_t size;
	char *buf = client_buffer(cl, &size);

	if (!was_up)
		size = HANDSHAKE_BUFFER;
	state = wire_read(w, buf, size, &io, &e);
	*bytes += io.raw;
	if (wire_is_tls(w))
		watch_handshake(cl, was_up);
	if (!feed(cl, buf, io.n)) {
		say_failed(cl, "it cannot be read any further");
		return CONN_FAILED;
	}
	return after_read(cl, state, &e);
}

static enum conn_state
stream_readable(struct client *cl, uint64_t *bytes)
{
	struct stream *s = client_own(cl);
	enum conn_state state = CONN_MORE;
	uint64_t raw = 0;

	for (int i = 0; i < READS_MAX && state == CONN_MORE; i++) {
		state = read_once(cl, &raw);
		if (intake_is_full(client_intake(cl)))
			break;
	}
	*bytes += raw;
	drop_idle_framer(s);
	if (!client_is_draining(cl))
		return state;
	s->left -= raw < s->left ? raw : s->left;
	return s->left || state == CONN_FAILED ? state : CONN_ENDED;
}

/* What is sent from now on is not read any more. */
static enum conn_state
stream_drain(struct client *cl)
{
	struct stream *s = client_own(cl);
	int n = 0;

	if (ioctl(conn_fd(client_conn(cl)), FIONREAD, &n) < 0 || n < 0)
		n = 0;
	s->left = (uint64_t)n + UNSENT_MAX;
	return CONN_WAITS;
}

/* Only handshakes write, and only to peers that are slow to read. */
static enum conn_state
stream_writable(struct client *cl)
{
	struct wire *w = conn_wire(client_conn(cl));

	wire_flush(w);
	client_wants_write(cl, wire_wants_write(w));
	return CONN_WAITS;
}

static enum conn_state
stream_open(struct client *cl)
{
	if (!wire_is_up(conn_wire(client_conn(cl))))
		client_deadline(cl, client_config(cl)->header_timeout);
	return CONN_WAITS;
}

static enum conn_state
stream_late(struct client *cl)
{
	say_failed(cl, "its handshake takes too long");
	return CONN_FAILED;
}

/* Give out what stands before the end, or reject it as cut off. */
static void
stream_finish(struct client *cl)
{
	struct stream *s = client_own(cl);

	if (s->framer)
		framer_finish(s->framer);
	if (wire_is_tls(conn_wire(client_conn(cl))))
		wire_bye(conn_wire(client_conn(cl)));
}

static void
stream_release(struct client *cl)
{
	struct stream *s = client_own(cl);

	framer_free(s->framer);
	s->framer = NULL;
}

const struct client_kind stream_kind = {
	.name = "stream",
	.size = sizeof(struct stream),
	.open = stream_open,
	.readable = stream_readable,
	.writable = stream_writable,
	.late = stream_late,
	.drain = stream_drain,
	.finish = stream_finish,
	.release = stream_release,
};
