/*
 * fuzz_config.c - any bytes as stsentry.yaml: a checked configuration or a
 * message.  The name "" keeps it from files and the environment.
 */
#include "tests/fuzz/fuzz.h"

#include "conf/config.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = NULL;
	struct err e = { 0 };

	if (config_load_text(slice_of((const char *)data, size), "", &c, &e) <
	    0) {
		if (e.text[0] == '\0')
			abort();
		return 0;
	}
	if (config_unsupported(c, &e) < 0 && e.line == 0)
		abort();
	config_free(c);
	return 0;
}
