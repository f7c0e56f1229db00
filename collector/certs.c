/*
 * certs.c - the certificates of one input, and whether their files changed.
 *
 * See certs.h.  A file has changed when its place, size or time has; what it
 * says is found out by reading all of them again.
 */
#include "collector/certs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES 4

struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct certs {
	const struct input_config *in;
	struct tls_context *ctx;
	struct stamp stamps[FILES];
};

/* All zero for a file that is not there. */
static struct stamp
stamp_of(const char *path)
{
	struct stamp s;
	struct stat st;

	memset(&s, 0, sizeof(s));
	if (path && stat(path, &st) == 0) {
		s.dev = st.st_dev;
		s.ino = st.st_ino;
		s.size = st.st_size;
		s.changed = st.st_mtim;
	}
	return s;
}

static bool
same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->changed.tv_sec == b->changed.tv_sec &&
	    a->changed.tv_nsec == b->changed.tv_nsec;
}

static void
take_stamps(const struct input_config *in, struct stamp stamps[FILES])
{
	const char *const paths[FILES] = { in->cert, in->key, in->client_ca,
		in->crl };

	for (int i = 0; i < FILES; i++)
		stamps[i] = stamp_of(paths[i]);
}

static int
make_context(
    const struct input_config *in, struct tls_context **result, struct err *e)
{
	const struct allow_peer *peers = in->allow.v;
	size_t n = in->allow.n;
	struct tls_allow *rows = calloc(n + 1, sizeof(*rows));
	const struct tls_options o = { .cert = in->cert,
		.key = in->key,
		.client_ca = in->client_ca,
		.crl = in->crl,
		.allow = rows,
		.n_allow = n };
	int err;

	if (!rows)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct tls_allow){ peers[i].san,
			peers[i].fingerprint, peers[i].accounts.v,
			peers[i].accounts.n };
	err = tls_context_new(&o, result, e);
	free(rows);
	return err;
}

int
certs_open(const struct input_config *in, struct certs **result, struct err *e)
{
	struct certs *c;
	int err;

	*result = NULL;
	if (!in->cert)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, ST_ENOMEM, "out of memory");
	c->in = in;
	/* Before the files are read: what changes meanwhile is seen. */
	take_stamps(in, c->stamps);
	err = make_context(in, &c->ctx, e);
	if (err < 0)
		free(c);
	else
		*result = c;
	return err;
}

void
certs_close(struct certs *c)
{
	if (!c)
		return;
	tls_context_unref(c->ctx);
	free(c);
}

struct tls_context *
certs_context(const struct certs *c)
{
	return c ? c->ctx : NULL;
}

bool
certs_have_changed(const struct certs *c)
{
	struct stamp now[FILES];

	take_stamps(c->in, now);
	for (int i = 0; i < FILES; i++)
		if (!same_stamp(&now[i], &c->stamps[i]))
			return true;
	return false;
}

int
certs_renew(struct certs *c, struct err *e)
{
	struct tls_context *ctx;
	int err;

	take_stamps(c->in, c->stamps);
	err = make_context(c->in, &ctx, e);
	if (err < 0)
		return err;
	tls_context_unref(c->ctx);
	c->ctx = ctx;
	return 0;
}
