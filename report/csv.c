/*
 * csv.c - a report for spreadsheets (RFC 4180).
 *
 * One section alone is a table with its own columns.  All sections are one
 * table of single values (section, row, column, value), because files whose
 * rows have different widths are what spreadsheets and tools cannot read.
 * No cell is taken for a formula: outputs/format/escape.
 */
#include "report/format.h"
#include "outputs/format/escape.h"

static void
head(const struct sheet *s, struct buf *out)
{
	for (unsigned c = 0; c < s->n_columns; c++)
		buf_addf(out, "%s%s", c ? "," : "", s->columns[c].name);
	buf_addc(out, '\n');
}

static void
write_table(const struct sheet *s, struct report_out *out)
{
	head(s, &out->text);
	for (size_t i = 0; i < s->n; i++) {
		escape_csv(&out->text, s->cells[i]);
		buf_addc(&out->text,
		    i % s->n_columns == s->n_columns - 1 ? '\n' : ',');
		report_piece(out);
	}
}

static void
write_values(const struct sheet *s, struct report_out *out)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_addf(&out->text, "%s,%zu,%s,", s->id, i / s->n_columns + 1,
		    s->columns[i % s->n_columns].name);
		escape_csv(&out->text, s->cells[i]);
		buf_addc(&out->text, '\n');
		report_piece(out);
	}
}

static void
write_csv(const struct report *r, struct report_out *out)
{
	struct sheet s;

	sheet_init(&s);
	if (r->only) {
		section_build(r->only, r, &s);
		write_table(&s, out);
	} else {
		buf_adds(&out->text, "section,row,column,value\n");
		for (size_t i = 0; i < section_count; i++) {
			section_build(&sections[i], r, &s);
			write_values(&s, out);
		}
	}
	if (s.failed)
		report_failed(out);
	sheet_release(&s);
}

const struct report_format report_csv = {
	.name = "csv",
	.mime = "text/csv; charset=utf-8",
	.help = "one table (--section NAME), or all values one a line",
	.write = write_csv,
};
