/*
 * service.c - the whole daemon but its command line.
 *
 * See service.h.  Its rooms come up and go down in service_rooms.c; in between
 * it only accepts and hears signals.  The end goes the way of an event: no new
 * callers, the readers finish, then the pipeline, then the outputs; each stage
 * rings when it is done.
 */
#include "config.h"

#include "collector/service_i.h"

#include "collector/admin.h"
#include "collector/judge.h"
#include "collector/listener.h"
#include "collector/tail.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/notify.h"
#include "outputs/delivery.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define STUCK_MS 1000 /* after giving up */

/* ---- loading ---- */

struct outlets_about
service_outlets(const struct service *s)
{
	return (struct outlets_about){ .host = s->host,
		.lasts = s->now->config->state.dir != NULL,
		.walls = s->walls };
}

static int
load(struct service *s, struct err *e)
{
	struct outlets_about about;
	int err = generation_load(s->path, &s->inputs, &s->now, e);

	if (err < 0)
		return err;
	about = service_outlets(s);
	return outlets_new(&about, NULL, s->now, &s->outlets, e);
}

int
service_new(const char *path, const char *version, struct service **result,
    struct err *e)
{
	struct service *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	s->path = path;
	s->version = version;
	s->started = when_now();
	s->generation = 1;
	if (gethostname(s->host, sizeof(s->host) - 1) < 0)
		s->host[0] = '\0';
	err = load(s, e);
	if (err == 0) {
		*result = s;
		s = NULL;
	}
	service_free(s);
	return err;
}

/* ---- when something happened ---- */

static void
on_bell(void *arg)
{
	struct service *s = arg;

	reload_look(s);
	if (s->stopping && atomic_load(&s->readers) == 0)
		batchq_close(s->queue);
	if (atomic_load(&s->decided))
		loop_stop(s->loop);
}

/* ---- the service manager ---- */

/* Twice as often as it must be. */
static void
on_watchdog(void *arg)
{
	struct service *s = arg;

	notify_send("WATCHDOG=1");
	loop_timer_set(s->watchdog, notify_watchdog_ms() / 2);
}

/* ---- the end ---- */

static void
on_late(void *arg)
{
	struct service *s = arg;

	if (s->gave_up) {
		s->stuck = true;
		loop_stop(s->loop);
		return;
	}
	log_warnx("not everything can be finished in %d s: giving up",
	    SERVICE_STOP_MS / 1000);
	s->gave_up = true;
	judge_give_up(s->judge);
	loop_timer_set(s->late, STUCK_MS);
}

static void
on_stop(void *arg)
{
	struct service *s = arg;

	if (s->stopping)
		return;
	s->stopping = true;
	/* The second one ends at once, whatever we are doing by then. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	log_info("stopping: finishing what is in flight");
	notify_send("STOPPING=1");
	loop_timer_set(s->late, SERVICE_STOP_MS);
	listeners_accept_rest(s->doors);
	listeners_close(s->doors);
	if (s->tail)
		tail_stop(s->tail);
	for (unsigned i = 0; i < s->n_workers; i++)
		worker_tell(s->workers[i], WORKER_DRAIN);
	on_bell(s);
}

static void
on_usr1(void *arg)
{
	struct service *s = arg;

	delivery_reopen(s->delivery);
}

static void
on_hup(void *arg)
{
	reload_begin(arg);
}

/* ---- main's loop ---- */

int
service_loop_up(struct service *s, struct err *e)
{
	static const struct {
		int signo;
		loop_cb *cb;
	} heard[] = { { SIGTERM, on_stop }, { SIGINT, on_stop },
		{ SIGUSR1, on_usr1 }, { SIGHUP, on_hup } };
	bool good;

	s->loop = loop_new();
	if (!s->loop)
		return err_sys(e, "cannot make the main loop");
	s->bell = loop_bell_new(s->loop, on_bell, s);
	s->late = loop_timer_new(s->loop, on_late, s);
	s->watchdog = loop_timer_new(s->loop, on_watchdog, s);
	good = s->bell && s->late && s->watchdog;
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
		s->signals[i] = loop_signal_new(
		    s->loop, heard[i].signo, heard[i].cb, s);
		good = good && s->signals[i];
	}
	return good ? 0 : err_sys(e, "cannot make the main loop");
}

void
service_loop_down(struct service *s)
{
	for (size_t i = 0; i < sizeof(s->signals) / sizeof(s->signals[0]); i++)
		loop_signal_free(s->signals[i]);
	loop_timer_free(s->watchdog);
	loop_timer_free(s->late);
	loop_bell_free(s->bell);
	loop_free(s->loop);
}

/* ---- life ---- */

void
service_set_log(const struct service *s)
{
	const struct config *c = s->now->config;

	log_style((enum log_level)c->log.level, (enum log_format)c->log.format,
	    (enum log_place)c->log.to);
}

int
service_start(struct service *s, struct err *e)
{
	service_set_log(s);
	return service_rooms_up(s, e);
}

void
service_tell_admin(const struct service *s)
{
	struct buf where = BUF_INIT;

	if (!s->admin)
		return;
	admin_tell(s->admin, &where);
	log_info("admin: http://%.*s/status", (int)where.n, where.p);
	buf_release(&where);
}

static void
say_ready(const struct service *s)
{
	struct buf where = BUF_INIT;

	listeners_tell(s->doors, &where);
	if (where.n > 0)
		log_info("ready: listening on %.*s", (int)where.n, where.p);
	else
		log_info("ready: no input listens");
	buf_release(&where);
	service_tell_admin(s);
	notify_send("READY=1");
}

enum service_status
service_run(struct service *s)
{
	say_ready(s);
	if (notify_watchdog_ms() > 0)
		on_watchdog(s);
	if (loop_run(s->loop) < 0)
		log_errorx("the main loop has failed");
	if (s->stuck) {
		log_errorx("a thread does not end: leaving without it");
		return SERVICE_STUCK;
	}
	service_rooms_down(s);
	return s->lost ? SERVICE_LOST : SERVICE_DONE;
}

void
service_free(struct service *s)
{
	if (!s)
		return;
	service_rooms_down(s);
	outlets_free(s->outlets, NULL);
	generation_free(s->now);
	input_names_release(&s->inputs);
	free(s);
}
