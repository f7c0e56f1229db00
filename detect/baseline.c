/*
 * baseline.c - what is usual here: the door to the rooms of the baseline.
 *
 * Knows when a request is judged and when it is learned.  What it is worth is
 * surprise.c's business, what is remembered is habits.c's.  One owner.
 */
#include "detect/baseline_i.h"

#include <math.h>
#include <stdlib.h>

#define ARENA_FIRST 2048

static bool
same_principal(const void *item, const void *key)
{
	return ((const struct principal *)item)->hash == *(const uint64_t *)key;
}

static bool
same_value(const void *item, const void *key)
{
	return ((const struct value *)item)->hash == *(const uint64_t *)key;
}

void
baseline_set_options(struct baseline *b, const struct baseline_options *o)
{
	bool kept = b->o.kept;

	b->o = *o;
	b->o.kept = kept;
	if (b->o.bytes_max == 0)
		b->o.bytes_max = BASELINE_BYTES_DEFAULT;
	b->fade_step = exp2(-(double)DAY_SECONDS /
	    (double)(o->half_life > 0 ? o->half_life : 1));
	level_settle(b);
}

struct baseline *
baseline_new(const struct baseline_options *o)
{
	struct baseline *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->o.kept = o->kept;
	baseline_set_options(b, o);
	b->principals = (struct map)MAP_INIT(same_principal);
	b->values = (struct map)MAP_INIT(same_value);
	b->watermark = INT64_MIN;
	arena_init(&b->arena, ARENA_FIRST);
	arena_init(&b->words, ARENA_FIRST);
	b->pending = pending_new();
	b->told = told_new();
	if (!b->pending || !b->told) {
		baseline_free(b);
		return NULL;
	}
	return b;
}

void
baseline_free(struct baseline *b)
{
	if (!b)
		return;
	habits_free(b);
	pending_free(b->pending);
	told_free(b->told);
	buf_release(&b->gone);
	arena_release(&b->arena);
	arena_release(&b->words);
	free(b);
}

static bool
is_learning(const struct baseline *b, struct when t)
{
	if (b->o.learn_until.valid)
		return when_cmp(t, b->o.learn_until) < 0;
	return !b->first.valid || t.sec < b->first.sec + b->o.learning;
}

/* ---- learning ---------------------------------------------------------------- */

/* Judged once more, against exactly what came before it in time, so that
 * what is learned does not depend on the order of arrival. */
static int
take_in(struct baseline *b, const struct traits *t, bool by_policy)
{
	struct principal *p = habits_principal(b, t->who_hash);
	struct surprise s;
	bool told;
	int err;

	surprise_of(b, t, false, &s);
	told = by_policy ||
	    (!is_learning(b, t->time) && t->peers != PEERS_SERVICE &&
		s.total >= b->level.threshold);
	if (p && t->time.sec <= p->believed)
		told = false;
	err = learn(b, t, told);
	if (err < 0)
		return err;
	b->counts.learned++;
	p = habits_principal(b, t->who_hash);
	if (p && t->peers != PEERS_SERVICE)
		level_add(b, p, when_day(t->time), s.total);
	return 0;
}

static int
advance(struct baseline *b, int64_t until)
{
	struct traits t;
	bool by_policy;
	int err, first = 0;

	while (pending_take(b->pending, until, &t, &by_policy)) {
		err = take_in(b, &t, by_policy);
		if (first == 0)
			first = err;
	}
	if (b->watermark < until)
		b->watermark = until;
	b->clock_dirty = true;
	return first;
}

static int
take(struct baseline *b, const struct traits *t, const struct waits *w)
{
	uint64_t before;
	int64_t first;
	int err;

	b->clock_dirty = true;
	/* One that is older than what counts as order is no history. */
	if (!b->first.valid ||
	    (t->time.sec > b->watermark && when_cmp(t->time, b->first) < 0))
		b->first = t->time;
	if (!b->seen.valid || when_cmp(b->seen, t->time) < 0)
		b->seen = t->time;
	if (t->time.sec <= b->watermark) {
		b->counts.late++;
		return take_in(b, t, w->by_policy);
	}
	if (pending_full(b->pending) && pending_first(b->pending, &first)) {
		before = b->counts.learned;
		err = advance(b, first);
		b->counts.hurried += b->counts.learned - before;
		if (err < 0)
			return err;
	}
	if (t->time.sec <= b->watermark)
		return take_in(b, t, w->by_policy);
	return pending_add(b->pending, t, w);
}

int
baseline_finish(struct baseline *b)
{
	return b->seen.valid ? advance(b, b->seen.sec) : 0;
}

/* ---- judging ------------------------------------------------------------------ */

int
baseline_judge(struct baseline *b, const struct request *r, bool told,
    struct baseline_answer *answer)
{
	struct traits t;
	struct surprise s;
	struct waits waits;
	int err;

	*answer = (struct baseline_answer){ 0 };
	arena_reset(&b->arena);
	arena_reset(&b->words);
	answer->silent = !traits_read(r, &b->arena, &t);
	if (answer->silent)
		return 0;
	err = t.time.sec > INT64_MIN + b->o.lateness
	    ? advance(b, t.time.sec - b->o.lateness)
	    : 0;
	if (err < 0)
		return err;
	surprise_of(b, &t, true, &s);
	answer->who = t.who;
	answer->learning = is_learning(b, t.time);
	answer->usual = s.usual;
	answer->goes_on = s.goes_on;
	answer->bits = s.total;
	answer->score = level_score(b, s.total);
	if (!answer->learning && r->principal_type != PT_SERVICE) {
		answer->finding = s.total >= b->level.threshold;
		answer->held_back = !answer->finding && b->o.budget > 0 &&
		    s.total >= b->level.held;
		b->counts.held_back += answer->held_back;
	}
	b->traits = t;
	baseline_words(b, r, &s, answer);
	waits = (struct waits){ told, s.novel[DIM_TARGET], s.unknown };
	return take(b, &t, &waits);
}

/* ---- what people say ---------------------------------------------------------- */

int
baseline_told(struct baseline *b, const char *finding, const struct request *r)
{
	struct traits t;

	arena_reset(&b->arena);
	if (!traits_read(r, &b->arena, &t))
		return 0;
	return told_add(b->told, slice_str(finding), t.who_hash, t.who);
}

int
baseline_told_of(const struct baseline *b, const char *finding)
{
	struct slice who;
	uint64_t hash;

	return told_find(b->told, slice_str(finding), &hash, &who);
}

int
baseline_believe(struct baseline *b, const char *finding)
{
	struct principal *p;
	struct slice who;
	uint64_t hash;
	int err = told_find(b->told, slice_str(finding), &hash, &who);

	if (err < 0)
		return err;
	/* It is not there yet where all it did waits to be learned. */
	p = habits_add_principal(b, hash, who);
	if (!p)
		return ST_ENOMEM;
	habits_believe(b, p);
	return 0;
}

const struct baseline_counts *
baseline_counts(const struct baseline *b)
{
	/* Kept by the rooms themselves but for this one. */
	((struct baseline *)b)->counts.bytes = b->bytes;
	return &b->counts;
}
