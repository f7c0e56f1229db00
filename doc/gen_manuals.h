/*
 * gen_manuals.h - the pages and completions that gen_manuals writes.
 *
 * A program of the build, never installed.  Each writes one file's text; 0, or
 * -1 with a word on stderr where the tables of the program have something that
 * is described nowhere, or the other way round.
 */
#ifndef ST_DOC_GEN_MANUALS_H
#define ST_DOC_GEN_MANUALS_H

#include "doc/mdoc.h"

#define COMMANDS_MAX 64

/* A subcommand, and all that it says. */
struct manual {
	struct slice name, what;
	struct help help;
};

struct manuals {
	struct help index; /* of stsentry itself */
	struct manual v[COMMANDS_MAX];
	size_t n;
};

extern const char *const manual_pages[]; /* for SEE ALSO; end with NULL */

int page_config(FILE *f);
int page_policy(FILE *f);
int page_reasons(FILE *f);
int page_output(FILE *f);
int page_metrics(FILE *f);
/* A list of what schema_table() and its like write; releases the table. */
int page_table(FILE *f, struct buf *table);

/* The section of a command's page. */
int examples_write(FILE *f, struct slice command);
/* Each example is of a command that is there. */
int examples_check(const struct manuals *m);

int completion_bash(FILE *f, const struct manuals *m);
int completion_zsh(FILE *f, const struct manuals *m);
int completion_fish(FILE *f, const struct manuals *m);

#endif
