/*
 * test_wire.c - bytes in both directions, in plain and over TLS.
 */
#include "collector/wire.h"

#include "tests/unit/certs.h"
#include "tests/unit/tls_client.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER ((size_t)64 << 10)

static char buf[BUFFER];

/* ---- plain ---- */

static bool
plain_pair(struct wire *w, int *peer)
{
	int fd[2];

	if (socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) < 0)
		return false;
	wire_init_plain(w, fd[0]);
	*peer = fd[1];
	return true;
}

static void
a_plain_wire_gives_what_came_and_then_the_end(void)
{
	struct wire_io io;
	struct wire w;
	struct err e;
	int peer;

	REQUIRE(plain_pair(&w, &peer));
	CHECK(wire_is_up(&w) && !wire_is_tls(&w));
	CHECK_INT(wire_read(&w, buf, BUFFER, &io, &e), WIRE_WAITS);
	CHECK_INT(io.n, 0);
	CHECK_INT(write(peer, "hello", 5), 5);
	CHECK_INT(wire_read(&w, buf, BUFFER, &io, &e), WIRE_WAITS);
	CHECK_TEXT(slice_of(buf, io.n), "hello");
	CHECK_INT(write(peer, "xy", 2), 2);
	CHECK_INT(wire_read(&w, buf, 2, &io, &e), WIRE_MORE);
	close(peer);
	CHECK_INT(wire_read(&w, buf, BUFFER, &io, &e), WIRE_ENDED);
	CHECK_INT(wire_write(&w, "x", 1), ST_EIO);
	wire_release(&w);
	wire_release(&w);
}

static void
a_plain_wire_takes_only_what_the_peer_reads(void)
{
	struct wire w;
	size_t taken = 0, got = 0;
	ssize_t n;
	int peer;

	REQUIRE(plain_pair(&w, &peer));
	memset(buf, 'a', BUFFER);
	while ((n = wire_write(&w, buf, BUFFER)) > 0)
		taken += (size_t)n;
	CHECK_INT(n, 0);
	CHECK(taken > 0 && !wire_wants_write(&w));
	wire_bye(&w);
	while ((n = read(peer, buf, BUFFER)) > 0)
		got += (size_t)n;
	CHECK_INT(n, 0);
	CHECK_INT(got, taken);
	close(peer);
	wire_release(&w);
}

/* ---- TLS ---- */

struct both {
	struct tls_context *ctx;
	struct tls_client client;
	struct wire w;
	struct wire_io io;
	struct err e;
};

static const char *
in_dir(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", unit_tmpdir(), name);
	return path;
}

static bool
make_context(struct tls_context **ctx)
{
	static const struct cert_spec ca = { .name = "ca", .ca = true },
				      server = { .name = "server",
					      .issuer = "ca",
					      .server = true },
				      fwd = { .name = "fwd",
					      .issuer = "ca",
					      .san = "DNS:fwd-1.acme.com" };
	static const char *const accounts[] = { "111122223333" };
	const struct tls_allow allow = { "fwd-*.acme.com", NULL, accounts, 1 };
	const struct tls_options o = { .cert = in_dir("server.pem"),
		.key = in_dir("server.key"),
		.client_ca = in_dir("ca.pem"),
		.allow = &allow,
		.n_allow = 1 };
	struct err e;

	return certs_make(unit_tmpdir(), &ca) &&
	    certs_make(unit_tmpdir(), &server) &&
	    certs_make(unit_tmpdir(), &fwd) &&
	    tls_context_new(&o, ctx, &e) == 0;
}

static bool
both_init(struct both *b, const char *name)
{
	const struct client_about about = { .dir = unit_tmpdir(),
		.name = name };

	memset(b, 0, sizeof(*b));
	b->w.fd = -1;
	return make_context(&b->ctx) && client_init(&b->client, &about) &&
	    wire_init_tls(&b->w, b->client.fd, b->ctx) == 0;
}

static void
both_release(struct both *b)
{
	b->client.fd = -1; /* the wire's */
	wire_release(&b->w);
	client_release(&b->client);
	tls_context_unref(b->ctx);
}

static enum wire_state
shake(struct both *b)
{
	enum wire_state state = WIRE_WAITS;

	for (int i = 0; i < 20 && state == WIRE_WAITS; i++) {
		client_step(&b->client);
		state = wire_read(&b->w, buf, BUFFER, &b->io, &b->e);
		if (client_is_up(&b->client) && wire_is_up(&b->w))
			break;
	}
	return state;
}

static void
over_tls_nothing_is_written_before_the_handshake(void)
{
	struct both b;

	REQUIRE(both_init(&b, "fwd"));
	CHECK(!wire_is_up(&b.w) && wire_is_tls(&b.w));
	CHECK_INT(wire_write(&b.w, "x", 1), ST_EIO);
	both_release(&b);
}

static void
over_tls_bytes_go_both_ways_and_ends_are_told(void)
{
	char text[128];
	struct both b;
	size_t n;

	REQUIRE(both_init(&b, "fwd"));
	CHECK_INT(shake(&b), WIRE_WAITS);
	REQUIRE(wire_is_up(&b.w));
	CHECK(
	    strncmp(wire_describe(&b.w, text, sizeof(text)), "TLSv1", 5) == 0);
	CHECK(client_write(&b.client, "hello", 5));
	CHECK_INT(wire_read(&b.w, buf, BUFFER, &b.io, &b.e), WIRE_WAITS);
	CHECK_TEXT(slice_of(buf, b.io.n), "hello");
	CHECK(b.io.raw > 5);
	CHECK_INT(wire_write(&b.w, "answer", 6), 6);
	CHECK(SSL_read_ex(b.client.ssl, buf, BUFFER, &n) == 1);
	CHECK_TEXT(slice_of(buf, n), "answer");
	wire_bye(&b.w);
	CHECK(SSL_read_ex(b.client.ssl, buf, BUFFER, &n) != 1);
	CHECK_INT(SSL_get_shutdown(b.client.ssl), SSL_RECEIVED_SHUTDOWN);
	/* It may still send. */
	CHECK(client_write(&b.client, "more", 4));
	CHECK_INT(wire_read(&b.w, buf, BUFFER, &b.io, &b.e), WIRE_WAITS);
	CHECK_TEXT(slice_of(buf, b.io.n), "more");
	client_bye(&b.client);
	CHECK_INT(wire_read(&b.w, buf, BUFFER, &b.io, &b.e), WIRE_ENDED);
	both_release(&b);
}

static void
over_tls_a_long_answer_waits_for_its_reader(void)
{
	size_t taken = 0, got = 0, n;
	char *answer = calloc(1, 4 << 20);
	struct both b;

	REQUIRE(answer && both_init(&b, "fwd"));
	CHECK_INT(shake(&b), WIRE_WAITS);
	for (int i = 0; i < 100000 && got < 4 << 20; i++) {
		ssize_t some = wire_write(
		    &b.w, answer + taken, (4 << 20) - taken);

		CHECK(some >= 0 && some <= 16384);
		taken += (size_t)some;
		if (some == 0 && SSL_read_ex(b.client.ssl, buf, BUFFER, &n))
			got += n;
		if (taken == 4 << 20)
			wire_flush(&b.w);
	}
	CHECK_INT(taken, 4 << 20);
	CHECK_INT(got, 4 << 20);
	CHECK(!wire_wants_write(&b.w));
	both_release(&b);
	free(answer);
}

static void
accounts_are_those_of_the_row_that_let_it_in(void)
{
	const char *const *tags;
	struct both b;
	size_t n;

	REQUIRE(both_init(&b, "fwd"));
	wire_tags(&b.w, &n);
	CHECK_INT(n, 0);
	CHECK_INT(shake(&b), WIRE_WAITS);
	tags = wire_tags(&b.w, &n);
	CHECK_INT(n, 1);
	CHECK(n == 1 && strcmp(tags[0], "111122223333") == 0);
	both_release(&b);

	REQUIRE(both_init(&b, NULL));
	CHECK_INT(shake(&b), WIRE_FAILED);
	CHECK(strstr(b.e.text, "showed no certificate") != NULL);
	both_release(&b);
}

UNIT_MAIN("wire",
    { "a plain wire gives what came and then the end",
	a_plain_wire_gives_what_came_and_then_the_end },
    { "a plain wire takes only what the peer reads",
	a_plain_wire_takes_only_what_the_peer_reads },
    { "over TLS nothing is written before the handshake",
	over_tls_nothing_is_written_before_the_handshake },
    { "over TLS bytes go both ways and ends are told",
	over_tls_bytes_go_both_ways_and_ends_are_told },
    { "over TLS a long answer waits for its reader",
	over_tls_a_long_answer_waits_for_its_reader },
    { "accounts are those of the row that let it in",
	accounts_are_those_of_the_row_that_let_it_in }, )
