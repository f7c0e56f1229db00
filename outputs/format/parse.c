/*
 * parse.c - a finding or a decision in native JSON, read back.
 *
 * Knows the members that json.c and decision.c write.  Members it does not
 * know are passed over, so that a newer stsentry's findings can be read.
 * Any thread.
 */
#include "outputs/format/parse.h"
#include "outputs/format/raw.h"
#include "lib/json.h"

#include <stdio.h>

struct parse {
	struct arena *a;
	struct err *e;
	int err; /* the first thing that went wrong */
};

static void
fail(struct parse *p, int code, const char *member)
{
	if (p->err)
		return;
	p->err = code;
	if (code == ST_ENOMEM)
		err_set(p->e, code, "%s", st_strerror(code));
	else if (code == ST_ELIMIT)
		err_set(p->e, code, "\"%s\" has too many elements", member);
	else
		err_set(p->e, code, "\"%s\" is missing or wrong", member);
}

static struct slice
keep(struct parse *p, struct slice s)
{
	struct slice copy = arena_slice(p->a, s);

	if (s.p && !copy.p)
		fail(p, ST_ENOMEM, "");
	return copy;
}

static struct slice
get_text(struct parse *p, const struct json *v, const char *name)
{
	return keep(p, json_text(json_get(v, name)));
}

/* Also a C string; the arena puts a NUL behind each copy. */
static const char *
get_str(struct parse *p, const struct json *v, const char *name)
{
	struct slice s = get_text(p, v, name);

	return s.p && !memchr(s.p, '\0', s.n) ? s.p : NULL;
}

static struct when
get_when(const struct json *v, const char *name)
{
	struct slice text = json_text(json_get(v, name));
	struct when t;

	return text.p && when_parse(text, &t) ? t : WHEN_NONE;
}

/* One of a list of words; a word that is none is an error. */
static unsigned
get_word(struct parse *p, const struct json *v, const char *name,
    int (*of)(struct slice))
{
	int i = of(json_text(json_get(v, name)));

	if (i < 0)
		fail(p, ST_EFORMAT, name);
	return i < 0 ? 0 : (unsigned)i;
}

/* Scores and weights are 0 to 100, whatever the text says. */
static double
get_score(const struct json *v, const char *name)
{
	double score = json_real(json_get(v, name));

	if (!(score > 0))
		return 0;
	return score > 100 ? 100 : score;
}

static int
provider_of(struct slice word)
{
	if (slice_is(word, provider_name(PROVIDER_AWS)))
		return PROVIDER_AWS;
	return slice_is(word, provider_name(PROVIDER_GCP)) ? PROVIDER_GCP : -1;
}

static int
verdict_of(struct slice word)
{
	for (int i = 0; i < VERDICT_COUNT; i++)
		if (slice_is(word, verdict_name((enum verdict_word)i)))
			return i;
	return -1;
}

static void
get_country(const struct json *v, char country[3])
{
	struct slice s = json_text(json_get(v, "country"));

	country[0] = '\0';
	if (s.n == 2 && s.p[0] && s.p[1])
		snprintf(country, 3, "%.2s", s.p);
}

static unsigned
get_strings(struct parse *p, const struct json *v, const char *name,
    struct slice *result, unsigned max)
{
	const struct json *list = json_get(v, name), *element;
	struct json_iter at = { 0 };
	unsigned n = 0;

	while ((element = json_next(list, &at, NULL))) {
		if (n == max) {
			fail(p, ST_ELIMIT, name);
			break;
		}
		result[n++] = keep(p, json_text(element));
	}
	return n;
}

static void
get_reason(struct parse *p, const struct json *v, struct reason *r)
{
	*r = (struct reason){ 0 };
	r->code = (enum reason_code)get_word(p, v, "code", reason_of);
	r->observed = get_text(p, v, "observed");
	r->n_expected = get_strings(
	    p, v, "expected", r->expected, REASON_EXPECTED_MAX);
	r->weight = get_score(v, "weight");
}

static unsigned
get_reasons(struct parse *p, const struct json *v, struct reason *result)
{
	const struct json *list = json_get(v, "reasons"), *element;
	struct json_iter at = { 0 };
	unsigned n = 0;

	while ((element = json_next(list, &at, NULL))) {
		if (n == VERDICT_REASONS_MAX) {
			fail(p, ST_ELIMIT, "reasons");
			break;
		}
		get_reason(p, element, &result[n++]);
	}
	return n;
}

static void
get_source(struct parse *p, const struct json *v, struct source *s)
{
	int64_t asn;

	s->kind = (enum source_kind)get_word(p, v, "kind", source_kind_of);
	s->ip = get_text(p, v, "ip");
	s->name = get_text(p, v, "name");
	if (s->ip.p && !addr_parse(s->ip, &s->addr))
		fail(p, ST_EFORMAT, "ip");
	get_country(v, s->place.country);
	s->place.city = get_text(p, v, "city");
	s->place.org = get_text(p, v, "org");
	if (json_int(json_get(v, "asn"), &asn) && asn > 0 && asn <= UINT32_MAX)
		s->place.asn = (uint32_t)asn;
}

/* None where it is a notice, which is nobody's request. */
static enum token_kind
get_kind(struct parse *p, const struct json *v)
{
	if (json_type(json_get(v, "kind")) == JSON_NULL_)
		return KIND_NONE;
	return (enum token_kind)get_word(p, v, "kind", token_kind_of);
}

static void
get_request(struct parse *p, const struct json *v, struct request *r)
{
	r->event_id = get_text(p, v, "event_id");
	r->provider = (enum provider)get_word(p, v, "provider", provider_of);
	r->time = get_when(v, "time");
	r->action = get_text(p, v, "action");
	r->kind = get_kind(p, v);
	r->principal = get_text(p, v, "principal");
	r->principal_type = (enum principal_type)get_word(
	    p, v, "principal_type", principal_type_of);
	r->account = get_text(p, v, "account");
	r->target = get_text(p, v, "target");
	r->target_account = get_text(p, v, "target_account");
	r->session = get_text(p, v, "session");
	r->caller_session = get_text(p, v, "caller_session");
	r->credential = get_text(p, v, "credential");
	r->expires = get_when(v, "expires");
	r->cloud_region = get_text(p, v, "cloud_region");
	r->outcome = (enum outcome)get_word(p, v, "outcome", outcome_of);
	r->error = get_text(p, v, "error");
	get_source(p, json_get(v, "source"), &r->source);
	r->user_agent = get_text(p, v, "user_agent");
	r->duration = r->time.valid && r->expires.valid
	    ? r->expires.sec - r->time.sec
	    : -1;
}

static void
get_verdict(struct parse *p, const struct json *v, struct verdict *d)
{
	d->word = (enum verdict_word)get_word(p, v, "verdict", verdict_of);
	d->score = get_score(v, "score");
	d->finding = json_true(json_get(v, "finding"));
	d->n_reasons = get_reasons(p, v, d->reasons);
}

static void
get_lineage(struct parse *p, const struct json *v, struct finding *f)
{
	const struct json *list = json_get(v, "lineage"), *element;
	struct json_iter at = { 0 };
	size_t n = json_count(list);
	struct hop *hops;

	if (!n)
		return;
	if (n > UINT32_MAX || !(hops = arena_calloc(p->a, n * sizeof(*hops)))) {
		fail(p, ST_ENOMEM, "lineage");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		element = json_next(list, &at, NULL);
		hops[i].who = get_text(p, element, "who");
		hops[i].time = get_when(element, "time");
		get_country(element, hops[i].country);
		hops[i].city = get_text(p, element, "city");
		hops[i].credential = get_text(p, element, "credential");
	}
	f->lineage = hops;
	f->n_lineage = (unsigned)n;
}

static void
get_ack(struct parse *p, const struct json *v, struct finding *f)
{
	f->ack.at = get_when(v, "time");
	f->ack.by = get_text(p, v, "by");
	f->ack.taught = json_true(json_get(v, "taught"));
}

static void
get_summary(struct parse *p, const struct json *v, struct finding *f)
{
	struct slice id = json_text(json_get(v, "id"));
	int64_t n;

	if (!id.n || id.n >= sizeof(f->id) || memchr(id.p, '\0', id.n))
		fail(p, ST_EFORMAT, "id");
	else
		snprintf(f->id, sizeof(f->id), "%.*s", SLICE_ARG(id));
	f->revision = 1;
	if (json_int(json_get(v, "revision"), &n) && n > 0 && n <= UINT32_MAX)
		f->revision = (unsigned)n;
	f->time = get_when(v, "time");
	f->first_seen = get_when(v, "first_seen");
	f->last_seen = get_when(v, "last_seen");
	if (json_int(json_get(v, "count"), &n) && n > 0)
		f->count = (uint64_t)n;
	f->severity = (enum severity)get_word(p, v, "severity", severity_of);
	f->score = get_score(v, "score");
	f->title = get_text(p, v, "title");
	f->n_reasons = get_reasons(p, v, f->reasons);
}

static void
get_finding(struct parse *p, const struct json *v, struct finding *f)
{
	const struct json *policy = json_get(v, "policy");

	get_summary(p, v, f);
	f->policy_file = get_str(p, policy, "file");
	f->policy_hash = get_str(p, policy, "hash");
	f->rule = get_text(p, policy, "rule");
	f->version = get_str(p, v, "stsentry");
	if (json_type(json_get(v, "request")) != JSON_OBJECT)
		fail(p, ST_EFORMAT, "request");
	get_request(p, json_get(v, "request"), &f->request);
	get_verdict(p, json_get(v, "request"), &f->verdict);
	f->verdict.severity = f->severity;
	f->verdict.rule = f->rule;
	f->n_event_ids = get_strings(
	    p, v, "event_ids", f->event_ids, FINDING_EVENTS_MAX);
	f->n_next_steps = get_strings(
	    p, v, "next_steps", f->next_steps, FINDING_STEPS_MAX);
	get_lineage(p, v, f);
	get_ack(p, json_get(v, "acknowledged"), f);
}

/* The record's bytes as they stand in the text; its text, where it was
 * carried as a string. */
static void
get_raw(
    struct parse *p, const struct json *v, struct slice text, struct finding *f)
{
	const struct json *raw = json_get(v, "raw");

	if (json_type(raw) == JSON_STRING)
		f->request.raw = keep(p, json_text(raw));
	else if (json_type(raw) != JSON_ABSENT)
		f->request.raw = keep(p, raw_member(text, "raw"));
}

int
finding_parse(
    struct slice text, struct arena *a, struct finding *result, struct err *e)
{
	struct parse p = { a, e, 0 };
	struct finding *f = NULL;
	const struct json *v;
	struct json_reader r;

	json_reader_init(&r);
	v = json_parse(&r, text, e);
	if (!v) {
		p.err = ST_EFORMAT;
		goto out;
	}
	if (json_type(v) != JSON_OBJECT) {
		p.err = err_set(e, ST_EFORMAT, "a finding is a JSON object");
		goto out;
	}
	f = arena_calloc(a, sizeof(*f));
	if (!f) {
		fail(&p, ST_ENOMEM, "");
		goto out;
	}
	get_finding(&p, v, f);
	get_raw(&p, v, text, f);
	if (!p.err)
		*result = *f;
out:
	json_reader_release(&r);
	return p.err;
}

int
decision_parse(const struct json *v, struct arena *a, struct request *request,
    struct verdict *verdict, struct slice *group, struct err *e)
{
	struct parse p = { a, e, 0 };

	memset(request, 0, sizeof(*request));
	memset(verdict, 0, sizeof(*verdict));
	get_request(&p, v, request);
	get_verdict(&p, v, verdict);
	verdict->severity = verdict_severity(
	    verdict->reasons, verdict->n_reasons, request->outcome);
	*group = get_text(&p, v, "group");
	return p.err;
}
