/*
 * test_exec_answer.c - what a program may say, and what it may not.
 */
#include "outputs/exec/answer.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static void
three_words_are_answers(void)
{
	static const struct {
		const char *line;
		int verdict; /* -1: none */
		int64_t wait_ms;
		const char *why;
	} cases[] = {
		{ "done", STSENTRY_DONE, 0, NULL },
		{ " done\r", STSENTRY_DONE, 0, NULL },
		{ "done and dusted", STSENTRY_DONE, 0, "and dusted" },
		{ "again", STSENTRY_AGAIN, 0, NULL },
		{ "again 30", STSENTRY_AGAIN, 30000, NULL },
		{ "again 30 no such luck ", STSENTRY_AGAIN, 30000,
		    "no such luck" },
		{ "again 30x", STSENTRY_AGAIN, 0, "30x" },
		{ "again -1", STSENTRY_AGAIN, 0, "-1" },
		{ "again 99999999999999999999", STSENTRY_AGAIN, 86400000,
		    NULL },
		{ "again 0", STSENTRY_AGAIN, 0, NULL },
		{ "lost", STSENTRY_LOST, 0, NULL },
		{ "lost\t no project", STSENTRY_LOST, 0, "no project" },
		{ "", -1, 0, NULL },
		{ " ", -1, 0, NULL },
		{ "Done", -1, 0, NULL },
		{ "doneness", -1, 0, NULL },
		{ "ok", -1, 0, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stsentry_answer a = { .verdict = -1 };
		char line[64];

		snprintf(line, sizeof(line), "%s", cases[i].line);
		CHECK_INT(exec_answer_read(line, &a), cases[i].verdict >= 0);
		CHECK_INT(a.verdict, cases[i].verdict);
		CHECK_INT(a.wait_ms, cases[i].wait_ms);
		if (cases[i].verdict >= 0)
			CHECK_TEXT(slice_str(a.why),
			    cases[i].why ? cases[i].why
					 : "the program does not say why");
	}
}

UNIT_MAIN("exec_answer", { "three words are answers", three_words_are_answers })
