/*
 * frame.h - cut a byte stream into frames.
 *
 *     struct framer *f = framer_new(FRAME_FILE, &limits, on_frame, on_reject, arg);
 *     framer_feed(f, bytes, n);      // slices live until the callback returns
 *     framer_finish(f);              // the stream has ended
 *     framer_free(f);
 *
 * A frame is one JSON value, or one line of text that holds one (a syslog
 * line), or one octet-counted message (RFC 6587 3.4.1).
 *
 * FRAME_FILE finds the shape for each frame by looking at it: JSON values may
 * span lines and stand without separators; the elements of a top-level array
 * and of {"Records":[...]} are given one by one, so that no document is held
 * whole.  A value that is broken or cut off costs what stands before the next
 * line that can begin a frame.
 * FRAME_STREAM (TCP, TLS) is stricter: a digit begins an octet count, anything
 * else a line.  A count that is no count is a bad line, skipped to its LF; one
 * over max_record is skipped exactly; one over FRAME_COUNT_MAX is fatal, and
 * framer_feed() returns ST_EFORMAT: close the connection.
 *
 * What is longer than max_record is skipped to its end and rejected once.
 * Does not know what is inside a record (events/).  One owner, no locks.
 */
#ifndef ST_FRAME_H
#define ST_FRAME_H

#include "events/reject.h"
#include "lib/err.h"
#include "lib/jscan.h"
#include "lib/slice.h"

#include <stdint.h>

#define FRAME_RECORD_MAX ((size_t)1 << 20)    /* default of max_record */
#define FRAME_DOCUMENT_MAX ((size_t)64 << 20) /* a wrapper of many records */
#define FRAME_COUNT_MAX ((size_t)64 << 20)

enum frame_mode { FRAME_FILE, FRAME_STREAM };

struct frame_limits {
	size_t max_record;   /* 0: FRAME_RECORD_MAX */
	size_t max_document; /* 0: FRAME_DOCUMENT_MAX; FRAME_FILE only */
};

struct frame {
	struct slice bytes;
	uint64_t offset;          /* in the stream, of its first byte */
	const struct jscan *scan; /* bytes are one JSON object, and this is what
				   * was seen of it; NULL: a line, or any
				   * other value */
};

typedef void frame_cb(void *arg, const struct frame *f);
typedef void frame_reject_cb(void *arg, enum reject why, uint64_t offset,
    struct slice some /* how it begins, at most 64 bytes */, uint64_t length);

struct framer;
struct framer *framer_new(enum frame_mode mode, const struct frame_limits *l,
    frame_cb *on_frame, frame_reject_cb *on_reject, void *arg);
int framer_feed(struct framer *f, const char *p, size_t n) ST_MUSTCHECK;
/* Nothing more is there at the moment: is what is held whole?  An unfinished
 * value is looked at again only when it has doubled, so that bytes that drip
 * in cost no square of them; a reader that waits at the end of a file asks. */
void framer_look(struct framer *f);
/* What is left is a last line without LF, or something cut off. */
void framer_finish(struct framer *f);
void framer_free(struct framer *f);

/*
 * Where a framer stands, so that another one, perhaps in another process, can
 * go on there: all that came before `offset` is framed or rejected, and what
 * is fed first stands there.  All zero: the beginning of a stream.
 */
struct frame_place {
	uint64_t offset;
	uint64_t skip_left;
	uint32_t depth;
	uint8_t state; /* 0: between frames */
	uint8_t flags;
};
#define FRAME_PLACE_SIZE 22 /* as bytes */

void framer_place(const struct framer *f, struct frame_place *result);
/* Inside of the callback: the place behind this frame. */
void framer_place_behind(const struct framer *f, const struct frame *frame,
    struct frame_place *result);
bool frame_place_is_good(const struct frame_place *p);
/* Before anything is fed.  ST_EINVAL where it is no framer's place. */
int framer_resume(struct framer *f, const struct frame_place *p) ST_MUSTCHECK;
/* A place in a stream of which nothing else is known: frames begin behind the
 * next line end. */
void frame_place_inside(uint64_t offset, struct frame_place *result);

/* As bytes, for a file that lasts. */
void frame_place_pack(
    const struct frame_place *p, unsigned char out[FRAME_PLACE_SIZE]);
void frame_place_unpack(
    const unsigned char in[FRAME_PLACE_SIZE], struct frame_place *result);

/* Bytes held for an unfinished frame; 0 between frames: an idle connection
 * then holds no buffer. */
size_t framer_held(const struct framer *f);

#endif
