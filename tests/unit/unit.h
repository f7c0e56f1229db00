/*
 * unit.h - a thin layer over CUnit, so that a test file is only its tests.
 *
 *     static void a_rule_in_words(void) { CHECK(x == 1); CHECK_INT(n, 3); }
 *     UNIT_MAIN("room", { "a rule in words", a_rule_in_words }, ...)
 *
 * CHECK* go on after a failure; REQUIRE returns from the test.  The program
 * ends with 1 if anything failed, and with 1 if nothing ran.
 */
#ifndef ST_UNIT_H
#define ST_UNIT_H

#include "lib/slice.h"

#include <CUnit/CUnit.h>

struct unit_case {
	const char *name;
	void (*run)(void);
};

int unit_run(const char *suite, const struct unit_case *cases, size_t n);

/* Compare and tell both when they differ. */
bool unit_same_int(long long got, long long want, const char *file, int line);
bool
unit_same_text(struct slice got, const char *want, const char *file, int line);

/* A file of the source tree: "tests/data/x".  Static buffer. */
const char *unit_path(const char *relative);

/* A fresh temporary directory, removed at exit. */
const char *unit_tmpdir(void);

#define CHECK(x) \
	CU_assertImplementation((x), __LINE__, #x, __FILE__, "", CU_FALSE)
#define CHECK_INT(got, want)                                                \
	CU_assertImplementation(unit_same_int((long long)(got),             \
				    (long long)(want), __FILE__, __LINE__), \
	    __LINE__, #got " == " #want, __FILE__, "", CU_FALSE)
#define CHECK_TEXT(got, want)                                            \
	CU_assertImplementation(                                         \
	    unit_same_text((got), (want), __FILE__, __LINE__), __LINE__, \
	    #got " is " #want, __FILE__, "", CU_FALSE)
#define REQUIRE(x)               \
	do {                     \
		bool ok_ = (x);  \
		CHECK(ok_ &&#x); \
		if (!ok_)        \
			return;  \
	} while (0)

#define UNIT_MAIN(suite, ...)                                            \
	int main(void)                                                   \
	{                                                                \
		static const struct unit_case cases[] = { __VA_ARGS__ }; \
		return unit_run(                                         \
		    suite, cases, sizeof(cases) / sizeof(cases[0]));     \
	}

#endif
