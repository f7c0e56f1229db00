/*
 * board.c - the last day for people to look at: hours, countries, findings.
 *
 * See board.h.
 */
#include "collector/board_i.h"

#include "outputs/format/format.h"

#include <stdlib.h>

#define HOUR 3600

struct board *
board_new(void)
{
	struct board *b = calloc(1, sizeof(*b));

	if (b && pthread_mutex_init(&b->lock, NULL) != 0) {
		free(b);
		return NULL;
	}
	return b;
}

static void
release(struct board_view *v)
{
	for (unsigned i = 0; i < BOARD_FINDINGS_MAX; i++)
		buf_release(&v->findings[i]);
}

void
board_free(struct board *b)
{
	if (!b)
		return;
	release(&b->own);
	release(&b->shown);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* ---- counting ------------------------------------------------------------------ */

/* The slot of that moment; NULL: it is more than a day before the latest. */
static struct board_hour *
hour_of(struct board *b, struct when t)
{
	struct board_view *v = &b->own;
	int64_t hour = t.sec / HOUR;
	struct board_hour *slot;

	if (!t.valid || hour <= 0 || hour <= v->last - BOARD_HOURS)
		return NULL;
	slot = &v->hours[hour % BOARD_HOURS];
	if (slot->hour != hour)
		*slot = (struct board_hour){ .hour = hour };
	b->hour_changed[hour % BOARD_HOURS] = true;
	if (hour > v->last)
		v->last = hour;
	return slot;
}

static void
count_place(struct board_hour *h, const char country[3], bool odd)
{
	unsigned i = 0;

	while (i < h->n_places && memcmp(h->places[i].country, country, 2) != 0)
		i++;
	if (!country[0] || i == BOARD_PLACES_MAX)
		return;
	if (i == h->n_places) {
		memcpy(h->places[i].country, country, 2);
		h->n_places++;
	}
	h->places[i].n++;
	h->places[i].odd += odd;
}

void
board_decision(
    struct board *b, const struct request *r, const struct verdict *v)
{
	struct board_hour *h = hour_of(b, r->time);

	if (!h)
		return;
	h->verdict[v->word]++;
	count_place(h, r->source.place.country,
	    v->word == VERDICT_UNEXPECTED || v->word == VERDICT_SUPPRESSED);
	b->changed = true;
}

/* Its slot, the oldest's where it has none. */
static unsigned
slot_of(struct board *b, const char *id)
{
	struct board_view *v = &b->own;
	unsigned i = 0;

	while (i < v->n_findings && strcmp(v->ids[i], id) != 0)
		i++;
	if (i < v->n_findings)
		return i;
	if (v->n_findings < BOARD_FINDINGS_MAX)
		v->n_findings++;
	i = v->next;
	v->next = (v->next + 1) % BOARD_FINDINGS_MAX;
	memcpy(v->ids[i], id, FINDING_ID_SIZE);
	b->taken[i] = b->n_taken++;
	return i;
}

void
board_finding(struct board *b, const struct finding *f)
{
	static const struct format_options plain = { 0 };
	struct board_hour *h = hour_of(b, f->first_seen);
	unsigned slot = slot_of(b, f->id);
	struct buf *line = &b->own.findings[slot];

	if (h && f->revision == 1)
		h->findings++;
	buf_reset(line);
	format_find(SLICE_LIT("json"))->finding(f, &plain, line);
	if (line->failed || line->n > BOARD_FINDING_MAX)
		buf_reset(line);
	b->finding_changed[slot] = true;
	b->changed = true;
}

/* ---- showing ------------------------------------------------------------------- */

/* Into a view that may hold older ones. */
static void
copy(struct board_view *to, const struct board_view *from)
{
	struct buf kept[BOARD_FINDINGS_MAX];

	memcpy(kept, to->findings, sizeof(kept));
	*to = *from;
	for (unsigned i = 0; i < BOARD_FINDINGS_MAX; i++) {
		buf_reset(&kept[i]);
		buf_add_slice(&kept[i], buf_slice(&from->findings[i]));
		to->findings[i] = kept[i];
	}
}

void
board_publish(struct board *b)
{
	if (!b->changed)
		return;
	pthread_mutex_lock(&b->lock);
	copy(&b->shown, &b->own);
	pthread_mutex_unlock(&b->lock);
	b->changed = false;
}

struct board_view *
board_look(struct board *b)
{
	struct board_view *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	pthread_mutex_lock(&b->lock);
	copy(v, &b->shown);
	pthread_mutex_unlock(&b->lock);
	return v;
}

void
board_view_free(struct board_view *v)
{
	if (v)
		release(v);
	free(v);
}

struct slice
board_finding_at(const struct board_view *v, unsigned i)
{
	unsigned at = (v->next + BOARD_FINDINGS_MAX - 1 - i) %
	    BOARD_FINDINGS_MAX;

	return buf_slice(&v->findings[at]);
}
