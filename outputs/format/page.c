/*
 * page.c - labelled, wrapped lines for a terminal.
 *
 * Knows columns, labels and colours; does not know what a finding is.  One
 * owner, no locks.
 */
#include "outputs/format/page.h"
#include "outputs/format/escape.h"
#include "lib/utf8.h"

#define LABEL_INDENT 2
#define LABEL_WIDTH 9
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

void
page_init(struct page *p, struct buf *out, unsigned width, bool color)
{
	*p = (struct page){ .out = out, .color = color };
	p->text = (struct buf)BUF_INIT;
	p->width = width ? width : PAGE_WIDTH;
	if (p->width < PAGE_WIDTH_MIN)
		p->width = PAGE_WIDTH_MIN;
}

void
page_release(struct page *p)
{
	buf_release(&p->text);
}

static void
spaces(struct buf *out, unsigned n)
{
	while (n--)
		buf_addc(out, ' ');
}

void
page_badge(struct page *p, const char *word, const char *color)
{
	if (p->color)
		buf_adds(p->out, color);
	buf_adds(p->out, word);
	if (p->color)
		buf_adds(p->out, PLAIN);
	buf_adds(p->out, "  ");
	p->column = (unsigned)strlen(word) + 2;
	p->painted = p->color ? BOLD : NULL;
}

void
page_label(struct page *p, const char *label)
{
	unsigned n = (unsigned)strlen(label);

	spaces(p->out, LABEL_INDENT);
	buf_adds(p->out, label);
	spaces(p->out, n < LABEL_WIDTH ? LABEL_WIDTH - n : 1);
	p->column = LABEL_INDENT + LABEL_WIDTH;
	p->labelled = true;
}

void
page_item(struct page *p, const char *bullet)
{
	if (!p->labelled)
		spaces(p->out, LABEL_INDENT + LABEL_WIDTH);
	buf_adds(p->out, bullet);
	p->column = LABEL_INDENT + LABEL_WIDTH + (unsigned)strlen(bullet);
	p->labelled = true;
}

void
page_words(struct page *p, const char *words)
{
	buf_adds(&p->text, words);
}

void
page_add(struct page *p, struct slice s, size_t max)
{
	escape_cut(&p->text, s, max, &escape_text);
}

static size_t
columns_of(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* The bytes of the first `columns` code points. */
static size_t
bytes_of(struct slice s, size_t columns)
{
	size_t i = 0;

	for (; i < s.n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) == 0x80)
			continue;
		if (columns-- == 0)
			break;
	}
	return i;
}

/* How many bytes of `s` go on a line of `room` columns. */
static size_t
line_of(struct slice s, size_t room)
{
	size_t fits = bytes_of(s, room), at;

	if (fits == s.n)
		return s.n;
	for (at = fits; at > 0; at--)
		if (s.p[at] == ' ')
			return at;
	return fits;
}

static struct slice
skip_blanks(struct slice s)
{
	while (s.n && s.p[0] == ' ') {
		s.p++;
		s.n--;
	}
	return s;
}

static void
put(struct page *p, struct slice line)
{
	while (line.n && line.p[line.n - 1] == ' ')
		line.n--;
	if (p->painted)
		buf_adds(p->out, p->painted);
	buf_add_slice(p->out, line);
	if (p->painted)
		buf_adds(p->out, PLAIN);
	buf_addc(p->out, '\n');
}

static void
done(struct page *p)
{
	if (p->text.failed)
		p->out->failed = true;
	buf_reset(&p->text);
	p->labelled = false;
	p->painted = NULL;
}

void
page_end(struct page *p)
{
	struct slice s = skip_blanks(buf_slice(&p->text));
	size_t room = p->width - p->column, n;

	if (!s.n)
		s = SLICE_LIT(""); /* not even a place to point to */
	for (;;) {
		n = columns_of(s) <= room ? s.n : line_of(s, room);
		put(p, slice_of(s.p, n));
		s = skip_blanks(slice_of(s.p + n, s.n - n));
		if (!s.n)
			break;
		spaces(p->out, p->column);
	}
	done(p);
}

void
page_end_whole(struct page *p)
{
	put(p, buf_slice(&p->text));
	done(p);
}

void
page_gap(struct page *p)
{
	buf_addc(p->out, '\n');
}
