/*
 * place.c - how far two places are from each other.
 *
 * Knows the sphere and nothing of databases (geo.c) or of what distance is
 * suspicious (detect/).  Pure, any thread.
 */
#include "geo/place.h"

#include <math.h>

#define EARTH_RADIUS_KM 6371.0088 /* the mean one */
#define RADIANS (3.14159265358979323846 / 180)

/* Haversine: exact enough everywhere, and stable for close points. */
double
place_distance_km(const struct place *a, const struct place *b)
{
	double dlat, dlon, h;

	if (!a->has_point || !b->has_point)
		return -1;
	dlat = sin((b->lat - a->lat) * RADIANS / 2);
	dlon = sin((b->lon - a->lon) * RADIANS / 2);
	h = dlat * dlat +
	    cos(a->lat * RADIANS) * cos(b->lat * RADIANS) * dlon * dlon;
	return 2 * EARTH_RADIUS_KM * asin(sqrt(fmin(1, h)));
}
