/*
 * place.h - a path with holes: where a record's line goes.
 *
 *     /var/log/stsentry/{account}/{date}.jsonl
 *
 *     err = place_read("...", &p, &why);
 *     place_of(&p, &record, name, sizeof(name));   // "1111.../2026-03-01.jsonl"
 *
 * The folders before the first hole are the base, which must be there; all
 * that a record fills in stays below it.  A value is reduced to letters, digits,
 * '.', '_' and '-', never begins with a dot, and is never empty, so that it is
 * one name whatever others wrote.  Pure; any thread.
 */
#ifndef ST_FILE_PLACE_H
#define ST_FILE_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stsentry/output.h>

#define PLACE_VALUE_MAX 96  /* bytes of one value; the rest is cut */
#define PLACE_NAME_MAX 1024 /* of what is below the base */

struct place {
	char base[PATH_MAX]; /* without a slash at the end */
	const char *rest;    /* of the path that was read: what is below it */
};

bool place_has_holes(const char *path);
/* The path must outlive it.  0, or -1 with the reason. */
int
place_read(const char *path, struct place *result, struct stsentry_why *why);
/* Relative to the base; false where it is too long. */
bool place_of(const struct place *p, const struct stsentry_record *r,
    char *name, size_t size);

#endif
