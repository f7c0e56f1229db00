/*
 * certs.h - the certificates of one input, and whether their files changed.
 *
 *     err = certs_open(input_config, &c, &e);  // NULL where it has none
 *     ctx = certs_context(c);                  // for the next connection
 *     if (certs_have_changed(c)) err = certs_renew(c, &e);
 *     certs_close(c);
 *
 * Renewing builds the new context beside the old one: where a file cannot be
 * used the old one stays.  Connections keep the one they began with.  Main
 * thread.
 */
#ifndef ST_CERTS_H
#define ST_CERTS_H

#include "conf/config.h"
#include "lib/tls.h"

struct certs;
/* *result is NULL for an input without a certificate. */
int certs_open(const struct input_config *in, struct certs **result,
    struct err *e) ST_MUSTCHECK;
void certs_close(struct certs *c);

struct tls_context *certs_context(const struct certs *c);
bool certs_have_changed(const struct certs *c);
int certs_renew(struct certs *c, struct err *e) ST_MUSTCHECK;

#endif
