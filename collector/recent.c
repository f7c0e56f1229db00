/*
 * recent.c - which uses of a credential are no news.
 *
 * See recent.h.  Four places for each hash, so that a look is one line of the
 * processor's cache or two; the place to be pushed out goes round.  The hash
 * has a fixed key: what is news must not differ from run to run.  One owner.
 */
#include "collector/recent.h"

#include "lib/hash.h"

#include <stdlib.h>

#define WAYS 4
#define SETS (RECENT_MAX / WAYS)
#define KEY_MAX 160 /* of credential and source together */

struct recent {
	uint64_t tags[SETS][WAYS]; /* 0: empty */
	unsigned char next[SETS];
};

struct recent *
recent_new(void)
{
	return calloc(1, sizeof(struct recent));
}

void
recent_free(struct recent *r)
{
	free(r);
}

void
recent_forget(struct recent *r)
{
	memset(r, 0, sizeof(*r));
}

/* 0 where it must not be kept. */
static uint64_t
tag_of(const struct use *u)
{
	char key[KEY_MAX];
	size_t n = u->credential.n, m = u->source.n;
	int64_t minute = u->time.sec / 60;

	if (!u->time.valid || n == 0 || sizeof(minute) + n + m > sizeof(key))
		return 0;
	memcpy(key, &minute, sizeof(minute));
	memcpy(key + sizeof(minute), u->credential.p, n);
	if (m)
		memcpy(key + sizeof(minute) + n, u->source.p, m);
	return hash_stable(key, sizeof(minute) + n + m);
}

bool
recent_has(struct recent *r, const struct use *u)
{
	uint64_t tag = tag_of(u), *set;
	size_t at = (size_t)(tag % SETS);

	if (tag == 0)
		return false;
	set = r->tags[at];
	for (int i = 0; i < WAYS; i++)
		if (set[i] == tag)
			return true;
	set[r->next[at]] = tag;
	r->next[at] = (unsigned char)((r->next[at] + 1) % WAYS);
	return false;
}
