/*
 * line.c - one line of the ledger, and the chain that lines make.
 *
 * Knows no files.  No state but the caller's chain.
 */
#include "config.h"

#include "store/line.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- a line ---------------------------------------------------------------------- */

static bool
take(struct slice *s, const char *word)
{
	size_t n = strlen(word);

	if (!slice_starts(*s, word))
		return false;
	*s = slice_of(s->p + n, s->n - n);
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
take_hash(struct slice *s, unsigned char out[SHA256_SIZE])
{
	int high, low;

	if (s->n < 2 * SHA256_SIZE)
		return false;
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		high = hex_digit(s->p[2 * i]);
		low = hex_digit(s->p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	*s = slice_of(s->p + 2 * SHA256_SIZE, s->n - 2 * SHA256_SIZE);
	return true;
}

static bool
take_number(struct slice *s, uint64_t *result)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		if (v > (UINT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (uint64_t)(s->p[i] - '0');
	}
	if (i == 0 || (i > 1 && s->p[0] == '0'))
		return false;
	*s = slice_of(s->p + i, s->n - i);
	*result = v;
	return true;
}

/* Up to the quote that ends it, which is taken, too. */
static bool
take_word(struct slice *s, size_t max, struct slice *word)
{
	size_t i = 0;

	for (; i < s->n && i <= max && s->p[i] != '"'; i++)
		if (s->p[i] <= ' ' || s->p[i] > '~' || s->p[i] == '\\')
			return false;
	if (i == 0 || i >= s->n || i > max)
		return false;
	*word = slice_of(s->p, i);
	*s = slice_of(s->p + i + 1, s->n - i - 1);
	return true;
}

bool
line_parse(struct slice text, struct line *l)
{
	struct slice s = text;

	memset(l, 0, sizeof(*l));
	if (!take(&s, "{\"prev\":\"") || !take_hash(&s, l->prev) ||
	    !take(&s, "\",\"seq\":") || !take_number(&s, &l->seq) ||
	    !take(&s, ",\"tx\":") || !take_number(&s, &l->tx) ||
	    !take(&s, ",\"at\":\"") || !take_word(&s, 32, &l->at_text) ||
	    !take(&s, ",\"kind\":\"") || !take_word(&s, 32, &l->kind) ||
	    !take(&s, ",\"data\":") || s.n < 2 || s.p[s.n - 1] != '}' ||
	    !when_parse(l->at_text, &l->at)) {
		l->seq = 0;
		return false;
	}
	l->data = slice_of(s.p, s.n - 1);
	return l->seq > 0;
}

void
line_write(const struct line *l, struct buf *out)
{
	char prev[SHA256_HEX];

	hash_hex(l->prev, SHA256_SIZE, prev);
	buf_adds(out, "{\"prev\":\"");
	buf_adds(out, prev);
	buf_adds(out, "\",\"seq\":");
	buf_add_uint(out, l->seq);
	buf_adds(out, ",\"tx\":");
	buf_add_uint(out, l->tx);
	buf_adds(out, ",\"at\":\"");
	buf_add_slice(out, l->at_text);
	buf_adds(out, "\",\"kind\":\"");
	buf_add_slice(out, l->kind);
	buf_adds(out, "\",\"data\":");
	buf_add_slice(out, l->data);
	buf_adds(out, "}\n");
}

bool
line_is_start(const struct line *l)
{
	static const unsigned char zeros[SHA256_SIZE];

	return memcmp(l->prev, zeros, SHA256_SIZE) == 0;
}

/* ---- the chain ------------------------------------------------------------------- */

bool
chain_init(struct chain *c)
{
	memset(c, 0, sizeof(*c));
	c->open = true;
	c->hash = sha256_new();
	return c->hash != NULL;
}

void
chain_set(struct chain *c, const unsigned char head[SHA256_SIZE], uint64_t seq,
    uint64_t tx)
{
	memcpy(c->head, head, SHA256_SIZE);
	c->seq = seq;
	c->tx = tx;
	c->open = false;
}

void
chain_release(struct chain *c)
{
	sha256_free(c->hash);
	c->hash = NULL;
}

void
chain_jump(struct chain *c, struct slice text, const struct line *line)
{
	sha256_add(c->hash, text.p, text.n);
	sha256_sum(c->hash, c->head);
	c->seq = line->seq;
	c->tx = line->tx;
	c->open = false;
}

static int
broken(const struct chain *c, const struct line *l, struct err *e)
{
	if (line_is_start(l))
		return err_set(e, ST_EFORMAT,
		    "a new chain begins with line number %" PRIu64
		    " where number %" PRIu64 " was to follow",
		    l->seq, c->seq + 1);
	if (l->seq != c->seq + 1)
		return err_set(e, ST_EFORMAT,
		    "line number %" PRIu64 " where number %" PRIu64
		    " was to follow",
		    l->seq, c->seq + 1);
	return err_set(
	    e, ST_EFORMAT, "it does not carry the hash of the line before it");
}

int
chain_step(struct chain *c, struct slice text, struct line *line, struct err *e)
{
	memset(line, 0, sizeof(*line));
	if (text.n == 0 || text.p[text.n - 1] != '\n' ||
	    !line_parse(slice_of(text.p, text.n - 1), line))
		return err_set(e, ST_EFORMAT, "it is no line of a ledger");
	if (!c->open &&
	    (line->seq != c->seq + 1 ||
		memcmp(line->prev, c->head, SHA256_SIZE) != 0))
		return broken(c, line, e);
	if (!c->open && line->tx < c->tx)
		return err_set(e, ST_EFORMAT,
		    "its transaction %" PRIu64 " is before that of the line "
		    "before it, %" PRIu64,
		    line->tx, c->tx);
	chain_jump(c, text, line);
	return 0;
}
