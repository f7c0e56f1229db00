/*
 * policy_match.c - what the policy says of a request.
 *
 * Knows the order in which rules, approved lists, decoys and excuses speak
 * (policy.h says it in words).  A question is asked once, by one walk over
 * each name; after that the units are words of bits.  Any thread, each with
 * a scratch of its own; allocates only what an answer shows.
 */
#include "detect/policy_i.h"

#include <stdlib.h>

/*
 * Scratch
 */

static bool
scratch_fill(struct policy_scratch *s, const struct policy *p)
{
	for (int d = 0; d < DIM_COUNT; d++) {
		size_t n = p->set_words[d];

		s->bits[d] = calloc(n + 1, sizeof(*s->bits[d]));
		if (!s->bits[d])
			return false;
		if (!p->sets[d])
			continue;
		s->runs[d] = pattern_run_new(p->sets[d]);
		if (!s->runs[d])
			return false;
	}
	s->target_account = calloc(
	    p->set_words[DIM_ACCOUNT] + 1, sizeof(*s->target_account));
	s->excuses = calloc(p->words + 1, sizeof(*s->excuses));
	return s->target_account && s->excuses;
}

struct policy_scratch *
policy_scratch_new(const struct policy *p)
{
	struct policy_scratch *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->p = p;
	arena_init(&s->names, 1024);
	arena_init(&s->texts, 1024);
	if (!scratch_fill(s, p)) {
		policy_scratch_free(s);
		return NULL;
	}
	return s;
}

void
policy_scratch_free(struct policy_scratch *s)
{
	if (!s)
		return;
	for (int d = 0; d < DIM_COUNT; d++) {
		pattern_run_free(s->runs[d]);
		free(s->bits[d]);
	}
	free(s->target_account);
	free(s->excuses);
	arena_release(&s->names);
	arena_release(&s->texts);
	free(s);
}

/*
 * Asking
 */

static void
match_name(struct question *q, enum dim d, struct slice name, uint64_t *bits)
{
	struct slice other;

	pattern_match(q->s->runs[d], name, bits);
	if (d != DIM_PRINCIPAL && d != DIM_TARGET)
		return;
	other = policy_without_path(name, &q->s->names);
	if (!slice_is_null(other))
		pattern_match(q->s->runs[d], other, bits);
}

static void
ask_dim(struct question *q, enum dim d, struct slice name)
{
	const struct policy *p = q->p;
	size_t words = p->set_words[d];
	uint64_t *bits = q->s->bits[d];

	q->values[d] = name;
	if (slice_is_null(name)) {
		q->bits[d] = p->none[d];
		if (!q->lenient[d])
			return;
		for (size_t w = 0; w < words; w++)
			bits[w] = p->none[d][w] |
			    (w < p->words ? p->rules[w] : 0);
		q->bits[d] = bits;
		return;
	}
	q->bits[d] = p->any[d];
	if (!p->sets[d])
		return;
	memcpy(bits, p->any[d], words * sizeof(*bits));
	match_name(q, d, name, bits);
	q->bits[d] = bits;
}

/* Units that name a class are for all that are of it. */
static void
add_classes(struct question *q)
{
	const struct policy *p = q->p;
	uint64_t *bits = q->s->bits[DIM_PRINCIPAL];

	if (q->bits[DIM_PRINCIPAL] != bits)
		return;
	for (size_t i = 0; i < p->n_classes; i++) {
		if (!pattern_bit(bits, ROW_MORE(p, i)))
			continue;
		for (size_t w = 0; w < p->words; w++)
			bits[w] |= p->classes[i].units[w];
	}
}

/* An empty string counts as absent. */
static struct slice
full(struct slice s)
{
	return s.n ? s : SLICE_NULL;
}

static void
ask_place(struct question *q)
{
	const struct source *src = &q->r->source;
	const struct place *place = &src->place;
	struct slice country = SLICE_NULL, asn = SLICE_NULL;

	if (src->kind == SOURCE_IP && place->country[0] && place->country[1])
		country = policy_country_key(place->country, q->country);
	if (src->kind == SOURCE_IP && place->asn)
		asn = policy_asn_key(place->asn, q->asn);
	q->lenient[DIM_COUNTRY] = q->lenient[DIM_ASN] = true;
	ask_dim(q, DIM_COUNTRY, country);
	ask_dim(q, DIM_ASN, asn);
	q->has_address = (src->kind == SOURCE_IP ||
			     src->kind == SOURCE_PRIVATE) &&
	    !slice_is_null(src->ip);
}

void
policy_ask(struct question *q, const struct policy *p, struct policy_scratch *s,
    const struct request *r)
{
	memset(q, 0, sizeof(*q));
	q->p = p;
	q->s = s;
	q->r = r;
	arena_reset(&s->names);
	q->session = full(r->caller_session);
	if (slice_is_null(q->session))
		q->session = full(r->session);
	ask_dim(q, DIM_PRINCIPAL, full(r->principal));
	add_classes(q);
	ask_dim(q, DIM_SESSION, q->session);
	ask_dim(q, DIM_ACTION, full(r->action));
	ask_dim(q, DIM_TARGET, full(r->target));
	ask_dim(q, DIM_ACCOUNT, full(r->account));
	ask_dim(q, DIM_CLOUD_REGION, full(r->cloud_region));
	ask_dim(q, DIM_EXTERNAL_ID, full(r->external_id));
	ask_dim(q, DIM_SOURCE_IDENTITY, full(r->source_identity));
	ask_place(q);
}

/* Bits of the target's account; NULL where there is none, or nobody asks. */
static const uint64_t *
target_account_bits(const struct question *q)
{
	const struct policy *p = q->p;
	struct slice account = full(q->r->target_account);
	uint64_t *bits = q->s->target_account;

	if (slice_is_null(account) || !p->sets[DIM_ACCOUNT])
		return NULL;
	memset(bits, 0, p->set_words[DIM_ACCOUNT] * sizeof(*bits));
	pattern_match(q->s->runs[DIM_ACCOUNT], account, bits);
	return bits;
}

uint64_t
policy_who(const struct question *q, size_t w)
{
	const struct policy *p = q->p;

	return q->bits[DIM_PRINCIPAL][w] & q->bits[DIM_SESSION][w] &
	    p->types[q->r->principal_type][w] & p->outcomes[q->r->outcome][w];
}

uint64_t
policy_hold(const struct question *q, size_t w)
{
	const struct policy *p = q->p;

	return q->bits[DIM_ACTION][w] & q->bits[DIM_TARGET][w] &
	    q->bits[DIM_ACCOUNT][w] & q->bits[DIM_CLOUD_REGION][w] &
	    q->bits[DIM_COUNTRY][w] & q->bits[DIM_ASN][w] &
	    q->bits[DIM_EXTERNAL_ID][w] & q->bits[DIM_SOURCE_IDENTITY][w] &
	    p->kinds[q->r->kind][w] & p->source_kinds[q->r->source.kind][w];
}

bool
policy_in_force(const struct unit *u, const struct request *r)
{
	return !u->end.valid || !r->time.valid || when_cmp(r->time, u->end) < 0;
}

/*
 * The rule
 */

static bool
is_driven(const struct request *r)
{
	return r->principal_type == PT_SERVICE;
}

/* The first rule that is for the request and holds. */
static const struct unit *
first_that_allows(const struct question *q)
{
	const struct policy *p = q->p;

	for (size_t w = 0; w < p->words; w++) {
		uint64_t left = policy_who(q, w) & p->rules[w];

		if (!left)
			continue;
		for (left &= policy_hold(q, w); left; left &= left - 1) {
			const struct unit *u =
			    &p->units[w * 64 + (size_t)__builtin_ctzll(left)];

			if (policy_in_force(u, q->r) &&
			    policy_rest_holds(q, u, false))
				return u;
		}
	}
	return NULL;
}

static unsigned
count_failed(const struct question *q, const struct unit *u, unsigned enough)
{
	unsigned n = 0;

	for (unsigned c = 0; c < COND_COUNT && n < enough; c++)
		n += policy_cond(q, u, (enum cond)c) == COND_FAILS;
	return n;
}

/* The rule for the request that fails the fewest conditions. */
static const struct unit *
nearest(const struct question *q)
{
	const struct policy *p = q->p;
	const struct unit *best = NULL;
	unsigned fewest = COND_COUNT + 1;

	for (size_t w = 0; w < p->words && fewest > 1; w++) {
		uint64_t left = policy_who(q, w) & p->rules[w];

		for (; left && fewest > 1; left &= left - 1) {
			const struct unit *u =
			    &p->units[w * 64 + (size_t)__builtin_ctzll(left)];
			unsigned n;

			if (!policy_in_force(u, q->r) ||
			    (is_driven(q->r) && !u->names_who))
				continue;
			n = count_failed(q, u, fewest);
			if (n < fewest) {
				fewest = n;
				best = u;
			}
		}
	}
	return best;
}

void
policy_pick(const struct question *q, struct pick *result)
{
	result->rule = first_that_allows(q);
	result->allowed = result->rule != NULL;
	if (!result->allowed)
		result->rule = nearest(q);
}

/*
 * Reasons
 */

static struct reason *
add_reason(struct policy_answer *a, enum reason_code code)
{
	struct reason *reason;

	if (a->n_reasons == POLICY_REASONS_MAX)
		return NULL;
	reason = &a->reasons[a->n_reasons++];
	memset(reason, 0, sizeof(*reason));
	reason->code = code;
	reason->weight = reason_table[code].weight;
	return reason;
}

static void
add_failed(
    const struct question *q, const struct unit *u, struct policy_answer *a)
{
	for (unsigned c = 0; c < COND_COUNT; c++) {
		const struct cond_row *row = &policy_conds[c];
		struct reason *reason;

		if (policy_cond(q, u, (enum cond)c) != COND_FAILS)
			continue;
		reason = add_reason(a, row->code);
		if (!reason)
			return;
		reason->observed = row->observed(q, u, &q->s->texts);
		reason->n_expected = row->expected(u, reason->expected);
		reason->note = u->note;
	}
}

static void
add_decoys(const struct question *q, struct policy_answer *a)
{
	static const struct {
		enum dim dim;
		const char *note;
	} what[] = {
		{ DIM_TARGET, "target" },
		{ DIM_PRINCIPAL, "principal" },
	};

	for (size_t i = 0; i < 2; i++) {
		enum dim d = what[i].dim;
		struct reason *reason;

		if (!pattern_bit(q->bits[d], ROW_LIST(q->p)))
			continue;
		reason = add_reason(a, R_DECOY_TOUCHED);
		if (!reason)
			return;
		reason->observed = q->values[d];
		reason->note = slice_str(what[i].note);
	}
}

static void
add_unapproved(struct policy_answer *a, enum reason_code code,
    struct slice observed, const struct opt_strings *list, const char *note)
{
	struct reason *reason = add_reason(a, code);

	if (!reason)
		return;
	reason->observed = observed;
	reason->n_expected = policy_expected(list, reason->expected);
	reason->note = slice_str(note);
}

/* Did the rule speak of this itself? */
static bool
says(const struct unit *rule, enum cond c)
{
	return rule && ((rule->given >> c) & 1);
}

static bool
in_list(const struct question *q, enum dim d)
{
	return pattern_bit(q->bits[d], ROW_LIST(q->p));
}

static void
approve_accounts(
    const struct question *q, const struct unit *rule, struct policy_answer *a)
{
	const struct opt_strings *list = &q->p->config->approved.accounts;
	struct slice account = q->values[DIM_ACCOUNT];
	struct slice target = full(q->r->target_account);
	const uint64_t *bits;
	bool wrong;

	if (list->n == 0)
		return;
	wrong = account.p && !in_list(q, DIM_ACCOUNT) &&
	    !says(rule, COND_ACCOUNTS);
	if (wrong)
		add_unapproved(a, R_ACCOUNT_NOT_APPROVED, account, list,
		    slice_eq(account, target) ? "account and target_account"
					      : "account");
	bits = target_account_bits(q);
	if (target.p && !(bits && pattern_bit(bits, ROW_LIST(q->p))) &&
	    !(wrong && slice_eq(account, target)))
		add_unapproved(
		    a, R_ACCOUNT_NOT_APPROVED, target, list, "target_account");
}

static void
approve_region(
    const struct question *q, const struct unit *rule, struct policy_answer *a)
{
	const struct opt_strings *list = &q->p->config->approved.cloud_regions;
	struct slice region = q->values[DIM_CLOUD_REGION];

	if (list->n && region.p && !in_list(q, DIM_CLOUD_REGION) &&
	    !says(rule, COND_CLOUD_REGIONS))
		add_unapproved(a, R_CLOUD_REGION_NOT_APPROVED, region, list,
		    "approved.cloud_regions");
}

/* An address that is in no approved network. */
static void
approve_place(const struct question *q, struct policy_answer *a)
{
	const struct policy_config *c = q->p->config;
	struct slice country = q->values[DIM_COUNTRY];

	if (c->approved.countries.n && country.p) {
		if (!in_list(q, DIM_COUNTRY))
			add_unapproved(a, R_COUNTRY_NOT_APPROVED,
			    arena_slice(&q->s->texts, country),
			    &c->approved.countries, "approved.countries");
		return;
	}
	if (c->approved.networks.n && q->has_address)
		add_unapproved(a, R_NETWORK_NOT_APPROVED, q->r->source.ip,
		    &c->approved.networks, "approved.networks");
}

static void
approve_source(
    const struct question *q, const struct unit *rule, struct policy_answer *a)
{
	const struct policy_config *c = q->p->config;

	if (q->r->source.kind != SOURCE_IP ||
	    (q->has_address &&
		cidr_set_has(q->p->networks, &q->r->source.addr)))
		return;
	if (!says(rule, COND_COUNTRIES) && !says(rule, COND_NETWORKS))
		approve_place(q, a);
	if (c->approved.asns.n && q->values[DIM_ASN].p &&
	    !in_list(q, DIM_ASN) && !says(rule, COND_ASNS))
		add_unapproved(a, R_ASN_NOT_APPROVED,
		    arena_printf(&q->s->texts, "%u", q->r->source.place.asn),
		    &c->approved.asns, "approved.asns");
}

static void
approve(
    const struct question *q, const struct pick *pick, struct policy_answer *a)
{
	if (is_driven(q->r) && !(pick->rule && pick->rule->names_who))
		return;
	approve_region(q, pick->rule, a);
	approve_source(q, pick->rule, a);
	approve_accounts(q, pick->rule, a);
}

/*
 * Excuses
 */

static bool
exception_holds(const struct question *q, const struct unit *u)
{
	return q->r->time.valid && policy_in_force(u, q->r) &&
	    policy_rest_holds(q, u, true);
}

static void
find_exceptions(const struct question *q)
{
	const struct policy *p = q->p;

	for (size_t w = 0; w < p->words; w++) {
		uint64_t left = policy_who(q, w) & policy_hold(q, w) &
		    ~p->rules[w];

		q->s->excuses[w] = 0;
		for (; left; left &= left - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(left);

			if (exception_holds(q, &p->units[i]))
				pattern_set_bit(q->s->excuses, i);
		}
	}
}

static struct slice
excused_by_exception(const struct question *q, enum reason_code code)
{
	const struct policy *p = q->p;

	for (size_t w = 0; w < p->words; w++)
		for (uint64_t left = q->s->excuses[w]; left; left &= left - 1) {
			const struct unit *u =
			    &p->units[w * 64 + (size_t)__builtin_ctzll(left)];

			if (u->has_codes ? (u->codes >> code) & 1
					 : code != R_DECOY_TOUCHED)
				return u->suppressed_by;
		}
	return SLICE_NULL;
}

static struct slice
excused_by_maintenance(const struct question *q, enum reason_code code)
{
	const struct policy *p = q->p;
	const uint64_t *target = NULL;
	struct when t = q->r->time;

	if (!t.valid || code == R_DECOY_TOUCHED || p->n_maintenance == 0)
		return SLICE_NULL;
	target = target_account_bits(q);
	for (size_t i = 0; i < p->n_maintenance; i++) {
		const struct maintenance *m = &p->maintenance[i];

		if (when_cmp(t, m->from) < 0 || when_cmp(t, m->to) >= 0)
			continue;
		if (m->accounts.n == 0 ||
		    pattern_bit(q->bits[DIM_ACCOUNT], ROW_MORE(p, i)) ||
		    (target && pattern_bit(target, ROW_MORE(p, i))))
			return m->suppressed_by;
	}
	return SLICE_NULL;
}

static struct slice
excused_by(const struct question *q, enum reason_code code)
{
	struct slice by = excused_by_exception(q, code);

	return slice_is_null(by) ? excused_by_maintenance(q, code) : by;
}

/* Drop the reasons that are held back; where these are all, keep them. */
static void
excuse(const struct question *q, struct policy_answer *a)
{
	bool held[POLICY_REASONS_MAX];
	unsigned left = 0;

	find_exceptions(q);
	for (unsigned i = 0; i < a->n_reasons; i++) {
		struct slice by = excused_by(q, a->reasons[i].code);

		held[i] = !slice_is_null(by);
		left += !held[i];
		if (held[i] && slice_is_null(a->suppressed_by))
			a->suppressed_by = by;
	}
	if (left == 0) {
		a->word = POLICY_SUPPRESSED;
		return;
	}
	left = 0;
	for (unsigned i = 0; i < a->n_reasons; i++)
		if (!held[i])
			a->reasons[left++] = a->reasons[i];
	a->n_reasons = left;
	a->suppressed_by = SLICE_NULL;
	a->word = POLICY_BREACH;
}

/*
 * The judgement
 */

void
policy_judge_question(
    const struct question *q, const struct pick *pick, struct policy_answer *a)
{
	const struct unit *rule = pick->rule;
	struct reason *reason;

	a->n_reasons = 0;
	a->rule = rule ? slice_str(rule->id) : SLICE_NULL;
	a->suppressed_by = SLICE_NULL;
	add_decoys(q, a);
	if (rule && !pick->allowed)
		add_failed(q, rule, a);
	if (!rule && q->p->config->unlisted && !is_driven(q->r)) {
		reason = add_reason(a, R_PRINCIPAL_NOT_ALLOWED);
		if (reason) {
			reason->observed = q->values[DIM_PRINCIPAL];
			reason->note = SLICE_LIT("unlisted_principals");
		}
	}
	approve(q, pick, a);
	if (a->n_reasons == 0)
		a->word = pick->allowed ? POLICY_ALLOWED : POLICY_SILENT;
	else
		excuse(q, a);
}

void
policy_judge(const struct policy *p, struct policy_scratch *s,
    const struct request *r, struct policy_answer *result)
{
	struct question q;
	struct pick pick;

	arena_reset(&s->texts);
	policy_ask(&q, p, s, r);
	policy_pick(&q, &pick);
	policy_judge_question(&q, &pick, result);
}

struct slice
policy_excuse(const struct policy *p, struct policy_scratch *s,
    const struct request *r, enum reason_code code)
{
	struct question q;

	if (p->n_units == p->n_rules && p->n_maintenance == 0)
		return SLICE_NULL;
	policy_ask(&q, p, s, r);
	find_exceptions(&q);
	return excused_by(&q, code);
}

struct slice
policy_class(
    const struct policy *p, struct policy_scratch *s, const struct request *r)
{
	struct question q = { .p = p, .s = s, .r = r };

	if (p->n_classes == 0)
		return SLICE_NULL;
	arena_reset(&s->names);
	ask_dim(&q, DIM_PRINCIPAL, full(r->principal));
	for (size_t i = 0; i < p->n_classes; i++)
		if (pattern_bit(q.bits[DIM_PRINCIPAL], ROW_MORE(p, i)))
			return p->classes[i].name;
	return SLICE_NULL;
}
