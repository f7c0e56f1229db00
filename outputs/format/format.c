/*
 * format.c - the table of formats.
 *
 * Knows which there are.  How one writes is its own file's business.
 * Constant data, any thread.
 */
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"

const struct format *const format_table[] = {
	&format_text,
	&format_json,
	&format_ocsf,
	&format_ecs,
	&format_cef,
	&format_leef,
	&format_csv,
	&format_rfc5424,
	&format_rfc3164,
	NULL,
};

const struct format *
format_find(struct slice name)
{
	for (size_t i = 0; format_table[i]; i++)
		if (slice_is(name, format_table[i]->name))
			return format_table[i];
	return NULL;
}
