/*
 * page.h - labelled, wrapped lines for a terminal.
 *
 *     struct page p;
 *     page_init(&p, &out, 80, color);
 *     page_label(&p, "who");         // a new line with its label
 *     page_words(&p, "session ");    // ours
 *     page_add(&p, s, 300);          // others': escaped, cut at 300 bytes
 *     page_end(&p);                  // wrapped and written
 *     page_release(&p);
 *
 * Lines are wrapped between words by code points, words longer than a line
 * are broken; what follows is indented below the text, not the label.  One
 * owner, no locks.
 */
#ifndef ST_PAGE_H
#define ST_PAGE_H

#include "lib/buf.h"

#define PAGE_WIDTH 100    /* columns where none are asked for */
#define PAGE_WIDTH_MIN 40 /* narrower is treated as this */

struct page {
	struct buf *out;
	struct buf text; /* the line that is being put together */
	unsigned width;  /* columns of a line */
	unsigned column; /* where the text of this line begins */
	bool color;
	bool labelled;       /* the label stands there already */
	const char *painted; /* the colour to end behind the text */
};

void page_init(struct page *p, struct buf *out, unsigned width, bool color);
void page_release(struct page *p);

/* A first word in colour; the text behind it is bold. */
void page_badge(struct page *p, const char *word, const char *color);
/* Begin a line with a label; "" for a further line below it. */
void page_label(struct page *p, const char *label);
/* Begin a line with a bullet or number; the first stands beside the label. */
void page_item(struct page *p, const char *bullet);

void page_words(struct page *p, const char *words);
void page_add(struct page *p, struct slice s, size_t max);
void page_end(struct page *p);
/* The same on one line, however long: what is to be copied. */
void page_end_whole(struct page *p);
void page_gap(struct page *p);

#endif
