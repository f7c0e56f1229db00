/*
 * change.c - the smallest change of a policy that turns one verdict.
 *
 * See change.h.  Knows where in policy.yaml the lists stand that reasons speak
 * of; whether a change turns the verdict, the policy itself is asked.
 */
#include "config.h"

#include "cli/change.h"

#include "cli/draft.h"
#include "cli/excuse.h"
#include "conf/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#define RULE_NOTE "rule "
#define DAY_SECONDS 86400
#define DATE_LENGTH (sizeof("2026-03-01") - 1)

struct search {
	const struct policy *policy;
	const struct request *r;
	const struct verdict *v;
	struct yaml_doc *doc; /* NULL: there is no file */
	struct policy_answer answer;
	struct change *c;
};

void
change_release(struct change *c)
{
	for (size_t i = 0; i < CHANGE_EDITS_MAX; i++) {
		buf_release(&c->edits[i].text);
		buf_release(&c->edits[i].says);
	}
	buf_release(&c->exception);
}

/* ---- places in the file --------------------------------------------------------- */

/* Where a line and a column, in characters, begin. */
static size_t
offset_of(struct slice file, unsigned line, unsigned col)
{
	size_t at = 0;

	for (unsigned l = 1; l < line && at < file.n; at++)
		l += file.p[at] == '\n';
	for (unsigned c = 1; c < col && at < file.n; c++) {
		at++;
		while (
		    at < file.n && ((unsigned char)file.p[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

void
change_apply(const struct change *c, struct slice file, struct buf *out)
{
	size_t at[CHANGE_EDITS_MAX], done = 0;
	bool used[CHANGE_EDITS_MAX] = { false };

	for (size_t i = 0; i < c->n_edits; i++)
		at[i] = offset_of(file, c->edits[i].line, c->edits[i].col);
	for (size_t n = 0; n < c->n_edits; n++) {
		size_t best = CHANGE_EDITS_MAX;

		for (size_t i = 0; i < c->n_edits; i++)
			if (!used[i] &&
			    (best == CHANGE_EDITS_MAX || at[i] < at[best]))
				best = i;
		used[best] = true;
		buf_add(out, file.p + done, at[best] - done);
		buf_add_slice(out, buf_slice(&c->edits[best].text));
		/* What goes is plain text, a byte a character. */
		done = at[best] + c->edits[best].drop;
	}
	buf_add(out, file.p + done, file.n - done);
}

static char
char_at(const struct search *s, const struct ynode *n)
{
	struct slice file = yaml_text(s->doc);
	size_t at = offset_of(file, n->line, n->col);

	return at < file.n ? file.p[at] : '\0';
}

static struct edit *
new_edit(struct search *s, unsigned line, unsigned col)
{
	struct edit *d;

	if (s->c->n_edits == CHANGE_EDITS_MAX)
		return NULL;
	d = &s->c->edits[s->c->n_edits++];
	d->line = line;
	d->col = col;
	return d;
}

/* Puts an element before the first of a list, as the list is written. */
static bool
add_element(struct search *s, const struct ynode *list, struct slice value,
    const char *where)
{
	struct edit *d;

	if (!list || list->kind != YNODE_SEQ || !list->n || !value.n)
		return false;
	if (char_at(s, list) == '[') {
		d = new_edit(s, list->line, list->col + 1);
		if (!d)
			return false;
		draft_quote(&d->text, value);
		buf_adds(&d->text, ", ");
	} else {
		d = new_edit(s, list->line, list->col);
		if (!d)
			return false;
		buf_adds(&d->text, "- ");
		draft_quote(&d->text, value);
		buf_addf(&d->text, "\n%*s", (int)list->col - 1, "");
	}
	buf_adds(&d->says, "add ");
	draft_quote(&d->says, value);
	buf_addf(&d->says, " to %s", where);
	return true;
}

/* Puts a key before the first of a map. */
static bool
add_key(struct search *s, const struct ynode *map, const char *text,
    const char *says)
{
	bool flow;
	struct edit *d;

	if (!map || map->kind != YNODE_MAP || !map->n)
		return false;
	flow = char_at(s, map) == '{';
	d = new_edit(s, map->line, map->col + flow);
	if (!d)
		return false;
	if (flow)
		buf_addf(&d->text, "%s, ", text);
	else
		buf_addf(&d->text, "%s\n%*s", text, (int)map->col - 1, "");
	buf_adds(&d->says, says);
	return true;
}

/* Another word in place of a plain one. */
static bool
put_word(struct search *s, const struct ynode *old, const char *word,
    const char *says)
{
	struct edit *d;

	if (!old || old->kind != YNODE_SCALAR || !old->plain)
		return false;
	d = new_edit(s, old->line, old->col);
	if (!d)
		return false;
	d->drop = (unsigned)old->text.n;
	buf_adds(&d->text, word);
	buf_adds(&d->says, says);
	return true;
}

static const struct ynode *
find_rule(const struct search *s, struct slice id)
{
	const struct ynode *rules = ynode_get(yaml_root(s->doc), "rules");

	for (size_t i = 0; rules && rules->kind == YNODE_SEQ && i < rules->n;
	     i++) {
		const struct ynode *n = ynode_get(rules->items[i], "id");

		if (n && n->kind == YNODE_SCALAR && slice_eq(n->text, id))
			return rules->items[i];
	}
	return NULL;
}

/* ---- a value more in a list -------------------------------------------------------- */

/* The list that refused: of the rule, else of what is approved. */
static const struct refusal {
	enum reason_code code;
	const char *outer, *list; /* of a rule; outer NULL: the rule itself */
	const char *approved;     /* NULL: only rules have it */
} refusals[] = {
	{ R_COUNTRY_NOT_APPROVED, "from", "countries", "countries" },
	{ R_NETWORK_NOT_APPROVED, "from", "networks", "networks" },
	{ R_ASN_NOT_APPROVED, "from", "asns", "asns" },
	{ R_CLOUD_REGION_NOT_APPROVED, NULL, "cloud_regions", "cloud_regions" },
	{ R_ACCOUNT_NOT_APPROVED, NULL, "accounts", "accounts" },
	{ R_ACTION_NOT_ALLOWED, NULL, "actions", NULL },
	{ R_TARGET_NOT_ALLOWED, NULL, "targets", NULL },
};

static struct slice
refused_value(
    const struct request *r, const struct reason *why, char *text, size_t size)
{
	switch (why->code) {
	case R_ASN_NOT_APPROVED:
		snprintf(text, size, "%u", r->source.place.asn);
		return slice_str(text);
	case R_NETWORK_NOT_APPROVED:
		return r->source.ip;
	default:
		return why->observed;
	}
}

static bool
add_refused(struct search *s, const struct refusal *f, const struct reason *why)
{
	const struct ynode *list = NULL;
	struct slice rule = SLICE_NULL;
	char where[256], number[16];

	if (slice_starts(why->note, RULE_NOTE)) {
		rule = slice_of(why->note.p + sizeof(RULE_NOTE) - 1,
		    why->note.n - (sizeof(RULE_NOTE) - 1));
		list = find_rule(s, rule);
		if (f->outer)
			list = ynode_get(list, f->outer);
		list = ynode_get(list, f->list);
		snprintf(where, sizeof(where), "%s%s%s of rule %.*s",
		    f->outer ? f->outer : "", f->outer ? "." : "", f->list,
		    SLICE_ARG(rule));
	} else if (f->approved) {
		list = ynode_get(
		    ynode_get(yaml_root(s->doc), "approved"), f->approved);
		snprintf(where, sizeof(where), "approved.%s", f->approved);
	}
	return add_element(
	    s, list, refused_value(s->r, why, number, sizeof(number)), where);
}

/* All that the policy says against it is a list's. */
static bool
add_all_refused(struct search *s)
{
	const struct policy_answer *a = &s->answer;
	size_t n = sizeof(refusals) / sizeof(refusals[0]);

	for (unsigned i = 0; i < a->n_reasons; i++) {
		bool added = false;

		for (size_t k = 0; !added && k < n; k++)
			added = refusals[k].code == a->reasons[i].code &&
			    add_refused(s, &refusals[k], &a->reasons[i]);
		if (!added)
			return false;
	}
	return a->n_reasons > 0;
}

/* ---- trying ------------------------------------------------------------------------- */

static int
judge_text(const struct search *s, struct slice text, enum policy_word *word)
{
	struct policy *p = NULL;
	struct policy_scratch *scratch = NULL;
	struct policy_answer a;
	const char *name = policy_path(s->policy);
	int err = policy_load_text(text, name[0] ? name : "policy", &p, NULL);

	if (err == 0 && !(scratch = policy_scratch_new(p)))
		err = ST_ENOMEM;
	if (err == 0) {
		policy_judge(p, scratch, s->r, &a);
		*word = a.word;
	}
	policy_scratch_free(scratch);
	policy_free(p);
	return err;
}

/* Does the file with the edits say what is wanted? */
static bool
turns(const struct search *s, bool breach)
{
	struct buf text = BUF_INIT;
	enum policy_word word;
	bool yes = false;

	change_apply(s->c, yaml_text(s->doc), &text);
	if (!text.failed && judge_text(s, buf_slice(&text), &word) == 0)
		yes = (word == POLICY_BREACH) == breach;
	buf_release(&text);
	return yes;
}

static void
forget_edits(struct search *s)
{
	for (size_t i = 0; i < s->c->n_edits; i++) {
		buf_reset(&s->c->edits[i].text);
		buf_reset(&s->c->edits[i].says);
		s->c->edits[i].drop = 0;
	}
	s->c->n_edits = 0;
}

/* ---- an exception ---------------------------------------------------------------------- */

static bool
excuses_all(const struct policy *p, const struct search *s)
{
	struct policy_scratch *scratch = policy_scratch_new(p);
	bool yes = scratch != NULL;

	for (unsigned i = 0; yes && i < s->v->n_reasons; i++)
		yes = policy_excuse(p, scratch, s->r, s->v->reasons[i].code).p;
	for (unsigned i = 0; yes && i < s->answer.n_reasons; i++)
		yes = policy_excuse(p, scratch, s->r, s->answer.reasons[i].code)
			  .p;
	policy_scratch_free(scratch);
	return yes;
}

/* An exception holds back reasons whatever else the policy says, so that it is
 * tried alone. */
static int
try_exception(struct search *s, struct err *e)
{
	struct finding f = { .id = "explained",
		.request = *s->r,
		.verdict = *s->v,
		.title = SLICE_LIT("as explained") };
	struct verdict now = { .n_reasons = 0 };
	struct buf text = BUF_INIT;
	struct policy *p = NULL;
	struct excuse x;
	int err;

	for (unsigned i = 0; i < s->answer.n_reasons; i++)
		now.reasons[now.n_reasons++] = s->answer.reasons[i];
	excuse_init(&x, f.id);
	excuse_finding(&x, &f);
	excuse_decision(&x, s->r, &now, slice_str(f.id));
	err = excuse_write(&x, NULL, &s->c->exception, e);
	buf_adds(&text, "version: 1\nexceptions:\n");
	buf_add_slice(&text, buf_slice(&s->c->exception));
	if (err == 0)
		err = policy_load_text(buf_slice(&text), "exception", &p, e);
	if (err == 0 && excuses_all(p, s))
		s->c->kind = CHANGE_EXCEPTION;
	policy_free(p);
	excuse_release(&x);
	buf_release(&text);
	return err == ST_ENOMEM ? err : 0;
}

/* ---- the search -------------------------------------------------------------------------- */

static bool
is_of_policy(const struct verdict *v)
{
	for (unsigned i = 0; i < v->n_reasons; i++)
		if (reason_table[v->reasons[i].code].group != GROUP_POLICY)
			return false;
	return true;
}

static int
make_expected(struct search *s, struct err *e)
{
	s->c->then = "expected";
	if (s->doc && is_of_policy(s->v) && add_all_refused(s) &&
	    turns(s, false)) {
		s->c->kind = CHANGE_EDITS;
		return 0;
	}
	forget_edits(s);
	s->c->then = "suppressed";
	return try_exception(s, e);
}

static void
end_rule(struct search *s)
{
	char date[WHEN_TEXT], text[WHEN_TEXT + 16], says[256];

	when_format(when_add(s->r->time, -DAY_SECONDS), date);
	date[DATE_LENGTH] = '\0';
	snprintf(text, sizeof(text), "expires: %s", date);
	snprintf(says, sizeof(says), "end rule %.*s on %s",
	    SLICE_ARG(s->answer.rule), date);
	if (s->r->time.valid)
		add_key(s, find_rule(s, s->answer.rule), text, says);
}

static void
alert_unlisted(struct search *s)
{
	const struct ynode *root = yaml_root(s->doc);
	const struct ynode *now = ynode_get(root, "unlisted_principals");

	if (now)
		put_word(s, now, "alert",
		    "tell who is in no rule (unlisted_principals: alert in "
		    "place of learn)");
	else
		add_key(s, root, "unlisted_principals: alert",
		    "tell who is in no rule (unlisted_principals: alert)");
}

static void
make_unexpected(struct search *s)
{
	s->c->then = "unexpected";
	if (!s->doc)
		return;
	if (s->answer.word == POLICY_ALLOWED)
		end_rule(s);
	else if (s->answer.word == POLICY_SILENT)
		alert_unlisted(s);
	if (s->c->n_edits && turns(s, true))
		s->c->kind = CHANGE_EDITS;
	else
		forget_edits(s);
}

static int
ask_policy(struct search *s, struct policy_scratch *scratch, struct err *e)
{
	const char *path = policy_path(s->policy);

	policy_judge(s->policy, scratch, s->r, &s->answer);
	return path[0] ? yaml_load(path, &s->doc, e) : 0;
}

int
change_find(const struct policy *p, const struct request *r,
    const struct verdict *v, struct change *result, struct err *e)
{
	struct search s = { .policy = p, .r = r, .v = v, .c = result };
	struct policy_scratch *scratch = policy_scratch_new(p);
	int err = 0;

	memset(result, 0, sizeof(*result));
	if (!scratch)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = ask_policy(&s, scratch, e);
	if (err < 0)
		goto out;
	if (v->word == VERDICT_UNEXPECTED)
		err = make_expected(&s, e);
	else if (v->word != VERDICT_SUPPRESSED)
		make_unexpected(&s);
out:
	yaml_free(s.doc);
	policy_scratch_free(scratch);
	return err;
}
