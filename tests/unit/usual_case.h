/*
 * usual_case.h - a small organisation whose habits are learned, for tests.
 *
 *     struct baseline *b = case_after_a_month(&options);
 *     struct act a = case_worker(3);
 *
 *     a.country = "RU";
 *     a.t = NOON;
 *     answer = case_happen(b, &a);
 *
 * Ten people, ten workers with a role each, for HISTORY days.
 */
#ifndef ST_TEST_USUAL_CASE_H
#define ST_TEST_USUAL_CASE_H

#include "detect/baseline.h"

#define DAY 86400
#define START ((int64_t)20000 * DAY)
#define HISTORY 30 /* days */

struct act {
	const char *who, *target, *country, *agent, *session;
	enum principal_type type;
	uint32_t asn;
	int64_t t;
	enum outcome outcome;
};

#define NOON (START + HISTORY * DAY + 12 * 3600)

struct baseline_answer case_happen(struct baseline *b, const struct act *a);
/* `t` is for the caller to say. */
struct act case_person(unsigned i);
struct act case_worker(unsigned i);
void case_ordinary_day(struct baseline *b, int64_t day);
struct baseline *case_after_a_month(const struct baseline_options *o);

#endif
