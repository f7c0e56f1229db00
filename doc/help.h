/*
 * help.h - what a program says with --help, taken apart.
 *
 *     err = help_read("./stsentry scan --help", &h);
 *     for (i = 0; i < h.n; i++) ... h.v[i] ...
 *     help_release(&h);
 *
 * The manual and the completions are made of it, so that they say what the
 * program says.  Lines are usage ("usage: X" and those indented like it), items
 * (indented, two blanks or a line end before their text), text, and blank lines.
 * A program of the build; slices point into the text.
 */
#ifndef ST_DOC_HELP_H
#define ST_DOC_HELP_H

#include "lib/buf.h"

#define HELP_PARTS_MAX 400

enum help_kind { HELP_USAGE, HELP_TEXT, HELP_ITEM, HELP_BLANK };

struct help_part {
	enum help_kind kind;
	struct slice spec; /* item: "-c, --config FILE" */
	struct buf text;   /* one line; an item's may be of several */
};

struct help {
	struct buf all;
	struct help_part v[HELP_PARTS_MAX];
	size_t n;
};

/* 0, or -1 with a word on stderr. */
int help_read(const char *command_line, struct help *result);
void help_release(struct help *h);

/* The next word of a spec, without a comma behind it; absent at the end. */
struct slice help_word(struct slice *spec);

#endif
