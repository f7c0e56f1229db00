/*
 * admin.c - the admin endpoint, on libevent's HTTP server.
 *
 * See admin.h.  Knows paths and codes; what stands on a page is status.c's.
 * Main thread.
 */
#include "config.h"

#include "collector/admin.h"

#include "collector/admin_events.h"
#include "collector/status_page.h"
#include "conf/address.h"
#include "lib/jsonw.h"
#include "lib/loop.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct admin {
	struct evhttp *http;
	struct evhttp_bound_socket *socket;
	struct admin_calls calls;
	void *arg;
	struct status status;
	struct buf body;
	struct admin_events *events;
};

/* Fills the body; returns the code. */
typedef int page_fn(struct admin *a);

static int
page_live(struct admin *a)
{
	buf_adds(&a->body, "ok\n");
	return HTTP_OK;
}

static int
page_ready(struct admin *a)
{
	if (a->status.ready) {
		buf_adds(&a->body, "ok\n");
		return HTTP_OK;
	}
	buf_adds(&a->body, "not ready\n");
	status_health(&a->status, &a->body);
	return HTTP_SERVUNAVAIL;
}

static int
page_health(struct admin *a)
{
	status_health(&a->status, &a->body);
	return a->status.n_reasons == 0 ? HTTP_OK : HTTP_SERVUNAVAIL;
}

static int
page_metrics(struct admin *a)
{
	status_metrics(&a->status, &a->body);
	return HTTP_OK;
}

static int
page_status(struct admin *a)
{
	status_json(&a->status, &a->body);
	return HTTP_OK;
}

static int
page_people(struct admin *a)
{
	struct board_view *v = a->calls.board ? board_look(a->calls.board)
					      : NULL;

	status_page(&a->status, v, &a->body);
	board_view_free(v);
	return HTTP_OK;
}

static const struct page {
	const char *path, *type;
	page_fn *fill;
} pages[] = {
	{ "/", "text/html; charset=utf-8", page_people },
	{ "/live", "text/plain; charset=utf-8", page_live },
	{ "/ready", "text/plain; charset=utf-8", page_ready },
	{ "/health", "text/plain; charset=utf-8", page_health },
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8",
	    page_metrics },
	{ "/status", "application/json", page_status },
};

static const struct page *
find_page(const char *path)
{
	for (size_t i = 0; path && i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	return NULL;
}

static void
add_header(struct evhttp_request *r, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(r), name, value);
}

static void
reply(struct admin *a, struct evhttp_request *r, int code)
{
	struct evbuffer *out = evbuffer_new();

	if (a->body.failed || !out ||
	    evbuffer_add(out, a->body.p, a->body.n) < 0)
		code = HTTP_INTERNAL;
	add_header(r, "Cache-Control", "no-store");
	add_header(r, "X-Content-Type-Options", "nosniff");
	evhttp_send_reply(r, code, NULL, code == HTTP_INTERNAL ? NULL : out);
	if (out)
		evbuffer_free(out);
}

/* What has changed of the page for people, as one event. */
static void
fill_event(void *arg, struct buf *out)
{
	struct admin *a = arg;
	struct board_view *v = a->calls.board ? board_look(a->calls.board)
					      : NULL;
	struct jsonw w;

	memset(&a->status, 0, sizeof(a->status));
	a->calls.snapshot(a->arg, &a->status);
	buf_reset(&a->body);
	status_page_main(&a->status, v, &a->body);
	board_view_free(v);
	jsonw_init(&w, out);
	jsonw_slice(&w, buf_slice(&a->body));
	out->failed |= a->body.failed;
}

static void
on_request(struct evhttp_request *r, void *arg)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r);
	const struct page *p = find_page(uri ? evhttp_uri_get_path(uri) : NULL);
	struct admin *a = arg;
	int code;

	buf_reset(&a->body);
	if (!p) {
		buf_adds(&a->body,
		    "pages: / /live /ready /health /metrics /status\n");
		add_header(r, "Content-Type", "text/plain; charset=utf-8");
		reply(a, r, HTTP_NOTFOUND);
		return;
	}
	memset(&a->status, 0, sizeof(a->status));
	a->calls.snapshot(a->arg, &a->status);
	code = p->fill(a);
	add_header(r, "Content-Type", p->type);
	reply(a, r, code);
}

/* ---- life ---- */

/* evhttp wants an address, not a name. */
static const char *
host_of(const struct address *at)
{
	if (strcmp(at->host, "*") == 0)
		return "::";
	return strcmp(at->host, "localhost") == 0 ? "127.0.0.1" : at->host;
}

static int
bind_it(struct admin *a, const char *listen, struct err *e)
{
	struct address at;

	if (!address_parse(slice_str(listen), &at))
		return err_set(
		    e, ST_EINVAL, "admin: %s is no address and port", listen);
	a->socket = evhttp_bind_socket_with_handle(
	    a->http, host_of(&at), (uint16_t)at.port);
	if (!a->socket)
		return err_set(e, ST_EIO, "admin: cannot listen on %s: %s",
		    listen, strerror(errno));
	return 0;
}

int
admin_open(const char *listen, struct loop *loop,
    const struct admin_calls *calls, void *arg, struct admin **result,
    struct err *e)
{
	struct admin *a = calloc(1, sizeof(*a));
	int err = ST_ENOMEM;

	if (!a)
		return err_set(e, ST_ENOMEM, "out of memory");
	a->calls = *calls;
	a->arg = arg;
	a->http = evhttp_new(loop_native(loop));
	if (!a->http) {
		err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	evhttp_set_allowed_methods(a->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(a->http, ADMIN_HEADER_MAX);
	evhttp_set_max_body_size(a->http, 0);
	evhttp_set_timeout(a->http, ADMIN_TIMEOUT_S);
	evhttp_set_gencb(a->http, on_request, a);
	a->events = admin_events_new(a->http, loop, fill_event, a);
	if (!a->events) {
		err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	err = bind_it(a, listen, e);
	if (err < 0)
		goto out;
	*result = a;
	a = NULL;
out:
	admin_close(a);
	return err;
}

void
admin_close(struct admin *a)
{
	if (!a)
		return;
	if (a->http)
		evhttp_free(a->http); /* tells the events who is gone */
	admin_events_free(a->events);
	buf_release(&a->body);
	free(a);
}

void
admin_tell(const struct admin *a, struct buf *out)
{
	int fd = evhttp_bound_socket_get_fd(a->socket);
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char text[INET6_ADDRSTRLEN] = "";

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return;
	if (sa.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)&sa;

		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		buf_addf(out, "%s:%u", text, ntohs(in->sin_port));
	} else {
		const struct sockaddr_in6 *in6 = (const void *)&sa;

		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		buf_addf(out, "[%s]:%u", text, ntohs(in6->sin6_port));
	}
}
