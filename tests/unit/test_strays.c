/*
 * test_strays.c - credentials that are only used: what they share, and when one
 * of them becomes a token.
 */
#include "detect/lineage_i.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define BASE 1772352000 /* 2026-03-01T08:00:00Z */
#define DEPLOY "arn:aws:iam::111122223333:role/deploy"

static struct request
use(int64_t sec, const char *session, const char *credential)
{
	struct request r = { .provider = PROVIDER_AWS,
		.kind = KIND_USE,
		.time = { BASE + sec, 0, true },
		.action = SLICE_LIT("s3:GetObject"),
		.principal = SLICE_LIT(DEPLOY),
		.principal_type = PT_ROLE,
		.account = SLICE_LIT("111122223333"),
		.duration = -1 };

	r.caller_session = slice_str(session);
	r.caller_credential = slice_str(credential);
	r.source.kind = SOURCE_IP;
	r.source.ip = SLICE_LIT("203.0.113.9");
	CHECK(addr_parse(r.source.ip, &r.source.addr));
	r.source.place = (struct place){ .country = "DE", .asn = 3320 };
	return r;
}

static void
judge(struct lineage *l, const struct request *r)
{
	static const struct lineage_scope nothing = { 0 };
	struct lineage_answer a;

	CHECK_INT(lineage_judge(l, r, &nothing, &a), 0);
}

static struct stray *
stray_of(struct lineage *l, const char *credential)
{
	return strays_find(l, lineage_id(slice_str(credential)));
}

static struct lineage *
open_lineage(size_t max)
{
	return lineage_new(
	    &(struct lineage_options){ .tokens_max = max, .kept = true });
}

static void
what_a_session_is_called_is_held_once(void)
{
	static const char *const keys[] = { "ASIAONE", "ASIATWO", "ASIATHREE" };
	struct lineage *l = open_lineage(0);
	const struct stray *s;

	for (int i = 0; i < 3; i++) {
		struct request r = use(i, "job", keys[i]);

		judge(l, &r);
	}
	s = stray_of(l, "ASIATWO");
	REQUIRE(s != NULL);
	CHECK_INT(l->strays.n, 3);
	CHECK_INT(l->callers.n, 1);
	CHECK_INT(s->caller->refs, 3);
	CHECK_TEXT(name_text(s->caller->target), DEPLOY);
	CHECK_TEXT(name_text(s->caller->label), "job");
	CHECK_INT(s->last_use, BASE + 1);
	CHECK_INT(l->counts.tokens, 3);
	CHECK_INT(l->counts.unjoined, 3);
	CHECK(l->wild.any_dirty);
	lineage_free(l);
}

/* What there is more to say of is a token from the beginning. */
static void
some_go_the_long_way(void)
{
	static const char long_key[] = "ASIA1234567890123456789012345";
	struct lineage *l = open_lineage(0);
	struct request r;

	r = use(0, "job", "ASIAUSER");
	r.principal = SLICE_LIT("arn:aws:iam::111122223333:user/alice");
	r.principal_type = PT_USER;
	judge(l, &r);
	r = use(0, NULL, "ASIANOSESSION");
	judge(l, &r);
	r = use(0, "job", long_key);
	judge(l, &r);
	/* An instance's, in a network that is no cloud's. */
	r = use(0, "i-0abc", "ASIAINSTANCE");
	r.instance_session = true;
	judge(l, &r);
	/* A person's. */
	r = use(0, "bob@corp.example", "ASIAPERSON");
	r.source_identity = SLICE_LIT("bob@corp.example");
	judge(l, &r);
	CHECK(!stray_of(l, "ASIAUSER") && !stray_of(l, "ASIANOSESSION"));
	CHECK(!stray_of(l, long_key) && !stray_of(l, "ASIAINSTANCE"));
	CHECK(!stray_of(l, "ASIAPERSON"));
	CHECK_INT(l->callers.n, 0);
	lineage_free(l);
}

static void
it_becomes_a_token_with_its_number_and_its_names(void)
{
	struct lineage *l = open_lineage(0);
	struct request r = use(60, "job", "ASIAONE");
	uint64_t id = lineage_id(SLICE_LIT("ASIAONE")), number;
	struct token *t;

	judge(l, &r);
	REQUIRE(strays_find(l, id) != NULL);
	number = strays_find(l, id)->number;
	t = lineage_by_id(l, id);
	REQUIRE(t != NULL);
	CHECK(t->number == number && t->id == id);
	CHECK_TEXT(name_text(t->target), DEPLOY);
	CHECK_TEXT(name_text(t->label), "job");
	CHECK_INT(t->minted, BASE + 60);
	CHECK_INT(t->expires, BASE + 60 + LIFETIME_UNSEEN);
	CHECK_INT(strcmp(t->credential, "ASIAONE"), 0);
	CHECK(!strays_find(l, id) && l->callers.n == 0);
	CHECK_INT(l->counts.tokens, 1);
	CHECK(lineage_by_id(l, id) == t);
	lineage_free(l);
}

static void
the_newest_of_the_ring_takes_the_slot_of_the_oldest(void)
{
	struct lineage *l = open_lineage(2);
	struct request r;

	r = use(0, "one", "ASIAONE");
	judge(l, &r);
	r = use(1, "two", "ASIATWO");
	judge(l, &r);
	r = use(2, "three", "ASIATHREE");
	judge(l, &r);
	CHECK(!stray_of(l, "ASIAONE") && stray_of(l, "ASIATWO"));
	REQUIRE(stray_of(l, "ASIATHREE") != NULL);
	CHECK_INT(stray_of(l, "ASIATHREE")->slot, 0);
	CHECK_INT(l->callers.n, 2);
	CHECK_INT(l->counts.evicted_tokens, 1);
	/* One that was over anyway was not pushed out. */
	r = use(LIFETIME_UNSEEN + GRACE_SECONDS + 9, "four", "ASIAFOUR");
	judge(l, &r);
	CHECK(!stray_of(l, "ASIATWO"));
	CHECK_INT(l->counts.evicted_tokens, 1);
	CHECK_INT(l->counts.expired, 1);
	lineage_free(l);
}

static void
a_slot_is_filled_once_and_within_the_bound(void)
{
	struct lineage *l = open_lineage(3);
	struct stray *s = strays_slot(l, 2);

	REQUIRE(s != NULL);
	CHECK(!strays_slot(l, 3));
	s->id = 7;
	s->caller = callers_take(
	    l, SLICE_LIT(DEPLOY), SLICE_LIT("job"), SLICE_NULL);
	CHECK(strays_link(l, s));
	CHECK(strays_find(l, 7) == s && !strays_slot(l, 2));
	CHECK(!strays_find(l, 0) && !strays_find(l, 8));
	/* One that could not be filled in is nowhere. */
	s = strays_slot(l, 1);
	s->caller = callers_take(
	    l, SLICE_LIT(DEPLOY), SLICE_LIT("job"), SLICE_NULL);
	CHECK_INT(s->caller->refs, 2);
	strays_discard(l, s);
	CHECK(strays_slot(l, 1) == s);
	CHECK_INT(strays_find(l, 7)->caller->refs, 1);
	lineage_free(l);
}

static void
shelves_are_made_when_they_are_needed(void)
{
	struct shelves s = { 0 };
	uint32_t *a = shelves_at(&s, 0, sizeof(*a)), *b, *far;

	REQUIRE(a != NULL);
	a[SHELF - 1] = 5;
	CHECK(!s.shelf[1]);
	b = shelves_at(&s, 1, sizeof(*b));
	far = shelves_at(&s, 1000, sizeof(*far));
	REQUIRE(b != NULL && far != NULL);
	CHECK(s.n > 1000 && !s.shelf[999]);
	CHECK(b[0] == 0 && far[SHELF - 1] == 0);
	CHECK(shelves_at(&s, 0, sizeof(*a)) == a && a[SHELF - 1] == 5);
	CHECK(!s.any_dirty);
	shelves_touch(&s, 1000);
	CHECK(s.any_dirty);
	CHECK_INT(s.dirty[1000 / 64] >> 1000 % 64, 1);
	CHECK_INT(s.dirty[0], 0);
	shelves_free(&s);
	CHECK(!s.shelf && s.n == 0);
}

UNIT_MAIN("strays",
    { "what a session is called is held once",
	what_a_session_is_called_is_held_once },
    { "some go the long way", some_go_the_long_way },
    { "it becomes a token with its number and its names",
	it_becomes_a_token_with_its_number_and_its_names },
    { "the newest of the ring takes the slot of the oldest",
	the_newest_of_the_ring_takes_the_slot_of_the_oldest },
    { "a slot is filled once, and within the bound",
	a_slot_is_filled_once_and_within_the_bound },
    { "shelves are made when they are needed",
	shelves_are_made_when_they_are_needed })
