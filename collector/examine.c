/*
 * examine.c - everything that could fail later, short of binding.
 *
 * See examine.h.  Asks each room for its own check, in the order in which a
 * start would come to it.  Main thread.
 */
#include "config.h"

#include "collector/examine.h"

#include "events/api_word.h"
#include "geo/geo.h"
#include "geo/ranges.h"
#include "outputs/outlet.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
set_apis(const struct opt_strings *list, bool on, struct api_choice *choice,
    struct problems *all, struct err *e)
{
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++)
		if (api_choice_set(choice, slice_str(list->v[i]), on) == 0)
			err = problems_take(all,
			    api_unknown(list->nodes[i], on ? "on" : "off", e),
			    e);
	return err;
}

int
examine_apis(const struct config *c, struct api_choice *result,
    struct problems *all, struct err *e)
{
	int err;

	api_choice_default(result);
	err = set_apis(&c->apis.on, true, result, all, e);
	return err < 0 ? err : set_apis(&c->apis.off, false, result, all, e);
}

int
examine_reasons(const struct config *c, struct problems *all, struct err *e)
{
	const char *words[REASON_COUNT + 1];

	for (unsigned i = 0; i < REASON_COUNT; i++)
		words[i] = reason_table[i].code;
	words[REASON_COUNT] = NULL;
	return config_check_reasons(c, words, all, e);
}

/* One that cannot be read at all has been told by config_check_files(). */
static bool
is_readable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode) &&
	    access(path, R_OK) == 0;
}

/* One by one, so that each that is broken is named. */
static int
examine_databases(const struct config *c, struct problems *all, struct err *e)
{
	const struct opt_strings *list = &c->geo.databases;
	int err = 0;

	if (list->n > GEO_FILES_MAX)
		return ynode_err(list->nodes[GEO_FILES_MAX], e,
		    "databases: more than %d", GEO_FILES_MAX);
	for (size_t i = 0; i < list->n && err == 0; i++) {
		struct err why = { .text = "" };
		struct geo *g = NULL;

		if (!is_readable(list->v[i]))
			continue;
		err = geo_open(&list->v[i], 1, &g, &why);
		geo_close(g);
		if (err < 0)
			err = problems_take(all,
			    ynode_err(
				list->nodes[i], e, "databases: %s", why.text),
			    e);
	}
	return err;
}

static int
examine_ranges(const struct config *c, struct problems *all, struct err *e)
{
	const struct opt_strings *list = &c->geo.cloud_ranges;
	int err = 0;

	if (list->n > RANGES_FILES_MAX)
		return ynode_err(list->nodes[RANGES_FILES_MAX], e,
		    "cloud_ranges: more than %d", RANGES_FILES_MAX);
	for (size_t i = 0; i < list->n && err == 0; i++) {
		struct err why = { .text = "" };
		struct ranges *r = NULL;

		if (!is_readable(list->v[i]))
			continue;
		err = ranges_open(&list->v[i], 1, &r, &why);
		ranges_close(r);
		if (err < 0)
			err = problems_take(all,
			    ynode_err(list->nodes[i], e, "cloud_ranges: %s",
				why.text),
			    e);
	}
	return err;
}

/* What the files say already is not asked again. */
static int
examine_output(
    const struct output_config *out, struct problems *all, struct err *e)
{
	size_t before = problems_count(all);
	struct outlet *o = NULL;
	int err;

	config_check_output_files(out, all);
	if (problems_count(all) > before)
		return 0;
	err = outlet_new(out, NULL, NULL, &o, e);
	outlet_free(o);
	return problems_take(all, err, e);
}

static int
examine_outputs(const struct config *c, struct problems *all, struct err *e)
{
	const struct output_config *outputs = c->outputs.v;
	int err = 0;

	for (size_t i = 0; i < c->outputs.n && err == 0; i++)
		if (opt_blocks_good(&c->outputs, i))
			err = examine_output(&outputs[i], all, e);
	return err;
}

static void
examine_config(const struct config *c, struct problems *all)
{
	struct api_choice apis;
	struct err e = { .text = "" };
	int err = examine_reasons(c, all, &e);

	if (err == 0)
		err = examine_apis(c, &apis, all, &e);
	if (err == 0) {
		config_check_files(c, all);
		err = problems_take(all, examine_databases(c, all, &e), &e);
		if (err == 0)
			err = problems_take(
			    all, examine_ranges(c, all, &e), &e);
	}
	if (err == 0)
		err = examine_outputs(c, all, &e);
	if (err < 0)
		problems_add(all, &e);
}

void
examine(const char *config, const char *policy, struct problems *all,
    struct examined *result)
{
	struct examined x = { .policy_path = policy };
	bool named = false;

	if (config)
		x.config = config_examine(config, all);
	if (x.config)
		examine_config(x.config, all);
	if (!policy && x.config && x.config->policy) {
		x.policy_path = x.config->policy;
		named = true;
	}
	if (x.policy_path && (!named || is_readable(x.policy_path)))
		x.policy = policy_examine(x.policy_path, all);
	*result = x;
}

void
examine_release(struct examined *x)
{
	policy_free(x->policy);
	config_free(x->config);
	*x = (struct examined){ NULL, NULL, NULL };
}
