/*
 * secure.h - the client's side of TLS; knows libssl.
 *
 *     s = secure_new(&files, why);                 // reads the files
 *     t = secure_open(s, fd, "siem.example");      // of a connected socket
 *     switch (secure_shake(t)) ...                 // until SECURE_DONE
 *     n = secure_write(t, p, n); n = secure_read(t, p, n);
 *     secure_close(t);
 *     secure_free(s);
 *
 * TLS 1.2 and 1.3.  The server's certificate must be of the authorities and
 * bear the name or address that was asked for; nothing turns that off.
 */
#ifndef ST_SYSLOG_SECURE_H
#define ST_SYSLOG_SECURE_H

#include <stsentry/output.h>
#include <sys/types.h>

struct secure_files {
	const char *ca, *cert, *key; /* NULL: the system's; none */
};

struct secure;
struct secure_link;

struct secure *
secure_new(const struct secure_files *f, struct stsentry_why *why);
void secure_free(struct secure *s);

enum secure_state { SECURE_DONE, SECURE_READS, SECURE_WRITES, SECURE_FAILED };

/* NULL without memory. */
struct secure_link *
secure_open(const struct secure *s, int fd, const char *name);
/* Says good-bye if it can. */
void secure_close(struct secure_link *t);
enum secure_state secure_shake(struct secure_link *t, struct stsentry_why *why);
/* Bytes, 0: not now (READS or WRITES in *state), or at the end of reading
 * SECURE_DONE; -1: broken. */
ssize_t secure_write(
    struct secure_link *t, const void *p, size_t n, enum secure_state *state);
ssize_t
secure_read(struct secure_link *t, void *p, size_t n, enum secure_state *state);

#endif
