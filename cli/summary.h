/*
 * summary.h - what a scan saw, in a page for a person.
 *
 * Counts while the scan decides, and prints at its end.  Tables are bounded:
 * beyond TALLY_MAX names of a kind, new ones are counted together.  Main
 * thread.
 */
#ifndef ST_SUMMARY_H
#define ST_SUMMARY_H

#include "detect/baseline.h"
#include "detect/finding.h"
#include "events/sift.h"

#include <stdio.h>

#define TALLY_MAX 4096
#define SUMMARY_TOP 5

struct summary;
struct summary *summary_new(void);
void summary_free(struct summary *s);
void summary_decision(
    struct summary *s, const struct request *r, const struct verdict *v);
void summary_finding(struct summary *s, const struct finding *f);

struct summary_totals {
	const struct sift_counts *counts;
	uint64_t duplicates, files, bytes, unreadable;
	double seconds;
	struct baseline_counts usual;
};
void
summary_print(const struct summary *s, const struct summary_totals *t, FILE *f);

#endif
