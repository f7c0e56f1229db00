/*
 * lineage_i.h - what the rooms of lineage share; nobody else includes it.
 *
 *     tokens.c        the credentials: found, linked, forgotten
 *     strays.c        those that are only used, from one place
 *     shelves.c       where those and the next lie
 *     known.c         what was seen before: chains, subjects, keys, places
 *     lineage.c       the door: mints, chains, the inventory
 *     lineage_join.c  which credential a request was signed with
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
#define STRAY_CREDENTIAL_MAX 23
#define STRAYS_MAX ((size_t)131072)
#define SHELF 64 /* things in a row of the state */
#define LIVES 5  /* lists of tokens by lifetime */
#define DAY_NEVER INT32_MIN
#define SAVE_SECONDS 600      /* how old a remembered last use may be */
#define LIFETIME_UNSEEN 43200 /* of a credential whose mint was not seen */
#define GRACE_SECONDS 3600    /* a use may come late */

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

/* Something that was seen, and on which days.  A processor's cache line. */
struct known {
	uint64_t hash;
	struct known *older, *newer; /* or the next free one */
	struct name *what; /* what it goes with, where that is one thing */
	struct spot *spot; /* of a person: seen last; NULL: none */
	uint32_t slot;     /* in `shelves` */
	uint32_t days, count;
	int32_t day; /* counted last, since 1970 */
	bool mixed;  /* it goes with more than one thing */
	bool used;
};

/* Whose habits count. */
struct subject {
	struct slice name; /* absent: not known */
	uint64_t hash;     /* of it */
	bool person;
};

/* What the records of one session say of it. */
struct caller {
	uint64_t hash;
	uint32_t refs; /* strays */
	struct name *target, *label, *source_identity;
	uint64_t session, role; /* hashes: of the session, of the whole role */
	struct name *usual;     /* that `subject` was worked out with */
	uint64_t subject;       /* hash; 0: a person, who goes the long way */
	/* What was learned last, for it need not be learned again. */
	uint64_t network;
	int32_t day, named;
};

/* A credential of a role that is only used, and from one place: its mint was
 * not seen.  Most of them are seen once. */
struct stray {
	uint64_t id;     /* hash of the credential; 0: free */
	uint64_t number; /* as of a token */
	struct caller *caller;
	struct name *usual;      /* the root, as it was each time before */
	int64_t began, last_use; /* seconds */
	struct spot last;
	uint64_t tried; /* the youngest of its session when none was its mint */
	uint32_t slot;  /* in `wild` */
	char credential[STRAY_CREDENTIAL_MAX + 1];
	bool instance;
};

/* Things of one size, in shelves of SHELF: a row of the state each. */
struct shelves {
	void **shelf; /* `n` of them, NULL: not there yet */
	size_t n;
	uint64_t *dirty; /* a bit a shelf */
	bool any_dirty;
};

struct lineage {
	struct lineage_options o;
	struct lineage_counts counts;
	struct map by_id, by_session, names, known;
	struct token *oldest[LIVES], *newest[LIVES];
	struct known *oldest_known, *newest_known;
	struct token *dirty_tokens;
	struct shelves habits, wild; /* struct known, struct stray */
	struct known *free_known;
	uint32_t habits_used; /* slots that were ever used */
	struct map strays, callers;
	uint64_t strays_made; /* the next stands at this, round and round */
	struct buf gone;      /* keys of rows to delete */
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
/* The same, with a number that was given out before. */
struct token *
tokens_add_as(struct lineage *l, const struct token *t, uint64_t number);
size_t tokens_strays_max(const struct lineage *l);
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
void known_touch(struct lineage *l, const struct known *k); /* to be saved */
/* Seen last from here; false without memory. */
bool known_put_spot(struct known *k, const struct spot *s);
int32_t known_day(int64_t sec);
size_t known_max(const struct lineage *l);
/* The one in this slot of a row that is loaded; NULL: it is in use, there is
 * none, or no memory.  known_link() when it is filled in. */
struct known *known_slot(struct lineage *l, size_t slot);
bool known_link(struct lineage *l, struct known *k);
/* Put back what known_slot() gave. */
void known_discard(struct lineage *l, struct known *k);
void known_loaded(struct lineage *l); /* all rows are there */
void known_free(struct lineage *l);

/* ---- shelves.c ------------------------------------------------------------ */

/* The shelf, made when it is needed; NULL without memory. */
void *shelves_at(struct shelves *s, size_t i, size_t item_size);
void shelves_touch(struct shelves *s, size_t i); /* to be saved */
/* Each that is to be saved, until give() fails; then the rest the next time. */
int shelves_each_dirty(struct shelves *s,
    int (*give)(void *arg, size_t i, const void *shelf), void *arg);
void shelves_free(struct shelves *s);

/* ---- strays.c ------------------------------------------------------------ */

bool strays_same(const void *item, const void *key);
bool callers_same(const void *item, const void *key);
struct stray *strays_find(const struct lineage *l, uint64_t id);
/* It becomes a token; NULL without memory, when it is lost. */
struct token *strays_promote(struct lineage *l, struct stray *s);
/* What it would be as a token, holding nothing. */
void strays_as_token(const struct stray *s, struct token *t);
struct question;
/* A use that needs no more than this; false: the long way. */
bool strays_take(const struct question *q);
bool strays_is_over(const struct lineage *l, const struct stray *s);
/* While loading: as known_slot(); the caller is found or made. */
struct stray *strays_slot(struct lineage *l, size_t slot);
struct caller *callers_take(struct lineage *l, struct slice target,
    struct slice label, struct slice source_identity);
bool strays_link(struct lineage *l, struct stray *s);
void strays_discard(struct lineage *l, struct stray *s);
void strays_free(struct lineage *l);

/* ---- lineage_join.c ------------------------------------------------------ */

/* Two numbers become one. */
uint64_t lineage_mix(uint64_t a, uint64_t b);
/* The token or the stray of this credential, the latter a token then. */
struct token *lineage_by_id(struct lineage *l, uint64_t id);
uint64_t lineage_id(struct slice credential); /* 0: none of a session */
uint64_t lineage_session_of_mint(const struct request *r);
uint64_t lineage_whole_role(struct slice role);
uint64_t lineage_role_session(struct slice role, struct slice session);
uint64_t lineage_root_habit(uint64_t session);
/* Who asks with what it was born with, not with a session. */
bool lineage_is_own_root(enum principal_type t);
/* Its own mint will not come any more. */
bool lineage_may_guess(const struct lineage *l, int64_t minted);
uint64_t lineage_role_id_habit(struct slice id);
/* A caller of which only account and id are told, although the account is ours:
 * the copy that names it is missing. */
bool lineage_is_missing_copy(const struct lineage *l, const struct request *r);
void lineage_learn_names(struct lineage *l, const struct request *r);
/* The mint of a session that fits; NULL: none, or more than one root. */
struct token *
lineage_pick(struct lineage *l, uint64_t session, const struct request *r);
/* The root that all mints of this session, or of this role, came from. */
struct name *
lineage_usual_root(struct lineage *l, uint64_t session, uint64_t role);
void lineage_set_credential(struct token *t, struct slice credential);
int64_t lineage_apart(int64_t a, int64_t b);

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
	uint64_t id;         /* of a use's credential; 0: none of AWS's */
	struct token *token; /* that it was signed with; NULL: none, unknown */
	struct spot spot;    /* where it comes from; sec 0: no address */
	bool learning;
};
void lineage_tell(const struct question *q, struct lineage_answer *a);
struct subject lineage_subject(const struct question *q);
/* The same for a root and what was minted for it, or a caller (no target). */
struct subject lineage_subject_of(struct lineage *l, struct slice root,
    struct slice target, enum principal_type asker);
/* It is usual for this subject to come from here. */
void lineage_learn_place(
    struct lineage *l, const struct subject *who, const struct spot *s);
/* Its credential was used from there a moment ago. */
bool lineage_is_no_news(const struct question *q);
/* Its credential was used; `told`: that was a finding. */
void lineage_see_use(const struct question *q, bool told);
/* With the weight of its row; NULL where there is no room. */
struct reason *lineage_reason(
    struct lineage_answer *a, enum reason_code code, struct slice observed);
struct spot spot_of(const struct request *r);

/* ---- lineage_new.c ------------------------------------------------------- */

void lineage_tell_new(const struct question *q, struct lineage_answer *a);

#endif
