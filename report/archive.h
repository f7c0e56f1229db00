/*
 * archive.h - a date range as one archive that can prove itself.
 *
 *     err = archive_write(stage, key, &about, emit, arg, &e);
 *     err = archive_verify(path, public_key, &calls, arg, &result, &e);
 *
 * A pack is a tar archive:
 *     manifest.json      names, sizes and SHA-256 of all that follows, of each
 *                        file of lines their number and Merkle root, and one
 *                        root over all
 *     manifest.sig       base64 of the Ed25519 signature of manifest.json
 *     key.pub            the key it was signed with, as PEM
 *     report.html ...    the rest, sorted by name
 * Each file of lines, NAME.jsonl, has NAME.index before it: of each line its
 * hash as a leaf and its id, so that what was changed or taken out has a
 * name.  The manifest is trusted by its signature; the signature by whoever
 * knows the key.
 */
#ifndef ST_ARCHIVE_H
#define ST_ARCHIVE_H

#include "lib/ed25519.h"
#include "report/stage.h"

#define ARCHIVE_MANIFEST "manifest.json"
#define ARCHIVE_SIGNATURE "manifest.sig"
#define ARCHIVE_KEY "key.pub"
#define ARCHIVE_INDEX ".index"
#define ARCHIVE_MANIFEST_MAX ((size_t)64 << 20)
#define ARCHIVE_INDEX_MAX ((size_t)1 << 30)
#define ARCHIVE_LINE_MAX ((size_t)16 << 20)
#define ARCHIVE_NAMED_MAX 20 /* lines that are named of one file */

struct archive_about {
	const char *title, *version;
	struct when from, to; /* as asked for; may be no time */
};

typedef int archive_emit(void *arg, const char *p, size_t n);

/* `s` is sealed. */
int archive_write(const struct stage *s, const struct ed25519 *key,
    const struct archive_about *about, archive_emit *emit, void *arg,
    struct err *e) ST_MUSTCHECK;

struct archive_result {
	uint64_t files, lines;
	uint64_t broken;      /* things that were named */
	char key[SHA256_HEX]; /* fingerprint: SHA-256 of key.pub */
	char from[WHEN_TEXT], to[WHEN_TEXT]; /* "" where it says none */
};

/* What is damaged or missing, for a person. */
typedef void archive_broken(void *arg, const char *what);

/*
 * Reads a pack (gzip is undone) in one pass.  Everything that is not as it was
 * signed is told to `broken`, and counted.  `trusted` is the public key that it
 * must be signed with, NULL for any.  ST_EIO: the file cannot be read; ST_ENOMEM.
 */
int archive_verify(const char *path, const struct ed25519 *trusted,
    archive_broken *broken, void *arg, struct archive_result *result,
    struct err *e) ST_MUSTCHECK;

#endif
