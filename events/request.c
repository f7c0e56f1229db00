/*
 * request.c - one request for a temporary credential: its words, its order,
 * and its way through memory.
 *
 * Knows the structure's members by two tables (slices, plain members), so that
 * a member added to request.h is added here in one place.  Does not know how
 * a record is read (cloudtrail.c, gcp.c).  Pure functions, any thread.
 */
#include "events/request.h"

#include "events/arn.h"
#include "lib/err.h"

#include <stddef.h>
#include <stdint.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const provider_names[] = { "aws", "gcp" };

static const char *const kind_names[KIND_COUNT] = {
	[KIND_ROLE] = "role",
	[KIND_SESSION] = "session",
	[KIND_FEDERATION] = "federation",
	[KIND_WEB_IDENTITY] = "web-identity",
	[KIND_SAML] = "saml",
	[KIND_ROOT] = "root",
	[KIND_CONSOLE] = "console",
	[KIND_ACCESS_TOKEN] = "access-token",
	[KIND_ID_TOKEN] = "id-token",
	[KIND_SIGNATURE] = "signature",
	[KIND_EXCHANGE] = "exchange",
	[KIND_SERVICE_CREDENTIAL] = "service-credential",
};

static const char *const principal_type_names[PT_COUNT] = {
	[PT_USER] = "user",
	[PT_ROOT] = "root",
	[PT_ROLE] = "role",
	[PT_FEDERATED_USER] = "federated-user",
	[PT_SAML] = "saml",
	[PT_WEB_IDENTITY] = "web-identity",
	[PT_SERVICE] = "service",
	[PT_ACCOUNT] = "account",
	[PT_IDENTITY_CENTER] = "identity-center",
	[PT_UNKNOWN] = "unknown",
	[PT_FEDERATED] = "federated",
	[PT_SERVICE_ACCOUNT] = "service-account",
	[PT_WORKLOAD] = "workload",
	[PT_REDACTED] = "redacted",
};

static const char *const outcome_names[OUTCOME_COUNT] = {
	[OUTCOME_SUCCESS] = "success",
	[OUTCOME_DENIED] = "denied",
	[OUTCOME_FAILED] = "failed",
};

static const char *const source_kind_names[SOURCE_COUNT] = {
	[SOURCE_IP] = "ip",
	[SOURCE_PRIVATE] = "private",
	[SOURCE_CLOUD_SERVICE] = "cloud-service",
	[SOURCE_CLOUD_INTERNAL] = "cloud-internal",
	[SOURCE_UNKNOWN] = "unknown",
};

const char *
provider_name(enum provider p)
{
	return provider_names[p];
}

const char *
token_kind_name(enum token_kind k)
{
	return k < KIND_COUNT ? kind_names[k] : NULL;
}

const char *
principal_type_name(enum principal_type t)
{
	return principal_type_names[t];
}

const char *
outcome_name(enum outcome o)
{
	return outcome_names[o];
}

const char *
source_kind_name(enum source_kind k)
{
	return source_kind_names[k];
}

static int
word_index(struct slice word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(word, names[i]))
			return (int)i;
	return -1;
}

int
token_kind_of(struct slice word)
{
	return word_index(word, kind_names, COUNT(kind_names));
}

int
principal_type_of(struct slice word)
{
	return word_index(
	    word, principal_type_names, COUNT(principal_type_names));
}

int
outcome_of(struct slice word)
{
	return word_index(word, outcome_names, COUNT(outcome_names));
}

int
source_kind_of(struct slice word)
{
	return word_index(word, source_kind_names, COUNT(source_kind_names));
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
request_cmp(const struct request *a, const struct request *b)
{
	int c = when_cmp(a->time, b->time);

	if (c == 0)
		c = slice_cmp(a->event_id, b->event_id);
	if (c == 0)
		c = cmp_u64(a->input_file, b->input_file);
	if (c == 0)
		c = cmp_u64(a->input_offset, b->input_offset);
	if (c == 0)
		c = cmp_u64(a->input_index, b->input_index);
	return c;
}

/* ---- members as tables ------------------------------------------------- */

#define SLICE_AT(m) offsetof(struct request, m)

static const uint16_t slices[] = {
	SLICE_AT(event_id),
	SLICE_AT(action),
	SLICE_AT(principal),
	SLICE_AT(account),
	SLICE_AT(target),
	SLICE_AT(target_account),
	SLICE_AT(session),
	SLICE_AT(caller_session),
	SLICE_AT(credential),
	SLICE_AT(cloud_region),
	SLICE_AT(error),
	SLICE_AT(source.ip),
	SLICE_AT(source.name),
	SLICE_AT(source.place.subdivision),
	SLICE_AT(source.place.city),
	SLICE_AT(source.place.org),
	SLICE_AT(user_agent),
	SLICE_AT(shared_event_id),
	SLICE_AT(recipient_account),
	SLICE_AT(caller_credential),
	SLICE_AT(caller_id),
	SLICE_AT(source_identity),
	SLICE_AT(external_id),
	SLICE_AT(session_policy),
	SLICE_AT(invoked_by),
	SLICE_AT(mfa_device),
	SLICE_AT(delegation[0]),
	SLICE_AT(delegation[1]),
	SLICE_AT(delegation[2]),
	SLICE_AT(delegation[3]),
	SLICE_AT(delegation[4]),
	SLICE_AT(delegation[5]),
	SLICE_AT(delegation[6]),
	SLICE_AT(delegation[7]),
	SLICE_AT(signing_key),
	SLICE_AT(raw),
};

/* All that is no slice. */
#define PLAINS(X)                 \
	X(input_file)             \
	X(input_offset)           \
	X(input_index)            \
	X(provider)               \
	X(time)                   \
	X(kind)                   \
	X(principal_type)         \
	X(expires)                \
	X(outcome)                \
	X(source.kind)            \
	X(source.addr)            \
	X(source.place.country)   \
	X(source.place.asn)       \
	X(source.place.lat)       \
	X(source.place.lon)       \
	X(source.place.has_point) \
	X(source.place.flags)     \
	X(duplicate_key)          \
	X(duration)               \
	X(mfa)                    \
	X(console_session)        \
	X(session_began)          \
	X(instance_session)       \
	X(aws_internal)           \
	X(n_delegation)           \
	X(api)

static const struct slice *
slice_at(const struct request *r, size_t i)
{
	return (
	    const struct slice *)(const void *)((const char *)r + slices[i]);
}

static struct slice *
slice_into(struct request *r, size_t i)
{
	return (struct slice *)(void *)((char *)r + slices[i]);
}

/* ---- as bytes ---------------------------------------------------------- */

/*
 * The plain members, which slices are there (a bit each), and those slices: a
 * length, seven bits a byte, and the bytes.
 */
#define SIZE_OF(m) +sizeof(((struct request *)0)->m)
#define PLAIN_BYTES ((size_t)0 PLAINS(SIZE_OF))
#define LENGTH_MAX 10 /* bytes of a length */

_Static_assert(COUNT(slices) <= 64, "a bit for each slice");

static char *
put_length(char *at, size_t n)
{
	for (; n > 127; n >>= 7)
		*at++ = (char)(n | 128);
	*at++ = (char)n;
	return at;
}

static size_t
size_at_most(const struct request *r, uint64_t *there)
{
	size_t n = PLAIN_BYTES + sizeof(*there);

	*there = 0;
	for (size_t i = 0; i < COUNT(slices); i++) {
		const struct slice *s = slice_at(r, i);

		if (!s->p)
			continue;
		*there |= (uint64_t)1 << i;
		n += s->n + LENGTH_MAX;
	}
	return n;
}

void
request_pack(const struct request *r, struct buf *out)
{
	uint64_t there;
	char *at;

	if (!buf_reserve(out, size_at_most(r, &there)))
		return;
	at = out->p + out->n;
#define PUT(m)                           \
	memcpy(at, &r->m, sizeof(r->m)); \
	at += sizeof(r->m);
	PLAINS(PUT)
#undef PUT
	memcpy(at, &there, sizeof(there));
	at += sizeof(there);
	for (; there; there &= there - 1) {
		struct slice s = *slice_at(r, (size_t)__builtin_ctzll(there));

		at = put_length(at, s.n);
		if (s.n)
			memcpy(at, s.p, s.n);
		at += s.n;
	}
	out->n = (size_t)(at - out->p);
}

static bool
take_slice(struct slice *in, struct slice *result)
{
	uint64_t v = 0;
	unsigned shift = 0;
	unsigned char c;

	do {
		if (!in->n || shift > 56)
			return false;
		c = (unsigned char)*in->p++;
		in->n--;
		v |= (uint64_t)(c & 127) << shift;
		shift += 7;
	} while (c & 128);
	if (v > in->n)
		return false;
	*result = slice_of(in->p, (size_t)v);
	in->p += v;
	in->n -= (size_t)v;
	return true;
}

int
request_unpack(struct slice bytes, struct request *result, size_t *taken)
{
	struct slice in = bytes;
	const char *at = in.p;
	uint64_t there;

	if (in.n < PLAIN_BYTES + sizeof(there))
		return ST_ETRUNC;
	memset(result, 0, sizeof(*result));
#define TAKE(m)                                    \
	memcpy(&result->m, at, sizeof(result->m)); \
	at += sizeof(result->m);
	PLAINS(TAKE)
#undef TAKE
	memcpy(&there, at, sizeof(there));
	in.p += PLAIN_BYTES + sizeof(there);
	in.n -= PLAIN_BYTES + sizeof(there);
	for (; there; there &= there - 1) {
		size_t i = (size_t)__builtin_ctzll(there);

		if (i >= COUNT(slices) ||
		    !take_slice(&in, slice_into(result, i)))
			return ST_ETRUNC;
	}
	*taken = bytes.n - in.n;
	return 0;
}

bool
request_copy(const struct request *r, struct arena *a, struct request *result)
{
	size_t need = 0;
	char *p;

	for (size_t i = 0; i < COUNT(slices); i++)
		need += slice_at(r, i)->n;
	p = arena_alloc(a, need + 1);
	if (!p)
		return false;
	*result = *r;
	for (size_t i = 0; i < COUNT(slices); i++) {
		struct slice *s = slice_into(result, i);

		if (!s->p)
			continue;
		if (s->n)
			memcpy(p, s->p, s->n);
		s->p = p;
		p += s->n;
	}
	return true;
}

/* ---- roles ------------------------------------------------------------- */

bool
role_of_arn(struct slice text, struct slice *account, struct slice *name)
{
	struct arn arn;
	struct slice n;

	if (!arn_parse(text, &arn))
		return false;
	if (!slice_is(arn.service, "iam") && !slice_is(arn.service, "sts"))
		return false;
	if (slice_starts(arn.resource, "role/"))
		n = slice_after_last(arn.resource, '/');
	else if (slice_starts(arn.resource, "assumed-role/"))
		n = arn_role_of_session(arn.resource);
	else
		return false;
	if (n.n == 0)
		return false;
	*account = arn.account;
	*name = n;
	return true;
}
