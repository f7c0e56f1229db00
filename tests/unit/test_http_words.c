/*
 * test_http_words.c - what a request is, told from its path and headers.
 */
#include "collector/http_words.h"

#include "unit.h"

#include <stdio.h>

static const struct http_path mapped[] = {
	{ "/aws", HTTP_FIREHOSE },
	{ "/gcp", HTTP_PUBSUB },
	{ "/hec", HTTP_HEC },
	{ "/in/", HTTP_AUTO },
};

static enum http_why
read_words(const char *request_line, const char *headers, bool with_paths,
    struct http_words *w)
{
	static struct http_head h;
	static char text[8192];
	struct input_config in = { .type = INPUT_HTTP };
	size_t n;

	if (with_paths) {
		in.http_paths.v = (void *)(uintptr_t)mapped;
		in.http_paths.n = sizeof(mapped) / sizeof(mapped[0]);
	}
	n = (size_t)snprintf(text, sizeof(text),
	    "%s HTTP/1.1\r\nHost: x\r\n%s\r\n", request_line, headers);
	CHECK_INT(http_head_parse(slice_of(text, n), &h), 0);
	return http_words_read(&h, &in, w);
}

#define FH "X-Amz-Firehose-Request-Id: r-1\r\n"

static void
a_sender_is_told_by_path_or_headers(void)
{
	static const struct {
		const char *line, *headers;
		bool paths;
		enum http_why why;
		enum http_form form;
		enum http_ask ask;
	} rows[] = {
		{ "POST /", "", false, HTTP_WHY_DONE, HTTP_FORM_PLAIN,
		    HTTP_ASK_RECORDS },
		{ "PUT /any/where?x", "", false, HTTP_WHY_DONE, HTTP_FORM_PLAIN,
		    HTTP_ASK_RECORDS },
		{ "POST /x", FH, false, HTTP_WHY_DONE, HTTP_FORM_FIREHOSE,
		    HTTP_ASK_RECORDS },
		{ "POST /x", "X-Goog-Pubsub-Message-Id: 7\r\n", false,
		    HTTP_WHY_DONE, HTTP_FORM_PUBSUB, HTTP_ASK_RECORDS },
		{ "POST /x", "User-Agent: APIs-Google; (+x)\r\n", false,
		    HTTP_WHY_DONE, HTTP_FORM_PUBSUB, HTTP_ASK_RECORDS },
		{ "POST /services/collector", "", false, HTTP_WHY_DONE,
		    HTTP_FORM_HEC, HTTP_ASK_RECORDS },
		{ "POST /services/collector/raw/1.0?channel=a", "", false,
		    HTTP_WHY_DONE, HTTP_FORM_HEC, HTTP_ASK_RECORDS },
		{ "GET /services/collector/health", "", false, HTTP_WHY_DONE,
		    HTTP_FORM_HEC, HTTP_ASK_HEALTH },
		{ "POST /services/collector/ack?channel=a", "", false,
		    HTTP_WHY_DONE, HTTP_FORM_HEC, HTTP_ASK_ACKS },
		{ "POST /services/collector/ack", "", false,
		    HTTP_WHY_NO_CHANNEL, HTTP_FORM_HEC, HTTP_ASK_ACKS },
		{ "POST /services/collector/event?channel=", "", false,
		    HTTP_WHY_CHANNEL, HTTP_FORM_HEC, HTTP_ASK_RECORDS },
		{ "POST /services/collector/what", "", false, HTTP_WHY_NO_PATH,
		    HTTP_FORM_HEC, HTTP_ASK_RECORDS },
		{ "POST /services/collectors", "", false, HTTP_WHY_DONE,
		    HTTP_FORM_PLAIN, HTTP_ASK_RECORDS },
		{ "POST /aws", FH, true, HTTP_WHY_DONE, HTTP_FORM_FIREHOSE,
		    HTTP_ASK_RECORDS },
		{ "POST /aws/x?y", FH, true, HTTP_WHY_DONE, HTTP_FORM_FIREHOSE,
		    HTTP_ASK_RECORDS },
		{ "POST /aws", "", true, HTTP_WHY_NO_ID, HTTP_FORM_FIREHOSE,
		    HTTP_ASK_RECORDS },
		{ "POST /aws", FH "X-Amz-Firehose-Protocol-Version: 2.0\r\n",
		    true, HTTP_WHY_MALFORMED, HTTP_FORM_FIREHOSE,
		    HTTP_ASK_RECORDS },
		{ "POST /awsx", "", true, HTTP_WHY_NO_PATH, HTTP_FORM_PLAIN,
		    HTTP_ASK_RECORDS },
		{ "POST /", "", true, HTTP_WHY_NO_PATH, HTTP_FORM_PLAIN,
		    HTTP_ASK_RECORDS },
		{ "POST /gcp", "", true, HTTP_WHY_DONE, HTTP_FORM_PUBSUB,
		    HTTP_ASK_RECORDS },
		{ "POST /hec", "", true, HTTP_WHY_DONE, HTTP_FORM_HEC,
		    HTTP_ASK_RECORDS },
		{ "POST /hec/raw", "", true, HTTP_WHY_DONE, HTTP_FORM_HEC,
		    HTTP_ASK_RECORDS },
		{ "POST /hec/services/collector/ack?channel=c", "", true,
		    HTTP_WHY_DONE, HTTP_FORM_HEC, HTTP_ASK_ACKS },
		{ "POST /services/collector", "", true, HTTP_WHY_NO_PATH,
		    HTTP_FORM_PLAIN, HTTP_ASK_RECORDS },
		{ "POST /in", "", true, HTTP_WHY_DONE, HTTP_FORM_PLAIN,
		    HTTP_ASK_RECORDS },
		{ "POST /in/x", FH, true, HTTP_WHY_DONE, HTTP_FORM_FIREHOSE,
		    HTTP_ASK_RECORDS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_words w;

		CHECK_INT(read_words(
			      rows[i].line, rows[i].headers, rows[i].paths, &w),
		    rows[i].why);
		CHECK_INT(w.form, rows[i].form);
		if (rows[i].why == HTTP_WHY_DONE)
			CHECK_INT(w.ask, rows[i].ask);
	}
}

static void
methods_and_bodies_that_are_not_for_us_are_refused(void)
{
	static const struct {
		const char *line, *headers;
		enum http_why why;
	} rows[] = {
		{ "GET /", "", HTTP_WHY_METHOD },
		{ "DELETE /", "", HTTP_WHY_METHOD },
		{ "OPTIONS *", "", HTTP_WHY_METHOD },
		{ "POST /services/collector/health", "", HTTP_WHY_METHOD },
		{ "HEAD /services/collector/health", "", HTTP_WHY_DONE },
		{ "POST /", "Content-Type: application/msgpack\r\n",
		    HTTP_WHY_MEDIA },
		{ "POST /", "Content-Type: Multipart/form-data; b=1\r\n",
		    HTTP_WHY_MEDIA },
		{ "POST /",
		    "Content-Type: application/x-www-form-urlencoded\r\n",
		    HTTP_WHY_DONE },
		{ "POST /", "Content-Encoding: br\r\n", HTTP_WHY_CODING },
		{ "POST /", "Content-Encoding: gzip, gzip\r\n",
		    HTTP_WHY_CODING },
		{ "POST /", "Content-Encoding: GZIP\r\n", HTTP_WHY_DONE },
		{ "POST /", "Content-Encoding: zstd\r\n", HTTP_WHY_DONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_words w;

		CHECK_INT(read_words(rows[i].line, rows[i].headers, false, &w),
		    rows[i].why);
	}
}

static void
ids_and_channels_are_given_out_and_bounded(void)
{
	static char header[HTTP_ID_MAX + 100];
	char name[HTTP_ID_MAX + 2];
	struct http_words w;

	read_words("POST /x", FH, false, &w);
	CHECK_TEXT(w.id, "r-1");
	read_words("POST /services/collector?a=1&channel=c-2", "", false, &w);
	CHECK_TEXT(w.channel, "c-2");
	read_words("POST /services/collector?channel=c-2",
	    "x-splunk-request-channel: c-3\r\n", false, &w);
	CHECK_TEXT(w.channel, "c-3");
	memset(name, 'i', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(
	    header, sizeof(header), "X-Amz-Firehose-Request-Id: %s\r\n", name);
	CHECK_INT(read_words("POST /x", header, false, &w), HTTP_WHY_NO_ID);
	CHECK(slice_is_null(w.id));
	snprintf(
	    header, sizeof(header), "X-Splunk-Request-Channel: %s\r\n", name);
	CHECK_INT(read_words("POST /services/collector", header, false, &w),
	    HTTP_WHY_CHANNEL);
	snprintf(
	    header, sizeof(header), "X-Goog-Pubsub-Message-Id: %s\r\n", name);
	CHECK_INT(read_words("POST /x", header, false, &w), HTTP_WHY_DONE);
	CHECK(slice_is_null(w.id));
}

UNIT_MAIN("http_words",
    { "a sender is told by path or headers",
	a_sender_is_told_by_path_or_headers },
    { "methods and bodies that are not for us are refused",
	methods_and_bodies_that_are_not_for_us_are_refused },
    { "ids and channels are given out and bounded",
	ids_and_channels_are_given_out_and_bounded })
