/*
 * escape.c - other people's strings inside lines, cells and headers.
 *
 * Knows what each line format cannot hold in a string.  Does not know what a
 * finding is.  JSON's escaping is lib/jsonw's.  Pure functions, any thread.
 */
#include "outputs/format/escape.h"
#include "lib/utf8.h"

/* LEEF knows no escape: what would end a value or a header field is hidden. */
const struct escape_rule escape_text = { "", "", "", false };
const struct escape_rule escape_cef_header = { "\\|", "", "", false };
const struct escape_rule escape_cef_value = { "\\=", "", "", true };
const struct escape_rule escape_leef = { "", "^|", "", false };
static const struct escape_rule escape_quoted = { "", "", "\"", false };

static bool
has(const char *set, uint32_t cp)
{
	return cp != 0 && cp < 0x80 && strchr(set, (int)cp) != NULL;
}

static void
add_visible(struct buf *out, uint32_t cp, const struct escape_rule *r)
{
	buf_adds(out, has(r->slashed, '\\') ? "\\\\" : "\\");
	buf_addf(out, "u%04x", (unsigned)cp);
}

/* How many bytes at the beginning are ASCII that no rule looks at. */
static size_t
plain_run(struct slice s, const struct escape_rule *r)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f &&
	    !has(r->slashed, (uint32_t)s.p[n]) &&
	    !has(r->hidden, (uint32_t)s.p[n]) &&
	    !has(r->doubled, (uint32_t)s.p[n]))
		n++;
	return n;
}

static void
add_one(struct buf *out, const char *p, size_t len, uint32_t cp,
    const struct escape_rule *r)
{
	if (r->crlf && (cp == '\r' || cp == '\n')) {
		buf_adds(out, cp == '\r' ? "\\r" : "\\n");
		return;
	}
	if (utf8_is_control(cp) || has(r->hidden, cp)) {
		add_visible(out, cp, r);
		return;
	}
	if (has(r->slashed, cp))
		buf_addc(out, '\\');
	if (has(r->doubled, cp))
		buf_add(out, p, len);
	buf_add(out, p, len);
}

void
escape_add(struct buf *out, struct slice s, const struct escape_rule *r)
{
	const char *end;
	size_t len;
	uint32_t cp;
	bool ok;

	if (!s.n)
		return; /* absent, too */
	end = s.p + s.n;
	while (s.n) {
		len = plain_run(s, r);
		buf_add(out, s.p, len);
		s = slice_of(s.p + len, s.n - len);
		if (!s.n)
			break;
		cp = utf8_next(s.p, end, &len, &ok);
		if (ok)
			add_one(out, s.p, len, cp, r);
		else
			utf8_add(out, UTF8_BAD);
		s = slice_of(s.p + len, s.n - len);
	}
}

void
escape_cut(
    struct buf *out, struct slice s, size_t max, const struct escape_rule *r)
{
	struct slice kept = s.n > max ? utf8_cut(s, max) : s;

	escape_add(out, kept, r);
	if (kept.n < s.n)
		buf_adds(out, "...");
}

/* Also the full-width forms, which some spreadsheets take for the narrow. */
static bool
is_formula(struct slice s)
{
	static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r",
		"\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
		"\xef\xbc\xa0" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (slice_starts(s, starts[i]))
			return true;
	return false;
}

/* The semicolon, because it is what separates cells in half of the world. */
static bool
needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (has("\",; ", (uint32_t)(unsigned char)s.p[i]))
			return true;
	return false;
}

void
escape_csv(struct buf *out, struct slice s)
{
	bool quoted = needs_quotes(s);

	if (quoted)
		buf_addc(out, '"');
	if (is_formula(s))
		buf_addc(out, '\'');
	escape_add(out, s, quoted ? &escape_quoted : &escape_text);
	if (quoted)
		buf_addc(out, '"');
}
