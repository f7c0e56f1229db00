/*
 * policy_event.h - a record that stands in a policy file becomes a request.
 *
 * The record is a YAML mapping (which JSON is, too), or JSON in a text.
 */
#ifndef ST_POLICY_EVENT_H
#define ST_POLICY_EVENT_H

#include "conf/yaml.h"
#include "events/request.h"

/* Slices of the result live in `a`.  ST_EINVAL where the node holds no
 * request for a token, or more than one. */
int policy_event_request(const struct ynode *event, struct arena *a,
    struct request *result, struct err *e) ST_MUSTCHECK;

/* A node as JSON: plain numbers, true, false and null are what they are in
 * JSON, everything else is a string. */
void policy_event_json(const struct ynode *n, struct buf *out);

#endif
