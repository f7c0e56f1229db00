/*
 * clouds.h - does an address belong to a cloud's own networks?
 *
 *     enum clouds_answer in = clouds_has(&place);
 *
 * By the lists of ranges that the clouds publish, where there are some, by
 * autonomous system, else by the name of its holder: what one of them knows
 * as a cloud's is inside, for lists lack addresses that customers bring.
 * Where nothing is known of an address, that is not the same as outside.  Pure
 * functions, any thread.  Facts: the numbers are the holders' own, as RIRs
 * list them.
 */
#ifndef ST_CLOUDS_H
#define ST_CLOUDS_H

#include "geo/place.h"

enum clouds_answer { CLOUDS_UNKNOWN, CLOUDS_INSIDE, CLOUDS_OUTSIDE };

enum clouds_answer clouds_has(const struct place *p);

/* Servers stand here, rented by anybody; people seldom speak from them. */
bool clouds_is_hoster(const struct place *p);

#endif
