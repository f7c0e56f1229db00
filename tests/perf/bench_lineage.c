/*
 * bench_lineage.c - how long a request or use takes in lineage, and who is at
 * the root of each.
 *
 *     bench_lineage [-r] [-s] LOG...
 *
 * Reads logs as scan does, in the order of time; -s in that of arrival.  Prints
 * what was joined and the time each; -r prints a line for each record signed with a temporary
 * credential instead: its event id, a tab, the root ("?" where it is not known).
 */
#include "cli/input.h"
#include "cli/sorter.h"
#include "detect/lineage_i.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 50e-6 /* seconds for one */

struct seen {
	struct seen *before;
	struct token *token;
	char event_id[64];
};

struct bench {
	struct sorter *sorter;
	struct lineage *lineage;
	bool roots, stream;
	struct seen *seen; /* whose root is told at the end */
	double request_seconds, use_seconds;
	uint64_t requests, uses;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
on_note(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s\n", line);
}

/* Its token is held: in the order of arrival the mint may come later. */
static void
keep_root(struct bench *b, const struct request *r)
{
	struct seen *s;

	if (!slice_starts(r->caller_credential, "ASIA"))
		return;
	s = calloc(1, sizeof(*s));
	if (!s)
		return;
	s->token = lineage_signed_with(b->lineage, r);
	if (s->token)
		s->token->refs++;
	snprintf(
	    s->event_id, sizeof(s->event_id), "%.*s", SLICE_ARG(r->event_id));
	s->before = b->seen;
	b->seen = s;
}

static void
print_roots(struct bench *b)
{
	struct seen *s;

	while ((s = b->seen) != NULL) {
		struct slice root = lineage_root_name(b->lineage, s->token);

		printf("%s\t%.*s\n", s->event_id,
		    SLICE_ARG(root.n ? root : SLICE_LIT("?")));
		if (s->token)
			tokens_drop(b->lineage, s->token);
		b->seen = s->before;
		free(s);
	}
}

/* Longer ones were interrupted. */
static void
count(struct bench *b, bool use, double seconds)
{
	if (seconds > LONGEST)
		return;
	*(use ? &b->uses : &b->requests) += 1;
	*(use ? &b->use_seconds : &b->request_seconds) += seconds;
}

static int
on_request(void *arg, const struct request *r)
{
	static const struct lineage_scope scope = { 0 };
	struct bench *b = arg;
	struct lineage_answer a;
	double start = now();
	int err;

	err = lineage_judge(b->lineage, r, &scope, &a);
	if (err == 0)
		err = lineage_mint(b->lineage, r);
	count(b, r->kind == KIND_USE, now() - start);
	if (b->roots)
		keep_root(b, r);
	return err;
}

static int
on_requests(void *arg, struct slice packed, struct err *e)
{
	struct bench *b = arg;
	struct request r;
	size_t took;
	int err = 0;

	if (!b->stream)
		return sorter_add(b->sorter, packed, e);
	while (err == 0 && packed.n) {
		err = request_unpack(packed, &r, &took);
		if (err == 0)
			err = on_request(b, &r);
		packed = slice_of(packed.p + took, packed.n - took);
	}
	return err;
}

int
main(int argc, char **argv)
{
	struct lineage_options lo = { 0 };
	static const struct sorter_options so = { 0 };
	const struct input_calls calls = { on_requests, on_note, NULL };
	struct bench b = { 0 };
	struct input_options io = { .threads = 1, .uses = true };
	struct api_choice apis;
	const struct lineage_counts *counts;
	struct input *in;
	struct err e = { 0 };
	int err = 0, c;

	while ((c = getopt(argc, argv, "rs")) != -1)
		*(c == 'r' ? &b.roots : &b.stream) = true;
	api_choice_default(&apis);
	io.apis = &apis;
	b.sorter = sorter_new(&so);
	lo.ordered = !b.stream;
	b.lineage = lineage_new(&lo);
	in = input_new(&io, &calls, &b);
	for (int i = optind; err == 0 && i < argc; i++)
		err = input_add(in, argv[i], &e);
	if (err == 0)
		err = input_run(in, &e);
	if (err == 0)
		err = sorter_run(b.sorter, on_request, &b, &e);
	if (err < 0)
		fprintf(stderr, "bench_lineage: %s\n", e.text);
	print_roots(&b);
	counts = lineage_counts(b.lineage);
	if (!b.roots)
		printf("%llu requests, %.0f ns each; %llu uses, %.0f ns each; "
		       "%llu joined, %llu not, %llu credentials at the end\n",
		    (unsigned long long)b.requests,
		    b.request_seconds / (double)(b.requests + 1) * 1e9,
		    (unsigned long long)b.uses,
		    b.use_seconds / (double)(b.uses + 1) * 1e9,
		    (unsigned long long)counts->joined,
		    (unsigned long long)counts->unjoined,
		    (unsigned long long)counts->tokens);
	input_free(in);
	sorter_free(b.sorter);
	lineage_free(b.lineage);
	return err < 0;
}
