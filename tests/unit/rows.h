/*
 * rows.h - rows of kept state in memory, for tests of what saves and loads.
 *
 *     struct rows r = ROWS_INIT;
 *     CHECK_INT(finder_save(f, rows_put, &r), 0);
 *     rows_each(&r, load_one, other);            // by their keys' order
 *     rows_release(&r);
 */
#ifndef ST_TEST_ROWS_H
#define ST_TEST_ROWS_H

#include "lib/pack.h"

#define ROWS_MAX 4096

struct rows {
	struct buf key[ROWS_MAX], value[ROWS_MAX];
	size_t n;
	unsigned puts, drops; /* since the caller set them to 0 */
	unsigned refuse;      /* so many puts from now on fail */
};

int rows_put(void *arg, struct slice key, struct slice value);
/* The first error ends it. */
int rows_each(const struct rows *r,
    int (*cb)(void *arg, struct slice key, struct slice value), void *arg);
void rows_release(struct rows *r);

#endif
