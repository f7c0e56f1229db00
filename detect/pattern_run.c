/*
 * pattern_run.c - many patterns asked of one name at once: the walk.
 *
 * Turns a set's trie into a deterministic automaton while names come by: a
 * state is the set of trie nodes that are possible after the bytes read so
 * far.  All tables have their full size from the start; when one is full,
 * everything but the state at hand is forgotten.  One thread.
 */
#include "detect/pattern_i.h"

#include <stdlib.h>

#define TABLE_BYTES_MAX ((size_t)8 << 20)
#define ACCEPT_BYTES_MAX ((size_t)4 << 20)
#define STATE_START 1
#define STATE_DEAD 2
#define NO_ROWS UINT32_MAX            /* nothing ends in this state */
#define ROWS_UNKNOWN (UINT32_MAX - 1) /* not yet looked */

struct state {
	uint32_t from, n; /* its nodes in the pool */
	uint32_t accept;  /* its rows in the accept table */
	uint32_t slot;    /* where the hash table has it */
};

/* States in which many bytes can be read at once. */
enum leap {
	LEAP_NONE,
	LEAP_TEXT,    /* one way on, of at least LEAP_MIN bytes */
	LEAP_SEGMENT, /* a `*` and then a separator, or the end */
	LEAP_ALL,     /* a last `**`: whatever comes */
};
#define LEAP_MIN 4

struct pattern_run {
	const struct pattern_set *set;
	uint16_t *next; /* [state << shift | class], 0 where not yet known */
	unsigned shift;
	struct state *states; /* from 1 */
	unsigned char *leap;  /* [state]: enum leap */
	uint16_t *landing;    /* [state]: behind LEAP_TEXT, 0: not known */
	size_t n_states, max_states;
	uint32_t *pool; /* nodes of all states */
	size_t n_pool, max_pool;
	uint32_t *slots; /* states by hash of their nodes */
	size_t n_slots;
	uint64_t *accept; /* bitsets */
	size_t n_accept, max_accept;

	uint32_t *work; /* the state being made, sorted */
	size_t n_work;
	uint32_t *seen; /* [node]: the turn in which it was put there */
	uint32_t turn;
};

static size_t
power_of_two(size_t n)
{
	size_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static void
choose_sizes(struct pattern_run *r)
{
	const struct pattern_set *s = r->set;
	size_t states = 64 + 8 * s->n_nodes;
	size_t fit;
	size_t width = s->words ? s->words * sizeof(*r->accept) : 1;

	while ((1u << r->shift) < s->n_classes)
		r->shift++;
	fit = (TABLE_BYTES_MAX >> r->shift) / sizeof(*r->next);
	if (states > PATTERN_STATES_MAX)
		states = PATTERN_STATES_MAX;
	r->max_states = states < fit ? states : fit;
	r->max_pool = 4 * s->n_nodes + 8 * r->max_states;
	r->n_slots = power_of_two(2 * r->max_states);
	r->max_accept = ACCEPT_BYTES_MAX / width;
	if (r->max_accept > r->max_states)
		r->max_accept = r->max_states;
}

static bool
make_tables(struct pattern_run *r)
{
	const struct pattern_set *s = r->set;

	/* calloc() of what is large costs nothing until it is touched. */
	r->next = calloc((r->max_states + 1) << r->shift, sizeof(*r->next));
	r->states = calloc(r->max_states + 1, sizeof(*r->states));
	r->leap = calloc(r->max_states + 1, sizeof(*r->leap));
	r->landing = calloc(r->max_states + 1, sizeof(*r->landing));
	r->pool = calloc(r->max_pool, sizeof(*r->pool));
	r->slots = calloc(r->n_slots, sizeof(*r->slots));
	r->accept = calloc(r->max_accept * s->words + 1, sizeof(*r->accept));
	r->work = calloc(s->n_nodes, sizeof(*r->work));
	r->seen = calloc(s->n_nodes, sizeof(*r->seen));
	return r->next && r->states && r->leap && r->landing && r->pool &&
	    r->slots && r->accept && r->work && r->seen;
}

static void forget_states(struct pattern_run *r);

struct pattern_run *
pattern_run_new(const struct pattern_set *s)
{
	struct pattern_run *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->set = s;
	if (s->n_nodes == 1)
		return r; /* literals only: there is nothing to walk */
	choose_sizes(r);
	if (!make_tables(r)) {
		pattern_run_free(r);
		return NULL;
	}
	forget_states(r);
	return r;
}

void
pattern_run_free(struct pattern_run *r)
{
	if (!r)
		return;
	free(r->next);
	free(r->states);
	free(r->leap);
	free(r->landing);
	free(r->pool);
	free(r->slots);
	free(r->accept);
	free(r->work);
	free(r->seen);
	free(r);
}

/*
 * Making a state
 */

static void
work_begin(struct pattern_run *r)
{
	r->n_work = 0;
	if (++r->turn == 0) {
		memset(r->seen, 0, r->set->n_nodes * sizeof(*r->seen));
		r->turn = 1;
	}
}

static void
work_put(struct pattern_run *r, uint32_t node)
{
	if (r->seen[node] == r->turn)
		return;
	r->seen[node] = r->turn;
	r->work[r->n_work++] = node;
}

/* A node, and the stars behind it, for they may stand for nothing.  Behind a
 * star there is never another star. */
static void
work_add(struct pattern_run *r, uint32_t node)
{
	const struct pattern_node *n = &r->set->nodes[node];

	work_put(r, node);
	if (n->star)
		work_put(r, n->star);
	if (n->across)
		work_put(r, n->across);
}

static int
cmp_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
work_sort(struct pattern_run *r)
{
	uint32_t *w = r->work;

	if (r->n_work > 32) {
		qsort(w, r->n_work, sizeof(*w), cmp_u32);
		return;
	}
	for (size_t i = 1; i < r->n_work; i++) {
		uint32_t v = w[i];
		size_t j = i;

		for (; j > 0 && w[j - 1] > v; j--)
			w[j] = w[j - 1];
		w[j] = v;
	}
}

/* The nodes possible after `byte`, from those of a state. */
static void
work_step(struct pattern_run *r, uint32_t state, unsigned char byte)
{
	const struct state *from = &r->states[state];
	bool separator = byte == ':' || byte == '/';

	work_begin(r);
	for (uint32_t i = 0; i < from->n; i++) {
		uint32_t node = r->pool[from->from + i];
		unsigned kind = r->set->nodes[node].kind;
		uint32_t child = pattern_child(r->set, node, byte);

		if (kind == NODE_ACROSS || (kind == NODE_STAR && !separator))
			work_put(r, node);
		if (child)
			work_add(r, child);
	}
	work_sort(r);
}

static size_t
work_hash(const struct pattern_run *r)
{
	uint64_t h = 0x9e3779b97f4a7c15u + r->n_work;

	for (size_t i = 0; i < r->n_work; i++) {
		h = (h ^ r->work[i]) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return (size_t)h & (r->n_slots - 1);
}

static bool
is_work(const struct pattern_run *r, const struct state *s)
{
	return s->n == r->n_work &&
	    memcmp(&r->pool[s->from], r->work, s->n * sizeof(*r->work)) == 0;
}

/* Does only a separator lead out of this star? */
static bool
is_of_segment(const struct pattern_set *s, const struct pattern_node *n)
{
	for (uint32_t c = n->child; c; c = s->nodes[c].next)
		if (s->nodes[c].byte != ':' && s->nodes[c].byte != '/')
			return false;
	return true;
}

static enum leap
work_leap(const struct pattern_run *r)
{
	const struct pattern_node *n;

	if (r->n_work != 1)
		return LEAP_NONE;
	n = &r->set->nodes[r->work[0]];
	if (n->kind == NODE_ACROSS)
		return n->child ? LEAP_NONE : LEAP_ALL;
	if (n->kind == NODE_STAR)
		return is_of_segment(r->set, n) ? LEAP_SEGMENT : LEAP_NONE;
	return r->set->ahead[r->work[0]] < LEAP_MIN ? LEAP_NONE : LEAP_TEXT;
}

static uint32_t
state_new(struct pattern_run *r, size_t slot)
{
	uint32_t id = (uint32_t)++r->n_states;
	struct state *s = &r->states[id];

	s->from = (uint32_t)r->n_pool;
	s->n = (uint32_t)r->n_work;
	s->accept = ROWS_UNKNOWN;
	s->slot = (uint32_t)slot;
	r->leap[id] = (unsigned char)work_leap(r);
	r->landing[id] = 0;
	memcpy(&r->pool[s->from], r->work, r->n_work * sizeof(*r->work));
	r->n_pool += r->n_work;
	r->slots[slot] = id;
	return id;
}

static bool
is_full(const struct pattern_run *r)
{
	return r->n_states == r->max_states ||
	    r->max_pool - r->n_pool < r->n_work;
}

/* The state of the nodes in `work`. */
static uint32_t
work_state(struct pattern_run *r, bool *forgot)
{
	size_t mask = r->n_slots - 1;
	size_t i = work_hash(r);

	for (; r->slots[i]; i = (i + 1) & mask)
		if (is_work(r, &r->states[r->slots[i]]))
			return r->slots[i];
	if (!is_full(r))
		return state_new(r, i);
	*forgot = true;
	return 0;
}

/* Forget all states, and make the first two again. */
static void
forget_states(struct pattern_run *r)
{
	bool forgot = false;

	memset(r->next, 0, ((r->n_states + 1) << r->shift) * sizeof(*r->next));
	for (size_t i = 1; i <= r->n_states; i++)
		r->slots[r->states[i].slot] = 0;
	r->n_states = r->n_pool = r->n_accept = 0;
	work_begin(r);
	work_add(r, 0);
	work_sort(r);
	work_state(r, &forgot); /* STATE_START */
	work_begin(r);
	work_state(r, &forgot); /* STATE_DEAD: no nodes */
}

/* The state of the nodes in `work`, where need be in a new table: `*forgot`
 * then says that the numbers of other states are of the old one. */
static uint32_t
work_done(struct pattern_run *r, bool *forgot)
{
	uint32_t to = work_state(r, forgot);
	uint32_t *kept;
	size_t n = r->n_work;
	bool again = false; /* cannot be: the table is all but empty */

	if (!*forgot)
		return to;
	/* At the end of the pool the first two states are not in the way. */
	kept = r->pool + r->max_pool - n;
	memmove(kept, r->work, n * sizeof(*kept));
	forget_states(r);
	memcpy(r->work, kept, n * sizeof(*kept));
	r->n_work = n;
	return work_state(r, &again);
}

static uint32_t
step(struct pattern_run *r, uint32_t state, unsigned char byte)
{
	bool forgot = false;
	uint32_t to;

	work_step(r, state, byte);
	to = work_done(r, &forgot);
	if (!forgot)
		r->next[(size_t)state << r->shift | r->set->class_of[byte]] =
		    (uint16_t)to;
	return to;
}

/* The state behind the only way on. */
static uint32_t
land(struct pattern_run *r, uint32_t state, uint32_t node)
{
	bool forgot = false;
	uint32_t to;

	work_begin(r);
	work_add(r, node + r->set->ahead[node]);
	work_sort(r);
	to = work_done(r, &forgot);
	if (!forgot)
		r->landing[state] = (uint16_t)to;
	return to;
}

/*
 * Asking
 */

static bool
accept_collect(
    const struct pattern_run *r, const struct state *st, uint64_t *rows)
{
	const struct pattern_set *s = r->set;
	bool any = false;

	for (uint32_t i = 0; i < st->n; i++) {
		const struct pattern_node *n = &s->nodes[r->pool[st->from + i]];

		if (!n->rows.list)
			continue;
		any = true;
		pattern_rows_or(s, &n->rows, rows);
	}
	return any;
}

static void
accept_rows(struct pattern_run *r, uint32_t state, uint64_t *rows)
{
	struct state *st = &r->states[state];
	size_t words = r->set->words;
	uint64_t *mine;

	if (st->accept == ROWS_UNKNOWN) {
		if (r->n_accept == r->max_accept) {
			accept_collect(r, st, rows);
			return;
		}
		mine = r->accept + r->n_accept * words;
		memset(mine, 0, words * sizeof(*mine));
		st->accept = NO_ROWS;
		if (accept_collect(r, st, mine))
			st->accept = (uint32_t)r->n_accept++;
	}
	if (st->accept == NO_ROWS)
		return;
	mine = r->accept + st->accept * words;
	for (size_t i = 0; i < words; i++)
		rows[i] |= mine[i];
}

static size_t
to_separator(struct slice name, size_t i)
{
	while (i < name.n && name.p[i] != ':' && name.p[i] != '/')
		i++;
	return i;
}

/* Read what can be read at once in this state; false where that is nothing. */
static bool
leap(struct pattern_run *r, uint32_t *state, struct slice name, size_t *at)
{
	size_t i = *at, ahead;
	uint32_t node, to;

	switch (r->leap[*state]) {
	case LEAP_ALL:
		*at = name.n;
		return true;
	case LEAP_SEGMENT:
		*at = to_separator(name, i);
		return *at > i;
	default:
		node = r->pool[r->states[*state].from];
		ahead = r->set->ahead[node];
		if (name.n - i < ahead ||
		    memcmp(name.p + i, r->set->text + node + 1, ahead) != 0)
			return false;
		to = r->landing[*state];
		*state = to ? to : land(r, *state, node);
		*at = i + ahead;
		return true;
	}
}

void
pattern_match(struct pattern_run *r, struct slice name, uint64_t *rows)
{
	const struct pattern_set *s = r->set;
	const struct pattern_literal *l = pattern_literal_find(s, name);
	uint32_t state = STATE_START;
	size_t i = 0;

	if (l)
		pattern_rows_or(s, &l->rows, rows);
	if (s->n_nodes == 1)
		return;
	while (i < name.n && state != STATE_DEAD) {
		unsigned char c = (unsigned char)name.p[i];
		uint32_t to;

		if (r->leap[state] && leap(r, &state, name, &i))
			continue;
		to = r->next[(size_t)state << r->shift | s->class_of[c]];
		state = to ? to : step(r, state, c);
		i++;
	}
	accept_rows(r, state, rows);
}
