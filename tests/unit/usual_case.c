/*
 * usual_case.c - a small organisation whose habits are learned.
 *
 * See usual_case.h.
 */
#include "tests/unit/usual_case.h"

#include "tests/unit/unit.h"

#include <stdio.h>

static void
fill(const struct act *a, unsigned n, char id[32], struct request *r)
{
	*r = (struct request){ 0 };
	snprintf(id, 32, "e%08u-%lld", n, (long long)a->t);
	r->event_id = slice_str(id);
	r->time = (struct when){ a->t, 0, true };
	r->action = SLICE_LIT("sts:AssumeRole");
	r->principal = slice_str(a->who);
	r->principal_type = a->type;
	r->account = SLICE_LIT("111122223333");
	r->target = slice_str(a->target);
	r->target_account = SLICE_LIT("111122223333");
	r->session = slice_str(a->session);
	r->cloud_region = SLICE_LIT("us-east-1");
	r->outcome = a->outcome;
	r->source.kind = SOURCE_IP;
	addr_parse(SLICE_LIT("192.0.2.1"), &r->source.addr);
	r->source.ip = SLICE_LIT("192.0.2.1");
	snprintf(r->source.place.country, 3, "%s", a->country);
	r->source.place.asn = a->asn;
	r->user_agent = slice_str(a->agent);
}

struct baseline_answer
case_happen(struct baseline *b, const struct act *a)
{
	static unsigned n;
	struct baseline_answer answer = { 0 };
	struct request r;
	char id[32];

	fill(a, n++, id, &r);
	CHECK_INT(baseline_judge(b, &r, false, &answer), 0);
	return answer;
}

static char names[40][64];

static const char *
name(unsigned i, const char *before, const char *behind)
{
	snprintf(names[i], sizeof(names[i]), "%s%u%s", before, i, behind);
	return names[i];
}

struct act
case_person(unsigned i)
{
	return (struct act){ name(i, "user:p", "@acme.example"),
		"arn:aws:iam::111122223333:role/dev", "DE", "aws-cli/2.1", "s",
		PT_USER, 3320, 0, OUTCOME_SUCCESS };
}

struct act
case_worker(unsigned i)
{
	return (struct act){ name(10 + i,
				 "arn:aws:iam::111122223333:role/worker-", ""),
		name(20 + i, "arn:aws:iam::111122223333:role/access-", ""),
		"US", "Boto3/1.40", "w", PT_ROLE, 16509, 0, OUTCOME_SUCCESS };
}

void
case_ordinary_day(struct baseline *b, int64_t day)
{
	for (int hour = 8; hour < 18; hour++)
		for (unsigned i = 0; i < 10; i++) {
			struct act a = i == (unsigned)(hour - 8) || hour == 9
			    ? case_person(i)
			    : case_worker(i);

			a.t = START + day * DAY + hour * 3600 + (int)i * 60;
			case_happen(b, &a);
		}
}

struct baseline *
case_after_a_month(const struct baseline_options *o)
{
	struct baseline *b = baseline_new(o);

	for (int64_t day = 0; b && day < HISTORY; day++)
		case_ordinary_day(b, day);
	return b;
}
