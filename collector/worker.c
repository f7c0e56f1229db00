/*
 * worker.c - a thread that reads connections.
 *
 * See worker.h.  A connection is read when its descriptor is readable and the
 * queue has room; without room the ones that become readable are held, and
 * only those.  What is closed is freed at the end of the turn.  Other threads
 * reach it through its inbox, its orders, the tokens of marks and its bell.
 */
#include "collector/worker.h"

#include "collector/worker_inner.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/hash.h"
#include "lib/loop.h"
#include "lib/map.h"
#include "lib/thread.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TICK_MS 1000

/* ---- the queue is low again ---- */

/* Until it is full again. */
static void
release_all(struct worker *w)
{
	for (size_t i = 0; i < w->config->inputs.n && w->n_held > 0; i++) {
		struct client *next;

		for (struct client *c = w->clients[i].first; c; c = next) {
			next = c->next;
			if (c->held && !intake_is_full(w->intake))
				client_release(c);
		}
	}
}

/* ---- each second ---- */

void
worker_tick(struct worker *w)
{
	const struct input_config *inputs = w->config->inputs.v;

	worker_ring_late(w);
	/* While the queue is full nobody is idle: we do not listen. */
	if (!intake_is_full(w->intake))
		for (size_t i = 0; i < w->config->inputs.n; i++)
			worker_close_idle(w, i, inputs[i].idle_timeout);
	intake_flush_all(w->intake);
	if (atomic_load(&w->conns) > 0)
		loop_timer_set(w->tick, TICK_MS);
}

static void
on_tick(void *arg)
{
	worker_tick(arg);
}

/* ---- the end ---- */

static void
end_all(struct worker *w)
{
	for (size_t i = 0; i < w->config->inputs.n; i++)
		while (w->clients[i].first)
			client_end(w->clients[i].first);
	w->over = true;
	loop_stop(w->loop);
}

/* Nothing came for a while, or it is late. */
static void
on_quiet(void *arg)
{
	struct worker *w = arg;
	bool late = loop_now(w->loop) >= w->drain_until;
	/* A file has no descriptor that could be held. */
	bool waits = w->n_held > 0 || (w->file && intake_is_full(w->intake));

	if (late || (!w->heard && !waits && !worker_any_owed(w))) {
		end_all(w);
		return;
	}
	w->heard = false;
	loop_timer_set(w->quiet, WORKER_QUIET_MS);
}

static void
drain_client(struct client *c)
{
	if (c->kind->drain)
		client_go_on(c, c->kind->drain(c));
}

static void
drain(struct worker *w)
{
	struct client *c, *next;

	if (w->draining)
		return;
	w->draining = true;
	for (size_t i = 0; i < w->config->inputs.n; i++)
		for (c = w->clients[i].first; c; c = next) {
			next = c->next;
			drain_client(c);
		}
	w->heard = false;
	w->drain_until = loop_now(w->loop) + WORKER_DRAIN_MS;
	loop_timer_set(w->quiet, WORKER_QUIET_MS);
}

/* ---- what others send ---- */

/* The loop cannot wait for a file: it can always be read. */
static bool
is_file(const struct client *c)
{
	struct stat st;

	return fstat(conn_fd(c->conn), &st) == 0 && S_ISREG(st.st_mode);
}

static bool
find_by_token(struct worker *w, struct client *c)
{
	if (c->kind->kept)
		c->marked = map_put(
		    &w->marked, client_token_hash(client_token(c)), c);
	return c->marked || !c->kind->kept;
}

static void
adopt(struct worker *w, struct client *c)
{
	c->came = c->last = loop_now(w->loop);
	client_list_append(worker_list_of(w, c), c);
	if (is_file(c))
		w->file = c;
	else
		c->io = loop_io_new(
		    w->loop, conn_fd(c->conn), client_on_readable, c);
	if ((!c->io && w->file != c) || !find_by_token(w, c)) {
		log_errorx("%s: closed, out of memory", conn_label(c->conn));
		client_end(c);
		return;
	}
	if (c->kind->open)
		client_go_on(c, c->kind->open(c));
	if (!loop_timer_is_set(w->tick))
		loop_timer_set(w->tick, TICK_MS);
}

/* ---- another configuration ---- */

static void
free_dead(struct worker *w)
{
	struct client *c, *next;

	for (c = w->dead; c; c = next) {
		next = c->next;
		client_free(c);
	}
	w->dead = NULL;
}

int
worker_swap_new(const struct intake_shared *shared, size_t n_inputs,
    struct worker_swap **result, struct err *e)
{
	struct worker_swap *s = calloc(1, sizeof(*s));
	size_t n = shared->config->inputs.n;
	int err;

	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	s->inbound.is_swap = true;
	s->config = shared->config;
	s->intake = intake_new(shared);
	s->clients = calloc(n + 1, sizeof(*s->clients));
	s->map = calloc(n_inputs + 1, sizeof(*s->map));
	s->n_inputs = n_inputs;
	err = s->intake && s->clients && s->map
	    ? desks_new(shared, &s->desks, e)
	    : err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0)
		worker_swap_free(s);
	else
		*result = s;
	return err;
}

void
worker_swap_free(struct worker_swap *s)
{
	if (!s)
		return;
	intake_free(s->intake);
	desks_free(s->config, s->desks);
	free(s->clients);
	free(s->map);
	free(s);
}

void
worker_swap(struct worker *w, struct worker_swap *s, const unsigned *map,
    void (*done)(void *arg), void *arg)
{
	memcpy(s->map, map, s->n_inputs * sizeof(*map));
	s->done = done;
	s->arg = arg;
	batchq_put(w->inbox, &s->inbound.item, 1, 1);
}

static void
move_clients(struct client_list *from, struct client_list *to, unsigned input)
{
	while (from->first) {
		struct client *c = from->first;

		client_list_remove(from, c);
		conn_set_input(c->conn, input);
		client_list_append(to, c);
	}
}

/* What is held belongs to the old inputs; who stays moves in order. */
static void
swap_over(struct worker *w, struct worker_swap *s)
{
	struct client_list *clients = w->clients;
	struct intake *intake = w->intake;
	const struct config *config = w->config;
	void (*done)(void *arg), *arg, **desks = w->desks;

	for (size_t i = 0; i < s->n_inputs; i++)
		while (s->map[i] == WORKER_GONE && clients[i].first)
			client_end(clients[i].first);
	intake_flush_all(intake);
	for (size_t i = 0; i < s->n_inputs; i++)
		if (s->map[i] != WORKER_GONE)
			move_clients(
			    &clients[i], &s->clients[s->map[i]], s->map[i]);
	/* The dead still belong to lists of nobody: free them now. */
	free_dead(w);
	w->config = s->config;
	w->intake = s->intake;
	w->clients = s->clients;
	w->desks = s->desks;
	s->config = config;
	s->intake = intake;
	s->clients = clients;
	s->desks = desks;
	done = s->done;
	arg = s->arg;
	worker_swap_free(s);
	if (done)
		done(arg);
}

static void
adopt_all(struct worker *w)
{
	struct batchq_item *i, *next;

	for (i = batchq_take(w->inbox, 0); i; i = next) {
		next = i->next;
		batchq_done(w->inbox, i);
		if (((struct inbound *)i)->is_swap)
			swap_over(w, (struct worker_swap *)i);
		else
			adopt(w, (struct client *)i);
	}
}

static void
tell_kept(struct worker *w)
{
	struct buf tokens = worker_take_kept(w);
	uint64_t token;

	for (size_t at = 0; at < tokens.n; at += sizeof(token)) {
		struct client *c;

		memcpy(&token, tokens.p + at, sizeof(token));
		c = map_get(&w->marked, client_token_hash(token), &token);
		if (c)
			client_go_on(c, c->kind->kept(c));
	}
	buf_release(&tokens);
}

static void
on_bell(void *arg)
{
	struct worker *w = arg;
	unsigned orders = atomic_exchange(&w->orders, 0);

	adopt_all(w);
	tell_kept(w);
	if (orders & WORKER_PRESS)
		worker_close_idlest(w);
	if (orders & WORKER_HURRY)
		worker_hurry(w);
	if (orders & WORKER_DRAIN)
		drain(w);
}

static void
ring(void *arg)
{
	loop_wake(((struct worker *)arg)->bell);
}

static void
on_turn(void *arg)
{
	struct worker *w = arg;

	if (w->file && !intake_is_full(w->intake)) {
		client_read(w->file);
		loop_wake(w->bell);
	}
	free_dead(w);
	if (w->over)
		intake_flush_all(w->intake);
	else if (intake_flush(w->intake) && w->n_held > 0)
		release_all(w);
	if (w->draining && !w->over && atomic_load(&w->conns) == 0) {
		end_all(w);
		intake_flush_all(w->intake);
	}
	if (intake_has_counts(w->intake) && !loop_timer_is_set(w->tick))
		loop_timer_set(w->tick, TICK_MS);
}

/* ---- life ---- */

static bool
make_loop(struct worker *w)
{
	w->loop = loop_new();
	if (!w->loop)
		return false;
	w->bell = loop_bell_new(w->loop, on_bell, w);
	w->tick = loop_timer_new(w->loop, on_tick, w);
	w->quiet = loop_timer_new(w->loop, on_quiet, w);
	loop_on_turn(w->loop, on_turn, w);
	return w->bell && w->tick && w->quiet;
}

static bool
make_rest(struct worker *w, const struct intake_shared *s)
{
	static const struct batchq_calls calls = { .wake = ring };
	const struct batchq_limits limits = { SIZE_MAX, SIZE_MAX };

	w->inbox = batchq_new(&limits, &calls, w);
	w->intake = intake_new(s);
	w->clients = calloc(s->config->inputs.n + 1, sizeof(*w->clients));
	w->buf = malloc(WORKER_BUFFER);
	return make_loop(w) && w->inbox && w->intake && w->clients && w->buf;
}

int
worker_new(const struct intake_shared *s, unsigned number,
    void (*on_done)(void *arg), void *arg, struct worker **result,
    struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));
	int err;

	if (!w || pthread_mutex_init(&w->lock, NULL) != 0) {
		free(w);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	w->config = s->config;
	w->owner = (struct mark_owner){ worker_on_kept, w };
	w->marked = (struct map)MAP_INIT(worker_same_token);
	snprintf(w->name, sizeof(w->name), "worker %u", number);
	w->on_done = on_done;
	w->arg = arg;
	err = make_rest(w, s) ? desks_new(s, &w->desks, e)
			      : err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0)
		worker_free(w);
	else
		*result = w;
	return err;
}

void
worker_free(struct worker *w)
{
	struct batchq_item *i, *next;

	if (!w)
		return;
	for (i = w->inbox ? batchq_take(w->inbox, 0) : NULL; i; i = next) {
		next = i->next;
		if (((struct inbound *)i)->is_swap)
			worker_swap_free((struct worker_swap *)i);
		else
			client_free((struct client *)i);
	}
	for (size_t k = 0; w->clients && k < w->config->inputs.n; k++)
		while (w->clients[k].first)
			client_park(w->clients[k].first);
	free_dead(w);
	loop_timer_free(w->quiet);
	loop_timer_free(w->tick);
	loop_bell_free(w->bell);
	loop_free(w->loop);
	batchq_free(w->inbox);
	intake_free(w->intake);
	desks_free(w->config, w->desks);
	free(w->clients);
	map_release(&w->marked);
	buf_release(&w->kept);
	pthread_mutex_destroy(&w->lock);
	free(w->buf);
	free(w);
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	if (loop_run(w->loop) < 0)
		log_errorx("%s: its loop has failed", w->name);
	if (w->on_done)
		w->on_done(w->arg);
	return NULL;
}

int
worker_start(struct worker *w, struct err *e)
{
	int err = thread_start(&w->thread, w->name, run, w, e);

	w->started = err == 0;
	return err;
}

void
worker_join(struct worker *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
	w->started = false;
}

void
worker_give(struct worker *w, struct conn *conn)
{
	const struct client_kind *kind = conn_kind(conn);
	struct client *c = calloc(1, sizeof(*c) + kind->size);

	if (!c) {
		log_errorx("%s: closed, out of memory", conn_label(conn));
		conn_free(conn);
		return;
	}
	c->worker = w;
	c->conn = conn;
	c->kind = kind;
	atomic_fetch_add(&w->conns, 1);
	batchq_put(w->inbox, &c->inbound.item, 1, 1);
}

void
worker_tell(struct worker *w, enum worker_order order)
{
	atomic_fetch_or(&w->orders, (unsigned)order);
	loop_wake(w->bell);
}

size_t
worker_conns(struct worker *w)
{
	return atomic_load(&w->conns);
}

uint64_t
worker_bytes(struct worker *w)
{
	return atomic_load(&w->bytes);
}

bool
worker_step(struct worker *w)
{
	if (loop_step(w->loop) < 0)
		return false;
	return !w->over;
}

void
worker_set_now(struct worker *w, int64_t ms)
{
	loop_set_now(w->loop, ms);
}
