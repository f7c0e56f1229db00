/*
 * gcp.c - a Cloud Audit LogEntry of a token method becomes a request.
 *
 * The whole of it: id, time, outcome, source, target and what policy asks
 * beside.  Where members are is in entry.c, who asked in principal_gcp.c.
 * Works on slices of the JSON and copies once, at the end.  Any thread.
 */
#include "events/gcp.h"

#include "events/digest.h"
#include "events/entry.h"
#include "events/source.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIT(s) SLICE_LIT(s)

/* ---- id and time ------------------------------------------------------- */

static const struct json *
timestamp(const struct entry *e)
{
	return e->top[ENTRY_TIMESTAMP] ? e->top[ENTRY_TIMESTAMP]
				       : e->payload[PAYLOAD_TIMESTAMP];
}

static struct when
read_time(const struct entry *e)
{
	const struct json *received = e->top[ENTRY_RECEIVED]
	    ? e->top[ENTRY_RECEIVED]
	    : e->payload[PAYLOAD_RECEIVED];
	struct when w;

	if (when_parse_loose(field_text(timestamp(e)), &w) ||
	    when_parse_loose(field_of(e->call[CALL_ATTRIBUTES], "time"), &w) ||
	    when_parse_loose(field_text(received), &w))
		return w;
	return WHEN_NONE;
}

static void
read_id(const struct entry *e, struct slice text, char id[DIGEST_ID_SIZE],
    struct request *r)
{
	struct slice parts[3] = { field_text(e->top[ENTRY_LOG_NAME]),
		field_text(timestamp(e)), field_text(e->top[ENTRY_INSERT_ID]) };

	r->event_id = parts[2];
	if (r->event_id.p) {
		digest_key(PROVIDER_GCP, parts, COUNT(parts), r->duplicate_key);
		return;
	}
	digest_id(text, id);
	r->event_id = slice_str(id);
	digest_key(PROVIDER_GCP, &r->event_id, 1, r->duplicate_key);
}

/* ---- outcome ----------------------------------------------------------- */

/* google.rpc.Code */
static const char *const rpc_codes[] = { "OK", "CANCELLED", "UNKNOWN",
	"INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
	"ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
	"DATA_LOSS", "UNAUTHENTICATED" };

#define RPC_PERMISSION_DENIED 7

static void
read_outcome(struct entry *e, struct request *r)
{
	int64_t code;

	r->outcome = OUTCOME_SUCCESS;
	if (!field_int(json_get(e->payload[PAYLOAD_STATUS], "code"), &code) ||
	    code == 0)
		return;
	r->outcome = code == RPC_PERMISSION_DENIED ? OUTCOME_DENIED
						   : OUTCOME_FAILED;
	if (code > 0 && (uint64_t)code < COUNT(rpc_codes)) {
		r->error = slice_str(rpc_codes[code]);
		return;
	}
	r->error = arena_printf(e->a, "%lld", (long long)code);
	if (!r->error.p)
		e->failed = true;
}

/* ---- the target -------------------------------------------------------- */

/* "projects/-/serviceAccounts/EMAIL": the e-mail, absent where it is none. */
static struct slice
email_in(struct slice name)
{
	struct slice s = slice_after_last(name, '/');

	return s.p && memchr(s.p, '@', s.n) ? s : SLICE_NULL;
}

static struct slice
last_of_chain(const struct entry *e)
{
	const struct json *chain = e->metadata[METADATA_CHAIN], *v;
	struct json_iter at = { 0 };
	struct slice last = SLICE_NULL;

	if (json_type(chain) != JSON_ARRAY)
		return last;
	while ((v = json_next(chain, &at, NULL)))
		last = field_text(v);
	return last;
}

static struct slice
service_account(struct entry *e)
{
	struct slice resource = field_text(e->payload[PAYLOAD_RESOURCE_NAME]);
	struct slice name = field_of(e->request, "name");
	const struct slice places[] = { field_of(e->labels, "email_id"), name,
		last_of_chain(e), resource };
	struct slice s = SLICE_NULL;

	for (size_t i = 0; i < COUNT(places) && !s.p; i++)
		s = entry_lower(e, email_in(places[i]));
	if (!s.p)
		s = field_of(e->labels, "unique_id");
	if (!s.p)
		s = slice_after_last(resource, '/');
	if (!s.n)
		s = slice_after_last(name, '/');
	return s.n ? ENTRY_JOIN(e, LIT("serviceAccount:"), s) : SLICE_NULL;
}

static void
read_target(struct entry *e, struct request *r)
{
	struct slice spec = slice_str(e->api->target);
	bool exchange = slice_is(spec, "provider");

	if (slice_is(spec, "service-account"))
		r->target = service_account(e);
	else if (exchange)
		r->target = entry_provider(e);
	else if (slice_is(spec, "resourceName"))
		r->target = field_text(e->payload[PAYLOAD_RESOURCE_NAME]);
	if (r->target.p)
		r->target_account = exchange ? entry_container(e)
					     : entry_project(e);
}

/* "response.expireTime" of a success. */
static struct when
read_expires(const struct entry *e, const struct request *r)
{
	struct when w;

	if (!e->api->expires || r->outcome != OUTCOME_SUCCESS ||
	    !when_parse_loose(field_of(e->response, "expireTime"), &w))
		return WHEN_NONE;
	return w;
}

/* ---- what is asked beside ---------------------------------------------- */

/* "3600s" */
static int64_t
read_duration(const struct entry *e, const struct request *r)
{
	struct slice s = field_of(e->request, "lifetime");
	int64_t seconds = 0;
	size_t i = 0;

	while (i < s.n && i < 9 && s.p[i] >= '0' && s.p[i] <= '9')
		seconds = seconds * 10 + (s.p[i++] - '0');
	if (i > 0 && i + 1 == s.n && s.p[i] == 's')
		return seconds;
	if (r->expires.valid && r->time.valid && r->expires.sec >= r->time.sec)
		return r->expires.sec - r->time.sec;
	return -1;
}

static struct slice
read_signing_key(const struct entry *e)
{
	const struct json *keys = e->metadata[METADATA_KEYS], *v;
	struct json_iter at = { 0 };

	if (json_type(keys) != JSON_ARRAY)
		return SLICE_NULL;
	while ((v = json_next(keys, &at, NULL))) {
		struct slice s = field_of(v, "fingerprintSha256");

		if (s.p)
			return s;
	}
	return SLICE_NULL;
}

/* ".../keys/KEYID": KEYID. */
static struct slice
read_key(const struct entry *e)
{
	static const char before[] = "/keys/";
	struct slice s = field_text(e->auth[AUTH_KEY_NAME]);
	const char *at = slice_find(s, before);
	size_t skip;

	if (!at)
		return s;
	skip = (size_t)(at - s.p) + sizeof(before) - 1;
	return skip < s.n ? slice_of(s.p + skip, s.n - skip) : s;
}

/* ---- the whole --------------------------------------------------------- */

int
gcp_decode(const struct json *entry, struct slice text, const struct api *api,
    struct arena *a, struct request *result)
{
	struct request r = { .provider = PROVIDER_GCP, .api = api };
	char id[DIGEST_ID_SIZE], address[ADDR_TEXT];
	struct entry e;
	bool kept;

	entry_begin(&e, entry, api, a);
	r.action = slice_str(api->action);
	r.kind = api->kind;
	r.cloud_region = LIT("global");
	read_id(&e, text, id, &r);
	r.time = read_time(&e);
	read_outcome(&e, &r);
	entry_principal(&e, &r);
	entry_delegation(&e, &r);
	read_target(&e, &r);
	r.expires = read_expires(&e, &r);
	r.duration = read_duration(&e, &r);
	source_read(field_text(e.call[CALL_IP]), address, &r.source);
	r.user_agent = field_text(e.call[CALL_AGENT]);
	r.caller_credential = read_key(&e);
	r.signing_key = read_signing_key(&e);
	kept = !e.failed && request_copy(&r, a, result);
	entry_end(&e);
	return kept ? 0 : ST_ENOMEM;
}
