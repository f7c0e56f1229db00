/*
 * format.h - a finding or a decision as bytes, in the formats that tools read.
 *
 *     const struct format *f = format_find(slice_str("ocsf"));
 *     f->finding(&finding, &options, &buf);      // appends; buf.failed: no memory
 *
 * One constant table; adding a format is one file and one row.  Every string
 * that came from outside stays data: nothing of it starts a line, a header, a
 * cell with = + - @, or a terminal escape.  A writer keeps no state but the
 * options: any thread.
 */
#ifndef ST_FORMAT_H
#define ST_FORMAT_H

#include "detect/finding.h"

struct format_options {
	bool color;       /* text: ANSI colours */
	unsigned width;   /* text: columns, 0 for 100 */
	const char *host; /* who says it, NULL for none */
	bool raw;         /* json: carry the raw record */
	const char *tag;  /* syslog: the program's name, NULL for stsentry */
	int facility; /* syslog: its number; 0, the kernel's, for authpriv */
};

struct format {
	const char *name; /* "json", "text", ... */
	const char *mime;
	const char *help;
	/* One finding; a line-based format ends it with LF. */
	void (*finding)(const struct finding *f, const struct format_options *o,
	    struct buf *out);
	/* What stands before the first (csv: the header line); may be NULL. */
	void (*head)(const struct format_options *o, struct buf *out);
	/* A decision line in this format; NULL: the JSON decision line. */
	void (*decision)(const struct request *r, const struct verdict *v,
	    const char *group, const struct format_options *o, struct buf *out);
};

extern const struct format *const format_table[]; /* ends with NULL */
const struct format *format_find(struct slice name);

/* The decision line and its LF.  group may be NULL. */
void decision_write(const struct request *r, const struct verdict *v,
    const char *group, struct buf *out);

struct jsonw;
/* The same as an object inside a document that is being written. */
void decision_object(const struct request *r, const struct verdict *v,
    const char *group, struct jsonw *w);

#endif
