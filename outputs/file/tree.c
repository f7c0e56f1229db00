/*
 * tree.c - an output into many files: a path with holes.
 *
 * Where a record goes is place.h's to say, how a file below the base is opened
 * leaf.h's.  TREE_OPEN_MAX are open at a time; the one used longest ago is
 * closed for another.  A position is a number; how long the files were at each
 * stands in the journal, which is asked after a crash.
 *
 * A position is the journal's life above and a sequence below.
 */
#include <stsentry/output.h>

#include "outputs/file/journal.h"
#include "outputs/file/leaf.h"
#include "outputs/file/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_OPEN_MAX 64
#define SEQ_BITS 40
#define SEQ_MASK (((uint64_t)1 << SEQ_BITS) - 1)
#define LIFE_MASK 0xffffffu
#define NAME_SHOWN 64 /* of the output's name in that of its journal */

/* A file that is open, or was written since the last flush. */
struct branch {
	char *path; /* below the base */
	struct leaf leaf;
	bool touched;  /* since the last flush */
	bool noted;    /* in the journal, as it was before that */
	uint64_t used; /* by the tree's clock */
};

struct tree {
	const struct stsentry_host *host;
	const struct stsentry_setup *setup;
	struct place place;
	struct owner owner;
	bool sync;
	int base;
	struct branch *v;
	size_t n, room, open;
	uint64_t clock;
	struct journal *journal; /* NULL: no position was asked for */
	uint32_t life;           /* 0: it has not begun */
	uint64_t seq;            /* the last position */
	bool warned;             /* that there is no journal */
};

/* ---- settings ---- */

static const char *
path_of(const struct stsentry_setup *s)
{
	const struct stsentry_setting *path = stsentry_setting(s, "path");

	return path ? path->text : "";
}

static int
tree_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	static const char *const others[] = { "rotate_size", "rotate_every",
		"keep", "compress" };
	const struct stsentry_setting *found;
	struct place place;
	struct owner owner;

	if (place_read(path_of(setup), &place, why) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		found = stsentry_setting(setup, others[i]);
		if (found && found->number != 0)
			return file_why(why,
			    "a path with holes cannot stand beside rotate, "
			    "keep or compress: {date} begins new files");
	}
	if (access(place.base, W_OK | X_OK) < 0)
		return file_why_sys(why, "cannot write in %s", place.base);
	return owner_read(&owner, setup, why);
}

/* ---- life ---- */

static void
drop(struct tree *t, size_t i)
{
	t->open -= t->v[i].leaf.fd >= 0;
	leaf_close(&t->v[i].leaf);
	free(t->v[i].path);
	t->v[i] = t->v[--t->n];
}

static void
drop_all(struct tree *t)
{
	while (t->n > 0)
		drop(t, t->n - 1);
}

static void
tree_close(void *self)
{
	struct tree *t = self;

	drop_all(t);
	journal_close(t->journal);
	if (t->base >= 0)
		close(t->base);
	free(t->v);
	free(t);
}

static int
prepare(struct tree *t, struct stsentry_why *why)
{
	const struct stsentry_setting *sync = stsentry_setting(
	    t->setup, "sync");

	t->sync = !sync || sync->number != 0;
	if (owner_read(&t->owner, t->setup, why) < 0 ||
	    place_read(path_of(t->setup), &t->place, why) < 0)
		return -1;
	t->base = open(t->place.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->base < 0)
		return file_why_sys(why, "cannot open %s", t->place.base);
	return 0;
}

static void *
tree_open(const struct stsentry_setup *setup, const struct stsentry_host *host,
    struct stsentry_why *why)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (!t) {
		file_why(why, "out of memory");
		return NULL;
	}
	t->host = host;
	t->setup = setup;
	t->base = -1;
	if (prepare(t, why) == 0)
		return t;
	tree_close(t);
	return NULL;
}

/* ---- the journal ---- */

/* One for each output and path, below the base. */
static void
journal_name(const struct tree *t, char *name, size_t size)
{
	const char *parts[] = { t->setup->name, path_of(t->setup) };
	char shown[NAME_SHOWN + 1];
	uint32_t sum = 2166136261u; /* FNV-1a */
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		for (const char *p = parts[i]; *p; p++)
			sum = (sum ^ (unsigned char)*p) * 16777619u;
	for (const char *p = t->setup->name; *p && n < NAME_SHOWN; p++)
		shown[n++] = strchr("/. \t", *p) ? '_' : *p;
	shown[n] = '\0';
	snprintf(name, size, ".%s-%08x.places", shown, (unsigned)sum);
}

static int
read_journal(struct tree *t, struct stsentry_why *why)
{
	char name[NAME_SHOWN + 32];

	journal_close(t->journal);
	journal_name(t, name, sizeof(name));
	t->journal = journal_open(t->base, name, why);
	return t->journal ? 0 : -1;
}

static uint32_t
draw_life(void)
{
	uint32_t life = 0;

	if (getrandom(&life, sizeof(life), 0) != sizeof(life))
		life = (uint32_t)getpid();
	return (life & LIFE_MASK) | 1;
}

/* Of all that is open: how long it is at the last position. */
static int
begin_journal(struct tree *t, uint32_t life, struct stsentry_why *why)
{
	if (journal_begin(t->journal, life, why) < 0)
		return -1;
	t->life = life;
	for (size_t i = 0; i < t->n; i++) {
		journal_note(t->journal, t->seq, t->v[i].leaf.number,
		    (int64_t)t->v[i].leaf.size, t->v[i].path);
		t->v[i].noted = true;
	}
	return journal_sync(t->journal, t->sync, why);
}

/* Before the first byte behind the last position. */
static int
note(struct tree *t, struct branch *b, struct stsentry_why *why)
{
	if (b->noted || t->life == 0)
		return 0;
	journal_note(
	    t->journal, t->seq, b->leaf.number, (int64_t)b->leaf.size, b->path);
	b->noted = journal_sync(t->journal, t->sync, why) == 0;
	return b->noted ? 0 : -1;
}

/* ---- files ---- */

static struct branch *
find(struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i].path, path) == 0)
			return &t->v[i];
	return NULL;
}

static struct branch *
add(struct tree *t, const char *path)
{
	size_t room = t->room ? t->room * 2 : TREE_OPEN_MAX;
	struct branch *more = t->v;

	if (t->n == t->room) {
		more = realloc(t->v, room * sizeof(*more));
		if (!more)
			return NULL;
		t->v = more;
		t->room = room;
	}
	more[t->n] = (struct branch){ .path = strdup(path),
		.leaf = { .fd = -1 } };
	return more[t->n].path ? &more[t->n++] : NULL;
}

/* One that was written since the last flush is remembered all the same. */
static int
make_way(struct tree *t, struct stsentry_why *why)
{
	size_t oldest = t->n;

	if (t->open < TREE_OPEN_MAX)
		return 0;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].leaf.fd >= 0 &&
		    (oldest == t->n || t->v[i].used < t->v[oldest].used))
			oldest = i;
	if (t->v[oldest].touched) {
		if (t->sync && leaf_sync(&t->v[oldest].leaf, why) < 0)
			return -1;
		leaf_close(&t->v[oldest].leaf);
		t->open--;
	} else {
		drop(t, oldest);
	}
	return 0;
}

/* Under another name or in another place by now: then it is new to us. */
static int
open_branch(struct tree *t, struct branch *b, struct stsentry_why *why)
{
	uint64_t number = b->leaf.number;

	if (leaf_open(t->base, b->path, &t->owner, true, &b->leaf, why) < 0)
		return -1;
	t->open++;
	b->noted = b->noted && b->leaf.number == number;
	return 0;
}

/* The file for that path, open; NULL with the reason. */
static struct branch *
branch_of(struct tree *t, const char *path, struct stsentry_why *why)
{
	struct branch *b = find(t, path);

	if (!b || b->leaf.fd < 0) {
		if (make_way(t, why) < 0)
			return NULL;
		b = find(t, path);
		if (!b)
			b = add(t, path);
		if (!b) {
			file_why(why, "out of memory");
			return NULL;
		}
		if (open_branch(t, b, why) < 0) {
			if (!b->touched)
				drop(t, (size_t)(b - t->v));
			return NULL;
		}
	}
	b->used = ++t->clock;
	return b;
}

/* ---- writing ---- */

static int
put(struct tree *t, const struct stsentry_record *r, struct stsentry_why *why)
{
	char path[PLACE_NAME_MAX];
	struct branch *b;

	if (!place_of(&t->place, r, path, sizeof(path)))
		return file_why(why, "the path becomes too long");
	b = branch_of(t, path, why);
	if (!b || note(t, b, why) < 0)
		return -1;
	b->touched = true;
	if (b->leaf.size == 0 && t->setup->head_size > 0 &&
	    leaf_put(&b->leaf, t->setup->head, t->setup->head_size, why) < 0)
		return -1;
	return leaf_put(&b->leaf, r->data, r->size, why);
}

/* What was asked for last is kept: what was before is not needed. */
static void
shorten_journal(struct tree *t)
{
	struct stsentry_why why = { .text = "" };

	if (t->life == 0 || journal_size(t->journal) < JOURNAL_MAX)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].touched)
			return;
	if (begin_journal(t, t->life, &why) < 0)
		t->host->log(t->host, STSENTRY_WARNING, "%s", why.text);
}

static void
tree_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct tree *t = self;
	struct stsentry_why why = { .text = "" };
	struct stsentry_answer a = { .verdict = STSENTRY_DONE };
	size_t done = 0;

	shorten_journal(t);
	while (done < n && put(t, &records[done], &why) == 0)
		done++;
	if (done > 0)
		t->host->answer(t->host, records, done, &a);
	a = (struct stsentry_answer){ .verdict = STSENTRY_AGAIN,
		.why = why.text };
	if (done < n)
		t->host->answer(t->host, records + done, n - done, &a);
}

static int
tree_flush(void *self, struct stsentry_why *why)
{
	struct tree *t = self;

	for (size_t i = 0; i < t->n; i++) {
		struct branch *b = &t->v[i];

		if (!b->touched)
			continue;
		if (t->sync && leaf_sync(&b->leaf, why) < 0)
			return -1;
		if (t->life != 0)
			journal_note(t->journal, t->seq + 1, b->leaf.number,
			    (int64_t)b->leaf.size, b->path);
	}
	if (t->life != 0 && journal_sync(t->journal, t->sync, why) < 0)
		return -1;
	for (size_t i = t->n; i-- > 0;) {
		t->v[i].touched = false;
		if (t->v[i].leaf.fd < 0)
			drop(t, i);
	}
	return 0;
}

static int
tree_reopen(void *self, struct stsentry_why *why)
{
	struct tree *t = self;
	int err = tree_flush(t, why);

	if (err == 0)
		drop_all(t);
	return err;
}

/* ---- positions ---- */

static int
begin_life(struct tree *t)
{
	struct stsentry_why why = { .text = "" };
	int err = t->journal ? 0 : read_journal(t, &why);

	if (err == 0)
		err = begin_journal(t, draw_life(), &why);
	if (err < 0) {
		t->life = 0;
		if (!t->warned)
			t->host->log(t->host, STSENTRY_WARNING,
			    "%s: after a crash lines may be there twice",
			    why.text);
	}
	t->warned = err < 0;
	return err;
}

static uint64_t
tree_mark(void *self)
{
	struct tree *t = self;

	if (t->life == 0 && begin_life(t) < 0)
		return 0;
	t->seq++;
	return (uint64_t)t->life << SEQ_BITS | (t->seq & SEQ_MASK);
}

struct resuming {
	struct tree *t;
	struct stsentry_why *why;
	int err;
};

/* It stays open until all lines are read: the last one counts. */
static void
on_length(void *arg, const char *path, uint64_t number, int64_t length)
{
	struct resuming *r = arg;
	struct branch *b = find(r->t, path);

	if (!b)
		b = add(r->t, path);
	if (!b) {
		r->err = file_why(r->why, "out of memory");
		return;
	}
	b->leaf.number = number;
	b->leaf.size = (off_t)length;
}

/* One that is gone, or has another's place, is not ours to cut. */
static int
cut_branch(
    const struct tree *t, const struct branch *b, struct stsentry_why *why)
{
	struct stsentry_why gone;
	struct leaf l;
	int err = 0;

	if (leaf_open(t->base, b->path, &t->owner, false, &l, &gone) < 0)
		return 0;
	if (l.number == b->leaf.number && l.size > b->leaf.size)
		err = leaf_cut(&l, b->leaf.size, why);
	leaf_close(&l);
	return err;
}

static int
tree_resume(void *self, uint64_t position, struct stsentry_why *why)
{
	struct tree *t = self;
	struct resuming r = { t, why, 0 };
	uint32_t life = (uint32_t)(position >> SEQ_BITS);

	drop_all(t);
	t->life = 0;
	if (read_journal(t, why) < 0)
		return -1;
	if (!journal_knows(t->journal, life))
		return 0;
	journal_each(t->journal, position & SEQ_MASK, on_length, &r);
	for (size_t i = 0; i < t->n && r.err == 0; i++)
		r.err = cut_branch(t, &t->v[i], why);
	drop_all(t);
	t->seq = position & SEQ_MASK;
	return r.err < 0 ? r.err : begin_journal(t, life, why);
}

const struct stsentry_output output_tree = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "file",
	.help = "appends to files, by account, day and more",
	.check = tree_check,
	.open = tree_open,
	.send = tree_send,
	.flush = tree_flush,
	.reopen = tree_reopen,
	.close = tree_close,
	.mark = tree_mark,
	.resume = tree_resume,
};
