/*
 * rows.c - rows of kept state in memory.
 *
 * See rows.h.  A sorted list: tests have few.
 */
#include "tests/unit/rows.h"

static size_t
place_of(const struct rows *r, struct slice key, bool *found)
{
	size_t i = 0;

	while (i < r->n && slice_cmp(buf_slice(&r->key[i]), key) < 0)
		i++;
	*found = i < r->n && slice_eq(buf_slice(&r->key[i]), key);
	return i;
}

static void
take_out(struct rows *r, size_t i)
{
	buf_release(&r->key[i]);
	buf_release(&r->value[i]);
	for (r->n--; i < r->n; i++) {
		r->key[i] = r->key[i + 1];
		r->value[i] = r->value[i + 1];
	}
}

int
rows_put(void *arg, struct slice key, struct slice value)
{
	struct rows *r = arg;
	bool found;
	size_t i = place_of(r, key, &found);

	if (r->refuse > 0) {
		r->refuse--;
		return ST_EIO;
	}
	r->puts += value.p != NULL;
	r->drops += value.p == NULL;
	if (found)
		take_out(r, i);
	if (!value.p)
		return 0;
	if (r->n == ROWS_MAX)
		return ST_ELIMIT;
	for (size_t k = r->n++; k > i; k--) {
		r->key[k] = r->key[k - 1];
		r->value[k] = r->value[k - 1];
	}
	r->key[i] = r->value[i] = (struct buf)BUF_INIT;
	buf_add_slice(&r->key[i], key);
	buf_add_slice(&r->value[i], value);
	return 0;
}

int
rows_each(const struct rows *r,
    int (*cb)(void *arg, struct slice key, struct slice value), void *arg)
{
	int err = 0;

	for (size_t i = 0; i < r->n && err == 0; i++)
		err = cb(arg, buf_slice(&r->key[i]), buf_slice(&r->value[i]));
	return err;
}

void
rows_release(struct rows *r)
{
	while (r->n > 0)
		take_out(r, r->n - 1);
}
