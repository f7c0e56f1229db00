/*
 * test_tokens.c - credentials are found, hang on what they were made with, and
 * are forgotten when they are over.
 */
#include "detect/lineage_i.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define HOUR 3600

static struct lineage *
open_lineage(size_t max)
{
	return lineage_new(
	    &(struct lineage_options){ .tokens_max = max, .kept = true });
}

static struct token *
add(struct lineage *l, uint64_t id, uint64_t session, const char *who,
    int64_t minted, int64_t expires)
{
	const struct token from = { .id = id,
		.session = session,
		.who = name_take(l, slice_str(who)),
		.minted = minted,
		.expires = expires };
	struct token *t = tokens_add(l, &from);

	CHECK(t != NULL);
	return t;
}

static void
go_to(struct lineage *l, int64_t sec)
{
	l->now = (struct when){ sec, 0, true };
	tokens_trim(l);
}

static void
names_are_shared_and_cut(void)
{
	struct lineage *l = open_lineage(0);
	struct name *a = name_take(l, SLICE_LIT("alice"));
	struct name *b = name_take(l, SLICE_LIT("alice"));
	char text[NAME_KEPT_MAX + 10];
	struct name *cut, *whole;

	CHECK(a && a == b && a->refs == 2);
	CHECK_TEXT(name_text(a), "alice");
	CHECK(name_take(l, SLICE_LIT("")) == NULL);
	CHECK(name_take(l, SLICE_NULL) == NULL);
	CHECK(name_text(NULL).p == NULL);
	memset(text, 'x', sizeof(text));
	cut = name_take(l, slice_of(text, sizeof(text)));
	whole = name_take(l, slice_of(text, NAME_KEPT_MAX));
	CHECK(cut == whole && cut->n == NAME_KEPT_MAX);
	CHECK_INT(l->names.n, 2);
	name_drop(l, a);
	CHECK_TEXT(name_text(b), "alice");
	name_drop(l, b);
	name_drop(l, cut);
	name_drop(l, whole);
	name_drop(l, NULL);
	CHECK_INT(l->names.n, 0);
	lineage_free(l);
}

static void
lifetimes_have_lists_of_their_own(void)
{
	static const struct {
		int64_t seconds;
		unsigned list;
	} cases[] = { { -5, 0 }, { 0, 0 }, { 900, 0 }, { 901, 1 }, { HOUR, 1 },
		{ 4 * HOUR, 2 }, { 4 * HOUR + 1, 3 }, { 12 * HOUR, 3 },
		{ 12 * HOUR + 1, 4 }, { INT64_MAX, LIVES - 1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(tokens_life(cases[i].seconds), cases[i].list);
}

static void
what_is_over_goes_after_its_grace_and_is_counted(void)
{
	struct lineage *l = open_lineage(0);

	add(l, 1, 0, "alice", 0, HOUR);
	add(l, 2, 0, "bob", 0, 12 * HOUR);
	go_to(l, HOUR + GRACE_SECONDS);
	CHECK(tokens_by_id(l, 1) && tokens_by_id(l, 2));
	go_to(l, HOUR + GRACE_SECONDS + 1);
	CHECK(!tokens_by_id(l, 1) && tokens_by_id(l, 2));
	CHECK(!tokens_by_id(l, 0));
	CHECK_INT(l->counts.expired, 1);
	CHECK_INT(l->counts.tokens, 1);
	CHECK_INT(l->names.n, 1);
	/* Its row must go, and another be written. */
	CHECK_INT(l->gone.n, 1 + sizeof(uint64_t));
	CHECK(l->dirty_tokens == tokens_by_id(l, 2));
	lineage_free(l);
}

/* Whatever came first: the one with the least left to live. */
static void
at_the_bound_the_one_that_is_over_first_goes(void)
{
	struct lineage *l = open_lineage(2);

	add(l, 1, 0, "alice", 0, 12 * HOUR);
	add(l, 2, 0, "bob", 10, 10 + HOUR);
	add(l, 3, 0, "carol", 20, 20 + 4 * HOUR);
	go_to(l, 20);
	CHECK(tokens_by_id(l, 1) && !tokens_by_id(l, 2) && tokens_by_id(l, 3));
	CHECK_INT(l->counts.evicted_tokens, 1);
	CHECK_INT(l->counts.expired, 0);
	/* Its mint tells that it lives longer than was thought. */
	tokens_by_id(l, 3)->expires = 20 + 12 * HOUR;
	CHECK(tokens_renew(l, tokens_by_id(l, 3)));
	add(l, 4, 0, "dave", 30, 30 + 4 * HOUR);
	go_to(l, 30);
	CHECK(tokens_by_id(l, 3) && !tokens_by_id(l, 4));
	lineage_free(l);
}

static void
a_chain_outlives_its_beginning(void)
{
	struct lineage *l = open_lineage(0);
	struct token *root = add(l, 1, 0, "alice", 0, HOUR);
	struct token *middle = add(l, 2, 0, "role one", 0, HOUR);
	struct token *leaf = add(l, 3, 0, "role two", 0, 12 * HOUR);

	CHECK(tokens_set_parent(l, middle, root));
	CHECK(tokens_set_parent(l, leaf, middle));
	CHECK(tokens_set_parent(l, leaf, middle)); /* once more is nothing */
	CHECK_INT(leaf->hops, 2);
	go_to(l, 3 * HOUR);
	CHECK(!tokens_by_id(l, 1) && !tokens_by_id(l, 2));
	CHECK_INT(l->counts.tokens, 1);
	CHECK(leaf->parent == middle && middle->parent == root);
	CHECK(root->gone && middle->gone);
	CHECK_TEXT(name_text(lineage_root(leaf)->who), "alice");
	CHECK_INT(l->gone.n, 0); /* their rows are still needed */
	CHECK(tokens_renew(l, root));
	go_to(l, 14 * HOUR);
	CHECK_INT(l->counts.tokens, 0);
	CHECK_INT(l->names.n, 0);
	CHECK_INT(l->gone.n, 3 * (1 + sizeof(uint64_t)));
	lineage_free(l);
}

static void
another_parent_lets_go_of_the_first(void)
{
	struct lineage *l = open_lineage(0);
	struct token *a = add(l, 1, 0, "a", 0, HOUR);
	struct token *b = add(l, 2, 0, "b", 0, HOUR);
	struct token *child = add(l, 3, 0, "c", 0, 12 * HOUR);

	a->instance = true;
	CHECK(tokens_set_parent(l, child, a));
	CHECK(child->instance);
	CHECK(tokens_set_parent(l, child, b));
	CHECK_INT(a->refs, 1);
	CHECK_INT(b->refs, 2);
	CHECK(tokens_set_parent(l, child, NULL));
	CHECK_INT(b->refs, 1);
	CHECK_INT(child->hops, 0);
	lineage_free(l);
}

static void
no_ring_closes_and_no_chain_is_endless(void)
{
	struct lineage *l = open_lineage(0);
	struct token *chain[LINEAGE_HOPS_MAX + 2];
	size_t n = 0;

	for (size_t i = 0; i < LINEAGE_HOPS_MAX + 2; i++)
		chain[i] = add(l, i + 1, 0, "x", 0, HOUR);
	CHECK(!tokens_set_parent(l, chain[0], chain[0]));
	while (n + 1 < LINEAGE_HOPS_MAX + 2 &&
	    tokens_set_parent(l, chain[n + 1], chain[n]))
		n++;
	CHECK_INT(n, LINEAGE_HOPS_MAX);
	CHECK(!tokens_set_parent(l, chain[0], chain[3]));
	CHECK(!tokens_set_parent(l, chain[0], chain[n]));
	CHECK(chain[0]->parent == NULL);
	lineage_free(l);
}

static void
those_of_one_session_stand_youngest_first(void)
{
	struct lineage *l = open_lineage(0);
	struct token *one = add(l, 1, 77, "alice", 0, HOUR);
	struct token *two = add(l, 2, 77, "alice", 10, 12 * HOUR);
	struct token *three = add(l, 3, 77, "alice", 20, HOUR);
	/* Nobody knows its mint: it can be the parent of none. */
	struct token *unseen = add(l, 4, 77, NULL, 30, HOUR);

	CHECK(tokens_by_session(l, 77) == three);
	CHECK(three->same == two && two->same == one && !one->same);
	CHECK(!unseen->in_session);
	CHECK(!tokens_by_session(l, 0) && !tokens_by_session(l, 78));
	go_to(l, 3 * HOUR);
	CHECK(tokens_by_session(l, 77) == two && !two->same);
	/* A mint that is seen late. */
	unseen = add(l, 5, 77, NULL, 30, 12 * HOUR);
	unseen->who = name_take(l, SLICE_LIT("alice"));
	CHECK(tokens_renew(l, unseen));
	CHECK(tokens_by_session(l, 77) == unseen && unseen->same == two);
	go_to(l, 24 * HOUR);
	CHECK(!tokens_by_session(l, 77));
	CHECK_INT(l->by_session.n, 0);
	lineage_free(l);
}

UNIT_MAIN("tokens", { "names are shared and cut", names_are_shared_and_cut },
    { "lifetimes have lists of their own", lifetimes_have_lists_of_their_own },
    { "what is over goes after its grace, and is counted",
	what_is_over_goes_after_its_grace_and_is_counted },
    { "at the bound the one that is over first goes",
	at_the_bound_the_one_that_is_over_first_goes },
    { "a chain outlives its beginning", a_chain_outlives_its_beginning },
    { "another parent lets go of the first",
	another_parent_lets_go_of_the_first },
    { "no ring closes, and no chain is endless",
	no_ring_closes_and_no_chain_is_endless },
    { "those of one session stand youngest first",
	those_of_one_session_stand_youngest_first })
