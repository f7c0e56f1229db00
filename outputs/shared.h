/*
 * shared.h - an output from a shared object.
 *
 *     err = shared_load("/usr/lib/stsentry/hello.so", &kind, &e);
 *
 * Loads it, finds its table, and refuses one that does not keep the contract
 * of <stsentry/output.h>.  What is loaded stays loaded: its threads and
 * handlers could not be taken back.  Its own code runs already while it is
 * loaded.  Any thread, one at a time.
 */
#ifndef ST_SHARED_H
#define ST_SHARED_H

#include "lib/err.h"

#include <stsentry/output.h>

#define SHARED_SYMBOL "stsentry_output"
#define SHARED_OPTIONS_MAX 64
#define SHARED_NAME_MAX 32

int shared_load(const char *path, const struct stsentry_output **result,
    struct err *e) ST_MUSTCHECK;

#endif
