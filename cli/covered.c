/*
 * covered.c - whose logs come, from where, and which do not.
 *
 * See covered.h.
 */
#include "config.h"

#include "cli/covered.h"

#include "events/catalogue.h"
#include "lib/pack.h"

#include <stdlib.h>

#define PROJECT "projects/"
#define ACCOUNT_DIGITS 12
#define UNKNOWN SLICE_LIT("unknown")

void
covered_init(struct covered *c)
{
	*c = (struct covered){ .last_day = COUNTS_NO_DAY };
	counts_init(&c->rows, COVERED_ROWS_MAX);
	counts_init(&c->accounts, COVERED_ROWS_MAX);
	counts_init(&c->named, COVERED_ROWS_MAX);
	counts_init(&c->global, COVERED_ROWS_MAX);
	counts_init(&c->assume, COVERED_ROWS_MAX);
}

void
covered_release(struct covered *c)
{
	counts_release(&c->rows);
	counts_release(&c->accounts);
	counts_release(&c->named);
	counts_release(&c->global);
	counts_release(&c->assume);
	free(c->advice);
	buf_release(&c->key);
}

/* ---- taking in ------------------------------------------------------------------ */

static bool
is_project(struct slice account)
{
	return slice_starts(account, PROJECT);
}

static bool
is_account(struct slice account)
{
	for (size_t i = 0; i < account.n; i++)
		if (account.p[i] < '0' || account.p[i] > '9')
			return false;
	return account.n == ACCOUNT_DIGITS;
}

/* "management" of "management (AwsConsoleSignIn)": what is switched on as one. */
static struct slice
log_of(struct slice action)
{
	struct slice log, word;

	for (size_t i = 0; i < catalogue_size; i++) {
		if (!slice_is(action, catalogue[i].action))
			continue;
		log = slice_str(catalogue[i].log);
		word = slice_before(log, ' ');
		return word.p ? word : log;
	}
	return UNKNOWN;
}

static struct slice
or_unknown(struct slice s)
{
	return s.n ? s : UNKNOWN;
}

static void
see(struct counts *c, struct slice name, int64_t day)
{
	struct count *k = name.n ? counts_of(c, name) : NULL;
	int64_t gap;

	if (!k)
		return;
	gap = k->last_day == COUNTS_NO_DAY || day == COUNTS_NO_DAY
	    ? 0
	    : day - k->last_day - 1;
	if (gap > 0 && (uint64_t)gap > k->other)
		k->other = (uint64_t)gap;
	count_on(k, day);
}

/* Projects of Google's own service agents. */
static bool
is_googles(struct slice project)
{
	static const char *const agents[] = { "cloudservices", "developer",
		"appspot", "system" };
	struct slice name = slice_of(
	    project.p + sizeof(PROJECT) - 1, project.n - (sizeof(PROJECT) - 1));

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (slice_is(name, agents[i]))
			return true;
	return slice_starts(name, "gcp-sa-");
}

/* Whose trail or sink told it.  Google logs where the target is. */
static struct slice
sender_of(const struct request *r)
{
	if (r->provider == PROVIDER_GCP && r->target_account.n)
		return r->target_account;
	return r->recipient_account.n ? r->recipient_account : r->account;
}

/* Whose own logs one would expect.  A caller of another AWS account may be
 * anybody's; the account of a role that is asked for is hardly a stranger's. */
static struct slice
named_by(const struct request *r)
{
	return r->provider == PROVIDER_GCP ? r->account : r->target_account;
}

void
covered_take(struct covered *c, const struct request *r)
{
	struct slice sender = sender_of(r), named = named_by(r);
	int64_t day = counts_day(r->time);

	c->requests++;
	if (day != COUNTS_NO_DAY && day > c->last_day)
		c->last_day = day;
	buf_reset(&c->key);
	pack_word(&c->key, provider_name(r->provider));
	pack_slice(&c->key, or_unknown(sender));
	pack_slice(&c->key, or_unknown(r->cloud_region));
	pack_slice(&c->key, log_of(r->action));
	see(&c->rows, buf_slice(&c->key), day);
	see(&c->accounts, sender, day);
	if (is_account(named) || (is_project(named) && !is_googles(named)))
		see(&c->named, named, day);
	if (slice_is(r->cloud_region, "global") ||
	    slice_is(r->cloud_region, "us-east-1"))
		see(&c->global, sender, day);
	if (slice_is(r->action, "sts:AssumeRole"))
		see(&c->assume, sender, day);
}

void
covered_expect(struct covered *c, struct slice account)
{
	if (is_project(account) || is_account(account))
		counts_of(&c->named, account);
}

/* ---- rows ------------------------------------------------------------------------- */

static struct covered_row
unpack_row(const struct count *k)
{
	struct unpack u = unpack_of(k->name);
	struct covered_row r = { .count = k };

	r.provider = unpack_slice(&u);
	r.account = unpack_slice(&u);
	r.region = unpack_slice(&u);
	r.logs = unpack_slice(&u);
	return r;
}

struct covered_row
covered_row(const struct covered *c, size_t i)
{
	struct covered_row r = unpack_row(c->rows.v[i]);

	if (r.count->last_day != COUNTS_NO_DAY)
		r.silent = (uint64_t)(c->last_day - r.count->last_day);
	return r;
}

static int
row_cmp(const void *a, const void *b)
{
	const struct count *const *x = a, *const *y = b;
	struct covered_row r = unpack_row(*x), s = unpack_row(*y);
	int c = slice_cmp(r.provider, s.provider);

	if (c == 0)
		c = slice_cmp(r.account, s.account);
	if (c == 0)
		c = slice_cmp(r.region, s.region);
	return c ? c : slice_cmp(r.logs, s.logs);
}

/* ---- advice ------------------------------------------------------------------------ */

static void
add_advice(
    struct covered *c, enum missing what, struct slice account, uint64_t n)
{
	if (c->n_advice < COVERED_ADVICE_MAX)
		c->advice[c->n_advice++] = (struct advice){ what, account, n };
}

static void
look_at_sender(struct covered *c, const struct count *k)
{
	int64_t silent = k->last_day == COUNTS_NO_DAY
	    ? 0
	    : c->last_day - k->last_day;

	if (silent >= COVERED_SILENT_DAYS)
		add_advice(c, MISSING_NOW, k->name, (uint64_t)silent);
	if (!is_account(k->name))
		return;
	if (!counts_look(&c->global, k->name))
		add_advice(c, MISSING_GLOBAL, k->name, k->n);
	if (!counts_look(&c->assume, k->name))
		add_advice(c, MISSING_ASSUME, k->name, k->n);
}

static void
look_at_named(struct covered *c, const struct count *k)
{
	if (counts_look(&c->accounts, k->name))
		return;
	add_advice(c, is_project(k->name) ? MISSING_PROJECT : MISSING_ACCOUNT,
	    k->name, k->n);
}

int
covered_settle(struct covered *c)
{
	if (c->key.failed)
		return ST_ENOMEM;
	c->advice = calloc(COVERED_ADVICE_MAX, sizeof(*c->advice));
	if (!c->advice)
		return ST_ENOMEM;
	if (c->rows.n)
		qsort(c->rows.v, c->rows.n, sizeof(struct count *), row_cmp);
	counts_by_name(&c->named);
	counts_by_name(&c->accounts);
	for (size_t i = 0; i < c->named.n; i++)
		look_at_named(c, c->named.v[i]);
	for (size_t i = 0; i < c->accounts.n; i++)
		look_at_sender(c, c->accounts.v[i]);
	return 0;
}
