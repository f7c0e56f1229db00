/*
 * entry.c - the members of a LogEntry, under the names that exports give them.
 *
 * BigQuery writes requestJson for request and lower-cases what it likes,
 * others write callerIP, insertid or log_name, and some put objects into
 * strings.  All of that is known here and nowhere else: names are compared
 * without case and underscores, and the tables list what still differs.  Does
 * not know what the members mean.  Any thread.
 */
#include "events/entry.h"

#include "events/gcp.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIT(s) SLICE_LIT(s)

/* ---- names ------------------------------------------------------------- */

#define NAME_MAX_FOLDED 40

/* A name in lower case, without underscores; empty where it is too long to be
 * one of ours. */
static struct slice
fold(struct slice name, char buf[NAME_MAX_FOLDED])
{
	size_t n = 0;

	if (name.n > NAME_MAX_FOLDED)
		return LIT("");
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '_')
			continue;
		buf[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	return slice_of(buf, n);
}

/* A folded name and which member it is. */
struct spelling {
	struct slice folded;
	unsigned char member;
};

#define SPELT(m, s)             \
	{                       \
		SLICE_LIT(s), m \
	}

static const struct spelling top_names[] = {
	SPELT(ENTRY_LOG_NAME, "logname"),
	SPELT(ENTRY_INSERT_ID, "insertid"),
	SPELT(ENTRY_TIMESTAMP, "timestamp"),
	SPELT(ENTRY_RECEIVED, "receivetimestamp"),
	SPELT(ENTRY_RESOURCE, "resource"),
	SPELT(ENTRY_PAYLOAD, "protopayload"),
	SPELT(ENTRY_PAYLOAD, "protopayloadauditlog"),
	SPELT(ENTRY_SERVICE, "servicename"),
	SPELT(ENTRY_STATUS, "status"),
};

static const struct spelling payload_names[] = {
	SPELT(PAYLOAD_SERVICE, "servicename"),
	SPELT(PAYLOAD_METHOD, "methodname"),
	SPELT(PAYLOAD_RESOURCE_NAME, "resourcename"),
	SPELT(PAYLOAD_AUTH, "authenticationinfo"),
	SPELT(PAYLOAD_CALL, "requestmetadata"),
	SPELT(PAYLOAD_REQUEST, "request"),
	SPELT(PAYLOAD_REQUEST, "requestjson"),
	SPELT(PAYLOAD_RESPONSE, "response"),
	SPELT(PAYLOAD_RESPONSE, "responsejson"),
	SPELT(PAYLOAD_METADATA, "metadata"),
	SPELT(PAYLOAD_METADATA, "metadatajson"),
	SPELT(PAYLOAD_STATUS, "status"),
	SPELT(PAYLOAD_TYPE, "@type"),
	SPELT(PAYLOAD_TYPE, "attype"),
	SPELT(PAYLOAD_TYPE, "atsigntype"),
	SPELT(PAYLOAD_TIMESTAMP, "timestamp"),
	SPELT(PAYLOAD_RECEIVED, "receivetimestamp"),
	SPELT(PAYLOAD_RESOURCE, "resource"),
};

static const struct spelling auth_names[] = {
	SPELT(AUTH_EMAIL, "principalemail"),
	SPELT(AUTH_SUBJECT, "principalsubject"),
	SPELT(AUTH_KEY_NAME, "serviceaccountkeyname"),
	SPELT(AUTH_DELEGATION, "serviceaccountdelegationinfo"),
};

static const struct spelling call_names[] = {
	SPELT(CALL_IP, "callerip"),
	SPELT(CALL_AGENT, "callersupplieduseragent"),
	SPELT(CALL_ATTRIBUTES, "requestattributes"),
};

static const struct spelling metadata_names[] = {
	SPELT(METADATA_PRINCIPAL, "mappedprincipal"),
	SPELT(METADATA_ATTRIBUTES, "mappedattributes"),
	SPELT(METADATA_KEYS, "keyinfo"),
	SPELT(METADATA_CHAIN, "identitydelegationchain"),
};

enum { TYPE_NAME, TYPE_COUNT };
static const struct spelling type_names[] = {
	SPELT(TYPE_NAME, "@type"),
	SPELT(TYPE_NAME, "attype"),
	SPELT(TYPE_NAME, "atsigntype"),
};

/* A null says nothing: it does not hide another spelling. */
static void
pick(const struct json *object, const struct spelling *names, size_t n,
    const struct json **result)
{
	char buf[NAME_MAX_FOLDED];
	struct json_iter at = { 0 };
	const struct json *v;
	struct slice name;

	if (json_type(object) != JSON_OBJECT)
		return;
	while ((v = json_next(object, &at, &name))) {
		if (json_type(v) == JSON_NULL_)
			continue;
		name = fold(name, buf);
		for (size_t i = 0; i < n; i++)
			if (slice_eq(names[i].folded, name)) {
				result[names[i].member] = v;
				break;
			}
	}
}

#define PICK(object, names, result) pick(object, names, COUNT(names), result)

/* ---- JSON as text ------------------------------------------------------ */

/* The object that v is, or that its text is. */
static const struct json *
as_object(struct entry *e, const struct json *v)
{
	struct slice text = slice_trim(json_text(v));
	struct json_reader *reader;

	if (text.n == 0 || text.p[0] != '{' || e->n_readers == ENTRY_READERS)
		return v;
	reader = &e->reader[e->n_readers++];
	json_reader_init(reader);
	return json_parse(reader, text, NULL);
}

void
entry_begin(struct entry *e, const struct json *entry, const struct api *api,
    struct arena *a)
{
	const struct json **p = e->payload;
	const struct json *resource;

	memset(e, 0, sizeof(*e));
	e->api = api;
	e->a = a;
	PICK(entry, top_names, e->top);
	PICK(gcp_payload(entry), payload_names, p);
	PICK(as_object(e, p[PAYLOAD_AUTH]), auth_names, e->auth);
	PICK(as_object(e, p[PAYLOAD_CALL]), call_names, e->call);
	PICK(as_object(e, p[PAYLOAD_METADATA]), metadata_names, e->metadata);
	e->request = as_object(e, p[PAYLOAD_REQUEST]);
	e->response = as_object(e, p[PAYLOAD_RESPONSE]);
	p[PAYLOAD_STATUS] = as_object(
	    e, p[PAYLOAD_STATUS] ? p[PAYLOAD_STATUS] : e->top[ENTRY_STATUS]);
	resource = as_object(e, e->top[ENTRY_RESOURCE]);
	if (json_type(resource) != JSON_OBJECT)
		resource = as_object(e, p[PAYLOAD_RESOURCE]);
	e->labels = json_get(resource, "labels");
}

void
entry_end(struct entry *e)
{
	for (size_t i = 0; i < e->n_readers; i++)
		json_reader_release(&e->reader[i]);
	e->n_readers = 0;
}

/* ---- the payload and its method ---------------------------------------- */

static bool
is_audit(const struct json *payload)
{
	const struct json *m[PAYLOAD_COUNT] = { NULL };

	PICK(payload, payload_names, m);
	return json_text(m[PAYLOAD_METHOD]).p ||
	    json_text(m[PAYLOAD_SERVICE]).p ||
	    slice_ends(json_text(m[PAYLOAD_TYPE]), ".AuditLog");
}

const struct json *
gcp_payload(const struct json *entry)
{
	const struct json *top[ENTRY_TOP_COUNT] = { NULL };

	/* The usual name first: it is nearly always there. */
	top[ENTRY_PAYLOAD] = json_get(entry, "protoPayload");
	if (json_type(top[ENTRY_PAYLOAD]) != JSON_OBJECT)
		PICK(entry, top_names, top);
	if (json_type(top[ENTRY_PAYLOAD]) != JSON_OBJECT)
		return NULL;
	return is_audit(top[ENTRY_PAYLOAD]) ? top[ENTRY_PAYLOAD] : NULL;
}

static struct slice
type_of_request(const struct json *request)
{
	const struct json *m[TYPE_COUNT] = { NULL };

	PICK(request, type_names, m);
	return field_text(m[TYPE_NAME]);
}

/* The request is JSON as text: only its type is asked, seldom. */
static const struct api *
api_by_text(struct slice method, struct slice text)
{
	struct json_reader reader;
	const struct api *api;

	json_reader_init(&reader);
	api = catalogue_find_gcp(SLICE_NULL, method,
	    type_of_request(json_parse(&reader, text, NULL)));
	json_reader_release(&reader);
	return api;
}

const struct api *
gcp_api(const struct json *entry)
{
	const struct json *m[PAYLOAD_COUNT] = { NULL };
	const struct json *top[ENTRY_TOP_COUNT] = { NULL };
	struct slice method, service, text;

	PICK(gcp_payload(entry), payload_names, m);
	method = field_text(m[PAYLOAD_METHOD]);
	if (!catalogue_may_be_gcp(method))
		return NULL;
	service = field_text(m[PAYLOAD_SERVICE]);
	if (!service.p) {
		PICK(entry, top_names, top);
		service = field_text(top[ENTRY_SERVICE]);
	}
	text = json_text(m[PAYLOAD_REQUEST]);
	if (!service.p && text.p)
		return api_by_text(method, text);
	return catalogue_find_gcp(
	    service, method, type_of_request(m[PAYLOAD_REQUEST]));
}

/* ---- what several rules need ------------------------------------------- */

struct slice
entry_container(const struct entry *e)
{
	static const char *const kinds[] = { "projects/", "organizations/",
		"folders/", "billingAccounts/" };
	struct slice name = field_text(e->top[ENTRY_LOG_NAME]), id;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!slice_starts(name, kinds[i]))
			continue;
		id = slice_before(slice_after(name, '/'), '/');
		if (id.n)
			return slice_of(name.p, strlen(kinds[i]) + id.n);
	}
	return SLICE_NULL;
}

struct slice
entry_project(struct entry *e)
{
	struct slice id = field_of(e->labels, "project_id");

	return id.p ? ENTRY_JOIN(e, LIT("projects/"), id) : SLICE_NULL;
}

static bool
names_a_pool(struct slice s)
{
	return slice_find(s, "workloadIdentityPools/") ||
	    slice_find(s, "workforcePools/");
}

static struct slice
cut_subject(struct slice s)
{
	const char *at = slice_find(s, "/subject/");

	return at ? slice_of(s.p, (size_t)(at - s.p)) : s;
}

/* "https://iam.googleapis.com/x" and "x" as "//iam.googleapis.com/x". */
static struct slice
full_name(struct entry *e, struct slice s)
{
	if (slice_starts(s, "https://") || slice_starts(s, "http://"))
		s = slice_after(s, ':');
	if (slice_starts(s, "//"))
		return s;
	return ENTRY_JOIN(e, LIT("//iam.googleapis.com/"), s);
}

struct slice
entry_provider(struct entry *e)
{
	struct slice s = field_of(e->request, "audience");

	if (!names_a_pool(s))
		s = field_of(e->request, "provider");
	if (!names_a_pool(s))
		s = field_text(e->payload[PAYLOAD_RESOURCE_NAME]);
	if (!s.p)
		return SLICE_NULL;
	return full_name(e, cut_subject(s));
}
