/*
 * log.c - what the program says to its operator.
 *
 * The name is set once, before threads; level and style may change while others
 * speak.  Any thread may, for a line is put together on the stack and leaves in
 * one write().  A line that is too long is cut, never split.
 */
#include "lib/log.h"

#include "lib/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX 4096    /* what is said, before escaping */
#define MESSAGE_MAX 8000 /* once escaped */
#define LINE_SIZE 16384  /* what is written; JSON may double a message */
#define PROGRAM_MAX 64

static struct {
	char program[PROGRAM_MAX];
	bool stamp;
	_Atomic(enum log_level) level;
	_Atomic(enum log_format) format;
	_Atomic(enum log_place) to;
} setup = { "stsentry", false, LOG_L_INFO, LOG_AS_TEXT, LOG_TO_STDERR };

static const char *const level_words[] = { "error", "warning", "info",
	"debug" };
/* By the same index. */
static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct line {
	char p[LINE_SIZE];
	size_t n, max;
	bool cut;
};

static const char cut_mark[] = "...";

/* Not filled with zeros: only what is in it is ever looked at. */
static void
line_begin(struct line *l, size_t max)
{
	l->n = 0;
	l->max = max;
	l->cut = false;
}

/* All of it or, if there is no room left, nothing from here on. */
static void
line_add(struct line *l, const char *p, size_t n)
{
	if (l->cut || n > l->max - sizeof(cut_mark) - l->n) {
		l->cut = true;
		return;
	}
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static void
line_add_hex(
    struct line *l, const char *fmt_prefix, unsigned digits, uint32_t v)
{
	char text[16];
	int n = snprintf(
	    text, sizeof(text), "%s%0*x", fmt_prefix, (int)digits, (unsigned)v);

	line_add(l, text, (size_t)n);
}

static void
line_add_visible(struct line *l, struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t len;
	bool ok;

	for (; p < end; p += len) {
		uint32_t cp = utf8_next(p, end, &len, &ok);

		if (!ok)
			for (size_t i = 0; i < len; i++)
				line_add_hex(l, "\\x", 2, (unsigned char)p[i]);
		else if (!utf8_is_control(cp))
			line_add(l, p, len);
		else if (cp < 0x80)
			line_add_hex(l, "\\x", 2, cp);
		else
			line_add_hex(l, "\\u", 4, cp);
	}
}

static void
line_add_str(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

static void
line_add_stamp(struct line *l)
{
	struct timespec now;
	struct tm tm;
	char text[64];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	line_add(l, text, n);
	n = (size_t)snprintf(
	    text, sizeof(text), ".%03dZ", (int)(now.tv_nsec / 1000000));
	line_add(l, text, n);
}

/* What is visible already needs only these two escaped. */
static void
line_add_quoted(struct line *l, const char *p, size_t n)
{
	line_add(l, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			line_add(l, "\\", 1);
		line_add(l, p + i, 1);
	}
	line_add(l, "\"", 1);
}

static void
line_end_cut(struct line *l)
{
	if (!l->cut)
		return;
	memcpy(l->p + l->n, cut_mark, sizeof(cut_mark) - 1);
	l->n += sizeof(cut_mark) - 1;
	l->cut = false;
}

/* Once, unless a signal or a slow pipe took only a part of it. */
static void
line_write(struct line *l)
{
	const char *p = l->p;

	l->p[l->n++] = '\n';
	for (size_t left = l->n; left > 0;) {
		ssize_t n = write(STDERR_FILENO, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		left -= (size_t)n;
	}
}

/* ---- styles: from a message to what leaves ---- */

static void
say_text(enum log_level level, const struct line *message)
{
	struct line l;
	char head[8];

	line_begin(&l, LINE_SIZE);
	if (setup.to == LOG_TO_JOURNALD) {
		snprintf(head, sizeof(head), "<%d>", priorities[level]);
		line_add_str(&l, head);
	}
	if (setup.stamp) {
		line_add_stamp(&l);
		line_add(&l, " ", 1);
	}
	line_add_visible(&l, slice_str(setup.program));
	line_add_str(&l, ": ");
	if (level != LOG_L_INFO) {
		line_add_str(&l, level_words[level]);
		line_add_str(&l, ": ");
	}
	line_add(&l, message->p, message->n);
	line_end_cut(&l);
	line_write(&l);
}

static void
say_json(enum log_level level, const struct line *message)
{
	struct line l;

	line_begin(&l, LINE_SIZE);
	line_add_str(&l, "{\"time\":\"");
	line_add_stamp(&l);
	line_add_str(&l, "\",\"level\":\"");
	line_add_str(&l, level_words[level]);
	line_add_str(&l, "\",\"program\":");
	line_add_quoted(&l, setup.program, strlen(setup.program));
	line_add_str(&l, ",\"message\":");
	line_add_quoted(&l, message->p, message->n);
	line_add_str(&l, "}");
	line_write(&l);
}

static void
say_line(enum log_level level, const struct line *message)
{
	if (setup.to == LOG_TO_SYSLOG)
		syslog(priorities[level], "%.*s", (int)message->n, message->p);
	else if (setup.format == LOG_AS_JSON)
		say_json(level, message);
	else
		say_text(level, message);
}

__attribute__((format(printf, 3, 0))) static void
say(enum log_level level, int err, const char *fmt, va_list ap)
{
	int saved = errno;
	char text[TEXT_MAX];
	struct line l;
	int n;

	if (level > setup.level)
		return;
	line_begin(&l, MESSAGE_MAX);
	n = fmt ? vsnprintf(text, sizeof(text), fmt, ap) : 0;
	if (n > 0)
		line_add_visible(&l, utf8_cut(slice_str(text), TEXT_MAX));
	if (n >= TEXT_MAX)
		l.cut = true;
	if (err) {
		line_add_str(&l, ": ");
		line_add_visible(&l, slice_str(strerror(err)));
	}
	line_end_cut(&l);
	say_line(level, &l);
	errno = saved;
}

void
log_setup(const char *program, enum log_level level, bool stamp)
{
	if (program)
		snprintf(setup.program, sizeof(setup.program), "%s", program);
	setup.level = level;
	setup.stamp = stamp;
}

void
log_style(enum log_level level, enum log_format format, enum log_place to)
{
	if (to == LOG_TO_SYSLOG && setup.to != to)
		openlog(setup.program, LOG_PID, LOG_DAEMON);
	setup.level = level;
	setup.format = format;
	setup.to = to;
}

bool
log_is_debug(void)
{
	return setup.level >= LOG_L_DEBUG;
}

#define LOG_FUNCTION(name, level, err)       \
	void name(const char *fmt, ...)      \
	{                                    \
		int with = (err);            \
		va_list ap;                  \
                                             \
		va_start(ap, fmt);           \
		say((level), with, fmt, ap); \
		va_end(ap);                  \
	}

LOG_FUNCTION(log_error, LOG_L_ERROR, errno)
LOG_FUNCTION(log_errorx, LOG_L_ERROR, 0)
LOG_FUNCTION(log_warn, LOG_L_WARN, errno)
LOG_FUNCTION(log_warnx, LOG_L_WARN, 0)
LOG_FUNCTION(log_info, LOG_L_INFO, 0)
LOG_FUNCTION(log_debug, LOG_L_DEBUG, 0)
