/*
 * gen_metrics.c - the manual's page of what the daemon tells monitoring.
 *
 * The names and their words are those that /metrics itself writes, for a
 * daemon that has one of everything.
 */
#include "doc/gen_manuals.h"

#include "collector/status.h"
#include "events/reject.h"

#define HELP "# HELP "
#define TYPE "# TYPE "

/* "# HELP name words", then "# TYPE name counter"; samples are passed over. */
static int
put_metrics(FILE *f, struct slice text)
{
	mdoc_list(f);
	while (text.n) {
		struct slice line = slice_before(text, '\n'), name;

		text = slice_after(text, '\n');
		if (slice_starts(line, HELP)) {
			line = slice_of(
			    line.p + strlen(HELP), line.n - strlen(HELP));
			name = slice_before(line, ' ');
			line = slice_after(line, ' ');
			if (!line.n) {
				fprintf(stderr, "%.*s has no words\n",
				    SLICE_ARG(name));
				return -1;
			}
			mdoc_item(f, name);
			mdoc_text(f, line);
		} else if (slice_starts(line, TYPE)) {
			line = slice_after(slice_of(line.p + strlen(TYPE),
					       line.n - strlen(TYPE)),
			    ' ');
			fputs(".br\n", f);
			mdoc_text(f, line);
		}
	}
	mdoc_list_end(f);
	return 0;
}

static int
put_all_metrics(FILE *f)
{
	static const struct status_input in = {
		.name = "name", .type = "http", .is_http = true
	};
	static const struct status s = {
		.version = "", .inputs = &in, .n_inputs = 1, .state.dir = "/"
	};
	struct buf text = BUF_INIT;
	int err;

	mdoc_section(f, "METRICS");
	status_metrics(&s, &text);
	err = put_metrics(f, buf_slice(&text));
	buf_release(&text);
	return err;
}

static void
put_rejects(FILE *f)
{
	mdoc_section(f, "REJECTED RECORDS");
	mdoc_text(f,
	    SLICE_LIT("Values of the label reason of "
		      "stsentry_input_rejected_total, and members of rejected "
		      "in /status."));
	mdoc_list(f);
	for (int i = 0; i < REJECT_COUNT; i++) {
		mdoc_item(f, slice_str(reject_name((enum reject)i)));
		mdoc_text(f, slice_str(reject_help((enum reject)i)));
	}
	mdoc_list_end(f);
}

static void
put_answers(FILE *f)
{
	mdoc_section(f, "ANSWERS OVER HTTP");
	mdoc_text(f,
	    SLICE_LIT("Values of the label answer of "
		      "stsentry_http_answers_total, with the status that a "
		      "sender gets; some kinds of senders want another one."));
	mdoc_list(f);
	for (int i = 0; i < HTTP_WHY_COUNT; i++) {
		const struct http_why_row *w = http_why((enum http_why)i);

		mdoc_item(f, slice_str(w->name));
		fprintf(f, "%d: ", w->status);
		mdoc_text(f, slice_str(w->text ? w->text : "it is taken"));
	}
	mdoc_list_end(f);
}

int
page_metrics(FILE *f)
{
	int err;

	mdoc_begin(f, "stsentry-metrics", 7, "what stsentryd tells monitoring");
	mdoc_section(f, "DESCRIPTION");
	mdoc_text(f,
	    SLICE_LIT("The admin endpoint answers GET.  /live says ok while "
		      "the process turns; /ready 200 when every input can "
		      "accept and the state can store, else 503; /health 200, "
		      "or 503 with a line for each reason.  /status is JSON, "
		      "/metrics text for Prometheus, and / a page for "
		      "people."));
	err = put_all_metrics(f);
	put_rejects(f);
	put_answers(f);
	mdoc_see_also(f, manual_pages, "stsentry-metrics 7");
	return err;
}
