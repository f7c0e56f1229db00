/*
 * courier.h - takes what waits for one output to it, and hears what becomes of
 * it.
 *
 *     err = courier_new(&setup, &c, &e);     // opens the output
 *     courier_begin(c, &e);                  // the outbox is loaded, and ours
 *     courier_turn(c);                       // whenever something has changed
 *     courier_end(c);
 *     courier_free(c);                       // once the output is freed
 *
 * One batch at a time: with a state the next goes only when what became of the
 * one before outlasts us (sent.h), so that a process that dies repeats one
 * batch at most, and nothing where the output knows positions.  Refused as a whole, a batch is
 * sent again in halves until the one at fault stands alone, and goes to the
 * dead letters.  Failures wait as pace.h says.  Two may look at one outbox, of
 * which one has not begun, or has ended.  On the delivery thread, or before it
 * runs.
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
/* Nothing is sent before.  Where the output has positions, it is looked at anew,
 * and what the outbox does not know of is cut. */
int courier_begin(struct courier *c, struct err *e) ST_MUSTCHECK;
void courier_turn(struct courier *c);
/* Makes last what was sent, before the output is freed.  NULL is fine. */
void courier_end(struct courier *c);
/* Once the output is freed: what it did not answer waits again.  NULL is
 * fine. */
void courier_free(struct courier *c);
/* With the next turn in which nothing is on its way. */
void courier_reopen(struct courier *c);
/* Try now, whatever failed before. */
void courier_retry(struct courier *c);
/* Nothing new is taken any more. */
void courier_rest(struct courier *c);
/* Nothing is on its way. */
bool courier_is_idle(const struct courier *c);
/* The position that the outbox has is of nothing any more: others may write
 * there. */
void courier_forget_mark(struct courier *c);

/* Any thread. */
void courier_look(struct courier *c, struct courier_view *result);

#endif
