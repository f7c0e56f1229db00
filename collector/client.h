/*
 * client.h - a connection as its worker has it, and the kinds there are.
 *
 * A kind says what to do when something happens to a connection: one constant
 * table of functions, named in client_kind_of().  To add one:
 *
 *     struct hello { size_t heard; };
 *
 *     static enum conn_state
 *     hello_readable(struct client *cl, uint64_t *bytes)
 *     {
 *             struct hello *h = client_own(cl);
 *             size_t size;
 *             char *buf = client_buffer(cl, &size);
 *             ... wire_read(conn_wire(client_conn(cl)), buf, size, ...) ...
 *             client_begin(cl);                // from here on its account
 *             ... framer_feed(), intake_mark(client_intake(cl), ...) ...
 *             intake_end(client_intake(cl), NULL);
 *             return CONN_WAITS;
 *     }
 *
 *     const struct client_kind hello_kind = { .name = "hello",
 *             .size = sizeof(struct hello), .readable = hello_readable };
 *
 * Every function runs on the worker's thread, one at a time, and none may
 * free the client: what it returns decides.  CONN_WAITS and CONN_MORE: it goes
 * on; CONN_ENDED and CONN_FAILED: `finish` is called, then `release`, and the
 * connection is closed.
 */
#ifndef ST_CLIENT_H
#define ST_CLIENT_H

#include "collector/conn.h"
#include "collector/intake.h"

struct client;

struct client_kind {
	const char *name;
	/* Bytes of its own for each connection, zeroed: client_own(). */
	size_t size;
	/* What all connections of one worker and one input share, made before
	 * the first of them comes and at each reload: client_desk().  `id` is
	 * the input's number in the life of the process.  NULL: nothing. */
	int (*desk_new)(const struct intake_shared *s,
	    const struct input_config *in, unsigned id, void **desk,
	    struct err *e);
	void (*desk_free)(void *desk);
	/* It is the worker's from now; NULL: nothing to do. */
	enum conn_state (*open)(struct client *cl);
	/* There is something to read; called while the queue to the pipeline is
	 * full only where `refuses` says so, or the handshake is not over.
	 * *bytes: how many came (0 as it is called). */
	enum conn_state (*readable)(struct client *cl, uint64_t *bytes);
	/* It can be written, as was asked by client_wants_write(). */
	enum conn_state (*writable)(struct client *cl);
	bool refuses; /* it can tell its peer to come again */
	/* What client_wait_for_room() waits for. */
	enum conn_state (*room)(struct client *cl);
	/* The mark with client_token() is kept. */
	enum conn_state (*kept)(struct client *cl);
	/* The time of client_deadline() is over; NULL: closed. */
	enum conn_state (*late)(struct client *cl);
	/* The daemon ends: say no more than what is owed; NULL: go on, and be
	 * closed when it is quiet. */
	enum conn_state (*drain)(struct client *cl);
	/* An answer is owed, so that being silent is no reason to be closed;
	 * NULL: never. */
	bool (*is_owed)(const struct client *cl);
	/* It ends, for whatever reason: give out what is there.  Between
	 * client_begin() and intake_end(). */
	void (*finish)(struct client *cl);
	/* Give back what `own` holds. */
	void (*release)(struct client *cl);
};

extern const struct client_kind stream_kind;
extern const struct client_kind http_kind;
/* By enum input_type; NULL: such an input has no connections. */
const struct client_kind *client_kind_of(int type);

void *client_own(struct client *cl);
const void *client_own_const(const struct client *cl);
struct conn *client_conn(const struct client *cl);
/* Of the input it came through. */
const struct input_config *client_config(const struct client *cl);
/* Ask each time: both are others after a reload. */
struct intake *client_intake(const struct client *cl);
/* Made by its kind for this worker and input. */
void *client_desk(const struct client *cl);
/* One for all connections of the worker: what is in it is gone when the
 * function returns. */
char *client_buffer(const struct client *cl, size_t *size);
/* Milliseconds of the worker's clock. */
int64_t client_now(const struct client *cl);
/* The worker reads no more than what is on its way already. */
bool client_is_draining(const struct client *cl);

/* What is read from now on came over this connection: intake_begin(), and the
 * accounts that its certificate may speak for. */
void client_begin(struct client *cl);

/* Call `readable` when there is something; it begins so. */
void client_wants_read(struct client *cl, bool yes);
/* Call `room` once the queue to the pipeline is low again; until then nothing
 * is read.  False: no more. */
void client_wait_for_room(struct client *cl, bool yes);
/* Call `writable` when it can be written. */
void client_wants_write(struct client *cl, bool yes);
/* Call `late` in so many ms, rounded up to the worker's next tick (a second);
 * 0: never. */
void client_deadline(struct client *cl, int64_t ms);
/* Owner and token for intake_mark(): when it is kept `kept` is called, if the
 * connection still lives. */
const struct mark_owner *client_owner(const struct client *cl);
uint64_t client_token(const struct client *cl);

#endif
