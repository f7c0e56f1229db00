/*
 * http_exchange.h - one request over HTTP, and what becomes of it.
 *
 *     x = http_exchange_new();
 *     why = http_exchange_admit(x, desk, &head, peer);    // may it come in?
 *     why = http_body_take(&x->body, &p, end);            // until it is whole
 *     why = http_exchange_take(x, desk, client);          // its records
 *     http_exchange_answer(x, desk, why, now, &out);
 *     http_exchange_free(x);
 *
 * Lives from a request's head to its answer, so that a connection between two
 * of them holds nothing.  On the worker that owns the connection.
 */
#ifndef ST_HTTP_EXCHANGE_H
#define ST_HTTP_EXCHANGE_H

#include "collector/client.h"
#include "collector/http_desk.h"
#include "collector/http_reply.h"

#define HTTP_ACKS_MAX 10000 /* that are asked for at one time */

struct http_exchange {
	enum http_ask ask;
	enum http_form form;
	bool expects;  /* it waits for our word before it sends its body */
	bool closes;   /* it is the last of its connection */
	bool bare;     /* HEAD */
	bool repeated; /* it was kept when it came before */
	bool read;     /* counts are filled in */
	/* Of its head, copied; absent: none. */
	struct slice id, channel;
	struct buf names;
	struct http_body body;
	size_t held;     /* bytes of the body, as they are counted */
	uint64_t number; /* of its delivery; 0: none is remembered */
	struct buf acks; /* the answer to HTTP_ASK_ACKS */
	struct sift_counts counts;
};

struct http_exchange *http_exchange_new(void); /* NULL without memory */
void http_exchange_free(struct http_exchange *x, struct http_desk *d);

/* HTTP_WHY_DONE: its body may come.  `peer` is for messages. */
enum http_why http_exchange_admit(struct http_exchange *x, struct http_desk *d,
    const struct http_head *h, const char *peer);
/* Count what has come of its body: too much at one time? */
enum http_why http_exchange_hold(struct http_exchange *x, struct http_desk *d);
/* The body is whole: hand its records over, with a mark of the client's behind
 * them.  HTTP_WHY_DONE: done once the mark is kept, at once where it is
 * `repeated`. */
enum http_why http_exchange_take(
    struct http_exchange *x, struct http_desk *d, struct client *cl);
/* Which of the acks that the body asks for have been given out? */
enum http_why http_exchange_acks(struct http_exchange *x, struct http_desk *d);

/* Appends the answer, and counts it. */
void http_exchange_answer(struct http_exchange *x, struct http_desk *d,
    enum http_why why, struct buf *out);

#endif
