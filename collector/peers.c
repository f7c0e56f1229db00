/*
 * peers.c - how many connections there are, and how many of each address.
 *
 * See peers.h.  Asked once for each connection, never for its bytes; the lock
 * is held for a few instructions.
 */
#include "collector/peers.h"

#include "lib/hash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096

struct peer {
	struct peer *next;
	struct addr addr;
	size_t n;
};

struct peers {
	pthread_mutex_t lock;
	atomic_uint refs;
	atomic_size_t shaking;
	_Atomic uint64_t unshaken;
	size_t max, max_of_one, n;
	struct peer *bucket[BUCKETS];
};

struct peers *
peers_new(size_t max, size_t max_of_one)
{
	struct peers *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	if (pthread_mutex_init(&p->lock, NULL) != 0) {
		free(p);
		return NULL;
	}
	atomic_init(&p->refs, 1);
	peers_limit(p, max, max_of_one);
	return p;
}

struct peers *
peers_ref(struct peers *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

void
peers_limit(struct peers *p, size_t max, size_t max_of_one)
{
	pthread_mutex_lock(&p->lock);
	p->max = max ? max : SIZE_MAX;
	p->max_of_one = max_of_one ? max_of_one : SIZE_MAX;
	pthread_mutex_unlock(&p->lock);
}

void
peers_unref(struct peers *p)
{
	if (!p || atomic_fetch_sub(&p->refs, 1) > 1)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		struct peer *next;

		for (struct peer *one = p->bucket[i]; one; one = next) {
			next = one->next;
			free(one);
		}
	}
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static struct addr
sender_of(const struct addr *a)
{
	struct addr s = *a;

	if (!s.v4)
		memset(s.b + 8, 0, 8);
	return s;
}

/* Where the pointer to it stands, or would stand. */
static struct peer **
find(struct peers *p, const struct addr *sender)
{
	uint64_t h = hash_bytes(sender->b, sizeof(sender->b), hash_seed());
	struct peer **at = &p->bucket[h % BUCKETS];

	while (*at && memcmp((*at)->addr.b, sender->b, sizeof(sender->b)) != 0)
		at = &(*at)->next;
	return at;
}

static enum peers_word
come(struct peers *p, const struct addr *sender)
{
	struct peer **at = find(p, sender);

	if (p->n >= p->max)
		return PEERS_TOO_MANY;
	if (*at && (*at)->n >= p->max_of_one)
		return PEERS_TOO_MANY_OF_IT;
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return PEERS_NO_MEMORY;
		(*at)->addr = *sender;
	}
	(*at)->n++;
	p->n++;
	return PEERS_WELCOME;
}

enum peers_word
peers_come(struct peers *p, const struct addr *a)
{
	struct addr sender = sender_of(a);
	enum peers_word word;

	pthread_mutex_lock(&p->lock);
	word = come(p, &sender);
	pthread_mutex_unlock(&p->lock);
	return word;
}

void
peers_go(struct peers *p, const struct addr *a)
{
	struct addr sender = sender_of(a);
	struct peer **at, *gone = NULL;

	pthread_mutex_lock(&p->lock);
	at = find(p, &sender);
	if (*at) {
		p->n--;
		if (--(*at)->n == 0) {
			gone = *at;
			*at = gone->next;
		}
	}
	pthread_mutex_unlock(&p->lock);
	free(gone);
}

size_t
peers_count(struct peers *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->n;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void
peers_shake(struct peers *p)
{
	atomic_fetch_add(&p->shaking, 1);
}

void
peers_shaken(struct peers *p, bool good)
{
	atomic_fetch_sub(&p->shaking, 1);
	if (!good)
		atomic_fetch_add(&p->unshaken, 1);
}

size_t
peers_shaking(struct peers *p)
{
	return atomic_load(&p->shaking);
}

uint64_t
peers_unshaken(struct peers *p)
{
	return atomic_load(&p->unshaken);
}
