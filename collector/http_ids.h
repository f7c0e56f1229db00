/*
 * http_ids.h - deliveries that come again, and the names of what HEC acks.
 *
 *     switch (http_ids_begin(ids, &id)) ...       // HTTP_ID_NEW: take it
 *     http_ids_end(ids, &id, kept);               // once for each NEW
 *
 * Remembers a bounded number of deliveries, judged by what became of them:
 * one that is kept need not be read again, one that is in hand must not be
 * read twice at the same time, and one that failed was never here.  Shared by
 * all workers.  Any thread.
 */
#ifndef ST_HTTP_IDS_H
#define ST_HTTP_IDS_H

#include "lib/slice.h"

#include <stdint.h>

#define HTTP_IDS_MAX 200000 /* deliveries that are remembered */
#define HTTP_CHANNELS_MAX 20000

struct http_id {
	uint64_t key[2]; /* all zero: none */
};

/* `scope` keeps apart senders that know nothing of each other. */
struct http_id http_id_make(uint64_t scope, struct slice name);

enum http_id_word {
	HTTP_ID_NEW,     /* or forgotten: it is the caller's from now */
	HTTP_ID_IN_HAND, /* on another connection */
	HTTP_ID_KEPT,
};

struct http_ids;
struct http_ids *http_ids_new(size_t max, size_t channels_max); /* or NULL */
void http_ids_free(struct http_ids *ids);

/* Without memory it is HTTP_ID_NEW, too, and not remembered. */
enum http_id_word http_ids_begin(struct http_ids *ids, const struct http_id *i);
void http_ids_end(struct http_ids *ids, const struct http_id *i, bool kept);

/* The number of a kept delivery on a channel: from 0 on; -1 without memory. */
int64_t http_ids_ack(struct http_ids *ids, const struct http_id *channel);
/* Was that number given out?  Then its delivery is kept. */
bool http_ids_is_acked(
    struct http_ids *ids, const struct http_id *channel, int64_t ack);

#endif
