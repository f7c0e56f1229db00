/*
 * posix_tz.h - the rule for the years that a zone's table does not list.
 *
 * "CET-1CEST,M3.5.0,M10.5.0/3", as POSIX has it in TZ and RFC 8536 in the
 * last line of a file.  Pure functions, any thread.
 */
#ifndef ST_POSIX_TZ_H
#define ST_POSIX_TZ_H

#include "lib/slice.h"

#include <stdint.h>

enum tz_day_kind {
	TZ_MONTH,
	TZ_JULIAN /* 29 February is never counted */,
	TZ_DAY
};

struct tz_change {
	enum tz_day_kind kind;
	int month, week, day; /* TZ_MONTH; the others use day alone */
	int32_t time;         /* seconds after midnight, may be negative */
};

struct posix_tz {
	int32_t standard, summer; /* seconds east of UTC */
	bool has_summer;
	struct tz_change begin, end; /* of summer time */
};

bool posix_tz_parse(struct slice s, struct posix_tz *result);
int32_t posix_tz_offset(const struct posix_tz *z, int64_t sec);

#endif
