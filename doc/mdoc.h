/*
 * mdoc.h - writing a manual page in mdoc(7).
 *
 * Text is escaped and folded, so that nothing of it is taken for a macro.  A
 * program of the build.
 */
#ifndef ST_DOC_MDOC_H
#define ST_DOC_MDOC_H

#include "doc/help.h"

#include <stdio.h>

/* Title, section, and one line of what it is: "stsentry-scan", 1, "find ...". */
void mdoc_begin(FILE *f, const char *title, int section, const char *what);
void mdoc_section(FILE *f, const char *name);
/* A paragraph's words; lines end where the text is folded. */
void mdoc_text(FILE *f, struct slice text);
void mdoc_par(FILE *f);
void mdoc_list(FILE *f);
void mdoc_list_end(FILE *f);
/* "-c, --config FILE", or a word that is written as it stands. */
void mdoc_item(FILE *f, struct slice spec);
/* Lines as they are. */
void mdoc_literal(FILE *f, struct slice text);

/* All of a help but its usage: text, lists, EXIT STATUS. */
void mdoc_help(FILE *f, const struct help *h);
void mdoc_synopsis(FILE *f, const struct help *h);
/* `pages`: "stsentry 1", ... ends with NULL; `self` is left out. */
void mdoc_see_also(FILE *f, const char *const *pages, const char *self);

#endif
