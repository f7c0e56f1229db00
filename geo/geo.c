/*
 * geo.c - open MaxMind DB files and lists, and ask all of them for one address.
 *
 * The one room that knows libmaxminddb, and of it only opening, metadata and
 * the search tree; what stands in a record is read by fields.c, files become
 * unchangeable copies in sealed.c, and metadata.c tells first whether one is a
 * database at all.  Does not know when to open anew
 * (collector/).  A struct geo is read by any number of threads; a struct
 * geo_cache belongs to one.
 */
#include "config.h"

#include "geo/geo.h"

#include "geo/fields.h"
#include "geo/metadata.h"
#include "geo/ranges.h"
#include "geo/sealed.h"

#include <maxminddb.h>
#include <stdlib.h>

#define PROBES_MAX 1024    /* nodes looked at when a file is opened */
#define V4_DEPTH 96        /* zero bits before an IPv4 address */
#define CACHE_SLOTS 16384u /* addresses; a power of two */
#define CACHE_READS 4096u  /* places; likewise */
#define CACHED_FILES 4     /* with more of them addresses are not kept */
#define NOWHERE UINT32_MAX

struct database {
	char *path;
	struct sealed copy;
	MMDB_s mmdb; /* reads the copy */
	const uint8_t
	    *mapped; /* what the library itself mapped; NULL: not open */
	unsigned knows;
};

struct geo {
	struct ranges *clouds; /* NULL: no list */
	size_t n;
	struct database db[GEO_FILES_MAX];
};

/* ---- looking up --------------------------------------------------------- */

static bool
search(const struct database *d, const struct addr *a, uint32_t *offset)
{
	MMDB_lookup_result_s r;
	int err = MMDB_SUCCESS;

	if (a->v4) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };

		memcpy(&v4.sin_addr, a->b + 12, sizeof(v4.sin_addr));
		r = MMDB_lookup_sockaddr(
		    &d->mmdb, (struct sockaddr *)&v4, &err);
	} else {
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

		memcpy(&v6.sin6_addr, a->b, sizeof(v6.sin6_addr));
		r = MMDB_lookup_sockaddr(
		    &d->mmdb, (struct sockaddr *)&v6, &err);
	}
	*offset = r.entry.offset;
	return err == MMDB_SUCCESS && r.found_entry;
}

/* Where each database's record begins; NOWHERE where it has none. */
struct records {
	uint32_t at[GEO_FILES_MAX];
};

static void
find(const struct geo *g, const struct addr *a, struct records *r)
{
	for (size_t i = 0; i < g->n; i++)
		if (!search(&g->db[i], a, &r->at[i]))
			r->at[i] = NOWHERE;
}

static void
read_records(const struct geo *g, const struct records *r, struct place *result)
{
	memset(result, 0, sizeof(*result));
	for (size_t i = 0; i < g->n; i++) {
		const MMDB_s *m = &g->db[i].mmdb;

		if (r->at[i] != NOWHERE)
			(void)fields_read(m->data_section, m->data_section_size,
			    r->at[i], result);
	}
}

/* What the lists of the clouds' own ranges say; nothing without one. */
static unsigned
cloud_flags(const struct geo *g, const struct addr *a)
{
	if (!g->clouds)
		return 0;
	return ranges_has(g->clouds, a) ? PLACE_CLOUD : PLACE_NO_CLOUD;
}

void
geo_lookup(const struct geo *g, const struct addr *a, struct place *result)
{
	struct records r;

	memset(result, 0, sizeof(*result));
	if (!g || addr_is_private(a))
		return;
	find(g, a, &r);
	read_records(g, &r, result);
	result->flags |= cloud_flags(g, a);
}

/* ---- is it a database? -------------------------------------------------- */

static int
broken(const struct database *d, struct err *e, const char *why)
{
	return err_set(
	    e, ST_EFORMAT, "%s: the database is broken: %s", d->path, why);
}

static unsigned
known_of(const struct place *p)
{
	return (p->country[0] ? GEO_COUNTRY : 0U) |
	    (p->city.p ? GEO_CITY : 0U) | (p->has_point ? GEO_POINT : 0U) |
	    (p->asn || p->org.p ? GEO_NETWORK : 0U) |
	    (p->flags ? GEO_FLAGS : 0U);
}

/* One side of a node: nowhere, a further node, or a record that reads. */
static bool
probe_side(struct database *d, unsigned type, uint32_t offset, size_t *records)
{
	struct place p;

	if (type == MMDB_RECORD_TYPE_SEARCH_NODE ||
	    type == MMDB_RECORD_TYPE_EMPTY)
		return true;
	memset(&p, 0, sizeof(p));
	if (type != MMDB_RECORD_TYPE_DATA ||
	    !fields_read(
		d->mmdb.data_section, d->mmdb.data_section_size, offset, &p))
		return false;
	d->knows |= known_of(&p);
	(*records)++;
	return true;
}

/* Look at nodes all over the tree, and at the records they lead to. */
static int
probe_nodes(struct database *d, struct err *e)
{
	uint32_t count = d->mmdb.metadata.node_count;
	uint32_t step = count / PROBES_MAX + 1;
	size_t records = 0;

	for (uint64_t i = 0; i < count; i += step) {
		MMDB_search_node_s node;

		if (MMDB_read_node(&d->mmdb, (uint32_t)i, &node) !=
			MMDB_SUCCESS ||
		    !probe_side(d, node.left_record_type,
			node.left_record_entry.offset, &records) ||
		    !probe_side(d, node.right_record_type,
			node.right_record_entry.offset, &records))
			return broken(d, e, "search tree or data");
	}
	return records ? 0 : broken(d, e, "no record in it");
}

/* From the root to an end, as a lookup goes. */
static int
probe_lookups(const struct database *d, struct err *e)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	int err;

	for (uint32_t i = 0; i < 256; i++) {
		v4.sin_addr.s_addr = htonl(i << 24 | 0x010101);
		(void)MMDB_lookup_sockaddr(
		    &d->mmdb, (struct sockaddr *)&v4, &err);
		if (err != MMDB_SUCCESS)
			return broken(d, e, MMDB_strerror(err));
	}
	return 0;
}

/* ---- opening ------------------------------------------------------------ */

/* The library takes only paths: it gets a file of our own that holds the last
 * `tail` bytes of the copy. */
static int
open_stub(struct database *d, size_t tail, int *code, struct err *e)
{
	struct stub b;
	int err;

	err = stub_open(&d->copy, tail, &b, e);
	if (err < 0)
		return err;
	*code = MMDB_open(b.path, MMDB_MODE_MMAP, &d->mmdb);
	stub_close(&b);
	if (*code == MMDB_SUCCESS)
		d->mapped = d->mmdb.file_content;
	return 0;
}

static int
open_library(struct database *d, struct err *e)
{
	int code, err;

	/* The metadata is all that opening needs.  Should the library ever
	 * think otherwise, it gets the whole file. */
	err = open_stub(d, METADATA_BYTES_MAX, &code, e);
	if (err == 0 && code != MMDB_SUCCESS)
		err = open_stub(d, d->copy.n, &code, e);
	if (err < 0 || code == MMDB_SUCCESS)
		return err;
	return err_set(e,
	    code == MMDB_OUT_OF_MEMORY_ERROR ? ST_ENOMEM : ST_EFORMAT,
	    "%s: not a MaxMind database: %s", d->path, MMDB_strerror(code));
}

/* From now on the library reads the copy. */
static void
use_copy(struct database *d)
{
	MMDB_s *m = &d->mmdb;

	m->file_content = d->copy.p;
	m->data_section = d->copy.p + (m->data_section - d->mapped);
	m->metadata_section = d->copy.p + (m->metadata_section - d->mapped);
}

/* Where the tree of IPv4 begins in one of IPv6: the library has looked for it
 * in the stub, where the tree is empty. */
static int
find_v4(struct database *d, struct err *e)
{
	MMDB_ipv4_start_node_s *start = &d->mmdb.ipv4_start_node;
	uint64_t at = 0;
	unsigned depth = 0;

	if (d->mmdb.metadata.ip_version == 4)
		return 0;
	for (; depth < V4_DEPTH && at < d->mmdb.metadata.node_count; depth++) {
		MMDB_search_node_s node;

		if (MMDB_read_node(&d->mmdb, (uint32_t)at, &node) !=
		    MMDB_SUCCESS)
			return broken(d, e, "search tree");
		at = node.left_record;
	}
	start->node_value = (uint32_t)at;
	start->netmask = (uint16_t)depth;
	return 0;
}

static int
open_database(struct database *d, struct err *e)
{
	int err;

	/* Before the library sees it: it keeps memory for what is broken. */
	err = metadata_check(d->path, d->copy.p, d->copy.n, e);
	if (err == 0)
		err = open_library(d, e);
	if (err < 0)
		return err;
	use_copy(d);
	err = find_v4(d, e);
	if (err == 0)
		err = probe_nodes(d, e);
	if (err == 0)
		err = probe_lookups(d, e);
	return err;
}

/* Takes the copy. */
static int
add_sealed(
    struct geo *g, const char *name, const struct sealed *s, struct err *e)
{
	struct database *d = &g->db[g->n++];

	d->copy = *s;
	d->path = strdup(name);
	if (!d->path)
		return err_set(e, ST_ENOMEM, "%s: out of memory", name);
	return open_database(d, e);
}

static void
close_database(struct database *d)
{
	if (d->mapped) {
		/* It unmaps what it mapped. */
		d->mmdb.file_content = d->mapped;
		MMDB_close(&d->mmdb);
	}
	sealed_release(&d->copy);
	free(d->path);
}

static int
add_file(struct geo *g, const char *path, struct err *e)
{
	struct sealed s;
	int err;

	err = sealed_copy(path, GEO_FILE_SIZE_MAX, &s, e);
	return err < 0 ? err : add_sealed(g, path, &s, e);
}

int
geo_open(const char *const *paths, size_t n, struct geo **result, struct err *e)
{
	struct geo *g = NULL;
	int err = 0;

	if (n > GEO_FILES_MAX)
		return err_set(e, ST_ELIMIT, "%zu databases, at most %d", n,
		    GEO_FILES_MAX);
	g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; i < n && err == 0; i++)
		err = add_file(g, paths[i], e);
	if (err < 0) {
		geo_close(g);
		return err;
	}
	*result = g;
	return 0;
}

int
geo_open_all(const struct geo_files *f, struct geo **result, struct err *e)
{
	struct geo *g = NULL;
	int err = 0;

	if (f->n_databases > 0 || f->n_ranges > 0)
		err = geo_open(f->databases, f->n_databases, &g, e);
	if (err == 0 && f->n_ranges > 0)
		err = ranges_open(f->ranges, f->n_ranges, &g->clouds, e);
	if (err < 0) {
		geo_close(g);
		return err;
	}
	*result = g;
	return 0;
}

int
geo_open_bytes(const char *name, const void *p, size_t n, struct geo **result,
    struct err *e)
{
	struct sealed s;
	struct geo *g;
	int err;

	g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = sealed_bytes(name, p, n, &s, e);
	if (err == 0)
		err = add_sealed(g, name, &s, e);
	if (err < 0) {
		geo_close(g);
		return err;
	}
	*result = g;
	return 0;
}

void
geo_close(struct geo *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		close_database(&g->db[i]);
	ranges_close(g->clouds);
	free(g);
}

/* ---- telling ------------------------------------------------------------ */

size_t
geo_count(const struct geo *g)
{
	return g ? g->n + ranges_count(g->clouds) : 0;
}

static void
describe_list(const struct ranges *r, size_t i, struct geo_info *result)
{
	struct ranges_info l;

	ranges_describe(r, i, &l);
	*result = (struct geo_info){
		.path = l.path,
		.type = "cloud ranges",
		.built = l.built,
		.knows = GEO_CLOUDS,
	};
}

void
geo_describe(const struct geo *g, size_t i, struct geo_info *result)
{
	const struct database *d = &g->db[i];

	if (i >= g->n) {
		describe_list(g->clouds, i - g->n, result);
		return;
	}
	*result = (struct geo_info){
		.path = d->path,
		.type = d->mmdb.metadata.database_type,
		.built = (int64_t)d->mmdb.metadata.build_epoch,
		.nodes = d->mmdb.metadata.node_count,
		.ip_version = d->mmdb.metadata.ip_version,
		.knows = d->knows,
	};
}

const char *
geo_library_version(void)
{
	return MMDB_lib_version();
}

/* ---- remembering what was just asked ------------------------------------ */

/* Where the records of an address are: many addresses fit. */
struct slot {
	uint8_t addr[16];
	bool used;
	uint32_t at[CACHED_FILES];
};

/* What they say: many addresses share them, and a place is large. */
struct read {
	struct records records;
	bool used;
	struct place place;
};

struct geo_cache {
	const struct geo *geo;
	struct slot slots[CACHE_SLOTS];
	struct read reads[CACHE_READS];
};

struct geo_cache *
geo_cache_new(const struct geo *g)
{
	struct geo_cache *c = calloc(1, sizeof(*c));

	if (c)
		c->geo = g;
	return c;
}

void
geo_cache_reset(struct geo_cache *c, const struct geo *g)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		c->slots[i].used = false;
	for (size_t i = 0; i < CACHE_READS; i++)
		c->reads[i].used = false;
	c->geo = g;
}

/* Who chooses what falls into one slot only makes us look up. */
static size_t
mix(uint64_t a, uint64_t b)
{
	return ((a ^ (b * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL) >>
	    32;
}

static void
find_again(struct geo_cache *c, const struct addr *a, struct records *r)
{
	size_t size = sizeof(uint32_t) * c->geo->n;
	struct slot *s;
	uint64_t half[2];

	if (c->geo->n > CACHED_FILES) {
		find(c->geo, a, r);
		return;
	}
	memcpy(half, a->b, sizeof(half));
	s = &c->slots[mix(half[0], half[1]) % CACHE_SLOTS];
	if (s->used && memcmp(s->addr, a->b, sizeof(s->addr)) == 0) {
		memcpy(r->at, s->at, size);
		return;
	}
	find(c->geo, a, r);
	memcpy(s->addr, a->b, sizeof(s->addr));
	memcpy(s->at, r->at, size);
	s->used = true;
}

static const struct place *
read_again(struct geo_cache *c, const struct records *r)
{
	size_t size = sizeof(uint32_t) * c->geo->n;
	struct read *known;
	uint64_t h = 0;

	for (size_t i = 0; i < c->geo->n; i++)
		h = h * 0x100000001b3ULL ^ r->at[i];
	known = &c->reads[mix(h, 0) % CACHE_READS];
	if (!known->used || memcmp(known->records.at, r->at, size) != 0) {
		memcpy(known->records.at, r->at, size);
		read_records(c->geo, r, &known->place);
		known->used = true;
	}
	return &known->place;
}

void
geo_cache_lookup(
    struct geo_cache *c, const struct addr *a, struct place *result)
{
	struct records r;

	if (!c->geo || addr_is_private(a)) {
		memset(result, 0, sizeof(*result));
		return;
	}
	find_again(c, a, &r);
	*result = *read_again(c, &r);
	result->flags |= cloud_flags(c->geo, a);
}

void
geo_cache_free(struct geo_cache *c)
{
	free(c);
}
