/*
 * request_save.c - a request as bytes that outlast this program.
 *
 * See request_save.h.  A request is a list of members: number, then value;
 * number 0 ends it.  The numbers are for ever: a member that is gone leaves a
 * gap, a new one takes the next.  Pure functions, any thread.
 */
#include "events/request_save.h"

#include "events/catalogue.h"
#include "lib/pack.h"

#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- strings ------------------------------------------------------------ */

#define AT(m) offsetof(struct request, m)

/* Member number i + 1. */
static const uint16_t strings[] = {
	AT(event_id),
	AT(action),
	AT(principal),
	AT(account),
	AT(target),
	AT(target_account),
	AT(session),
	AT(caller_session),
	AT(credential),
	AT(cloud_region),
	AT(error),
	AT(source.ip),
	AT(source.name),
	AT(source.place.subdivision),
	AT(source.place.city),
	AT(source.place.org),
	AT(user_agent),
	AT(shared_event_id),
	AT(recipient_account),
	AT(caller_credential),
	AT(caller_id),
	AT(source_identity),
	AT(external_id),
	AT(invoked_by),
	AT(mfa_device),
	AT(signing_key),
	AT(session_policy),
};

static struct slice
string_of(const struct request *r, size_t i)
{
	struct slice s;

	memcpy(&s, (const char *)r + strings[i], sizeof(s));
	return s;
}

static void
set_string(struct request *r, size_t i, struct slice s)
{
	memcpy((char *)r + strings[i], &s, sizeof(s));
}

/* ---- words -------------------------------------------------------------- */

static int
provider_of(struct slice word)
{
	if (slice_is(word, provider_name(PROVIDER_AWS)))
		return PROVIDER_AWS;
	return slice_is(word, provider_name(PROVIDER_GCP)) ? PROVIDER_GCP : -1;
}

/* The other way; what a later version knows and we do not is `unknown`. */
static int
kind_or(int found, int unknown)
{
	return found < 0 ? unknown : found;
}

/* The use of a credential is no kind of request and has a word only here. */
#define USE_WORD "use"

static const char *
kind_word(enum token_kind k)
{
	return k == KIND_USE ? USE_WORD : token_kind_name(k);
}

static enum token_kind
kind_of(struct slice word)
{
	if (slice_is(word, USE_WORD))
		return KIND_USE;
	return (enum token_kind)kind_or(token_kind_of(word), KIND_NONE);
}

static void
save_words(const struct request *r, struct buf *out)
{
	pack_word(out, provider_name(r->provider));
	pack_word(out, kind_word(r->kind));
	pack_word(out, principal_type_name(r->principal_type));
	pack_word(out, outcome_name(r->outcome));
	pack_word(out, source_kind_name(r->source.kind));
}

static void
load_words(struct unpack *u, struct request *r)
{
	r->provider = (enum provider)kind_or(
	    provider_of(unpack_slice(u)), PROVIDER_AWS);
	r->kind = kind_of(unpack_slice(u));
	r->principal_type = (enum principal_type)kind_or(
	    principal_type_of(unpack_slice(u)), PT_UNKNOWN);
	r->outcome = (enum outcome)kind_or(
	    outcome_of(unpack_slice(u)), OUTCOME_FAILED);
	r->source.kind = (enum source_kind)kind_or(
	    source_kind_of(unpack_slice(u)), SOURCE_UNKNOWN);
}

/* ---- groups of members -------------------------------------------------- */

static void
save_input(const struct request *r, struct buf *out)
{
	pack_uint(out, r->input_file);
	pack_uint(out, r->input_offset);
	pack_uint(out, r->input_index);
}

static void
load_input(struct unpack *u, struct request *r)
{
	r->input_file = unpack_uint(u);
	r->input_offset = unpack_uint(u);
	r->input_index = (uint32_t)unpack_at_most(u, UINT32_MAX);
}

static void
save_times(const struct request *r, struct buf *out)
{
	pack_when(out, r->time);
	pack_when(out, r->expires);
	pack_int(out, r->duration);
}

static void
load_times(struct unpack *u, struct request *r)
{
	r->time = unpack_when(u);
	r->expires = unpack_when(u);
	r->duration = unpack_int(u);
}

static void
save_key(const struct request *r, struct buf *out)
{
	pack_ordered(out, r->duplicate_key[0]);
	pack_ordered(out, r->duplicate_key[1]);
}

static void
load_key(struct unpack *u, struct request *r)
{
	r->duplicate_key[0] = unpack_ordered(u);
	r->duplicate_key[1] = unpack_ordered(u);
}

static void
save_address(const struct request *r, struct buf *out)
{
	const struct addr *a = &r->source.addr;

	pack_bytes(out, a->b, sizeof(a->b));
	pack_bool(out, a->v4);
}

static void
load_address(struct unpack *u, struct request *r)
{
	struct addr *a = &r->source.addr;

	unpack_bytes(u, a->b, sizeof(a->b));
	a->v4 = unpack_bool(u);
}

static void
save_place(const struct request *r, struct buf *out)
{
	const struct place *p = &r->source.place;

	pack_bytes(out, p->country, sizeof(p->country) - 1);
	pack_uint(out, p->asn);
	pack_bool(out, p->has_point);
	pack_double(out, p->lat);
	pack_double(out, p->lon);
	pack_uint(out, p->flags);
}

static void
load_place(struct unpack *u, struct request *r)
{
	struct place *p = &r->source.place;

	unpack_bytes(u, p->country, sizeof(p->country) - 1);
	p->country[sizeof(p->country) - 1] = '\0';
	p->asn = (uint32_t)unpack_at_most(u, UINT32_MAX);
	p->has_point = unpack_bool(u);
	p->lat = unpack_double(u);
	p->lon = unpack_double(u);
	p->flags = (unsigned)unpack_at_most(u, UINT16_MAX);
}

static void
save_marks(const struct request *r, struct buf *out)
{
	pack_uint(out, r->mfa);
	pack_bool(out, r->console_session);
	pack_bool(out, r->aws_internal);
}

static void
load_marks(struct unpack *u, struct request *r)
{
	r->mfa = (enum mfa_state)unpack_at_most(u, MFA_YES);
	r->console_session = unpack_bool(u);
	r->aws_internal = unpack_bool(u);
}

static void
save_delegation(const struct request *r, struct buf *out)
{
	pack_uint(out, r->n_delegation);
	for (unsigned i = 0; i < r->n_delegation; i++)
		pack_slice(out, r->delegation[i]);
}

static void
load_delegation(struct unpack *u, struct request *r)
{
	r->n_delegation = (unsigned)unpack_at_most(u, COUNT(r->delegation));
	for (unsigned i = 0; i < r->n_delegation; i++)
		r->delegation[i] = unpack_slice(u);
}

static void
save_session(const struct request *r, struct buf *out)
{
	pack_when(out, r->session_began);
	pack_bool(out, r->instance_session);
}

static void
load_session(struct unpack *u, struct request *r)
{
	r->session_began = unpack_when(u);
	r->instance_session = unpack_bool(u);
}

/* Which of the catalogue it is: rows may move. */
static void
save_api(const struct request *r, struct buf *out)
{
	pack_word(out, r->api ? r->api->service : NULL);
	pack_word(out, r->api ? r->api->name : NULL);
	pack_word(out, r->api ? r->api->action : NULL);
	pack_bool(out, r->api ? r->api->federated_only : false);
}

static void
load_api(struct unpack *u, struct request *r)
{
	struct slice service = unpack_slice(u), name = unpack_slice(u),
		     action = unpack_slice(u);
	bool federated = unpack_bool(u);

	for (size_t i = 0; i < catalogue_size && name.p; i++) {
		const struct api *a = &catalogue[i];

		if (a->federated_only == federated &&
		    slice_eq(slice_str(a->service), service) &&
		    slice_eq(slice_str(a->name), name) &&
		    slice_eq(slice_str(a->action), action)) {
			r->api = a;
			return;
		}
	}
}

/* Their bytes have a length, so that an unknown group can be passed over. */
/* Beside the numbers of strings there is room for a thousand. */
#define FIRST_GROUP 1000
static const struct group {
	void (*save)(const struct request *r, struct buf *out);
	void (*load)(struct unpack *u, struct request *r);
} groups[] = {
	{ save_words, load_words },
	{ save_input, load_input },
	{ save_times, load_times },
	{ save_key, load_key },
	{ save_address, load_address },
	{ save_place, load_place },
	{ save_marks, load_marks },
	{ save_delegation, load_delegation },
	{ save_api, load_api },
	{ save_session, load_session },
};

/* ---- whole -------------------------------------------------------------- */

/* Each group is short but for the delegation, whose length is not known
 * before it is written: a buffer of its own, moved behind its length. */
static void
save_group(const struct request *r, size_t i, struct buf *out)
{
	struct buf body = BUF_INIT;

	groups[i].save(r, &body);
	pack_uint(out, FIRST_GROUP + i);
	pack_slice(out, buf_slice(&body));
	if (body.failed)
		out->failed = true;
	buf_release(&body);
}

void
request_save(const struct request *r, struct buf *out)
{
	for (size_t i = 0; i < COUNT(groups); i++)
		save_group(r, i, out);
	for (size_t i = 0; i < COUNT(strings); i++) {
		struct slice s = string_of(r, i);

		if (!s.p)
			continue;
		pack_uint(out, i + 1);
		pack_slice(out, s);
	}
	pack_uint(out, 0);
}

static bool
load_member(uint64_t number, struct slice value, struct request *r)
{
	struct unpack u = unpack_of(value);

	if (number <= COUNT(strings)) {
		set_string(r, (size_t)number - 1, value);
		return true;
	}
	if (number < FIRST_GROUP || number >= FIRST_GROUP + COUNT(groups))
		return true;
	groups[number - FIRST_GROUP].load(&u, r);
	/* A later version may have more behind it. */
	return !u.failed;
}

int
request_load(struct slice bytes, struct request *result, size_t *taken)
{
	struct request r = { .principal_type = PT_UNKNOWN,
		.kind = KIND_NONE,
		.source.kind = SOURCE_UNKNOWN,
		.duration = -1 };
	struct unpack u = unpack_of(bytes);
	uint64_t number;

	while ((number = unpack_uint(&u)) != 0) {
		struct slice value = unpack_slice(&u);

		if (u.failed || !load_member(number, value, &r))
			return ST_EFORMAT;
	}
	if (u.failed)
		return ST_EFORMAT;
	*result = r;
	*taken = bytes.n - u.rest.n;
	return 0;
}
