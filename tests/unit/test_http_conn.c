/*
 * test_http_conn.c - requests over one connection, without a worker's thread.
 *
 * What the far end writes, and when, is the test's; so is what is kept.
 */
#include "tests/unit/unit.h"
#include "tests/unit/worker_case.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define DOOR "{type: http, listen: \"127.0.0.1:1\", idle_timeout: 60s"
#define PLENTY 1000

static void
say(int fd, const char *text)
{
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
}

/* A request with one record in it. */
static const char *
post(const char *headers)
{
	static char text[2048];

	snprintf(text, sizeof(text),
	    "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n%s\r\n%s",
	    RECORD, headers, record);
	return text;
}

/* What has been answered since the last time. */
static struct slice
heard(int fd)
{
	static char text[16384];
	ssize_t n = read(fd, text, sizeof(text));

	return slice_of(text, n > 0 ? (size_t)n : 0);
}

static size_t
count(struct slice text, const char *what)
{
	size_t n = 0;
	const char *p;

	while ((p = slice_find(text, what)) != NULL) {
		text.n -= (size_t)(p + 1 - text.p);
		text.p = p + 1;
		n++;
	}
	return n;
}

static void
check_heard(int fd, const char *line)
{
	struct slice s = heard(fd);

	CHECK(slice_starts(s, line));
	if (!slice_starts(s, line))
		printf("\n    %.*s", (int)s.n, s.p);
}

static void
success_is_answered_once_it_is_kept(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, DOOR "}", PLENTY));
	worker_set_now(f.worker, 1000);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say(fd, post(""));
	fixture_turn(&f);
	CHECK_INT(heard(fd).n, 0);
	/* However long it lasts it is not idle. */
	worker_set_now(f.worker, 25000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK_INT(heard(fd).n, 0);
	fixture_keep(&f);
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 200 OK\r\n");
	CHECK_INT(f.n_requests, 1);
	/* The same connection goes on, and is idle some day. */
	say(fd, post(""));
	fixture_turn(&f);
	fixture_keep(&f);
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 200 OK\r\n");
	worker_set_now(f.worker, 100000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK(fixture_closed(fd));
	close(fd);
	fixture_release(&f);
}

static void
an_answer_that_comes_too_late_is_not_the_next_ones(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, DOOR "}", PLENTY));
	worker_set_now(f.worker, 1000);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say(fd, post(""));
	fixture_turn(&f);
	worker_set_now(f.worker, 31000);
	worker_tick(f.worker);
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 503 Service Unavailable\r\n");
	CHECK(fixture_closed(fd));
	fixture_keep(&f);
	fixture_turn(&f);
	CHECK_INT(worker_conns(f.worker), 1);
	worker_set_now(f.worker, 34000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK_INT(worker_conns(f.worker), 0);
	close(fd);
	fixture_release(&f);
}

static void
requests_may_come_in_pieces_or_several_at_once(void)
{
	struct buf all = BUF_INIT;
	struct slice s;
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, DOOR "}", PLENTY));
	for (int i = 0; i < 3; i++)
		buf_adds(&all, post("X: y\r\n"));
	buf_addf(&all,
	    "\r\nPOST / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
	    RECORD, record);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	for (size_t i = 0; i < all.n; i++) {
		CHECK_INT(write(fd, all.p + i, 1), 1);
		fixture_turn(&f);
		fixture_keep(&f);
		fixture_turn(&f);
	}
	s = heard(fd);
	CHECK_INT(count(s, "HTTP/1.1 200 OK\r\n"), 4);
	CHECK_INT(f.n_requests, 4);
	CHECK_INT(write(fd, all.p, all.n), all.n);
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < 4; i++) {
		fixture_turn(&f);
		fixture_keep(&f);
	}
	fixture_turn(&f);
	CHECK_INT(count(heard(fd), "HTTP/1.1 200 OK\r\n"), 4);
	CHECK_INT(f.n_requests, 8);
	CHECK(fixture_closed(fd));
	CHECK_INT(worker_conns(f.worker), 0);
	buf_release(&all);
	close(fd);
	fixture_release(&f);
}

static void
a_full_queue_is_waited_for_and_then_told(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, DOOR "}", 1));
	worker_set_now(f.worker, 1000);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say(fd, post(""));
	fixture_turn(&f);
	/* It is full, and the batch with the first one is still there. */
	close(fd);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say(fd, post(""));
	fixture_turn(&f);
	CHECK_INT(heard(fd).n, 0);
	worker_set_now(f.worker, 4000);
	worker_tick(f.worker);
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 503 Service Unavailable\r\n");
	/* The connection goes on; this time there is room in time. */
	say(fd, post(""));
	fixture_turn(&f);
	fixture_keep(&f);
	CHECK_INT(f.n_requests, 1);
	worker_tell(f.worker, WORKER_ROOM);
	fixture_turn(&f);
	fixture_keep(&f);
	CHECK_INT(f.n_requests, 2);
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 200 OK\r\n");
	close(fd);
	fixture_release(&f);
}

static void
who_is_too_slow_is_told(void)
{
	static const char *const begun[] = {
		"POST / HT",
		"\r\nPOST / HTTP/1.1\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n12",
	};
	struct fixture f;

	REQUIRE(fixture_init(&f, DOOR ", body_timeout: 20s}", PLENTY));
	for (int i = 0; i < 3; i++) {
		int fd = fixture_come(&f, 0, &http_kind, NULL);

		worker_set_now(f.worker, i * 100000);
		say(fd, begun[i]);
		fixture_turn(&f);
		worker_set_now(f.worker, i * 100000 + (i < 2 ? 10000 : 20000));
		worker_tick(f.worker);
		fixture_turn(&f);
		check_heard(fd, "HTTP/1.1 408 Request Timeout\r\n");
		close(fd);
	}
	fixture_release(&f);
}

static void
what_is_refused_is_refused_before_its_body(void)
{
	static const struct {
		const char *request, *line;
	} rows[] = {
		{ "nonsense\r\n\r\n", "HTTP/1.1 400 " },
		{ "POST / HTTP/2.0\r\nHost: h\r\n\r\n", "HTTP/1.1 505 " },
		{ "POST / HTTP/1.1\r\nHost: h\r\n"
		  "Content-Length: 5000000000\r\n\r\n",
		    "HTTP/1.1 413 " },
		{ "POST / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 411 " },
		{ "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 405 " },
		{ "POST / HTTP/1.1\r\nHost: h\r\n"
		  "Transfer-Encoding: chunked\r\n\r\nz\r\n",
		    "HTTP/1.1 400 " },
		{ "POST / HTTP/1.1\r\nHost: h\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n10000\r\n",
		    "HTTP/1.1 503 " },
	};
	static char much[0x10000];
	struct fixture f;

	REQUIRE(fixture_init(&f, DOOR ", max_held: 4k}", PLENTY));
	memset(much, ' ', sizeof(much));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = fixture_come(&f, 0, &http_kind, NULL);

		say(fd, rows[i].request);
		if (i == sizeof(rows) / sizeof(rows[0]) - 1)
			CHECK(write(fd, much, sizeof(much)) > 0x8000);
		fixture_turn(&f);
		check_heard(fd, rows[i].line);
		close(fd);
		fixture_turn(&f);
	}
	CHECK_INT(worker_conns(f.worker), 0);
	CHECK_INT(atomic_load(&http_shared_counts(f.http, 0)->held), 0);
	fixture_release(&f);
}

static void
what_breaks_off_leaves_no_trace(void)
{
	struct http_counts *n;
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, DOOR "}", PLENTY));
	n = http_shared_counts(f.http, 0);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	CHECK_INT(write(fd, post(""), 200), 200);
	fixture_turn(&f);
	CHECK(atomic_load(&n->held) > 0);
	close(fd);
	fixture_turn(&f);
	fixture_take(&f);
	CHECK_INT(f.n_batches, 0);
	CHECK_INT(atomic_load(&n->cut), 1);
	CHECK_INT(atomic_load(&n->held), 0);
	fixture_release(&f);
}

static void
a_delivery_is_known_though_its_connection_is_gone(void)
{
	static const char id[] = "X-Amz-Firehose-Request-Id: r-1\r\n";
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, DOOR "}", PLENTY));
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say(fd, post(id));
	fixture_turn(&f);
	close(fd);
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say(fd, post(id));
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 503 Service Unavailable\r\n");
	fixture_keep(&f);
	say(fd, post(id));
	fixture_turn(&f);
	check_heard(fd, "HTTP/1.1 200 OK\r\n");
	fixture_take(&f);
	CHECK_INT(f.n_requests, 1);
	close(fd);
	fixture_release(&f);
}

static void
the_end_answers_what_is_owed(void)
{
	struct fixture f;
	int busy, idle;

	REQUIRE(fixture_init(&f, DOOR "}", PLENTY));
	busy = fixture_come(&f, 0, &http_kind, NULL);
	idle = fixture_come(&f, 0, &http_kind, NULL);
	say(busy, post(""));
	fixture_turn(&f);
	worker_tell(f.worker, WORKER_DRAIN);
	fixture_turn(&f);
	CHECK(fixture_closed(idle));
	CHECK_INT(heard(busy).n, 0);
	fixture_keep(&f);
	fixture_turn(&f);
	check_heard(busy, "HTTP/1.1 200 OK\r\n");
	CHECK(fixture_closed(busy));
	close(busy);
	close(idle);
	fixture_release(&f);
}

UNIT_MAIN("http_conn",
    { "success is answered once it is kept",
	success_is_answered_once_it_is_kept },
    { "an answer that comes too late is not the next one's",
	an_answer_that_comes_too_late_is_not_the_next_ones },
    { "requests may come in pieces or several at once",
	requests_may_come_in_pieces_or_several_at_once },
    { "a full queue is waited for and then told",
	a_full_queue_is_waited_for_and_then_told },
    { "who is too slow is told", who_is_too_slow_is_told },
    { "what is refused is refused before its body",
	what_is_refused_is_refused_before_its_body },
    { "what breaks off leaves no trace", what_breaks_off_leaves_no_trace },
    { "a delivery is known though its connection is gone",
	a_delivery_is_known_though_its_connection_is_gone },
    { "the end answers what is owed", the_end_answers_what_is_owed })
