/*
 * curl.c - one HTTP request at a time, on the host's loop; knows libcurl.
 *
 * See curl.h.  What is sent and what an answer means is the caller's.
 */
#include "outputs/webhook/curl.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct http {
	const struct stsentry_host *host;
	http_cb *cb;
	void *arg;
	struct stsentry_timer *timer;
	struct socket *sockets; /* that libcurl waits for */
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	bool added, private_ok, refused;
	char *body;
	size_t body_n;
	char text[CURL_ERROR_SIZE];
};

/* ---- where a name may lead ---- */

static bool
is_private4(const unsigned char *a)
{
	return a[0] == 10 || a[0] == 127 || a[0] == 0 || a[0] >= 224 ||
	    (a[0] == 172 && (a[1] & 0xf0) == 16) ||
	    (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254) ||
	    (a[0] == 100 && (a[1] & 0xc0) == 64);
}

static bool
is_private6(const unsigned char *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char none[15];

	if (memcmp(a, mapped, sizeof(mapped)) == 0)
		return is_private4(a + 12);
	if (memcmp(a, none, sizeof(none)) == 0)
		return true; /* :: and ::1 */
	return (a[0] & 0xfe) == 0xfc || a[0] == 0xff ||
	    (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

static bool
is_private(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return is_private4((const unsigned char *)&(
		    (const struct sockaddr_in *)(const void *)sa)
				       ->sin_addr);
	if (sa->sa_family == AF_INET6)
		return is_private6((const unsigned char *)&(
		    (const struct sockaddr_in6 *)(const void *)sa)
				       ->sin6_addr);
	return true;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http *h = arg;

	(void)purpose;
	if (!h->private_ok && is_private(&a->addr)) {
		h->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* "10.0.0.1", "[::1]" or "localhost" in the URL: somebody meant it. */
static bool
names_an_address(const char *url)
{
	unsigned char a[16];
	char *host = NULL;
	CURLU *u = curl_url();
	bool yes = false;
	size_t n;

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		n = strlen(host);
		if (n > 2 && host[0] == '[')
			yes = true;
		else
			yes = strcmp(host, "localhost") == 0 ||
			    inet_pton(AF_INET, host, a) == 1;
	}
	curl_free(host);
	curl_url_cleanup(u);
	return yes;
}

/* ---- libcurl's sockets and its timer, on our loop ---- */

struct socket {
	struct socket *next;
	struct http *http;
	curl_socket_t fd;
	struct stsentry_watch *watch;
};

static void take_answers(struct http *h);

/* libcurl may take the socket back in between. */
static void
on_socket(void *arg, unsigned events)
{
	const struct socket *s = arg;
	struct http *h = s->http;
	int running,
	    what = (events & STSENTRY_READ ? CURL_CSELECT_IN : 0) |
	    (events & STSENTRY_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(h->multi, s->fd, what, &running);
	take_answers(h);
}

static void
on_timer(void *arg)
{
	struct http *h = arg;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_answers(h);
}

static int
set_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	h->host->timer_set(h->timer, ms);
	return 0;
}

static void
drop_socket(struct http *h, struct socket *s)
{
	struct socket **at = &h->sockets;

	while (*at && *at != s)
		at = &(*at)->next;
	if (*at)
		*at = s->next;
	h->host->unwatch(s->watch);
	free(s);
}

static struct socket *
add_socket(struct http *h, curl_socket_t fd, unsigned events)
{
	struct socket *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->http = h;
	s->fd = fd;
	s->watch = h->host->watch(h->host, fd, events, on_socket, s);
	if (!s->watch) {
		free(s);
		return NULL;
	}
	s->next = h->sockets;
	h->sockets = s;
	curl_multi_assign(h->multi, fd, s);
	return s;
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http *h = arg;
	struct socket *s = known;
	unsigned events = (what & CURL_POLL_IN ? STSENTRY_READ : 0U) |
	    (what & CURL_POLL_OUT ? STSENTRY_WRITE : 0U);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			drop_socket(h, s);
		return 0;
	}
	if (s)
		return h->host->watch_for(s->watch, events);
	return add_socket(h, fd, events) ? 0 : -1;
}

/* ---- one handle ---- */

static size_t
take_body(char *p, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	size_t room = HTTP_ANSWER_MAX - h->body_n, take = n * size;

	take = take > room ? room : take;
	memcpy(h->body + h->body_n, p, take);
	h->body_n += take;
	return n * size;
}

static void
set_options(struct http *h, const struct http_options *o)
{
	CURL *c = h->easy;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->text);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "stsentry");
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h);
	if (o->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, o->ca);
	if (o->cert)
		curl_easy_setopt(c, CURLOPT_SSLCERT, o->cert);
	if (o->key)
		curl_easy_setopt(c, CURLOPT_SSLKEY, o->key);
}

struct http *
http_new(const struct stsentry_host *host, const struct http_options *o,
    http_cb *cb, void *arg)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->host = host;
	h->cb = cb;
	h->arg = arg;
	h->private_ok = o->private_ok;
	h->timer = host->timer(host, on_timer, h);
	h->multi = curl_multi_init();
	h->easy = curl_easy_init();
	h->body = malloc(HTTP_ANSWER_MAX);
	if (!h->timer || !h->multi || !h->easy || !h->body) {
		http_free(h);
		return NULL;
	}
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	set_options(h, o);
	return h;
}

static void
end_request(struct http *h)
{
	if (h->added)
		curl_multi_remove_handle(h->multi, h->easy);
	h->added = false;
	curl_slist_free_all(h->headers);
	h->headers = NULL;
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	end_request(h);
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	while (h->sockets)
		drop_socket(h, h->sockets);
	h->host->timer_free(h->timer);
	free(h->body);
	free(h);
}

static bool
add_header(struct http *h, const char *line)
{
	struct curl_slist *more = curl_slist_append(h->headers, line);

	if (more)
		h->headers = more;
	return more != NULL;
}

static bool
set_request(struct http *h, const struct http_request *r)
{
	bool ok = add_header(h, "Expect:");

	for (size_t i = 0; ok && r->headers[i]; i++)
		ok = add_header(h, r->headers[i]);
	curl_easy_setopt(h->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers);
	if (r->body) {
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_n);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, r->body);
	} else {
		curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, r->method);
	if (names_an_address(r->url))
		curl_easy_setopt(h->easy, CURLOPT_OPENSOCKETFUNCTION, NULL);
	return ok;
}

int
http_begin(
    struct http *h, const struct http_request *r, struct stsentry_why *why)
{
	h->body_n = 0;
	h->refused = false;
	h->text[0] = '\0';
	if (set_request(h, r) &&
	    curl_multi_add_handle(h->multi, h->easy) == CURLM_OK) {
		h->added = true;
		return 0;
	}
	end_request(h);
	snprintf(why->text, sizeof(why->text), "cannot begin a request");
	return -1;
}

static const char *
why_not(const struct http *h, CURLcode code)
{
	if (h->refused)
		return "its name leads to an address of a private network; "
		       "\"private: true\" allows that";
	if (code == CURLE_OK)
		return NULL;
	return h->text[0] ? h->text : curl_easy_strerror(code);
}

static void
finish(struct http *h, CURLcode code)
{
	struct http_answer a = { .why = why_not(h, code) };
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &wait);
	end_request(h);
	if (!a.why) {
		a.status = (int)status;
		a.retry_after = (int64_t)wait;
		a.body = h->body;
		a.body_n = h->body_n;
	}
	h->cb(h->arg, &a);
}

static void
take_answers(struct http *h)
{
	int left = 0;
	CURLMsg *m;

	while ((m = curl_multi_info_read(h->multi, &left)))
		if (m->msg == CURLMSG_DONE)
			finish(h, m->data.result);
}

const char *
http_library_version(void)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	return v->version;
}
