/*
 * map.h - pointers found by a hash and a comparison.
 *
 *     struct map m = MAP_INIT(same_key);
 *     if (!map_put(&m, hash, item)) ...       // false without memory
 *     item = map_get(&m, hash, key);          // NULL: not there
 *     map_remove(&m, hash, item);
 *     map_release(&m);                        // not the items
 *
 * Open addressing with linear probing; removing leaves no tombstones, so that
 * a table that lives for years stays as quick as a new one.  It cannot be
 * walked: its order must never reach an output.  One owner, no locks.
 */
#ifndef ST_MAP_H
#define ST_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t hash;
	void *item; /* NULL: empty */
};

typedef bool map_same(const void *item, const void *key);

struct map {
	struct map_slot *slots;
	size_t n, cap; /* cap is a power of two, or 0 */
	map_same *same;
};

#define MAP_INIT(same_)             \
	{                           \
		NULL, 0, 0, (same_) \
	}

void map_release(struct map *m);
void *map_get(const struct map *m, uint64_t hash, const void *key);
/* Does not look whether the key is there already. */
bool map_put(struct map *m, uint64_t hash, void *item);
/* Removes exactly this item; harmless where it is not in. */
void map_remove(struct map *m, uint64_t hash, const void *item);

#endif
