/*
 * fuzz_twins.c - any sequence of records, live and in the order of time: each
 * has one line, in scan in the order they came, and an act is judged once.
 *
 * Three bytes a record: what it is, its sharedEventID and role, and how much
 * later than the one before.
 */
#include "collector/twins.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

struct state {
	bool live;
	unsigned fed, lines, judged, secondaries;
	unsigned last; /* number of the last line, from 1 */
};

static unsigned
number_of(const struct request *r)
{
	char text[16];

	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(r->event_id));
	return (unsigned)strtoul(text, NULL, 10);
}

static int
judge(void *arg, const struct request *r, struct verdict *v,
    char group[FINDING_ID_SIZE])
{
	struct state *s = arg;

	memset(v, 0, sizeof(*v));
	v->word = VERDICT_UNEXPECTED;
	v->score = 1;
	snprintf(group, FINDING_ID_SIZE, "f-%u", number_of(r));
	s->judged++;
	return 0;
}

static void
join(void *arg, const char *group, struct slice event_id)
{
	(void)arg;
	if (!group[0] || !event_id.p)
		abort();
}

static void
line(void *arg, const struct request *r, const struct verdict *v,
    const char *group)
{
	struct state *s = arg;

	if (!group)
		abort();
	if (v->score == 0)
		s->secondaries++;
	else if ((unsigned)strtoul(group + 2, NULL, 10) != number_of(r))
		abort(); /* somebody else's verdict */
	if (!s->live && number_of(r) != s->last + 1)
		abort();
	s->last = number_of(r);
	s->lines++;
}

static void
feed(struct twins *t, struct state *s, const uint8_t *p, int64_t *sec)
{
	static const char *const roles[] = { "arn:aws:iam::1:role/a",
		"arn:aws:iam::1:role/b", "arn:aws:iam::2:role/a", "no role" };
	struct request r = { 0 };
	char id[16], shared[16];

	snprintf(id, sizeof(id), "%u", ++s->fed);
	snprintf(shared, sizeof(shared), "s%u", p[1] & 31u);
	r.event_id = slice_str(id);
	if (p[0] & 1)
		r.shared_event_id = slice_str(shared);
	r.action = p[0] & 2 ? SLICE_LIT("sts:AssumeRole")
			    : SLICE_LIT("signin:SwitchRole");
	r.aws_internal = (p[0] & 4) != 0;
	r.principal_type = p[0] & 8 ? PT_ACCOUNT : PT_USER;
	r.source.kind = p[0] & 16 ? SOURCE_IP : SOURCE_CLOUD_INTERNAL;
	r.target = slice_str(roles[p[1] >> 6]);
	*sec += p[2] & 3;
	if (!(p[0] & 32))
		r.time = (struct when){ *sec, 0, true };
	if (twins_add(t, &r) < 0)
		abort();
	if ((p[2] & 64) && twins_tick(t) < 0)
		abort();
}

static void
run(bool live, const uint8_t *data, size_t size)
{
	static const struct twins_calls calls = { judge, join, line };
	struct state s = { .live = live };
	struct twins *t = twins_new(live, &calls, &s);
	int64_t sec = 0;

	if (!t)
		abort();
	for (size_t i = 0; i + 3 <= size; i += 3)
		feed(t, &s, data + i, &sec);
	if (s.lines + twins_held(t) != s.fed)
		abort();
	if (twins_finish(t) < 0 || twins_held(t) != 0)
		abort();
	if (s.lines != s.fed || s.judged + s.secondaries != s.lines)
		abort();
	twins_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run(false, data, size);
	run(true, data, size);
	return 0;
}
