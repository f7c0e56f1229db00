/*
 * account.h - names of accounts as people write them, and how they get them
 * wrong.
 *
 *     err = account_check(list->nodes[i], "accounts", e);
 *
 * An account of AWS is 12 digits, one of Google Cloud "projects/ID",
 * "organizations/N" and their like; a pattern may be anything.  What can be
 * neither is refused: 1111-2222-3333, as the console shows it, or the bare id
 * of a project would never match.  Pure, any thread.
 */
#ifndef ST_ACCOUNT_H
#define ST_ACCOUNT_H

#include "conf/yaml.h"

int account_check(
    const struct ynode *n, const char *key, struct err *e) ST_MUSTCHECK;

#endif
