/*
 * story.c - one finding for a person, as HTML that opens and closes.
 *
 * See story.h.  Pure functions.
 */
#include "report/story.h"

#include "outputs/format/parse.h"
#include "report/chart.h"
#include "report/markup.h"

#include <inttypes.h>

#define STORY_LIST_MAX 20 /* items of a list */

static void
add_term(const char *term, struct slice text, struct buf *out)
{
	if (!text.p)
		return;
	buf_addf(out, "<dt>%s</dt><dd>", term);
	markup_name(out, text);
	buf_adds(out, "</dd>\n");
}

static void
add_facts(const struct finding *f, struct buf *out)
{
	const struct request *r = &f->request;
	char text[WHEN_TEXT];

	buf_adds(out, "<dl>\n");
	if (f->time.valid)
		add_term("When", when_format(f->time, text), out);
	add_term("Who", r->principal, out);
	add_term("For", r->target, out);
	add_term("Action", r->action, out);
	add_term("Account", r->account, out);
	add_term("Cloud region", r->cloud_region, out);
	add_term("Address", r->source.ip, out);
	add_term("Network", r->source.place.org, out);
	add_term("City", r->source.place.city, out);
	add_term("Client", r->user_agent, out);
	add_term("Error", r->error, out);
	add_term("Rule", f->rule, out);
	add_term("Finding", slice_str(f->id), out);
	buf_adds(out, "</dl>\n");
}

/* "2026-03-01 08:00, 3 requests until 2026-03-02 09:30" */
static void
add_extent(const struct finding *f, struct buf *out)
{
	char text[WHEN_TEXT];

	buf_adds(out, " <small>");
	if (f->first_seen.valid)
		buf_addf(out, "%.10s %.5s, ",
		    when_format(f->first_seen, text).p,
		    text + sizeof("2026-03-01"));
	buf_addf(
	    out, "%" PRIu64 " request%s", f->count, f->count == 1 ? "" : "s");
	if (f->count > 1 && f->last_seen.valid)
		buf_addf(out, " until %.10s %.5s",
		    when_format(f->last_seen, text).p,
		    text + sizeof("2026-03-01"));
	buf_adds(out, "</small>");
}

static void
add_reason(const struct reason *reason, struct buf *out)
{
	buf_addf(
	    out, "<li><strong>%s</strong>", reason_table[reason->code].code);
	if (reason->observed.p) {
		buf_adds(out, ": ");
		markup_text(out, reason->observed);
	}
	for (unsigned i = 0; i < reason->n_expected; i++) {
		buf_adds(out, i ? ", " : " (expected: ");
		markup_text(out, reason->expected[i]);
	}
	buf_addf(out, "%s</li>\n", reason->n_expected ? ")" : "");
}

static void
add_list(const char *title, const struct slice *v, unsigned n, struct buf *out)
{
	if (!n)
		return;
	buf_addf(out, "<h3>%s</h3>\n<ul>\n", title);
	for (unsigned i = 0; i < n && i < STORY_LIST_MAX; i++) {
		buf_adds(out, "<li>");
		markup_text(out, v[i]);
		buf_adds(out, "</li>\n");
	}
	buf_adds(out, "</ul>\n");
}

/* Where a command begins that can be pasted: behind "what it does: "; the end
 * where there is none. */
static size_t
command_at(struct slice step)
{
	static const char *const tools[] = { ": aws ", ": gcloud " };

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		const char *at = slice_find(step, tools[i]);

		if (at)
			return (size_t)(at - step.p) + strlen(": ");
	}
	return step.n;
}

static void
add_steps(const struct finding *f, struct buf *out)
{
	if (!f->n_next_steps)
		return;
	buf_adds(out, "<h3>What to do next</h3>\n<ul>\n");
	for (unsigned i = 0; i < f->n_next_steps; i++) {
		struct slice step = f->next_steps[i];
		size_t at = command_at(step);

		buf_adds(out, "<li>");
		markup_text(out, slice_of(step.p, at));
		if (at < step.n) {
			buf_adds(out, "<code>");
			markup_text(out, slice_of(step.p + at, step.n - at));
			buf_adds(out, "</code>");
		}
		buf_adds(out, "</li>\n");
	}
	buf_adds(out, "</ul>\n");
}

bool
story_write(
    struct slice finding, const char *id, struct arena *a, struct buf *out)
{
	struct finding f;

	arena_reset(a);
	if (finding_parse(finding, a, &f, NULL) < 0)
		return false;
	buf_addf(out, "<details><summary><span class=\"%s\">%s</span> ",
	    severity_name(f.severity), severity_name(f.severity));
	markup_text(out, f.title);
	add_extent(&f, out);
	buf_adds(out, "</summary>\n");
	add_facts(&f, out);
	buf_adds(out, "<h3>Why</h3>\n<ul>\n");
	for (unsigned i = 0; i < f.n_reasons; i++)
		add_reason(&f.reasons[i], out);
	buf_adds(out, "</ul>\n");
	buf_adds(out,
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Lineage of ");
	markup_str(out, f.id);
	buf_adds(out, "\">");
	chart_lineage(&f, id, a, out);
	buf_adds(out, "</div>\n");
	add_steps(&f, out);
	add_list("Records", f.event_ids, f.n_event_ids, out);
	buf_adds(out, "</details>\n");
	return true;
}
