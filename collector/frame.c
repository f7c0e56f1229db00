/*
 * frame.c - cut a byte stream into frames.
 *
 * A step looks at the bytes from the current position and either takes some
 * (a frame, a piece to be skipped, blanks) or says that it needs more.  Bytes
 * are copied only when a frame does not end within what was fed.  Knows JSON's
 * outside (lib/jscan), lines and octet counts; what is inside a record is the
 * business of events/.  Runs on the worker that owns the stream.
 */
#include "collector/frame.h"

#include "lib/buf.h"

#include <stdlib.h>

#define SOME_BYTES 64     /* of a rejected piece, for a message */
#define FIRST_APPEND 4096 /* how much is added to an unfinished frame first */
#define COUNT_DIGITS 19   /* more are no count */
#define HEADER_MAX 4096   /* of a syslog line or message, before its body */
#define HELD_KEEP 65536   /* a larger buffer is given back when empty */

enum state {
	BETWEEN,       /* frames of any kind may begin */
	IN_ARRAY,      /* elements of a top-level array */
	IN_RECORDS,    /* elements of {"Records":[...]} */
	AFTER_RECORDS, /* the rest of that object */
	SKIP_COUNT,    /* bytes of an oversize counted frame */
	SKIP_LINE,     /* to the next LF */
	SKIP_TO_FRAME, /* to the next line that can begin a frame */
};

struct framer {
	enum frame_mode mode;
	enum state state;
	size_t max_record, max_document;
	struct buf held;
	uint64_t offset;    /* in the stream, of what is looked at */
	uint64_t skip_left; /* SKIP_COUNT */
	size_t searched;    /* of an unfinished line: no LF up to here */
	size_t tried;       /* a value did not end within so many bytes */
	/* AFTER_RECORDS */
	unsigned depth;
	bool in_string, escaped;
	bool fatal;
	frame_cb *on_frame;
	frame_reject_cb *on_reject;
	void *arg;
	struct jscan scan;
};

struct framer *
framer_new(enum frame_mode mode, const struct frame_limits *l,
    frame_cb *on_frame, frame_reject_cb *on_reject, void *arg)
{
	struct framer *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->mode = mode;
	f->max_record = l && l->max_record ? l->max_record : FRAME_RECORD_MAX;
	f->max_document = l && l->max_document ? l->max_document
					       : FRAME_DOCUMENT_MAX;
	f->on_frame = on_frame;
	f->on_reject = on_reject;
	f->arg = arg;
	return f;
}

void
framer_free(struct framer *f)
{
	if (!f)
		return;
	buf_release(&f->held);
	free(f);
}

size_t
framer_held(const struct framer *f)
{
	/* What is being skipped must be remembered as well. */
	return f->held.n + (f->state != BETWEEN);
}

/* ---- places ---------------------------------------------------------------- */

enum place_flags { PLACE_IN_STRING = 1, PLACE_ESCAPED = 2 };

void
framer_place(const struct framer *f, struct frame_place *result)
{
	result->offset = f->offset;
	result->skip_left = f->skip_left;
	result->depth = f->depth;
	result->state = (uint8_t)f->state;
	result->flags = (uint8_t)((f->in_string ? PLACE_IN_STRING : 0) |
	    (f->escaped ? PLACE_ESCAPED : 0));
}

void
framer_place_behind(const struct framer *f, const struct frame *frame,
    struct frame_place *result)
{
	framer_place(f, result);
	result->offset = frame->offset + frame->bytes.n;
}

bool
frame_place_is_good(const struct frame_place *p)
{
	return p->state <= SKIP_TO_FRAME &&
	    !(p->flags & ~(PLACE_IN_STRING | PLACE_ESCAPED)) &&
	    !(p->state == AFTER_RECORDS && p->depth == 0);
}

int
framer_resume(struct framer *f, const struct frame_place *p)
{
	if (!frame_place_is_good(p))
		return ST_EINVAL;
	f->offset = p->offset;
	f->skip_left = p->skip_left;
	f->depth = p->depth;
	f->state = (enum state)p->state;
	f->in_string = p->flags & PLACE_IN_STRING;
	f->escaped = p->flags & PLACE_ESCAPED;
	return 0;
}

void
frame_place_inside(uint64_t offset, struct frame_place *result)
{
	*result = (struct frame_place){ .offset = offset,
		.state = SKIP_TO_FRAME };
}

static unsigned char *
put_le(unsigned char *p, uint64_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		*p++ = (unsigned char)v;
	return p;
}

static uint64_t
get_le(const unsigned char **p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v |= (uint64_t) * (*p)++ << (8 * i);
	return v;
}

void
frame_place_pack(
    const struct frame_place *p, unsigned char out[FRAME_PLACE_SIZE])
{
	out = put_le(out, p->offset, 8);
	out = put_le(out, p->skip_left, 8);
	out = put_le(out, p->depth, 4);
	*out++ = p->state;
	*out = p->flags;
}

void
frame_place_unpack(
    const unsigned char in[FRAME_PLACE_SIZE], struct frame_place *result)
{
	result->offset = get_le(&in, 8);
	result->skip_left = get_le(&in, 8);
	result->depth = (uint32_t)get_le(&in, 4);
	result->state = *in++;
	result->flags = *in;
}

/* ---- telling --------------------------------------------------------------- */

static void
reject(struct framer *f, enum reject why, const char *p, size_t n)
{
	size_t some = n < SOME_BYTES ? n : SOME_BYTES;

	f->on_reject(f->arg, why, f->offset, slice_of(p, some), n);
}

static void
emit(struct framer *f, const char *at, const char *p, size_t n,
    const struct jscan *scan)
{
	struct frame frame = { slice_of(p, n), f->offset + (size_t)(p - at),
		scan };

	f->on_frame(f->arg, &frame);
}

/* A line or counted message without the line end that senders leave in. */
static void
emit_text(struct framer *f, const char *at, const char *p, size_t n)
{
	while (n && (p[n - 1] == '\n' || p[n - 1] == '\r' || p[n - 1] == '\0'))
		n--;
	if (n)
		emit(f, at, p, n, NULL);
}

/* ---- steps: bytes taken, 0 for "more is needed" ------------------------------ */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_blank(p[i]))
		i++;
	return i;
}

/* What may stand between frames: blanks, NUL, record separators (RFC 7464)
 * and byte order marks. */
static size_t
between(const char *p, size_t n, bool final)
{
	size_t i = 0;

	for (;;) {
		while (
		    i < n && (is_blank(p[i]) || p[i] == '\0' || p[i] == '\x1e'))
			i++;
		if (n - i >= 3 && memcmp(p + i, "\xef\xbb\xbf", 3) == 0) {
			i += 3;
			continue;
		}
		/* The beginning of a mark is looked at when it is whole. */
		if (final && i < n && n - i < 3 &&
		    memcmp(p + i, "\xef\xbb\xbf", n - i) == 0)
			i = n;
		return i;
	}
}

/* Can a frame begin with this at the beginning of a line? */
static bool
may_begin(char c)
{
	return !is_blank(c) && c != '"' && c != '}' && c != ']' && c != ',' &&
	    c != ':' && c != '\0';
}

/* Behind the first LF after which a frame may begin. */
static size_t
step_skip_to_frame(struct framer *f, const char *p, size_t n, bool final)
{
	const char *lf = p, *end = p + n;

	while ((lf = memchr(lf, '\n', (size_t)(end - lf)))) {
		if (lf + 1 == end && !final)
			return (size_t)(lf - p); /* 0: look again with more */
		if (lf + 1 == end || may_begin(lf[1])) {
			f->state = BETWEEN;
			return (size_t)(lf + 1 - p);
		}
		lf++;
	}
	return n;
}

static size_t
step_skip_line(struct framer *f, const char *p, size_t n)
{
	const char *lf = memchr(p, '\n', n);

	if (!lf)
		return n;
	f->state = BETWEEN;
	return (size_t)(lf + 1 - p);
}

static size_t
step_skip_count(struct framer *f, size_t n)
{
	size_t take = n < f->skip_left ? n : (size_t)f->skip_left;

	f->skip_left -= take;
	if (f->skip_left == 0)
		f->state = BETWEEN;
	return take;
}

/* A line; without LF only at the end. */
static size_t
step_line(struct framer *f, const char *p, size_t n, bool final)
{
	size_t from = f->searched < n ? f->searched : 0;
	const char *lf = memchr(p + from, '\n', n - from);
	size_t len = lf ? (size_t)(lf - p) : n;

	if (len > f->max_record + HEADER_MAX) {
		reject(f, REJECT_TOO_LONG, p, len);
		if (!lf)
			f->state = SKIP_LINE;
		return lf ? len + 1 : len;
	}
	if (!lf && !final) {
		f->searched = n;
		return 0;
	}
	emit_text(f, p, p, len);
	return lf ? len + 1 : len;
}

/* Give up the value at p: what follows the next line end may be well. */
static size_t
give_up(struct framer *f, enum reject why, const char *p, size_t n, bool final)
{
	size_t taken;

	f->state = SKIP_TO_FRAME;
	taken = step_skip_to_frame(f, p, n, final);
	reject(f, why, p, taken ? taken : n);
	return taken ? taken : 1;
}

static enum reject
why_broken(const struct framer *f, const char *end)
{
	return f->scan.end < end && *f->scan.end == '\n' ? REJECT_TRUNCATED
							 : REJECT_BAD_JSON;
}

/* Looking at it again and again as it grows would be quadratic: wait for as
 * much again. */
static size_t
wait_for_more(struct framer *f, size_t n)
{
	f->tried = n < f->max_document / 2 ? n * 2 : f->max_document + 1;
	return 0;
}

/* A JSON object or array of which all is wanted at once.  No more of it is
 * looked at than it may have, so that what comes with it changes nothing. */
static size_t
step_value(struct framer *f, const char *p, size_t n, bool final)
{
	size_t most = n <= f->max_document ? n : f->max_document + 1, len;

	if (n < f->tried && !final)
		return 0;
	switch (jscan_value(p, p + most, &f->scan)) {
	case JSCAN_DONE:
		len = (size_t)(f->scan.end - p);
		if (len > f->max_document)
			return give_up(f, REJECT_TOO_LONG, p, n, final);
		emit(f, p, p, len, *p == '{' ? &f->scan : NULL);
		return len;
	case JSCAN_SHORT:
		if (n > f->max_document)
			return give_up(f, REJECT_TOO_LONG, p, n, final);
		if (final)
			return give_up(f, REJECT_TRUNCATED, p, n, final);
		return wait_for_more(f, n);
	case JSCAN_BROKEN:
		return give_up(f, why_broken(f, p + n), p, n, final);
	default:
		return give_up(f, REJECT_TOO_DEEP, p, n, final);
	}
}

/* Does {"Records":[ stand here?  Its length, 0 for no, n + 1 for "too short to
 * tell". */
static size_t
records_begin(const char *p, size_t n)
{
	static const char *const parts[] = { "{", "\"Records\"", ":", "[" };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t len = strlen(parts[i]), have;

		at += blanks(p + at, n - at);
		have = n - at < len ? n - at : len;
		if (memcmp(p + at, parts[i], have) != 0)
			return 0;
		if (have < len)
			return n + 1;
		at += len;
	}
	return at;
}

static size_t
step_object(struct framer *f, const char *p, size_t n, bool final)
{
	size_t most = n <= f->max_document ? n : f->max_document, head;

	if (n < f->tried && !final)
		return 0;
	head = records_begin(p, most);
	if (head > most && !final && n == most)
		return wait_for_more(f, n);
	if (head == 0 || head > most)
		return step_value(f, p, n, final);
	f->state = IN_RECORDS;
	return head;
}

/* '[' of an array, or of a text line such as "[2026-03-01] ...". */
static size_t
step_bracket(struct framer *f, const char *p, size_t n, bool final)
{
	size_t next = 1 +
	    blanks(p + 1, n - 1 < HEADER_MAX ? n - 1 : HEADER_MAX);

	if (next == n && !final)
		return 0;
	if (next < n && !is_blank(p[next]) && !memchr("{[\"]", p[next], 4))
		return step_line(f, p, n, final);
	f->state = IN_ARRAY;
	return 1;
}

/* The number at p and where it ends; false where more digits may come. */
static bool
read_count(const char *p, size_t n, bool final, uint64_t *count, size_t *len)
{
	size_t i = 0;

	*count = 0;
	while (i < n && i < COUNT_DIGITS && p[i] >= '0' && p[i] <= '9')
		*count = *count * 10 + (uint64_t)(p[i++] - '0');
	*len = i;
	return i < n || final;
}

/* A message of `count` bytes behind `head` bytes of count and blank. */
static size_t
step_counted(struct framer *f, const char *p, size_t n, size_t head,
    uint64_t count, bool final)
{
	if (count > f->max_record + HEADER_MAX) {
		reject(f, REJECT_TOO_LONG, p, n);
		f->skip_left = count;
		f->state = SKIP_COUNT;
		return head;
	}
	if (n - head < count) {
		if (!final)
			return 0;
		reject(f, REJECT_TRUNCATED, p, n);
		return n;
	}
	emit_text(f, p, p + head, (size_t)count);
	return head + (size_t)count;
}

/* TCP: a digit begins a count, and what is no count is a bad line. */
static size_t
step_count_strict(struct framer *f, const char *p, size_t n, bool final)
{
	uint64_t count;
	size_t len;

	if (!read_count(p, n, final, &count, &len))
		return 0;
	if (len == n || p[len] != ' ' || p[0] == '0') {
		reject(f, REJECT_BAD_COUNT, p, n < SOME_BYTES ? n : SOME_BYTES);
		f->state = SKIP_LINE;
		return len ? len : 1;
	}
	if (count > FRAME_COUNT_MAX) {
		reject(f, REJECT_BAD_COUNT, p, len);
		f->fatal = true;
		return n;
	}
	return step_counted(f, p, n, len + 1, count, final);
}

/* Files: a line may begin with a date; a count is followed by a message. */
static size_t
step_count_lenient(struct framer *f, const char *p, size_t n, bool final)
{
	uint64_t count;
	size_t len;

	if (!read_count(p, n, final, &count, &len) || n - len < 2)
		return final ? step_line(f, p, n, final) : 0;
	if (p[len] != ' ' || p[0] == '0' || count > FRAME_COUNT_MAX ||
	    !strchr("<{[\xef", p[len + 1]) || p[len + 1] == '\0')
		return step_line(f, p, n, final);
	return step_counted(f, p, n, len + 1, count, final);
}

/* A string that stands as an element. */
static size_t
step_string(struct framer *f, const char *p, size_t n, bool final)
{
	size_t most = n <= f->max_document ? n : f->max_document;

	if (n < f->tried && !final)
		return 0;
	for (size_t i = 1; i < most; i++) {
		if (p[i] == '\\') {
			i++;
		} else if (p[i] == '"') {
			emit(f, p, p, i + 1, NULL);
			return i + 1;
		}
	}
	if (n > f->max_document)
		return give_up(f, REJECT_TOO_LONG, p, n, final);
	return final ? give_up(f, REJECT_TRUNCATED, p, n, final)
		     : wait_for_more(f, n);
}

/* A number or word that stands as an element. */
static size_t
step_word(struct framer *f, const char *p, size_t n, bool final)
{
	size_t i = 0;

	while (i < n && i <= f->max_record && !is_blank(p[i]) &&
	    !memchr(",]}{[\"", p[i], 6))
		i++;
	if (i == n && !final && n <= f->max_record)
		return 0;
	if (i == 0 || i == n || i > f->max_record)
		return give_up(f, REJECT_BAD_JSON, p, n, final);
	emit(f, p, p, i, NULL);
	return i;
}

static size_t
step_element(struct framer *f, const char *p, size_t n, bool final)
{
	size_t skip = 0;

	while (skip < n && (is_blank(p[skip]) || p[skip] == ','))
		skip++;
	if (skip)
		return skip;
	switch (*p) {
	case ']':
		f->depth = 1;
		f->in_string = f->escaped = false;
		f->state = f->state == IN_RECORDS ? AFTER_RECORDS : BETWEEN;
		return 1;
	case '{':
	case '[':
		return step_value(f, p, n, final);
	case '"':
		return step_string(f, p, n, final);
	default:
		return step_word(f, p, n, final);
	}
}

/* To the bracket that closes the object that Records was the first member of. */
static size_t
step_after_records(struct framer *f, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (f->escaped)
			f->escaped = false;
		else if (c == '\\')
			f->escaped = f->in_string;
		else if (c == '"')
			f->in_string = !f->in_string;
		else if (f->in_string)
			continue;
		else if (c == '{' || c == '[')
			f->depth++;
		else if ((c == '}' || c == ']') && --f->depth == 0) {
			f->state = BETWEEN;
			return i + 1;
		}
	}
	return n;
}

static size_t
step_between(struct framer *f, const char *p, size_t n, bool final)
{
	size_t skip = between(p, n, final);
	bool file = f->mode == FRAME_FILE;

	if (skip)
		return skip;
	if (*p >= '0' && *p <= '9')
		return file ? step_count_lenient(f, p, n, final)
			    : step_count_strict(f, p, n, final);
	if (file && *p == '{')
		return step_object(f, p, n, final);
	if (file && *p == '[')
		return step_bracket(f, p, n, final);
	return step_line(f, p, n, final);
}

static size_t
step_by_state(struct framer *f, const char *p, size_t n, bool final)
{
	switch (f->state) {
	case IN_ARRAY:
	case IN_RECORDS:
		return step_element(f, p, n, final);
	case AFTER_RECORDS:
		return step_after_records(f, p, n);
	case SKIP_COUNT:
		return step_skip_count(f, n);
	case SKIP_LINE:
		return step_skip_line(f, p, n);
	case SKIP_TO_FRAME:
		return step_skip_to_frame(f, p, n, final);
	default:
		return step_between(f, p, n, final);
	}
}

/* What was looked at in vain is forgotten as soon as we move on. */
static size_t
step(struct framer *f, const char *p, size_t n, bool final)
{
	size_t took = step_by_state(f, p, n, final);

	if (took)
		f->searched = f->tried = 0;
	return took;
}

/* ---- feeding ----------------------------------------------------------------- */

/* As many steps as the bytes allow; how many bytes they took. */
static size_t
run(struct framer *f, const char *p, size_t n, bool final)
{
	size_t at = 0, took;

	while (at < n && !f->fatal) {
		took = step(f, p + at, n - at, final);
		if (took == 0)
			break;
		at += took;
		f->offset += took;
	}
	return at;
}

/*
 * Finish the frame that is held with as few of the new bytes as it needs.
 * Returns how many of them were used up.
 */
static size_t
fill_held(struct framer *f, const char *p, size_t n)
{
	size_t used = 0, old, take, took;

	while (f->held.n && used < n && !f->fatal) {
		old = f->held.n;
		take = old < FIRST_APPEND ? FIRST_APPEND : old;
		if (take > n - used)
			take = n - used;
		buf_add(&f->held, p + used, take);
		if (f->held.failed)
			return used;
		took = step(f, f->held.p, f->held.n, false);
		f->offset += took;
		if (took >= old) {
			/* Ends within the new bytes: go on in place. */
			used += took - old;
			f->held.n = 0;
		} else {
			buf_consume(&f->held, took);
			used += take;
		}
	}
	if (f->held.n == 0 && f->held.cap > HELD_KEEP)
		buf_release(&f->held);
	return used;
}

/* Without memory for an unfinished frame it is refused and passed over. */
static void
drop_held(struct framer *f)
{
	reject(f, REJECT_NO_MEMORY, f->held.p, f->held.n);
	f->offset += f->held.n;
	buf_release(&f->held);
	f->searched = f->tried = 0;
	f->state = f->mode == FRAME_FILE ? SKIP_TO_FRAME : SKIP_LINE;
}

int
framer_feed(struct framer *f, const char *p, size_t n)
{
	size_t used = fill_held(f, p, n);

	if (f->held.failed)
		drop_held(f);
	if (f->held.n)
		buf_consume(&f->held, run(f, f->held.p, f->held.n, false));
	if (f->held.n == 0)
		used += run(f, p + used, n - used, false);
	if (f->fatal)
		return ST_EFORMAT;
	if (used < n)
		buf_add(&f->held, p + used, n - used);
	if (f->held.failed)
		drop_held(f);
	return 0;
}

void
framer_look(struct framer *f)
{
	if (f->held.n == 0)
		return;
	f->searched = f->tried = 0;
	buf_consume(&f->held, run(f, f->held.p, f->held.n, false));
}

void
framer_finish(struct framer *f)
{
	size_t took = run(f, f->held.p, f->held.n, true);

	if (took < f->held.n && !f->fatal)
		reject(f, REJECT_TRUNCATED, f->held.p + took, f->held.n - took);
	else if (f->state == IN_ARRAY || f->state == IN_RECORDS ||
	    f->state == AFTER_RECORDS || f->state == SKIP_COUNT)
		reject(f, REJECT_TRUNCATED, NULL, 0);
	buf_release(&f->held);
	f->searched = f->tried = 0;
	f->state = BETWEEN;
}
