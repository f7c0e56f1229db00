/*
 * test_gather.c - decisions and findings are read back and counted.
 */
#include "outputs/format/format.h"
#include "report/gather.h"
#include "tests/unit/sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct when never = { 0, 0, false };
static const struct period always = { { 0, 0, false }, { 0, 0, false } };

/* A decision line with what matters here. */
static const char *
line_of(const char *time, const char *principal, const char *country,
    const char *verdict)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	    "{\"event_id\":\"e\",\"provider\":\"aws\",\"time\":\"%s\","
	    "\"action\":\"sts:AssumeRole\",\"kind\":\"role\","
	    "\"principal\":\"%s\",\"principal_type\":\"user\","
	    "\"account\":\"111122223333\",\"target\":\"t\","
	    "\"target_account\":null,\"cloud_region\":\"eu-west-1\","
	    "\"outcome\":\"success\",\"error\":null,"
	    "\"source\":{\"kind\":\"ip\",\"ip\":\"203.0.113.9\","
	    "\"country\":%s},\"verdict\":\"%s\",\"score\":3.1,"
	    "\"finding\":false,\"group\":null,\"reasons\":[]}",
	    time, principal, country, verdict);
	return text;
}

static void
take(struct gather *g, const char *text)
{
	CHECK_INT(gather_line(g, slice_str(text), never), 0);
}

/* ---- decided ------------------------------------------------------------------ */

static void
a_decision_comes_back_as_it_was_written(void)
{
	struct decided_reader r;
	struct decided d;
	struct buf line = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	decision_write(&s.f.request, &s.f.verdict, s.f.id, &line);
	line.n--; /* its LF */
	decided_reader_init(&r);
	REQUIRE(decided_read(&r, buf_slice(&line), &d) == 0);
	CHECK(slice_eq(d.event_id, s.f.request.event_id));
	CHECK(slice_eq(d.principal, s.f.request.principal));
	CHECK(slice_eq(d.target, s.f.request.target));
	CHECK(slice_eq(d.cloud_region, s.f.request.cloud_region));
	CHECK_INT(when_cmp(d.time, s.f.request.time), 0);
	CHECK_INT(d.verdict, s.f.verdict.word);
	CHECK_INT(d.outcome, s.f.request.outcome);
	CHECK_INT(d.finding, s.f.verdict.finding);
	decided_reader_release(&r);
	buf_release(&line);
}

/* The same members in another order, with blanks, or some left out: the same. */
static void
the_way_it_is_written_does_not_matter(void)
{
	struct decided_reader r, other;
	struct decided a, b;
	struct buf line = BUF_INIT, turned = BUF_INIT;
	struct sample s;
	struct slice rest;

	sample_aws(&s);
	decision_write(&s.f.request, &s.f.verdict, s.f.id, &line);
	line.n--; /* its LF */
	rest = slice_after(buf_slice(&line), ',');
	buf_adds(&turned, "{ ");
	buf_add(&turned, rest.p, rest.n - 1);
	buf_addf(&turned, ", %.*s}",
	    SLICE_ARG(slice_after(slice_before(buf_slice(&line), ','), '{')));
	decided_reader_init(&r);
	decided_reader_init(&other);
	REQUIRE(decided_read(&r, buf_slice(&line), &a) == 0);
	REQUIRE(decided_read(&other, buf_slice(&turned), &b) == 0);
	CHECK(slice_eq(a.event_id, b.event_id));
	CHECK(slice_eq(a.account, b.account));
	CHECK(slice_eq(a.country, b.country));
	CHECK(slice_eq(a.reasons, b.reasons));
	CHECK_INT(a.verdict, b.verdict);
	CHECK_INT(a.outcome, b.outcome);
	/* Cut off anywhere it is none. */
	for (size_t n = 0; n < line.n; n++)
		CHECK_INT(
		    decided_read(&r, slice_of(line.p, n), &a), ST_EFORMAT);
	/* Nor with something behind its end. */
	buf_adds(&line, ",\"x\":[]}");
	CHECK_INT(decided_read(&r, buf_slice(&line), &a), ST_EFORMAT);
	decided_reader_release(&r);
	decided_reader_release(&other);
	buf_release(&line);
	buf_release(&turned);
}

static void
its_reasons_come_back_each_once(void)
{
	enum reason_code codes[VERDICT_REASONS_MAX];
	struct decided_reader r;
	struct decided d = { 0 };

	decided_reader_init(&r);
	d.reasons = SLICE_LIT(
	    "[{\"code\":\"new_country\"},{\"code\":\"later\"},"
	    "{\"code\":\"new_asn\"},"
	    "{\"code\":\"new_country\"}]");
	CHECK_INT(decided_codes(&r, &d, codes), 2);
	CHECK_INT(codes[0], R_NEW_COUNTRY);
	CHECK_INT(codes[1], R_NEW_ASN);
	d.reasons = SLICE_LIT("[]");
	CHECK_INT(decided_codes(&r, &d, codes), 0);
	decided_reader_release(&r);
}

static void
what_is_no_decision_is_refused(void)
{
	static const char *const lines[] = { "", "[]", "{}", "no JSON",
		"{\"event_id\":\"e\"}", "{\"verdict\":\"expected\"}",
		"{\"event_id\":\"e\",\"verdict\":\"maybe\"}",
		"{\"event_id\":\"e\",\"verdict\":\"expected\"} {}",
		"{\"event_id\":\"e\",\"verdict\":\"expected\"" };
	struct decided_reader r;
	struct decided d;

	decided_reader_init(&r);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK_INT(
		    decided_read(&r, slice_str(lines[i]), &d), ST_EFORMAT);
	decided_reader_release(&r);
}

static void
escapes_in_a_decision_are_undone(void)
{
	struct decided_reader r;
	struct decided d;

	decided_reader_init(&r);
	REQUIRE(
	    decided_read(&r,
		SLICE_LIT("{\"event_id\":\"a\\\"b\",\"principal\":\"x\\\\y\","
			  "\"source\":{\"country\":\"\\u00e9\"},"
			  "\"verdict\":\"expected\"}"),
		&d) == 0);
	CHECK_TEXT(d.event_id, "a\"b");
	CHECK_TEXT(d.principal, "x\\y");
	CHECK_TEXT(d.country, "\xc3\xa9");
	decided_reader_release(&r);
}

/* ---- table --------------------------------------------------------------------- */

static void
names_beyond_the_bound_are_counted_together(void)
{
	struct decided d = { .verdict = VERDICT_EXPECTED };
	struct table t;

	table_init(&t, 2);
	table_count(table_at(&t, SLICE_LIT("a")), &d);
	table_count(table_at(&t, SLICE_NULL), &d);
	table_count(table_at(&t, SLICE_LIT("c")), &d);
	table_count(table_at(&t, SLICE_LIT("a")), &d);
	CHECK_INT(t.n, 2);
	CHECK_INT(table_names(&t), 1);
	CHECK_INT(t.rows[0]->n, 2);
	CHECK_INT(t.others.n, 1);
	CHECK(table_at(&t, SLICE_LIT("")) == &t.others);
	table_release(&t);
}

static void
shapes_are_told_apart_by_each_byte(void)
{
	static char text[SHAPE_KEY_MAX + 1];
	struct slice wide[2] = { { text, SHAPE_KEY_MAX }, { text, 1 } };
	struct slice parts[2] = { { text, 100 }, { text + 100, 3 } };
	struct shapes *s = shapes_new();

	REQUIRE(s != NULL);
	shapes_at(s, parts, 2)->n = 1;
	for (size_t i = 0; i < 103; i++) {
		text[i] = 'x';
		CHECK_INT(shapes_at(s, parts, 2)->n, 0);
		text[i] = '\0';
		shapes_at(s, parts, 2)->n = 1;
	}
	CHECK_INT(shapes_at(s, parts, 2)->n, 1);
	CHECK(shapes_at(s, wide, 2) == NULL);
	CHECK(shapes_at(s, NULL, 0) == NULL);
	shapes_free(s);
}

/* What makes room for another, and what is left at the end, is in the rows. */
static void
what_a_shape_counted_goes_into_its_rows(void)
{
	static char text[] = "part 0000";
	struct slice part = { text, sizeof(text) - 1 };
	struct decided d = { .verdict = VERDICT_EXPECTED };
	struct shapes *s = shapes_new();
	struct shape *shape;
	struct table t;

	REQUIRE(s != NULL);
	table_init(&t, 2);
	for (unsigned i = 0; i < 2 * SHAPES_MAX; i++) {
		snprintf(text, sizeof(text), "part %04x", i);
		shape = shapes_at(s, &part, 1);
		shape->rows[0] = table_at(&t, SLICE_LIT("a"));
		shape->n = 1;
		table_count(&shape->sum, &d);
	}
	shapes_settle(s);
	shapes_settle(s);
	CHECK_INT(t.rows[0]->n, 2 * SHAPES_MAX);
	CHECK_INT(t.rows[0]->verdict[VERDICT_EXPECTED], 2 * SHAPES_MAX);
	table_release(&t);
	shapes_free(s);
}

/* ---- gather --------------------------------------------------------------------- */

static void
requests_are_counted_by_name_and_day(void)
{
	struct gather *g = gather_new(always);
	int64_t first, last;

	take(g, line_of("2026-03-01T08:00:00Z", "alice", "\"DE\"", "expected"));
	take(g, line_of("2026-03-03T09:30:00Z", "bob", "null", "unexpected"));
	take(g, line_of("2026-03-03T10:00:00Z", "alice", "\"DE\"", "expected"));
	gather_finish(g);
	CHECK_INT(g->all.n, 3);
	CHECK_INT(g->all.verdict[VERDICT_UNEXPECTED], 1);
	CHECK_INT(g->principals.n, 2);
	CHECK_INT(g->principals.rows[0]->n, 2);
	CHECK_TEXT(slice_str(g->principals.rows[0]->word), "user");
	CHECK_INT(table_names(&g->countries), 1);
	CHECK_INT(g->paths.n, 2);
	REQUIRE(gather_span(g, &first, &last));
	CHECK_INT(last - first, 2);
	CHECK_INT(g->days[last - g->first_day].verdict[VERDICT_EXPECTED], 1);
	/* 2026-03-01 was a Sunday. */
	CHECK_INT(g->hours[6 * 24 + 8], 1);
	CHECK_INT(g->odd_hours[24 + 9], 1);
	gather_free(g);
}

static void
only_the_period_is_counted(void)
{
	struct period march;
	struct gather *g;

	REQUIRE(when_parse(SLICE_LIT("2026-03-02"), &march.from));
	REQUIRE(when_parse(SLICE_LIT("2026-03-03"), &march.to));
	g = gather_new(march);
	take(g, line_of("2026-03-01T23:59:59Z", "a", "null", "expected"));
	take(g, line_of("2026-03-02T00:00:00Z", "a", "null", "expected"));
	take(g, line_of("2026-03-03T00:00:00Z", "a", "null", "expected"));
	take(g, line_of("never", "a", "null", "expected"));
	CHECK_INT(g->all.n, 1);
	CHECK_INT(g->outside, 2);
	CHECK_INT(g->timeless, 1);
	gather_free(g);
}

static void
gaps_in_coverage_are_told(void)
{
	struct gather *g = gather_new(always);
	unsigned days, gap;

	take(g, line_of("2026-03-09T00:00:00Z", "a", "null", "expected"));
	take(g, line_of("2026-03-01T00:00:00Z", "a", "null", "expected"));
	take(g, line_of("2026-03-02T00:00:00Z", "a", "null", "expected"));
	REQUIRE(g->coverage.n == 1);
	gather_covered(g, g->coverage.rows[0], &days, &gap);
	CHECK_INT(days, 3);
	CHECK_INT(gap, 6);
	gather_free(g);
}

static void
a_line_of_a_ledger_tells_its_lag(void)
{
	struct gather *g = gather_new(always);
	struct when at = sample_when("2026-03-01T08:00:05Z");

	CHECK_INT(gather_line(g,
		      slice_str(line_of(
			  "2026-03-01T08:00:00Z", "a", "null", "expected")),
		      at),
	    0);
	CHECK_INT(gather_line(g,
		      slice_str(line_of(
			  "2026-03-01T08:01:05Z", "a", "null", "expected")),
		      at),
	    0);
	CHECK_INT(g->lagged, 2);
	CHECK_INT(g->lags[3], 1); /* more than 4 s, up to 8 s */
	CHECK_INT(g->ahead, 1);
	CHECK_INT(g->most_ahead, 60);
	gather_free(g);
}

static void
what_cannot_be_read_is_counted(void)
{
	struct gather *g = gather_new(always);

	CHECK_INT(
	    gather_line(g, SLICE_LIT("{\"id\":\"f-1\"}"), never), ST_EFORMAT);
	CHECK_INT(gather_line(g, SLICE_LIT("half a li"), never), ST_EFORMAT);
	CHECK_INT(gather_note(g, SLICE_LIT("half a no"), never), 0);
	CHECK_INT(g->unreadable, 2);
	CHECK_INT(g->notes, 1);
	CHECK_INT(g->lines, 3);
	gather_free(g);
}

/* ---- findings -------------------------------------------------------------------- */

static void
write_finding(const struct finding *f, struct buf *out)
{
	static const struct format_options plain = { 0 };

	buf_reset(out);
	format_find(SLICE_LIT("json"))->finding(f, &plain, out);
}

/* Without its LF. */
static struct slice
whole(const struct buf *line)
{
	return slice_of(line->p, line->n - 1);
}

static void
the_last_revision_of_a_finding_counts(void)
{
	struct gather *g = gather_new(always);
	struct buf line = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	s.f.revision = 2;
	s.f.count = 7;
	write_finding(&s.f, &line);
	CHECK_INT(gather_line(g, whole(&line), never), 0);
	s.f.revision = 1;
	s.f.count = 1;
	write_finding(&s.f, &line);
	CHECK_INT(gather_line(g, whole(&line), never), 0);
	REQUIRE(g->findings.n == 1);
	CHECK_INT(g->findings.v[0]->count, 7);
	CHECK_INT(g->findings.lines, 2);
	CHECK(slice_eq(g->findings.v[0]->title, s.f.title));
	CHECK(g->findings.v[0]->line.n > 0);
	buf_release(&line);
	gather_free(g);
}

static void
who_acknowledged_a_finding_is_kept(void)
{
	struct gather *g = gather_new(always);
	struct buf line = BUF_INIT;
	struct sample s;

	sample_aws(&s);
	s.f.revision = 1;
	s.f.ack.at = WHEN_NONE;
	write_finding(&s.f, &line);
	CHECK_INT(gather_line(g, whole(&line), never), 0);
	REQUIRE(g->findings.n == 1);
	CHECK(!g->findings.v[0]->ack.at.valid);
	s.f.revision = 2;
	s.f.ack = (struct ack){ s.f.time, SLICE_LIT("alice"), true };
	write_finding(&s.f, &line);
	CHECK_INT(gather_line(g, whole(&line), never), 0);
	REQUIRE(g->findings.n == 1);
	CHECK_INT(g->findings.v[0]->ack.at.sec, s.f.time.sec);
	CHECK_TEXT(g->findings.v[0]->ack.by, "alice");
	CHECK(g->findings.v[0]->ack.taught);
	buf_release(&line);
	gather_free(g);
}

static void
only_the_strongest_findings_keep_their_line(void)
{
	struct findings all;
	struct buf line = BUF_INIT;
	const struct kept_finding **v;
	struct sample s;

	findings_init(&all);
	sample_aws(&s);
	for (unsigned i = 0; i < FINDINGS_WHOLE + 5; i++) {
		snprintf(s.f.id, sizeof(s.f.id), "f-%03u", i);
		s.f.score = i % 100;
		s.f.severity = i == 3 ? SEV_CRITICAL : SEV_LOW;
		write_finding(&s.f, &line);
		CHECK_INT(findings_take(&all, whole(&line), &always), 0);
	}
	v = findings_sorted(&all);
	REQUIRE(v != NULL);
	CHECK_TEXT(v[0]->id, "f-003");
	for (size_t i = 0; i < all.n; i++)
		CHECK_INT(v[i]->line.n > 0, i < FINDINGS_WHOLE);
	free(v);
	buf_release(&line);
	findings_release(&all);
}

UNIT_MAIN("gather",
    { "a decision comes back as it was written",
	a_decision_comes_back_as_it_was_written },
    { "the way it is written does not matter",
	the_way_it_is_written_does_not_matter },
    { "its reasons come back each once", its_reasons_come_back_each_once },
    { "what is no decision is refused", what_is_no_decision_is_refused },
    { "escapes in a decision are undone", escapes_in_a_decision_are_undone },
    { "names beyond the bound are counted together",
	names_beyond_the_bound_are_counted_together },
    { "shapes are told apart by each byte",
	shapes_are_told_apart_by_each_byte },
    { "what a shape counted goes into its rows",
	what_a_shape_counted_goes_into_its_rows },
    { "requests are counted by name and day",
	requests_are_counted_by_name_and_day },
    { "only the period is counted", only_the_period_is_counted },
    { "gaps in coverage are told", gaps_in_coverage_are_told },
    { "a line of a ledger tells its lag", a_line_of_a_ledger_tells_its_lag },
    { "what cannot be read is counted", what_cannot_be_read_is_counted },
    { "the last revision of a finding counts",
	the_last_revision_of_a_finding_counts },
    { "who acknowledged a finding is kept",
	who_acknowledged_a_finding_is_kept },
    { "only the strongest findings keep their line",
	only_the_strongest_findings_keep_their_line })
