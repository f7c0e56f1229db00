/*
 * pattern.c - many patterns asked of one name at once: the set.
 *
 * Knows how patterns are written, keeps those without a star in a hash table
 * and the others in a trie.  Walking the trie is pattern_run.c's.  Built by
 * one thread, then constant.
 */
#include "detect/pattern_i.h"

#include "lib/hash.h"

#include <stdlib.h>

#define LITERALS_FIRST 64

struct pattern_set *
pattern_set_new(size_t n_rows)
{
	struct pattern_set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->n_rows = n_rows;
	s->words = pattern_words(n_rows);
	arena_init(&s->arena, 4096);
	s->nodes = calloc(64, sizeof(*s->nodes));
	if (!s->nodes) {
		pattern_set_free(s);
		return NULL;
	}
	s->cap_nodes = 64;
	s->n_nodes = 1;
	return s;
}

void
pattern_set_free(struct pattern_set *s)
{
	if (!s)
		return;
	arena_release(&s->arena);
	free(s->nodes);
	free(s->links);
	free(s->literals);
	free(s->slots);
	free(s->text);
	free(s->ahead);
	free(s);
}

/* Room for one more element; doubles. */
static int
room(void **p, size_t *cap, size_t n, size_t size, size_t max)
{
	size_t want = *cap ? *cap * 2 : 64;
	void *more;

	if (n < *cap)
		return 0;
	if (n >= max)
		return ST_ELIMIT;
	more = realloc(*p, want * size);
	if (!more)
		return ST_ENOMEM;
	*p = more;
	*cap = want;
	return 0;
}

/* Put a row in front of a list of rows. */
static int
link_row(struct pattern_set *s, uint32_t *list, uint32_t row)
{
	int err;

	if (*list && s->links[*list - 1].row == row)
		return 0;
	err = room((void **)&s->links, &s->cap_links, s->n_links,
	    sizeof(*s->links), PATTERN_ROWS_MAX);
	if (err < 0)
		return err;
	s->links[s->n_links].row = row;
	s->links[s->n_links].next = *list;
	*list = (uint32_t)++s->n_links;
	return 0;
}

/*
 * Literals
 */

static void
slot_put(struct pattern_set *s, uint32_t literal)
{
	size_t i = s->literals[literal].hash & (s->n_slots - 1);

	while (s->slots[i])
		i = (i + 1) & (s->n_slots - 1);
	s->slots[i] = literal + 1;
}

static int
slots_grow(struct pattern_set *s)
{
	size_t n = s->n_slots ? s->n_slots * 2 : LITERALS_FIRST;
	uint32_t *slots;

	if (s->n_literals * 2 < s->n_slots)
		return 0;
	slots = calloc(n, sizeof(*slots));
	if (!slots)
		return ST_ENOMEM;
	free(s->slots);
	s->slots = slots;
	s->n_slots = n;
	for (size_t i = 0; i < s->n_literals; i++)
		slot_put(s, (uint32_t)i);
	return 0;
}

struct pattern_literal *
pattern_literal_find(const struct pattern_set *s, struct slice text)
{
	uint64_t hash;

	if (!s->n_slots || !((s->lengths >> (text.n & 63)) & 1))
		return NULL;
	hash = hash_stable(text.p, text.n);
	for (size_t i = hash & (s->n_slots - 1); s->slots[i];
	     i = (i + 1) & (s->n_slots - 1)) {
		struct pattern_literal *l = &s->literals[s->slots[i] - 1];

		if (l->hash == hash && slice_eq(l->text, text))
			return l;
	}
	return NULL;
}

static int
literal_new(
    struct pattern_set *s, struct slice text, struct pattern_literal **result)
{
	struct pattern_literal *l;
	int err;

	err = room((void **)&s->literals, &s->cap_literals, s->n_literals,
	    sizeof(*s->literals), PATTERN_ROWS_MAX);
	if (err == 0)
		err = slots_grow(s);
	if (err < 0)
		return err;
	l = &s->literals[s->n_literals];
	*l = (struct pattern_literal){ 0 };
	l->text.p = arena_dup(&s->arena, text.n ? text.p : "", text.n);
	if (!l->text.p)
		return ST_ENOMEM;
	l->text.n = text.n;
	l->hash = hash_stable(text.p, text.n);
	s->lengths |= (uint64_t)1 << (text.n & 63);
	slot_put(s, (uint32_t)s->n_literals++);
	*result = l;
	return 0;
}

int
pattern_set_add_literal(struct pattern_set *s, struct slice text, uint32_t row)
{
	struct pattern_literal *l = pattern_literal_find(s, text);
	int err;

	if (text.n > PATTERN_LENGTH_MAX)
		return ST_ELIMIT;
	if (!l) {
		err = literal_new(s, text, &l);
		if (err < 0)
			return err;
	}
	return link_row(s, &l->rows.list, row);
}

/*
 * The trie
 */

static int
node_new(struct pattern_set *s, uint32_t *result)
{
	int err = room((void **)&s->nodes, &s->cap_nodes, s->n_nodes,
	    sizeof(*s->nodes), PATTERN_NODES_MAX);

	if (err < 0)
		return err;
	s->nodes[s->n_nodes] = (struct pattern_node){ 0 };
	*result = (uint32_t)s->n_nodes++;
	return 0;
}

static int
child_byte(
    struct pattern_set *s, uint32_t at, unsigned char byte, uint32_t *result)
{
	uint32_t c = pattern_child(s, at, byte);
	int err;

	if (!c) {
		err = node_new(s, &c);
		if (err < 0)
			return err;
		s->nodes[c].byte = byte;
		s->nodes[c].next = s->nodes[at].child;
		s->nodes[at].child = c;
	}
	*result = c;
	return 0;
}

static int
child_star(struct pattern_set *s, uint32_t at, bool across, uint32_t *result)
{
	uint32_t c = across ? s->nodes[at].across : s->nodes[at].star;
	int err;

	if (!c) {
		err = node_new(s, &c);
		if (err < 0)
			return err;
		s->nodes[c].kind = across ? NODE_ACROSS : NODE_STAR;
		if (across)
			s->nodes[at].across = c;
		else
			s->nodes[at].star = c;
	}
	*result = c;
	return 0;
}

int
pattern_set_add(struct pattern_set *s, struct slice p, uint32_t row)
{
	uint32_t at = 0;
	int err = 0;

	if (p.n > PATTERN_LENGTH_MAX)
		return ST_ELIMIT;
	if (p.n == 0 || !memchr(p.p, '*', p.n))
		return pattern_set_add_literal(s, p, row);
	for (size_t i = 0; err == 0 && i < p.n; i++) {
		size_t from = i;

		if (p.p[i] != '*') {
			err = child_byte(s, at, (unsigned char)p.p[i], &at);
			continue;
		}
		while (i + 1 < p.n && p.p[i + 1] == '*')
			i++;
		err = child_star(s, at, i > from, &at);
	}
	if (err < 0)
		return err;
	return link_row(s, &s->nodes[at].rows.list, row);
}

/*
 * Ready for use
 */

/* A long list of rows becomes a bitset: bounded, for each word of it stands
 * for at least one row of the list. */
static int
make_dense(struct pattern_set *s, struct pattern_rows *rows)
{
	size_t n = 0;
	uint32_t i;

	for (i = rows->list; i; i = s->links[i - 1].next)
		n++;
	if (n == 0 || n < s->words)
		return 0;
	rows->dense = arena_calloc(&s->arena, s->words * sizeof(uint64_t));
	if (!rows->dense)
		return ST_ENOMEM;
	for (i = rows->list; i; i = s->links[i - 1].next)
		pattern_set_bit(rows->dense, s->links[i - 1].row);
	return 0;
}

/* Bytes that no pattern names share one class. */
static void
make_classes(struct pattern_set *s)
{
	bool used[256] = { [':'] = true, ['/'] = true };
	unsigned n = 1;

	for (size_t i = 1; i < s->n_nodes; i++)
		if (s->nodes[i].kind == NODE_BYTE)
			used[s->nodes[i].byte] = true;
	for (unsigned b = 0; b < 256; b++)
		s->class_of[b] = used[b] ? (uint16_t)n++ : 0;
	s->n_classes = n;
}

static bool
is_only_way(const struct pattern_set *s, uint32_t node)
{
	const struct pattern_node *n = &s->nodes[node];

	return n->kind == NODE_BYTE && !n->star && !n->across &&
	    n->child == node + 1 && !s->nodes[n->child].next;
}

static int
make_ways(struct pattern_set *s)
{
	s->text = calloc(s->n_nodes, sizeof(*s->text));
	s->ahead = calloc(s->n_nodes, sizeof(*s->ahead));
	if (!s->text || !s->ahead)
		return ST_ENOMEM;
	for (size_t i = s->n_nodes; i-- > 0;) {
		s->text[i] = s->nodes[i].byte;
		if (is_only_way(s, (uint32_t)i))
			s->ahead[i] = (uint16_t)(s->ahead[i + 1] + 1);
	}
	return 0;
}

int
pattern_set_finish(struct pattern_set *s)
{
	int err = make_ways(s);

	make_classes(s);
	for (size_t i = 0; err == 0 && i < s->n_literals; i++)
		err = make_dense(s, &s->literals[i].rows);
	for (size_t i = 0; err == 0 && i < s->n_nodes; i++)
		err = make_dense(s, &s->nodes[i].rows);
	return err;
}

bool
pattern_set_is_empty(const struct pattern_set *s)
{
	return s->n_literals == 0 && s->n_nodes == 1;
}

void
pattern_rows_or(
    const struct pattern_set *s, const struct pattern_rows *rows, uint64_t *out)
{
	if (rows->dense) {
		for (size_t i = 0; i < s->words; i++)
			out[i] |= rows->dense[i];
		return;
	}
	for (uint32_t i = rows->list; i; i = s->links[i - 1].next)
		pattern_set_bit(out, s->links[i - 1].row);
}

/*
 * One pattern, one name: which beginnings of the pattern fit what was read so
 * far, for each byte of the name.
 */

static bool
is_separator(char c)
{
	return c == ':' || c == '/';
}

/* What can be passed without reading: stars that stand for nothing. */
static void
pass_stars(struct slice p, unsigned char *fits)
{
	for (size_t i = 0; i < p.n; i++)
		if (fits[i] && p.p[i] == '*')
			fits[i + 1] = 1;
}

/* `fits[i]`: the first i bytes of the pattern fit.  A star at i keeps i; the
 * stars of a run are alike, so each of them crosses separators. */
static void
read_byte(
    struct slice p, const unsigned char *fits, unsigned char *next, char c)
{
	memset(next, 0, p.n + 1);
	for (size_t i = 0; i < p.n; i++) {
		bool across = (i > 0 && p.p[i - 1] == '*') ||
		    (i + 1 < p.n && p.p[i + 1] == '*');

		if (!fits[i])
			continue;
		if (p.p[i] != '*')
			next[i + 1] |= p.p[i] == c;
		else
			next[i] |= across || !is_separator(c);
	}
	pass_stars(p, next);
}

bool
pattern_matches(struct slice p, struct slice name)
{
	unsigned char a[PATTERN_LENGTH_MAX + 1], b[PATTERN_LENGTH_MAX + 1];
	unsigned char *fits = a, *next = b, *t;

	if (p.n > PATTERN_LENGTH_MAX)
		return false;
	memset(fits, 0, p.n + 1);
	fits[0] = 1;
	pass_stars(p, fits);
	for (size_t i = 0; i < name.n; i++) {
		read_byte(p, fits, next, name.p[i]);
		t = fits;
		fits = next;
		next = t;
	}
	return fits[p.n];
}
