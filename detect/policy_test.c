/*
 * policy_test.c - the policy's own test cases, and the rules none comes to.
 *
 * A case is a record (`event`), which goes the way of every record
 * (events/sift.h), or a request by its members (`fields`), or a record and
 * what it lacks, such as the country of its address.  Any thread.
 */
#include "detect/policy_i.h"

#include "detect/policy_event.h"

#include <stdlib.h>

struct tester {
	const struct policy *p;
	struct policy_scratch *s;
	struct arena arena; /* of the case at hand */
	bool *covered;      /* [n_rules] */
	struct problems *failed, *uncovered;
};

static const char *const words[] = {
	[POLICY_ALLOWED] = "allowed",
	[POLICY_BREACH] = "breach",
	[POLICY_SILENT] = "learn",
	[POLICY_SUPPRESSED] = "suppressed",
};

static const struct ynode *
node_of(const struct tester *t, size_t i)
{
	return ynode_get(yaml_root(t->p->doc), "tests")->items[i];
}

/* The request of a case; an error with its words. */
static int
make_request(struct tester *t, const struct test_config *c, struct request *r,
    struct err *e)
{
	const char *key = "";
	int err;

	if (c->event) {
		err = policy_event_request(c->event, &t->arena, r, e);
		if (err < 0)
			return err;
		err = policy_fields_over(&c->fields, &t->arena, r, &key);
	} else {
		err = policy_fields_request(&c->fields, &t->arena, r, &key);
	}
	return err < 0 ? err_set(e, err, "fields: %s is wrong", key) : 0;
}

static uint64_t
codes_of(const struct policy_answer *a)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < a->n_reasons; i++)
		bits |= (uint64_t)1 << a->reasons[i].code;
	return bits;
}

static bool
is_as_expected(const struct test_config *c, const struct policy_answer *a)
{
	uint64_t want = 0;

	if ((int)a->word != c->expect % 4)
		return false;
	if (c->rule && !slice_is(a->rule, c->rule))
		return false;
	for (size_t i = 0; i < c->codes.n; i++)
		want |= (uint64_t)1 << reason_of(slice_str(c->codes.v[i]));
	return c->codes.n == 0 || want == codes_of(a);
}

static void
write_codes(struct buf *out, uint64_t bits)
{
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if ((bits >> i) & 1)
			buf_addf(out, " %s", reason_table[i].code);
}

static void
note(struct problems *list, const struct ynode *n, const struct buf *text)
{
	struct err e;

	ynode_err(n, &e, "%.*s", (int)text->n, text->p ? text->p : "");
	problems_add(list, &e);
}

static void
write_failure(
    struct buf *out, const struct test_config *c, const struct policy_answer *a)
{
	buf_addf(
	    out, "test \"%s\": expected %s", c->name, words[c->expect % 4]);
	for (size_t i = 0; i < c->codes.n; i++)
		buf_addf(out, " %s", c->codes.v[i]);
	if (c->rule)
		buf_addf(out, " by rule %s", c->rule);
	buf_addf(out, ", is %s", words[a->word]);
	write_codes(out, codes_of(a));
	if (!slice_is_null(a->rule))
		buf_addf(out, " by rule %.*s", SLICE_ARG(a->rule));
}

static void
cover(struct tester *t, struct slice rule)
{
	for (size_t i = 0; i < t->p->n_rules; i++)
		if (rule.p == t->p->units[i].id)
			t->covered[i] = true;
}

/* True where it went as expected; else `out` says what is wrong. */
static bool
run_case(struct tester *t, const struct test_config *c, struct buf *out)
{
	struct policy_answer answer;
	struct request r;
	struct err e;

	arena_reset(&t->arena);
	if (make_request(t, c, &r, &e) < 0) {
		buf_addf(out, "test \"%s\": %s", c->name, e.text);
		return false;
	}
	policy_judge(t->p, t->s, &r, &answer);
	cover(t, answer.rule);
	if (is_as_expected(c, &answer))
		return true;
	write_failure(out, c, &answer);
	return false;
}

static size_t
run_cases(struct tester *t)
{
	const struct test_config *c = t->p->config->tests.v;
	struct buf text = BUF_INIT;
	size_t failed = 0;

	for (size_t i = 0; i < t->p->config->tests.n; i++) {
		buf_reset(&text);
		if (run_case(t, &c[i], &text))
			continue;
		failed++;
		note(t->failed, node_of(t, i), &text);
	}
	buf_release(&text);
	return failed;
}

static size_t
note_uncovered(struct tester *t)
{
	struct buf text = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < t->p->n_rules; i++) {
		if (t->covered[i])
			continue;
		n++;
		buf_reset(&text);
		buf_addf(
		    &text, "rule %s: no test comes to it", t->p->units[i].id);
		note(t->uncovered, t->p->units[i].node, &text);
	}
	buf_release(&text);
	return n;
}

int
policy_run_tests(const struct policy *p, struct problems *failed,
    struct problems *uncovered, struct policy_test_result *result)
{
	struct tester t = { .p = p, .failed = failed, .uncovered = uncovered };
	int err = ST_ENOMEM;

	*result = (struct policy_test_result){ 0 };
	arena_init(&t.arena, 4096);
	t.covered = calloc(p->n_rules + 1, sizeof(*t.covered));
	t.s = policy_scratch_new(p);
	if (!t.covered || !t.s)
		goto out;
	result->run = p->config->tests.n;
	result->failed = run_cases(&t);
	result->uncovered = note_uncovered(&t);
	err = 0;
out:
	policy_scratch_free(t.s);
	free(t.covered);
	arena_release(&t.arena);
	return err;
}
