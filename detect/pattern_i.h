/*
 * pattern_i.h - what pattern.c and pattern_run.c share: the trie.
 *
 * Node 0 is the root.  Indexes are 32 bits wide and 0 means none, in lists of
 * rows too, whose indexes are one too large for that.
 */
#ifndef ST_PATTERN_I_H
#define ST_PATTERN_I_H

#include "detect/pattern.h"
#include "lib/arena.h"

enum pattern_node_kind { NODE_BYTE, NODE_STAR, NODE_ACROSS };

struct pattern_link {
	uint32_t row, next;
};

/* The rows of what ends here: a list, and a bitset where the list is long. */
struct pattern_rows {
	uint64_t *dense;
	uint32_t list;
};

struct pattern_node {
	struct pattern_rows rows;
	uint32_t child;        /* the first of its bytes */
	uint32_t next;         /* the next byte of the same parent */
	uint32_t star, across; /* its `*` and its `**` */
	unsigned char byte, kind;
};

struct pattern_literal {
	struct slice text;
	uint64_t hash;
	struct pattern_rows rows;
};

struct pattern_set {
	struct arena arena;
	size_t n_rows, words;

	struct pattern_node *nodes;
	size_t n_nodes, cap_nodes;
	struct pattern_link *links;
	size_t n_links, cap_links;

	struct pattern_literal *literals;
	size_t n_literals, cap_literals;
	uint32_t *slots;  /* index + 1 into literals */
	size_t n_slots;   /* a power of two */
	uint64_t lengths; /* of literals, modulo 64 */

	/* Where one byte after another is the only way on: how many, and what
	 * they are.  Nodes of a new pattern lie behind one another, so the
	 * bytes behind node i are text[i + 1] ... */
	unsigned char *text;
	uint16_t *ahead;

	uint16_t class_of[256];
	unsigned n_classes;
};

static inline uint32_t
pattern_child(const struct pattern_set *s, uint32_t at, unsigned char byte)
{
	uint32_t c = s->nodes[at].child;

	while (c && s->nodes[c].byte != byte)
		c = s->nodes[c].next;
	return c;
}

/* NULL where there is none. */
struct pattern_literal *
pattern_literal_find(const struct pattern_set *s, struct slice text);

void pattern_rows_or(const struct pattern_set *s,
    const struct pattern_rows *rows, uint64_t *out);

#endif
