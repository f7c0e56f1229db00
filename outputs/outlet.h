/*
 * outlet.h - one configured output, as whoever makes records sees it.
 *
 *     struct outlet *o;
 *     err = outlet_new(&config->outputs[i], &limits, host, &o, &e);
 *     err = outlet_open(o, delivery, lasts, &e);
 *     outlet_finding(o, &finding);            // waits, if it wants it
 *     err = outlet_save(o, put, arg);         // with the commit, if there is one
 *     outlet_kept(o);                         // now it may be sent
 *     if (outlet_is_over(o)) ...              // stop what fills it
 *     outlet_free(o);
 *
 * Puts together a route, a format, an outbox (what waits) and a courier (which
 * sends it, on the delivery thread).  All of this belongs to the thread that
 * decides.
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
/* Before the delivery thread runs.  `lasts`: rows are saved and kept. */
int outlet_open(struct outlet *o, struct delivery *d, bool lasts,
    struct err *e) ST_MUSTCHECK;
/* When the delivery thread does not run any more. */
void outlet_free(struct outlet *o);

/* At the start, also without rows: ST_ENOENT where a row is another's. */
int outlet_load(
    struct outlet *o, struct slice key, struct slice value) ST_MUSTCHECK;
int outlet_loaded(struct outlet *o, struct err *e) ST_MUSTCHECK;

void outlet_finding(struct outlet *o, const struct finding *f);
void outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group);

/* What was claimed of its dead letters waits again, as newly made; forget it
 * when that is kept. */
void outlet_add_dead(struct outlet *o);
void outlet_forget_dead(struct outlet *o);

/* It gets nothing new and gives nothing more away, but for the answers to what
 * is on its way; what waits stays, until it is back. */
void outlet_set_away(struct outlet *o, bool away);

/* See outbox.h. */
bool outlet_is_over(struct outlet *o);
bool outlet_has_news(struct outlet *o);
int outlet_save(struct outlet *o, pack_row *put, void *arg) ST_MUSTCHECK;
void outlet_kept(struct outlet *o);

void outlet_look(struct outlet *o, struct outlet_view *result);
const char *outlet_name(const struct outlet *o);

#endif
