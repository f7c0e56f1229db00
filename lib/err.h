/*
 * err.h - what can go wrong, as a number for code and a sentence for people.
 *
 * Functions return 0 or a negative `enum st_err`; results come last and are
 * written only on success.  Where a person will read the reason, the last
 * argument is a `struct err`, which the one that notices fills in.
 */
#ifndef ST_ERR_H
#define ST_ERR_H

#include <stddef.h>

enum st_err {
	ST_OK = 0,
	ST_ENOMEM = -1,   /* out of memory */
	ST_EIO = -2,      /* the system refused; errno was in the text */
	ST_EINVAL = -3,   /* what we were given is wrong */
	ST_ENOENT = -4,   /* there is no such thing */
	ST_ELIMIT = -5,   /* a bound with a name was reached */
	ST_ETRUNC = -6,   /* it ends too early */
	ST_EFORMAT = -7,  /* it is not what it says it is */
	ST_EBUSY = -8,    /* somebody else holds it */
	ST_ESTOPPED = -9, /* we were asked to stop */
};

#define ST_MUSTCHECK __attribute__((warn_unused_result))
#define ST_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* A reason with its place.  `line` and `col` count from 1; 0 is unknown. */
struct err {
	char text[512];
	char file[256];
	unsigned line, col;
};

/* Fill `e` (which may be NULL) and return `code`, so that one can write
 * `return err_set(e, ST_EINVAL, "...")`. */
int err_set(struct err *e, int code, const char *fmt, ...) ST_PRINTF(3, 4);

/* The same with the place in a file. */
int err_at(struct err *e, int code, const char *file, unsigned line,
    unsigned col, const char *fmt, ...) ST_PRINTF(6, 7);

/* As err_set(), with ": " and the text of errno behind it. */
int err_sys(struct err *e, const char *fmt, ...) ST_PRINTF(2, 3);

/* "file:line:col: text", or less where the place is not known.  Returns buf. */
const char *err_format(const struct err *e, char *buf, size_t size);

/* The general words for a code. */
const char *st_strerror(int code);

#endif
