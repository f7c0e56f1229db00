/*
 * jscan.c - one quick pass over a JSON object.
 *
 * Bytes are classified 64 at a time into bit masks: quotes that count (no
 * backslash before them), brackets outside strings, control characters.  The
 * first level is then read with the help of the masks, and deeper values are
 * skipped from bracket to bracket.  (The method is that of Langdale and
 * Lemire's "Parsing Gigabytes of JSON per Second", reduced to what a look at
 * the first level needs.)  Knows nothing of audit records.  Any thread.
 */
#include "lib/jscan.h"

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define BLOCK 64

struct masks {
	uint64_t quote, backslash, bracket, control;
};

typedef void classify_fn(const char *p, struct masks *m);

/* Where we are in a value: the block at `base` and what is left of its bits. */
struct cursor {
	const char *base, *next, *end;
	uint64_t quote;     /* counting quotes not yet passed */
	uint64_t bracket;   /* brackets outside strings, not yet passed */
	uint64_t string;    /* all ones while a string is open at `next` */
	uint64_t escape;    /* 1: the first byte of `next` is escaped */
	uint64_t backslash; /* not 0: there was one somewhere */
	const char *bad;    /* a line feed where none may be */
	unsigned depth;
	uint64_t is_array[JSCAN_DEPTH_MAX / 64 + 1];
};

/* ---- classification ------------------------------------------------------ */

ALWAYS_INLINE void
classify_portable(const char *p, struct masks *m)
{
	*m = (struct masks){ 0 };
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)p[i];
		uint64_t bit = (uint64_t)1 << i;

		if (c == '"')
			m->quote |= bit;
		else if (c == '\\')
			m->backslash |= bit;
		else if ((c | 0x20) == '{' || (c | 0x20) == '}')
			m->bracket |= bit;
		else if (c < 0x20)
			m->control |= bit;
	}
}

#if defined(__x86_64__)
ALWAYS_INLINE uint64_t
bits16(__m128i v)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v);
}

ALWAYS_INLINE void
classify_sse2(const char *p, struct masks *m)
{
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
	const __m128i fold = _mm_set1_epi8(0x20), ctl = _mm_set1_epi8(0x1f);

	*m = (struct masks){ 0 };
	for (unsigned i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + 16 * i));
		__m128i f = _mm_or_si128(v, fold);
		unsigned shift = 16 * i;

		m->quote |= bits16(_mm_cmpeq_epi8(v, quote)) << shift;
		m->backslash |= bits16(_mm_cmpeq_epi8(v, backslash)) << shift;
		m->bracket |= bits16(_mm_or_si128(_mm_cmpeq_epi8(f, open),
				  _mm_cmpeq_epi8(f, close)))
		    << shift;
		m->control |= bits16(_mm_cmpeq_epi8(_mm_min_epu8(v, ctl), v))
		    << shift;
	}
}

#define AVX2 __attribute__((target("avx2,bmi,lzcnt")))

AVX2 static inline uint64_t
bits32(__m256i v)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(v);
}

AVX2 static inline void
classify_avx2(const char *p, struct masks *m)
{
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i backslash = _mm256_set1_epi8('\\');
	const __m256i open = _mm256_set1_epi8('{');
	const __m256i close = _mm256_set1_epi8('}');
	const __m256i fold = _mm256_set1_epi8(0x20);
	const __m256i ctl = _mm256_set1_epi8(0x1f);
	__m256i a = _mm256_loadu_si256((const __m256i *)p);
	__m256i b = _mm256_loadu_si256((const __m256i *)(p + 32));
	__m256i fa = _mm256_or_si256(a, fold), fb = _mm256_or_si256(b, fold);

	m->quote = bits32(_mm256_cmpeq_epi8(a, quote)) |
	    bits32(_mm256_cmpeq_epi8(b, quote)) << 32;
	m->backslash = bits32(_mm256_cmpeq_epi8(a, backslash)) |
	    bits32(_mm256_cmpeq_epi8(b, backslash)) << 32;
	m->bracket = bits32(_mm256_or_si256(_mm256_cmpeq_epi8(fa, open),
			 _mm256_cmpeq_epi8(fa, close))) |
	    bits32(_mm256_or_si256(
		_mm256_cmpeq_epi8(fb, open), _mm256_cmpeq_epi8(fb, close)))
		<< 32;
	m->control = bits32(_mm256_cmpeq_epi8(_mm256_min_epu8(a, ctl), a)) |
	    bits32(_mm256_cmpeq_epi8(_mm256_min_epu8(b, ctl), b)) << 32;
}
#endif

/* ---- blocks -------------------------------------------------------------- */

/* Quotes whose backslashes before them are even in number. */
ALWAYS_INLINE uint64_t
unescaped(struct cursor *c, const struct masks *m)
{
	uint64_t backslash = m->backslash, escaped = c->escape;

	if (!backslash && !c->escape)
		return m->quote;
	c->escape = 0;
	backslash &= ~escaped;
	while (backslash) {
		uint64_t bit = backslash & -backslash;

		if (bit >> 63) {
			c->escape = 1;
			break;
		}
		escaped |= bit << 1;
		backslash &= ~(bit | bit << 1);
	}
	return m->quote & ~escaped;
}

/* Each bit becomes the parity of itself and all below. */
ALWAYS_INLINE uint64_t
parity_below(uint64_t x)
{
	x ^= x << 1;
	x ^= x << 2;
	x ^= x << 4;
	x ^= x << 8;
	x ^= x << 16;
	x ^= x << 32;
	return x;
}

/*
 * A new value at the beginning of a line, inside another one: well where an
 * element of an array or the value of a member may stand.  Otherwise the line
 * before it was cut off.
 */
static bool
newline_fits(const struct cursor *c, const char *start, const char *lf)
{
	const char *before = lf;
	char last;

	if (lf + 1 >= c->end || (lf[1] != '{' && lf[1] != '['))
		return true;
	while (before > start &&
	    (before[-1] == ' ' || before[-1] == '\t' || before[-1] == '\r' ||
		before[-1] == '\n'))
		before--;
	if (before == start)
		return true;
	last = before[-1];
	if (last == '[' || last == ':')
		return true;
	return last == ',' && c->depth > 0 &&
	    (c->is_array[(c->depth - 1) / 64] >> ((c->depth - 1) % 64) & 1);
}

/*
 * The first line feed of the block that tells of a cut: one inside a string,
 * or one with a line behind it that begins as no JSON does.  NULL: none.
 */
static const char *
find_cut(const struct cursor *c, uint64_t control, uint64_t string)
{
	for (; control; control &= control - 1) {
		unsigned i = (unsigned)__builtin_ctzll(control);
		const char *at = c->base + i;

		if (at >= c->end || *at != '\n')
			continue;
		if (string >> i & 1)
			return at;
		if (at + 1 < c->end &&
		    (at[1] == '<' || (at[1] >= 'A' && at[1] <= 'Z')))
			return at;
	}
	return NULL;
}

/*
 * Classify the next block; false at the end of the bytes or at a cut.  A block
 * with a cut in it keeps the bits before it, for the value may end there.
 */
ALWAYS_INLINE bool
load(struct cursor *c, classify_fn *classify)
{
	char tail[BLOCK];
	struct masks m;
	uint64_t string;
	size_t left = (size_t)(c->end - c->next);

	if (left == 0 || c->bad)
		return false;
	c->base = c->next;
	if (left >= BLOCK) {
		classify(c->base, &m);
		c->next += BLOCK;
	} else {
		memset(tail, ' ', sizeof(tail));
		memcpy(tail, c->base, left);
		classify(tail, &m);
		c->next = c->end;
	}
	c->backslash |= m.backslash;
	c->quote = unescaped(c, &m);
	string = parity_below(c->quote) ^ c->string;
	c->string = (uint64_t)((int64_t)string >> 63);
	c->bracket = m.bracket & ~string;
	if (m.control) {
		c->bad = find_cut(c, m.control, string);
		if (c->bad) {
			uint64_t keep = ((uint64_t)1 << (c->bad - c->base)) - 1;

			c->quote &= keep;
			c->bracket &= keep;
		}
	}
	return true;
}

/* Forget all bits before p; load blocks up to it. */
ALWAYS_INLINE bool
seek(struct cursor *c, classify_fn *classify, const char *p)
{
	uint64_t keep;

	while (p >= c->next)
		if (!load(c, classify))
			return false;
	keep = ~(uint64_t)0 << (p - c->base);
	c->quote &= keep;
	c->bracket &= keep;
	return true;
}

/* The next counting quote; it and all before it are passed. */
ALWAYS_INLINE const char *
next_quote(struct cursor *c, classify_fn *classify)
{
	unsigned i;

	while (!c->quote)
		if (!load(c, classify))
			return NULL;
	i = (unsigned)__builtin_ctzll(c->quote);
	c->quote &= c->quote - 1;
	c->bracket &= ~(uint64_t)0 << i;
	return c->base + i;
}

ALWAYS_INLINE const char *
next_bracket(struct cursor *c, classify_fn *classify)
{
	unsigned i;

	while (!c->bracket)
		if (!load(c, classify))
			return NULL;
	i = (unsigned)__builtin_ctzll(c->bracket);
	c->bracket &= c->bracket - 1;
	return c->base + i;
}

/* ---- values -------------------------------------------------------------- */

ALWAYS_INLINE bool
push(struct cursor *c, char bracket)
{
	uint64_t bit = (uint64_t)1 << (c->depth % 64);

	if (c->depth >= JSCAN_DEPTH_MAX)
		return false;
	if (bracket == '[')
		c->is_array[c->depth / 64] |= bit;
	else
		c->is_array[c->depth / 64] &= ~bit;
	c->depth++;
	return true;
}

ALWAYS_INLINE bool
pop(struct cursor *c, char bracket)
{
	unsigned top = c->depth - 1;
	bool array = c->is_array[top / 64] >> (top % 64) & 1;

	c->depth = top;
	return array == (bracket == ']');
}

/*
 * Pass over the value that opens at p, down to the depth that it began with.
 * On JSCAN_DONE *end is behind its closing bracket.
 */
ALWAYS_INLINE enum jscan_result
skip_nested(struct cursor *c, classify_fn *classify, const char *start,
    const char *p, const char **end)
{
	unsigned depth = c->depth;

	if (!seek(c, classify, p))
		return c->bad ? JSCAN_BROKEN : JSCAN_SHORT;
	do {
		p = next_bracket(c, classify);
		if (!p)
			return c->bad ? JSCAN_BROKEN : JSCAN_SHORT;
		if (*p == '{' || *p == '[') {
			if (p > start && p[-1] == '\n' &&
			    !newline_fits(c, start, p - 1)) {
				c->bad = p - 1;
				return JSCAN_BROKEN;
			}
			if (!push(c, *p))
				return JSCAN_DEEP;
		} else if (!pop(c, *p)) {
			c->bad = p;
			return JSCAN_BROKEN;
		}
	} while (c->depth > depth);
	*end = p + 1;
	return JSCAN_DONE;
}

ALWAYS_INLINE const char *
skip_blanks(const char *p, const char *end)
{
	/* Compact JSON has none: one comparison tells. */
	while (p < end && (unsigned char)*p <= ' ' &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* A number, true, false or null: up to what may stand behind it. */
ALWAYS_INLINE const char *
skip_word(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != '}' && *p != ']' && *p != ' ' &&
	    *p != '\n' && *p != '\t' && *p != '\r' && *p != '"' && *p != '{' &&
	    *p != '[' && *p != ':')
		p++;
	return p;
}

ALWAYS_INLINE bool
word_begins(char ch)
{
	return ch == '-' || (ch >= '0' && ch <= '9') || ch == 't' ||
	    ch == 'f' || ch == 'n';
}

ALWAYS_INLINE enum jscan_result
broken(struct cursor *c, const char *at)
{
	c->bad = at;
	return JSCAN_BROKEN;
}

/* The value at p; *end behind it. */
ALWAYS_INLINE enum jscan_result
one_value(struct cursor *c, classify_fn *classify, const char *start,
    const char *p, const char **end)
{
	const char *close;

	if (*p == '"') {
		if (!seek(c, classify, p) || !next_quote(c, classify))
			return c->bad ? JSCAN_BROKEN : JSCAN_SHORT;
		close = next_quote(c, classify);
		if (!close)
			return c->bad ? JSCAN_BROKEN : JSCAN_SHORT;
		*end = close + 1;
		return JSCAN_DONE;
	}
	if (*p == '{' || *p == '[')
		return skip_nested(c, classify, start, p, end);
	if (!word_begins(*p))
		return broken(c, p);
	*end = skip_word(p, c->end);
	return *end < c->end ? JSCAN_DONE : JSCAN_SHORT;
}

/* The key whose opening quote is at p; *p moves behind the colon. */
ALWAYS_INLINE enum jscan_result
one_key(
    struct cursor *c, classify_fn *classify, const char **p, struct slice *key)
{
	const char *at = *p, *close;

	if (!seek(c, classify, at) || !next_quote(c, classify))
		return c->bad ? JSCAN_BROKEN : JSCAN_SHORT;
	close = next_quote(c, classify);
	if (!close)
		return c->bad ? JSCAN_BROKEN : JSCAN_SHORT;
	*key = slice_of(at + 1, (size_t)(close - at - 1));
	at = skip_blanks(close + 1, c->end);
	if (at == c->end)
		return JSCAN_SHORT;
	if (*at != ':')
		return broken(c, at);
	*p = skip_blanks(at + 1, c->end);
	return *p < c->end ? JSCAN_DONE : JSCAN_SHORT;
}

ALWAYS_INLINE void
keep(struct jscan *s, const struct cursor *c, struct slice key, const char *p,
    const char *end)
{
	if (c->backslash && memchr(key.p, '\\', key.n))
		s->escaped = true;
	if (s->n == JSCAN_MEMBERS) {
		if (!s->rest)
			s->rest = key.p - 1;
		return;
	}
	s->member[s->n].key = key;
	s->member[s->n].value = slice_of(p, (size_t)(end - p));
	s->n++;
}

/* Members from p on, where a key must stand, to the end of the object. */
ALWAYS_INLINE enum jscan_result
members(struct cursor *c, classify_fn *classify, const char *start,
    const char *p, struct jscan *s)
{
	const char *end;
	struct slice key;
	enum jscan_result r;

	for (;;) {
		if (p == c->end)
			return JSCAN_SHORT;
		if (*p != '"')
			return broken(c, p);
		r = one_key(c, classify, &p, &key);
		if (r != JSCAN_DONE)
			return r;
		r = one_value(c, classify, start, p, &end);
		if (r != JSCAN_DONE)
			return r;
		keep(s, c, key, p, end);
		p = skip_blanks(end, c->end);
		if (p == c->end)
			return JSCAN_SHORT;
		if (*p == '}')
			break;
		if (*p != ',')
			return broken(c, p);
		p = skip_blanks(p + 1, c->end);
	}
	s->end = p + 1;
	return JSCAN_DONE;
}

/* The object that opens at start. */
ALWAYS_INLINE enum jscan_result
object(
    struct cursor *c, classify_fn *classify, const char *start, struct jscan *s)
{
	const char *p = skip_blanks(start + 1, c->end);

	if (p == c->end)
		return JSCAN_SHORT;
	if (*p == '}') {
		s->end = p + 1;
		return JSCAN_DONE;
	}
	return members(c, classify, start, p, s);
}

ALWAYS_INLINE enum jscan_result
scan(const char *p, const char *end, struct jscan *s, classify_fn *classify)
{
	struct cursor c;
	enum jscan_result r;

	memset(c.is_array, 0, sizeof(c.is_array));
	c.base = c.next = p;
	c.end = end;
	c.quote = c.bracket = c.string = c.escape = c.backslash = 0;
	c.bad = NULL;
	c.depth = 0;
	s->n = 0;
	s->rest = NULL;
	s->escaped = s->in_string = false;
	if (*p == '{') {
		push(&c, '{');
		r = object(&c, classify, p, s);
	} else if (*p == '"') {
		push(&c, '{');
		r = members(&c, classify, p, p, s);
	} else {
		r = skip_nested(&c, classify, p, p, &s->end);
	}
	if (r == JSCAN_SHORT)
		s->in_string = c.string != 0;
	if (r != JSCAN_DONE)
		s->end = r == JSCAN_BROKEN ? c.bad : end;
	return r;
}

/* ---- the three ways ------------------------------------------------------ */

typedef enum jscan_result
scan_fn(const char *p, const char *end, struct jscan *s);

static enum jscan_result
scan_portable(const char *p, const char *end, struct jscan *s)
{
	return scan(p, end, s, classify_portable);
}

#if defined(__x86_64__)
static enum jscan_result
scan_sse2(const char *p, const char *end, struct jscan *s)
{
	return scan(p, end, s, classify_sse2);
}

AVX2 static enum jscan_result
scan_avx2(const char *p, const char *end, struct jscan *s)
{
	return scan(p, end, s, classify_avx2);
}
#endif

struct way {
	const char *name;
	scan_fn *scan;
};

static const struct way ways[] = {
#if defined(__x86_64__)
	{ "avx2", scan_avx2 },
	{ "sse2", scan_sse2 },
#endif
	{ "portable", scan_portable },
};
#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

static bool
way_works(const struct way *w)
{
#if defined(__x86_64__)
	if (strcmp(w->name, "avx2") == 0)
		return __builtin_cpu_supports("avx2") &&
		    __builtin_cpu_supports("bmi");
#endif
	return w->scan != NULL;
}

static const struct way *
best_way(void)
{
	size_t i = 0;

	while (i < N_WAYS - 1 && !way_works(&ways[i]))
		i++;
	return &ways[i];
}

/* Chosen once; the same answer whoever comes first, so a race is harmless. */
static const struct way *chosen;

static const struct way *
way(void)
{
	const struct way *w = __atomic_load_n(&chosen, __ATOMIC_RELAXED);

	if (!w) {
		w = best_way();
		__atomic_store_n(&chosen, w, __ATOMIC_RELAXED);
	}
	return w;
}

enum jscan_result
jscan_value(const char *p, const char *end, struct jscan *s)
{
	return way()->scan(p, end, s);
}

enum jscan_result
jscan_rest(struct jscan *s, const char *end)
{
	/* A key where a value would begin: scan() takes it for the inside of
	 * an object. */
	return way()->scan(s->rest, end, s);
}

const char *
jscan_way(void)
{
	return way()->name;
}

bool
jscan_force(const char *name)
{
	const struct way *w = name ? NULL : best_way();

	for (size_t i = 0; name && i < N_WAYS; i++)
		if (strcmp(ways[i].name, name) == 0 && way_works(&ways[i]))
			w = &ways[i];
	if (!w)
		return false;
	__atomic_store_n(&chosen, w, __ATOMIC_RELAXED);
	return true;
}

struct slice
jscan_plain(struct slice value)
{
	if (value.n < 2 || value.p[0] != '"' || memchr(value.p, '\\', value.n))
		return SLICE_NULL;
	return slice_of(value.p + 1, value.n - 2);
}

const struct jmember *
jscan_find(const struct jscan *s, const char *name)
{
	size_t n = strlen(name);

	for (unsigned i = s->n; i-- > 0;) {
		const struct slice *k = &s->member[i].key;

		if (k->n == n && memcmp(k->p, name, n) == 0)
			return &s->member[i];
	}
	return NULL;
}
