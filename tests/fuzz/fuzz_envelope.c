/*
 * fuzz_envelope.c - any bytes as a line, as a JSON string and as base64.
 *
 * Bodies stand inside their line; a string that the JSON reader takes says the
 * same here; what was encoded comes back.
 */
#include "tests/fuzz/fuzz.h"

#include "events/envelope.h"
#include "lib/json.h"
#include "lib/utf8.h"

#include <stdlib.h>

static struct json_reader reader;

static void
must(int holds)
{
	if (!holds)
		abort();
}

static void
bodies(struct slice line)
{
	const char *p = line.p, *end = line.p + line.n, *before = NULL;

	while (p < end && (p = envelope_body(line, p))) {
		must(p >= line.p && p < end && p != before);
		must(*p == '{' || *p == '[');
		before = p++;
	}
}

static void
same_as_the_reader(struct slice string)
{
	struct buf out = BUF_INIT;
	bool ok = envelope_unescape(string, &out);
	const struct json *v;
	struct err e;

	v = json_parse(&reader, string, &e);
	if (json_type(v) == JSON_STRING && string.p[0] == '"' &&
	    string.p[string.n - 1] == '"' && utf8_valid(string)) {
		must(ok);
		must(slice_eq(buf_slice(&out), json_text(v)));
	}
	buf_release(&out);
}

static void
strings(struct slice bytes)
{
	struct buf quoted = BUF_INIT;

	same_as_the_reader(bytes);
	buf_addc(&quoted, '"');
	buf_add_slice(&quoted, bytes);
	buf_addc(&quoted, '"');
	same_as_the_reader(buf_slice(&quoted));
	buf_release(&quoted);
}

/* By the book: three bytes are four characters. */
static void
encode(struct slice bytes, struct buf *out)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t v = (uint32_t)(unsigned char)bytes.p[i] << 16;

		if (left > 1)
			v |= (uint32_t)(unsigned char)bytes.p[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)bytes.p[i + 2];
		buf_addc(out, alphabet[v >> 18]);
		buf_addc(out, alphabet[v >> 12 & 63]);
		buf_addc(out, left > 1 ? alphabet[v >> 6 & 63] : '=');
		buf_addc(out, left > 2 ? alphabet[v & 63] : '=');
	}
}

static void
base64(struct slice bytes)
{
	struct buf text = BUF_INIT, out = BUF_INIT;

	if (envelope_base64(bytes, &out))
		must(out.n <= bytes.n / 4 * 3 + 3);
	(void)envelope_is_base64(bytes);
	buf_reset(&out);
	encode(bytes, &text);
	if (bytes.n > 0 && (bytes.p[0] == '{' || bytes.p[0] == '['))
		must(envelope_is_base64(buf_slice(&text)));
	must(envelope_base64(buf_slice(&text), &out));
	must(slice_eq(buf_slice(&out), bytes));
	buf_release(&text);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of((const char *)data, size);

	bodies(bytes);
	strings(bytes);
	base64(bytes);
	return 0;
}
