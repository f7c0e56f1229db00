/*
 * problems.c - all that is wrong, for those who want to hear it at once.
 *
 * See problems.h.  Texts may hold what a file holds: control characters in
 * them are written as escapes, so that a problem is one line.  One owner.
 */
#include "lib/problems.h"

#include "lib/jsonw.h"
#include "lib/utf8.h"

#include <stdlib.h>
#include <string.h>

struct problem {
	struct err e;
	size_t file; /* number of the first problem with this file */
	size_t nth;
};

void
problems_release(struct problems *all)
{
	free(all->v);
	*all = (struct problems)PROBLEMS_INIT;
}

static size_t
first_of_file(const struct problems *all, const char *file)
{
	size_t i = 0;

	while (i < all->n && strcmp(all->v[i].e.file, file) != 0)
		i++;
	return i;
}

static bool
reserve(struct problems *all)
{
	size_t cap = all->cap ? all->cap * 2 : 8;
	struct problem *v;

	if (all->n >= PROBLEMS_MAX)
		return false;
	if (all->n < all->cap)
		return true;
	v = realloc(all->v, cap * sizeof(*v));
	if (!v)
		return false;
	all->v = v;
	all->cap = cap;
	return true;
}

void
problems_add(struct problems *all, const struct err *e)
{
	struct problem *p;

	if (!reserve(all)) {
		all->more++;
		return;
	}
	p = &all->v[all->n];
	p->e = *e;
	p->file = first_of_file(all, e->file);
	p->nth = all->n++;
}

int
problems_take(struct problems *all, int err, const struct err *e)
{
	if (err == 0 || err == ST_ENOMEM || !all)
		return err;
	problems_add(all, e);
	return 0;
}

size_t
problems_count(const struct problems *all)
{
	return all->n + all->more;
}

const struct err *
problems_first(const struct problems *all)
{
	return all->n ? &all->v[0].e : NULL;
}

#define DIFFER(a, b) ((a) < (b) ? -1 : (a) > (b))

static int
cmp(const void *a, const void *b)
{
	const struct problem *x = *(const struct problem *const *)a;
	const struct problem *y = *(const struct problem *const *)b;

	if (x->file != y->file)
		return DIFFER(x->file, y->file);
	if (x->e.line != y->e.line)
		return DIFFER(x->e.line, y->e.line);
	if (x->e.col != y->e.col)
		return DIFFER(x->e.col, y->e.col);
	return DIFFER(x->nth, y->nth);
}

/* The caller frees it; NULL without memory. */
static const struct problem **
sorted(const struct problems *all)
{
	const struct problem **v = malloc((all->n + 1) * sizeof(*v));

	for (size_t i = 0; v && i < all->n; i++)
		v[i] = &all->v[i];
	if (v)
		qsort(v, all->n, sizeof(*v), cmp);
	return v;
}

/* Quotes stay as they are, for people; what would move a terminal does not. */
static void
add_visible(struct buf *out, struct slice s)
{
	for (size_t at = 0, len; at < s.n; at += len) {
		bool ok;
		uint32_t cp = utf8_next(s.p + at, s.p + s.n, &len, &ok);

		if (!ok)
			utf8_add(out, UTF8_BAD);
		else if (utf8_is_control(cp))
			buf_addf(out, "\\u%04x", (unsigned)cp);
		else
			buf_add(out, s.p + at, len);
	}
}

void
problems_write(const struct problems *all, struct buf *out)
{
	const struct problem **v = sorted(all);
	char line[sizeof(struct err) + 32];

	for (size_t i = 0; v && i < all->n; i++) {
		err_format(&v[i]->e, line, sizeof(line));
		add_visible(out, slice_str(line));
		buf_addc(out, '\n');
	}
	if (all->more)
		buf_addf(out, "and %zu more\n", all->more);
	out->failed |= !v;
	free(v);
}

static void
place(struct jsonw *w, const char *name, unsigned n)
{
	jsonw_key(w, name);
	if (n)
		jsonw_int(w, n);
	else
		jsonw_null(w);
}

static void
one(struct jsonw *w, const struct err *e)
{
	jsonw_object(w);
	jsonw_member_str(w, "file", e->file[0] ? e->file : NULL);
	place(w, "line", e->line);
	place(w, "column", e->col);
	jsonw_member_str(w, "problem", e->text);
	jsonw_end(w);
}

void
problems_json(const struct problems *all, struct buf *out)
{
	const struct problem **v = sorted(all);
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_array(&w);
	for (size_t i = 0; v && i < all->n; i++)
		one(&w, &v[i]->e);
	jsonw_end(&w);
	buf_addc(out, '\n');
	out->failed |= !v;
	free(v);
}
