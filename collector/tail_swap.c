/*
 * tail_swap.c - the thread that reads files goes on with another configuration.
 *
 * See tail.h.  What can fail is made by main beforehand; taking over cannot.
 * Files that are open are closed where they stand, for their positions tell
 * where to go on; only those without a name, which nobody finds again, stay.
 */
#include "config.h"

#include "collector/tail_i.h"

#include "lib/globs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- main ---- */

/* A folder that is not there may come; one that is closed to us stays closed,
 * and behind the sandbox's walls no more folders are opened. */
static int
check_root(const struct input_config *in, const char *pattern, struct err *e)
{
	struct buf root = BUF_INIT;
	int fd, err = 0;

	globs_root(pattern, &root);
	buf_addc(&root, '\0');
	if (root.failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	fd = open(root.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		err = ynode_err(ynode_get(in->node, "paths"), e,
		    "paths: %s cannot be read: without the right to, or not "
		    "among the folders that the sandbox had at the start",
		    root.p);
	if (fd >= 0)
		close(fd);
	buf_release(&root);
	return err;
}

static int
check_roots(const struct config *c, struct err *e)
{
	const struct input_config *in = c->inputs.v;
	int err = 0;

	for (size_t i = 0; i < c->inputs.n; i++)
		for (size_t k = 0;
		     in[i].type == INPUT_FILE && k < in[i].files.n && err == 0;
		     k++)
			err = check_root(&in[i], in[i].files.v[k], e);
	return err;
}

int
tail_swap_new(
    const struct intake_shared *s, struct tail_swap **result, struct err *e)
{
	struct tail_swap *w = calloc(1, sizeof(*w));
	int err = w ? check_roots(s->config, e)
		    : err_set(e, ST_ENOMEM, "out of memory");

	if (err == 0) {
		w->config = s->config;
		w->intake = intake_new(s);
		err = w->intake ? digests_new(s->config, &w->digests, e)
				: err_set(e, ST_ENOMEM, "out of memory");
	}
	if (err == 0)
		*result = w;
	else
		tail_swap_free(w);
	return err;
}

void
tail_swap_free(struct tail_swap *w)
{
	if (!w)
		return;
	intake_free(w->intake);
	digests_free(w->digests);
	free(w);
}

void
tail_swap(
    struct tail *t, struct tail_swap *w, void (*done)(void *arg), void *arg)
{
	w->done = done;
	w->arg = arg;
	atomic_store(&t->swap, w);
	watch_wake(t->watch);
}

/* ---- the thread ---- */

static int
input_by_name(const struct config *c, const char *name)
{
	const struct input_config *in = c->inputs.v;

	for (size_t i = 0; i < c->inputs.n; i++)
		if (in[i].type == INPUT_FILE && strcmp(in[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void
settle_readings(struct tail *t, const struct config *next)
{
	struct reading *r, *newer;

	for (r = t->oldest; r; r = newer) {
		int input = r->nameless
		    ? input_by_name(next, tail_input(t, r->input)->name)
		    : -1;

		newer = r->newer;
		if (input >= 0)
			r->input = (unsigned)input;
		else
			tail_close(t, r);
	}
}

/* They are found by the walk that follows. */
static void
forget_again(struct tail *t)
{
	for (size_t i = 0; i < t->n_again; i++)
		free(t->again[i].path);
	t->n_again = 0;
}

bool
tail_take_swap(struct tail *t)
{
	struct tail_swap *w = atomic_exchange(&t->swap, NULL);

	if (!w)
		return false;
	intake_flush_all(t->intake);
	settle_readings(t, w->config);
	forget_again(t);
	intake_free(t->intake);
	digests_free(t->digests);
	t->config = w->config;
	t->intake = w->intake;
	t->digests = w->digests;
	w->intake = NULL;
	w->digests = NULL;
	w->done(w->arg);
	tail_swap_free(w);
	return true;
}
