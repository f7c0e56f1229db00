/*
 * outlets.c - the outputs that run, and how those of another configuration take
 * their place.
 *
 * See outlets.h.  Knows which follows which and when; how one outlet takes over
 * from another is outlet.c's business.
 */
#include "collector/outlets.h"

#include "collector/walls.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "outputs/delivery.h"
#include "outputs/route.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_MS 5 /* are the old ones idle? */

struct slot {
	struct outlet *outlet;
	const struct output_config *config; /* NULL: it is away */
	struct generation *of;              /* whose config; held */
	bool kept;                          /* it was in the list before */
};

struct outlets {
	struct outlets_about about;
	struct slot *v;
	struct outlet **list; /* the same, for the judge */
	size_t n;
	struct delivery *delivery; /* NULL: not opened */
	struct outlets *before; /* NULL: none; until outlets_switch() is done */
	/* On the delivery thread. */
	struct err *e; /* outlets_open(), while it runs */
	int err;
	struct loop_timer *look;
	int64_t until;
	void (*done)(void *arg);
	void *arg;
};

/* ---- which there are to be ---- */

static const struct slot *
find(const struct outlets *o, const char *name)
{
	for (size_t i = 0; o && i < o->n; i++)
		if (strcmp(outlet_name(o->v[i].outlet), name) == 0)
			return &o->v[i];
	return NULL;
}

static bool
has(const struct outlets *o, const struct outlet *outlet)
{
	for (size_t i = 0; o && i < o->n; i++)
		if (o->v[i].outlet == outlet)
			return true;
	return false;
}

static int
no_memory(struct err *e)
{
	return err_set(e, ST_ENOMEM, "out of memory");
}

static void
put(struct outlets *o, struct outlet *outlet, const struct output_config *c,
    struct generation *g, bool kept)
{
	if (g)
		generation_hold(g);
	o->v[o->n] = (struct slot){ outlet, c, g, kept };
	o->list[o->n++] = outlet;
}

/* A file beside the configuration may say something else by now. */
static bool
has_template(const struct output_config *c)
{
	return c->template ||
	    (c->preset &&
		(strchr(c->preset, '/') ||
		    slice_ends(slice_str(c->preset), ".yaml")));
}

static bool
is_same(const struct slot *old, const struct output_config *c)
{
	return old && old->config && !has_template(c) &&
	    ynode_same(old->config->node, c->node);
}

static int
add_configured(struct outlets *o, const struct outlets *before,
    struct generation *g, const struct output_config *c, struct err *e)
{
	const struct config *config = g->config;
	const struct outlet_limits limits = {
		(size_t)config->limits.queue_events, config->limits.queue_bytes,
		config->limits.queue_age
	};
	const struct slot *old = find(before, c->name);
	struct outlet *outlet;
	int err;

	if (is_same(old, c)) {
		put(o, old->outlet, old->config, old->of, true);
		return 0;
	}
	err = walls_admit(o->about.walls, c, e);
	if (err == 0)
		err = outlet_new(c, &limits, o->about.host, &outlet, e);
	if (err < 0)
		return err;
	if (old)
		outlet_follow(outlet, old->outlet);
	put(o, outlet, c, g, false);
	return 0;
}

static int
refuse_loss(const struct config *c, const char *name, struct err *e)
{
	const struct ynode *n = ynode_get(yaml_root(c->doc), "outputs");

	return ynode_err(n ? n : yaml_root(c->doc), e,
	    "outputs: %s is gone: without a state directory what waits for it "
	    "would be lost",
	    name);
}

static int
add_gone(struct outlets *o, const struct slot *old, const struct config *c,
    struct err *e)
{
	struct outlet *outlet;

	if (!old->config) {
		put(o, old->outlet, NULL, NULL, true);
		return 0;
	}
	if (!o->about.lasts)
		return refuse_loss(c, outlet_name(old->outlet), e);
	outlet = outlet_new_away(old->outlet);
	if (!outlet)
		return no_memory(e);
	put(o, outlet, NULL, NULL, false);
	return 0;
}

static int
fill(struct outlets *o, struct generation *g, struct err *e)
{
	const struct outlets *before = o->before;
	const struct output_config *c = g->config->outputs.v;
	size_t n = g->config->outputs.n, most = n + (before ? before->n : 0);
	int err = 0;

	o->v = calloc(most + 1, sizeof(*o->v));
	o->list = calloc(most + 1, sizeof(struct outlet *));
	if (!o->v || !o->list)
		return no_memory(e);
	for (size_t i = 0; i < n && err == 0; i++)
		err = add_configured(o, before, g, &c[i], e);
	for (size_t i = 0; before && i < before->n && err == 0; i++)
		if (!find(o, outlet_name(before->v[i].outlet)))
			err = add_gone(o, &before->v[i], g->config, e);
	if (err == 0 && o->n > OUTLETS_MAX)
		err = err_set(e, ST_ELIMIT,
		    "more than %d outputs by name since the start: start again",
		    OUTLETS_MAX);
	return err;
}

int
outlets_new(const struct outlets_about *about, struct outlets *before,
    struct generation *g, struct outlets **result, struct err *e)
{
	struct outlets *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return no_memory(e);
	o->about = *about;
	o->before = before;
	err = fill(o, g, e);
	if (err < 0) {
		outlets_free(o, before);
		return err;
	}
	*result = o;
	return 0;
}

struct outlet *const *
outlets_list(const struct outlets *o)
{
	return o->list;
}

size_t
outlets_count(const struct outlets *o)
{
	return o->n;
}

bool
outlets_want_growth(const struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].config && route_wants_growth(o->v[i].config))
			return true;
	return false;
}

/* ---- opening ---- */

static void on_look(void *arg);

static void
open_all(void *arg)
{
	struct outlets *o = arg;

	o->look = loop_timer_new(delivery_loop(o->delivery), on_look, o);
	o->err = o->look ? 0 : no_memory(o->e);
	for (size_t i = 0; i < o->n && o->err == 0; i++)
		if (!o->v[i].kept && o->v[i].config)
			o->err = outlet_open(
			    o->v[i].outlet, o->delivery, o->about.lasts, o->e);
}

int
outlets_open(struct outlets *o, struct delivery *d, struct err *e)
{
	o->delivery = d;
	o->e = e;
	delivery_call(d, open_all, o);
	o->e = NULL;
	return o->err;
}

int
outlets_begin(struct outlets *o, struct err *e)
{
	int err = 0;

	for (size_t i = 0; i < o->n && err == 0; i++)
		err = outlet_begin(o->v[i].outlet, e);
	return err;
}

/* ---- changing over, on the delivery thread ---- */

/* The next one of the list before that this one has not; NULL: no more. */
static struct outlet *
next_old(const struct outlets *o, size_t *at)
{
	const struct outlets *before = o->before;

	while (*at < before->n) {
		struct outlet *old = before->v[(*at)++].outlet;

		if (!has(o, old))
			return old;
	}
	return NULL;
}

static bool
are_idle(const struct outlets *o)
{
	const struct outlet *old;

	for (size_t i = 0; (old = next_old(o, &i));)
		if (!outlet_is_idle(old))
			return false;
	return true;
}

/* All of them before any is begun: two may have changed places. */
static void
close_old(struct outlets *o)
{
	const struct slot *now;
	struct outlet *old;

	for (size_t i = 0; (old = next_old(o, &i));) {
		now = find(o, outlet_name(old));
		outlet_close(old, !now || !now->config);
	}
}

static void
begin_new(struct outlets *o)
{
	struct err e = { .text = "" };

	for (size_t i = 0; i < o->n; i++)
		if (!o->v[i].kept && outlet_begin(o->v[i].outlet, &e) < 0)
			log_warnx("output %s: %s; going on behind what is "
				  "there",
			    outlet_name(o->v[i].outlet), e.text);
}

static void
on_look(void *arg)
{
	struct outlets *o = arg;

	if (!are_idle(o) && loop_now(delivery_loop(o->delivery)) < o->until) {
		loop_timer_set(o->look, LOOK_MS);
		return;
	}
	close_old(o);
	begin_new(o);
	delivery_wake(o->delivery);
	o->done(o->arg);
}

static void
rest_old(void *arg)
{
	struct outlets *o = arg;
	struct outlet *old;

	for (size_t i = 0; (old = next_old(o, &i));)
		outlet_rest(old);
	o->until = loop_now(delivery_loop(o->delivery)) + OUTLETS_PATIENCE_MS;
	loop_timer_set(o->look, 0);
}

void
outlets_switch(struct outlets *o, void (*done)(void *arg), void *arg)
{
	o->done = done;
	o->arg = arg;
	delivery_call(o->delivery, rest_old, o);
}

/* ---- the end ---- */

struct leaving {
	struct outlets *o;
	const struct outlets *but;
};

static void
close_all(void *arg)
{
	const struct leaving *l = arg;
	struct outlets *o = l->o;

	for (size_t i = 0; i < o->n; i++)
		if (!has(l->but, o->v[i].outlet))
			outlet_close(o->v[i].outlet, false);
	loop_timer_free(o->look);
}

void
outlets_free(struct outlets *o, const struct outlets *but)
{
	struct leaving l = { o, but };

	if (!o)
		return;
	if (o->delivery)
		delivery_call(o->delivery, close_all, &l);
	for (size_t i = 0; i < o->n; i++) {
		if (!has(but, o->v[i].outlet))
			outlet_free(o->v[i].outlet);
		generation_free(o->v[i].of);
	}
	free(o->v);
	free(o->list);
	free(o);
}
