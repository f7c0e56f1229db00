/*
 * learn.c - a request becomes habit.
 *
 * Knows which counts grow by a request, and that what was told as a finding
 * must be seen on CONFIRM_DAYS days before it is believed.  Comes in order of
 * time; what is late counts for the day its principal has come to.
 * Owned by the baseline.
 */
#include "detect/baseline_i.h"

#define HOURS_FULL 120   /* then all of a principal's hours are halved */
#define WEEKDAYS_FULL 12 /* the same of its days of the week */

struct lesson {
	struct baseline *b;
	const struct traits *t;
	struct principal *me;
	struct peers_habits *peers, *all;
	int64_t day;
	unsigned age;
	bool told;
};

static void
count_standing(struct lesson *l, enum dimension d, unsigned standing)
{
	l->peers->standing[d][standing]++;
	l->peers->standings[d]++;
	l->all->standing[d][standing]++;
	l->all->standings[d]++;
}

static void
count_novelty(struct lesson *l, enum dimension d)
{
	if (l->me->novel >> d & 1)
		return;
	l->me->novel |= (uint16_t)(1u << d);
	l->me->news[d]++;
	l->me->drip |= d == DIM_TARGET;
	l->peers->novelty[d][l->age].news++;
	l->all->novelty[d][l->age].news++;
}

/* A day on which something new could have happened here. */
static void
count_trial(struct lesson *l, enum dimension d)
{
	struct rate *mine = &l->peers->novelty[d][l->age];
	struct rate *all = &l->all->novelty[d][l->age];

	if (l->me->tried >> d & 1)
		return;
	l->me->tried |= (uint16_t)(1u << d);
	l->me->trials[d]++;
	rate_fade(l->b, mine, l->day);
	rate_fade(l->b, all, l->day);
	mine->trials++;
	all->trials++;
}

static void
count_caller_day(
    struct lesson *l, struct callers *c, struct rate *mine, struct rate *all)
{
	rate_fade(l->b, &c->rate, l->day);
	rate_fade(l->b, mine, l->day);
	rate_fade(l->b, all, l->day);
	if (c->last_day == l->day)
		return;
	c->rate.trials++;
	mine->trials++;
	all->trials++;
	c->new_today = false;
}

static void
teach_target(struct lesson *l, struct value *v, bool is_new)
{
	struct callers *c = v->callers;
	unsigned age = age_of(c->days);
	struct rate *mine = &l->peers->callers[age];
	struct rate *all = &l->all->callers[age];

	count_caller_day(l, c, mine, all);
	if (is_new) {
		if (v->adopters > 1 && !c->new_today) {
			c->new_today = true;
			c->rate.news++;
			mine->news++;
			all->news++;
		}
		c->by_peers[l->t->peers]++;
	}
	if (c->last_day != l->day)
		c->days++;
	c->last_day = l->day;
	mark_value(l->b, v);
}

/* Others see at once that somebody took it up, told or not: a roll-out is one
 * story, and the first of it was told. */
static void
take_up(struct lesson *l, struct value *v)
{
	if (v->first == 0)
		v->first = l->t->time.sec;
	v->adopted[1] = v->adopted[0];
	v->adopted[0] = l->t->time.sec;
	mark_value(l->b, v);
}

/* True once it is to be believed. */
static bool
confirm(struct lesson *l, struct fact *f)
{
	if (f->told_days == 0 && f->count > 0)
		return true;
	if (!l->told && f->told_days == 0)
		return true;
	if (f->told_days == 0 || f->day < l->day)
		f->told_days++;
	if (f->told_days < CONFIRM_DAYS)
		return false;
	f->told_days = 0;
	f->count = 0;
	return true;
}

static int
teach_dimension(struct lesson *l, enum dimension d)
{
	uint64_t hash = l->t->hash[d];
	struct fact *f = habits_fact(l->me, hash);
	struct value *v = f ? f->value : habits_value(l->b, hash);
	unsigned standing = standing_of(v, l->t->time.sec);
	bool is_new = !f || f->told_days > 0;

	if (!v)
		v = habits_add_value(l->b, d, hash, l->t->value[d]);
	if (!v)
		return ST_ENOMEM;
	if (!f) {
		f = habits_add_fact(l->b, l->me, v);
		if (!f)
			return ST_ENOMEM;
		take_up(l, v);
		l->me->targets_this_hour += d == DIM_TARGET;
	}
	if (!confirm(l, f)) {
		f->day = (int32_t)l->day;
		return 0;
	}
	count_trial(l, d);
	f->count = (float)(f->count * habits_fade(l->b, l->day - f->day) + 1);
	f->day = (int32_t)l->day;
	if (is_new) {
		count_standing(l, d, standing);
		count_novelty(l, d);
		f->adopted = true;
		v->adopters++;
	}
	if (v->callers)
		teach_target(l, v, is_new);
	return 0;
}

static void
teach_hour(struct lesson *l)
{
	struct principal *me = l->me;
	int64_t hours = l->t->time.sec / HOUR_SECONDS;
	int hour = (int)((hours % 24 + 24) % 24);

	if (me->hour_mark == hours)
		return;
	if (me->peak < (float)me->this_hour)
		me->peak = (float)me->this_hour;
	me->hour_mark = hours;
	me->this_hour = me->denied_this_hour = me->targets_this_hour = 0;
	l->peers->hours[hour]++;
	if (++me->hours[hour] < HOURS_FULL)
		return;
	for (int i = 0; i < 24; i++)
		me->hours[i] /= 2;
}

static void
fade_principal(struct lesson *l)
{
	struct principal *me = l->me;
	float left = (float)habits_fade(l->b, l->day - me->fade_day);

	for (int d = 0; d < DIM_COUNT; d++) {
		me->trials[d] *= left;
		me->news[d] *= left;
	}
	me->peak *= left;
	me->fade_day = (int32_t)l->day;
	me->tried = me->novel = 0;
}

static void
teach_weekday(struct lesson *l)
{
	struct principal *me = l->me;
	unsigned today = weekday_of(l->day);

	l->peers->weekdays[today]++;
	if (++me->weekdays[today] < WEEKDAYS_FULL)
		return;
	for (int i = 0; i < WEEK; i++)
		me->weekdays[i] /= 2;
}

static void
new_day(struct lesson *l)
{
	struct rate *r = &l->peers->newcomers;

	rate_fade(l->b, r, l->day);
	r->trials++;
	if (l->me->days == 0)
		r->news++;
	fade_principal(l);
	teach_weekday(l);
	l->me->drip = (uint8_t)(l->me->drip << 1);
	l->me->last_day = (int32_t)l->day;
	l->me->days++;
}

static void
note_told(struct lesson *l)
{
	if (!l->told || l->me->told_on == l->day)
		return;
	l->me->told_before = l->me->told_on;
	l->me->told_on = (int32_t)l->day;
}

/* A newcomer that was told is nobody yet, until it has come on more days. */
static bool
is_welcome(struct lesson *l)
{
	struct principal *me = l->me;

	if (me->days > 0 || (!l->told && me->told_days == 0))
		return true;
	if (me->told_day < l->day || me->told_days == 0)
		me->told_days++;
	me->told_day = (int32_t)l->day;
	return me->told_days >= CONFIRM_DAYS;
}

int
learn(struct baseline *b, const struct traits *t, bool told)
{
	struct lesson l = { .b = b, .t = t, .told = told };
	int err = 0;

	l.me = habits_add_principal(b, t->who_hash, t->who);
	if (!l.me)
		return ST_ENOMEM;
	l.peers = &b->peers[t->peers];
	l.all = &b->peers[PEERS_ALL];
	l.peers->dirty = l.all->dirty = true;
	l.me->peers = (uint8_t)t->peers;
	l.day = when_day(t->time);
	if (l.me->last_day > l.day)
		l.day = l.me->last_day;
	l.age = age_of(l.me->days);
	note_told(&l);
	if (is_welcome(&l)) {
		/* One that was told is believed as a whole. */
		if (l.me->days == 0)
			l.told = false;
		if (l.me->last_day != l.day)
			new_day(&l);
		teach_hour(&l);
		for (int d = 0; d < DIM_COUNT && err == 0; d++)
			if (t->hash[d])
				err = teach_dimension(&l, (enum dimension)d);
		l.me->this_hour++;
		l.me->denied_this_hour += slice_is(
		    t->value[DIM_OUTCOME], "denied");
	}
	if (l.me->last < t->time.sec)
		l.me->last = t->time.sec;
	habits_touch(b, l.me);
	habits_trim(b);
	return err;
}
