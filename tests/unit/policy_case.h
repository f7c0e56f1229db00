/*
 * policy_case.h - a policy and requests in one line each.
 *
 * A request is told in the words of the policy's own `fields`: "key=value
 * key=value".  An answer is "allowed RULE", "learn", "breach CODE,CODE RULE" or
 * "suppressed CODE".
 */
#ifndef ST_POLICY_CASE_H
#define ST_POLICY_CASE_H

#include "detect/policy_i.h"

#define USER "arn:aws:iam::111122223333:user/alice"
#define ROLE "arn:aws:iam::111122223333:role/"
#define FAR "arn:aws:iam::444455556666:role/"
/* Parts of a line. */
#define U "principal=" USER " "
#define NOW "time=2026-03-02T00:00:00Z "

struct bench {
	struct policy *p;
	struct policy_scratch *s;
	struct arena a;
	struct request r;
	struct policy_answer answer;
};

/* False, and a line of why, where the policy is none. */
bool bench_open(struct bench *b, const char *yaml);
void bench_close(struct bench *b);
/* Fills in b->r; false where the line is none. */
bool make(struct bench *b, const char *line);
/* The answer in words, in `out`, which it gives back. */
const char *say(const struct policy_answer *a, char *out, size_t size);

struct line {
	const char *request, *answer;
};

/* Checks each. */
void run(const char *yaml, const struct line *lines, size_t n);
#define RUN(yaml, lines) \
	run((yaml), (lines), sizeof(lines) / sizeof((lines)[0]))

#endif
