/*
 * usual.c - what was usual for one principal before one request.
 *
 * See usual.h.
 */
#include "config.h"

#include "cli/usual.h"

#include <stdio.h>

#define ARENA_FIRST 4096
#define DAY_SECONDS 86400
#define HOUR_SECONDS 3600

static struct slice
hour_of(struct when t, char text[3])
{
	int64_t second = t.sec - when_day(t) * DAY_SECONDS;

	snprintf(text, 3, "%02u", (unsigned)(second / HOUR_SECONDS) % 24);
	return slice_of(text, 2);
}

bool
usual_init(struct usual *u, const struct request *r)
{
	memset(u, 0, sizeof(*u));
	arena_init(&u->kept, ARENA_FIRST);
	arena_init(&u->arena, ARENA_FIRST);
	for (size_t i = 0; i < USUAL_DIMS; i++) {
		counts_init(&u->values[i], USUAL_VALUES_MAX);
		counts_init(&u->others[i], USUAL_VALUES_MAX);
	}
	u->all.first_day = u->all.last_day = COUNTS_NO_DAY;
	if (!traits_read(r, &u->kept, &u->seen))
		return false;
	u->hour = hour_of(r->time, u->hour_text);
	u->event_id = arena_slice(&u->kept, r->event_id);
	return true;
}

void
usual_release(struct usual *u)
{
	for (size_t i = 0; i < USUAL_DIMS; i++) {
		counts_release(&u->values[i]);
		counts_release(&u->others[i]);
	}
	arena_release(&u->kept);
	arena_release(&u->arena);
}

const char *
usual_name(size_t dim)
{
	return dim == USUAL_HOUR ? "hour (UTC)"
				 : dimension_name((enum dimension)dim);
}

struct slice
usual_seen(const struct usual *u, size_t dim)
{
	return dim == USUAL_HOUR ? u->hour : u->seen.value[dim];
}

static void
take_value(struct usual *u, size_t dim, struct slice value, bool mine,
    const struct traits *t)
{
	struct slice seen = usual_seen(u, dim);
	struct count *k = NULL;

	if (!value.p)
		return;
	if (mine)
		k = counts_of(&u->values[dim], value);
	else if (seen.p && slice_eq(value, seen))
		k = counts_of(&u->others[dim], t->who);
	if (k)
		count_on(k, when_day(t->time));
}

void
usual_take(struct usual *u, const struct request *r)
{
	struct traits t;
	char text[3];
	bool mine;

	arena_reset(&u->arena);
	if (when_cmp(r->time, u->seen.time) > 0 ||
	    slice_eq(r->event_id, u->event_id) ||
	    !traits_read(r, &u->arena, &t))
		return;
	mine = slice_eq(t.who, u->seen.who);
	if (mine)
		count_on(&u->all, when_day(r->time));
	for (size_t i = 0; i < DIM_COUNT; i++)
		take_value(u, i, t.value[i], mine, &t);
	take_value(u, USUAL_HOUR, hour_of(r->time, text), mine, &t);
}
