/*
 * board_keep.c - the last day for people to look at, over a restart.
 *
 * A row for each hour and for each finding that is shown, under the slot it has;
 * written with the commit that changed it, so that the page tells what the
 * books tell.  The pipeline's thread.
 */
#include "collector/board_i.h"

#define FORM 1
#define HOUR_KEY "hour/"
#define FINDING_KEY "finding/"
#define COUNTRY_LETTERS 2

/* ---- keys ------------------------------------------------------------------------ */

static void
write_key(struct buf *key, const char *kind, unsigned slot)
{
	buf_reset(key);
	buf_addf(key, BOARD_ROWS "%s%02u", kind, slot);
}

/* The slot that a key names; -1: it is of another kind. */
static int
slot_of(struct slice key, const char *kind, unsigned slots)
{
	struct buf own = BUF_INIT;
	int slot = -1;

	for (unsigned i = 0; i < slots && slot < 0; i++) {
		write_key(&own, kind, i);
		if (slice_eq(buf_slice(&own), key))
			slot = (int)i;
	}
	buf_release(&own);
	return slot;
}

/* ---- saving ----------------------------------------------------------------------- */

static void
pack_hour(const struct board *b, unsigned slot, struct buf *row)
{
	const struct board_hour *h = &b->own.hours[slot];

	pack_uint(row, FORM);
	pack_int(row, h->hour);
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		pack_uint(row, h->verdict[i]);
	pack_uint(row, h->findings);
	pack_uint(row, h->n_places);
	for (unsigned i = 0; i < h->n_places; i++) {
		pack_bytes(row, h->places[i].country, COUNTRY_LETTERS);
		pack_uint(row, h->places[i].n);
		pack_uint(row, h->places[i].odd);
	}
}

static void
pack_finding(const struct board *b, unsigned slot, struct buf *row)
{
	pack_uint(row, FORM);
	pack_uint(row, b->taken[slot]);
	pack_word(row, b->own.ids[slot]);
	pack_slice(row, buf_slice(&b->own.findings[slot]));
}

/* The slots of one kind that have changed. */
struct slots {
	const char *key;
	bool *changed;
	unsigned n;
	void (*pack)(const struct board *b, unsigned slot, struct buf *row);
};

static int
save_slots(struct board *b, const struct slots *slots, pack_row *put, void *arg)
{
	struct buf key = BUF_INIT, row = BUF_INIT;
	int err = 0;

	for (unsigned i = 0; i < slots->n && err == 0; i++) {
		if (!slots->changed[i])
			continue;
		write_key(&key, slots->key, i);
		buf_reset(&row);
		slots->pack(b, i, &row);
		err = key.failed || row.failed
		    ? ST_ENOMEM
		    : put(arg, buf_slice(&key), buf_slice(&row));
		slots->changed[i] = err < 0;
	}
	buf_release(&key);
	buf_release(&row);
	return err;
}

int
board_save(struct board *b, pack_row *put, void *arg)
{
	const struct slots hours = { HOUR_KEY, b->hour_changed, BOARD_HOURS,
		pack_hour };
	const struct slots findings = { FINDING_KEY, b->finding_changed,
		BOARD_FINDINGS_MAX, pack_finding };
	int err = save_slots(b, &hours, put, arg);

	return err < 0 ? err : save_slots(b, &findings, put, arg);
}

/* ---- loading ----------------------------------------------------------------------- */

static int
load_hour(struct board *b, unsigned slot, struct unpack *u)
{
	struct board_hour h = { .hour = unpack_int(u) };

	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		h.verdict[i] = unpack_uint(u);
	h.findings = unpack_uint(u);
	h.n_places = (unsigned)unpack_at_most(u, BOARD_PLACES_MAX);
	for (unsigned i = 0; i < h.n_places && !u->failed; i++) {
		unpack_bytes(u, h.places[i].country, COUNTRY_LETTERS);
		h.places[i].n = unpack_uint(u);
		h.places[i].odd = unpack_uint(u);
	}
	if (!unpack_is_whole(u) || h.hour <= 0 || h.hour % BOARD_HOURS != slot)
		return ST_EFORMAT;
	b->own.hours[slot] = h;
	if (h.hour > b->own.last)
		b->own.last = h.hour;
	return 0;
}

static int
load_finding(struct board *b, unsigned slot, struct unpack *u)
{
	uint64_t taken = unpack_uint(u);
	struct slice id = unpack_slice(u), line = unpack_slice(u);

	if (!unpack_is_whole(u) || id.n >= FINDING_ID_SIZE ||
	    line.n > BOARD_FINDING_MAX)
		return ST_EFORMAT;
	buf_reset(&b->own.findings[slot]);
	buf_add_slice(&b->own.findings[slot], line);
	if (b->own.findings[slot].failed)
		return ST_ENOMEM;
	if (id.n)
		memcpy(b->own.ids[slot], id.p, id.n);
	b->own.ids[slot][id.n] = '\0';
	b->taken[slot] = taken;
	/* Slots are taken one behind the other, round and round. */
	if (b->own.n_findings <= slot)
		b->own.n_findings = slot + 1;
	if (taken >= b->n_taken) {
		b->n_taken = taken + 1;
		b->own.next = (slot + 1) % BOARD_FINDINGS_MAX;
	}
	return 0;
}

int
board_load(struct board *b, struct slice key, struct slice value)
{
	int hour = slot_of(key, HOUR_KEY, BOARD_HOURS);
	int finding = slot_of(key, FINDING_KEY, BOARD_FINDINGS_MAX);
	struct unpack u = unpack_of(value);

	if (unpack_uint(&u) != FORM || (hour < 0 && finding < 0))
		return ST_EFORMAT;
	b->changed = true;
	return hour >= 0 ? load_hour(b, (unsigned)hour, &u)
			 : load_finding(b, (unsigned)finding, &u);
}
