/*
 * http_exchange.c - one request over HTTP, and what becomes of it.
 *
 * See http_exchange.h.  Knows senders and their answers; bytes and time are
 * the business of http_conn.c.
 */
#include "collector/http_exchange.h"

#include "collector/frame.h"
#include "lib/jscan.h"
#include "lib/jsonw.h"
#include "lib/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENTBRIDGE "eventbridge/" /* ids of others are of other senders */

/* ---- life ---- */

struct http_exchange *
http_exchange_new(void)
{
	return calloc(1, sizeof(struct http_exchange));
}

static void
let_go_of_body(struct http_exchange *x, struct http_desk *d)
{
	atomic_fetch_sub(&d->counts->held, x->held);
	x->held = 0;
	http_body_release(&x->body);
}

void
http_exchange_free(struct http_exchange *x, struct http_desk *d)
{
	if (!x)
		return;
	let_go_of_body(x, d);
	buf_release(&x->names);
	buf_release(&x->acks);
	free(x);
}

/* ---- the head ---- */

static bool
copy_names(struct http_exchange *x, const struct http_words *w)
{
	buf_add_slice(&x->names, w->id);
	buf_add_slice(&x->names, w->channel);
	if (x->names.failed)
		return false;
	if (!slice_is_null(w->id))
		x->id = slice_of(x->names.p, w->id.n);
	if (!slice_is_null(w->channel))
		x->channel = slice_of(x->names.p + w->id.n, w->channel.n);
	return true;
}

static enum http_why
check_length(const struct http_exchange *x, const struct http_head *h)
{
	if (x->ask != HTTP_ASK_HEALTH && !h->chunked && h->length < 0)
		return HTTP_WHY_NO_LENGTH;
	if (h->length > 0 && (uint64_t)h->length > x->body.max)
		return HTTP_WHY_TOO_LARGE;
	return HTTP_WHY_DONE;
}

enum http_why
http_exchange_admit(struct http_exchange *x, struct http_desk *d,
    const struct http_head *h, const char *peer)
{
	struct http_words words;
	enum http_why why = http_words_read(h, d->in, &words);

	x->ask = words.ask;
	x->form = words.form;
	x->closes = h->closes;
	x->expects = h->expects;
	x->bare = slice_is(h->method, "HEAD");
	http_body_begin(&x->body, h, d->in->max_body);
	if (!copy_names(x, &words))
		return HTTP_WHY_MEMORY;
	if (why == HTTP_WHY_DONE && x->ask != HTTP_ASK_HEALTH)
		why = http_guard_check(d->guard, h, when_now().sec, peer);
	return why == HTTP_WHY_DONE ? check_length(x, h) : why;
}

enum http_why
http_exchange_hold(struct http_exchange *x, struct http_desk *d)
{
	size_t more = x->body.bytes.n - x->held;
	size_t before = atomic_fetch_add(&d->counts->held, more);

	x->held += more;
	return more > 0 && before + more > d->in->max_held ? HTTP_WHY_HELD
							   : HTTP_WHY_DONE;
}

/* ---- which delivery is it? ---- */

static bool
scan_object(struct slice s, struct jscan *scan)
{
	return s.n > 0 && s.p[0] == '{' &&
	    jscan_value(s.p, s.p + s.n, scan) == JSCAN_DONE && !scan->escaped;
}

static struct slice
member_text(const struct jscan *scan, const char *name)
{
	const struct jmember *m = jscan_find(scan, name);

	return m ? jscan_plain(scan, m->value) : SLICE_NULL;
}

/* The same message may come through several subscriptions. */
static void
name_pubsub(struct slice plain, struct buf *name)
{
	struct jscan outer, inner;
	const struct jmember *message;
	struct slice id;

	if (!scan_object(plain, &outer))
		return;
	message = jscan_find(&outer, "message");
	if (!message || !scan_object(message->value, &inner))
		return;
	id = member_text(&inner, "messageId");
	if (slice_is_null(id))
		id = member_text(&inner, "message_id");
	if (slice_is_null(id))
		return;
	buf_add_slice(name, member_text(&outer, "subscription"));
	buf_addc(name, '/');
	buf_add_slice(name, id);
}

static void
name_eventbridge(struct slice plain, struct buf *name)
{
	struct jscan scan;

	if (!scan_object(plain, &scan) || !jscan_find(&scan, "detail-type") ||
	    slice_is_null(member_text(&scan, "id")))
		return;
	buf_adds(name, EVENTBRIDGE);
	buf_add_slice(name, member_text(&scan, "id"));
}

/* Nothing where the sender has no name for it. */
static void
name_delivery(
    const struct http_exchange *x, struct slice plain, struct buf *name)
{
	buf_add_slice(name, x->id);
	if (!slice_is_null(x->id))
		return;
	if (x->form == HTTP_FORM_PUBSUB)
		name_pubsub(plain, name);
	else if (x->form == HTTP_FORM_PLAIN)
		name_eventbridge(plain, name);
	if (name->n > HTTP_ID_MAX)
		buf_reset(name);
}

/* ---- records ---- */

static enum http_why
feed(struct client *cl, struct slice plain, bool broken,
    struct sift_counts *counts)
{
	const struct frame_limits limits = {
		.max_record = client_config(cl)->max_record,
		.max_document = client_config(cl)->max_inflated,
	};
	struct intake *in = client_intake(cl);
	struct framer *f = framer_new(
	    FRAME_FILE, &limits, intake_frame, intake_reject, in);

	if (!f)
		return HTTP_WHY_MEMORY;
	client_begin(cl);
	/* Only streams have bytes that cannot be told apart any more. */
	if (plain.n > 0 && framer_feed(f, plain.p, plain.n) < 0)
		intake_reject(in, REJECT_BAD_JSON, 0, SLICE_NULL, plain.n);
	framer_finish(f);
	if (broken)
		intake_reject(
		    in, REJECT_BAD_COMPRESSION, plain.n, SLICE_NULL, 0);
	intake_end(in, counts);
	framer_free(f);
	return HTTP_WHY_DONE;
}

/* What can be read and is not for us is no mistake of the sender's. */
static enum http_why
judge_counts(const struct sift_counts *c)
{
	uint64_t rejected = sift_rejected(c);

	if (c->rejected[REJECT_NO_MEMORY] > 0)
		return HTTP_WHY_MEMORY;
	if (c->received == 0)
		return HTTP_WHY_EMPTY;
	rejected -= c->rejected[REJECT_NOT_AUDIT] + c->rejected[REJECT_ACCOUNT];
	return rejected == c->received ? HTTP_WHY_UNREADABLE : HTTP_WHY_DONE;
}

/* Behind the records: first the delivery is known, then its sender told. */
static enum http_why
mark(const struct http_exchange *x, const struct http_desk *d,
    struct client *cl, struct slice name)
{
	const struct mark answer = { .owner = client_owner(cl),
		.token = client_token(cl) };
	struct mark known = { .owner = http_ids_owner(d->ids),
		.token = x->number };
	struct buf key = BUF_INIT, value = BUF_INIT;
	bool good = true;

	client_begin(cl);
	if (x->number) {
		http_ids_row(d->ids, x->number, slice_str(d->in->name), name,
		    &key, &value);
		known.key = buf_slice(&key);
		known.value = buf_slice(&value);
		good = !key.failed && !value.failed &&
		    intake_mark(client_intake(cl), &known);
	}
	good = good && intake_mark(client_intake(cl), &answer);
	intake_end(client_intake(cl), NULL);
	buf_release(&key);
	buf_release(&value);
	return good ? HTTP_WHY_DONE : HTTP_WHY_MEMORY;
}

static enum http_why
take_new(struct http_exchange *x, struct http_desk *d, struct client *cl,
    struct slice plain, bool broken, struct slice name)
{
	enum http_why why = feed(cl, plain, broken, &x->counts);

	if (why == HTTP_WHY_DONE) {
		x->read = true;
		why = judge_counts(&x->counts);
	}
	if (why == HTTP_WHY_DONE)
		why = mark(x, d, cl, name);
	if (why != HTTP_WHY_DONE && x->number)
		http_ids_failed(d->ids, x->number);
	return why;
}

static enum http_why
take(struct http_exchange *x, struct http_desk *d, struct client *cl,
    struct slice plain, bool broken)
{
	struct buf name = BUF_INIT;
	enum http_id_word word = HTTP_ID_NEW;
	enum http_why why;
	struct http_id id;

	name_delivery(x, plain, &name);
	if (name.n > 0 && !name.failed) {
		id = http_id_make(slice_str(d->in->name), buf_slice(&name));
		word = http_ids_begin(d->ids, &id, &x->number);
	}
	x->repeated = word == HTTP_ID_KEPT;
	if (word == HTTP_ID_NEW)
		why = take_new(x, d, cl, plain, broken, buf_slice(&name));
	else
		why = x->repeated ? HTTP_WHY_DONE : HTTP_WHY_IN_HAND;
	buf_release(&name);
	return why;
}

enum http_why
http_exchange_take(
    struct http_exchange *x, struct http_desk *d, struct client *cl)
{
	struct slice plain;
	bool broken;
	enum http_why why = http_unpack(d->unpack, &x->body, &plain, &broken);

	if (why == HTTP_WHY_DONE)
		why = take(x, d, cl, slice_trim(plain), broken);
	http_unpack_done(d->unpack);
	let_go_of_body(x, d);
	return why;
}

/* ---- acks ---- */

static void
write_acks(
    struct http_exchange *x, struct http_desk *d, const struct json *asked)
{
	struct http_id channel = http_id_make(
	    slice_str(d->in->name), x->channel);
	struct json_iter at = { 0 };
	const struct json *one;
	struct jsonw w;
	int64_t ack;
	char name[24];

	jsonw_init(&w, &x->acks);
	jsonw_object(&w);
	jsonw_key(&w, "acks");
	jsonw_object(&w);
	while ((one = json_next(asked, &at, NULL)))
		if (json_int(one, &ack)) {
			snprintf(name, sizeof(name), "%" PRId64, ack);
			jsonw_key(&w, name);
			jsonw_bool(
			    &w, http_ids_is_acked(d->ids, &channel, ack));
		}
	jsonw_end(&w);
	jsonw_end(&w);
}

enum http_why
http_exchange_acks(struct http_exchange *x, struct http_desk *d)
{
	const struct json *root, *asked;
	struct err e;

	root = json_parse(&d->json, buf_slice(&x->body.bytes), &e);
	asked = json_get(root, "acks");
	if (json_type(asked) != JSON_ARRAY)
		return HTTP_WHY_MALFORMED;
	if (json_count(asked) > HTTP_ACKS_MAX)
		return HTTP_WHY_TOO_LARGE;
	write_acks(x, d, asked);
	return x->acks.failed ? HTTP_WHY_MEMORY : HTTP_WHY_DONE;
}

/* ---- the answer ---- */

static int64_t
next_ack(const struct http_exchange *x, const struct http_desk *d)
{
	struct http_id channel;

	if (slice_is_null(x->channel) || x->ask != HTTP_ASK_RECORDS)
		return -1;
	channel = http_id_make(slice_str(d->in->name), x->channel);
	return http_ids_ack(d->ids, &channel);
}

void
http_exchange_answer(struct http_exchange *x, struct http_desk *d,
    enum http_why why, struct buf *out)
{
	struct when now = when_now();
	struct http_answer a = { .why = why,
		.ask = x->ask,
		.form = x->form,
		.closes = x->closes,
		.bare = x->bare,
		.repeated = x->repeated,
		.now = now.sec * 1000 + now.nsec / 1000000,
		.id = x->id,
		.ack = why == HTTP_WHY_DONE ? next_ack(x, d) : -1,
		.acks = buf_slice(&x->acks),
		.counts = x->read ? &x->counts : NULL };

	http_reply(&a, out);
	atomic_fetch_add(&d->counts->answers[why], 1);
	if (x->repeated && why == HTTP_WHY_DONE)
		atomic_fetch_add(&d->counts->repeated, 1);
}
