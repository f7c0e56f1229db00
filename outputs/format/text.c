/*
 * text.c - a finding for people, at three in the morning.
 *
 * The first line says how bad it is and what happened; below stands the
 * evidence, one label a kind, in the order in which one asks: who, what, from
 * where, when, why, and what to do now.  Knows the words and the order; the
 * lines themselves are page.c's.  Any thread.
 */
#include "outputs/format/format.h"
#include "outputs/format/kinds.h"
#include "outputs/format/page.h"
#include "outputs/format/view.h"

#include <ctype.h>
#include <stdio.h>

#define VALUE_MAX 600 /* bytes of one string shown */
#define USER_AGENT_MAX 160
#define TIME_SHOWN 8 /* of a moment, behind its day: "02:47:09" */
#define COMMAND_MAX 4096
#define EVENTS_SHOWN 3
#define HASH_SHOWN 19 /* "sha256:" and twelve digits */

static const char *const colors[SEV_COUNT] = {
	[SEV_INFORMATIONAL] = "\033[2m",
	[SEV_LOW] = "\033[1;36m",
	[SEV_MEDIUM] = "\033[1;33m",
	[SEV_HIGH] = "\033[1;31m",
	[SEV_CRITICAL] = "\033[1;37;41m",
};

static void
say(struct page *p, struct slice s)
{
	page_add(p, s, VALUE_MAX);
}

/* `before` and the string, or nothing where it is absent. */
static void
say_after(struct page *p, const char *before, struct slice s)
{
	if (!s.n)
		return;
	page_words(p, before);
	say(p, s);
}

static void
say_when(struct page *p, struct when t)
{
	char text[WHEN_TEXT];
	struct slice s, day, hour;

	if (!t.valid) {
		page_words(p, "an unknown time");
		return;
	}
	s = when_format(t, text);
	day = slice_before(s, 'T');
	hour = slice_of(day.p + day.n + 1, TIME_SHOWN);
	say(p, day);
	page_words(p, " ");
	say(p, hour);
	page_words(p, " UTC");
}

static void
say_place(struct page *p, const char country[3], struct slice city)
{
	if (city.n)
		say(p, city);
	if (city.n && country[0])
		page_words(p, ", ");
	say(p, view_country(country));
}

static void
head(struct page *p, const struct finding *f)
{
	char badge[24] = "";
	const char *word = severity_name(f->severity);

	for (size_t i = 0; word[i] && i + 1 < sizeof(badge); i++)
		badge[i] = (char)toupper((unsigned char)word[i]);
	page_badge(p, badge, colors[f->severity]);
	page_add(
	    p, f->title.n ? f->title : SLICE_LIT("no title"), 2 * VALUE_MAX);
	page_end(p);
	page_gap(p);
}

static void
who(struct page *p, const struct request *r)
{
	page_label(p, "who");
	if (r->principal.n)
		say(p, r->principal);
	else
		page_words(p, "the record names nobody");
	page_end(p);
	page_label(p, "");
	page_words(p, principal_type_name(r->principal_type));
	say_after(p, ", account ", r->account);
	say_after(p, ", in session ", r->caller_session);
	page_end(p);
}

static void
what(struct page *p, const struct request *r)
{
	const char *kind = token_kind_name(r->kind);

	page_label(p, "what");
	say(p, r->action.n ? r->action : SLICE_LIT("unknown action"));
	page_words(p, " (");
	page_words(p, kind ? kind : "use of a credential");
	page_words(p, "), ");
	page_words(p, outcome_name(r->outcome));
	say_after(p, ": ", r->error);
	say_after(p, slice_is(r->cloud_region, "global") ? ", " : ", in ",
	    r->cloud_region);
	page_end(p);
}

static void
target(struct page *p, const struct request *r)
{
	if (!r->target.n)
		return;
	page_label(p, r->kind == KIND_NONE ? "about" : "target");
	say(p, r->target);
	if (!slice_eq(r->target_account, r->account))
		say_after(p, ", account ", r->target_account);
	page_end(p);
}

static void
session(struct page *p, const struct request *r)
{
	if (!r->session.n)
		return;
	page_label(p, "session");
	say(p, r->session);
	page_end(p);
}

static void
issued(struct page *p, const struct request *r)
{
	if (r->outcome != OUTCOME_SUCCESS) {
		session(p, r);
		return;
	}
	if (!r->credential.n && !r->session.n && !r->expires.valid)
		return;
	page_label(p, "issued");
	say(p, r->credential.n ? r->credential : SLICE_LIT("a credential"));
	say_after(p, " for session ", r->session);
	if (r->expires.valid) {
		page_words(p, ", until ");
		say_when(p, r->expires);
	}
	page_end(p);
}

static void
anonymity(struct page *p, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *words;
	} rows[] = {
		{ PLACE_TOR, ", a Tor exit" },
		{ PLACE_VPN, ", a VPN" },
		{ PLACE_PROXY, ", a proxy" },
		{ PLACE_HOSTING, ", a hosting network" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (flags & rows[i].flag)
			page_words(p, rows[i].words);
}

static void
operator_of(struct page *p, const struct place *place)
{
	char asn[24];

	if (place->asn) {
		snprintf(asn, sizeof(asn), ", AS%u", place->asn);
		page_words(p, asn);
		say_after(p, " ", place->org);
	} else {
		say_after(p, ", ", place->org);
	}
}

static void
from(struct page *p, const struct request *r)
{
	static const char *const kinds[SOURCE_COUNT] = {
		[SOURCE_IP] = "",
		[SOURCE_PRIVATE] = ", a private address",
		[SOURCE_CLOUD_SERVICE] = ", a cloud service",
		[SOURCE_CLOUD_INTERNAL] = ", inside the cloud",
		[SOURCE_UNKNOWN] = "",
	};
	const struct source *s = &r->source;

	page_label(p, "from");
	if (s->ip.n || s->name.n)
		say(p, s->ip.n ? s->ip : s->name);
	else
		page_words(p, "an unknown place");
	page_words(p, kinds[s->kind]);
	if (s->place.country[0] || s->place.city.n) {
		page_words(p, ", ");
		say_place(p, s->place.country, s->place.city);
	}
	operator_of(p, &s->place);
	anonymity(p, s->place.flags);
	page_end(p);
	if (!r->user_agent.n)
		return;
	page_label(p, "");
	page_words(p, "with ");
	page_add(p, r->user_agent, USER_AGENT_MAX);
	page_end(p);
}

static void
when(struct page *p, const struct finding *f)
{
	char times[40];

	page_label(p, "when");
	if (f->count > 1) {
		snprintf(times, sizeof(times), "%llu times, first ",
		    (unsigned long long)f->count);
		page_words(p, times);
		say_when(p, f->first_seen);
		page_words(p, ", last ");
		say_when(p, f->last_seen);
	} else {
		say_when(p, f->time);
	}
	page_end(p);
}

static void
reason(struct page *p, const struct reason *r, struct slice title)
{
	/* The title of a notice is its reason's note. */
	struct slice note = slice_eq(r->note, title) ? SLICE_NULL : r->note;
	struct buf compared = BUF_INIT;

	page_item(p, "- ");
	page_words(p, reason_table[r->code].help);
	page_end(p);
	view_compared(&compared, r);
	if (compared.n || note.n) {
		page_item(p, "  ");
		say(p, buf_slice(&compared));
		if (note.n) {
			page_words(p, compared.n ? " (" : "(");
			say(p, note);
			page_words(p, ")");
		}
		page_end(p);
	}
	if (compared.failed)
		p->out->failed = true;
	buf_release(&compared);
}

static void
why(struct page *p, const struct finding *f)
{
	if (!f->n_reasons)
		return;
	page_label(p, "why");
	for (unsigned i = 0; i < f->n_reasons; i++)
		reason(p, &f->reasons[i], f->title);
	if (f->verdict.suppressed_by.n) {
		page_label(p, "held by");
		say(p, f->verdict.suppressed_by);
		page_end(p);
	}
}

static void
policy(struct page *p, const struct finding *f)
{
	if (!f->rule.n && !f->policy_file)
		return;
	page_label(p, "policy");
	if (f->rule.n) {
		page_words(p, "rule ");
		say(p, f->rule);
	} else {
		page_words(p, "no rule");
	}
	say_after(p, " of ", slice_str(f->policy_file));
	if (f->policy_hash) {
		page_words(p, ", ");
		say(p,
		    slice_of(
			f->policy_hash, strnlen(f->policy_hash, HASH_SHOWN)));
	}
	page_end(p);
}

static void
chain(struct page *p, const struct finding *f)
{
	char number[16];

	if (!f->n_lineage)
		return;
	page_label(p, "chain");
	for (unsigned i = 0; i < f->n_lineage; i++) {
		const struct hop *h = &f->lineage[i];

		snprintf(number, sizeof(number), "%u. ", i + 1);
		page_item(p, number);
		say(p, h->who.n ? h->who : SLICE_LIT("unknown"));
		page_words(p, ", ");
		say_when(p, h->time);
		if (h->country[0] || h->city.n) {
			page_words(p, ", ");
			say_place(p, h->country, h->city);
		}
		say_after(p, ", ", h->credential);
		page_end(p);
	}
}

/* Where a command to copy begins; the length of all where there is none. */
static size_t
command_at(struct slice step)
{
	static const char *const programs[] = { ": aws ", ": gcloud " };
	const char *at;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		at = slice_find(step, programs[i]);
		if (at)
			return (size_t)(at - step.p) + 2;
	}
	return step.n;
}

/* A command stands on a line of its own and is not wrapped: a piece of one,
 * pasted into a shell, could do something else. */
static void
step(struct page *p, unsigned number, struct slice text)
{
	size_t command = command_at(text);
	char bullet[16];

	snprintf(bullet, sizeof(bullet), "%u. ", number);
	page_item(p, bullet);
	page_add(p, slice_of(text.p, command), 2 * VALUE_MAX);
	page_end(p);
	if (command == text.n)
		return;
	page_item(p, "   ");
	page_add(p, slice_of(text.p + command, text.n - command), COMMAND_MAX);
	page_end_whole(p);
}

static void
next(struct page *p, const struct finding *f)
{
	if (!f->n_next_steps)
		return;
	page_label(p, "do now");
	for (unsigned i = 0; i < f->n_next_steps; i++)
		step(p, i + 1, f->next_steps[i]);
}

static void
acknowledged(struct page *p, const struct finding *f)
{
	if (!f->ack.at.valid)
		return;
	page_label(p, "seen by");
	say(p, f->ack.by.n ? f->ack.by : SLICE_LIT("somebody"));
	page_words(p, ", ");
	say_when(p, f->ack.at);
	if (f->ack.taught)
		page_words(p, ": it is all right");
	page_end(p);
}

static void
references(struct page *p, const struct finding *f)
{
	char more[32], score[48];

	page_label(p, "finding");
	say(p, slice_str(f->id));
	snprintf(score, sizeof(score), ", score %.1f, ", f->score);
	page_words(p, score);
	page_words(p, ATTACK_SUBTECHNIQUE);
	if (f->revision > 1) {
		snprintf(more, sizeof(more), ", revision %u", f->revision);
		page_words(p, more);
	}
	page_end(p);
	if (!f->n_event_ids)
		return;
	page_label(p, f->n_event_ids > 1 ? "events" : "event");
	for (unsigned i = 0; i < f->n_event_ids && i < EVENTS_SHOWN; i++)
		say_after(p, i ? " " : "", f->event_ids[i]);
	if (f->n_event_ids > EVENTS_SHOWN) {
		snprintf(more, sizeof(more), " and %u more",
		    f->n_event_ids - EVENTS_SHOWN);
		page_words(p, more);
	}
	page_end(p);
}

static void
write_finding(
    const struct finding *f, const struct format_options *o, struct buf *out)
{
	struct page p;

	page_init(&p, out, o->width, o->color);
	head(&p, f);
	if (f->request.kind != KIND_NONE) {
		who(&p, &f->request);
		what(&p, &f->request);
	}
	target(&p, &f->request);
	if (f->request.kind != KIND_NONE) {
		issued(&p, &f->request);
		from(&p, &f->request);
	}
	when(&p, f);
	why(&p, f);
	chain(&p, f);
	policy(&p, f);
	next(&p, f);
	acknowledged(&p, f);
	references(&p, f);
	page_gap(&p);
	page_release(&p);
}

const struct format format_text = {
	.name = "text",
	.mime = "text/plain",
	.help = "for people: one paragraph a finding",
	.finding = write_finding,
};
