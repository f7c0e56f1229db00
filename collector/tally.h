/*
 * tally.h - what has been counted, as rows of the books.
 *
 *     tally_save(&counts, &buf);               // of one input, or of all
 *     err = tally_load(bytes, &counts);
 *
 * Rejections and verdicts stand in a row by their names: a later version may
 * have others.  Pure functions.
 */
#ifndef ST_TALLY_H
#define ST_TALLY_H

#include "collector/pipeline.h"

void tally_save(const struct sift_counts *c, struct buf *out);
int tally_load(struct slice bytes, struct sift_counts *result) ST_MUSTCHECK;

/* What the pipeline has counted, as a row. */
void tally_save_pipeline(const struct pipeline_counts *p, struct buf *out);
int tally_load_pipeline(
    struct slice bytes, struct pipeline_counts *result) ST_MUSTCHECK;

#endif
