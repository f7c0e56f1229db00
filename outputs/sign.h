/*
 * sign.h - a request's signature as Standard Webhooks 1.0 has it.
 *
 *     err = sign_webhook(secret, id, timestamp, body, &out, &e);   // "v1,..."
 *
 * The secret is base64, with or without whsec_ before it.  Any thread.
 */
#ifndef ST_SIGN_H
#define ST_SIGN_H

#include "lib/buf.h"
#include "lib/err.h"

#include <stdint.h>

#define SIGN_SECRET_MIN 16
#define SIGN_SECRET_MAX 256

int sign_webhook(struct slice secret, struct slice id, int64_t timestamp,
    struct slice body, struct buf *out, struct err *e) ST_MUSTCHECK;

#endif
