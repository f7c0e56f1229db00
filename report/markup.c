/*
 * markup.c - HTML and SVG with other people's words in it.
 *
 * See markup.h.  Pure functions, any thread.
 */
#include "report/markup.h"
#include "lib/utf8.h"

static const char *
entity(uint32_t cp)
{
	switch (cp) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
markup_text(struct buf *out, struct slice s)
{
	const char *p = s.p, *end = s.p ? s.p + s.n : NULL, *word;
	size_t len;
	uint32_t cp;
	bool ok;

	for (; p < end; p += len) {
		cp = utf8_next(p, end, &len, &ok);
		word = entity(cp);
		if (!ok)
			utf8_add(out, UTF8_BAD);
		else if (utf8_is_control(cp))
			buf_addf(out, "\\u%04x", (unsigned)cp);
		else if (word)
			buf_adds(out, word);
		else
			buf_add(out, p, len);
	}
}

void
markup_name(struct buf *out, struct slice s)
{
	size_t n;

	while (s.n) {
		n = 0;
		while (n < s.n && !strchr("/:@_.-", s.p[n]))
			n++;
		n += n < s.n;
		markup_text(out, slice_of(s.p, n));
		s = slice_of(s.p + n, s.n - n);
		if (s.n)
			buf_adds(out, "<wbr>");
	}
}

void
markup_count(struct buf *out, struct slice digits)
{
	for (size_t i = 0; i < digits.n; i++) {
		if (i && (digits.n - i) % 3 == 0)
			buf_addc(out, ',');
		buf_addc(out, digits.p[i]);
	}
}

void
markup_str(struct buf *out, const char *s)
{
	markup_text(out, slice_str(s));
}

void
markup_cut(struct buf *out, struct slice s, size_t max)
{
	markup_text(out, utf8_cut(s, max));
	if (s.n > max)
		buf_adds(out, "...");
}

/* "12" or "12.5": a length in tenths. */
static void
length(struct buf *out, double v)
{
	long tenths = (long)(v * 10 + (v < 0 ? -0.5 : 0.5));
	long part = tenths < 0 ? -tenths : tenths;

	buf_addf(out, "%s%ld", tenths < 0 ? "-" : "", part / 10);
	if (part % 10)
		buf_addf(out, ".%ld", part % 10);
}

static void
attribute(struct buf *out, const char *name, double v)
{
	buf_addf(out, " %s=\"", name);
	length(out, v);
	buf_addc(out, '"');
}

static void
tip_and_end(struct buf *out, const char *element, struct slice tip)
{
	if (!tip.p) {
		buf_adds(out, "/>");
		return;
	}
	buf_adds(out, "><title>");
	markup_text(out, tip);
	buf_addf(out, "</title></%s>", element);
}

void
svg_begin(struct buf *out, const char *id, unsigned w, unsigned h,
    const char *title, const char *about)
{
	buf_addf(out,
	    "<svg id=\"%s\" viewBox=\"0 0 %u %u\" role=\"img\" "
	    "aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
	    id, w, h, id, id, id);
	markup_str(out, title);
	buf_addf(out, "</title><desc id=\"%s-d\">", id);
	markup_str(out, about);
	buf_adds(out, "</desc>\n");
}

void
svg_end(struct buf *out)
{
	buf_adds(out, "</svg>\n");
}

void
svg_rect(struct buf *out, struct svg_box b, const char *class, struct slice tip)
{
	buf_addf(out, "<rect class=\"%s\"", class);
	attribute(out, "x", b.x);
	attribute(out, "y", b.y);
	attribute(out, "width", b.w);
	attribute(out, "height", b.h);
	tip_and_end(out, "rect", tip);
}

void
svg_circle(struct buf *out, double x, double y, double r, const char *class,
    struct slice tip)
{
	buf_addf(out, "<circle class=\"%s\"", class);
	attribute(out, "cx", x);
	attribute(out, "cy", y);
	attribute(out, "r", r);
	tip_and_end(out, "circle", tip);
}

void
svg_line(struct buf *out, double x1, double y1, double x2, double y2,
    const char *class)
{
	buf_addf(out, "<line class=\"%s\"", class);
	attribute(out, "x1", x1);
	attribute(out, "y1", y1);
	attribute(out, "x2", x2);
	attribute(out, "y2", y2);
	buf_adds(out, "/>");
}

void
svg_text(struct buf *out, double x, double y, const char *class,
    struct slice text, size_t max)
{
	buf_addf(out, "<text class=\"%s\"", class);
	attribute(out, "x", x);
	attribute(out, "y", y);
	buf_addc(out, '>');
	markup_cut(out, text, max);
	buf_adds(out, "</text>");
}
