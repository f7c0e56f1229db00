/*
 * service_rooms.c - the daemon's rooms: how each comes up and goes down.
 *
 * One visible list, up in its order and down in the same backwards; what each
 * is given, and what it tells of itself at the end.  What happens in between is
 * in service.c.  Main thread, but for what is called by the threads that rooms
 * start: those functions say so.
 */
#include "config.h"

#include "collector/service_i.h"

#include "collector/admin.h"
#include "collector/http_shared.h"
#include "collector/judge.h"
#include "collector/listener.h"
#include "collector/tail.h"
#include "collector/walls.h"
#include "lib/log.h"
#include "outputs/delivery.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

/* Between workers and pipeline: what even a slow machine decides before
 * SERVICE_STOP_MS is over, and many times what keeps the pipeline busy. */
#define HANDOVER_SHARE 16   /* of limits: {memory} */
#define HANDOVER_EVENT 1024 /* bytes of one that are counted on */

/* ---- what threads call ---- */

static void
on_reader_done(void *arg)
{
	struct service *s = arg;

	atomic_fetch_sub(&s->readers, 1);
	loop_wake(s->bell);
}

static void
on_judge_done(void *arg)
{
	struct service *s = arg;

	atomic_store(&s->decided, true);
	loop_wake(s->bell);
}

/* The queue has room again: on the pipeline's thread. */
static void
on_low(void *arg)
{
	struct service *s = arg;

	for (unsigned i = 0; i < s->n_workers; i++)
		worker_tell(s->workers[i], WORKER_ROOM);
}

/* On the delivery thread, which runs only while the judge is there; or at the
 * end, for what was on its way. */
static void
on_answers(void *arg)
{
	struct service *s = arg;

	if (s->judge)
		judge_wake(s->judge);
}

static void
on_rest(void *arg)
{
	struct service *s = arg;

	delivery_rest(s->delivery);
}

static void
on_retry(void *arg)
{
	struct service *s = arg;

	delivery_retry(s->delivery);
}

static int
outputs_up(struct service *s, struct err *e)
{
	s->delivery = delivery_new(on_answers, s);
	if (!s->delivery)
		return err_set(e, ST_ENOMEM, "out of memory");
	return outlets_open(s->outlets, s->delivery, e);
}

static void
say_outlet(struct outlet *o)
{
	struct outlet_view v;

	outlet_look(o, &v);
	log_info("output %s: %" PRIu64 " made, %" PRIu64 " delivered, %" PRIu64
		 " dead, %" PRIu64 " wait",
	    outlet_name(o), v.counts.made, v.counts.delivered, v.counts.dead,
	    outbox_queued(&v.counts));
}

static void
outputs_down(struct service *s)
{
	struct outlet *const *list = outlets_list(s->outlets);
	size_t n = atomic_load(&s->decided) ? outlets_count(s->outlets) : 0;

	for (size_t i = 0; i < n; i++)
		say_outlet(list[i]);
	outlets_free(s->outlets, NULL);
	s->outlets = NULL;
	delivery_free(s->delivery);
}

static void
fill_status(void *arg, struct status *status)
{
	struct service *s = arg;
	const struct survey_from from = { .version = s->version,
		.started = s->started,
		.generation = s->generation,
		.stopping = s->stopping,
		.reloads = s->reload.done,
		.reload_error = s->reload.error,
		.now = s->now,
		.gauge = s->gauge,
		.doors = s->doors,
		.queue = s->queue,
		.http = s->http,
		.walls = &s->sandbox };

	survey_take(&s->survey, &from, status);
}

int
service_admin_open(
    struct service *s, const char *listen, struct admin **result, struct err *e)
{
	const struct admin_calls calls = { fill_status, s->board };

	return admin_open(listen, s->loop, &calls, s, result, e);
}

static int
admin_up(struct service *s, struct err *e)
{
	const char *listen = s->now->config->admin.listen;

	survey_init(&s->survey);
	s->gauge = gauge_new();
	/* Also where nobody can look at it yet: a reload may bring that. */
	s->board = board_new();
	if (!s->gauge || !s->board)
		return err_set(e, ST_ENOMEM, "out of memory");
	return listen ? service_admin_open(s, listen, &s->admin, e) : 0;
}

static void
admin_down(struct service *s)
{
	admin_close(s->admin);
	board_free(s->board);
	gauge_free(s->gauge);
	survey_release(&s->survey);
}

/* Everything that needs more than files and sockets that are named has been
 * opened, and no thread but ours runs. */
static int
walls_up(struct service *s, struct err *e)
{
	struct buf text = BUF_INIT;
	int err = walls_enter(s->now->config, &s->sandbox, &s->walls, e);

	if (err < 0)
		return err;
	walls_tell(&s->sandbox, &text);
	if (!text.failed)
		log_info("sandbox: %.*s", (int)text.n, text.p);
	buf_release(&text);
	return 0;
}

static void
walls_down(struct service *s)
{
	walls_free(s->walls); /* there is no way back */
	s->walls = NULL;
}

static int
queue_up(struct service *s, struct err *e)
{
	static const struct batchq_calls calls = { .low = on_low };
	const size_t bytes = s->now->config->limits.memory / HANDOVER_SHARE;
	const struct batchq_limits limits = { bytes / HANDOVER_EVENT, bytes };

	s->queue = batchq_new(&limits, &calls, s);
	return s->queue ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static void
queue_down(struct service *s)
{
	batchq_free(s->queue);
}

static int
state_up(struct service *s, struct err *e)
{
	const struct config *c = s->now->config;
	const struct store_options options = { .dir = c->state.dir,
		.keep = c->state.keep,
		.keep_size = c->state.keep_size,
		.limit = c->limits.state };

	if (c->state.dir)
		return store_open(&options, &s->store, e);
	log_warnx("no state directory is configured: what is known is "
		  "forgotten when this process ends");
	return 0;
}

static void
state_down(struct service *s)
{
	store_close(s->store);
}

/* A row that is none of ours, or none at all, is no reason not to start. */
static int
load_delivery(void *arg, struct slice key, struct slice value)
{
	int err = http_shared_load(arg, key, value);

	return err == ST_ENOMEM ? err : 0;
}

/* Their deliveries are known from before; made also where no input is http
 * yet, for a reload may bring one. */
static int
http_up(struct service *s, struct err *e)
{
	s->http = http_shared_new();
	if (!s->http)
		return err_set(e, ST_ENOMEM, "out of memory");
	return s->store
	    ? store_each(s->store, STORE_POSITION, load_delivery, s->http, e)
	    : 0;
}

static void
http_down(struct service *s)
{
	http_shared_free(s->http);
}

static int
load_position(void *arg, struct slice key, struct slice value)
{
	int err = positions_load(arg, key, value);

	/* What cannot be read is a file that is not known. */
	return err == ST_EFORMAT || err == ST_ENOENT ? 0 : err;
}

/* While the store is ours alone. */
static int
positions_up(struct service *s, struct err *e)
{
	s->positions = positions_new(0);
	if (!s->positions)
		return err_set(e, ST_ENOMEM, "out of memory");
	return s->store ? store_each(s->store, STORE_POSITION, load_position,
			      s->positions, e)
			: 0;
}

static void
positions_down(struct service *s)
{
	positions_free(s->positions);
}

struct pipeline_options
service_pipeline(const struct service *s, struct baseline_options *usual)
{
	const struct config *c = s->now->config;

	*usual = baseline_options_of(c);
	usual->kept = s->store != NULL;
	return (struct pipeline_options){ .policy = s->now->policy,
		.version = s->version,
		.live = true,
		.every = outlets_want_growth(s->outlets),
		.baseline = usual,
		.duplicates_max = (size_t)c->dedup.max,
		.duplicates_span = c->dedup.window / 1000 };
}

struct diary_about
service_about(const struct service *s)
{
	return (struct diary_about){ s->version, s->generation, s->now->config,
		s->now->policy };
}

void
service_note(struct service *s, struct buf *note)
{
	if (note->failed || !judge_note(s->judge, buf_slice(note)))
		log_errorx("the ledger: no room for a note");
	buf_release(note);
}

static void
note_start(struct service *s)
{
	const struct diary_about about = service_about(s);
	struct buf note = BUF_INIT;

	diary_start(&about, &note);
	service_note(s, &note);
}

static int
judge_up(struct service *s, struct err *e)
{
	struct baseline_options usual;
	const struct judge_setup setup = {
		.queue = s->queue,
		.pipeline = service_pipeline(s, &usual),
		.outlets = outlets_list(s->outlets),
		.n_outlets = outlets_count(s->outlets),
		.store = s->store,
		.state_dir = s->now->config->state.dir,
		.gauge = s->gauge,
		.board = s->board,
		.inputs = &s->inputs,
		.lateness = s->now->config->detect.lateness,
		.on_rest = on_rest,
		.on_retry = on_retry,
		.on_done = on_judge_done,
		.arg = s,
	};
	int err = judge_new(&setup, &s->judge, e);

	if (err == 0)
		err = judge_restore(s->judge, e);
	if (err == 0)
		note_start(s);
	if (err == 0)
		err = outlets_begin(s->outlets, e);
	if (err == 0)
		err = delivery_start(s->delivery, e);
	return err < 0 ? err : judge_start(s->judge, e);
}

static void
judge_down(struct service *s)
{
	struct buf line = BUF_INIT;
	struct books books;

	if (!s->judge)
		return;
	batchq_close(s->queue);
	judge_give_up(s->judge);
	judge_join(s->judge);
	delivery_stop(s->delivery);
	judge_books(s->judge, &books);
	books_tell(&books, &line);
	if (!line.failed)
		log_info("books: %.*s", (int)line.n, line.p);
	buf_release(&line);
	s->lost = books.in_flight > 0 || judge_is_unkept(s->judge) ||
	    (!s->store && judge_queued(s->judge) > 0);
	judge_free(s->judge);
	s->judge = NULL;
}

struct intake_shared
service_shared(const struct service *s, const struct generation *g)
{
	return (struct intake_shared){ .config = g->config,
		.geo = g->geo,
		.apis = &g->apis,
		.queue = s->queue,
		.input_ids = g->input_ids,
		.http = s->http };
}

/* One core is the pipeline's. */
static unsigned
count_workers(void)
{
	cpu_set_t set;
	int cores = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cores = CPU_COUNT(&set);
	if (cores > SERVICE_WORKERS_MAX)
		return SERVICE_WORKERS_MAX;
	return cores > 2 ? (unsigned)cores - 1 : 1;
}

/* Their memory outlives the pipeline's thread, which tells them what is kept. */
static int
desks_up(struct service *s, struct err *e)
{
	s->workers = calloc(count_workers() + 1, sizeof(struct worker *));
	return s->workers ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static void
desks_down(struct service *s)
{
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_free(s->workers[i]);
	s->n_workers = 0;
	free(s->workers);
}

static int
workers_up(struct service *s, struct err *e)
{
	const struct intake_shared shared = service_shared(s, s->now);
	unsigned n = count_workers();
	int err = 0;

	while (s->n_workers < n && err == 0) {
		err = worker_new(&shared, s->n_workers, on_reader_done, s,
		    &s->workers[s->n_workers], e);
		s->n_workers += err == 0;
	}
	for (unsigned i = 0; i < n && err == 0; i++) {
		err = worker_start(s->workers[i], e);
		if (err == 0)
			atomic_fetch_add(&s->readers, 1);
	}
	return err;
}

static void
workers_down(struct service *s)
{
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_tell(s->workers[i], WORKER_DRAIN);
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_join(s->workers[i]);
}

static int
files_up(struct service *s, struct err *e)
{
	const struct intake_shared shared = service_shared(s, s->now);
	int err;

	err = tail_new(&shared, s->positions, on_reader_done, s, &s->tail, e);
	if (err < 0)
		return err;
	/* Before it runs: it may be done before we are. */
	atomic_fetch_add(&s->readers, 1);
	err = tail_start(s->tail, e);
	if (err < 0)
		atomic_fetch_sub(&s->readers, 1);
	return err;
}

static void
say_files(const struct tail_counts *n)
{
	log_info("files: %" PRIu64 " opened; %" PRIu64 " unreadable, %" PRIu64
		 " cut or replaced, %" PRIu64 " copies, %" PRIu64 " left out",
	    n->files, n->unreadable, n->truncated, n->copies, n->left_out);
}

static void
files_down(struct service *s)
{
	if (s->tail) {
		tail_stop(s->tail);
		tail_join(s->tail);
		say_files(tail_counts(s->tail));
	}
	tail_free(s->tail);
}

/* The worker with the fewest connections; of equals the one that read least. */
static void
give_to_least_loaded(void *arg, struct conn *c)
{
	struct service *s = arg;
	struct worker *best = s->workers[0];

	for (unsigned i = 1; i < s->n_workers; i++) {
		struct worker *w = s->workers[i];
		size_t a = worker_conns(w), b = worker_conns(best);

		if (a < b || (a == b && worker_bytes(w) < worker_bytes(best)))
			best = w;
	}
	worker_give(best, c);
}

static void
press_workers(void *arg)
{
	struct service *s = arg;

	for (unsigned i = 0; i < s->n_workers; i++)
		worker_tell(s->workers[i], WORKER_PRESS);
}

static void
hurry_workers(void *arg)
{
	struct service *s = arg;

	for (unsigned i = 0; i < s->n_workers; i++)
		worker_tell(s->workers[i], WORKER_HURRY);
}

static int
doors_up(struct service *s, struct err *e)
{
	static const struct listener_calls calls = { give_to_least_loaded,
		press_workers, hurry_workers };

	return listeners_open(s->now->config, s->loop, &calls, s, &s->doors, e);
}

static void
doors_down(struct service *s)
{
	const struct listener_counts *n;

	if (!s->doors)
		return;
	n = listeners_counts(s->doors);
	log_info("connections: %" PRIu64 " accepted; refused: %" PRIu64
		 " over max_connections, %" PRIu64
		 " over max_per_peer, %" PRIu64
		 " for lack of descriptors, %" PRIu64 " of memory",
	    n->accepted, n->refused_connections, n->refused_peer,
	    n->refused_descriptors, n->refused_memory);
	listeners_free(s->doors);
}

/* Up in this order, down in the same backwards.  Doors come early, for
 * connections count with them until they are freed; nobody is let in before
 * the loop runs. */
static const struct room {
	int (*up)(struct service *s, struct err *e);
	void (*down)(struct service *s);
} rooms[] = {
	{ service_loop_up, service_loop_down },
	{ doors_up, doors_down },
	{ outputs_up, outputs_down },
	{ admin_up, admin_down },
	{ reload_up, reload_down },
	{ state_up, state_down },
	{ walls_up, walls_down },
	{ queue_up, queue_down },
	{ http_up, http_down },
	{ desks_up, desks_down },
	{ positions_up, positions_down },
	{ judge_up, judge_down },
	{ workers_up, workers_down },
	{ files_up, files_down },
};
#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

int
service_rooms_up(struct service *s, struct err *e)
{
	int err = 0;

	/* One that failed half way is brought down, too. */
	while (s->rooms_up < ROOMS && err == 0)
		err = rooms[s->rooms_up++].up(s, e);
	return err;
}

void
service_rooms_down(struct service *s)
{
	while (s->rooms_up > 0)
		rooms[--s->rooms_up].down(s);
}
