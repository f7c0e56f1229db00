/*
 * courier.h - takes what waits for one output to it, and hears what becomes of
 * it.
 *
 *     err = courier_new(&setup, &c, &e);     // before the loop runs
 *     courier_resume(c, &e);                 // once the outbox is loaded
 *     courier_turn(c);                       // whenever something has changed
 *     courier_free(c);
 *
 * One batch at a time: with a state the next goes only when it is kept what
 * became of the one before, so that a crash repeats one batch at most, and
 * nothing where the output knows positions.  Refused as a whole, a batch is
 * sent again in halves until the one at fault stands alone, and goes to the
 * dead letters.  Failures wait as pace.h says.  On the delivery thread.
 */
#ifndef ST_COURIER_H
#define ST_COURIER_H

#include "conf/config.h"
#include "outputs/outbox.h"

struct loop;
struct output;

#define COURIER_LOCAL_MS 1000 /* the most between two tries on this machine */
#define COURIER_DEAD_MS 60000 /* a dead letter that could not be written */
#define COURIER_BYTES ((size_t)4 << 20) /* of one batch */

struct courier_setup {
	const struct output_config *config;
	struct output *output; /* not open yet */
	struct outbox *box;
	struct loop *loop;
	struct slice head; /* what a new file begins with */
	bool lasts;        /* there is a state */
};

/* What others may see of it, at any time. */
struct courier_view {
	bool busy;        /* something is on its way */
	bool stuck;       /* the last try failed */
	int64_t next_try; /* of one that is stuck: seconds since 1970 */
};

struct courier;
int courier_new(const struct courier_setup *s, struct courier **result,
    struct err *e) ST_MUSTCHECK;
/* NULL is fine.  Before the output is freed. */
void courier_free(struct courier *c);
/* Cuts what the outbox does not know of, where the output has positions. */
int courier_resume(struct courier *c, struct err *e) ST_MUSTCHECK;
void courier_turn(struct courier *c);
/* With the next turn in which nothing is on its way. */
void courier_reopen(struct courier *c);
/* Try now, whatever failed before. */
void courier_retry(struct courier *c);
/* Nothing new is taken any more. */
void courier_rest(struct courier *c);

/* Any thread.  While it is away nothing new is taken, either. */
void courier_set_away(struct courier *c, bool away);
/* Any thread. */
void courier_look(struct courier *c, struct courier_view *result);

#endif
