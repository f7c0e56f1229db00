/*
 * webhook.c - findings to a service over HTTP, as its preset says.
 *
 * Knows batches, retries and what is set aside; the request itself is
 * webhook/curl's, bodies are preset.c's, answers answer.c's, waiting pace.c's.
 * Never waits: a write begins a request or looks how it is, and takes what
 * the service has taken.  On the pipeline's thread.
 */
#include "outputs/output.h"

#include "conf/config.h"
#include "lib/clock.h"
#include "lib/jsonw.h"
#include "lib/log.h"
#include "lib/when.h"
#include "outputs/answer.h"
#include "outputs/pace.h"
#include "outputs/sign.h"
#include "outputs/webhook/curl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define HEADERS_MAX (PRESET_HEADERS_MAX * 2 + 5)

enum phase { IDLE, ASKS, SENDS };

struct webhook {
	const struct output_config *config;
	struct preset *preset;
	const struct template_var *vars;
	struct arena arena; /* vars */
	struct http *http;
	struct pace pace;
	enum phase phase;
	bool asked; /* and it was not there */
	/* the request on its way */
	struct arena request;
	const char *headers[HEADERS_MAX + 1];
	size_t n_headers;
	struct buf url, body, batch; /* batch: the lines as they were given */
	struct slice lines[PRESET_BATCH_MAX];
	size_t n;    /* lines */
	size_t most; /* lines of the next one: halves of what was refused */
	enum answer_verdict items[PRESET_BATCH_MAX];
	struct err why;
};

static const char *
preset_name(const struct output_config *c)
{
	return c->preset ? c->preset : "generic";
}

/* A secret that is none would refuse each finding later. */
static int
check_secret(
    const struct output_config *c, const struct preset *p, struct err *e)
{
	struct buf b = BUF_INIT;
	int err = 0;

	if (p->sign != SIGN_NONE && c->token)
		err = sign_webhook(slice_str(c->token), SLICE_LIT("id"), 0,
		    SLICE_LIT(""), &b, e);
	buf_release(&b);
	return err;
}

static int
check_needs(
    const struct output_config *c, const struct preset *p, struct err *e)
{
	for (size_t i = 0; i < p->needs.n; i++)
		if (strcmp(p->needs.v[i], "token") == 0 && !c->token)
			return err_set(e, ST_EINVAL,
			    "the preset %s needs a token", preset_name(c));
	if (c->template)
		return err_set(e, ST_EINVAL,
		    "template: make it the body of a preset's file instead");
	return check_secret(c, p, e);
}

static int
webhook_check(const struct output_options *o, struct err *e)
{
	struct preset *p = NULL;
	int err = preset_load(preset_name(o->config), &p, e);

	if (err == 0)
		err = check_needs(o->config, p, e);
	preset_free(p);
	return err;
}

static void
webhook_close(void *self)
{
	struct webhook *w = self;

	if (!w)
		return;
	http_free(w->http);
	preset_free(w->preset);
	arena_release(&w->arena);
	arena_release(&w->request);
	buf_release(&w->url);
	buf_release(&w->body);
	buf_release(&w->batch);
	free(w);
}

static int
make_vars(struct webhook *w, const struct output_options *o, struct err *e)
{
	const struct template_var vars[] = {
		{ "url", slice_str(o->config->url) },
		{ "token", slice_str(o->config->token) },
		{ "host", slice_str(o->host) },
		{ NULL, { NULL, 0 } },
	};

	w->vars = preset_vars(w->preset, vars, &w->arena);
	return w->vars ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static int
webhook_open(
    const struct output_options *o, void **self, bool *fresh, struct err *e)
{
	const struct output_config *c = o->config;
	struct http_options http = { c->ca, c->cert, c->key, c->timeout,
		c->private_ok };
	struct webhook *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return err_set(e, ST_ENOMEM, "out of memory");
	arena_init(&w->arena, 512);
	arena_init(&w->request, 1024);
	w->config = c;
	err = preset_load(preset_name(c), &w->preset, e);
	if (err == 0)
		err = make_vars(w, o, e);
	if (err == 0)
		err = http_new(&http, &w->http, e);
	if (err < 0) {
		webhook_close(w);
		return err;
	}
	w->most = (size_t)w->preset->batch;
	pace_init(&w->pace, w->preset->rate,
	    (uint64_t)clock_ms() ^ (uint64_t)(uintptr_t)w);
	*fresh = false;
	*self = w;
	return 0;
}

/* ---- a request ---- */

static void
choose_lines(struct webhook *w, const char *p, size_t n)
{
	size_t most = pace_is_probing(&w->pace) ? 1 : w->most, used = 0;
	const char *lf;

	w->n = 0;
	while (w->n < most && used < n && used < w->preset->body_max / 4 &&
	    (lf = memchr(p + used, '\n', n - used))) {
		w->n++;
		used = (size_t)(lf + 1 - p);
	}
	buf_reset(&w->batch);
	buf_add(&w->batch, p, used);
	if (w->batch.failed)
		return;
	for (size_t i = 0, at = 0; i < w->n; i++) {
		lf = memchr(w->batch.p + at, '\n', used - at);
		w->lines[i] = slice_of(
		    w->batch.p + at, (size_t)(lf - w->batch.p) - at);
		at = (size_t)(lf + 1 - w->batch.p);
	}
}

static void
add_header(struct webhook *w, const char *name, struct slice value)
{
	struct slice line = arena_printf(
	    &w->request, "%s: %.*s", name, SLICE_ARG(value));

	if (line.p && w->n_headers < HEADERS_MAX)
		w->headers[w->n_headers++] = line.p;
}

/* The user's own come last and replace the preset's. */
static bool
is_replaced(const struct webhook *w, const char *name)
{
	const struct ynode *own = w->config->headers;

	for (size_t i = 0; own && i < own->n; i++)
		if (strcasecmp(own->keys[i]->text.p, name) == 0)
			return true;
	return false;
}

static void
add_headers(struct webhook *w, const struct template_input *in)
{
	const struct ynode *own = w->config->headers;
	struct buf b = BUF_INIT;

	for (unsigned i = 0; i < w->preset->n_headers; i++) {
		buf_reset(&b);
		if (!is_replaced(w, w->preset->header_names[i]) &&
		    template_render(w->preset->headers[i], in, &b) == 0)
			add_header(
			    w, w->preset->header_names[i], buf_slice(&b));
	}
	for (size_t i = 0; own && i < own->n && i < PRESET_HEADERS_MAX; i++)
		add_header(w, own->keys[i]->text.p, own->items[i]->text);
	buf_release(&b);
}

/* The same id at each try: the receiver knows a finding that it has. */
static int
add_signature(struct webhook *w, const struct json *root, struct err *e)
{
	struct slice id = json_text(json_get(root, "id"));
	int64_t now = when_now().sec, revision = 1;
	struct buf b = BUF_INIT;
	int err = 0;

	if (w->preset->sign == SIGN_NONE)
		return 0;
	if (!id.p)
		id = json_text(json_get(root, "event_id"));
	(void)!json_int(json_get(root, "revision"), &revision);
	id = arena_printf(
	    &w->request, "%.*s-%" PRId64, SLICE_ARG(id), revision);
	add_header(w, "webhook-id", id);
	add_header(
	    w, "webhook-timestamp", arena_printf(&w->request, "%" PRId64, now));
	if (w->config->token) {
		err = sign_webhook(slice_str(w->config->token), id, now,
		    buf_slice(&w->body), &b, e);
		if (err == 0)
			add_header(w, "webhook-signature", buf_slice(&b));
	}
	buf_release(&b);
	return err;
}

static int
send_request(struct webhook *w, const struct preset_request *r,
    const struct json *root, struct err *e)
{
	static const char *const methods[] = { "POST", "PUT", "GET" };
	struct http_request request = {
		.method = methods[r->method],
		.headers = w->headers,
	};
	int err;

	buf_reset(&w->url);
	err = preset_url(r, root, w->vars, &w->url, e);
	if (err == 0 && r == &w->preset->send)
		err = add_signature(w, root, e);
	if (err < 0)
		return err;
	buf_addc(&w->url, '\0');
	w->headers[w->n_headers] = NULL;
	if (w->url.failed || w->body.failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	request.url = w->url.p;
	if (r->body) {
		request.body = w->body.p;
		request.body_n = w->body.n;
	}
	return http_begin(w->http, &request, e);
}

static int
make_body(struct webhook *w, const struct template_input *in, size_t *bad,
    struct err *e)
{
	buf_reset(&w->body);
	if (w->phase == SENDS)
		return preset_body(
		    w->preset, w->lines, w->n, w->vars, &w->body, bad, e);
	if (w->preset->lookup.body)
		return template_render(w->preset->lookup.body, in, &w->body);
	return 0;
}

static int
begin(struct webhook *w, size_t *bad, struct err *e)
{
	struct template_input in = { .vars = w->vars, .arena = &w->request };
	struct json_reader r;
	int err;

	arena_reset(&w->request);
	w->n_headers = 0;
	w->phase = w->preset->lookup.url && !w->asked ? ASKS : SENDS;
	json_reader_init(&r);
	in.root = json_parse(&r, w->lines[0], NULL);
	err = make_body(w, &in, bad, e);
	if (err == 0) {
		add_headers(w, &in);
		err = send_request(w,
		    w->phase == ASKS ? &w->preset->lookup : &w->preset->send,
		    in.root, e);
	}
	json_reader_release(&r);
	if (err < 0)
		w->phase = IDLE;
	else
		pace_sent(&w->pace);
	return err;
}

/* ---- what became of it ---- */

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

/* Set aside with the reason; false where that fails, and it is kept. */
static bool
set_aside(struct webhook *w, struct slice finding, const char *why)
{
	char when[WHEN_TEXT];
	struct buf b = BUF_INIT;
	struct jsonw j;
	bool ok;

	jsonw_init(&j, &b);
	jsonw_object(&j);
	jsonw_member(&j, "time", when_format(when_now(), when));
	jsonw_member_str(&j, "output", w->config->name);
	jsonw_member_str(&j, "reason", why);
	jsonw_key(&j, "finding");
	jsonw_raw(&j, finding);
	jsonw_end(&j);
	buf_addc(&b, '\n');
	ok = !b.failed && w->config->dead_letter &&
	    append_dead(w->config->dead_letter, buf_slice(&b));
	buf_release(&b);
	if (ok)
		log_errorx("output %s: a finding was set aside in %s: %s",
		    w->config->name, w->config->dead_letter, why);
	return ok;
}

/* What of the batch's head is dealt with.  Nothing, where the queue is no
 * longer what it was: then it is sent again, with the same ids. */
static size_t
take_head(struct webhook *w, const char *p, size_t n)
{
	size_t taken = 0;

	if (n < w->batch.n || memcmp(p, w->batch.p, w->batch.n) != 0)
		return 0;
	for (size_t i = 0; i < w->n; i++) {
		if (w->items[i] == ANSWER_LOST &&
		    !set_aside(w, w->lines[i], w->why.text))
			break;
		if (w->items[i] != ANSWER_DONE && w->items[i] != ANSWER_LOST)
			break;
		taken += w->lines[i].n + 1;
	}
	return taken;
}

static void
set_items(struct webhook *w, enum answer_verdict v)
{
	for (size_t i = 0; i < w->n; i++)
		w->items[i] = v;
}

/* Refused as a whole: is it one of them? */
static bool
halve(struct webhook *w)
{
	if (w->n < 2)
		return false;
	w->most = (w->n + 1) / 2;
	return true;
}

static enum output_verdict
settle(struct webhook *w, enum answer_verdict v, int64_t wait, const char *p,
    size_t n, size_t *taken, struct err *e)
{
	w->phase = IDLE;
	/* What became of it is not known any more when an answer is lost. */
	w->asked = false;
	if (v == ANSWER_LOST && halve(w))
		return OUTPUT_BUSY;
	*taken = take_head(w, p, n);
	if (*taken == 0 && w->items[0] == ANSWER_LOST)
		v = ANSWER_HOLD; /* it could not be set aside */
	if (v == ANSWER_AGAIN || v == ANSWER_HOLD) {
		pace_bad(&w->pace, clock_ms(), wait, v == ANSWER_HOLD);
		*e = w->why;
		return OUTPUT_AGAIN;
	}
	pace_good(&w->pace);
	if (w->most < (size_t)w->preset->batch)
		w->most = w->most * 2 > (size_t)w->preset->batch
		    ? (size_t)w->preset->batch
		    : w->most * 2;
	return *taken == n ? OUTPUT_DONE : OUTPUT_BUSY;
}

/* The question was answered: there already, or send it now. */
static enum answer_verdict
judge_lookup(struct webhook *w, const struct answer *a, int64_t *wait)
{
	enum answer_verdict v = answer_judge(
	    w->preset, a, w->n, w->items, wait, &w->why);
	struct json_reader r;
	const struct json *root;

	if (a->status != 200)
		return v == ANSWER_DONE || v == ANSWER_LOST ? ANSWER_HOLD : v;
	json_reader_init(&r);
	root = json_parse(&r, a->body, NULL);
	w->asked = !json_path(root, w->preset->found ? w->preset->found : "");
	json_reader_release(&r);
	return ANSWER_DONE;
}

static enum output_verdict
look(struct webhook *w, const char *p, size_t n, size_t *taken, struct err *e)
{
	struct http_answer got;
	struct answer a;
	enum answer_verdict v;
	int64_t wait = 0;

	switch (http_step(w->http, &got, &w->why)) {
	case HTTP_WAITS:
		return OUTPUT_BUSY;
	case HTTP_FAILED:
		set_items(w, ANSWER_AGAIN);
		return settle(w, ANSWER_AGAIN, 0, p, n, taken, e);
	default:
		break;
	}
	a = (struct answer){ got.status, got.retry_after,
		slice_of(got.body, got.body_n) };
	if (w->phase == SENDS) {
		v = answer_judge(w->preset, &a, w->n, w->items, &wait, &w->why);
		return settle(w, v, wait, p, n, taken, e);
	}
	v = judge_lookup(w, &a, &wait);
	if (v == ANSWER_DONE && w->asked) {
		w->phase = IDLE;
		return OUTPUT_BUSY; /* not there: the next write sends it */
	}
	set_items(w, v);
	return settle(w, v, wait, p, n, taken, e);
}

/* No body can be made of one of them: our fault or the preset's. */
static enum output_verdict
refuse(struct webhook *w, int err, size_t bad, const char *p, size_t n,
    size_t *taken, struct err *e)
{
	if (err != ST_EFORMAT && err != ST_ELIMIT) {
		set_items(w, ANSWER_AGAIN);
		return settle(w, ANSWER_AGAIN, 0, p, n, taken, e);
	}
	if (w->n > 1 && bad == 0 && err == ST_EFORMAT)
		w->n = 1;
	set_items(w, ANSWER_LOST);
	return settle(w, ANSWER_LOST, 0, p, n, taken, e);
}

static enum output_verdict
webhook_write(void *self, const char *p, size_t n, size_t *taken, struct err *e)
{
	struct webhook *w = self;
	size_t bad = 0;
	int err;

	*taken = 0;
	if (n == 0)
		return OUTPUT_DONE;
	if (w->phase == IDLE) {
		if (!pace_may(&w->pace, clock_ms())) {
			*e = w->why;
			return w->pace.failures ? OUTPUT_AGAIN : OUTPUT_BUSY;
		}
		choose_lines(w, p, n);
		if (w->batch.failed || w->n == 0) {
			err_set(e, ST_ENOMEM, "out of memory");
			return OUTPUT_AGAIN;
		}
		err = begin(w, &bad, &w->why);
		if (err < 0)
			return refuse(w, err, bad, p, n, taken, e);
	}
	return look(w, p, n, taken, e);
}

static int
webhook_flush(void *self, struct err *e)
{
	(void)self;
	(void)e;
	return 0;
}

static int
webhook_reopen(void *self, size_t torn, bool *fresh, struct err *e)
{
	(void)self;
	(void)torn;
	(void)e;
	*fresh = false;
	return 0;
}

const struct output_kind output_webhook = {
	.name = "webhook",
	.help = "sends to a service over HTTP",
	.check = webhook_check,
	.open = webhook_open,
	.write = webhook_write,
	.flush = webhook_flush,
	.reopen = webhook_reopen,
	.close = webhook_close,
};
