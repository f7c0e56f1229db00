/*
 * test_worker.c - a worker's connections, without its thread.
 *
 * Time is the test's: a worker's clock stands where it is put.
 */
#include "collector/worker.h"

#include "collector/batch.h"
#include "collector/client.h"
#include "collector/peers.h"
#include "tests/unit/certs.h"
#include "tests/unit/unit.h"
#include "tests/unit/worker_case.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define ONE "{type: tcp, listen: \"127.0.0.1:1\", idle_timeout: 60s}"
#define TWO "{type: tcp, listen: \"127.0.0.1:2\", name: two}"

static void
what_comes_is_handed_over_once(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, ONE, 1000));
	fd = fixture_come(&f, 0, &stream_kind, NULL);
	CHECK_INT(write(fd, record, 100), 100);
	fixture_turn(&f);
	fixture_take(&f);
	CHECK_INT(f.n_requests, 0);
	CHECK_INT(write(fd, record + 100, RECORD - 100), RECORD - 100);
	fixture_turn(&f);
	fixture_take(&f);
	CHECK_INT(f.n_requests, 1);
	CHECK_INT(worker_bytes(f.worker), RECORD);
	/* The last one needs no line end. */
	CHECK_INT(write(fd, record, RECORD - 1), RECORD - 1);
	shutdown(fd, SHUT_WR);
	fixture_turn(&f);
	fixture_take(&f);
	CHECK_INT(f.n_requests, 2);
	CHECK(fixture_closed(fd));
	CHECK_INT(worker_conns(f.worker), 0);
	close(fd);
	fixture_release(&f);
}

static void
while_the_queue_is_full_nothing_is_read(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, ONE, 1));
	fd = fixture_come(&f, 0, &stream_kind, NULL);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(write(fd, record, RECORD), RECORD);
		fixture_turn(&f);
	}
	CHECK_INT(worker_bytes(f.worker), RECORD);
	/* Nor is it idle then. */
	worker_set_now(f.worker, 1000000000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK_INT(worker_conns(f.worker), 1);
	fixture_take(&f);
	worker_tell(f.worker, WORKER_ROOM);
	fixture_turn(&f);
	CHECK_INT(worker_bytes(f.worker), 3 * RECORD);
	fixture_take(&f);
	CHECK_INT(f.n_requests, 3);
	close(fd);
	fixture_release(&f);
}

static void
who_says_nothing_is_closed_in_time(void)
{
	struct fixture f;
	int idle, lively;

	REQUIRE(fixture_init(&f, ONE, 1000));
	worker_set_now(f.worker, 1000);
	idle = fixture_come(&f, 0, &stream_kind, NULL);
	lively = fixture_come(&f, 0, &stream_kind, NULL);
	fixture_turn(&f);
	worker_set_now(f.worker, 51000);
	CHECK_INT(write(lively, " ", 1), 1);
	fixture_turn(&f);
	worker_set_now(f.worker, 61000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK(fixture_closed(idle));
	CHECK(!fixture_closed(lively));
	/* Descriptors are short: the other one, too, when it is idle. */
	worker_set_now(f.worker, 61000 + WORKER_PRESS_IDLE_MS);
	worker_tell(f.worker, WORKER_PRESS);
	fixture_turn(&f);
	CHECK(fixture_closed(lively));
	close(idle);
	close(lively);
	fixture_release(&f);
}

/* ---- handshakes ---- */

static struct tls_context *
context(void)
{
	static const struct cert_spec ca = { .name = "ca", .ca = true },
				      server = { .name = "server",
					      .issuer = "ca",
					      .server = true };
	char cert[256], key[256];
	const struct tls_options o = { .cert = cert, .key = key };
	struct tls_context *ctx = NULL;
	struct err e;

	snprintf(cert, sizeof(cert), "%s/server.pem", unit_tmpdir());
	snprintf(key, sizeof(key), "%s/server.key", unit_tmpdir());
	CHECK(certs_make(unit_tmpdir(), &ca) &&
	    certs_make(unit_tmpdir(), &server));
	CHECK_INT(tls_context_new(&o, &ctx, &e), 0);
	return ctx;
}

static void
a_handshake_has_its_time_and_less_where_others_wait(void)
{
	struct tls_context *ctx = context();
	struct fixture f;
	int slow, plain;

	REQUIRE(ctx && fixture_init(&f, ONE, 1000));
	worker_set_now(f.worker, 1000);
	slow = fixture_come(&f, 0, &stream_kind, ctx);
	plain = fixture_come(&f, 0, &stream_kind, NULL);
	fixture_turn(&f);
	/* To drip is not to come to an end. */
	worker_set_now(f.worker, 10000);
	CHECK_INT(write(slow, "\x16", 1), 1);
	fixture_turn(&f);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK(!fixture_closed(slow));
	worker_set_now(f.worker, 11000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK(fixture_closed(slow));
	close(slow);
	slow = fixture_come(&f, 0, &stream_kind, ctx);
	fixture_turn(&f);
	worker_tell(f.worker, WORKER_HURRY);
	fixture_turn(&f);
	CHECK(!fixture_closed(slow));
	worker_set_now(f.worker, 11000 + WORKER_HURRY_MS);
	worker_tell(f.worker, WORKER_HURRY);
	fixture_turn(&f);
	CHECK(fixture_closed(slow));
	CHECK(!fixture_closed(plain));
	close(slow);
	close(plain);
	fixture_release(&f);
	tls_context_unref(ctx);
}

static void
a_handshake_goes_on_while_the_queue_is_full(void)
{
	struct tls_context *ctx = context();
	struct fixture f;
	int plain, bad;

	REQUIRE(ctx && fixture_init(&f, ONE, 1));
	plain = fixture_come(&f, 0, &stream_kind, NULL);
	CHECK_INT(write(plain, record, RECORD), RECORD);
	fixture_turn(&f);
	CHECK_INT(write(plain, record, RECORD), RECORD);
	bad = fixture_come(&f, 0, &stream_kind, ctx);
	fixture_turn(&f);
	CHECK_INT(write(bad, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	fixture_turn(&f);
	CHECK(fixture_closed(bad));
	CHECK_INT(worker_conns(f.worker), 1);
	CHECK_INT(worker_bytes(f.worker), RECORD + 18);
	close(bad);
	close(plain);
	fixture_release(&f);
	tls_context_unref(ctx);
}

/* ---- kinds that answer ---- */

struct answer {
	bool owed;
};

static enum conn_state
answer_readable(struct client *cl, uint64_t *bytes)
{
	struct answer *own = client_own(cl);
	struct wire_io io;
	struct err e;
	struct mark m = { .owner = client_owner(cl),
		.token = client_token(cl) };
	size_t size;
	char *buf = client_buffer(cl, &size);
	enum wire_state state = wire_read(
	    conn_wire(client_conn(cl)), buf, size, &io, &e);

	*bytes = io.raw;
	if (state != WIRE_WAITS)
		return CONN_ENDED;
	client_begin(cl);
	own->owed = intake_mark(client_intake(cl), &m);
	intake_end(client_intake(cl), NULL);
	return CONN_WAITS;
}

static enum conn_state
answer_kept(struct client *cl)
{
	((struct answer *)client_own(cl))->owed = false;
	client_wants_write(cl, true);
	return CONN_WAITS;
}

static enum conn_state
answer_writable(struct client *cl)
{
	CHECK_INT(wire_write(conn_wire(client_conn(cl)), "kept", 4), 4);
	client_wants_write(cl, false);
	return CONN_WAITS;
}

static bool
answer_is_owed(const struct client *cl)
{
	return ((const struct answer *)client_own_const(cl))->owed;
}

static const struct client_kind answer_kind = { .name = "answer",
	.size = sizeof(struct answer),
	.readable = answer_readable,
	.writable = answer_writable,
	.kept = answer_kept,
	.is_owed = answer_is_owed };

static void
an_answer_is_given_when_all_is_kept(void)
{
	struct batchq_item *i;
	struct fixture f;
	char buf[8];
	int fd;

	REQUIRE(fixture_init(&f, ONE, 1000));
	worker_set_now(f.worker, 1000);
	fd = fixture_come(&f, 0, &answer_kind, NULL);
	CHECK_INT(write(fd, "x", 1), 1);
	fixture_turn(&f);
	/* While it is owed the connection is not idle. */
	worker_set_now(f.worker, 100000);
	worker_tick(f.worker);
	fixture_turn(&f);
	CHECK_INT(read(fd, buf, sizeof(buf)), -1);
	i = batchq_take(f.queue, 0);
	REQUIRE(i != NULL);
	batch_each_mark((struct batch *)i, fixture_tell_kept, NULL);
	fixture_turn(&f);
	CHECK_INT(read(fd, buf, sizeof(buf)), 4);
	/* One that is gone is not called. */
	close(fd);
	fixture_turn(&f);
	batch_each_mark((struct batch *)i, fixture_tell_kept, NULL);
	fixture_turn(&f);
	CHECK_INT(worker_conns(f.worker), 0);
	batchq_done(f.queue, i);
	batch_free((struct batch *)i);
	fixture_release(&f);
}

/* ---- another configuration ---- */

static void
count_swap(void *arg)
{
	++*(int *)arg;
}

static void
connections_outlast_a_configuration(void)
{
	const unsigned map[] = { WORKER_GONE, 0 };
	struct intake_shared shared;
	struct worker_swap *swap;
	struct fixture f;
	struct config *old, *other;
	int gone, stays, swapped = 0;
	struct err e;

	REQUIRE(fixture_init(&f, ONE ", " TWO, 1000));
	gone = fixture_come(&f, 0, &stream_kind, NULL);
	stays = fixture_come(&f, 1, &stream_kind, NULL);
	fixture_turn(&f);
	/* In the middle of a record, behind a whole one. */
	CHECK_INT(write(gone, record, RECORD - 1), RECORD - 1);
	CHECK_INT(write(stays, record, RECORD), RECORD);
	CHECK_INT(write(stays, record, 100), 100);
	fixture_turn(&f);
	other = fixture_config(TWO);
	REQUIRE(other != NULL);
	shared = f.shared;
	shared.config = other;
	REQUIRE(worker_swap_new(&shared, 2, &swap, &e) == 0);
	worker_swap(f.worker, swap, map, count_swap, &swapped);
	fixture_turn(&f);
	CHECK_INT(swapped, 1);
	old = f.config;
	f.config = other;
	config_free(old);
	CHECK(fixture_closed(gone));
	fixture_take(&f);
	CHECK_INT(f.n_requests, 2);
	CHECK_INT(f.n_batches, 2);
	CHECK_INT(f.inputs[0] + f.inputs[1], 1);
	CHECK_INT(write(stays, record + 100, RECORD - 100), RECORD - 100);
	fixture_turn(&f);
	fixture_take(&f);
	CHECK_INT(f.n_requests, 3);
	CHECK_INT(f.inputs[2], 0);
	close(gone);
	close(stays);
	fixture_release(&f);
}

static void
the_end_waits_for_what_is_on_its_way(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, ONE, 1000));
	fd = fixture_come(&f, 0, &stream_kind, NULL);
	CHECK_INT(write(fd, record, RECORD), RECORD);
	worker_tell(f.worker, WORKER_DRAIN);
	for (int i = 0; i < 200 && worker_step(f.worker); i++)
		usleep(5000);
	CHECK(!worker_step(f.worker));
	fixture_take(&f);
	CHECK_INT(f.n_requests, 1);
	CHECK(fixture_closed(fd));
	close(fd);
	fixture_release(&f);
}

UNIT_MAIN("worker",
    { "what comes is handed over once", what_comes_is_handed_over_once },
    { "while the queue is full nothing is read",
	while_the_queue_is_full_nothing_is_read },
    { "who says nothing is closed in time",
	who_says_nothing_is_closed_in_time },
    { "a handshake has its time, and less where others wait",
	a_handshake_has_its_time_and_less_where_others_wait },
    { "a handshake goes on while the queue is full",
	a_handshake_goes_on_while_the_queue_is_full },
    { "an answer is given when all is kept",
	an_answer_is_given_when_all_is_kept },
    { "connections outlast a configuration",
	connections_outlast_a_configuration },
    { "the end waits for what is on its way",
	the_end_waits_for_what_is_on_its_way }, )
