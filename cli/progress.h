/*
 * progress.h - how far a command is, and what it could not read, on stderr.
 *
 *     struct progress p;
 *     progress_init(&p, quiet);
 *     progress_show(&p, done, total, "records", n);   // as often as one likes
 *     progress_note(&p, "logs/a.gz: cut off");
 *     progress_clear(&p);
 *
 * The bar is drawn only on a terminal, at most every PROGRESS_EVERY seconds.
 * Main thread, or one at a time.
 */
#ifndef ST_PROGRESS_H
#define ST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define PROGRESS_EVERY 0.2

struct progress {
	bool on;
	struct timespec started, shown;
};

void progress_init(struct progress *p, bool quiet);
/* Seconds since progress_init(). */
double progress_seconds(const struct progress *p);
/* Bytes done and in all (0: not known), and `n` things that came of them. */
void progress_show(struct progress *p, uint64_t done, uint64_t total,
    const char *things, uint64_t n);
/* Takes the bar away. */
void progress_clear(struct progress *p);
/* "stsentry: LINE"; names in it may hold anything. */
void progress_note(struct progress *p, const char *line);

#endif
