/*
 * findings.h - the findings of a period, each as it was told last.
 *
 *     struct findings f;
 *     findings_init(&f);
 *     err = findings_take(&f, line, &period);   // a finding as native JSON
 *     const struct kept_finding **v = findings_sorted(&f);
 *     findings_release(&f);
 *
 * Of several lines with one id the one with the highest revision counts.  The
 * first FINDINGS_MAX are kept in short, the strongest FINDINGS_WHOLE of them
 * with their line, from which their story can be read again.  One owner.
 */
#ifndef ST_FINDINGS_H
#define ST_FINDINGS_H

#include "detect/finding.h"
#include "lib/map.h"
#include "report/period.h"

#define FINDINGS_MAX 50000
#define FINDINGS_WHOLE 100
#define FINDINGS_LINE_MAX ((size_t)64 << 10) /* a longer line is not kept */

struct kept_finding {
	struct slice id, title, principal, account, action, target, region;
	uint32_t index;
	unsigned revision;
	enum severity severity;
	double score;
	uint64_t count;
	struct when time, first, last;
	struct ack ack; /* at not valid: nobody has */
	char country[3];
	enum reason_code codes[VERDICT_REASONS_MAX];
	unsigned n_codes;
	struct buf line; /* the whole; empty where it is not kept */
	char text[];     /* what the slices point into */
};

struct findings {
	struct arena arena; /* of one line */
	struct map map;
	struct kept_finding **v; /* n of them, in the order they came */
	size_t n, room;
	uint32_t whole[FINDINGS_WHOLE]; /* indexes of those with a line */
	unsigned n_whole;
	uint64_t lines;   /* findings read, each revision */
	uint64_t dropped; /* lines of findings beyond FINDINGS_MAX */
};

void findings_init(struct findings *f);
void findings_release(struct findings *f);

/* One outside of the period is passed over.  ST_EFORMAT: no finding; ST_ENOMEM. */
int findings_take(struct findings *f, struct slice line,
    const struct period *period) ST_MUSTCHECK;

/* By severity, score, first event, id; the caller frees the list.  NULL
 * without findings or without memory. */
const struct kept_finding **findings_sorted(const struct findings *f);

#endif
