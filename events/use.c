/*
 * use.c - a temporary credential at work in an ordinary record.
 *
 * See use.h.  Looks into userIdentity and authenticationInfo with lib/jscan,
 * level by level; what is written with escapes there is absent.  Any thread.
 */
#include "events/use.h"

#include "events/source.h"
#include "lib/jscan.h"

/* ---- looking into objects ------------------------------------------------ */

static bool
look(struct slice object, struct jscan *s)
{
	return object.n >= 2 && object.p[0] == '{' &&
	    jscan_value(object.p, object.p + object.n, s) == JSCAN_DONE &&
	    !s->escaped;
}

static struct slice
member(const struct jscan *s, const char *name)
{
	const struct jmember *m = jscan_find(s, name);

	return m ? m->value : SLICE_NULL;
}

/* Its text; absent where it is empty. */
static struct slice
text(const struct jscan *s, const char *name)
{
	const struct jmember *m = jscan_find(s, name);
	struct slice t = m ? jscan_plain(s, m->value) : SLICE_NULL;

	return t.n ? t : SLICE_NULL;
}

/* Two texts behind one another, the second in lower case where asked. */
static struct slice
put(char room[USE_NAME_MAX], struct slice a, struct slice b, bool lower)
{
	if (a.n + b.n > USE_NAME_MAX || b.n == 0)
		return SLICE_NULL;
	if (a.n)
		memcpy(room, a.p, a.n);
	for (size_t i = 0; i < b.n; i++) {
		char c = b.p[i];

		room[a.n + i] = lower && c >= 'A' && c <= 'Z' ? (char)(c | 0x20)
							      : c;
	}
	return slice_of(room, a.n + b.n);
}

/* ---- AWS ----------------------------------------------------------------- */

static void
read_context(struct slice context, struct request *r)
{
	struct jscan s, inner;
	struct slice issuer;

	if (!look(context, &s))
		return;
	r->source_identity = text(&s, "sourceIdentity");
	r->instance_session = text(&s, "ec2RoleDelivery").n > 0;
	if (look(member(&s, "sessionIssuer"), &inner)) {
		issuer = text(&inner, "arn");
		if (issuer.n)
			r->principal = issuer;
	}
	if (look(member(&s, "attributes"), &inner) &&
	    !when_parse(text(&inner, "creationDate"), &r->session_began))
		r->session_began = WHEN_NONE;
}

static enum principal_type
type_of(struct slice word)
{
	if (slice_is(word, "AssumedRole"))
		return PT_ROLE;
	if (slice_is(word, "IAMUser"))
		return PT_USER;
	if (slice_is(word, "FederatedUser"))
		return PT_FEDERATED_USER;
	return slice_is(word, "Root") ? PT_ROOT : PT_UNKNOWN;
}

/* What stands behind the last slash of a session's ARN. */
static struct slice
session_of(struct slice arn)
{
	if (!slice_find(arn, ":assumed-role/") &&
	    !slice_find(arn, ":federated-user/"))
		return SLICE_NULL;
	return slice_after_last(arn, '/');
}

static void
read_aws(const struct use *u, struct request *r)
{
	struct slice before = slice_before(u->caller_id, ':');

	r->caller_session = session_of(u->principal);
	if (u->type.n)
		r->principal_type = type_of(u->type);
	else if (r->caller_session.n)
		r->principal_type = slice_find(u->principal, ":assumed-role/")
		    ? PT_ROLE
		    : PT_FEDERATED_USER;
	r->invoked_by = u->invoked_by.n ? u->invoked_by : SLICE_NULL;
	if (u->caller_id.n)
		r->caller_id = before.n ? before : u->caller_id;
	read_context(u->context, r);
	r->instance_session |= u->in_scope_of;
}

/* ---- GCP ----------------------------------------------------------------- */

bool
use_is_google_agent(struct slice email)
{
	static const char *const domains[] = {
		"@compute-system.iam.gserviceaccount.com",
		"@container-engine-robot.iam.gserviceaccount.com",
		"@serverless-robot-prod.iam.gserviceaccount.com",
		"@cloudservices.gserviceaccount.com",
		"@gae-api-prod.google.com.iam.gserviceaccount.com",
	};
	const char *at = email.n ? memchr(email.p, '@', email.n) : NULL;

	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		if (slice_ends(email, domains[i]))
			return true;
	return at &&
	    slice_starts(
		slice_of(at, (size_t)(email.p + email.n - at)), "@gcp-sa-");
}

static struct slice
kind_of_email(struct slice email)
{
	return slice_ends(email, ".gserviceaccount.com")
	    ? SLICE_LIT("serviceAccount:")
	    : SLICE_LIT("user:");
}

static struct slice
name_of_delegate(struct slice object, char room[USE_NAME_MAX])
{
	struct slice email = SLICE_NULL, subject;
	struct jscan s, party;

	if (!look(object, &s))
		return SLICE_NULL;
	if (look(member(&s, "firstPartyPrincipal"), &party))
		email = text(&party, "principalEmail");
	if (email.n)
		return put(room, kind_of_email(email), email, true);
	subject = text(&s, "principalSubject");
	if (slice_starts(subject, "user:") ||
	    slice_starts(subject, "serviceAccount:"))
		return put(room, SLICE_LIT(""), subject, true);
	return subject;
}

static void
read_delegates(struct slice list, struct use_room *room, struct request *r)
{
	const char *p = list.p, *end = p + list.n;
	struct jscan s;

	while (r->n_delegation < USE_DELEGATES_MAX && p < end &&
	    (p = memchr(p, '{', (size_t)(end - p)))) {
		struct slice name;

		if (jscan_value(p, end, &s) != JSCAN_DONE)
			return;
		name = name_of_delegate(slice_of(p, (size_t)(s.end - p)),
		    room->delegate[r->n_delegation]);
		if (name.n)
			r->delegation[r->n_delegation++] = name;
		p = s.end;
	}
}

static void
read_gcp(const struct use *u, struct use_room *room, struct request *r)
{
	struct slice list, key;
	struct jscan s;

	r->principal = put(
	    room->principal, kind_of_email(u->principal), u->principal, true);
	r->principal_type = slice_starts(r->principal, "serviceAccount:")
	    ? PT_SERVICE_ACCOUNT
	    : PT_USER;
	r->caller_credential = SLICE_NULL;
	if (!look(u->context, &s))
		return;
	list = member(&s, "serviceAccountDelegationInfo");
	if (list.n >= 2 && list.p[0] == '[')
		read_delegates(list, room, r);
	key = text(&s, "serviceAccountKeyName");
	r->caller_credential = key.n ? slice_after_last(key, '/') : SLICE_NULL;
}

/* ---- the whole ----------------------------------------------------------- */

/* "s3:GetObject", "storage:objects.get": as short as it says what was done. */
static struct slice
action_of(const struct use *u, struct use_room *room)
{
	static const char aws[] = ".amazonaws.com", gcp[] = ".googleapis.com";
	struct slice service = u->service;
	size_t n;

	if (slice_ends(service, aws))
		service.n -= sizeof(aws) - 1;
	else if (slice_ends(service, gcp))
		service.n -= sizeof(gcp) - 1;
	n = service.n;
	if (n == 0 || u->method.n == 0 || n + 1 + u->method.n > USE_NAME_MAX)
		return SLICE_NULL;
	memcpy(room->action, service.p, n);
	room->action[n] = ':';
	memcpy(room->action + n + 1, u->method.p, u->method.n);
	return slice_of(room->action, n + 1 + u->method.n);
}

void
use_read(const struct use *u, struct use_room *room, struct request *result)
{
	struct request r = {
		.provider = u->provider,
		.time = u->time,
		.event_id = u->event_id,
		.kind = KIND_USE,
		.principal = u->principal,
		.principal_type = PT_UNKNOWN,
		.account = u->account,
		.caller_credential = u->credential,
		.cloud_region = u->region,
		.user_agent = u->user_agent,
		.duration = -1,
	};

	r.action = action_of(u, room);
	source_read(u->source, room->address, &r.source);
	if (u->provider == PROVIDER_AWS)
		read_aws(u, &r);
	else
		read_gcp(u, room, &r);
	*result = r;
}
