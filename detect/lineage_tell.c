/*
 * lineage_tell.c - what is not right with where a credential is used and how it
 * was come by.
 *
 * One function a reason.  Each knows what makes it quiet: a place that its
 * owner is used to, an exit that many people share, a network that the policy
 * trusts.  One owner.
 */
#include "detect/lineage_i.h"

#include "detect/clouds.h"
#include "detect/traits.h"
#include "lib/hash.h"

#include <math.h>
#include <stdio.h>

#define HOUR_SECONDS 3600.0
#define HABIT_DAYS 2          /* a place seen on so many days is usual */
#define SHARED_EXIT_USERS 3   /* so many people behind a network: a VPN */
#define TRAVEL_MIN_KM 500     /* databases are wrong by less */
#define TRAVEL_MAX_KMH 1000.0 /* an aeroplane */
#define TRAVEL_LEAST_SECONDS 60

/* ---- places --------------------------------------------------------------- */

static uint64_t
network_hash(const struct addr *a)
{
	return hash_stable(a->b, a->v4 ? 15 : 6) | 1;
}

struct spot
spot_of(const struct request *r)
{
	const struct place *p = &r->source.place;
	struct spot s = { 0 };

	if (r->source.kind != SOURCE_IP || !r->source.ip.p)
		return s;
	s.sec = r->time.sec;
	s.network = network_hash(&r->source.addr);
	s.asn = p->asn;
	s.has_point = p->has_point;
	s.lat = (float)p->lat;
	s.lon = (float)p->lon;
	s.flags = (uint8_t)p->flags;
	memcpy(s.country, p->country, sizeof(s.country));
	return s;
}

/* Negative where a point is not known. */
static double
distance_km(const struct spot *a, const struct spot *b)
{
	struct place x = { .lat = (double)a->lat,
		.lon = (double)a->lon,
		.has_point = a->has_point };
	struct place y = { .lat = (double)b->lat,
		.lon = (double)b->lon,
		.has_point = b->has_point };

	return place_distance_km(&x, &y);
}

static bool
is_hidden(const struct spot *s)
{
	return s->flags &
	    (PLACE_ANONYMOUS | PLACE_VPN | PLACE_PROXY | PLACE_TOR);
}

static bool
other_country(const struct spot *a, const struct spot *b)
{
	return a->country[0] && b->country[0] &&
	    strcmp(a->country, b->country) != 0;
}

static struct slice
place_words(struct arena *a, const struct spot *s)
{
	const char *country = s->country[0] ? s->country : "unknown";

	if (!s->asn)
		return arena_printf(a, "%s", country);
	return arena_printf(a, "%s (AS%u)", country, s->asn);
}

/* ---- whose habits --------------------------------------------------------- */

/* A person by mail address, whatever provider or role; a machine by the role
 * it runs as, since its instances come and go. */
struct subject
lineage_subject_of(struct lineage *l, struct slice root, struct slice target,
    enum principal_type asker)
{
	struct slice mail = traits_mail(root, &l->words);
	struct subject s = { .name = root };

	s.person = asker == PT_SAML || asker == PT_IDENTITY_CENTER || mail.n;
	if (mail.n)
		s.name = mail;
	else if (target.n && (!root.n || asker == PT_SERVICE))
		s.name = target;
	s.hash = lineage_hash("who", s.name, SLICE_NULL, SLICE_NULL);
	return s;
}

struct subject
lineage_subject(const struct question *q)
{
	const struct token *root = lineage_root(q->token);

	if (!root)
		return lineage_subject_of(
		    q->l, q->r->principal, SLICE_NULL, q->r->principal_type);
	return lineage_subject_of(q->l, lineage_root_name(q->l, q->token),
	    name_text(root->target), (enum principal_type)root->asker);
}

static uint64_t
country_habit(const struct subject *who, const struct spot *s)
{
	uint64_t country = 0;

	memcpy(&country, s->country, sizeof(s->country));
	return lineage_mix(lineage_mix(who->hash, 'c'), country);
}

static uint64_t
asn_habit(const struct subject *who, const struct spot *s)
{
	return lineage_mix(
	    lineage_mix(who->hash, 'a'), s->asn ? s->asn : s->network);
}

static uint64_t
exit_habit(const struct spot *s)
{
	return lineage_mix(s->network, 'e');
}

static uint64_t
person_habit(const struct subject *who)
{
	return lineage_mix(who->hash, 'p');
}

static bool
is_at_home(
    const struct question *q, const struct subject *who, const struct spot *s)
{
	return known_since(
		   known_find(q->l, asn_habit(who, s)), s->sec, HABIT_DAYS) &&
	    known_since(
		known_find(q->l, country_habit(who, s)), s->sec, HABIT_DAYS);
}

/* A VPN's exit, an office: many people come from there. */
static bool
is_shared_exit(const struct question *q, const struct spot *s)
{
	const struct known *k = known_find(q->l, exit_habit(s));

	return k && k->count >= SHARED_EXIT_USERS;
}

static bool
is_trusted(const struct question *q, const struct subject *who)
{
	return q->scope->trusted || is_at_home(q, who, &q->spot) ||
	    is_shared_exit(q, &q->spot);
}

void
lineage_learn_place(
    struct lineage *l, const struct subject *who, const struct spot *s)
{
	struct known *exit;
	uint64_t pair;

	if (s->country[0])
		known_note(l, country_habit(who, s), s->sec);
	known_note(l, asn_habit(who, s), s->sec);
	if (!who->person)
		return;
	exit = known_note(l, exit_habit(s), s->sec);
	pair = lineage_mix(lineage_mix(who->hash, 'b'), s->network);
	if (exit && !known_find(l, pair)) {
		exit->count++;
		known_touch(l, exit);
	}
	known_note(l, pair, s->sec);
}

/* ---- reasons -------------------------------------------------------------- */

struct reason *
lineage_reason(
    struct lineage_answer *a, enum reason_code code, struct slice observed)
{
	struct reason *r;

	if (a->n_reasons == LINEAGE_REASONS_MAX)
		return NULL;
	r = &a->reasons[a->n_reasons++];
	*r = (struct reason){ .code = code,
		.observed = observed,
		.weight = reason_table[code].weight };
	return r;
}

static void
expect(struct reason *r, struct slice what)
{
	if (r && what.p && r->n_expected < REASON_EXPECTED_MAX)
		r->expected[r->n_expected++] = what;
}

/* Where it was minted, else where it was seen first. */
static const struct spot *
home_of(const struct token *t)
{
	if (t->parent && t->session == t->parent->session && !t->mint.sec)
		t = t->parent;
	if (t->mint.sec)
		return &t->mint;
	return t->last.sec ? &t->last : NULL;
}

/* By the policy's distance; without one, or without points, by country. */
static bool
is_far(const struct spot *home, const struct spot *s, double limit_km)
{
	double km = distance_km(home, s);

	return limit_km > 0 && km >= 0 ? km > limit_km : other_country(home, s);
}

static void
tell_far(const struct question *q, const struct subject *who,
    struct lineage_answer *a)
{
	const struct spot *home = home_of(q->token);
	struct reason *r;
	double km;

	if (!home || home->network == q->spot.network ||
	    !is_far(home, &q->spot, q->scope->max_distance_km) ||
	    is_trusted(q, who))
		return;
	km = distance_km(home, &q->spot);
	r = lineage_reason(
	    a, R_USED_FAR_FROM_MINT, place_words(&q->l->words, &q->spot));
	expect(r, place_words(&q->l->words, home));
	if (r && km >= 0)
		r->note = arena_printf(&q->l->words, "%.0f km apart", km);
	a->finding = true;
}

static void
tell_outside(const struct question *q, const struct subject *who,
    struct lineage_answer *a)
{
	const struct place *p = &q->r->source.place;

	if (!q->token->instance || q->scope->trusted ||
	    clouds_has(p) != CLOUDS_OUTSIDE || is_at_home(q, who, &q->spot))
		return;
	lineage_reason(a, R_INSTANCE_CREDENTIAL_OUTSIDE_CLOUD,
	    place_words(&q->l->words, &q->spot));
	a->finding = true;
}

static bool
is_too_fast(const struct spot *a, const struct spot *b)
{
	double km = distance_km(a, b);
	int64_t s = a->sec < b->sec ? b->sec - a->sec : a->sec - b->sec;

	if (km < TRAVEL_MIN_KM || is_hidden(a) || is_hidden(b))
		return false;
	if (s < TRAVEL_LEAST_SECONDS)
		s = TRAVEL_LEAST_SECONDS;
	return km / ((double)s / HOUR_SECONDS) > TRAVEL_MAX_KMH;
}

static void
tell_travel(const struct question *q, const struct subject *who,
    struct lineage_answer *a)
{
	struct known *k = known_find(q->l, person_habit(who));
	struct reason *r;

	if (!k || !k->spot || !is_too_fast(k->spot, &q->spot) ||
	    is_trusted(q, who) || is_shared_exit(q, k->spot))
		return;
	r = lineage_reason(
	    a, R_IMPOSSIBLE_TRAVEL, place_words(&q->l->words, &q->spot));
	expect(r, place_words(&q->l->words, k->spot));
	if (r)
		r->note = arena_printf(&q->l->words, "%.0f km in %lld minutes",
		    distance_km(k->spot, &q->spot),
		    (long long)((q->spot.sec - k->spot->sec) / 60));
	a->finding = true;
}

static void
learn_person(const struct question *q, const struct subject *who)
{
	struct known *k;

	if (!who->person)
		return;
	k = known_note(q->l, person_habit(who), q->spot.sec);
	if (!k || (k->spot && q->spot.sec < k->spot->sec))
		return;
	if (!k->spot || k->spot->network != q->spot.network)
		known_touch(q->l, k);
	/* Without memory only this journey is not seen. */
	(void)known_put_spot(k, &q->spot);
}

/* ---- places of a credential ------------------------------------------------ */

/* Nearly all uses: from where it was seen a moment ago. */
bool
lineage_is_no_news(const struct question *q)
{
	const struct token *t = q->token;

	return t && t->last.network == q->spot.network &&
	    t->last.sec / SAVE_SECONDS == q->spot.sec / SAVE_SECONDS;
}

/* A place that was told is none of its places. */
void
lineage_see_use(const struct question *q, bool told)
{
	struct token *t = q->token;
	bool moved;

	if (!t)
		return;
	moved = !told && q->spot.sec && t->last.network != q->spot.network;
	if (moved || q->r->time.sec - t->last_use > SAVE_SECONDS)
		tokens_touch(q->l, t);
	if (q->r->time.sec > t->last_use)
		t->last_use = q->r->time.sec;
	if (!told && q->spot.sec && q->spot.sec >= t->last.sec)
		t->last = q->spot;
}

static void
tell_place(const struct question *q, struct lineage_answer *a)
{
	struct subject who;

	if (!q->spot.sec || q->r->invoked_by.n || lineage_is_no_news(q))
		return;
	who = lineage_subject(q);
	if (!who.name.n)
		return;
	if (q->token) {
		tell_far(q, &who, a);
		tell_outside(q, &who, a);
	}
	if (who.person)
		tell_travel(q, &who, a);
	if (a->finding)
		return;
	lineage_learn_place(q->l, &who, &q->spot);
	learn_person(q, &who);
}

/* The other way round: it was used before its mint was seen. */
static void
tell_early_use(const struct question *q, struct lineage_answer *a)
{
	const struct token *t = lineage_seen_before_mint(q->l, q->r);
	struct question use = *q;
	struct subject who;

	if (!t || !t->last.sec || !q->spot.sec)
		return;
	use.spot = t->last;
	who = lineage_subject(q);
	if (t->last.network == q->spot.network ||
	    !is_far(&q->spot, &use.spot, q->scope->max_distance_km) ||
	    is_at_home(&use, &who, &use.spot) || is_shared_exit(q, &use.spot))
		return;
	expect(lineage_reason(a, R_USED_FAR_FROM_MINT,
		   place_words(&q->l->words, &use.spot)),
	    place_words(&q->l->words, &q->spot));
	a->finding = true;
}

void
lineage_tell(const struct question *q, struct lineage_answer *a)
{
	tell_place(q, a);
	tell_early_use(q, a);
	lineage_see_use(q, a->finding);
	lineage_tell_new(q, a);
}
