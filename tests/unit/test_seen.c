/*
 * test_seen.c - a bounded memory: the last are known, the oldest forgotten.
 */
#include "collector/seen.h"

#include "lib/hash.h"
#include "tests/unit/unit.h"

static const uint64_t *
key_of(uint64_t i)
{
	static uint64_t key[2];

	key[0] = hash_stable(&i, sizeof(i));
	key[1] = i;
	return key;
}

static void
what_was_added_is_found_with_its_value(void)
{
	struct seen *s = seen_new(10000, sizeof(int));
	int *value;

	REQUIRE(s != NULL);
	CHECK(seen_find(s, key_of(1)) == NULL);
	for (int i = 0; i < 4000; i++) {
		value = seen_add(s, key_of((uint64_t)i));
		REQUIRE(value != NULL);
		CHECK_INT(*value, 0);
		*value = i;
	}
	for (int i = 0; i < 4000; i++) {
		value = seen_find(s, key_of((uint64_t)i));
		REQUIRE(value != NULL);
		CHECK_INT(*value, i);
	}
	CHECK(seen_find(s, key_of(4000)) == NULL);
	seen_free(s);
}

static void
half_of_the_bound_is_always_known_and_never_more_than_the_bound(void)
{
	struct seen *s = seen_new(1000, 0);

	REQUIRE(s != NULL);
	for (uint64_t i = 0; i < 5000; i++) {
		unsigned known = 0;

		REQUIRE(seen_add(s, key_of(i)) != NULL);
		if (i % 97)
			continue;
		for (uint64_t j = 0; j <= i; j++)
			if (seen_find(s, key_of(j)))
				known++;
		CHECK(known <= 1000);
		for (uint64_t j = i < 499 ? 0 : i - 499; j <= i; j++)
			CHECK(seen_find(s, key_of(j)) != NULL);
	}
	CHECK(seen_find(s, key_of(0)) == NULL);
	seen_free(s);
}

static void
a_bound_of_nothing_knows_the_last_one(void)
{
	struct seen *s = seen_new(0, 0);

	REQUIRE(s != NULL);
	for (uint64_t i = 0; i < 10; i++) {
		REQUIRE(seen_add(s, key_of(i)) != NULL);
		CHECK(seen_find(s, key_of(i)) != NULL);
	}
	CHECK(seen_find(s, key_of(7)) == NULL);
	seen_free(s);
}

static void
a_key_of_zeros_is_a_key_like_others(void)
{
	static const uint64_t zeros[2] = { 0, 0 };
	struct seen *s = seen_new(100, 0);

	REQUIRE(s != NULL);
	REQUIRE(seen_add(s, key_of(3)) != NULL);
	CHECK(seen_find(s, zeros) == NULL);
	REQUIRE(seen_add(s, zeros) != NULL);
	CHECK(seen_find(s, zeros) != NULL);
	seen_free(s);
}

UNIT_MAIN("seen",
    { "what was added is found with its value",
	what_was_added_is_found_with_its_value },
    { "half of the bound is always known and never more than the bound",
	half_of_the_bound_is_always_known_and_never_more_than_the_bound },
    { "a bound of nothing knows the last one",
	a_bound_of_nothing_knows_the_last_one },
    { "a key of zeros is a key like others",
	a_key_of_zeros_is_a_key_like_others })
