/*
 * conn.h - one connection of a stream input: a descriptor and its framer.
 *
 *     struct conn *c = conn_new(&about);          // owns about.fd from now
 *     switch (conn_read(c, &reader, &bytes)) ...  // when it is readable
 *     conn_finish(c);                             // it has ended
 *     conn_free(c);
 *
 * Reads into a buffer of its reader, which many connections share: between
 * frames it holds no memory but itself.  Knows no loop and no thread; whoever
 * calls conn_read() must be one at a time.
 */
#ifndef ST_CONN_H
#define ST_CONN_H

#include "collector/frame.h"
#include "geo/addr.h"

struct peers;

struct conn_about {
	int fd;         /* non-blocking */
	unsigned input; /* index into the configuration's inputs */
	uint64_t id;
	const char *kind; /* "tcp", for messages */
	struct addr peer;
	uint16_t port;
	size_t max_record; /* 0: FRAME_RECORD_MAX */
	/* Where it was counted as coming; it is counted as gone when freed.
	 * May be NULL. */
	struct peers *peers;
};

/* What the bytes are read into and given to; the same for all connections of
 * one thread. */
struct conn_reader {
	char *buf;
	size_t size;
	frame_cb *frame;
	frame_reject_cb *reject;
	void *arg;
};

/* So that one peer does not keep the others waiting. */
#define CONN_READS_MAX 4

enum conn_state {
	CONN_WAITS,  /* nothing more to read now */
	CONN_MORE,   /* there may be: come back, others are waiting */
	CONN_ENDED,  /* the peer has closed */
	CONN_FAILED, /* broken, or its bytes can no longer be told apart */
};

struct conn;
/* NULL without memory: the descriptor is still the caller's. */
struct conn *conn_new(const struct conn_about *a);
/* Closes the descriptor.  Any thread. */
void conn_free(struct conn *c);

enum conn_state
conn_read(struct conn *c, const struct conn_reader *r, uint64_t *bytes);
/* Give out what stands before the end, or reject it as cut off. */
void conn_finish(struct conn *c);

int conn_fd(const struct conn *c);
unsigned conn_input(const struct conn *c);
uint64_t conn_id(const struct conn *c);
/* "conn 17 tcp 198.51.100.7:4431" */
const char *conn_label(const struct conn *c);
/* Nothing of an unfinished frame is held. */
bool conn_is_between_frames(const struct conn *c);

#endif
