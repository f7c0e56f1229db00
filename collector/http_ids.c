/*
 * http_ids.c - deliveries that come again, and the names of what HEC acks.
 *
 * See http_ids.h.  A number of HEC is given out when its delivery is kept, so
 * that a channel needs no list of what waits: only how many it has had.
 */
#include "collector/http_ids.h"

#include "collector/seen.h"
#include "lib/hash.h"
#include "lib/pack.h"

#include <pthread.h>
#include <stdlib.h>

enum { FAILED, IN_HAND, KEPT };

#define FORM 1 /* of a row */

struct delivery {
	int state;
};
struct channel {
	int64_t next;
};

/* Which delivery a number is of. */
struct numbered {
	struct http_id id;
	uint64_t number; /* 0: none */
};

struct http_ids {
	pthread_mutex_t lock;
	struct seen *deliveries, *channels;
	struct numbered *ring; /* by number; as many as surely are seen */
	size_t n_ring;
	uint64_t next;
	struct mark_owner owner;
};

struct http_id
http_id_make(struct slice scope, struct slice name)
{
	const uint64_t *seed = hash_seed();
	const uint64_t of = hash_slice(scope);
	const uint64_t one[2] = { seed[0] ^ of, seed[1] };
	const uint64_t two[2] = { seed[0], ~seed[1] ^ of };
	struct http_id i;

	i.key[0] = hash_bytes(name.p, name.n, one) | 1;
	i.key[1] = hash_bytes(name.p, name.n, two);
	return i;
}

/* ---- deliveries ---- */

static struct numbered *
slot_of(const struct http_ids *ids, uint64_t number)
{
	return &ids->ring[number % ids->n_ring];
}

static struct delivery *
note(struct http_ids *ids, const struct http_id *i)
{
	struct delivery *d = seen_find(ids->deliveries, i->key);

	return d ? d : seen_add(ids->deliveries, i->key);
}

static enum http_id_word
begin(struct http_ids *ids, const struct http_id *i, uint64_t *number)
{
	struct delivery *d = note(ids, i);

	if (d && d->state == KEPT)
		return HTTP_ID_KEPT;
	if (d && d->state == IN_HAND)
		return HTTP_ID_IN_HAND;
	if (d)
		d->state = IN_HAND;
	*number = ids->next++;
	*slot_of(ids, *number) = (struct numbered){ *i, *number };
	return HTTP_ID_NEW;
}

enum http_id_word
http_ids_begin(struct http_ids *ids, const struct http_id *i, uint64_t *number)
{
	enum http_id_word word;

	pthread_mutex_lock(&ids->lock);
	word = begin(ids, i, number);
	pthread_mutex_unlock(&ids->lock);
	return word;
}

/* What has lost its slot by then is too old to be asked for. */
static void
end(struct http_ids *ids, uint64_t number, int state)
{
	const struct numbered *slot = slot_of(ids, number);
	struct delivery *d;

	pthread_mutex_lock(&ids->lock);
	d = slot->number == number ? note(ids, &slot->id) : NULL;
	if (d)
		d->state = state;
	pthread_mutex_unlock(&ids->lock);
}

void
http_ids_failed(struct http_ids *ids, uint64_t number)
{
	end(ids, number, FAILED);
}

/* On the pipeline's thread. */
static void
on_kept(void *arg, uint64_t number)
{
	end(arg, number, KEPT);
}

const struct mark_owner *
http_ids_owner(const struct http_ids *ids)
{
	return &ids->owner;
}

/* ---- rows ---- */

void
http_ids_row(const struct http_ids *ids, uint64_t number, struct slice scope,
    struct slice name, struct buf *key, struct buf *value)
{
	buf_adds(key, HTTP_IDS_PREFIX);
	pack_ordered(key, number % ids->n_ring);
	pack_uint(value, FORM);
	pack_uint(value, number);
	pack_slice(value, scope);
	pack_slice(value, name);
}

int
http_ids_load(struct http_ids *ids, struct slice key, struct slice value)
{
	struct unpack u = unpack_of(value);
	uint64_t form = unpack_uint(&u), number = unpack_uint(&u);
	struct slice scope = unpack_slice(&u), name = unpack_slice(&u);
	struct http_id id;
	struct delivery *d;

	if (!slice_starts(key, HTTP_IDS_PREFIX))
		return ST_ENOENT;
	if (!unpack_is_whole(&u) || form != FORM || number == 0 ||
	    number > UINT64_MAX / 2 || slice_is_null(name))
		return ST_EFORMAT;
	id = http_id_make(scope, name);
	d = note(ids, &id);
	if (!d)
		return ST_ENOMEM;
	d->state = KEPT;
	if (number >= ids->next)
		ids->next = number + 1;
	return 0;
}

/* ---- life ---- */

struct http_ids *
http_ids_new(size_t max, size_t channels_max)
{
	struct http_ids *ids = calloc(1, sizeof(*ids));

	if (!ids)
		return NULL;
	pthread_mutex_init(&ids->lock, NULL);
	ids->owner = (struct mark_owner){ on_kept, ids };
	ids->next = 1;
	ids->n_ring = max < 2 ? 1 : max / 2;
	ids->ring = calloc(ids->n_ring, sizeof(*ids->ring));
	ids->deliveries = seen_new(max, sizeof(struct delivery));
	ids->channels = seen_new(channels_max, sizeof(struct channel));
	if (!ids->ring || !ids->deliveries || !ids->channels) {
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
	free(ids->ring);
	seen_free(ids->deliveries);
	seen_free(ids->channels);
	pthread_mutex_destroy(&ids->lock);
	free(ids);
}

/* ---- channels ---- */

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
