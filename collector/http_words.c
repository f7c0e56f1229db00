/*
 * http_words.c - what a request over HTTP is: who sends it, in whose dialect.
 *
 * See http_words.h.  Knows the senders' paths and headers, no body and no
 * token.
 */
#include "collector/http_words.h"

#include <strings.h>

/* ---- paths ---- */

/* What stands behind `dir` in a path: "" for itself, "/..." for what is below;
 * absent where it is another one. */
static struct slice
below(struct slice path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	if (path.n < n || memcmp(path.p, dir, n) != 0 ||
	    (path.n > n && path.p[n] != '/'))
		return SLICE_NULL;
	return slice_of(path.p + n, path.n - n);
}

/* The longest of the input's paths that this one is or lies below. */
static const struct http_path *
find_path(const struct input_config *in, struct slice path, struct slice *rest)
{
	const struct http_path *all = in->http_paths.v, *best = NULL;

	for (size_t i = 0; i < in->http_paths.n; i++) {
		struct slice r = below(path, all[i].path);

		if (!slice_is_null(r) && (!best || r.n < rest->n)) {
			best = &all[i];
			*rest = r;
		}
	}
	return best;
}

/* ---- Splunk's HTTP Event Collector ---- */

static const struct {
	const char *path;
	enum http_ask ask;
} hec_paths[] = {
	{ "", HTTP_ASK_RECORDS },
	{ "/event", HTTP_ASK_RECORDS },
	{ "/event/1.0", HTTP_ASK_RECORDS },
	{ "/raw", HTTP_ASK_RECORDS },
	{ "/raw/1.0", HTTP_ASK_RECORDS },
	{ "/ack", HTTP_ASK_ACKS },
	{ "/ack/1.0", HTTP_ASK_ACKS },
	{ "/health", HTTP_ASK_HEALTH },
	{ "/health/1.0", HTTP_ASK_HEALTH },
};

#define HEC_ROOT "/services/collector"

/* The name as it stands in a query: made of characters that need no escape. */
static struct slice
query_word(struct slice query, const char *name)
{
	while (!slice_is_null(query)) {
		struct slice one = slice_before(query, '&');

		if (slice_is_null(one))
			one = query;
		if (slice_is(slice_before(one, '='), name))
			return slice_after(one, '=');
		query = slice_after(query, '&');
	}
	return SLICE_NULL;
}

static enum http_why
read_channel(const struct http_head *h, struct http_words *w)
{
	w->channel = http_head_get(h, "X-Splunk-Request-Channel");
	if (slice_is_null(w->channel))
		w->channel = query_word(h->query, "channel");
	if (w->channel.n > HTTP_ID_MAX ||
	    (!slice_is_null(w->channel) && w->channel.n == 0))
		return HTTP_WHY_CHANNEL;
	if (w->ask == HTTP_ASK_ACKS && slice_is_null(w->channel))
		return HTTP_WHY_NO_CHANNEL;
	return HTTP_WHY_DONE;
}

/* `rest` is what stands behind the collector's root. */
static enum http_why
read_hec(const struct http_head *h, struct slice rest, struct http_words *w)
{
	struct slice inner = below(rest, HEC_ROOT);

	w->form = HTTP_FORM_HEC;
	if (!slice_is_null(inner))
		rest = inner;
	if (slice_is(rest, "/"))
		rest.n = 0;
	for (size_t i = 0; i < sizeof(hec_paths) / sizeof(hec_paths[0]); i++)
		if (slice_is(rest, hec_paths[i].path)) {
			w->ask = hec_paths[i].ask;
			return read_channel(h, w);
		}
	return HTTP_WHY_NO_PATH;
}

/* ---- Amazon Data Firehose ---- */

static enum http_why
read_firehose(const struct http_head *h, struct http_words *w)
{
	struct slice version = http_head_get(
	    h, "X-Amz-Firehose-Protocol-Version");

	w->form = HTTP_FORM_FIREHOSE;
	w->id = http_head_get(h, "X-Amz-Firehose-Request-Id");
	if (w->id.n == 0 || w->id.n > HTTP_ID_MAX) {
		w->id = SLICE_NULL;
		return HTTP_WHY_NO_ID;
	}
	if (!slice_is_null(version) && !slice_is(version, "1.0"))
		return HTTP_WHY_MALFORMED;
	return HTTP_WHY_DONE;
}

/* ---- Google Cloud Pub/Sub ---- */

/* A wrapped message has its id in the body. */
static enum http_why
read_pubsub(const struct http_head *h, struct http_words *w)
{
	w->form = HTTP_FORM_PUBSUB;
	w->id = http_head_get(h, "X-Goog-Pubsub-Message-Id");
	if (w->id.n == 0 || w->id.n > HTTP_ID_MAX)
		w->id = SLICE_NULL;
	return HTTP_WHY_DONE;
}

static bool
is_pubsub(const struct http_head *h)
{
	static const char prefix[] = "X-Goog-Pubsub-";

	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].name.n >= sizeof(prefix) - 1 &&
		    strncasecmp(h->v[i].name.p, prefix, sizeof(prefix) - 1) ==
			0)
			return true;
	return slice_starts(http_head_get(h, "User-Agent"), "APIs-Google");
}

/* ---- all ---- */

static enum http_why
read_auto(const struct http_head *h, struct http_words *w)
{
	struct slice rest = below(h->path, HEC_ROOT);

	if (!slice_is_null(rest))
		return read_hec(h, rest, w);
	if (!slice_is_null(http_head_get(h, "X-Amz-Firehose-Request-Id")))
		return read_firehose(h, w);
	return is_pubsub(h) ? read_pubsub(h, w) : HTTP_WHY_DONE;
}

static enum http_why
read_sender(const struct http_head *h, const struct input_config *in,
    struct http_words *w)
{
	const struct http_path *found;
	struct slice rest;

	if (in->http_paths.n == 0)
		return read_auto(h, w);
	found = find_path(in, h->path, &rest);
	if (!found)
		return HTTP_WHY_NO_PATH;
	switch (found->kind) {
	case HTTP_FIREHOSE:
		return read_firehose(h, w);
	case HTTP_PUBSUB:
		return read_pubsub(h, w);
	case HTTP_HEC:
		return read_hec(h, rest, w);
	default:
		return read_auto(h, w);
	}
}

static bool
is_good_method(const struct http_head *h, enum http_ask ask)
{
	if (ask == HTTP_ASK_HEALTH)
		return slice_is(h->method, "GET") ||
		    slice_is(h->method, "HEAD");
	/* EventBridge's destinations may be told to use PUT. */
	return slice_is(h->method, "POST") || slice_is(h->method, "PUT");
}

/* A body in a form that holds no text of records. */
static bool
is_strange(struct slice type)
{
	static const char *const refused[] = { "application/msgpack",
		"application/x-msgpack", "application/protobuf",
		"application/x-protobuf", "application/grpc",
		"application/cbor", "multipart/", "image/", "audio/",
		"video/" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t n = strlen(refused[i]);

		if (type.n >= n && strncasecmp(type.p, refused[i], n) == 0)
			return true;
	}
	return false;
}

/* What a body is packed with is seen from its first bytes: here only what
 * cannot be undone is refused. */
static bool
is_good_coding(struct slice coding)
{
	static const char *const good[] = { "gzip", "x-gzip", "zstd", "deflate",
		"identity" };

	if (coding.n == 0)
		return true;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (http_same(coding, good[i]))
			return true;
	return false;
}

enum http_why
http_words_read(const struct http_head *h, const struct input_config *in,
    struct http_words *w)
{
	enum http_why why;

	memset(w, 0, sizeof(*w));
	why = read_sender(h, in, w);
	if (why != HTTP_WHY_DONE)
		return why;
	if (!is_good_method(h, w->ask))
		return HTTP_WHY_METHOD;
	if (is_strange(http_head_get(h, "Content-Type")))
		return HTTP_WHY_MEDIA;
	if (!is_good_coding(http_head_get(h, "Content-Encoding")))
		return HTTP_WHY_CODING;
	return HTTP_WHY_DONE;
}
