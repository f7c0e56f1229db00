/*
 * twins_keep.c - requests that wait for their twin, over a restart.
 *
 * A row is the request alone: which act it belongs to is found anew from it,
 * as when it came.  Rows are named by numbers that go up, so that the order
 * of their coming stays.  One owner, no locks.
 */
#include "collector/twins_i.h"

#include "events/request_save.h"

#define FORM 1

void
twins_gone(struct twins *t, const struct held *h)
{
	if (h->saved)
		buf_add(&t->gone, &h->number, sizeof(h->number));
}

static int
drop_gone(struct twins *t, pack_row *put, void *arg, struct buf *key)
{
	uint64_t number;
	int err;

	while (t->gone.n >= sizeof(number)) {
		memcpy(&number, t->gone.p + t->gone.n - sizeof(number),
		    sizeof(number));
		buf_reset(key);
		pack_ordered(key, number);
		if (key->failed)
			return ST_ENOMEM;
		err = put(arg, buf_slice(key), SLICE_NULL);
		if (err < 0)
			return err;
		t->gone.n -= sizeof(number);
	}
	t->gone.failed = false;
	return 0;
}

/* Those that were not saved stand behind those that were. */
static struct held *
first_unsaved(const struct twins *t)
{
	struct held *h = t->last;

	if (!h || h->saved)
		return NULL;
	while (h->before && !h->before->saved)
		h = h->before;
	return h;
}

static int
save_held(
    struct twins *t, pack_row *put, void *arg, struct buf *key, struct buf *row)
{
	int err;

	for (struct held *h = first_unsaved(t); h; h = h->behind) {
		buf_reset(key);
		buf_reset(row);
		pack_ordered(key, h->number);
		pack_uint(row, FORM);
		request_save(&h->request, row);
		if (key->failed || row->failed)
			return ST_ENOMEM;
		err = put(arg, buf_slice(key), buf_slice(row));
		if (err < 0)
			return err;
		h->saved = true;
	}
	return 0;
}

int
twins_save(struct twins *t, pack_row *put, void *arg)
{
	struct buf key = BUF_INIT, row = BUF_INIT;
	int err = drop_gone(t, put, arg, &key);

	if (err == 0)
		err = save_held(t, put, arg, &key, &row);
	buf_release(&key);
	buf_release(&row);
	return err;
}

int
twins_load(struct twins *t, struct slice key, struct slice value)
{
	struct unpack k = unpack_of(key), u = unpack_of(value);
	uint64_t number = unpack_ordered(&k), form = unpack_uint(&u);
	size_t before = t->n, taken;
	struct request r;
	int err;

	if (!unpack_is_whole(&k) || number < t->next_number ||
	    number == UINT64_MAX || form != FORM ||
	    request_load(u.rest, &r, &taken) < 0)
		return ST_EFORMAT;
	t->next_number = number;
	err = twins_add(t, &r);
	if (err < 0)
		return err;
	/* One that waits no longer has its line now, and its row goes. */
	if (t->n == before + 1)
		t->last->saved = true;
	else
		buf_add(&t->gone, &number, sizeof(number));
	if (t->next_number == number)
		t->next_number++;
	return 0;
}
