/*
 * outlet.h - one configured output, as whoever makes records sees it.
 *
 *     struct outlet *o;
 *     err = outlet_new(&config->outputs[i], &limits, host, &o, &e);
 *     err = outlet_open(o, delivery, lasts, &e);
 *     err = outlet_begin(o, &e);              // once its rows are loaded
 *     outlet_finding(o, &finding);            // waits, if it wants it
 *     err = outlet_save(o, put, arg);         // with the commit, if there is one
 *     outlet_kept(o);                         // now it may be sent
 *     if (outlet_is_over(o)) ...              // stop what fills it
 *     outlet_free(o);
 *
 * Puts together a route, a format, an outbox (what waits) and a courier (which
 * sends it, on the delivery thread).  Where not said otherwise all of this
 * belongs to the thread that decides.
 *
 * In a running daemon one takes the place of another of its name:
 *
 *     outlet_follow(next, old);               // main, then outlet_open()
 *     outlet_take_over(next);                 // who decides: from now on it
 *     outlet_rest(old); outlet_is_idle(old)   // the delivery thread
 *     outlet_close(old); outlet_begin(next)
 *     outlet_free(old);                       // main, when nobody looks at it
 *
 * What waits goes on, as it was written.  One that is taken out is followed by
 * one that is away: it has what waits and nothing else.
 */
#ifndef ST_OUTLET_H
#define ST_OUTLET_H

#include "conf/config.h"
#include "detect/finding.h"
#include "outputs/courier.h"
#include "outputs/outbox.h"

struct delivery;

/* 0: OUTLET_RECORDS, OUTLET_BYTES, any age. */
struct outlet_limits {
	size_t records, bytes;
	int64_t age_ms;
};
#define OUTLET_RECORDS ((size_t)100000)
#define OUTLET_BYTES ((size_t)64 << 20)

struct outlet_view {
	char name[CONFIG_NAME_MAX + 1];
	int type; /* enum output_type */
	struct outbox_counts counts;
	uint64_t held; /* by max_per_hour, since the start; never made */
	struct courier_view courier;
	bool away;
};

struct outlet;

/* Checks all that can be checked without changing anything.  The config must
 * outlive it.  `host` may be NULL: who says it, in formats that tell. */
int outlet_new(const struct output_config *c, const struct outlet_limits *l,
    const char *host, struct outlet **result, struct err *e) ST_MUSTCHECK;
/* One that is away, in the place of `before`; NULL without memory. */
struct outlet *outlet_new_away(struct outlet *before);
/* Before it is opened: it is to have what waits for `before`, which stays until
 * outlet_take_over(). */
void outlet_follow(struct outlet *o, struct outlet *before);

/* These five on the delivery thread, or before it runs, or after.  `lasts`:
 * rows are saved and kept. */
int outlet_open(struct outlet *o, struct delivery *d, bool lasts,
    struct err *e) ST_MUSTCHECK;
/* Something may be sent. */
int outlet_begin(struct outlet *o, struct err *e) ST_MUSTCHECK;
void outlet_rest(struct outlet *o);
bool outlet_is_idle(const struct outlet *o);
/* What is on its way waits again; whoever follows begins there.  `gone`: nobody
 * does. */
void outlet_close(struct outlet *o, bool gone);

/* Closed, or never begun, or when the delivery thread does not run any more. */
void outlet_free(struct outlet *o);

/* False: nobody was before it, and rows of its name are to be loaded. */
bool outlet_take_over(struct outlet *o);
/* At the start, also without rows: ST_ENOENT where a row is another's. */
int outlet_load(
    struct outlet *o, struct slice key, struct slice value) ST_MUSTCHECK;
void outlet_loaded(struct outlet *o);

void outlet_finding(struct outlet *o, const struct finding *f);
/* `line`: its decision line (decision_write()), where the caller has one. */
void outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group, struct slice line);

/* What was claimed of its dead letters waits again, as newly made; forget it
 * when that is kept. */
void outlet_add_dead(struct outlet *o);
void outlet_forget_dead(struct outlet *o);

/* See outbox.h. */
bool outlet_is_over(struct outlet *o);
bool outlet_has_news(struct outlet *o);
int outlet_save(struct outlet *o, pack_row *put, void *arg) ST_MUSTCHECK;
struct buf outlet_take_told(struct outlet *o);
void outlet_kept(struct outlet *o);

void outlet_look(struct outlet *o, struct outlet_view *result);
const char *outlet_name(const struct outlet *o);
bool outlet_is_away(const struct outlet *o);

#endif
