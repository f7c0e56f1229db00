/*
 * json.c - a finding as JSON: the native form, of which all others are views.
 *
 * Knows the members that stsentry promises of a finding.  parse.c reads the
 * same back: the two change together.  Any thread.
 */
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/raw.h"
#include "outputs/format/view.h"
#include "lib/jsonw.h"

static int64_t
clamp(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static void
write_summary(const struct finding *f, struct jsonw *w)
{
	jsonw_member_str(w, "id", f->id);
	jsonw_member_int(w, "revision", f->revision);
	view_when(w, "time", f->time);
	view_when(w, "first_seen", f->first_seen);
	view_when(w, "last_seen", f->last_seen);
	jsonw_member_int(w, "count", clamp(f->count));
	jsonw_member_str(w, "severity", severity_name(f->severity));
	jsonw_key(w, "score");
	jsonw_fixed(w, f->score, 1);
	jsonw_member(w, "title", f->title);
	view_reasons(w, "reasons", f->reasons, f->n_reasons);
}

static void
write_attack(struct jsonw *w)
{
	jsonw_key(w, "attack");
	jsonw_object(w);
	jsonw_member_str(w, "technique", ATTACK_SUBTECHNIQUE);
	jsonw_member_str(w, "detection_strategy", ATTACK_STRATEGY);
	jsonw_member_str(w, "analytic", ATTACK_ANALYTIC);
	jsonw_end(w);
}

static void
write_policy(const struct finding *f, struct jsonw *w)
{
	jsonw_key(w, "policy");
	jsonw_object(w);
	jsonw_member_str(w, "file", f->policy_file);
	jsonw_member(w, "rule", f->rule);
	jsonw_member_str(w, "hash", f->policy_hash);
	jsonw_end(w);
}

/* Only where somebody has. */
static void
write_ack(const struct finding *f, struct jsonw *w)
{
	if (!f->ack.at.valid)
		return;
	jsonw_key(w, "acknowledged");
	jsonw_object(w);
	view_when(w, "time", f->ack.at);
	jsonw_member(w, "by", f->ack.by);
	jsonw_key(w, "taught");
	jsonw_bool(w, f->ack.taught);
	jsonw_end(w);
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	write_summary(f, &w);
	jsonw_key(&w, "request");
	decision_object(&f->request, &f->verdict, f->id, &w);
	view_strings(&w, "event_ids", f->event_ids, f->n_event_ids);
	view_lineage(&w, "lineage", f->lineage, f->n_lineage);
	write_attack(&w);
	view_strings(&w, "next_steps", f->next_steps, f->n_next_steps);
	if (o->raw && f->request.raw.p) {
		jsonw_key(&w, "raw");
		raw_write(&w, f->request.raw);
	}
	write_ack(f, &w);
	write_policy(f, &w);
	jsonw_member_str(&w, "stsentry", f->version);
	jsonw_end(&w);
	buf_addc(out, '\n');
}

const struct format format_json = {
	.name = "json",
	.mime = "application/json",
	.help = "one JSON object a line, with everything known",
	.finding = write_finding,
};
