/*
 * positions.c - which files have been read, and how far.
 *
 * See positions.h.  Records lie in chunks and are found through two tables of
 * 32-bit numbers, so that millions of files that are done cost little.  Looks
 * at no disk.  One owner.
 */
#include "collector/positions.h"

#include "lib/globs.h"
#include "lib/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK 1024
#define NONE UINT32_MAX
#define FACTS_MAX 1024
#define FACT "began/"
#define ROW_VERSION 1
#define ROW_FIXED (1 + 1 + 2 + 8 * 8 + 4 + FRAME_PLACE_SIZE)
#define PATH_MAX_KEPT 4096

struct table {
	uint32_t *v;
	size_t n; /* a power of two, or 0 */
};

struct positions {
	size_t max, count, n; /* n: numbers given out, used or free */
	struct position **chunks;
	size_t n_chunks;
	uint32_t free; /* a list through next_file */
	struct table files, heads;
	uint32_t heads_of[POSITION_HEAD + 1]; /* how many have such a head_n */
	uint64_t next_number;
	struct globs facts;
};

static struct position *
at(const struct positions *p, uint32_t i)
{
	return &p->chunks[i / CHUNK][i % CHUNK];
}

uint64_t
position_sum(const void *bytes, size_t n)
{
	static const uint64_t key[2] = { 0x73747365, 0x6e747279 };

	return n == 0 ? 0 : hash_bytes(bytes, n, key);
}

/* ---- life ---------------------------------------------------------------- */

struct positions *
positions_new(size_t max)
{
	struct positions *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->max = max ? max : POSITIONS_MAX;
	p->free = NONE;
	p->next_number = 1;
	return p;
}

void
positions_free(struct positions *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		free(at(p, (uint32_t)i)->path);
	for (size_t i = 0; i < p->n_chunks; i++)
		free(p->chunks[i]);
	free(p->chunks);
	free(p->files.v);
	free(p->heads.v);
	globs_release(&p->facts);
	free(p);
}

/* ---- the tables ------------------------------------------------------------ */

static uint64_t
file_hash(uint64_t dev, uint64_t ino)
{
	const uint64_t v[2] = { dev, ino };

	return hash_bytes(v, sizeof(v), hash_seed());
}

static uint32_t *
file_slot(const struct positions *p, uint64_t dev, uint64_t ino)
{
	return &p->files.v[file_hash(dev, ino) & (p->files.n - 1)];
}

static uint32_t *
head_slot(const struct positions *p, uint64_t head)
{
	return &p->heads.v[head & (p->heads.n - 1)];
}

static bool
has_place(const struct position *f)
{
	return f->dev != 0 || f->ino != 0;
}

static void
link_file(struct positions *p, struct position *f, uint32_t i)
{
	uint32_t *slot;

	if (!has_place(f))
		return;
	slot = file_slot(p, f->dev, f->ino);
	f->next_file = *slot;
	*slot = i;
}

static void
link_head(struct positions *p, struct position *f, uint32_t i)
{
	uint32_t *slot;

	if (f->head_n == 0)
		return;
	slot = head_slot(p, f->head);
	f->next_head = *slot;
	*slot = i;
	p->heads_of[f->head_n]++;
}

static void
unlink_file(struct positions *p, struct position *f, uint32_t i)
{
	uint32_t *slot;

	if (!has_place(f))
		return;
	slot = file_slot(p, f->dev, f->ino);
	while (*slot != NONE && *slot != i)
		slot = &at(p, *slot)->next_file;
	if (*slot == i)
		*slot = f->next_file;
}

static void
unlink_head(struct positions *p, struct position *f, uint32_t i)
{
	uint32_t *slot;

	if (f->head_n == 0)
		return;
	slot = head_slot(p, f->head);
	while (*slot != NONE && *slot != i)
		slot = &at(p, *slot)->next_head;
	if (*slot == i) {
		*slot = f->next_head;
		p->heads_of[f->head_n]--;
	}
}

static uint32_t *
empty_slots(size_t n)
{
	uint32_t *v = malloc(n * sizeof(*v));

	if (v)
		memset(v, 0xff, n * sizeof(*v));
	return v;
}

/* All of them into tables of twice the size. */
static bool
grow_tables(struct positions *p)
{
	size_t n = p->files.n ? p->files.n * 2 : CHUNK;
	uint32_t *files = empty_slots(n), *heads = empty_slots(n);

	if (!files || !heads) {
		free(files);
		free(heads);
		return false;
	}
	free(p->files.v);
	free(p->heads.v);
	p->files = (struct table){ files, n };
	p->heads = (struct table){ heads, n };
	memset(p->heads_of, 0, sizeof(p->heads_of));
	for (uint32_t i = 0; i < p->n; i++)
		if (at(p, i)->used) {
			link_file(p, at(p, i), i);
			link_head(p, at(p, i), i);
		}
	return true;
}

static bool
grow_chunks(struct positions *p)
{
	struct position **chunks = realloc(
	    p->chunks, (p->n_chunks + 1) * sizeof(struct position *));

	if (!chunks)
		return false;
	p->chunks = chunks;
	chunks[p->n_chunks] = calloc(CHUNK, sizeof(struct position));
	if (!chunks[p->n_chunks])
		return false;
	p->n_chunks++;
	return true;
}

/* ---- records ---------------------------------------------------------------- */

static struct position *
take_free(struct positions *p, uint32_t *i)
{
	if (p->count >= p->max)
		return NULL;
	if (p->count >= p->files.n && !grow_tables(p))
		return NULL;
	if (p->free != NONE) {
		*i = p->free;
		p->free = at(p, *i)->next_file;
		return at(p, *i);
	}
	if (p->n == p->n_chunks * CHUNK && !grow_chunks(p))
		return NULL;
	*i = (uint32_t)p->n++;
	return at(p, *i);
}

struct position *
positions_add(struct positions *p, uint64_t dev, uint64_t ino)
{
	uint32_t i;
	struct position *f = take_free(p, &i);

	if (!f)
		return NULL;
	*f = (struct position){ .dev = dev,
		.ino = ino,
		.number = p->next_number++,
		.self = i,
		.next_file = NONE,
		.next_head = NONE,
		.used = true };
	link_file(p, f, i);
	p->count++;
	return f;
}

struct position *
positions_copy(
    struct positions *p, const struct position *f, uint64_t dev, uint64_t ino)
{
	struct position *c = positions_add(p, dev, ino);

	if (!c)
		return NULL;
	c->check = f->check;
	c->check_at = f->check_at;
	c->place = f->place;
	c->seen = f->seen;
	positions_set_head(p, c, f->head, f->head_n);
	return c;
}

void
positions_drop(struct positions *p, struct position *f)
{
	uint32_t i = f->self;

	unlink_file(p, f, i);
	unlink_head(p, f, i);
	free(f->path);
	f->path = NULL;
	f->used = false;
	f->next_file = p->free;
	p->free = i;
	p->count--;
}

struct position *
positions_by_file(const struct positions *p, uint64_t dev, uint64_t ino)
{
	uint32_t i = p->files.n ? *file_slot(p, dev, ino) : NONE;

	for (; i != NONE; i = at(p, i)->next_file)
		if (at(p, i)->dev == dev && at(p, i)->ino == ino)
			return at(p, i);
	return NULL;
}

struct position *
positions_by_head(const struct positions *p, const void *bytes, size_t n,
    const struct position *after)
{
	size_t len = n < POSITION_HEAD ? n : POSITION_HEAD;
	uint32_t i = NONE;

	if (after) {
		len = after->head_n;
		i = after->next_head;
	}
	for (; len > 0; len--, i = NONE) {
		uint64_t sum;

		if (p->heads_of[len] == 0)
			continue;
		sum = position_sum(bytes, len);
		if (!after || len != after->head_n)
			i = *head_slot(p, sum);
		for (; i != NONE; i = at(p, i)->next_head)
			if (at(p, i)->head_n == len && at(p, i)->head == sum)
				return at(p, i);
	}
	return NULL;
}

void
positions_move(
    struct positions *p, struct position *f, uint64_t dev, uint64_t ino)
{
	uint32_t i = f->self;

	unlink_file(p, f, i);
	f->dev = dev;
	f->ino = ino;
	link_file(p, f, i);
}

void
positions_set_head(
    struct positions *p, struct position *f, uint64_t head, size_t n)
{
	uint32_t i = f->self;

	unlink_head(p, f, i);
	f->head = head;
	f->head_n = (uint16_t)n;
	link_head(p, f, i);
}

bool
position_set_path(struct position *f, const char *path)
{
	if (f->path && path && strcmp(f->path, path) == 0)
		return true;
	free(f->path);
	f->path = path ? strdup(path) : NULL;
	return !path || f->path;
}

struct position *
positions_next(const struct positions *p, const struct position *after)
{
	size_t i = after ? (size_t)after->self + 1 : 0;

	for (; i < p->n; i++)
		if (at(p, (uint32_t)i)->used)
			return at(p, (uint32_t)i);
	return NULL;
}

size_t
positions_count(const struct positions *p)
{
	return p->count;
}

/* ---- rows ------------------------------------------------------------------ */

static void
put(struct buf *b, uint64_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		buf_addc(b, (char)(v & 0xff));
}

static uint64_t
get(struct slice *s, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v |= (uint64_t)(unsigned char)s->p[i] << (8 * i);
	s->p += bytes;
	s->n -= (size_t)bytes;
	return v;
}

void
positions_row(const struct positions *p, const struct position *f,
    const char *path, struct buf *key, struct buf *value)
{
	unsigned char place[FRAME_PLACE_SIZE];
	size_t n = path ? strlen(path) : 0;

	(void)p;
	buf_reset(key);
	buf_reset(value);
	buf_addf(key, POSITION_PREFIX "%016" PRIx64, f->number);
	put(value, ROW_VERSION, 1);
	put(value, f->flags & (POSITION_DONE | POSITION_FINISHED), 1);
	put(value, f->head_n, 2);
	put(value, f->dev, 8);
	put(value, f->ino, 8);
	put(value, f->size, 8);
	put(value, (uint64_t)f->mtime, 8);
	put(value, f->head, 8);
	put(value, f->check, 8);
	put(value, f->check_at, 8);
	put(value, 0, 8);
	put(value, f->seen, 4);
	frame_place_pack(&f->place, place);
	buf_add(value, place, sizeof(place));
	if (n > 0)
		buf_add(value, path, n < PATH_MAX_KEPT ? n : PATH_MAX_KEPT);
}

static bool
number_in(struct slice key, uint64_t *result)
{
	uint64_t v = 0;

	if (key.n != 16)
		return false;
	for (size_t i = 0; i < key.n; i++) {
		const char *digits = "0123456789abcdef";
		const char *d = key.p[i] ? strchr(digits, key.p[i]) : NULL;

		if (!d)
			return false;
		v = v << 4 | (uint64_t)(d - digits);
	}
	*result = v;
	return v > 0 && v < UINT64_MAX;
}

static bool
place_is_good(const struct position *f)
{
	return frame_place_is_good(&f->place) && f->head_n <= POSITION_HEAD &&
	    (f->flags & ~(POSITION_DONE | POSITION_FINISHED)) == 0;
}

static void
read_row(struct slice v, struct position *f)
{
	f->flags = (uint8_t)get(&v, 1);
	f->head_n = (uint16_t)get(&v, 2);
	f->dev = get(&v, 8);
	f->ino = get(&v, 8);
	f->size = get(&v, 8);
	f->mtime = (int64_t)get(&v, 8);
	f->head = get(&v, 8);
	f->check = get(&v, 8);
	f->check_at = get(&v, 8);
	get(&v, 8);
	f->seen = (uint32_t)get(&v, 4);
	frame_place_unpack((const unsigned char *)v.p, &f->place);
}

static int
take_row(struct positions *p, const struct position *row, struct slice path)
{
	struct position *f = positions_add(p, row->dev, row->ino);

	if (!f)
		return p->count >= p->max ? ST_ELIMIT : ST_ENOMEM;
	f->number = row->number;
	f->flags = row->flags;
	f->size = row->size;
	f->mtime = row->mtime;
	f->check = row->check;
	f->check_at = row->check_at;
	f->place = row->place;
	f->seen = row->seen;
	positions_set_head(p, f, row->head, row->head_n);
	if (!(f->flags & POSITION_DONE) && path.n > 0)
		f->path = strndup(path.p, path.n);
	if (row->number >= p->next_number)
		p->next_number = row->number + 1;
	return 0;
}

static bool
add_fact(struct positions *p, struct slice name)
{
	struct globs *g = &p->facts;
	char **v = realloc(g->v, (g->n + 1) * sizeof(char *));

	if (!v)
		return false;
	g->v = v;
	v[g->n] = strndup(name.p, name.n);
	if (!v[g->n])
		return false;
	g->n++;
	return true;
}

int
positions_load(struct positions *p, struct slice key, struct slice value)
{
	struct position row = { .used = true };
	struct slice path;

	if (!slice_starts(key, POSITION_PREFIX))
		return ST_ENOENT;
	key.p += strlen(POSITION_PREFIX);
	key.n -= strlen(POSITION_PREFIX);
	if (slice_starts(key, FACT)) {
		if (p->facts.n == FACTS_MAX)
			return ST_ELIMIT;
		return add_fact(p,
			   slice_of(key.p + strlen(FACT), key.n - strlen(FACT)))
		    ? 0
		    : ST_ENOMEM;
	}
	if (value.n < ROW_FIXED || value.p[0] != ROW_VERSION ||
	    !number_in(key, &row.number))
		return ST_EFORMAT;
	path = slice_of(value.p + ROW_FIXED, value.n - ROW_FIXED);
	read_row(slice_of(value.p + 1, value.n - 1), &row);
	return place_is_good(&row) ? take_row(p, &row, path) : ST_EFORMAT;
}

/* ---- facts ----------------------------------------------------------------- */

bool
positions_has_fact(const struct positions *p, const char *name)
{
	for (size_t i = 0; i < p->facts.n; i++)
		if (strcmp(p->facts.v[i], name) == 0)
			return true;
	return false;
}

bool
positions_fact(
    struct positions *p, const char *name, struct buf *key, struct buf *value)
{
	buf_reset(key);
	buf_reset(value);
	buf_addf(key, POSITION_PREFIX FACT "%s", name);
	put(value, ROW_VERSION, 1);
	if (positions_has_fact(p, name))
		return true;
	return p->facts.n < FACTS_MAX && add_fact(p, slice_str(name));
}
