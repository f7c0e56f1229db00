/*
 * sift.c - from a frame to token requests and uses of temporary credentials.
 *
 * Looks for the record in a frame (an object that is one ends the search, else
 * the first member that leads to one), and looks at each record once
 * (glance.c).  Only what may be a token request is read in full, by
 * cloudtrail.c or gcp.c.  Belongs to one worker: no locks.
 */
#include "events/sift.h"

#include "events/cloudtrail.h"
#include "events/envelope.h"
#include "events/gcp.h"
#include "events/glance.h"
#include "events/grant.h"
#include "lib/inflate.h"

#include <stdlib.h>

#define HOPS_MAX 12  /* strings within strings */
#define BODIES_MAX 8 /* places in a line where JSON may begin */
#define ARENA_FIRST 16384
#define SCRATCH_KEEP ((size_t)1 << 20)
#define RECORD_MAX ((size_t)1 << 20)
#define INFLATED_MAX ((size_t)64 << 20)

/* What a look into something found. */
struct found {
	unsigned records;
	enum reject why; /* without records: the best reason to give */
};

#define FOUND_NOTHING(reason) ((struct found){ 0, (reason) })
#define FOUND_ONE ((struct found){ 1, REJECT_COUNT })

struct sifter {
	struct sift_options o;
	struct api_choice choice; /* where the caller gave none */
	struct sift_calls calls;
	void *arg;
	struct sift_counts counts;
	struct json_reader reader;
	struct arena arena;
	struct buf scratch[HOPS_MAX]; /* texts of strings, one a hop */
	unsigned hops;
	struct inflate *inflate;
	/* The frame in hand. */
	uint64_t offset;
	uint32_t index;
};

static struct found
look_text(struct sifter *s, struct slice text, unsigned level);
static struct found look_value(struct sifter *s, const char *p, const char *end,
    unsigned level, const char **stop);

struct sifter *
sifter_new(
    const struct sift_options *o, const struct sift_calls *calls, void *arg)
{
	struct inflate_limits limits;
	struct sifter *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->o = *o;
	if (!s->o.apis) {
		api_choice_default(&s->choice);
		s->o.apis = &s->choice;
	}
	if (!s->o.max_record)
		s->o.max_record = RECORD_MAX;
	if (!s->o.max_inflated)
		s->o.max_inflated = INFLATED_MAX;
	if (!s->o.max_wrappers)
		s->o.max_wrappers = SIFT_WRAPPERS_MAX;
	s->calls = *calls;
	s->arg = arg;
	json_reader_init(&s->reader);
	arena_init(&s->arena, ARENA_FIRST);
	limits.max_bytes = s->o.max_inflated;
	limits.max_ratio = s->o.max_inflate_ratio;
	s->inflate = inflate_new(&limits);
	if (!s->inflate) {
		sifter_free(s);
		return NULL;
	}
	return s;
}

void
sifter_free(struct sifter *s)
{
	if (!s)
		return;
	json_reader_release(&s->reader);
	arena_release(&s->arena);
	for (unsigned i = 0; i < HOPS_MAX; i++)
		buf_release(&s->scratch[i]);
	inflate_free(s->inflate);
	free(s);
}

void
sift_counts_add(struct sift_counts *to, const struct sift_counts *from)
{
	to->received += from->received;
	to->token_requests += from->token_requests;
	to->uses += from->uses;
	to->other += from->other;
	to->bytes += from->bytes;
	for (unsigned i = 0; i < REJECT_COUNT; i++)
		to->rejected[i] += from->rejected[i];
}

uint64_t
sift_rejected(const struct sift_counts *c)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REJECT_COUNT; i++)
		sum += c->rejected[i];
	return sum;
}

void
sifter_take_counts(struct sifter *s, struct sift_counts *result)
{
	*result = s->counts;
	memset(&s->counts, 0, sizeof(s->counts));
}

void
sifter_reject(struct sifter *s, enum reject why, uint64_t offset,
    struct slice some, uint64_t length)
{
	s->counts.received++;
	s->counts.rejected[why]++;
	s->counts.bytes += length;
	if (s->calls.reject)
		s->calls.reject(s->arg, why, offset, some, length);
}

/* The reason to give for a whole when its parts have these: what tells a
 * person more comes first in the enumeration, but for bare "not an audit
 * record". */
static enum reject
better(enum reject a, enum reject b)
{
	if (a == REJECT_COUNT || a == REJECT_NOT_JSON)
		return b == REJECT_COUNT ? a : b;
	if (a == REJECT_NOT_AUDIT && b != REJECT_NOT_JSON && b != REJECT_COUNT)
		return b;
	return a;
}

/* ---- one record ------------------------------------------------------------ */

/* A record of one kind.  Counted before it is told: whoever is told may take
 * the counts, and they must balance then. */
static void
count(struct sifter *s, uint64_t *kind)
{
	s->counts.received++;
	++*kind;
}

static void
tell_use(struct sifter *s, const struct use *u)
{
	count(s, &s->counts.uses);
	if (s->calls.use)
		s->calls.use(s->arg, u, s->offset, s->index++);
}

/* An ordinary CloudTrail record: is a temporary credential at work in it? */
static void
ordinary_aws(struct sifter *s, const struct glance *g)
{
	struct glance_caller caller;
	struct use u;

	glance_caller(g->user_identity, &caller);
	if (!slice_starts(caller.access_key, "ASIA")) {
		count(s, &s->counts.other);
		return;
	}
	u = (struct use){
		.provider = PROVIDER_AWS,
		.credential = caller.access_key,
		.principal = caller.arn,
		.account = caller.account.p ? caller.account : g->recipient,
		.source = g->source,
		.region = g->region,
		.event_id = g->event_id,
		.service = g->event_source,
		.method = g->event_name,
		.user_agent = g->user_agent,
		.type = caller.type,
		.caller_id = caller.id,
		.invoked_by = caller.invoked_by,
		.context = caller.context,
		.in_scope_of = caller.in_scope_of,
	};
	if (!s->calls.use || !when_parse(g->event_time, &u.time))
		u.time = WHEN_NONE;
	tell_use(s, &u);
}

static void
ordinary_gcp(
    struct sifter *s, const struct glance *g, const struct glance_method *m)
{
	struct use u;

	if (!m->delegated) {
		count(s, &s->counts.other);
		return;
	}
	memset(&u, 0, sizeof(u));
	u.provider = PROVIDER_GCP;
	u.credential = u.principal = m->principal;
	u.source = m->source;
	u.event_id = g->insert_id;
	u.service = m->service;
	u.method = m->method;
	u.user_agent = m->user_agent;
	u.context = m->authentication;
	if (!s->calls.use || !when_parse(g->timestamp, &u.time))
		u.time = WHEN_NONE;
	tell_use(s, &u);
}

/* Read in full: a use of a temporary credential, or nothing of interest. */
static void
ordinary_read(struct sifter *s, const struct json *root, enum shape shape)
{
	const struct json *who, *payload;
	struct use u;

	memset(&u, 0, sizeof(u));
	if (shape == SHAPE_AWS) {
		who = json_get(root, "userIdentity");
		u.provider = PROVIDER_AWS;
		u.credential = json_text(json_get(who, "accessKeyId"));
		u.principal = json_text(json_get(who, "arn"));
		u.account = json_text(json_get(who, "accountId"));
		u.source = json_text(json_get(root, "sourceIPAddress"));
		u.region = json_text(json_get(root, "awsRegion"));
		u.event_id = json_text(json_get(root, "eventID"));
		u.service = json_text(json_get(root, "eventSource"));
		u.method = json_text(json_get(root, "eventName"));
		when_parse(json_text(json_get(root, "eventTime")), &u.time);
		if (slice_starts(u.credential, "ASIA")) {
			tell_use(s, &u);
			return;
		}
	} else {
		payload = gcp_payload(root);
		who = json_get(payload, "authenticationInfo");
		u.provider = PROVIDER_GCP;
		u.source = json_text(
		    json_path(payload, "requestMetadata.callerIp"));
		u.credential = u.principal = json_text(
		    json_get(who, "principalEmail"));
		u.event_id = json_text(json_get(root, "insertId"));
		u.service = json_text(json_get(payload, "serviceName"));
		u.method = json_text(json_get(payload, "methodName"));
		when_parse(json_text(json_get(root, "timestamp")), &u.time);
		if (json_count(json_get(who, "serviceAccountDelegationInfo"))) {
			tell_use(s, &u);
			return;
		}
	}
	count(s, &s->counts.other);
}

static void
on_grant(void *arg, struct request *r)
{
	struct sifter *s = arg;

	r->raw = SLICE_NULL;
	r->input_offset = s->offset;
	r->input_index = s->index++;
	s->calls.grant(s->arg, r);
}

/* It is counted already: without memory only lineage knows less. */
static void
grant_read(struct sifter *s, const struct json *root, struct slice record,
    const struct api *api)
{
	arena_reset(&s->arena);
	grant_decode(root, record, api, &s->arena, on_grant, s);
}

static bool
may_grant(const struct sifter *s, const struct api *api)
{
	return api && s->calls.grant && grant_is(api);
}

/* One whose first level told what it is. */
static void
look_for_grant(struct sifter *s, struct slice record, const struct api *api)
{
	const struct json *root = may_grant(s, api)
	    ? json_parse(&s->reader, record, NULL)
	    : NULL;

	if (root)
		grant_read(s, root, record, api);
}

/* The record is a token request: decode it and give it out. */
static struct found
request_read(struct sifter *s, const struct json *root, struct slice record,
    const struct api *api)
{
	struct request r;
	int err;

	arena_reset(&s->arena);
	memset(&r, 0, sizeof(r));
	if (api->provider == PROVIDER_AWS)
		err = cloudtrail_decode(root, record, api, &s->arena, &r);
	else
		err = gcp_decode(root, record, api, &s->arena, &r);
	if (err < 0)
		return FOUND_NOTHING(REJECT_NO_MEMORY);
	r.api = api;
	r.raw = record;
	r.input_offset = s->offset;
	r.input_index = s->index++;
	count(s, &s->counts.token_requests);
	s->calls.request(s->arg, &r);
	return FOUND_ONE;
}

static const struct api *
api_of(const struct json *root, enum shape shape)
{
	if (shape == SHAPE_GCP)
		return gcp_api(root);
	return catalogue_find_aws(json_text(json_get(root, "eventSource")),
	    json_text(json_get(root, "eventName")));
}

static bool
is_request(
    const struct sifter *s, const struct json *root, const struct api *api)
{
	return api_is_on(s->o.apis, api) &&
	    (api->provider == PROVIDER_GCP || cloudtrail_counts(root, api));
}

/* The long way: the whole record is read. */
static struct found
read_record(struct sifter *s, struct slice record, enum shape shape)
{
	const struct json *root;
	const struct api *api;
	struct err e;

	root = json_parse(&s->reader, record, &e);
	if (!root)
		return FOUND_NOTHING(REJECT_BAD_JSON);
	api = api_of(root, shape);
	if (is_request(s, root, api))
		return request_read(s, root, record, api);
	ordinary_read(s, root, shape);
	if (may_grant(s, api))
		grant_read(s, root, record, api);
	return FOUND_ONE;
}

/* Where the service is not said it is told from elsewhere (events/entry.c). */
static bool
is_unclear_gcp(const struct glance_method *m)
{
	return m->unclear ||
	    (m->service.n == 0 && catalogue_may_be_gcp(m->method));
}

static struct found
look_record(struct sifter *s, struct slice record, enum shape shape,
    const struct glance *g)
{
	const struct api *api;
	struct glance_method m;

	if (record.n > s->o.max_record)
		return FOUND_NOTHING(REJECT_TOO_LONG);
	if (shape == SHAPE_AWS) {
		api = catalogue_find_aws(g->event_source, g->event_name);
		if (api_is_on(s->o.apis, api))
			return read_record(s, record, shape);
		ordinary_aws(s, g);
		look_for_grant(s, record, api);
		return FOUND_ONE;
	}
	glance_method(g->payload, &m);
	if (is_unclear_gcp(&m))
		return read_record(s, record, shape);
	api = catalogue_find_gcp(m.service, m.method, SLICE_NULL);
	if (api_is_on(s->o.apis, api))
		return read_record(s, record, shape);
	ordinary_gcp(s, g, &m);
	look_for_grant(s, record, api);
	return FOUND_ONE;
}

/* An object whose names must be read to tell what it is. */
static enum shape
read_shape(struct sifter *s, struct slice object)
{
	const struct json *root;
	struct slice source, name;
	struct err e;

	if (object.n > s->o.max_record)
		return SHAPE_NONE;
	root = json_parse(&s->reader, object, &e);
	source = json_text(json_get(root, "eventSource"));
	name = json_text(json_get(root, "eventName"));
	if (slice_is(json_text(json_get(root, "eventCategory")), "Insight"))
		return SHAPE_NOTHING;
	if (source.p && name.p)
		return slice_starts(source, "aws:") ? SHAPE_NONE : SHAPE_AWS;
	return gcp_payload(root) ? SHAPE_GCP : SHAPE_NONE;
}

/* ---- wrappers ---------------------------------------------------------------- */

/* Is there something in it that only a record has? */
static bool
smells_of_record(struct slice text)
{
	return slice_find(text, "eventSource") ||
	    slice_find(text, "protoPayload");
}

static struct found
look_array(struct sifter *s, struct slice array, unsigned level)
{
	const char *p = array.p + 1, *end = array.p + array.n - 1, *stop;
	uint64_t failed[REJECT_COUNT] = { 0 };
	struct found sum = FOUND_NOTHING(REJECT_NOT_AUDIT), one;

	for (;;) {
		while (p < end &&
		    (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t' ||
			*p == ','))
			p++;
		if (p == end)
			break;
		one = look_value(s, p, end, level, &stop);
		p = stop ? stop : end;
		if (one.records)
			sum.records += one.records;
		else
			failed[one.why]++;
		sum.why = better(sum.why, one.why);
	}
	/* Elements without a record count when others have one: the array is
	 * of records.  Else the array as a whole is none. */
	for (unsigned i = 0; sum.records && i < REJECT_COUNT; i++) {
		s->counts.rejected[i] += failed[i];
		s->counts.received += failed[i];
	}
	return sum;
}

static int
keep_bytes(void *arg, const char *p, size_t n)
{
	struct buf *b = arg;

	buf_add(b, p, n);
	return b->failed ? ST_ENOMEM : 0;
}

static struct found
inflate_failed(int err)
{
	switch (err) {
	case ST_ELIMIT:
		return FOUND_NOTHING(REJECT_INFLATED_TOO_LARGE);
	case ST_ENOMEM:
		return FOUND_NOTHING(REJECT_NO_MEMORY);
	default:
		return FOUND_NOTHING(REJECT_BAD_COMPRESSION);
	}
}

/* One buffer more for the text of a string; NULL when too many are in use. */
static struct buf *
hop(struct sifter *s)
{
	struct buf *b;

	if (s->hops == HOPS_MAX)
		return NULL;
	b = &s->scratch[s->hops++];
	buf_reset(b);
	return b;
}

static void
unhop(struct sifter *s)
{
	struct buf *b = &s->scratch[--s->hops];

	if (b->cap > SCRATCH_KEEP)
		buf_release(b);
}

/* Bytes that may be compressed. */
static struct found
look_bytes(struct sifter *s, struct slice bytes, unsigned level)
{
	struct found f;
	struct buf *out;
	int err;

	if (inflate_guess(bytes) == INFLATE_PLAIN)
		return look_text(s, bytes, level);
	out = hop(s);
	if (!out)
		return FOUND_NOTHING(REJECT_WRAPPED_TOO_DEEP);
	inflate_reset(s->inflate);
	err = inflate_feed(s->inflate, bytes.p, bytes.n, keep_bytes, out, NULL);
	if (err == 0)
		err = inflate_finish(s->inflate, keep_bytes, out, NULL);
	f = err < 0 ? inflate_failed(err) : look_text(s, buf_slice(out), level);
	unhop(s);
	return f;
}

static struct found
look_base64(struct sifter *s, struct slice text, unsigned level)
{
	struct buf *out = hop(s);
	struct found f;

	if (!out)
		return FOUND_NOTHING(REJECT_WRAPPED_TOO_DEEP);
	if (envelope_base64(text, out))
		f = look_bytes(s, buf_slice(out), level);
	else
		f = FOUND_NOTHING(REJECT_BAD_BASE64);
	unhop(s);
	return f;
}

/* A JSON string, quotes and all: does its text hold a record? */
static struct found
look_string(struct sifter *s, struct slice string, unsigned level)
{
	struct slice inner = slice_of(string.p + 1, string.n - 2);
	struct buf *out;
	struct found f;

	if (envelope_is_base64(inner))
		return look_base64(s, inner, level);
	if (!memchr(inner.p, '{', inner.n) && !memchr(inner.p, '\\', inner.n))
		return FOUND_NOTHING(REJECT_NOT_AUDIT);
	out = hop(s);
	if (!out)
		return FOUND_NOTHING(REJECT_WRAPPED_TOO_DEEP);
	if (envelope_unescape(string, out))
		f = look_text(s, buf_slice(out), level);
	else
		f = FOUND_NOTHING(REJECT_BAD_JSON);
	unhop(s);
	if (f.why == REJECT_NOT_JSON)
		f.why = REJECT_NOT_AUDIT;
	return f;
}

/* The first member that leads to records. */
static struct found
look_members(
    struct sifter *s, const struct jscan *scan, const char *end, unsigned level)
{
	struct found f, best = FOUND_NOTHING(REJECT_NOT_AUDIT);
	struct jscan rest;

	for (;;) {
		for (unsigned i = 0; i < scan->n; i++) {
			struct slice v = scan->member[i].value;
			const char *stop;

			if (*v.p != '{' && *v.p != '[' && *v.p != '"')
				continue;
			f = look_value(s, v.p, v.p + v.n, level, &stop);
			if (f.records)
				return f;
			best.why = better(best.why, f.why);
		}
		if (!scan->rest)
			return best;
		if (scan != &rest)
			rest = *scan;
		if (jscan_rest(&rest, end) != JSCAN_DONE)
			return best;
		scan = &rest;
	}
}

static struct found
look_object(struct sifter *s, struct slice object, const struct jscan *scan,
    unsigned level)
{
	struct glance g;
	enum shape shape = glance_at(scan, &g);

	if (shape == SHAPE_UNCLEAR) {
		shape = read_shape(s, object);
		if (shape == SHAPE_AWS || shape == SHAPE_GCP)
			return read_record(s, object, shape);
	}
	if (shape == SHAPE_AWS || shape == SHAPE_GCP)
		return look_record(s, object, shape, &g);
	if (shape == SHAPE_NOTHING)
		return FOUND_NOTHING(REJECT_NOT_AUDIT);
	if (level >= s->o.max_wrappers)
		return FOUND_NOTHING(smells_of_record(object)
			? REJECT_WRAPPED_TOO_DEEP
			: REJECT_NOT_AUDIT);
	return look_members(s, scan, object.p + object.n, level + 1);
}

/* The value at p; *stop is behind it, NULL where it does not end. */
static struct found
look_value(struct sifter *s, const char *p, const char *end, unsigned level,
    const char **stop)
{
	struct jscan scan;

	*stop = NULL;
	if (*p == '"') {
		const char *q = p + 1;

		while (q < end && *q != '"')
			q += *q == '\\' ? 2 : 1;
		if (q >= end)
			return FOUND_NOTHING(REJECT_TRUNCATED);
		*stop = q + 1;
		return look_string(s, slice_of(p, (size_t)(q + 1 - p)), level);
	}
	if (*p != '{' && *p != '[') {
		while (p < end && *p != ',' && *p != '\n')
			p++;
		*stop = p;
		return FOUND_NOTHING(REJECT_NOT_AUDIT);
	}
	switch (jscan_value(p, end, &scan)) {
	case JSCAN_DONE:
		*stop = scan.end;
		break;
	case JSCAN_SHORT:
		return FOUND_NOTHING(REJECT_TRUNCATED);
	case JSCAN_DEEP:
		return FOUND_NOTHING(REJECT_TOO_DEEP);
	default:
		return FOUND_NOTHING(scan.end < end && *scan.end == '\n'
			? REJECT_TRUNCATED
			: REJECT_BAD_JSON);
	}
	if (*p == '[')
		return look_array(
		    s, slice_of(p, (size_t)(scan.end - p)), level);
	return look_object(
	    s, slice_of(p, (size_t)(scan.end - p)), &scan, level);
}

/*
 * Text that holds JSON somewhere: behind a header, or several values behind
 * one another.  All that begins before `until` is taken.
 */
static struct found
look_before(
    struct sifter *s, struct slice text, const char *until, unsigned level)
{
	struct found sum = FOUND_NOTHING(REJECT_NOT_JSON), one;
	const char *end = text.p + text.n, *p = text.p, *stop;
	unsigned misses = 0;

	/* A payload on a line of its own, as CloudWatch Logs hands them over. */
	if (envelope_is_base64(text) && s->hops < HOPS_MAX)
		return look_base64(s, text, level);
	while (misses < BODIES_MAX && p < end && (p = envelope_body(text, p)) &&
	    p < until) {
		one = look_value(s, p, end, level, &stop);
		p = stop ? stop : p + 1;
		if (one.records) {
			sum.records += one.records;
			continue;
		}
		sum.why = better(sum.why, one.why);
		misses++;
	}
	return sum;
}

static struct found
look_text(struct sifter *s, struct slice text, unsigned level)
{
	return look_before(s, text, text.p + text.n, level);
}

/* Only a counted message has lines; what begins in its second one is text that
 * somebody else may have put into the first. */
static struct found
look_message(struct sifter *s, struct slice text)
{
	const char *p = text.p, *end = text.p + text.n, *lf;

	while (p < end && (*p == '\n' || *p == '\r' || *p == ' '))
		p++;
	lf = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	return look_before(s, text, lf ? lf : end, 0);
}

/* ---- frames -------------------------------------------------------------------- */

void
sifter_frame(struct sifter *s, struct slice bytes, const struct jscan *scan,
    uint64_t offset)
{
	struct sift_counts *c = &s->counts;
	struct found f;

	s->offset = offset;
	s->index = 0;
	if (scan)
		f = look_object(s, bytes, scan, 0);
	else if (bytes.n >= 2 && *bytes.p == '"' && bytes.p[bytes.n - 1] == '"')
		f = look_string(s, bytes, 0);
	else
		f = look_message(s, bytes);
	c->bytes += bytes.n;
	if (f.records)
		return;
	c->received++;
	c->rejected[f.why]++;
	if (s->calls.reject)
		s->calls.reject(s->arg, f.why, offset,
		    slice_of(bytes.p, bytes.n < 64 ? bytes.n : 64), bytes.n);
}

/* ---- truncation ------------------------------------------------------------------ */

struct limit {
	uint64_t length;
	const char *hint;
};

static const struct limit limits[] = {
	{ 1024,
	    "1024 bytes: RFC 3164's limit, and the default of Fluent Bit's "
	    "out_syslog with syslog_format rfc3164 (raise syslog_maxsize)" },
	{ 2048,
	    "2048 bytes: the default of Fluent Bit's out_syslog (raise "
	    "syslog_maxsize)" },
	{ 4096, "4096 bytes: a sender's or relay's line buffer" },
	{ 8192,
	    "8192 bytes: rsyslog's default (raise maxMessageSize, at the "
	    "top of rsyslog.conf)" },
	{ 16384,
	    "16384 bytes: Docker's log line limit (let the shipper join "
	    "partial lines)" },
	{ 65536, "64 KiB: syslog-ng's default (raise log-msg-size())" },
	{ 262144, "256 KiB: the limit of a CloudWatch Logs event" },
};

const char *
sift_truncation_hint(uint64_t length)
{
	/* Headers and line ends are cut off or counted differently. */
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (length + 8 >= limits[i].length &&
		    length <= limits[i].length + 8)
			return limits[i].hint;
	return NULL;
}
