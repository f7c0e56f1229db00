/*
 * test_status_page.c - the last day is kept for the page, and the page is drawn.
 */
#include "collector/status_page.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define EVIL SLICE_LIT("<script>alert(1)</script>\xe2\x80\xae")

static bool
has(const struct buf *all, const char *words)
{
	return strstr(all->p, words) != NULL;
}

/* With a NUL behind it. */
static void
draw(struct board *b, const struct status *s, struct buf *out)
{
	struct board_view *v = b ? board_look(b) : NULL;

	buf_reset(out);
	status_page(s, v, out);
	buf_addc(out, 0);
	board_view_free(v);
}

static void
decide(struct board *b, const char *time, enum verdict_word word)
{
	static struct verdict v;
	struct sample s;

	sample_aws(&s);
	s.f.request.time = sample_when(time);
	v.word = word;
	board_decision(b, &s.f.request, &v);
}

static void
only_the_last_day_is_kept(void)
{
	struct board *b = board_new();
	struct board_view *v;
	uint64_t n = 0;

	REQUIRE(b != NULL);
	decide(b, "2026-03-01T08:00:00Z", VERDICT_EXPECTED);
	decide(b, "2026-03-02T07:59:00Z", VERDICT_EXPECTED);
	decide(b, "2026-03-02T08:30:00Z", VERDICT_UNEXPECTED);
	decide(b, "2026-03-01T08:40:00Z", VERDICT_EXPECTED); /* too late */
	v = board_look(b);
	REQUIRE(v != NULL);
	CHECK_INT(v->last, 0); /* not published yet */
	board_view_free(v);
	board_publish(b);
	v = board_look(b);
	REQUIRE(v != NULL);
	for (unsigned i = 0; i < BOARD_HOURS; i++)
		n += v->hours[i].verdict[VERDICT_EXPECTED] +
		    v->hours[i].verdict[VERDICT_UNEXPECTED];
	CHECK_INT(n, 2);
	CHECK_INT(v->hours[v->last % BOARD_HOURS].n_places, 1);
	CHECK_INT(v->hours[v->last % BOARD_HOURS].places[0].odd, 1);
	board_view_free(v);
	board_free(b);
}

static void
a_finding_that_grows_keeps_its_place(void)
{
	struct board *b = board_new();
	struct board_view *v;
	struct sample s;

	REQUIRE(b != NULL);
	sample_aws(&s);
	for (unsigned i = 0; i < BOARD_FINDINGS_MAX + 3; i++) {
		snprintf(s.f.id, sizeof(s.f.id), "f-%u", i);
		board_finding(b, &s.f);
	}
	s.f.revision = 2;
	board_finding(b, &s.f);
	board_publish(b);
	v = board_look(b);
	REQUIRE(v != NULL);
	CHECK_INT(v->n_findings, BOARD_FINDINGS_MAX);
	CHECK(slice_starts(
	    board_finding_at(v, 0), "{\"id\":\"f-22\",\"revision\":2"));
	CHECK(slice_starts(board_finding_at(v, 19), "{\"id\":\"f-3\""));
	board_view_free(v);
	board_free(b);
}

struct rows {
	struct buf key[BOARD_HOURS + BOARD_FINDINGS_MAX];
	struct buf value[BOARD_HOURS + BOARD_FINDINGS_MAX];
	unsigned n;
};

static int
take_row(void *arg, struct slice key, struct slice value)
{
	struct rows *rows = arg;

	buf_add_slice(&rows->key[rows->n], key);
	buf_add_slice(&rows->value[rows->n++], value);
	return 0;
}

static void
release_rows(struct rows *rows)
{
	for (unsigned i = 0; i < rows->n; i++) {
		buf_release(&rows->key[i]);
		buf_release(&rows->value[i]);
	}
}

/* Two dozen findings, so that slots were taken anew, and two hours. */
static struct board *
a_day(void)
{
	struct board *b = board_new();
	struct sample s;

	sample_aws(&s);
	for (unsigned i = 0; b && i < 24; i++) {
		snprintf(s.f.id, sizeof(s.f.id), "f-%u", i);
		board_finding(b, &s.f);
	}
	decide(b, "2026-03-01T08:00:00Z", VERDICT_EXPECTED);
	decide(b, "2026-03-01T09:00:00Z", VERDICT_UNEXPECTED);
	return b;
}

/* In whatever order its rows come. */
static void
the_day_is_there_again_after_a_restart(void)
{
	struct status st = { .version = "1", .ready = true };
	struct rows rows = { .n = 0 };
	struct buf page = BUF_INIT, again = BUF_INIT;
	struct board *b = a_day(), *c = board_new();
	struct sample s;

	REQUIRE(b != NULL && c != NULL);
	CHECK_INT(board_save(b, take_row, &rows), 0);
	for (unsigned i = rows.n; i-- > 0;)
		CHECK_INT(board_load(c, buf_slice(&rows.key[i]),
			      buf_slice(&rows.value[i])),
		    0);
	/* The next finding takes the same slot in both. */
	sample_aws(&s);
	snprintf(s.f.id, sizeof(s.f.id), "f-next");
	board_finding(b, &s.f);
	board_finding(c, &s.f);
	board_publish(b);
	board_publish(c);
	draw(b, &st, &page);
	draw(c, &st, &again);
	CHECK(slice_eq(buf_slice(&page), buf_slice(&again)));
	CHECK(has(&page, "f-<wbr>next") && has(&page, "f-<wbr>5<") &&
	    !has(&page, "f-<wbr>4<"));
	release_rows(&rows);
	/* What is saved is not saved again. */
	rows = (struct rows){ .n = 0 };
	CHECK_INT(board_save(b, take_row, &rows), 0);
	CHECK(rows.n > 0 && rows.n <= 2);
	release_rows(&rows);
	rows = (struct rows){ .n = 0 };
	CHECK_INT(board_save(b, take_row, &rows), 0);
	CHECK_INT(rows.n, 0);
	buf_release(&page);
	buf_release(&again);
	board_free(b);
	board_free(c);
}

static void
a_damaged_row_is_refused(void)
{
	struct rows rows = { .n = 0 };
	struct board *b = a_day();

	REQUIRE(b != NULL);
	CHECK_INT(board_save(b, take_row, &rows), 0);
	for (unsigned i = 0; i < rows.n; i++)
		for (size_t n = 0; n < rows.value[i].n; n++)
			CHECK_INT(board_load(b, buf_slice(&rows.key[i]),
				      slice_of(rows.value[i].p, n)),
			    ST_EFORMAT);
	CHECK_INT(board_load(
		      b, SLICE_LIT("board/hour/99"), buf_slice(&rows.value[0])),
	    ST_EFORMAT);
	release_rows(&rows);
	board_free(b);
}

static void
strings_of_others_stay_text(void)
{
	struct status_input in = {
		.name = "<b>door</b>", .type = "tcp", .silent_ms = -1
	};
	struct status s = {
		.version = "<i>1</i>", .inputs = &in, .n_inputs = 1
	};
	struct board *b = board_new();
	struct buf page = BUF_INIT;
	struct sample sample;

	REQUIRE(b != NULL);
	status_reason(&s, "output <script> is stuck");
	sample_aws(&sample);
	sample.f.title = EVIL;
	sample.f.request.principal = EVIL;
	board_finding(b, &sample.f);
	board_publish(b);
	draw(b, &s, &page);
	CHECK(!has(&page, "<script>"));
	CHECK(!has(&page, "<b>") && !has(&page, "<i>"));
	CHECK(!has(&page, "\xe2\x80\xae"));
	CHECK(has(&page, "&lt;b&gt;door"));
	CHECK(has(&page, "alert(1)"));
	CHECK(has(&page, "not ready"));
	buf_release(&page);
	board_free(b);
}

static void
an_empty_day_has_no_pictures(void)
{
	struct status s = { .version = "1", .ready = true };
	struct board *b = board_new();
	struct buf page = BUF_INIT;

	REQUIRE(b != NULL);
	draw(b, &s, &page);
	CHECK(!has(&page, "<svg"));
	CHECK(has(&page, "None yet."));
	CHECK(has(&page, "ready and well"));
	decide(b, "2026-03-01T08:00:00Z", VERDICT_EXPECTED);
	board_publish(b);
	draw(b, &s, &page);
	CHECK(has(&page, "id=\"timeline\""));
	CHECK(has(&page, "id=\"map\""));
	draw(NULL, &s, &page);
	CHECK(!has(&page, "The last day"));
	buf_release(&page);
	board_free(b);
}

UNIT_MAIN("status_page",
    { "only the last day is kept", only_the_last_day_is_kept },
    { "a finding that grows keeps its place",
	a_finding_that_grows_keeps_its_place },
    { "the day is there again after a restart",
	the_day_is_there_again_after_a_restart },
    { "a damaged row is refused", a_damaged_row_is_refused },
    { "strings of others stay text", strings_of_others_stay_text },
    { "an empty day has no pictures", an_empty_day_has_no_pictures })
