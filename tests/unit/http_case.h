/*
 * http_case.h - a webhook output on a clock that stands still, with a service
 * that a test plays.
 *
 *     struct http_case c;
 *     if (!http_case_begin(&c, "slack", play, arg))
 *             ... c.e.text ...
 *     http_case_add(&c, 3);                   // findings f-0, f-1, f-2
 *     http_case_run(&c, 60000);               // a minute goes by
 *     CHECK_INT(http_case_counts(&c).delivered, 3);
 *     http_case_end(&c);
 *
 * Everything is real but for webhook/curl: outbox, courier, output, preset.
 * What is answered is kept at once.  One case at a time.
 */
#ifndef ST_TEST_HTTP_CASE_H
#define ST_TEST_HTTP_CASE_H

#include "conf/config.h"
#include "outputs/outbox.h"
#include "outputs/webhook/curl.h"

#define HTTP_CASE_SECRET "whsec_c3RzZW50cnktd2ViaG9vay10ZXN0LWtleS0wMDE="
#define HTTP_CASE_ID "f-%05zu"

/* What the service says, and after how many ms. */
struct http_play {
	struct http_answer answer;
	int64_t after_ms;
};
typedef void
http_player(void *arg, const struct http_request *r, struct http_play *result);

struct http_case {
	struct config *config;
	struct loop *loop;
	struct outbox *box;
	struct output *output;
	struct courier *courier;
	int64_t now; /* ms */
	size_t added;
	size_t requests; /* that were begun, ever */
	char dead[512];  /* the file of dead letters */
	struct err e;
};

bool http_case_begin(
    struct http_case *c, const char *preset, http_player *player, void *arg);
void http_case_end(struct http_case *c);
void http_case_add(struct http_case *c, size_t n);
/* Whatever is due at this moment. */
void http_case_settle(struct http_case *c);
/* The same through so many ms, in steps as fine as `step_ms`. */
void http_case_run(struct http_case *c, int64_t ms, int64_t step_ms);
struct outbox_counts http_case_counts(struct http_case *c);

#endif
