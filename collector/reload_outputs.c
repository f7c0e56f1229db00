/*
 * reload_outputs.c - which outputs a new configuration goes on with.
 *
 * An output of the start may be taken out, and put back as it was: its outlet
 * stays where it is and is away meanwhile, so that nothing of it need be made
 * or opened in a running daemon.  One that is new or changed is refused.
 * Main thread.
 */
#include "config.h"

#include "collector/service_i.h"

#include <stdlib.h>
#include <string.h>

static const struct output_config *
find(const struct config *c, const char *name)
{
	const struct output_config *o = c->outputs.v;

	for (size_t i = 0; i < c->outputs.n; i++)
		if (strcmp(o[i].name, name) == 0)
			return &o[i];
	return NULL;
}

static int
refuse(const struct config *c, const struct ynode *n, const char *name,
    const char *why, struct err *e)
{
	return ynode_err(
	    n ? n : yaml_root(c->doc), e, "outputs: %s %s", name, why);
}

/* What is there must have been there at the start, as it is. */
static int
check_present(
    const struct config *first, const struct config *next, struct err *e)
{
	const struct output_config *o = next->outputs.v, *was;

	for (size_t i = 0; i < next->outputs.n; i++) {
		was = find(first, o[i].name);
		if (!was)
			return refuse(next, o[i].node, o[i].name,
			    "is new, which only a new start can follow", e);
		if (!ynode_same(was->node, o[i].node))
			return refuse(next, o[i].node, o[i].name,
			    "has changed, which only a new start can follow",
			    e);
	}
	return 0;
}

int
reload_outputs(const struct service *s, const struct config *next, bool **away,
    struct err *e)
{
	const struct config *first = s->first->config;
	const struct output_config *o = first->outputs.v;
	int err = check_present(first, next, e);

	if (err < 0)
		return err;
	*away = calloc(first->outputs.n + 1, sizeof(**away));
	if (!*away)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; i < first->outputs.n; i++) {
		(*away)[i] = !find(next, o[i].name);
		if ((*away)[i] && !s->store)
			return refuse(next,
			    ynode_get(yaml_root(next->doc), "outputs"),
			    o[i].name,
			    "is gone: without a state directory what waits "
			    "for it would be lost",
			    e);
	}
	return 0;
}
