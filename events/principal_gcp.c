/*
 * principal_gcp.c - who asked: the caller of a Cloud Audit log entry,
 * canonical.
 *
 * The canonical names of Google Cloud's callers.  Does not know
 * what was asked for.  Any thread.
 */
#include "events/entry.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIT(s) SLICE_LIT(s)

#define SA_DOMAIN ".gserviceaccount.com"

struct name {
	struct slice text;
	enum principal_type type;
};

static bool
has(struct slice s, char c)
{
	return s.p && memchr(s.p, c, s.n) != NULL;
}

struct slice
entry_lower(struct entry *e, struct slice s)
{
	char *p;

	if (!s.p)
		return s;
	p = arena_dup(e->a, s.p, s.n);
	if (!p) {
		e->failed = true;
		return SLICE_NULL;
	}
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	return slice_of(p, s.n);
}

/* An e-mail address; false where it has no @. */
static bool
name_of_email(struct entry *e, struct slice email, struct name *result)
{
	if (!has(email, '@'))
		return false;
	email = entry_lower(e, email);
	result->type = slice_ends(email, SA_DOMAIN) ? PT_SERVICE_ACCOUNT
						    : PT_USER;
	result->text = ENTRY_JOIN(e,
	    result->type == PT_USER ? LIT("user:") : LIT("serviceAccount:"),
	    email);
	return true;
}

/* A principalSubject of a form that says what it is. */
static bool
name_of_known_subject(
    struct entry *e, struct slice subject, struct name *result)
{
	struct slice rest = slice_after(subject, ':');

	result->text = subject;
	if (slice_starts(subject, "principal://") ||
	    slice_starts(subject, "principalSet://")) {
		result->type = PT_FEDERATED;
		return true;
	}
	if (slice_starts(subject, "serviceAccount:")) {
		if (slice_find(subject, ".svc.id.goog[")) {
			result->type = PT_WORKLOAD;
			return true;
		}
		result->type = PT_SERVICE_ACCOUNT;
		result->text = ENTRY_JOIN(
		    e, LIT("serviceAccount:"), entry_lower(e, rest));
		return has(rest, '@');
	}
	if (slice_starts(subject, "user:")) {
		result->type = PT_USER;
		result->text = ENTRY_JOIN(
		    e, LIT("user:"), entry_lower(e, rest));
		return has(rest, '@');
	}
	return false;
}

static struct name
unknown_form(struct entry *e, struct slice s)
{
	struct name n = { SLICE_NULL, PT_REDACTED };

	if (s.p) {
		n.text = ENTRY_JOIN(e, LIT("subject:"), s);
		n.type = PT_FEDERATED;
	}
	return n;
}

/* ---- token exchanges --------------------------------------------------- */

/* The identity pool of a provider, without the host. */
static struct slice
pool_of_provider(struct slice provider)
{
	static const char host[] = "//iam.googleapis.com/";
	const char *at = slice_find(provider, "/providers/");

	if (!slice_starts(provider, host) ||
	    (!slice_find(provider, "workloadIdentityPools/") &&
		!slice_find(provider, "workforcePools/")))
		return SLICE_NULL;
	if (at)
		provider.n = (size_t)(at - provider.p);
	return slice_of(
	    provider.p + sizeof(host) - 1, provider.n - (sizeof(host) - 1));
}

/* The identity that an exchange maps its caller to. */
static bool
name_of_exchange(struct entry *e, struct name *result)
{
	struct slice mapped = field_text(e->metadata[METADATA_PRINCIPAL]);
	struct slice subject = field_text(e->auth[AUTH_SUBJECT]), pool;
	struct slice attribute = field_of(
	    e->metadata[METADATA_ATTRIBUTES], "google.subject");
	struct name known;

	result->type = PT_FEDERATED;
	result->text = mapped;
	if (mapped.p)
		return true;
	if (has(field_text(e->auth[AUTH_EMAIL]), '@') ||
	    name_of_known_subject(e, subject, &known))
		return false;
	if (attribute.p)
		subject = attribute;
	pool = pool_of_provider(entry_provider(e));
	if (!subject.p || !pool.p)
		return false;
	result->text = ENTRY_JOIN(e, LIT("principal://iam.googleapis.com/"),
	    pool, LIT("/subject/"), subject);
	return true;
}

static struct name
name_of_caller(struct entry *e)
{
	struct slice email = field_text(e->auth[AUTH_EMAIL]);
	struct slice subject = field_text(e->auth[AUTH_SUBJECT]);
	struct name n;

	if (strcmp(e->api->service, "sts.googleapis.com") == 0 &&
	    name_of_exchange(e, &n))
		return n;
	if (name_of_email(e, email, &n) ||
	    name_of_known_subject(e, subject, &n))
		return n;
	return unknown_form(e, subject.p ? subject : email);
}

/* ---- the account ------------------------------------------------------- */

/*
 * NAME@PROJECT.iam.gserviceaccount.com, where a project of a domain is written
 * PROJECT.DOMAIN for DOMAIN:PROJECT; PROJECT@appspot.gserviceaccount.com.
 * Other addresses hold a number or a service of Google's.
 */
static struct slice
project_of_address(struct entry *e, struct slice name)
{
	struct slice address = slice_after(name, ':');
	struct slice local = slice_before(address, '@');
	struct slice host = slice_after(address, '@'), project, domain;

	if (slice_is(host, "appspot" SA_DOMAIN)) {
		project = local;
	} else if (slice_ends(host, ".iam" SA_DOMAIN)) {
		project = host;
		project.n -= strlen(".iam" SA_DOMAIN);
	} else {
		return SLICE_NULL;
	}
	if (!project.n)
		return SLICE_NULL;
	domain = slice_after(project, '.');
	if (!domain.n)
		return ENTRY_JOIN(e, LIT("projects/"), project);
	return ENTRY_JOIN(
	    e, LIT("projects/"), domain, LIT(":"), slice_before(project, '.'));
}

void
entry_principal(struct entry *e, struct request *r)
{
	struct name n = name_of_caller(e);

	r->principal = n.text;
	r->principal_type = n.type;
	if (n.type == PT_SERVICE_ACCOUNT)
		r->account = project_of_address(e, n.text);
	if (!r->account.p)
		r->account = entry_container(e);
	if (!r->account.p)
		r->account = entry_project(e);
}

/* ---- who stands behind ------------------------------------------------- */

static struct name
name_of_delegate(struct entry *e, const struct json *delegate)
{
	struct slice subject = field_of(delegate, "principalSubject");
	struct slice email = field_of(
	    json_get(delegate, "firstPartyPrincipal"), "principalEmail");
	struct name n;

	if (name_of_email(e, email, &n) ||
	    name_of_known_subject(e, subject, &n))
		return n;
	return unknown_form(e, subject.p ? subject : email);
}

void
entry_delegation(struct entry *e, struct request *r)
{
	const struct json *list = e->auth[AUTH_DELEGATION], *v;
	struct json_iter at = { 0 };

	if (json_type(list) != JSON_ARRAY)
		return;
	while (r->n_delegation < COUNT(r->delegation) &&
	    (v = json_next(list, &at, NULL))) {
		struct slice s = name_of_delegate(e, v).text;

		if (s.p)
			r->delegation[r->n_delegation++] = s;
	}
}
