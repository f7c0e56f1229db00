/*
 * clouds.h - does an address belong to a cloud's own networks?
 *
 *     enum clouds_answer in = clouds_has(asn, org);
 *
 * By autonomous system, else by the name of its holder.  Where the databases
 * know neither it is not known, which is not the same as outside.  Pure
 * functions, any thread.  Facts: the numbers are the holders' own, as RIRs
 * list them.
 */
#ifndef ST_CLOUDS_H
#define ST_CLOUDS_H

#include "lib/slice.h"

#include <stdint.h>

enum clouds_answer { CLOUDS_UNKNOWN, CLOUDS_INSIDE, CLOUDS_OUTSIDE };

enum clouds_answer clouds_has(uint32_t asn, struct slice org);

#endif
