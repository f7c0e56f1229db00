/*
 * log.h - what the program says to its operator.
 *
 *     log_info("listening on %s", addr);
 *     log_warn("cannot open %s", path);       // adds ": " and errno
 *     log_warnx("record longer than %zu", max);
 *
 * One line each, to stderr, with control characters of other people's strings
 * made visible.  Any thread: a line is one write().  fatal() is not here, it
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

void log_error(const char *fmt, ...) LOG_PRINTF; /* with errno */
void log_errorx(const char *fmt, ...) LOG_PRINTF;
void log_warn(const char *fmt, ...) LOG_PRINTF; /* with errno */
void log_warnx(const char *fmt, ...) LOG_PRINTF;
void log_info(const char *fmt, ...) LOG_PRINTF;
void log_debug(const char *fmt, ...) LOG_PRINTF;

#endif
