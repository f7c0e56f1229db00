/*
 * http_reply.h - the exact answer that each sender waits for.
 *
 *     struct http_answer a = { .why = HTTP_WHY_DONE, .form = words.form, ... };
 *     http_reply(&a, &out);
 *
 * Firehose: 200 with the request's id and a time, or another status with a
 * message.  HEC: a text and a code, with an ackId on a channel.  Pub/Sub: 204.
 * Others: what was counted, and why something was rejected.  A pure function,
 * any thread.
 */
#ifndef ST_HTTP_REPLY_H
#define ST_HTTP_REPLY_H

#include "collector/http_words.h"
#include "events/sift.h"

#define HTTP_RETRY_AFTER_S 2

struct http_answer {
	enum http_why why;
	enum http_ask ask;
	enum http_form form;
	bool closes;   /* this was the connection's last */
	bool bare;     /* HEAD: no body is sent */
	bool repeated; /* it was kept when it came before */
	int64_t now;   /* ms since 1970 */
	struct slice id;
	int64_t ack;                      /* HEC; -1: no channel */
	struct slice acks;                /* HTTP_ASK_ACKS: the JSON to send */
	const struct sift_counts *counts; /* of the body; NULL: nothing read */
};

/* Appends; failures show in out->failed. */
void http_reply(const struct http_answer *a, struct buf *out);
/* Says that the body may come. */
void http_reply_continue(struct buf *out);

#endif
