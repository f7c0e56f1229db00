/*
 * test_history.c - the past in the order of time, from logs and from what was
 * kept.
 */
#include "config.h"

#include "cli/history.h"

#include "outputs/format/format.h"
#include "tests/unit/sample.h"
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>

struct seen {
	char ids[1024]; /* "b a " */
};

static int
on_request(void *arg, const struct request *r)
{
	struct seen *s = arg;
	size_t n = strlen(s->ids);

	snprintf(
	    s->ids + n, sizeof(s->ids) - n, "%.*s ", SLICE_ARG(r->event_id));
	return 0;
}

static void
add_line(struct buf *out, const char *id, const char *at)
{
	struct sample s;

	sample_aws(&s);
	s.f.request.event_id = slice_str(id);
	s.f.request.time = sample_when(at);
	decision_write(&s.f.request, &s.f.verdict, NULL, out);
}

static char *
put(const char *name, struct slice bytes)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", unit_tmpdir(), name);
	f = fopen(path, "wb");
	CHECK(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n);
	if (f)
		fclose(f);
	return path;
}

static void
look(const struct history_options *o, char *path, struct when since,
    struct seen *s, const char *want)
{
	char *paths[] = { path, NULL };
	struct history *h = NULL;
	struct err e = { .text = "" };

	s->ids[0] = '\0';
	REQUIRE(history_open(o, paths, &h, &e) == 0);
	CHECK(history_is_told(h));
	CHECK_INT(history_read(h, &e), 0);
	CHECK_INT(history_each(h, since, on_request, s, &e), 0);
	CHECK_TEXT(slice_str(s->ids), want);
	CHECK_INT(history_unreadable(h), 0);
	history_close(h);
}

static void
lines_come_in_order_each_once(void)
{
	const struct history_options o = { .quiet = true };
	struct buf b = BUF_INIT;
	struct seen s;
	char *path;

	add_line(&b, "late", "2026-03-09T00:00:00Z");
	add_line(&b, "early", "2026-03-01T00:00:00Z");
	add_line(&b, "middle", "2026-03-05T00:00:00Z");
	add_line(&b, "early", "2026-03-01T00:00:00Z");
	path = put("decisions", buf_slice(&b));
	look(&o, path, WHEN_NONE, &s, "early middle late ");
	look(&o, path, sample_when("2026-03-05T00:00:00Z"), &s, "middle late ");
	buf_release(&b);
}

static void
without_a_path_it_is_the_state(void)
{
	struct history_options o = { .quiet = true };
	const char *dir = case_dir();
	struct store *st = case_open(dir, NULL);
	struct buf b = BUF_INIT;
	struct seen s;
	struct err e;

	REQUIRE(st != NULL);
	add_line(&b, "kept", "2026-03-01T00:00:00Z");
	CHECK_INT(store_line(st, LINE_DECISION, slice_of(b.p, b.n - 1)), 0);
	CHECK_INT(store_commit(st, &e), 0);
	o.state = dir;
	look(&o, NULL, WHEN_NONE, &s, "kept ");
	store_close(st);
	buf_release(&b);
}

static void
what_is_no_decision_is_counted(void)
{
	const struct history_options o = { .quiet = true };
	char *paths[] = { NULL, NULL };
	struct history *h = NULL;
	struct err e = { .text = "" };
	struct buf b = BUF_INIT;

	add_line(&b, "good", "2026-03-01T00:00:00Z");
	buf_adds(&b, "{\"event_id\":\"x\",\"verdict\":\"perhaps\"}\n");
	paths[0] = put("bad", buf_slice(&b));
	REQUIRE(history_open(&o, paths, &h, &e) == 0);
	CHECK_INT(history_read(h, &e), 0);
	CHECK_INT(history_unreadable(h), 1);
	history_close(h);
	buf_release(&b);
}

static void
no_state_is_an_error(void)
{
	struct history_options o = { .quiet = true, .state = "/nowhere" };
	char *paths[] = { NULL };
	struct history *h = NULL;
	struct err e = { .text = "" };

	CHECK_INT(history_open(&o, paths, &h, &e), ST_ENOENT);
	CHECK(strstr(e.text, "/nowhere") != NULL);
}

UNIT_MAIN("history",
    { "lines come in order, each once", lines_come_in_order_each_once },
    { "without a path it is the state", without_a_path_it_is_the_state },
    { "what is no decision is counted", what_is_no_decision_is_counted },
    { "no state is an error", no_state_is_an_error })
