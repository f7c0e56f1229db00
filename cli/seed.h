/*
 * seed.h - a scan that goes on from a state folder, and leaves it richer.
 *
 *     err = seed_open(dir, pipeline, &s, e);   // before the first request
 *     err = seed_step(s, e);                   // after each
 *     err = seed_commit(s, e);                 // at the end
 *     seed_free(s);
 *
 * What detection has learned and which records were seen is read from the
 * folder and committed to it, now and then and at the end; so a scan of old
 * logs teaches the daemon that is started on the folder afterwards, and the
 * same records teach once however often they are given.  What is open in the
 * daemon (findings, requests that wait for their twin) is neither read nor
 * touched.  ST_EBUSY where a daemon runs on the folder.  Main thread.
 */
#ifndef ST_SEED_H
#define ST_SEED_H

#include "collector/pipeline.h"

#define SEED_STEP 50000 /* requests between two commits */

struct seed;
int seed_open(const char *dir, struct pipeline *p, struct seed **result,
    struct err *e) ST_MUSTCHECK;
int seed_step(struct seed *s, struct err *e) ST_MUSTCHECK;
int seed_commit(struct seed *s, struct err *e) ST_MUSTCHECK;
void seed_free(struct seed *s); /* what is not committed is forgotten */

#endif
