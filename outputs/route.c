/*
 * route.c - which findings and decisions an output is to have.
 *
 * See route.h.  Knows nothing of queues: what is refused here was never made
 * for the output.
 */
#include "outputs/route.h"

#include "detect/pattern.h"

static bool
is_listed(const struct opt_strings *list, struct slice s)
{
	for (size_t i = 0; i < list->n; i++)
		if (!slice_is_null(s) &&
		    pattern_matches(slice_str(list->v[i]), s))
			return true;
	return false;
}

static bool
any_reason(const struct opt_strings *list, const struct reason *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (is_listed(list, slice_str(reason_table[r[i].code].code)))
			return true;
	return false;
}

static bool
is_wanted(const struct output_config *c, const struct request *r,
    enum severity severity, const struct reason *reasons, unsigned n_reasons)
{
	if ((int)severity < c->min_severity)
		return false;
	if (c->reasons.n > 0 && !any_reason(&c->reasons, reasons, n_reasons))
		return false;
	if (c->accounts.n > 0 && !is_listed(&c->accounts, r->account) &&
	    !is_listed(&c->accounts, r->target_account))
		return false;
	return c->providers.n == 0 ||
	    is_listed(&c->providers, slice_str(provider_name(r->provider)));
}

bool
route_wants_growth(const struct output_config *c)
{
	return c->what == WHAT_FINDINGS && c->update_mode != UPDATES_FIRST;
}

bool
route_finding(const struct output_config *c, const struct finding *f)
{
	return c->what == WHAT_FINDINGS &&
	    (f->raised || route_wants_growth(c)) &&
	    is_wanted(c, &f->request, f->severity, f->reasons, f->n_reasons);
}

bool
route_decision(const struct output_config *c, const struct request *r,
    const struct verdict *v)
{
	return c->what == WHAT_DECISIONS &&
	    is_wanted(c, r, v->severity, v->reasons, v->n_reasons);
}
