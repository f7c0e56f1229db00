/*
 * resolve.c - a name's addresses, without waiting for them.
 *
 * See resolve.h.  The question belongs to both sides until the thread has
 * written its byte into the pipe or the asker has gone; the last one frees it.
 */
#include "config.h"

#include "outputs/syslog/resolve.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the thread sees. */
struct question {
	atomic_int holders;
	char *name, *port;
	int socktype;
	int told; /* its end of the pipe */
	int code;
	struct addrinfo *found;
};

struct resolve {
	const struct stsentry_host *host;
	struct question *question;
	struct stsentry_watch *watch;
	int fd;
	resolve_cb *cb;
	void *arg;
};

static void
give_back(struct question *q)
{
	if (!q || atomic_fetch_sub(&q->holders, 1) > 1)
		return;
	if (q->found)
		freeaddrinfo(q->found);
	if (q->told >= 0)
		close(q->told);
	free(q->name);
	free(q->port);
	free(q);
}

static void *
ask(void *arg)
{
	struct question *q = arg;
	const struct addrinfo hints = { .ai_socktype = q->socktype,
		.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV };

	q->code = getaddrinfo(q->name, q->port, &hints, &q->found);
	/* Nobody may be there any more. */
	(void)!write(q->told, "", 1);
	give_back(q);
	return NULL;
}

static bool
start_thread(struct question *q)
{
	pthread_t t;
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&q->holders, 1);
	err = pthread_create(&t, NULL, ask, q);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		atomic_fetch_sub(&q->holders, 1);
		return false;
	}
	pthread_detach(t);
	return true;
}

static void
on_told(void *arg, unsigned events)
{
	struct resolve *r = arg;
	struct question *q = r->question;
	resolve_cb *cb = r->cb;
	struct addrinfo *found;
	const char *why;
	char told;

	(void)events;
	/* What the thread has written before its byte is there behind it. */
	if (read(r->fd, &told, 1) != 1)
		return;
	found = q->found;
	why = q->code ? gai_strerror(q->code) : NULL;
	q->found = NULL;
	arg = r->arg;
	resolve_cancel(r);
	cb(arg, found, why);
}

static struct question *
question_new(const char *name, const char *port, int socktype, int told)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	atomic_init(&q->holders, 1);
	q->name = strdup(name);
	q->port = strdup(port);
	q->socktype = socktype;
	q->told = told;
	if (q->name && q->port)
		return q;
	q->told = -1;
	give_back(q);
	return NULL;
}

struct resolve *
resolve_start(const struct stsentry_host *host, const char *name,
    const char *port, int socktype, resolve_cb *cb, void *arg)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int fd[2];

	if (!r || pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(r);
		return NULL;
	}
	*r = (struct resolve){
		.host = host, .fd = fd[0], .cb = cb, .arg = arg
	};
	r->question = question_new(name, port, socktype, fd[1]);
	if (!r->question)
		close(fd[1]);
	else
		r->watch = host->watch(host, r->fd, STSENTRY_READ, on_told, r);
	if (r->watch && start_thread(r->question))
		return r;
	resolve_cancel(r);
	return NULL;
}

void
resolve_cancel(struct resolve *r)
{
	if (!r)
		return;
	r->host->unwatch(r->watch);
	close(r->fd);
	give_back(r->question);
	free(r);
}
