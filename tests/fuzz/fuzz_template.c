/*
 * fuzz_template.c - any bytes as a template, and as what fills one.
 *
 * The input is cut at its first zero byte: a template before it, a text that
 * becomes the title behind it.  A template of ours must give valid JSON with
 * that title, whatever it is.
 */
#include "lib/jsonw.h"
#include "outputs/format/template.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static const struct slice ours = SLICE_LIT(
    "{\"a\":\"{{title}}\",\"b\":\"{{title|slack|max:20}}\",\"c\":{{title|json}},"
    "\"d\":\"{{#max 30}}*{{title|markdown}}*\\n{{title|bytes:9}}{{/max}}\"}");

static void
run(struct slice text, enum template_context c, const struct json *root,
    bool must_parse)
{
	struct template *t = NULL;
	struct buf out = BUF_INIT;
	struct json_reader r;
	struct arena a;
	struct err e;
	struct template_input in = { .root = root, .arena = &a };

	arena_init(&a, 1024);
	json_reader_init(&r);
	if (template_compile(text, c, &t, &e) < 0) {
		if (must_parse)
			abort();
	} else if (template_render(t, &in, &out) == 0 && must_parse) {
		if (!json_parse(&r, buf_slice(&out), NULL))
			abort();
	}
	template_free(t);
	buf_release(&out);
	json_reader_release(&r);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of((const char *)data, size), title;
	const char *zero = size ? memchr(in.p, 0, in.n) : NULL;
	struct buf text = BUF_INIT;
	struct json_reader r;
	const struct json *root;
	struct jsonw w;

	title = in;
	if (zero) {
		title = slice_of(zero + 1, in.n - (size_t)(zero + 1 - in.p));
		in.n = (size_t)(zero - in.p);
	}
	jsonw_init(&w, &text);
	jsonw_object(&w);
	jsonw_member(&w, "title", title);
	jsonw_key(&w, "list");
	jsonw_array(&w);
	jsonw_slice(&w, title);
	jsonw_int(&w, 7);
	jsonw_end(&w);
	jsonw_end(&w);
	json_reader_init(&r);
	root = json_parse(&r, buf_slice(&text), NULL);
	if (!root)
		abort();
	run(ours, TEMPLATE_JSON, root, true);
	for (int c = TEMPLATE_TEXT; c <= TEMPLATE_CSV; c++)
		run(in, (enum template_context)c, root, false);
	json_reader_release(&r);
	buf_release(&text);
	return 0;
}
