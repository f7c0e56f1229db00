/*
 * log.c - what the program says to its operator, on stderr.
 *
 * The name, the level and the stamp are set once, before threads; after that
 * any thread may speak, for a line is put together on the stack and leaves in
 * one write().  A line that is too long is cut, never split.
 */
#include "lib/log.h"

#include "lib/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_TEXT 4096 /* what is said, before escaping */
#define LOG_LINE 8192 /* what is written, its end of line included */
#define LOG_PROGRAM 64

static struct {
	char program[LOG_PROGRAM];
	enum log_level level;
	bool stamp;
} setup = { "stsentry", LOG_L_INFO, false };

struct line {
	char p[LOG_LINE];
	size_t n;
	bool cut;
};

static const char cut_mark[] = "...";

/* All of it or, if there is no room left, nothing from here on. */
static void
line_add(struct line *l, const char *p, size_t n)
{
	if (l->cut || n > sizeof(l->p) - sizeof(cut_mark) - l->n) {
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
	    text, sizeof(text), ".%03dZ ", (int)(now.tv_nsec / 1000000));
	line_add(l, text, n);
}

static void
line_write(struct line *l)
{
	const char *p = l->p;
	size_t left;

	if (l->cut) {
		memcpy(l->p + l->n, cut_mark, sizeof(cut_mark) - 1);
		l->n += sizeof(cut_mark) - 1;
	}
	l->p[l->n++] = '\n';
	/* Once, unless a signal or a slow pipe took only a part of it. */
	for (left = l->n; left > 0;) {
		ssize_t n = write(STDERR_FILENO, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		left -= (size_t)n;
	}
}

__attribute__((format(printf, 3, 0))) static void
say(enum log_level level, int err, const char *fmt, va_list ap)
{
	static const char *const words[] = { "error: ", "warning: ", "",
		"debug: " };
	int saved = errno;
	char text[LOG_TEXT];
	struct line l;
	int n;

	if (level > setup.level)
		return;
	l.n = 0;
	l.cut = false;
	if (setup.stamp)
		line_add_stamp(&l);
	line_add_visible(&l, slice_str(setup.program));
	line_add(&l, ": ", 2);
	line_add(&l, words[level], strlen(words[level]));
	n = fmt ? vsnprintf(text, sizeof(text), fmt, ap) : 0;
	if (n > 0)
		line_add_visible(&l, utf8_cut(slice_str(text), LOG_TEXT));
	if (n >= LOG_TEXT)
		l.cut = true;
	if (err) {
		line_add(&l, ": ", 2);
		line_add_visible(&l, slice_str(strerror(err)));
	}
	line_write(&l);
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
