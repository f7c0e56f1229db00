/*
 * http_guard.h - may this request come in?
 *
 *     err = http_guard_new(input, &guard, &e);      // reads the JWKS file
 *     why = http_guard_check(guard, &head, now_s, peer);
 *     http_guard_free(guard);
 *
 * The input's token may be shown as Authorization (Bearer, Splunk, Basic as the
 * password, or bare), X-Amz-Firehose-Access-Key, X-Api-Key or ?token=; it is
 * compared in a time that does not depend on where it differs.  With a JWKS a
 * Bearer may be an OIDC token of Google's: its signature, issuer, audience,
 * time, and with `emails` its verified e-mail must be right.  Where both are
 * configured either is enough; where neither is, everybody comes in.
 *
 * The file of keys is looked at again when a token names a key that is not in
 * it.  Belongs to one worker.
 */
#ifndef ST_HTTP_GUARD_H
#define ST_HTTP_GUARD_H

#include "collector/http_head.h"
#include "collector/http_why.h"
#include "conf/config.h"

#define HTTP_SECRET_MAX 4096 /* bytes of what is shown */
#define HTTP_JWKS_MAX ((size_t)1 << 20)
#define HTTP_JWKS_AGAIN_S 10 /* at most so often */

struct http_guard;
int http_guard_new(const struct input_config *in, struct http_guard **result,
    struct err *e) ST_MUSTCHECK;
void http_guard_free(struct http_guard *g);

/* Could it be made for each http input? */
int http_guard_try(const struct config *c, struct err *e) ST_MUSTCHECK;

/* `peer` is for messages. */
enum http_why http_guard_check(struct http_guard *g, const struct http_head *h,
    int64_t now_s, const char *peer);

#endif
