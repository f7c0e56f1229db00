/*
 * source.c - where a request came from, as the record says it.
 *
 * See source.h.  Any thread.
 */
#include "events/source.h"

static bool
is_address(struct slice text, struct addr *addr)
{
	struct slice first = slice_before(text, ',');

	return addr_parse(slice_trim(first.p ? first : text), addr);
}

static enum source_kind
kind_of_name(struct slice s)
{
	if (slice_ends(s, ".amazonaws.com") ||
	    slice_ends(s, ".amazonaws.com.cn"))
		return SOURCE_CLOUD_SERVICE;
	if (slice_starts(s, "AWS Internal") || slice_is(s, "aws.internal") ||
	    slice_is(s, "gce-internal-ip") || slice_is(s, "private"))
		return SOURCE_CLOUD_INTERNAL;
	return SOURCE_UNKNOWN;
}

void
source_read(struct slice text, char *buf, struct source *result)
{
	struct source s = { .kind = SOURCE_UNKNOWN };

	if (text.p && is_address(text, &s.addr)) {
		s.kind = addr_is_private(&s.addr) ? SOURCE_PRIVATE : SOURCE_IP;
		s.ip = addr_format(&s.addr, buf);
	} else if (text.p) {
		s.kind = kind_of_name(text);
		s.name = text;
	}
	*result = s;
}
