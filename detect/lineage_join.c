/*
 * lineage_join.c - which credential a request was signed with.
 *
 * Knows the names that credentials are found by, who stands at the root, and
 * what to make of a credential that is only heard of by its use.  One owner.
 */
#include "detect/lineage_i.h"

#include "events/use.h"
#include "lib/hash.h"

#define SKEW_SECONDS 5    /* between two records of one moment */
#define LATE_SECONDS 900  /* a credential may be used after its time */
#define CANDIDATES_MAX 64 /* sessions of one name that are looked at */
#define HASH_TEXT 1024
#define USUAL_MINTS 3       /* of a session, all from one root: it is usual */
#define USUAL_OF_MACHINE 10 /* the same of a machine, or of a whole role */

/* ---- names ---------------------------------------------------------------- */

uint64_t
lineage_hash(const char *kind, struct slice a, struct slice b, struct slice c)
{
	const struct slice parts[] = { slice_str(kind), a, b, c };
	char text[HASH_TEXT];
	uint64_t hash = 0;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct slice s = parts[i];

		if (n + s.n + 1 > sizeof(text) - sizeof(hash)) {
			/* Too long to stand as it is. */
			hash = hash_stable(s.p, s.n);
			s = slice_of((const char *)&hash, sizeof(hash));
			if (n + s.n + 1 > sizeof(text))
				break;
		}
		if (s.n)
			memcpy(text + n, s.p, s.n);
		n += s.n;
		text[n++] = '\0';
	}
	hash = hash_stable(text, n);
	return hash ? hash : 1;
}

uint64_t
lineage_mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b + UINT64_C(0x9e3779b97f4a7c15))) *
	    UINT64_C(0xff51afd7ed558ccd);

	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

uint64_t
lineage_id(struct slice credential)
{
	return slice_starts(credential, "ASIA")
	    ? lineage_hash("id", credential, SLICE_NULL, SLICE_NULL)
	    : 0;
}

/* Of a role's session, whatever the role's path. */
uint64_t
lineage_role_session(struct slice role, struct slice session)
{
	struct slice account, name;

	if (!session.n || !role_of_arn(role, &account, &name))
		return 0;
	return lineage_hash("role", account, name, session);
}

uint64_t
lineage_whole_role(struct slice role)
{
	struct slice account, name;

	if (!role_of_arn(role, &account, &name))
		return 0;
	return lineage_hash("role", account, name, SLICE_NULL);
}

/* The identity next to a service account; absent where it acts for itself. */
static struct slice
delegate(const struct request *r, unsigned i)
{
	struct slice who = r->n_delegation > i ? r->delegation[i] : SLICE_NULL;
	struct slice mail = slice_after(who, ':');

	return use_is_google_agent(mail) ? SLICE_NULL : who;
}

uint64_t
lineage_role_id_habit(struct slice id)
{
	return lineage_hash("role id", id, SLICE_NULL, SLICE_NULL);
}

static uint64_t
account_habit(struct slice account)
{
	return lineage_hash("our account", account, SLICE_NULL, SLICE_NULL);
}

uint64_t
lineage_root_habit(uint64_t session)
{
	return lineage_mix(session, 'r');
}

/* Which role has which id, and whose trails we see. */
void
lineage_learn_names(struct lineage *l, const struct request *r)
{
	if (r->recipient_account.n)
		known_note(l, account_habit(r->recipient_account), r->time.sec);
	if (r->principal_type == PT_ROLE && slice_starts(r->caller_id, "AROA"))
		known_note_with(l, lineage_role_id_habit(r->caller_id),
		    r->principal, r->time.sec);
}

/* A copy in another account names its caller by the id of the role alone. */
static struct slice
role_of_copy(const struct lineage *l, const struct request *r)
{
	const struct known *k = slice_starts(r->caller_id, "AROA")
	    ? known_find(l, lineage_role_id_habit(r->caller_id))
	    : NULL;

	return k ? name_text(k->what) : SLICE_NULL;
}

/* A caller of which only account and id are told, although the account is ours:
 * the copy that names it is missing. */
bool
lineage_is_missing_copy(const struct lineage *l, const struct request *r)
{
	return r->principal_type == PT_ACCOUNT &&
	    slice_starts(r->caller_id, "A") &&
	    known_find(l, account_habit(r->account)) != NULL;
}

/* What a request speaks for; 0: for itself. */
static uint64_t
session_of_caller(const struct lineage *l, const struct request *r)
{
	struct slice behind;

	if (r->provider == PROVIDER_GCP) {
		behind = r->n_delegation ? delegate(r, r->n_delegation - 1)
					 : SLICE_NULL;
		return behind.n
		    ? lineage_hash("gcp", r->principal, behind, SLICE_NULL)
		    : 0;
	}
	if (r->principal_type == PT_ROLE)
		return lineage_role_session(r->principal, r->caller_session);
	if (r->principal_type == PT_ACCOUNT)
		return lineage_role_session(
		    role_of_copy(l, r), r->caller_session);
	if (r->principal_type == PT_FEDERATED_USER && r->caller_session.n)
		return lineage_hash(
		    "federated", r->account, r->caller_session, SLICE_NULL);
	return 0;
}

uint64_t
lineage_session_of_mint(const struct request *r)
{
	if (r->provider == PROVIDER_GCP)
		return r->target.n && r->principal.n
		    ? lineage_hash("gcp", r->target, r->principal, SLICE_NULL)
		    : 0;
	if (r->kind == KIND_FEDERATION)
		return r->session.n ? lineage_hash("federated", r->account,
					  r->session, SLICE_NULL)
				    : 0;
	return lineage_role_session(r->target, r->session);
}

/* ---- roots ---------------------------------------------------------------- */

const struct token *
lineage_root(const struct token *t)
{
	while (t && t->parent)
		t = t->parent;
	return t;
}

bool
lineage_is_own_root(enum principal_type t)
{
	return t != PT_ROLE && t != PT_FEDERATED_USER && t != PT_REDACTED;
}

/* Its mint will not come any more. */
bool
lineage_may_guess(const struct lineage *l, int64_t minted)
{
	return l->o.ordered || l->now.sec - minted > LATE_SECONDS;
}

struct slice
lineage_root_name(const struct lineage *l, const struct token *t)
{
	const struct token *root = lineage_root(t);

	if (!root)
		return SLICE_NULL;
	if (root->who && lineage_is_own_root((enum principal_type)root->asker))
		return name_text(root->who);
	for (; t; t = t->parent)
		if (t->source_identity)
			return name_text(t->source_identity);
	return lineage_may_guess(l, root->minted) ? name_text(root->usual)
						  : SLICE_NULL;
}

/* ---- joining -------------------------------------------------------------- */

int64_t
lineage_apart(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/* Without the second it began, only where all that could be meant are there. */
static bool
could_be(
    const struct lineage *l, const struct token *t, const struct request *r)
{
	if (!t->who)
		return false;
	if (r->session_began.valid)
		return lineage_apart(t->minted, r->session_began.sec) <=
		    SKEW_SECONDS;
	return l->o.ordered && t->minted <= r->time.sec + SKEW_SECONDS &&
	    t->expires + LATE_SECONDS >= r->time.sec;
}

/* The youngest stand first, but for what came late. */
static bool
are_all_older(const struct token *t, int64_t at)
{
	return t->minted < at - SKEW_SECONDS - LATE_SECONDS;
}

/* The one of a session that fits, the nearest; NULL where those that fit come
 * from different roots. */
struct token *
lineage_pick(struct lineage *l, uint64_t session, const struct request *r)
{
	struct token *best = NULL, *t = tokens_by_session(l, session);
	int64_t at = r->session_began.valid ? r->session_began.sec
					    : r->time.sec;

	for (int i = 0; t && i < CANDIDATES_MAX; i++, t = t->same) {
		if (r->session_began.valid && are_all_older(t, at))
			break;
		if (!could_be(l, t, r))
			continue;
		if (best &&
		    !slice_eq(
			lineage_root_name(l, best), lineage_root_name(l, t)))
			return NULL;
		if (!best ||
		    lineage_apart(t->minted, at) <
			lineage_apart(best->minted, at))
			best = t;
	}
	return best;
}

void
lineage_set_credential(struct token *t, struct slice credential)
{
	size_t n = credential.n < CREDENTIAL_MAX ? credential.n
						 : CREDENTIAL_MAX;

	memset(t->credential, 0, sizeof(t->credential));
	if (n > 0)
		memcpy(t->credential, credential.p, n);
}

static bool
is_machine(struct slice root)
{
	return slice_starts(root, "service:") ||
	    slice_find(root, ":oidc-provider/");
}

/* Where the mint is missing: the one that all mints of this role and session
 * name before came from; else the machine that all of this role came from, since
 * its sessions have a new name each time.  A person is never guessed so, and
 * what a workflow calls itself changes more often than who a person is. */
struct name *
lineage_usual_root(struct lineage *l, uint64_t session, uint64_t role)
{
	const uint64_t of[] = { session, role };

	for (int i = 0; i < 2; i++) {
		const struct known *k = of[i]
		    ? known_find(l, lineage_root_habit(of[i]))
		    : NULL;
		struct slice root = k ? name_text(k->what) : SLICE_NULL;
		bool of_role = i > 0, machine = is_machine(root);

		if (!root.n || (of_role && !machine))
			continue;
		if (k->count >=
		    (of_role || machine ? USUAL_OF_MACHINE : USUAL_MINTS))
			return name_take(l, root);
	}
	return NULL;
}

/* A credential that is heard of by its use. */
static struct token *
add_seen(
    struct lineage *l, const struct request *r, uint64_t id, uint64_t session)
{
	struct token t = { .id = id, .session = session };

	t.provider = (uint8_t)r->provider;
	t.asker = PT_REDACTED;
	t.minted = r->session_began.valid ? r->session_began.sec : r->time.sec;
	t.expires = t.minted + LIFETIME_UNSEEN;
	t.target = name_take(l, r->principal);
	t.usual = lineage_usual_root(
	    l, session, lineage_whole_role(r->principal));
	t.label = name_take(l, r->caller_session);
	t.source_identity = name_take(l,
	    r->provider == PROVIDER_GCP ? delegate(r, 0) : r->source_identity);
	lineage_set_credential(&t, r->caller_credential);
	return tokens_add(l, &t);
}

/* An IAM user's or root's own session: the record names who it is. */
static bool
names_itself(const struct request *r)
{
	return r->provider == PROVIDER_AWS && r->principal.n &&
	    (r->principal_type == PT_USER || r->principal_type == PT_ROOT);
}

/* Look for its mint, unless the session is as it was the last time. */
static struct token *
find_mint(struct lineage *l, struct token *t, uint64_t session,
    const struct request *r)
{
	const struct token *head = tokens_by_session(l, session);
	uint64_t newest = head ? head->number + 1 : 0;

	if (!head || (t && t->tried == newest))
		return NULL;
	if (t)
		t->tried = newest;
	return lineage_pick(l, session, r);
}

/* Its mint was not seen yet. */
static struct token *
resolve(
    struct lineage *l, struct token *t, const struct request *r, uint64_t id)
{
	uint64_t session = session_of_caller(l, r);
	struct token *minted = find_mint(l, t, session, r);

	if (!t && !id && r->provider == PROVIDER_AWS)
		return minted;
	if (!t && (id || session))
		t = add_seen(l, r, id, session);
	if (!t)
		return minted;
	if (!t->who && names_itself(r)) {
		t->who = name_take(l, r->principal);
		t->asker = (uint8_t)r->principal_type;
	}
	if (minted && minted != t)
		tokens_set_parent(l, t, minted);
	t->instance |= r->instance_session;
	return t;
}

struct token *
lineage_by_id(struct lineage *l, uint64_t id)
{
	struct token *t = tokens_by_id(l, id);
	struct stray *s = t ? NULL : strays_find(l, id);

	return s ? strays_promote(l, s) : t;
}

struct token *
lineage_signed_with(struct lineage *l, const struct request *r)
{
	bool aws = r->provider == PROVIDER_AWS;
	uint64_t id = aws ? lineage_id(r->caller_credential) : 0;
	struct token *t = aws ? lineage_by_id(l, id)
			      : tokens_by_session(l, session_of_caller(l, r));

	if (!r->time.valid || (t && (t->who || t->parent || !aws)))
		return t;
	return resolve(l, t, r, id);
}
