/*
 * markup.h - HTML and SVG with other people's words in it.
 *
 *     markup_text(&out, s);                       // between tags, in quotes
 *     svg_begin(&out, "map", 640, 320, "Map", "12 countries");
 *     svg_rect(&out, (struct svg_box){ x, y, w, h }, "bad", tip);
 *     svg_end(&out);
 *
 * Text is escaped for HTML; controls, bidi controls and what is no UTF-8
 * become visible, as in every format.  Pictures are inline SVG: no script, no
 * style attribute, no reference; classes get their colours from the page's one
 * style sheet.  Lengths are in units of the picture, in tenths exact.  Pure
 * functions, any thread.
 */
#ifndef ST_MARKUP_H
#define ST_MARKUP_H

#include "lib/buf.h"

void markup_text(struct buf *out, struct slice s);
/* The same, with places to break a line behind the punctuation of names. */
void markup_name(struct buf *out, struct slice s);
/* Digits, a comma before each three of them. */
void markup_count(struct buf *out, struct slice digits);
void markup_str(struct buf *out, const char *s);
/* At most `max` bytes, "..." behind it where something was cut. */
void markup_cut(struct buf *out, struct slice s, size_t max);

struct svg_box {
	double x, y, w, h;
};

/* A picture that screen readers announce by its title and description. */
void svg_begin(struct buf *out, const char *id, unsigned w, unsigned h,
    const char *title, const char *about);
void svg_end(struct buf *out);

/* `tip` is shown when the mouse rests there; absent for none. */
void svg_rect(
    struct buf *out, struct svg_box b, const char *class, struct slice tip);
void svg_circle(struct buf *out, double x, double y, double r,
    const char *class, struct slice tip);
void svg_line(struct buf *out, double x1, double y1, double x2, double y2,
    const char *class);
/* `class` may be "", "end" aligns at its end, "mid" at its middle. */
void svg_text(struct buf *out, double x, double y, const char *class,
    struct slice text, size_t max);

#endif
