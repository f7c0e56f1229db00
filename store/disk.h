/*
 * disk.h - the system's calls, or what a test puts in their place (seam.h).
 *
 * Each is the call of that name and leaves errno; `m` may be NULL.  Any thread.
 */
#ifndef ST_STORE_DISK_H
#define ST_STORE_DISK_H

#include "lib/when.h"
#include "store/seam.h"

#include <stdbool.h>
#include <stdint.h>

#define DISK_ASIDE_MAX 320 /* bytes of a name of what was set aside */

int disk_write(const struct store_seam *m, int fd, const char *p, size_t n,
    uint64_t at); /* all of it */
int disk_sync(const struct store_seam *m, int fd);
int disk_cut(const struct store_seam *m, int fd, uint64_t size);
int disk_create(const struct store_seam *m, int dir, const char *name);
int disk_rename(
    const struct store_seam *m, int dir, const char *from, const char *to);
int disk_unlink(const struct store_seam *m, int dir, const char *name);
struct when disk_now(const struct store_seam *m);

/* "NAME.damaged-20261124T080000Z", or with -2, -3 behind it: one that is free. */
void disk_aside_name(const struct store_seam *m, int dir, const char *name,
    char to[DISK_ASIDE_MAX]);

#endif
