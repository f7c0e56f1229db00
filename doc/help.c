/*
 * help.c - what a program says with --help, taken apart.
 *
 * See help.h.
 */
#include "doc/help.h"

#include <stdio.h>

#define CHUNK 4096
#define USAGE "usage: "
#define GAP "  " /* between an item and its text */

static int
read_all(const char *command_line, struct buf *out)
{
	FILE *f = popen(command_line, "r");
	size_t n = 1;

	while (f && n && buf_reserve(out, CHUNK)) {
		n = fread(out->p + out->n, 1, CHUNK, f);
		out->n += n;
	}
	if (f && pclose(f) == 0 && !out->failed && out->n)
		return 0;
	fprintf(stderr, "%s: no help came\n", command_line);
	return -1;
}

static struct help_part *
add_part(struct help *h, enum help_kind kind, struct slice text)
{
	struct help_part *p;

	if (h->n == HELP_PARTS_MAX)
		return NULL;
	p = &h->v[h->n++];
	*p = (struct help_part){ .kind = kind };
	buf_add_slice(&p->text, text);
	return p;
}

static void
add_item(struct help *h, struct slice line)
{
	const char *gap = slice_find(line, GAP);
	size_t n = gap ? (size_t)(gap - line.p) : line.n;
	struct help_part *p = add_part(
	    h, HELP_ITEM, slice_trim(slice_of(line.p + n, line.n - n)));

	if (p)
		p->spec = slice_of(line.p, n);
}

static void
add_more(struct help_part *p, struct slice text)
{
	if (p->text.n)
		buf_addc(&p->text, ' ');
	buf_add_slice(&p->text, text);
}

/* `depth`: how far the last item stands in; 0 where none is open. */
static size_t
take_line(struct help *h, struct slice line, size_t depth)
{
	struct help_part *last = h->n ? &h->v[h->n - 1] : NULL;
	struct slice text = slice_trim(line);
	size_t indent = text.n ? (size_t)(text.p - line.p) : 0;

	if (!text.n) {
		add_part(h, HELP_BLANK, text);
		return 0;
	}
	if (slice_starts(text, USAGE) ||
	    (last && last->kind == HELP_USAGE && indent))
		add_part(h, HELP_USAGE,
		    slice_starts(text, USAGE)
			? slice_of(text.p + sizeof(USAGE) - 1,
			      text.n - (sizeof(USAGE) - 1))
			: text);
	else if (!indent)
		add_part(h, HELP_TEXT, text);
	else if (depth && indent > depth && text.p[0] != '-')
		add_more(last, text);
	else {
		add_item(h, text);
		return text.p[0] == '-' && !depth ? indent + 4
		    : depth                       ? depth
						  : indent;
	}
	return depth;
}

int
help_read(const char *command_line, struct help *result)
{
	struct slice rest;
	size_t depth = 0;

	memset(result, 0, sizeof(*result));
	if (read_all(command_line, &result->all) < 0)
		return -1;
	rest = buf_slice(&result->all);
	while (rest.n) {
		const char *lf = memchr(rest.p, '\n', rest.n);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.n;

		depth = take_line(result, slice_of(rest.p, n), depth);
		n += lf != NULL;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	if (result->n < HELP_PARTS_MAX)
		return 0;
	fprintf(
	    stderr, "%s: more than %d parts\n", command_line, HELP_PARTS_MAX);
	return -1;
}

void
help_release(struct help *h)
{
	for (size_t i = 0; i < h->n; i++)
		buf_release(&h->v[i].text);
	buf_release(&h->all);
	h->n = 0;
}

struct slice
help_word(struct slice *spec)
{
	struct slice word;
	size_t n = 0;

	while (spec->n && spec->p[0] == ' ')
		*spec = slice_of(spec->p + 1, spec->n - 1);
	if (!spec->n)
		return SLICE_NULL;
	while (n < spec->n && spec->p[n] != ' ')
		n++;
	word = slice_of(spec->p, n);
	*spec = slice_of(spec->p + n, spec->n - n);
	if (word.p[word.n - 1] == ',')
		word.n--;
	return word;
}
