/*
 * worker_inner.h - what the files of a worker share; for nobody else.
 *
 * worker_clients.c knows connections and the lists they are in, worker.c the
 * loop, what other threads send, and the beginning and the end.
 */
#ifndef ST_WORKER_INNER_H
#define ST_WORKER_INNER_H

#include "collector/client.h"
#include "collector/worker.h"
#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/map.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* What comes through the inbox. */
struct inbound {
	struct batchq_item item;
	bool is_swap; /* a struct worker_swap; else a struct client */
};

/* A connection and its place here: always in one list, in the order of its
 * last bytes. */
struct client {
	struct inbound inbound; /* on its way here */
	struct client *prev, *next;
	struct worker *worker;
	struct conn *conn;
	const struct client_kind *kind;
	struct loop_io *io;
	int64_t came;
	int64_t last;  /* when it last said something */
	int64_t until; /* its deadline; 0: none */
	bool held;     /* until the queue is low: not read, or `room` waits */
	bool deaf;     /* its kind does not want to read */
	bool marked;   /* it is found by its token */
	_Alignas(max_align_t) unsigned char own[];
};

struct client_list {
	struct client *first, *last;
};

struct worker_swap {
	struct inbound inbound;
	const struct config *config;
	struct intake *intake;
	struct client_list *clients;
	void **desks;
	unsigned *map;
	size_t n_inputs; /* of the old configuration */
	void (*done)(void *arg);
	void *arg;
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
	void **desks;                /* of their kinds, one an input */
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

/* ---- worker_clients.c ---- */

/* One for each input whose kind wants it. */
int desks_new(
    const struct intake_shared *s, void ***result, struct err *e) ST_MUSTCHECK;
void desks_free(const struct config *c, void **desks);

bool client_go_on(struct client *c, enum conn_state state);
bool client_is_owed(const struct client *c);
bool client_read(struct client *c);
bool worker_any_owed(const struct worker *w);
bool worker_same_token(const void *item, const void *key);
struct buf worker_take_kept(struct worker *w);
struct client_list *worker_list_of(struct worker *w, const struct client *c);
uint64_t client_token_hash(uint64_t token);
void client_end(struct client *c);
void client_free(struct client *c);
void client_hold(struct client *c);
void client_release(struct client *c);
void client_list_append(struct client_list *l, struct client *c);
void client_list_remove(struct client_list *l, struct client *c);
void client_on_readable(void *arg);
void client_park(struct client *c);
void worker_close_idlest(struct worker *w);
void worker_hurry(struct worker *w);
void worker_on_kept(void *arg, uint64_t token);
/* Those that were silent for so long (ms; 0: none). */
void worker_close_idle(struct worker *w, size_t input, int64_t timeout);
/* Those whose deadline is over. */
void worker_ring_late(struct worker *w);

#endif
