/*
 * tls_allow.c - which certificates may come.
 *
 * See lib/tls.h.  Host names, addresses and e-mail addresses are compared by
 * OpenSSL; ours are only the pattern, which is tried on names that are plain,
 * and the URI, which is compared as bytes.  A name in a certificate may hold
 * any byte, NUL too: lengths count, never terminators.  Any thread.
 */
#include "lib/tls_inner.h"

#include <openssl/x509v3.h>
#include <string.h>

#define HOST_MAX 253
#define TELL_NAMES 4 /* of a certificate that was refused */

enum san_kind {
	SAN_ANY,
	SAN_HOST,
	SAN_PATTERN,
	SAN_ADDRESS,
	SAN_EMAIL,
	SAN_URI
};

/* ---- names ---- */

static bool
is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Labels of plain characters with a dot between them; a pattern also has
 * stars, but not two side by side and none in the last label. */
static bool
is_host(const char *s, size_t n, bool pattern)
{
	const char *last = s;

	if (n == 0 || n > HOST_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool at_start = i == 0 || s[i - 1] == '.';

		if (s[i] == '.') {
			if (at_start || i + 1 == n)
				return false;
			last = s + i + 1;
		} else if (s[i] == '*') {
			if (!pattern || (!at_start && s[i - 1] == '*'))
				return false;
		} else if (!is_label_char(s[i])) {
			return false;
		}
	}
	return memchr(last, '*', (size_t)(s + n - last)) == NULL;
}

/* Within a label a later star makes up for an earlier one, and no star leaves
 * its label: going back to the last one is enough. */
bool
tls_pattern_matches(const char *pattern, const char *name, size_t n)
{
	const char *p = pattern, *star = NULL;
	size_t i = 0, from = 0;

	if (!is_host(name, n, false))
		return false;
	while (i < n) {
		if (*p == '*' && name[i] != '.') {
			star = ++p;
			from = ++i;
		} else if (*p && *p != '*' && lower(*p) == lower(name[i])) {
			p++;
			i++;
		} else if (star && name[from] != '.') {
			p = star;
			i = ++from;
		} else {
			return false;
		}
	}
	return *p == '\0';
}

static bool
is_address(const char *s)
{
	ASN1_OCTET_STRING *a = a2i_IPADDRESS(s);
	bool is = a != NULL;

	ASN1_OCTET_STRING_free(a);
	return is;
}

static enum san_kind
kind_of(const char *san)
{
	if (!san)
		return SAN_ANY;
	if (strstr(san, "://"))
		return SAN_URI;
	if (strchr(san, '@'))
		return SAN_EMAIL;
	if (strchr(san, '*'))
		return SAN_PATTERN;
	return is_address(san) ? SAN_ADDRESS : SAN_HOST;
}

const char *
tls_san_problem(const char *san)
{
	size_t n = strlen(san);

	switch (kind_of(san)) {
	case SAN_PATTERN:
		return is_host(san, n, true)
		    ? NULL
		    : "a pattern is a host name with * for parts of labels, "
		      "not in the last one";
	case SAN_HOST:
		return is_host(san, n, false)
		    ? NULL
		    : "no host name, address, e-mail address or URI";
	case SAN_EMAIL:
	case SAN_URI:
		return strchr(san, '*') ? "only host names can have a *" : NULL;
	default:
		return NULL;
	}
}

/* ---- one certificate ---- */

typedef bool name_test(const struct tls_row *row, const char *p, size_t n);

static bool
is_same(const struct tls_row *row, const char *p, size_t n)
{
	return strlen(row->san) == n && memcmp(row->san, p, n) == 0;
}

static bool
is_covered(const struct tls_row *row, const char *p, size_t n)
{
	return tls_pattern_matches(row->san, p, n);
}

static bool
any_name(X509 *cert, int type, name_test *test, const struct tls_row *row)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
	    cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		/* Both kinds that we ask for are IA5 strings. */
		if (name->type == type)
			found = test(row,
			    (const char *)ASN1_STRING_get0_data(name->d.ia5),
			    (size_t)ASN1_STRING_length(name->d.ia5));
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool
name_matches(const struct tls_row *row, X509 *cert)
{
	const unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
	size_t n = row->san ? strlen(row->san) : 0;

	switch ((enum san_kind)row->kind) {
	case SAN_ANY:
		return true;
	case SAN_HOST:
		return X509_check_host(cert, row->san, n, flags, NULL) == 1;
	case SAN_ADDRESS:
		return X509_check_ip_asc(cert, row->san, flags) == 1;
	case SAN_EMAIL:
		return X509_check_email(cert, row->san, n, flags) == 1;
	case SAN_PATTERN:
		return any_name(cert, GEN_DNS, is_covered, row);
	case SAN_URI:
		return any_name(cert, GEN_URI, is_same, row);
	}
	return false;
}

static bool
fingerprint_of(X509 *cert, unsigned char sum[SHA256_SIZE])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (X509_digest(cert, EVP_sha256(), md, &n) != 1 || n != SHA256_SIZE)
		return false;
	memcpy(sum, md, SHA256_SIZE);
	return true;
}

int
tls_allow_find(const struct tls_context *ctx, X509 *cert)
{
	unsigned char sum[SHA256_SIZE];

	if (!fingerprint_of(cert, sum))
		return -1;
	for (size_t i = 0; i < ctx->n_rows; i++) {
		const struct tls_row *row = &ctx->rows[i];

		if (row->by_fingerprint &&
		    memcmp(row->fingerprint, sum, SHA256_SIZE) != 0)
			continue;
		if (name_matches(row, cert))
			return (int)i;
	}
	return -1;
}

int
tls_context_row(const struct tls_context *ctx, const void *der, size_t n)
{
	const unsigned char *p = der;
	X509 *cert = d2i_X509(NULL, &p, (long)n);
	int row = cert ? tls_allow_find(ctx, cert) : -1;

	X509_free(cert);
	tls_reason();
	return row;
}

static void
tell_names(X509 *cert, struct buf *out)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
	    cert, NID_subject_alt_name, NULL, NULL);
	int told = 0;

	for (int i = 0; told < TELL_NAMES && i < sk_GENERAL_NAME_num(names);
	     i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS && name->type != GEN_URI &&
		    name->type != GEN_EMAIL)
			continue;
		buf_adds(out, told++ ? ", " : ", names ");
		buf_add(out, ASN1_STRING_get0_data(name->d.ia5),
		    (size_t)ASN1_STRING_length(name->d.ia5));
	}
	GENERAL_NAMES_free(names);
}

void
tls_allow_describe(X509 *cert, struct buf *out)
{
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];

	if (!fingerprint_of(cert, sum))
		return;
	hash_hex(sum, sizeof(sum), hex);
	buf_addf(out, "SHA-256 %s", hex);
	tell_names(cert, out);
}

/* ---- inside the handshake ---- */

/* Only what the first fault was; later ones follow from it. */
static void
deny(struct tls *t, const char *why, X509 *cert)
{
	struct buf b = BUF_INIT;

	if (t->denied)
		return;
	buf_adds(&b, why);
	if (cert)
		tls_allow_describe(cert, &b);
	buf_addc(&b, '\0');
	if (b.failed)
		buf_release(&b);
	t->denied = b.p;
}

/* That an authority has no CRL of its own above it is no fault: only the
 * client's own issuer must have one. */
static bool
may_pass(int error, int depth)
{
	return error == X509_V_ERR_UNABLE_TO_GET_CRL && depth > 0;
}

int
tls_verify(int good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);
	int error = X509_STORE_CTX_get_error(store);
	int depth = X509_STORE_CTX_get_error_depth(store);

	if (!good && !may_pass(error, depth)) {
		deny(t, X509_verify_cert_error_string(error), NULL);
		return 0;
	}
	if (!good)
		X509_STORE_CTX_set_error(store, X509_V_OK);
	if (!good || depth > 0 || t->context->n_rows == 0)
		return 1;
	t->row = tls_allow_find(t->context, cert);
	if (t->row >= 0)
		return 1;
	deny(t, "its certificate is none of those allowed: ", cert);
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

/* ---- compiling ---- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "sha256:" before it or not, colons between digits or not. */
static bool
read_fingerprint(const char *s, unsigned char sum[SHA256_SIZE])
{
	size_t n = 0;

	if (slice_starts(slice_str(s), "sha256:") ||
	    slice_starts(slice_str(s), "SHA256:"))
		s += 7;
	for (; *s; s++) {
		int digit = hex_digit(*s);

		if (*s == ':')
			continue;
		if (digit < 0 || n == 2 * SHA256_SIZE)
			return false;
		sum[n / 2] = (unsigned char)(n % 2 ? sum[n / 2] << 4 | digit
						   : digit);
		n++;
	}
	return n == 2 * SHA256_SIZE;
}

static bool
copy_tags(struct arena *a, const struct tls_allow *from, struct tls_row *row)
{
	row->tags = arena_calloc(a, (from->n_tags + 1) * sizeof(*row->tags));
	if (!row->tags)
		return false;
	for (; row->n_tags < from->n_tags; row->n_tags++) {
		const char *tag = from->tags[row->n_tags];

		row->tags[row->n_tags] = arena_dup(a, tag, strlen(tag));
		if (!row->tags[row->n_tags])
			return false;
	}
	return true;
}

static int
compile_row(struct tls_context *ctx, const struct tls_allow *from,
    struct tls_row *row, struct err *e)
{
	const char *problem = from->san ? tls_san_problem(from->san) : NULL;

	if (problem)
		return err_set(
		    e, ST_EINVAL, "allow: %s: %s", from->san, problem);
	row->kind = (int)kind_of(from->san);
	row->by_fingerprint = from->fingerprint != NULL;
	if (from->fingerprint &&
	    !read_fingerprint(from->fingerprint, row->fingerprint))
		return err_set(e, ST_EINVAL,
		    "allow: %s is no SHA-256 fingerprint", from->fingerprint);
	if (from->san)
		row->san = arena_dup(&ctx->arena, from->san, strlen(from->san));
	if ((from->san && !row->san) || !copy_tags(&ctx->arena, from, row))
		return err_set(e, ST_ENOMEM, "out of memory");
	return 0;
}

int
tls_allow_compile(
    struct tls_context *ctx, const struct tls_options *o, struct err *e)
{
	int err = 0;

	ctx->rows = arena_calloc(
	    &ctx->arena, (o->n_allow + 1) * sizeof(*ctx->rows));
	if (!ctx->rows)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (; ctx->n_rows < o->n_allow && err == 0; ctx->n_rows++)
		err = compile_row(
		    ctx, &o->allow[ctx->n_rows], &ctx->rows[ctx->n_rows], e);
	return err;
}
