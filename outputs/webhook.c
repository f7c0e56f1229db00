/*
 * webhook.c - findings to a service over HTTP, as its preset says.
 *
 * Makes a request of a batch, and of the answer what became of each record.
 * The request itself is webhook/curl's, bodies are preset.c's, the meaning of
 * answers is answer.c's; when to try again is the core's.  On the host's
 * thread.
 */
#include "outputs/output.h"

#include "lib/when.h"
#include "outputs/answer.h"
#include "outputs/settings.h"
#include "outputs/sign.h"
#include "outputs/webhook/curl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define HEADERS_MAX (PRESET_HEADERS_MAX * 2 + 5)
#define TIMEOUT_MS 10000
/* While somebody must act (a token that is refused, an address that moved). */
#define HOLD_MS 60000

enum phase { IDLE, ASKS, SENDS };

struct webhook {
	const struct stsentry_host *host;
	const struct stsentry_setup *setup;
	const char *token; /* NULL: none */
	struct preset *preset;
	const struct template_var *vars;
	struct arena arena; /* vars */
	struct http *http;
	enum phase phase;
	/* what is on its way */
	const struct stsentry_record *records;
	size_t n;
	struct arena request;
	const char *headers[HEADERS_MAX + 1];
	size_t n_headers;
	struct buf url, body;
	struct slice lines[PRESET_BATCH_MAX];
	enum answer_verdict items[PRESET_BATCH_MAX];
	struct err why;
};

static int
told(struct stsentry_why *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return -1;
}

static const char *
preset_name(const struct stsentry_setup *s)
{
	const char *name = settings_text(s, "preset");

	return name ? name : "generic";
}

/* A secret that is none would refuse each finding later. */
static int
check_secret(const char *token, const struct preset *p, struct err *e)
{
	struct buf b = BUF_INIT;
	int err = 0;

	if (p->sign != SIGN_NONE && token)
		err = sign_webhook(
		    slice_str(token), SLICE_LIT("id"), 0, SLICE_LIT(""), &b, e);
	buf_release(&b);
	return err;
}

static int
check_needs(
    const struct stsentry_setup *s, const struct preset *p, struct err *e)
{
	const char *token = settings_text(s, "token");

	for (size_t i = 0; i < p->needs.n; i++)
		if (strcmp(p->needs.v[i], "token") == 0 && !token)
			return err_set(e, ST_EINVAL,
			    "the preset %s needs a token", preset_name(s));
	if (settings_text(s, "template"))
		return err_set(e, ST_EINVAL,
		    "template: make it the body of a preset's file instead");
	return check_secret(token, p, e);
}

static int
webhook_check(const struct stsentry_setup *s, struct stsentry_why *why)
{
	struct err e = { .text = "" };
	struct preset *p = NULL;
	int err = preset_load(preset_name(s), &p, &e);

	if (err == 0)
		err = check_needs(s, p, &e);
	preset_free(p);
	return err < 0 ? told(why, e.text) : 0;
}

static void
webhook_close(void *self)
{
	struct webhook *w = self;

	http_free(w->http);
	preset_free(w->preset);
	arena_release(&w->arena);
	arena_release(&w->request);
	buf_release(&w->url);
	buf_release(&w->body);
	free(w);
}

static int
make_vars(struct webhook *w, struct err *e)
{
	const struct template_var vars[] = {
		{ "url", slice_str(settings_text(w->setup, "url")) },
		{ "token", slice_str(w->token) },
		{ "host", slice_str(w->setup->machine) },
		{ NULL, { NULL, 0 } },
	};

	w->vars = preset_vars(w->preset, vars, &w->arena);
	return w->vars ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static void on_answer(void *arg, const struct http_answer *a);

static int
prepare(struct webhook *w, struct err *e)
{
	const struct http_options options = {
		.ca = settings_text(w->setup, "ca"),
		.cert = settings_text(w->setup, "cert"),
		.key = settings_text(w->setup, "key"),
		.timeout_ms = settings_number(w->setup, "timeout", TIMEOUT_MS),
		.private_ok = settings_number(w->setup, "private", 0) != 0,
	};
	int err = preset_load(preset_name(w->setup), &w->preset, e);

	if (err == 0)
		err = make_vars(w, e);
	if (err < 0)
		return err;
	w->http = http_new(w->host, &options, on_answer, w);
	return w->http ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static void *
webhook_open(const struct stsentry_setup *setup,
    const struct stsentry_host *host, struct stsentry_why *why)
{
	struct webhook *w = calloc(1, sizeof(*w));
	struct err e = { .text = "" };

	if (!w) {
		told(why, "out of memory");
		return NULL;
	}
	arena_init(&w->arena, 512);
	arena_init(&w->request, 1024);
	w->host = host;
	w->setup = setup;
	w->token = settings_text(setup, "token");
	if (prepare(w, &e) < 0) {
		told(why, e.text);
		webhook_close(w);
		return NULL;
	}
	host->batch(host, (size_t)w->preset->batch);
	host->rate(host, w->preset->rate);
	return w;
}

/* ---- a request ---- */

static void
add_header(struct webhook *w, const char *name, struct slice value)
{
	struct slice line = arena_printf(
	    &w->request, "%s: %.*s", name, SLICE_ARG(value));

	if (line.p && w->n_headers < HEADERS_MAX)
		w->headers[w->n_headers++] = line.p;
}

/* The user's own, as "Name: value"; NULL behind the last. */
static const char *
own_header(const struct webhook *w, size_t n)
{
	for (size_t i = 0; i < w->setup->n_settings; i++)
		if (strcmp(w->setup->settings[i].name, "headers") == 0 &&
		    n-- == 0)
			return w->setup->settings[i].text;
	return NULL;
}

/* The user's own come last and replace the preset's. */
static bool
is_replaced(const struct webhook *w, const char *name)
{
	size_t n = strlen(name);
	const char *own;

	for (size_t i = 0; (own = own_header(w, i)); i++)
		if (strncasecmp(own, name, n) == 0 && own[n] == ':')
			return true;
	return false;
}

static void
add_headers(struct webhook *w, const struct template_input *in)
{
	struct buf b = BUF_INIT;
	const char *own;

	for (unsigned i = 0; i < w->preset->n_headers; i++) {
		buf_reset(&b);
		if (!is_replaced(w, w->preset->header_names[i]) &&
		    template_render(w->preset->headers[i], in, &b) == 0)
			add_header(
			    w, w->preset->header_names[i], buf_slice(&b));
	}
	for (size_t i = 0; i < PRESET_HEADERS_MAX && (own = own_header(w, i));
	     i++)
		w->headers[w->n_headers++] = own;
	buf_release(&b);
}

/* The same id at each try: the receiver knows a finding that it has. */
static int
add_signature(struct webhook *w, struct err *e)
{
	int64_t now = when_now().sec;
	struct buf b = BUF_INIT;
	struct slice id;
	int err = 0;

	if (w->preset->sign == SIGN_NONE)
		return 0;
	id = arena_printf(&w->request, "%s-%" PRIu32, w->records[0].id,
	    w->records[0].revision);
	add_header(w, "webhook-id", id);
	add_header(
	    w, "webhook-timestamp", arena_printf(&w->request, "%" PRId64, now));
	if (w->token) {
		err = sign_webhook(
		    slice_str(w->token), id, now, buf_slice(&w->body), &b, e);
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
	struct stsentry_why why;
	int err;

	buf_reset(&w->url);
	err = preset_url(r, root, w->vars, &w->url, e);
	if (err == 0 && r == &w->preset->send)
		err = add_signature(w, e);
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
	if (http_begin(w->http, &request, &why) < 0)
		return err_set(e, ST_ENOMEM, "%s", why.text);
	return 0;
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
begin(struct webhook *w, enum phase phase, size_t *bad, struct err *e)
{
	struct template_input in = { .vars = w->vars, .arena = &w->request };
	struct json_reader r;
	int err;

	arena_reset(&w->request);
	w->n_headers = 0;
	w->phase = phase;
	json_reader_init(&r);
	in.root = preset_root(w->preset, &r, w->lines[0], &w->request);
	err = make_body(w, &in, bad, e);
	if (err == 0) {
		add_headers(w, &in);
		err = send_request(w,
		    phase == ASKS ? &w->preset->lookup : &w->preset->send,
		    in.root, e);
	}
	json_reader_release(&r);
	return err;
}

/* ---- what became of it ---- */

static const struct {
	int verdict;
	int64_t wait_ms;
} meanings[] = {
	[ANSWER_DONE] = { STSENTRY_DONE, 0 },
	[ANSWER_AGAIN] = { STSENTRY_AGAIN, 0 },
	[ANSWER_HOLD] = { STSENTRY_AGAIN, HOLD_MS },
	[ANSWER_LOST] = { STSENTRY_LOST, 0 },
};

static void
answer(const struct webhook *w, const struct stsentry_record *r, size_t n,
    enum answer_verdict v, int64_t wait)
{
	struct stsentry_answer a = { .verdict = meanings[v].verdict,
		.wait_ms = meanings[v].wait_ms,
		.why = w->why.text };

	if (a.wait_ms < wait)
		a.wait_ms = wait;
	w->host->answer(w->host, r, n, &a);
}

/* The whole was one answer: of what is refused one may be the cause. */
static void
answer_all(struct webhook *w, enum answer_verdict v, int64_t wait)
{
	w->phase = IDLE;
	answer(w, w->records, w->n, v, wait);
}

static void
answer_each(struct webhook *w, int64_t wait)
{
	const struct stsentry_record *r = w->records;
	size_t n = w->n;

	w->phase = IDLE;
	for (size_t i = 0; i < n; i++)
		answer(w, r + i, 1, w->items[i], wait);
}

/* No body can be made of one of them: our fault or the preset's. */
static void
refuse(struct webhook *w, int err, size_t bad)
{
	const struct stsentry_record *r = w->records;
	size_t n = w->n;

	if (err != ST_EFORMAT && err != ST_ELIMIT) {
		answer_all(w, ANSWER_AGAIN, 0);
		return;
	}
	if (err == ST_ELIMIT || bad >= n || n == 1) {
		answer_all(w, ANSWER_LOST, 0);
		return;
	}
	w->phase = IDLE;
	answer(w, r, bad, ANSWER_AGAIN, 0);
	answer(w, r + bad, 1, ANSWER_LOST, 0);
	answer(w, r + bad + 1, n - bad - 1, ANSWER_AGAIN, 0);
}

static void
begin_or_refuse(struct webhook *w, enum phase phase)
{
	size_t bad = w->n;
	int err = begin(w, phase, &bad, &w->why);

	if (err < 0)
		refuse(w, err, bad);
}

/* The question was answered: there already, or send it now. */
static void
judge_lookup(struct webhook *w, const struct answer *a)
{
	int64_t wait = 0;
	enum answer_verdict v = answer_judge(
	    w->preset, a, w->n, w->items, &wait, &w->why);
	struct json_reader r;
	bool there;

	if (a->status != 200) {
		if (v == ANSWER_DONE || v == ANSWER_LOST)
			v = ANSWER_HOLD;
		answer_all(w, v, wait);
		return;
	}
	json_reader_init(&r);
	there = json_path(json_parse(&r, a->body, NULL),
		    w->preset->found ? w->preset->found : "") != NULL;
	json_reader_release(&r);
	if (there)
		answer_all(w, ANSWER_DONE, 0);
	else
		begin_or_refuse(w, SENDS);
}

static void
on_answer(void *arg, const struct http_answer *got)
{
	struct webhook *w = arg;
	const struct answer a = { got->status, got->retry_after,
		slice_of(got->body, got->body_n) };
	enum answer_verdict v;
	int64_t wait = 0;

	if (got->why) {
		err_set(&w->why, ST_EIO, "%s", got->why);
		answer_all(w, ANSWER_AGAIN, 0);
		return;
	}
	if (w->phase == ASKS) {
		judge_lookup(w, &a);
		return;
	}
	v = answer_judge(w->preset, &a, w->n, w->items, &wait, &w->why);
	if (w->preset->items && preset_in(&w->preset->done, a.status))
		answer_each(w, wait);
	else
		answer_all(w, v, wait);
}

static void
webhook_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct webhook *w = self;

	w->records = records;
	w->n = n;
	w->why.text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		w->lines[i] = slice_trim(
		    slice_of(records[i].data, records[i].size));
	begin_or_refuse(w, w->preset->lookup.url ? ASKS : SENDS);
}

static int
webhook_flush(void *self, struct stsentry_why *why)
{
	(void)self;
	(void)why;
	return 0;
}

const struct stsentry_output output_webhook = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "webhook",
	.help = "sends to a service over HTTP",
	.check = webhook_check,
	.open = webhook_open,
	.send = webhook_send,
	.flush = webhook_flush,
	.reopen = webhook_flush,
	.close = webhook_close,
};
