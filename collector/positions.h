/*
 * positions.h - which files have been read, and how far.
 *
 *     struct positions *p = positions_new(0);
 *     err = positions_load(p, key, value);       // each row that was kept
 *     struct position *f = positions_by_file(p, dev, ino);
 *     ... read, change f->place ...
 *     positions_row(p, f, path, &key, &value);   // for a mark
 *     positions_free(p);
 *
 * A file is known by where it lies (device and inode) and by what it holds: a
 * sum of its first POSITION_HEAD bytes, and one of the bytes right before
 * `check_at`.  Bytes are those behind gzip or zstd.  A file that was
 * truncated, or whose inode went to another one, leaves a ghost: what it held
 * without a place, by which a copy or a packed sibling of it is known.
 * This is a ledger of single files, never a mark on a clock: a file is new
 * until it has a position, however old it is or late it comes.
 *
 * About 130 bytes a file; none is forgotten while it is there.  Beyond the
 * bound nothing new is taken: such files are left unread, and said.
 * One owner, no locks; may go from one owner to the next.
 */
#ifndef ST_POSITIONS_H
#define ST_POSITIONS_H

#include "collector/frame.h"
#include "lib/buf.h"

#define POSITIONS_MAX ((size_t)2000000) /* files, unless told otherwise */
#define POSITION_HEAD 1024              /* first bytes that name a file */
#define POSITIONS_FORGET_S (7 * 86400)  /* not seen for so long: forgotten */
#define POSITION_PREFIX "file/"         /* all keys begin so */

enum position_flags {
	POSITION_DONE = 1,     /* all of it is read; it may still grow */
	POSITION_OPEN = 2,     /* somebody reads it now */
	POSITION_FINISHED = 4, /* its rest was counted as it is */
};

/* Sums of 64 bits; of no bytes: 0. */
uint64_t position_sum(const void *p, size_t n);

struct position {
	uint64_t dev, ino; /* both 0: a ghost */
	/* As it was when all of it was read; else both 0. */
	uint64_t size;
	int64_t mtime; /* ns */
	uint64_t head;
	/* Of up to POSITION_HEAD bytes before check_at; at or behind place. */
	uint64_t check, check_at;
	struct frame_place place;
	uint64_t number; /* in its row's key */
	char *path;      /* where it is not done; owned; or NULL */
	uint32_t seen;   /* minutes since 1970 */
	uint32_t self, next_file, next_head; /* the room's own */
	uint16_t head_n; /* bytes that `head` is the sum of */
	uint8_t flags;   /* enum position_flags */
	bool used;
};

struct positions;
struct positions *positions_new(size_t max); /* 0: POSITIONS_MAX */
void positions_free(struct positions *p);

/* A row as positions_row() made it.  ST_ENOENT: the key is no file's;
 * ST_EFORMAT: the value is none; ST_ELIMIT, ST_ENOMEM. */
int positions_load(
    struct positions *p, struct slice key, struct slice value) ST_MUSTCHECK;
/* Makes a key and value.  The path may be NULL. */
void positions_row(const struct positions *p, const struct position *f,
    const char *path, struct buf *key, struct buf *value);

/* NULL: beyond the bound, or without memory. */
struct position *positions_add(struct positions *p, uint64_t dev, uint64_t ino);
/* The same reading state under another place: NULL as above. */
struct position *positions_copy(
    struct positions *p, const struct position *f, uint64_t dev, uint64_t ino);
void positions_drop(struct positions *p, struct position *f);

struct position *
positions_by_file(const struct positions *p, uint64_t dev, uint64_t ino);
/* The next one whose first bytes these are, behind `after` (NULL: the first);
 * the longest heads come first. */
struct position *positions_by_head(const struct positions *p, const void *bytes,
    size_t n, const struct position *after);

/* Change what it is found by. */
void positions_move(
    struct positions *p, struct position *f, uint64_t dev, uint64_t ino);
void positions_set_head(
    struct positions *p, struct position *f, uint64_t head, size_t n);
/* false without memory: then it has none. */
bool position_set_path(struct position *f, const char *path);

/* One after the other, in no order that means something; NULL at the end.
 * The one in hand may be dropped. */
struct position *
positions_next(const struct positions *p, const struct position *after);
size_t positions_count(const struct positions *p);

/* Facts about an input that stand beside the files: has this been noted? */
bool positions_has_fact(const struct positions *p, const char *name);
/* Notes it, and makes the row; false without memory. */
bool positions_fact(
    struct positions *p, const char *name, struct buf *key, struct buf *value);

#endif
