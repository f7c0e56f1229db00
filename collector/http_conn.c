/*
 * http_conn.c - connections over which requests come and are answered.
 *
 * http inputs, plain and over TLS; see client.h.  One request after the other:
 * its head, its body, then its records are handed over, and when they are kept
 * it is answered.  What comes behind a request meanwhile waits unread.  Between
 * two requests a connection holds no memory but its own few words.
 *
 * Knows bytes, steps and time; what a request is and what it gets is the
 * business of http_exchange.c.  Runs on the worker that owns the connection.
 */
#include "collector/client.h"

#include "collector/http_exchange.h"
#include "lib/log.h"

#include <stdlib.h>

/* So that one peer does not keep the others waiting. */
#define READS_MAX 4
/* How long a whole body waits for room in the queue. */
#define ROOM_MS 2000
/* How long its sender waits until it is kept. */
#define KEPT_MS 30000
/* How long an answer waits for its sender to read it. */
#define REPLY_MS 10000
/* How long, after the last answer, the peer's close is waited for: closing
 * while it still sends could destroy what it has not read. */
#define LINGER_MS 2000

/* Where a connection stands; each has a function in steps[]. */
enum step {
	STEP_HEAD,   /* of the next request */
	STEP_BODY,   /* of this one */
	STEP_ROOM,   /* its records wait for the queue */
	STEP_KEPT,   /* its records wait for their transaction */
	STEP_REPLY,  /* its answer is written */
	STEP_LINGER, /* nothing more is read from it */
	STEP_OVER,
};

struct http {
	enum step step;
	bool ended; /* the peer sends nothing more */
	bool timed; /* the head's deadline is set */
	struct http_exchange *x;
	struct buf in; /* what came and is not understood yet */
	size_t looked; /* of it; the head does not end there */
	struct buf out;
	size_t out_at; /* written of it */
};

/* ---- answering ---- */

static void
forget_exchange(struct client *cl)
{
	struct http *h = client_own(cl);

	http_exchange_free(h->x, client_desk(cl));
	h->x = NULL;
}

/* From here on nothing is understood of what it sends. */
static bool
linger(struct client *cl)
{
	struct http *h = client_own(cl);

	forget_exchange(cl);
	wire_bye(conn_wire(client_conn(cl)));
	client_wants_write(cl, false);
	client_wants_read(cl, true);
	client_deadline(cl, LINGER_MS);
	h->step = h->ended ? STEP_OVER : STEP_LINGER;
	return false;
}

static bool
fail(struct client *cl)
{
	struct http *h = client_own(cl);

	h->step = STEP_OVER;
	return false;
}

static void
next_request(struct client *cl)
{
	struct http *h = client_own(cl);

	forget_exchange(cl);
	client_wants_write(cl, false);
	client_wants_read(cl, true);
	client_deadline(cl, 0);
	h->timed = false;
	h->looked = 0;
	h->step = STEP_HEAD;
}

/* True once all of it is with the kernel, or with TLS. */
static bool
write_out(struct client *cl, bool *gone)
{
	struct wire *w = conn_wire(client_conn(cl));
	struct http *h = client_own(cl);
	ssize_t n = 1;

	wire_flush(w);
	while (h->out_at < h->out.n && n > 0) {
		n = wire_write(w, h->out.p + h->out_at, h->out.n - h->out_at);
		if (n > 0)
			h->out_at += (size_t)n;
	}
	*gone = n < 0;
	if (h->out_at < h->out.n)
		return false;
	buf_release(&h->out);
	h->out_at = 0;
	return !wire_wants_write(w);
}

static bool
step_reply(struct client *cl, const char **p, const char *end)
{
	struct http *h = client_own(cl);
	bool gone;

	(void)p;
	(void)end;
	if (!write_out(cl, &gone)) {
		client_wants_write(cl, true);
		return gone ? fail(cl) : false;
	}
	if (h->x->closes)
		return linger(cl);
	next_request(cl);
	return true;
}

/* The request ends so; true: go on with the answer. */
static bool
answer(struct client *cl, enum http_why why)
{
	struct http *h = client_own(cl);

	/* Without all of the request what follows cannot be understood; nor
	 * does a daemon that ends wait for more. */
	if (!http_body_is_whole(&h->x->body) || client_is_draining(cl))
		h->x->closes = true;
	http_exchange_answer(h->x, client_desk(cl), why, &h->out);
	if (h->out.failed)
		return fail(cl);
	client_wait_for_room(cl, false);
	client_deadline(cl, REPLY_MS);
	h->step = STEP_REPLY;
	return true;
}

/* ---- the head ---- */

static bool
begin_exchange(struct client *cl, struct slice bytes)
{
	struct http *h = client_own(cl);
	struct http_head head;
	enum http_why why;
	int status;

	h->x = http_exchange_new();
	if (!h->x)
		return fail(cl);
	status = http_head_parse(bytes, &head);
	why = status ? http_why_of_status(status)
		     : http_exchange_admit(h->x, client_desk(cl), &head,
			   conn_label(client_conn(cl)));
	if (why != HTTP_WHY_DONE)
		return answer(cl, why);
	client_deadline(cl, client_config(cl)->body_timeout);
	h->step = STEP_BODY;
	return true;
}

/* More bytes are needed. */
static bool
await_head(struct client *cl, size_t have)
{
	struct http *h = client_own(cl);

	h->looked = have;
	if (have > 0 && !h->timed)
		client_deadline(cl, client_config(cl)->header_timeout);
	h->timed = h->timed || have > 0;
	if (have <= HTTP_HEAD_MAX)
		return false;
	h->x = http_exchange_new();
	if (!h->x)
		return fail(cl);
	return answer(cl, HTTP_WHY_HEAD);
}

/* Some send an empty line behind a body (RFC 9112 2.2). */
static void
skip_empty_lines(const char **p, const char *end)
{
	while (end - *p >= 2 && (*p)[0] == '\r' && (*p)[1] == '\n')
		*p += 2;
}

static bool
step_head(struct client *cl, const char **p, const char *end)
{
	struct http *h = client_own(cl);
	struct slice bytes;
	size_t n;

	skip_empty_lines(p, end);
	if (*p == end)
		return false;
	n = http_head_end(*p, (size_t)(end - *p), h->looked);
	if (n == 0)
		return await_head(cl, (size_t)(end - *p));
	bytes = slice_of(*p, n);
	*p += n;
	return begin_exchange(cl, bytes);
}

/* ---- the body ---- */

/* It waits for our word; what cannot be written of it now is not needed. */
static void
say_continue(struct client *cl)
{
	struct http *h = client_own(cl);
	bool gone;

	h->x->expects = false;
	http_reply_continue(&h->out);
	if (!write_out(cl, &gone))
		client_wants_write(cl, true);
}

static bool
finish_request(struct client *cl)
{
	struct http_desk *d = client_desk(cl);
	struct http *h = client_own(cl);
	bool full = intake_is_full(client_intake(cl));

	if (h->x->ask == HTTP_ASK_HEALTH)
		return answer(cl, full ? HTTP_WHY_FULL : HTTP_WHY_DONE);
	if (h->x->ask == HTTP_ASK_ACKS)
		return answer(cl, http_exchange_acks(h->x, d));
	h->step = STEP_ROOM;
	if (!full)
		return true;
	client_deadline(cl, ROOM_MS);
	client_wait_for_room(cl, true);
	return false;
}

static bool
step_body(struct client *cl, const char **p, const char *end)
{
	struct http *h = client_own(cl);
	enum http_why why = http_body_take(&h->x->body, p, end);

	if (why == HTTP_WHY_DONE)
		why = http_exchange_hold(h->x, client_desk(cl));
	if (why != HTTP_WHY_DONE)
		return answer(cl, why);
	if (http_body_is_whole(&h->x->body))
		return finish_request(cl);
	if (h->x->expects && client_is_draining(cl))
		return answer(cl, HTTP_WHY_STOPPING);
	if (h->x->expects)
		say_continue(cl);
	return false;
}

/* ---- the records ---- */

static bool
step_room(struct client *cl, const char **p, const char *end)
{
	struct http *h = client_own(cl);
	enum http_why why;

	(void)p;
	(void)end;
	if (intake_is_full(client_intake(cl)))
		return false;
	why = http_exchange_take(h->x, client_desk(cl), cl);
	if (why != HTTP_WHY_DONE || h->x->repeated)
		return answer(cl, why);
	client_deadline(cl, KEPT_MS);
	h->step = STEP_KEPT;
	return false;
}

static bool
step_wait(struct client *cl, const char **p, const char *end)
{
	(void)cl;
	(void)p;
	(void)end;
	return false;
}

static bool
step_linger(struct client *cl, const char **p, const char *end)
{
	(void)cl;
	*p = end;
	return false;
}

/* ---- bytes ---- */

/* Each moves on over the bytes it understands and says whether the next step
 * can be made now. */
static bool (*const steps[])(
    struct client *cl, const char **p, const char *end) = {
	[STEP_HEAD] = step_head,
	[STEP_BODY] = step_body,
	[STEP_ROOM] = step_room,
	[STEP_KEPT] = step_wait,
	[STEP_REPLY] = step_reply,
	[STEP_LINGER] = step_linger,
	[STEP_OVER] = step_linger,
};

static void
keep_rest(struct http *h, const char *p, const char *end)
{
	if (h->step == STEP_LINGER || h->step == STEP_OVER)
		buf_reset(&h->in);
	else if (h->in.n > 0)
		buf_consume(&h->in, (size_t)(p - h->in.p));
	else
		buf_add(&h->in, p, (size_t)(end - p));
	if (h->in.n == 0)
		buf_release(&h->in);
}

/* n bytes have come, or something else has happened (n 0). */
static enum conn_state
go_on(struct client *cl, const char *bytes, size_t n)
{
	struct http *h = client_own(cl);
	const char *p = bytes, *end = bytes + n;

	if (h->in.n > 0) {
		buf_add(&h->in, bytes, n);
		p = h->in.p;
		end = p + h->in.n;
	}
	if (h->in.failed)
		return CONN_FAILED;
	while (steps[h->step](cl, &p, end))
		;
	keep_rest(h, p, end);
	if (h->in.failed)
		return CONN_FAILED;
	return h->step == STEP_OVER ? CONN_ENDED : CONN_WAITS;
}

/* An answer is owed: what comes meanwhile is not for now. */
static bool
is_busy(const struct http *h)
{
	return h->step == STEP_ROOM || h->step == STEP_KEPT ||
	    h->step == STEP_REPLY;
}

/* It sends nothing more: an answer may still be owed. */
static enum conn_state
peer_ended(struct client *cl)
{
	struct http *h = client_own(cl);

	h->ended = true;
	client_wants_read(cl, false);
	return is_busy(h) ? CONN_WAITS : CONN_ENDED;
}

static enum conn_state
read_once(struct client *cl, uint64_t *bytes)
{
	struct wire *w = conn_wire(client_conn(cl));
	enum conn_state went;
	enum wire_state state;
	struct wire_io io;
	struct err e;
	size_t size;
	char *buf = client_buffer(cl, &size);

	state = wire_read(w, buf, size, &io, &e);
	*bytes += io.raw;
	went = go_on(cl, buf, io.n);
	if (wire_is_tls(w))
		client_wants_write(cl, wire_wants_write(w));
	if (state == WIRE_FAILED) {
		log_info("%s: closed, %s", conn_label(client_conn(cl)), e.text);
		return CONN_FAILED;
	}
	if (went != CONN_WAITS)
		return went;
	if (state == WIRE_ENDED || state == WIRE_CUT)
		return peer_ended(cl);
	return state == WIRE_MORE ? CONN_MORE : CONN_WAITS;
}

/* ---- what its worker calls ---- */

static enum conn_state
http_readable(struct client *cl, uint64_t *bytes)
{
	struct http *h = client_own(cl);
	enum conn_state state = CONN_MORE;

	for (int i = 0; i < READS_MAX && state == CONN_MORE; i++) {
		if (is_busy(h)) {
			client_wants_read(cl, false);
			return CONN_WAITS;
		}
		state = read_once(cl, bytes);
	}
	return state;
}

static enum conn_state
http_writable(struct client *cl)
{
	struct wire *w = conn_wire(client_conn(cl));
	struct http *h = client_own(cl);
	bool gone;

	if (h->step == STEP_REPLY)
		return go_on(cl, "", 0);
	if (h->out.n > 0 && write_out(cl, &gone))
		client_wants_write(cl, false);
	wire_flush(w);
	client_wants_write(cl, h->out.n > 0 || wire_wants_write(w));
	return CONN_WAITS;
}

static enum conn_state
http_room(struct client *cl)
{
	return go_on(cl, "", 0);
}

static enum conn_state
http_kept(struct client *cl)
{
	struct http *h = client_own(cl);

	/* It may be too late: then it was told to come again. */
	if (h->step != STEP_KEPT)
		return CONN_WAITS;
	answer(cl, HTTP_WHY_DONE);
	return go_on(cl, "", 0);
}

/* What is said to one that is late, or that we keep waiting. */
static enum conn_state
answer_late(struct client *cl, enum http_why why)
{
	struct http *h = client_own(cl);

	if (!h->x)
		h->x = http_exchange_new();
	if (!h->x)
		return CONN_FAILED;
	/* What it still waits for must not be taken for the next answer. */
	h->x->closes |= h->step == STEP_KEPT;
	answer(cl, why);
	return go_on(cl, "", 0);
}

static enum conn_state
http_late(struct client *cl)
{
	struct http *h = client_own(cl);

	if (!wire_is_up(conn_wire(client_conn(cl)))) {
		log_info("%s: closed, its handshake takes too long",
		    conn_label(client_conn(cl)));
		return CONN_FAILED;
	}
	switch (h->step) {
	case STEP_HEAD:
		return h->timed ? answer_late(cl, HTTP_WHY_LATE) : CONN_ENDED;
	case STEP_BODY:
		return answer_late(cl, HTTP_WHY_LATE);
	case STEP_ROOM:
		return answer_late(cl, HTTP_WHY_FULL);
	case STEP_KEPT:
		return answer_late(cl, HTTP_WHY_SLOW);
	default:
		return CONN_ENDED;
	}
}

static enum conn_state
http_open(struct client *cl)
{
	client_deadline(cl, client_config(cl)->header_timeout);
	return CONN_WAITS;
}

static bool
http_is_owed(const struct client *cl)
{
	return is_busy(client_own_const(cl));
}

/* A request that has come already is answered; then nothing is owed. */
static enum conn_state
http_drain(struct client *cl)
{
	struct http *h = client_own(cl);
	enum conn_state state;
	uint64_t bytes = 0;

	state = http_readable(cl, &bytes);
	if (state == CONN_ENDED || state == CONN_FAILED)
		return state;
	return h->step == STEP_HEAD && h->in.n == 0 ? CONN_ENDED : CONN_WAITS;
}

static void
http_finish(struct client *cl)
{
	struct http_desk *d = client_desk(cl);
	const struct http *h = client_own(cl);

	if (h->step == STEP_BODY || (h->step == STEP_HEAD && h->in.n > 0))
		atomic_fetch_add(&d->counts->cut, 1);
	if (wire_is_tls(conn_wire(client_conn(cl))))
		wire_bye(conn_wire(client_conn(cl)));
}

static void
http_release(struct client *cl)
{
	struct http *h = client_own(cl);

	forget_exchange(cl);
	buf_release(&h->in);
	buf_release(&h->out);
}

const struct client_kind http_kind = {
	.name = "http",
	.size = sizeof(struct http),
	.desk_new = http_desk_new,
	.desk_free = http_desk_free,
	.open = http_open,
	.readable = http_readable,
	.refuses = true,
	.room = http_room,
	.writable = http_writable,
	.kept = http_kept,
	.late = http_late,
	.drain = http_drain,
	.is_owed = http_is_owed,
	.finish = http_finish,
	.release = http_release,
};
