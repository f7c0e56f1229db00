/*
 * proposal.c - a policy from the past, and what it covers and leaves out.
 *
 * See proposal.h.
 */
#include "config.h"

#include "cli/proposal.h"

#include "cli/draft.h"
#include "collector/pipeline.h"
#include "lib/jsonw.h"

#include <inttypes.h>

#define EXAMPLES 3 /* of each reason to leave something out */

struct proposal {
	struct normal *normal;
	struct buf body, head;
	uint64_t covered, absorbed;
	int err; /* of a callback that cannot return one */
};

static void
on_decision(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct proposal *s = arg;
	bool odd = v->finding || v->word == VERDICT_SUPPRESSED;

	(void)group;
	if (s->err == 0)
		s->err = normal_add(s->normal, r, odd);
}

static int
measure(struct proposal *s, struct err *e)
{
	struct policy *p = NULL;
	struct policy_scratch *scratch = NULL;
	struct policy_answer a;
	int err = policy_load_text(
	    buf_slice(&s->body), "the suggested policy", &p, e);

	if (err == 0 && !(scratch = policy_scratch_new(p)))
		err = err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; err == 0 && i < s->normal->n; i++) {
		const struct cell *c = s->normal->v[i];

		policy_judge(p, scratch, &c->r, &a);
		if (a.word != POLICY_ALLOWED)
			continue;
		if (c->left == LEFT_NOT)
			s->covered += c->n;
		else
			s->absorbed += c->n;
	}
	policy_scratch_free(scratch);
	policy_free(p);
	return err;
}

static void
add_example(struct proposal *s, const struct cell *c)
{
	buf_adds(&s->head, "#     ");
	jsonw_escape(&s->head, c->r.principal);
	buf_addc(&s->head, ' ');
	jsonw_escape(&s->head, c->r.action);
	buf_addc(&s->head, ' ');
	jsonw_escape(&s->head, c->r.target);
	if (c->r.source.place.country[0])
		buf_addf(&s->head, " from %s", c->r.source.place.country);
	buf_addf(&s->head, ", %" PRIu64 " times on %" PRIu64 " days\n", c->n,
	    c->days);
}

static void
add_left(struct proposal *s, enum left left)
{
	const struct normal *n = s->normal;
	unsigned shown = 0;

	if (!n->by_left[left])
		return;
	buf_addf(&s->head, "#   %" PRIu64 ": %s\n", n->by_left[left],
	    normal_why(left));
	for (size_t i = 0; i < n->n && shown < EXAMPLES; i++)
		if (n->v[i]->left == left) {
			add_example(s, n->v[i]);
			shown++;
		}
}

static void
add_span(struct proposal *s)
{
	const struct normal *n = s->normal;
	char from[WHEN_TEXT] = "?", to[WHEN_TEXT] = "?";
	uint64_t allowed = s->covered + s->absorbed;
	uint64_t asked = n->requests - n->by_left[LEFT_SERVICE];

	if (n->first.valid) {
		when_format(n->first, from);
		when_format(n->last, to);
	}
	buf_addf(&s->head,
	    "# Suggested by stsentry " PACKAGE_VERSION " from %" PRIu64
	    " requests, %s to %s.\n"
	    "# It allows %" PRIu64 " of the %" PRIu64
	    " that cloud services did not make themselves (%.1f %%).\n"
	    "# Fill in the owners, and read every line.\n",
	    n->requests, from, to, allowed, asked,
	    asked ? 100.0 * (double)allowed / (double)asked : 0.0);
}

static void
write_head(struct proposal *s)
{
	const struct normal *n = s->normal;
	uint64_t left = n->requests - n->by_left[LEFT_NOT];

	add_span(s);
	if (left)
		buf_addf(&s->head,
		    "# Left out (fewer days than %" PRIu64
		    " are few), by what was first true of each:\n",
		    n->min_days);
	for (int i = LEFT_NOT + 1; i < LEFT_COUNT; i++)
		add_left(s, (enum left)i);
	if (n->beyond)
		buf_addf(&s->head,
		    "#   %" PRIu64 ": there were too many different ones\n",
		    n->beyond);
	if (s->absorbed)
		buf_addf(&s->head,
		    "# Of what was left out, %" PRIu64
		    " requests are allowed all the same, by rules for others "
		    "like them.\n",
		    s->absorbed);
}

static int
make(struct proposal *s, struct history *h, const char *since, struct err *e)
{
	static const struct pipeline_sink sink = { on_decision, NULL };
	int err = history_judge(h, since, &sink, s, e);

	if (err == 0)
		err = s->err;
	if (err == 0)
		err = normal_settle(s->normal);
	if (err == 0)
		err = draft_write(s->normal, &s->body);
	return err < 0 ? err : measure(s, e);
}

int
proposal_make(struct history *h, const char *since, uint64_t min_days,
    struct buf *out, struct err *e)
{
	struct proposal s = { .normal = normal_new(min_days) };
	int err = s.normal ? make(&s, h, since, e) : ST_ENOMEM;

	if (err == 0) {
		write_head(&s);
		buf_add_slice(out, buf_slice(&s.head));
		buf_add_slice(out, buf_slice(&s.body));
		if (s.head.failed || out->failed)
			err = ST_ENOMEM;
	}
	normal_free(s.normal);
	buf_release(&s.head);
	buf_release(&s.body);
	return err;
}
