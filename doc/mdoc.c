/*
 * mdoc.c - writing a manual page in mdoc(7).
 *
 * See mdoc.h.
 */
#include "doc/mdoc.h"

#include <ctype.h>
#include <string.h>

#define FOLD 76
/* Of the manual as a whole: a page does not change with the day it is made. */
#define DATE "November 24, 2026"
#define EXIT_WORDS "Exit status: "

void
mdoc_begin(FILE *f, const char *title, int section, const char *what)
{
	fprintf(f, ".Dd " DATE "\n.Dt ");
	for (const char *p = title; *p; p++)
		fputc(toupper((unsigned char)*p), f);
	fprintf(
	    f, " %d\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", section, title, what);
}

void
mdoc_section(FILE *f, const char *name)
{
	fprintf(f, ".Sh %s\n", name);
}

void
mdoc_par(FILE *f)
{
	fputs(".Pp\n", f);
}

static void
put_word(FILE *f, struct slice word, bool first)
{
	if (first && (word.p[0] == '.' || word.p[0] == '\''))
		fputs("\\&", f);
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\')
			fputs("\\e", f);
		else
			fputc(word.p[i], f);
	}
}

/* A sentence ends its line, as mdoc wants it. */
static bool
ends_sentence(struct slice word)
{
	return word.n > 1 && word.p[word.n - 1] == '.';
}

void
mdoc_text(FILE *f, struct slice text)
{
	size_t column = 0;

	while (text.n) {
		size_t n = 0;
		struct slice word;

		while (text.n && text.p[0] == ' ')
			text = slice_of(text.p + 1, text.n - 1);
		while (n < text.n && text.p[n] != ' ')
			n++;
		if (!n)
			break;
		word = slice_of(text.p, n);
		text = slice_of(text.p + n, text.n - n);
		if (column && column + 1 + n > FOLD) {
			fputc('\n', f);
			column = 0;
		}
		if (column)
			fputc(' ', f);
		put_word(f, word, column == 0);
		column += n + 1;
		if (ends_sentence(word)) {
			fputc('\n', f);
			column = 0;
		}
	}
	if (column)
		fputc('\n', f);
}

void
mdoc_list(FILE *f)
{
	fputs(".Bl -tag -width Ds\n", f);
}

void
mdoc_list_end(FILE *f)
{
	fputs(".El\n", f);
}

static void
put_spec_word(FILE *f, struct slice word)
{
	if (word.p[0] == '-' && word.n > 1) {
		fputs(" Fl ", f);
		put_word(f, slice_of(word.p + 1, word.n - 1), false);
		return;
	}
	fputs(" Ar \\&", f);
	put_word(f, word, false);
}

void
mdoc_item(FILE *f, struct slice spec)
{
	struct slice word;
	bool any = false;

	fputs(".It", f);
	if (spec.n && spec.p[0] != '-') {
		fputs(" Cm \\&", f);
		put_word(f, spec, false);
	} else {
		while ((word = help_word(&spec)).p) {
			if (any && word.p[0] == '-')
				fputs(" ,", f);
			put_spec_word(f, word);
			any = true;
		}
	}
	fputc('\n', f);
}

void
mdoc_literal(FILE *f, struct slice text)
{
	fputs(".Bd -literal -offset indent\n", f);
	while (text.n) {
		const char *lf = memchr(text.p, '\n', text.n);
		size_t n = lf ? (size_t)(lf - text.p) : text.n;

		if (n)
			put_word(f, slice_of(text.p, n), true);
		fputc('\n', f);
		n += lf != NULL;
		text = slice_of(text.p + n, text.n - n);
	}
	fputs(".Ed\n", f);
}

void
mdoc_synopsis(FILE *f, const struct help *h)
{
	mdoc_section(f, "SYNOPSIS");
	for (size_t i = 0; i < h->n; i++) {
		struct slice line = buf_slice(&h->v[i].text), rest;

		if (h->v[i].kind != HELP_USAGE)
			continue;
		rest = slice_after(line, ' ');
		fputs(".Nm ", f);
		put_word(f, rest.p ? slice_before(line, ' ') : line, false);
		fputc('\n', f);
		mdoc_text(f, rest);
	}
}

/* What the exit statuses are has a section of its own, at the end. */
static size_t
find_exit(const struct help *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].kind == HELP_TEXT &&
		    slice_starts(buf_slice(&h->v[i].text), EXIT_WORDS))
			return i;
	return h->n;
}

static void
put_exit(FILE *f, const struct help *h, size_t at)
{
	struct buf text = BUF_INIT;

	for (size_t i = at; i < h->n && h->v[i].kind == HELP_TEXT; i++) {
		buf_add_slice(&text, buf_slice(&h->v[i].text));
		buf_addc(&text, ' ');
	}
	mdoc_section(f, "EXIT STATUS");
	mdoc_text(f,
	    slice_of(text.p + sizeof(EXIT_WORDS) - 1,
		text.n - (sizeof(EXIT_WORDS) - 1)));
	buf_release(&text);
}

void
mdoc_help(FILE *f, const struct help *h)
{
	size_t end = find_exit(h);
	bool list = false, gap = false, any = false;

	mdoc_section(f, "DESCRIPTION");
	for (size_t i = 0; i < end; i++) {
		const struct help_part *p = &h->v[i];

		if (list && p->kind != HELP_ITEM) {
			mdoc_list_end(f);
			list = false;
		}
		gap |= p->kind == HELP_BLANK;
		if (p->kind != HELP_ITEM && p->kind != HELP_TEXT)
			continue;
		if (p->kind == HELP_ITEM) {
			if (!list)
				mdoc_list(f);
			list = true;
			mdoc_item(f, p->spec);
		} else if (gap && any) {
			mdoc_par(f);
		}
		mdoc_text(f, buf_slice(&p->text));
		any = true;
		gap = false;
	}
	if (list)
		mdoc_list_end(f);
	if (end < h->n)
		put_exit(f, h, end);
}

void
mdoc_see_also(FILE *f, const char *const *pages, const char *self)
{
	const char *before = NULL;

	mdoc_section(f, "SEE ALSO");
	for (; *pages; pages++) {
		if (strcmp(*pages, self) == 0)
			continue;
		if (before)
			fprintf(f, ".Xr %s ,\n", before);
		before = *pages;
	}
	fprintf(f, ".Xr %s\n", before);
}
