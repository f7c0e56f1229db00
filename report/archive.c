/*
 * archive.c - a date range as one archive that can prove itself: writing.
 *
 * archive_verify.c reads it.  One owner.
 */
#include "report/archive.h"

#include "lib/base64.h"
#include "lib/jsonw.h"
#include "lib/tar.h"
#include "report/merkle.h"

#define CHUNK 65536

/* ---- the manifest ---------------------------------------------------------------- */

static void
write_time(struct jsonw *w, const char *name, struct when t)
{
	char text[WHEN_TEXT];

	jsonw_member(w, name, t.valid ? when_format(t, text) : SLICE_NULL);
}

static void
write_file(const struct stage_file *f, struct jsonw *w)
{
	jsonw_object(w);
	jsonw_member_str(w, "name", f->name);
	jsonw_member_int(w, "bytes", (int64_t)f->bytes);
	jsonw_member_str(w, "sha256", f->sha256);
	if (f->lines) {
		jsonw_member_int(w, "lines", (int64_t)f->count);
		jsonw_member_str(w, "root", f->root);
	}
	jsonw_end(w);
}

/* Over "NAME SHA256" of each file. */
static int
root_of(const struct stage *s, char hex[SHA256_HEX])
{
	char text[STAGE_NAME_MAX + SHA256_HEX + 1];
	const struct stage_file *f;
	unsigned char root[SHA256_SIZE];
	struct merkle m;

	if (!merkle_init(&m))
		return ST_ENOMEM;
	for (size_t i = 0; (f = stage_at(s, i)); i++) {
		snprintf(text, sizeof(text), "%s %s", f->name, f->sha256);
		merkle_add(&m, slice_str(text), NULL);
	}
	merkle_root(&m, root);
	merkle_release(&m);
	hash_hex(root, sizeof(root), hex);
	return 0;
}

static int
write_manifest(
    const struct stage *s, const struct archive_about *about, struct buf *out)
{
	const struct stage_file *f;
	char root[SHA256_HEX];
	struct jsonw w;

	if (root_of(s, root) < 0)
		return ST_ENOMEM;
	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member_int(&w, "pack", 1);
	jsonw_member_str(&w, "stsentry", about->version);
	jsonw_member_str(&w, "title", about->title);
	write_time(&w, "from", about->from);
	write_time(&w, "to", about->to);
	jsonw_member_str(&w, "root", root);
	jsonw_key(&w, "files");
	jsonw_array(&w);
	for (size_t i = 0; (f = stage_at(s, i)); i++)
		write_file(f, &w);
	jsonw_end(&w);
	jsonw_end(&w);
	buf_addc(out, '\n');
	return out->failed ? ST_ENOMEM : 0;
}

/* ---- the archive ------------------------------------------------------------------- */

struct writer {
	archive_emit *emit;
	void *arg;
	struct buf block;
};

static int
give(struct writer *w)
{
	int err = w->block.failed ? ST_ENOMEM
				  : w->emit(w->arg, w->block.p, w->block.n);

	buf_reset(&w->block);
	return err;
}

static int
member(struct writer *w, const char *name, struct slice bytes)
{
	int err = tar_header(&w->block, name, bytes.n);

	buf_add_slice(&w->block, bytes);
	tar_pad(&w->block, bytes.n);
	return err < 0 ? err : give(w);
}

static int
file(struct writer *w, const struct stage *s, const struct stage_file *f,
    struct err *e)
{
	FILE *in = stage_read(s, f, e);
	char bytes[CHUNK];
	size_t n;
	int err;

	if (!in)
		return ST_EIO;
	err = tar_header(&w->block, f->name, f->bytes);
	while (err == 0 && (n = fread(bytes, 1, sizeof(bytes), in)) > 0) {
		buf_add(&w->block, bytes, n);
		err = give(w);
	}
	tar_pad(&w->block, f->bytes);
	if (err == 0)
		err = give(w);
	fclose(in);
	return err;
}

static int
head(struct writer *w, const struct ed25519 *key, struct slice manifest)
{
	unsigned char sig[ED25519_SIG];
	struct buf text = BUF_INIT, pem = BUF_INIT;
	int err = ed25519_sign(key, manifest, sig);

	base64_add(&text, sig, sizeof(sig));
	buf_addc(&text, '\n');
	if (err == 0)
		err = ed25519_public(key, &pem);
	if (err == 0)
		err = member(w, ARCHIVE_MANIFEST, manifest);
	if (err == 0)
		err = member(w, ARCHIVE_SIGNATURE, buf_slice(&text));
	if (err == 0)
		err = member(w, ARCHIVE_KEY, buf_slice(&pem));
	buf_release(&text);
	buf_release(&pem);
	return err;
}

int
archive_write(const struct stage *s, const struct ed25519 *key,
    const struct archive_about *about, archive_emit *emit, void *arg,
    struct err *e)
{
	struct writer w = { emit, arg, BUF_INIT };
	struct buf manifest = BUF_INIT;
	const struct stage_file *f;
	int err = write_manifest(s, about, &manifest);

	if (err == 0)
		err = head(&w, key, buf_slice(&manifest));
	for (size_t i = 0; err == 0 && (f = stage_at(s, i)); i++)
		err = file(&w, s, f, e);
	tar_end(&w.block);
	if (err == 0)
		err = give(&w);
	buf_release(&w.block);
	buf_release(&manifest);
	if (err < 0 && e && !e->text[0])
		err_set(e, err, "%s", st_strerror(err));
	return err;
}
