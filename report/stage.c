/*
 * stage.c - what goes into a pack, gathered in a folder.
 *
 * See stage.h.  One owner.
 */
#include "config.h"

#include "report/stage.h"

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/jsonw.h"
#include "report/merkle.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define LINES_SUFFIX ".jsonl"
#define INDEX_SUFFIX ".index"

struct stage {
	char dir[PATH_MAX];
	int fd; /* of the folder */
	struct stage_file *v;
	size_t n, room;
	FILE *open; /* the file that lines went to last */
	size_t open_at;
};

/* ---- files ---------------------------------------------------------------------- */

int
stage_open(struct stage **result, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	struct stage *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	s->fd = -1;
	snprintf(s->dir, sizeof(s->dir), "%s/stsentry-pack-XXXXXX",
	    tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir)) {
		err = err_sys(e, "cannot make a folder %s", s->dir);
		s->dir[0] = 0;
	} else {
		s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (err == 0 &&
	    (s->fd < 0 || mkdirat(s->fd, "decisions", 0700) < 0 ||
		mkdirat(s->fd, "findings", 0700) < 0))
		err = err_sys(e, "cannot use the folder %s", s->dir);
	if (err < 0) {
		stage_free(s);
		return err;
	}
	*result = s;
	return 0;
}

void
stage_free(struct stage *s)
{
	if (!s)
		return;
	if (s->open)
		fclose(s->open);
	for (size_t i = 0; i < s->n; i++)
		unlinkat(s->fd, s->v[i].name, 0);
	if (s->fd >= 0) {
		unlinkat(s->fd, "decisions", AT_REMOVEDIR);
		unlinkat(s->fd, "findings", AT_REMOVEDIR);
		close(s->fd);
	}
	if (s->dir[0])
		rmdir(s->dir);
	free(s->v);
	free(s);
}

static int
add_file(struct stage *s, const char *name, bool lines, struct err *e)
{
	size_t room = s->room ? 2 * s->room : 64;
	struct stage_file *v;

	if (s->n == STAGE_FILES_MAX)
		return err_set(e, ST_ELIMIT, "more than %d files in a pack",
		    STAGE_FILES_MAX);
	if (s->n == s->room) {
		v = realloc(s->v, room * sizeof(*v));
		if (!v)
			return err_set(e, ST_ENOMEM, "out of memory");
		s->v = v;
		s->room = room;
	}
	s->v[s->n] = (struct stage_file){ .lines = lines };
	snprintf(s->v[s->n].name, STAGE_NAME_MAX, "%s", name);
	s->n++;
	return 0;
}

static FILE *
open_file(const struct stage *s, const char *name, int flags, const char *mode,
    struct err *e)
{
	int fd = openat(s->fd, name, flags | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, mode);

	if (!f)
		err_sys(e, "cannot open %s/%s", s->dir, name);
	if (!f && fd >= 0)
		close(fd);
	return f;
}

FILE *
stage_create(struct stage *s, const char *name, struct err *e)
{
	if (add_file(s, name, false, e) < 0)
		return NULL;
	return open_file(s, name, O_WRONLY | O_CREAT | O_EXCL, "w", e);
}

int
stage_put(struct stage *s, const char *name, struct slice bytes, struct err *e)
{
	FILE *f = stage_create(s, name, e);
	bool ok;

	if (!f)
		return ST_EIO;
	ok = fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
	if (fclose(f) != 0 || !ok)
		return err_sys(e, "cannot write %s/%s", s->dir, name);
	return 0;
}

FILE *
stage_read(const struct stage *s, const struct stage_file *f, struct err *e)
{
	return open_file(s, f->name, O_RDONLY, "r", e);
}

/* ---- lines ------------------------------------------------------------------------ */

static void
name_of(const char *group, struct when time, char name[STAGE_NAME_MAX])
{
	char text[WHEN_TEXT];

	if (!time.valid) {
		snprintf(name, STAGE_NAME_MAX, "%s/undated.jsonl", group);
		return;
	}
	when_format(time, text);
	snprintf(name, STAGE_NAME_MAX, "%s/%.10s.jsonl", group, text);
}

/* The file that was used last is nearly always the one. */
static int
switch_to(struct stage *s, const char *name, struct err *e)
{
	size_t i = 0;
	int err = 0;

	if (s->open && strcmp(s->v[s->open_at].name, name) == 0)
		return 0;
	if (s->open && fclose(s->open) != 0)
		err = err_sys(e, "cannot write to %s", s->dir);
	s->open = NULL;
	while (i < s->n && strcmp(s->v[i].name, name) != 0)
		i++;
	if (err == 0 && i == s->n)
		err = add_file(s, name, true, e);
	if (err < 0)
		return err;
	s->open_at = i;
	s->open = open_file(s, name, O_WRONLY | O_CREAT | O_APPEND, "a", e);
	return s->open ? 0 : ST_EIO;
}

int
stage_line(struct stage *s, const char *group, struct when time,
    struct slice line, struct err *e)
{
	char name[STAGE_NAME_MAX];
	int err;

	name_of(group, time, name);
	err = switch_to(s, name, e);
	if (err < 0)
		return err;
	if (fwrite(line.p, 1, line.n, s->open) != line.n ||
	    fputc('\n', s->open) == EOF)
		return err_sys(e, "cannot write to %s", s->dir);
	return 0;
}

/* ---- sealing ------------------------------------------------------------------------ */

static int
hash_file(const struct stage *s, struct stage_file *f, struct err *e)
{
	FILE *in = stage_read(s, f, e);
	struct sha256 *h = in ? sha256_new() : NULL;
	unsigned char sum[SHA256_SIZE];
	char bytes[CHUNK];
	size_t n;
	int err = h ? 0 : ST_EIO;

	while (err == 0 && (n = fread(bytes, 1, sizeof(bytes), in)) > 0) {
		sha256_add(h, bytes, n);
		f->bytes += n;
	}
	if (err == 0 && ferror(in))
		err = err_sys(e, "cannot read %s/%s", s->dir, f->name);
	if (err == 0) {
		sha256_sum(h, sum);
		hash_hex(sum, sizeof(sum), f->sha256);
	}
	sha256_free(h);
	if (in)
		fclose(in);
	return err;
}

/* The id of a decision or a finding. */
static struct slice
id_of(struct json_reader *r, struct slice line)
{
	const struct json *v = json_parse(r, line, NULL);
	struct slice id = json_text(json_get(v, "event_id"));

	return id.p ? id : json_text(json_get(v, "id"));
}

static int
index_lines(FILE *in, struct merkle *m, struct json_reader *r,
    struct stage_file *f, FILE *out)
{
	unsigned char leaf[SHA256_SIZE];
	struct buf text = BUF_INIT;
	char hex[SHA256_HEX];
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, in)) > 0) {
		struct slice whole = slice_of(line, (size_t)n - 1);

		merkle_add(m, whole, leaf);
		hash_hex(leaf, sizeof(leaf), hex);
		buf_reset(&text);
		jsonw_escape(&text, id_of(r, whole));
		fprintf(out, "%s %.*s\n", hex, SLICE_ARG(buf_slice(&text)));
		f->count++;
	}
	merkle_root(m, leaf);
	hash_hex(leaf, sizeof(leaf), f->root);
	buf_release(&text);
	free(line);
	return ferror(in) || ferror(out) ? ST_EIO : 0;
}

/* `at`: its place in the list, which may move. */
static int
make_index(struct stage *s, size_t at, struct err *e)
{
	char name[STAGE_NAME_MAX + sizeof(INDEX_SUFFIX)];
	FILE *in = stage_read(s, &s->v[at], e), *out;
	struct json_reader r;
	struct merkle m;
	int err = ST_EIO;

	if (!in)
		return err;
	snprintf(name, sizeof(name), "%.*s" INDEX_SUFFIX,
	    (int)(strlen(s->v[at].name) - strlen(LINES_SUFFIX)), s->v[at].name);
	json_reader_init(&r);
	out = stage_create(s, name, e);
	if (out && merkle_init(&m)) {
		err = index_lines(in, &m, &r, &s->v[at], out);
		merkle_release(&m);
	}
	if (out && fclose(out) != 0)
		err = ST_EIO;
	if (err < 0)
		err_sys(e, "cannot write an index in %s", s->dir);
	json_reader_release(&r);
	fclose(in);
	return err;
}

static int
compare(const void *a, const void *b)
{
	const struct stage_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
stage_seal(struct stage *s, struct err *e)
{
	size_t n = s->n;
	int err = 0;

	if (s->open && fclose(s->open) != 0)
		err = err_sys(e, "cannot write to %s", s->dir);
	s->open = NULL;
	for (size_t i = 0; err == 0 && i < n; i++)
		if (s->v[i].lines)
			err = make_index(s, i, e);
	for (size_t i = 0; err == 0 && i < s->n; i++)
		err = hash_file(s, &s->v[i], e);
	qsort(s->v, s->n, sizeof(*s->v), compare);
	return err;
}

const struct stage_file *
stage_at(const struct stage *s, size_t i)
{
	return i < s->n ? &s->v[i] : NULL;
}
