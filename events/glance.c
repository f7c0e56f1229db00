/*
 * glance.c - what a quick look at an object says of it.
 *
 * Members are told by the length of their name first, for this is done with
 * every record.  Reading a record in full is cloudtrail.c's and gcp.c's work.
 * Any thread.
 */
#include "events/glance.h"

static bool
named(const struct jmember *m, const char *name)
{
	return memcmp(m->key.p, name, m->key.n) == 0;
}

/* In whatever case and with underscores, as the full read takes it (entry.c);
 * `folded` is in lower case. */
static bool
spelt(struct slice key, const char *folded)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (c == '_')
			continue;
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (*folded == '\0' || c != *folded++) /* c may be NUL */
			return false;
	}
	return *folded == '\0';
}

static bool
is_string(struct slice value)
{
	return value.n >= 2 && value.p[0] == '"';
}

static bool
is_object(struct slice value)
{
	return value.n >= 2 && value.p[0] == '{';
}

/* What was found, before it is judged: the values as written. */
struct raw {
	struct slice source, name, category, type;
};

static bool
is_payload(const struct jmember *m)
{
	return m->key.n >= 12 && (*m->key.p | 0x20) == 'p' &&
	    is_object(m->value) &&
	    (spelt(m->key, "protopayload") ||
		spelt(m->key, "protopayloadauditlog"));
}

static void
take_member(const struct jscan *s, const struct jmember *m, struct glance *g,
    struct raw *raw)
{
	if (is_payload(m))
		g->payload = m->value;
	switch (m->key.n) {
	case 7:
		if (named(m, "eventID"))
			g->event_id = jscan_plain(s, m->value);
		else if (named(m, "logName") || named(m, "logname"))
			g->log_name = jscan_plain(s, m->value);
		break;
	case 8:
		if (named(m, "insertId") || named(m, "insertid"))
			g->insert_id = jscan_plain(s, m->value);
		break;
	case 9:
		if (named(m, "eventName"))
			raw->name = m->value;
		else if (named(m, "eventTime"))
			g->event_time = jscan_plain(s, m->value);
		else if (named(m, "userAgent"))
			g->user_agent = jscan_plain(s, m->value);
		else if (named(m, "awsRegion"))
			g->region = jscan_plain(s, m->value);
		else if (named(m, "eventType"))
			raw->type = jscan_plain(s, m->value);
		else if (named(m, "timestamp"))
			g->timestamp = jscan_plain(s, m->value);
		break;
	case 11:
		if (named(m, "eventSource"))
			raw->source = m->value;
		break;
	case 12:
		if (named(m, "userIdentity"))
			g->user_identity = m->value;
		break;
	case 13:
		if (named(m, "eventCategory"))
			raw->category = jscan_plain(s, m->value);
		break;
	case 15:
		if (named(m, "sourceIPAddress"))
			g->source = jscan_plain(s, m->value);
		break;
	case 18:
		if (named(m, "recipientAccountId"))
			g->recipient = jscan_plain(s, m->value);
		break;
	default:
		break;
	}
}

static enum shape
judge_aws(const struct jscan *s, const struct raw *raw, struct glance *g)
{
	g->event_source = jscan_plain(s, raw->source);
	g->event_name = jscan_plain(s, raw->name);
	if (slice_is_null(g->event_source) || slice_is_null(g->event_name))
		return SHAPE_UNCLEAR;
	if (slice_starts(g->event_source, "aws:"))
		return SHAPE_NONE;
	return SHAPE_AWS;
}

enum shape
glance_at(const struct jscan *s, struct glance *g)
{
	struct raw raw = { SLICE_NULL, SLICE_NULL, SLICE_NULL, SLICE_NULL };

	if (s->escaped || s->rest)
		return SHAPE_UNCLEAR;
	memset(g, 0, sizeof(*g));
	for (unsigned i = 0; i < s->n; i++)
		take_member(s, &s->member[i], g, &raw);
	if (slice_is(raw.category, "Insight") ||
	    slice_is(raw.type, "AwsCloudTrailInsight"))
		return SHAPE_NOTHING;
	if (is_string(raw.source) && is_string(raw.name))
		return judge_aws(s, &raw, g);
	return g->payload.p ? SHAPE_GCP : SHAPE_NONE;
}

static void
take_caller(
    const struct jscan *s, const struct jmember *m, struct glance_caller *c)
{
	switch (m->key.n) {
	case 3:
		if (named(m, "arn"))
			c->arn = jscan_plain(s, m->value);
		break;
	case 4:
		if (named(m, "type"))
			c->type = jscan_plain(s, m->value);
		break;
	case 9:
		if (named(m, "accountId"))
			c->account = jscan_plain(s, m->value);
		else if (named(m, "invokedBy"))
			c->invoked_by = jscan_plain(s, m->value);
		else if (named(m, "inScopeOf"))
			c->in_scope_of = m->value.n > 2;
		break;
	case 11:
		if (named(m, "accessKeyId")) {
			c->access_key = jscan_plain(s, m->value);
			c->unclear |= is_string(m->value) && !c->access_key.p;
		} else if (named(m, "principalId")) {
			c->id = jscan_plain(s, m->value);
		}
		break;
	case 14:
		if (named(m, "sessionContext") && is_object(m->value))
			c->context = m->value;
		break;
	default:
		break;
	}
}

void
glance_caller(struct slice user_identity, struct glance_caller *c)
{
	struct jscan s;

	memset(c, 0, sizeof(*c));
	if (!is_object(user_identity) ||
	    jscan_value(user_identity.p, user_identity.p + user_identity.n,
		&s) != JSCAN_DONE)
		return;
	c->unclear = s.escaped || s.rest;
	for (unsigned i = 0; i < s.n; i++)
		take_caller(&s, &s.member[i], c);
}

static void
take_authentication(struct slice value, struct glance_method *m)
{
	const struct jmember *at;
	struct jscan s;

	if (!is_object(value) ||
	    jscan_value(value.p, value.p + value.n, &s) != JSCAN_DONE)
		return;
	m->unclear |= s.escaped || s.rest;
	m->authentication = value;
	at = jscan_find(&s, "principalEmail");
	if (at)
		m->principal = jscan_plain(&s, at->value);
	at = jscan_find(&s, "serviceAccountDelegationInfo");
	m->delegated = at && at->value.p[0] == '[' &&
	    memchr(at->value.p, '{', at->value.n) != NULL;
}

static void
take_metadata(struct slice value, struct glance_method *m)
{
	const struct jmember *at;
	struct jscan s;

	if (!is_object(value) ||
	    jscan_value(value.p, value.p + value.n, &s) != JSCAN_DONE)
		return;
	at = jscan_find(&s, "callerIp");
	if (!at)
		at = jscan_find(&s, "callerIP");
	if (at)
		m->source = jscan_plain(&s, at->value);
	at = jscan_find(&s, "callerSuppliedUserAgent");
	if (at)
		m->user_agent = jscan_plain(&s, at->value);
}

/* Is the method there, in another spelling than Google's own? */
static bool
method_is_spelt(const struct jscan *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->member[i].key.n >= 10 &&
		    (*s->member[i].key.p | 0x20) == 'm' &&
		    spelt(s->member[i].key, "methodname"))
			return true;
	return false;
}

void
glance_method(struct slice payload, struct glance_method *m)
{
	const struct jmember *at;
	struct jscan s;

	memset(m, 0, sizeof(*m));
	if (jscan_value(payload.p, payload.p + payload.n, &s) != JSCAN_DONE ||
	    s.escaped || s.rest) {
		m->unclear = true;
		return;
	}
	at = jscan_find(&s, "serviceName");
	if (at)
		m->service = jscan_plain(&s, at->value);
	m->unclear = at && is_string(at->value) && !m->service.p;
	at = jscan_find(&s, "methodName");
	if (at)
		m->method = jscan_plain(&s, at->value);
	m->unclear |= at ? is_string(at->value) && !m->method.p
			 : method_is_spelt(&s);
	at = jscan_find(&s, "authenticationInfo");
	if (at)
		take_authentication(at->value, m);
	if (m->delegated && (at = jscan_find(&s, "requestMetadata")))
		take_metadata(at->value, m);
}
