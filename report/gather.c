/*
 * gather.c - what a report says, counted from decisions and findings.
 *
 * Knows which tables there are.  Does not know words or pictures (sections,
 * html).  One owner, no locks.
 */
#include "report/gather.h"

#include <stddef.h>
#include <stdlib.h>

#define DAY 86400

const int64_t gather_lives[GATHER_LIVES] = { 15 * 60, 3600, 4 * 3600, 12 * 3600,
	DAY, 7 * DAY };

/* ---- tables ----------------------------------------------------------------- */

struct bound {
	size_t at; /* of the table in struct gather */
	size_t max;
};

#define TABLE(name, max)                           \
	{                                          \
		offsetof(struct gather, name), max \
	}
static const struct bound bounds[] = {
	TABLE(providers, GATHER_NAMES_MAX),
	TABLE(actions, GATHER_NAMES_MAX),
	TABLE(kinds, GATHER_NAMES_MAX),
	TABLE(accounts, GATHER_NAMES_MAX),
	TABLE(principals, GATHER_PRINCIPALS_MAX),
	TABLE(targets, GATHER_NAMES_MAX),
	TABLE(regions, GATHER_NAMES_MAX),
	TABLE(countries, GATHER_NAMES_MAX),
	TABLE(sources, GATHER_NAMES_MAX),
	TABLE(errors, GATHER_NAMES_MAX),
	TABLE(pairs, GATHER_PATHS_MAX),
	TABLE(paths, GATHER_PATHS_MAX),
	TABLE(matrix, GATHER_PATHS_MAX),
	TABLE(places, GATHER_NAMES_MAX),
	TABLE(services, GATHER_NAMES_MAX),
	TABLE(coverage, GATHER_COVERAGE_MAX),
};
#define N_BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

static struct table *
table_of(struct gather *g, size_t i)
{
	return (struct table *)(void *)((char *)g + bounds[i].at);
}

struct gather *
gather_new(struct period period)
{
	struct gather *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->period = period;
	decided_reader_init(&g->reader);
	findings_init(&g->findings);
	notes_init(&g->noted);
	for (size_t i = 0; i < N_BOUNDS; i++)
		table_init(table_of(g, i), bounds[i].max);
	g->days = calloc(GATHER_DAYS_MAX, sizeof(*g->days));
	g->covered = calloc(GATHER_COVERAGE_MAX, sizeof(*g->covered));
	g->shapes = shapes_new();
	if (!g->days || !g->covered || !g->shapes) {
		gather_free(g);
		return NULL;
	}
	return g;
}

void
gather_free(struct gather *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < N_BOUNDS; i++)
		table_release(table_of(g, i));
	findings_release(&g->findings);
	notes_release(&g->noted);
	decided_reader_release(&g->reader);
	shapes_free(g->shapes);
	free(g->covered);
	free(g->days);
	free(g);
}

/* ---- time ------------------------------------------------------------------------ */

/* Its place in days; -1: too far from the first that was seen. */
static int64_t
day_at(struct gather *g, struct when t)
{
	int64_t day = when_day(t);

	if (!g->dated)
		g->first_day = day - GATHER_DAYS_MAX / 2;
	g->dated = true;
	day -= g->first_day;
	return day >= 0 && day < GATHER_DAYS_MAX ? day : -1;
}

static bool
is_odd(const struct decided *d)
{
	return d->verdict == VERDICT_UNEXPECTED ||
	    d->verdict == VERDICT_SUPPRESSED;
}

static void
count_time(struct gather *g, const struct decided *d, int64_t day)
{
	int64_t hour;

	if (!d->time.valid)
		return;
	if (day < 0)
		g->far++;
	else
		g->days[day].verdict[d->verdict]++;
	/* 1970-01-01 was a Thursday: Monday is three days before. */
	hour = (d->time.sec / 3600 + 3 * 24) % GATHER_HOURS;
	if (hour < 0)
		hour += GATHER_HOURS;
	g->hours[hour]++;
	if (is_odd(d))
		g->odd_hours[hour]++;
}

static void
count_life(struct gather *g, const struct decided *d)
{
	int64_t life;
	unsigned i = 0;

	if (d->outcome != OUTCOME_SUCCESS)
		return;
	if (!d->time.valid || !d->expires.valid) {
		g->lives_unknown++;
		return;
	}
	life = d->expires.sec - d->time.sec;
	while (i < GATHER_LIVES && life > gather_lives[i])
		i++;
	g->lives[i]++;
	if (life > g->longest)
		g->longest = life;
}

static void
count_lag(struct gather *g, struct when at, struct when happened)
{
	int64_t lag = at.sec - happened.sec;
	unsigned i = 0;

	if (!at.valid || !happened.valid)
		return;
	g->lagged++;
	if (lag < 0) {
		g->ahead++;
		if (-lag > g->most_ahead)
			g->most_ahead = -lag;
		return;
	}
	while (i < GATHER_LAGS && lag > (int64_t)1 << i)
		i++;
	g->lags[i]++;
}

/* ---- names ------------------------------------------------------------------------ */

/* The row of that name is one more that the request is counted in. */
static struct table_row *
add(struct shape *s, struct table *t, struct slice key)
{
	struct table_row *row = table_at(t, key);

	if (row)
		s->rows[s->n++] = row;
	return row;
}

static struct table_row *
add_pair(struct shape *s, struct table *t, const struct table_row *a,
    const struct table_row *b)
{
	struct table_row *row = a && b ? table_pair(t, a->index, b->index)
				       : NULL;

	if (row)
		s->rows[s->n++] = row;
	return row;
}

static const char *
type_word(struct slice type)
{
	int t = principal_type_of(type);

	return t < 0 ? NULL : principal_type_name((enum principal_type)t);
}

static bool
find_who(struct gather *g, const struct decided *d, struct shape *s,
    const struct table_row *region, const struct table_row *country)
{
	struct table_row *who = add(s, &g->principals, d->principal);
	struct table_row *target = add(s, &g->targets, d->target);
	struct table_row *pair = add_pair(s, &g->pairs, who, target);
	struct table_row *path = add_pair(s, &g->paths, pair, country);
	struct table_row *cell = add_pair(s, &g->matrix, who, region);

	if (who && !who->word)
		who->word = type_word(d->principal_type);
	return path && cell;
}

/* Its row of coverage is the last of the shape. */
static bool
find_coverage(struct gather *g, const struct decided *d, struct shape *s,
    const struct table_row *region)
{
	struct table_row *account = add(s, &g->accounts, d->account);
	struct table_row *place = add_pair(s, &g->places, account, region);
	struct table_row *service = add(
	    s, &g->services, slice_before(d->action, ':'));

	return add_pair(s, &g->coverage, place, service) != NULL;
}

static int
find_rows(struct gather *g, const struct decided *d, struct shape *s)
{
	struct table_row *region = add(s, &g->regions, d->cloud_region);
	struct table_row *country = add(s, &g->countries, d->country);
	bool ok = region && country && add(s, &g->providers, d->provider) &&
	    add(s, &g->actions, d->action) && add(s, &g->kinds, d->kind) &&
	    add(s, &g->sources, d->source_kind);

	if (ok && d->outcome != OUTCOME_SUCCESS)
		ok = add(s, &g->errors, d->error) != NULL;
	if (ok && find_who(g, d, s, region, country) &&
	    find_coverage(g, d, s, region))
		return 0;
	s->n = 0;
	return ST_ENOMEM;
}

static void
mark_day(struct gather *g, const struct table_row *coverage, int64_t day)
{
	if (coverage->index < GATHER_COVERAGE_MAX && day >= 0)
		g->covered[coverage->index][day / 8] |= (uint8_t)(1 << day % 8);
}

static int
count_names(struct gather *g, const struct decided *d, int64_t day)
{
	struct shape own = { .n = 0 };
	struct shape *s = shapes_at(g->shapes, d->alike, d->n_alike);
	int err;

	if (!s)
		s = &own;
	err = s->n ? 0 : find_rows(g, d, s);
	if (err < 0)
		return err;
	table_count(&s->sum, d);
	mark_day(g, s->rows[s->n - 1], day);
	if (s == &own)
		shape_settle(s);
	return 0;
}

/* The name that the request was refused for. */
static int
count_refused(struct gather *g, const struct decided *d, enum reason_code code)
{
	struct table_row *row;

	switch (code) {
	case R_ACCOUNT_NOT_APPROVED:
		row = table_at(&g->accounts, d->account);
		break;
	case R_CLOUD_REGION_NOT_APPROVED:
		row = table_at(&g->regions, d->cloud_region);
		break;
	case R_COUNTRY_NOT_APPROVED:
		row = table_at(&g->countries, d->country);
		break;
	default:
		return 0;
	}
	if (!row)
		return ST_ENOMEM;
	row->refused++;
	return 0;
}

/* Behind count_names(), so that names come in the order of requests. */
static int
count_reasons(struct gather *g, const struct decided *d)
{
	enum reason_code codes[VERDICT_REASONS_MAX];
	unsigned n = decided_codes(&g->reader, d, codes);
	int err = 0;

	for (unsigned i = 0; i < n && err == 0; i++) {
		g->reasons[codes[i]]++;
		g->reasons_told[codes[i]] += d->finding;
		err = count_refused(g, d, codes[i]);
	}
	return err;
}

/* ---- lines ------------------------------------------------------------------------ */

/* Is it of the period that is asked for? */
static bool
wanted(struct gather *g, struct when t)
{
	if (period_touches(&g->period, t, t))
		return true;
	if (t.valid)
		g->outside++;
	else
		g->timeless++;
	return false;
}

/* `at`: when it was told, where that is known. */
static int
take_decision(struct gather *g, const struct decided *d, struct when at)
{
	int64_t day;
	int err;

	if (!wanted(g, d->time))
		return 0;
	day = d->time.valid ? day_at(g, d->time) : -1;
	table_count(&g->all, d);
	count_time(g, d, day);
	count_life(g, d);
	count_lag(g, at, d->time);
	err = count_names(g, d, day);
	return err < 0 ? err : count_reasons(g, d);
}

int
gather_line(struct gather *g, struct slice line, struct when at)
{
	struct decided d;
	int err = ST_EFORMAT;

	g->lines++;
	if (slice_starts(line, "{\"id\":"))
		err = findings_take(&g->findings, line, &g->period);
	if (err != ST_EFORMAT)
		return err;
	err = decided_read(&g->reader, line, &d);
	if (err == 0)
		return take_decision(g, &d, at);
	g->unreadable += err == ST_EFORMAT;
	return err;
}

int
gather_note(struct gather *g, struct slice data, struct when at)
{
	g->lines++;
	g->notes++;
	return notes_take(&g->noted, data, at, &g->period);
}

void
gather_finish(struct gather *g)
{
	const struct findings *f = &g->findings;
	int64_t day;

	shapes_settle(g->shapes);
	for (size_t i = 0; i < f->n; i++) {
		if (!f->v[i]->first.valid)
			continue;
		day = day_at(g, f->v[i]->first);
		if (day >= 0)
			g->days[day].findings++;
	}
}

/* ---- asked at the end ---------------------------------------------------------------- */

static bool
is_empty(const struct gather_day *day)
{
	uint64_t n = day->findings;

	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		n += day->verdict[i];
	return n == 0;
}

bool
gather_span(const struct gather *g, int64_t *first, int64_t *last)
{
	int64_t a = 0, b = GATHER_DAYS_MAX - 1;

	while (a <= b && is_empty(&g->days[a]))
		a++;
	while (b > a && is_empty(&g->days[b]))
		b--;
	if (a > b)
		return false;
	*first = g->first_day + a;
	*last = g->first_day + b;
	return true;
}

void
gather_covered(const struct gather *g, const struct table_row *row,
    unsigned *days, unsigned *gap)
{
	unsigned run = 0, n = 0, longest = 0;

	for (unsigned i = 0; i < GATHER_DAYS_MAX; i++) {
		if (!(g->covered[row->index][i / 8] >> i % 8 & 1)) {
			run++;
			continue;
		}
		if (n && run > longest)
			longest = run;
		n++;
		run = 0;
	}
	*days = n;
	*gap = longest;
}
