/*
 * answer.c - what a service's answer means for what was sent.
 *
 * Knows statuses and what presets say of bodies.  Sends nothing, waits for
 * nothing.  Pure functions, any thread.
 */
#include "outputs/answer.h"

#include "conf/yaml.h"

#include <stdlib.h>

#define SHOWN_MAX 120

/* Ours or theirs to put right (address, secret, the form of all requests): the
 * finding is not the cause. */
static const int held[] = { 401, 402, 403, 404, 405, 406, 407, 410, 411, 415,
	417, 421, 426, 428, 451, 511 };

/* A redirect is not followed; a success that the preset does not count as one
 * may be another service's. */
static bool
is_held(int status)
{
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		if (held[i] == status)
			return true;
	return status >= 200 && status < 400;
}

/* Of the 4xx, those that say nothing final. */
static bool
is_passing(int status)
{
	return status == 408 || status == 425 || status == 429;
}

static enum answer_verdict
by_status(const struct preset *p, int status)
{
	if (preset_in(&p->done, status))
		return ANSWER_DONE;
	if (preset_in(&p->again, status) || is_passing(status))
		return ANSWER_AGAIN;
	if (is_held(status))
		return ANSWER_HOLD;
	/* Also what no standard knows. */
	return status >= 400 && status < 500 ? ANSWER_LOST : ANSWER_AGAIN;
}

static struct slice
trim(struct slice s)
{
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return slice_trim(s);
}

static void
say(struct err *why, const struct answer *a, const char *what)
{
	struct slice s = trim(a->body);
	char shown[SHOWN_MAX + 1];
	size_t n = s.n < SHOWN_MAX ? s.n : SHOWN_MAX;

	for (size_t i = 0; i < n; i++)
		shown[i] = s.p[i] < 0x20 || s.p[i] > 0x7e ? '.' : s.p[i];
	shown[n] = '\0';
	err_set(
	    why, ST_EIO, "%s %d%s%s", what, a->status, n ? ": " : "", shown);
}

static bool
same_text(const struct json *v, struct slice want)
{
	struct slice s = json_text(v);
	int64_t n;
	char *end, text[24];

	if (s.p)
		return slice_eq(s, want);
	if (json_type(v) == JSON_BOOL)
		return slice_is(want, json_true(v) ? "true" : "false");
	if (!json_int(v, &n) || want.n >= sizeof(text) || want.n == 0)
		return false;
	memcpy(text, want.p, want.n);
	text[want.n] = '\0';
	return strtoll(text, &end, 10) == n && *end == '\0';
}

/* A fault that stands inside an answer which says that all is well. */
static bool
body_is_well(
    const struct preset *p, const struct json *root, const struct answer *a)
{
	const struct ynode *want = p->answer_is;

	if (p->text_is && !slice_eq(trim(a->body), slice_str(p->text_is)))
		return false;
	for (size_t i = 0; want && i < want->n; i++)
		if (!same_text(json_path(root, want->keys[i]->text.p),
			want->items[i]->text))
			return false;
	return true;
}

/* A refusal that names what must be put right. */
static bool
is_held_by_body(const struct preset *p, const struct json *root)
{
	const struct ynode *held_is = p->held_is;

	for (size_t i = 0; held_is && i < held_is->n; i++) {
		const struct json *v = json_path(
		    root, held_is->keys[i]->text.p);
		const struct ynode *values = held_is->items[i];

		for (size_t k = 0; v && k < values->n; k++)
			if (same_text(v, values->items[k]->text))
				return true;
		if (v && values->n == 0)
			return true;
	}
	return false;
}

/* The answer says how many it did not take, and not which. */
static bool
some_refused(const struct preset *p, const struct json *root)
{
	const struct json *n = p->refused_at ? json_path(root, p->refused_at)
					     : NULL;

	return n && !same_text(n, SLICE_LIT("0"));
}

/* {"create":{"status":201}}, or {"status":201}. */
static enum answer_verdict
item_verdict(const struct preset *p, const struct json *item)
{
	struct json_iter at = { 0 };
	const struct json *inner = item;
	enum answer_verdict v;
	int64_t status = 0;

	if (!json_get(item, "status"))
		inner = json_next(item, &at, NULL);
	/* Not an answer to what was asked: who gives it? */
	if (!json_int(json_get(inner, "status"), &status))
		return ANSWER_HOLD;
	if (preset_in(&p->items_done, (int)status))
		return ANSWER_DONE;
	v = by_status(p, (int)status);
	return v == ANSWER_DONE ? ANSWER_LOST : v;
}

/* The gravest that is not final decides how to go on. */
static enum answer_verdict
judge_items(const struct preset *p, const struct json *root, size_t n,
    enum answer_verdict *items)
{
	const struct json *list = json_path(root, p->items), *item;
	enum answer_verdict all = ANSWER_DONE;
	struct json_iter at = { 0 };

	for (size_t i = 0; i < n; i++) {
		item = json_next(list, &at, NULL);
		items[i] = item_verdict(p, item);
		if (items[i] == ANSWER_AGAIN || items[i] == ANSWER_HOLD)
			all = items[i];
	}
	return all;
}

static void
fill_wait(const struct preset *p, const struct json *root,
    const struct answer *a, int64_t *wait_ms)
{
	double hint = p->wait_at ? json_real(json_path(root, p->wait_at)) : 0;
	int64_t ms = a->retry_after > ANSWER_WAIT_MAX_MS / 1000
	    ? ANSWER_WAIT_MAX_MS
	    : a->retry_after * 1000;

	if (hint > 0 && hint < (double)ANSWER_WAIT_MAX_MS / 1000 &&
	    (int64_t)(hint * 1000) > ms)
		ms = (int64_t)(hint * 1000);
	*wait_ms = ms > 0 ? ms : 0;
}

/* What a status means with this body. */
static enum answer_verdict
by_body(const struct preset *p, const struct answer *a, const struct json *root,
    enum answer_verdict v, struct err *why)
{
	if (v == ANSWER_LOST && p->done_text &&
	    slice_find(a->body, p->done_text))
		return ANSWER_DONE;
	if (v == ANSWER_DONE && !body_is_well(p, root, a)) {
		say(why, a, "the answer says done and is no success,");
		return ANSWER_HOLD;
	}
	if (v == ANSWER_DONE && some_refused(p, root)) {
		say(why, a, "some were refused,");
		return ANSWER_LOST;
	}
	if (v != ANSWER_DONE)
		say(why, a, "the answer is");
	return v == ANSWER_LOST && is_held_by_body(p, root) ? ANSWER_HOLD : v;
}

static enum answer_verdict
judge(const struct preset *p, const struct answer *a, const struct json *root,
    size_t n, enum answer_verdict *items, struct err *why)
{
	enum answer_verdict v = by_body(
	    p, a, root, by_status(p, a->status), why);

	for (size_t i = 0; i < n; i++)
		items[i] = v;
	if (v == ANSWER_DONE && p->items) {
		/* Read where one was not. */
		say(why, a, "some were not taken,");
		v = judge_items(p, root, n, items);
	}
	return v;
}

enum answer_verdict
answer_judge(const struct preset *p, const struct answer *a, size_t n,
    enum answer_verdict *items, int64_t *wait_ms, struct err *why)
{
	struct json_reader r;
	const struct json *root = NULL;
	enum answer_verdict v;

	json_reader_init(&r);
	if (a->body.n && preset_reads(p))
		root = json_parse(&r, a->body, NULL);
	fill_wait(p, root, a, wait_ms);
	v = judge(p, a, root, n, items, why);
	json_reader_release(&r);
	return v;
}
