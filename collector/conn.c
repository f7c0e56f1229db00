/*
 * conn.c - one accepted connection: its wire, where it came from, its name.
 *
 * See conn.h.  Ten thousand idle ones must cost next to nothing: nothing here
 * grows with what is said.
 */
#include "collector/conn.h"

#include "collector/peers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LABEL_SIZE (ADDR_TEXT + 48)

struct conn {
	struct wire wire;
	const struct client_kind *kind;
	uint64_t id;
	struct peers *peers;
	unsigned input;
	bool shaking; /* counted as such */
	struct addr peer;
	char label[LABEL_SIZE];
};

static void
make_label(struct conn *c, const struct conn_about *a)
{
	char peer[ADDR_TEXT];

	if (a->who) {
		snprintf(c->label, sizeof(c->label), "conn %" PRIu64 " %s %s",
		    a->id, a->name, a->who);
		return;
	}
	addr_format(&a->peer, peer);
	snprintf(c->label, sizeof(c->label),
	    a->peer.v4 ? "conn %" PRIu64 " %s %s:%u"
		       : "conn %" PRIu64 " %s [%s]:%u",
	    a->id, a->name, peer, a->port);
}

struct conn *
conn_new(const struct conn_about *a)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (!a->tls) {
		wire_init_plain(&c->wire, a->fd);
	} else if (wire_init_tls(&c->wire, a->fd, a->tls) < 0) {
		free(c);
		return NULL;
	}
	c->kind = a->kind;
	c->input = a->input;
	c->id = a->id;
	c->peers = a->peers ? peers_ref(a->peers) : NULL;
	c->peer = a->peer;
	make_label(c, a);
	c->shaking = a->tls && a->peers;
	if (c->shaking)
		peers_shake(c->peers);
	return c;
}

void
conn_free(struct conn *c)
{
	if (!c)
		return;
	wire_release(&c->wire);
	if (c->shaking)
		peers_shaken(c->peers, false);
	if (c->peers)
		peers_go(c->peers, &c->peer);
	peers_unref(c->peers);
	free(c);
}

struct wire *
conn_wire(struct conn *c)
{
	return &c->wire;
}

int
conn_fd(const struct conn *c)
{
	return c->wire.fd;
}

unsigned
conn_input(const struct conn *c)
{
	return c->input;
}

void
conn_set_input(struct conn *c, unsigned input)
{
	c->input = input;
}

void
conn_shaken(struct conn *c)
{
	if (c->shaking)
		peers_shaken(c->peers, true);
	c->shaking = false;
}

uint64_t
conn_id(const struct conn *c)
{
	return c->id;
}

const struct client_kind *
conn_kind(const struct conn *c)
{
	return c->kind;
}

const char *
conn_label(const struct conn *c)
{
	return c->label;
}
