/*
 * fields.c - read a place from one record of a MaxMind DB, in one pass.
 *
 * Knows which field of which family of databases means what.  Does not know
 * the encoding (encoding.h), files nor the search tree (geo.c).
 * libmaxminddb would begin anew at the front of the record for every field
 * asked; City and ASN together need eight, so we walk the record once
 * ourselves.  Pure functions, any thread.
 */
#include "geo/fields.h"

#include "geo/encoding.h"

#include <math.h>

/* What a record said so far, and how good the field was that said it. */
enum attribute { COUNTRY, SUBDIVISION, CITY, ORG, ASN, LAT, LON, ATTRIBUTES };
#define NOTHING_YET 0xff

struct found {
	struct place place;
	unsigned char rank[ATTRIBUTES];
};

/* ---- values as what we want --------------------------------------------- */

static struct slice
as_text(const struct enc_value *v)
{
	if (v->type != ENC_STRING || v->size == 0 || v->size > FIELDS_TEXT_MAX)
		return SLICE_NULL;
	return slice_of((const char *)v->p, v->size);
}

/* Digits at *s, which moves behind them. */
static double
digits(struct slice *s, double scale, double *value)
{
	double unit = 1;

	for (; s->n > 0 && *s->p >= '0' && *s->p <= '9'; s->p++, s->n--) {
		*value = *value * 10 + (*s->p - '0');
		unit *= scale;
	}
	return unit;
}

/* "-52.5": what strtod() reads depends on the locale. */
static bool
decimal(struct slice s, double *result)
{
	bool negative = s.n > 0 && *s.p == '-';
	double value = 0, unit = 1;
	size_t before;

	if (negative)
		s = slice_of(s.p + 1, s.n - 1);
	before = s.n;
	(void)digits(&s, 1, &value);
	if (s.n == before || before > 32)
		return false;
	if (s.n > 0 && *s.p == '.') {
		s = slice_of(s.p + 1, s.n - 1);
		unit = digits(&s, 10, &value);
	}
	value /= unit;
	*result = negative ? -value : value;
	return s.n == 0;
}

/* A number, or one in a text; of "AS3320" the digits. */
static bool
as_unsigned(const struct enc_value *v, uint64_t *result)
{
	struct slice s = as_text(v);
	uint64_t n = 0;
	double d;

	if (s.p) {
		if (s.n > 2 && (s.p[0] | 0x20) == 'a' && (s.p[1] | 0x20) == 's')
			s = slice_of(s.p + 2, s.n - 2);
		if (!decimal(s, &d) || d < 0 || d > UINT32_MAX)
			return false;
		*result = (uint64_t)d;
		return true;
	}
	if ((v->type != ENC_UINT16 && v->type != ENC_UINT32 &&
		v->type != ENC_UINT64) ||
	    v->size > sizeof(n))
		return false;
	for (size_t i = 0; i < v->size; i++)
		n = n << 8 | v->p[i];
	*result = n;
	return true;
}

static bool
as_double(const struct enc_value *v, double *result)
{
	uint64_t bits = 0;
	uint32_t half;
	float f;

	if (v->type == ENC_STRING)
		return decimal(as_text(v), result);
	if (!(v->type == ENC_DOUBLE && v->size == 8) &&
	    !(v->type == ENC_FLOAT && v->size == 4))
		return false;
	for (size_t i = 0; i < v->size; i++)
		bits = bits << 8 | v->p[i];
	if (v->size == 8) {
		memcpy(result, &bits, sizeof(*result));
	} else {
		half = (uint32_t)bits;
		memcpy(&f, &half, sizeof(f));
		*result = (double)f;
	}
	return isfinite(*result);
}

static bool
as_truth(const struct enc_value *v)
{
	struct slice s = as_text(v);
	uint64_t n;

	if (v->type == ENC_BOOLEAN)
		return v->size == 1;
	if (slice_is(s, "true"))
		return true;
	return as_unsigned(v, &n) && n == 1;
}

/* ---- taking a field ----------------------------------------------------- */

/* True where this field is better than what we had; then it is ours. */
static bool
better(struct found *f, enum attribute a, unsigned rank)
{
	if (rank >= f->rank[a])
		return false;
	f->rank[a] = (unsigned char)rank;
	return true;
}

static bool
letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Some files have the country's name under the same key as others its code. */
static void
take_country(
    struct found *f, const struct enc_value *v, unsigned rank, unsigned unused)
{
	struct slice s = as_text(v);

	(void)unused;
	if (s.n != 2 || !letter(s.p[0]) || !letter(s.p[1]) ||
	    !better(f, COUNTRY, rank))
		return;
	f->place.country[0] = (char)(s.p[0] & ~0x20);
	f->place.country[1] = (char)(s.p[1] & ~0x20);
	f->place.country[2] = '\0';
}

static void
take_text(struct found *f, const struct enc_value *v, unsigned rank,
    unsigned attribute)
{
	struct slice s = as_text(v);

	if (!s.p || !better(f, attribute, rank))
		return;
	if (attribute == SUBDIVISION)
		f->place.subdivision = s;
	else if (attribute == CITY)
		f->place.city = s;
	else
		f->place.org = s;
}

static void
take_asn(
    struct found *f, const struct enc_value *v, unsigned rank, unsigned unused)
{
	uint64_t n;

	(void)unused;
	if (as_unsigned(v, &n) && n > 0 && n <= UINT32_MAX &&
	    better(f, ASN, rank))
		f->place.asn = (uint32_t)n;
}

static void
set_coordinate(struct found *f, double d, unsigned rank, enum attribute a)
{
	if (fabs(d) > (a == LAT ? 90 : 180) || !better(f, a, rank))
		return;
	if (a == LAT)
		f->place.lat = d;
	else
		f->place.lon = d;
}

static void
take_coordinate(struct found *f, const struct enc_value *v, unsigned rank,
    unsigned attribute)
{
	double d;

	if (as_double(v, &d))
		set_coordinate(f, d, rank, attribute);
}

/* "52.52,13.40" */
static void
take_point(
    struct found *f, const struct enc_value *v, unsigned rank, unsigned unused)
{
	struct slice s = as_text(v);
	double lat, lon;

	(void)unused;
	if (!decimal(slice_before(s, ','), &lat) ||
	    !decimal(slice_trim(slice_after(s, ',')), &lon))
		return;
	set_coordinate(f, lat, rank, LAT);
	set_coordinate(f, lon, rank, LON);
}

static void
take_flag(
    struct found *f, const struct enc_value *v, unsigned rank, unsigned flags)
{
	(void)rank;
	if (as_truth(v))
		f->place.flags |= flags;
}

/* ---- which field means what --------------------------------------------- */

struct field {
	const char *key;
	size_t n;
	/* What to do with a value that is neither map nor array. */
	void (*take)(struct found *, const struct enc_value *, unsigned rank,
	    unsigned arg);
	unsigned arg;
	unsigned rank;              /* added up from the top; 0 is best */
	const struct field *inside; /* of a map, or the first of an array */
};

#define KEY(k) (k), sizeof(k) - 1
#define END                               \
	{                                 \
		NULL, 0, NULL, 0, 0, NULL \
	}
#define NETWORK_FIELDS                                                         \
	{ KEY("autonomous_system_number"), take_asn, 0, 0, NULL },             \
	    { KEY("autonomous_system_organization"), take_text, ORG, 0,        \
		    NULL },                                                    \
	    { KEY("organization"), take_text, ORG, 2, NULL },                  \
	    { KEY("isp"), take_text, ORG, 3, NULL },                           \
	    { KEY("is_anonymous"), take_flag, PLACE_ANONYMOUS, 0, NULL },      \
	    { KEY("is_anonymous_proxy"), take_flag, PLACE_ANONYMOUS, 0,        \
		    NULL },                                                    \
	    { KEY("is_anonymous_vpn"), take_flag, PLACE_ANONYMOUS | PLACE_VPN, \
		    0, NULL },                                                 \
	    { KEY("is_public_proxy"), take_flag,                               \
		    PLACE_ANONYMOUS | PLACE_PROXY, 0, NULL },                  \
	    { KEY("is_residential_proxy"), take_flag,                          \
		    PLACE_ANONYMOUS | PLACE_PROXY, 0, NULL },                  \
	    { KEY("is_tor_exit_node"), take_flag, PLACE_ANONYMOUS | PLACE_TOR, \
		    0, NULL },                                                 \
	{                                                                      \
		KEY("is_hosting_provider"), take_flag, PLACE_HOSTING, 0, NULL  \
	}

static const struct field country_fields[] = {
	{ KEY("iso_code"), take_country, 0, 0, NULL },
	END,
};
static const struct field city_names[] = {
	{ KEY("en"), take_text, CITY, 0, NULL },
	END,
};
static const struct field city_fields[] = {
	{ KEY("names"), NULL, 0, 0, city_names },
	END,
};
static const struct field subdivision_names[] = {
	{ KEY("en"), take_text, SUBDIVISION, 1, NULL },
	END,
};
static const struct field subdivision_fields[] = {
	{ KEY("iso_code"), take_text, SUBDIVISION, 0, NULL },
	{ KEY("names"), NULL, 0, 0, subdivision_names },
	END,
};
static const struct field location_fields[] = {
	{ KEY("latitude"), take_coordinate, LAT, 0, NULL },
	{ KEY("longitude"), take_coordinate, LON, 0, NULL },
	END,
};
static const struct field traits_fields[] = {
	NETWORK_FIELDS,
	END,
};

/* MaxMind's nested families, then the flat ones of others. */
static const struct field record_fields[] = {
	{ KEY("country"), take_country, 0, 1, country_fields },
	{ KEY("city"), take_text, CITY, 1, city_fields },
	{ KEY("location"), NULL, 0, 0, location_fields },
	{ KEY("subdivisions"), NULL, 0, 0, subdivision_fields },
	{ KEY("registered_country"), NULL, 0, 8, country_fields },
	{ KEY("traits"), NULL, 0, 8, traits_fields },
	NETWORK_FIELDS,
	{ KEY("country_code"), take_country, 0, 0, NULL },
	{ KEY("country_iso_code"), take_country, 0, 0, NULL },
	{ KEY("region_code"), take_text, SUBDIVISION, 0, NULL },
	{ KEY("state1"), take_text, SUBDIVISION, 2, NULL },
	{ KEY("state_prov"), take_text, SUBDIVISION, 2, NULL },
	{ KEY("stateprov"), take_text, SUBDIVISION, 2, NULL },
	{ KEY("region"), take_text, SUBDIVISION, 3, NULL },
	{ KEY("city_name"), take_text, CITY, 1, NULL },
	{ KEY("latitude"), take_coordinate, LAT, 1, NULL },
	{ KEY("longitude"), take_coordinate, LON, 1, NULL },
	{ KEY("lat"), take_coordinate, LAT, 2, NULL },
	{ KEY("lon"), take_coordinate, LON, 2, NULL },
	{ KEY("lng"), take_coordinate, LON, 2, NULL },
	{ KEY("loc"), take_point, 0, 3, NULL },
	{ KEY("asn"), take_asn, 0, 1, NULL },
	{ KEY("as_number"), take_asn, 0, 1, NULL },
	{ KEY("as_organization"), take_text, ORG, 1, NULL },
	{ KEY("as_name"), take_text, ORG, 1, NULL },
	{ KEY("as_org"), take_text, ORG, 1, NULL },
	{ KEY("org"), take_text, ORG, 2, NULL },
	{ KEY("anonymous"), take_flag, PLACE_ANONYMOUS, 0, NULL },
	{ KEY("vpn"), take_flag, PLACE_ANONYMOUS | PLACE_VPN, 0, NULL },
	{ KEY("proxy"), take_flag, PLACE_ANONYMOUS | PLACE_PROXY, 0, NULL },
	{ KEY("tor"), take_flag, PLACE_ANONYMOUS | PLACE_TOR, 0, NULL },
	{ KEY("hosting"), take_flag, PLACE_HOSTING, 0, NULL },
	{ KEY("is_vpn"), take_flag, PLACE_ANONYMOUS | PLACE_VPN, 0, NULL },
	{ KEY("is_proxy"), take_flag, PLACE_ANONYMOUS | PLACE_PROXY, 0, NULL },
	{ KEY("is_tor"), take_flag, PLACE_ANONYMOUS | PLACE_TOR, 0, NULL },
	{ KEY("is_hosting"), take_flag, PLACE_HOSTING, 0, NULL },
	END,
};

/* ---- the walk ----------------------------------------------------------- */

static const struct field *
find_field(const struct field *f, const struct enc_value *key)
{
	for (; f->key; f++)
		if (f->n == key->size && memcmp(f->key, key->p, f->n) == 0)
			return f;
	return NULL;
}

static size_t walk_map(struct enc_reader *r, size_t at, size_t n,
    const struct field *fields, unsigned rank, struct found *found);

/* The first of an array of maps; the rest is skipped. */
static size_t
walk_array(struct enc_reader *r, size_t at, size_t n,
    const struct field *fields, unsigned rank, struct found *found)
{
	struct enc_value v;
	size_t inside, end;

	if (n == 0)
		return at;
	at = enc_value(r, at, &v, &inside);
	if (at == ENC_BAD || v.type != ENC_MAP)
		return ENC_BAD;
	end = walk_map(r, inside, v.size, fields, rank, found);
	if (end == ENC_BAD)
		return ENC_BAD;
	return enc_skip(r, at == inside ? end : at, n - 1);
}

static size_t
walk_value(struct enc_reader *r, size_t at, const struct field *f,
    unsigned rank, struct found *found)
{
	struct enc_value v;
	size_t inside, end;

	at = enc_value(r, at, &v, &inside);
	if (at == ENC_BAD)
		return ENC_BAD;
	if (!enc_is_container(&v)) {
		if (f->take)
			f->take(found, &v, rank, f->arg);
		return at;
	}
	if (!f->inside)
		end = enc_skip(
		    r, inside, v.type == ENC_MAP ? 2 * v.size : v.size);
	else if (v.type == ENC_MAP)
		end = walk_map(r, inside, v.size, f->inside, rank, found);
	else
		end = walk_array(r, inside, v.size, f->inside, rank, found);
	/* Behind a pointer the record goes on where the pointer stood. */
	return end == ENC_BAD || at == inside ? end : at;
}

/* As deep as the tables are, not as deep as the record is. */
static size_t
walk_map(struct enc_reader *r, size_t at, size_t n, const struct field *fields,
    unsigned rank, struct found *found)
{
	const struct field *f;
	struct enc_value key;
	size_t inside;

	for (; n > 0 && at != ENC_BAD; n--) {
		at = enc_value(r, at, &key, &inside);
		if (at == ENC_BAD || key.type != ENC_STRING)
			return ENC_BAD;
		f = find_field(fields, &key);
		at = f ? walk_value(r, at, f, rank + f->rank, found)
		       : enc_skip(r, at, 1);
	}
	return at;
}

/* What is known already gets the best rank, so that no field is better. */
static void
begin(struct found *f, const struct place *p)
{
	f->place = *p;
	memset(f->rank, NOTHING_YET, sizeof(f->rank));
	if (p->country[0])
		f->rank[COUNTRY] = 0;
	if (p->subdivision.p)
		f->rank[SUBDIVISION] = 0;
	if (p->city.p)
		f->rank[CITY] = 0;
	if (p->org.p)
		f->rank[ORG] = 0;
	if (p->asn)
		f->rank[ASN] = 0;
	if (p->has_point)
		f->rank[LAT] = f->rank[LON] = 0;
}

/* "DE-BE" in Germany is BE. */
static void
cut_country(struct place *p)
{
	struct slice *s = &p->subdivision;

	if (p->country[0] && s->n > 3 && s->p[2] == '-' &&
	    memcmp(s->p, p->country, 2) == 0)
		*s = slice_of(s->p + 3, s->n - 3);
}

static void
finish(struct found *f, struct place *p)
{
	struct place *q = &f->place;

	/* Half a point, and coordinates of two families, are none. */
	q->has_point = f->rank[LAT] != NOTHING_YET &&
	    f->rank[LAT] == f->rank[LON];
	if (!q->has_point)
		q->lat = q->lon = 0;
	cut_country(q);
	*p = *q;
}

bool
fields_read(
    const unsigned char *data, size_t size, size_t offset, struct place *p)
{
	struct enc_reader r = { data, size, FIELDS_ITEMS_MAX };
	struct found found;
	struct enc_value v;
	size_t inside;

	if (enc_value(&r, offset, &v, &inside) == ENC_BAD || v.type != ENC_MAP)
		return false;
	begin(&found, p);
	if (walk_map(&r, inside, v.size, record_fields, 0, &found) == ENC_BAD)
		return false;
	finish(&found, p);
	return true;
}
