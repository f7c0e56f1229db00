/*
 * metadata.c - is this a MaxMind DB, as far as its metadata says?
 *
 * See metadata.h.  Knows the map at the end of a file; the search tree and the
 * records are looked at when the file is open (geo.c).  No state, any thread.
 */
#include "geo/metadata.h"

#include "geo/encoding.h"
#include "lib/slice.h"

#define MARKER "\xab\xcd\xefMaxMind.com"
#define MARKER_SIZE (sizeof(MARKER) - 1)
#define FORMAT_MAJOR 2
#define TREE_SEPARATOR 16 /* bytes between the tree and the data */

enum field {
	NODE_COUNT,
	RECORD_SIZE,
	IP_VERSION,
	DATABASE_TYPE,
	LANGUAGES,
	MAJOR,
	MINOR,
	BUILD_EPOCH,
	DESCRIPTION,
	FIELDS
};

static const struct {
	const char *name;
	unsigned type;
	size_t max; /* bytes */
} fields[FIELDS] = {
	[NODE_COUNT] = { "node_count", ENC_UINT32, 4 },
	[RECORD_SIZE] = { "record_size", ENC_UINT16, 2 },
	[IP_VERSION] = { "ip_version", ENC_UINT16, 2 },
	[DATABASE_TYPE] = { "database_type", ENC_STRING, METADATA_TYPE_MAX },
	[LANGUAGES] = { "languages", ENC_ARRAY, METADATA_ITEMS_MAX },
	[MAJOR] = { "binary_format_major_version", ENC_UINT16, 2 },
	[MINOR] = { "binary_format_minor_version", ENC_UINT16, 2 },
	[BUILD_EPOCH] = { "build_epoch", ENC_UINT64, 8 },
	[DESCRIPTION] = { "description", ENC_MAP, METADATA_ITEMS_MAX },
};

/* The map, as far as it is read. */
struct map {
	const char *name;
	struct err *e;
	struct enc_reader r;
	struct enc_value v[FIELDS];
	bool has[FIELDS];
};

static int
broken(const struct map *m, const char *what, const char *why)
{
	return err_set(m->e, ST_EFORMAT,
	    "%s: the database is broken: %s in its metadata %s", m->name, what,
	    why);
}

/* ---- finding it --------------------------------------------------------- */

/* Behind the last marker; NULL where there is none. */
static const unsigned char *
behind_marker(const unsigned char *p, size_t n)
{
	size_t first = n > METADATA_BYTES_MAX ? n - METADATA_BYTES_MAX : 0;

	if (n < MARKER_SIZE)
		return NULL;
	for (size_t at = n - MARKER_SIZE + 1; at > first; at--)
		if (memcmp(p + at - 1, MARKER, MARKER_SIZE) == 0)
			return p + at - 1 + MARKER_SIZE;
	return NULL;
}

/* People often give the download as it came. */
static int
no_marker(const char *name, const unsigned char *p, size_t n, struct err *e)
{
	bool gzip = n > 1 && p[0] == 0x1f && p[1] == 0x8b;

	return err_set(e, ST_EFORMAT, "%s: not a MaxMind database: %s", name,
	    gzip ? "it is compressed, unpack it first"
		 : "there is no metadata at its end");
}

/* ---- reading it --------------------------------------------------------- */

/* Behind n strings; ENC_BAD where one of them is none. */
static size_t
skip_strings(struct enc_reader *r, size_t at, size_t n)
{
	struct enc_value v;
	size_t inside;

	for (; n > 0 && at != ENC_BAD; n--) {
		at = enc_value(r, at, &v, &inside);
		if (at != ENC_BAD && v.type != ENC_STRING)
			return ENC_BAD;
	}
	return at;
}

static enum field
find_field(const struct enc_value *key)
{
	struct slice text = slice_of((const char *)key->p, key->size);
	enum field f = 0;

	while (f < FIELDS && !slice_is(text, fields[f].name))
		f++;
	return f;
}

/* What the library reads of lists must be strings, all of them. */
static bool
is_well(struct map *m, enum field f, const struct enc_value *v, size_t inside)
{
	if (v->type != fields[f].type || v->size > fields[f].max)
		return false;
	if (f == LANGUAGES)
		return skip_strings(&m->r, inside, v->size) != ENC_BAD;
	if (f == DESCRIPTION)
		return skip_strings(&m->r, inside, v->size * 2) != ENC_BAD;
	return true;
}

/* One value at `at`, whose key was read.  Returns where the next key is. */
static size_t
read_field(struct map *m, enum field f, size_t at)
{
	size_t next = enc_skip(&m->r, at, 1), inside;
	struct enc_value v;

	/* Of a name that repeats the first counts, as for the library. */
	if (f == FIELDS || m->has[f] || next == ENC_BAD)
		return next;
	if (enc_value(&m->r, at, &v, &inside) == ENC_BAD ||
	    !is_well(m, f, &v, inside))
		return ENC_BAD;
	m->v[f] = v;
	m->has[f] = true;
	return next;
}

static int
read_map(struct map *m)
{
	struct enc_value v;
	size_t at, inside;

	at = enc_one(&m->r, 0, &v);
	if (at == ENC_BAD || v.type != ENC_MAP)
		return broken(m, "something", "is no map");
	for (size_t n = v.size; n > 0; n--) {
		struct enc_value key;
		enum field f;

		at = enc_value(&m->r, at, &key, &inside);
		if (at == ENC_BAD || key.type != ENC_STRING)
			return broken(m, "a name", "is none");
		f = find_field(&key);
		at = read_field(m, f, at);
		if (at == ENC_BAD)
			return broken(m,
			    f < FIELDS ? fields[f].name : "a value",
			    "is cut off or of the wrong type");
	}
	for (unsigned f = 0; f < FIELDS; f++)
		if (!m->has[f])
			return broken(m, fields[f].name, "is missing");
	return 0;
}

/* ---- what it says -------------------------------------------------------- */

static size_t
number(const struct map *m, enum field f)
{
	return enc_big_endian(m->v[f].p, m->v[f].size);
}

static int
check_version(const struct map *m)
{
	size_t version = number(m, IP_VERSION);

	if (number(m, MAJOR) != FORMAT_MAJOR)
		return err_set(m->e, ST_EFORMAT,
		    "%s: format version %zu is not known, only %d is", m->name,
		    number(m, MAJOR), FORMAT_MAJOR);
	if (version != 4 && version != 6)
		return broken(m, "ip_version", "is neither 4 nor 6");
	if (m->v[DATABASE_TYPE].size == 0 ||
	    memchr(m->v[DATABASE_TYPE].p, '\0', m->v[DATABASE_TYPE].size))
		return broken(m, "database_type", "is empty or no text");
	return 0;
}

/* `room` is what stands before the marker. */
static int
check_tree(const struct map *m, size_t room)
{
	uint64_t count = number(m, NODE_COUNT), size = number(m, RECORD_SIZE);

	if (size != 24 && size != 28 && size != 32)
		return broken(m, "record_size", "is none of 24, 28 and 32");
	if (count == 0)
		return broken(m, "node_count", "is 0");
	if (count * size / 4 + TREE_SEPARATOR > room)
		return broken(m, "node_count", "is more than the file holds");
	return 0;
}

int
metadata_check(
    const char *name, const unsigned char *p, size_t n, struct err *e)
{
	const unsigned char *begin = behind_marker(p, n);
	struct map m = { .name = name, .e = e };
	int err;

	if (!begin)
		return no_marker(name, p, n, e);
	m.r = (struct enc_reader){ begin, (size_t)(p + n - begin),
		METADATA_ITEMS_MAX };
	err = read_map(&m);
	if (err == 0)
		err = check_version(&m);
	if (err == 0)
		err = check_tree(&m, (size_t)(begin - p) - MARKER_SIZE);
	return err;
}
