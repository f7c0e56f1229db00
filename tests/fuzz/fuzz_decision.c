/*
 * fuzz_decision.c - any bytes as a decision line.
 *
 * What is accepted must be written and read again, and written again must
 * give the same bytes.
 */
#include "lib/json.h"
#include "outputs/format/format.h"
#include "outputs/format/parse.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

/* False where it is none. */
static bool
rewrite(struct slice text, struct buf *out)
{
	struct json_reader r;
	const struct json *v;
	struct arena a;
	struct request request;
	struct verdict verdict;
	struct slice group;
	bool good = false;

	arena_init(&a, 4096);
	json_reader_init(&r);
	v = json_parse(&r, text, NULL);
	if (json_type(v) == JSON_OBJECT &&
	    decision_parse(v, &a, &request, &verdict, &group, NULL) == 0) {
		decision_write(&request, &verdict, group.p, out);
		good = true;
	}
	json_reader_release(&r);
	arena_release(&a);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = BUF_INIT, again = BUF_INIT;

	if (rewrite(slice_of((const char *)data, size), &first)) {
		if (!rewrite(buf_slice(&first), &again))
			abort();
		if (!slice_eq(buf_slice(&first), buf_slice(&again)))
			abort();
	}
	buf_release(&first);
	buf_release(&again);
	return 0;
}
