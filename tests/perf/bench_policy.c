/*
 * bench_policy.c - how many judgements a second: 1,000 rules with patterns.
 *
 *     bench_policy [RULES [SECONDS]]
 *
 * Builds a policy of rules of four shapes (CI repositories, people with
 * sessions and hours, roles across accounts, service accounts) and judges
 * requests, three of four allowed, first with few names, then with a name of
 * its own for each.  One thread.
 */
#include "detect/policy.h"
#include "lib/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REQUESTS 65536

struct bench {
	unsigned rules, names;
	uint64_t random;
	struct arena arena;
	struct policy *policy;
	struct policy_scratch *scratch;
	struct request *requests;
};

static unsigned
draw(struct bench *b, unsigned n)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 7;
	b->random ^= b->random << 17;
	return (unsigned)(b->random >> 33) % n;
}

static void
add_rule(struct buf *b, unsigned i)
{
	buf_addf(b, "- {id: r%u, ", i);
	switch (i % 4) {
	case 0:
		buf_addf(b,
		    "principals: ['arn:aws:iam::*:oidc-provider/ci.example/"
		    "repo:acme/app-%u:**'], actions: ['sts:*'], targets: "
		    "['arn:aws:iam::*:role/deploy-%u-*'], from: {asns: "
		    "[8075]}, max_duration: 1h}\n",
		    i, i);
		break;
	case 1:
		buf_addf(b,
		    "principals: ['arn:aws:iam::*:role/sso-team-%u-*'], "
		    "sessions: ['*@acme.com'], actions: ['sts:*', "
		    "'signin:*'], targets: ['arn:aws:iam::*:role/human-%u-*'], "
		    "from: {countries: [US, DE]}, hours: {days: Mon-Sun, "
		    "between: '00:00-24:00'}}\n",
		    i, i);
		break;
	case 2:
		buf_addf(b,
		    "principals: ['arn:aws:iam::*:role/svc-%u-*'], actions: "
		    "[sts:AssumeRole], cloud_regions: ['eu-*', us-east-1], "
		    "targets: ['arn:aws:iam::*:role/data-%u-*']}\n",
		    i, i);
		break;
	default:
		buf_addf(b,
		    "principals: ['serviceAccount:sa-%u-*@*.iam."
		    "gserviceaccount.com'], actions: "
		    "['iamcredentials:Generate*'], targets: ['serviceAccount:"
		    "t-%u@acme.iam.gserviceaccount.com']}\n",
		    i, i);
		break;
	}
}

/* The rule that the principal has, and the one whose target is asked for. */
static void
fill_names(struct bench *b, struct request *r, unsigned rule, unsigned to)
{
	unsigned who = draw(b, b->names), account = 100 + who % 50;
	struct arena *a = &b->arena;

	switch (rule % 4) {
	case 0:
		r->principal = arena_printf(a,
		    "arn:aws:iam::%012u:oidc-provider/ci.example/repo:acme/"
		    "app-%u:ref:refs/heads/b%u",
		    account, rule, who);
		r->target = arena_printf(a,
		    "arn:aws:iam::%012u:role/deploy-%u-%u", account, to, who);
		r->principal_type = PT_WEB_IDENTITY;
		break;
	case 1:
		r->principal = arena_printf(a,
		    "arn:aws:iam::%012u:role/aws-reserved/eu-west-1/"
		    "sso-team-%u-%u",
		    account, rule, who);
		r->caller_session = arena_printf(a, "p%u@acme.com", who);
		r->target = arena_printf(a,
		    "arn:aws:iam::%012u:role/human-%u-x%u", account, to, who);
		r->principal_type = PT_ROLE;
		break;
	case 2:
		r->principal = arena_printf(
		    a, "arn:aws:iam::%012u:role/svc-%u-%u", account, rule, who);
		r->session = arena_printf(a, "s-%u", who);
		r->target = arena_printf(
		    a, "arn:aws:iam::%012u:role/data-%u-x%u", account, to, who);
		r->principal_type = PT_ROLE;
		break;
	default:
		r->principal = arena_printf(a,
		    "serviceAccount:sa-%u-%u@p%u.iam.gserviceaccount.com", rule,
		    who, account);
		r->target = arena_printf(
		    a, "serviceAccount:t-%u@acme.iam.gserviceaccount.com", to);
		r->principal_type = PT_SERVICE_ACCOUNT;
		break;
	}
}

static void
fill(struct bench *b, struct request *r)
{
	unsigned rule = draw(b, b->rules), to = draw(b, 4) ? rule : rule + 4;

	memset(r, 0, sizeof(*r));
	r->time = (struct when){ 1772400000 + draw(b, 1000000), 0, true };
	r->duration = 3600;
	r->account = SLICE_LIT("111122223333");
	r->cloud_region = draw(b, 2) ? SLICE_LIT("eu-west-1")
				     : SLICE_LIT("us-east-1");
	r->source.kind = SOURCE_IP;
	memcpy(r->source.place.country, draw(b, 2) ? "US" : "DE", 3);
	r->source.place.asn = 8075;
	r->action = rule % 4 == 3 ? SLICE_LIT("iamcredentials:GenerateIdToken")
				  : SLICE_LIT("sts:AssumeRole");
	fill_names(b, r, rule, to);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
measure(struct bench *b, const char *what, double seconds)
{
	struct policy_answer answer;
	size_t n = 0, allowed = 0;
	double from = now(), took;

	do {
		for (size_t i = 0; i < REQUESTS; i++) {
			policy_judge(
			    b->policy, b->scratch, &b->requests[i], &answer);
			allowed += answer.word == POLICY_ALLOWED;
		}
		n += REQUESTS;
		took = now() - from;
	} while (took < seconds);
	printf("%-36s %10.0f judgements/s  %5.0f ns each, %zu%% allowed\n",
	    what, (double)n / took, took / (double)n * 1e9, allowed * 100 / n);
}

static int
set_up(struct bench *b)
{
	struct buf yaml = BUF_INIT;
	struct err e;
	int err;

	buf_adds(&yaml, "approved: {countries: [US, DE]}\nrules:\n");
	for (unsigned i = 0; i < b->rules; i++)
		add_rule(&yaml, i);
	err = policy_load_text(buf_slice(&yaml), "bench", &b->policy, &e);
	buf_release(&yaml);
	if (err < 0)
		return err;
	b->scratch = policy_scratch_new(b->policy);
	b->requests = calloc(REQUESTS, sizeof(*b->requests));
	return b->scratch && b->requests ? 0 : ST_ENOMEM;
}

int
main(int argc, char **argv)
{
	static const struct {
		unsigned names;
		const char *what;
	} runs[] = {
		{ 20, "few names, often" },
		{ 1000000, "every request a name of its own" },
	};
	double seconds = argc > 2 ? atof(argv[2]) : 2;
	struct bench b = { .rules = argc > 1 ? (unsigned)atoi(argv[1]) : 1000,
		.random = 88172645463325252u };
	int err;

	arena_init(&b.arena, 1 << 20);
	err = b.rules < 4 ? ST_EINVAL : set_up(&b);
	if (err < 0)
		fprintf(stderr, "bench_policy: %s\n", st_strerror(err));
	for (size_t i = 0; err == 0 && i < 2; i++) {
		arena_reset(&b.arena);
		b.names = runs[i].names;
		for (size_t k = 0; k < REQUESTS; k++)
			fill(&b, &b.requests[k]);
		measure(&b, runs[i].what, seconds);
	}
	policy_scratch_free(b.scratch);
	policy_free(b.policy);
	free(b.requests);
	arena_release(&b.arena);
	return err < 0;
}
