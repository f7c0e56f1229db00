/*
 * worker.c - a thread that reads connections.
 *
 * See worker.h.  A connection is read when its descriptor is readable and the
 * queue has room; without room the ones that become readable are held, and
 * only those.  What is closed is freed at the end of the turn.  Other threads
 * reach it through its inbox, its orders, the tokens of marks and its bell.
 */
#include "collector/worker.h"

#include "collector/client.h"
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

/* A connection and its place here: always in one list, in the order of its
 * last bytes. */
struct client {
	struct batchq_item item; /* on its way here */
	struct client *prev, *next;
	struct worker *worker;
	struct conn *conn;
	const struct client_kind *kind;
	struct loop_io *io;
	int64_t came;
	int64_t last;  /* when it last said something */
	int64_t until; /* its deadline; 0: none */
	bool held;     /* not read, for the queue is full */
	bool marked;   /* it is found by its token */
	_Alignas(max_align_t) unsigned char own[];
};

struct client_list {
	struct client *first, *last;
};

struct worker {
	const struct config *config;
	char name[16];
	pthread_t thread;
	bool started;
	struct loop *loop;
	struct loop_bell *bell;
	struct loop_timer *tick, *quiet;
	struct intake *intake;
	struct batchq *inbox;
	char *buf;
	struct mark_owner owner;
	struct map marked;           /* clients by token */
	struct client_list *clients; /* one list an input */
	struct client *dead;         /* freed at the end of the turn */
	struct client *file;         /* stdin that is one; or NULL */
	unsigned n_held, n_timed;
	bool draining, over, heard;
	int64_t drain_until;
	struct rarely idle_said, press_said;
	void (*on_done)(void *arg);
	void *arg;
	/* Others look at these. */
	atomic_uint orders;
	atomic_size_t conns;
	_Atomic uint64_t bytes;
	pthread_mutex_t lock;
	struct buf kept; /* tokens of marks that are */
};

/* ---- lists ---- */

static struct client_list *
list_of(struct worker *w, const struct client *c)
{
	return &w->clients[conn_input(c->conn)];
}

static void
list_remove(struct client_list *l, struct client *c)
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

static void
list_append(struct client_list *l, struct client *c)
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

/* ---- marks ---- */

static uint64_t
token_hash(uint64_t token)
{
	return hash_bytes(&token, sizeof(token), hash_seed());
}

static bool
same_token(const void *item, const void *key)
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
static void
on_kept(void *arg, uint64_t token)
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

static struct buf
take_kept(struct worker *w)
{
	struct buf kept;

	pthread_mutex_lock(&w->lock);
	kept = w->kept;
	w->kept = (struct buf)BUF_INIT;
	pthread_mutex_unlock(&w->lock);
	return kept;
}

/* ---- one connection ---- */

static void
client_free(struct client *c)
{
	loop_io_free(c->io);
	if (c->kind->release)
		c->kind->release(c);
	conn_free(c->conn);
	free(c);
}

/* Out of the list now, freed when the turn ends. */
static void
park(struct client *c)
{
	struct worker *w = c->worker;

	list_remove(list_of(w, c), c);
	loop_io_free(c->io);
	c->io = NULL;
	if (w->file == c)
		w->file = NULL;
	if (c->held)
		w->n_held--;
	client_deadline(c, 0);
	if (c->marked)
		map_remove(&w->marked, token_hash(client_token(c)), c);
	c->next = w->dead;
	w->dead = c;
	atomic_fetch_sub(&w->conns, 1);
}

static void
end_client(struct client *c)
{
	if (c->kind->finish) {
		client_begin(c);
		c->kind->finish(c);
		intake_end(c->worker->intake, NULL);
	}
	park(c);
}

/* What its kind said about it; false when it has ended. */
static bool
go_on(struct client *c, enum conn_state state)
{
	if (state != CONN_ENDED && state != CONN_FAILED)
		return true;
	end_client(c);
	return false;
}

/* True if it said something. */
static bool
read_client(struct client *c)
{
	struct worker *w = c->worker;
	struct client_list *l = list_of(w, c);
	enum conn_state state;
	uint64_t bytes = 0;

	state = c->kind->readable(c, &bytes);
	if (bytes > 0 && wire_is_up(conn_wire(c->conn)))
		conn_shaken(c->conn);
	if (bytes > 0) {
		atomic_fetch_add(&w->bytes, bytes);
		w->heard = true;
		c->last = loop_now(w->loop);
		list_remove(l, c);
		list_append(l, c);
	}
	return !go_on(c, state) || bytes > 0;
}

static void
hold(struct client *c)
{
	if (c->held)
		return;
	loop_io_disable(c->io);
	c->held = true;
	c->worker->n_held++;
}

static void
on_readable(void *arg)
{
	struct client *c = arg;

	if (intake_is_full(c->worker->intake))
		hold(c);
	else
		read_client(c);
}

static void
on_writable(void *arg)
{
	struct client *c = arg;

	go_on(c, c->kind->writable(c));
}

static bool
is_owed(const struct client *c)
{
	return c->kind->is_owed && c->kind->is_owed(c);
}

/* What each of them says of itself; none while it is walked moves. */
static bool
any_owed(const struct worker *w)
{
	for (size_t i = 0; i < w->config->inputs.n; i++)
		for (struct client *c = w->clients[i].first; c; c = c->next)
			if (is_owed(c))
				return true;
	return false;
}

/* ---- the queue is low again ---- */

static void
release(struct client *c)
{
	c->held = false;
	c->worker->n_held--;
	/* It was we who did not listen. */
	c->last = loop_now(c->worker->loop);
	if (loop_io_enable(c->io) < 0)
		end_client(c);
}

static void
release_all(struct worker *w)
{
	for (size_t i = 0; i < w->config->inputs.n && w->n_held > 0; i++) {
		struct client *next;

		for (struct client *c = w->clients[i].first; c; c = next) {
			next = c->next;
			if (c->held)
				release(c);
		}
	}
}

/* ---- closing what is idle or late ---- */

static void
close_idle(struct worker *w, size_t input, int64_t timeout)
{
	int64_t now = loop_now(w->loop);
	struct client *c, *next;
	uint64_t n;

	for (c = w->clients[input].first; c && timeout > 0; c = next) {
		next = c->next;
		if (now - c->last < timeout)
			return;
		if (is_owed(c))
			continue;
		if (rarely(&w->idle_said, clock_ms(), &n))
			log_info("%s: closed, idle for %" PRId64 " s; %" PRIu64
				 " since the last such line",
			    conn_label(c->conn), timeout / 1000, n);
		end_client(c);
	}
}

static void
ring_late(struct client *c)
{
	client_deadline(c, 0);
	go_on(c, c->kind->late ? c->kind->late(c) : CONN_FAILED);
}

static void
ring_all_late(struct worker *w)
{
	int64_t now = loop_now(w->loop);
	struct client *c, *next;

	for (size_t i = 0; i < w->config->inputs.n && w->n_timed > 0; i++)
		for (c = w->clients[i].first; c; c = next) {
			next = c->next;
			if (c->until && c->until <= now)
				ring_late(c);
		}
}

void
worker_tick(struct worker *w)
{
	const struct input_config *inputs = w->config->inputs.v;

	ring_all_late(w);
	/* While the queue is full nobody is idle: we do not listen. */
	if (!intake_is_full(w->intake))
		for (size_t i = 0; i < w->config->inputs.n; i++)
			close_idle(w, i, inputs[i].idle_timeout);
	intake_flush_all(w->intake);
	if (atomic_load(&w->conns) > 0)
		loop_timer_set(w->tick, TICK_MS);
}

static void
on_tick(void *arg)
{
	worker_tick(arg);
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
		while (c && is_owed(c))
			c = c->next;
		if (c && (!best || c->last < best->last))
			best = c;
	}
	return best && loop_now(w->loop) - best->last >= for_ms ? best : NULL;
}

static void
close_idlest(struct worker *w)
{
	struct client *c;
	uint64_t n;

	for (int i = 0; i < WORKER_PRESS_CLOSE; i++) {
		c = intake_is_full(w->intake) ? NULL
					      : idlest(w, WORKER_PRESS_IDLE_MS);
		if (!c)
			return;
		/* What it has said by now is not lost with it. */
		if (read_client(c))
			continue;
		if (rarely(&w->press_said, clock_ms(), &n))
			log_warnx("%s: closed, it was idle and descriptors "
				  "are short; %" PRIu64
				  " since the last such line",
			    conn_label(c->conn), n);
		end_client(c);
	}
}

/* Others wait for handshakes that do not come to an end. */
static void
hurry(struct worker *w)
{
	int64_t now = loop_now(w->loop);
	struct client *c, *next;

	for (size_t i = 0; i < w->config->inputs.n && w->n_timed > 0; i++)
		for (c = w->clients[i].first; c; c = next) {
			next = c->next;
			if (!wire_is_up(conn_wire(c->conn)) &&
			    now - c->came >= WORKER_HURRY_MS)
				ring_late(c);
		}
}

/* ---- the end ---- */

static void
end_all(struct worker *w)
{
	for (size_t i = 0; i < w->config->inputs.n; i++)
		while (w->clients[i].first)
			end_client(w->clients[i].first);
	w->over = true;
	loop_stop(w->loop);
}

/* Nothing came for a while, or it is late. */
static void
on_quiet(void *arg)
{
	struct worker *w = arg;
	bool late = loop_now(w->loop) >= w->drain_until;

	if (late || (!w->heard && w->n_held == 0 && !any_owed(w))) {
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
		go_on(c, c->kind->drain(c));
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
		c->marked = map_put(&w->marked, token_hash(client_token(c)), c);
	return c->marked || !c->kind->kept;
}

static void
adopt(struct worker *w, struct client *c)
{
	c->came = c->last = loop_now(w->loop);
	list_append(list_of(w, c), c);
	if (is_file(c))
		w->file = c;
	else
		c->io = loop_io_new(w->loop, conn_fd(c->conn), on_readable, c);
	if ((!c->io && w->file != c) || !find_by_token(w, c)) {
		log_errorx("%s: closed, out of memory", conn_label(c->conn));
		end_client(c);
		return;
	}
	if (c->kind->open)
		go_on(c, c->kind->open(c));
	if (!loop_timer_is_set(w->tick))
		loop_timer_set(w->tick, TICK_MS);
}

static void
adopt_all(struct worker *w)
{
	struct batchq_item *i, *next;

	for (i = batchq_take(w->inbox, 0); i; i = next) {
		next = i->next;
		batchq_done(w->inbox, i);
		adopt(w, (struct client *)i);
	}
}

static void
tell_kept(struct worker *w)
{
	struct buf tokens = take_kept(w);
	uint64_t token;

	for (size_t at = 0; at < tokens.n; at += sizeof(token)) {
		struct client *c;

		memcpy(&token, tokens.p + at, sizeof(token));
		c = map_get(&w->marked, token_hash(token), &token);
		if (c)
			go_on(c, c->kind->kept(c));
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
		close_idlest(w);
	if (orders & WORKER_HURRY)
		hurry(w);
	if (orders & WORKER_DRAIN)
		drain(w);
}

static void
ring(void *arg)
{
	loop_wake(((struct worker *)arg)->bell);
}

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

static void
on_turn(void *arg)
{
	struct worker *w = arg;

	if (w->file && !intake_is_full(w->intake)) {
		read_client(w->file);
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

struct worker *
worker_new(const struct intake_shared *s, unsigned number,
    void (*on_done)(void *arg), void *arg)
{
	static const struct batchq_calls calls = { .wake = ring };
	const struct batchq_limits limits = { SIZE_MAX, SIZE_MAX };
	struct worker *w = calloc(1, sizeof(*w));
	size_t n = s->config->inputs.n;

	if (!w)
		return NULL;
	if (pthread_mutex_init(&w->lock, NULL) != 0) {
		free(w);
		return NULL;
	}
	w->config = s->config;
	w->owner = (struct mark_owner){ on_kept, w };
	w->marked = (struct map)MAP_INIT(same_token);
	snprintf(w->name, sizeof(w->name), "worker %u", number);
	w->on_done = on_done;
	w->arg = arg;
	w->inbox = batchq_new(&limits, &calls, w);
	w->intake = intake_new(s);
	w->clients = calloc(n ? n : 1, sizeof(*w->clients));
	w->buf = malloc(WORKER_BUFFER);
	if (!make_loop(w) || !w->inbox || !w->intake || !w->clients ||
	    !w->buf) {
		worker_free(w);
		return NULL;
	}
	return w;
}

void
worker_free(struct worker *w)
{
	struct batchq_item *i, *next;

	if (!w)
		return;
	for (i = w->inbox ? batchq_take(w->inbox, 0) : NULL; i; i = next) {
		next = i->next;
		client_free((struct client *)i);
	}
	for (size_t k = 0; w->clients && k < w->config->inputs.n; k++)
		while (w->clients[k].first)
			park(w->clients[k].first);
	free_dead(w);
	loop_timer_free(w->quiet);
	loop_timer_free(w->tick);
	loop_bell_free(w->bell);
	loop_free(w->loop);
	batchq_free(w->inbox);
	intake_free(w->intake);
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
	batchq_put(w->inbox, &c->item, 1, 1);
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
