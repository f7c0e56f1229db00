/*
 * fetch.c - one page over plain HTTP, on libevent's HTTP client.
 *
 * See fetch.h.  Any thread; each call has a loop of its own.
 */
#include "lib/fetch.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>

struct fetch {
	struct event_base *base;
	struct evhttp_connection *conn;
	struct buf *body;
	int code; /* 0: no answer */
};

static void
on_answer(struct evhttp_request *r, void *arg)
{
	struct fetch *f = arg;
	struct evbuffer *in;
	size_t n;

	event_base_loopbreak(f->base);
	if (!r || evhttp_request_get_response_code(r) == 0)
		return;
	f->code = evhttp_request_get_response_code(r);
	in = evhttp_request_get_input_buffer(r);
	n = evbuffer_get_length(in);
	if (n > 0 && buf_reserve(f->body, n)) {
		evbuffer_copyout(in, f->body->p + f->body->n, n);
		f->body->n += n;
	}
}

static int
ask(struct fetch *f, const char *host, uint16_t port, const char *path)
{
	struct evhttp_request *r = evhttp_request_new(on_answer, f);
	char at[300];

	if (!r)
		return ST_ENOMEM;
	snprintf(at, sizeof(at), strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
	    port);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", at);
	evhttp_add_header(
	    evhttp_request_get_output_headers(r), "Connection", "close");
	/* It owns the request from here, whatever it says. */
	if (evhttp_make_request(f->conn, r, EVHTTP_REQ_GET, path) < 0)
		return ST_EIO;
	return event_base_dispatch(f->base) < 0 ? ST_EIO : 0;
}

int
fetch_page(const char *host, uint16_t port, const char *path, int *code,
    struct buf *body, struct err *e)
{
	struct fetch f = { .base = event_base_new(), .body = body };
	int err = ST_ENOMEM;

	if (f.base)
		f.conn = evhttp_connection_base_new(f.base, NULL, host, port);
	if (f.conn) {
		evhttp_connection_set_timeout(f.conn, FETCH_TIMEOUT_S);
		evhttp_connection_set_max_body_size(
		    f.conn, (ev_ssize_t)FETCH_BODY_MAX);
		err = ask(&f, host, port, path);
	}
	if (f.conn)
		evhttp_connection_free(f.conn);
	if (f.base)
		event_base_free(f.base);
	if (err == ST_ENOMEM || body->failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (err < 0 || f.code == 0)
		return err_set(
		    e, ST_EIO, "nobody answers at %s port %u", host, port);
	*code = f.code;
	return 0;
}
