/*
 * hello.c - an output of one's own: greets each finding, in a file.
 *
 * To be copied and changed.  Builds outside of stsentry's tree, against its one
 * installed header, which is the manual:
 *
 *     cc -shared -fPIC -o hello.so hello.c
 *
 *     # stsentry.yaml
 *     outputs:
 *       - type: plugin
 *         path: /usr/local/lib/hello.so
 *         options: {to: /var/log/stsentry/hello.txt, greeting: Hello}
 */
#include <stsentry/output.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hello {
	const struct stsentry_host *host;
	const struct stsentry_setup *setup;
	FILE *file;
};

static const struct stsentry_option options[] = {
	{ "to", STSENTRY_FILE, 1, NULL, 0, 0, "the file that it writes to" },
	{ "greeting", STSENTRY_TEXT, 0, "Hello", 0, 0, "what it says first" },
	{ NULL, 0, 0, NULL, 0, 0, NULL }
};

static int
fail(struct stsentry_why *why, const char *what)
{
	snprintf(
	    why->text, sizeof(why->text), "%.400s: %s", what, strerror(errno));
	return -1;
}

/* Changes nothing: the configuration is only looked at. */
static int
hello_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	if (stsentry_setting(setup, "greeting")->text[0])
		return 0;
	snprintf(why->text, sizeof(why->text), "greeting: is empty");
	return -1;
}

static int
open_file(struct hello *h, struct stsentry_why *why)
{
	const char *path = stsentry_setting(h->setup, "to")->text;
	FILE *file = fopen(path, "ae");

	if (!file)
		return fail(why, path);
	if (h->file)
		fclose(h->file);
	h->file = file;
	return 0;
}

static void *
hello_open(const struct stsentry_setup *setup, const struct stsentry_host *host,
    struct stsentry_why *why)
{
	struct hello *h = calloc(1, sizeof(*h));

	if (!h) {
		fail(why, "hello");
		return NULL;
	}
	h->host = host;
	h->setup = setup;
	if (open_file(h, why) < 0) {
		free(h);
		return NULL;
	}
	host->log(host, STSENTRY_INFO, "greets each finding");
	return h;
}

static void
greet(struct hello *h, const struct stsentry_record *r)
{
	static const char *const words[] = { "informational", "low", "medium",
		"high", "critical" };

	fprintf(h->file, "%s, %s finding %s (revision %u)\n",
	    stsentry_setting(h->setup, "greeting")->text,
	    words[r->severity <= 4 ? r->severity : 4], r->id,
	    (unsigned)r->revision);
}

/* Each record gets its answer, here at once. */
static void
hello_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct hello *h = self;
	struct stsentry_answer answer = { STSENTRY_DONE, 0, NULL };

	for (size_t i = 0; i < n; i++)
		greet(h, &records[i]);
	if (fflush(h->file) != 0) {
		answer.verdict = STSENTRY_AGAIN;
		answer.why = strerror(errno);
		clearerr(h->file);
	}
	h->host->answer(h->host, records, n, &answer);
}

static int
hello_flush(void *self, struct stsentry_why *why)
{
	struct hello *h = self;

	return fflush(h->file) == 0 ? 0 : fail(why, "flush");
}

static int
hello_reopen(void *self, struct stsentry_why *why)
{
	return open_file(self, why);
}

static void
hello_close(void *self)
{
	struct hello *h = self;

	fclose(h->file);
	free(h);
}

extern const struct stsentry_output stsentry_output;
const struct stsentry_output stsentry_output = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "hello",
	.help = "greets each finding, in a file",
	.options = options,
	.check = hello_check,
	.open = hello_open,
	.send = hello_send,
	.flush = hello_flush,
	.reopen = hello_reopen,
	.close = hello_close,
};
