/*
 * format.h - a report as bytes: HTML, CSV, JSON, or a layer for ATT&CK
 * Navigator.
 *
 *     const struct report_format *f = report_format_find(word);
 *     struct report_out out = { .emit = to_stdout, .arg = stdout };
 *     err = report_write(f, &report, &out, &e);
 *
 * One constant table; each format is a file of its own.  The same report gives
 * the same bytes.  Bytes go out in pieces, so that memory does not grow with
 * them.  Every string that came from outside is escaped for the format.
 */
#ifndef ST_REPORT_FORMAT_H
#define ST_REPORT_FORMAT_H

#include "report/sections.h"

#define REPORT_PIECE \
	((size_t)64 << 10) /* bytes that are gathered at most, and
					  * a row */

struct report_out {
	/* 0, or what ends the writing. */
	int (*emit)(void *arg, struct slice piece, struct err *e);
	void *arg;
	struct buf text;
	int err; /* once set nothing more is given out */
	struct err *e;
};

struct report_format {
	const char *name, *mime, *help;
	void (*write)(const struct report *r, struct report_out *out);
};

const struct report_format *report_format_find(struct slice name);

int report_write(const struct report_format *f, const struct report *r,
    struct report_out *out, struct err *e) ST_MUSTCHECK;

/* ---- for the formats -------------------------------------------------------- */

/* Gives out what is there, once it is REPORT_PIECE. */
void report_piece(struct report_out *out);
/* Without memory. */
void report_failed(struct report_out *out);

extern const struct report_format report_html, report_csv, report_json;
extern const struct report_format report_navigator;

#endif
