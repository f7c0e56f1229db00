/*
 * sections.h - the sections of a report, in their order.
 *
 *     for (i = 0; i < section_count; i++) {
 *             sections[i].build(g, &sheet);
 *             ... draw the sheet ...
 *     }
 *
 * A row of the table is a section: its name in JSON, CSV and links, its title,
 * and how its sheet is made of what was gathered.  Pure functions over a
 * gather that is finished.
 */
#ifndef ST_SECTIONS_H
#define ST_SECTIONS_H

#include "report/gather.h"
#include "report/sheet.h"

struct section {
	const char *id, *title;
	/* Without memory the sheet has `failed` set. */
	void (*build)(const struct gather *g, struct sheet *s);
};

extern const struct section sections[];
extern const size_t section_count;
const struct section *section_find(struct slice id); /* NULL: none */

/* Its sheet: the section's id and title, and what build() makes. */
void
section_build(const struct section *c, const struct gather *g, struct sheet *s);

#endif
