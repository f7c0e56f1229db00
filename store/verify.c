/*
 * verify.c - is the ledger as it was written?
 *
 * See verify.h.  Walks the chain (line.h) and compares its ends with the rows
 * of the state.
 */
#include "config.h"

#include "store/verify.h"

#include "store/ledger.h"
#include "store/line.h"

#include <inttypes.h>
#include <stdio.h>

struct verify {
	struct ledger_verdict *v;
	struct chain chain;
	/* As the state knows them; no name: it does not. */
	struct ledger_file end, removed;
	bool at_end; /* the line that the state knows as the last was there */
	void (*on_break)(void *arg, const struct ledger_break *b);
	void *arg;
};

/* ---- the state's word ---- */

static void
read_row(struct store *s, const char *key, struct ledger_file *f)
{
	struct buf value = BUF_INIT;

	if (store_get(s, STORE_META, slice_str(key), &value, NULL) < 0 ||
	    !ledger_file_parse(buf_slice(&value), f))
		*f = (struct ledger_file){ .name = "" };
	buf_release(&value);
}

static void
ask_state(struct verify *x, const char *dir)
{
	struct store *s;

	if (store_open_read(dir, &s, NULL) < 0)
		return;
	x->v->has_state = true;
	read_row(s, LEDGER_ROW, &x->end);
	read_row(s, LEDGER_REMOVED_ROW, &x->removed);
	store_close(s);
}

/* ---- lines ---- */

static void
tell(struct verify *x, const struct ledger_place *at, uint64_t seq,
    const char *why)
{
	struct ledger_break b = { .file = at ? at->file : "",
		.line = at ? at->line : 0,
		.seq = seq,
		.why = why };

	x->v->breaks++;
	x->on_break(x->arg, &b);
}

static void
copy_time(struct slice at, char out[WHEN_TEXT])
{
	snprintf(out, WHEN_TEXT, "%.*s", (int)at.n, at.p);
}

static void
note_line(struct verify *x, const struct ledger_place *at, const struct line *l)
{
	if (x->v->lines++ == 0) {
		x->v->first = l->seq;
		copy_time(l->at_text, x->v->from);
	}
	x->v->last = l->seq;
	copy_time(l->at_text, x->v->to);
	if (!x->end.name[0] || l->seq != x->end.last)
		return;
	x->at_end = true;
	if (memcmp(x->chain.head, x->end.head, SHA256_SIZE) != 0)
		tell(x, at, l->seq, "the state knows another line here");
}

static int
on_line(void *arg, const struct ledger_place *at, struct slice text)
{
	struct verify *x = arg;
	struct err e = { .text = "" };
	struct line line;
	int err = chain_step(&x->chain, text, &line, &e);

	if (err == ST_ENOMEM)
		return err;
	if (err < 0) {
		tell(x, at, line.seq, e.text);
		if (line.seq == 0)
			return 0;
		chain_jump(&x->chain, text, &line);
	}
	note_line(x, at, &line);
	return 0;
}

static void
on_damage(void *arg, const struct ledger_place *at, const char *why)
{
	tell(arg, at, 0, why);
}

/* ---- the ends ---- */

/* The first line that is there follows what was removed; where the state tells
 * of nothing that was, it is the very first. */
static void
set_beginning(struct verify *x)
{
	static const unsigned char zeros[SHA256_SIZE];

	if (!x->v->has_state)
		return;
	if (x->removed.name[0])
		chain_set(&x->chain, x->removed.head, x->removed.last, 0);
	else
		chain_set(&x->chain, zeros, 0, 0);
}

static void
check_end(struct verify *x)
{
	char why[128];

	if (!x->end.name[0] || x->at_end)
		return;
	snprintf(why, sizeof(why),
	    "it ends with line %" PRIu64 ", the state knows %" PRIu64 " lines",
	    x->v->last, x->end.last);
	tell(x, NULL, x->end.last, why);
}

int
ledger_verify(const char *dir,
    void (*on_break)(void *arg, const struct ledger_break *b), void *arg,
    struct ledger_verdict *result, struct err *e)
{
	static const struct ledger_walk walk = { .line = on_line,
		.damage = on_damage };
	struct verify x = { .v = result, .on_break = on_break, .arg = arg };
	int err = 0;

	memset(result, 0, sizeof(*result));
	if (!chain_init(&x.chain))
		err = err_set(e, ST_ENOMEM, "out of memory");
	if (err == 0) {
		/* First: the ledger only grows meanwhile. */
		ask_state(&x, dir);
		set_beginning(&x);
		err = ledger_walk(dir, &walk, &x, &result->files, e);
	}
	if (err == 0) {
		check_end(&x);
		memcpy(result->head, x.chain.head, SHA256_SIZE);
	}
	chain_release(&x.chain);
	return err;
}
