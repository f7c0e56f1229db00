/*
 * baseline_words.c - the baseline's bits as reasons for people.
 *
 * Knows which reason stands for which part of the surprise, what was seen,
 * and what would have been usual.  The weights of the reasons together make
 * exactly the score.  Owned by the baseline.
 */
#include "detect/baseline_i.h"

#include <inttypes.h>
#include <math.h>

#define USUAL_MAX 3            /* usual values that are named */
#define REASON_BITS_LEAST 0.75 /* less is not worth a word */
#define MONDAY 4               /* where a week begins, in day_names */

static const struct {
	enum reason_code code;
	enum dimension dim;
} said[PART_COUNT] = {
	[PART_NEWCOMER] = { R_NEW_PRINCIPAL, DIM_COUNT },
	[PART_ACTION] = { R_NEW_ACTION, DIM_ACTION },
	[PART_TARGET] = { R_NEW_TARGET, DIM_TARGET },
	[PART_REGION] = { R_NEW_CLOUD_REGION, DIM_REGION },
	[PART_COUNTRY] = { R_NEW_COUNTRY, DIM_COUNTRY },
	[PART_ASN] = { R_NEW_ASN, DIM_ASN },
	[PART_NETWORK] = { R_NEW_NETWORK, DIM_NETWORK },
	[PART_AGENT] = { R_NEW_USER_AGENT, DIM_AGENT },
	[PART_HOUR] = { R_UNUSUAL_HOUR, DIM_COUNT },
	[PART_RATE] = { R_RATE_SPIKE, DIM_COUNT },
	[PART_DENIED] = { R_DENIED_BURST, DIM_COUNT },
	[PART_DORMANT] = { R_DORMANT_PRINCIPAL, DIM_COUNT },
	[PART_RARE] = { R_RARE_COMBINATION, DIM_COUNT },
};

/* The usual values, the most frequent first: "DE (412)". */
static void
list_usual(
    struct baseline *b, uint64_t who, enum dimension d, struct reason *out)
{
	const struct principal *p = habits_principal(b, who);
	bool used[BASELINE_FACTS_MAX] = { false };

	while (p && out->n_expected < USUAL_MAX) {
		const struct fact *best = NULL;

		for (unsigned i = 0; i < p->n_facts; i++) {
			const struct fact *f = &p->facts[i];

			if (f->value->dim != d || f->told_days || used[i])
				continue;
			if (!best || f->count > best->count ||
			    (f->count == best->count &&
				f->value->hash < best->value->hash))
				best = f;
		}
		if (!best)
			return;
		used[best - p->facts] = true;
		out->expected[out->n_expected++] = arena_printf(&b->words,
		    "%.*s (%.0f)", (int)best->value->n, best->value->text,
		    ceil((double)best->count));
	}
}

static const char *const day_names[WEEK] = { "Thu", "Fri", "Sat", "Sun", "Mon",
	"Tue", "Wed" };

static struct slice
clock_of(struct baseline *b, struct when t)
{
	int64_t day = when_day(t), s = t.sec - day * DAY_SECONDS;

	return arena_printf(&b->words, "%s %02d:%02d UTC",
	    day_names[weekday_of(day)], (int)(s / 3600), (int)(s / 60 % 60));
}

static void
list_hours(struct baseline *b, uint64_t who, struct reason *out)
{
	const struct principal *p = habits_principal(b, who);
	int from = -1;

	for (int h = 0; p && h <= 24 && out->n_expected < USUAL_MAX; h++) {
		bool on = h < 24 && p->hours[h] > 0;

		if (on && from < 0)
			from = h;
		if (on || from < 0)
			continue;
		out->expected[out->n_expected++] = arena_printf(
		    &b->words, "%02d:00-%02d:59 UTC", from, h - 1);
		from = -1;
	}
}

/* The days it comes on: "Mon Tue Wed". */
static void
list_weekdays(struct baseline *b, uint64_t who, struct reason *out)
{
	const struct principal *p = habits_principal(b, who);
	char text[WEEK * sizeof("Mon")], *at = text;

	for (int i = 0; p && i < WEEK; i++) {
		int day = (MONDAY + i) % WEEK;

		if (p->weekdays[day] == 0)
			continue;
		if (at > text)
			*at++ = ' ';
		memcpy(at, day_names[day], 3);
		at += 3;
	}
	if (at > text)
		out->expected[out->n_expected++] = arena_slice(
		    &b->words, slice_of(text, (size_t)(at - text)));
}

/* What else is odd about a new target, for the note. */
static void
add_oddities(const struct surprise *s, struct buf *out)
{
	const char *between = "";

	if (s->callers > 0) {
		buf_addf(out, "so far asked for by %" PRIu32 " other%s%s",
		    s->callers, s->callers == 1 ? "" : "s",
		    s->other_kind ? ", none of its kind" : "");
		between = "; ";
	}
	if (s->spree >= SPREE_LEAST) {
		buf_addf(out, "%s%" PRIu32 " new targets within an hour",
		    between, s->spree);
		between = "; ";
	}
	if (s->drip >= DRIP_LEAST)
		buf_addf(out, "%sa new one on %" PRIu32 " of its last %d days",
		    between, s->drip, DRIP_DAYS + 1);
}

static void
say_target(struct baseline *b, const struct surprise *s, struct reason *out)
{
	const struct traits *t = &b->traits;
	enum dimension d = t->value[DIM_TARGET].p ? DIM_TARGET : DIM_ACCOUNT;
	struct buf note = BUF_INIT;

	out->observed = t->value[d];
	list_usual(b, t->who_hash, d, out);
	add_oddities(s, &note);
	if (note.n > 0 && !note.failed)
		out->note = arena_slice(&b->words, buf_slice(&note));
	buf_release(&note);
}

static void
say(struct baseline *b, enum part part, const struct surprise *s,
    struct reason *out)
{
	const struct traits *t = &b->traits;
	enum dimension d = said[part].dim;

	if (part == PART_TARGET) {
		say_target(b, s, out);
	} else if (part == PART_NEWCOMER) {
		out->observed = t->who;
	} else if (part == PART_HOUR) {
		out->observed = clock_of(b, t->time);
		list_hours(b, t->who_hash, out);
		if (s->other_day)
			list_weekdays(b, t->who_hash, out);
	} else if (part == PART_RATE) {
		out->observed = arena_printf(
		    &b->words, "%" PRIu32 " requests in this hour", s->asked);
		out->expected[out->n_expected++] = arena_printf(
		    &b->words, "at most %.0f in an hour", ceil(s->peak));
	} else if (part == PART_DENIED) {
		out->observed = arena_printf(
		    &b->words, "%" PRIu32 " denied in this hour", s->denied);
	} else if (part == PART_DORMANT) {
		out->observed = arena_printf(
		    &b->words, "silent for %.0f days", s->idle_days);
	} else {
		if (part == PART_RARE)
			d = s->rare;
		out->observed = part == PART_RARE
		    ? arena_printf(&b->words, "%s %.*s", dimension_name(d),
			  SLICE_ARG(t->value[d]))
		    : t->value[d];
		list_usual(b, t->who_hash, d, out);
		if (d == DIM_ASN && s->novel[DIM_HOSTED])
			out->note = arena_printf(&b->words, "%.*s network",
			    SLICE_ARG(t->value[DIM_HOSTED]));
	}
}

/* The weight that makes this part's share of the score: all weights together
 * give 100 (1 - product of (1 - weight / 100)). */
static double
weight_of(double part, double total, double score)
{
	return 100 * (1 - pow(1 - score / 100, part / total));
}

void
baseline_words(struct baseline *b, const struct request *r,
    const struct surprise *s, struct baseline_answer *out)
{
	double told = 0;

	(void)r;
	for (int i = 0; i < PART_COUNT; i++)
		if (s->part[i] >= REASON_BITS_LEAST)
			told += s->part[i];
	for (;;) {
		struct reason *reason = &out->reasons[out->n_reasons];
		int best = -1;

		for (int i = 0; i < PART_COUNT; i++) {
			bool done = s->part[i] < REASON_BITS_LEAST;

			for (unsigned k = 0; k < out->n_reasons; k++)
				done |= out->reasons[k].code == said[i].code;
			if (!done && (best < 0 || s->part[i] > s->part[best]))
				best = i;
		}
		if (best < 0 || out->n_reasons == BASELINE_REASONS_MAX)
			return;
		*reason = (struct reason){ .code = said[best].code };
		reason->weight = weight_of(s->part[best], told, out->score);
		say(b, (enum part)best, s, reason);
		out->n_reasons++;
	}
}
