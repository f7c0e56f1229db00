/*
 * exec.c - an output into a program that reads lines and answers with lines.
 *
 * Each record is a line on its standard input; it answers each, in order, with
 * a line on its standard output:
 *
 *     done                     it need never come again
 *     again [SECONDS] [WHY]    not now
 *     lost [WHY]               never
 *
 * What it writes to its error output goes into our log.  A program that ends,
 * says anything else, or says nothing for `timeout`, is started again for the
 * next record that comes, which the core delays each time more; what it had not
 * answered comes again.
 */
#include <stsentry/output.h>

#include "outputs/exec/answer.h"
#include "outputs/exec/child.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 10000
#define END_LOOK_MS 10
#define END_LOOKS 500
#define ANSWER_MAX 512 /* bytes of a line of its */
#define ENV_MAX 4
#define LOG_LINES_MAX 100 /* of its error output, between two answers */

struct line {
	char text[ANSWER_MAX];
	size_t n;
};

struct exec {
	const struct stsentry_host *host;
	char **argv;
	char *env[ENV_MAX + 1];
	int64_t timeout;
	struct child child;
	struct stsentry_watch *in, *out, *err;
	struct stsentry_timer *patience;
	struct line answer, log;
	bool ends;      /* its output has ended */
	unsigned looks; /* whether it has, since then */
	unsigned lines; /* logged since the last answer */
	/* what it has to answer: n records from the first on, of which `sent`
	 * are written whole, and `at` bytes of the next */
	const struct stsentry_record *records;
	size_t n, sent, at;
};

static int
fail(struct stsentry_why *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return -1;
}

static int
exec_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	const struct stsentry_setting *command = stsentry_setting(
	    setup, "command");
	struct stat st;

	errno = 0;
	if (!command)
		return fail(why, "an exec output needs a command");
	if (strcmp(setup->format, "text") == 0)
		return fail(why,
		    "format: text has many lines a finding, a program gets one "
		    "line; use json");
	if (stat(command->text, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(command->text, X_OK) == 0)
		return 0;
	snprintf(why->text, sizeof(why->text), "cannot run %.400s: %s",
	    command->text, errno ? strerror(errno) : "it is no program");
	return -1;
}

/* ---- the program's life ---- */

static void
unwatch(struct exec *x)
{
	x->host->unwatch(x->in);
	x->host->unwatch(x->out);
	x->host->unwatch(x->err);
	x->in = x->out = x->err = NULL;
}

/* It is of no use any more: what it has not answered comes again. */
static void
give_up(struct exec *x, const char *why)
{
	struct stsentry_answer again = { .verdict = STSENTRY_AGAIN,
		.why = why };
	const struct stsentry_record *rest = x->records;
	size_t n = x->n;

	x->host->log(x->host, STSENTRY_WARNING, "%s", why);
	child_kill(&x->child, SIGKILL);
	unwatch(x);
	child_release(&x->child);
	x->host->timer_set(x->patience, -1);
	x->ends = false;
	x->looks = 0;
	x->answer.n = x->n = x->sent = x->at = 0;
	x->host->answer(x->host, rest, n, &again);
}

static void
give_up_ended(struct exec *x, int status)
{
	char why[64];

	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "the program ended by signal %d",
		    WTERMSIG(status));
	else
		snprintf(why, sizeof(why), "the program ended with status %d",
		    WEXITSTATUS(status));
	give_up(x, why);
}

/* Its output ends a moment before it does: how it ended is worth waiting. */
static void
look_at_end(struct exec *x)
{
	int status = 0;

	if (child_is_gone(&x->child, &status))
		give_up_ended(x, status);
	else if (++x->looks > END_LOOKS)
		give_up(x, "the program closed its output");
	else
		x->host->timer_set(x->patience, END_LOOK_MS);
}

static void
begin_end(struct exec *x)
{
	x->host->unwatch(x->in);
	x->host->unwatch(x->out);
	x->in = x->out = NULL;
	child_end_input(&x->child);
	x->ends = true;
	look_at_end(x);
}

static void
on_impatience(void *arg)
{
	struct exec *x = arg;

	if (x->ends)
		look_at_end(x);
	else
		give_up(x, "the program does not answer");
}

/* ---- its answers ---- */

/* False when it was given up. */
static bool
take_answer(struct exec *x)
{
	const struct stsentry_record *first = x->records;
	struct stsentry_answer a;

	if (!exec_answer_read(x->answer.text, &a) || x->sent == 0) {
		give_up(x,
		    x->sent == 0 ? "the program answers what it was not asked"
				 : "the program says neither done, again nor "
				   "lost");
		return false;
	}
	x->lines = 0;
	x->records++;
	x->n--;
	x->sent--;
	x->host->timer_set(x->patience, x->n > 0 ? x->timeout : -1);
	x->host->answer(x->host, first, 1, &a);
	return true;
}

static void
log_line(struct exec *x)
{
	if (x->lines++ < LOG_LINES_MAX)
		x->host->log(x->host, STSENTRY_INFO, "%s", x->log.text);
}

/* One line more of it; false when nobody listens any more. */
typedef bool line_cb(struct exec *x);

static bool
add_bytes(struct exec *x, struct line *l, const char *p, size_t n, line_cb *cb)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n') {
			/* The rest of a long one says nothing more. */
			if (l->n < sizeof(l->text) - 1)
				l->text[l->n++] = p[i] ? p[i] : ' ';
			continue;
		}
		l->text[l->n] = '\0';
		l->n = 0;
		if (!cb(x))
			return false;
	}
	return true;
}

static bool
keep_log(struct exec *x)
{
	log_line(x);
	return true;
}

static void
on_output(void *arg, unsigned events)
{
	struct exec *x = arg;
	char bytes[4096];
	ssize_t n = read(x->child.out, bytes, sizeof(bytes));

	(void)events;
	if (n > 0)
		add_bytes(x, &x->answer, bytes, (size_t)n, take_answer);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		begin_end(x);
}

static void
on_error_output(void *arg, unsigned events)
{
	struct exec *x = arg;
	char bytes[4096];
	ssize_t n = read(x->child.err, bytes, sizeof(bytes));

	(void)events;
	if (n > 0) {
		add_bytes(x, &x->log, bytes, (size_t)n, keep_log);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		x->host->unwatch(x->err);
		x->err = NULL;
	}
}

/* ---- its input ---- */

/* 1: all is out, 0: later, -1: it does not read any more. */
static int
write_some(struct exec *x)
{
	while (x->sent < x->n) {
		const struct stsentry_record *r = &x->records[x->sent];
		ssize_t w = write(
		    x->child.in, r->data + x->at, r->size - x->at);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return errno == EAGAIN ? 0 : -1;
		x->at += (size_t)w;
		if (x->at == r->size) {
			x->sent++;
			x->at = 0;
		}
	}
	return 1;
}

static void
on_input(void *arg, unsigned events)
{
	struct exec *x = arg;
	int state = write_some(x);

	(void)events;
	/* How it ended is seen at its output. */
	if (state != 0)
		x->host->watch_for(x->in, 0);
}

static int
start(struct exec *x, struct stsentry_why *why)
{
	const struct stsentry_host *h = x->host;

	if (child_start(&x->child, x->argv, x->env, why) < 0)
		return -1;
	x->in = h->watch(h, x->child.in, 0, on_input, x);
	x->out = h->watch(h, x->child.out, STSENTRY_READ, on_output, x);
	x->err = h->watch(h, x->child.err, STSENTRY_READ, on_error_output, x);
	return x->in && x->out && x->err ? 0 : fail(why, "out of memory");
}

static void
exec_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct exec *x = self;
	struct stsentry_why why;

	if (x->ends) {
		const struct stsentry_answer later = { STSENTRY_AGAIN, 0,
			"the program is ending" };

		x->host->answer(x->host, records, n, &later);
		return;
	}
	x->records = records;
	x->n = n;
	x->sent = x->at = 0;
	if (x->child.pid == 0 && start(x, &why) < 0) {
		give_up(x, why.text);
		return;
	}
	x->host->timer_set(x->patience, x->timeout);
	if (write_some(x) == 0)
		x->host->watch_for(x->in, STSENTRY_WRITE);
}

/* ---- a life ---- */

static void
exec_close(void *self)
{
	struct exec *x = self;

	unwatch(x);
	x->host->timer_free(x->patience);
	child_release(&x->child);
	free(x->argv);
	for (size_t i = 0; x->env[i]; i++)
		free(x->env[i]);
	free(x);
}

/* The program, its arguments, NULL. */
static bool
make_argv(struct exec *x, const struct stsentry_setup *s)
{
	size_t n = 0;

	x->argv = calloc(s->n_settings + 2, sizeof(*x->argv));
	if (!x->argv)
		return false;
	x->argv[n++] = (char *)(uintptr_t)stsentry_setting(s, "command")->text;
	for (size_t i = 0; i < s->n_settings; i++)
		if (strcmp(s->settings[i].name, "args") == 0)
			x->argv[n++] = (char *)(uintptr_t)s->settings[i].text;
	return true;
}

/* Ours may have secrets in it: it gets only what programs cannot do without. */
static bool
make_env(struct exec *x, const char *name)
{
	static const char *const passed[] = { "PATH", "LANG", "TZ" };
	char text[PATH_MAX];
	size_t n = 0;

	snprintf(text, sizeof(text), "STSENTRY_OUTPUT=%s", name);
	x->env[n] = strdup(text);
	if (!x->env[n++])
		return false;
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		const char *value = getenv(passed[i]);

		if (!value)
			continue;
		snprintf(text, sizeof(text), "%s=%s", passed[i], value);
		x->env[n] = strdup(text);
		if (!x->env[n++])
			return false;
	}
	return true;
}

static void *
exec_open(const struct stsentry_setup *setup, const struct stsentry_host *host,
    struct stsentry_why *why)
{
	const struct stsentry_setting *timeout = stsentry_setting(
	    setup, "timeout");
	struct exec *x = calloc(1, sizeof(*x));

	if (!x) {
		fail(why, "out of memory");
		return NULL;
	}
	x->host = host;
	x->child = (struct child)CHILD_NONE;
	x->timeout = timeout ? timeout->number : TIMEOUT_MS;
	x->patience = host->timer(host, on_impatience, x);
	if (x->patience && make_argv(x, setup) && make_env(x, setup->name))
		return x;
	fail(why, "out of memory");
	exec_close(x);
	return NULL;
}

static int
exec_flush(void *self, struct stsentry_why *why)
{
	(void)self;
	(void)why;
	return 0;
}

const struct stsentry_output output_exec = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "exec",
	.help = "gives lines to a program, which answers each",
	.check = exec_check,
	.open = exec_open,
	.send = exec_send,
	.flush = exec_flush,
	.reopen = exec_flush,
	.close = exec_close,
};
