/*
 * config_case.c - what the tests of stsentry.yaml share.
 */
#include "tests/unit/config_case.h"

#include <stdio.h>

static struct err last;
const struct err *const case_last = &last;

struct config *
case_load(const char *text, const char *name)
{
	struct config *c = NULL;

	memset(&last, 0, sizeof(last));
	return config_load_text(slice_str(text), name, &c, &last) == 0 ? c
								       : NULL;
}

struct slice
case_message(void)
{
	static char line[1024];

	return slice_str(err_format(&last, line, sizeof(line)));
}

const struct input_config *
case_input(const struct config *c, size_t i)
{
	return (const struct input_config *)c->inputs.v + i;
}

const struct output_config *
case_output(const struct config *c, size_t i)
{
	return (const struct output_config *)c->outputs.v + i;
}

const char *
case_tmp(const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *p = paths[turn++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", unit_tmpdir(), name);
	return p;
}

const char *
case_file(const char *name, const char *text)
{
	const char *path = case_tmp(name);
	FILE *f = fopen(path, "w");

	if (f) {
		fputs(text, f);
		fclose(f);
	}
	return path;
}

/* The first that an examination finds is what a loading says. */
static void
examined(const struct refusal *r, const char *want)
{
	struct problems all = PROBLEMS_INIT;
	const struct err *first;
	char line[1024];

	config_free(config_examine_text(slice_str(r->text), "t.yaml", &all));
	first = problems_first(&all);
	CHECK_TEXT(
	    slice_str(first ? err_format(first, line, sizeof(line)) : ""),
	    want);
	problems_release(&all);
}

void
case_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct config *c = case_load(cases[i].text, "t.yaml");
		char want[700];

		snprintf(want, sizeof(want), "%s%s",
		    cases[i].message[0] ? "t.yaml:" : "", cases[i].message);
		CHECK_TEXT(case_message(), want);
		config_free(c);
		examined(&cases[i], want);
	}
}
