/*
 * outlet.c - one configured output, as whoever makes records sees it.
 *
 * See outlet.h.  Knows how a record is made of a finding or a decision.
 */
#include "outputs/outlet.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "outputs/dead.h"
#include "outputs/delivery.h"
#include "outputs/flood.h"
#include "outputs/format/format.h"
#include "outputs/output.h"
#include "outputs/route.h"

#include <inttypes.h>
#include <stdlib.h>

struct outlet {
	const struct output_config *config;
	const struct format *format;
	struct format_options style;
	struct outlet_limits high;
	struct output *output;
	struct outbox *box; /* from outlet_open() on */
	struct courier *courier;
	struct delivery *delivery;
	struct flood flood;
	struct buf title;
	struct buf text; /* of one record */
	bool dead_read;
	bool away;
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
	flood_init(&o->flood, c->max_per_hour);
	o->style.host = host;
	o->style.tag = c->tag;
	o->style.facility = c->facility;
	if (l)
		o->high = *l;
	if (o->high.records == 0)
		o->high.records = OUTLET_RECORDS;
	if (o->high.bytes == 0)
		o->high.bytes = OUTLET_BYTES;
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

/* ---- opening ---- */

static void
on_work(void *arg)
{
	struct outlet *o = arg;

	delivery_wake(o->delivery);
}

static void
on_news(void *arg)
{
	struct outlet *o = arg;

	delivery_news(o->delivery);
}

static int
open_box(struct outlet *o, bool lasts, struct err *e)
{
	const struct outbox_options options = {
		.name = o->config->name,
		.records = o->high.records,
		.bytes = o->high.bytes,
		.age_ms = o->high.age_ms,
		.drop_oldest = o->config->when_full == FULL_DROP_OLDEST,
		.lasts = lasts,
		.on_work = on_work,
		.on_news = on_news,
		.arg = o,
	};

	o->box = outbox_new(&options);
	return o->box ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

int
outlet_open(struct outlet *o, struct delivery *d, bool lasts, struct err *e)
{
	struct courier_setup setup = { .config = o->config,
		.output = o->output,
		.loop = delivery_loop(d),
		.lasts = lasts };
	struct buf head = BUF_INIT;
	int err;

	o->delivery = d;
	err = open_box(o, lasts, e);
	if (err < 0)
		return err;
	if (o->config->what == WHAT_FINDINGS && o->format->head)
		o->format->head(&o->style, &head);
	setup.box = o->box;
	setup.head = buf_slice(&head);
	err = head.failed ? err_set(e, ST_ENOMEM, "out of memory")
			  : courier_new(&setup, &o->courier, e);
	buf_release(&head);
	return err < 0 ? err : delivery_add(d, o->courier, e);
}

void
outlet_free(struct outlet *o)
{
	if (!o)
		return;
	courier_free(o->courier);
	output_free(o->output);
	outbox_free(o->box);
	buf_release(&o->title);
	buf_release(&o->text);
	free(o);
}

int
outlet_load(struct outlet *o, struct slice key, struct slice value)
{
	if (!slice_is(outbox_row_name(key), o->config->name))
		return ST_ENOENT;
	return outbox_load(o->box, key, value);
}

int
outlet_loaded(struct outlet *o, struct err *e)
{
	outbox_loaded(o->box);
	return courier_resume(o->courier, e);
}

/* ---- records ---- */

static int64_t
ms_of(struct when t)
{
	return t.valid ? t.sec * 1000 + t.nsec / 1000000 : 0;
}

/* What stands in o->text, with the id before it. */
static void
add(struct outlet *o, struct stsentry_record *r, size_t id_size)
{
	r->id = o->text.p;
	r->data = o->text.p + id_size;
	r->size = o->text.n - id_size;
	outbox_add(o->box, o->text.failed ? NULL : r);
}

static size_t
begin(struct outlet *o, struct slice id)
{
	buf_reset(&o->text);
	buf_add_slice(&o->text, id);
	buf_addc(&o->text, '\0');
	return id.n + 1;
}

/* A title that tells what was held back before; any format shows it. */
static struct finding
tell_held(struct outlet *o, const struct finding *f, uint64_t held)
{
	struct finding told = *f;

	buf_reset(&o->title);
	buf_addf(&o->title,
	    "%.*s (%" PRIu64 " findings were held back before this one)",
	    SLICE_ARG(f->title), held);
	if (!o->title.failed)
		told.title = buf_slice(&o->title);
	return told;
}

static void
write_finding(struct outlet *o, const struct finding *f)
{
	uint64_t held = flood_untold(&o->flood);
	struct finding told;

	if (held > 0) {
		told = tell_held(o, f, held);
		f = &told;
	}
	o->format->finding(f, &o->style, &o->text);
}

void
outlet_finding(struct outlet *o, const struct finding *f)
{
	struct stsentry_record r = {
		.revision = f->revision,
		.severity = (uint32_t)f->severity,
		.flags = STSENTRY_FINDING,
		.time_ms = ms_of(f->last_seen),
	};
	size_t id_size;

	if (o->away || !route_finding(o->config, f))
		return;
	if (f->severity < SEV_CRITICAL && !flood_may(&o->flood, clock_ms()))
		return;
	if (o->config->update_mode == UPDATES_DIGEST && !f->raised)
		r.flags |= OUTBOX_LATER;
	id_size = begin(o, slice_str(f->id));
	write_finding(o, f);
	add(o, &r, id_size);
}

void
outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group)
{
	struct stsentry_record record = {
		.revision = 1,
		.severity = (uint32_t)v->severity,
		.time_ms = ms_of(r->time),
	};
	size_t id_size;

	if (o->away || !route_decision(o->config, r, v))
		return;
	id_size = begin(o, r->event_id);
	if (o->format->decision)
		o->format->decision(r, v, group, &o->style, &o->text);
	else
		decision_write(r, v, group, &o->text);
	add(o, &record, id_size);
}

/* ---- dead letters ---- */

static void
on_dead(void *arg, const struct stsentry_record *r)
{
	struct outlet *o = arg;

	outbox_add(o->box, r);
}

void
outlet_add_dead(struct outlet *o)
{
	struct err e = { .text = "" };
	size_t bad = 0;
	int err;

	if (o->away || !o->config->dead_letter)
		return;
	err = dead_read(o->config->dead_letter, on_dead, o, &bad, &e);
	if (err < 0 && err != ST_ENOENT)
		log_warnx(
		    "output %s: its dead letters: %s", o->config->name, e.text);
	if (bad > 0)
		log_warnx("output %s: %zu lines of its dead letters are none",
		    o->config->name, bad);
	o->dead_read = err == 0;
}

void
outlet_forget_dead(struct outlet *o)
{
	if (o->dead_read)
		dead_forget(o->config->dead_letter);
	o->dead_read = false;
}

/* ---- what waits ---- */

static void
say_away(struct outlet *o)
{
	struct outbox_counts counts;

	outbox_look(o->box, &counts);
	if (o->away)
		log_info("output %s: taken out; %" PRIu64 " records wait until "
			 "it is back",
		    o->config->name, outbox_queued(&counts));
	else
		log_info("output %s: back; %" PRIu64 " records waited",
		    o->config->name, outbox_queued(&counts));
}

void
outlet_set_away(struct outlet *o, bool away)
{
	if (o->away == away)
		return;
	o->away = away;
	courier_set_away(o->courier, away);
	delivery_wake(o->delivery);
	say_away(o);
}

bool
outlet_is_over(struct outlet *o)
{
	return !o->away && outbox_is_over(o->box);
}

bool
outlet_has_news(struct outlet *o)
{
	return outbox_has_news(o->box);
}

int
outlet_save(struct outlet *o, pack_row *put, void *arg)
{
	return outbox_save(o->box, put, arg);
}

void
outlet_kept(struct outlet *o)
{
	outbox_kept(o->box);
}

void
outlet_look(struct outlet *o, struct outlet_view *result)
{
	outbox_look(o->box, &result->counts);
	courier_look(o->courier, &result->courier);
	result->away = o->away;
	result->held = o->flood.held;
}

const char *
outlet_name(const struct outlet *o)
{
	return o->config->name;
}
