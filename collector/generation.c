/*
 * generation.c - one configuration and all that is made of it.
 *
 * See generation.h.  Knows the order of loading and the numbers of inputs; how
 * running rooms change over is service.c's business.
 */
#include "collector/generation.h"

#include "collector/examine.h"
#include "collector/http_guard.h"
#include "collector/listener.h"
#include "detect/policy.h"
#include "geo/geo.h"

#include <stdlib.h>
#include <string.h>

/* ---- numbers of inputs ---- */

static int
number_of(struct input_names *names, const char *name, unsigned *result,
    struct err *e)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0) {
			*result = (unsigned)i;
			return 0;
		}
	if (names->n == INPUT_NAMES_MAX)
		return err_set(e, ST_ELIMIT,
		    "more than %d inputs by name since the start: start again",
		    INPUT_NAMES_MAX);
	if (!names->v)
		names->v = calloc(INPUT_NAMES_MAX, sizeof(*names->v));
	if (!names->v)
		return err_set(e, ST_ENOMEM, "out of memory");
	names->v[names->n] = strdup(name);
	if (!names->v[names->n])
		return err_set(e, ST_ENOMEM, "out of memory");
	*result = (unsigned)names->n++;
	return 0;
}

static int
number_inputs(struct generation *g, struct input_names *names, struct err *e)
{
	const struct input_config *inputs = g->config->inputs.v;
	size_t n = g->config->inputs.n;
	int err = 0;

	g->input_ids = calloc(n + 1, sizeof(*g->input_ids));
	if (!g->input_ids)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; i < n && err == 0; i++)
		err = number_of(names, inputs[i].name, &g->input_ids[i], e);
	return err;
}

void
input_names_release(struct input_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	memset(names, 0, sizeof(*names));
}

/* ---- loading ---- */

static int
open_geo(const struct config *c, struct geo **result, struct err *e)
{
	const struct geo_files f = { c->geo.databases.v, c->geo.cloud_ranges.v,
		c->geo.databases.n, c->geo.cloud_ranges.n };

	return geo_open_all(&f, result, e);
}

static int
load(struct generation *g, const char *path, struct input_names *names,
    struct err *e)
{
	struct config *c;
	int err = config_load(path, &g->config, e);

	if (err < 0)
		return err;
	c = g->config;
	err = examine_reasons(c, NULL, e);
	if (err == 0)
		err = examine_apis(c, &g->apis, NULL, e);
	if (err == 0)
		err = listeners_check(c, e);
	if (err == 0)
		err = http_guard_try(c, e);
	if (err == 0)
		err = policy_load(c->policy, &g->policy, e);
	if (err == 0)
		err = open_geo(c, &g->geo, e);
	return err < 0 ? err : number_inputs(g, names, e);
}

int
generation_load(const char *path, struct input_names *names,
    struct generation **result, struct err *e)
{
	struct generation *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return err_set(e, ST_ENOMEM, "out of memory");
	g->holders = 1;
	err = load(g, path, names, e);
	if (err == 0) {
		*result = g;
		g = NULL;
	}
	generation_free(g);
	return err;
}

void
generation_shed(struct generation *g)
{
	geo_close(g->geo);
	policy_free(g->policy);
	g->geo = NULL;
	g->policy = NULL;
}

void
generation_hold(struct generation *g)
{
	g->holders++;
}

void
generation_free(struct generation *g)
{
	if (!g || --g->holders > 0)
		return;
	generation_shed(g);
	config_free(g->config);
	free(g->input_ids);
	free(g);
}
