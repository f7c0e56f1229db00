/*
 * ranges.h - lists of the clouds' own address ranges.
 *
 *     struct ranges *r;
 *     err = ranges_open(paths, n, &r, &e);
 *     if (ranges_has(r, &addr)) ...
 *     ranges_close(r);
 *
 * A list is told by its content: JSON as the clouds publish it (AWS
 * ip-ranges.json, Google cloud.json, Azure's service tags, Oracle's
 * public_ip_ranges.json: by the names of the members that hold a range), or a
 * range or address a line, where `#` and `;` begin a comment and what follows
 * a comma or blank is passed over.  What stands where a range should and is
 * none, a range so wide that it cannot be a cloud's, and a list without any
 * are errors that name the file.
 *
 * Never changes once open: any number of threads may ask.  Facts: the
 * publishers' own files.
 */
#ifndef ST_RANGES_H
#define ST_RANGES_H

#include "geo/addr.h"
#include "lib/err.h"

#define RANGES_FILES_MAX 16
#define RANGES_FILE_SIZE_MAX ((size_t)64 << 20)
#define RANGES_MAX ((size_t)1 << 20) /* of all lists together */
/* No cloud announces more at once: a typing error would hide the thief. */
#define RANGES_V4_BITS_MIN 8
#define RANGES_V6_BITS_MIN 16

struct ranges;

int ranges_open(const char *const *paths, size_t n, struct ranges **result,
    struct err *e) ST_MUSTCHECK;
/* The same for one list in memory; `name` stands for the path. */
int ranges_read(const char *name, struct slice text, struct ranges **result,
    struct err *e) ST_MUSTCHECK;
void ranges_close(struct ranges *r); /* NULL is fine */

bool ranges_has(const struct ranges *r, const struct addr *a);

struct ranges_info {
	const char *path;
	int64_t built; /* seconds since 1970; 0: the list does not say */
	size_t n;      /* ranges in it */
};
size_t ranges_count(const struct ranges *r); /* lists; NULL: 0 */
void
ranges_describe(const struct ranges *r, size_t i, struct ranges_info *result);

#endif
