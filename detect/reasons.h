/*
 * reasons.h - the closed list of why a request is not normal.
 *
 * One table.  Adding a reason is adding a row here and its test; the manual's
 * table (doc/reasons.md) is generated from it.  Constant data, any thread.
 */
#ifndef ST_REASONS_H
#define ST_REASONS_H

#include "lib/err.h"
#include "lib/slice.h"

enum reason_group {
	GROUP_POLICY,
	GROUP_BASELINE,
	GROUP_LINEAGE,
	GROUP_TELEMETRY
};

enum severity {
	SEV_INFORMATIONAL,
	SEV_LOW,
	SEV_MEDIUM,
	SEV_HIGH,
	SEV_CRITICAL,
	SEV_COUNT
};

enum reason_code {
	/* policy */
	R_PRINCIPAL_NOT_ALLOWED,
	R_ACTION_NOT_ALLOWED,
	R_TARGET_NOT_ALLOWED,
	R_CLOUD_REGION_NOT_APPROVED,
	R_COUNTRY_NOT_APPROVED,
	R_NETWORK_NOT_APPROVED,
	R_ASN_NOT_APPROVED,
	R_ACCOUNT_NOT_APPROVED,
	R_OUTSIDE_HOURS,
	R_MFA_MISSING,
	R_DURATION_TOO_LONG,
	R_EXTERNAL_ID_MISSING,
	R_SOURCE_IDENTITY_MISSING,
	R_DECOY_TOUCHED,
	/* baseline */
	R_NEW_PRINCIPAL,
	R_NEW_ACTION,
	R_NEW_TARGET,
	R_NEW_CLOUD_REGION,
	R_NEW_COUNTRY,
	R_NEW_ASN,
	R_NEW_NETWORK,
	R_NEW_USER_AGENT,
	R_UNUSUAL_HOUR,
	R_RATE_SPIKE,
	R_DENIED_BURST,
	R_DORMANT_PRINCIPAL,
	R_RARE_COMBINATION,
	/* lineage */
	R_USED_FAR_FROM_MINT,
	R_INSTANCE_CREDENTIAL_OUTSIDE_CLOUD,
	R_IMPOSSIBLE_TRAVEL,
	R_NEW_CHAIN,
	R_CHAIN_TOO_DEEP,
	R_NEW_FEDERATED_SUBJECT,
	R_NEW_SIGNING_KEY,
	/* telemetry */
	R_SOURCE_SILENT,
	R_LATE_EVENTS,
	R_TRAIL_CHANGED,
	REASON_COUNT
};

struct reason_row {
	const char *code; /* "country_not_approved" */
	enum reason_group group;
	enum severity severity; /* of a finding with this reason alone */
	double weight;          /* what it adds to the score, 0 to 100 */
	/* For the title: "in cloud region %o, which is not approved%n".  %o is
	 * what was observed, %n " for rule ID" where the note names a
	 * rule; the words must make sense after "who did what, ". */
	const char *phrase;
	const char *help; /* one sentence for the manual */
	/* What to look at; one sentence.  %o is what was observed, %p the
	 * principal's short name. */
	const char *next;
};

extern const struct reason_row reason_table[REASON_COUNT];

int reason_of(struct slice code); /* enum reason_code, -1 for none */
const char *severity_name(enum severity s);
int severity_of(struct slice word); /* -1 for none */

#define REASON_EXPECTED_MAX 8
struct reason {
	enum reason_code code;
	struct slice observed; /* absent: nothing to show */
	struct slice expected[REASON_EXPECTED_MAX];
	unsigned n_expected;
	double weight;
	struct slice note; /* "rule ci-deploys", or absent */
};

#endif
