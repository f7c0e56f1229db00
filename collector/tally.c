/*
 * tally.c - what has been counted, as rows of the books and back.
 *
 * See tally.h.  A row is a form, plain numbers, and lists of name and number.
 * Pure functions.
 */
#include "collector/tally.h"

#define FORM 1
#define NAMES_MAX 1024 /* of a list that is read */

typedef const char *name_of(unsigned i);

static const char *
reject_at(unsigned i)
{
	return reject_name((enum reject)i);
}

static const char *
verdict_at(unsigned i)
{
	return verdict_name((enum verdict_word)i);
}

static const char *
severity_at(unsigned i)
{
	return severity_name((enum severity)i);
}

static void
save_list(const uint64_t *n, unsigned count, name_of *name, struct buf *out)
{
	pack_uint(out, count);
	for (unsigned i = 0; i < count; i++) {
		pack_word(out, name(i));
		pack_uint(out, n[i]);
	}
}

/* What has no name here any more goes to the last of the list: no number is
 * lost. */
static void
load_list(struct unpack *u, uint64_t *n, unsigned count, name_of *name)
{
	uint64_t left = unpack_at_most(u, NAMES_MAX);

	while (left-- > 0 && !u->failed) {
		struct slice word = unpack_slice(u);
		uint64_t value = unpack_uint(u);
		unsigned i = 0;

		while (i < count - 1 && !slice_is(word, name(i)))
			i++;
		n[i] += value;
	}
}

void
tally_save(const struct sift_counts *c, struct buf *out)
{
	pack_uint(out, FORM);
	pack_uint(out, c->received);
	pack_uint(out, c->token_requests);
	pack_uint(out, c->uses);
	pack_uint(out, c->other);
	pack_uint(out, c->bytes);
	save_list(c->rejected, REJECT_COUNT, reject_at, out);
}

int
tally_load(struct slice bytes, struct sift_counts *result)
{
	struct unpack u = unpack_of(bytes);
	struct sift_counts c;
	bool known = unpack_uint(&u) == FORM;

	memset(&c, 0, sizeof(c));
	c.received = unpack_uint(&u);
	c.token_requests = unpack_uint(&u);
	c.uses = unpack_uint(&u);
	c.other = unpack_uint(&u);
	c.bytes = unpack_uint(&u);
	load_list(&u, c.rejected, REJECT_COUNT, reject_at);
	if (!known || !unpack_is_whole(&u))
		return ST_EFORMAT;
	*result = c;
	return 0;
}

void
tally_save_pipeline(const struct pipeline_counts *p, struct buf *out)
{
	pack_uint(out, FORM);
	pack_uint(out, p->requests);
	pack_uint(out, p->duplicates);
	pack_uint(out, p->refused);
	pack_uint(out, p->notices);
	save_list(p->by_verdict, VERDICT_COUNT, verdict_at, out);
	save_list(p->findings, SEV_COUNT, severity_at, out);
}

int
tally_load_pipeline(struct slice bytes, struct pipeline_counts *result)
{
	struct unpack u = unpack_of(bytes);
	struct pipeline_counts p;
	bool known = unpack_uint(&u) == FORM;

	memset(&p, 0, sizeof(p));
	p.requests = unpack_uint(&u);
	p.duplicates = unpack_uint(&u);
	p.refused = unpack_uint(&u);
	p.notices = unpack_uint(&u);
	load_list(&u, p.by_verdict, VERDICT_COUNT, verdict_at);
	load_list(&u, p.findings, SEV_COUNT, severity_at);
	if (!known || !unpack_is_whole(&u))
		return ST_EFORMAT;
	*result = p;
	return 0;
}
