/*
 * line.h - one line of the ledger, and the chain that lines make.
 *
 *     chain_init(&c);
 *     ... for each line, its LF included:
 *     err = chain_step(&c, text, &line, &e);    // ST_EFORMAT: broken here
 *     chain_release(&c);
 *
 * A line is
 *     {"prev":"HASH","seq":N,"tx":N,"at":"TIME","kind":"KIND","data":DATA}
 * with exactly these members in this order and no blanks; whoever reads it can
 * be strict, for only ledger.c writes it.  DATA is not looked into: that it is
 * what was written, the chain proves.  One owner, no locks.
 */
#ifndef ST_STORE_LINE_H
#define ST_STORE_LINE_H

#include "lib/buf.h"
#include "lib/hash.h"
#include "store/store.h"

#define LINE_HEAD_MAX 256 /* bytes of a line that are not DATA */
#define LINE_TEXT_MAX (STORE_LINE_MAX + LINE_HEAD_MAX)

struct line {
	unsigned char prev[SHA256_SIZE];
	uint64_t seq, tx;
	struct when at;
	struct slice at_text, kind, data;
};

/* `text` without its LF.  False: no line of a ledger. */
bool line_parse(struct slice text, struct line *l);
/* Appends the line and its LF. */
void line_write(const struct line *l, struct buf *out);

struct chain {
	unsigned char head[SHA256_SIZE]; /* of the line before */
	uint64_t seq, tx;                /* of the line before */
	bool open; /* nothing was before: any first line will do */
	struct sha256 *hash;
};

/* Nothing is known yet; false without memory. */
bool chain_init(struct chain *c);
/* What comes must follow a line with this hash and number. */
void chain_set(struct chain *c, const unsigned char head[SHA256_SIZE],
    uint64_t seq, uint64_t tx);
void chain_release(struct chain *c);
/* ST_EFORMAT: `text` is no line, or does not follow; the chain is as it was
 * before, and `line` is what could be read of it (seq 0: nothing). */
int chain_step(struct chain *c, struct slice text, struct line *line,
    struct err *e) ST_MUSTCHECK;
/* Goes on from a line that did not follow. */
void chain_jump(struct chain *c, struct slice text, const struct line *line);

/* 64 zeros: the line before the first. */
bool line_is_start(const struct line *l);

#endif
