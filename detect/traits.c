/*
 * traits.c - what the baseline looks at in a request.
 *
 * Knows how a name becomes an identity and how noise is taken out of values.
 * What is usual and what is not is habits.c's business.  Pure functions, any
 * thread.
 */
#include "detect/traits.h"

#include "detect/clouds.h"
#include "lib/hash.h"

#include <ctype.h>
#include <math.h>

#define LIFETIME_LEAST 60 /* seconds; below, all are one */
#define LIFETIME_DIGITS 3 /* of a step */

static const char *const dimension_names[DIM_COUNT] = { "action", "target",
	"target account", "cloud region", "country", "network operator",
	"network", "user agent", "outcome", "session name", "lifetime",
	"authentication", "terms", "kind of network" };

static const enum peers peers_of_type[PT_COUNT] = {
	[PT_USER] = PEERS_USER,
	[PT_ROOT] = PEERS_ROOT,
	[PT_ROLE] = PEERS_ROLE,
	[PT_FEDERATED_USER] = PEERS_USER,
	[PT_SAML] = PEERS_SAML,
	[PT_WEB_IDENTITY] = PEERS_WEB,
	[PT_SERVICE] = PEERS_SERVICE,
	[PT_ACCOUNT] = PEERS_ACCOUNT,
	[PT_IDENTITY_CENTER] = PEERS_CENTER,
	[PT_UNKNOWN] = PEERS_OTHER,
	[PT_FEDERATED] = PEERS_WEB,
	[PT_SERVICE_ACCOUNT] = PEERS_SERVICE_ACCOUNT,
	[PT_WORKLOAD] = PEERS_WORKLOAD,
	[PT_REDACTED] = PEERS_OTHER,
};

const char *
dimension_name(enum dimension d)
{
	return dimension_names[d];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct slice
cut(struct slice s)
{
	return slice_of(s.p, s.n > TRAITS_TEXT_MAX ? TRAITS_TEXT_MAX : s.n);
}

/* ---- single values ------------------------------------------------------ */

struct slice
traits_mail(struct slice name, struct arena *a)
{
	size_t at, start, dot = 0;
	char *p;

	if (!name.p || slice_ends(name, "gserviceaccount.com"))
		return SLICE_NULL;
	for (at = name.n; at > 0 && name.p[at - 1] != '@'; at--) {
		char c = name.p[at - 1];

		if (c == '/' || c == ':' || c <= ' ')
			return SLICE_NULL;
		if (c == '.' && !dot)
			dot = at;
	}
	for (start = at ? at - 1 : 0; start > 0; start--)
		if (strchr("/:@ ", name.p[start - 1]))
			break;
	if (!at || !dot || dot == name.n || start + 1 >= at)
		return SLICE_NULL;
	p = arena_dup(a, name.p + start, name.n - start);
	if (!p)
		return SLICE_NULL;
	for (size_t i = 0; i < name.n - start; i++)
		p[i] = lower(p[i]);
	return slice_of(p, name.n - start);
}

/* Digits from `from` on become one "#" a run. */
static struct slice
without_numbers(struct slice s, size_t from, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	if (!p)
		return SLICE_NULL;
	for (size_t i = 0; i < s.n; i++) {
		if (i < from || !is_digit(s.p[i]))
			p[n++] = s.p[i];
		else if (i == from || !is_digit(s.p[i - 1]))
			p[n++] = '#';
	}
	return slice_of(p, n);
}

struct slice
traits_session(struct slice session, struct arena *a)
{
	char *p;
	size_t n = 0, run;

	session = cut(session);
	if (!session.p)
		return SLICE_NULL;
	if (memchr(session.p, '@', session.n))
		return SLICE_LIT("@");
	p = arena_alloc(a, session.n + 1);
	if (!p)
		return SLICE_NULL;
	for (size_t i = 0; i < session.n; i += run) {
		for (run = 0;
		     i + run < session.n && is_hex(session.p[i + run]);)
			run++;
		if (run >= 8) {
			p[n++] = 'h';
			continue;
		}
		run = 1;
		if (!is_digit(session.p[i]))
			p[n++] = session.p[i];
		else if (n == 0 || p[n - 1] != '#')
			p[n++] = '#';
	}
	return slice_of(p, n);
}

/* A word of a user agent that changes from call to call. */
static bool
is_volatile(struct slice word)
{
	return slice_find(word, "command") ||
	    slice_find(word, "invocation-id") ||
	    slice_find(word, "client-pltf") || slice_find(word, "client-os");
}

static bool
has_word(struct slice list, struct slice word)
{
	for (size_t i = 0; i + word.n <= list.n; i++) {
		if (i > 0 && list.p[i - 1] != ' ')
			continue;
		if (i + word.n < list.n && list.p[i + word.n] != ' ')
			continue;
		if (memcmp(list.p + i, word.p, word.n) == 0)
			return true;
	}
	return false;
}

/* The letters of a word, run by run, each once. */
static size_t
add_letters(struct slice word, char *out, size_t n)
{
	size_t i = 0;

	while (i < word.n) {
		size_t start = n > 0 ? n + 1 : 0, end = start;

		while (i < word.n && !isalpha((unsigned char)word.p[i]))
			i++;
		for (; i < word.n && isalpha((unsigned char)word.p[i]); i++)
			if (end < TRAITS_TEXT_MAX)
				out[end++] = lower(word.p[i]);
		if (end == start ||
		    has_word(
			slice_of(out, n), slice_of(out + start, end - start)))
			continue;
		if (n > 0)
			out[n] = ' ';
		n = end;
	}
	return n;
}

struct slice
traits_agent(struct slice user_agent, struct arena *a)
{
	char *out;
	size_t n = 0, i = 0;

	if (!user_agent.p)
		return SLICE_NULL;
	out = arena_alloc(a, TRAITS_TEXT_MAX + 2);
	if (!out)
		return SLICE_NULL;
	while (i < user_agent.n && n < TRAITS_TEXT_MAX - 1) {
		size_t start;

		while (i < user_agent.n && strchr(" \t,", user_agent.p[i]))
			i++;
		start = i;
		while (i < user_agent.n && !strchr(" \t,", user_agent.p[i]))
			i++;
		if (!is_volatile(slice_of(user_agent.p + start, i - start)))
			n = add_letters(
			    slice_of(user_agent.p + start, i - start), out, n);
	}
	return slice_of(out, n);
}

/* Where people sit is one thing, where servers stand another. */
static void
read_hosted(const struct request *r, struct traits *t)
{
	if (t->peers != PEERS_PERSON && t->peers != PEERS_USER &&
	    t->peers != PEERS_ROOT && t->peers != PEERS_CENTER)
		return;
	if (r->source.kind == SOURCE_IP && r->source.place.asn)
		t->value[DIM_HOSTED] = clouds_is_hoster(&r->source.place)
		    ? SLICE_LIT("a hoster's")
		    : SLICE_LIT("no hoster's");
}

static struct slice
network_of(const struct request *r, struct arena *a)
{
	const unsigned char *b = r->source.addr.b;

	if (!r->source.ip.p)
		return SLICE_NULL;
	if (r->source.addr.v4)
		return arena_printf(a, "%u.%u.%u.0/24", b[12], b[13], b[14]);
	return arena_printf(a, "%x:%x:%x::/48", b[0] << 8 | b[1],
	    b[2] << 8 | b[3], b[4] << 8 | b[5]);
}

/* ---- who ---------------------------------------------------------------- */

static struct slice
subject_of(const struct request *r, struct arena *a)
{
	static const char mark[] = "/subject/";
	struct slice s = r->principal;
	const char *p = r->principal_type == PT_FEDERATED ? slice_find(s, mark)
							  : NULL;
	size_t from;

	if (p) {
		p += sizeof(mark) - 1;
		s = slice_of(p, (size_t)(s.p + s.n - p));
	}
	for (from = s.n; from > 0 && s.p[from - 1] != ':';)
		from--;
	return without_numbers(s, from, a);
}

static struct slice
person_of(const struct request *r, struct arena *a)
{
	struct slice mail = SLICE_NULL;

	if (r->principal_type == PT_ROLE) {
		mail = traits_mail(r->caller_session, a);
		if (!mail.p && r->caller_session.p && r->principal.p &&
		    slice_find(r->principal, ":role/aws-reserved/sso."))
			mail = arena_cat(a, SLICE_LIT("sso:"),
			    cut(r->caller_session), SLICE_NULL);
	}
	return mail.p ? mail : traits_mail(r->principal, a);
}

static void
read_who(const struct request *r, struct arena *a, struct traits *t)
{
	t->peers = PEERS_PERSON;
	t->who = person_of(r, a);
	if (t->who.p)
		return;
	t->peers = peers_of_type[r->principal_type];
	t->who = cut(r->principal);
	if (t->peers == PEERS_SERVICE)
		t->who = arena_cat(
		    a, cut(r->principal), SLICE_LIT(" in "), cut(r->account));
	else if (t->peers == PEERS_WEB)
		t->who = cut(subject_of(r, a));
}

/* ---- all of it ---------------------------------------------------------- */

static void
read_source(const struct request *r, struct arena *a, struct traits *t)
{
	const struct source *s = &r->source;
	struct slice kind = slice_str(source_kind_name(s->kind));

	if (s->kind == SOURCE_UNKNOWN)
		return;
	if (s->kind != SOURCE_IP) {
		t->value[DIM_COUNTRY] = t->value[DIM_ASN] = kind;
		t->value[DIM_NETWORK] = kind;
		return;
	}
	if (s->place.country[0])
		t->value[DIM_COUNTRY] = slice_str(s->place.country);
	if (s->place.asn)
		t->value[DIM_ASN] = arena_printf(a, "AS%u", s->place.asn);
	t->value[DIM_NETWORK] = network_of(r, a);
	read_hosted(r, t);
}

static void
read_target(const struct request *r, struct arena *a, struct traits *t)
{
	if (!r->target.p)
		return;
	t->value[DIM_ACCOUNT] = r->target_account;
	if (slice_eq(r->target, r->principal))
		return;
	t->value[DIM_TARGET] = cut(r->target);
	if (r->kind == KIND_FEDERATION) {
		size_t from = r->target.n;

		while (from > 0 && r->target.p[from - 1] != '/')
			from--;
		t->value[DIM_TARGET] = cut(without_numbers(r->target, from, a));
	}
}

static void
read_lifetime(const struct request *r, struct arena *a, struct traits *t)
{
	int64_t s;

	if (!r->expires.valid || r->outcome != OUTCOME_SUCCESS)
		return;
	s = r->expires.sec - r->time.sec;
	if (s < LIFETIME_LEAST)
		s = LIFETIME_LEAST;
	s = (int64_t)lround(2 * log2((double)s / LIFETIME_LEAST));
	t->value[DIM_LIFETIME] = arena_printf(
	    a, "%.*s %d", SLICE_ARG(r->action), (int)s);
}

bool
traits_lifetime(struct slice value, struct slice *action, double *seconds)
{
	struct slice step = slice_after_last(value, ' ');
	unsigned n = 0;

	if (step.n == value.n || step.n == 0 || step.n > LIFETIME_DIGITS)
		return false;
	for (size_t i = 0; i < step.n; i++) {
		if (step.p[i] < '0' || step.p[i] > '9')
			return false;
		n = 10 * n + (unsigned)(step.p[i] - '0');
	}
	*action = slice_of(value.p, value.n - step.n - 1);
	*seconds = LIFETIME_LEAST * exp2(n / 2.0);
	return true;
}

/* Who has a device of their own, as AWS tells it. */
static void
read_mfa(const struct request *r, struct traits *t)
{
	if (r->provider != PROVIDER_AWS ||
	    (r->principal_type != PT_USER && r->principal_type != PT_ROOT))
		return;
	t->value[DIM_MFA] = r->mfa == MFA_YES || r->mfa_device.p
	    ? SLICE_LIT("with MFA")
	    : SLICE_LIT("without MFA");
}

/* What a role is asked for with, and how a federation session is cut down. */
static void
read_terms(const struct request *r, struct arena *a, struct traits *t)
{
	struct slice policy = r->session_policy.p ? r->session_policy
						  : SLICE_LIT("none");

	if (r->provider != PROVIDER_AWS || r->outcome != OUTCOME_SUCCESS ||
	    r->principal_type == PT_SERVICE)
		return;
	if (r->kind == KIND_ROLE)
		t->value[DIM_TERMS] = r->external_id.p
		    ? SLICE_LIT("with external id")
		    : SLICE_LIT("without external id");
	else if (r->kind == KIND_FEDERATION)
		t->value[DIM_TERMS] = cut(arena_cat(
		    a, SLICE_LIT("session policy "), policy, SLICE_NULL));
}

static uint64_t
hash_value(enum dimension d, struct slice s)
{
	char key[TRAITS_TEXT_MAX + 1];
	size_t n = s.n < TRAITS_TEXT_MAX ? s.n : TRAITS_TEXT_MAX;
	uint64_t h;

	key[0] = (char)('a' + (int)d);
	if (n > 0)
		memcpy(key + 1, s.p, n);
	h = hash_stable(key, n + 1);
	return h ? h : 1;
}

bool
traits_read(const struct request *r, struct arena *a, struct traits *t)
{
	*t = (struct traits){ .time = r->time };
	if (!r->time.valid || !r->principal.p)
		return false;
	read_who(r, a, t);
	if (!t->who.p)
		return false;
	t->who_hash = hash_stable(t->who.p, t->who.n);
	t->event_hash = hash_stable(r->event_id.p, r->event_id.n);
	t->value[DIM_ACTION] = r->action;
	read_target(r, a, t);
	t->value[DIM_REGION] = r->cloud_region;
	read_source(r, a, t);
	t->value[DIM_AGENT] = traits_agent(r->user_agent, a);
	t->value[DIM_OUTCOME] = slice_str(outcome_name(r->outcome));
	if (r->session.p && !slice_eq(r->session, r->caller_session))
		t->value[DIM_SESSION] = traits_session(r->session, a);
	read_lifetime(r, a, t);
	read_mfa(r, t);
	read_terms(r, a, t);
	for (int d = 0; d < DIM_COUNT; d++)
		if (t->value[d].p)
			t->hash[d] = hash_value((enum dimension)d, t->value[d]);
	return true;
}
