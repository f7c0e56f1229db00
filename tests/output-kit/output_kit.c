/*
 * output_kit.c - does an output keep the contract of <stsentry/output.h>?
 *
 *     output-kit '{type: plugin, path: ./hello.so, options: {to: /tmp/x}}'
 *
 * Takes one output as it would stand in stsentry.yaml, plays the core to it and
 * prints what was looked at.  Ends with 1 where something does not hold.  The
 * destination must take what it is given; what arrives there is for the caller
 * to look at: KIT_RECORDS records, each at least once.
 */
#include "lib/clock.h"
#include "tests/unit/output_case.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define BIG_RECORD ((size_t)300 << 10)
#define INSTANCES 2
#define TRIES_MAX 1000
#define WAIT_MAX_MS 10000

static unsigned failed, sent;

static bool
look(bool ok, const char *rule)
{
	printf("%s %s\n", ok ? "ok    " : "FAILED", rule);
	failed += !ok;
	return ok;
}

static void
wait_as_asked(struct output_case *c)
{
	int64_t until = clock_ms() +
	    (c->wait_ms < WAIT_MAX_MS ? c->wait_ms : WAIT_MAX_MS);

	do
		output_case_turn(c);
	while (clock_ms() < until);
}

/* Nobody answers AGAIN here for ever: what is not taken is given again. */
static bool
give_until_done(struct output_case *c, const char *text, size_t n)
{
	size_t left = n;

	sent += (unsigned)n;
	for (int tries = 0; left > 0 && tries < TRIES_MAX; tries++) {
		size_t batch = output_batch(c->output);

		output_case_give_many(c, text, left < batch ? left : batch);
		if (!output_case_wait(c) || c->lost > 0)
			return false;
		left -= c->done;
		if (c->again > 0)
			wait_as_asked(c);
	}
	return left == 0;
}

static void
sizes_of_batches(struct output_case *c)
{
	static const size_t sizes[] = { 1, 2, 7, 255, 1000 };
	bool ok = true;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		ok = ok &&
		    give_until_done(c, "{\"id\":\"kit\",\"n\":1}\n", sizes[i]);
	look(ok, "each record of any batch gets one answer");
}

static void
hard_records(struct output_case *c)
{
	static const char hostile[] =
	    "{\"id\":\"kit\",\"text\":\"\\u0000 \\u202e '; rm -rf $(x) `y` "
	    "<!channel> %s%n =1+1 \xef\xbf\xbd\"}\n";
	char *big = malloc(BIG_RECORD + 32);
	size_t n;

	look(give_until_done(c, hostile, 3), "hostile text is data");
	if (!big)
		return;
	n = (size_t)snprintf(big, 32, "{\"id\":\"kit\",\"text\":\"");
	memset(big + n, 'x', BIG_RECORD);
	memcpy(big + n + BIG_RECORD, "\"}\n", 4);
	look(give_until_done(c, big, 2), "records of 300 KiB are taken");
	free(big);
}

static void
flush_and_reopen(struct output_case *c)
{
	look(output_flush(c->output, &c->e) == 0, "it can be flushed");
	look(output_reopen(c->output, &c->e) == 0, "it can be opened again");
	look(give_until_done(c, "{\"id\":\"kit\",\"n\":2}\n", 3),
	    "and goes on behind that");
}

static void
positions(struct output_case *c)
{
	uint64_t at;

	if (!output_has_marks(c->output))
		return;
	(void)!output_flush(c->output, &c->e);
	at = output_mark(c->output);
	look(output_mark(c->output) == at, "its position stands still");
	look(output_resume(c->output, at, &c->e) == 0,
	    "and can be gone on from");
}

/* After the close a timer or watch that was left behind would be called. */
static void
close_with_records_under_way(const char *text)
{
	static struct output_case c;

	if (!look(output_case_open(&c, text), "it can be opened a second time"))
		return;
	output_case_give_many(&c, "{\"id\":\"kit\",\"n\":3}\n", 1);
	output_free(c.output);
	c.output = NULL;
	for (int i = 0; i < 50; i++)
		output_case_turn(&c);
	look(true, "closed in the middle, nothing is called any more");
	output_case_close(&c);
}

static void
two_at_once(const char *text)
{
	static struct output_case c[INSTANCES];
	bool ok = true;

	for (size_t i = 0; i < INSTANCES; i++)
		ok = output_case_open(&c[i], text) && ok;
	for (size_t i = 0; i < INSTANCES && ok; i++)
		ok = give_until_done(&c[i], "{\"id\":\"kit\",\"n\":4}\n", 2);
	look(ok, "two of them live side by side");
	for (size_t i = 0; i < INSTANCES; i++)
		output_case_close(&c[i]);
}

int
main(int argc, char **argv)
{
	static struct output_case c;

	if (argc != 2) {
		fprintf(stderr, "usage: output-kit '{type: ...}'\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!look(output_case_load(&c, argv[1]), "its settings are good")) {
		printf("       %s\n", c.e.text);
		return 1;
	}
	output_case_close(&c);
	if (!look(output_case_open(&c, argv[1]), "it can be opened")) {
		printf("       %s\n", c.e.text);
		return 1;
	}
	sizes_of_batches(&c);
	hard_records(&c);
	flush_and_reopen(&c);
	positions(&c);
	output_case_close(&c);
	close_with_records_under_way(argv[1]);
	two_at_once(argv[1]);
	printf("%u records were given, %u rules do not hold\n", sent, failed);
	return failed > 0;
}
