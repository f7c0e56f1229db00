/*
 * test_curl.c - what a webhook makes of connections that fail: a server of our
 * own speaks, breaks off, is silent or says nonsense.
 */
#include "tests/unit/output_case.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\n"
#define REQUEST_MAX 65536
#define HOLD_MS 60000
#define LONG_BODY ((size_t)2 << 20) /* more than is kept of an answer */

enum end {
	CLOSE,
	RESET,
	HANG, /* until the client goes */
	DRIP, /* a byte now and then, until the client goes */
	FLOOD /* LONG_BODY bytes */
};

struct server {
	int fd;
	uint16_t port;
	bool reads; /* the request, before it says anything */
	const char *says;
	enum end end;
	int connections;
	pthread_t thread;
};

/* ---- the server ---- */

/* Up to the end of the body; its length stands in the head. */
static void
read_request(int fd)
{
	static char got[REQUEST_MAX];
	size_t n = 0;

	while (n < sizeof(got) - 1) {
		const char *body, *length;
		ssize_t r = read(fd, got + n, sizeof(got) - 1 - n);

		if (r <= 0)
			return;
		n += (size_t)r;
		got[n] = '\0';
		body = strstr(got, "\r\n\r\n");
		length = strstr(got, "Content-Length: ");
		if (body && length &&
		    got + n >= body + 4 + strtoul(length + 16, NULL, 10))
			return;
	}
}

static bool
say(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static void
drip(int fd)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	while (say(fd, "x", 1))
		nanosleep(&pause, NULL);
}

static void
end_connection(const struct server *s, int fd)
{
	const struct linger none = { .l_onoff = 1 };
	static char filler[LONG_BODY];
	char rest[64];

	if (s->end == DRIP)
		drip(fd);
	if (s->end == HANG)
		while (read(fd, rest, sizeof(rest)) > 0)
			;
	if (s->end == FLOOD)
		say(fd, filler, sizeof(filler));
	if (s->end == RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		s->connections++;
		if (s->reads)
			read_request(fd);
		say(fd, s->says, strlen(s->says));
		end_connection(s, fd);
	}
	return NULL;
}

static bool
server_begin(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, n) < 0 ||
	    listen(s->fd, 8) < 0 ||
	    getsockname(s->fd, (struct sockaddr *)&a, &n) < 0)
		return false;
	s->port = ntohs(a.sin_port);
	return pthread_create(&s->thread, NULL, serve, s) == 0;
}

static void
server_end(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

/* ---- the rules ---- */

static const struct row {
	const char *name;
	bool reads;
	const char *says;
	enum end end;
	bool taken;
	int64_t wait_ms; /* at least */
} rows[] = {
	{ "reset before it reads", false, "", RESET, false, 0 },
	{ "reset once it has all", true, "", RESET, false, 0 },
	{ "closed without a word", true, "", CLOSE, false, 0 },
	{ "reset in the head", true, HEAD "Content-", RESET, false, 0 },
	{ "reset in the body", true, HEAD "Content-Length: 9\r\n\r\nhalf",
	    RESET, false, 0 },
	{ "closed in the body", true, HEAD "Content-Length: 9\r\n\r\nhalf",
	    CLOSE, false, 0 },
	{ "closed in a chunk", true,
	    HEAD "Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", CLOSE, false,
	    0 },
	{ "no HTTP", true, "SSH-2.0-OpenSSH_9.2\r\n", CLOSE, false, 0 },
	{ "no answer", true, "", HANG, false, 0 },
	{ "no end of the answer", true, HEAD "Content-Length: 999999\r\n\r\n",
	    DRIP, false, 0 },
	{ "a redirect", true,
	    "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\n"
	    "Content-Length: 0\r\n\r\n",
	    CLOSE, false, HOLD_MS },
	{ "busy, for seconds", true,
	    "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
	    CLOSE, false, 7000 },
	{ "busy, until a day", true,
	    "HTTP/1.1 503 Busy\r\n"
	    "Retry-After: Fri, 31 Dec 2094 23:59:59 GMT\r\n"
	    "Content-Length: 0\r\n\r\n",
	    CLOSE, false, 3600000 },
	{ "taken", true, HEAD "Content-Length: 2\r\n\r\nok", CLOSE, true, 0 },
	{ "taken, without a body", true,
	    "HTTP/1.1 204 Nothing\r\nConnection: close\r\n\r\n", CLOSE, true,
	    0 },
	{ "taken, after a word before", true,
	    "HTTP/1.1 102 Working\r\n\r\n" HEAD "Content-Length: 2\r\n\r\nok",
	    CLOSE, true, 0 },
	{ "taken, until it closes", true, HEAD "Connection: close\r\n\r\nok",
	    CLOSE, true, 0 },
	{ "taken, with much to say", true,
	    HEAD "Content-Length: 2097152\r\n\r\n", FLOOD, true, 0 },
};

static bool
meets(const struct row *row, struct output_case *c)
{
	struct server s = {
		.reads = row->reads, .says = row->says, .end = row->end
	};
	char text[512];
	bool ok;

	if (!server_begin(&s))
		return false;
	snprintf(text, sizeof(text),
	    "{type: webhook, preset: generic, private: true, timeout: %s, "
	    "url: \"http://127.0.0.1:%u/in\"}",
	    row->end == HANG || row->end == DRIP ? "300ms" : "60s", s.port);
	ok = output_case_open(c, text);
	if (ok) {
		output_case_give(c, "{\"id\":\"f-1\"}\n", NULL);
		ok = output_case_wait(c) && c->lost == 0 &&
		    c->done == row->taken && c->again == !row->taken &&
		    c->wait_ms >= row->wait_ms;
	}
	output_case_close(c);
	server_end(&s);
	return ok && s.connections <= 1; /* none is tried again in secret */
}

static void
what_breaks_is_sent_again_and_what_is_said_counts(void)
{
	static struct output_case c;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok = meets(&rows[i], &c);

		if (!ok)
			printf("    %s: %zu taken, %zu again, %zu lost, wait "
			       "%lld: %s %s\n",
			    rows[i].name, c.done, c.again, c.lost,
			    (long long)c.wait_ms, c.why, c.e.text);
		CHECK(ok);
	}
}

static void
nobody_there_is_again(void)
{
	static struct output_case c;
	struct server s = { .says = "" };
	char text[512];

	REQUIRE(server_begin(&s));
	server_end(&s);
	snprintf(text, sizeof(text),
	    "{type: webhook, preset: generic, private: true, "
	    "url: \"http://127.0.0.1:%u/in\"}",
	    s.port);
	REQUIRE(output_case_open(&c, text));
	output_case_give(&c, "{\"id\":\"f-1\"}\n", NULL);
	CHECK(output_case_wait(&c));
	CHECK_INT(c.again, 1);
	output_case_close(&c);
}

UNIT_MAIN("curl",
    { "what breaks is sent again, and what is said counts",
	what_breaks_is_sent_again_and_what_is_said_counts },
    { "nobody there is again", nobody_there_is_again })
