/*
 * sift.h - from a frame to token requests, uses of temporary credentials and
 * grants.
 *
 *     struct sifter *s = sifter_new(&options, &calls, arg);
 *     sifter_frame(s, frame.bytes, frame.scan, frame.offset);
 *     sifter_free(s);
 *
 * Unwraps what senders put around a record (envelope.h), looks at each record
 * once, and reads in full only those that may be token requests.  Ordinary
 * records end here after one pass over their bytes, without allocation.
 * A sifter belongs to one worker: no locks.
 */
#ifndef ST_SIFT_H
#define ST_SIFT_H

#include "events/catalogue.h"
#include "events/reject.h"
#include "events/request.h"
#include "events/use.h"
#include "lib/jscan.h"

#define SIFT_WRAPPERS_MAX 8

struct sift_options {
	const struct api_choice *apis; /* NULL: the default; must outlive */
	size_t max_record;             /* 0: 1 MiB */
	size_t max_inflated;           /* of one body; 0: 64 MiB */
	unsigned max_inflate_ratio;    /* 0: 200 */
	unsigned max_wrappers;         /* 0: SIFT_WRAPPERS_MAX */
};

/* Counts of one input; received = the sum of the others. */
struct sift_counts {
	uint64_t received, token_requests, uses, other;
	uint64_t rejected[REJECT_COUNT];
	uint64_t bytes;
};
void sift_counts_add(struct sift_counts *to, const struct sift_counts *from);
uint64_t sift_rejected(const struct sift_counts *c);

struct sift_calls {
	/* input_file is 0; the rest of a request is filled in but the place.
	 * It and its slices live until the callback returns. */
	void (*request)(void *arg, struct request *r);
	/* Slices live until the callback returns.  May be NULL. */
	void (*use)(
	    void *arg, const struct use *u, uint64_t offset, uint32_t index);
	/* A record that was counted as a use or other lets somebody ask for
	 * tokens (grant.h).  As with `request`; may be NULL. */
	void (*grant)(void *arg, struct request *r);
	/* `some` is how it begins; may be NULL. */
	void (*reject)(void *arg, enum reject why, uint64_t offset,
	    struct slice some, uint64_t length);
};

struct sifter;
struct sifter *sifter_new(
    const struct sift_options *o, const struct sift_calls *calls, void *arg);
void sifter_free(struct sifter *s);

/* `scan`: what jscan_value() said of these very bytes (a struct frame has it);
 * NULL: the bytes are a line, with a header perhaps, or any JSON value. */
void sifter_frame(struct sifter *s, struct slice bytes,
    const struct jscan *scan, uint64_t offset);
/* For what the framer rejected: counts it and calls `reject`. */
void sifter_reject(struct sifter *s, enum reject why, uint64_t offset,
    struct slice some, uint64_t length);

/* What it counted since the last call; starts anew from zero. */
void sifter_take_counts(struct sifter *s, struct sift_counts *result);

/* "looks cut at 2048 bytes: Fluent Bit's out_syslog `syslog_maxsize`", or NULL
 * where the length tells nothing. */
const char *sift_truncation_hint(uint64_t length);

#endif
