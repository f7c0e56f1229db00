/*
 * sheet.c - one table of a report, before it is drawn.
 *
 * See sheet.h.  One owner, no locks.
 */
#include "report/sheet.h"
#include "lib/when.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_FIRST 16384
#define CELLS_FIRST 256
#define SENTENCE_MAX 1024

void
sheet_init(struct sheet *s)
{
	*s = (struct sheet){ 0 };
	arena_init(&s->arena, ARENA_FIRST);
}

void
sheet_release(struct sheet *s)
{
	buf_release(&s->about);
	arena_release(&s->arena);
	free(s->cells);
}

void
sheet_begin(struct sheet *s, const char *id, const char *title)
{
	buf_reset(&s->about);
	arena_reset(&s->arena);
	s->id = id;
	s->title = title;
	s->columns = NULL;
	s->n_columns = 0;
	s->n = 0;
	s->beyond = s->left_out = 0;
}

void
sheet_columns(struct sheet *s, const struct sheet_column *columns, unsigned n)
{
	s->columns = columns;
	s->n_columns = n;
}

void
sheet_about(struct sheet *s, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->about.n)
		buf_addc(&s->about, '\n');
	buf_adds(&s->about, text);
}

static bool
grow(struct sheet *s)
{
	size_t room = s->room ? 2 * s->room : CELLS_FIRST;
	struct slice *cells;

	if (s->n < s->room)
		return true;
	cells = realloc(s->cells, room * sizeof(*cells));
	if (!cells)
		return false;
	s->cells = cells;
	s->room = room;
	return true;
}

void
sheet_text(struct sheet *s, struct slice text)
{
	if (s->n / s->n_columns >= SHEET_ROWS_MAX) {
		s->beyond++;
		s->left_out = (s->beyond + s->n_columns - 1) / s->n_columns;
		return;
	}
	if (!grow(s)) {
		s->failed = true;
		return;
	}
	s->cells[s->n] = arena_slice(&s->arena, text);
	if (text.p && !s->cells[s->n].p)
		s->failed = true;
	s->n++;
}

void
sheet_str(struct sheet *s, const char *text)
{
	sheet_text(s, slice_str(text));
}

void
sheet_null(struct sheet *s)
{
	sheet_text(s, SLICE_NULL);
}

void
sheet_count(struct sheet *s, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	sheet_str(s, text);
}

void
sheet_time(struct sheet *s, int64_t sec)
{
	struct when t = { sec, 0, true };
	char text[WHEN_TEXT];

	sheet_text(s, when_format(t, text));
}

size_t
sheet_rows(const struct sheet *s)
{
	return s->n_columns ? s->n / s->n_columns : 0;
}

void
sheet_heading(const struct sheet_column *c, struct buf *out)
{
	for (size_t i = 0; c->name[i]; i++) {
		char letter = c->name[i] == '_' ? ' ' : c->name[i];

		if (i == 0 && letter >= 'a' && letter <= 'z')
			letter = (char)(letter - 'a' + 'A');
		buf_addc(out, letter);
	}
}
