/*
 * intake.h - from frames to batches on their way to the pipeline.
 *
 *     struct intake *in = intake_new(&shared, &e);
 *     intake_begin(in, input, stream, "conn 17 tcp 192.0.2.1:4431");
 *     framer_feed(framer, bytes, n);        // framer calls intake_frame()
 *     intake_end(in, NULL);
 *     go_on = intake_flush(in);             // false: stop reading
 *     intake_free(in);
 *
 * One for each thread that reads: it owns a sifter, a cache of places and a
 * batch for each input.  The queue to the pipeline is shared by all.
 */
#ifndef ST_INTAKE_H
#define ST_INTAKE_H

#include "collector/frame.h"
#include "collector/mark.h"
#include "conf/config.h"
#include "detect/notice.h"
#include "events/catalogue.h"
#include "events/sift.h"
#include "lib/batchq.h"

struct geo;
struct http_shared;

/* What all intakes share; must outlive them. */
struct intake_shared {
	const struct config *config;
	const struct geo *geo; /* NULL: no places */
	const struct api_choice *apis;
	struct batchq *queue;
	/* The number that batches bear, for each input of the configuration;
	 * NULL: its place there. */
	const unsigned *input_ids;
	/* Of all http inputs; NULL where there is none. */
	struct http_shared *http;
};

struct intake;
struct intake *intake_new(const struct intake_shared *s); /* NULL: no memory */
/* What was not flushed is lost. */
void intake_free(struct intake *in);

/* Whose bytes come now: index into config->inputs, a number of the stream,
 * and its name for messages, which must live until intake_end(). */
void intake_begin(
    struct intake *in, unsigned input, uint64_t stream, const char *label);
/* After intake_begin(): what comes is old, or not, whatever its input says (of
 * files: old). */
void intake_history(struct intake *in, bool history);
/* After intake_begin(): besides what the input may say, whose bytes these are
 * may speak only for accounts that match one of these.  n 0: no such limit.
 * The list must live until intake_end(). */
void intake_limit(struct intake *in, const char *const *accounts, size_t n);
/* What the bytes since intake_begin() held; `counts` may be NULL. */
void intake_end(struct intake *in, struct sift_counts *counts);

/*
 * Between the two: the mark is kept when all that came through this input up
 * to here is.  Its row's bounds are those of mark.h.  False without memory:
 * then it is not made.
 */
bool intake_mark(struct intake *in, const struct mark *m);

/* Between the two: something about this input that people should know.
 * False without memory. */
bool intake_notice(struct intake *in, const struct notice *n);

/* After intake_begin(): called behind the frame with which a batch has become
 * full, before it is handed over, so that a mark can close it. */
typedef void intake_full_cb(void *arg, const struct frame *f);
void intake_on_full(struct intake *in, intake_full_cb *cb, void *arg);

/* For framer_new(), with the intake as their argument. */
frame_cb intake_frame;
frame_reject_cb intake_reject;

/* Hand over every batch that holds a request, a mark or a notice; false from the high mark on:
 * read no more until the queue is low. */
bool intake_flush(struct intake *in);
/* The same, and counts without a request, too. */
bool intake_flush_all(struct intake *in);
/* The last hand-over reached the high mark: look again by flushing. */
bool intake_is_full(const struct intake *in);
/* Some input has counts that were not handed over. */
bool intake_has_counts(const struct intake *in);

#endif
