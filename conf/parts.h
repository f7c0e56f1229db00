/*
 * parts.h - the parts that stsentry.yaml is read in; only for conf/.
 *
 * config.c owns the whole, inputs.c and outputs.c the lists.  The check of a
 * part runs when schema_fill() has filled all in, and fills in what depends
 * on the type.
 */
#ifndef ST_PARTS_H
#define ST_PARTS_H

#include "conf/config.h"

extern const struct opt input_rows[];
extern const char *const input_types[], *const output_types[];

/* A loading at work.  With a list of problems checks go on behind them and
 * mark the part that has one. */
struct parts {
	struct config *c;
	struct problems *all; /* NULL: the first one ends it */
	struct err *e;
};

int inputs_finish(const struct parts *p) ST_MUSTCHECK;
int outputs_finish(const struct parts *p) ST_MUSTCHECK;

int parts_take(const struct parts *p, int err) ST_MUSTCHECK;
/* To compare: did something go on the list in between? */
size_t parts_faults(const struct parts *p);

/* Which types a key is for, and for which it must be there. */
struct key_use {
	const char *key;
	unsigned types, required; /* bits 1 << type */
};
extern const struct key_use input_uses[], output_uses[];
/* uses end with a key of NULL.  Silent where the map's type is not known. */
int parts_check_keys(const struct parts *p, const struct ynode *n,
    const struct key_use *uses, int type,
    const char *const *types) ST_MUSTCHECK;

/* The name as given, or made from the parts; and whether it is a good one. */
int parts_name(struct config *c, const struct ynode *n, const char *type,
    const char *place, const char **name, struct err *e) ST_MUSTCHECK;
/* The n-th of the list has a name that none before it has. */
int parts_unique(const struct ynode *n, const char *name, const char *other,
    const struct ynode *other_node, const char *what,
    struct err *e) ST_MUSTCHECK;

/* An address to listen on, and that plaintext stays on this machine. */
int parts_listen(const struct ynode *n, bool plain, bool insecure,
    struct err *e) ST_MUSTCHECK;

/* The key of a map as a node, to point at it; the map itself without one. */
const struct ynode *parts_key(const struct ynode *map, const char *name);

/* A secret without control characters and blanks, which would be a fault of
 * the file that it came from. */
int parts_check_token(
    const struct ynode *n, const void *field, struct err *e) ST_MUSTCHECK;

int parts_check_mode(
    const struct ynode *n, const void *field, struct err *e) ST_MUSTCHECK;
/* The list given must not be empty: that would let nobody in, or nothing
 * out. */
int parts_check_some(
    const struct ynode *n, const void *field, struct err *e) ST_MUSTCHECK;
/* The same of accounts, each of which can be one. */
int parts_check_accounts(
    const struct ynode *n, const void *field, struct err *e) ST_MUSTCHECK;

#endif
