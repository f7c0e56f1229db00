/*
 * progress.c - how far a command is, and what it could not read, on stderr.
 *
 * See progress.h.
 */
#include "config.h"

#include "cli/progress.h"

#include "lib/jsonw.h"

#include <stdio.h>
#include <unistd.h>

#define BAR 20 /* columns */

void
progress_init(struct progress *p, bool quiet)
{
	*p = (struct progress){ .on = !quiet && isatty(STDERR_FILENO) };
	clock_gettime(CLOCK_MONOTONIC, &p->started);
}

static double
since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - t->tv_sec) +
	    (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

double
progress_seconds(const struct progress *p)
{
	return since(&p->started);
}

void
progress_show(struct progress *p, uint64_t done, uint64_t total,
    const char *things, uint64_t n)
{
	double t, share;

	if (!p->on || since(&p->shown) < PROGRESS_EVERY)
		return;
	clock_gettime(CLOCK_MONOTONIC, &p->shown);
	t = since(&p->started);
	share = total ? (double)done / (double)total : 0;
	if (share > 1)
		share = 1;
	fprintf(stderr, "\r\033[K[%-*.*s] %3.0f%%  %.0f MB  %.0f %s/s", BAR,
	    (int)(share * BAR), "####################", share * 100,
	    (double)done / 1e6, t > 0 ? (double)n / t : 0, things);
	if (share > 0.01)
		fprintf(stderr, "  %.0f s left", t / share - t);
}

void
progress_clear(struct progress *p)
{
	if (p->on && p->shown.tv_sec)
		fputs("\r\033[K", stderr);
}

void
progress_note(struct progress *p, const char *line)
{
	struct buf b = BUF_INIT;

	progress_clear(p);
	jsonw_escape(&b, slice_str(line));
	fprintf(stderr, "stsentry: %.*s\n", (int)b.n, b.p ? b.p : "");
	buf_release(&b);
}
