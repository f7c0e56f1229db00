/*
 * curl.h - one HTTP request at a time, without waiting; knows libcurl.
 *
 *     err = http_new(&options, &h, &e);
 *     err = http_begin(h, &request, &e);
 *     while (http_step(h, &answer, &e) == HTTP_WAITS) ...   // come again later
 *     http_free(h);
 *
 * HTTP/2 where the server has it, proxies by the environment, certificates
 * always checked, no redirects.  A name that leads to an address of a private
 * network, of this machine or of its link is refused at the resolved address,
 * unless private_ok; an address that stands in the URL itself was meant.
 * Connections are kept.  One owner, no callbacks.
 */
#ifndef ST_WEBHOOK_CURL_H
#define ST_WEBHOOK_CURL_H

#include "outputs/output.h"

#include <stdint.h>

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
	int status;
	int64_t retry_after; /* seconds, 0: not said */
	const char *body;    /* until the next http_begin() */
	size_t body_n;
};

enum http_state { HTTP_WAITS, HTTP_ANSWERED, HTTP_FAILED };

struct http;
int http_new(const struct http_options *o, struct http **result,
    struct err *e) ST_MUSTCHECK;
void http_free(struct http *h);
int http_begin(
    struct http *h, const struct http_request *r, struct err *e) ST_MUSTCHECK;
enum http_state http_step(struct http *h, struct http_answer *a, struct err *e);

/* For --version: "libcurl/7.88.1". */
const char *http_library_version(void);

#endif
