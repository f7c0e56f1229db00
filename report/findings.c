/*
 * findings.c - the findings of a period, each as it was told last.
 *
 * See findings.h.  Reading a finding is outputs/format/parse's business.
 */
#include "report/findings.h"
#include "lib/hash.h"
#include "outputs/format/parse.h"

#include <stdlib.h>

#define ARENA_FIRST 16384
#define ROWS_FIRST 64

static bool
same_id(const void *item, const void *key)
{
	const struct kept_finding *k = item;

	return slice_eq(k->id, *(const struct slice *)key);
}

void
findings_init(struct findings *f)
{
	*f = (struct findings){ 0 };
	f->map = (struct map)MAP_INIT(same_id);
	arena_init(&f->arena, ARENA_FIRST);
}

static void
free_kept(struct kept_finding *k)
{
	if (k)
		buf_release(&k->line);
	free(k);
}

void
findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		free_kept(f->v[i]);
	free(f->v);
	map_release(&f->map);
	arena_release(&f->arena);
}

/* The stronger first; what came to light first, then by id. */
static int
compare(const struct kept_finding *a, const struct kept_finding *b)
{
	int c;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->score < b->score || a->score > b->score)
		return a->score > b->score ? -1 : 1;
	c = when_cmp(a->first, b->first);
	return c ? c : slice_cmp(a->id, b->id);
}

static int
compare_rows(const void *a, const void *b)
{
	return compare(*(const struct kept_finding *const *)a,
	    *(const struct kept_finding *const *)b);
}

/* ---- a finding in short --------------------------------------------------- */

static struct slice
put(char **at, struct slice s)
{
	struct slice copy = slice_of(s.p ? *at : NULL, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct kept_finding *
shorten(const struct finding *f)
{
	const struct request *r = &f->request;
	struct slice id = slice_str(f->id);
	struct kept_finding *k;
	char *at;

	k = calloc(1,
	    sizeof(*k) + id.n + f->title.n + r->principal.n + r->account.n +
		r->action.n + r->target.n + r->cloud_region.n + f->ack.by.n);
	if (!k)
		return NULL;
	at = k->text;
	k->id = put(&at, id);
	k->title = put(&at, f->title);
	k->principal = put(&at, r->principal);
	k->account = put(&at, r->account);
	k->action = put(&at, r->action);
	k->target = put(&at, r->target);
	k->region = put(&at, r->cloud_region);
	k->ack = f->ack;
	k->ack.by = put(&at, f->ack.by);
	k->revision = f->revision;
	k->severity = f->severity;
	k->score = f->score;
	k->count = f->count;
	k->time = f->time;
	k->first = f->first_seen;
	k->last = f->last_seen;
	memcpy(k->country, r->source.place.country, sizeof(k->country));
	for (unsigned i = 0; i < f->n_reasons; i++)
		k->codes[k->n_codes++] = f->reasons[i].code;
	return k;
}

/* ---- which are kept whole ------------------------------------------------- */

/* The place in the list of the weakest that has its line. */
static unsigned
weakest(const struct findings *f)
{
	unsigned at = 0;

	for (unsigned i = 1; i < f->n_whole; i++)
		if (compare(f->v[f->whole[i]], f->v[f->whole[at]]) > 0)
			at = i;
	return at;
}

static unsigned
place_of(const struct findings *f, uint32_t index)
{
	unsigned i = 0;

	while (i < f->n_whole && f->whole[i] != index)
		i++;
	return i;
}

static void
keep_whole(struct findings *f, uint32_t index, struct slice line)
{
	unsigned place = place_of(f, index);

	if (line.n > FINDINGS_LINE_MAX)
		return;
	if (place == f->n_whole && f->n_whole == FINDINGS_WHOLE) {
		place = weakest(f);
		if (compare(f->v[index], f->v[f->whole[place]]) > 0)
			return;
		buf_release(&f->v[f->whole[place]]->line);
	} else if (place == f->n_whole) {
		f->n_whole++;
	}
	f->whole[place] = index;
	buf_reset(&f->v[index]->line);
	buf_add_slice(&f->v[index]->line, line);
}

/* ---- taking ------------------------------------------------------------------ */

static bool
grow(struct findings *f)
{
	size_t room = f->room ? 2 * f->room : ROWS_FIRST;
	struct kept_finding **v;

	if (f->n < f->room)
		return true;
	v = realloc(f->v, room * sizeof(struct kept_finding *));
	if (!v)
		return false;
	f->v = v;
	f->room = room;
	return true;
}

/* In place of the earlier revision. */
static int
replace(struct findings *f, uint64_t hash, struct kept_finding *old,
    struct kept_finding *k)
{
	map_remove(&f->map, hash, old);
	k->index = old->index;
	f->v[k->index] = k;
	free_kept(old);
	return map_put(&f->map, hash, k) ? 0 : ST_ENOMEM;
}

static int
append(struct findings *f, uint64_t hash, struct kept_finding *k)
{
	if (!grow(f) || !map_put(&f->map, hash, k)) {
		free_kept(k);
		return ST_ENOMEM;
	}
	k->index = (uint32_t)f->n;
	f->v[f->n++] = k;
	return 0;
}

static int
keep(struct findings *f, const struct finding *found, struct slice line)
{
	struct slice id = slice_str(found->id);
	uint64_t hash = hash_slice(id);
	struct kept_finding *old = map_get(&f->map, hash, &id), *k;
	int err;

	if (old && old->revision > found->revision)
		return 0;
	if (!old && f->n == FINDINGS_MAX) {
		f->dropped++;
		return 0;
	}
	k = shorten(found);
	if (!k)
		return ST_ENOMEM;
	err = old ? replace(f, hash, old, k) : append(f, hash, k);
	if (err == 0)
		keep_whole(f, k->index, line);
	return err;
}

int
findings_take(
    struct findings *f, struct slice line, const struct period *period)
{
	struct finding found;
	int err;

	arena_reset(&f->arena);
	err = finding_parse(line, &f->arena, &found, NULL);
	if (err < 0)
		return err == ST_ENOMEM ? err : ST_EFORMAT;
	if (!period_touches(period, found.first_seen, found.last_seen))
		return 0;
	f->lines++;
	return keep(f, &found, line);
}

const struct kept_finding **
findings_sorted(const struct findings *f)
{
	const struct kept_finding **v;

	if (!f->n)
		return NULL;
	v = malloc(f->n * sizeof(struct kept_finding *));
	if (!v)
		return NULL;
	memcpy(v, f->v, f->n * sizeof(struct kept_finding *));
	qsort(v, f->n, sizeof(struct kept_finding *), compare_rows);
	return v;
}
