/*
 * worker_case.h - what tests of connections share: a worker without a thread,
 * and the other ends of its connections.
 *
 *     struct fixture f;
 *     REQUIRE(fixture_init(&f, "{type: tcp, listen: ...}", 1000));
 *     fd = fixture_come(&f, 0, &stream_kind, NULL);
 *     write(fd, ...); fixture_turn(&f); fixture_take(&f);
 *     fixture_release(&f);
 *
 * Time is the test's: a worker's clock stands where worker_set_now() puts it.
 */
#ifndef ST_WORKER_CASE_H
#define ST_WORKER_CASE_H

#include "collector/client.h"
#include "collector/http_shared.h"
#include "collector/worker.h"

#define FIXTURE_BATCHES 64

struct fixture {
	struct config *config;
	struct api_choice apis;
	struct batchq *queue;
	struct http_shared *http;
	struct intake_shared shared;
	struct worker *worker;
	uint64_t next_id;
	unsigned inputs[FIXTURE_BATCHES]; /* of the batches that came */
	size_t n_batches, n_requests;
};

/* One request for a token, and its line end. */
extern const char record[];
#define RECORD strlen(record)

struct config *fixture_config(const char *inputs);
/* `high`: so many events fill the queue. */
bool fixture_init(struct fixture *f, const char *inputs, size_t high);
void fixture_release(struct fixture *f);
/* Gives the worker one end of a connection; the other end, or -1. */
int fixture_come(struct fixture *f, unsigned input,
    const struct client_kind *kind, struct tls_context *tls);
void fixture_turn(struct fixture *f);
/* What the pipeline would take. */
void fixture_take(struct fixture *f);
/* The same, and it is kept. */
void fixture_keep(struct fixture *f);
/* For batch_each_mark(). */
void fixture_tell_kept(void *arg, const struct mark *m);
/* Nothing is left to be read, and nothing more will come. */
bool fixture_closed(int fd);

#endif
