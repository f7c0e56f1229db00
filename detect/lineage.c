/*
 * lineage.c - which credential came from which: the door, mints and chains.
 *
 * Knows what a mint leaves behind.  What a request was signed with is found by
 * lineage_join.c, what is wrong with it by lineage_tell.c.  One owner.
 */
#include "detect/lineage_i.h"

#include <stdlib.h>

#define LIFETIME_GUESS 3600      /* of a mint that tells none */
#define LIFETIME_MAX (7 * 86400) /* no cloud gives more than 36 hours */
#define CANDIDATES_MAX 64        /* sessions of one name that are looked at */

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
	if (lineage_is_missing_copy(l, r))
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
	struct token *t = lineage_by_id(l, id);
	uint64_t session = lineage_session_of_mint(r);

	if (t || id)
		return t;
	t = tokens_by_session(l, session);
	for (int i = 0; t && i < CANDIDATES_MAX; i++, t = t->same) {
		if (r->provider == PROVIDER_GCP)
			return t;
		/* A SwitchRole and its AssumeRole. */
		if (t->who && lineage_apart(t->minted, r->time.sec) <= 1)
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
	t = lineage_by_id(l, lineage_id(r->credential));
	return t && !t->who ? t : NULL;
}

static void
learn_root(struct lineage *l, const struct token *t, const struct request *r)
{
	const uint64_t of[] = { t->session, lineage_whole_role(r->target) };

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (of[i])
			known_note_with(l, lineage_root_habit(of[i]),
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
	id = lineage_id(r->credential);
	session = lineage_session_of_mint(r);
	if (!id && !session)
		return 0;
	parent = lineage_signed_with(l, r);
	t = same_mint(l, r, id);
	if (!t) {
		blank.id = id;
		blank.session = session;
		blank.provider = (uint8_t)r->provider;
		lineage_set_credential(&blank, r->credential);
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
	if (a->n_hops || !r->principal.n ||
	    !lineage_is_own_root(r->principal_type))
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

/* A use as most are: of a credential whose mint is known, from where it was
 * a moment ago. */
static bool
take_old_news(struct question *q)
{
	q->token = tokens_by_id(q->l, q->id);
	if (!q->token || !(q->token->who || q->token->parent) || !q->spot.sec ||
	    !lineage_is_no_news(q))
		return false;
	q->l->counts.joined++;
	lineage_see_use(q, false);
	return true;
}

static uint64_t
id_of_use(const struct request *r)
{
	return r->kind == KIND_USE && r->provider == PROVIDER_AWS
	    ? lineage_id(r->caller_credential)
	    : 0;
}

int
lineage_judge(struct lineage *l, const struct request *r,
    const struct lineage_scope *scope, struct lineage_answer *a)
{
	struct question q = {
		.l = l, .r = r, .scope = scope, .id = id_of_use(r)
	};

	a->finding = false;
	a->n_reasons = a->n_hops = 0;
	arena_reset(&l->words);
	if (!r->time.valid)
		return 0;
	see_time(l, r->time);
	tokens_trim(l);
	q.spot = spot_of(r);
	if (q.id && (take_old_news(&q) || strays_take(&q)))
		return 0;
	lineage_learn_names(l, r);
	q.token = lineage_signed_with(l, r);
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

/* One of the two. */
struct entry {
	uint64_t number;
	const struct token *token;
	const struct stray *stray;
};

static int
by_number(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
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

static size_t
list_all(const struct lineage *l, struct entry *all)
{
	size_t n = 0;

	for (int i = 0; i < LIVES; i++)
		for (const struct token *t = l->oldest[i]; t; t = t->newer)
			all[n++] = (struct entry){ .number = t->number,
				.token = t };
	for (size_t i = 0; i < l->wild.n * SHELF; i++) {
		const struct stray *shelf = l->wild.shelf[i / SHELF];
		const struct stray *s = shelf ? &shelf[i % SHELF] : NULL;

		if (s && s->id && !strays_is_over(l, s))
			all[n++] = (struct entry){ .number = s->number,
				.stray = s };
	}
	return n;
}

int
lineage_each(const struct lineage *l, lineage_token_cb *cb, void *arg)
{
	struct entry *all = calloc(l->counts.tokens + 1, sizeof(*all));
	struct token stray;
	size_t n;

	if (!all)
		return ST_ENOMEM;
	n = list_all(l, all);
	qsort(all, n, sizeof(*all), by_number);
	for (size_t i = 0; i < n; i++) {
		if (all[i].stray)
			strays_as_token(all[i].stray, &stray);
		tell_token(l, all[i].stray ? &stray : all[i].token, cb, arg);
	}
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
	l->strays = (struct map)MAP_INIT(strays_same);
	l->callers = (struct map)MAP_INIT(callers_same);
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
	strays_free(l);
	tokens_free(l);
	known_free(l);
	buf_release(&l->gone);
	arena_release(&l->words);
	free(l);
}
