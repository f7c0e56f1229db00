/*
 * peers.h - how many connections there are, and how many of each address.
 *
 *     switch (peers_come(p, &addr)) ...       // main, when it accepts
 *     peers_shake(p); peers_shaken(p, true);  // over TLS: the handshake is over
 *     peers_go(p, &addr);                     // any thread, when it is closed
 *     peers_unref(p);
 *
 * One for each listening input; each connection holds it, too.  Of IPv6 the first 64 bits count as the
 * address: that is what one sender has.  Any thread.
 */
#ifndef ST_PEERS_H
#define ST_PEERS_H

#include "geo/addr.h"

#include <stddef.h>

enum peers_word {
	PEERS_WELCOME,
	PEERS_TOO_MANY,
	PEERS_TOO_MANY_OF_IT,
	PEERS_NO_MEMORY,
};

struct peers;
/* 0: no limit.  NULL without memory. */
struct peers *peers_new(size_t max, size_t max_of_one);
struct peers *peers_ref(struct peers *p);
void peers_unref(struct peers *p);
/* From now on; those that are in stay. */
void peers_limit(struct peers *p, size_t max, size_t max_of_one);

/* Counts it only if it is welcome. */
enum peers_word peers_come(struct peers *p, const struct addr *a);
void peers_go(struct peers *p, const struct addr *a);
size_t peers_count(struct peers *p);

/* A handshake begins; it ends, well or not. */
void peers_shake(struct peers *p);
void peers_shaken(struct peers *p, bool good);
/* How many are not over. */
size_t peers_shaking(struct peers *p);
/* How many came to nothing: refused, broken, or not finished in time. */
uint64_t peers_unshaken(struct peers *p);

#endif
