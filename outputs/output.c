/*
 * output.c - the list of output kinds.
 *
 * Adding one is adding its folder and its line here.  Constant data, any
 * thread.
 */
#include "outputs/output.h"

#include <stddef.h>
#include <string.h>

static const struct output_kind *const kinds[] = {
	&output_file,
	&output_stdout,
	&output_webhook,
	&output_null,
};

const struct output_kind *
output_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}
