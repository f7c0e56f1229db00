/*
 * pack_verify.h - `stsentry pack --verify`: is a pack as it was signed?
 *
 * Reads one pack and prints what is not as it was packed, for a person or as
 * one JSON object.  Main thread.
 */
#ifndef ST_PACK_VERIFY_H
#define ST_PACK_VERIFY_H

#include <stdbool.h>

/* `trusted`: a file with the public key that it must be signed with, NULL for
 * any.  An exit status; all is said. */
int pack_verify(const char *path, const char *trusted, bool json);

#endif
