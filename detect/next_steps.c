/*
 * next_steps.c - what a person should look at, and how to revoke.
 *
 * Knows the commands of both clouds that end sessions.  The advice of each
 * reason stands in reasons.c.  Pure function, any thread.
 */
#include "detect/next_steps.h"

#include "detect/names.h"

struct steps {
	struct slice *list;
	unsigned n;
	struct arena *arena;
	struct buf text;
};

/* What was written becomes a step, unless it is one already. */
static void
finish_step(struct steps *s)
{
	struct slice text = buf_slice(&s->text);

	for (unsigned i = 0; i < s->n; i++)
		if (slice_eq(s->list[i], text))
			text.n = 0;
	if (!s->text.failed && text.n > 0 && s->n < FINDING_STEPS_MAX) {
		text = arena_slice(s->arena, text);
		if (text.p)
			s->list[s->n++] = text;
	}
	buf_reset(&s->text);
}

static void
add_word(struct buf *out, struct slice word, const char *placeholder)
{
	if (names_is_harmless(word))
		buf_add_slice(out, word);
	else
		buf_adds(out, placeholder);
}

static void
add_advice(struct steps *s, const struct request *r, const struct verdict *v)
{
	for (unsigned i = 0; i < v->n_reasons; i++) {
		const char *p = reason_table[v->reasons[i].code].next;
		struct slice seen = v->reasons[i].observed;
		struct slice who = names_short(r->principal);

		if (s->n == NEXT_STEPS_ADVICE_MAX)
			return;
		for (; *p; p++) {
			if (*p != '%')
				buf_addc(&s->text, *p);
			else if (*++p == 'o')
				names_add(&s->text,
				    seen.n ? seen : SLICE_LIT("that place"));
			else
				names_add(&s->text,
				    who.n ? who : SLICE_LIT("the caller"));
		}
		finish_step(s);
	}
}

static void
add_look(struct steps *s, const struct request *r)
{
	struct slice credential = r->kind == KIND_USE ? r->caller_credential
						      : r->credential;

	buf_addf(&s->text, "Look at event ");
	names_add(&s->text, r->event_id);
	if (r->principal.n > 0) {
		buf_adds(&s->text, " and at what ");
		names_add(&s->text, r->principal);
		buf_adds(&s->text, " did around it");
	}
	if (credential.n > 0) {
		buf_adds(&s->text, ", then follow credential ");
		names_add(&s->text, credential);
		buf_adds(&s->text, " to all that was done with it");
	}
	buf_addc(&s->text, '.');
	finish_step(s);
}

/* Before what ends the session: else it is asked for anew. */
static void
add_undo(struct steps *s, const struct verdict *v)
{
	if (!v->granted.n)
		return;
	buf_adds(&s->text, "Undo the change of IAM that made it possible (");
	names_add(&s->text, v->granted);
	if (v->granted_event.n) {
		buf_adds(&s->text, ", event ");
		names_add(&s->text, v->granted_event);
	}
	buf_adds(&s->text, "), unless its owner meant it.");
	finish_step(s);
}

/* AWS cannot end a session; a policy denies all that began before a moment.
 * One second more than the last that was seen. */
static void
add_deny_older(struct buf *out, struct when last_seen)
{
	char text[WHEN_TEXT];
	struct when until = when_add(last_seen, 1);

	until.nsec = 0;
	buf_adds(out,
	    " --policy-name AWSRevokeOlderSessions --policy-document "
	    "'{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\","
	    "\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{"
	    "\"DateLessThan\":{\"aws:TokenIssueTime\":\"");
	if (until.valid)
		buf_add_slice(out, when_format(until, text));
	else
		buf_adds(out, "NOW");
	buf_adds(out, "\"}}}]}'");
}

static void
add_end_sessions(
    struct buf *out, struct slice account, struct slice name, struct when seen)
{
	buf_adds(out, "End the role's sessions, in account ");
	add_word(out, account, "ACCOUNT");
	buf_adds(out, ": aws iam put-role-policy --role-name ");
	add_word(out, name, "ROLE");
	add_deny_older(out, seen);
}

static void
add_disable(struct buf *out, struct slice email)
{
	buf_adds(
	    out, "End what was issued: gcloud iam service-accounts disable ");
	add_word(out, email, "EMAIL");
}

bool
next_steps_revoke(struct slice target, struct when last_seen, struct buf *out)
{
	struct slice account, name;

	if (role_of_arn(target, &account, &name))
		add_end_sessions(out, account, name, last_seen);
	else if (slice_starts(target, "serviceAccount:"))
		add_disable(out, names_short(target));
	else
		return false;
	return true;
}

static void
add_revoke_role(struct steps *s, const struct request *r, struct when last_seen)
{
	/* A use is made with a session of the one who asks. */
	struct slice target = r->kind == KIND_USE ? r->principal : r->target;

	if (slice_starts(target, "identity-center:"))
		add_end_sessions(&s->text, r->target_account,
		    names_short(target), last_seen);
	else
		next_steps_revoke(target, last_seen, &s->text);
	finish_step(s);
}

/* Session and federation tokens carry their user's rights. */
static void
add_revoke_user(struct steps *s, const struct request *r, struct when last_seen)
{
	bool minted = r->kind == KIND_SESSION || r->kind == KIND_FEDERATION;

	if (minted && r->outcome == OUTCOME_SUCCESS) {
		buf_adds(&s->text,
		    "End the sessions: aws iam put-user-policy --user-name ");
		add_word(&s->text, names_short(r->principal), "USER");
		add_deny_older(&s->text, last_seen);
		finish_step(s);
	}
	if (!slice_starts(r->caller_credential, "AKIA"))
		return;
	buf_adds(&s->text,
	    "Disable the caller's access key: aws iam update-access-key "
	    "--status Inactive --user-name ");
	add_word(&s->text, names_short(r->principal), "USER");
	buf_adds(&s->text, " --access-key-id ");
	add_word(&s->text, r->caller_credential, "KEY");
	finish_step(s);
}

/* Where the caller came by an identity provider, it must stop vouching. */
static void
add_revoke_identity(struct steps *s, const struct request *r)
{
	if (r->principal_type == PT_SAML ||
	    r->principal_type == PT_IDENTITY_CENTER)
		buf_adds(&s->text,
		    "End the person's sessions at the identity provider, and "
		    "let them sign in again.");
	else if (r->principal_type == PT_WEB_IDENTITY ||
	    r->principal_type == PT_FEDERATED)
		buf_adds(&s->text,
		    "Narrow the trust for this subject, and check at its "
		    "identity provider who could make it ask.");
	finish_step(s);
}

static void
add_revoke_gcp(struct steps *s, const struct request *r)
{
	struct slice email = names_short(r->target);
	const char role[] = " --role=roles/iam.serviceAccountTokenCreator";

	if (!slice_starts(r->target, "serviceAccount:"))
		return;
	if (r->outcome == OUTCOME_SUCCESS) {
		add_disable(&s->text, email);
		finish_step(s);
	}
	buf_adds(&s->text,
	    "Take the right away: gcloud iam service-accounts "
	    "remove-iam-policy-binding ");
	add_word(&s->text, email, "EMAIL");
	buf_adds(&s->text, " --member=");
	add_word(&s->text, r->principal, "MEMBER");
	buf_adds(&s->text, role);
	finish_step(s);
}

unsigned
next_steps(const struct request *r, const struct verdict *v,
    struct when last_seen, struct arena *a,
    struct slice steps[FINDING_STEPS_MAX])
{
	struct steps s = { .list = steps, .arena = a, .text = BUF_INIT };

	add_advice(&s, r, v);
	if (r->kind == KIND_NONE) {
		buf_release(&s.text);
		return s.n;
	}
	add_look(&s, r);
	add_undo(&s, v);
	if (r->provider == PROVIDER_GCP) {
		add_revoke_gcp(&s, r);
	} else {
		if (r->outcome == OUTCOME_SUCCESS)
			add_revoke_role(&s, r, last_seen);
		if (r->principal_type == PT_USER)
			add_revoke_user(&s, r, last_seen);
	}
	add_revoke_identity(&s, r);
	buf_release(&s.text);
	return s.n;
}
