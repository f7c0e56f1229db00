/*
 * tls_case.h - what tests of TLS share: certificates, and servers made of them.
 */
#ifndef ST_TLS_CASE_H
#define ST_TLS_CASE_H

#include "lib/tls.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A file of the folder of certificates; good for some calls. */
const char *in_dir(const char *name);
/* The certificates, once. */
void make_all(void);
/* Of a server; makes them. */
struct tls_options plain_options(void);
/* NULL and a line of why where it is none. */
struct tls_context *context(const struct tls_options *o);

#endif
