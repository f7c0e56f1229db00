/*
 * sandbox.h - what the process can still do once it runs.
 *
 *     struct sandbox *s = sandbox_new();
 *     sandbox_allow(s, "/var/lib/stsentry", SANDBOX_WRITE);
 *     sandbox_allow(s, "/etc/stsentry", SANDBOX_READ);
 *     err = sandbox_enter(s, 0, &report, &e);
 *     sandbox_free(s);
 *
 * Two walls: Landlock rules for the file system (everything that was not
 * allowed here is refused with EACCES; the calling thread and all that it
 * starts later) and a seccomp filter of system calls (those that a collector
 * has no use for are refused with EPERM).  Where the kernel or the build has
 * one of them not, the report says so, and it is no error: whoever insists
 * looks at the report.  There is no way back.  Call it before threads are
 * started.
 *
 * Facts: landlock(7), seccomp_rule_add(3).
 */
#ifndef ST_SANDBOX_H
#define ST_SANDBOX_H

#include "lib/err.h"

#include <stdbool.h>

enum sandbox_right {
	SANDBOX_READ,  /* files and folders below */
	SANDBOX_WRITE, /* and make, change, rename and remove them */
};

enum sandbox_flags {
	SANDBOX_EXEC = 1 << 0, /* other programs may be started */
};

struct sandbox_report {
	bool files, calls;               /* is the wall up? */
	const char *no_files, *no_calls; /* why not, in words; or NULL */
};

struct sandbox;
struct sandbox *sandbox_new(void); /* NULL without memory */
void sandbox_free(struct sandbox *s);

/* What is not there is passed over: false.  The path is looked at now. */
bool
sandbox_allow(struct sandbox *s, const char *path, enum sandbox_right right);

int sandbox_enter(struct sandbox *s, unsigned flags,
    struct sandbox_report *report, struct err *e) ST_MUSTCHECK;

/* For --version: "landlock seccomp 2.5.4", or what the build has not. */
const char *sandbox_build(void);

#endif
