/*
 * http_words.h - what a request over HTTP is: who sends it, in whose dialect.
 *
 *     why = http_words_read(&head, input, &words);   // HTTP_WHY_DONE: go on
 *
 * Told from the path, as the input's `paths` say, else from well-known paths
 * and headers.  A path stands for itself and for all below it.  On a refusal
 * the words still tell in which form it is to be written.  Slices point into
 * the head.  Pure functions, any thread.
 */
#ifndef ST_HTTP_WORDS_H
#define ST_HTTP_WORDS_H

#include "collector/http_head.h"
#include "collector/http_why.h"
#include "conf/config.h"

/* What is asked for. */
enum http_ask {
	HTTP_ASK_RECORDS, /* take the records of this body */
	HTTP_ASK_ACKS,    /* HEC: what of this is kept? */
	HTTP_ASK_HEALTH,  /* HEC: can you take something? */
};

/* How the sender wants to be answered. */
enum http_form {
	HTTP_FORM_PLAIN,    /* JSON with counts */
	HTTP_FORM_PUBSUB,   /* Google Cloud Pub/Sub push */
	HTTP_FORM_FIREHOSE, /* Amazon Data Firehose, HTTP endpoint 1.0 */
	HTTP_FORM_HEC,      /* Splunk's HTTP Event Collector */
};

#define HTTP_ID_MAX 256 /* bytes of a delivery's or channel's name */

struct http_words {
	enum http_ask ask;
	enum http_form form;
	struct slice id; /* the same when it is sent again; may be absent */
	struct slice channel; /* HEC; may be absent */
};

enum http_why http_words_read(const struct http_head *h,
    const struct input_config *in, struct http_words *w);

#endif
