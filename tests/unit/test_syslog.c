/*
 * test_syslog.c - the syslog output against sockets of the test's own.
 */
#include "lib/clock.h"
#include "lib/tls.h"
#include "tests/unit/certs.h"
#include "tests/unit/output_case.h"
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS 60000

/* A socket on a free port of 127.0.0.1. */
static int
bound(int type, unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *sa = (struct sockaddr *)(void *)&a;
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, sa, n) < 0 || getsockname(fd, sa, &n) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 4) < 0))
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

static const char *
in_yaml(const char *server, unsigned port, const char *more)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	    "{type: syslog, format: json, server: \"%s%u\"%s}", server, port,
	    more);
	return text;
}

static int
accepted(struct output_case *c, int listener)
{
	int64_t end = clock_ms() + WAIT_MS;
	int fd;

	while ((fd = accept(listener, NULL, NULL)) < 0 && clock_ms() < end)
		output_case_turn(c);
	return fd;
}

/* A record, given again for as long as the old connection is written to. */
static int
given_until_accepted(struct output_case *c, int listener)
{
	int64_t end = clock_ms() + WAIT_MS;
	int fd = -1;

	while (fd < 0 && clock_ms() < end) {
		output_case_give(c, "{\"a\":1}\n", NULL);
		do
			output_case_turn(c);
		while ((fd = accept(listener, NULL, NULL)) < 0 &&
		    !output_is_idle(c->output) && clock_ms() < end);
	}
	return fd;
}

/* What comes until so many bytes are there. */
static struct slice
read_bytes(struct output_case *c, int fd, size_t want)
{
	static char text[8192];
	int64_t end = clock_ms() + WAIT_MS;
	size_t n = 0;
	ssize_t r;

	while (n < want && clock_ms() < end) {
		r = recv(fd, text + n, sizeof(text) - n, MSG_DONTWAIT);
		if (r == 0)
			break;
		if (r > 0)
			n += (size_t)r;
		else
			output_case_turn(c);
	}
	return slice_of(text, n);
}

#define HEADER                                                          \
	"<83>1 2026-03-01T08:00:00Z sentry.example stsentry - finding " \
	"- "
#define LINE HEADER "{\"a\":1}"

static void
a_datagram_each_and_one_too_long_is_lost(void)
{
	static struct output_case c;
	static char huge[70001];
	unsigned port;
	int fd = bound(SOCK_DGRAM, &port);

	REQUIRE(fd >= 0);
	memset(huge, 'x', sizeof(huge) - 1);
	REQUIRE(output_case_open(&c, in_yaml("udp://127.0.0.1:", port, "")));
	output_case_give(&c, "{\"a\":1}\n", huge, "{\"a\":1}\n", NULL);
	REQUIRE(output_case_wait(&c));
	CHECK_INT(c.done, 2);
	CHECK_INT(c.verdicts[1], STSENTRY_LOST);
	CHECK_TEXT(read_bytes(&c, fd, 1), LINE);
	CHECK_TEXT(read_bytes(&c, fd, 1), LINE);
	output_case_close(&c);
	close(fd);
}

static void
a_log_daemon_s_socket_takes_messages(void)
{
	static struct output_case c;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[300];

	snprintf(a.sun_path, sizeof(a.sun_path), "%.80s/log", unit_tmpdir());
	REQUIRE(
	    fd >= 0 && bind(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0);
	snprintf(text, sizeof(text),
	    "{type: syslog, format: cef, server: \"unix://%s\"}", a.sun_path);
	REQUIRE(output_case_open(&c, text));
	output_case_give(&c, "CEF:0|x\n", NULL);
	REQUIRE(output_case_wait(&c));
	CHECK_INT(c.done, 1);
	CHECK_TEXT(read_bytes(&c, fd, 1),
	    "<83>Mar  1 08:00:00 sentry.example CEF:0|x");
	output_case_close(&c);
	close(fd);
}

static void
a_server_that_is_not_there_is_again(void)
{
	static struct output_case c;
	unsigned port;
	int fd = bound(SOCK_STREAM, &port);

	close(fd);
	REQUIRE(output_case_open(&c, in_yaml("tcp://127.0.0.1:", port, "")));
	output_case_give(&c, "{}\n", NULL);
	REQUIRE(output_case_wait(&c));
	CHECK_INT(c.again, 1);
	CHECK(strstr(c.why, "cannot connect to 127.0.0.1") != NULL);
	output_case_close(&c);
}

/* It has read all: nothing comes twice, and nothing is written into nowhere. */
static void
a_connection_that_the_server_closed_is_opened_again(void)
{
	static const char frame[] = "70 " LINE;
	static struct output_case c;
	unsigned port;
	int listener = bound(SOCK_STREAM, &port), fd;
	int64_t end = clock_ms() + WAIT_MS;

	REQUIRE(listener >= 0);
	REQUIRE(output_case_open(&c, in_yaml("tcp://127.0.0.1:", port, "")));
	output_case_give(&c, "{\"a\":1}\n", NULL);
	fd = accepted(&c, listener);
	REQUIRE(fd >= 0);
	CHECK_TEXT(read_bytes(&c, fd, sizeof(frame) - 1), frame);
	REQUIRE(output_case_wait(&c));
	shutdown(fd, SHUT_WR);
	/* Our end is closed, too, as soon as that is seen. */
	while (recv(fd, &port, sizeof(port), MSG_DONTWAIT) != 0 &&
	    clock_ms() < end)
		output_case_turn(&c);
	close(fd);
	output_case_give(&c, "{\"a\":1}\n", NULL);
	fd = accepted(&c, listener);
	REQUIRE(fd >= 0);
	REQUIRE(output_case_wait(&c));
	CHECK_INT(c.done, 1);
	CHECK_TEXT(read_bytes(&c, fd, sizeof(frame) - 1), frame);
	CHECK_INT(recv(fd, &port, sizeof(port), MSG_DONTWAIT), -1);
	output_case_close(&c);
	close(fd);
	close(listener);
}

/* It was taken by the system and never read. */
static void
what_was_unread_at_a_reset_is_sent_again(void)
{
	static const char both[] = "70 " LINE "70 " LINE;
	const struct linger hard = { 1, 0 };
	static struct output_case c;
	unsigned port;
	int listener = bound(SOCK_STREAM, &port), fd;

	REQUIRE(listener >= 0);
	REQUIRE(output_case_open(&c, in_yaml("tcp://127.0.0.1:", port, "")));
	output_case_give(&c, "{\"a\":1}\n", NULL);
	fd = accepted(&c, listener);
	REQUIRE(fd >= 0 && output_case_wait(&c));
	CHECK_INT(c.done, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	fd = given_until_accepted(&c, listener);
	REQUIRE(fd >= 0);
	CHECK_TEXT(read_bytes(&c, fd, sizeof(both) - 1), both);
	REQUIRE(output_case_wait(&c));
	CHECK_INT(c.done, 1);
	output_case_close(&c);
	close(fd);
	close(listener);
}

static bool
make_certs(const char *dir)
{
	const struct cert_spec ca = { .name = "ca", .ca = true };
	const struct cert_spec good = { .name = "good",
		.issuer = "ca",
		.san = "IP:127.0.0.1",
		.server = true };
	const struct cert_spec other = { .name = "other",
		.issuer = "ca",
		.san = "DNS:elsewhere.example",
		.server = true };

	return certs_make(dir, &ca) && certs_make(dir, &good) &&
	    certs_make(dir, &other);
}

/* One record over TLS to a server with that certificate; what came. */
static struct slice
over_tls(struct output_case *c, const char *name)
{
	static char got[TLS_SLACK + 4096];
	char cert[512], key[512], more[512];
	const struct tls_options o = { .cert = cert, .key = key };
	struct tls_context *ctx = NULL;
	struct tls *t = NULL;
	struct tls_io io = { 0, 0 };
	enum tls_state state = TLS_WAITS;
	int64_t end = clock_ms() + WAIT_MS;
	unsigned port;
	int listener = bound(SOCK_STREAM, &port), fd = -1;
	size_t n = 0;
	struct err e;

	snprintf(cert, sizeof(cert), "%s/%s.pem", unit_tmpdir(), name);
	snprintf(key, sizeof(key), "%s/%s.key", unit_tmpdir(), name);
	snprintf(more, sizeof(more), ", ca: \"%s/ca.pem\"", unit_tmpdir());
	if (tls_context_new(&o, &ctx, &e) == 0 &&
	    output_case_open(c, in_yaml("tls://127.0.0.1:", port, more))) {
		output_case_give(c, "{\"a\":1}\n", NULL);
		fd = accepted(c, listener);
		t = tls_new(ctx, fd);
	}
	while (t && clock_ms() < end && n == 0 &&
	    (state == TLS_WAITS || state == TLS_MORE)) {
		output_case_turn(c);
		state = tls_read(t, got, sizeof(got), &io, &e);
		n += io.n;
	}
	CHECK(output_case_wait(c));
	tls_free(t);
	tls_context_unref(ctx);
	close(fd);
	close(listener);
	return slice_of(got, n);
}

static void
a_certificate_must_bear_the_server_s_name(void)
{
	static struct output_case c;

	REQUIRE(make_certs(unit_tmpdir()));
	CHECK_TEXT(over_tls(&c, "good"), "70 " LINE);
	CHECK_INT(c.done, 1);
	output_case_close(&c);
	CHECK_TEXT(over_tls(&c, "other"), "");
	CHECK_INT(c.again, 1);
	CHECK(strstr(c.why, "TLS: ") != NULL);
	CHECK(strstr(c.why, "mismatch") != NULL);
	output_case_close(&c);
}

static void
what_cannot_be_a_line_is_refused(void)
{
	static struct output_case c;

	CHECK(!output_case_load(
	    &c, "{type: syslog, server: \"tcp://h.example:1\", format: text}"));
	CHECK(strstr(c.e.text, "use rfc5424") != NULL);
	output_case_close(&c);
	CHECK(!output_case_load(&c,
	    "{type: syslog, server: \"tls://h.example:1\", ca: /none/such}"));
	CHECK(strstr(c.e.text, "cannot use /none/such") != NULL);
	output_case_close(&c);
}

static void
begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	CHECK(true);
}

UNIT_MAIN("syslog", { "a server may go at any time", begin },
    { "a datagram each, and one too long is lost",
	a_datagram_each_and_one_too_long_is_lost },
    { "a log daemon's socket takes messages",
	a_log_daemon_s_socket_takes_messages },
    { "a server that is not there is again",
	a_server_that_is_not_there_is_again },
    { "a connection that the server closed is opened again",
	a_connection_that_the_server_closed_is_opened_again },
    { "what was unread at a reset is sent again",
	what_was_unread_at_a_reset_is_sent_again },
    { "a certificate must bear the server's name",
	a_certificate_must_bear_the_server_s_name },
    { "what cannot be a line is refused", what_cannot_be_a_line_is_refused })
