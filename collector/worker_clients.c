/*
 * worker_clients.c - the connections of a worker.
 *
 * See client.h.  What kinds may ask of one, what happens to it, and who of
 * them has been silent or slow for too long.  Each is in one list, that of its
 * input, in the order of last words.  On the worker's thread, but for
 * worker_on_kept().
 */
#include "collector/worker_inner.h"

#include "lib/hash.h"
#include "lib/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- lists ---- */

struct client_list *
worker_list_of(struct worker *w, const struct client *c)
{
	return &w->clients[conn_input(c->conn)];
}

void
client_list_remove(struct client_list *l, struct client *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		l->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		l->last = c->prev;
}

void
client_list_append(struct client_list *l, struct client *c)
{
	c->next = NULL;
	c->prev = l->last;
	if (l->last)
		l->last->next = c;
	else
		l->first = c;
	l->last = c;
}

/* ---- what kinds ask of a client ---- */

void *
client_own(struct client *c)
{
	return c->own;
}

const void *
client_own_const(const struct client *c)
{
	return c->own;
}

struct conn *
client_conn(const struct client *c)
{
	return c->conn;
}

const struct input_config *
client_config(const struct client *c)
{
	const struct input_config *inputs = c->worker->config->inputs.v;

	return &inputs[conn_input(c->conn)];
}

struct intake *
client_intake(const struct client *c)
{
	return c->worker->intake;
}

void *
client_desk(const struct client *c)
{
	return c->worker->desks[conn_input(c->conn)];
}

char *
client_buffer(const struct client *c, size_t *size)
{
	*size = WORKER_BUFFER;
	return c->worker->buf;
}

int64_t
client_now(const struct client *c)
{
	return loop_now(c->worker->loop);
}

bool
client_is_draining(const struct client *c)
{
	return c->worker->draining;
}

void
client_begin(struct client *c)
{
	struct intake *in = c->worker->intake;
	const char *const *accounts;
	size_t n;

	intake_begin(
	    in, conn_input(c->conn), conn_id(c->conn), conn_label(c->conn));
	accounts = wire_tags(conn_wire(c->conn), &n);
	intake_limit(in, accounts, n);
}

/* What is not read although it could be must not wake the loop. */
static void
listen_again(struct client *c)
{
	if (!c->io)
		return;
	if (c->held || c->deaf)
		loop_io_disable(c->io);
	else if (loop_io_enable(c->io) < 0)
		log_errorx("%s: cannot wait to read", conn_label(c->conn));
}

void
client_wants_read(struct client *c, bool yes)
{
	if (c->deaf == !yes)
		return;
	c->deaf = !yes;
	listen_again(c);
}

void
client_hold(struct client *c)
{
	if (c->held)
		return;
	c->held = true;
	c->worker->n_held++;
	listen_again(c);
}

static void
let_go(struct client *c)
{
	if (!c->held)
		return;
	c->held = false;
	c->worker->n_held--;
	/* It was we who did not listen. */
	c->last = loop_now(c->worker->loop);
	listen_again(c);
}

void
client_wait_for_room(struct client *c, bool yes)
{
	if (yes)
		client_hold(c);
	else
		let_go(c);
}

void
client_release(struct client *c)
{
	let_go(c);
	if (c->kind->room)
		client_go_on(c, c->kind->room(c));
}

static loop_cb on_writable;

void
client_wants_write(struct client *c, bool yes)
{
	/* Where that fails its deadline ends it. */
	if (c->io && loop_io_on_writable(c->io, yes ? on_writable : NULL) < 0)
		log_errorx("%s: cannot wait to write", conn_label(c->conn));
}

void
client_deadline(struct client *c, int64_t ms)
{
	if (c->until)
		c->worker->n_timed--;
	c->until = ms > 0 ? client_now(c) + ms : 0;
	if (c->until)
		c->worker->n_timed++;
}

/* ---- desks ---- */

int
desks_new(const struct intake_shared *s, void ***result, struct err *e)
{
	const struct input_config *inputs = s->config->inputs.v;
	size_t n = s->config->inputs.n;
	void **desks = calloc(n + 1, sizeof(*desks));
	int err = 0;

	if (!desks)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct client_kind *kind = client_kind_of(inputs[i].type);
		unsigned id = s->input_ids ? s->input_ids[i] : (unsigned)i;

		if (kind && kind->desk_new)
			err = kind->desk_new(s, &inputs[i], id, &desks[i], e);
	}
	if (err < 0)
		desks_free(s->config, desks);
	else
		*result = desks;
	return err;
}

void
desks_free(const struct config *c, void **desks)
{
	const struct input_config *inputs = c->inputs.v;

	for (size_t i = 0; desks && i < c->inputs.n; i++)
		if (desks[i])
			client_kind_of(inputs[i].type)->desk_free(desks[i]);
	free(desks);
}

/* ---- marks ---- */

uint64_t
client_token_hash(uint64_t token)
{
	return hash_bytes(&token, sizeof(token), hash_seed());
}

bool
worker_same_token(const void *item, const void *key)
{
	const struct client *c = item;

	return conn_id(c->conn) == *(const uint64_t *)key;
}

const struct mark_owner *
client_owner(const struct client *c)
{
	return &c->worker->owner;
}

uint64_t
client_token(const struct client *c)
{
	return conn_id(c->conn);
}

/* On the pipeline's thread.  Without memory the client's deadline ends it. */
void
worker_on_kept(void *arg, uint64_t token)
{
	struct worker *w = arg;
	bool first;

	pthread_mutex_lock(&w->lock);
	first = w->kept.n == 0;
	buf_add(&w->kept, &token, sizeof(token));
	pthread_mutex_unlock(&w->lock);
	if (first)
		loop_wake(w->bell);
}

struct buf
worker_take_kept(struct worker *w)
{
	struct buf kept;

	pthread_mutex_lock(&w->lock);
	kept = w->kept;
	w->kept = (struct buf)BUF_INIT;
	pthread_mutex_unlock(&w->lock);
	return kept;
}

/* ---- one connection ---- */

void
client_free(struct client *c)
{
	loop_io_free(c->io);
	if (c->kind->release)
		c->kind->release(c);
	conn_free(c->conn);
	free(c);
}

/* Out of the list now, freed when the turn ends. */
void
client_park(struct client *c)
{
	struct worker *w = c->worker;

	client_list_remove(worker_list_of(w, c), c);
	loop_io_free(c->io);
	c->io = NULL;
	if (w->file == c)
		w->file = NULL;
	if (c->held)
		w->n_held--;
	client_deadline(c, 0);
	if (c->marked)
		map_remove(&w->marked, client_token_hash(client_token(c)), c);
	c->next = w->dead;
	w->dead = c;
	atomic_fetch_sub(&w->conns, 1);
}

void
client_end(struct client *c)
{
	if (c->kind->finish) {
		client_begin(c);
		c->kind->finish(c);
		intake_end(c->worker->intake, NULL);
	}
	client_park(c);
}

/* What its kind said about it; false when it has ended. */
bool
client_go_on(struct client *c, enum conn_state state)
{
	if (state != CONN_ENDED && state != CONN_FAILED)
		return true;
	client_end(c);
	return false;
}

/* True if it said something. */
bool
client_read(struct client *c)
{
	struct worker *w = c->worker;
	struct client_list *l = worker_list_of(w, c);
	enum conn_state state;
	uint64_t bytes = 0;

	state = c->kind->readable(c, &bytes);
	if (bytes > 0 && wire_is_up(conn_wire(c->conn)))
		conn_shaken(c->conn);
	if (bytes > 0) {
		atomic_fetch_add(&w->bytes, bytes);
		w->heard = true;
		c->last = loop_now(w->loop);
		client_list_remove(l, c);
		client_list_append(l, c);
	}
	return !client_go_on(c, state) || bytes > 0;
}

void
client_on_readable(void *arg)
{
	struct client *c = arg;

	/* Handshakes go on: they bring no records, and who would come to an end
	 * of one must not stand in the way of others. */
	if (intake_is_full(c->worker->intake) && !c->kind->refuses &&
	    wire_is_up(conn_wire(c->conn)))
		client_hold(c);
	else
		client_read(c);
}

static void
on_writable(void *arg)
{
	struct client *c = arg;

	client_go_on(c, c->kind->writable(c));
}

bool
client_is_owed(const struct client *c)
{
	return c->kind->is_owed && c->kind->is_owed(c);
}

/* What each of them says of itself; none while it is walked moves. */
bool
worker_any_owed(const struct worker *w)
{
	for (size_t i = 0; i < w->config->inputs.n; i++)
		for (struct client *c = w->clients[i].first; c; c = c->next)
			if (client_is_owed(c))
				return true;
	return false;
}

/* ---- closing what is idle or late ---- */

void
worker_close_idle(struct worker *w, size_t input, int64_t timeout)
{
	int64_t now = loop_now(w->loop);
	struct client *c, *next;
	uint64_t n;

	for (c = w->clients[input].first; c && timeout > 0; c = next) {
		next = c->next;
		if (now - c->last < timeout)
			return;
		if (client_is_owed(c))
			continue;
		if (rarely(&w->idle_said, clock_ms(), &n))
			log_info("%s: closed, idle for %" PRId64 " s; %" PRIu64
				 " since the last such line",
			    conn_label(c->conn), timeout / 1000, n);
		client_end(c);
	}
}

static void
client_ring_late(struct client *c)
{
	client_deadline(c, 0);
	client_go_on(c, c->kind->late ? c->kind->late(c) : CONN_FAILED);
}

void
worker_ring_late(struct worker *w)
{
	int64_t now = loop_now(w->loop);
	struct client *c, *next;

	for (size_t i = 0; i < w->config->inputs.n && w->n_timed > 0; i++)
		for (c = w->clients[i].first; c; c = next) {
			next = c->next;
			if (c->until && c->until <= now)
				client_ring_late(c);
		}
}

/* The one that has been silent longest, of those that were for so long. */
static struct client *
idlest(struct worker *w, int64_t for_ms)
{
	const struct input_config *inputs = w->config->inputs.v;
	struct client *best = NULL;

	for (size_t i = 0; i < w->config->inputs.n; i++) {
		struct client *c = w->clients[i].first;

		/* Standard input cannot come again. */
		if (inputs[i].type == INPUT_STDIN)
			continue;
		while (c && client_is_owed(c))
			c = c->next;
		if (c && (!best || c->last < best->last))
			best = c;
	}
	return best && loop_now(w->loop) - best->last >= for_ms ? best : NULL;
}

void
worker_close_idlest(struct worker *w)
{
	struct client *c;
	uint64_t n;

	for (int i = 0; i < WORKER_PRESS_CLOSE; i++) {
		c = intake_is_full(w->intake) ? NULL
					      : idlest(w, WORKER_PRESS_IDLE_MS);
		if (!c)
			return;
		/* What it has said by now is not lost with it. */
		if (client_read(c))
			continue;
		if (rarely(&w->press_said, clock_ms(), &n))
			log_warnx("%s: closed, it was idle and descriptors "
				  "are short; %" PRIu64
				  " since the last such line",
			    conn_label(c->conn), n);
		client_end(c);
	}
}

/* Others wait for handshakes that do not come to an end. */
void
worker_hurry(struct worker *w)
{
	int64_t now = loop_now(w->loop);
	struct client *c, *next;

	for (size_t i = 0; i < w->config->inputs.n && w->n_timed > 0; i++)
		for (c = w->clients[i].first; c; c = next) {
			next = c->next;
			if (!wire_is_up(conn_wire(c->conn)) &&
			    now - c->came >= WORKER_HURRY_MS)
				client_ring_late(c);
		}
}
