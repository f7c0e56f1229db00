/*
 * sections.h - the sections of a report, in their order.
 *
 *     for (i = 0; i < section_count; i++) {
 *             section_build(&sections[i], report, &sheet);
 *             ... draw the sheet ...
 *     }
 *
 * A row of the table is a section: its name in JSON, CSV and links, its title,
 * and how its sheet is made of what was gathered.  Pure functions over a
 * gather that is finished.
 */
#ifndef ST_SECTIONS_H
#define ST_SECTIONS_H

#include "report/allowed.h"
#include "report/controls.h"
#include "report/gather.h"
#include "report/sheet.h"
#include "store/verify.h"

#define REPORT_FRAMEWORKS_MAX 16
#define REPORT_LEDGERS_MAX 16

/* A ledger that was read, and whether its chain holds. */
struct report_ledger {
	const char *path;
	struct ledger_verdict verdict;
	char first_break[256]; /* in words; "" for none */
};

struct section;

/* All that a report is made of. */
struct report {
	const struct gather *gathered;
	const struct allowed *allowed; /* NULL: no policy was given */
	const char *title;
	const char *version;        /* of this program */
	const struct section *only; /* this section alone; NULL: all */
	/* The control catalogues that are asked for. */
	const struct framework *frameworks[REPORT_FRAMEWORKS_MAX];
	unsigned n_frameworks;
	struct report_ledger ledgers[REPORT_LEDGERS_MAX];
	unsigned n_ledgers;
};

struct section {
	const char *id, *title;
	/* Without memory the sheet has `failed` set. */
	void (*build)(const struct report *r, struct sheet *s);
};

extern const struct section sections[];
extern const size_t section_count;
const struct section *section_find(struct slice id); /* NULL: none */

/* Its sheet: the section's id and title, and what build() makes. */
void
section_build(const struct section *c, const struct report *r, struct sheet *s);

#endif
