/*
 * curl.h - one HTTP request at a time, on the host's loop; knows libcurl.
 *
 *     h = http_new(host, &options, on_answer, arg);
 *     http_begin(h, &request, &why);       // 0, and later on_answer(arg, ..)
 *     http_free(h);                        // an answer on its way never comes
 *
 * HTTP/2 where the server has it, proxies by the environment, certificates
 * always checked, no redirects.  A name that leads to an address of a private
 * network, of this machine or of its link is refused at the resolved address,
 * unless private_ok; an address that stands in the URL itself was meant.
 * Connections are kept.  One owner, the host's thread.
 */
#ifndef ST_WEBHOOK_CURL_H
#define ST_WEBHOOK_CURL_H

#include <stdbool.h>
#include <stsentry/output.h>

#define HTTP_ANSWER_MAX ((size_t)1 << 20) /* more of an answer is not read */

struct http_options {
	const char *ca, *cert, *key; /* files or NULL */
	int64_t timeout_ms;
	bool private_ok;
};

/* All of it must live until the answer is there. */
struct http_request {
	const char *method, *url;
	const char *const *headers; /* "Name: value", ends with NULL */
	const char *body;           /* NULL: none */
	size_t body_n;
};

struct http_answer {
	int status;          /* 0: there is none, and `why` says why */
	int64_t retry_after; /* seconds, 0: not said */
	const char *body;    /* until the next http_begin() */
	size_t body_n;
	const char *why;
};

/* May begin the next request, but not free the whole. */
typedef void http_cb(void *arg, const struct http_answer *answer);

struct http;
/* NULL without memory. */
struct http *http_new(const struct stsentry_host *host,
    const struct http_options *o, http_cb *cb, void *arg);
void http_free(struct http *h);
int http_begin(
    struct http *h, const struct http_request *r, struct stsentry_why *why);

/* For --version: "libcurl/7.88.1". */
const char *http_library_version(void);

#endif
