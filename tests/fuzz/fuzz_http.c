/*
 * fuzz_http.c - any bytes over a connection of an http input, whole and in
 * pieces.
 *
 * Both ways they get the same answers and bring the same records, whatever is
 * kept is answered, and when the peer has ended the connection does, too, with
 * all memory for bodies given back.  The first byte tells how long pieces are.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/worker_case.h"

#include "lib/log.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE_MOST ((size_t)65536)
#define ROUNDS_MOST 10000
#define DOOR                                                                   \
	"{type: http, listen: \"127.0.0.1:1\", max_body: 64k, max_record: 4k," \
	" max_inflated: 64k, token: t}"

struct heard {
	struct buf said;
	size_t n_requests;
};

/* True where something was said. */
static bool
hear(int fd, struct buf *said)
{
	char text[4096];
	ssize_t n;
	bool any = false;

	while ((n = read(fd, text, sizeof(text))) > 0) {
		buf_add(said, text, (size_t)n);
		any = true;
	}
	return any;
}

static bool
turn(struct fixture *f, int fd, struct heard *o)
{
	size_t before = f->n_batches;

	fixture_turn(f);
	fixture_keep(f);
	fixture_turn(f);
	return hear(fd, &o->said) || f->n_batches > before;
}

/* What does not fit waits until the worker has read; once it has closed, or
 * reads no more, the rest is of no use. */
static void
say_all(struct fixture *f, int fd, struct slice bytes, size_t piece,
    struct heard *o)
{
	for (int quiet = 0; bytes.n > 0 && quiet < 3;) {
		ssize_t n = send(fd, bytes.p, bytes.n < piece ? bytes.n : piece,
		    MSG_NOSIGNAL);

		quiet = turn(f, fd, o) || n > 0 ? 0 : quiet + 1;
		bytes.p += n > 0 ? n : 0;
		bytes.n -= n > 0 ? (size_t)n : 0;
	}
}

static void
run(struct slice bytes, size_t piece, struct heard *o)
{
	struct fixture f;
	int fd;

	if (!fixture_init(&f, DOOR, 1000000))
		abort();
	fd = fixture_come(&f, 0, &http_kind, NULL);
	say_all(&f, fd, bytes, piece, o);
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < ROUNDS_MOST && worker_conns(f.worker) > 0; i++)
		turn(&f, fd, o);
	hear(fd, &o->said);
	if (worker_conns(f.worker) > 0 ||
	    atomic_load(&http_shared_counts(f.http, 0)->held) > 0)
		abort();
	o->n_requests = f.n_requests;
	close(fd);
	fixture_release(&f);
}

/* The next line that says how a request went; bodies tell the time, and whether
 * we ask for one depends on whether it has come. */
static struct slice
next_status(struct slice *rest)
{
	struct slice line;
	const char *p;

	do {
		p = slice_find(*rest, "HTTP/1.1 ");
		if (!p)
			return SLICE_NULL;
		*rest = slice_of(p, (size_t)(rest->p + rest->n - p));
		line = slice_before(*rest, '\r');
		*rest = slice_after(*rest, '\r');
	} while (slice_starts(line, "HTTP/1.1 100"));
	return line;
}

static void
check_same(const struct heard *a, const struct heard *b)
{
	struct slice x = buf_slice(&a->said), y = buf_slice(&b->said);
	struct slice one, two;

	do {
		one = next_status(&x);
		two = next_status(&y);
		if (!slice_eq(one, two))
			abort();
	} while (!slice_is_null(one));
	if (a->n_requests != b->n_requests)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole = { BUF_INIT, 0 }, cut = { BUF_INIT, 0 };
	struct slice bytes;

	if (size < 2 || size > SIZE_MOST)
		return 0;
	log_setup("fuzz_http", LOG_L_ERROR, false);
	bytes = slice_of((const char *)data + 1, size - 1);
	run(bytes, SIZE_MOST, &whole);
	run(bytes, (size_t)data[0] + 1 + size / 512, &cut);
	check_same(&whole, &cut);
	buf_release(&whole.said);
	buf_release(&cut.said);
	return 0;
}
