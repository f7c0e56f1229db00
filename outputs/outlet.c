/*
 * outlet.c - one configured output: filters, format, what is still to be
 * written.
 *
 * See outlet.h.  Knows records only as bytes with an end; where they go is
 * the kind's business (output.h).  What is on its way is a copy, so that the
 * queue can grow meanwhile.  On the pipeline's thread.
 */
#include "outputs/outlet.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/jsonw.h"
#include "lib/loop.h"
#include "lib/when.h"
#include "outputs/format/format.h"
#include "outputs/output.h"
#include "outputs/route.h"
#include "outputs/pace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define FLIGHT_MAX 1024 /* records on their way at once */
#define HOLD_MS PACE_HOLD_MS

/* A record in the queue: its id with a NUL, then its bytes. */
struct entry {
	size_t id_size, size;
	uint32_t revision, severity;
	int64_t time_ms;
};

struct outlet {
	const struct output_config *config;
	struct output *output;
	struct loop *loop;
	const struct format *format;
	struct format_options style;
	struct outlet_limits high;
	struct buf queue; /* records, one behind another */
	struct buf sizes; /* of each: struct entry */
	/* On their way: the first of the queue. */
	struct buf bytes;
	struct stsentry_record flight[FLIGHT_MAX];
	enum stsentry_verdict verdicts[FLIGHT_MAX];
	size_t n_flight, most; /* most: of the next ones */
	int64_t wait_ms;
	bool again;
	struct pace pace;
	struct err why;
	bool stuck;
	struct rarely stuck_said, dropped_said, lost_said;
	struct outlet_counts counts;
};

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

int
outlet_new(const struct output_config *c, const struct outlet_limits *l,
    const char *host, struct outlet **result, struct err *e)
{
	struct outlet *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return err_set(e, ST_ENOMEM, "out of memory");
	o->config = c;
	o->style.host = host;
	o->style.tag = c->tag;
	o->style.facility = c->facility;
	o->most = FLIGHT_MAX;
	o->high.records = l && l->records ? l->records : OUTLET_RECORDS;
	o->high.bytes = l && l->bytes ? l->bytes : OUTLET_BYTES;
	err = output_new(c, host, &o->output, e);
	if (err == 0)
		err = find_format(c, &o->format, e);
	if (err < 0) {
		outlet_free(o);
		return err;
	}
	*result = o;
	return 0;
}

static void on_answer(void *arg, const struct stsentry_record *records,
    size_t n, const struct stsentry_answer *answer);

int
outlet_open(struct outlet *o, struct err *e)
{
	struct output_place place = { .on_answer = on_answer, .arg = o };
	struct buf head = BUF_INIT;
	int err = ST_ENOMEM;

	if (o->config->what == WHAT_FINDINGS && o->format->head)
		o->format->head(&o->style, &head);
	place.loop = o->loop = loop_new();
	place.head = buf_slice(&head);
	if (!o->loop || head.failed)
		err_set(e, ST_ENOMEM, "out of memory");
	else
		err = output_open(o->output, &place, e);
	buf_release(&head);
	if (err == 0)
		pace_init(&o->pace, output_rate(o->output),
		    (uint64_t)clock_ms() ^ (uint64_t)(uintptr_t)o);
	return err;
}

void
outlet_free(struct outlet *o)
{
	if (!o)
		return;
	output_free(o->output);
	loop_free(o->loop);
	buf_release(&o->queue);
	buf_release(&o->sizes);
	buf_release(&o->bytes);
	free(o);
}

/* ---- the queue ---- */

static struct entry
nth(const struct outlet *o, size_t i)
{
	struct entry e;

	memcpy(&e, o->sizes.p + i * sizeof(e), sizeof(e));
	return e;
}

/* In the queue, with its id. */
static size_t
nth_size(const struct outlet *o, size_t i)
{
	struct entry e = nth(o, i);

	return e.id_size + e.size;
}

bool
outlet_is_stuck(const struct outlet *o)
{
	return o->stuck;
}

size_t
outlet_queued(const struct outlet *o)
{
	return o->sizes.n / sizeof(struct entry);
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

/* n records from the skip-th on leave the queue. */
static void
cut(struct outlet *o, size_t skip, size_t n)
{
	size_t from = 0, bytes = 0;

	for (size_t i = 0; i < skip; i++)
		from += nth_size(o, i);
	for (size_t i = 0; i < n; i++)
		bytes += nth_size(o, skip + i);
	memmove(o->queue.p + from, o->queue.p + from + bytes,
	    o->queue.n - from - bytes);
	o->queue.n -= bytes;
	memmove(o->sizes.p + skip * sizeof(struct entry),
	    o->sizes.p + (skip + n) * sizeof(struct entry),
	    o->sizes.n - (skip + n) * sizeof(struct entry));
	o->sizes.n -= n * sizeof(struct entry);
}

/*
 * The oldest quarter goes, so that a stuck output does not move its whole
 * queue for each record that comes.
 */
static void
drop_oldest(struct outlet *o)
{
	size_t n = (outlet_queued(o) - o->n_flight + 3) / 4;
	uint64_t said;

	if (n == 0)
		return;
	cut(o, o->n_flight, n);
	o->counts.dropped += n;
	o->dropped_said.held += n - 1;
	if (rarely(&o->dropped_said, clock_ms(), &said))
		log_warnx("output %s: dropped %" PRIu64
			  " records, the oldest, queue full",
		    o->config->name, said);
}

/* What was appended since `before` is one record, its id before it; or none,
 * without memory. */
static void
end_record(struct outlet *o, size_t before, struct entry entry)
{
	uint64_t said;

	entry.size = o->queue.n - before - entry.id_size;
	o->counts.made++;
	if (!o->queue.failed && buf_reserve(&o->sizes, sizeof(entry))) {
		buf_add(&o->sizes, &entry, sizeof(entry));
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

static struct entry
begin_record(struct outlet *o, struct slice id, enum severity severity,
    uint32_t revision, struct when time)
{
	struct entry e = {
		.id_size = id.n + 1,
		.revision = revision,
		.severity = (uint32_t)severity,
		.time_ms = time.valid ? time.sec * 1000 + time.nsec / 1000000
				      : 0,
	};

	buf_add_slice(&o->queue, id);
	buf_addc(&o->queue, '\0');
	return e;
}

void
outlet_finding(struct outlet *o, const struct finding *f)
{
	struct entry entry;
	size_t before;

	if (!route_finding(o->config, f))
		return;
	make_room(o);
	before = o->queue.n;
	entry = begin_record(
	    o, slice_str(f->id), f->severity, f->revision, f->last_seen);
	o->format->finding(f, &o->style, &o->queue);
	end_record(o, before, entry);
}

void
outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group)
{
	struct entry entry;
	size_t before;

	if (!route_decision(o->config, r, v))
		return;
	make_room(o);
	before = o->queue.n;
	entry = begin_record(o, r->event_id, v->severity, 1, r->time);
	if (o->format->decision)
		o->format->decision(r, v, group, &o->style, &o->queue);
	else
		decision_write(r, v, group, &o->queue);
	end_record(o, before, entry);
}

/* ---- what became of them ---- */

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

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static bool
append_dead(const char *path, struct slice line)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_all(fd, line.p, line.n) &&
	    fdatasync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* With the reason; false where that fails, and it is kept. */
static bool
set_aside(struct outlet *o, const struct stsentry_record *r, const char *reason)
{
	const char *path = o->config->dead_letter;
	char when[WHEN_TEXT];
	struct buf b = BUF_INIT;
	struct jsonw j;
	bool ok;

	jsonw_init(&j, &b);
	jsonw_object(&j);
	jsonw_member(&j, "time", when_format(when_now(), when));
	jsonw_member_str(&j, "output", o->config->name);
	jsonw_member_str(&j, "reason", reason);
	jsonw_key(&j, "finding");
	jsonw_raw(&j, slice_trim(slice_of(r->data, r->size)));
	jsonw_end(&j);
	buf_addc(&b, '\n');
	ok = !b.failed && path && append_dead(path, buf_slice(&b));
	buf_release(&b);
	if (ok)
		log_errorx("output %s: a finding was set aside in %s: %s",
		    o->config->name, path, reason);
	return ok;
}

static void
note_again(struct outlet *o, int64_t wait_ms, const char *why)
{
	o->again = true;
	if (o->wait_ms < wait_ms)
		o->wait_ms = wait_ms;
	err_set(&o->why, ST_EIO, "%s", why ? why : "it does not say why");
}

static void
on_answer(void *arg, const struct stsentry_record *records, size_t n,
    const struct stsentry_answer *answer)
{
	struct outlet *o = arg;
	enum stsentry_verdict v = (enum stsentry_verdict)answer->verdict;
	size_t first = (size_t)(records - o->flight);

	if (v == STSENTRY_AGAIN) {
		note_again(o, answer->wait_ms, answer->why);
	} else if (v == STSENTRY_LOST && n > 1) {
		/* Refused as a whole: is it one of them? */
		o->most = (n + 1) / 2;
		v = STSENTRY_AGAIN;
	} else if (v == STSENTRY_LOST &&
	    !set_aside(o, records, answer->why ? answer->why : "")) {
		note_again(o, HOLD_MS, answer->why);
		v = STSENTRY_AGAIN;
	}
	for (size_t i = 0; i < n; i++)
		o->verdicts[first + i] = v;
}

/* All are answered: what need not be sent again leaves the queue. */
static void
land(struct outlet *o)
{
	size_t gone = 0, n = o->n_flight;

	for (size_t end = n, i; end > 0; end = i) {
		i = end - 1;
		if (o->verdicts[i] == STSENTRY_AGAIN)
			continue;
		while (i > 0 && o->verdicts[i - 1] != STSENTRY_AGAIN)
			i--;
		cut(o, i, end - i);
		gone += end - i;
	}
	o->counts.delivered += gone;
	o->n_flight = 0;
	if (o->again) {
		say_stuck(o, &o->why);
		pace_bad(&o->pace, clock_ms(), o->wait_ms, false);
		return;
	}
	say_well(o);
	pace_good(&o->pace);
	if (gone == n && o->most < FLIGHT_MAX)
		o->most *= 2;
}

/* ---- sending ---- */

static size_t
flight_most(const struct outlet *o)
{
	size_t most = output_batch(o->output);

	if (most > o->most)
		most = o->most;
	if (most > FLIGHT_MAX)
		most = FLIGHT_MAX;
	return pace_is_probing(&o->pace) && o->config->type == OUTPUT_WEBHOOK
	    ? 1
	    : most;
}

static bool
load(struct outlet *o)
{
	size_t n = flight_most(o), at = 0, bytes = 0;

	if (n > outlet_queued(o))
		n = outlet_queued(o);
	for (size_t i = 0; i < n; i++)
		bytes += nth_size(o, i);
	buf_reset(&o->bytes);
	buf_add(&o->bytes, o->queue.p, bytes);
	if (o->bytes.failed)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct entry e = nth(o, i);

		o->flight[i] = (struct stsentry_record){
			.data = o->bytes.p + at + e.id_size,
			.size = e.size,
			.id = o->bytes.p + at,
			.revision = e.revision,
			.severity = e.severity,
			.flags = o->config->what == WHAT_FINDINGS
			    ? STSENTRY_FINDING
			    : 0,
			.time_ms = e.time_ms,
		};
		at += e.id_size + e.size;
	}
	o->n_flight = n;
	return n > 0;
}

/* A service is not asked again before its time; what is here is tried with
 * each push. */
static bool
may_send(struct outlet *o)
{
	return o->config->type != OUTPUT_WEBHOOK ||
	    pace_may(&o->pace, clock_ms());
}

bool
outlet_push(struct outlet *o)
{
	(void)!loop_step(o->loop);
	if (o->n_flight > 0 && output_is_idle(o->output))
		land(o);
	while (o->n_flight == 0 && may_send(o) && load(o)) {
		o->again = false;
		o->wait_ms = 0;
		pace_sent(&o->pace);
		output_send(o->output, o->flight, o->n_flight);
		if (!output_is_idle(o->output))
			break;
		land(o);
		if (o->again)
			break;
	}
	return o->queue.n == 0;
}

bool
outlet_sync(struct outlet *o)
{
	struct err why = { .text = "" };
	bool empty = outlet_push(o);

	if (output_flush(o->output, &why) == 0)
		return empty;
	say_stuck(o, &why);
	return false;
}

void
outlet_reopen(struct outlet *o)
{
	struct err why = { .text = "" };

	outlet_push(o);
	if (o->config->type != OUTPUT_FILE)
		return;
	if (output_reopen(o->output, &why) < 0)
		log_warnx("output %s: %s; going on with the old one",
		    o->config->name, why.text);
	else
		log_info("output %s: opened %s again", o->config->name,
		    o->config->path);
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
