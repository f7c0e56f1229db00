/*
 * test_keep.c - open findings and held twins go on after a restart.
 */
#include "collector/twins.h"
#include "detect/finding.h"
#include "tests/unit/rows.h"
#include "tests/unit/unit.h"

#define BASE 1772352000

struct bench {
	struct finder *f;
	struct twins *t;
	struct buf out;
};

static void
on_finding(void *arg, const struct finding *f)
{
	struct bench *b = arg;

	buf_addf(&b->out, "%s r%u n%u %s by %.*s\n", f->id, f->revision,
	    (unsigned)f->count, severity_name(f->severity),
	    SLICE_ARG(f->request.event_id));
	buf_addf(&b->out, "%.*s\n", SLICE_ARG(f->title));
	for (unsigned k = 0; k < f->n_next_steps; k++)
		buf_addf(&b->out, "%.*s\n", SLICE_ARG(f->next_steps[k]));
}

static int
on_judge(void *arg, const struct request *r, struct verdict *v,
    char group[FINDING_ID_SIZE])
{
	(void)arg;
	(void)r;
	memset(v, 0, sizeof(*v));
	group[0] = '\0';
	return 0;
}

static void
on_join(void *arg, const char *group, struct slice event_id)
{
	(void)arg;
	(void)group;
	(void)event_id;
}

static void
on_line(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct bench *b = arg;

	(void)v;
	(void)group;
	buf_addf(&b->out, "%.*s\n", SLICE_ARG(r->event_id));
}

static void
begin(struct bench *b)
{
	static const struct finder_about about = { "p", "h", "v" };
	static const struct twins_calls calls = { on_judge, on_join, on_line };

	b->out = (struct buf)BUF_INIT;
	b->f = finder_new(&about, on_finding, b);
	b->t = twins_new(true, &calls, b);
	finder_set_live(b->f, true);
}

static void
end(struct bench *b)
{
	finder_free(b->f);
	twins_free(b->t);
	buf_release(&b->out);
}

static struct request
request_of(const char *id, int64_t sec)
{
	struct request r = { .time = { BASE + sec, 0, true } };

	r.event_id = slice_str(id);
	r.account = SLICE_LIT("111122223333");
	r.action = SLICE_LIT("sts:AssumeRole");
	r.principal = SLICE_LIT("arn:aws:iam::111122223333:user/alice");
	r.target = SLICE_LIT("arn:aws:iam::444455556666:role/x");
	return r;
}

static void
find(struct bench *b, const char *id, int64_t sec, enum reason_code code)
{
	struct verdict v = { .word = VERDICT_UNEXPECTED, .finding = true };
	struct request r = request_of(id, sec);
	char group[FINDING_ID_SIZE];

	v.reasons[0].code = code;
	v.reasons[0].observed = SLICE_LIT("RU");
	v.reasons[0].expected[0] = SLICE_LIT("DE");
	v.reasons[0].n_expected = 1;
	v.reasons[0].weight = reason_table[code].weight;
	v.n_reasons = 1;
	v.granted = SLICE_LIT("a minute after eve called iam:CreateRole");
	v.granted_event = SLICE_LIT("g-1");
	v.score = verdict_score(v.reasons, 1);
	v.severity = reason_table[code].severity;
	CHECK_INT(finder_add(b->f, &r, &v, group), 0);
}

static int
load_finding(void *arg, struct slice key, struct slice value)
{
	struct bench *b = arg;

	return finder_load(b->f, key, value);
}

static int
load_twin(void *arg, struct slice key, struct slice value)
{
	struct bench *b = arg;

	return twins_load(b->t, key, value);
}

/* The same events with a restart between each two and without any. */
static void
a_finding_goes_on_with_its_id_and_its_next_revision(void)
{
	static struct rows r;
	struct bench whole, b;
	struct buf out = BUF_INIT;
	static const char *const ids[] = { "a", "b", "c", "d" };

	begin(&whole);
	for (int i = 0; i < 4; i++) {
		enum reason_code code = i % 2 ? R_DECOY_TOUCHED
					      : R_COUNTRY_NOT_APPROVED;

		find(&whole, ids[i], i, code);
		begin(&b);
		CHECK_INT(rows_each(&r, load_finding, &b), 0);
		CHECK_INT(finder_loaded(b.f), 0);
		find(&b, ids[i], i, code);
		CHECK_INT(finder_save(b.f, rows_put, &r), 0);
		buf_add_slice(&out, buf_slice(&b.out));
		end(&b);
	}
	CHECK_INT(r.n, 2);
	begin(&b);
	CHECK_INT(rows_each(&r, load_finding, &b), 0);
	CHECK_INT(finder_loaded(b.f), 0);
	CHECK_INT(finder_open(b.f), 2);
	finder_finish(b.f);
	finder_finish(whole.f);
	buf_add_slice(&out, buf_slice(&b.out));
	buf_addc(&out, '\0');
	CHECK_TEXT(buf_slice(&whole.out), out.p);
	CHECK(slice_find(slice_str(out.p), " r2 n2 ") != NULL);
	CHECK(slice_find(slice_str(out.p), ", a minute after eve") != NULL);
	CHECK(slice_find(slice_str(out.p), ", event g-1), unless") != NULL);
	/* What is closed is kept no longer. */
	CHECK_INT(finder_save(b.f, rows_put, &r), 0);
	CHECK_INT(r.n, 0);
	end(&b);
	end(&whole);
	buf_release(&out);
}

static void
only_what_has_changed_is_saved(void)
{
	static struct rows r;
	struct bench b;

	begin(&b);
	find(&b, "a", 0, R_COUNTRY_NOT_APPROVED);
	find(&b, "b", 1, R_DECOY_TOUCHED);
	r.refuse = 1;
	CHECK_INT(finder_save(b.f, rows_put, &r), ST_EIO);
	CHECK_INT(finder_save(b.f, rows_put, &r), 0);
	CHECK_INT(r.puts, 2);
	CHECK_INT(finder_save(b.f, rows_put, &r), 0);
	CHECK_INT(r.puts, 2);
	find(&b, "c", 2, R_DECOY_TOUCHED);
	CHECK_INT(finder_save(b.f, rows_put, &r), 0);
	CHECK_INT(r.puts, 3);
	end(&b);
	rows_release(&r);
}

static void
hold(struct bench *b, const char *id)
{
	struct request r = request_of(id, 0);

	r.shared_event_id = slice_str(id);
	r.principal_type = PT_ACCOUNT;
	CHECK_INT(twins_add(b->t, &r), 0);
}

static void
held_requests_wait_on_in_their_order(void)
{
	static struct rows r;
	struct request twin = request_of("twin", 0);
	struct bench b;

	begin(&b);
	hold(&b, "one");
	hold(&b, "two");
	CHECK_INT(twins_save(b.t, rows_put, &r), 0);
	hold(&b, "three");
	CHECK_INT(twins_save(b.t, rows_put, &r), 0);
	CHECK_INT(r.puts, 3);
	end(&b);

	begin(&b);
	CHECK_INT(rows_each(&r, load_twin, &b), 0);
	CHECK_INT(twins_held(b.t), 3);
	CHECK_INT(b.out.n, 0);
	twin.shared_event_id = SLICE_LIT("two");
	twin.source.kind = SOURCE_IP;
	twin.principal_type = PT_USER;
	CHECK_INT(twins_add(b.t, &twin), 0);
	CHECK_TEXT(buf_slice(&b.out), "twin\ntwo\n");
	CHECK_INT(twins_save(b.t, rows_put, &r), 0);
	CHECK_INT(r.n, 2);
	hold(&b, "four");
	CHECK_INT(twins_finish(b.t), 0);
	CHECK_TEXT(buf_slice(&b.out), "twin\ntwo\none\nthree\nfour\n");
	CHECK_INT(twins_save(b.t, rows_put, &r), 0);
	CHECK_INT(r.n, 0);
	end(&b);
	rows_release(&r);
}

static void
damaged_rows_are_refused(void)
{
	static struct rows r;
	struct bench b, other;

	begin(&b);
	begin(&other);
	find(&b, "a", 0, R_COUNTRY_NOT_APPROVED);
	hold(&b, "one");
	CHECK_INT(finder_save(b.f, rows_put, &r), 0);
	REQUIRE(r.n == 1);
	for (size_t n = 0; n < r.value[0].n; n++)
		CHECK_INT(finder_load(other.f, buf_slice(&r.key[0]),
			      slice_of(r.value[0].p, n)),
		    ST_EFORMAT);
	CHECK_INT(
	    finder_load(other.f, SLICE_LIT("f-short"), buf_slice(&r.value[0])),
	    ST_EFORMAT);
	CHECK_INT(
	    load_finding(&other, buf_slice(&r.key[0]), buf_slice(&r.value[0])),
	    0);
	CHECK_INT(
	    load_finding(&other, buf_slice(&r.key[0]), buf_slice(&r.value[0])),
	    ST_EFORMAT);
	rows_release(&r);
	CHECK_INT(twins_save(b.t, rows_put, &r), 0);
	REQUIRE(r.n == 1);
	for (size_t n = 0; n < r.value[0].n; n++)
		CHECK_INT(twins_load(other.t, buf_slice(&r.key[0]),
			      slice_of(r.value[0].p, n)),
		    ST_EFORMAT);
	rows_release(&r);
	end(&b);
	end(&other);
}

static void
hold_back(
    struct bench *b, const char *id, int64_t sec, const char *who, double score)
{
	struct verdict v = { .word = VERDICT_SUPPRESSED, .held_back = true };
	struct request r = request_of(id, sec);

	r.principal = slice_str(who);
	v.reasons[0].code = R_NEW_COUNTRY;
	v.reasons[0].observed = SLICE_LIT("RU");
	v.n_reasons = 1;
	v.score = score;
	v.severity = SEV_MEDIUM;
	v.fold = r.principal;
	CHECK_INT(finder_hold(b->f, &r, &v), 0);
}

static void
a_digest_goes_on_with_its_lines(void)
{
	static struct rows r;
	static const char *const who[] = { "user:a@acme.example",
		"user:b@acme.example" };
	struct when next_day = { BASE + 24 * 3600, 0, true };
	struct bench whole, b;
	char id[] = "a";

	begin(&whole);
	for (int i = 0; i < 6; i++) {
		id[0] = (char)('a' + i);
		hold_back(&whole, id, i, who[i % 2], 30 + i);
		begin(&b);
		CHECK_INT(rows_each(&r, load_finding, &b), 0);
		CHECK_INT(finder_loaded(b.f), 0);
		hold_back(&b, id, i, who[i % 2], 30 + i);
		CHECK_INT(finder_save(b.f, rows_put, &r), 0);
		CHECK_INT(b.out.n, 0);
		end(&b);
	}
	CHECK_INT(r.n, 1);
	begin(&b);
	CHECK_INT(rows_each(&r, load_finding, &b), 0);
	CHECK_INT(finder_loaded(b.f), 0);
	finder_advance(b.f, next_day);
	finder_advance(whole.f, next_day);
	CHECK_INT(finder_open(b.f), 0);
	buf_addc(&b.out, '\0');
	CHECK_TEXT(buf_slice(&whole.out), b.out.p);
	CHECK(slice_find(slice_str(b.out.p), "n6 informational by f") != NULL);
	CHECK_INT(finder_save(b.f, rows_put, &r), 0);
	CHECK_INT(r.n, 0);
	end(&b);
	end(&whole);
}

UNIT_MAIN("keep",
    { "a digest goes on with its lines", a_digest_goes_on_with_its_lines },
    { "a finding goes on with its id and its next revision",
	a_finding_goes_on_with_its_id_and_its_next_revision },
    { "only what has changed is saved", only_what_has_changed_is_saved },
    { "held requests wait on in their order",
	held_requests_wait_on_in_their_order },
    { "damaged rows are refused", damaged_rows_are_refused })
