/*
 * test_http_reply.c - each sender gets exactly the answer that it waits for.
 */
#include "collector/http_reply.h"

#include "unit.h"

#include <stdlib.h>

#define NOW 1770000000123

static struct slice
body_of(struct slice reply)
{
	const char *p = slice_find(reply, "\r\n\r\n");

	return p ? slice_of(p + 4, (size_t)(reply.p + reply.n - p) - 4)
		 : SLICE_NULL;
}

static void
check_reply(const struct http_answer *a, const char *line, const char *body)
{
	struct buf out = BUF_INIT;
	struct slice reply;
	const char *length;

	http_reply(a, &out);
	reply = buf_slice(&out);
	CHECK(slice_starts(reply, line));
	CHECK_TEXT(body_of(reply), body);
	length = slice_find(reply, "Content-Length: ");
	if (length && !a->bare)
		CHECK_INT(atol(length + 16), strlen(body));
	CHECK((length == NULL) == (strstr(line, "204") != NULL));
	buf_release(&out);
}

static void
each_sender_has_its_form(void)
{
	static const struct {
		struct http_answer a;
		const char *line, *body;
	} rows[] = {
		{ { .form = HTTP_FORM_FIREHOSE, .id = { "r-1", 3 }, .ack = -1 },
		    "HTTP/1.1 200 OK\r\n",
		    "{\"requestId\":\"r-1\",\"timestamp\":1770000000123}\n" },
		{ { .form = HTTP_FORM_FIREHOSE,
		      .why = HTTP_WHY_BAD_TOKEN,
		      .id = { "r\"1", 3 },
		      .ack = -1 },
		    "HTTP/1.1 401 Unauthorized\r\n",
		    "{\"requestId\":\"r\\\"1\",\"timestamp\":1770000000123,"
		    "\"errorMessage\":\"the token is not good\"}\n" },
		{ { .form = HTTP_FORM_FIREHOSE,
		      .why = HTTP_WHY_NO_ID,
		      .ack = -1 },
		    "HTTP/1.1 400 Bad Request\r\n",
		    "{\"requestId\":\"\",\"timestamp\":1770000000123,"
		    "\"errorMessage\":\"the request's id is missing or too "
		    "long\"}\n" },
		{ { .form = HTTP_FORM_PUBSUB, .ack = -1 },
		    "HTTP/1.1 204 No Content\r\n", "" },
		{ { .form = HTTP_FORM_HEC, .ack = -1 }, "HTTP/1.1 200 OK\r\n",
		    "{\"text\":\"Success\",\"code\":0}\n" },
		{ { .form = HTTP_FORM_HEC, .ack = 7 }, "HTTP/1.1 200 OK\r\n",
		    "{\"text\":\"Success\",\"code\":0,\"ackId\":7}\n" },
		{ { .form = HTTP_FORM_HEC,
		      .why = HTTP_WHY_BAD_TOKEN,
		      .ack = -1 },
		    "HTTP/1.1 403 Forbidden\r\n",
		    "{\"text\":\"Invalid token\",\"code\":4}\n" },
		{ { .form = HTTP_FORM_HEC, .ask = HTTP_ASK_HEALTH, .ack = -1 },
		    "HTTP/1.1 200 OK\r\n",
		    "{\"text\":\"HEC is healthy\",\"code\":17}\n" },
		{ { .form = HTTP_FORM_HEC,
		      .ask = HTTP_ASK_HEALTH,
		      .why = HTTP_WHY_FULL,
		      .ack = -1 },
		    "HTTP/1.1 503 Service Unavailable\r\n",
		    "{\"text\":\"HEC is unhealthy, queues are full\","
		    "\"code\":18}\n" },
		{ { .form = HTTP_FORM_HEC,
		      .ask = HTTP_ASK_ACKS,
		      .acks = { "{\"acks\":{}}", 11 },
		      .ack = -1 },
		    "HTTP/1.1 200 OK\r\n", "{\"acks\":{}}" },
		{ { .why = HTTP_WHY_NO_PATH, .ack = -1 },
		    "HTTP/1.1 404 Not Found\r\n",
		    "{\"error\":\"there is nothing at this path\"}\n" },
		{ { .repeated = true, .ack = -1 }, "HTTP/1.1 200 OK\r\n",
		    "{\"repeated\":true}\n" },
		{ { .why = HTTP_WHY_METHOD, .bare = true, .ack = -1 },
		    "HTTP/1.1 405 Method Not Allowed\r\n", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_answer a = rows[i].a;

		a.now = NOW;
		check_reply(&a, rows[i].line, rows[i].body);
	}
}

static void
counts_name_what_was_rejected_and_why(void)
{
	struct sift_counts c = {
		.received = 5, .token_requests = 2, .uses = 1, .other = 0
	};
	const struct http_answer a = { .now = NOW, .counts = &c, .ack = -1 };

	c.rejected[REJECT_BAD_JSON] = 1;
	c.rejected[REJECT_ACCOUNT] = 1;
	check_reply(&a, "HTTP/1.1 200 OK\r\n",
	    "{\"received\":5,\"token_requests\":2,\"uses\":1,\"other\":0,"
	    "\"rejected\":{\"bad_json\":1,\"account\":1}}\n");
}

static bool
says(const struct http_answer *a, const char *line)
{
	struct buf out = BUF_INIT;
	bool found;

	http_reply(a, &out);
	found = slice_find(buf_slice(&out), line) != NULL;
	buf_release(&out);
	return found;
}

static void
heads_say_what_to_do_next(void)
{
	struct http_answer a = { .now = NOW, .ack = -1 };

	CHECK(says(&a, "Date: Mon, 02 Feb 2026 02:40:00 GMT\r\n"));
	CHECK(!says(&a, "Connection: close\r\n"));
	a.closes = true;
	CHECK(says(&a, "Connection: close\r\n"));
	CHECK(!says(&a, "Retry-After"));
	for (int why = HTTP_WHY_FULL; why < HTTP_WHY_COUNT; why++) {
		a.why = (enum http_why)why;
		CHECK(says(&a, "HTTP/1.1 503 "));
		CHECK(says(&a, "Retry-After: 2\r\n"));
	}
	a.why = HTTP_WHY_NO_TOKEN;
	CHECK(says(&a, "WWW-Authenticate: Bearer\r\n"));
	a.why = HTTP_WHY_METHOD;
	CHECK(says(&a, "Allow: POST, PUT\r\n"));
	a.why = HTTP_WHY_CODING;
	CHECK(says(&a, "Accept-Encoding: gzip, deflate, zstd\r\n"));
}

static void
only_what_can_never_succeed_is_a_4xx(void)
{
	for (int i = HTTP_WHY_MALFORMED; i < HTTP_WHY_COUNT; i++) {
		const struct http_why_row *r = http_why((enum http_why)i);
		bool later = i >= HTTP_WHY_FULL;

		CHECK((r->status == 503) == later);
		CHECK((r->hec_status == 503) == later);
		CHECK(r->text != NULL && r->hec_text != NULL);
		CHECK(strcmp(http_reason(r->status), "Unknown") != 0);
		CHECK(strcmp(http_reason(r->hec_status), "Unknown") != 0);
	}
	CHECK_INT(http_why_of_status(431), HTTP_WHY_HEAD);
	CHECK_INT(http_why_of_status(400), HTTP_WHY_MALFORMED);
}

UNIT_MAIN("http_reply",
    { "each sender has its form", each_sender_has_its_form },
    { "counts name what was rejected and why",
	counts_name_what_was_rejected_and_why },
    { "heads say what to do next", heads_say_what_to_do_next },
    { "only what can never succeed is a 4xx",
	only_what_can_never_succeed_is_a_4xx })
