/*
 * schemadoc.c - rows as a table for people and as a JSON Schema for editors.
 *
 * What schema.c reads, this describes; the two must say the same.  Pure, any
 * thread.
 */
#include "conf/schema.h"
#include "lib/jsonw.h"

#include <stdio.h>

#define FILLED "\\$\\{" /* "${NAME}" may stand in any text */

static const char *const type_words[] = {
	[OPT_BOOL] = "boolean",
	[OPT_INT] = "whole number",
	[OPT_REAL] = "number",
	[OPT_SIZE] = "size",
	[OPT_DURATION] = "duration",
	[OPT_STRING] = "text",
	[OPT_WORD] = "word",
	[OPT_STRINGS] = "list",
	[OPT_BLOCK] = "block",
	[OPT_BLOCKS] = "list of blocks",
	[OPT_NODE] = "value",
};

static void
table_line(const struct opt *row, struct buf *out)
{
	char min[SCHEMA_BOUND], max[SCHEMA_BOUND];

	buf_addf(out, "    %s",
	    row->type == OPT_STRING && (row->flags & OPT_PATH)
		? "path"
		: type_words[row->type]);
	for (size_t i = 0; row->type == OPT_WORD && row->words[i]; i++)
		buf_addf(out, "%s%s", i ? "|" : " ", row->words[i]);
	if (row->flags & OPT_REQUIRED)
		buf_adds(out, ", required");
	if (row->def && row->def[0])
		buf_addf(out, ", default %s", row->def);
	if (row->min != 0 || row->max != 0) {
		schema_bounds(row, min, max, sizeof(min));
		buf_addf(out, ", %s to %s", min, max);
	}
	if (row->flags & OPT_SECRET)
		buf_adds(out, ", secret");
	if (row->flags & OPT_RESTART)
		buf_adds(out, ", a change needs a restart");
	buf_addf(out, "\n    %s\n", row->help ? row->help : "");
}

void
schema_table(const struct opt *rows, const char *prefix, struct buf *out)
{
	for (; rows->name; rows++) {
		char inner[256];

		buf_addf(out, "%s%s\n", prefix, rows->name);
		table_line(rows, out);
		if (rows->type != OPT_BLOCK && rows->type != OPT_BLOCKS)
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s.", prefix, rows->name,
		    rows->type == OPT_BLOCKS ? "[]" : "");
		schema_table(rows->rows, inner, out);
	}
}

static void
types(struct jsonw *w, const char *one, const char *two, const char *three)
{
	jsonw_key(w, "type");
	jsonw_array(w);
	jsonw_str(w, one);
	if (two)
		jsonw_str(w, two);
	if (three)
		jsonw_str(w, three);
	jsonw_end(w);
}

/* A pattern for texts, which may also be filled in. */
static void
pattern(struct jsonw *w, const char *expr)
{
	char text[512];

	snprintf(text, sizeof(text), "(?:%s)|" FILLED, expr);
	jsonw_member_str(w, "pattern", text);
}

static void
number_bounds(const struct opt *row, struct jsonw *w)
{
	unsigned digits = row->type == OPT_REAL ? 6 : 0;

	if (row->min == 0 && row->max == 0)
		return;
	jsonw_key(w, "minimum");
	jsonw_fixed(w, row->min, digits);
	jsonw_key(w, "maximum");
	jsonw_fixed(w, row->max, digits);
}

static void
json_bool(const struct opt *row, struct jsonw *w)
{
	static const char *const words[] = { "yes", "no", "on", "off" };

	(void)row;
	jsonw_key(w, "enum");
	jsonw_array(w);
	jsonw_bool(w, true);
	jsonw_bool(w, false);
	for (size_t i = 0; i < 4; i++)
		jsonw_str(w, words[i]);
	jsonw_end(w);
}

static void
json_int(const struct opt *row, struct jsonw *w)
{
	types(w, "integer", "string", NULL);
	pattern(w, "^-?[0-9]+[kKMG]?$");
	number_bounds(row, w);
}

static void
json_real(const struct opt *row, struct jsonw *w)
{
	types(w, "number", "string", NULL);
	pattern(w, "^[-+.0-9eE]+$");
	number_bounds(row, w);
}

static void
json_size(const struct opt *row, struct jsonw *w)
{
	types(w, "integer", "string", NULL);
	pattern(w, "^[0-9]+[kKMGT]?$");
	number_bounds(row, w);
}

static void
json_duration(const struct opt *row, struct jsonw *w)
{
	(void)row;
	types(w, "string", "integer", NULL);
	pattern(w, "^(0|([0-9]+(w|d|h|m|s|ms))+)$");
	jsonw_member_int(w, "maximum", 0); /* of numbers, only 0 has no unit */
}

static void
json_string(const struct opt *row, struct jsonw *w)
{
	types(w, "string", "number", NULL);
	if (row->schema)
		pattern(w, row->schema);
	if (row->flags & OPT_SECRET) {
		jsonw_key(w, "writeOnly");
		jsonw_bool(w, true);
	}
}

static void
json_word(const struct opt *row, struct jsonw *w)
{
	jsonw_key(w, "anyOf");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "enum");
	jsonw_array(w);
	for (size_t i = 0; row->words[i]; i++) {
		jsonw_str(w, row->words[i]);
		/* As YAML reads the words where they stand alone. */
		if (strcmp(row->words[i], "null") == 0)
			jsonw_null(w);
		else if (strcmp(row->words[i], "true") == 0)
			jsonw_bool(w, true);
		else if (strcmp(row->words[i], "false") == 0)
			jsonw_bool(w, false);
	}
	jsonw_end(w);
	jsonw_end(w);
	jsonw_object(w);
	jsonw_member_str(w, "type", "string");
	jsonw_member_str(w, "pattern", FILLED);
	jsonw_end(w);
	jsonw_end(w);
}

static void
json_strings(const struct opt *row, struct jsonw *w)
{
	types(w, "array", "string", "number");
	if (row->schema)
		pattern(w, row->schema);
	jsonw_key(w, "items");
	jsonw_object(w);
	types(w, "string", "number", NULL);
	if (row->schema)
		pattern(w, row->schema);
	jsonw_end(w);
}

static void members(const struct opt *rows, struct jsonw *w);

static void
json_block(const struct opt *row, struct jsonw *w)
{
	members(row->rows, w);
}

static void
json_blocks(const struct opt *row, struct jsonw *w)
{
	jsonw_member_str(w, "type", "array");
	jsonw_key(w, "items");
	schema_json(row->rows, w);
}

/* `schema` is an object; what stands in its braces is taken over. */
static void
json_node(const struct opt *row, struct jsonw *w)
{
	struct slice s = slice_str(row->schema);

	if (s.n <= 2)
		return;
	jsonw_key(w, "allOf");
	jsonw_array(w);
	jsonw_raw(w, s);
	jsonw_end(w);
}

typedef void json_fn(const struct opt *row, struct jsonw *w);

static json_fn *const writers[] = {
	[OPT_BOOL] = json_bool,
	[OPT_INT] = json_int,
	[OPT_REAL] = json_real,
	[OPT_SIZE] = json_size,
	[OPT_DURATION] = json_duration,
	[OPT_STRING] = json_string,
	[OPT_WORD] = json_word,
	[OPT_STRINGS] = json_strings,
	[OPT_BLOCK] = json_block,
	[OPT_BLOCKS] = json_blocks,
	[OPT_NODE] = json_node,
};

static bool
is_digits(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

static void
json_default(const struct opt *row, struct jsonw *w)
{
	if (!row->def)
		return;
	jsonw_key(w, "default");
	if (row->type == OPT_BOOL)
		jsonw_bool(w,
		    strcmp(row->def, "true") == 0 ||
			strcmp(row->def, "yes") == 0 ||
			strcmp(row->def, "on") == 0);
	else if (row->type == OPT_REAL ||
	    (row->type == OPT_INT && is_digits(row->def)))
		jsonw_raw(w, slice_str(row->def));
	else
		jsonw_str(w, row->def);
}

static void
required(const struct opt *rows, struct jsonw *w)
{
	bool any = false;

	for (; rows->name; rows++) {
		if (!(rows->flags & OPT_REQUIRED))
			continue;
		if (!any) {
			jsonw_key(w, "required");
			jsonw_array(w);
		}
		any = true;
		jsonw_str(w, rows->name);
	}
	if (any)
		jsonw_end(w);
}

static void
members(const struct opt *rows, struct jsonw *w)
{
	jsonw_member_str(w, "type", "object");
	jsonw_key(w, "additionalProperties");
	jsonw_bool(w, false);
	required(rows, w);
	jsonw_key(w, "properties");
	jsonw_object(w);
	for (; rows->name; rows++) {
		jsonw_key(w, rows->name);
		jsonw_object(w);
		jsonw_member_str(w, "description", rows->help);
		writers[rows->type](rows, w);
		json_default(rows, w);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void
schema_json(const struct opt *rows, struct jsonw *w)
{
	jsonw_object(w);
	members(rows, w);
	jsonw_end(w);
}

/* Lines and blanks into compact JSON, two for each level. */
static void
indent(struct slice json, struct buf *out)
{
	bool string = false;
	unsigned depth = 0;

	for (size_t i = 0; i < json.n; i++) {
		char c = json.p[i];
		bool opens = !string && (c == '{' || c == '[');
		bool closes = !string && (c == '}' || c == ']');

		if (c == '"' &&
		    (i == 0 || json.p[i - 1] != '\\' ||
			(i > 1 && json.p[i - 2] == '\\')))
			string = !string;
		depth -= closes;
		if (closes)
			buf_addf(out, "\n%*s", (int)depth * 2, "");
		buf_addc(out, c);
		depth += opens;
		if (opens || (!string && c == ','))
			buf_addf(out, "\n%*s", (int)depth * 2, "");
		if (!string && c == ':')
			buf_addc(out, ' ');
	}
	buf_addc(out, '\n');
}

void
schema_document(const struct opt *rows, const char *title, struct buf *out)
{
	struct buf compact = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &compact);
	jsonw_object(&w);
	jsonw_member_str(
	    &w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jsonw_member_str(&w, "title", title);
	members(rows, &w);
	jsonw_end(&w);
	indent(buf_slice(&compact), out);
	out->failed |= compact.failed;
	buf_release(&compact);
}
