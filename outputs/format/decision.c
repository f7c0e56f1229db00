/*
 * decision.c - the decision line: every token request, one line of JSON.
 *
 * Knows the members and their order, which people script against: a change
 * here is a change of what stsentry promises.  Called for every request, so
 * it allocates nothing but the buffer.  Any thread.
 */
#include "outputs/format/format.h"
#include "outputs/format/view.h"
#include "lib/jsonw.h"

static void
write_who(const struct request *r, struct jsonw *w)
{
	jsonw_member(w, "event_id", r->event_id);
	jsonw_member_str(w, "provider", provider_name(r->provider));
	view_when(w, "time", r->time);
	jsonw_member(w, "action", r->action);
	jsonw_member_str(w, "kind", token_kind_name(r->kind));
	jsonw_member(w, "principal", r->principal);
	jsonw_member_str(
	    w, "principal_type", principal_type_name(r->principal_type));
	jsonw_member(w, "account", r->account);
}

static void
write_what(const struct request *r, struct jsonw *w)
{
	jsonw_member(w, "target", r->target);
	jsonw_member(w, "target_account", r->target_account);
	jsonw_member(w, "session", r->session);
	jsonw_member(w, "caller_session", r->caller_session);
	jsonw_member(w, "credential", r->credential);
	view_when(w, "expires", r->expires);
	jsonw_member(w, "cloud_region", r->cloud_region);
	jsonw_member_str(w, "outcome", outcome_name(r->outcome));
	jsonw_member(w, "error", r->error);
}

static void
write_source(const struct source *s, struct jsonw *w)
{
	const struct place *p = &s->place;

	jsonw_key(w, "source");
	jsonw_object(w);
	jsonw_member_str(w, "kind", source_kind_name(s->kind));
	jsonw_member(w, "ip", s->ip);
	jsonw_member(w, "name", s->name);
	jsonw_member(w, "country", view_country(p->country));
	jsonw_member(w, "city", p->city);
	jsonw_key(w, "asn");
	if (p->asn)
		jsonw_int(w, p->asn);
	else
		jsonw_null(w);
	jsonw_member(w, "org", p->org);
	jsonw_end(w);
}

void
decision_object(const struct request *r, const struct verdict *v,
    const char *group, struct jsonw *w)
{
	jsonw_object(w);
	write_who(r, w);
	write_what(r, w);
	write_source(&r->source, w);
	jsonw_member(w, "user_agent", r->user_agent);
	jsonw_member_str(w, "verdict", verdict_name(v->word));
	jsonw_key(w, "score");
	jsonw_fixed(w, v->score, 1);
	jsonw_key(w, "finding");
	jsonw_bool(w, v->finding);
	jsonw_member_str(w, "group", group);
	view_reasons(w, "reasons", v->reasons, v->n_reasons);
	jsonw_end(w);
}

void
decision_write(const struct request *r, const struct verdict *v,
    const char *group, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	decision_object(r, v, group, &w);
	buf_addc(out, '\n');
}
