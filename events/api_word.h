/*
 * api_word.h - actions that a person wrote and the catalogue does not know.
 *
 *     if (nothing matches)
 *             err = api_unknown(node, "actions", e);
 *
 * Pure, any thread.
 */
#ifndef ST_API_WORD_H
#define ST_API_WORD_H

#include "conf/yaml.h"

/* `actions: "sts:AssumRole" matches no API; did you mean "sts:AssumeRole"?` */
int
api_unknown(const struct ynode *n, const char *key, struct err *e) ST_MUSTCHECK;

#endif
