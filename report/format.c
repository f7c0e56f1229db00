/*
 * format.c - which formats a report has, and how their bytes go out.
 *
 * See format.h.  One owner, no locks.
 */
#include "report/format.h"

static const struct report_format *const table[] = { &report_html, &report_csv,
	&report_json, &report_navigator };
#define N_FORMATS (sizeof(table) / sizeof(table[0]))

const struct report_format *
report_format_find(struct slice name)
{
	for (size_t i = 0; i < N_FORMATS; i++)
		if (slice_is(name, table[i]->name))
			return table[i];
	return NULL;
}

static void
give(struct report_out *out)
{
	if (out->text.failed)
		report_failed(out);
	if (out->err == 0 && out->text.n)
		out->err = out->emit(out->arg, buf_slice(&out->text), out->e);
	buf_reset(&out->text);
}

void
report_piece(struct report_out *out)
{
	if (out->text.n >= REPORT_PIECE || out->text.failed)
		give(out);
}

void
report_failed(struct report_out *out)
{
	if (out->err == 0)
		out->err = err_set(out->e, ST_ENOMEM, "out of memory");
}

int
report_write(const struct report_format *f, const struct report *r,
    struct report_out *out, struct err *e)
{
	out->e = e;
	out->err = 0;
	f->write(r, out);
	give(out);
	buf_release(&out->text);
	return out->err;
}
