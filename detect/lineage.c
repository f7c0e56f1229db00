/*
 * lineage.c - which credential came from which: the door, joins and chains.
 *
 * Knows by what a request finds the credential it was signed with, and what a
 * mint leaves behind.  What is wrong with it is lineage_tell.c's business.
 * One owner.
 */
#include "detect/lineage_i.h"

#include "events/use.h"
#include "lib/hash.h"

#include <stdlib.h>

#define SKEW_SECONDS 5           /* between two records of one moment */
#define LATE_SECONDS 900         /* a credential may be used after its time */
#define LIFETIME_GUESS 3600      /* of a mint that tells none */
#define LIFETIME_UNSEEN 43200    /* of a credential whose mint was not seen */
#define LIFETIME_MAX (7 * 86400) /* no cloud gives more than 36 hours */
#define CANDIDATES_MAX 64        /* sessions of one name that are looked at */
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

static uint64_t
id_of(struct slice credential)
{
	return slice_starts(credential, "ASIA")
	    ? lineage_hash("id", credential, SLICE_NULL, SLICE_NULL)
	    : 0;
}

/* Of a role's session, whatever the role's path. */
static uint64_t
role_session(struct slice role, struct slice session)
{
	struct slice account, name;

	if (!session.n || !role_of_arn(role, &account, &name))
		return 0;
	return lineage_hash("role", account, name, session);
}

static uint64_t
whole_role(struct slice role)
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

static uint64_t
role_id_habit(struct slice id)
{
	return lineage_hash("role id", id, SLICE_NULL, SLICE_NULL);
}

static uint64_t
account_habit(struct slice account)
{
	return lineage_hash("our account", account, SLICE_NULL, SLICE_NULL);
}

static uint64_t
root_habit(uint64_t session)
{
	return lineage_hash("root of",
	    slice_of((const char *)&session, sizeof(session)), SLICE_NULL,
	    SLICE_NULL);
}

/* Which role has which id, and whose trails we see. */
static void
learn_names(struct lineage *l, const struct request *r)
{
	if (r->recipient_account.n)
		known_note(l, account_habit(r->recipient_account), r->time.sec);
	if (r->principal_type == PT_ROLE && slice_starts(r->caller_id, "AROA"))
		known_note_with(
		    l, role_id_habit(r->caller_id), r->principal, r->time.sec);
}

/* A copy in another account names its caller by the id of the role alone. */
static struct slice
role_of_copy(const struct lineage *l, const struct request *r)
{
	const struct known *k = slice_starts(r->caller_id, "AROA")
	    ? known_find(l, role_id_habit(r->caller_id))
	    : NULL;

	return k ? name_text(k->what) : SLICE_NULL;
}

/* A caller of which only account and id are told, although the account is ours:
 * the copy that names it is missing. */
static bool
is_missing_copy(const struct lineage *l, const struct request *r)
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
		return role_session(r->principal, r->caller_session);
	if (r->principal_type == PT_ACCOUNT)
		return role_session(role_of_copy(l, r), r->caller_session);
	if (r->principal_type == PT_FEDERATED_USER && r->caller_session.n)
		return lineage_hash(
		    "federated", r->account, r->caller_session, SLICE_NULL);
	return 0;
}

static uint64_t
session_of_mint(const struct request *r)
{
	if (r->provider == PROVIDER_GCP)
		return r->target.n && r->principal.n
		    ? lineage_hash("gcp", r->target, r->principal, SLICE_NULL)
		    : 0;
	if (r->kind == KIND_FEDERATION)
		return r->session.n ? lineage_hash("federated", r->account,
					  r->session, SLICE_NULL)
				    : 0;
	return role_session(r->target, r->session);
}

/* ---- roots ---------------------------------------------------------------- */

const struct token *
lineage_root(const struct token *t)
{
	while (t && t->parent)
		t = t->parent;
	return t;
}

static bool
is_own_root(enum principal_type t)
{
	return t != PT_ROLE && t != PT_FEDERATED_USER && t != PT_REDACTED;
}

/* Its mint will not come any more. */
static bool
may_guess(const struct lineage *l, const struct token *root)
{
	return l->o.ordered || l->now.sec - root->minted > LATE_SECONDS;
}

struct slice
lineage_root_name(const struct lineage *l, const struct token *t)
{
	const struct token *root = lineage_root(t);

	if (!root)
		return SLICE_NULL;
	if (root->who && is_own_root((enum principal_type)root->asker))
		return name_text(root->who);
	for (; t; t = t->parent)
		if (t->source_identity)
			return name_text(t->source_identity);
	return may_guess(l, root) ? name_text(root->usual) : SLICE_NULL;
}

/* ---- joining -------------------------------------------------------------- */

static int64_t
apart(int64_t a, int64_t b)
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
		return apart(t->minted, r->session_began.sec) <= SKEW_SECONDS;
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
static struct token *
pick(struct lineage *l, uint64_t session, const struct request *r)
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
		if (!best || apart(t->minted, at) < apart(best->minted, at))
			best = t;
	}
	return best;
}

static void
set_credential(struct token *t, struct slice credential)
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
static struct name *
usual_root(struct lineage *l, uint64_t session, struct slice role)
{
	const uint64_t of[] = { session, whole_role(role) };

	for (int i = 0; i < 2; i++) {
		const struct known *k = of[i] ? known_find(l, root_habit(of[i]))
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
	t.usual = usual_root(l, session, r->principal);
	t.label = name_take(l, r->caller_session);
	t.source_identity = name_take(l,
	    r->provider == PROVIDER_GCP ? delegate(r, 0) : r->source_identity);
	set_credential(&t, r->caller_credential);
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
	return pick(l, session, r);
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
lineage_signed_with(struct lineage *l, const struct request *r)
{
	bool aws = r->provider == PROVIDER_AWS;
	uint64_t id = aws ? id_of(r->caller_credential) : 0;
	struct token *t = aws ? tokens_by_id(l, id)
			      : tokens_by_session(l, session_of_caller(l, r));

	if (!r->time.valid || (t && (t->who || t->parent || !aws)))
		return t;
	return resolve(l, t, r, id);
}

/* ---- minting -------------------------------------------------------------- */

/* Credentials that AWS hands to what runs in it. */
static bool
is_for_machines(const struct request *r)
{
	static const char *const services[] = { "service:ec2.", "service:ecs",
		"service:lambda.", "service:edgelambda.", "service:pods.eks.",
		"service:batch.", "service:codebuild.", "service:glue.",
		"service:sagemaker.", "service:tasks.apprunner." };

	if (r->principal_type != PT_SERVICE)
		return false;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (slice_starts(r->principal, services[i]))
			return true;
	return false;
}

/* A record can say anything. */
static int64_t
expiry_of(const struct request *r)
{
	int64_t life = LIFETIME_GUESS;

	if (r->expires.valid)
		life = r->expires.sec - r->time.sec;
	else if (r->duration > 0)
		life = r->duration;
	if (life < 0)
		life = 0;
	return r->time.sec + (life < LIFETIME_MAX ? life : LIFETIME_MAX);
}

/* What its own mint tells, in place of what its use told. */
static void
fill(struct lineage *l, struct token *t, const struct request *r)
{
	struct name *who = name_take(l, r->principal);

	name_drop(l, t->who);
	t->who = who;
	t->asker = (uint8_t)r->principal_type;
	t->weak = r->principal_type == PT_ACCOUNT;
	if (is_missing_copy(l, r))
		t->asker = PT_REDACTED;
	t->minted = r->time.sec;
	t->expires = expiry_of(r);
	t->lifetime_told = r->expires.valid;
	t->instance |= is_for_machines(r);
	if (!t->target)
		t->target = name_take(l, r->target);
	if (!t->label)
		t->label = name_take(l, r->session);
	if (!t->source_identity)
		t->source_identity = name_take(l, r->source_identity);
}

static void
fill_place(struct lineage *l, struct token *t, const struct request *r)
{
	struct spot s = spot_of(r);

	if (!s.sec || (t->mint.sec && t->mint.country[0]))
		return;
	t->mint = s;
	name_drop(l, t->city);
	t->city = name_take(l, r->source.place.city);
}

static bool
gives_out(const struct request *r)
{
	return r->kind < KIND_COUNT && r->kind != KIND_ID_TOKEN &&
	    r->kind != KIND_SIGNATURE && r->outcome == OUTCOME_SUCCESS &&
	    r->time.valid && r->principal.n;
}

/* GCP tells no id: the same service account for the same caller once more is
 * the same token, living longer. */
static struct token *
same_mint(struct lineage *l, const struct request *r, uint64_t id)
{
	struct token *t = tokens_by_id(l, id);
	uint64_t session = session_of_mint(r);

	if (t || id)
		return t;
	t = tokens_by_session(l, session);
	for (int i = 0; t && i < CANDIDATES_MAX; i++, t = t->same) {
		if (r->provider == PROVIDER_GCP)
			return t;
		/* A SwitchRole and its AssumeRole. */
		if (t->who && apart(t->minted, r->time.sec) <= 1)
			return t;
	}
	return NULL;
}

const struct token *
lineage_seen_before_mint(struct lineage *l, const struct request *r)
{
	const struct token *t;

	if (!gives_out(r))
		return NULL;
	t = tokens_by_id(l, id_of(r->credential));
	return t && !t->who ? t : NULL;
}

static void
learn_root(struct lineage *l, const struct token *t, const struct request *r)
{
	const uint64_t of[] = { t->session, whole_role(r->target) };

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (of[i])
			known_note_with(l, root_habit(of[i]),
			    lineage_root_name(l, t), r->time.sec);
}

int
lineage_mint(struct lineage *l, const struct request *r)
{
	struct token blank = { 0 }, *t, *parent;
	uint64_t id, session;
	bool better = false;

	if (!gives_out(r))
		return 0;
	id = id_of(r->credential);
	session = session_of_mint(r);
	if (!id && !session)
		return 0;
	parent = lineage_signed_with(l, r);
	t = same_mint(l, r, id);
	if (!t) {
		blank.id = id;
		blank.session = session;
		blank.provider = (uint8_t)r->provider;
		set_credential(&blank, r->credential);
		fill(l, &blank, r);
		t = tokens_add(l, &blank);
		l->counts.minted++;
	} else if (!t->who || t->weak || r->provider == PROVIDER_GCP) {
		better = t->weak;
		fill(l, t, r);
		if (!t->session)
			t->session = session;
		if (!tokens_renew(l, t))
			return ST_ENOMEM;
	}
	if (!t)
		return ST_ENOMEM;
	fill_place(l, t, r);
	if (parent && (!t->parent || better))
		tokens_set_parent(l, t, parent);
	learn_root(l, t, r);
	tokens_touch(l, t);
	return 0;
}

/* ---- chains --------------------------------------------------------------- */

static struct when
moment(int64_t sec)
{
	return sec ? (struct when){ sec, 0, true } : WHEN_NONE;
}

static void
place_hop(struct hop *h, const struct token *t)
{
	memcpy(h->country, t->mint.country, sizeof(h->country));
	h->city = name_text(t->city);
}

static void
add_root(const struct token *root, struct slice name, struct hop *h)
{
	memset(h, 0, sizeof(*h));
	h->who = name;
	if (root->who) {
		h->time = moment(root->minted);
		place_hop(h, root);
	}
}

/* The root first; a credential that only carries on its parent's session
 * stands for it. */
static unsigned
chain_of(const struct lineage *l, const struct token *t,
    struct hop hops[LINEAGE_HOPS_MAX + 1])
{
	const struct token *way[LINEAGE_HOPS_MAX];
	unsigned n = 0, m = 1;

	for (const struct token *at = t; at && n < LINEAGE_HOPS_MAX;
	     at = at->parent)
		way[n++] = at;
	if (n == 0)
		return 0;
	add_root(way[n - 1], lineage_root_name(l, t), &hops[0]);
	while (n-- > 0) {
		struct hop *h = &hops[m];

		if (way[n]->parent && way[n]->session &&
		    way[n]->session == way[n]->parent->session) {
			if (way[n]->credential[0])
				hops[m - 1].credential = slice_str(
				    way[n]->credential);
			continue;
		}
		memset(h, 0, sizeof(*h));
		h->who = name_text(way[n]->target);
		h->time = moment(way[n]->minted);
		if (way[n]->credential[0])
			h->credential = slice_str(way[n]->credential);
		place_hop(h, way[n]);
		m++;
	}
	return m;
}

static void
tell_chain(const struct question *q, struct lineage_answer *a)
{
	const struct request *r = q->r;

	a->n_hops = chain_of(q->l, q->token, a->hops);
	if (a->n_hops || !r->principal.n || !is_own_root(r->principal_type))
		return;
	memset(&a->hops[0], 0, sizeof(a->hops[0]));
	a->hops[0].who = r->principal;
	a->hops[0].time = r->time;
	a->hops[0].city = r->source.place.city;
	memcpy(a->hops[0].country, r->source.place.country,
	    sizeof(a->hops[0].country));
	a->hops[0].credential = r->caller_credential;
	a->n_hops = 1;
}

/* ---- the door ------------------------------------------------------------- */

static void
see_time(struct lineage *l, struct when t)
{
	if (!l->first.valid || when_cmp(t, l->first) < 0)
		l->first = t;
	if (!l->now.valid || when_cmp(t, l->now) > 0)
		l->now = t;
}

static bool
is_learning(const struct lineage *l, struct when t)
{
	if (l->o.learn_until.valid)
		return when_cmp(t, l->o.learn_until) < 0;
	return t.sec < l->first.sec + l->o.learning;
}

int
lineage_judge(struct lineage *l, const struct request *r,
    const struct lineage_scope *scope, struct lineage_answer *a)
{
	struct question q = { .l = l, .r = r, .scope = scope };

	a->finding = false;
	a->n_reasons = a->n_hops = 0;
	arena_reset(&l->words);
	if (!r->time.valid)
		return 0;
	see_time(l, r->time);
	tokens_trim(l);
	learn_names(l, r);
	q.token = lineage_signed_with(l, r);
	q.spot = spot_of(r);
	q.learning = is_learning(l, r->time);
	if (q.token)
		*(q.token->who || q.token->parent ? &l->counts.joined
						  : &l->counts.unjoined) += 1;
	lineage_tell(&q, a);
	if (a->n_reasons)
		tell_chain(&q, a);
	return 0;
}

const struct lineage_counts *
lineage_counts(const struct lineage *l)
{
	return &l->counts;
}

/* ---- the inventory -------------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	const struct token *const *x = a, *const *y = b;

	return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static void
tell_token(const struct lineage *l, const struct token *t, lineage_token_cb *cb,
    void *arg)
{
	struct lineage_token out = {
		.credential = t->credential[0] ? slice_str(t->credential)
					       : SLICE_NULL,
		.principal = name_text(t->who),
		.target = name_text(t->target),
		.session = name_text(t->label),
		.provider = (enum provider)t->provider,
		.minted = moment(t->minted),
		.expires = moment(t->expires),
		.last_used = moment(t->last_use),
		.lifetime_told = t->lifetime_told,
	};

	memcpy(out.last_country, t->last.country, sizeof(out.last_country));
	out.n_hops = chain_of(l, t, out.hops);
	cb(arg, &out);
}

int
lineage_each(const struct lineage *l, lineage_token_cb *cb, void *arg)
{
	const struct token **all;
	size_t n = 0;

	all = calloc(l->counts.tokens + 1, sizeof(struct token *));
	if (!all)
		return ST_ENOMEM;
	for (int i = 0; i < LIVES; i++)
		for (const struct token *t = l->oldest[i]; t; t = t->newer)
			all[n++] = t;
	if (n > 0)
		qsort(all, n, sizeof(struct token *), by_number);
	for (size_t i = 0; i < n; i++)
		tell_token(l, all[i], cb, arg);
	free(all);
	return 0;
}

/* ---- life ----------------------------------------------------------------- */

struct lineage *
lineage_new(const struct lineage_options *o)
{
	struct lineage *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->o = *o;
	l->by_id = (struct map)MAP_INIT(tokens_same_id);
	l->by_session = (struct map)MAP_INIT(tokens_same_session);
	l->names = (struct map)MAP_INIT(tokens_same_name);
	l->known = (struct map)MAP_INIT(known_same);
	l->by_number = (struct map)MAP_INIT(tokens_same_number);
	l->kept = o->kept;
	arena_init(&l->words, 1024);
	return l;
}

void
lineage_set_learning(struct lineage *l, int64_t seconds)
{
	l->o.learning = seconds;
}

void
lineage_free(struct lineage *l)
{
	if (!l)
		return;
	tokens_free(l);
	known_free(l);
	buf_release(&l->gone);
	arena_release(&l->words);
	free(l);
}
