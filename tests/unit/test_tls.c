/*
 * test_tls.c - who may come over TLS, and that no byte is lost or given early.
 *
 * Certificates are made when the test begins.
 */
#include "lib/tls.h"

#include "tests/unit/certs.h"
#include "tests/unit/tls_case.h"
#include "tests/unit/tls_client.h"
#include "tests/unit/unit.h"

#include <openssl/pem.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER ((size_t)64 << 10)

/* Both ends of a connection, and what the server has been given. */
struct both {
	struct tls_client client;
	struct tls *server;
	char *got;
	size_t n, cap;
	enum tls_state state;
	struct err e;
};

static bool
both_init(
    struct both *b, struct tls_context *ctx, const struct client_about *about)
{
	memset(b, 0, sizeof(*b));
	if (!ctx || !client_init(&b->client, about))
		return false;
	b->server = tls_new(ctx, b->client.fd);
	return b->server != NULL;
}

static void
both_release(struct both *b)
{
	tls_free(b->server);
	client_release(&b->client);
	free(b->got);
}

/* The server reads all there is. */
static enum tls_state
serve(struct both *b)
{
	static char buf[BUFFER + TLS_SLACK];
	struct tls_io io;

	do {
		b->state = tls_read(b->server, buf, sizeof(buf), &io, &b->e);
		if (b->n + io.n > b->cap) {
			b->cap = 2 * (b->n + io.n);
			b->got = realloc(b->got, b->cap);
		}
		if (io.n > 0)
			memcpy(b->got + b->n, buf, io.n);
		b->n += io.n;
	} while (b->state == TLS_MORE || (b->state == TLS_WAITS && io.raw > 0));
	return b->state;
}

/* Until both are up, or one has given up. */
static bool
shake(struct both *b)
{
	for (int i = 0; i < 20; i++) {
		client_step(&b->client);
		if (serve(b) != TLS_WAITS)
			return false;
		if (client_is_up(&b->client) && tls_is_up(b->server))
			return true;
	}
	return false;
}

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static struct client_about
only(int version)
{
	return (struct client_about){
		.min = version, .max = version, .dir = unit_tmpdir()
	};
}

/* ---- handshakes ---- */

static void
versions_from_1_2_on_are_spoken(void)
{
	static const struct {
		int version;
		enum tls_version min;
		bool good;
	} rows[] = {
		{ TLS1_3_VERSION, TLS_1_2, true },
		{ TLS1_2_VERSION, TLS_1_2, true },
		{ TLS1_1_VERSION, TLS_1_2, false },
		{ TLS1_VERSION, TLS_1_2, false },
		{ TLS1_3_VERSION, TLS_1_3, true },
		{ TLS1_2_VERSION, TLS_1_3, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tls_options o = plain_options();
		const struct client_about about = only(rows[i].version);
		struct tls_context *ctx;
		struct both b;
		char text[80];

		o.min = rows[i].min;
		ctx = context(&o);
		REQUIRE(both_init(&b, ctx, &about));
		CHECK(shake(&b) == rows[i].good);
		if (rows[i].good)
			CHECK(
			    strncmp(tls_describe(b.server, text, sizeof(text)),
				"TLSv1.", 6) == 0);
		else
			CHECK(strstr(b.e.text,
				  "handshake failed: the peer's "
				  "TLS version is too old") != NULL);
		both_release(&b);
		tls_context_unref(ctx);
	}
}

static void
who_may_come_is_decided_in_the_handshake(void)
{
	static const struct tls_allow fwd[] = { { .san = "fwd-1.acme.com" } },
				      wild[] = { { .san = "fwd-*.acme.com" } };
	static const struct {
		const char *name, *crl;
		const struct tls_allow *allow;
		const char *says; /* NULL: it may come */
	} rows[] = {
		{ "fwd", NULL, NULL, NULL },
		{ "right-use", NULL, NULL, NULL },
		{ "fwd", "ca.crl", NULL, NULL },
		{ NULL, NULL, NULL, "showed no certificate" },
		{ "stranger", NULL, NULL, "unable to get local issuer" },
		{ "self", NULL, NULL, "self" },
		{ "expired", NULL, NULL, "certificate has expired" },
		{ "early", NULL, NULL, "not yet valid" },
		{ "wrong-use", NULL, NULL, "unsuitable certificate purpose" },
		{ "revoked", NULL, NULL, NULL },
		{ "revoked", "ca.crl", NULL, "certificate revoked" },
		/* A CRL of somebody else: ours has none, and that is no yes. */
		{ "fwd", "other-ca.crl", NULL,
		    "unable to get certificate CRL" },
		{ "fwd", NULL, fwd, NULL },
		{ "fwd-2", NULL, fwd, "none of those allowed: SHA-256 " },
		{ "fwd-2", NULL, wild, NULL },
		{ "stranger", NULL, fwd, "unable to get local issuer" },
		{ "revoked", "ca.crl", fwd, "certificate revoked" },
	};

	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		size_t r = i / 2;
		struct tls_options o = plain_options();
		struct client_about about = only(versions[i % 2]);
		struct tls_context *ctx;
		struct both b;
		bool up;

		about.name = rows[r].name;
		o.client_ca = in_dir("ca.pem");
		o.crl = rows[r].crl ? in_dir(rows[r].crl) : NULL;
		o.allow = rows[r].allow;
		o.n_allow = rows[r].allow ? 1 : 0;
		ctx = context(&o);
		REQUIRE(both_init(&b, ctx, &about));
		up = shake(&b);
		CHECK(up == (rows[r].says == NULL));
		CHECK(tls_is_up(b.server) == up);
		if (!up && (!rows[r].says || !strstr(b.e.text, rows[r].says)))
			printf("\n    row %zu: %s", r, b.e.text);
		if (rows[r].says)
			CHECK(strstr(b.e.text, rows[r].says) != NULL);
		both_release(&b);
		tls_context_unref(ctx);
	}
}

static void
an_authority_below_another_may_be_the_one_that_is_named(void)
{
	struct tls_options o = plain_options();
	struct client_about about = only(TLS1_3_VERSION);
	struct tls_context *ctx;
	struct both b;

	about.name = "below";
	o.client_ca = in_dir("middle.pem");
	ctx = context(&o);
	REQUIRE(both_init(&b, ctx, &about));
	CHECK(shake(&b));
	both_release(&b);
	tls_context_unref(ctx);
}

static void
the_tags_are_those_of_the_row_that_matched(void)
{
	static const char *const one[] = { "111122223333" },
				 *const two[] = { "444455556666", "7*" };
	static const struct tls_allow rows[] = {
		{ .san = "fwd-2.acme.com", .tags = one, .n_tags = 1 },
		{ .san = "fwd-*.acme.com", .tags = two, .n_tags = 2 },
	};
	struct tls_options o = plain_options();
	struct client_about about = only(TLS1_3_VERSION);
	const char *const *tags;
	struct tls_context *ctx;
	struct both b;
	size_t n = 7;

	about.name = "fwd";
	o.client_ca = in_dir("ca.pem");
	o.allow = rows;
	o.n_allow = 2;
	ctx = context(&o);
	REQUIRE(both_init(&b, ctx, &about));
	tls_tags(b.server, &n);
	CHECK_INT(n, 0);
	CHECK(shake(&b));
	/* The context may be given up while connections last. */
	tls_context_unref(ctx);
	tags = tls_tags(b.server, &n);
	CHECK_INT(n, 2);
	CHECK_TEXT(slice_str(tags[0]), "444455556666");
	CHECK_TEXT(slice_str(tags[1]), "7*");
	both_release(&b);
}

/* One byte of the client's at a time, through a second pair of sockets. */
static void
drip(struct both *b, int from, int to)
{
	char byte;

	while (b->state == TLS_WAITS && read(from, &byte, 1) == 1) {
		CHECK(write(to, &byte, 1) == 1);
		serve(b);
		CHECK_INT(b->n, 0);
	}
}

static void
a_dripped_handshake_lets_nobody_in_who_may_not(void)
{
	static const char *const names[] = { "stranger", "fwd-2", NULL };
	static const struct tls_allow allow = { .san = "fwd-1.acme.com" };

	for (size_t i = 0; i < 2 * COUNT(names); i++) {
		struct tls_options o = plain_options();
		struct client_about about = only(versions[i % 2]);
		struct tls_context *ctx;
		struct both b;
		char back[4096];
		int pair[2];
		ssize_t n;

		about.name = names[i / 2];
		o.client_ca = in_dir("ca.pem");
		o.allow = &allow;
		o.n_allow = 1;
		ctx = context(&o);
		REQUIRE(both_init(&b, ctx, &about));
		REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			    pair) == 0);
		tls_free(b.server);
		b.server = tls_new(ctx, pair[1]);
		for (int k = 0; k < 20; k++) {
			client_step(&b.client);
			/* In 1.3 it believes by now that it is in. */
			if (client_is_up(&b.client))
				client_write(&b.client, "{}\n", 3);
			drip(&b, b.client.fd, pair[0]);
			while ((n = read(pair[0], back, sizeof(back))) > 0)
				CHECK(write(b.client.fd, back, (size_t)n) == n);
		}
		CHECK(b.state == TLS_FAILED);
		CHECK(!tls_is_up(b.server));
		CHECK_INT(b.n, 0);
		both_release(&b);
		close(pair[0]);
		close(pair[1]);
		tls_context_unref(ctx);
	}
}

static void
what_is_no_tls_is_told_as_such(void)
{
	static const struct {
		const char *sent, *says;
	} rows[] = {
		{ "{\"eventVersion\":\"1.09\"}\n", "does not speak TLS" },
		{ "<13>Mar  1 08:00:00 host app: {}\n", "does not speak TLS" },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "speaks HTTP" },
		{ "POST /x HTTP/1.1\r\n\r\n", "speaks HTTP" },
	};
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct client_about about = { 0 };
		size_t n = strlen(rows[i].sent);
		struct both b;

		REQUIRE(both_init(&b, ctx, &about));
		CHECK(write(b.client.own, rows[i].sent, n) == (ssize_t)n);
		CHECK(serve(&b) == TLS_FAILED);
		CHECK(strstr(b.e.text, rows[i].says) != NULL);
		CHECK_INT(b.n, 0);
		/* Once failed it stays so. */
		both_release(&b);
	}
	tls_context_unref(ctx);
}

/* ---- bytes ---- */

static void
bytes_come_as_they_were_sent_in_every_size(void)
{
	static const size_t sizes[] = { 1, 2, 17, 4096, 16384, 16385, 50000,
		150000 };
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	size_t total = 0, checked = 0;
	static char sent[150000];

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 7 + i / 251);
	for (size_t v = 0; v < 2; v++) {
		const struct client_about about = only(versions[v]);
		struct both b;

		REQUIRE(both_init(&b, ctx, &about));
		REQUIRE(shake(&b));
		total = checked = 0;
		for (size_t i = 0; i < COUNT(sizes); i++) {
			size_t from = 0;

			/* A pair of sockets holds about 200 KiB. */
			while (from < sizes[i]) {
				size_t n = sizes[i] - from < 30000
				    ? sizes[i] - from
				    : 30000;

				CHECK(client_write(&b.client, sent + from, n));
				from += n;
				total += n;
				CHECK(serve(&b) == TLS_WAITS);
			}
		}
		CHECK_INT(b.n, total);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			CHECK(memcmp(b.got + checked, sent, sizes[i]) == 0);
			checked += sizes[i];
		}
		both_release(&b);
	}
	tls_context_unref(ctx);
}

/* Records cut at every place, in a buffer that holds little more than one. */
static void
a_record_may_be_cut_anywhere(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	static char buf[TLS_SLACK + 700], wire[70000], sent[40000];
	const struct client_about about = only(TLS1_3_VERSION);
	struct both b;
	ssize_t n;

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 13 + i / 255);
	REQUIRE(both_init(&b, ctx, &about));
	REQUIRE(shake(&b));
	REQUIRE(client_write(&b.client, sent, sizeof(sent)));
	n = read(b.client.fd, wire, sizeof(wire));
	REQUIRE(n > (ssize_t)sizeof(sent));
	for (ssize_t at = 0, step = 1; at < n; at += step) {
		struct tls_io io;

		step = (at * 31 + 7) % 1500 + 1;
		if (step > n - at)
			step = n - at;
		CHECK(write(b.client.own, wire + at, (size_t)step) == step);
		do {
			b.state = tls_read(
			    b.server, buf, sizeof(buf), &io, &b.e);
			CHECK(b.n + io.n <= sizeof(sent));
			CHECK(memcmp(buf, sent + b.n, io.n) == 0);
			b.n += io.n;
		} while (b.state == TLS_MORE);
		CHECK(b.state == TLS_WAITS);
	}
	CHECK_INT(b.n, sizeof(sent));
	both_release(&b);
	tls_context_unref(ctx);
}

static void
all_that_came_before_an_end_is_given(void)
{
	enum ending { SAYS_BYE, JUST_CLOSES, HALF_CLOSES };
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);

	for (size_t i = 0; i < 6; i++) {
		const struct client_about about = only(versions[i % 2]);
		enum ending how = (enum ending)(i / 2);
		struct both b;
		char byte;

		REQUIRE(both_init(&b, ctx, &about));
		REQUIRE(shake(&b));
		for (int k = 0; k < 100; k++)
			CHECK(client_write(&b.client, "{\"a\":1}\n", 8));
		if (how == SAYS_BYE || how == HALF_CLOSES)
			client_bye(&b.client);
		if (how != HALF_CLOSES)
			client_close(&b.client);
		CHECK(serve(&b) == (how == JUST_CLOSES ? TLS_CUT : TLS_ENDED));
		CHECK_INT(b.n, 800);
		tls_bye(b.server);
		if (how == HALF_CLOSES) {
			/* It still hears our goodbye. */
			CHECK(SSL_read(b.client.ssl, &byte, 1) <= 0);
			CHECK(SSL_get_shutdown(b.client.ssl) &
			    SSL_RECEIVED_SHUTDOWN);
		}
		both_release(&b);
	}
	tls_context_unref(ctx);
}

/* What a server writes after the handshake meets a closed socket when the
 * client was quick, and the reset takes away what the client sent last. */
static void
a_server_writes_nothing_once_it_is_up(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);

	for (size_t v = 0; v < 2; v++) {
		const struct client_about about = only(versions[v]);
		struct both b;

		REQUIRE(both_init(&b, ctx, &about));
		REQUIRE(shake(&b));
		CHECK_INT(client_unread(&b.client), 0);
		CHECK(client_write(&b.client, "x", 1));
		CHECK(serve(&b) == TLS_WAITS);
		CHECK_INT(client_unread(&b.client), 0);
		CHECK(!SSL_session_reused(b.client.ssl));
		both_release(&b);
	}
	tls_context_unref(ctx);
}

static void
a_handshake_with_data_and_end_at_once_loses_nothing(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	const struct client_about about = only(TLS1_3_VERSION);
	struct both b;

	REQUIRE(both_init(&b, ctx, &about));
	client_step(&b.client);
	CHECK(serve(&b) == TLS_WAITS);
	client_step(&b.client);
	REQUIRE(client_is_up(&b.client) && !tls_is_up(b.server));
	CHECK(client_write(&b.client, "{\"a\":1}\n", 8));
	client_close(&b.client);
	CHECK(serve(&b) == TLS_CUT);
	CHECK(tls_is_up(b.server));
	CHECK_INT(b.n, 8);
	tls_bye(b.server);
	both_release(&b);
	tls_context_unref(ctx);
}

static void
a_broken_record_ends_it_behind_the_good_ones(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	const struct client_about about = only(TLS1_3_VERSION);
	struct tls_io io;
	static char buf[BUFFER];
	struct both b;

	REQUIRE(both_init(&b, ctx, &about));
	REQUIRE(shake(&b));
	CHECK(client_write(&b.client, "good", 4));
	CHECK(write(b.client.own, "\x17\x03\x03\x00\x14rubbish rubbish rubb",
		  25) == 25);
	CHECK(serve(&b) == TLS_FAILED);
	CHECK_INT(b.n, 4);
	CHECK(strstr(b.e.text, "broken TLS: ") != NULL);
	CHECK(tls_read(b.server, buf, sizeof(buf), &io, &b.e) == TLS_CUT ||
	    io.n == 0);
	both_release(&b);
	tls_context_unref(ctx);
}

static void
renegotiation_is_not_done(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	const struct client_about about = only(TLS1_2_VERSION);
	struct both b;

	REQUIRE(both_init(&b, ctx, &about));
	REQUIRE(shake(&b));
	SSL_renegotiate(b.client.ssl);
	SSL_do_handshake(b.client.ssl);
	serve(&b);
	SSL_do_handshake(b.client.ssl);
	CHECK(SSL_renegotiate_pending(b.client.ssl) ||
	    !SSL_is_init_finished(b.client.ssl));
	CHECK_INT(b.n, 0);
	both_release(&b);
	tls_context_unref(ctx);
}

/* ---- peers that do not read ---- */

static void
a_long_answer_waits_for_the_socket(void)
{
	static char san[24000];
	const struct cert_spec big = {
		.name = "big", .issuer = "ca", .san = san
	};
	struct tls_options o = plain_options();
	const struct client_about about = only(TLS1_3_VERSION);
	struct tls_context *ctx;
	bool waited = false;
	const int little = 1;
	struct both b;

	for (int i = 0; i < 900; i++)
		snprintf(san + strlen(san), 32, "%sDNS:host-%d.example",
		    i ? "," : "", i);
	REQUIRE(certs_make(unit_tmpdir(), &big));
	o.cert = in_dir("big.pem");
	o.key = in_dir("big.key");
	ctx = context(&o);
	REQUIRE(both_init(&b, ctx, &about));
	setsockopt(b.client.fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	client_step(&b.client);
	CHECK(serve(&b) == TLS_WAITS);
	CHECK(tls_wants_write(b.server));
	for (int i = 0; i < 50 && !tls_is_up(b.server); i++) {
		waited = waited || tls_wants_write(b.server);
		client_step(&b.client);
		CHECK(serve(&b) == TLS_WAITS);
	}
	CHECK(waited && tls_is_up(b.server));
	CHECK(!tls_wants_write(b.server));
	both_release(&b);
	tls_context_unref(ctx);
}

static void
a_peer_that_asks_and_never_reads_is_given_up(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	const struct client_about about = only(TLS1_3_VERSION);
	struct both b;
	int asked = 0;

	REQUIRE(both_init(&b, ctx, &about));
	REQUIRE(shake(&b));
	do {
		SSL_key_update(b.client.ssl, SSL_KEY_UPDATE_REQUESTED);
		client_write(&b.client, "x", 1);
	} while (serve(&b) == TLS_WAITS && ++asked < 100000);
	CHECK(b.state == TLS_FAILED);
	CHECK(strstr(b.e.text, "does not read our answers") != NULL);
	CHECK(asked > 1000);
	both_release(&b);
	tls_context_unref(ctx);
}

static void
a_peer_that_is_gone_is_read_to_its_end(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	const struct client_about about = only(TLS1_3_VERSION);
	struct both b;

	REQUIRE(both_init(&b, ctx, &about));
	REQUIRE(shake(&b));
	CHECK(client_write(&b.client, "one", 3));
	SSL_key_update(b.client.ssl, SSL_KEY_UPDATE_REQUESTED);
	CHECK(client_write(&b.client, "two", 3));
	CHECK(client_write(&b.client, "six", 3));
	client_close(&b.client);
	/* The answer to the update cannot be written any more. */
	CHECK(serve(&b) == TLS_CUT);
	CHECK_INT(b.n, 9);
	CHECK(!tls_wants_write(b.server));
	tls_bye(b.server);
	both_release(&b);
	tls_context_unref(ctx);
}

/* ---- garbage ---- */

static void
garbage_at_any_place_only_fails(void)
{
	struct tls_options o = plain_options();
	struct tls_context *ctx = context(&o);
	static char hello[4096];
	const struct client_about about = { 0 };
	struct both b;
	unsigned seed = 1;
	ssize_t n;

	REQUIRE(both_init(&b, ctx, &about));
	client_step(&b.client);
	n = read(b.client.fd, hello, sizeof(hello));
	both_release(&b);
	REQUIRE(n > 100);
	for (int i = 0; i < 1000; i++) {
		char sent[4096];
		int pair[2];

		REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			    pair) == 0);
		memset(&b, 0, sizeof(b));
		b.client.own = pair[0];
		b.client.fd = pair[1];
		b.server = tls_new(ctx, pair[1]);
		REQUIRE(b.server != NULL);
		memcpy(sent, hello, (size_t)n);
		for (int k = 0; k <= i % 4; k++)
			sent[rand_r(&seed) % n] = (char)rand_r(&seed);
		CHECK(write(pair[0], sent, (size_t)n) == n);
		serve(&b);
		CHECK_INT(b.n, 0);
		CHECK(!tls_is_up(b.server));
		both_release(&b);
	}
	tls_context_unref(ctx);
}

UNIT_MAIN("tls",
    { "versions from 1.2 on are spoken", versions_from_1_2_on_are_spoken },
    { "who may come is decided in the handshake",
	who_may_come_is_decided_in_the_handshake },
    { "an authority below another may be the one that is named",
	an_authority_below_another_may_be_the_one_that_is_named },
    { "the tags are those of the row that matched",
	the_tags_are_those_of_the_row_that_matched },
    { "a dripped handshake lets nobody in who may not",
	a_dripped_handshake_lets_nobody_in_who_may_not },
    { "what is no TLS is told as such", what_is_no_tls_is_told_as_such },
    { "bytes come as they were sent in every size",
	bytes_come_as_they_were_sent_in_every_size },
    { "a record may be cut anywhere", a_record_may_be_cut_anywhere },
    { "all that came before an end is given",
	all_that_came_before_an_end_is_given },
    { "a server writes nothing once it is up",
	a_server_writes_nothing_once_it_is_up },
    { "a handshake with data and end at once loses nothing",
	a_handshake_with_data_and_end_at_once_loses_nothing },
    { "a broken record ends it behind the good ones",
	a_broken_record_ends_it_behind_the_good_ones },
    { "renegotiation is not done", renegotiation_is_not_done },
    { "a long answer waits for the socket",
	a_long_answer_waits_for_the_socket },
    { "a peer that asks and never reads is given up",
	a_peer_that_asks_and_never_reads_is_given_up },
    { "a peer that is gone is read to its end",
	a_peer_that_is_gone_is_read_to_its_end },
    { "garbage at any place only fails", garbage_at_any_place_only_fails })
