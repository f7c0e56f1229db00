/*
 * reload.c - a new configuration beside the running one, and the change over.
 *
 * First everything that can fail: the next generation is loaded, rooms make
 * ready what they need, sockets are bound.  Then what cannot: workers and the
 * pipeline's thread are told, and say when they look at the old one no more;
 * then it goes.  A configuration that changes what only a start can follow is
 * refused, with its place.
 * Main thread.
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

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `stsentry reload` asks where it asked before. */
#define ADMIN_LINGER_MS 10000

/* What is made ready for the change over. */
struct prepared {
	struct generation *next;
	unsigned *map; /* of inputs, old to new */
	struct worker_swap **swaps;
	size_t n_swaps;
	struct tail_swap *files;
	struct outlets *outlets;
	const struct outlets *running;
	bool admin_moves;
	struct admin *admin; /* where it moves; NULL: nowhere */
};

static void
prepared_release(struct prepared *p)
{
	for (size_t i = 0; i < p->n_swaps; i++)
		worker_swap_free(p->swaps[i]);
	free(p->swaps);
	tail_swap_free(p->files);
	free(p->map);
	outlets_free(p->outlets, p->running);
	admin_close(p->admin);
	generation_free(p->next);
}

/* ---- what may not change ---- */

/* Why only a start can follow. */
static const struct fixed {
	const char *what, *why;
} fixed[] = {
	{ "state", "the state is open and locked" },
	{ "sandbox", "there is no way back out of it" },
	{ "limits", "queues and readers are made with it" },
};

static int
refuse_change(
    const struct config *c, const char *what, const char *why, struct err *e)
{
	const struct ynode *root = yaml_root(c->doc);
	const struct ynode *n = ynode_get(root, what);

	return ynode_err(n ? n : root, e,
	    "%s: has changed, which only a new start can follow: %s", what,
	    why);
}

static int
check_fixed(const struct config *old, const struct config *c, struct err *e)
{
	const struct ynode *was = yaml_root(old->doc), *is = yaml_root(c->doc);
	const char *what;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		what = fixed[i].what;
		if (!ynode_same(ynode_get(was, what), ynode_get(is, what)))
			return refuse_change(c, what, fixed[i].why, e);
	}
	if ((old->dedup.max == 0) != (c->dedup.max == 0))
		return refuse_change(c, "dedup",
		    "with a max of 0 no copies are known, and there is no "
		    "window",
		    e);
	return 0;
}

/* ---- making ready ---- */

static int
make_swaps(struct service *s, struct prepared *p, struct err *e)
{
	const struct intake_shared shared = service_shared(s, p->next);
	size_t n = s->now->config->inputs.n;
	int err = 0;

	p->map = calloc(n + 1, sizeof(*p->map));
	p->swaps = calloc(s->n_workers + 1, sizeof(struct worker_swap *));
	if (!p->map || !p->swaps)
		return err_set(e, ST_ENOMEM, "out of memory");
	while (p->n_swaps < s->n_workers && err == 0) {
		err = worker_swap_new(&shared, n, &p->swaps[p->n_swaps], e);
		p->n_swaps += err == 0;
	}
	return err < 0 ? err : tail_swap_new(&shared, &p->files, e);
}

static int
open_outlets(struct service *s, struct prepared *p, struct err *e)
{
	const struct outlets_about about = service_outlets(s);
	int err = outlets_new(&about, s->outlets, p->next, &p->outlets, e);

	return err < 0 ? err : outlets_open(p->outlets, s->delivery, e);
}

/* Bound before the old one is given up. */
static int
open_admin(struct service *s, struct prepared *p, struct err *e)
{
	const char *was = s->now->config->admin.listen;
	const char *is = p->next->config->admin.listen;

	p->admin_moves = was && is ? strcmp(was, is) != 0 : was != is;
	return p->admin_moves && is ? service_admin_open(s, is, &p->admin, e)
				    : 0;
}

static int
prepare(struct service *s, struct prepared *p, struct err *e)
{
	int err = generation_load(s->path, &s->inputs, &p->next, e);

	if (err == 0)
		err = check_fixed(s->now->config, p->next->config, e);
	if (err == 0)
		err = make_swaps(s, p, e);
	if (err == 0)
		err = open_outlets(s, p, e);
	if (err == 0)
		err = open_admin(s, p, e);
	return err < 0 ? err
		       : listeners_update(s->doors, p->next->config, p->map, e);
}

/* ---- changing over ---- */

static void
on_changed(void *arg)
{
	struct service *s = arg;

	atomic_fetch_sub(&s->reload.waits, 1);
	loop_wake(s->bell);
}

static void
on_judged(void *arg)
{
	struct service *s = arg;

	atomic_store(&s->reload.judged, true);
	loop_wake(s->bell);
}

static void
note_change(struct service *s)
{
	const struct diary_about about = service_about(s);
	struct buf note = BUF_INIT;

	diary_reload(&about, &note);
	service_note(s, &note);
}

static void
change_judge(struct service *s)
{
	const struct judge_change c = { .pipeline = service_pipeline(
					    s, &s->reload.usual),
		.outlets = outlets_list(s->outlets),
		.n_outlets = outlets_count(s->outlets),
		.lateness = s->now->config->detect.lateness,
		.done = on_judged,
		.arg = s };

	note_change(s);
	atomic_store(&s->reload.judged, false);
	s->reload.switching = false;
	judge_change(s->judge, &c);
}

static void
close_old_admin(void *arg)
{
	struct service *s = arg;

	admin_close(s->reload.old_admin);
	s->reload.old_admin = NULL;
}

static void
change_admin(struct service *s, struct prepared *p)
{
	if (!p->admin_moves)
		return;
	close_old_admin(s);
	s->reload.old_admin = s->admin;
	s->admin = p->admin;
	p->admin = NULL;
	loop_timer_set(s->reload.linger, ADMIN_LINGER_MS);
	service_tell_admin(s);
}

/* Outputs come last, and tell for the judge, too. */
static void
change_over(struct service *s, struct prepared *p)
{
	struct reload *r = &s->reload;

	r->active = true;
	r->old = s->now;
	r->old_outlets = s->outlets;
	s->now = p->next;
	s->outlets = p->outlets;
	p->next = NULL;
	p->outlets = NULL;
	s->generation++;
	atomic_store(&r->waits, s->n_workers + 2);
	for (unsigned i = 0; i < s->n_workers; i++) {
		worker_swap(s->workers[i], p->swaps[i], p->map, on_changed, s);
		p->swaps[i] = NULL;
	}
	tail_swap(s->tail, p->files, on_changed, s);
	p->files = NULL;
	change_judge(s);
	change_admin(s, p);
	service_set_log(s);
}

static void
say_done(struct service *s)
{
	s->reload.error[0] = '\0';
	log_info("configuration: generation %u, read again from %s",
	    s->generation, s->path);
}

static void
say_failed(struct service *s, const struct err *e)
{
	struct buf note = BUF_INIT;

	err_format(e, s->reload.error, sizeof(s->reload.error));
	log_errorx("configuration: not changed: %s", s->reload.error);
	diary_refused(s->reload.error, &note);
	service_note(s, &note);
	/* A new pair is taken all the same. */
	listeners_renew_certificates(s->doors);
}

/* Whoever asked waits for the last of a burst. */
static void
note_end(struct service *s)
{
	if (s->reload.active)
		return;
	s->reload.done = s->reload.tries;
	notify_send("STATUS=configuration %u", s->generation);
}

void
reload_begin(struct service *s)
{
	struct prepared p = { .running = s->outlets };
	struct err e = { .text = "" };

	if (s->stopping)
		return;
	if (s->reload.active) {
		s->reload.again = true;
		return;
	}
	notify_send("STATUS=reading the configuration again");
	if (prepare(s, &p, &e) < 0) {
		say_failed(s, &e);
		delivery_reopen(s->delivery);
	} else {
		change_over(s, &p);
	}
	s->reload.tries++;
	prepared_release(&p);
	note_end(s);
}

/* ---- the old one goes ---- */

static void
leave(struct service *s)
{
	outlets_free(s->reload.old_outlets, s->outlets);
	s->reload.old_outlets = NULL;
	generation_shed(s->reload.old);
	generation_free(s->reload.old);
	s->reload.old = NULL;
	/* Not before: a file that nobody writes any more would come again. */
	delivery_reopen(s->delivery);
}

void
reload_look(struct service *s)
{
	struct reload *r = &s->reload;

	if (r->active && !r->switching && atomic_load(&r->judged)) {
		r->switching = true;
		outlets_switch(s->outlets, on_changed, s);
	}
	if (!r->active || atomic_load(&r->waits) > 0)
		return;
	r->active = false;
	leave(s);
	say_done(s);
	if (r->again) {
		r->again = false;
		reload_begin(s);
	} else {
		note_end(s);
	}
}

int
reload_up(struct service *s, struct err *e)
{
	s->reload.linger = loop_timer_new(s->loop, close_old_admin, s);
	return s->reload.linger ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

/* The end may come while one takes over: what waits is with the list that the
 * judge has looked at last. */
static void
settle_outlets(struct service *s)
{
	struct outlets *old = s->reload.old_outlets;

	s->reload.old_outlets = NULL;
	if (!old || atomic_load(&s->reload.judged)) {
		outlets_free(old, s->outlets);
	} else {
		outlets_free(s->outlets, old);
		s->outlets = old;
	}
}

void
reload_down(struct service *s)
{
	settle_outlets(s);
	generation_free(s->reload.old);
	s->reload.old = NULL;
	close_old_admin(s);
	loop_timer_free(s->reload.linger);
}
