/*
 * http_ids.c - deliveries that come again, and the names of what HEC acks.
 *
 * See http_ids.h.  A number of HEC is given out when its delivery is kept, so
 * that a channel needs no list of what waits: only how many it has had.
 */
#include "collector/http_ids.h"

#include "collector/seen.h"
#include "lib/hash.h"

#include <pthread.h>
#include <stdlib.h>

enum { FAILED, IN_HAND, KEPT };

struct delivery {
	int state;
};
struct channel {
	int64_t next;
};

struct http_ids {
	pthread_mutex_t lock;
	struct seen *deliveries, *channels;
};

struct http_id
http_id_make(uint64_t scope, struct slice name)
{
	const uint64_t *seed = hash_seed();
	const uint64_t one[2] = { seed[0] ^ scope, seed[1] };
	const uint64_t two[2] = { seed[0], ~seed[1] ^ scope };
	struct http_id i;

	i.key[0] = hash_bytes(name.p, name.n, one) | 1;
	i.key[1] = hash_bytes(name.p, name.n, two);
	return i;
}

struct http_ids *
http_ids_new(size_t max, size_t channels_max)
{
	struct http_ids *ids = calloc(1, sizeof(*ids));

	if (!ids)
		return NULL;
	pthread_mutex_init(&ids->lock, NULL);
	ids->deliveries = seen_new(max, sizeof(struct delivery));
	ids->channels = seen_new(channels_max, sizeof(struct channel));
	if (!ids->deliveries || !ids->channels) {
		http_ids_free(ids);
		return NULL;
	}
	return ids;
}

void
http_ids_free(struct http_ids *ids)
{
	if (!ids)
		return;
	seen_free(ids->deliveries);
	seen_free(ids->channels);
	pthread_mutex_destroy(&ids->lock);
	free(ids);
}

static enum http_id_word
begin(struct http_ids *ids, const struct http_id *i)
{
	struct delivery *d = seen_find(ids->deliveries, i->key);

	if (!d)
		d = seen_add(ids->deliveries, i->key);
	if (d && d->state == KEPT)
		return HTTP_ID_KEPT;
	if (d && d->state == IN_HAND)
		return HTTP_ID_IN_HAND;
	if (d)
		d->state = IN_HAND;
	return HTTP_ID_NEW;
}

enum http_id_word
http_ids_begin(struct http_ids *ids, const struct http_id *i)
{
	enum http_id_word word;

	pthread_mutex_lock(&ids->lock);
	word = begin(ids, i);
	pthread_mutex_unlock(&ids->lock);
	return word;
}

void
http_ids_end(struct http_ids *ids, const struct http_id *i, bool kept)
{
	struct delivery *d;

	pthread_mutex_lock(&ids->lock);
	d = seen_find(ids->deliveries, i->key);
	if (!d && kept)
		d = seen_add(ids->deliveries, i->key);
	if (d)
		d->state = kept ? KEPT : FAILED;
	pthread_mutex_unlock(&ids->lock);
}

int64_t
http_ids_ack(struct http_ids *ids, const struct http_id *channel)
{
	struct channel *c;
	int64_t ack;

	pthread_mutex_lock(&ids->lock);
	c = seen_find(ids->channels, channel->key);
	if (!c)
		c = seen_add(ids->channels, channel->key);
	ack = c ? c->next++ : -1;
	pthread_mutex_unlock(&ids->lock);
	return ack;
}

bool
http_ids_is_acked(
    struct http_ids *ids, const struct http_id *channel, int64_t ack)
{
	const struct channel *c;
	bool is;

	pthread_mutex_lock(&ids->lock);
	c = seen_find(ids->channels, channel->key);
	is = c && ack >= 0 && ack < c->next;
	pthread_mutex_unlock(&ids->lock);
	return is;
}
