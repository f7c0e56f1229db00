/*
 * err.c - reasons with their place.
 *
 * Pure but for errno; any thread.
 */
#include "lib/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ST_PRINTF(5, 0)
static void
fill(struct err *e, const char *file, unsigned line, unsigned col,
    const char *fmt, va_list ap)
{
	if (!e)
		return;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	snprintf(e->file, sizeof(e->file), "%s", file ? file : "");
	e->line = line;
	e->col = col;
}

int
err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, NULL, 0, 0, fmt, ap);
	va_end(ap);
	return code;
}

int
err_at(struct err *e, int code, const char *file, unsigned line, unsigned col,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, file, line, col, fmt, ap);
	va_end(ap);
	return code;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	size_t n;
	va_list ap;

	if (!e)
		return ST_EIO;
	va_start(ap, fmt);
	fill(e, NULL, 0, 0, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(saved));
	return ST_EIO;
}

const char *
err_format(const struct err *e, char *buf, size_t size)
{
	if (e->file[0] && e->line)
		snprintf(buf, size, "%s:%u:%u: %s", e->file, e->line, e->col,
		    e->text);
	else if (e->file[0])
		snprintf(buf, size, "%s: %s", e->file, e->text);
	else
		snprintf(buf, size, "%s", e->text);
	return buf;
}

const char *
st_strerror(int code)
{
	static const char *const words[] = {
		"no error",
		"out of memory",
		"input or output error",
		"invalid value",
		"no such thing",
		"a bound was reached",
		"it ends too early",
		"not in the expected format",
		"busy",
		"stopped",
	};
	unsigned i = (unsigned)-code;

	return i < sizeof(words) / sizeof(words[0]) ? words[i]
						    : "unknown error";
}
