/*
 * seed.c - a scan that goes on from a state folder, and leaves it richer.
 *
 * See seed.h.
 */
#include "cli/seed.h"

#include "lib/log.h"

#include <inttypes.h>
#include <stdlib.h>

struct seed {
	struct store *store;
	struct pipeline *pipeline;
	unsigned steps; /* since the last commit */
};

static const enum store_table tables[] = { STORE_SEEN, STORE_DETECT };
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static bool
is_ours(enum store_table table)
{
	for (size_t i = 0; i < TABLES; i++)
		if (tables[i] == table)
			return true;
	return false;
}

struct restore {
	struct pipeline *pipeline;
	enum store_table table;
	uint64_t refused;
};

static int
load_row(void *arg, struct slice key, struct slice value)
{
	struct restore *r = arg;
	int err = pipeline_load(r->pipeline, r->table, key, value);

	if (err == ST_ENOMEM)
		return err;
	r->refused += err < 0 && err != ST_ENOENT;
	return 0;
}

static int
restore(struct seed *s, struct err *e)
{
	struct restore r = { .pipeline = s->pipeline };
	int err = 0;

	for (size_t i = 0; i < TABLES && err == 0; i++) {
		r.table = tables[i];
		err = store_each(s->store, r.table, load_row, &r, e);
	}
	if (err == 0)
		err = pipeline_loaded(s->pipeline);
	if (err == ST_ENOMEM)
		return err_set(e, err, "out of memory");
	if (r.refused > 0)
		log_warnx("state: %" PRIu64 " rows are none that this version "
			  "can read; going on without them",
		    r.refused);
	return err;
}

int
seed_open(
    const char *dir, struct pipeline *p, struct seed **result, struct err *e)
{
	const struct store_options o = { .dir = dir };
	struct seed *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	s->pipeline = p;
	err = store_open(&o, &s->store, e);
	if (err == 0)
		err = restore(s, e);
	if (err < 0) {
		seed_free(s);
		return err;
	}
	*result = s;
	return 0;
}

static int
put_row(void *arg, enum store_table table, struct slice key, struct slice value)
{
	struct store *store = arg;

	if (!is_ours(table))
		return 0;
	return value.p ? store_put(store, table, key, value)
		       : store_drop(store, table, key);
}

int
seed_commit(struct seed *s, struct err *e)
{
	int err = pipeline_save(s->pipeline, put_row, s->store);

	s->steps = 0;
	if (err < 0)
		return err_set(e, err, "state: %s", st_strerror(err));
	return store_commit(s->store, e);
}

int
seed_step(struct seed *s, struct err *e)
{
	return ++s->steps < SEED_STEP ? 0 : seed_commit(s, e);
}

void
seed_free(struct seed *s)
{
	if (!s)
		return;
	store_close(s->store);
	free(s);
}
