/*
 * report.h - what report and pack share.  Main thread.
 */
#ifndef ST_CLI_REPORT_H
#define ST_CLI_REPORT_H

#include "report/sections.h"

int
report_take_time(const char *command, const char *option, struct when *result);
int report_take_framework(const char *command, struct report *about);

/* The policy, and who counts what is used of it; NULL both without a path.  The
 * caller frees them, `allowed` first, also after an error. */
int report_open_policy(const char *path, const struct period *period,
    struct policy **policy, struct allowed **allowed,
    struct err *e) ST_MUSTCHECK;

/* Those of the paths that are ledgers are verified; what breaks is in `about`. */
int report_verify_ledgers(
    char **paths, struct report *about, struct err *e) ST_MUSTCHECK;

#endif
