/*
 * test_examine.c - everything that could fail later, short of binding.
 */
#include "collector/examine.h"
#include "tests/unit/config_case.h"

#include <unistd.h>

/* Two files in the temporary folder; `want` without its name in the lines. */
static void
check(const char *config, const char *policy, const char *want)
{
	struct problems all = PROBLEMS_INIT;
	struct buf out = BUF_INIT;
	struct examined x;
	struct slice s;

	REQUIRE(chdir(unit_tmpdir()) == 0);
	case_file("c.yaml", config);
	case_file("p.yaml", policy);
	examine("c.yaml", NULL, &all, &x);
	problems_write(&all, &out);
	s = slice_of(out.p ? out.p : "", out.n);
	CHECK_TEXT(s, want);
	CHECK(x.config != NULL);
	CHECK_INT(x.policy != NULL,
	    slice_starts(slice_str(config), "policy: p") &&
		slice_find(s, "p.yaml") == NULL);
	examine_release(&x);
	buf_release(&out);
	problems_release(&all);
}

static void
both_files_are_examined(void)
{
	check("policy: p.yaml\n", "version: 1\n", "");
	check("policy: p.yaml\nadmin: {lisen: x}\n", "rulse: []\n",
	    "c.yaml:2:9: unknown key \"lisen\"; did you mean \"listen\"?\n"
	    "p.yaml:1:1: unknown key \"rulse\"; did you mean \"rules\"?\n");
}

static void
apis_and_reasons_must_be_known(void)
{
	check(
	    "policy: p.yaml\n"
	    "apis: {on: [\"sts:*\", \"stss:*\"], off: [\"sts:AssumRole\", x]}\n"
	    "outputs: [{type: stdout, reasons: [new_*, mfa_misssing]}]\n",
	    "version: 1\n",
	    "c.yaml:2:22: on: \"stss:*\" matches no API; did you mean \"sts:*\"?\n"
	    "c.yaml:2:39: off: \"sts:AssumRole\" matches no API; did you mean \"sts:AssumeRole\"?\n"
	    "c.yaml:2:56: off: \"x\" matches no API\n"
	    "c.yaml:3:43: reasons: \"mfa_misssing\" is no reason code; did you "
	    "mean \"mfa_missing\"?\n");
}

/* A fault is told once, by whoever sees it first. */
static void
nothing_is_told_twice(void)
{
	check("policy: none.yaml\n"
	      "geo: {databases: [none.mmdb, .]}\n"
	      "outputs: [{type: file, path: no/such, name: a}, {type: exec, "
	      "command: none}]\n",
	    "version: 1\n",
	    "c.yaml:1:9: policy: cannot read none.yaml: No such file or "
	    "directory\n"
	    "c.yaml:2:19: databases: cannot read none.mmdb: No such file or "
	    "directory\n"
	    "c.yaml:2:30: databases: . is a folder\n"
	    "c.yaml:3:30: path: the folder no: No such file or directory\n"
	    "c.yaml:3:71: command: cannot run none: No such file or "
	    "directory\n");
}

static void
a_policy_alone_and_one_beside_the_configuration_s(void)
{
	struct problems all = PROBLEMS_INIT;
	struct examined x;

	REQUIRE(chdir(unit_tmpdir()) == 0);
	case_file("c.yaml", "policy: none.yaml\n");
	case_file("p.yaml", "version: 1\n");
	examine(NULL, "p.yaml", &all, &x);
	CHECK(x.config == NULL && x.policy != NULL);
	CHECK_INT(problems_count(&all), 0);
	examine_release(&x);
	examine("c.yaml", "p.yaml", &all, &x);
	CHECK(x.config != NULL && x.policy != NULL);
	CHECK_TEXT(slice_str(x.policy_path), "p.yaml");
	examine_release(&x);
	examine(NULL, "none.yaml", &all, &x);
	CHECK(x.config == NULL && x.policy == NULL);
	examine_release(&x);
	problems_release(&all);
}

UNIT_MAIN("examine", { "both files are examined", both_files_are_examined },
    { "APIs and reasons must be known", apis_and_reasons_must_be_known },
    { "nothing is told twice", nothing_is_told_twice },
    { "a policy alone, and one beside the configuration's",
	a_policy_alone_and_one_beside_the_configuration_s })
