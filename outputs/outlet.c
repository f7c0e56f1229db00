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
#include <stdio.h>
#include <stdlib.h>

struct outlet {
	char name[CONFIG_NAME_MAX + 1];
	const struct output_config *config; /* NULL: it is away */
	const struct format *format;
	struct format_options style;
	struct outlet_limits high;
	struct output *output;
	struct outbox *box; /* from outlet_open() on, or the one's before it */
	bool lent;          /* that is another's to free */
	struct outlet *before; /* until outlet_take_over() */
	struct courier *courier;
	struct delivery *delivery;
	struct flood flood;
	struct buf title;
	struct buf text; /* of one record */
	bool dead_read;
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
	snprintf(o->name, sizeof(o->name), "%s", c->name);
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
	delivery_wake(arg);
}

static void
on_news(void *arg)
{
	delivery_news(arg);
}

/* It may outlive us: it knows only who delivers. */
static int
open_box(struct outlet *o, bool lasts, struct err *e)
{
	const struct outbox_options options = {
		.name = o->name,
		.records = o->high.records,
		.bytes = o->high.bytes,
		.age_ms = o->high.age_ms,
		.drop_oldest = o->config->when_full == FULL_DROP_OLDEST,
		.lasts = lasts,
		.sent_file = o->config->sent_file,
		.on_work = on_work,
		.on_news = on_news,
		.arg = o->delivery,
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
	err = o->box ? 0 : open_box(o, lasts, e);
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

int
outlet_begin(struct outlet *o, struct err *e)
{
	return o->courier ? courier_begin(o->courier, e) : 0;
}

void
outlet_rest(struct outlet *o)
{
	if (o->courier)
		courier_rest(o->courier);
}

bool
outlet_is_idle(const struct outlet *o)
{
	return !o->courier || courier_is_idle(o->courier);
}

void
outlet_close(struct outlet *o, bool gone)
{
	if (o->courier)
		delivery_remove(o->delivery, o->courier);
	courier_end(o->courier);
	output_free(o->output);
	if (o->courier && gone)
		courier_forget_mark(o->courier);
	courier_free(o->courier);
	o->courier = NULL;
	o->output = NULL;
}

void
outlet_free(struct outlet *o)
{
	if (!o)
		return;
	outlet_close(o, false);
	if (!o->lent)
		outbox_free(o->box);
	buf_release(&o->title);
	buf_release(&o->text);
	free(o);
}

/* ---- one in the place of another ---- */

struct outlet *
outlet_new_away(struct outlet *before)
{
	struct outlet *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	memcpy(o->name, before->name, sizeof(o->name));
	outlet_follow(o, before);
	return o;
}

void
outlet_follow(struct outlet *o, struct outlet *before)
{
	o->before = before;
	o->box = before->box;
	o->lent = true;
	o->delivery = before->delivery;
}

static void
say_change(const struct outlet *o, bool was_away)
{
	struct outbox_counts counts;

	outbox_look(o->box, &counts);
	log_info("output %s: %s; %" PRIu64 " records wait", o->name,
	    !o->config     ? "taken out"
		: was_away ? "back"
			   : "goes on with other settings",
	    outbox_queued(&counts));
}

/* What it held back and has not told yet is told by whoever follows. */
static void
inherit_flood(struct flood *f, const struct flood *old)
{
	if (f->per_hour == old->per_hour)
		*f = *old;
	f->held = old->held;
	f->untold = old->untold;
}

bool
outlet_take_over(struct outlet *o)
{
	struct outlet *before = o->before;

	if (!before) {
		log_info("output %s: new", o->name);
		return false;
	}
	o->before = NULL;
	o->lent = false;
	before->lent = true;
	inherit_flood(&o->flood, &before->flood);
	if (o->config)
		outbox_set_drop_oldest(
		    o->box, o->config->when_full == FULL_DROP_OLDEST);
	say_change(o, !before->config);
	return true;
}

/* ---- rows ---- */

int
outlet_load(struct outlet *o, struct slice key, struct slice value)
{
	if (!slice_is(outbox_row_name(key), o->name))
		return ST_ENOENT;
	return outbox_load(o->box, key, value);
}

void
outlet_loaded(struct outlet *o)
{
	outbox_loaded(o->box);
}

/* ---- records ---- */

static int64_t
ms_of(struct when t)
{
	return t.valid ? t.sec * 1000 + t.nsec / 1000000 : 0;
}

/* What stands in o->text, with id and account before it. */
static void
add(struct outlet *o, struct stsentry_record *r, size_t names)
{
	if (o->text.failed) {
		outbox_add(o->box, NULL);
		return;
	}
	r->id = o->text.p;
	r->account = o->text.p + strlen(r->id) + 1;
	r->data = o->text.p + names;
	r->size = o->text.n - names;
	outbox_add(o->box, r);
}

/* How long the two are. */
static size_t
begin(struct outlet *o, struct slice id, struct slice account)
{
	buf_reset(&o->text);
	buf_add_slice(&o->text, id);
	buf_addc(&o->text, '\0');
	buf_add_slice(&o->text, account);
	buf_addc(&o->text, '\0');
	return o->text.n;
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
		.provider = provider_name(f->request.provider),
	};
	size_t names;

	if (!o->config || !route_finding(o->config, f))
		return;
	if (f->severity < SEV_CRITICAL && !flood_may(&o->flood, clock_ms()))
		return;
	if (o->config->update_mode == UPDATES_DIGEST && !f->raised)
		r.flags |= OUTBOX_LATER;
	names = begin(o, slice_str(f->id), f->request.account);
	write_finding(o, f);
	add(o, &r, names);
}

void
outlet_decision(struct outlet *o, const struct request *r,
    const struct verdict *v, const char *group, struct slice line)
{
	struct stsentry_record record = {
		.revision = 1,
		.severity = (uint32_t)v->severity,
		.time_ms = ms_of(r->time),
		.provider = provider_name(r->provider),
	};
	size_t names;

	if (!o->config || !route_decision(o->config, r, v))
		return;
	names = begin(o, r->event_id, r->account);
	if (o->format->decision)
		o->format->decision(r, v, group, &o->style, &o->text);
	else if (line.p)
		buf_add_slice(&o->text, line);
	else
		decision_write(r, v, group, &o->text);
	add(o, &record, names);
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

	if (!o->config || !o->config->dead_letter)
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

bool
outlet_is_over(struct outlet *o)
{
	return o->config && outbox_is_over(o->box);
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

struct buf
outlet_take_told(struct outlet *o)
{
	return outbox_take_told(o->box);
}

void
outlet_kept(struct outlet *o)
{
	outbox_kept(o->box);
}

void
outlet_look(struct outlet *o, struct outlet_view *result)
{
	memset(result, 0, sizeof(*result));
	memcpy(result->name, o->name, sizeof(result->name));
	outbox_look(o->box, &result->counts);
	if (o->courier)
		courier_look(o->courier, &result->courier);
	result->away = !o->config;
	result->type = o->config ? o->config->type : 0;
	result->held = o->flood.held;
}

const char *
outlet_name(const struct outlet *o)
{
	return o->name;
}

bool
outlet_is_away(const struct outlet *o)
{
	return !o->config;
}
