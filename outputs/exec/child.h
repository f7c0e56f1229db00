/*
 * child.h - a program with pipes to its input, output and error output.
 *
 *     if (child_start(&c, argv, env, why) < 0) ...
 *     write(c.in, ..); read(c.out, ..);         // neither blocks
 *     child_kill(&c, SIGTERM);
 *     if (child_is_gone(&c, &status)) ...       // looks, never waits
 *     child_release(&c);                        // kills and waits a moment
 *
 * Leads a process group of its own, so that what it starts goes with it; has
 * default signals, nothing open but the three, and only the environment that
 * it is given.  One owner.
 */
#ifndef ST_EXEC_CHILD_H
#define ST_EXEC_CHILD_H

#include <stdbool.h>
#include <stsentry/output.h>
#include <sys/types.h>

struct child {
	pid_t pid;        /* 0: there is none */
	int in, out, err; /* our ends; -1: closed */
};
#define CHILD_NONE            \
	{                     \
		0, -1, -1, -1 \
	}

int child_start(struct child *c, char *const argv[], char *const env[],
    struct stsentry_why *why);
void child_kill(const struct child *c, int signo);
/* What waitpid(2) says of it; then there is none any more. */
bool child_is_gone(struct child *c, int *status);
/* Our end of its input: it is told that nothing more comes. */
void child_end_input(struct child *c);
/* It has CHILD_GRACE_MS to end by itself. */
void child_release(struct child *c);
#define CHILD_GRACE_MS 1000

#endif
