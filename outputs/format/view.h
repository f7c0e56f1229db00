/*
 * view.h - what the formats ask of a finding in common.
 *
 * Names for people, the reason that weighs most, addresses that are
 * addresses, and members that JSON formats share.  Pure functions over a
 * finding, any thread.  Strings given back are still other people's: the
 * format escapes them.
 */
#ifndef ST_VIEW_H
#define ST_VIEW_H

#include "detect/finding.h"

/* What the analytic that stsentry implements is called in ATT&CK. */
#define ATTACK_VERSION "18.1"
#define ATTACK_TACTIC "TA0008"
#define ATTACK_TACTIC_NAME "Lateral Movement"
#define ATTACK_TECHNIQUE "T1550"
#define ATTACK_TECHNIQUE_NAME "Use Alternate Authentication Material"
#define ATTACK_SUBTECHNIQUE "T1550.001"
#define ATTACK_SUBTECHNIQUE_NAME "Application Access Token"
#define ATTACK_STRATEGY "DET0185"
#define ATTACK_ANALYTIC "AN0526"
#define ATTACK_ANALYTIC_NAME "Analytic 0526"

struct jsonw;

/* ---- members of JSON formats ---- */

/* The moment in RFC 3339, null without one. */
void view_when(struct jsonw *w, const char *name, struct when t);
/* Nothing at all where the string is absent, or there is no moment. */
void view_opt(struct jsonw *w, const char *name, struct slice s);
void view_opt_when(struct jsonw *w, const char *name, struct when t);
void view_opt_ms(struct jsonw *w, const char *name, struct when t);
/* code, observed, expected, weight: as in the decision line. */
void view_reasons(
    struct jsonw *w, const char *name, const struct reason *r, unsigned n);
void view_strings(
    struct jsonw *w, const char *name, const struct slice *s, unsigned n);
/* Each hop: who, time, country, city, credential. */
void view_lineage(
    struct jsonw *w, const char *name, const struct hop *h, unsigned n);
/* The codes of all reasons as elements of an array. */
void view_codes(struct jsonw *w, const char *name, const struct finding *f);
/* What view_why_all() says, as a member; nothing without reasons. */
void
view_why_member(struct jsonw *w, const char *name, const struct finding *f);

/* ---- values ---- */

struct slice view_country(const char country[3]); /* absent for "" */

/* Milliseconds since 1970. */
int64_t view_ms(struct when t);

/* When it happened: the strongest event, else the first or last with a time;
 * 1970 where no event has one. */
struct when view_moment(const struct finding *f);

/* The reason that weighs most, the first of equals; NULL without reasons. */
const struct reason *view_lead(const struct finding *f);
/* Its code; "unknown" without reasons. */
const char *view_lead_code(const struct finding *f);
/* "policy", "baseline", "lineage", "telemetry" of the leading reason. */
const char *view_category(const struct finding *f);

/* The source's address in canonical text, absent where it is none. */
struct slice view_ip(const struct source *s, char *buf, bool *v4);

/* names_short(), but never empty where there is a name. */
struct slice view_short_name(struct slice principal);

/* "sts:AssumeRole" cut into "sts" and "AssumeRole". */
struct slice view_service(struct slice action);
struct slice view_verb(struct slice action);

/* What a target is, in its provider's words; NULL where its name does not
 * tell. */
const char *view_target_type(struct slice target);

/* "SE-E" where country and subdivision are codes, else absent. */
struct slice view_region(const struct place *p, char buf[8]);

/* "saw RU, expected DE, US", unescaped; nothing where there is nothing. */
void view_compared(struct buf *out, const struct reason *r);
/* Every reason as a sentence with what was seen and expected. */
void view_why_all(struct buf *out, const struct finding *f);

/* The version, "unknown" without one. */
const char *view_version(const struct finding *f);

#endif
