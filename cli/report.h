/*
 * report.h - what report and pack share.  Main thread.
 */
#ifndef ST_CLI_REPORT_H
#define ST_CLI_REPORT_H

#include "report/sections.h"

int
report_take_time(const char *command, const char *option, struct when *result);
int report_take_framework(const char *command, struct report *about);

/* Those of the paths that are ledgers are verified; what breaks is in `about`. */
int report_verify_ledgers(
    char **paths, struct report *about, struct err *e) ST_MUSTCHECK;

#endif
