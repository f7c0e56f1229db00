/*
 * json.c - a report for programs.
 *
 * {"title":…,"stsentry":…,"sections":[{"id":…,"title":…,"about":[…],
 * "rows":[{column: value}…],"left_out":N}…]}
 */
#include "report/format.h"
#include "lib/jsonw.h"

static void
write_about(struct slice about, struct jsonw *w)
{
	struct slice line;

	jsonw_key(w, "about");
	jsonw_array(w);
	while (about.n) {
		line = slice_before(about, '\n');
		if (!line.p)
			line = about;
		jsonw_slice(w, line);
		about = slice_after(about, '\n');
	}
	jsonw_end(w);
}

static void
write_cell(enum sheet_kind kind, struct slice cell, struct jsonw *w)
{
	if (kind == SHEET_COUNT && cell.p)
		jsonw_raw(w, cell);
	else
		jsonw_slice(w, cell);
}

static void
write_rows(const struct sheet *s, struct jsonw *w, struct report_out *out)
{
	jsonw_key(w, "rows");
	jsonw_array(w);
	for (size_t i = 0; i < s->n; i++) {
		const struct sheet_column *c = &s->columns[i % s->n_columns];

		if (c == s->columns)
			jsonw_object(w);
		jsonw_key(w, c->name);
		write_cell(c->kind, s->cells[i], w);
		if (c == s->columns + s->n_columns - 1)
			jsonw_end(w);
		report_piece(out);
	}
	jsonw_end(w);
}

static void
write_section(const struct sheet *s, struct jsonw *w, struct report_out *out)
{
	jsonw_object(w);
	jsonw_member_str(w, "id", s->id);
	jsonw_member_str(w, "title", s->title);
	write_about(buf_slice(&s->about), w);
	write_rows(s, w, out);
	jsonw_member_int(w, "left_out", (int64_t)s->left_out);
	jsonw_end(w);
}

static void
write_json(const struct report *r, struct report_out *out)
{
	struct sheet s;
	struct jsonw w;

	sheet_init(&s);
	jsonw_init(&w, &out->text);
	jsonw_object(&w);
	jsonw_member_str(&w, "title", r->title);
	jsonw_member_str(&w, "stsentry", r->version);
	jsonw_key(&w, "sections");
	jsonw_array(&w);
	for (size_t i = 0; i < section_count; i++) {
		if (r->only && r->only != &sections[i])
			continue;
		section_build(&sections[i], r, &s);
		write_section(&s, &w, out);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	buf_addc(&out->text, '\n');
	if (s.failed)
		report_failed(out);
	sheet_release(&s);
}

const struct report_format report_json = {
	.name = "json",
	.mime = "application/json",
	.help = "all sections as one JSON object",
	.write = write_json,
};
