/*
 * fuzz_gcp.c - any JSON as a LogEntry of every token method: decoded, packed and
 * unpacked again.
 */
#include "events/gcp.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void
decode(const struct json *root, struct slice text, const struct api *api)
{
	struct request r, back;
	struct buf b = BUF_INIT;
	struct arena a;
	size_t taken = 0;

	arena_init(&a, 4096);
	if (gcp_decode(root, text, api, &a, &r) != 0)
		abort();
	if (!r.event_id.n || !r.action.n || (r.target_account.p && !r.target.p))
		abort();
	request_pack(&r, &b);
	if (request_unpack(buf_slice(&b), &back, &taken) != 0 || taken != b.n)
		abort();
	buf_release(&b);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size);
	struct json_reader reader;
	const struct json *root;

	json_reader_init(&reader);
	root = json_parse(&reader, text, NULL);
	gcp_payload(root);
	gcp_api(root);
	for (size_t i = 0; root && i < catalogue_size; i++)
		if (catalogue[i].provider == PROVIDER_GCP)
			decode(root, text, &catalogue[i]);
	json_reader_release(&reader);
	return 0;
}
