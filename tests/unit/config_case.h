/*
 * config_case.h - what the tests of stsentry.yaml share.
 *
 * A text is read as if it were a file; paths in it are seen from the test's
 * temporary folder where the name is in_tmp().
 */
#ifndef ST_TESTS_CONFIG_CASE_H
#define ST_TESTS_CONFIG_CASE_H

#include "conf/config.h"
#include "tests/unit/unit.h"

extern const struct err *const case_last;

/* NULL where it is refused: case_message() says why. */
struct config *case_load(const char *text, const char *name);
/* "" where all is well.  Static buffer. */
struct slice case_message(void);

const struct input_config *case_input(const struct config *c, size_t i);
const struct output_config *case_output(const struct config *c, size_t i);

/* A path in the temporary folder; four are remembered. */
const char *case_tmp(const char *name);
const char *case_file(const char *name, const char *text);

/* A text and its message without "t.yaml:" before it; "": it is taken. */
struct refusal {
	const char *text, *message;
};
void case_refusals(const struct refusal *cases, size_t n);
#define CHECK_REFUSALS(cases) \
	case_refusals(cases, sizeof(cases) / sizeof(cases[0]))

#endif
