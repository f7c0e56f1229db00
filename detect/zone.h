/*
 * zone.h - how far a place's clocks are from UTC at a moment.
 *
 *     struct zone *z;
 *     int err = zone_load("Europe/Berlin", &z, &e);
 *     int32_t seconds = zone_offset(z, when.sec);   // east is positive
 *     zone_free(z);
 *
 * Reads the system's time zone database (TZif files, RFC 8536) itself: the C
 * library's way is one zone for the whole process.  "UTC" always works; any
 * other name needs the database.  A zone never changes once loaded; any
 * thread may ask.
 */
#ifndef ST_ZONE_H
#define ST_ZONE_H

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

#define ZONE_DIR "/usr/share/zoneinfo"
#define ZONE_NAME_MAX 64
#define ZONE_FILE_MAX ((size_t)1 << 20)

struct zone;

/* `name` as IANA has it; from $TZDIR where that is set, else ZONE_DIR. */
int
zone_load(const char *name, struct zone **result, struct err *e) ST_MUSTCHECK;
void zone_free(struct zone *z);

/* A file's bytes; ST_EFORMAT where they are no TZif. */
int zone_read(struct slice tzif, struct zone **result) ST_MUSTCHECK;

int32_t zone_offset(const struct zone *z, int64_t sec);

/* Could it be a zone's name: no path that leads anywhere else? */
bool zone_name_is_good(const char *name);

#endif
