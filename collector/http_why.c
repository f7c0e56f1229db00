/*
 * http_why.c - how a request over HTTP ends, and why.
 *
 * See http_why.h.
 */
#include "collector/http_why.h"

#include <stddef.h>

static const struct http_why_row rows[HTTP_WHY_COUNT] = {
	[HTTP_WHY_DONE] = { "done", 200, NULL, 200, 0, "Success" },
	[HTTP_WHY_MALFORMED] = { "malformed", 400,
	    "the request is not well formed", 400, 6, "Invalid data format" },
	[HTTP_WHY_NO_ID] = { "no_id", 400,
	    "the request's id is missing or too long", 400, 6,
	    "Invalid data format" },
	[HTTP_WHY_CHANNEL] = { "channel", 400, "the channel's name is too long",
	    400, 11, "Invalid data channel" },
	[HTTP_WHY_NO_CHANNEL] = { "no_channel", 400, "the channel is missing",
	    400, 10, "Data channel is missing" },
	[HTTP_WHY_EMPTY] = { "empty", 400, "the body is empty", 400, 5,
	    "No data" },
	[HTTP_WHY_UNREADABLE] = { "unreadable", 400,
	    "nothing in the body can be read", 400, 6, "Invalid data format" },
	[HTTP_WHY_NO_TOKEN] = { "no_token", 401, "a token is missing", 401, 2,
	    "Token is required" },
	[HTTP_WHY_BAD_TOKEN] = { "bad_token", 401, "the token is not good", 403,
	    4, "Invalid token" },
	[HTTP_WHY_NO_PATH] = { "no_path", 404, "there is nothing at this path",
	    404, 404, "The requested URL was not found on this server." },
	[HTTP_WHY_METHOD] = { "method", 405, "this method is not for this path",
	    405, 405, "Method Not Allowed" },
	[HTTP_WHY_LATE] = { "late", 408, "the request came too slowly", 408,
	    408, "Request Timeout" },
	[HTTP_WHY_NO_LENGTH] = { "no_length", 411,
	    "the body's length is missing", 411, 411, "Length Required" },
	[HTTP_WHY_TOO_LARGE] = { "too_large", 413, "the body is too large", 413,
	    27, "Request entity too large" },
	[HTTP_WHY_INFLATED] = { "inflated", 413,
	    "the body is too large once unpacked", 413, 27,
	    "Request entity too large" },
	[HTTP_WHY_MEDIA] = { "media", 415, "this type of body cannot be read",
	    415, 6, "Invalid data format" },
	[HTTP_WHY_CODING] = { "coding", 415,
	    "this coding of a body cannot be undone", 415, 6,
	    "Invalid data format" },
	[HTTP_WHY_EXPECT] = { "expect", 417, "this expectation cannot be met",
	    417, 417, "Expectation Failed" },
	[HTTP_WHY_HEAD] = { "head", 431, "the request's head is too large", 431,
	    431, "Request Header Fields Too Large" },
	[HTTP_WHY_TRANSFER] = { "transfer", 501,
	    "this transfer coding is not known", 501, 501, "Not Implemented" },
	[HTTP_WHY_VERSION] = { "version", 505,
	    "only HTTP/1.0 and HTTP/1.1 are spoken", 505, 505,
	    "HTTP Version Not Supported" },
	[HTTP_WHY_FULL] = { "full", 503, "all queues are full; try again", 503,
	    9, "Server is busy" },
	[HTTP_WHY_HELD] = { "held", 503,
	    "too many bodies are on their way; try again", 503, 9,
	    "Server is busy" },
	[HTTP_WHY_STOPPING] = { "stopping", 503,
	    "the daemon is stopping; try again", 503, 23,
	    "Server is shutting down" },
	[HTTP_WHY_IN_HAND] = { "in_hand", 503,
	    "the same delivery is in hand; ask again for its result", 503, 9,
	    "Server is busy" },
	[HTTP_WHY_SLOW] = { "slow", 503, "it is not kept yet; try again", 503,
	    9, "Server is busy" },
	[HTTP_WHY_MEMORY] = { "memory", 503, "out of memory; try again", 503, 8,
	    "Internal server error" },
};

static const struct {
	int status;
	const char *text;
} reasons[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

const struct http_why_row *
http_why(enum http_why w)
{
	return &rows[w];
}

enum http_why
http_why_of_status(int status)
{
	switch (status) {
	case 417:
		return HTTP_WHY_EXPECT;
	case 431:
		return HTTP_WHY_HEAD;
	case 501:
		return HTTP_WHY_TRANSFER;
	case 505:
		return HTTP_WHY_VERSION;
	default:
		return HTTP_WHY_MALFORMED;
	}
}

const char *
http_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Unknown";
}
