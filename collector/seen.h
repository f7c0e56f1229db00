/*
 * seen.h - a bounded memory of what was seen, the oldest forgotten first.
 *
 *     struct seen *s = seen_new(max, sizeof(struct note));
 *     note = seen_find(s, key);           // NULL: not seen, or forgotten
 *     note = seen_add(s, key);            // cleared; NULL without memory
 *     seen_free(s);
 *
 * Keys are 128 bits of hash.  Two generations: when the young one holds half
 * of `max`, the old one is forgotten and the young one becomes old.  So at
 * least the last max / 2 are known, and never more than max.  A value may be
 * written to until the next seen_add().  One owner, no locks.
 */
#ifndef ST_SEEN_H
#define ST_SEEN_H

#include <stddef.h>
#include <stdint.h>

struct seen;
struct seen *seen_new(size_t max, size_t value_size); /* NULL: no memory */
void seen_free(struct seen *s);

void *seen_find(const struct seen *s, const uint64_t key[2]);
/* The key must not be known. */
void *seen_add(struct seen *s, const uint64_t key[2]);

/* The old one is forgotten now; the young one becomes old. */
void seen_turn(struct seen *s);
size_t seen_young(const struct seen *s); /* keys of the young one */
size_t seen_count(const struct seen *s); /* of both */

#endif
