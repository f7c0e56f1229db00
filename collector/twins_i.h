/*
 * twins_i.h - what the rooms of twins share: what is held, from inside.
 *
 * twins.c decides; twins_keep.c saves and loads what is held.  For these two
 * only.
 */
#ifndef ST_TWINS_I_H
#define ST_TWINS_I_H

#include "collector/twins.h"

#include "collector/seen.h"
#include "lib/map.h"

/* The two parts of an act in the console. */
enum part { PART_NONE, PART_SWITCH = 1, PART_INTERNAL = 2 };

/* How a request may meet others; zero is none. */
struct keys {
	uint64_t shared[2], role[2];
	bool has_shared;
	enum part part; /* has a role key unless PART_NONE */
};

/* What was decided of an act. */
struct decided {
	enum verdict_word word;
	char group[FINDING_ID_SIZE];
	unsigned parts; /* enum part, or'ed */
};

struct act {
	uint64_t role[2];
	bool has_role;
	struct act *same; /* a further one of this role and second */
	struct held *first, *last;
	unsigned members;     /* that have no line yet */
	struct held *primary; /* once judged */
	struct decided decided;
};

struct held {
	struct held *before, *behind; /* the queue */
	struct held *sibling;         /* in its act */
	struct act *act;              /* NULL: none */
	struct keys keys;
	bool in_shared; /* stands in by_shared for all of its sharedEventID */
	bool late;      /* its act was decided before it came */
	struct decided decided; /* then: as what */
	uint64_t number;        /* names its row */
	bool saved;
	uint64_t tick;
	size_t size;
	struct kept_verdict
	    *kept; /* a primary that was judged before its turn */
	struct arena arena;
	struct request request;
};

struct twins {
	bool live;
	struct twins_calls calls;
	void *arg;
	struct held *first, *last;
	size_t n, bytes;
	uint64_t tick;
	struct when now; /* of the newest request */
	struct map by_shared, by_role;
	struct seen *recent;
	struct buf text;
	struct verdict verdict;
	uint64_t next_number;
	struct buf gone; /* numbers of saved ones that have their line */
};

/* It has its line: its row is there no longer. */
void twins_gone(struct twins *t, const struct held *h);

#endif
