/*
 * yaml.h - a YAML file as a tree that knows where everything stood.
 *
 *     struct yaml_doc *doc;
 *     int err = yaml_load("stsentry.yaml", &doc, &e);
 *     const struct ynode *root = yaml_root(doc);
 *     yaml_free(doc);
 *
 * One document a file.  Refused, each with line and column: duplicate keys,
 * keys that are no plain scalars, more than one document, aliases beyond
 * YAML_ALIASES_MAX or that contain themselves, nesting, size and node counts
 * beyond the bounds, NUL and invalid UTF-8.  The tags `!file PATH` (the
 * file's text without its last newline; relative to the YAML file; at most
 * YAML_SECRET_MAX bytes) and `${NAME}` inside scalars (the environment;
 * `$${` is a literal `${`) are filled in while loading, and mark the node
 * secret: its text is never printed in a message.  A text named "" stands for
 * no file: there both are refused.
 * The tree never changes once loaded; any thread may read it.
 */
#ifndef ST_YAML_H
#define ST_YAML_H

#include "lib/problems.h"

#define YAML_SIZE_MAX ((size_t)16 << 20)
#define YAML_DEPTH_MAX 64
#define YAML_NODES_MAX 1000000
#define YAML_ALIASES_MAX 1000
#define YAML_SECRET_MAX 65536

enum ynode_kind { YNODE_SCALAR, YNODE_SEQ, YNODE_MAP };

struct ynode {
	enum ynode_kind kind;
	unsigned line, col; /* from 1 */
	const char *file;
	struct slice text; /* scalar: its text, NUL behind it */
	bool plain;        /* scalar: not quoted, so `true` is a boolean */
	bool secret;
	bool broken; /* could not be filled in, which was told; has no text */
	size_t n;    /* elements, or pairs */
	const struct ynode *const *items; /* seq: n; map: n values */
	const struct ynode *const *keys;  /* map: n scalars */
};

struct yaml_doc;

int yaml_load(
    const char *path, struct yaml_doc **result, struct err *e) ST_MUSTCHECK;
/* `name` stands for the file in messages and is the base of `!file`. */
int yaml_load_text(struct slice text, const char *name,
    struct yaml_doc **result, struct err *e) ST_MUSTCHECK;
/* With a list it goes on behind duplicate keys and what cannot be filled in:
 * there may be problems although it gives 0.  `all` may be NULL. */
int yaml_load_all(const char *path, struct problems *all,
    struct yaml_doc **result, struct err *e) ST_MUSTCHECK;
int yaml_load_text_all(struct slice text, const char *name,
    struct problems *all, struct yaml_doc **result, struct err *e) ST_MUSTCHECK;
void yaml_doc_free(struct yaml_doc *doc);

/* libyaml has a symbol of this name, therefore no function of ours has. */
static inline void
yaml_free(struct yaml_doc *doc)
{
	yaml_doc_free(doc);
}

/* NULL for an empty file. */
const struct ynode *yaml_root(const struct yaml_doc *doc);
/* The bytes as they were on disk, for a hash of them. */
struct slice yaml_text(const struct yaml_doc *doc);

/* Do both say the same?  Where they stood and how they were written is passed
 * over, the order of keys is not.  NULL is the same as NULL. */
bool ynode_same(const struct ynode *a, const struct ynode *b);

/* A map's value, NULL where there is none (or n is no map). */
const struct ynode *ynode_get(const struct ynode *n, const char *key);

/* err_at() with the place of a node. */
int ynode_err(const struct ynode *n, struct err *e, const char *fmt, ...)
    ST_PRINTF(3, 4);

/* A value for a message: quoted, cut, without control characters; nothing of
 * it where it is secret.  buf holds YNODE_SHOWN bytes. */
#define YNODE_SHOWN 96
const char *ynode_shown(const struct ynode *n, char *buf);

/* For --version. */
const char *yaml_library_version(void);

#endif
