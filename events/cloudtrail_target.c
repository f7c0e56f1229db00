/*
 * cloudtrail_target.c - what a CloudTrail record's credential is for.
 *
 * Reads the catalogue's little language: paths (rp.roleArn), alternatives
 * (a | b), /last, time+re.expiresIn, templates (arn:{partition}:...), and the
 * words of words[].  Does not know who asked (principal_aws.c).  Any thread.
 */
#include "events/arn.h"
#include "events/trail.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIT(s) SLICE_LIT(s)

/* ---- paths ------------------------------------------------------------- */

static const struct json *
root_of_path(const struct trail *t, struct slice word)
{
	if (slice_is(word, "rp"))
		return t->top[TOP_REQUEST];
	if (slice_is(word, "re"))
		return t->top[TOP_RESPONSE];
	if (slice_is(word, "aed"))
		return t->top[TOP_EXTRA];
	return NULL;
}

/* What stands before the first `c` of *rest, or all of it; moves behind. */
static struct slice
take_until(struct slice *rest, char c)
{
	struct slice head = slice_before(*rest, c);

	if (!head.p) {
		head = *rest;
		*rest = SLICE_NULL;
	} else {
		*rest = slice_after(*rest, c);
	}
	return head;
}

static const struct json *
step(const struct json *v, struct slice name)
{
	if (name.n == 1 && name.p[0] >= '0' && name.p[0] <= '9')
		return json_type(v) == JSON_ARRAY
		    ? json_at(v, (size_t)(name.p[0] - '0'))
		    : NULL;
	return json_type(v) == JSON_OBJECT ? json_get_n(v, name) : NULL;
}

/* "re.credentialSet.0.credentials.accessKeyId" */
static const struct json *
follow(const struct trail *t, struct slice path)
{
	const struct json *v = root_of_path(t, take_until(&path, '.'));

	while (v && path.p)
		v = step(v, take_until(&path, '.'));
	return v;
}

static struct slice
text_of_path(const struct trail *t, struct slice path)
{
	bool last = slice_ends(path, "/last");
	struct slice s;

	if (last)
		path.n -= strlen("/last");
	s = field_text(follow(t, path));
	if (last)
		s = slice_after_last(s, '/');
	return s.n ? s : SLICE_NULL;
}

/* The next of "a | b | c"; false at the end. */
static bool
next_alternative(struct slice *rest, struct slice *one)
{
	if (!rest->p)
		return false;
	*one = slice_trim(take_until(rest, '|'));
	return true;
}

struct slice
trail_path(struct trail *t, const char *spec)
{
	struct slice rest = slice_str(spec), one, s;

	while (next_alternative(&rest, &one)) {
		s = text_of_path(t, one);
		if (s.p)
			return s;
	}
	return SLICE_NULL;
}

/* ---- resources --------------------------------------------------------- */

static struct slice
arn_of_resource(const struct json *resource)
{
	struct slice s = field_of(resource, "ARN");

	return s.p ? s : field_of(resource, "arn");
}

struct slice
trail_resource(const struct trail *t, const char *type)
{
	struct json_iter at = { 0 };
	const struct json *v;

	if (json_type(t->top[TOP_RESOURCES]) != JSON_ARRAY)
		return SLICE_NULL;
	while ((v = json_next(t->top[TOP_RESOURCES], &at, NULL))) {
		struct slice arn = arn_of_resource(v);

		if (arn.p &&
		    (!type || slice_is(json_text(json_get(v, "type")), type)))
			return arn;
	}
	return SLICE_NULL;
}

static struct slice
any_role_resource(const struct trail *t)
{
	struct json_iter at = { 0 };
	const struct json *v;

	if (json_type(t->top[TOP_RESOURCES]) != JSON_ARRAY)
		return SLICE_NULL;
	while ((v = json_next(t->top[TOP_RESOURCES], &at, NULL))) {
		struct slice arn = arn_of_resource(v);

		if (slice_find(arn, ":role/"))
			return arn;
	}
	return SLICE_NULL;
}

/* The ARN behind "on resource: " of a denial's text. */
static struct slice
arn_in_message(const struct trail *t)
{
	static const char before[] = "on resource: ";
	struct slice message = trail_top(t, TOP_ERROR_MESSAGE), word;
	const char *at = slice_find(message, before);
	size_t n = 0;

	if (!at)
		return SLICE_NULL;
	at += sizeof(before) - 1;
	word = slice_of(at, message.n - (size_t)(at - message.p));
	while (n < word.n && word.p[n] > ' ')
		n++;
	word.n = n;
	return arn_like(word) ? word : SLICE_NULL;
}

/* ---- words ------------------------------------------------------------- */

/* What a word gives, and how target_account is told from it. */
enum whose { BY_ARN, BY_PRINCIPAL, BY_RESULT };

struct target {
	struct slice name;
	enum whose whose;
	struct slice account; /* BY_RESULT */
};

typedef void word_fn(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result);

static void
word_role(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	struct slice s = field_of(t->top[TOP_REQUEST], "roleArn");

	(void)c;
	(void)r;
	if (!s.p)
		s = trail_resource(t, "AWS::IAM::Role");
	if (!s.p)
		s = any_role_resource(t);
	if (!s.p)
		s = arn_in_message(t);
	result->name = s;
}

static void
word_principal(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	(void)t;
	(void)c;
	result->name = r->principal;
	result->whose = BY_PRINCIPAL;
}

static void
word_switched_role(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	(void)t;
	(void)r;
	result->name = c->principal;
}

static void
word_federated_user(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	const struct json *made = json_get(
	    t->top[TOP_RESPONSE], "federatedUser");
	struct slice name = field_of(t->top[TOP_REQUEST], "name");

	(void)c;
	(void)r;
	result->name = field_of(made, "arn");
	if (!result->name.p && name.p && t->acct.p)
		result->name = TRAIL_JOIN(t, LIT("arn:"), trail_partition(t),
		    LIT(":sts::"), t->acct, LIT(":federated-user/"), name);
	if (!result->name.p)
		result->name = arn_in_message(t);
}

static void
word_member_root(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	struct slice s = field_account(
	    json_get(t->top[TOP_REQUEST], "targetPrincipal"), t->a, &t->failed);

	(void)c;
	(void)r;
	if (s.p && !arn_like(s))
		s = TRAIL_JOIN(t, LIT("arn:"), trail_partition(t),
		    LIT(":iam::"), s, LIT(":root"));
	result->name = s;
}

static void
word_center_role(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	const struct json *details = t->top[TOP_SERVICE];
	struct slice account = field_account(
	    json_get(details, "account_id"), t->a, &t->failed);
	struct slice name = field_of(details, "role_name");

	(void)c;
	(void)r;
	if (!account.p || !name.p)
		return;
	result->name = TRAIL_JOIN(
	    t, LIT("identity-center:"), account, LIT("/"), name);
	result->whose = BY_RESULT;
	result->account = account;
}

static void
word_center_user(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	const struct json *extra = t->top[TOP_EXTRA];
	struct slice user = field_of(extra, "identitystore:UserId");
	struct slice store = field_of(extra, "identitystore:IdentityStoreArn");

	(void)c;
	(void)r;
	if (user.p)
		result->name = TRAIL_JOIN(t, LIT("identity-center:"),
		    slice_after_last(store, '/'), LIT("/"), user);
}

static void
word_resources(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct target *result)
{
	(void)c;
	(void)r;
	result->name = trail_resource(t, NULL);
}

struct word {
	const char *word;
	word_fn *read;
};

static const struct word words[] = {
	{ "role", word_role },
	{ "principal", word_principal },
	{ "switched-role", word_switched_role },
	{ "federated-user", word_federated_user },
	{ "member-root", word_member_root },
	{ "identity-center-role", word_center_role },
	{ "identity-center-user", word_center_user },
	{ "resources", word_resources },
};

/* ---- templates --------------------------------------------------------- */

static struct slice
template_value(struct trail *t, const struct request *r, struct slice word)
{
	if (slice_is(word, "partition"))
		return trail_partition(t);
	if (slice_is(word, "region"))
		return trail_top(t, TOP_REGION);
	if (slice_is(word, "account"))
		return r->account;
	return text_of_path(t, word);
}

#define TEMPLATE_PARTS 16

/* Absent where one of its parts is. */
static struct slice
fill_template(struct trail *t, const struct request *r, struct slice template)
{
	struct slice part[TEMPLATE_PARTS], rest = template;
	size_t n = 0;

	while (rest.p && n + 2 <= TEMPLATE_PARTS) {
		part[n++] = take_until(&rest, '{');
		if (!rest.p)
			break;
		part[n] = template_value(t, r, take_until(&rest, '}'));
		if (!part[n++].p)
			return SLICE_NULL;
	}
	return field_join(t->a, &t->failed, part, n);
}

/* ---- the target -------------------------------------------------------- */

static void
read_alternative(struct trail *t, const struct trail_caller *c,
    const struct request *r, struct slice spec, struct target *result)
{
	*result = (struct target){ SLICE_NULL, BY_ARN, SLICE_NULL };
	for (size_t i = 0; i < COUNT(words); i++)
		if (slice_is(spec, words[i].word)) {
			words[i].read(t, c, r, result);
			return;
		}
	if (memchr(spec.p, '{', spec.n))
		result->name = fill_template(t, r, spec);
	else
		result->name = text_of_path(t, spec);
}

static struct slice
account_of_target(
    const struct trail *t, const struct request *r, const struct target *target)
{
	struct slice account = arn_account(target->name);

	if (target->whose == BY_RESULT)
		return target->account;
	if (account.p)
		return account;
	if (target->whose == BY_PRINCIPAL && !arn_like(target->name))
		return r->account;
	return t->recipient;
}

static void
read_target(struct trail *t, const struct trail_caller *c, struct request *r)
{
	struct slice rest = slice_str(t->api->target), one;
	struct target target;

	while (next_alternative(&rest, &one)) {
		read_alternative(t, c, r, one, &target);
		if (!target.name.p)
			continue;
		r->target = target.name;
		r->target_account = account_of_target(t, r, &target);
		return;
	}
}

/* ---- session, credential, expiry --------------------------------------- */

/* The caller's own session, or one that was asked for. */
static struct slice
read_session(struct trail *t, const struct trail_caller *c)
{
	if (!t->api->session)
		return SLICE_NULL;
	if (strcmp(t->api->session, "caller") == 0)
		return c->session;
	return trail_path(t, t->api->session);
}

#define SECONDS_MAX ((int64_t)100 * 366 * 86400)

/* "time+re.expiresIn" */
static struct when
time_plus(const struct trail *t, struct slice path)
{
	int64_t seconds;

	if (!t->time.valid || !field_int(follow(t, path), &seconds) ||
	    seconds < 0 || seconds > SECONDS_MAX)
		return WHEN_NONE;
	return when_add(t->time, seconds);
}

static struct when
read_expires(struct trail *t)
{
	struct slice spec = slice_str(t->api->expires);
	struct when w;

	if (slice_starts(spec, "time+"))
		return time_plus(t,
		    slice_of(
			spec.p + strlen("time+"), spec.n - strlen("time+")));
	if (!spec.p || !when_parse_loose(trail_path(t, spec.p), &w))
		return WHEN_NONE;
	return w;
}

void
trail_target(
    struct trail *t, const struct trail_caller *caller, struct request *r)
{
	read_target(t, caller, r);
	r->session = read_session(t, caller);
	r->expires = WHEN_NONE;
	if (t->outcome != OUTCOME_SUCCESS)
		return;
	if (t->api->credential)
		r->credential = trail_path(t, t->api->credential);
	r->expires = read_expires(t);
}
