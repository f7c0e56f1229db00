/*
 * http_ids.h - deliveries that come again, and the names of what HEC acks.
 *
 *     switch (http_ids_begin(ids, &id, &number)) ...  // HTTP_ID_NEW: take it
 *     http_ids_row(ids, number, scope, name, &key, &value);
 *     ... a mark with http_ids_owner(ids), number, key and value ...
 *     http_ids_failed(ids, number);           // no such mark will come
 *
 * Remembers a bounded number of deliveries, judged by what became of them:
 * one that is kept need not be read again, one that is in hand must not be
 * read twice at the same time, and one that failed was never here.  What is
 * kept outlives the connection that brought it, and with its row a restart.
 * Shared by all workers.  Any thread.
 */
#ifndef ST_HTTP_IDS_H
#define ST_HTTP_IDS_H

#include "collector/mark.h"
#include "lib/buf.h"
#include "lib/err.h"

#define HTTP_IDS_MAX 200000 /* deliveries that are remembered; half have rows */
#define HTTP_CHANNELS_MAX 20000
#define HTTP_IDS_PREFIX "http/" /* all keys of rows begin so */

struct http_id {
	uint64_t key[2]; /* all zero: none */
};

/* `scope` keeps apart senders that know nothing of each other: an input. */
struct http_id http_id_make(struct slice scope, struct slice name);

enum http_id_word {
	HTTP_ID_NEW,     /* or forgotten: it is the caller's from now */
	HTTP_ID_IN_HAND, /* on another connection */
	HTTP_ID_KEPT,
};

struct http_ids;
struct http_ids *http_ids_new(size_t max, size_t channels_max); /* or NULL */
void http_ids_free(struct http_ids *ids);

/* A NEW one has a number from then on.  Without memory it is NEW, too, and not
 * remembered. */
enum http_id_word
http_ids_begin(struct http_ids *ids, const struct http_id *i, uint64_t *number);
void http_ids_failed(struct http_ids *ids, uint64_t number);
/* Of marks whose token is a delivery's number. */
const struct mark_owner *http_ids_owner(const struct http_ids *ids);

/* Appends the key and value of a mark.  Keys come again: the newest delivery
 * takes the row of the oldest, so that there are never more than max / 2. */
void http_ids_row(const struct http_ids *ids, uint64_t number,
    struct slice scope, struct slice name, struct buf *key, struct buf *value);
/* A row that was kept, before anything else is asked.  ST_ENOENT: the key is
 * none of ours; ST_EFORMAT: no such row; ST_ENOMEM. */
int http_ids_load(
    struct http_ids *ids, struct slice key, struct slice value) ST_MUSTCHECK;

/* The number of a kept delivery on a channel: from 0 on; -1 without memory. */
int64_t http_ids_ack(struct http_ids *ids, const struct http_id *channel);
/* Was that number given out?  Then its delivery is kept. */
bool http_ids_is_acked(
    struct http_ids *ids, const struct http_id *channel, int64_t ack);

#endif
