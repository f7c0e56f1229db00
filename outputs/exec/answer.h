/*
 * answer.h - a line that a program of an `exec` output says.
 *
 *     done
 *     again [SECONDS] [WHY]
 *     lost [WHY]
 *
 * Blanks around words do not count.  The line is changed, and the reason in
 * the answer points into it.  Pure functions, any thread.
 */
#ifndef ST_EXEC_ANSWER_H
#define ST_EXEC_ANSWER_H

#include <stdbool.h>
#include <stsentry/output.h>

#define EXEC_WAIT_MAX_S 86400 /* that it may ask for */

/* False where it is none of these. */
bool exec_answer_read(char *line, struct stsentry_answer *result);

#endif
