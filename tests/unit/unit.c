/*
 * unit.c - runs a list of tests under CUnit and tells what failed.
 *
 * One process a room, one thread unless the test starts others.
 */
#include "tests/unit/unit.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char tmpdir[64];

static void
remove_tmpdir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", tmpdir);
	if (system(command) != 0)
		fprintf(stderr, "cannot remove %s\n", tmpdir);
}

const char *
unit_tmpdir(void)
{
	if (tmpdir[0])
		return tmpdir;
	snprintf(tmpdir, sizeof(tmpdir), "/tmp/stsentry-unit-XXXXXX");
	if (!mkdtemp(tmpdir)) {
		perror("mkdtemp");
		exit(1);
	}
	atexit(remove_tmpdir);
	return tmpdir;
}

const char *
unit_path(const char *relative)
{
	static char path[1024];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", relative);
	return path;
}

bool
unit_same_int(long long got, long long want, const char *file, int line)
{
	if (got == want)
		return true;
	printf("\n    %s:%d: got %lld, want %lld", file, line, got, want);
	return false;
}

bool
unit_same_text(struct slice got, const char *want, const char *file, int line)
{
	if (want ? slice_is(got, want) : got.p == NULL)
		return true;
	printf("\n    %s:%d: got %s%.*s%s, want %s", file, line,
	    got.p ? "\"" : "absent", SLICE_ARG(got), got.p ? "\"" : "",
	    want ? want : "absent");
	return false;
}

int
unit_run(const char *suite, const struct unit_case *cases, size_t n)
{
	unsigned failed, run;
	CU_pSuite s;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	s = CU_add_suite(suite, NULL, NULL);
	for (size_t i = 0; s && i < n; i++)
		if (!CU_add_test(s, cases[i].name, cases[i].run))
			s = NULL;
	if (!s) {
		fprintf(stderr, "cannot set up the suite: %s\n",
		    CU_get_error_msg());
		return 1;
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failed = CU_get_number_of_tests_failed();
	run = CU_get_number_of_tests_run();
	CU_cleanup_registry();
	return failed == 0 && run == n ? 0 : 1;
}
