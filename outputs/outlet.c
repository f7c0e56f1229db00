/*
 * outlet.c - one configured output: filters, format, what is still to be
 * written.
 *
 * See outlet.h.  Knows records only as bytes with an end; where they go is
 * the kind's business (output.h).  On the pipeline's thread.
 */
#include "outputs/outlet.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "outputs/format/format.h"
#include "outputs/output.h"
#include "outputs/route.h"

#include <inttypes.h>
#include <stdlib.h>

struct outlet {
	const struct output_config *config;
	const struct output_kind *kind;
	const struct format *format;
	struct format_options style;
	struct outlet_limits high;
	void *self;
	bool open;
	struct buf head;  /* written before the queue is */
	struct buf queue; /* records, one behind another */
	struct buf sizes; /* of each: size_t */
	size_t torn;      /* bytes of the first one that are written */
	bool stuck;
	struct rarely stuck_said, dropped_said, lost_said;
	struct outlet_counts counts;
};

static const char *const kind_words[] = {
	[OUTPUT_FILE] = "file",
	[OUTPUT_STDOUT] = "stdout",
	[OUTPUT_SYSLOG] = "syslog",
	[OUTPUT_WEBHOOK] = "webhook",
	[OUTPUT_EXEC] = "exec",
	[OUTPUT_NULL] = "null",
};

static int
find_kind(const struct output_config *c, const struct output_kind **result,
    struct err *e)
{
	const char *word = kind_words[c->type];
	const struct output_kind *k = output_find(word);

	if (!k)
		return ynode_err(
		    c->node, e, "this version has no outputs of type %s", word);
	*result = k;
	return 0;
}

static int
find_format(
    const struct output_config *c, const struct format **result, struct err *e)
{
	const char *word = c->format ? c->format : "json";
	const struct format *f = format_find(slice_str(word));

	if (!f)
		return ynode_err(
		    c->node, e, "this version has no format \"%s\"", word);
	*result = f;
	return 0;
}

static struct output_options
options_of(const struct output_config *c, const char *host)
{
	return (struct output_options){
		.name = c->name,
		.path = c->path,
		.host = host,
		.config = c,
	};
}

int
outlet_new(const struct output_config *c, const struct outlet_limits *l,
    const char *host, struct outlet **result, struct err *e)
{
	struct output_options options = options_of(c, host);
	struct outlet *o = calloc(1, sizeof(*o));
	struct err why = { .text = "" };
	int err;

	if (!o)
		return err_set(e, ST_ENOMEM, "out of memory");
	o->config = c;
	o->style.host = host;
	o->high.records = l && l->records ? l->records : OUTLET_RECORDS;
	o->high.bytes = l && l->bytes ? l->bytes : OUTLET_BYTES;
	err = find_kind(c, &o->kind, e);
	if (err < 0)
		goto out;
	err = find_format(c, &o->format, e);
	if (err < 0)
		goto out;
	err = o->kind->check(&options, &why);
	if (err < 0) {
		ynode_err(c->node, e, "output %s: %s", c->name, why.text);
		goto out;
	}
	*result = o;
	o = NULL;
out:
	outlet_free(o);
	return err;
}

/* What a format wants before the first finding of a new file. */
static void
begin_file(struct outlet *o, bool fresh)
{
	buf_reset(&o->head);
	if (fresh && o->config->what == WHAT_FINDINGS && o->format->head)
		o->format->head(&o->style, &o->head);
}

int
outlet_open(struct outlet *o, struct err *e)
{
	struct output_options options = options_of(o->config, o->style.host);
	struct err why = { .text = "" };
	bool fresh = false;
	int err;

	err = o->kind->open(&options, &o->self, &fresh, &why);
	if (err < 0) {
		ynode_err(o->config->node, e, "output %s: %s", o->config->name,
		    why.text);
		return err;
	}
	o->open = true;
	begin_file(o, fresh);
	return 0;
}

void
outlet_free(struct outlet *o)
{
	if (!o)
		return;
	if (o->open)
		o->kind->close(o->self);
	buf_release(&o->head);
	buf_release(&o->queue);
	buf_release(&o->sizes);
	free(o);
}

/* ---- the queue ---- */

static size_t
nth_size(const struct outlet *o, size_t i)
{
	size_t n;

	memcpy(&n, o->sizes.p + i * sizeof(n), sizeof(n));
	return n;
}

bool
outlet_is_stuck(const struct outlet *o)
{
	return o->stuck;
}

size_t
outlet_queued(const struct outlet *o)
{
	return o->sizes.n / sizeof(size_t);
}

static bool
is_full(const struct outlet *o)
{
	return o->queue.n >= o->high.bytes ||
	    outlet_queued(o) >= o->high.records;
}

bool
outlet_is_over(const struct outlet *o)
{
	return o->config->when_full == FULL_BLOCK && is_full(o);
}

bool
outlet_is_due(const struct outlet *o)
{
	return o->queue.n >= OUTLET_WRITE_BYTES;
}

/*
 * The oldest quarter goes, so that a stuck output does not move its whole
 * queue for each record that comes.
 */
static void
drop_oldest(struct outlet *o)
{
	size_t skip = o->torn > 0 ? 1 : 0, have = outlet_queued(o);
	size_t n = (have - skip + 3) / 4, bytes = 0;
	size_t from = skip ? nth_size(o, 0) : 0;
	uint64_t said;

	for (size_t i = 0; i < n; i++)
		bytes += nth_size(o, skip + i);
	memmove(o->queue.p + from, o->queue.p + from + bytes,
	    o->queue.n - from - bytes);
	o->queue.n -= bytes;
	memmove(o->sizes.p + skip * sizeof(size_t),
	    o->sizes.p + (skip + n) * sizeof(size_t),
	    o->sizes.n - (skip + n) * sizeof(size_t));
	o->sizes.n -= n * sizeof(size_t);
	o->counts.dropped += n;
	o->dropped_said.held += n - 1;
	if (rarely(&o->dropped_said, clock_ms(), &said))
		log_warnx("output %s: dropped %" PRIu64
			  " records, the oldest, queue full",
		    o->config->name, said);
}

/* What was appended since `before` is one record; or none, without memory. */
static void
end_record(struct outlet *o, size_t before)
{
	size_t size = o->queue.n - before;
	uint64_t said;

	o->counts.made++;
	if (!o->queue.failed && buf_reserve(&o->sizes, sizeof(size))) {
		buf_add(&o->sizes, &size, sizeof(size));
		return;
	}
	o->queue.n = before;
	o->queue.failed = false;
	o->sizes.failed = false;
	o->counts.dropped++;
	if (rarely(&o->lost_said, clock_ms(), &said))
		log_errorx("output %s: dropped %" PRIu64
			   " records, out of memory",
		    o->config->name, said);
}

static void
make_room(struct outlet *o)
{
	if (o->config->when_full == FULL_DROP_OLDEST && is_full(o) &&
	    !outlet_push(o) && is_full(o))
		drop_oldest(o);
}

/* ---- records ---- */

void
outlet_finding(struct outlet *o, const struct finding *f)
{
	size_t before;

	if (!route_finding(o->config, f))
		return;
	make_room(o);
	before = o->queue.n;
	o->format->finding(f, &o->style, &o->queue);
	end_record(o, before);
}

void
outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group)
{
	size_t before;

	if (!route_decision(o->config, r, v))
		return;
	make_room(o);
	before = o->queue.n;
	if (o->format->decision)
		o->format->decision(r, v, group, &o->style, &o->queue);
	else
		decision_write(r, v, group, &o->queue);
	end_record(o, before);
}

/* ---- writing ---- */

static void
say_stuck(struct outlet *o, const struct err *why)
{
	uint64_t tries;

	o->stuck = true;
	if (rarely(&o->stuck_said, clock_ms(), &tries))
		log_warnx("output %s: %s; %zu records wait", o->config->name,
		    why->text, outlet_queued(o));
}

static void
say_well(struct outlet *o)
{
	if (o->stuck)
		log_info("output %s: writing again", o->config->name);
	o->stuck = false;
	o->stuck_said = (struct rarely){ 0, 0 };
}

/* So many bytes more are written: whole records leave the queue. */
static void
account(struct outlet *o, size_t taken)
{
	size_t left = o->torn + taken, bytes = 0, records = 0;

	while (records < outlet_queued(o) && left >= nth_size(o, records)) {
		left -= nth_size(o, records);
		bytes += nth_size(o, records);
		records++;
	}
	o->torn = left;
	o->counts.delivered += records;
	buf_consume(&o->sizes, records * sizeof(size_t));
	buf_consume(&o->queue, bytes);
}

/* Gives bytes to the output; how many it took. */
static size_t
give(struct outlet *o, const char *p, size_t n)
{
	struct err why = { .text = "" };
	size_t taken = 0;

	if (n == 0)
		return 0;
	switch (o->kind->write(o->self, p, n, &taken, &why)) {
	case OUTPUT_AGAIN:
		say_stuck(o, &why);
		break;
	case OUTPUT_BUSY:
		if (taken > 0)
			say_well(o);
		break;
	case OUTPUT_DONE:
		say_well(o);
	}
	return taken;
}

bool
outlet_push(struct outlet *o)
{
	buf_consume(&o->head, give(o, o->head.p, o->head.n));
	if (o->head.n == 0)
		account(o, give(o, o->queue.p + o->torn, o->queue.n - o->torn));
	return o->head.n == 0 && o->queue.n == 0;
}

bool
outlet_sync(struct outlet *o)
{
	struct err why = { .text = "" };
	bool empty = outlet_push(o);

	if (o->kind->flush(o->self, &why) == 0)
		return empty;
	say_stuck(o, &why);
	return false;
}

void
outlet_reopen(struct outlet *o)
{
	struct err why = { .text = "" };
	bool fresh = false;

	outlet_push(o);
	if (o->config->type != OUTPUT_FILE)
		return;
	if (o->kind->reopen(o->self, o->torn, &fresh, &why) < 0) {
		log_warnx("output %s: %s; going on with the old one",
		    o->config->name, why.text);
		return;
	}
	o->torn = 0;
	log_info(
	    "output %s: opened %s again", o->config->name, o->config->path);
	begin_file(o, fresh);
}

const struct outlet_counts *
outlet_counts(const struct outlet *o)
{
	return &o->counts;
}

const char *
outlet_name(const struct outlet *o)
{
	return o->config->name;
}
