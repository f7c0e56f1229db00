/*
 * excuse.c - one exception of a policy, for one finding.
 *
 * See excuse.h.
 */
#include "config.h"

#include "cli/excuse.h"

#include "cli/draft.h"

#define DATE_LENGTH (sizeof("2026-03-01") - 1)
#define DAY_SECONDS 86400

void
excuse_init(struct excuse *x, const char *id)
{
	*x = (struct excuse){ .id = id };
	counts_init(&x->principals, EXCUSE_NAMES_MAX);
	counts_init(&x->accounts, EXCUSE_NAMES_MAX);
	counts_init(&x->actions, EXCUSE_NAMES_MAX);
	counts_init(&x->targets, EXCUSE_NAMES_MAX);
	counts_init(&x->codes, EXCUSE_NAMES_MAX);
}

void
excuse_release(struct excuse *x)
{
	counts_release(&x->principals);
	counts_release(&x->accounts);
	counts_release(&x->actions);
	counts_release(&x->targets);
	counts_release(&x->codes);
	buf_release(&x->title);
}

static void
take(struct counts *c, struct slice name)
{
	if (name.n)
		counts_of(c, name);
}

static void
take_request(struct excuse *x, const struct request *r, const struct verdict *v)
{
	take(&x->principals, r->principal);
	take(&x->accounts, r->account);
	take(&x->actions, r->action);
	take(&x->targets, r->target);
	x->any_target |= !r->target.n;
	for (unsigned i = 0; i < v->n_reasons; i++)
		take(&x->codes,
		    slice_str(reason_table[v->reasons[i].code].code));
	if (r->time.valid && (!x->last.valid || when_cmp(r->time, x->last) > 0))
		x->last = r->time;
}

void
excuse_decision(struct excuse *x, const struct request *r,
    const struct verdict *v, struct slice group)
{
	/* A copy of an act has the group, too, and no reasons. */
	if (slice_is(group, x->id) && v->n_reasons)
		take_request(x, r, v);
}

void
excuse_finding(struct excuse *x, const struct finding *f)
{
	if (strcmp(f->id, x->id) != 0)
		return;
	x->found = true;
	take_request(x, &f->request, &f->verdict);
	buf_reset(&x->title);
	buf_add_slice(&x->title, f->title);
}

static void
write_list(struct buf *out, const char *key, const struct counts *names)
{
	buf_addf(out, "      %s: [", key);
	for (size_t i = 0; i < names->n; i++) {
		if (i)
			buf_adds(out, ", ");
		draft_quote(out, names->v[i]->name);
	}
	buf_adds(out, "]\n");
}

/* A date includes its day. */
static void
write_until(const struct excuse *x, const char *until, struct buf *out)
{
	char text[WHEN_TEXT];
	struct when from = when_now();

	if (x->last.valid && when_cmp(x->last, from) > 0)
		from = x->last;
	when_format(when_add(from, (int64_t)EXCUSE_DAYS * DAY_SECONDS), text);
	text[DATE_LENGTH] = '\0';
	buf_addf(out, "    until: %s\n", until ? until : text);
}

int
excuse_write(
    const struct excuse *x, const char *until, struct buf *out, struct err *e)
{
	if (!x->found)
		return err_set(
		    e, ST_ENOENT, "%s: there is no such finding", x->id);
	if (!x->principals.n && !x->accounts.n)
		return err_set(e, ST_EINVAL,
		    "%s names nobody: no exception can be for it", x->id);
	buf_adds(out, "  - id: ");
	draft_quote(out, slice_str(x->id));
	buf_adds(out, "\n    owner: " DRAFT_OWNER "\n    reason: ");
	draft_quote(out, buf_slice(&x->title));
	buf_addc(out, '\n');
	write_until(x, until, out);
	buf_adds(out, "    match:\n");
	if (x->principals.n)
		write_list(out, "principals", &x->principals);
	else
		write_list(out, "accounts", &x->accounts);
	write_list(out, "actions", &x->actions);
	if (!x->any_target && x->targets.n <= EXCUSE_TARGETS_MAX)
		write_list(out, "targets", &x->targets);
	write_list(out, "codes", &x->codes);
	return out->failed ? ST_ENOMEM : 0;
}
