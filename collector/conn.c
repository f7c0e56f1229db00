/*
 * conn.c - one connection of a stream input: a descriptor and its framer.
 *
 * See conn.h.  The framer is made with the first bytes and given back when
 * nothing is held, so that ten thousand idle senders cost next to nothing.
 */
#include "collector/conn.h"

#include "collector/peers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LABEL_SIZE (ADDR_TEXT + 48)

struct conn {
	int fd;
	unsigned input;
	uint64_t id;
	struct framer *framer; /* NULL between frames */
	size_t max_record;
	struct peers *peers;
	struct addr peer;
	char label[LABEL_SIZE];
};

struct conn *
conn_new(const struct conn_about *a)
{
	struct conn *c = calloc(1, sizeof(*c));
	char peer[ADDR_TEXT];

	if (!c)
		return NULL;
	c->fd = a->fd;
	c->input = a->input;
	c->id = a->id;
	c->max_record = a->max_record;
	c->peers = a->peers;
	c->peer = a->peer;
	addr_format(&a->peer, peer);
	snprintf(c->label, sizeof(c->label),
	    a->peer.v4 ? "conn %" PRIu64 " %s %s:%u"
		       : "conn %" PRIu64 " %s [%s]:%u",
	    a->id, a->kind, peer, a->port);
	return c;
}

void
conn_free(struct conn *c)
{
	if (!c)
		return;
	framer_free(c->framer);
	close(c->fd);
	if (c->peers)
		peers_go(c->peers, &c->peer);
	free(c);
}

static ssize_t
read_some(int fd, char *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static bool
need_framer(struct conn *c, const struct conn_reader *r)
{
	const struct frame_limits limits = { .max_record = c->max_record };

	if (!c->framer)
		c->framer = framer_new(
		    FRAME_STREAM, &limits, r->frame, r->reject, r->arg);
	return c->framer != NULL;
}

static void
drop_idle_framer(struct conn *c)
{
	if (c->framer && framer_held(c->framer) == 0) {
		framer_free(c->framer);
		c->framer = NULL;
	}
}

/* One read; CONN_MORE where the next may find something, too. */
static enum conn_state
read_once(struct conn *c, const struct conn_reader *r, uint64_t *bytes)
{
	ssize_t n;

	if (!need_framer(c, r))
		return CONN_FAILED;
	n = read_some(c->fd, r->buf, r->size);
	if (n == 0)
		return CONN_ENDED;
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? CONN_WAITS
							       : CONN_FAILED;
	*bytes += (uint64_t)n;
	if (framer_feed(c->framer, r->buf, (size_t)n) < 0)
		return CONN_FAILED;
	return (size_t)n < r->size ? CONN_WAITS : CONN_MORE;
}

enum conn_state
conn_read(struct conn *c, const struct conn_reader *r, uint64_t *bytes)
{
	enum conn_state state = CONN_MORE;

	*bytes = 0;
	for (int i = 0; i < CONN_READS_MAX && state == CONN_MORE; i++)
		state = read_once(c, r, bytes);
	drop_idle_framer(c);
	return state;
}

void
conn_finish(struct conn *c)
{
	if (c->framer)
		framer_finish(c->framer);
	drop_idle_framer(c);
}

bool
conn_is_between_frames(const struct conn *c)
{
	return !c->framer;
}

int
conn_fd(const struct conn *c)
{
	return c->fd;
}

unsigned
conn_input(const struct conn *c)
{
	return c->input;
}

uint64_t
conn_id(const struct conn *c)
{
	return c->id;
}

const char *
conn_label(const struct conn *c)
{
	return c->label;
}
