/*
 * test_change.c - the smallest change turns the verdict; places in the file.
 */
#include "config.h"

#include "cli/change.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define HEAD                           \
	"# \xc3\xa4 comment\n"         \
	"version: 1\n"                 \
	"unlisted_principals: alert\n" \
	"rules:\n"
#define WHO "principals: [\"**\"]"

struct tried {
	struct policy *p;
	struct policy_scratch *scratch;
	struct policy_answer answer;
	struct verdict verdict;
	char path[256];
};

static void
judge(struct tried *t, const char *text, struct slice more,
    const struct request *r)
{
	struct err e = { .text = "" };
	FILE *f;

	snprintf(t->path, sizeof(t->path), "%s/policy.yaml", unit_tmpdir());
	f = fopen(t->path, "wb");
	CHECK(f != NULL);
	if (!f)
		return;
	fputs(text, f);
	if (more.n)
		fwrite(more.p, 1, more.n, f);
	fclose(f);
	CHECK_INT(policy_load(t->path, &t->p, &e), 0);
	t->scratch = policy_scratch_new(t->p);
	policy_judge(t->p, t->scratch, r, &t->answer);
	verdict_from_policy(r, &t->answer, &t->verdict);
}

static void
forget(struct tried *t)
{
	policy_scratch_free(t->scratch);
	policy_free(t->p);
}

/* What the policy thinks once the change is made. */
static enum policy_word
after(const char *text, const struct change *c, const struct request *r)
{
	struct buf changed = BUF_INIT;
	struct tried t = { .p = NULL };
	enum policy_word word;

	change_apply(c, slice_str(text), &changed);
	if (c->kind == CHANGE_EXCEPTION)
		buf_adds(&changed, "exceptions:\n");
	buf_add_slice(&changed, buf_slice(&c->exception));
	judge(&t, "", buf_slice(&changed), r);
	word = t.answer.word;
	forget(&t);
	buf_release(&changed);
	return word;
}

static void
turned(const char *text, enum change_kind kind, enum policy_word word)
{
	struct sample s;
	struct tried t = { .p = NULL };
	struct change c;
	struct err e = { .text = "" };

	sample_aws(&s);
	judge(&t, text, SLICE_NULL, &s.f.request);
	CHECK_INT(change_find(t.p, &s.f.request, &t.verdict, &c, &e), 0);
	CHECK_INT(c.kind, kind);
	if (c.kind != CHANGE_NONE)
		CHECK_INT(after(text, &c, &s.f.request), word);
	change_release(&c);
	forget(&t);
}

static void
a_list_that_refused_gets_the_value(void)
{
	turned(HEAD "  - {id: r, " WHO ", from: {countries: [DE]}}\n",
	    CHANGE_EDITS, POLICY_ALLOWED);
	turned(HEAD "  - id: r\n    " WHO "\n    from:\n      countries:\n"
		    "        - DE\n        - IE\n",
	    CHANGE_EDITS, POLICY_ALLOWED);
	turned(HEAD "  - {id: r, " WHO ", actions: [\"sts:AssumeRoot\"], "
		    "targets: [\"c\"]}\n",
	    CHANGE_EDITS, POLICY_ALLOWED);
	turned("version: 1\napproved: {countries: [DE]}\n", CHANGE_EDITS,
	    POLICY_SILENT);
}

static void
else_it_is_an_exception(void)
{
	turned(HEAD "  - {id: r, principals: [\"nobody\"]}\n", CHANGE_EXCEPTION,
	    POLICY_SUPPRESSED);
	turned(HEAD "  - {id: r, " WHO ", max_duration: 1s, "
		    "external_id: required}\n",
	    CHANGE_EXCEPTION, POLICY_SUPPRESSED);
}

static void
what_is_allowed_ends_with_its_rule(void)
{
	turned(HEAD "  - {id: r, " WHO "}\n", CHANGE_EDITS, POLICY_BREACH);
	turned(HEAD "  - id: r\n    " WHO "\n", CHANGE_EDITS, POLICY_BREACH);
	turned("version: 1\n", CHANGE_EDITS, POLICY_BREACH);
}

static void
who_is_only_learned_is_told(void)
{
	turned("version: 1\nunlisted_principals: learn\n", CHANGE_EDITS,
	    POLICY_BREACH);
	turned("{version: 1, unlisted_principals: learn, rules: []}",
	    CHANGE_EDITS, POLICY_BREACH);
}

static void
what_cannot_be_turned_is_left(void)
{
	/* The rule has an end already; the word is quoted. */
	turned(HEAD "  - {id: r, " WHO ", expires: 2099-01-01}\n", CHANGE_NONE,
	    POLICY_ALLOWED);
	turned("version: 1\nunlisted_principals: \"learn\"\n", CHANGE_NONE,
	    POLICY_SILENT);
}

UNIT_MAIN("change",
    { "a list that refused gets the value",
	a_list_that_refused_gets_the_value },
    { "else it is an exception", else_it_is_an_exception },
    { "what is allowed ends with its rule",
	what_is_allowed_ends_with_its_rule },
    { "who is only learned is told", who_is_only_learned_is_told },
    { "what cannot be turned is left", what_cannot_be_turned_is_left })
