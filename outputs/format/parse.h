/*
 * parse.h - a finding or a decision in native JSON, read back.
 *
 *     struct finding f;
 *     int err = finding_parse(text, &arena, &f, &e);
 *
 * The other half of json.c: what is written there is read here, and written
 * again gives the same bytes.  All strings are copied into the arena, so that
 * the text may go.  What native JSON does not carry (coordinates, MFA,
 * delegation) is unknown in the result.
 * ST_EFORMAT: no JSON or no finding, e says which member; ST_ELIMIT: more
 * reasons or events than a finding has; ST_ENOMEM.  Any thread.
 */
#ifndef ST_FINDING_PARSE_H
#define ST_FINDING_PARSE_H

#include "detect/finding.h"

int finding_parse(struct slice text, struct arena *a, struct finding *result,
    struct err *e) ST_MUSTCHECK;

struct json;
/*
 * A decision line, parsed already, in the same way: the request, the verdict,
 * and the finding that it was folded into (absent for none).  What the policy
 * may ask and the line does not carry (MFA, external id, source identity) is
 * unknown; the duration is that of the credential.
 */
int
decision_parse(const struct json *v, struct arena *a, struct request *request,
    struct verdict *verdict, struct slice *group, struct err *e) ST_MUSTCHECK;

#endif
