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

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const char record[] =
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"IAMUser\","
    "\"arn\":\"arn:aws:iam::111122223333:user/a\"},"
    "\"eventTime\":\"2026-03-01T08:00:00Z\","
    "\"eventSource\":\"sts.amazonaws.com\","
    "\"eventName\":\"GetSessionToken\",\"awsRegion\":\"us-east-1\","
    "\"eventID\":\"1\",\"recipientAccountId\":\"111122223333\"}\n";
#define RECORD (sizeof(record) - 1)

struct fixture {
	struct config *config;
	struct api_choice apis;
	struct batchq *queue;
	struct intake_shared shared;
	struct worker *worker;
	uint64_t next_id;
	unsigned inputs[64]; /* of the batches that came */
	size_t n_batches, n_requests;
};

static struct config *
load(const char *inputs)
{
	char text[1024];
	struct config *c = NULL;
	struct err e;

	snprintf(text, sizeof(text),
	    "version: 1\npolicy: p.yaml\ninputs: [%s]\n", inputs);
	if (config_load_text(slice_str(text), "t.yaml", &c, &e) < 0)
		printf("\n    %s", e.text);
	return c;
}

#define ONE "{type: tcp, listen: \"127.0.0.1:1\", idle_timeout: 60s}"
#define TWO "{type: tcp, listen: \"127.0.0.1:2\", name: two}"

static bool
fixture_init(struct fixture *f, const char *inputs, size_t high)
{
	const struct batchq_limits limits = { high, 0 };
	struct err e;

	memset(f, 0, sizeof(*f));
	f->next_id = 1;
	f->config = load(inputs);
	f->queue = batchq_new(&limits, NULL, NULL);
	if (!f->config || !f->queue)
		return false;
	api_choice_default(&f->apis);
	f->shared = (struct intake_shared){
		.config = f->config, .apis = &f->apis, .queue = f->queue
	};
	if (worker_new(&f->shared, 0, NULL, NULL, &f->worker, &e) < 0)
		printf("\n    %s", e.text);
	return f->worker != NULL;
}

/* What the pipeline would take. */
static void
take(struct fixture *f)
{
	struct batchq_item *i, *next;

	for (i = batchq_take(f->queue, 0); i; i = next) {
		struct batch *b = (struct batch *)i;

		next = i->next;
		batchq_done(f->queue, i);
		f->inputs[f->n_batches++ % 64] = b->input;
		f->n_requests += b->n_requests;
		batch_free(b);
	}
}

static void
fixture_release(struct fixture *f)
{
	worker_free(f->worker);
	take(f);
	batchq_free(f->queue);
	config_free(f->config);
}

/* Gives the worker one end of a connection; the other end, or -1. */
static int
come(struct fixture *f, unsigned input, const struct client_kind *kind,
    struct tls_context *tls)
{
	struct conn_about about = { .input = input,
		.id = f->next_id++,
		.kind = kind,
		.name = "tcp",
		.tls = tls };
	struct conn *c;
	int fd[2];

	if (socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) < 0)
		return -1;
	about.fd = fd[0];
	c = conn_new(&about);
	if (!c)
		return -1;
	worker_give(f->worker, c);
	return fd[1];
}

static void
turn(struct fixture *f)
{
	for (int i = 0; i < 4; i++)
		worker_step(f->worker);
}

static bool
is_closed(int fd)
{
	char c;

	return read(fd, &c, 1) == 0;
}

static void
what_comes_is_handed_over_once(void)
{
	struct fixture f;
	int fd;

	REQUIRE(fixture_init(&f, ONE, 1000));
	fd = come(&f, 0, &stream_kind, NULL);
	CHECK_INT(write(fd, record, 100), 100);
	turn(&f);
	take(&f);
	CHECK_INT(f.n_requests, 0);
	CHECK_INT(write(fd, record + 100, RECORD - 100), RECORD - 100);
	turn(&f);
	take(&f);
	CHECK_INT(f.n_requests, 1);
	CHECK_INT(worker_bytes(f.worker), RECORD);
	/* The last one needs no line end. */
	CHECK_INT(write(fd, record, RECORD - 1), RECORD - 1);
	shutdown(fd, SHUT_WR);
	turn(&f);
	take(&f);
	CHECK_INT(f.n_requests, 2);
	CHECK(is_closed(fd));
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
	fd = come(&f, 0, &stream_kind, NULL);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(write(fd, record, RECORD), RECORD);
		turn(&f);
	}
	CHECK_INT(worker_bytes(f.worker), RECORD);
	/* Nor is it idle then. */
	worker_set_now(f.worker, 1000000000);
	worker_tick(f.worker);
	turn(&f);
	CHECK_INT(worker_conns(f.worker), 1);
	take(&f);
	worker_tell(f.worker, WORKER_ROOM);
	turn(&f);
	CHECK_INT(worker_bytes(f.worker), 3 * RECORD);
	take(&f);
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
	idle = come(&f, 0, &stream_kind, NULL);
	lively = come(&f, 0, &stream_kind, NULL);
	turn(&f);
	worker_set_now(f.worker, 51000);
	CHECK_INT(write(lively, " ", 1), 1);
	turn(&f);
	worker_set_now(f.worker, 61000);
	worker_tick(f.worker);
	turn(&f);
	CHECK(is_closed(idle));
	CHECK(!is_closed(lively));
	/* Descriptors are short: the other one, too, when it is idle. */
	worker_set_now(f.worker, 61000 + WORKER_PRESS_IDLE_MS);
	worker_tell(f.worker, WORKER_PRESS);
	turn(&f);
	CHECK(is_closed(lively));
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
	slow = come(&f, 0, &stream_kind, ctx);
	plain = come(&f, 0, &stream_kind, NULL);
	turn(&f);
	/* To drip is not to come to an end. */
	worker_set_now(f.worker, 10000);
	CHECK_INT(write(slow, "\x16", 1), 1);
	turn(&f);
	worker_tick(f.worker);
	turn(&f);
	CHECK(!is_closed(slow));
	worker_set_now(f.worker, 11000);
	worker_tick(f.worker);
	turn(&f);
	CHECK(is_closed(slow));
	close(slow);
	slow = come(&f, 0, &stream_kind, ctx);
	turn(&f);
	worker_tell(f.worker, WORKER_HURRY);
	turn(&f);
	CHECK(!is_closed(slow));
	worker_set_now(f.worker, 11000 + WORKER_HURRY_MS);
	worker_tell(f.worker, WORKER_HURRY);
	turn(&f);
	CHECK(is_closed(slow));
	CHECK(!is_closed(plain));
	close(slow);
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
call_kept(void *arg, const struct mark *m)
{
	(void)arg;
	m->owner->kept(m->owner->arg, m->token);
}

static void
an_answer_is_given_when_all_is_kept(void)
{
	struct batchq_item *i;
	struct fixture f;
	char buf[8];
	int fd;

	REQUIRE(fixture_init(&f, ONE, 1000));
	worker_set_now(f.worker, 1000);
	fd = come(&f, 0, &answer_kind, NULL);
	CHECK_INT(write(fd, "x", 1), 1);
	turn(&f);
	/* While it is owed the connection is not idle. */
	worker_set_now(f.worker, 100000);
	worker_tick(f.worker);
	turn(&f);
	CHECK_INT(read(fd, buf, sizeof(buf)), -1);
	i = batchq_take(f.queue, 0);
	REQUIRE(i != NULL);
	batch_each_mark((struct batch *)i, call_kept, NULL);
	turn(&f);
	CHECK_INT(read(fd, buf, sizeof(buf)), 4);
	/* One that is gone is not called. */
	close(fd);
	turn(&f);
	batch_each_mark((struct batch *)i, call_kept, NULL);
	turn(&f);
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
	gone = come(&f, 0, &stream_kind, NULL);
	stays = come(&f, 1, &stream_kind, NULL);
	turn(&f);
	/* In the middle of a record, behind a whole one. */
	CHECK_INT(write(gone, record, RECORD - 1), RECORD - 1);
	CHECK_INT(write(stays, record, RECORD), RECORD);
	CHECK_INT(write(stays, record, 100), 100);
	turn(&f);
	other = load(TWO);
	REQUIRE(other != NULL);
	shared = f.shared;
	shared.config = other;
	REQUIRE(worker_swap_new(&shared, 2, &swap, &e) == 0);
	worker_swap(f.worker, swap, map, count_swap, &swapped);
	turn(&f);
	CHECK_INT(swapped, 1);
	old = f.config;
	f.config = other;
	config_free(old);
	CHECK(is_closed(gone));
	take(&f);
	CHECK_INT(f.n_requests, 2);
	CHECK_INT(f.n_batches, 2);
	CHECK_INT(f.inputs[0] + f.inputs[1], 1);
	CHECK_INT(write(stays, record + 100, RECORD - 100), RECORD - 100);
	turn(&f);
	take(&f);
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
	fd = come(&f, 0, &stream_kind, NULL);
	CHECK_INT(write(fd, record, RECORD), RECORD);
	worker_tell(f.worker, WORKER_DRAIN);
	for (int i = 0; i < 200 && worker_step(f.worker); i++)
		usleep(5000);
	CHECK(!worker_step(f.worker));
	take(&f);
	CHECK_INT(f.n_requests, 1);
	CHECK(is_closed(fd));
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
    { "an answer is given when all is kept",
	an_answer_is_given_when_all_is_kept },
    { "connections outlast a configuration",
	connections_outlast_a_configuration },
    { "the end waits for what is on its way",
	the_end_waits_for_what_is_on_its_way }, )
