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

struct plain {
	uint16_t offset, size;
};

#define PLAIN(m)                                                              \
	{                                                                     \
		offsetof(struct request, m), sizeof(((struct request *)0)->m) \
	}

static const struct plain plains[] = {
	PLAIN(input_file),
	PLAIN(input_offset),
	PLAIN(input_index),
	PLAIN(provider),
	PLAIN(time),
	PLAIN(kind),
	PLAIN(principal_type),
	PLAIN(expires),
	PLAIN(outcome),
	PLAIN(source.kind),
	PLAIN(source.addr),
	PLAIN(source.place.country),
	PLAIN(source.place.asn),
	PLAIN(source.place.lat),
	PLAIN(source.place.lon),
	PLAIN(source.place.has_point),
	PLAIN(source.place.flags),
	PLAIN(duplicate_key),
	PLAIN(duration),
	PLAIN(mfa),
	PLAIN(console_session),
	PLAIN(session_began),
	PLAIN(instance_session),
	PLAIN(aws_internal),
	PLAIN(n_delegation),
	PLAIN(api),
};

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

/* A length: 0 is an absent slice, else n + 1, seven bits a byte. */
static void
add_length(struct buf *out, struct slice s)
{
	uint64_t v = s.p ? (uint64_t)s.n + 1 : 0;

	while (v > 127) {
		buf_addc(out, (char)(v | 128));
		v >>= 7;
	}
	buf_addc(out, (char)v);
}

void
request_pack(const struct request *r, struct buf *out)
{
	for (size_t i = 0; i < COUNT(plains); i++)
		buf_add(
		    out, (const char *)r + plains[i].offset, plains[i].size);
	for (size_t i = 0; i < COUNT(slices); i++) {
		const struct slice *s = slice_at(r, i);

		add_length(out, *s);
		if (s->p)
			buf_add_slice(out, *s);
	}
}

static bool
take_plain(struct slice *in, void *p, size_t n)
{
	if (in->n < n)
		return false;
	memcpy(p, in->p, n);
	in->p += n;
	in->n -= n;
	return true;
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
	if (v == 0) {
		*result = SLICE_NULL;
		return true;
	}
	if (--v > in->n)
		return false;
	*result = slice_of(in->p, (size_t)v);
	in->p += v;
	in->n -= (size_t)v;
	return true;
}

int
request_unpack(struct slice bytes, struct request *result, size_t *taken)
{
	struct request r = { 0 };
	struct slice in = bytes;

	for (size_t i = 0; i < COUNT(plains); i++)
		if (!take_plain(
			&in, (char *)&r + plains[i].offset, plains[i].size))
			return ST_ETRUNC;
	for (size_t i = 0; i < COUNT(slices); i++)
		if (!take_slice(&in, slice_into(&r, i)))
			return ST_ETRUNC;
	*result = r;
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
