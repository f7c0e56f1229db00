/*
 * lineage_keep.c - lineage over a restart: rows saved and loaded.
 *
 * Knows what of a credential and of a habit must be known to go on.  Keys are a
 * letter and eight bytes: credentials by number, which is the order they were
 * heard of in; a parent may have the higher one, so that chains are linked
 * when all rows are there.  Habits and strays go a shelf to a row: there are
 * many, and each is small.  Where rows are kept is the caller's business.
 * Owned by the pipeline's thread.
 */
#include "detect/lineage_i.h"

#include "lib/hash.h"

#include <stdlib.h>

#define FORM 1 /* of a row; what a later one adds stands behind */
#define KEY_SIZE (1 + sizeof(uint64_t))
#define SECONDS_MAX ((int64_t)1 << 40) /* of a time that is none of ours */

enum row_kind {
	ROW_CLOCK = 'c',
	ROW_HABITS = 'h',
	ROW_STRAYS = 's',
	ROW_TOKEN = 't'
};

enum habit_bits { HABIT_MIXED = 1, HABIT_SPOT = 2, HABIT_WHAT = 4 };

static struct slice
make_key(struct buf *key, char kind, uint64_t number)
{
	buf_reset(key);
	buf_addc(key, kind);
	pack_ordered(key, number);
	return buf_slice(key);
}

/* ---- saving --------------------------------------------------------------- */

static void
save_spot(const struct spot *s, struct buf *out)
{
	pack_int(out, s->sec);
	pack_uint(out, s->network);
	pack_uint(out, s->asn);
	pack_bool(out, s->has_point);
	pack_double(out, (double)s->lat);
	pack_double(out, (double)s->lon);
	pack_word(out, s->country);
	pack_uint(out, s->flags);
}

static void
save_token(const struct token *t, struct buf *out)
{
	pack_uint(out, FORM);
	pack_uint(out, t->id);
	pack_uint(out, t->session);
	pack_bool(out, t->parent != NULL);
	pack_uint(out, t->parent ? t->parent->number : 0);
	pack_slice(out, name_text(t->who));
	pack_slice(out, name_text(t->target));
	pack_slice(out, name_text(t->label));
	pack_slice(out, name_text(t->source_identity));
	pack_slice(out, name_text(t->city));
	pack_slice(out, name_text(t->usual));
	pack_int(out, t->minted);
	pack_int(out, t->expires);
	pack_int(out, t->last_use);
	pack_uint(out, t->provider);
	pack_uint(out, t->asker);
	pack_bool(out, t->lifetime_told);
	pack_bool(out, t->instance);
	pack_bool(out, t->weak);
	pack_bool(out, t->gone);
	pack_word(out, t->credential);
	save_spot(&t->mint, out);
	save_spot(&t->last, out);
}

/* Where it stands on its shelf comes first; behind the last is nothing. */
static void
save_known(const struct known *k, unsigned place, struct buf *out)
{
	unsigned bits = (k->mixed ? HABIT_MIXED : 0U) |
	    (k->spot ? HABIT_SPOT : 0U) | (k->what ? HABIT_WHAT : 0U);

	pack_uint(out, place);
	pack_ordered(out, k->hash);
	pack_int(out, k->day);
	pack_uint(out, k->days);
	pack_uint(out, k->count);
	pack_uint(out, bits);
	if (k->spot)
		save_spot(k->spot, out);
	if (k->what)
		pack_slice(out, name_text(k->what));
}

static void
save_stray(const struct stray *s, unsigned place, struct buf *out)
{
	pack_uint(out, place);
	pack_ordered(out, s->id);
	pack_uint(out, s->number);
	pack_int(out, s->began);
	pack_int(out, s->last_use);
	pack_word(out, s->credential);
	pack_bool(out, s->instance);
	pack_slice(out, name_text(s->caller->target));
	pack_slice(out, name_text(s->caller->label));
	pack_slice(out, name_text(s->caller->source_identity));
	pack_slice(out, name_text(s->usual));
	save_spot(&s->last, out);
}

struct save {
	pack_row *put;
	void *arg;
	struct buf key, row;
};

static int
put_row(struct save *s, char kind, uint64_t number)
{
	struct slice key = make_key(&s->key, kind, number);

	if (s->key.failed || s->row.failed)
		return ST_ENOMEM;
	return s->put(s->arg, key, buf_slice(&s->row));
}

static int
save_tokens(struct lineage *l, struct save *s)
{
	struct token *t;
	int err;

	while ((t = l->dirty_tokens) != NULL) {
		buf_reset(&s->row);
		save_token(t, &s->row);
		err = put_row(s, ROW_TOKEN, t->number);
		if (err < 0)
			return err;
		l->dirty_tokens = t->next_dirty;
		if (t->next_dirty)
			t->next_dirty->dirty_at = &l->dirty_tokens;
		t->dirty_at = NULL;
	}
	return 0;
}

/* True where there is something on it. */
static bool
save_habits(const void *shelf, struct buf *out)
{
	const struct known *k = shelf;
	bool any = false;

	for (unsigned i = 0; i < SHELF; i++) {
		if (k[i].used)
			save_known(&k[i], i, out);
		any |= k[i].used;
	}
	return any;
}

static bool
save_strays(const void *shelf, struct buf *out)
{
	const struct stray *s = shelf;
	bool any = false;

	for (unsigned i = 0; i < SHELF; i++) {
		if (s[i].id)
			save_stray(&s[i], i, out);
		any |= s[i].id != 0;
	}
	return any;
}

/* How the things on a shelf are written, and under which key. */
struct shelf_save {
	struct save *to;
	char kind;
	bool (*save)(const void *shelf, struct buf *out);
};

static int
save_shelf(void *arg, size_t i, const void *shelf)
{
	const struct shelf_save *how = arg;
	struct save *s = how->to;

	buf_reset(&s->row);
	pack_uint(&s->row, FORM);
	if (how->save(shelf, &s->row))
		return put_row(s, how->kind, i);
	return s->put(s->arg, make_key(&s->key, how->kind, i), SLICE_NULL);
}

static int
save_gone(struct lineage *l, struct save *s)
{
	uint64_t number;
	int err;

	while (l->gone.n >= KEY_SIZE) {
		const char *at = l->gone.p + l->gone.n - KEY_SIZE;

		memcpy(&number, at + 1, sizeof(number));
		err = s->put(
		    s->arg, make_key(&s->key, *at, number), SLICE_NULL);
		if (err < 0)
			return err;
		l->gone.n -= KEY_SIZE;
	}
	l->gone.failed = false;
	return 0;
}

static int
save_clock(const struct lineage *l, struct save *s)
{
	buf_reset(&s->row);
	pack_uint(&s->row, FORM);
	pack_when(&s->row, l->first);
	pack_when(&s->row, l->now);
	pack_uint(&s->row, l->next_number);
	pack_uint(&s->row, l->strays_made);
	return put_row(s, ROW_CLOCK, 0);
}

int
lineage_save(struct lineage *l, pack_row *put, void *arg)
{
	struct save s = { put, arg, BUF_INIT, BUF_INIT };
	struct shelf_save habits = { &s, ROW_HABITS, save_habits };
	struct shelf_save strays = { &s, ROW_STRAYS, save_strays };
	bool any = l->dirty_tokens || l->habits.any_dirty ||
	    l->wild.any_dirty || l->gone.n > 0;
	int err = save_gone(l, &s);

	if (err == 0)
		err = save_tokens(l, &s);
	if (err == 0)
		err = shelves_each_dirty(&l->habits, save_shelf, &habits);
	if (err == 0)
		err = shelves_each_dirty(&l->wild, save_shelf, &strays);
	if (err == 0 && any)
		err = save_clock(l, &s);
	buf_release(&s.key);
	buf_release(&s.row);
	return err;
}

/* ---- loading -------------------------------------------------------------- */

static int64_t
load_within(struct unpack *u, int64_t least, int64_t most)
{
	int64_t v = unpack_int(u);

	if (v > most || v < least)
		u->failed = true;
	return u->failed ? 0 : v;
}

static int64_t
load_seconds(struct unpack *u)
{
	return load_within(u, -SECONDS_MAX, SECONDS_MAX);
}

static void
load_spot(struct unpack *u, struct spot *s)
{
	struct slice country;
	double lat, lon;

	s->sec = load_seconds(u);
	s->network = unpack_uint(u);
	s->asn = (uint32_t)unpack_at_most(u, UINT32_MAX);
	s->has_point = unpack_bool(u);
	lat = unpack_double(u);
	lon = unpack_double(u);
	country = unpack_slice(u);
	s->flags = (uint8_t)unpack_at_most(u, UINT8_MAX);
	if (country.n >= sizeof(s->country) || !(lat >= -90 && lat <= 90) ||
	    !(lon >= -180 && lon <= 180)) {
		u->failed = true;
		return;
	}
	s->lat = (float)lat;
	s->lon = (float)lon;
	if (country.n)
		memcpy(s->country, country.p, country.n);
}

static void
load_names(struct lineage *l, struct unpack *u, struct token *t)
{
	struct name **all[] = { &t->who, &t->target, &t->label,
		&t->source_identity, &t->city, &t->usual };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct slice s = unpack_slice(u);

		*all[i] = name_take(l, s);
		if (s.n && !*all[i])
			u->failed = true;
	}
}

static void
load_fields(struct lineage *l, struct unpack *u, struct token *t)
{
	struct slice credential;

	t->id = unpack_uint(u);
	t->session = unpack_uint(u);
	t->orphan = unpack_bool(u);
	t->parent_number = unpack_uint(u);
	load_names(l, u, t);
	t->minted = load_seconds(u);
	t->expires = load_seconds(u);
	t->last_use = load_seconds(u);
	t->provider = (uint8_t)unpack_at_most(u, PROVIDER_GCP);
	t->asker = (uint8_t)unpack_at_most(u, PT_COUNT - 1);
	t->lifetime_told = unpack_bool(u);
	t->instance = unpack_bool(u);
	t->weak = unpack_bool(u);
	t->gone = unpack_bool(u);
	credential = unpack_slice(u);
	if (credential.n <= CREDENTIAL_MAX && credential.n)
		memcpy(t->credential, credential.p, credential.n);
	load_spot(u, &t->mint);
	load_spot(u, &t->last);
}

static bool
is_there(const struct lineage *l, const struct token *t)
{
	return (!t->gone && t->id && tokens_by_id(l, t->id)) ||
	    map_get(&l->by_number, t->number, &t->number);
}

static int
load_token(struct lineage *l, uint64_t number, struct unpack *u)
{
	struct token *t = calloc(1, sizeof(*t));
	int err = 0;

	if (!t)
		return ST_ENOMEM;
	t->number = number;
	load_fields(l, u, t);
	t->life = (uint8_t)tokens_life(t->expires - t->minted);
	if (u->failed || is_there(l, t))
		err = ST_EFORMAT;
	else if (!map_put(&l->by_number, number, t))
		err = ST_ENOMEM;
	else if (!t->gone && !tokens_link(l, t)) {
		map_remove(&l->by_number, number, t);
		err = ST_ENOMEM;
	}
	if (err < 0) {
		tokens_discard(l, t);
		return err;
	}
	if (t->gone) {
		t->newer = l->loaded_gone;
		l->loaded_gone = t;
	}
	if (number >= l->next_number)
		l->next_number = number + 1;
	return 0;
}

static int
load_known(struct lineage *l, uint64_t shelf, struct unpack *u)
{
	uint64_t place = unpack_at_most(u, SHELF - 1), bits;
	struct known *k;
	struct spot spot = { 0 };

	if (u->failed || shelf > known_max(l) / SHELF)
		return ST_EFORMAT;
	k = known_slot(l, shelf * SHELF + place);
	if (!k)
		return ST_EFORMAT;
	k->hash = unpack_ordered(u);
	k->day = (int32_t)load_within(u, INT32_MIN, INT32_MAX);
	k->days = (uint32_t)unpack_at_most(u, UINT32_MAX);
	k->count = (uint32_t)unpack_at_most(u, UINT32_MAX);
	bits = unpack_uint(u);
	k->mixed = bits & HABIT_MIXED;
	if (bits & HABIT_SPOT)
		load_spot(u, &spot);
	if (bits & HABIT_WHAT)
		k->what = name_take(l, unpack_slice(u));
	if (!u->failed && !known_find(l, k->hash) &&
	    (!(bits & HABIT_SPOT) || known_put_spot(k, &spot)) &&
	    known_link(l, k))
		return 0;
	known_discard(l, k);
	return ST_EFORMAT;
}

static void
load_stray_fields(struct lineage *l, struct unpack *u, struct stray *s)
{
	struct slice credential, target, label, source_identity;

	s->id = unpack_ordered(u);
	s->number = unpack_uint(u);
	s->began = load_seconds(u);
	s->last_use = load_seconds(u);
	credential = unpack_slice(u);
	s->instance = unpack_bool(u);
	target = unpack_slice(u);
	label = unpack_slice(u);
	source_identity = unpack_slice(u);
	s->usual = name_take(l, unpack_slice(u));
	load_spot(u, &s->last);
	if (u->failed || credential.n > STRAY_CREDENTIAL_MAX)
		return;
	if (credential.n)
		memcpy(s->credential, credential.p, credential.n);
	s->caller = callers_take(l, target, label, source_identity);
}

static int
load_stray(struct lineage *l, uint64_t shelf, struct unpack *u)
{
	uint64_t place = unpack_at_most(u, SHELF - 1);
	struct stray *s;

	if (u->failed || shelf > tokens_strays_max(l) / SHELF)
		return ST_EFORMAT;
	s = strays_slot(l, shelf * SHELF + place);
	if (!s)
		return ST_EFORMAT;
	load_stray_fields(l, u, s);
	if (!u->failed && s->id && s->caller && s->caller->session &&
	    !tokens_by_id(l, s->id) && !strays_find(l, s->id) &&
	    strays_link(l, s)) {
		if (s->number >= l->next_number)
			l->next_number = s->number + 1;
		return 0;
	}
	strays_discard(l, s);
	return ST_EFORMAT;
}

/* All of a shelf; what stands before something that is broken stays. */
static int
load_shelf(struct lineage *l, uint64_t shelf, struct unpack *u,
    int (*load)(struct lineage *l, uint64_t shelf, struct unpack *u))
{
	int err = 0;

	while (err == 0 && u->rest.n > 0)
		err = load(l, shelf, u);
	return err;
}

static int
load_clock(struct lineage *l, struct unpack *u)
{
	struct when first = unpack_when(u), now = unpack_when(u);
	uint64_t next = unpack_uint(u), strays = unpack_uint(u);

	if (u->failed)
		return ST_EFORMAT;
	l->strays_made = strays;
	l->first = first;
	l->now = now;
	if (next > l->next_number)
		l->next_number = next;
	return 0;
}

int
lineage_load(struct lineage *l, struct slice key, struct slice value)
{
	struct unpack u = unpack_of(value);
	struct unpack k;
	uint64_t number;

	if (key.n != KEY_SIZE || unpack_uint(&u) < FORM)
		return ST_EFORMAT;
	k = unpack_of(slice_of(key.p + 1, key.n - 1));
	number = unpack_ordered(&k);
	switch (key.p[0]) {
	case ROW_CLOCK:
		return load_clock(l, &u);
	case ROW_HABITS:
		return load_shelf(l, number, &u, load_known);
	case ROW_STRAYS:
		return load_shelf(l, number, &u, load_stray);
	case ROW_TOKEN:
		return load_token(l, number, &u);
	default:
		return ST_EFORMAT;
	}
}

/* Chains anew.  A parent whose row was lost is one that is not known. */
static void
link_parent(struct lineage *l, struct token *t)
{
	struct token *parent = t->orphan
	    ? map_get(&l->by_number, t->parent_number, &t->parent_number)
	    : NULL;

	t->orphan = false;
	if (parent)
		tokens_set_parent(l, t, parent);
}

void
lineage_loaded(struct lineage *l)
{
	struct token *t;

	for (t = l->loaded_gone; t; t = t->newer) {
		t->refs++;
		link_parent(l, t);
	}
	for (int i = 0; i < LIVES; i++)
		for (t = l->oldest[i]; t; t = t->newer)
			link_parent(l, t);
	map_release(&l->by_number);
	known_loaded(l);
	while ((t = l->loaded_gone) != NULL) {
		l->loaded_gone = t->newer;
		t->newer = NULL;
		tokens_drop(l, t);
	}
}
