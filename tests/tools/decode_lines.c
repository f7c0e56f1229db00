/*
 * decode_lines.c - records, one a line, as decision lines.
 *
 *     decode_lines [-t ROUNDS] FILE...
 *
 * Prints what the decoders alone know of each token request: no place, no
 * verdict.  With -t it prints instead how long decoding took (reading the JSON
 * is not in it).  For looking at a corpus of records; nothing is unwrapped.
 */
#include "events/cloudtrail.h"
#include "events/gcp.h"
#include "lib/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct totals {
	unsigned long lines, requests, rounds;
	double seconds;
};

static void
member_when(struct jsonw *w, const char *name, struct when when)
{
	char text[WHEN_TEXT];

	jsonw_member(
	    w, name, when.valid ? when_format(when, text) : SLICE_NULL);
}

static void
print_request(const struct request *r, struct buf *out)
{
	struct jsonw w;

	buf_reset(out);
	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "event_id", r->event_id);
	jsonw_member_str(&w, "provider", provider_name(r->provider));
	member_when(&w, "time", r->time);
	jsonw_member(&w, "action", r->action);
	jsonw_member_str(&w, "kind", token_kind_name(r->kind));
	jsonw_member(&w, "principal", r->principal);
	jsonw_member_str(
	    &w, "principal_type", principal_type_name(r->principal_type));
	jsonw_member(&w, "account", r->account);
	jsonw_member(&w, "target", r->target);
	jsonw_member(&w, "target_account", r->target_account);
	jsonw_member(&w, "session", r->session);
	jsonw_member(&w, "caller_session", r->caller_session);
	jsonw_member(&w, "credential", r->credential);
	member_when(&w, "expires", r->expires);
	jsonw_member(&w, "cloud_region", r->cloud_region);
	jsonw_member_str(&w, "outcome", outcome_name(r->outcome));
	jsonw_member(&w, "error", r->error);
	jsonw_key(&w, "source");
	jsonw_object(&w);
	jsonw_member_str(&w, "kind", source_kind_name(r->source.kind));
	jsonw_member(&w, "ip", r->source.ip);
	jsonw_member(&w, "name", r->source.name);
	jsonw_end(&w);
	jsonw_member(&w, "user_agent", r->user_agent);
	jsonw_end(&w);
	buf_addc(out, '\n');
	fwrite(out->p, 1, out->n, stdout);
}

static const struct api *
find_api(const struct json *root)
{
	const struct api *api;

	api = catalogue_find_aws(json_text(json_get(root, "eventSource")),
	    json_text(json_get(root, "eventName")));
	if (!api)
		api = gcp_api(root);
	if (!api || api->tier == TIER_RELATED || !api->on ||
	    !cloudtrail_counts(root, api))
		return NULL;
	return api;
}

static int
decode(const struct json *root, struct slice line, const struct api *api,
    struct arena *a, struct request *r)
{
	return api->provider == PROVIDER_AWS
	    ? cloudtrail_decode(root, line, api, a, r)
	    : gcp_decode(root, line, api, a, r);
}

static void
measure(const struct json *root, struct slice line, const struct api *api,
    struct arena *a, struct totals *t)
{
	struct timespec from, to;
	struct request r;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned long i = 0; i < t->rounds; i++) {
		arena_reset(a);
		err |= decode(root, line, api, a, &r);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (err < 0)
		exit(1);
	t->seconds += (double)(to.tv_sec - from.tv_sec) +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void
run_file(const char *path, struct totals *t)
{
	struct json_reader reader;
	struct buf out = BUF_INIT;
	struct arena a;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f = fopen(path, "r");

	if (!f) {
		perror(path);
		exit(3);
	}
	json_reader_init(&reader);
	arena_init(&a, 4096);
	while ((n = getline(&line, &cap, f)) > 0) {
		struct slice text = slice_of(line, (size_t)n);
		const struct json *root = json_parse(&reader, text, NULL);
		const struct api *api = root ? find_api(root) : NULL;
		struct request r;

		t->lines++;
		if (!api)
			continue;
		t->requests++;
		arena_reset(&a);
		if (t->rounds)
			measure(root, text, api, &a, t);
		else if (decode(root, text, api, &a, &r) == 0)
			print_request(&r, &out);
	}
	fclose(f);
	free(line);
	buf_release(&out);
	arena_release(&a);
	json_reader_release(&reader);
}

int
main(int argc, char **argv)
{
	struct totals t = { 0 };
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "-t") == 0) {
		t.rounds = strtoul(argv[2], NULL, 10);
		i = 3;
	}
	for (; i < argc; i++)
		run_file(argv[i], &t);
	if (t.rounds && t.requests)
		printf("%lu of %lu lines, %.0f ns each\n", t.requests, t.lines,
		    t.seconds * 1e9 / (double)t.requests / (double)t.rounds);
	return 0;
}
