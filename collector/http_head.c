/*
 * http_head.c - what an HTTP/1.1 request says before its body.
 *
 * See http_head.h; RFC 9110 and RFC 9112.  Knows no paths, no senders and no
 * sockets.
 */
#include "config.h"

#include "collector/http_head.h"

#include <strings.h>

/* ---- characters ---- */

/* What methods and names of headers are made of (RFC 9110 5.6.2). */
static bool
is_token(struct slice s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') ||
			(c != '\0' && strchr(others, c))))
			return false;
	}
	return s.n > 0;
}

static bool
is_target(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

static bool
is_value(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') ||
		    s.p[i] == 0x7f)
			return false;
	return true;
}

bool
http_same(struct slice s, const char *word)
{
	size_t n = strlen(word);

	return s.n == n && s.p && strncasecmp(s.p, word, n) == 0;
}

/* ---- lines ---- */

size_t
http_head_end(const char *p, size_t n, size_t looked)
{
	size_t from = looked > 3 ? looked - 3 : 0;
	const char *end = memmem(p + from, n - from, "\r\n\r\n", 4);

	return end ? (size_t)(end + 4 - p) : 0;
}

/* Takes a line and its CRLF off the front; false where there is none. */
static bool
next_line(struct slice *rest, struct slice *line)
{
	const char *cr = memmem(rest->p, rest->n, "\r\n", 2);

	if (!cr)
		return false;
	*line = slice_of(rest->p, (size_t)(cr - rest->p));
	rest->p = cr + 2;
	rest->n -= line->n + 2;
	return true;
}

/* "http://host/path" is what a proxy may be sent: only its path is ours. */
static struct slice
without_host(struct slice target)
{
	struct slice rest;
	const char *slash;

	if (!slice_starts(target, "http://") &&
	    !slice_starts(target, "https://"))
		return target;
	rest = slice_after(slice_after(target, '/'), '/');
	slash = memchr(rest.p, '/', rest.n);
	if (!slash)
		return SLICE_LIT("/");
	return slice_of(slash, (size_t)(rest.p + rest.n - slash));
}

static bool
set_target(struct http_head *h, struct slice target)
{
	struct slice t = without_host(target);

	if (!is_target(t) || (t.p[0] != '/' && !slice_is(t, "*")))
		return false;
	h->query = slice_after(t, '?');
	h->path = slice_is_null(h->query) ? t : slice_before(t, '?');
	return true;
}

static int
parse_request_line(struct slice line, struct http_head *h)
{
	struct slice rest = slice_after(line, ' ');
	struct slice target = slice_before(rest, ' ');
	struct slice version = slice_after(rest, ' ');

	h->method = slice_before(line, ' ');
	if (slice_is_null(version) || !is_token(h->method) ||
	    !set_target(h, target))
		return 400;
	if (version.n != 8 || !slice_starts(version, "HTTP/") ||
	    version.p[6] != '.')
		return 400;
	if (version.p[5] != '1' || (version.p[7] != '0' && version.p[7] != '1'))
		return 505;
	h->minor = (unsigned)(version.p[7] - '0');
	return 0;
}

static bool
parse_header(struct slice line, struct http_header *to)
{
	to->name = slice_before(line, ':');
	to->value = slice_trim(slice_after(line, ':'));
	return is_token(to->name) && is_value(to->value);
}

/* ---- what the headers mean for the message ---- */

struct slice
http_head_get(const struct http_head *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (http_same(h->v[i].name, name))
			return h->v[i].value;
	return SLICE_NULL;
}

static size_t
count(const struct http_head *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += http_same(h->v[i].name, name);
	return n;
}

static bool
read_length(struct slice s, int64_t *result)
{
	if (s.n == 0 || s.n > HTTP_LENGTH_DIGITS)
		return false;
	*result = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*result = *result * 10 + (s.p[i] - '0');
	}
	return true;
}

static int
set_length(struct http_head *h)
{
	size_t lengths = count(h, "Content-Length");
	size_t codings = count(h, "Transfer-Encoding");

	h->length = -1;
	if (lengths > 1 || (lengths && codings) || (codings && h->minor == 0))
		return 400;
	if (lengths &&
	    !read_length(http_head_get(h, "Content-Length"), &h->length))
		return 400;
	if (codings == 0)
		return 0;
	if (codings > 1 ||
	    !http_same(http_head_get(h, "Transfer-Encoding"), "chunked"))
		return 501;
	h->chunked = true;
	return 0;
}

/* Is `word` among the words of all headers of that name? */
static bool
names_word(const struct http_head *h, const char *name, const char *word)
{
	for (size_t i = 0; i < h->n; i++) {
		struct slice rest = h->v[i].value;

		if (!http_same(h->v[i].name, name))
			continue;
		while (!slice_is_null(rest)) {
			struct slice one = slice_before(rest, ',');

			if (slice_is_null(one))
				one = rest;
			if (http_same(slice_trim(one), word))
				return true;
			rest = slice_after(rest, ',');
		}
	}
	return false;
}

static int
set_connection(struct http_head *h)
{
	struct slice expect = http_head_get(h, "Expect");

	h->closes = h->minor == 0 ? !names_word(h, "Connection", "keep-alive")
				  : names_word(h, "Connection", "close");
	if (slice_is_null(expect))
		return 0;
	if (!http_same(expect, "100-continue"))
		return 417;
	h->expects = h->minor > 0;
	return 0;
}

int
http_head_parse(struct slice bytes, struct http_head *h)
{
	struct slice rest = bytes, line;
	int status;

	memset(h, 0, offsetof(struct http_head, v));
	if (bytes.n > HTTP_HEAD_MAX)
		return 431;
	if (memchr(bytes.p, '\0', bytes.n) || !next_line(&rest, &line))
		return 400;
	status = parse_request_line(line, h);
	if (status)
		return status;
	for (;;) {
		if (!next_line(&rest, &line))
			return 400;
		if (line.n == 0)
			break;
		if (h->n == HTTP_HEADERS_MAX)
			return 431;
		if (!parse_header(line, &h->v[h->n++]))
			return 400;
	}
	if (count(h, "Host") > 1 || (h->minor && count(h, "Host") == 0))
		return 400;
	status = set_length(h);
	return status ? status : set_connection(h);
}

/* ---- queries ---- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
decode(struct slice s, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			buf_addc(out, s.p[i] == '+' ? ' ' : s.p[i]);
			continue;
		}
		if (s.n - i < 3 || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
			return false;
		buf_addc(out, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
		i += 2;
	}
	return !out->failed;
}

bool
http_query_get(struct slice query, const char *name, struct buf *out)
{
	while (!slice_is_null(query)) {
		struct slice one = slice_before(query, '&');

		if (slice_is_null(one))
			one = query;
		if (slice_is(slice_before(one, '='), name))
			return decode(slice_after(one, '='), out);
		query = slice_after(query, '&');
	}
	return false;
}

/* ---- chunked bodies ---- */

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_LF };

void
http_chunks_init(struct http_chunks *c)
{
	memset(c, 0, sizeof(*c));
}

static bool
size_digit(struct http_chunks *c, char ch)
{
	int v = hex(ch);

	if (v >= 0) {
		c->left = c->left * 16 + (unsigned)v;
		return ++c->digits <= HTTP_CHUNK_DIGITS;
	}
	/* Blanks before an extension are the one thing that is let pass. */
	if (c->digits == 0 || (ch != '\r' && ch != ';' && ch != ' '))
		return false;
	c->state = ch == '\r' ? SIZE_LF : EXTENSION;
	return true;
}

static bool
extension(struct http_chunks *c, char ch)
{
	if (ch == '\r')
		c->state = SIZE_LF;
	return ch != '\n' && ++c->seen <= HTTP_CHUNK_LINE_MAX;
}

static bool
size_end(struct http_chunks *c, char ch)
{
	c->state = c->left ? DATA : TRAILER;
	c->seen = 0;
	c->in_line = false;
	return ch == '\n';
}

static bool
data_end(struct http_chunks *c, char ch)
{
	bool good = ch == (c->state == DATA_CR ? '\r' : '\n');

	if (c->state == DATA_LF) {
		c->digits = 0;
		c->left = 0;
	}
	c->state = c->state == DATA_CR ? DATA_LF : SIZE;
	return good;
}

static bool
trailer(struct http_chunks *c, char ch)
{
	if (ch == '\r')
		c->state = TRAILER_LF;
	else
		c->in_line = true;
	return ch != '\n' && ++c->seen <= HTTP_CHUNK_TRAILER_MAX;
}

/* One byte of what stands around the data; false: it must not stand there. */
static bool
around(struct http_chunks *c, char ch)
{
	switch (c->state) {
	case SIZE:
		return size_digit(c, ch);
	case EXTENSION:
		return extension(c, ch);
	case SIZE_LF:
		return size_end(c, ch);
	case DATA_CR:
	case DATA_LF:
		return data_end(c, ch);
	default:
		return trailer(c, ch);
	}
}

enum http_chunk_word
http_chunks_next(
    struct http_chunks *c, const char **p, const char *end, struct slice *data)
{
	while (*p < end) {
		size_t n = (size_t)(end - *p);

		if (c->state == DATA) {
			*data = slice_of(*p, n < c->left ? n : (size_t)c->left);
			*p += data->n;
			c->left -= data->n;
			if (c->left == 0)
				c->state = DATA_CR;
			return HTTP_CHUNK_DATA;
		}
		if (c->state == TRAILER_LF) {
			if (*(*p)++ != '\n')
				return HTTP_CHUNK_BAD;
			if (!c->in_line)
				return HTTP_CHUNK_END;
			c->state = TRAILER;
			c->in_line = false;
			continue;
		}
		if (!around(c, *(*p)++))
			return HTTP_CHUNK_BAD;
	}
	return HTTP_CHUNK_MORE;
}
