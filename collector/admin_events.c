/*
 * admin_events.c - server-sent events: a page in a browser stays up to date.
 *
 * See admin_events.h.  Main thread.
 */
#include "config.h"

#include "collector/admin_events.h"

#include "collector/status_page.h"
#include "lib/loop.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>

struct client {
	struct admin_events *owner;
	struct evhttp_request *request; /* NULL: the place is free */
};

struct admin_events {
	struct client clients[ADMIN_EVENTS_MAX];
	unsigned n;
	struct loop_timer *timer;
	void (*fill)(void *arg, struct buf *line);
	void *arg;
	struct buf line;
};

/* A request that a broken connection has let go of is ours to end; of one that
 * is closed by evhttp_free() it is still the connection's. */
static void
on_close(struct evhttp_connection *connection, void *arg)
{
	struct client *c = arg;

	(void)connection;
	if (!evhttp_request_get_connection(c->request))
		evhttp_send_reply_end(c->request);
	c->request = NULL;
	if (--c->owner->n == 0)
		loop_timer_stop(c->owner->timer);
}

/* ---- telling ------------------------------------------------------------------- */

static size_t
held(const struct client *c)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(
	    c->request);

	return evbuffer_get_length(bufferevent_get_output(
	    evhttp_connection_get_bufferevent(connection)));
}

static void
tell(struct client *c, const struct buf *line)
{
	struct evbuffer *out = evbuffer_new();

	if (!out)
		return;
	if (evbuffer_add_printf(out, "data: ") > 0 &&
	    evbuffer_add(out, line->p, line->n) == 0 &&
	    evbuffer_add(out, "\n\n", 2) == 0)
		evhttp_send_reply_chunk(c->request, out);
	evbuffer_free(out);
}

static void
on_time(void *arg)
{
	struct admin_events *v = arg;

	buf_reset(&v->line);
	v->fill(v->arg, &v->line);
	for (unsigned i = 0; !v->line.failed && i < ADMIN_EVENTS_MAX; i++)
		if (v->clients[i].request &&
		    held(&v->clients[i]) < ADMIN_EVENTS_HELD)
			tell(&v->clients[i], &v->line);
	if (v->n)
		loop_timer_set(v->timer, ADMIN_EVENTS_MS);
}

/* ---- listeners ------------------------------------------------------------------ */

static void
add_header(struct evhttp_request *r, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(r), name, value);
}

static struct client *
free_place(struct admin_events *v)
{
	for (unsigned i = 0; i < ADMIN_EVENTS_MAX; i++)
		if (!v->clients[i].request)
			return &v->clients[i];
	return NULL;
}

static void
on_request(struct evhttp_request *r, void *arg)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(r);
	struct admin_events *v = arg;
	struct client *c = free_place(v);

	if (!c || evhttp_request_get_command(r) != EVHTTP_REQ_GET) {
		evhttp_send_reply(r, HTTP_SERVUNAVAIL, NULL, NULL);
		return;
	}
	*c = (struct client){ v, r };
	evhttp_connection_set_closecb(connection, on_close, c);
	evhttp_connection_set_timeout(connection, ADMIN_EVENTS_IDLE_S);
	add_header(r, "Content-Type", "text/event-stream");
	add_header(r, "Cache-Control", "no-store");
	add_header(r, "X-Content-Type-Options", "nosniff");
	evhttp_send_reply_start(r, HTTP_OK, NULL);
	v->n++;
	loop_timer_set(v->timer, 0);
}

/* ---- life ------------------------------------------------------------------------ */

struct admin_events *
admin_events_new(struct evhttp *http, struct loop *loop,
    void (*fill)(void *arg, struct buf *line), void *arg)
{
	struct admin_events *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->fill = fill;
	v->arg = arg;
	v->timer = loop_timer_new(loop, on_time, v);
	if (!v->timer ||
	    evhttp_set_cb(http, STATUS_PAGE_EVENTS, on_request, v) < 0) {
		admin_events_free(v);
		return NULL;
	}
	return v;
}

void
admin_events_free(struct admin_events *v)
{
	if (!v)
		return;
	loop_timer_free(v->timer);
	buf_release(&v->line);
	free(v);
}
