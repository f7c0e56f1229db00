/*
 * test_lineage.c - which credential came from which, and where it is used.
 */
#include "detect/lineage.h"
#include "tests/unit/rows.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define BASE 1772352000 /* 2026-03-01T08:00:00Z */
#define DAY 86400

#define ALICE "arn:aws:iam::111122223333:user/alice"
#define SAML "arn:aws:iam::111122223333:saml-provider/Okta/bob@corp.example"
#define DEPLOY "arn:aws:iam::111122223333:role/deploy"
#define OPS "arn:aws:iam::444455556666:role/path/ops"

static const struct lineage_scope nothing = { 0 };

static struct lineage *
lineage(void)
{
	static const struct lineage_options o = { .kept = true };

	return lineage_new(&o);
}

/* ---- records --------------------------------------------------------------- */

static void
place(struct request *r, const char *ip, const char *country, uint32_t asn)
{
	r->source.kind = SOURCE_IP;
	r->source.ip = slice_str(ip);
	CHECK(addr_parse(r->source.ip, &r->source.addr));
	r->source.place = (struct place){ .asn = asn };
	snprintf(r->source.place.country, sizeof(r->source.place.country), "%s",
	    country);
}

static struct request
record(int64_t sec, const char *principal, enum principal_type type)
{
	struct request r = { .provider = PROVIDER_AWS,
		.kind = KIND_ROLE,
		.principal_type = type,
		.duration = 3600 };

	r.time = (struct when){ BASE + sec, 0, true };
	r.action = SLICE_LIT("sts:AssumeRole");
	r.account = SLICE_LIT("111122223333");
	r.principal = slice_str(principal);
	place(&r, "203.0.113.9", "DE", 3320);
	return r;
}

static struct request
mint(int64_t sec, const char *principal, enum principal_type type,
    const char *role, const char *session, const char *credential)
{
	struct request r = record(sec, principal, type);

	r.target = slice_str(role);
	r.session = slice_str(session);
	r.credential = slice_str(credential);
	return r;
}

static struct request
use(int64_t sec, const char *role, const char *session, const char *credential)
{
	struct request r = record(sec, role, PT_ROLE);

	r.kind = KIND_USE;
	r.action = SLICE_LIT("s3:GetObject");
	r.caller_session = slice_str(session);
	r.caller_credential = slice_str(credential);
	return r;
}

static struct lineage_answer
give(struct lineage *l, const struct request *r)
{
	struct lineage_answer a;

	CHECK_INT(lineage_judge(l, r, &nothing, &a), 0);
	CHECK_INT(lineage_mint(l, r), 0);
	return a;
}

static bool
tells(const struct lineage_answer *a, enum reason_code code)
{
	for (unsigned i = 0; i < a->n_reasons; i++)
		if (a->reasons[i].code == code)
			return true;
	return false;
}

/* ---- chains ---------------------------------------------------------------- */

struct inventory {
	struct buf out; /* "CREDENTIAL ROOT>WHO>WHO\n" */
};

static void
on_token(void *arg, const struct lineage_token *t)
{
	struct inventory *i = arg;

	buf_add_slice(&i->out, t->credential);
	for (unsigned k = 0; k < t->n_hops; k++) {
		buf_addc(&i->out, k ? '>' : ' ');
		if (t->hops[k].who.p)
			buf_add_slice(&i->out, t->hops[k].who);
		else
			buf_addc(&i->out, '?');
	}
	buf_addc(&i->out, '\n');
}

static void
check_inventory(const struct lineage *l, const char *want)
{
	struct inventory i = { BUF_INIT };

	CHECK_INT(lineage_each(l, on_token, &i), 0);
	CHECK_TEXT(i.out.n ? buf_slice(&i.out) : SLICE_LIT(""), want);
	buf_release(&i.out);
}

static void
two_roles(struct lineage *l)
{
	struct request a = mint(0, ALICE, PT_USER, DEPLOY, "a", "ASIAONE");
	struct request b = mint(60, DEPLOY, PT_ROLE, OPS, "b", "ASIATWO");

	b.caller_session = SLICE_LIT("a");
	b.caller_credential = SLICE_LIT("ASIAONE");
	give(l, &a);
	give(l, &b);
}

static void
a_chain_of_roles_leads_to_the_user(void)
{
	struct lineage *l = lineage();

	two_roles(l);
	check_inventory(l,
	    "ASIAONE " ALICE ">" DEPLOY "\n"
	    "ASIATWO " ALICE ">" DEPLOY ">" OPS "\n");
	lineage_free(l);
}

static void
without_the_key_role_session_and_second_tell(void)
{
	struct request r = mint(0, SAML, PT_SAML, DEPLOY, "bob", "ASIAONE");
	struct request u = use(30, DEPLOY, "bob", "ASIAOTHER");
	struct lineage *l = lineage();

	give(l, &r);
	u.session_began = r.time;
	give(l, &u);
	check_inventory(l,
	    "ASIAONE " SAML ">" DEPLOY "\n"
	    "ASIAOTHER " SAML ">" DEPLOY "\n");
	u.caller_credential = SLICE_LIT("ASIATHIRD");
	u.session_began = when_add(r.time, 600);
	give(l, &u);
	CHECK_INT(lineage_counts(l)->unjoined, 1);
	lineage_free(l);
}

static void
two_who_could_be_it_are_nobody(void)
{
	struct request a = mint(0, SAML, PT_SAML, DEPLOY, "x", "ASIAONE");
	struct request b = mint(1, ALICE, PT_USER, DEPLOY, "x", "ASIATWO");
	struct request u = use(30, DEPLOY, "x", "ASIAOTHER");
	struct lineage *l = lineage();

	give(l, &a);
	give(l, &b);
	give(l, &u);
	check_inventory(l,
	    "ASIAONE " SAML ">" DEPLOY "\n"
	    "ASIATWO " ALICE ">" DEPLOY "\n"
	    "ASIAOTHER ?>" DEPLOY "\n");
	lineage_free(l);
}

static void
a_record_that_gives_its_own_credential_is_no_ring(void)
{
	struct request a = mint(0, DEPLOY, PT_ROLE, OPS, "x", "ASIAONE");
	struct request b = mint(5, OPS, PT_ROLE, DEPLOY, "y", "ASIATWO");
	struct lineage *l = lineage();

	a.caller_credential = SLICE_LIT("ASIAONE");
	give(l, &a);
	b.caller_credential = SLICE_LIT("ASIAONE");
	give(l, &b);
	a.caller_credential = SLICE_LIT("ASIATWO");
	give(l, &a);
	CHECK_INT(lineage_counts(l)->tokens, 2);
	lineage_free(l);
}

static void
a_parent_that_is_over_lives_as_long_as_its_child(void)
{
	struct lineage_options o = { .tokens_max = 1 };
	struct lineage *l = lineage_new(&o);
	struct request u = use(120, OPS, "b", "ASIATWO");

	two_roles(l);
	give(l, &u);
	check_inventory(l, "ASIATWO " ALICE ">" DEPLOY ">" OPS "\n");
	CHECK_INT(lineage_counts(l)->evicted_tokens, 1);
	lineage_free(l);
}

/* ---- places ---------------------------------------------------------------- */

static void
a_use_in_another_country_is_told(void)
{
	struct request m = mint(0, ALICE, PT_USER, DEPLOY, "a", "ASIAONE");
	struct request u = use(60, DEPLOY, "a", "ASIAONE");
	struct lineage *l = lineage();
	struct lineage_answer a;

	give(l, &m);
	a = give(l, &u);
	CHECK(!a.finding);
	u.time = when_add(u.time, 60);
	place(&u, "198.51.100.7", "RU", 12389);
	a = give(l, &u);
	CHECK(a.finding && tells(&a, R_USED_FAR_FROM_MINT));
	CHECK_INT(a.n_hops, 2);
	CHECK_TEXT(a.hops[0].who, ALICE);
	CHECK_TEXT(a.reasons[0].observed, "RU (AS12389)");
	CHECK_TEXT(a.reasons[0].expected[0], "DE (AS3320)");
	lineage_free(l);
}

static void
a_use_before_its_mint_is_told_at_the_mint(void)
{
	struct request m = mint(0, ALICE, PT_USER, DEPLOY, "a", "ASIAONE");
	struct request u = use(60, DEPLOY, "a", "ASIAONE");
	struct lineage *l = lineage();
	struct lineage_answer a;

	place(&u, "198.51.100.7", "RU", 12389);
	a = give(l, &u);
	CHECK(!a.finding);
	a = give(l, &m);
	CHECK(a.finding && tells(&a, R_USED_FAR_FROM_MINT));
	lineage_free(l);
}

static void
a_place_of_two_days_is_usual(void)
{
	struct lineage *l = lineage();
	struct lineage_answer a;

	for (int day = 0; day < 3; day++) {
		struct request m = mint(
		    day * DAY, ALICE, PT_USER, DEPLOY, "a", "ASIAONE");

		place(&m, "198.51.100.7", "US", 7018);
		a = give(l, &m);
		CHECK(!a.finding);
	}
	for (int day = 3; day < 6; day++) {
		struct request m = mint(
		    day * DAY, ALICE, PT_USER, DEPLOY, "a", "ASIAONE");
		struct request u = use(day * DAY + 60, DEPLOY, "a", "ASIAONE");

		give(l, &m);
		place(&u, "198.51.100.8", "US", 7018);
		a = give(l, &u);
		CHECK(!a.finding);
	}
	lineage_free(l);
}

static void
an_instance_credential_at_home_in_the_cloud_only(void)
{
	struct request m = mint(0, "service:ec2.amazonaws.com", PT_SERVICE,
	    DEPLOY, "i-0abc", "ASIAONE");
	struct request u = use(60, DEPLOY, "i-0abc", "ASIAONE");
	struct lineage *l = lineage();
	struct lineage_answer a;

	m.source = (struct source){ .kind = SOURCE_CLOUD_SERVICE };
	give(l, &m);
	place(&u, "203.0.113.80", "DE", 16509);
	a = give(l, &u);
	CHECK(!a.finding);
	place(&u, "198.51.100.9", "DE", 14061);
	a = give(l, &u);
	CHECK(tells(&a, R_INSTANCE_CREDENTIAL_OUTSIDE_CLOUD));
	CHECK(a.finding);
	lineage_free(l);
}

/* ---- ways never taken ------------------------------------------------------ */

#define DB "arn:aws:iam::111122223333:role/db"
#define WEB "arn:aws:iam::111122223333:role/web"
#define DOOR "arn:aws:iam::111122223333:role/door"
#define WEEKS 10 /* days that make a role well known */

static struct lineage_answer
assume(struct lineage *l, int64_t sec, const char *from, const char *to)
{
	struct request r = mint(sec, from, PT_ROLE, to, "s", "");

	r.credential = SLICE_NULL;
	r.caller_session = SLICE_LIT("s");
	return give(l, &r);
}

static void
roles_at_work(struct lineage *l)
{
	for (int day = 0; day < WEEKS; day++) {
		assume(l, day * DAY, WEB, DB);
		assume(l, day * DAY + 60, DB, DOOR);
	}
}

static void
a_new_way_between_old_roles_is_told(void)
{
	struct lineage *l = lineage();
	struct lineage_answer a;

	roles_at_work(l);
	a = assume(l, WEEKS * DAY, WEB, DB);
	CHECK_INT(a.n_reasons, 0);
	a = assume(l, WEEKS * DAY + 60, WEB, DOOR);
	CHECK(a.finding && tells(&a, R_NEW_CHAIN));
	CHECK_TEXT(
	    a.reasons[0].observed, "111122223333/web to 111122223333/door");
	a = assume(l, WEEKS * DAY + 120, WEB, DOOR);
	CHECK_INT(a.n_reasons, 0);
	a = assume(l, WEEKS * DAY + 180, WEB, OPS);
	CHECK(!tells(&a, R_NEW_CHAIN));
	lineage_free(l);
}

static void
four_roles_behind_one_another_are_too_many(void)
{
	static const char *const roles[] = { ALICE, DEPLOY, WEB, DB, DOOR };
	static const char *const keys[] = { NULL, "ASIAA", "ASIAB", "ASIAC",
		"ASIAD" };
	struct lineage *l = lineage();

	for (int i = 1; i < 5; i++) {
		struct request r = mint(i * 60, roles[i - 1],
		    i == 1 ? PT_USER : PT_ROLE, roles[i], "s", keys[i]);
		struct lineage_answer a;

		r.caller_session = i == 1 ? SLICE_NULL : SLICE_LIT("s");
		r.caller_credential = slice_str(keys[i - 1]);
		a = give(l, &r);
		CHECK_INT(tells(&a, R_CHAIN_TOO_DEEP), i == 4);
	}
	lineage_free(l);
}

static struct lineage_answer
federated(struct lineage *l, int64_t sec, const char *principal)
{
	struct request r = mint(
	    sec, principal, PT_WEB_IDENTITY, DEPLOY, "s", "ASIAWEB");

	r.kind = KIND_WEB_IDENTITY;
	return give(l, &r);
}

#define HOST "arn:aws:iam::111122223333:oidc-provider/id.example/"

static void
a_subject_of_a_provider_that_has_few_weighs(void)
{
	struct lineage *l = lineage();
	struct lineage_answer a;

	for (int day = 0; day < 30; day++)
		federated(l, day * DAY, HOST "repo:acme/app:main");
	a = federated(l, 30 * DAY, HOST "repo:evil/app:main");
	CHECK(tells(&a, R_NEW_FEDERATED_SUBJECT) && !a.finding);
	federated(l, 30 * DAY + 60, HOST "repo:other/app:main");
	a = federated(l, 30 * DAY + 90, HOST "repo:third/app:main");
	CHECK(!tells(&a, R_NEW_FEDERATED_SUBJECT));
	lineage_free(l);
}

static void
a_new_key_of_a_settled_provider_is_told(void)
{
	struct request r = record(
	    0, "principal://pool/subject/x", PT_FEDERATED);
	struct lineage *l = lineage();
	struct lineage_answer a;

	r.provider = PROVIDER_GCP;
	r.kind = KIND_EXCHANGE;
	r.target = SLICE_LIT("//iam.googleapis.com/pool/providers/p");
	r.signing_key = SLICE_LIT("key-1");
	for (int day = 0; day < WEEKS; day++, r.time = when_add(r.time, DAY)) {
		a = give(l, &r);
		CHECK_INT(a.n_reasons, 0);
	}
	r.signing_key = SLICE_LIT("key-2");
	a = give(l, &r);
	CHECK(a.finding && tells(&a, R_NEW_SIGNING_KEY));
	lineage_free(l);
}

static void
many_doors_tried_by_nobody_are_told(void)
{
	struct request r = record(0, "", PT_REDACTED);
	struct lineage *l = lineage();
	char target[64];
	struct lineage_answer a;

	r.provider = PROVIDER_GCP;
	r.kind = KIND_ACCESS_TOKEN;
	r.outcome = OUTCOME_DENIED;
	r.principal = SLICE_NULL;
	r.user_agent = SLICE_LIT("curl/8");
	for (int i = 0; i < 12; i++) {
		snprintf(
		    target, sizeof(target), "serviceAccount:%d@p", i / 2 * 2);
		r.target = slice_str(target);
		r.time = when_add(r.time, 1);
		a = give(l, &r);
		CHECK(!a.finding);
	}
	for (int i = 20; i < 22; i++) {
		snprintf(target, sizeof(target), "serviceAccount:%d@p", i);
		r.target = slice_str(target);
		a = give(l, &r);
	}
	CHECK(a.finding && tells(&a, R_DENIED_BURST));
	CHECK_TEXT(a.reasons[0].observed, "8 targets in 10 minutes");
	lineage_free(l);
}

/* ---- over a restart -------------------------------------------------------- */

static int
load(void *arg, struct slice key, struct slice value)
{
	return lineage_load(arg, key, value);
}

static void
all_of_it_lasts(void)
{
	struct lineage *l = lineage(), *other = lineage();
	struct request u = use(120, OPS, "b", "ASIATWO");
	struct lineage_answer a;
	static struct rows rows;

	two_roles(l);
	CHECK_INT(lineage_save(l, rows_put, &rows), 0);
	CHECK(rows.n > 0);
	CHECK_INT(rows_each(&rows, load, other), 0);
	lineage_loaded(other);
	check_inventory(other,
	    "ASIAONE " ALICE ">" DEPLOY "\n"
	    "ASIATWO " ALICE ">" DEPLOY ">" OPS "\n");
	rows.puts = rows.drops = 0;
	CHECK_INT(lineage_save(l, rows_put, &rows), 0);
	CHECK_INT(rows.puts, 0);
	place(&u, "198.51.100.7", "RU", 12389);
	a = give(other, &u);
	CHECK(a.finding);
	rows_release(&rows);
	lineage_free(l);
	lineage_free(other);
}

/* ---- only used ---------------------------------------------------------------- */

static void
one_of_which_only_uses_are_known_is_in_the_inventory(void)
{
	struct request u = use(0, DEPLOY, "a", "ASIAONE");
	struct request m = mint(30, ALICE, PT_USER, DEPLOY, "a", "ASIAONE");
	struct lineage *l = lineage();

	give(l, &u);
	check_inventory(l, "ASIAONE ?>" DEPLOY "\n");
	CHECK_INT(lineage_counts(l)->tokens, 1);
	/* The other half comes. */
	give(l, &m);
	check_inventory(l, "ASIAONE " ALICE ">" DEPLOY "\n");
	CHECK_INT(lineage_counts(l)->tokens, 1);
	lineage_free(l);
}

static void
one_that_is_only_used_is_told_when_it_moves(void)
{
	struct request u = use(0, DEPLOY, "a", "ASIAONE");
	struct request v = use(900, DEPLOY, "a", "ASIAONE");
	struct lineage *l = lineage();
	struct lineage_answer a;

	a = give(l, &u);
	CHECK(!a.finding);
	place(&v, "198.51.100.7", "RU", 12389);
	a = give(l, &v);
	CHECK(a.finding && tells(&a, R_USED_FAR_FROM_MINT));
	CHECK_INT(lineage_counts(l)->tokens, 1);
	lineage_free(l);
}

static void
the_newest_takes_the_place_of_the_oldest(void)
{
	struct lineage_options o = { .tokens_max = 3 };
	struct lineage *l = lineage_new(&o);
	static const char *const keys[] = { "ASIAONE", "ASIATWO", "ASIATHREE",
		"ASIAFOUR", "ASIAFIVE" };

	for (int i = 0; i < 5; i++) {
		struct request u = use(i, DEPLOY, "a", keys[i]);

		give(l, &u);
	}
	CHECK_INT(lineage_counts(l)->tokens, 3);
	CHECK_INT(lineage_counts(l)->evicted_tokens, 2);
	check_inventory(l,
	    "ASIATHREE ?>" DEPLOY "\nASIAFOUR ?>" DEPLOY "\nASIAFIVE ?>" DEPLOY
	    "\n");
	lineage_free(l);
}

static void
one_that_was_used_long_ago_is_over(void)
{
	struct request u = use(0, DEPLOY, "a", "ASIAONE");
	struct request v = use(DAY, DEPLOY, "a", "ASIATWO");
	struct request w = use(DAY + 60, DEPLOY, "a", "ASIAONE");
	struct lineage *l = lineage();
	struct lineage_answer a;

	give(l, &u);
	give(l, &v);
	check_inventory(l, "ASIATWO ?>" DEPLOY "\n");
	/* It is heard of anew, so it comes from nowhere else. */
	place(&w, "198.51.100.7", "RU", 12389);
	a = give(l, &w);
	CHECK(!a.finding);
	CHECK_INT(lineage_counts(l)->expired, 1);
	lineage_free(l);
}

static void
rows_hold_many_of_them(void)
{
	struct lineage *l = lineage(), *other = lineage();
	struct request first = { 0 };
	static struct rows rows;
	char key[24], want[8192] = "";
	unsigned all;

	for (int i = 0; i < 100; i++) {
		struct request u;

		snprintf(key, sizeof(key), "ASIA%03d", i);
		u = use(i, DEPLOY, "a", key);
		give(l, &u);
		if (i == 0)
			first = u;
		snprintf(want + strlen(want), sizeof(want) - strlen(want),
		    "%s ?>" DEPLOY "\n", key);
	}
	CHECK_INT(lineage_save(l, rows_put, &rows), 0);
	CHECK(rows.n <= 5);
	CHECK_INT(rows_each(&rows, load, other), 0);
	lineage_loaded(other);
	check_inventory(other, want);
	/* What did not change is not written again. */
	all = rows.puts;
	rows.puts = rows.drops = 0;
	CHECK_INT(lineage_save(l, rows_put, &rows), 0);
	CHECK_INT(rows.puts, 0);
	first.caller_credential = SLICE_LIT("ASIA000");
	first.time = when_add(first.time, 3600);
	give(l, &first);
	CHECK_INT(lineage_save(l, rows_put, &rows), 0);
	CHECK(rows.puts > 0 && rows.puts < all);
	rows_release(&rows);
	lineage_free(l);
	lineage_free(other);
}

UNIT_MAIN("lineage",
    { "a chain of roles leads to the user",
	a_chain_of_roles_leads_to_the_user },
    { "without the key role, session and second tell",
	without_the_key_role_session_and_second_tell },
    { "two who could be it are nobody", two_who_could_be_it_are_nobody },
    { "a record that gives its own credential is no ring",
	a_record_that_gives_its_own_credential_is_no_ring },
    { "a parent that is over lives as long as its child",
	a_parent_that_is_over_lives_as_long_as_its_child },
    { "a use in another country is told", a_use_in_another_country_is_told },
    { "a use before its mint is told at the mint",
	a_use_before_its_mint_is_told_at_the_mint },
    { "a place of two days is usual", a_place_of_two_days_is_usual },
    { "an instance credential at home in the cloud only",
	an_instance_credential_at_home_in_the_cloud_only },
    { "a new way between old roles is told",
	a_new_way_between_old_roles_is_told },
    { "four roles behind one another are too many",
	four_roles_behind_one_another_are_too_many },
    { "a subject of a provider that has few weighs",
	a_subject_of_a_provider_that_has_few_weighs },
    { "a new key of a settled provider is told",
	a_new_key_of_a_settled_provider_is_told },
    { "many doors tried by nobody are told",
	many_doors_tried_by_nobody_are_told },
    { "all of it lasts", all_of_it_lasts },
    { "one of which only uses are known is in the inventory",
	one_of_which_only_uses_are_known_is_in_the_inventory },
    { "one that is only used is told when it moves",
	one_that_is_only_used_is_told_when_it_moves },
    { "the newest takes the place of the oldest",
	the_newest_takes_the_place_of_the_oldest },
    { "one that was used long ago is over",
	one_that_was_used_long_ago_is_over },
    { "rows hold many of them", rows_hold_many_of_them })
