/*
 * policy_event.c - a record that stands in a policy file becomes a request.
 *
 * Writes the YAML node as JSON and gives that to the sifter, so that a test
 * case takes the same way as a record from outside.  All token APIs are on.
 */
#include "detect/policy_event.h"

#include "events/sift.h"
#include "lib/jsonw.h"

static const char *
skip_digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* As JSON has them: no `+`, no zeros in front.  The text ends with a NUL. */
static bool
is_number(struct slice s)
{
	const char *p = s.p, *from;

	p += *p == '-';
	from = p;
	p = skip_digits(p);
	if (p == from || (*from == '0' && p > from + 1))
		return false;
	if (*p == '.') {
		from = ++p;
		p = skip_digits(p);
		if (p == from)
			return false;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		from = p;
		p = skip_digits(p);
		if (p == from)
			return false;
	}
	return p == s.p + s.n;
}

static void
write_scalar(const struct ynode *n, struct jsonw *w)
{
	if (!n->plain)
		jsonw_slice(w, n->text);
	else if (n->text.n == 0 || slice_is(n->text, "~") ||
	    slice_is(n->text, "null"))
		jsonw_null(w);
	else if (slice_is(n->text, "true") || slice_is(n->text, "false"))
		jsonw_bool(w, n->text.p[0] == 't');
	else if (is_number(n->text))
		jsonw_raw(w, n->text);
	else
		jsonw_slice(w, n->text);
}

/* As deep as YAML_DEPTH_MAX lets the tree be. */
static void
write_node(const struct ynode *n, struct jsonw *w)
{
	if (n->kind == YNODE_SCALAR) {
		write_scalar(n, w);
		return;
	}
	if (n->kind == YNODE_SEQ)
		jsonw_array(w);
	else
		jsonw_object(w);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == YNODE_MAP)
			jsonw_key(w, n->keys[i]->text.p);
		write_node(n->items[i], w);
	}
	jsonw_end(w);
}

void
policy_event_json(const struct ynode *n, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	write_node(n, &w);
}

struct found {
	struct arena *a;
	struct request *r;
	size_t n;
	bool failed;
};

static void
on_request(void *arg, struct request *r)
{
	struct found *f = arg;

	if (f->n++ == 0 && !request_copy(r, f->a, f->r))
		f->failed = true;
}

static int
sift_one(struct slice json, struct found *f, struct err *e)
{
	static const struct sift_calls calls = { .request = on_request };
	struct api_choice all;
	struct sift_options o = { .apis = &all };
	struct sifter *s;

	api_choice_all(&all);
	s = sifter_new(&o, &calls, f);
	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	sifter_frame(s, json, NULL, 0);
	sifter_free(s);
	if (f->failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (f->n != 1)
		return err_set(e, ST_EINVAL,
		    f->n ? "the event holds more than one token request"
			 : "the event is no token request");
	return 0;
}

int
policy_event_request(const struct ynode *event, struct arena *a,
    struct request *result, struct err *e)
{
	struct found f = { .a = a, .r = result };
	struct buf json = BUF_INIT;
	int err;

	if (event->kind == YNODE_SCALAR &&
	    !memchr(event->text.p, '{', event->text.n))
		return err_set(e, ST_EINVAL,
		    "the event is no record; one in a file is !file PATH");
	if (event->kind == YNODE_SCALAR)
		return sift_one(event->text, &f, e);
	policy_event_json(event, &json);
	if (json.failed)
		err = err_set(e, ST_ENOMEM, "out of memory");
	else
		err = sift_one(buf_slice(&json), &f, e);
	buf_release(&json);
	return err;
}
