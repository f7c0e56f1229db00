/*
 * names.c - the short names that people use for principals and targets.
 *
 * Knows the shapes of the canonical names that events/ makes.  Does not know
 * what was done (title.c).  Everything it prints may come from outside and is
 * cut, never interpreted.  Pure functions, any thread.
 */
#include "detect/names.h"

#include "events/arn.h"
#include "lib/utf8.h"

void
names_add(struct buf *out, struct slice s)
{
	struct slice cut = utf8_cut(s, NAME_MAX_BYTES);

	buf_add_slice(out, cut);
	if (cut.n < s.n)
		buf_adds(out, "\xe2\x80\xa6");
}

/* What stands behind the first `mark` in s; absent where it is not there. */
static struct slice
behind(struct slice s, const char *mark)
{
	const char *at = slice_find(s, mark);

	if (!at)
		return SLICE_NULL;
	at += strlen(mark);
	return slice_of(at, s.n - (size_t)(at - s.p));
}

/* What stands before the first c; the whole where there is none. */
static struct slice
up_to(struct slice s, char c)
{
	struct slice head = slice_before(s, c);

	return head.p ? head : s;
}

static void
add_in_account(struct buf *out, struct slice account)
{
	if (account.n == 0)
		return;
	buf_adds(out,
	    slice_starts(account, "projects/") ? " in project "
					       : " in account ");
	names_add(out,
	    slice_starts(account, "projects/") ? behind(account, "projects/")
					       : account);
}

/*
 * Subjects that CI systems and clusters put into their tokens:
 *     repo:acme/app:ref:refs/heads/main
 *     project_path:acme/app:ref_type:branch:ref:main
 *     system:serviceaccount:NAMESPACE:NAME
 * False where it is none of these.
 */
static bool
add_known_subject(struct buf *out, struct slice subject)
{
	struct slice s;

	if (slice_starts(subject, "repo:")) {
		s = behind(subject, "repo:");
		buf_adds(out, "GitHub repo ");
		names_add(out, up_to(s, ':'));
		s = slice_after(s, ':');
	} else if (slice_starts(subject, "project_path:")) {
		s = behind(subject, "project_path:");
		buf_adds(out, "GitLab project ");
		names_add(out, up_to(s, ':'));
		s = slice_after(s, ':');
	} else if (slice_starts(subject, "system:serviceaccount:")) {
		s = behind(subject, "system:serviceaccount:");
		buf_adds(out, "Kubernetes service account ");
		names_add(out, s);
		return true;
	} else {
		return false;
	}
	if (s.n > 0) {
		buf_adds(out, " (");
		names_add(out, s);
		buf_addc(out, ')');
	}
	return true;
}

/* "...:oidc-provider/token.example.com/x/SUBJECT": the host may have a path,
 * and the subject slashes, so that known subjects are looked for first. */
static void
add_web_identity(struct buf *out, struct slice principal)
{
	static const char *const marks[] = {
		"/repo:", "/project_path:", "/system:serviceaccount:"
	};
	struct slice s;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *at = slice_find(principal, marks[i]);

		if (!at)
			continue;
		s = slice_of(
		    at + 1, principal.n - (size_t)(at + 1 - principal.p));
		if (add_known_subject(out, s))
			return;
	}
	s = behind(principal, "oidc-provider/");
	buf_adds(out, "Web identity ");
	names_add(out, s.n ? s : principal);
}

static void
add_saml(struct buf *out, struct slice principal)
{
	struct slice s = behind(principal, "saml-provider/");
	struct slice user = s.p ? slice_after(s, '/')
				: slice_after_last(principal, '/');

	buf_adds(out, "SAML user ");
	names_add(out, user.n ? user : principal);
	if (s.p && user.n) {
		buf_adds(out, " of ");
		names_add(out, slice_before(s, '/'));
	}
}

/* principal://iam.googleapis.com/.../workloadIdentityPools/P/subject/S */
static void
add_federated(struct buf *out, struct slice principal)
{
	struct slice pool = behind(principal, "/workloadIdentityPools/");
	struct slice tail, subject;

	if (!pool.p)
		pool = behind(principal, "/workforcePools/");
	if (!pool.p)
		pool = behind(principal, "workforcePools/");
	tail = slice_after(pool, '/');
	subject = slice_starts(tail, "subject/") ? behind(tail, "subject/")
						 : tail;
	if (subject.n == 0) {
		buf_adds(out, "Federated identity ");
		names_add(out,
		    slice_starts(principal, "subject:")
			? behind(principal, "subject:")
			: principal);
		return;
	}
	if (!add_known_subject(out, subject)) {
		buf_adds(out, "Federated identity ");
		names_add(out, subject);
	}
	buf_adds(out, " of pool ");
	names_add(out, slice_before(pool, '/'));
}

/* serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME] */
static void
add_workload(struct buf *out, struct slice principal)
{
	struct slice inside = slice_after(principal, '[');
	struct slice pool = behind(slice_before(principal, '['), ":");

	buf_adds(out, "Kubernetes service account ");
	if (inside.n == 0) {
		names_add(out, principal);
		return;
	}
	names_add(out, up_to(inside, ']'));
	if (slice_ends(pool, ".svc.id.goog")) {
		pool.n -= strlen(".svc.id.goog");
		buf_adds(out, " of ");
		names_add(out, pool);
	}
}

/* aws-account:ACCT/ID, where the trail does not say who it was. */
static void
add_account(struct buf *out, struct slice principal)
{
	struct slice s = behind(principal, "aws-account:");

	buf_adds(out, "Somebody of account ");
	names_add(out, up_to(s.n ? s : principal, '/'));
	if (slice_after(s, '/').n > 0) {
		buf_adds(out, " (");
		names_add(out, slice_after(s, '/'));
		buf_addc(out, ')');
	}
}

static void
add_unknown(struct buf *out, struct slice principal)
{
	bool cognito = slice_starts(principal, "cognito:");

	if (principal.n == 0) {
		buf_adds(out, "Somebody unknown");
		return;
	}
	buf_adds(out, cognito ? "Cognito identity " : "Unknown caller ");
	names_add(out, names_short(principal));
}

static void
add_root(struct buf *out, const struct request *r)
{
	struct slice account = arn_account(r->principal);

	buf_adds(out, "The root user of account ");
	names_add(out, account.n ? account : r->account);
}

static void
add_plain(struct buf *out, const char *what, const struct request *r)
{
	buf_adds(out, what);
	names_add(out, names_short(r->principal));
}

static void
add_role(struct buf *out, const struct request *r)
{
	add_plain(out, "Role ", r);
	if (r->caller_session.n > 0) {
		buf_adds(out, " (session ");
		names_add(out, r->caller_session);
		buf_addc(out, ')');
	}
}

/* A federated user's principal is who minted it; the name is the session's. */
static void
add_federated_user(struct buf *out, const struct request *r)
{
	bool minted = !slice_find(r->principal, ":federated-user/");

	buf_adds(out, "Federated user ");
	names_add(out,
	    r->caller_session.n ? r->caller_session
				: names_short(r->principal));
	if (minted && r->caller_session.n > 0) {
		buf_adds(out, " of ");
		names_add(out, names_short(r->principal));
	}
}

void
names_principal(const struct request *r, struct buf *out)
{
	switch (r->principal_type) {
	case PT_USER:
		add_plain(out, "User ", r);
		break;
	case PT_ROOT:
		add_root(out, r);
		break;
	case PT_ROLE:
		add_role(out, r);
		break;
	case PT_FEDERATED_USER:
		add_federated_user(out, r);
		break;
	case PT_SAML:
		add_saml(out, r->principal);
		break;
	case PT_WEB_IDENTITY:
		add_web_identity(out, r->principal);
		break;
	case PT_SERVICE:
		add_plain(out, "Service ", r);
		break;
	case PT_ACCOUNT:
		add_account(out, r->principal);
		break;
	case PT_IDENTITY_CENTER:
		add_plain(out, "Identity Center user ", r);
		break;
	case PT_FEDERATED:
		add_federated(out, r->principal);
		break;
	case PT_SERVICE_ACCOUNT:
		add_plain(out, "Service account ", r);
		break;
	case PT_WORKLOAD:
		add_workload(out, r->principal);
		break;
	case PT_REDACTED:
		buf_adds(out, "Somebody whose name was redacted");
		break;
	case PT_UNKNOWN:
	case PT_COUNT:
		add_unknown(out, r->principal);
		break;
	}
}

struct slice
names_short(struct slice p)
{
	static const char *const prefixes[] = { "user:", "serviceAccount:",
		"service:", "unknown:", "cognito:", "subject:" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (slice_starts(p, prefixes[i]) && p.n > strlen(prefixes[i]))
			return behind(p, prefixes[i]);
	if (slice_starts(p, "arn:") && slice_find(p, ":oidc-provider/"))
		return behind(p, ":oidc-provider/");
	if (slice_starts(p, "arn:") && slice_find(p, ":saml-provider/"))
		return behind(p, ":saml-provider/");
	if (slice_starts(p, "arn:") || slice_starts(p, "identity-center:"))
		return slice_after_last(p, '/');
	return p;
}

/* //iam.googleapis.com/projects/1/.../workloadIdentityPools/P/providers/X */
static bool
add_provider(struct buf *out, struct slice target)
{
	struct slice pool = behind(target, "/workloadIdentityPools/");
	struct slice provider;

	if (!pool.p)
		pool = behind(target, "/workforcePools/");
	if (pool.n == 0)
		return false;
	provider = behind(pool, "/providers/");
	if (provider.n > 0) {
		buf_adds(out, "provider ");
		names_add(out, provider);
		buf_adds(out, " of ");
	}
	buf_adds(out, "identity pool ");
	names_add(out, up_to(pool, '/'));
	return true;
}

void
names_target(const struct request *r, struct buf *out)
{
	struct slice account, name, t = r->target;

	if (role_of_arn(t, &account, &name)) {
		buf_adds(out, "role ");
		names_add(out, name);
		add_in_account(out, account);
	} else if (slice_starts(t, "identity-center:")) {
		buf_adds(out, "role ");
		names_add(out, names_short(t));
		add_in_account(out, r->target_account);
	} else if (slice_starts(t, "arn:") && slice_ends(t, ":root")) {
		buf_adds(out, "root");
		add_in_account(out, arn_account(t));
	} else if (slice_starts(t, "serviceAccount:")) {
		buf_adds(out, "service account ");
		names_add(out, names_short(t));
	} else if (!add_provider(out, t)) {
		names_add(out,
		    slice_find(t, ":federated-user/") ? names_short(t) : t);
	}
}

bool
names_is_harmless(struct slice s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789+=,.@_:/-";

	if (s.n == 0 || s.n > 512 || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(allowed, s.p[i]))
			return false;
	return true;
}
