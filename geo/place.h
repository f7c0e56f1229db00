/*
 * place.h - where an address is, as far as the databases know.
 *
 * Slices point into the database that was asked; a holder keeps the
 * database (geo.h) or copies them.
 */
#ifndef ST_PLACE_H
#define ST_PLACE_H

#include "lib/slice.h"

#include <stdint.h>

enum place_flags {
	PLACE_ANONYMOUS = 1 << 0, /* any anonymiser */
	PLACE_VPN = 1 << 1,
	PLACE_PROXY = 1 << 2, /* public or residential proxy */
	PLACE_TOR = 1 << 3,
	PLACE_HOSTING = 1 << 4,
	PLACE_CLOUD = 1 << 5,    /* in a list of the clouds' own ranges */
	PLACE_NO_CLOUD = 1 << 6, /* there are such lists, and it is in none */
};

struct place {
	char country[3]; /* ISO 3166-1 alpha-2, "" unknown */
	struct slice
	    subdivision;   /* ISO 3166-2 code without the country, or name */
	struct slice city; /* English name */
	struct slice org;  /* of the autonomous system */
	uint32_t asn;      /* 0 unknown */
	double lat, lon;
	bool has_point; /* lat and lon are known */
	unsigned flags; /* enum place_flags */
};

/* Great-circle distance in km; negative where a point is unknown. */
double place_distance_km(const struct place *a, const struct place *b);

#endif
