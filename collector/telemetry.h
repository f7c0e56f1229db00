/*
 * telemetry.h - whether what should come still comes, and in time.
 *
 *     telemetry_heard(t, "tcp:127.0.0.1:6514", now);      // an input
 *     telemetry_account(t, account, now);
 *     telemetry_arrival(t, input, late, now);
 *     telemetry_check(t, now, on_notice, arg);            // each second
 *
 * Silence is an alarm: an input, or an account, that stops sending against its
 * own habit is a source_silent (detect/cadence).  So is lateness: where, of the
 * events of an hour, TELEMETRY_LATE_MIN and one in TELEMETRY_LATE_SHARE came
 * later than `detect: lateness`, the hour is a late_events of that input.
 * Reading old files is neither.  Owned by the pipeline's thread.
 */
#ifndef ST_TELEMETRY_H
#define ST_TELEMETRY_H

#include "detect/cadence.h"
#include "detect/notice.h"

#define TELEMETRY_LATE_MIN 20
#define TELEMETRY_LATE_SHARE 10
#define TELEMETRY_HOUR_S 3600
#define TELEMETRY_INPUTS_MAX 4096

struct telemetry;
struct telemetry *telemetry_new(void); /* NULL without memory */
void telemetry_free(struct telemetry *t);

/* `name` of input number `input`, which lives as long as this does. */
void telemetry_heard(
    struct telemetry *t, unsigned input, const char *name, struct when now);
/* An account's or a project's event arrived. */
void
telemetry_account(struct telemetry *t, struct slice account, struct when now);
/* An event of this input arrived, late or not. */
void telemetry_arrival(struct telemetry *t, unsigned input, bool late);
/* We were not there to hear until now. */
void telemetry_resume(struct telemetry *t, struct when now);

/* The notice lives until the callback returns. */
typedef void telemetry_cb(void *arg, const struct notice *n);
void telemetry_check(
    struct telemetry *t, struct when now, telemetry_cb *cb, void *arg);

/* Is it one of those that were told as silent? */
bool telemetry_is_silent(const struct telemetry *t, struct slice source);
struct cadence *telemetry_cadence(struct telemetry *t);

#endif
