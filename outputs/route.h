/*
 * route.h - which findings and decisions an output is to have.
 *
 *     if (route_finding(config, &finding)) ...
 *
 * By severity, reason, account and provider, and for a finding that comes
 * again by `updates`: `first` takes it the first time and when its severity
 * has risen, `every` and `digest` take all of it.  The configuration alone
 * decides, so that a restart changes nothing.  Pure functions, any thread.
 */
#ifndef ST_ROUTE_H
#define ST_ROUTE_H

#include "conf/config.h"
#include "detect/finding.h"

bool route_finding(const struct output_config *c, const struct finding *f);
bool route_decision(const struct output_config *c, const struct request *r,
    const struct verdict *v);

/* Has this output use for a finding each time that it grows? */
bool route_wants_growth(const struct output_config *c);

#endif
