/*
 * http_why.h - how a request over HTTP ends, and why.
 *
 * One table: its name as a counter, the status, its text for people, and what
 * a sender that speaks Splunk's dialect is told.
 */
#ifndef ST_HTTP_WHY_H
#define ST_HTTP_WHY_H

enum http_why {
	HTTP_WHY_DONE, /* kept, or nothing is wrong so far */
	/* What can never succeed. */
	HTTP_WHY_MALFORMED,
	HTTP_WHY_NO_ID,
	HTTP_WHY_CHANNEL,
	HTTP_WHY_NO_CHANNEL,
	HTTP_WHY_EMPTY,
	HTTP_WHY_UNREADABLE,
	HTTP_WHY_NO_TOKEN,
	HTTP_WHY_BAD_TOKEN,
	HTTP_WHY_NO_PATH,
	HTTP_WHY_METHOD,
	HTTP_WHY_LATE,
	HTTP_WHY_NO_LENGTH,
	HTTP_WHY_TOO_LARGE,
	HTTP_WHY_INFLATED,
	HTTP_WHY_MEDIA,
	HTTP_WHY_CODING,
	HTTP_WHY_EXPECT,
	HTTP_WHY_HEAD,
	HTTP_WHY_TRANSFER,
	HTTP_WHY_VERSION,
	/* What may, later. */
	HTTP_WHY_FULL,
	HTTP_WHY_HELD,
	HTTP_WHY_STOPPING,
	HTTP_WHY_IN_HAND,
	HTTP_WHY_SLOW,
	HTTP_WHY_MEMORY,
	HTTP_WHY_COUNT
};

struct http_why_row {
	const char *name; /* in /status and /metrics */
	int status;
	const char *text;
	/* Splunk's own, where it differs: the status, its number and words. */
	int hec_status, hec_code;
	const char *hec_text;
};

const struct http_why_row *http_why(enum http_why w);
/* For what http_head_parse() says. */
enum http_why http_why_of_status(int status);
/* "Not Found" */
const char *http_reason(int status);

#endif
