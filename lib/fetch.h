/*
 * fetch.h - one page over plain HTTP, for what a person runs.
 *
 *     err = fetch_page("127.0.0.1", 9478, "/status", &code, &body, &e);
 *
 * Waits for the answer, at most FETCH_TIMEOUT_S.  ST_EIO with the reason where
 * nobody answers.  Not for the daemon: it blocks.
 */
#ifndef ST_FETCH_H
#define ST_FETCH_H

#include "lib/buf.h"
#include "lib/err.h"

#include <stdint.h>

#define FETCH_TIMEOUT_S 5
#define FETCH_BODY_MAX ((size_t)64 << 20)

/* `body` is added to. */
int fetch_page(const char *host, uint16_t port, const char *path, int *code,
    struct buf *body, struct err *e) ST_MUSTCHECK;

#endif
