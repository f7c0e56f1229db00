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
	struct slice text = slice_of((const char *)data, size);
	struct problems all = PROBLEMS_INIT;
	struct config *c = NULL;
	struct err e = { 0 };
	bool good = config_load_text(text, "", &c, &e) == 0;

	if (!good && e.text[0] == '\0')
		abort();
	config_free(c);
	/* What goes on behind a fault finds one exactly where there is one. */
	c = config_examine_text(text, "", &all);
	if (good != (problems_count(&all) == 0))
		abort();
	config_free(c);
	problems_release(&all);
	return 0;
}
