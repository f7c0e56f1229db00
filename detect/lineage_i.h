/*
 * lineage_i.h - what the rooms of lineage share; nobody else includes it.
 *
 *     tokens.c        the credentials: found, linked, forgotten
 *     known.c         what was seen before: chains, subjects, keys, places
 *     lineage.c       the door: joins, mints, chains
 *     lineage_tell.c  a credential in a place where it should not be
 *     lineage_new.c   ways to a credential that were never taken
 *     lineage_keep.c  over a restart
 */
#ifndef ST_LINEAGE_I_H
#define ST_LINEAGE_I_H

#include "detect/lineage.h"
#include "lib/map.h"

#define CREDENTIAL_MAX 32 /* bytes of an access key that are kept */
#define NAME_KEPT_MAX 512 /* bytes of a name; longer ones are cut */
#define LIVES 5           /* lists of tokens by lifetime */

/* A string that many tokens share. */
struct name {
	uint64_t hash;
	uint32_t refs;
	uint32_t n;
	char text[]; /* n bytes and a NUL */
};

/* Where and when something was seen; `sec` 0: never, or at no address. */
struct spot {
	int64_t sec;
	uint64_t network; /* hash of its /24 or /48 */
	uint32_t asn;
	float lat, lon;
	char country[3];
	uint8_t flags; /* enum place_flags */
	bool has_point;
};

struct token {
	uint64_t number;  /* key of its row, in the order of making */
	uint64_t id;      /* hash of the credential; 0: not told */
	uint64_t session; /* hash of what it stands for, and its session */
	struct token *parent;
	struct token *before_same;   /* the one before it in its session */
	struct token *same;          /* the next of its session */
	struct token *older, *newer; /* in the list of its lifetime */
	struct token *next_dirty, **dirty_at; /* dirty_at NULL: it is saved */
	struct name *who;                     /* NULL: its mint was not seen */
	struct name *target, *label, *source_identity, *city;
	struct name *usual; /* the root, as it was each time before */
	int64_t minted, expires, last_use; /* seconds; last_use 0: none */
	uint64_t parent_number;            /* while loading, where `orphan` */
	uint32_t refs;                     /* the table's and its children's */
	uint8_t life, provider, hops, asker; /* asker: enum principal_type */
	bool lifetime_told, instance, weak;  /* weak: by a nameless copy */
	bool gone;                           /* in no table any more */
	bool orphan;
	bool in_session; /* stands in the chain of its session */
	uint64_t tried; /* the youngest of its session when none was its mint */
	char credential[CREDENTIAL_MAX + 1];
	struct spot mint, last; /* last: used from there */
};

/* Something that was seen, and when. */
struct known {
	uint64_t hash;
	struct known *older, *newer;
	struct known *next_dirty, **dirty_at;
	int64_t first, last; /* seconds */
	uint32_t days, count;
	int64_t day;       /* counted last */
	struct spot spot;  /* of a person: seen last */
	struct name *what; /* what it goes with, where that is one thing */
	bool mixed;        /* it is not */
};

struct lineage {
	struct lineage_options o;
	struct lineage_counts counts;
	struct map by_id, by_session, names, known;
	struct token *oldest[LIVES], *newest[LIVES];
	struct known *oldest_known, *newest_known;
	struct token *dirty_tokens;
	struct known *dirty_known;
	struct buf gone; /* keys of rows to delete */
	uint64_t next_number;
	struct map by_number; /* while loading */
	struct token *loaded_gone;
	struct when first, now; /* event time: the first, the latest */
	bool kept;              /* somebody saves */
	struct arena words;     /* of the answer */
};

/* ---- tokens.c ------------------------------------------------------------ */

bool tokens_same_id(const void *item, const void *key);
bool tokens_same_session(const void *item, const void *key);
bool tokens_same_name(const void *item, const void *key);

struct name *name_take(struct lineage *l, struct slice s); /* NULL: absent */
void name_drop(struct lineage *l, struct name *n);
struct slice name_text(const struct name *n);

struct token *tokens_by_id(const struct lineage *l, uint64_t id);
struct token *tokens_by_session(const struct lineage *l, uint64_t session);

/* A new one with what is in `t`, whose names it takes over; NULL without
 * memory (and the names are given back). */
struct token *tokens_add(struct lineage *l, const struct token *t);
/* It can be in tables; numbers and lists are as they were saved. */
bool tokens_link(struct lineage *l, struct token *t);
/* False where that would close a ring or be too long. */
bool
tokens_set_parent(struct lineage *l, struct token *t, struct token *parent);
void tokens_touch(struct lineage *l, struct token *t); /* a row to write */
/* Its mint was seen: another lifetime, and one of its session. */
bool tokens_renew(struct lineage *l, struct token *t); /* false: no memory */
/* Lifetimes and bounds: what is over goes. */
void tokens_trim(struct lineage *l);
void tokens_free(struct lineage *l);
/* One reference less; at the last it goes, and its parents that hang on it. */
void tokens_drop(struct lineage *l, struct token *t);
/* It was never linked. */
void tokens_discard(struct lineage *l, struct token *t);
bool tokens_same_number(const void *item, const void *key);
unsigned tokens_life(int64_t seconds); /* which list */

/* ---- known.c ------------------------------------------------------------- */

bool known_same(const void *item, const void *key);
/* NULL: never seen. */
struct known *known_find(const struct lineage *l, uint64_t hash);
/* Seen now; NULL without memory. */
struct known *known_note(struct lineage *l, uint64_t hash, int64_t sec);
/* Seen now, together with `what`: if it ever goes with another, with none. */
struct known *known_note_with(
    struct lineage *l, uint64_t hash, struct slice what, int64_t sec);
/* It was seen on so many days before this one. */
bool known_since(const struct known *k, int64_t sec, unsigned days);
void known_link(struct lineage *l, struct known *k);
void known_touch(struct lineage *l, struct known *k);
void known_free(struct lineage *l);

/* ---- lineage.c ----------------------------------------------------------- */

/* Hash of a kind of thing and up to three names. */
uint64_t
lineage_hash(const char *kind, struct slice a, struct slice b, struct slice c);
/* The token that a request was signed with, heard of now if need be; NULL
 * where there is none, or it cannot be told which. */
struct token *lineage_signed_with(struct lineage *l, const struct request *r);
/* What this request gives out, where it was used already; else NULL. */
const struct token *
lineage_seen_before_mint(struct lineage *l, const struct request *r);
const struct token *lineage_root(const struct token *t);
/* Who is behind it all; absent: not known. */
struct slice lineage_root_name(const struct lineage *l, const struct token *t);

/* ---- lineage_tell.c ------------------------------------------------------ */

struct question {
	struct lineage *l;
	const struct request *r;
	const struct lineage_scope *scope;
	struct token *token; /* that it was signed with; NULL: none, unknown */
	struct spot spot;    /* where it comes from; sec 0: no address */
	bool learning;
};
void lineage_tell(const struct question *q, struct lineage_answer *a);
/* Whose habits count; absent where that is not known. */
struct slice lineage_subject(const struct question *q);
/* With the weight of its row; NULL where there is no room. */
struct reason *lineage_reason(
    struct lineage_answer *a, enum reason_code code, struct slice observed);
struct spot spot_of(const struct request *r);

/* ---- lineage_new.c ------------------------------------------------------- */

void lineage_tell_new(const struct question *q, struct lineage_answer *a);

#endif
