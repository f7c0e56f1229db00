/*
 * curl.c - one HTTP request at a time, without waiting; knows libcurl.
 *
 * See curl.h.  What is sent and what an answer means is the caller's.
 */
#include "outputs/webhook/curl.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct http {
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

int
http_new(const struct http_options *o, struct http **result, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h) {
		h->private_ok = o->private_ok;
		h->multi = curl_multi_init();
		h->easy = curl_easy_init();
		h->body = malloc(HTTP_ANSWER_MAX);
	}
	if (!h || !h->multi || !h->easy || !h->body) {
		http_free(h);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	set_options(h, o);
	*result = h;
	return 0;
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

int
http_begin(struct http *h, const struct http_request *r, struct err *e)
{
	bool ok = add_header(h, "Expect:");

	h->body_n = 0;
	h->refused = false;
	h->text[0] = '\0';
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
	if (ok && curl_multi_add_handle(h->multi, h->easy) == CURLM_OK) {
		h->added = true;
		return 0;
	}
	end_request(h);
	return err_set(e, ST_ENOMEM, "cannot begin a request");
}

static enum http_state
finish(struct http *h, CURLcode code, struct http_answer *a, struct err *e)
{
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &wait);
	end_request(h);
	if (h->refused) {
		err_set(e, ST_EIO,
		    "its name leads to an address of a private network; "
		    "\"private: true\" allows that");
		return HTTP_FAILED;
	}
	if (code != CURLE_OK) {
		err_set(e, ST_EIO, "%s",
		    h->text[0] ? h->text : curl_easy_strerror(code));
		return HTTP_FAILED;
	}
	a->status = (int)status;
	a->retry_after = (int64_t)wait;
	a->body = h->body;
	a->body_n = h->body_n;
	return HTTP_ANSWERED;
}

enum http_state
http_step(struct http *h, struct http_answer *a, struct err *e)
{
	int running = 0, left = 0;
	CURLMsg *m;

	curl_multi_perform(h->multi, &running);
	while ((m = curl_multi_info_read(h->multi, &left)))
		if (m->msg == CURLMSG_DONE)
			return finish(h, m->data.result, a, e);
	return HTTP_WAITS;
}

const char *
http_library_version(void)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	return v->version;
}
