/*
 * test_admin.c - the admin endpoint, asked over a real socket.
 */
#include "config.h"

#include "collector/admin.h"
#include "lib/loop.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 100000

struct bench {
	struct loop *loop;
	struct admin *admin;
	unsigned port;
	bool ready, sick;
};

static void
snapshot(void *arg, struct status *s)
{
	const struct bench *b = arg;

	s->version = "1.2.3";
	s->ready = b->ready;
	if (b->sick)
		status_reason(s, "output siem is stuck");
}

static bool
bench_open(struct bench *b)
{
	static const struct admin_calls calls = { snapshot, NULL };
	struct buf where = BUF_INIT;
	struct err e = { .text = "" };

	*b = (struct bench){ .ready = true };
	b->loop = loop_new();
	if (!b->loop ||
	    admin_open("127.0.0.1:0", b->loop, &calls, b, &b->admin, &e) < 0)
		return false;
	admin_tell(b->admin, &where);
	buf_addc(&where, '\0');
	b->port = (unsigned)atoi(strrchr(where.p, ':') + 1);
	buf_release(&where);
	return b->port > 0;
}

static void
bench_close(struct bench *b)
{
	admin_close(b->admin);
	loop_free(b->loop);
}

/* Asks and turns the loop until the answer has ended. */
static struct slice
ask(struct bench *b, const char *request)
{
	static char answer[262144];
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)b->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t n = 0;

	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    write(fd, request, strlen(request)) < 0) {
		close(fd);
		return SLICE_NULL;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < TURNS; i++) {
		ssize_t got = read(fd, answer + n, sizeof(answer) - n);

		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		n += got > 0 ? (size_t)got : 0;
		if (loop_step(b->loop) < 0)
			break;
	}
	close(fd);
	return slice_of(answer, n);
}

/* Reads until the first event is there, then goes away. */
static bool
listen_once(struct bench *b, struct buf *seen)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)b->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const char request[] = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool told = false;
	char bytes[4096];
	ssize_t got;

	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
	    write(fd, request, strlen(request)) > 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < TURNS && !told; i++) {
		got = read(fd, bytes, sizeof(bytes));
		if (got > 0)
			buf_add(seen, bytes, (size_t)got);
		told = seen->n > 0 && memmem(seen->p, seen->n, "data: \"", 7);
		if (loop_step(b->loop) < 0)
			break;
	}
	close(fd);
	return told;
}

static bool
answers(
    struct bench *b, const char *request, const char *begin, const char *holds)
{
	struct slice got = ask(b, request);
	bool good = slice_starts(got, begin) && slice_find(got, holds) != NULL;

	if (!good)
		fprintf(stderr, "%.*s\n", (int)got.n, got.p);
	return good;
}

#define GET(path) \
	"GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void
pages_are_served(void)
{
	struct bench b;

	REQUIRE(bench_open(&b));
	CHECK(answers(&b, GET("/live"), "HTTP/1.1 200 ", "\r\n\r\nok\n"));
	CHECK(answers(&b, GET("/ready"), "HTTP/1.1 200 ", "\r\n\r\nok\n"));
	CHECK(answers(&b, GET("/health"), "HTTP/1.1 200 ", "\r\n\r\nok\n"));
	CHECK(answers(
	    &b, GET("/metrics?x=1"), "HTTP/1.1 200 ", "\nstsentry_ready 1\n"));
	CHECK(answers(
	    &b, GET("/status"), "HTTP/1.1 200 ", "{\"version\":\"1.2.3\","));
	CHECK(answers(&b, GET("/"), "HTTP/1.1 200 ", "<strong class=\"ok\">"));
	bench_close(&b);
}

/* One listens, goes away, and another comes: each gets its event. */
static void
changes_are_told_to_who_listens(void)
{
	struct bench b;
	struct buf seen = BUF_INIT;

	REQUIRE(bench_open(&b));
	for (int i = 0; i < 2; i++) {
		buf_reset(&seen);
		REQUIRE(listen_once(&b, &seen));
		buf_addc(&seen, 0);
		CHECK(
		    strstr(seen.p, "Content-Type: text/event-stream") != NULL);
		CHECK(
		    strstr(seen.p, "data: \"<p class=\\\"answer\\\">") != NULL);
	}
	bench_close(&b);
	buf_release(&seen);
}

static void
what_is_not_well_is_503_with_reasons(void)
{
	struct bench b;

	REQUIRE(bench_open(&b));
	b.sick = true;
	CHECK(answers(&b, GET("/health"), "HTTP/1.1 503 ",
	    "\r\n\r\noutput siem is stuck\n"));
	CHECK(answers(&b, GET("/ready"), "HTTP/1.1 200 ", "ok"));
	b.ready = false;
	CHECK(answers(&b, GET("/ready"), "HTTP/1.1 503 ",
	    "not ready\noutput siem is stuck\n"));
	CHECK(answers(&b, GET("/live"), "HTTP/1.1 200 ", "ok"));
	bench_close(&b);
}

static void
everything_else_is_refused(void)
{
	struct bench b;

	REQUIRE(bench_open(&b));
	CHECK(answers(&b, GET("/x"), "HTTP/1.1 404 ", "pages: / /live"));
	CHECK(answers(&b, GET("/status/"), "HTTP/1.1 404 ", "pages: "));
	CHECK(answers(&b,
	    "POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n",
	    "HTTP/1.1 501 ", ""));
	CHECK(answers(&b,
	    "GET /status HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
	    "Connection: close\r\n\r\n0123456789",
	    "HTTP/1.1 413 ", ""));
	CHECK(answers(&b, "nonsense\r\n\r\n", "HTTP/1.", " 400 "));
	bench_close(&b);
}

UNIT_MAIN("admin", { "pages are served", pages_are_served },
    { "changes are told to who listens", changes_are_told_to_who_listens },
    { "what is not well is 503 with reasons",
	what_is_not_well_is_503_with_reasons },
    { "everything else is refused", everything_else_is_refused })
