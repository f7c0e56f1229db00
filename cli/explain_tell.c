/*
 * explain_tell.c - why a verdict is what it is, for a person and for scripts.
 *
 * Words first, then every number.  Names of others are escaped.
 */
#include "config.h"

#include "cli/explain.h"

#include "detect/traits.h"
#include "lib/jsonw.h"
#include "outputs/format/format.h"
#include "outputs/format/view.h"

#include <inttypes.h>

#define VALUES_SHOWN 5 /* of a dimension */
#define NAME_WIDTH 16
#define DATE_LENGTH (sizeof("2026-03-01") - 1)
#define DAY_SECONDS 86400

static void
add_name(struct buf *out, struct slice s)
{
	if (s.p)
		jsonw_escape(out, s);
	else
		buf_adds(out, "(none)");
}

static void
add_date(struct buf *out, int64_t day)
{
	char text[WHEN_TEXT];

	when_format((struct when){ day * DAY_SECONDS, 0, true }, text);
	buf_add(out, text, DATE_LENGTH);
}

/* ---- the verdict ------------------------------------------------------------------ */

static const char *
meaning(const struct explained *x)
{
	switch (x->verdict.word) {
	case VERDICT_EXPECTED:
		return "the policy allows it, or says nothing, and it is usual";
	case VERDICT_LEARNING:
		return "the policy says nothing against it, and there is too "
		       "little history to say what is usual";
	case VERDICT_SUPPRESSED:
		return "an exception, a maintenance window or the budget "
		       "holds it back";
	default:
		return "somebody should look at it";
	}
}

static void
write_verdict(const struct explained *x, struct buf *out)
{
	buf_addf(out, "%s: %s\n", verdict_name(x->verdict.word), meaning(x));
	buf_adds(out, "  ");
	jsonw_escape(out, x->title);
	buf_addf(out, "\n  score %.1f, event ", x->verdict.score);
	jsonw_escape(out, x->request.event_id);
	if (x->group.p) {
		buf_addf(out, ", %s, in finding ",
		    severity_name(x->verdict.severity));
		jsonw_escape(out, x->group);
	}
	if (x->count > 1)
		buf_addf(out, " with %" PRIu64 " requests", x->count);
	buf_addf(out, "\n  %s\n",
	    x->told ? "as it was decided then; the policy below is today's"
		    : "as it is judged now");
	if (x->answer.suppressed_by.p) {
		buf_adds(out, "  held back by ");
		jsonw_escape(out, x->answer.suppressed_by);
		buf_addc(out, '\n');
	}
}

static void
write_reason(const struct explained *x, unsigned i, double sum, struct buf *out)
{
	const struct reason *r = &x->verdict.reasons[i];
	const struct reason_row *row = &reason_table[r->code];

	buf_addf(out, "  %-24s %5.1f  -> %5.1f  %s: ", row->code, r->weight,
	    sum, severity_name(row->severity));
	add_name(out, r->observed);
	if (r->n_expected)
		buf_adds(out, ", expected ");
	for (unsigned k = 0; k < r->n_expected; k++) {
		buf_adds(out, k ? ", " : "");
		add_name(out, r->expected[k]);
	}
	if (r->note.p) {
		buf_adds(out, " (");
		jsonw_escape(out, r->note);
		buf_addc(out, ')');
	}
	buf_addf(out, "\n    %s\n", row->help);
}

static void
write_reasons(const struct explained *x, struct buf *out)
{
	const struct verdict *v = &x->verdict;

	if (!v->n_reasons)
		return;
	buf_adds(out,
	    "\nwhy: each reason takes its weight of what is left to 100\n");
	for (unsigned i = 0; i < v->n_reasons; i++)
		write_reason(x, i, verdict_score(v->reasons, i + 1), out);
	buf_addf(out,
	    "  severity %s: the highest of the reasons, raised where several "
	    "agree%s\n",
	    severity_name(v->severity),
	    x->request.outcome == OUTCOME_SUCCESS
		? ""
		: ", lowered because it was not granted");
}

static void
write_lineage(const struct explained *x, struct buf *out)
{
	char text[WHEN_TEXT];

	if (!x->n_lineage)
		return;
	buf_adds(out, "\nhow the credential came to be, the root first\n");
	for (unsigned i = 0; i < x->n_lineage; i++) {
		const struct hop *h = &x->lineage[i];

		buf_adds(out, "  ");
		if (h->time.valid)
			buf_add_slice(out, when_format(h->time, text));
		buf_adds(out, "  ");
		add_name(out, h->who);
		buf_adds(out, " got ");
		add_name(out, h->credential);
		if (h->country[0])
			buf_addf(out, ", from %s", h->country);
		buf_addc(out, '\n');
	}
}

/* ---- what was usual ------------------------------------------------------------------- */

/* A lifetime is known in steps, and told as people say it. */
static void
add_value(size_t dim, struct slice value, struct buf *out)
{
	struct slice action;
	char text[WHEN_SPAN];
	double seconds;

	if (dim != DIM_LIFETIME || !traits_lifetime(value, &action, &seconds)) {
		add_name(out, value);
		return;
	}
	add_name(out, action);
	buf_addf(out, " (some %s)", when_span(seconds, text));
}

static void
write_value(size_t dim, const struct count *k, struct buf *out)
{
	add_value(dim, k->name, out);
	buf_addf(out, " %" PRIu64 " (%" PRIu64 " days)", k->n, k->days);
}

static void
write_dim(const struct usual *u, size_t dim, struct buf *out)
{
	const struct counts *c = &u->values[dim];
	struct slice seen = usual_seen(u, dim);
	const struct count *k = counts_look(c, seen);

	if (!seen.p && !c->n)
		return;
	buf_addf(out, "  %-*s ", NAME_WIDTH, usual_name(dim));
	add_value(dim, seen, out);
	if (k)
		buf_addf(out, ": %" PRIu64 " times before, on %" PRIu64 " days",
		    k->n, k->days);
	else
		buf_adds(out, ": never before");
	buf_addf(out, "; %zu others%s\n", u->others[dim].n,
	    u->others[dim].others ? " and more" : "");
	if (!c->n || (k && c->n == 1))
		return;
	buf_addf(out, "  %-*s usual: ", NAME_WIDTH, "");
	for (size_t i = 0; i < c->n && i < VALUES_SHOWN; i++) {
		buf_adds(out, i ? ", " : "");
		write_value(dim, c->v[i], out);
	}
	if (c->n > VALUES_SHOWN)
		buf_addf(out, ", and %zu more", c->n - VALUES_SHOWN);
	buf_addc(out, '\n');
}

static void
write_usual(const struct explained *x, struct buf *out)
{
	const struct usual *u = &x->usual;

	if (!x->has_usual) {
		buf_adds(out,
		    "\nwhat was usual: it names nobody or has no time, so "
		    "that it is compared with nothing\n");
		return;
	}
	buf_adds(out, "\nwhat was seen, and what was usual for ");
	jsonw_escape(out, u->seen.who);
	if (u->all.n) {
		buf_addf(out,
		    ": %" PRIu64 " requests before, on %" PRIu64 " days from ",
		    u->all.n, u->all.days);
		add_date(out, u->all.first_day);
		buf_adds(out, " to ");
		add_date(out, u->all.last_day);
		buf_addc(out, '\n');
	} else {
		buf_adds(out, ": no request before\n");
	}
	for (size_t i = 0; i < USUAL_DIMS; i++)
		write_dim(u, i, out);
}

/* ---- policy and change ------------------------------------------------------------------ */

static void
write_indented(struct slice text, struct buf *out)
{
	while (text.n) {
		const char *lf = memchr(text.p, '\n', text.n);
		size_t n = lf ? (size_t)(lf - text.p) + 1 : text.n;

		buf_adds(out, "  ");
		buf_add(out, text.p, n);
		text = slice_of(text.p + n, text.n - n);
	}
}

static void
write_change(const struct explained *x, struct buf *out)
{
	const struct change *c = &x->change;

	buf_adds(out, "\nthe smallest change that turns it");
	if (c->kind == CHANGE_NONE) {
		buf_adds(out, ": none of the policy alone was found\n");
		return;
	}
	buf_addf(out, " into %s\n", c->then);
	for (size_t i = 0; i < c->n_edits; i++) {
		buf_adds(out, "  ");
		jsonw_escape(out, slice_str(policy_path(x->policy)));
		buf_addf(out, ":%u:%u: ", c->edits[i].line, c->edits[i].col);
		jsonw_escape(out, buf_slice(&c->edits[i].says));
		buf_addc(out, '\n');
	}
	if (c->kind == CHANGE_EXCEPTION) {
		buf_adds(out,
		    "  an exception in policy.yaml (exceptions:), where what "
		    "it allows is meant to be\n");
		write_indented(buf_slice(&c->exception), out);
	}
}

void
explain_text(const struct explained *x, struct buf *out)
{
	const char *path = policy_path(x->policy);

	write_verdict(x, out);
	write_reasons(x, out);
	write_lineage(x, out);
	write_usual(x, out);
	buf_adds(out, "\nwhat the policy says");
	if (path[0]) {
		buf_adds(out, " (");
		jsonw_escape(out, slice_str(path));
		buf_addf(out, ", %.19s)\n", policy_hash(x->policy));
		write_indented(buf_slice(&x->rules), out);
	} else {
		buf_adds(out, ": there is none\n");
	}
	write_change(x, out);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void
json_reasons(const struct explained *x, struct jsonw *w)
{
	const struct verdict *v = &x->verdict;

	jsonw_key(w, "arithmetic");
	jsonw_array(w);
	for (unsigned i = 0; i < v->n_reasons; i++) {
		const struct reason_row *row =
		    &reason_table[v->reasons[i].code];

		jsonw_object(w);
		jsonw_member_str(w, "code", row->code);
		jsonw_member_str(w, "severity", severity_name(row->severity));
		jsonw_key(w, "weight");
		jsonw_fixed(w, v->reasons[i].weight, 1);
		jsonw_key(w, "score");
		jsonw_fixed(w, verdict_score(v->reasons, i + 1), 1);
		jsonw_member(w, "note", v->reasons[i].note);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
json_value(const struct count *k, struct jsonw *w)
{
	jsonw_object(w);
	jsonw_member(w, "value", k->name);
	jsonw_member_int(w, "requests", (int64_t)k->n);
	jsonw_member_int(w, "days", (int64_t)k->days);
	jsonw_end(w);
}

static void
json_dim(const struct usual *u, size_t dim, struct jsonw *w)
{
	const struct count *k = counts_look(
	    &u->values[dim], usual_seen(u, dim));

	jsonw_object(w);
	jsonw_member_str(w, "name", usual_name(dim));
	jsonw_member(w, "seen", usual_seen(u, dim));
	jsonw_member_int(w, "before", k ? (int64_t)k->n : 0);
	jsonw_member_int(w, "days", k ? (int64_t)k->days : 0);
	jsonw_member_int(w, "others", (int64_t)u->others[dim].n);
	jsonw_key(w, "usual");
	jsonw_array(w);
	for (size_t i = 0; i < u->values[dim].n && i < VALUES_SHOWN; i++)
		json_value(u->values[dim].v[i], w);
	jsonw_end(w);
	jsonw_end(w);
}

static void
json_usual(const struct explained *x, struct jsonw *w)
{
	jsonw_key(w, "usual");
	if (!x->has_usual) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_member(w, "who", x->usual.seen.who);
	jsonw_member_int(w, "requests", (int64_t)x->usual.all.n);
	jsonw_member_int(w, "days", (int64_t)x->usual.all.days);
	jsonw_key(w, "dimensions");
	jsonw_array(w);
	for (size_t i = 0; i < USUAL_DIMS; i++)
		json_dim(&x->usual, i, w);
	jsonw_end(w);
	jsonw_end(w);
}

static void
json_policy(const struct explained *x, struct jsonw *w)
{
	static const char *const words[] = {
		[POLICY_ALLOWED] = "allowed",
		[POLICY_BREACH] = "breach",
		[POLICY_SILENT] = "silent",
		[POLICY_SUPPRESSED] = "suppressed",
	};

	jsonw_key(w, "policy");
	jsonw_object(w);
	jsonw_member_str(w, "file", policy_path(x->policy));
	jsonw_member_str(w, "hash", policy_hash(x->policy));
	jsonw_member_str(w, "says", words[x->answer.word]);
	jsonw_member(w, "rule", x->answer.rule);
	jsonw_member(w, "suppressed_by", x->answer.suppressed_by);
	jsonw_member(w, "rules", buf_slice(&x->rules));
	jsonw_end(w);
}

static void
json_edits(const struct change *c, struct jsonw *w)
{
	jsonw_key(w, "edits");
	jsonw_array(w);
	for (size_t i = 0; i < c->n_edits; i++) {
		jsonw_object(w);
		jsonw_member_int(w, "line", c->edits[i].line);
		jsonw_member_int(w, "column", c->edits[i].col);
		jsonw_member_int(w, "remove", c->edits[i].drop);
		jsonw_member(w, "insert", buf_slice(&c->edits[i].text));
		jsonw_member(w, "says", buf_slice(&c->edits[i].says));
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
json_change(const struct explained *x, struct jsonw *w)
{
	const struct change *c = &x->change;

	jsonw_key(w, "change");
	if (c->kind == CHANGE_NONE) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_member_str(w, "into", c->then);
	json_edits(c, w);
	jsonw_member(w, "exception",
	    c->kind == CHANGE_EXCEPTION ? buf_slice(&c->exception)
					: SLICE_NULL);
	jsonw_end(w);
}

void
explain_json(const struct explained *x, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "decision");
	decision_object(&x->request, &x->verdict, x->group.p, &w);
	jsonw_member(&w, "title", x->title);
	jsonw_member_str(&w, "severity", severity_name(x->verdict.severity));
	jsonw_key(&w, "judged_anew");
	jsonw_bool(&w, !x->told);
	json_reasons(x, &w);
	view_lineage(&w, "lineage", x->lineage, x->n_lineage);
	json_usual(x, &w);
	json_policy(x, &w);
	json_change(x, &w);
	jsonw_end(&w);
	buf_addc(out, '\n');
}
