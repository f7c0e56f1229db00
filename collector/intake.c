/*
 * intake.c - from frames to batches on their way to the pipeline.
 *
 * See intake.h.  Knows which input a record came through and what that input
 * may say; what a record is, is the sifter's business.  Runs on the thread
 * that reads the bytes; only the queue is shared.
 */
#include "collector/intake.h"

#include "collector/batch.h"
#include "collector/recent.h"
#include "detect/pattern.h"
#include "geo/geo.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <inttypes.h>
#include <stdlib.h>

/* What one input has gathered since the last hand-over. */
struct lane {
	const struct input_config *config;
	unsigned id;         /* that batches bear */
	struct batch *batch; /* NULL: no request yet */
	struct sift_counts counts;
};

struct intake {
	struct batchq *queue;
	struct sifter *sifter;
	struct geo_cache *places;
	struct recent *recent;
	struct lane *lanes;
	unsigned n_lanes;
	bool full;
	/* Whose bytes these are. */
	struct lane *lane;
	uint64_t stream;
	const char *label;
	bool history;
	const char *const *accounts; /* intake_limit() */
	size_t n_accounts;
	intake_full_cb *on_full; /* or NULL */
	void *full_arg;
	struct sift_counts here; /* since intake_begin() */
	/* Requests that the sifter gave and we had to refuse. */
	uint64_t refused[REJECT_COUNT];
	struct rarely said;
};

/* ---- what the sifter finds ---- */

/* No list is no limit. */
static bool
is_listed(const char *const *patterns, size_t n, struct slice account)
{
	for (size_t i = 0; i < n; i++)
		if (!slice_is_null(account) &&
		    pattern_matches(slice_str(patterns[i]), account))
			return true;
	return n == 0;
}

/* The input's list and the sender's own must both allow it. */
static bool
may_speak_for(const struct intake *in, const struct request *r)
{
	const struct opt_strings *of_input = &in->lane->config->accounts;
	/* AWS: whose trail it is; the caller may be of another account. */
	struct slice account = slice_is_null(r->recipient_account)
	    ? r->account
	    : r->recipient_account;

	return is_listed(of_input->v, of_input->n, account) &&
	    is_listed(in->accounts, in->n_accounts, account);
}

static void
tell_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct intake *in = arg;
	const char *hint = sift_truncation_hint(length);
	uint64_t n;

	(void)some;
	if (!rarely(&in->said, clock_ms(), &n))
		return;
	log_warnx("%s: rejected (%s) %" PRIu64 " bytes at offset %" PRIu64
		  "%s%s; %" PRIu64 " since the last such line",
	    in->label, reject_name(why), length, offset, hint ? ", " : "",
	    hint ? hint : "", n);
}

static void
refuse(struct intake *in, enum reject why, const struct request *r)
{
	in->refused[why]++;
	tell_reject(in, why, r->input_offset, SLICE_NULL, r->raw.n);
}

static bool
need_batch(struct lane *lane)
{
	if (!lane->batch)
		lane->batch = batch_new(lane->id);
	return lane->batch != NULL;
}

static bool
put_into_batch(struct intake *in, const struct request *r)
{
	struct lane *lane = in->lane;

	if (!need_batch(lane))
		return false;
	lane->batch->history |= in->history;
	return batch_add(lane->batch, r);
}

static void
on_request(void *arg, struct request *r)
{
	struct intake *in = arg;

	r->input_file = in->stream;
	if (!may_speak_for(in, r)) {
		refuse(in, REJECT_ACCOUNT, r);
		return;
	}
	if (!slice_is_null(r->source.ip))
		geo_cache_lookup(in->places, &r->source.addr, &r->source.place);
	if (!put_into_batch(in, r))
		refuse(in, REJECT_NO_MEMORY, r);
}

/* As with uses, without memory only lineage knows less. */
static void
on_grant(void *arg, struct request *r)
{
	struct intake *in = arg;

	r->input_file = in->stream;
	if (may_speak_for(in, r) && need_batch(in->lane))
		batch_grant(in->lane->batch, r);
}

/* Counted as a use whatever becomes of it here: without memory only lineage
 * knows less. */
static void
on_use(void *arg, const struct use *u, uint64_t offset, uint32_t index)
{
	struct intake *in = arg;
	struct use_room room;
	struct request r;

	if (recent_has(in->recent, u))
		return;
	use_read(u, &room, &r);
	r.input_file = in->stream;
	r.input_offset = offset;
	r.input_index = index;
	if (!may_speak_for(in, &r))
		return;
	if (!slice_is_null(r.source.ip))
		geo_cache_lookup(in->places, &r.source.addr, &r.source.place);
	if (need_batch(in->lane))
		batch_use(in->lane->batch, &r);
}

/* ---- life ---- */

static size_t
longest_record(const struct config *c)
{
	const struct input_config *inputs = c->inputs.v;
	size_t longest = 0;

	for (size_t i = 0; i < c->inputs.n; i++)
		if (inputs[i].max_record > longest)
			longest = inputs[i].max_record;
	return longest;
}

static bool
make_lanes(struct intake *in, const struct intake_shared *s)
{
	const struct config *c = s->config;
	const struct input_config *inputs = c->inputs.v;

	in->lanes = calloc(c->inputs.n ? c->inputs.n : 1, sizeof(*in->lanes));
	if (!in->lanes)
		return false;
	in->n_lanes = (unsigned)c->inputs.n;
	for (unsigned i = 0; i < in->n_lanes; i++) {
		in->lanes[i].config = &inputs[i];
		in->lanes[i].id = s->input_ids ? s->input_ids[i] : i;
	}
	return true;
}

struct intake *
intake_new(const struct intake_shared *s)
{
	static const struct sift_calls calls = {
		.request = on_request,
		.use = on_use,
		.grant = on_grant,
		.reject = tell_reject,
	};
	const struct sift_options options = {
		.apis = s->apis,
		.max_record = longest_record(s->config),
	};
	struct intake *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->queue = s->queue;
	in->label = "";
	in->sifter = sifter_new(&options, &calls, in);
	in->places = geo_cache_new(s->geo);
	in->recent = recent_new();
	if (!make_lanes(in, s) || !in->sifter || !in->places || !in->recent) {
		intake_free(in);
		return NULL;
	}
	return in;
}

void
intake_free(struct intake *in)
{
	if (!in)
		return;
	for (unsigned i = 0; i < in->n_lanes; i++)
		batch_free(in->lanes[i].batch);
	free(in->lanes);
	geo_cache_free(in->places);
	recent_free(in->recent);
	sifter_free(in->sifter);
	free(in);
}

/* ---- bytes ---- */

void
intake_begin(
    struct intake *in, unsigned input, uint64_t stream, const char *label)
{
	in->lane = &in->lanes[input];
	in->stream = stream;
	in->label = label;
	in->history = in->lane->config->type == INPUT_FILE;
	in->accounts = NULL;
	in->n_accounts = 0;
	in->on_full = NULL;
	memset(&in->here, 0, sizeof(in->here));
}

void
intake_history(struct intake *in, bool history)
{
	in->history = history;
}

void
intake_limit(struct intake *in, const char *const *accounts, size_t n)
{
	in->accounts = accounts;
	in->n_accounts = n;
}

/* What was counted since the last time belongs to the input in hand. */
static void
take_counts(struct intake *in)
{
	struct sift_counts c;

	sifter_take_counts(in->sifter, &c);
	for (unsigned i = 0; i < REJECT_COUNT; i++) {
		c.token_requests -= in->refused[i];
		c.rejected[i] += in->refused[i];
		in->refused[i] = 0;
	}
	sift_counts_add(&in->lane->counts, &c);
	sift_counts_add(&in->here, &c);
}

bool
intake_mark(struct intake *in, const struct mark *m)
{
	struct lane *lane = in->lane;

	take_counts(in);
	return need_batch(lane) && batch_mark(lane->batch, m);
}

bool
intake_notice(struct intake *in, const struct notice *n)
{
	struct lane *lane = in->lane;

	return need_batch(lane) && batch_notice(lane->batch, n);
}

void
intake_on_full(struct intake *in, intake_full_cb *cb, void *arg)
{
	in->on_full = cb;
	in->full_arg = arg;
}

void
intake_end(struct intake *in, struct sift_counts *counts)
{
	take_counts(in);
	if (counts)
		*counts = in->here;
	in->lane = NULL;
	in->label = "";
}

/* ---- handing over ---- */

static void
hand_over(struct intake *in, struct lane *lane)
{
	struct batch *b = lane->batch;

	if (lane == in->lane)
		take_counts(in);
	b->counts = lane->counts;
	memset(&lane->counts, 0, sizeof(lane->counts));
	lane->batch = NULL;
	if (!batchq_put(in->queue, &b->item, b->n_requests, batch_size(b)))
		in->full = true;
}

void
intake_frame(void *arg, const struct frame *f)
{
	struct intake *in = arg;

	sifter_frame(in->sifter, f->bytes, f->scan, f->offset);
	if (in->lane->batch && batch_size(in->lane->batch) >= BATCH_BYTES_MAX) {
		if (in->on_full)
			in->on_full(in->full_arg, f);
		hand_over(in, in->lane);
	}
}

void
intake_reject(void *arg, enum reject why, uint64_t offset, struct slice some,
    uint64_t length)
{
	struct intake *in = arg;

	sifter_reject(in->sifter, why, offset, some, length);
}

bool
intake_flush(struct intake *in)
{
	for (unsigned i = 0; i < in->n_lanes; i++)
		if (in->lanes[i].batch)
			hand_over(in, &in->lanes[i]);
	if (in->full)
		in->full = batchq_is_full(in->queue);
	return !in->full;
}

bool
intake_flush_all(struct intake *in)
{
	for (unsigned i = 0; i < in->n_lanes; i++) {
		struct lane *lane = &in->lanes[i];

		/* Without memory the counts wait for the next time. */
		if (!lane->batch && lane->counts.received > 0)
			(void)need_batch(lane);
	}
	return intake_flush(in);
}

bool
intake_is_full(const struct intake *in)
{
	return in->full;
}

bool
intake_has_counts(const struct intake *in)
{
	for (unsigned i = 0; i < in->n_lanes; i++)
		if (in->lanes[i].counts.received > 0)
			return true;
	return false;
}
