/*
 * test_map.c - pointers by hash: found, grown, removed without a trace.
 */
#include "lib/map.h"
#include "tests/unit/unit.h"

static bool
same_int(const void *item, const void *key)
{
	return *(const int *)item == *(const int *)key;
}

static void
what_is_put_is_found_and_nothing_else(void)
{
	static int items[1000];
	struct map m = MAP_INIT(same_int);
	int missing = 5000;

	CHECK(map_get(&m, 1, &missing) == NULL);
	for (int i = 0; i < 1000; i++) {
		items[i] = i;
		REQUIRE(
		    map_put(&m, (uint64_t)i * 0x9e3779b97f4a7c15u, &items[i]));
	}
	CHECK_INT(m.n, 1000);
	for (int i = 0; i < 1000; i++)
		CHECK(map_get(&m, (uint64_t)i * 0x9e3779b97f4a7c15u, &i) ==
		    &items[i]);
	CHECK(map_get(&m, 77, &missing) == NULL);
	map_release(&m);
	CHECK(map_get(&m, 0, &missing) == NULL);
}

static void
equal_hashes_are_told_apart_by_the_key(void)
{
	static int items[] = { 1, 2, 3 };
	struct map m = MAP_INIT(same_int);

	for (int i = 0; i < 3; i++)
		REQUIRE(map_put(&m, 42, &items[i]));
	for (int i = 0; i < 3; i++)
		CHECK(map_get(&m, 42, &items[i]) == &items[i]);
	map_release(&m);
}

/* Hashes from a small range collide and wrap around the table's end. */
static void
removing_keeps_all_others_within_reach(void)
{
	static int items[40];
	struct map m = MAP_INIT(same_int);

	for (int i = 0; i < 40; i++) {
		items[i] = i;
		REQUIRE(map_put(&m, 58 + (uint64_t)(i % 9), &items[i]));
	}
	for (int gone = 0; gone < 40; gone += 3) {
		map_remove(&m, 58 + (uint64_t)(gone % 9), &items[gone]);
		map_remove(&m, 58 + (uint64_t)(gone % 9), &items[gone]);
		for (int i = 0; i < 40; i++) {
			void *want = i <= gone && i % 3 == 0 ? NULL : &items[i];

			CHECK(map_get(&m, 58 + (uint64_t)(i % 9), &i) == want);
		}
	}
	CHECK_INT(m.n, 26);
	map_release(&m);
}

UNIT_MAIN("map",
    { "what is put is found and nothing else",
	what_is_put_is_found_and_nothing_else },
    { "equal hashes are told apart by the key",
	equal_hashes_are_told_apart_by_the_key },
    { "removing keeps all others within reach",
	removing_keeps_all_others_within_reach })
