/*
 * output.h - one instance of a kind of output, on a loop.
 *
 *     struct output *o;
 *     err = output_new(&config->outputs[i], host, &o, &e);   // checks
 *     err = output_open(o, &place, &e);
 *     output_send(o, records, n);            // n <= output_batch(o)
 *     ... place.on_answer(place.arg, records, n, &answer) ...
 *     err = output_flush(o, &e);
 *     output_free(o);
 *
 * The core's half of the contract in <stsentry/output.h>: finds the kind, tells
 * it its settings, is its host, and lets no answer through that the contract
 * does not allow.  Queueing, retries and what an answer leads to belong to
 * whoever sends.  Kinds are the lines ST_OUTPUT of
 * configure.ac.  One thread, the loop's.
 */
#ifndef ST_OUTPUT_H
#define ST_OUTPUT_H

#include "conf/output_kinds.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stsentry/output.h>

struct loop;
struct output;
struct output_config;

#define OUTPUT_KIND(name) extern const struct stsentry_output output_##name;
OUTPUT_KINDS(OUTPUT_KIND)
#undef OUTPUT_KIND
/* A `file` whose path has holes. */
extern const struct stsentry_output output_tree;

/* Checks all that can be checked without changing anything.  The config and
 * `machine` (may be NULL) must outlive it. */
int output_new(const struct output_config *c, const char *machine,
    struct output **result, struct err *e) ST_MUSTCHECK;

struct output_place {
	struct loop *loop;
	struct slice head; /* what a new file begins with; copied */
	/* n records of the last output_send(), each once; may come inside it.
	 * Afterwards they may go. */
	void (*on_answer)(void *arg, const struct stsentry_record *records,
	    size_t n, const struct stsentry_answer *answer);
	void *arg;
};
int output_open(struct output *o, const struct output_place *place,
    struct err *e) ST_MUSTCHECK;
/* Closes it; records without an answer get none.  NULL is fine. */
void output_free(struct output *o);

/* Only when all before are answered; they must live until then. */
void
output_send(struct output *o, const struct stsentry_record *records, size_t n);
bool output_is_idle(const struct output *o);
/* The most records that it takes at once; sends a second, 0: any. */
size_t output_batch(const struct output *o);
double output_rate(const struct output *o);

int output_flush(struct output *o, struct err *e) ST_MUSTCHECK;
int output_reopen(struct output *o, struct err *e) ST_MUSTCHECK;

/* Does it know positions?  See mark() and resume() in the contract. */
bool output_has_marks(const struct output *o);
uint64_t output_mark(struct output *o);
int
output_resume(struct output *o, uint64_t position, struct err *e) ST_MUSTCHECK;

#endif
