/*
 * log.h - what the program says to its operator.
 *
 *     log_info("listening on %s", addr);
 *     log_warn("cannot open %s", path);       // adds ": " and errno
 *     log_warnx("record longer than %zu", max);
 *
 * One line each, with control characters of other people's strings made
 * visible; to stderr, to the journal (stderr, with the level that it reads), or
 * to syslog(3).  Any thread: a line is one write().  fatal() is not here, it
 * lives in the mains: after "ready" nothing ends the program but its operator.
 */
#ifndef ST_LOG_H
#define ST_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

#define LOG_PRINTF __attribute__((format(printf, 1, 2)))

/* Once, before threads.  `stamp`: put the time in front of each line. */
void log_setup(const char *program, enum log_level level, bool stamp);
bool log_is_debug(void);

/* In JSON a line is {"time":"...","level":"warning","program":"stsentryd",
 * "message":"..."}. */
enum log_format { LOG_AS_TEXT, LOG_AS_JSON };
enum log_place { LOG_TO_STDERR, LOG_TO_JOURNALD, LOG_TO_SYSLOG };
/* After log_setup(), and again at any time; text to stderr without it.  A line
 * that another thread says meanwhile may have some of the old and some of the
 * new. */
void log_style(enum log_level level, enum log_format format, enum log_place to);

void log_error(const char *fmt, ...) LOG_PRINTF; /* with errno */
void log_errorx(const char *fmt, ...) LOG_PRINTF;
void log_warn(const char *fmt, ...) LOG_PRINTF; /* with errno */
void log_warnx(const char *fmt, ...) LOG_PRINTF;
void log_info(const char *fmt, ...) LOG_PRINTF;
void log_debug(const char *fmt, ...) LOG_PRINTF;

#endif
