/*
 * surprise.c - how many bits a request is worth.
 *
 * Knows the formulas and the table of weights; changes nothing.  For each
 * dimension in which the request is new to its principal:
 *
 *     own     -log2 of how often such a principal does something new here in
 *             a day, by itself and, while it is young, by its peers
 *     kin     -log2 of how often what peers adopt had this standing: never
 *             seen, used by one, by a few, by many, adopted just now
 *
 * Both count days, not requests, so that they mean the same for a script that
 * runs each minute and for a person.  doc/baseline.md says it in words.
 * Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include <math.h>

/* How much a prior weighs against what was seen, in days or adoptions. */
#define OWN_PRIOR 3.0
#define PEERS_PRIOR 2.0
#define CALLERS_PRIOR 2.0
#define STANDING_PRIOR 4.0
#define HOUR_PRIOR 4.0
#define WEEKDAY_PRIOR 2.0
#define WEEKDAYS_ALIKE 1.5 /* a week more or less says nothing */
#define OTHER_DAY_BITS 2.0 /* then the days are named */

/* A few numbers, found on simulated organisations and rounded; each is what
 * a bit of this kind is worth beside the others. */
static const struct {
	/* At home. Of places the strongest counts; of action, program and
	 * region the strongest, and half of the others; of target and its
	 * account the strongest. */
	double country, asn, network, action, agent, region, beside;
	double target, account, callers, kind;
	double session, lifetime, outcome, mfa, terms, hosted, hour, weekday;
	/* The hour, where the target is new as well. */
	double hour_beside;
	/* The first request of all: most is new then, which says little. */
	double new_self, new_callers, new_target, new_kind, new_other,
	    new_hosted, new_agent;
	/* People wander more than machines do; a service does what others made
	 * it do, whose own requests are judged. */
	double person, service;
	/* Many denied within an hour, and a long silence beside other news. */
	double denied, dormant;
	/* Many more requests in an hour than ever before; several new targets
	 * in an hour; new targets day after day. */
	double spike, spree, drip;
	/* What was told on an earlier day and goes on. */
	double told;
} weigh = {
	.country = 1.4,
	.asn = 0.8,
	.network = 0.5,
	.action = 0.35,
	.agent = 0.6,
	.region = 0.15,
	.beside = 0.5,
	.target = 1.2,
	.account = 1.4,
	.callers = 0.8,
	.kind = 0.6,
	.session = 0.6,
	.lifetime = 0.3,
	.outcome = 0.5,
	.mfa = 2.0,
	.terms = 2.0,
	.hosted = 2.0,
	.hour = 0.7,
	.weekday = 0.3,
	.hour_beside = 2.1,
	.new_self = 0.6,
	.new_callers = 2.0,
	.new_target = 0.5,
	.new_kind = 0.5,
	.new_other = 0.5,
	.new_hosted = 1.0,
	.new_agent = 0.2,
	.person = 0.7,
	.service = 0.4,
	.denied = 1.0,
	.dormant = 1.0,
	.spike = 2.2,
	.spree = 5.0,
	.drip = 0.3,
	.told = 0.4,
};

unsigned
age_of(uint32_t days)
{
	return days < 1 ? 0 : days < 4 ? 1 : days < 10 ? 2 : 3;
}

static unsigned
crowd(uint32_t n)
{
	return n < 1 ? 0 : n < 2 ? 1 : n < 4 ? 2 : n < 10 ? 3 : 4;
}

unsigned
weekday_of(int64_t day)
{
	return (unsigned)((day % WEEK + WEEK) % WEEK);
}

unsigned
standing_of(const struct value *v, int64_t now)
{
	unsigned lately;

	if (!v || v->users == 0)
		return 1; /* nobody, young */
	lately = (now - v->adopted[0] < FRESH_SECONDS ? 1u : 0u) +
	    (now - v->adopted[1] < FRESH_SECONDS ? 1u : 0u);
	return (crowd(v->adopters) * 3 + lately) * 2 +
	    (now - v->first < YOUNG_SECONDS ? 1u : 0u);
}

static double
bits(double p)
{
	return p < 1 ? -log2(p) : 0;
}

static double
larger(double x, double y)
{
	return x > y ? x : y;
}

/* ---- one dimension --------------------------------------------------------- */

struct scene {
	const struct baseline *b;
	const struct traits *t;
	const struct principal *me; /* NULL: never seen */
	int64_t day;
	unsigned age;
	bool new_day;
};

static double
novelty_rate(const struct scene *s, const struct rate *mine,
    const struct rate *all, double tried)
{
	struct rate m = rate_at(s->b, mine, s->day);
	struct rate a = rate_at(s->b, all, s->day);
	double everybody = (a.news + .5) / (a.trials + tried + 1);

	return (m.news + PEERS_PRIOR * everybody) /
	    (m.trials + tried + PEERS_PRIOR);
}

/* How often its peers of the same age do something new here. */
static double
peers_rate(const struct scene *s, enum dimension d)
{
	return novelty_rate(s, &s->b->peers[s->t->peers].novelty[d][s->age],
	    &s->b->peers[PEERS_ALL].novelty[d][s->age], 1);
}

static double
own_bits(const struct scene *s, enum dimension d)
{
	const struct peers_habits *peers = &s->b->peers[s->t->peers];
	const struct peers_habits *all = &s->b->peers[PEERS_ALL];
	bool tried = !s->new_day && s->me && (s->me->tried >> d & 1);
	double rate = novelty_rate(s, &peers->novelty[d][s->age],
	    &all->novelty[d][s->age], tried ? 0 : 1);
	double left, trials = 0, news = 0;

	if (s->me) {
		left = habits_fade(s->b, s->day - s->me->fade_day);
		trials = s->me->trials[d] * left;
		news = s->me->news[d] * left;
	}
	if (tried && trials >= 1)
		trials -= 1;
	return bits((news + OWN_PRIOR * rate) / (trials + OWN_PRIOR));
}

static double
kin_bits(const struct scene *s, enum dimension d, unsigned standing)
{
	const struct peers_habits *peers = &s->b->peers[s->t->peers];
	const struct peers_habits *all = &s->b->peers[PEERS_ALL];
	/* What others took up in the last days is expected to go on. */
	unsigned lately = standing / 2 % 3;
	double everybody = (all->standing[d][standing] + .5 + 2 * lately) /
	    (all->standings[d] + STANDING_PRIOR);

	return bits(
	    (peers->standing[d][standing] + STANDING_PRIOR * everybody) /
	    (peers->standings[d] + STANDING_PRIOR));
}

/* What is new in this dimension, in bits; 0 where nothing is. */
static double
dimension_bits(
    const struct scene *s, enum dimension d, bool ahead, struct surprise *out)
{
	uint64_t hash = s->t->hash[d];
	const struct fact *f = s->me ? habits_fact(s->me, hash) : NULL;
	const struct value *v;
	double damp = f && f->day < s->day ? weigh.told : 1;

	if (hash == 0 || (f && f->told_days == 0))
		return 0;
	out->unknown |= (uint16_t)(1u << d);
	if (ahead && pending_has(s->b->pending, s->t->who_hash, hash))
		return 0;
	out->novel[d] = true;
	v = f ? f->value : habits_value(s->b, hash);
	return damp *
	    (own_bits(s, d) + kin_bits(s, d, standing_of(v, s->t->time.sec)));
}

/* ---- the target's side ------------------------------------------------------- */

struct target_side {
	double rate, kind; /* bits: a new caller; a caller of such peers */
};

static struct target_side
ask_target(const struct scene *s, struct surprise *out)
{
	struct target_side side = { 0, 0 };
	const struct value *v = out->novel[DIM_TARGET]
	    ? habits_value(s->b, s->t->hash[DIM_TARGET])
	    : NULL;
	const struct callers *c = v ? v->callers : NULL;
	struct rate r;
	double tried, known, sum = 0;
	unsigned age;

	if (!c || v->adopters == 0)
		return side;
	out->callers = v->adopters;
	age = age_of(c->days);
	r = rate_at(s->b, &c->rate, s->day);
	tried = c->last_day == s->day ? 0 : 1;
	known = novelty_rate(s, &s->b->peers[s->t->peers].callers[age],
	    &s->b->peers[PEERS_ALL].callers[age], tried);
	if (tried == 0 && r.trials >= 1)
		r.trials -= 1;
	side.rate = bits(
	    (r.news + CALLERS_PRIOR * known) / (r.trials + CALLERS_PRIOR));
	for (int i = 0; i < PEERS_COUNT; i++)
		sum += c->by_peers[i];
	out->other_kind = sum > 0 && c->by_peers[s->t->peers] == 0;
	if (sum > 0)
		side.kind = bits((c->by_peers[s->t->peers] + .5) / (sum + 1));
	return side;
}

/* ---- when -------------------------------------------------------------------- */

static double
density(const struct principal *me, const double all[24], double sum_all,
    double sum_me, int hour)
{
	static const double kernel[5] = { .1, .2, .4, .2, .1 };
	double near = 0;

	for (int i = 0; me && i < 5; i++)
		near += kernel[i] * me->hours[(hour + i + 22) % 24];
	return (near + HOUR_PRIOR * (all[hour] + 1) / (sum_all + 24)) /
	    (sum_me + HOUR_PRIOR);
}

/* How much of the day is as unusual as this hour, or more so. */
static double
hour_bits(const struct scene *s)
{
	const double *all = s->b->peers[s->t->peers].hours;
	int hour = (int)(s->t->time.sec / HOUR_SECONDS % 24);
	double sum_all = 0, sum_me = 0, d[24], tail = 0;

	if (hour < 0)
		hour += 24;
	for (int i = 0; i < 24; i++) {
		sum_all += all[i];
		sum_me += s->me ? s->me->hours[i] : 0;
	}
	for (int i = 0; i < 24; i++)
		d[i] = density(s->me, all, sum_all, sum_me, i);
	for (int i = 0; i < 24; i++)
		if (d[i] <= d[hour] * 1.0001)
			tail += d[i];
	return bits(tail);
}

/* The same of the day of the week. */
static double
weekday_bits(const struct scene *s)
{
	const double *all = s->b->peers[s->t->peers].weekdays;
	unsigned today = weekday_of(s->day);
	double sum_all = 0, sum_me = 0, d[WEEK], tail = 0;

	for (int i = 0; i < WEEK; i++) {
		sum_all += all[i];
		sum_me += s->me ? s->me->weekdays[i] : 0;
	}
	for (int i = 0; i < WEEK; i++)
		d[i] = ((s->me ? s->me->weekdays[i] : 0) +
			   WEEKDAY_PRIOR * (all[i] + 1) / (sum_all + WEEK)) /
		    (sum_me + WEEKDAY_PRIOR);
	for (int i = 0; i < WEEK; i++)
		if (d[i] <= d[today] * WEEKDAYS_ALIKE)
			tail += d[i];
	return bits(tail);
}

#define BURST_DENIED 5  /* denied in an hour */
#define DORMANT_DAYS 21 /* of silence */

#define SPIKE_LEAST 40.0 /* requests in an hour */
#define SPIKE_TIMES 4.0  /* the busiest hour so far */

/* What is learned of this hour, what waits, and this one. */
static uint32_t
in_this_hour(
    const struct scene *s, uint32_t learned, bool ahead, uint64_t value)
{
	bool same = s->me->hour_mark == s->t->time.sec / HOUR_SECONDS;

	return (same ? learned : 0) + 1 +
	    (ahead ? pending_count(s->b->pending, s->t->who_hash, value) : 0);
}

static void
rate_spike(const struct scene *s, bool ahead, struct surprise *out)
{
	double asked;

	if (!s->me || s->age < AGE_WEEKS)
		return;
	out->asked = in_this_hour(s, s->me->this_hour, ahead, 0);
	out->peak = larger((double)s->me->peak, 1);
	asked = out->asked;
	if (asked >= SPIKE_LEAST && asked >= SPIKE_TIMES * out->peak)
		out->part[PART_RATE] = weigh.spike * log2(asked / out->peak);
}

static unsigned
count_bits(unsigned set)
{
	unsigned n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* Of n days so many or more, where each has the chance q. */
static double
at_least(unsigned k, unsigned n, double q)
{
	double p = 0, choose = 1;

	for (unsigned i = 0; i <= n; i++) {
		if (i >= k)
			p += choose * pow(q, i) * pow(1 - q, n - i);
		choose = choose * (n - i) / (i + 1);
	}
	return p;
}

/* Its own rate of new targets grows with them, so that each is less of a surprise
 * than the one before.  Many at once are held against one ... */
static double
spree_bits(const struct scene *s, bool ahead, struct surprise *out)
{
	out->spree = in_this_hour(s, s->me->targets_this_hour, false, 0) +
	    (ahead ? pending_new_targets(s->b->pending, s->t->who_hash) : 0);
	return out->spree >= SPREE_LEAST ? log2(out->spree - 1) : 0;
}

/* ... and one day after day against the rate before these days. */
static double
drip_bits(const struct scene *s, struct surprise *out)
{
	const struct principal *me = s->me;
	unsigned before = s->new_day ? me->drip : me->drip >> 1u;
	unsigned n = me->days < DRIP_DAYS ? me->days : DRIP_DAYS;
	double left = habits_fade(s->b, s->day - me->fade_day);
	double trials, news, q;

	out->drip = count_bits(before & ((1u << DRIP_DAYS) - 1)) + 1;
	if (out->drip < DRIP_LEAST)
		return 0;
	trials = larger(me->trials[DIM_TARGET] * left - n, 0);
	news = larger(me->news[DIM_TARGET] * left - (out->drip - 1), 0);
	q = (news + OWN_PRIOR * peers_rate(s, DIM_TARGET)) /
	    (trials + OWN_PRIOR);
	return q < 1 ? bits(at_least(out->drip, n + 1, q)) : 0;
}

static void
more_and_more_targets(const struct scene *s, bool ahead, struct surprise *out)
{
	if (!s->me || s->age < AGE_WEEKS || !out->novel[DIM_TARGET])
		return;
	out->part[PART_TARGET] += weigh.spree * spree_bits(s, ahead, out) +
	    weigh.drip * drip_bits(s, out);
}

static void
denied_and_dormant(const struct scene *s, bool ahead, struct surprise *out)
{
	bool denied = slice_is(s->t->value[DIM_OUTCOME], "denied");
	double news = out->part[PART_COUNTRY] + out->part[PART_ASN] +
	    out->part[PART_AGENT] + out->part[PART_ACTION] +
	    out->part[PART_TARGET];

	if (denied)
		out->unknown |= 1u << DIM_OUTCOME;
	if (!s->me)
		return;
	if (denied)
		out->denied = in_this_hour(
		    s, s->me->denied_this_hour, ahead, s->t->hash[DIM_OUTCOME]);
	if (denied && out->denied >= BURST_DENIED && out->novel[DIM_TARGET])
		out->part[PART_DENIED] = weigh.denied *
		    log2((double)out->denied);
	out->idle_days = (double)(s->t->time.sec - s->me->last) / DAY_SECONDS;
	if (out->idle_days >= DORMANT_DAYS && news > 1)
		out->part[PART_DORMANT] = weigh.dormant *
		    log2(out->idle_days / 7);
}

/* ---- all of it ----------------------------------------------------------------- */

/* Share `sum` among parts by what each would weigh alone. */
static void
share(struct surprise *s, double sum, const enum part *parts, const double *w,
    int n)
{
	double all = 0;

	for (int i = 0; i < n; i++)
		all += w[i];
	for (int i = 0; i < n && all > 0; i++)
		s->part[parts[i]] += sum * w[i] / all;
}

static void
add_places(struct surprise *s, double cc, double asn, double net, double weight)
{
	static const enum part parts[] = { PART_COUNTRY, PART_ASN,
		PART_NETWORK };
	const double w[] = { cc, asn, net };

	share(s, weight * larger(cc, larger(asn, net)), parts, w, 3);
}

static void
first_of_all(const struct scene *s, const double x[DIM_COUNT],
    const struct target_side *side, struct surprise *out)
{
	struct rate n = rate_at(
	    s->b, &s->b->peers[s->t->peers].newcomers, s->day);
	bool told = s->me && s->me->told_day < s->day;
	double damp = told ? weigh.told : 1;

	if (s->me && s->me->told_days >= CONFIRM_DAYS)
		return;

	out->part[PART_NEWCOMER] = damp * weigh.new_self *
	    bits((n.news + .5) / (n.trials + 2));
	if (out->callers > 0)
		out->part[PART_TARGET] = damp *
		    (weigh.new_callers * side->rate +
			weigh.new_kind * side->kind +
			weigh.new_target * x[DIM_TARGET]);
	add_places(out, x[DIM_COUNTRY], x[DIM_ASN], 0, damp * weigh.new_other);
	out->part[PART_ASN] += damp * weigh.new_hosted * x[DIM_HOSTED];
	out->part[PART_ACTION] = damp * weigh.new_other * x[DIM_ACTION];
	out->part[PART_AGENT] = damp * weigh.new_agent * x[DIM_AGENT];
}

static void
rare_of(const double x[DIM_COUNT], struct surprise *out)
{
	const struct {
		enum dimension d;
		double bits;
	} rare[] = {
		{ DIM_LIFETIME, weigh.lifetime * x[DIM_LIFETIME] },
		{ DIM_SESSION, weigh.session * x[DIM_SESSION] },
		{ DIM_OUTCOME, weigh.outcome * x[DIM_OUTCOME] },
		{ DIM_MFA, weigh.mfa * x[DIM_MFA] },
		{ DIM_TERMS, weigh.terms * x[DIM_TERMS] },
	};
	double most = -1;

	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++) {
		out->part[PART_RARE] += rare[i].bits;
		if (rare[i].bits > most) {
			most = rare[i].bits;
			out->rare = rare[i].d;
		}
	}
}

static void
at_home(const struct scene *s, const double x[DIM_COUNT],
    const struct target_side *side, struct surprise *out)
{
	static const enum part what[] = { PART_ACTION, PART_AGENT,
		PART_REGION };
	const double w[] = { weigh.action * x[DIM_ACTION],
		weigh.agent * x[DIM_AGENT], weigh.region * x[DIM_REGION] };
	double most = larger(w[0], larger(w[1], w[2])), day;

	add_places(out, weigh.country * x[DIM_COUNTRY], weigh.asn * x[DIM_ASN],
	    weigh.network * x[DIM_NETWORK], 1);
	out->part[PART_ASN] += weigh.hosted * x[DIM_HOSTED];
	share(
	    out, most + weigh.beside * (w[0] + w[1] + w[2] - most), what, w, 3);
	out->part[PART_TARGET] = weigh.callers * side->rate +
	    weigh.kind * side->kind +
	    larger(
		weigh.target * x[DIM_TARGET], weigh.account * x[DIM_ACCOUNT]);
	rare_of(x, out);
	day = weekday_bits(s);
	out->other_day = day >= OTHER_DAY_BITS;
	out->part[PART_HOUR] = weigh.weekday * day +
	    hour_bits(s) *
		(out->novel[DIM_TARGET] ? weigh.hour_beside : weigh.hour);
}

static bool
is_usual(const struct scene *s, const struct surprise *out)
{
	if (!s->me || s->me->days < CONFIRM_DAYS)
		return false;
	for (int d = 0; d < DIM_COUNT; d++)
		if (out->novel[d])
			return false;
	return true;
}

/* People have heard of it on another day. */
static bool
goes_on(const struct scene *s)
{
	int64_t last;

	if (!s->me)
		return false;
	last = s->me->told_on < s->day ? s->me->told_on : s->me->told_before;
	return last >= 0 && s->day - last <= GOES_ON_DAYS;
}

void
surprise_of(const struct baseline *b, const struct traits *t, bool ahead,
    struct surprise *out)
{
	struct scene s = { .b = b, .t = t };
	double x[DIM_COUNT], factor = 1;
	struct target_side side;

	*out = (struct surprise){ 0 };
	s.me = habits_principal(b, t->who_hash);
	s.day = when_day(t->time);
	if (s.me && s.me->last_day > s.day)
		s.day = s.me->last_day;
	s.new_day = !s.me || s.me->last_day != s.day;
	s.age = age_of(s.me ? s.me->days : 0);
	for (int d = 0; d < DIM_COUNT; d++)
		x[d] = dimension_bits(&s, (enum dimension)d, ahead, out);
	out->usual = is_usual(&s, out);
	out->goes_on = goes_on(&s);
	side = ask_target(&s, out);
	if (s.age == 0)
		first_of_all(&s, x, &side, out);
	else
		at_home(&s, x, &side, out);
	more_and_more_targets(&s, ahead, out);
	denied_and_dormant(&s, ahead, out);
	rate_spike(&s, ahead, out);
	if (t->peers == PEERS_PERSON)
		factor = weigh.person;
	else if (t->peers == PEERS_SERVICE)
		factor = weigh.service;
	for (int i = 0; i < PART_COUNT; i++) {
		out->part[i] *= factor;
		out->total += out->part[i];
	}
}
