/*
 * schema.h - options are rows.
 *
 * One row gives parsing, default, bounds, the error text with the nearest
 * valid word, the manual's table, `stsentry check --options` and the JSON
 * Schema.  A block of rows describes a C structure by offsets:
 *
 *     struct tcp_options { char *listen; size_t max_record; bool insecure; };
 *     static const struct opt tcp_rows[] = {
 *         OPT(struct tcp_options, listen, OPT_STRING, .name = "listen",
 *             .flags = OPT_REQUIRED, .help = "address and port"),
 *         OPT(struct tcp_options, max_record, OPT_SIZE, .name = "max_record",
 *             .def = "1M", .min = 1024, .max = 64 << 20, .help = "..."),
 *         OPT_END
 *     };
 *     struct tcp_options o;
 *     int err = schema_fill(node, tcp_rows, &arena, &o, &e);
 *
 * Everything filled in lives in the arena; nothing points into the tree but
 * OPT_NODE members.  Unknown keys, duplicate keys (yaml.h), wrong types and
 * values out of bounds are errors with file, line, column and, for words, the
 * nearest valid one.  So is a key with nothing behind it, and an empty text in
 * a list or where the row is required, secret or a path.  Constant data; any
 * thread.
 */
#ifndef ST_SCHEMA_H
#define ST_SCHEMA_H

#include "conf/yaml.h"
#include "lib/arena.h"
#include "lib/buf.h"

#include <stdint.h>

enum opt_type {
	OPT_BOOL,     /* bool: true false yes no on off */
	OPT_INT,      /* int64_t: 10, -1, 5k, 10M (powers of 1000) */
	OPT_REAL,     /* double */
	OPT_SIZE,     /* size_t: 4096, 256k, 1M, 2G (powers of 1024) */
	OPT_DURATION, /* int64_t milliseconds: 50ms 15s 15m 1h 30d 1h30m 0 */
	OPT_STRING,   /* const char * */
	OPT_WORD,     /* int: index into .words */
	OPT_STRINGS,  /* struct opt_strings: a list; one scalar counts as one.
		       * A default stands alone, with nodes[0] NULL */
	OPT_BLOCK,    /* a structure of .rows, in place; where the block is not
		       * there it has its defaults, and nothing is required */
	OPT_BLOCKS,   /* struct opt_blocks: a list of structures of .rows */
	OPT_NODE,     /* const struct ynode *: the caller reads it itself */
};

enum opt_flags {
	OPT_REQUIRED = 1 << 0,
	OPT_SECRET = 1 << 1,  /* never printed */
	OPT_RESTART = 1 << 2, /* a change needs a restart */
	OPT_PATH = 1 << 3,    /* a file name: relative to the YAML file */
};

struct opt_strings {
	const char **v;
	const struct ynode **nodes; /* where each stood */
	size_t n;
};

struct opt_blocks {
	void *v; /* n structures of .size bytes, one behind another */
	size_t n;
	bool *bad; /* [n] has a fault, see schema_fill_all() */
};

/* Is the n-th one fit to be looked at any further? */
static inline bool
opt_blocks_good(const struct opt_blocks *b, size_t n)
{
	return !b->bad || !b->bad[n];
}

struct opt {
	const char *name;
	enum opt_type type;
	size_t offset;
	const char *def;          /* as one would write it; NULL: zero/absent */
	double min, max;          /* both 0: no bound; in the unit stored, for
				   * integers below 2^53 */
	const char *const *words; /* OPT_WORD; ends with NULL */
	const char *const *refused; /* a word and why, ...; ends with NULL */
	const struct opt *rows;     /* OPT_BLOCK, OPT_BLOCKS */
	size_t size;                /* OPT_BLOCKS: of one structure */
	unsigned flags;
	const char *help;
	/* JSON Schema of an OPT_NODE, or a `pattern` for strings; may be NULL. */
	const char *schema;
	/* A further check; may be NULL.  `field` points to the filled member. */
	int (*check)(const struct ynode *n, const void *field, struct err *e);
};

#define OPT(type_, member_, kind_, ...)                              \
	{                                                            \
		.offset = offsetof(type_, member_), .type = (kind_), \
		__VA_ARGS__                                          \
	}
#define OPT_END              \
	{                    \
		.name = NULL \
	}

/* Node NULL: all defaults (an error where a row is required). */
int schema_fill(const struct ynode *n, const struct opt *rows, struct arena *a,
    void *result, struct err *e) ST_MUSTCHECK;

/*
 * Goes on behind what is wrong: each fault goes on the list, the member has
 * its default (absent where it has none), and a fault in a list's block marks
 * it in opt_blocks.  Gives 0 but for ST_ENOMEM; look at the list.  Without a
 * list it is schema_fill().
 */
int
schema_fill_all(const struct ynode *n, const struct opt *rows, struct arena *a,
    void *result, struct problems *all, struct err *e) ST_MUSTCHECK;

/* Only one row of a map that has others, too. */
int schema_fill_row(const struct ynode *map, const struct opt *row,
    struct arena *a, void *result, struct err *e) ST_MUSTCHECK;

/* The node a member came from, to point at it in a later message: call with
 * the map node; NULL where it was a default. */
const struct ynode *schema_node(const struct ynode *map, const char *name);

/* A list of rows as a table for people, and as a JSON Schema object. */
void schema_table(const struct opt *rows, const char *prefix, struct buf *out);
struct jsonw;
void schema_json(const struct opt *rows, struct jsonw *w);
/* A whole document, for a file of its own: draft 2020-12, indented. */
void
schema_document(const struct opt *rows, const char *title, struct buf *out);

/* Text to value, shared with the command line: "15m" -> 900000 and so on. */
bool schema_duration(struct slice s, int64_t *ms);
bool schema_size(struct slice s, size_t *bytes);
bool schema_count(struct slice s, int64_t *result); /* as OPT_INT */

/* The bounds as one would write them; each buffer holds SCHEMA_BOUND bytes. */
#define SCHEMA_BOUND 40
void schema_bounds(const struct opt *row, char *min, char *max, size_t size);

/* `format: "jsn" is none of text, json; did you mean "json"?`  Words end with
 * NULL. */
int schema_no_word(const struct ynode *n, const char *name,
    const char *const *words, struct err *e);

/* The word of the list nearest to s by edit distance; NULL if none is near. */
const char *schema_nearest(struct slice s, const char *const *words, size_t n);

#endif
