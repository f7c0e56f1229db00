/*
 * output_case.h - an output of a configuration, asked by a test.
 *
 *     struct output_case c;
 *     if (!output_case_open(&c, "{type: file, path: /tmp/x}"))
 *             ... c.e.text ...
 *     output_case_give(&c, "one\n", "two\n", NULL);
 *     output_case_wait(&c);                   // until all are answered
 *     CHECK_INT(c.done, 2);
 *     output_case_close(&c);
 */
#ifndef ST_TEST_OUTPUT_CASE_H
#define ST_TEST_OUTPUT_CASE_H

#include "conf/config.h"
#include "outputs/output.h"

#define OUTPUT_CASE_MAX 4096
#define OUTPUT_CASE_WAIT_MS 60000

struct output_case {
	struct config *config;
	struct loop *loop;
	struct output *output;
	struct err e;
	struct stsentry_record records[OUTPUT_CASE_MAX];
	enum stsentry_verdict verdicts[OUTPUT_CASE_MAX];
	size_t n;
	/* of the last ones given */
	size_t done, again, lost;
	int64_t wait_ms;
	char why[512];
};

/* `text` is the one output of a configuration.  Without a loop's turn. */
bool output_case_load(struct output_case *c, const char *text);
bool output_case_open(struct output_case *c, const char *text);
void output_case_close(struct output_case *c);
/* The texts are the records, up to NULL; they must stay. */
void output_case_give(struct output_case *c, ...) __attribute__((sentinel));
/* n times the same one. */
void output_case_give_many(struct output_case *c, const char *text, size_t n);
/* False where the answers do not come within OUTPUT_CASE_WAIT_MS. */
bool output_case_wait(struct output_case *c);
/* One turn of the loop. */
void output_case_turn(struct output_case *c);

#endif
