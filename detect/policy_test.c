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
	struct buf *out;
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

static void
begin_line(struct tester *t, const struct ynode *n)
{
	buf_addf(t->out, "%s:%u:%u: ", n->file, n->line, n->col);
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
write_failure(struct tester *t, const struct test_config *c,
    const struct policy_answer *a)
{
	buf_addf(
	    t->out, "test \"%s\": expected %s", c->name, words[c->expect % 4]);
	for (size_t i = 0; i < c->codes.n; i++)
		buf_addf(t->out, " %s", c->codes.v[i]);
	if (c->rule)
		buf_addf(t->out, " by rule %s", c->rule);
	buf_addf(t->out, ", is %s", words[a->word]);
	write_codes(t->out, codes_of(a));
	if (!slice_is_null(a->rule))
		buf_addf(t->out, " by rule %.*s", SLICE_ARG(a->rule));
	buf_addc(t->out, '\n');
}

static void
cover(struct tester *t, struct slice rule)
{
	for (size_t i = 0; i < t->p->n_rules; i++)
		if (rule.p == t->p->units[i].id)
			t->covered[i] = true;
}

/* True where it went as expected. */
static bool
run_case(struct tester *t, size_t i)
{
	const struct test_config *c = t->p->config->tests.v;
	struct policy_answer answer;
	struct request r;
	struct err e;

	c += i;
	arena_reset(&t->arena);
	if (make_request(t, c, &r, &e) < 0) {
		begin_line(t, node_of(t, i));
		buf_addf(t->out, "test \"%s\": %s\n", c->name, e.text);
		return false;
	}
	policy_judge(t->p, t->s, &r, &answer);
	cover(t, answer.rule);
	if (is_as_expected(c, &answer))
		return true;
	begin_line(t, node_of(t, i));
	write_failure(t, c, &answer);
	return false;
}

static size_t
write_uncovered(struct tester *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->p->n_rules; i++) {
		if (t->covered[i])
			continue;
		n++;
		begin_line(t, t->p->units[i].node);
		buf_addf(t->out, "rule %s: no test comes to it\n",
		    t->p->units[i].id);
	}
	return n;
}

int
policy_run_tests(
    const struct policy *p, struct buf *out, struct policy_test_result *result)
{
	struct tester t = { .p = p, .out = out };
	int err = ST_ENOMEM;

	*result = (struct policy_test_result){ 0 };
	arena_init(&t.arena, 4096);
	t.covered = calloc(p->n_rules + 1, sizeof(*t.covered));
	t.s = policy_scratch_new(p);
	if (!t.covered || !t.s)
		goto out;
	for (size_t i = 0; i < p->config->tests.n; i++) {
		result->run++;
		result->failed += !run_case(&t, i);
	}
	result->uncovered = write_uncovered(&t);
	err = out->failed ? ST_ENOMEM : 0;
out:
	policy_scratch_free(t.s);
	free(t.covered);
	arena_release(&t.arena);
	return err;
}
