/*
 * worker_case.c - what tests of connections share.
 *
 * See worker_case.h.
 */
#include "tests/unit/worker_case.h"

#include "collector/batch.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

const char record[] = "{\"eventVersion\":\"1.08\",\"userIdentity\":"
		      "{\"type\":\"IAMUser\","
		      "\"arn\":\"arn:aws:iam::111122223333:user/a\"},"
		      "\"eventTime\":\"2026-03-01T08:00:00Z\","
		      "\"eventSource\":\"sts.amazonaws.com\","
		      "\"eventName\":\"GetSessionToken\","
		      "\"awsRegion\":\"us-east-1\",\"eventID\":\"1\","
		      "\"recipientAccountId\":\"111122223333\"}\n";

struct config *
fixture_config(const char *inputs)
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

bool
fixture_init(struct fixture *f, const char *inputs, size_t high)
{
	const struct batchq_limits limits = { high, 0 };
	struct err e;

	memset(f, 0, sizeof(*f));
	f->next_id = 1;
	f->config = fixture_config(inputs);
	f->queue = batchq_new(&limits, NULL, NULL);
	f->http = http_shared_new();
	if (!f->config || !f->queue || !f->http)
		return false;
	api_choice_default(&f->apis);
	f->shared = (struct intake_shared){ .config = f->config,
		.apis = &f->apis,
		.queue = f->queue,
		.http = f->http };
	if (worker_new(&f->shared, 0, NULL, NULL, &f->worker, &e) < 0)
		printf("\n    %s", e.text);
	return f->worker != NULL;
}

void
fixture_tell_kept(void *arg, const struct mark *m)
{
	(void)arg;
	m->owner->kept(m->owner->arg, m->token);
}

static void
take(struct fixture *f, bool kept)
{
	struct batchq_item *i, *next;

	for (i = batchq_take(f->queue, 0); i; i = next) {
		struct batch *b = (struct batch *)i;

		next = i->next;
		batchq_done(f->queue, i);
		f->inputs[f->n_batches++ % FIXTURE_BATCHES] = b->input;
		f->n_requests += b->n_requests;
		if (kept)
			batch_each_mark(b, fixture_tell_kept, NULL);
		batch_free(b);
	}
}

void
fixture_take(struct fixture *f)
{
	take(f, false);
}

void
fixture_keep(struct fixture *f)
{
	take(f, true);
}

void
fixture_release(struct fixture *f)
{
	worker_free(f->worker);
	fixture_take(f);
	batchq_free(f->queue);
	http_shared_free(f->http);
	config_free(f->config);
}

int
fixture_come(struct fixture *f, unsigned input, const struct client_kind *kind,
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

void
fixture_turn(struct fixture *f)
{
	for (int i = 0; i < 4; i++)
		worker_step(f->worker);
}

bool
fixture_closed(int fd)
{
	char c;

	return read(fd, &c, 1) == 0;
}
