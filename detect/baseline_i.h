/*
 * baseline_i.h - what the rooms of the baseline share; nobody else includes it.
 *
 *     habits.c     who did what how often: principals, values, their bounds
 *     surprise.c   how many bits a request is worth, without changing a thing
 *     learn.c      a request becomes habit
 *     level.c      what this organisation sees on an ordinary day
 *     pending.c    requests not yet learned, in order of time
 *     told.c       of whom a finding told
 *     baseline.c   the door: judge, learn, watermark
 *     baseline_words.c, baseline_save.c   reasons for people; rows for the store
 *
 * Time is counted in days where habits fade, so that many requests of one day
 * cost one multiplication and the order inside a day changes no rounding.
 */
#ifndef ST_BASELINE_I_H
#define ST_BASELINE_I_H

#include "detect/baseline.h"
#include "detect/traits.h"
#include "lib/map.h"
#include "lib/pack.h"

#define DAY_SECONDS 86400
#define HOUR_SECONDS 3600
#define WEEK 7        /* days */
#define DRIP_DAYS 7   /* active days that a drift is looked for in */
#define DRIP_LEAST 3  /* of them with a new target, today too, that are one */
#define SPREE_LEAST 3 /* new targets in an hour that are many */

/* How long a principal is known, in days on which it was active: the first
 * request, the first days, the first weeks, at home. */
#define AGES 4
#define AGE_WEEKS 2 /* then it has habits enough to count by */
/* How an adopted value stood with others: adopters (0, 1, 2-3, 4-9, more),
 * of the last days (0, 1, 2), first seen lately or not. */
#define STANDINGS 30
#define FRESH_SECONDS (3 * DAY_SECONDS) /* an adoption of the last days */
#define YOUNG_SECONDS (2 * DAY_SECONDS) /* a value seen first lately */
#define GOES_ON_DAYS 30 /* what was told so long ago is no news */
#define CONFIRM_DAYS 3  /* what was told is believed after so many days */
#define TOLD_MAX 20000  /* findings; then the oldest is forgotten */

/* Two fading counts: on how many days it could have been new, and was. */
struct rate {
	double trials, news;
	int64_t day;
};

/* Which callers a target has. */
struct callers {
	struct rate rate; /* days it was asked for, days with a new caller */
	int64_t last_day;
	uint32_t days;
	bool new_today;
	uint32_t by_peers[PEERS_COUNT];
};

/* One value of one dimension, shared by all who use it. */
struct value {
	uint64_t hash;
	struct value *next_dirty, **dirty_at; /* dirty_at NULL: it is saved */
	uint8_t dim;
	uint32_t users;    /* facts that point here */
	uint32_t adopters; /* those of them that are believed */
	int64_t first;
	int64_t adopted[2]; /* the latest two adoptions, the newest first */
	struct callers *callers; /* targets only */
	uint16_t n;
	char text[]; /* n bytes and a NUL */
};

/* This principal uses this value. */
struct fact {
	struct value *value;
	float count;       /* fading */
	int32_t day;       /* seen last, and faded to */
	uint32_t tag;      /* of the value's hash, to find it without a look */
	uint8_t told_days; /* > 0: was told, not yet believed */
	bool adopted;
};

struct principal {
	uint64_t hash, touched; /* touched: its place in the list of ages */
	struct principal *older, *newer;
	struct principal *next_dirty, **dirty_at; /* as in struct value */
	uint8_t peers;
	uint8_t list; /* 0: of newcomers, 1: of the settled */
	uint8_t hours[24];
	uint8_t weekdays[WEEK]; /* days it was active on, halved at times */
	uint8_t drip;           /* bit i: new targets, i active days ago */
	uint8_t told_days;      /* a newcomer that was told, not yet believed */
	int32_t told_day;
	int32_t told_on, told_before; /* the last two days it was told on */
	int64_t last;                 /* seconds */
	int32_t last_day, fade_day;
	uint32_t days;
	uint16_t tried, novel; /* dimensions, today */
	float trials[DIM_COUNT], news[DIM_COUNT];
	int64_t believed;  /* a person said: what is not later is all right */
	int64_t hour_mark; /* hours since 1970 of the last hour counted */
	uint32_t this_hour, denied_this_hour;
	uint32_t targets_this_hour; /* that were new to it */
	float peak;                 /* requests of its busiest hour, fading */
	int32_t top_day;
	uint16_t top; /* today's highest step of the level, +1 */
	uint16_t n_facts, cap_facts;
	struct fact *facts;
	uint16_t n_name;
	char name[]; /* n_name bytes and a NUL */
};

/* What peers do; the last of PEERS_COUNT is everybody. */
struct peers_habits {
	struct rate newcomers; /* principal-days, new principals */
	struct rate novelty[DIM_COUNT][AGES];
	struct rate callers[AGES]; /* by the target's age */
	double standing[DIM_COUNT][STANDINGS], standings[DIM_COUNT];
	double hours[24];
	double weekdays[WEEK];
	bool dirty;
};

#define LEVEL_STEPS 320
#define LEVEL_STEP 0.25 /* bits */
struct level {
	double steps[LEVEL_STEPS]; /* principal-days by their top, fading */
	double days;
	int64_t day;
	bool dirty;
	/* What follows from these, in bits: of an ordinary day's most
	 * surprising principal; where findings begin; and where they would
	 * with a budget of HELD_PER_DAY. */
	double usual, threshold, held;
};

struct pending;
struct told;

struct baseline {
	struct baseline_options o;
	struct baseline_counts counts;
	double fade_step; /* what is left after a day */
	struct map principals, values;
	struct principal *oldest[2], *newest[2]; /* newcomers, the settled */
	size_t n_list[2];
	uint64_t touches;
	size_t bytes;
	struct peers_habits peers[PEERS_COUNT];
	struct level level;
	struct when first, seen; /* event time: the first, the latest */
	int64_t watermark;
	struct pending *pending;
	struct told *told;
	struct principal *dirty_principals;
	struct value *dirty_values;
	struct buf gone; /* keys of rows to delete */
	bool clock_dirty;
	struct arena arena, words;
	struct traits traits; /* of the request being judged */
};

/* ---- habits.c ------------------------------------------------------------ */

double habits_fade(const struct baseline *b, int64_t days);
void rate_fade(const struct baseline *b, struct rate *r, int64_t day);
/* The rate as it will be on that day. */
struct rate
rate_at(const struct baseline *b, const struct rate *r, int64_t day);

struct principal *habits_principal(const struct baseline *b, uint64_t hash);
struct value *habits_value(const struct baseline *b, uint64_t hash);
/* What it knows of the value with this hash. */
struct fact *habits_fact(const struct principal *p, uint64_t hash);

/* Found or made; NULL without memory. */
struct principal *
habits_add_principal(struct baseline *b, uint64_t hash, struct slice name);
struct value *habits_add_value(
    struct baseline *b, enum dimension d, uint64_t hash, struct slice text);
struct fact *
habits_add_fact(struct baseline *b, struct principal *p, struct value *v);
/* It was just active: it goes to the young end of its list; what is over the
 * bounds goes. */
void habits_touch(struct baseline *b, struct principal *p);
void habits_trim(struct baseline *b);
void habits_link(struct baseline *b, struct principal *p);
void habits_forget(struct baseline *b, struct principal *p);
void habits_drop_value(struct baseline *b, struct value *v); /* unused */
/* Room for so many facts of a principal that has none; false without memory. */
bool habits_reserve(struct baseline *b, struct principal *p, unsigned cap);
/* What was told of it so far is believed. */
void habits_believe(struct baseline *b, struct principal *p);
void habits_free(struct baseline *b);
/* It has changed since it was saved; it has not. */
void mark_principal(struct baseline *b, struct principal *p);
void mark_value(struct baseline *b, struct value *v);
void unmark_principal(struct principal *p);
void unmark_value(struct value *v);

/* ---- surprise.c ---------------------------------------------------------- */

enum part {
	PART_NEWCOMER,
	PART_ACTION,
	PART_TARGET, /* with its account and its callers */
	PART_REGION,
	PART_COUNTRY,
	PART_ASN,
	PART_NETWORK,
	PART_AGENT,
	PART_HOUR,
	PART_RATE, /* requests in an hour */
	PART_DENIED,
	PART_DORMANT,
	PART_RARE, /* outcome, session name, lifetime, second factor */
	PART_COUNT
};

struct surprise {
	double part[PART_COUNT]; /* bits */
	double total;
	bool novel[DIM_COUNT];
	uint16_t unknown; /* dimensions in which it has no such habit learned,
			   * and the outcome where that is a denial */
	bool usual;       /* none of these, of one that is no newcomer */
	bool goes_on;     /* it was told on an earlier day of late */
	enum dimension rare; /* the strongest of PART_RARE */
	uint32_t callers;    /* that the target had */
	double idle_days;
	uint32_t denied; /* in this hour, this one too */
	uint32_t asked;  /* the same, of all */
	double peak;     /* what it asked for at most in an hour so far */
	bool other_day;  /* of the week */
	bool other_kind; /* nobody of its kind asked for the target so far */
	uint32_t spree;  /* targets new to it in this hour, this one too */
	uint32_t drip;   /* of its last days, those with a new target; today */
};

unsigned age_of(uint32_t days);
/* 0 to 6, Thursday first: 1970 began with one. */
unsigned weekday_of(int64_t day);
unsigned standing_of(const struct value *v, int64_t now);
/* The bits of a request, by what is learned and, with `ahead`, by what waits
 * to be learned. */
void surprise_of(const struct baseline *b, const struct traits *t, bool ahead,
    struct surprise *s);

/* ---- learn.c ------------------------------------------------------------- */

/* `told`: it was part of a finding, it must prove itself first. */
int learn(struct baseline *b, const struct traits *t, bool told);

/* ---- level.c ------------------------------------------------------------- */

/* A principal's day has come up to so many bits. */
void
level_add(struct baseline *b, struct principal *p, int64_t day, double bits);
double level_score(const struct baseline *b, double bits);
/* The level, or the budget, has changed. */
void level_settle(struct baseline *b);

/* ---- pending.c ----------------------------------------------------------- */

struct pending *pending_new(void);
void pending_free(struct pending *p);
/* What is kept of one beside its traits. */
struct waits {
	bool by_policy;   /* policy made a finding of it */
	bool new_target;  /* neither learned nor waiting before it */
	uint16_t unknown; /* as in struct surprise: only these are counted */
};
/* Copies what it keeps. */
int
pending_add(struct pending *p, const struct traits *t, const struct waits *w);
/* The first in order of time, if it is not later than `until`; lives until the
 * next call. */
bool pending_take(
    struct pending *p, int64_t until, struct traits *t, bool *by_policy);
bool pending_full(const struct pending *p);
/* How many of this principal, or of it with this value (0: any), wait. */
uint32_t pending_count(const struct pending *p, uint64_t who, uint64_t value);
bool pending_has(const struct pending *p, uint64_t who, uint64_t value);
/* How many with a new target. */
uint32_t pending_new_targets(const struct pending *p, uint64_t who);
/* When the first is to be learned; false where none waits. */
bool pending_first(const struct pending *p, int64_t *second);
/* Rows of many requests each; one is dropped once all in it are learned. */
int pending_save(struct pending *p, pack_row *put, void *arg) ST_MUSTCHECK;
/* What is not later than `watermark` was learned. */
int pending_load(struct pending *p, struct slice key, struct slice value,
    int64_t watermark) ST_MUSTCHECK;

/* ---- told.c -------------------------------------------------------------- */

struct told *told_new(void);
void told_free(struct told *t);
/* That it is known already is no error. */
int told_add(struct told *t, struct slice id, uint64_t who_hash,
    struct slice who) ST_MUSTCHECK;
int told_find(const struct told *t, struct slice id, uint64_t *who_hash,
    struct slice *who) ST_MUSTCHECK;
int told_save(struct told *t, pack_row *put, void *arg) ST_MUSTCHECK;
int
told_load(struct told *t, struct slice key, struct slice value) ST_MUSTCHECK;

/* ---- baseline_words.c ---------------------------------------------------- */

/* Reasons and their words, into the answer. */
void baseline_words(struct baseline *b, const struct request *r,
    const struct surprise *s, struct baseline_answer *out);

/* With a budget: what would be told if the budget were so large. */
#define HELD_PER_DAY 20.0

#endif
