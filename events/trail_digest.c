/*
 * trail_digest.c - CloudTrail's digest files: what a trail says of its own files.
 *
 * See trail_digest.h.  Which files are there, and whether signatures are good, is for
 * others.
 */
#include "events/trail_digest.h"

static struct slice
text_of(const struct json *root, const char *name)
{
	return json_text(json_get(root, name));
}

int
trail_digest_parse(
    struct json_reader *r, struct slice text, struct trail_digest *result)
{
	struct err e;
	const struct json *root = json_parse(r, text, &e);
	struct trail_digest d = {
		.account = text_of(root, "awsAccountId"),
		.bucket = text_of(root, "digestS3Bucket"),
		.object = text_of(root, "digestS3Object"),
		.start = text_of(root, "digestStartTime"),
		.end = text_of(root, "digestEndTime"),
		.fingerprint = text_of(root, "digestPublicKeyFingerprint"),
		.previous_object = text_of(root, "previousDigestS3Object"),
		.previous_hash = text_of(root, "previousDigestHashValue"),
		.previous_signature = text_of(root, "previousDigestSignature"),
		.files = json_get(root, "logFiles"),
	};

	if (slice_is_null(d.bucket) || slice_is_null(d.object) ||
	    slice_is_null(d.start) || slice_is_null(d.end) ||
	    slice_is_null(d.fingerprint) ||
	    !json_get(root, "previousDigestSignature") ||
	    json_type(d.files) != JSON_ARRAY)
		return ST_EFORMAT;
	*result = d;
	return 0;
}

bool
trail_digest_file(const struct trail_digest *d, struct json_iter *at,
    struct trail_file *result)
{
	const struct json *f = json_next(d->files, at, NULL);

	if (!f)
		return false;
	*result = (struct trail_file){ .bucket = text_of(f, "s3Bucket"),
		.object = text_of(f, "s3Object"),
		.hash = text_of(f, "hashValue") };
	return true;
}

void
trail_digest_signed(
    const struct trail_digest *d, const char *hash, struct buf *out)
{
	buf_add_slice(out, d->end);
	buf_addc(out, '\n');
	buf_add_slice(out, d->bucket);
	buf_addc(out, '/');
	buf_add_slice(out, d->object);
	buf_addf(out, "\n%s\n", hash);
	if (slice_is_null(d->previous_signature))
		buf_adds(out, "null");
	else
		buf_add_slice(out, d->previous_signature);
}

struct slice
trail_digest_chain(const struct trail_digest *d)
{
	size_t from = d->object.n, to;

	while (from > 0 && d->object.p[from - 1] != '/')
		from--;
	for (to = d->object.n; to > from && d->object.p[to - 1] != '_'; to--)
		;
	return to > from + 1 ? slice_of(d->object.p + from, to - from - 1)
			     : SLICE_NULL;
}
