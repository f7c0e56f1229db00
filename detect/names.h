/*
 * names.h - the short names that people use for principals and targets.
 *
 *     names_principal(&request, &buf);   // "User alice", "GitHub repo acme/app"
 *     names_target(&request, &buf);      // "role deploy in account 4444..."
 *
 * Made from ARNs and addresses, of any content: what has no known form is
 * given as it is.  A name longer than NAME_MAX_BYTES is cut at a code point
 * and ends in an ellipsis.  Control characters stay: the formats write them
 * harmlessly.  Pure functions, any thread.
 */
#ifndef ST_NAMES_H
#define ST_NAMES_H

#include "events/request.h"

#define NAME_MAX_BYTES 120

/* Begins a sentence: "User alice", "Somebody whose name was redacted". */
void names_principal(const struct request *r, struct buf *out);

/* Inside a sentence: "role deploy in account 444455556666".  Nothing where
 * the record names no target. */
void names_target(const struct request *r, struct buf *out);

/* Only the name: "alice", "deploy", "ci@acme-prod.iam.gserviceaccount.com". */
struct slice names_short(struct slice principal);

/* Append a string of others, cut to NAME_MAX_BYTES. */
void names_add(struct buf *out, struct slice s);

/* All of its characters are such as names in clouds are made of, and no shell
 * looks at any: it may stand in a command that a person pastes. */
bool names_is_harmless(struct slice s);

#endif
