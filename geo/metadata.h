/*
 * metadata.h - is this a MaxMind DB, as far as its metadata says?
 *
 *     err = metadata_check(path, bytes, n, e);   // before libmaxminddb sees it
 *
 * Every field that the library reads must be there and of its type, and the
 * search tree within the file: the library refuses a file that is broken, too,
 * but keeps some kilobytes each time.  ST_EFORMAT, and what is wrong with it,
 * by name.  Pure function, any thread.
 */
#ifndef ST_METADATA_H
#define ST_METADATA_H

#include "lib/err.h"

#include <stddef.h>

#define METADATA_BYTES_MAX ((size_t)128 << 10) /* of the file's end */
#define METADATA_ITEMS_MAX 4096
#define METADATA_TYPE_MAX 128 /* a longer database_type is no name */

int metadata_check(const char *name, const unsigned char *p, size_t n,
    struct err *e) ST_MUSTCHECK;

#endif
