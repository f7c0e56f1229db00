/*
 * policy_explain.c - the rules considered for one request, for a person.
 *
 * The same question and the same judgement as policy_match.c's, written down:
 * `+` holds, `-` does not, `?` the record does not tell.  Names from outside
 * are escaped, so that none of them ever starts a line or turns a terminal.
 * Any thread, each with a scratch of its own.
 */
#include "detect/policy_i.h"

#include "lib/jsonw.h"

/* Rules that are for others are named one by one up to here. */
#define OTHERS_MAX 20

static void
name(struct buf *out, struct slice s)
{
	if (slice_is_null(s))
		buf_adds(out, "(none)");
	else
		jsonw_escape(out, s);
}

static void
name_list(struct buf *out, const struct slice *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		buf_adds(out, i ? ", " : "");
		name(out, s[i]);
	}
}

static void
field(struct buf *out, const char *what, struct slice s)
{
	buf_addf(out, "  %-16s", what);
	name(out, s);
	buf_addc(out, '\n');
}

static void
write_place(const struct question *q, struct buf *out)
{
	const struct source *src = &q->r->source;

	buf_addf(out, "  %-16s%s ", "source", source_kind_name(src->kind));
	name(out, src->ip.p ? src->ip : src->name);
	if (src->kind == SOURCE_IP) {
		buf_adds(out, ", country ");
		name(out, q->values[DIM_COUNTRY]);
		buf_addf(out, ", AS%u", src->place.asn);
	}
	buf_addc(out, '\n');
}

static void
write_request(const struct question *q, struct buf *out)
{
	const struct request *r = q->r;
	char text[WHEN_TEXT];

	buf_adds(out, "request\n");
	field(out, "time",
	    r->time.valid ? when_format(r->time, text) : SLICE_NULL);
	field(out, "action", r->action);
	field(out, "principal", r->principal);
	field(out, "principal_type",
	    slice_str(principal_type_name(r->principal_type)));
	field(out, "session", q->session);
	field(out, "account", r->account);
	field(out, "target", r->target);
	field(out, "target_account", r->target_account);
	field(out, "cloud_region", r->cloud_region);
	field(out, "outcome", slice_str(outcome_name(r->outcome)));
	write_place(q, out);
}

static void
write_classes(const struct question *q, struct buf *out)
{
	const struct policy *p = q->p;
	unsigned n = 0;

	if (p->n_classes == 0)
		return;
	buf_adds(out, "classes\n  ");
	for (size_t i = 0; i < p->n_classes; i++)
		if (pattern_bit(q->bits[DIM_PRINCIPAL], ROW_MORE(p, i))) {
			buf_adds(out, n++ ? ", " : "");
			name(out, p->classes[i].name);
		}
	buf_adds(out, n ? "\n" : "(none)\n");
}

/* Why a rule is not for the request; NULL where it is. */
static const char *
not_for(const struct question *q, const struct unit *u)
{
	size_t i = (size_t)(u - q->p->units);

	if (!policy_in_force(u, q->r))
		return "it has expired";
	if (!pattern_bit(q->bits[DIM_PRINCIPAL], i))
		return "its principals are others";
	if (!pattern_bit(q->p->types[q->r->principal_type], i))
		return "its principal_types are others";
	if (!pattern_bit(q->bits[DIM_SESSION], i))
		return "its sessions are others";
	if (!pattern_bit(q->p->outcomes[q->r->outcome], i))
		return "its outcome is another";
	return NULL;
}

static void
write_cond(const struct question *q, const struct unit *u, enum cond c,
    struct buf *out)
{
	static const char marks[] = { [COND_NOT_GIVEN] = ' ',
		[COND_HOLDS] = '+',
		[COND_FAILS] = '-',
		[COND_NOT_TOLD] = '?' };
	const struct cond_row *row = &policy_conds[c];
	enum cond_answer answer = policy_cond(q, u, c);
	struct slice expected[REASON_EXPECTED_MAX];

	if (answer == COND_NOT_GIVEN)
		return;
	buf_addf(out, "    %c %-20s", marks[answer], row->name);
	if (answer == COND_NOT_TOLD)
		buf_adds(out, "not told by the record");
	else
		name(out, row->observed(q, u, &q->s->texts));
	if (answer != COND_HOLDS) {
		buf_adds(out, ", expected ");
		name_list(out, expected, row->expected(u, expected));
	}
	buf_addc(out, '\n');
}

static void
write_unit(const struct question *q, const struct pick *pick,
    const struct unit *u, struct buf *out)
{
	bool failed = false;

	buf_adds(out, "  ");
	name(out, slice_str(u->id));
	if (u->owner) {
		buf_adds(out, " (");
		name(out, slice_str(u->owner));
		buf_addc(out, ')');
	}
	for (unsigned c = 0; c < COND_COUNT; c++)
		failed |= policy_cond(q, u, (enum cond)c) == COND_FAILS;
	buf_addf(out, ": %s%s\n", failed ? "a condition fails" : "holds",
	    u != pick->rule     ? ""
		: pick->allowed ? ", and allows it"
				: ", the nearest");
	for (unsigned c = 0; c < COND_COUNT; c++)
		write_cond(q, u, (enum cond)c, out);
}

static void
write_rules(const struct question *q, const struct pick *pick, struct buf *out)
{
	const struct policy *p = q->p;
	size_t others = 0;

	buf_addf(out, "rules%s\n", p->n_rules ? "" : "\n  (none)");
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct unit *u = &p->units[i];
		const char *why = not_for(q, u);

		if (!why) {
			write_unit(q, pick, u, out);
		} else if (others++ < OTHERS_MAX) {
			buf_adds(out, "  ");
			name(out, slice_str(u->id));
			buf_addf(out, ": not for this request, %s\n", why);
		}
	}
	if (others > OTHERS_MAX)
		buf_addf(out, "  and %zu more that are not for this request\n",
		    others - OTHERS_MAX);
}

/*
 * Approved lists
 */

static void
write_list(struct buf *out, char mark, const char *what, struct slice seen)
{
	buf_addf(out, "  %c %-20s", mark, what);
	if (mark == '?')
		buf_adds(out, "not told by the record");
	else
		name(out, seen);
	buf_addc(out, '\n');
}

static char
mark_of(const struct question *q, enum dim d)
{
	if (slice_is_null(q->values[d]))
		return '?';
	return pattern_bit(q->bits[d], ROW_LIST(q->p)) ? '+' : '-';
}

static void
write_approved(const struct question *q, struct buf *out)
{
	static const struct {
		enum dim dim;
		const char *what;
	} lists[] = {
		{ DIM_CLOUD_REGION, "cloud_regions" },
		{ DIM_COUNTRY, "countries" },
		{ DIM_ASN, "asns" },
		{ DIM_ACCOUNT, "accounts" },
	};
	const struct policy_config *c = q->p->config;
	struct slice seen;

	buf_adds(out, "approved\n");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		enum dim d = lists[i].dim;

		if (policy_approved(c, d)->n == 0)
			continue;
		seen = q->values[d];
		if (d == DIM_ASN)
			seen = arena_printf(
			    &q->s->texts, "%u", q->r->source.place.asn);
		write_list(out, mark_of(q, d), lists[i].what, seen);
	}
	if (q->p->networks)
		write_list(out,
		    q->r->source.kind != SOURCE_IP || !q->has_address ? '?'
			: cidr_set_has(q->p->networks, &q->r->source.addr)
			? '+'
			: '-',
		    "networks", q->r->source.ip);
}

static void
write_answer(const struct policy_answer *a, struct buf *out)
{
	static const char *const words[] = {
		[POLICY_ALLOWED] = "allowed",
		[POLICY_BREACH] = "breach",
		[POLICY_SILENT] = "learn: the policy says nothing of it",
		[POLICY_SUPPRESSED] = "suppressed",
	};

	buf_addf(out, "verdict\n  %s", words[a->word]);
	if (a->word == POLICY_ALLOWED) {
		buf_adds(out, " by rule ");
		name(out, a->rule);
	}
	if (!slice_is_null(a->suppressed_by)) {
		buf_adds(out, " by ");
		name(out, a->suppressed_by);
	}
	buf_addc(out, '\n');
	for (unsigned i = 0; i < a->n_reasons; i++) {
		const struct reason *r = &a->reasons[i];

		buf_addf(out, "  - %s: ", reason_table[r->code].code);
		name(out, r->observed);
		if (r->n_expected) {
			buf_adds(out, ", expected ");
			name_list(out, r->expected, r->n_expected);
		}
		if (!slice_is_null(r->note)) {
			buf_adds(out, " (");
			name(out, r->note);
			buf_addc(out, ')');
		}
		buf_addc(out, '\n');
	}
}

void
policy_explain(const struct policy *p, struct policy_scratch *s,
    const struct request *r, struct buf *out)
{
	struct policy_answer answer;
	struct question q;
	struct pick pick;

	arena_reset(&s->texts);
	policy_ask(&q, p, s, r);
	policy_pick(&q, &pick);
	policy_judge_question(&q, &pick, &answer);
	write_request(&q, out);
	write_classes(&q, out);
	write_rules(&q, &pick, out);
	write_approved(&q, out);
	write_answer(&answer, out);
}
