/*
 * tail_digest.h - are a trail's files what its digests say?
 *
 *     err = digests_new(config, &d, &e);        // reads the public keys
 *     switch (digests_look(d, input, path, fd, &sink)) ...
 *     digests_free(d);
 *
 * Digests and log files lie as in the bucket: what a digest calls an object is
 * looked for beside it, under the same folders.  Of each digest all its log
 * files are checked against their hashes, and the digest before it against its
 * hash and signature, both of which stand in this one.  So the newest is
 * checked an hour later, by the next; and the oldest that lies in the tree need
 * have none before it.
 * What is not there, or not as it should be, is told once, when nothing more
 * can come: a digest that came less than DIGEST_WAIT_S ago may be ahead of its
 * files, and a file that changed less than DIGEST_SETTLE_S ago is still written.
 * The thread that reads files; blocks on the disk.
 */
#ifndef ST_TAIL_DIGEST_H
#define ST_TAIL_DIGEST_H

#include "conf/config.h"
#include "detect/notice.h"

#define DIGEST_FOLDER "CloudTrail-Digest/"
#define DIGEST_MAX ((size_t)64 << 20) /* bytes, unpacked */
#define DIGEST_WAIT_S 3600
#define DIGEST_SETTLE_S 2
#define DIGEST_TOLD_MAX 20 /* of one digest; the rest is a number */

enum digest_word {
	DIGEST_NONE,  /* it is none: its records are read */
	DIGEST_DONE,  /* looked at, or nobody wants it to be */
	DIGEST_SOON,  /* something is still being written */
	DIGEST_LATER, /* something may still come */
};

/* Something is wrong; the slices live until it returns. */
typedef void digest_notice_cb(void *arg, const struct notice *n);

struct digests;
int digests_new(const struct config *c, struct digests **result,
    struct err *e) ST_MUSTCHECK;
void digests_free(struct digests *d);
enum digest_word digests_look(struct digests *d, unsigned input,
    const char *path, int fd, digest_notice_cb *cb, void *arg);

#endif
