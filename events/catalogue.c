/*
 * catalogue.c - every API that mints or exchanges a temporary credential.
 *
 * Knows the table (its rows are in catalogue_rows.h), how records spell a
 * service and a method, and which rows are on.  Does not read records.
 * Constant data and pure functions, any thread.
 */
#include "events/catalogue.h"

#include "events/catalogue_rows.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- the table --------------------------------------------------------- */

/* Short words of catalogue_rows.h. */
#define NONE NULL
#define CALLER "caller"
#define SELF "principal"
#define ASKED "rp.roleSessionName"
#define KEY "re.credentials.accessKeyId"
#define UNTIL "re.credentials.expiration"

#define MGMT "management"
#define SIGNIN "management (AwsConsoleSignIn)"
#define SERVICE "management (AwsServiceEvent)"
#define DATA "data"
#define DATA_ACCESS "data_access"
#define ACTIVITY "activity"

#define RECORD "record"
#define DOCS "docs"
#define MODEL "model"
#define RULE "rule"

enum { OFF, ON, FED }; /* FED: on, of federated callers only */
enum { LEAF, WHOLE };  /* what of a methodName is compared */
#define KIND_NO_KIND KIND_ROLE

#define AWS_TOKEN(w, tr, sw, kd, sv, nm, pr, tg, ss, cr, ex, lg, ev) \
	{ .provider = PROVIDER_AWS,                                  \
		.tier = TIER_##tr,                                   \
		.on = (sw) != OFF,                                   \
		.federated_only = (sw) == FED,                       \
		.service = sv ".amazonaws.com",                      \
		.name = nm,                                          \
		.action = sv ":" nm,                                 \
		.kind = KIND_##kd,                                   \
		.principal = pr,                                     \
		.target = tg,                                        \
		.session = ss,                                       \
		.credential = cr,                                    \
		.expires = ex,                                       \
		.log = lg,                                           \
		.evidence = ev },
#define AWS_RELATED(w, sv, nm, lg, ev)          \
	{ .provider = PROVIDER_AWS,             \
		.tier = TIER_RELATED,           \
		.service = sv ".amazonaws.com", \
		.name = nm,                     \
		.action = sv ":" nm,            \
		.log = lg,                      \
		.evidence = ev },
#define GCP_TOKEN(w, tr, sw, kd, sv, nm, wh, ac, tg, ex, lg, ev) \
	{ .provider = PROVIDER_GCP,                              \
		.tier = TIER_##tr,                               \
		.on = (sw) != OFF,                               \
		.service = sv,                                   \
		.name = nm,                                      \
		.whole_name = (wh) == WHOLE,                     \
		.action = ac,                                    \
		.kind = KIND_##kd,                               \
		.target = tg,                                    \
		.expires = ex,                                   \
		.log = lg,                                       \
		.evidence = ev },
#define GCP_RELATED(w, sv, nm, wh, ac, lg, ev) \
	{ .provider = PROVIDER_GCP,            \
		.tier = TIER_RELATED,          \
		.service = sv,                 \
		.name = nm,                    \
		.whole_name = (wh) == WHOLE,   \
		.action = ac,                  \
		.log = lg,                     \
		.evidence = ev },

/* clang-format off */
const struct api catalogue[] = {
	CATALOGUE_AWS(AWS_TOKEN, AWS_RELATED, 0)
	CATALOGUE_GCP(GCP_TOKEN, GCP_RELATED, 0)
};

#define ONE(...) + 1
enum { N_AWS = 0 CATALOGUE_AWS(ONE, ONE, 0) };
/* clang-format on */

const size_t catalogue_size = COUNT(catalogue);
_Static_assert(COUNT(catalogue) <= CATALOGUE_MAX, "CATALOGUE_MAX is too small");

/* Another spelling of a row: seen under this service, kept under that. */
struct alias {
	const char *service, *name, *kept_under;
};

static const struct alias aliases[] = {
	{ "sso.amazonaws.com", "CreateToken", "sso-oauth.amazonaws.com" },
	{ "sso.amazonaws.com", "CreateTokenWithIAM",
	    "sso-oauth.amazonaws.com" },
	{ "finspace.amazonaws.com", "GetProgrammaticAccessCredentials",
	    "finspace-api.amazonaws.com" },
	{ "finspace.amazonaws.com", "GetExternalDataViewAccessDetails",
	    "finspace-api.amazonaws.com" },
};

/* Which service a package of method or request types belongs to. */
struct package {
	const char *prefix, *service;
};

static const struct package packages[] = {
	{ "google.iam.credentials.", "iamcredentials.googleapis.com" },
	{ "google.identity.sts.", "sts.googleapis.com" },
	{ "google.identity.oauth2.", "oauth2.googleapis.com" },
	{ "google.iam.", "iam.googleapis.com" },
	{ "google.cloud.workstations.", "workstations.googleapis.com" },
	{ "google.cloud.edgecontainer.", "edgecontainer.googleapis.com" },
	{ "google.cloud.gkemulticloud.", "gkemulticloud.googleapis.com" },
	{ "google.cloud.developerconnect.", "developerconnect.googleapis.com" },
	{ "google.devtools.cloudbuild.", "cloudbuild.googleapis.com" },
	{ "google.api.apikeys.", "apikeys.googleapis.com" },
	{ "google.login.", "login.googleapis.com" },
	{ "google.admin.", "admin.googleapis.com" },
	{ "storage.", "storage.googleapis.com" },
	{ "io.k8s.", "k8s.io" },
};

/* ---- the quick look ---------------------------------------------------- */

/*
 * A bit for each name, at a place that the compiler works out from the rows.
 * Most names of ordinary calls meet a zero.
 */
#define CH(s, i) ((uint64_t)(unsigned char)(s)[i])
#define PLACE(s, n, bits)                                                      \
	(((uint64_t)(n)*61 + (CH(s, 0) & ~0x20u) * 7 + CH(s, (n) / 2) * 1021 + \
	     CH(s, (n)-1) * 131) &                                             \
	    ((bits)-1))
#define BIT(w, s, bits)                                                   \
	|                                                                 \
	    (PLACE(s, sizeof(s) - 1, bits) / 64 == (w)                    \
		    ? (uint64_t)1 << (PLACE(s, sizeof(s) - 1, bits) % 64) \
		    : 0)

#define AWS_BITS 2048
#define AWS_T(w, tr, sw, kd, sv, nm, ...) BIT(w, nm, AWS_BITS)
#define AWS_X(w, sv, nm, ...) BIT(w, nm, AWS_BITS)
#define AWS_1(w) 0 CATALOGUE_AWS(AWS_T, AWS_X, w)
#define AWS_4(w) AWS_1(w), AWS_1(w + 1), AWS_1(w + 2), AWS_1(w + 3)

#define GCP_BITS 512
#define GCP_T(w, tr, sw, kd, sv, nm, ...) BIT(w, nm, GCP_BITS)
#define GCP_X(w, sv, nm, ...) BIT(w, nm, GCP_BITS)
#define GCP_1(w) 0 CATALOGUE_GCP(GCP_T, GCP_X, w)
#define GCP_4(w) GCP_1(w), GCP_1(w + 1), GCP_1(w + 2), GCP_1(w + 3)

static const uint64_t aws_bits[AWS_BITS / 64] = { AWS_4(0), AWS_4(4), AWS_4(8),
	AWS_4(12), AWS_4(16), AWS_4(20), AWS_4(24), AWS_4(28) };
static const uint64_t gcp_bits[GCP_BITS / 64] = { GCP_4(0), GCP_4(4) };

static bool
has_bit(const uint64_t *set, unsigned bits, struct slice s)
{
	uint64_t at;

	if (s.n == 0)
		return false;
	at = PLACE(s.p, s.n, bits);
	return set[at / 64] >> (at % 64) & 1;
}

bool
catalogue_may_be_aws(struct slice event_name)
{
	return has_bit(aws_bits, AWS_BITS, event_name);
}

bool
catalogue_may_be_gcp(struct slice method)
{
	/* The leaf, and the whole for the rows that want it. */
	return has_bit(gcp_bits, GCP_BITS, slice_after_last(method, '.')) ||
	    has_bit(gcp_bits, GCP_BITS, method);
}

/* ---- looking up -------------------------------------------------------- */

static int
row_cmp(const struct api *row, struct slice service, struct slice name)
{
	int c = slice_cmp(slice_str(row->service), service);

	return c ? c : slice_cmp(slice_str(row->name), name);
}

static const struct api *
find_aws_row(struct slice service, struct slice name)
{
	size_t low = 0, high = N_AWS;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (row_cmp(&catalogue[mid], service, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == N_AWS || row_cmp(&catalogue[low], service, name) != 0)
		return NULL;
	return &catalogue[low];
}

static struct slice
kept_under(struct slice service, struct slice name)
{
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (slice_is(name, aliases[i].name) &&
		    slice_is(service, aliases[i].service))
			return slice_str(aliases[i].kept_under);
	return service;
}

const struct api *
catalogue_find_aws(struct slice event_source, struct slice event_name)
{
	struct slice service = event_source;

	if (!catalogue_may_be_aws(event_name))
		return NULL;
	if (slice_ends(service, ".cn"))
		service.n -= 3;
	return find_aws_row(kept_under(service, event_name), event_name);
}

/* "GenerateAccessToken" and "generateAccessToken" are one. */
static bool
same_leaf(const char *name, struct slice leaf)
{
	size_t n = strlen(name);

	return n == leaf.n && n > 0 && ((name[0] ^ leaf.p[0]) & ~0x20) == 0 &&
	    memcmp(name + 1, leaf.p + 1, n - 1) == 0;
}

static struct slice
service_of_package(struct slice text)
{
	for (size_t i = 0; i < COUNT(packages); i++)
		if (slice_starts(text, packages[i].prefix))
			return slice_str(packages[i].service);
	return SLICE_NULL;
}

static struct slice
gcp_service(struct slice service, struct slice method, struct slice type)
{
	if (service.n)
		return service;
	service = service_of_package(method);
	if (!service.p)
		service = service_of_package(slice_after_last(type, '/'));
	return service;
}

const struct api *
catalogue_find_gcp(struct slice service, struct slice method, struct slice type)
{
	struct slice leaf = slice_after_last(method, '.');

	if (!catalogue_may_be_gcp(method))
		return NULL;
	service = gcp_service(service, method, type);
	for (size_t i = N_AWS; i < catalogue_size; i++) {
		const struct api *row = &catalogue[i];

		if (!slice_is(service, row->service))
			continue;
		if (row->whole_name ? slice_is(method, row->name)
				    : same_leaf(row->name, leaf))
			return row;
	}
	return NULL;
}

/* ---- which are on ------------------------------------------------------ */

void
api_choice_default(struct api_choice *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < catalogue_size; i++)
		c->on[i] = catalogue[i].on;
}

void
api_choice_all(struct api_choice *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < catalogue_size; i++)
		c->on[i] = catalogue[i].tier != TIER_RELATED;
}

static bool
ends_segment(char c)
{
	return c == ':' || c == '/';
}

#define ACTION_MAX 96 /* longer than any action of the table (a test looks) */

/*
 * Does the pattern match the whole text?  Keeps the set of text positions that
 * the pattern's beginning can reach, so that no pattern is slow.
 */
static bool
pattern_matches(struct slice pattern, struct slice text)
{
	bool at[ACTION_MAX + 1] = { true };
	size_t i = 0, k;

	if (text.n > ACTION_MAX)
		return false;
	while (i < pattern.n) {
		bool star = pattern.p[i] == '*';
		bool across = star && i + 1 < pattern.n &&
		    pattern.p[i + 1] == '*';

		if (star) {
			for (k = 0; k < text.n; k++)
				if (at[k] &&
				    (across || !ends_segment(text.p[k])))
					at[k + 1] = true;
		} else {
			for (k = text.n; k > 0; k--)
				at[k] = at[k - 1] &&
				    text.p[k - 1] == pattern.p[i];
			at[0] = false;
		}
		i += across ? 2 : 1;
	}
	return at[text.n];
}

size_t
api_choice_set(struct api_choice *c, struct slice pattern, bool on)
{
	size_t matched = 0;

	for (size_t i = 0; i < catalogue_size; i++) {
		if (catalogue[i].tier == TIER_RELATED ||
		    !pattern_matches(pattern, slice_str(catalogue[i].action)))
			continue;
		c->on[i] = on;
		matched++;
	}
	return matched;
}

bool
api_is_on(const struct api_choice *c, const struct api *api)
{
	return api && c->on[api - catalogue];
}
