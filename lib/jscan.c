/*
 * jscan.c - one quick pass over a JSON object.
 *
 * The first level is read string by string: the end of a string is looked for
 * in 64 bytes at a time.  A deeper value is skipped: its bytes are classified,
 * 64 at a time, into bit masks of quotes that count (no backslash before
 * them), brackets and line feeds, and only its brackets are looked at.  (The
 * masks are those of Langdale and Lemire's "Parsing Gigabytes of JSON per
 * Second".)  Tried instead: masks for all of the record, and lists of
 * the marks in them; blocks' borders, which fall anywhere, cost more in wrong
 * guesses of the processor than a new load where a string begins.  AVX-512 is
 * no faster here.
 * Knows nothing of audit records.  Any thread.
 */
#include "lib/jscan.h"

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define BLOCK 64

/* What is scanned, and what was found wrong with it. */
struct cursor {
	const char *start, *end;
	const char *bad;
};

struct masks {
	uint64_t quote, backslash, bracket, newline;
};

/* What differs from machine to machine: */
struct way {
	const char *name;
	enum jscan_result (*scan)(
	    const char *p, const char *end, struct jscan *s);
};
/* the masks of 64 bytes; */
typedef void classify_fn(const char *p, struct masks *m);
/* those of quotes, backslashes and line feeds in one; */
typedef uint64_t special_fn(const char *p);
/* and each bit becoming the parity of itself and all below. */
typedef uint64_t parity_fn(uint64_t x);

/* The brackets that are open, innermost in the lowest bit: 1 for '['.  What
 * no longer fits is saved, 64 at a time. */
struct nest {
	unsigned depth;
	uint64_t kinds;
	uint64_t saved[JSCAN_DEPTH_MAX / 64];
};

/* ---- 64 bytes ------------------------------------------------------------- */

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
		else if (c == '\n')
			m->newline |= bit;
	}
}

/* Only the first one is of interest. */
ALWAYS_INLINE uint64_t
special_portable(const char *p)
{
	for (unsigned i = 0; i < BLOCK; i++)
		if (p[i] == '"' || p[i] == '\\' || p[i] == '\n')
			return (uint64_t)1 << i;
	return 0;
}

ALWAYS_INLINE uint64_t
parity_portable(uint64_t x)
{
	x ^= x << 1;
	x ^= x << 2;
	x ^= x << 4;
	x ^= x << 8;
	x ^= x << 16;
	x ^= x << 32;
	return x;
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
	const __m128i fold = _mm_set1_epi8(0x20), lf = _mm_set1_epi8('\n');

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
		m->newline |= bits16(_mm_cmpeq_epi8(v, lf)) << shift;
	}
}

ALWAYS_INLINE uint64_t
special_sse2(const char *p)
{
	const __m128i quote = _mm_set1_epi8('"'), lf = _mm_set1_epi8('\n');
	const __m128i backslash = _mm_set1_epi8('\\');
	uint64_t bits = 0;

	for (unsigned i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + 16 * i));

		bits |= bits16(_mm_or_si128(_mm_cmpeq_epi8(v, lf),
			    _mm_or_si128(_mm_cmpeq_epi8(v, quote),
				_mm_cmpeq_epi8(v, backslash))))
		    << 16 * i;
	}
	return bits;
}

#define AVX2 __attribute__((target("avx2,bmi,lzcnt,pclmul")))

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
	const __m256i lf = _mm256_set1_epi8('\n');
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
	m->newline = bits32(_mm256_cmpeq_epi8(a, lf)) |
	    bits32(_mm256_cmpeq_epi8(b, lf)) << 32;
}

AVX2 static inline uint64_t
special32(const char *p)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)p);

	return bits32(
	    _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')),
		_mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
		    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')))));
}

AVX2 static inline uint64_t
special_avx2(const char *p)
{
	uint64_t first = special32(p);

	return first ? first : special32(p + 32) << 32;
}

AVX2 static inline uint64_t
parity_clmul(uint64_t x)
{
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
	    _mm_cvtsi64_si128((int64_t)x), _mm_set1_epi8((char)0xff), 0));
}

#endif

/* The bytes up to `end`, with blanks behind them, where there are less than a
 * block. */
ALWAYS_INLINE const char *
whole_block(const char *p, const char *end, char tail[BLOCK])
{
	if (end - p >= BLOCK)
		return p;
	memset(tail, ' ', BLOCK);
	memcpy(tail, p, (size_t)(end - p));
	return tail;
}

/* Quotes whose backslashes before them are even in number; *escape is 1 where
 * the first byte is escaped, and then where that of the next block is. */
ALWAYS_INLINE uint64_t
unescaped(const struct masks *m, uint64_t *escape)
{
	uint64_t backslash = m->backslash, escaped = *escape;

	if (!backslash && !escaped)
		return m->quote;
	*escape = 0;
	backslash &= ~escaped;
	while (backslash) {
		uint64_t bit = backslash & -backslash;

		if (bit >> 63) {
			*escape = 1;
			break;
		}
		escaped |= bit << 1;
		backslash &= ~(bit | bit << 1);
	}
	return m->quote & ~escaped;
}

/* ---- deeper values ---------------------------------------------------------- */

ALWAYS_INLINE bool
push(struct nest *n, char bracket)
{
	if (n->depth == JSCAN_DEPTH_MAX)
		return false;
	if (n->depth % 64 == 0 && n->depth)
		n->saved[n->depth / 64 - 1] = n->kinds;
	n->kinds = n->kinds << 1 | (bracket == '[');
	n->depth++;
	return true;
}

ALWAYS_INLINE bool
pop(struct nest *n, char bracket)
{
	bool array = n->kinds & 1;

	n->depth--;
	n->kinds >>= 1;
	if (n->depth % 64 == 0 && n->depth)
		n->kinds = n->saved[n->depth / 64 - 1];
	return array == (bracket == ']');
}

/*
 * A new value at the beginning of a line, inside another one: well where an
 * element of an array or the value of a member may stand.  Otherwise the line
 * before it was cut off.
 */
static bool
newline_fits(const struct cursor *c, const char *lf, bool in_array)
{
	const char *before = lf;

	while (before > c->start &&
	    (before[-1] == ' ' || before[-1] == '\t' || before[-1] == '\r' ||
		before[-1] == '\n'))
		before--;
	if (before == c->start || before[-1] == '[' || before[-1] == ':')
		return true;
	return before[-1] == ',' && in_array;
}

/*
 * The first line feed of a block that tells of a cut: one inside a string,
 * or one with a line behind it that begins as no JSON does.  NULL: none.
 */
static const char *
find_cut(const char *block, const char *end, uint64_t newline, uint64_t string)
{
	for (; newline; newline &= newline - 1) {
		unsigned i = (unsigned)__builtin_ctzll(newline);
		const char *at = block + i;

		if (string >> i & 1)
			return at;
		if (at + 1 < end &&
		    (at[1] == '<' || (at[1] >= 'A' && at[1] <= 'Z')))
			return at;
	}
	return NULL;
}

static enum jscan_result
broken(struct cursor *c, const char *at)
{
	c->bad = at;
	return JSCAN_BROKEN;
}

/* The bracket at `at`: JSCAN_SHORT while the value goes on behind it. */
ALWAYS_INLINE enum jscan_result
one_bracket(struct cursor *c, struct nest *n, unsigned depth, const char *at)
{
	if (*at == '{' || *at == '[') {
		if (at > c->start && at[-1] == '\n' &&
		    !newline_fits(c, at - 1, n->kinds & 1))
			return broken(c, at - 1);
		return push(n, *at) ? JSCAN_SHORT : JSCAN_DEEP;
	}
	if (!pop(n, *at))
		return broken(c, at);
	return n->depth == depth ? JSCAN_DONE : JSCAN_SHORT;
}

/* Pass over the value whose bracket is at p, `depth` levels down.  On
 * JSCAN_DONE *end is behind its closing bracket. */
ALWAYS_INLINE enum jscan_result
skip_nested(struct cursor *c, const char *p, unsigned depth,
    classify_fn *classify, parity_fn *parity, const char **end)
{
	uint64_t string = 0, escape = 0;
	const char *cut = NULL;
	struct nest nest;
	char tail[BLOCK];

	nest.depth = depth;
	nest.kinds = 0; /* `saved` is written before it is read */
	for (; p < c->end && !cut; p += BLOCK) {
		uint64_t quote, inside, bracket;
		struct masks m;

		classify(whole_block(p, c->end, tail), &m);
		quote = unescaped(&m, &escape);
		inside = parity(quote) ^ string;
		string = (uint64_t)((int64_t)inside >> 63);
		bracket = m.bracket & ~inside;
		if (m.newline) {
			cut = find_cut(p, c->end, m.newline, inside);
			if (cut)
				bracket &= ((uint64_t)1 << (cut - p)) - 1;
		}
		for (; bracket; bracket &= bracket - 1) {
			const char *at = p + __builtin_ctzll(bracket);
			enum jscan_result r = one_bracket(c, &nest, depth, at);

			if (r != JSCAN_SHORT) {
				*end = at + 1;
				return r;
			}
		}
	}
	return cut ? broken(c, cut) : JSCAN_SHORT;
}

/* ---- the first level ---------------------------------------------------------- */

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

/* The string whose opening quote is at p; *end behind its closing one.
 * *escaped becomes true where it has a backslash. */
ALWAYS_INLINE enum jscan_result
one_string(struct cursor *c, const char *p, special_fn *special,
    const char **end, bool *escaped)
{
	char tail[BLOCK];
	uint64_t bits;

	for (p++; p < c->end;) {
		bits = special(whole_block(p, c->end, tail));
		if (!bits) {
			p += BLOCK;
			continue;
		}
		p += __builtin_ctzll(bits);
		if (*p == '"') {
			*end = p + 1;
			return JSCAN_DONE;
		}
		if (*p == '\n')
			return broken(c, p);
		*escaped = true;
		if (p + 1 < c->end && p[1] == '\n')
			return broken(c, p + 1);
		p += 2;
	}
	return JSCAN_SHORT;
}

/* The value at p; *end behind it. */
ALWAYS_INLINE enum jscan_result
one_value(struct cursor *c, const char *p, classify_fn *classify,
    special_fn *special, parity_fn *parity, const char **end, bool *backslash)
{
	if (*p == '"')
		return one_string(c, p, special, end, backslash);
	if (*p == '{' || *p == '[')
		return skip_nested(c, p, 1, classify, parity, end);
	if (!word_begins(*p))
		return broken(c, p);
	*end = skip_word(p, c->end);
	return *end < c->end ? JSCAN_DONE : JSCAN_SHORT;
}

/* The key whose opening quote is at p; *p moves behind the colon. */
ALWAYS_INLINE enum jscan_result
one_key(struct cursor *c, const char **p, special_fn *special,
    struct slice *key, bool *escaped)
{
	const char *at = *p, *end;
	enum jscan_result r = one_string(c, at, special, &end, escaped);

	if (r != JSCAN_DONE)
		return r;
	*key = slice_of(at + 1, (size_t)(end - at - 2));
	at = skip_blanks(end, c->end);
	if (at == c->end)
		return JSCAN_SHORT;
	if (*at != ':')
		return broken(c, at);
	*p = skip_blanks(at + 1, c->end);
	return *p < c->end ? JSCAN_DONE : JSCAN_SHORT;
}

ALWAYS_INLINE void
keep(struct jscan *s, struct slice key, const char *p, const char *end)
{
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
members(struct cursor *c, const char *p, classify_fn *classify,
    special_fn *special, parity_fn *parity, struct jscan *s)
{
	const char *end;
	struct slice key;
	enum jscan_result r;

	for (;;) {
		if (p == c->end)
			return JSCAN_SHORT;
		if (*p != '"')
			return broken(c, p);
		r = one_key(c, &p, special, &key, &s->escaped);
		if (r != JSCAN_DONE)
			return r;
		r = one_value(
		    c, p, classify, special, parity, &end, &s->backslash);
		if (r != JSCAN_DONE)
			return r;
		keep(s, key, p, end);
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

/* The object that opens at c->start. */
ALWAYS_INLINE enum jscan_result
object(struct cursor *c, classify_fn *classify, special_fn *special,
    parity_fn *parity, struct jscan *s)
{
	const char *p = skip_blanks(c->start + 1, c->end);

	if (p == c->end)
		return JSCAN_SHORT;
	if (*p == '}') {
		s->end = p + 1;
		return JSCAN_DONE;
	}
	return members(c, p, classify, special, parity, s);
}

ALWAYS_INLINE enum jscan_result
scan(const char *p, const char *end, struct jscan *s, classify_fn *classify,
    special_fn *special, parity_fn *parity)
{
	struct cursor c = { p, end, NULL };
	enum jscan_result r;

	s->n = 0;
	s->rest = NULL;
	s->escaped = s->backslash = false;
	if (*p == '{')
		r = object(&c, classify, special, parity, s);
	else if (*p == '"')
		r = members(&c, p, classify, special, parity, s);
	else
		r = skip_nested(&c, p, 0, classify, parity, &s->end);
	if (r != JSCAN_DONE)
		s->end = r == JSCAN_BROKEN ? c.bad : end;
	return r;
}

/* ---- the ways ---------------------------------------------------------------- */

static enum jscan_result
scan_portable(const char *p, const char *end, struct jscan *s)
{
	return scan(
	    p, end, s, classify_portable, special_portable, parity_portable);
}

#if defined(__x86_64__)
static enum jscan_result
scan_sse2(const char *p, const char *end, struct jscan *s)
{
	return scan(p, end, s, classify_sse2, special_sse2, parity_portable);
}

AVX2 static enum jscan_result
scan_avx2(const char *p, const char *end, struct jscan *s)
{
	return scan(p, end, s, classify_avx2, special_avx2, parity_clmul);
}
#endif

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
		    __builtin_cpu_supports("bmi") &&
		    __builtin_cpu_supports("pclmul");
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
jscan_plain(const struct jscan *s, struct slice value)
{
	if (value.n < 2 || value.p[0] != '"' ||
	    (s->backslash && memchr(value.p, '\\', value.n)))
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
