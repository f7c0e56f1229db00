/*
 * http_desk.c - what a worker's connections of one http input share.
 *
 * See http_desk.h.
 */
#include "collector/http_desk.h"

#include <stdlib.h>

int
http_desk_new(const struct intake_shared *s, const struct input_config *in,
    unsigned id, void **result, struct err *e)
{
	struct http_desk *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return err_set(e, ST_ENOMEM, "out of memory");
	json_reader_init(&d->json);
	d->in = in;
	d->ids = http_shared_ids(s->http);
	d->counts = http_shared_counts(s->http, id);
	d->unpack = http_unpack_new(in->max_inflated);
	err = d->counts && d->unpack ? http_guard_new(in, &d->guard, e)
				     : err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0)
		http_desk_free(d);
	else
		*result = d;
	return err;
}

void
http_desk_free(void *desk)
{
	struct http_desk *d = desk;

	if (!d)
		return;
	http_guard_free(d->guard);
	http_unpack_free(d->unpack);
	json_reader_release(&d->json);
	free(d);
}
