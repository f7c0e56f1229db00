/*
 * books.c - what came in and what became of it.
 *
 * See books.h.
 */
#include "collector/books.h"

#include <inttypes.h>

void
books_make(const struct sift_counts *in, const struct pipeline_counts *p,
    uint64_t undecided, struct books *b)
{
	memset(b, 0, sizeof(*b));
	memcpy(b->rejected_by, in->rejected, sizeof(b->rejected_by));
	b->rejected_by[REJECT_NO_MEMORY] += p->refused;
	for (unsigned i = 0; i < REJECT_COUNT; i++)
		b->rejected += b->rejected_by[i];
	b->received = in->received;
	b->uses = in->uses;
	b->other = in->other;
	b->duplicates = p->duplicates;
	b->in_flight = undecided;
	b->token_requests = in->token_requests - p->duplicates - p->refused -
	    undecided;
	for (unsigned i = 0; i < SEV_COUNT; i++) {
		b->findings_by[i] = p->findings[i];
		b->findings += p->findings[i];
	}
}

bool
books_balance(const struct books *b)
{
	return b->received ==
	    b->token_requests + b->uses + b->other + b->duplicates +
	    b->rejected + b->in_flight;
}

static void
tell_parts(
    struct buf *out, const char *const *names, const uint64_t *n, size_t count)
{
	const char *sep = " (";

	for (size_t i = 0; i < count; i++) {
		if (n[i] == 0)
			continue;
		buf_addf(out, "%s%" PRIu64 " %s", sep, n[i], names[i]);
		sep = ", ";
	}
	buf_adds(out, sep[0] == ',' ? ")" : "");
}

void
books_tell(const struct books *b, struct buf *out)
{
	const char *rejects[REJECT_COUNT], *severities[SEV_COUNT];

	for (unsigned i = 0; i < REJECT_COUNT; i++)
		rejects[i] = reject_name((enum reject)i);
	for (unsigned i = 0; i < SEV_COUNT; i++)
		severities[i] = severity_name((enum severity)i);
	buf_addf(out,
	    "received %" PRIu64 " = %" PRIu64 " token requests + %" PRIu64
	    " uses + %" PRIu64 " other + %" PRIu64 " duplicates + %" PRIu64
	    " rejected",
	    b->received, b->token_requests, b->uses, b->other, b->duplicates,
	    b->rejected);
	tell_parts(out, rejects, b->rejected_by, REJECT_COUNT);
	buf_addf(out, " + %" PRIu64 " in flight; %" PRIu64 " findings",
	    b->in_flight, b->findings);
	tell_parts(out, severities, b->findings_by, SEV_COUNT);
}
