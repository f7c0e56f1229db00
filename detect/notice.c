/*
 * notice.c - something about the telemetry itself that people should know.
 *
 * See notice.h.  Knows how a notice looks as a request and a verdict, so that
 * findings, formats and outputs need not know of notices.  Any thread.
 */
#include "detect/notice.h"

#include "events/digest.h"

void
notice_request(const struct notice *n, struct request *result)
{
	const struct slice parts[] = { SLICE_LIT("notice"), n->account,
		n->subject, n->id };

	*result = (struct request){
		.event_id = n->id,
		.provider = n->provider,
		.time = n->time,
		.kind = KIND_NONE,
		.principal_type = PT_UNKNOWN,
		.account = n->account,
		.target = n->subject,
		.target_account = n->account,
		.source.kind = SOURCE_UNKNOWN,
		.duration = -1,
	};
	digest_key(n->provider, parts, sizeof(parts) / sizeof(parts[0]),
	    result->duplicate_key);
}

void
notice_verdict(const struct notice *n, struct verdict *result)
{
	memset(result, 0, sizeof(*result));
	result->word = VERDICT_UNEXPECTED;
	result->finding = true;
	result->n_reasons = 1;
	result->reasons[0] = (struct reason){ .code = n->reason,
		.observed = n->observed,
		.weight = reason_table[n->reason].weight,
		.note = n->text };
	result->score = verdict_score(result->reasons, 1);
	result->severity = verdict_severity(
	    result->reasons, 1, OUTCOME_SUCCESS);
}

/* ---- as bytes ------------------------------------------------------------ */

#define STRINGS 5
#define ABSENT SIZE_MAX

struct packed {
	enum reason_code reason;
	enum provider provider;
	struct when time;
	size_t len[STRINGS];
};

void
notice_pack(const struct notice *n, struct buf *out)
{
	struct slice s[STRINGS] = { n->account, n->subject, n->observed,
		n->text, n->id };
	struct packed p;

	memset(&p, 0, sizeof(p));
	p.reason = n->reason;
	p.provider = n->provider;
	p.time = n->time;
	for (int i = 0; i < STRINGS; i++) {
		if (s[i].n > NOTICE_TEXT_MAX)
			s[i].n = NOTICE_TEXT_MAX;
		p.len[i] = s[i].p ? s[i].n : ABSENT;
	}
	buf_add(out, &p, sizeof(p));
	for (int i = 0; i < STRINGS; i++)
		if (s[i].p)
			buf_add_slice(out, s[i]);
}

int
notice_unpack(struct slice bytes, struct notice *result, size_t *taken)
{
	struct slice s[STRINGS];
	struct packed p;
	size_t at = sizeof(p);

	if (bytes.n < sizeof(p))
		return ST_ETRUNC;
	memcpy(&p, bytes.p, sizeof(p));
	for (int i = 0; i < STRINGS; i++) {
		s[i] = SLICE_NULL;
		if (p.len[i] == ABSENT)
			continue;
		if (p.len[i] > bytes.n - at)
			return ST_ETRUNC;
		s[i] = slice_of(bytes.p + at, p.len[i]);
		at += p.len[i];
	}
	*result = (struct notice){ p.reason, p.provider, p.time, s[0], s[1],
		s[2], s[3], s[4] };
	*taken = at;
	return 0;
}
