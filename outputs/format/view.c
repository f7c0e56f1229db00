/*
 * view.c - what the formats ask of a finding in common.
 *
 * Knows how to read names and places out of a finding; does not know any
 * format's members or escapes.  Pure functions, any thread.
 */
#include "outputs/format/view.h"
#include "detect/names.h"
#include "lib/jsonw.h"

#include <stdio.h>

struct slice
view_country(const char country[3])
{
	return country[0] ? slice_of(country, strnlen(country, 2)) : SLICE_NULL;
}

void
view_when(struct jsonw *w, const char *name, struct when t)
{
	char text[WHEN_TEXT];

	jsonw_member(w, name, t.valid ? when_format(t, text) : SLICE_NULL);
}

void
view_opt(struct jsonw *w, const char *name, struct slice s)
{
	if (s.p)
		jsonw_member(w, name, s);
}

void
view_opt_when(struct jsonw *w, const char *name, struct when t)
{
	if (t.valid)
		view_when(w, name, t);
}

void
view_opt_ms(struct jsonw *w, const char *name, struct when t)
{
	if (t.valid)
		jsonw_member_int(w, name, view_ms(t));
}

void
view_strings(
    struct jsonw *w, const char *name, const struct slice *s, unsigned n)
{
	jsonw_key(w, name);
	jsonw_array(w);
	for (unsigned i = 0; i < n; i++)
		jsonw_slice(w, s[i]);
	jsonw_end(w);
}

void
view_reasons(
    struct jsonw *w, const char *name, const struct reason *r, unsigned n)
{
	jsonw_key(w, name);
	jsonw_array(w);
	for (unsigned i = 0; i < n; i++) {
		jsonw_object(w);
		jsonw_member_str(w, "code", reason_table[r[i].code].code);
		jsonw_member(w, "observed", r[i].observed);
		view_strings(w, "expected", r[i].expected, r[i].n_expected);
		jsonw_key(w, "weight");
		jsonw_fixed(w, r[i].weight, 1);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void
view_lineage(struct jsonw *w, const char *name, const struct hop *h, unsigned n)
{
	jsonw_key(w, name);
	jsonw_array(w);
	for (unsigned i = 0; i < n; i++) {
		jsonw_object(w);
		jsonw_member(w, "who", h[i].who);
		view_when(w, "time", h[i].time);
		jsonw_member(w, "country", view_country(h[i].country));
		jsonw_member(w, "city", h[i].city);
		jsonw_member(w, "credential", h[i].credential);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void
view_codes(struct jsonw *w, const char *name, const struct finding *f)
{
	jsonw_key(w, name);
	jsonw_array(w);
	for (unsigned i = 0; i < f->n_reasons; i++)
		jsonw_str(w, reason_table[f->reasons[i].code].code);
	jsonw_end(w);
}

void
view_why_member(struct jsonw *w, const char *name, const struct finding *f)
{
	struct buf why = BUF_INIT;

	view_why_all(&why, f);
	if (why.n)
		jsonw_member(w, name, buf_slice(&why));
	if (why.failed)
		w->out->failed = true;
	buf_release(&why);
}

int64_t
view_ms(struct when t)
{
	return t.sec * 1000 + t.nsec / 1000000;
}

struct when
view_moment(const struct finding *f)
{
	if (f->time.valid)
		return f->time;
	if (f->first_seen.valid)
		return f->first_seen;
	if (f->last_seen.valid)
		return f->last_seen;
	return (struct when){ .valid = true };
}

const struct reason *
view_lead(const struct finding *f)
{
	const struct reason *lead = NULL;

	for (unsigned i = 0; i < f->n_reasons; i++)
		if (!lead || f->reasons[i].weight > lead->weight)
			lead = &f->reasons[i];
	return lead;
}

const char *
view_lead_code(const struct finding *f)
{
	const struct reason *lead = view_lead(f);

	return lead ? reason_table[lead->code].code : "unknown";
}

const char *
view_category(const struct finding *f)
{
	static const char *const words[] = {
		[GROUP_POLICY] = "policy",
		[GROUP_BASELINE] = "baseline",
		[GROUP_LINEAGE] = "lineage",
		[GROUP_TELEMETRY] = "telemetry",
	};
	const struct reason *lead = view_lead(f);

	return words[lead ? reason_table[lead->code].group : GROUP_BASELINE];
}

struct slice
view_ip(const struct source *s, char *buf, bool *v4)
{
	struct addr a;

	if (!addr_parse(s->ip, &a))
		return SLICE_NULL;
	*v4 = a.v4;
	return addr_format(&a, buf);
}

struct slice
view_short_name(struct slice principal)
{
	struct slice name = names_short(principal);

	return name.n ? name : principal;
}

struct slice
view_service(struct slice action)
{
	return slice_before(action, ':');
}

struct slice
view_verb(struct slice action)
{
	struct slice verb = slice_after(action, ':');

	return verb.n ? verb : action;
}

const char *
view_target_type(struct slice target)
{
	static const struct {
		const char *part, *type;
	} rows[] = {
		{ ":role/", "AWS::IAM::Role" },
		{ ":user/", "AWS::IAM::User" },
		{ ":federated-user/", "AWS::STS::FederatedUser" },
		{ ":root", "AWS::Account" },
		{ "identity-center:", "AWS::SSO::PermissionSet" },
		{ "serviceAccount:", "iam.googleapis.com/ServiceAccount" },
		{ "/workloadIdentityPools/",
		    "iam.googleapis.com/WorkloadIdentityPoolProvider" },
		{ "/workforcePools/",
		    "iam.googleapis.com/WorkforcePoolProvider" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_find(target, rows[i].part))
			return rows[i].type;
	return NULL;
}

static bool
is_code(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	return s.n >= 1 && s.n <= 3;
}

struct slice
view_region(const struct place *p, char buf[8])
{
	struct slice country = view_country(p->country);
	int n;

	if (country.n != 2 || !is_code(country) || !is_code(p->subdivision))
		return SLICE_NULL;
	n = snprintf(buf, 8, "%.2s-%.*s", country.p, SLICE_ARG(p->subdivision));
	return slice_of(buf, (size_t)n);
}

void
view_compared(struct buf *out, const struct reason *r)
{
	if (r->observed.p) {
		buf_adds(out, "saw ");
		buf_add_slice(out, r->observed);
	}
	for (unsigned i = 0; i < r->n_expected; i++) {
		if (i == 0)
			buf_adds(
			    out, r->observed.p ? ", expected " : "expected ");
		else
			buf_adds(out, ", ");
		buf_add_slice(out, r->expected[i]);
	}
}

/* "This is so." and what was seen become "This is so (saw x)." */
static void
add_sentence(struct buf *out, const struct reason *r)
{
	struct slice help = slice_str(reason_table[r->code].help);

	if (!r->observed.p && !r->n_expected) {
		buf_add_slice(out, help);
		return;
	}
	if (slice_ends(help, "."))
		help.n--;
	buf_add_slice(out, help);
	buf_adds(out, " (");
	view_compared(out, r);
	buf_adds(out, ").");
}

void
view_why_all(struct buf *out, const struct finding *f)
{
	for (unsigned i = 0; i < f->n_reasons; i++) {
		if (i)
			buf_addc(out, ' ');
		add_sentence(out, &f->reasons[i]);
	}
}

const char *
view_version(const struct finding *f)
{
	return f->version ? f->version : "unknown";
}
