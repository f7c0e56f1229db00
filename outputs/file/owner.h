/*
 * owner.h - whose a new file is, and why something with a file did not work.
 *
 *     err = owner_read(&o, setup, &why);        // `mode_bits`, `owner`
 *     err = owner_give(&o, fd, path, &why);     // only what we have made
 *
 * Functions that give an int give 0, or -1 with the reason in `why`.  Any
 * thread, one at a time.
 */
#ifndef ST_FILE_OWNER_H
#define ST_FILE_OWNER_H

#include <stsentry/output.h>
#include <sys/types.h>

struct owner {
	mode_t mode;
	uid_t uid; /* -1: as we are */
	gid_t gid;
};
int owner_read(struct owner *o, const struct stsentry_setup *setup,
    struct stsentry_why *why);
int owner_give(
    const struct owner *o, int fd, const char *path, struct stsentry_why *why);

/* Both give -1; the first adds errno. */
int file_why_sys(struct stsentry_why *why, const char *fmt, ...)
    STSENTRY_PRINTF(2, 3);
int file_why(struct stsentry_why *why, const char *text);

#endif
