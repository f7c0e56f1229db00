/*
 * bench_baseline.c - what habits cost: memory a principal, time a request.
 *
 *     bench_baseline [PRINCIPALS [MIB]]
 *
 * Teaches so many principals over ten days, each with a role of its own and with
 * what many share, and prints how many are remembered within the bound, what they
 * take by our own count and by the kernel's, and how long a request takes.
 * One thread.
 */
#include "detect/baseline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define DAY 86400
#define DAYS 10
#define START ((int64_t)20000 * DAY)
#define MIB (1024.0 * 1024.0)

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
ask(struct baseline *b, unsigned i, int day, unsigned of)
{
	struct baseline_answer answer;
	char who[96], target[96], id[32];
	struct request r = { 0 };

	snprintf(who, sizeof(who), "arn:aws:iam::1111222233%02u:role/worker-%u",
	    i % 100, i);
	snprintf(target, sizeof(target),
	    "arn:aws:iam::444455556666:role/access-%u", i);
	snprintf(id, sizeof(id), "e-%u-%d", i, day);
	r.event_id = slice_str(id);
	r.time = (struct when){
		START + (int64_t)day * DAY + (int64_t)i * DAY / of, 0, true
	};
	r.action = SLICE_LIT("sts:AssumeRole");
	r.principal = slice_str(who);
	r.principal_type = PT_ROLE;
	r.account = SLICE_LIT("111122223333");
	r.target = slice_str(target);
	r.target_account = SLICE_LIT("444455556666");
	r.session = i % 3 ? SLICE_LIT("job") : SLICE_LIT("sync");
	r.cloud_region = SLICE_LIT("eu-west-1");
	r.source.kind = SOURCE_IP;
	addr_parse(SLICE_LIT("192.0.2.1"), &r.source.addr);
	r.source.place.asn = 64496 + i % 16;
	snprintf(r.source.place.country, 3, "%s", i % 5 ? "DE" : "US");
	r.user_agent = i % 2 ? SLICE_LIT("Boto3/1.40.1")
			     : SLICE_LIT("aws-sdk-go/1.5");
	if (baseline_judge(b, &r, false, &answer) < 0)
		exit(1);
}

int
main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
	struct baseline_options o = BASELINE_OPTIONS_DEFAULT;
	const struct baseline_counts *c;
	struct rusage used;
	struct baseline *b;
	double from;

	o.bytes_max = (size_t)(argc > 2 ? atoi(argv[2]) : 256) << 20;
	b = baseline_new(&o);
	if (!b || n == 0)
		return 1;
	from = now();
	for (int day = 0; day < DAYS; day++)
		for (unsigned i = 0; i < n; i++)
			ask(b, i, day, n);
	if (baseline_finish(b) < 0)
		return 1;
	from = now() - from;
	c = baseline_counts(b);
	getrusage(RUSAGE_SELF, &used);
	printf("baseline: %" PRIu64
	       " of %u principals in %.0f MiB (process %.0f "
	       "MiB), %" PRIu64 " forgotten; %.0f requests/s\n",
	    c->principals, n, (double)c->bytes / MIB,
	    (double)used.ru_maxrss / 1024, c->evicted_principals,
	    (double)n * DAYS / from);
	baseline_free(b);
	return 0;
}
