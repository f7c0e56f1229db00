/*
 * sample.h - a finding made by hand, for tests of what is done with findings.
 *
 *     struct sample s;
 *     sample_aws(&s);                        // s.f is a whole finding
 *     struct slice **all = s.strings;        // every string of it
 */
#ifndef ST_SAMPLE_H
#define ST_SAMPLE_H

#include "detect/finding.h"

#define SAMPLE_STRINGS 64

struct sample {
	struct finding f;
	struct hop hops[2];
	/* Every string in it that comes from outside. */
	struct slice *strings[SAMPLE_STRINGS];
	size_t n_strings;
};

/* A person from a country and a network that is not theirs. */
void sample_aws(struct sample *s);
/* A service account's token, minted by another; a private address. */
void sample_gcp(struct sample *s);
/* Only an id: all that may be absent is. */
void sample_bare(struct sample *s);

/* "2026-03-01T08:00:00Z" and so on; aborts where it is no moment. */
struct when sample_when(const char *text);

#endif
