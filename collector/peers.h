/*
 * peers.h - how many connections there are, and how many of each address.
 *
 *     switch (peers_come(p, &addr)) ...       // main, when it accepts
 *     peers_go(p, &addr);                     // any thread, when it is closed
 *
 * One for each listening input.  Of IPv6 the first 64 bits count as the
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
void peers_free(struct peers *p);

/* Counts it only if it is welcome. */
enum peers_word peers_come(struct peers *p, const struct addr *a);
void peers_go(struct peers *p, const struct addr *a);
size_t peers_count(struct peers *p);

#endif
