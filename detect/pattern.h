/*
 * pattern.h - many patterns asked of one name at once.
 *
 *     struct pattern_set *s = pattern_set_new(n_rows);
 *     pattern_set_add(s, SLICE_LIT("arn:aws:iam::*:role/deploy-*"), row);
 *     pattern_set_finish(s);                    // from here on it is constant
 *     struct pattern_run *r = pattern_run_new(s);   // one a thread
 *     pattern_match(r, name, rows);             // sets the bits of rows
 *
 * A pattern is compared bytewise with the whole name.  `*` stands for any
 * bytes, none too, but `:` and `/`, where segments end; `**` for any bytes;
 * everything else for itself: there is no escape, no `?` and no `[...]`.
 * A row is a number of the caller's (a rule, a list); a row matches when one
 * of its patterns does.
 *
 * Patterns without a `*` are looked up by hash.  The others become one trie,
 * whose nodes are the states of a nondeterministic automaton; each run turns
 * it into a deterministic one as it goes, so that a name costs by its length,
 * not by the number of patterns.  That table is bounded and begun anew when
 * it is full, so the worst pattern costs time for each byte in proportion to
 * the patterns that are still possible, never more.
 *
 * A set never changes after pattern_set_finish() and may be used from any
 * thread; a run belongs to one.  Nothing is allocated while matching.
 */
#ifndef ST_PATTERN_H
#define ST_PATTERN_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

#define PATTERN_LENGTH_MAX 4096
#define PATTERN_NODES_MAX ((size_t)4 << 20) /* of one set */
#define PATTERN_ROWS_MAX ((size_t)1 << 20)
#define PATTERN_STATES_MAX ((size_t)60000) /* of one run */

struct pattern_set;
struct pattern_run;

/* How many words a bitset of n rows has. */
static inline size_t
pattern_words(size_t n_rows)
{
	return (n_rows + 63) / 64;
}

static inline bool
pattern_bit(const uint64_t *rows, size_t row)
{
	return (rows[row / 64] >> (row % 64)) & 1;
}

static inline void
pattern_set_bit(uint64_t *rows, size_t row)
{
	rows[row / 64] |= (uint64_t)1 << (row % 64);
}

struct pattern_set *pattern_set_new(size_t n_rows); /* NULL without memory */
void pattern_set_free(struct pattern_set *s);

/* ST_ENOMEM, or ST_ELIMIT where one of the bounds is reached. */
int pattern_set_add(
    struct pattern_set *s, struct slice pattern, uint32_t row) ST_MUSTCHECK;
/* The same, but every byte stands for itself. */
int pattern_set_add_literal(
    struct pattern_set *s, struct slice text, uint32_t row) ST_MUSTCHECK;
int pattern_set_finish(struct pattern_set *s) ST_MUSTCHECK;

/* No pattern was added. */
bool pattern_set_is_empty(const struct pattern_set *s);

struct pattern_run *pattern_run_new(const struct pattern_set *s);
void pattern_run_free(struct pattern_run *r);

/* Sets the bit of every row that matches; others stay as they are. */
void pattern_match(struct pattern_run *r, struct slice name, uint64_t *rows);

/* One pattern, one name; quadratic at worst.  For what is asked rarely. */
bool pattern_matches(struct slice pattern, struct slice name);

#endif
