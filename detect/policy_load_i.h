/*
 * policy_load_i.h - what the rooms share that read policy.yaml.
 *
 * All functions give 0, or fill in the loader's err and give its code.  With a
 * list of problems they go on behind a fault and give 0.
 */
#ifndef ST_POLICY_LOAD_I_H
#define ST_POLICY_LOAD_I_H

#include "detect/policy_i.h"

struct loader {
	struct policy *p;
	struct policy_config *c;
	const struct ynode *root;
	struct err *e;
	struct problems *all; /* NULL: the first one ends it */
	size_t before;        /* how many were there */
};

/* What became of a part: 0 goes on. */
int load_take(struct loader *l, int err) ST_MUSTCHECK;
int load_no_memory(struct loader *l);
/* The value at `key` of a map, to point at; the map where it is not there. */
const struct ynode *load_node_at(const struct ynode *map, const char *key);
/* Refuses an empty list anywhere below a map. */
int load_no_empty_lists(struct loader *l, const struct ynode *map);

/* A list of words of a closed list, each of which is a bit. */
typedef const char *word_name_fn(unsigned i);
int load_words(struct loader *l, const struct opt_strings *list,
    const char *key, word_name_fn *name, unsigned count, uint64_t *bits);
int
load_codes(struct loader *l, const struct opt_strings *codes, uint64_t *bits);

int load_moment(struct loader *l, const struct ynode *map, const char *key,
    const char *text, struct when *result);
/* The first moment behind it: a date is there until its end. */
int load_moment_end(struct loader *l, const struct ynode *map, const char *key,
    const char *text, struct when *result);

int load_patterns(
    struct loader *l, const struct opt_strings *list, const char *key);
/* Patterns, each of which an API of the catalogue, or an account, can match. */
int load_actions(struct loader *l, const struct opt_strings *list);
int load_accounts(struct loader *l, const struct opt_strings *list);
int load_countries(struct loader *l, const struct opt_strings *list);
int load_asns(struct loader *l, const struct opt_strings *list);
/* NULL for an empty list. */
int load_networks(
    struct loader *l, const struct opt_strings *list, struct cidr_set **result);

int load_classes(struct loader *l);
int load_units(struct loader *l);

#endif
