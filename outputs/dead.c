/*
 * dead.c - what an output will never take, set aside in a file with the reason;
 * and its way back.
 *
 * See dead.h.
 */
#include "outputs/dead.h"

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/jscan.h"
#include "lib/jsonw.h"
#include "lib/when.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define DEAD_MODE 0600
#define CLAIMED ".again"
#define WORD "deliver"
#define READ_STEP ((size_t)1 << 16)

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static int
append(const char *path, struct slice line, struct err *e)
{
	int fd = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, DEAD_MODE);
	int err = 0;

	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	if (!write_all(fd, line.p, line.n) || fdatasync(fd) < 0)
		err = err_sys(e, "cannot write %s", path);
	close(fd);
	return err;
}

/* Members of an object and nothing behind it. */
static bool
is_object(struct slice s)
{
	struct jscan scan;

	return s.n > 0 && s.p[0] == '{' &&
	    jscan_value(s.p, s.p + s.n, &scan) == JSCAN_DONE &&
	    scan.end == s.p + s.n && !memchr(s.p, '\n', s.n);
}

static void
write_data(struct jsonw *j, const struct stsentry_record *r)
{
	struct slice data = slice_of(r->data, r->size);

	if (is_object(slice_trim(data))) {
		jsonw_key(j, "finding");
		jsonw_raw(j, slice_trim(data));
	} else {
		jsonw_member(j, "text", data);
	}
}

int
dead_append(const char *path, const char *output,
    const struct stsentry_record *r, const char *reason, struct err *e)
{
	char when[WHEN_TEXT];
	struct buf b = BUF_INIT;
	struct jsonw j;
	int err;

	jsonw_init(&j, &b);
	jsonw_object(&j);
	jsonw_member(&j, "time", when_format(when_now(), when));
	jsonw_member_str(&j, "output", output);
	jsonw_member_str(&j, "reason", reason);
	jsonw_member_str(&j, "id", r->id);
	jsonw_member_int(&j, "revision", r->revision);
	jsonw_member_int(&j, "severity", r->severity);
	jsonw_member_int(&j, "flags", r->flags);
	jsonw_member_int(&j, "time_ms", r->time_ms);
	write_data(&j, r);
	jsonw_end(&j);
	buf_addc(&b, '\n');
	err = b.failed ? err_set(e, ST_ENOMEM, "out of memory")
		       : append(path, buf_slice(&b), e);
	buf_release(&b);
	return err;
}

/* ---- the way back ---- */

static int
claimed(char out[PATH_MAX], const char *path, struct err *e)
{
	int n = snprintf(out, PATH_MAX, "%s" CLAIMED, path);

	return n > 0 && n < PATH_MAX
	    ? 0
	    : err_set(e, ST_EINVAL, "%s: the path is too long", path);
}

int
dead_claim(const char *path, struct err *e)
{
	char to[PATH_MAX];
	int err = claimed(to, path, e);

	if (err < 0)
		return err;
	if (access(path, F_OK) < 0)
		return ST_ENOENT;
	if (access(to, F_OK) == 0)
		return err_set(e, ST_EBUSY,
		    "%s is still there: the daemon has not taken it in", to);
	return rename(path, to) == 0 ? 0 : err_sys(e, "cannot rename %s", path);
}

void
dead_forget(const char *path)
{
	char from[PATH_MAX];
	struct err e;

	if (claimed(from, path, &e) == 0)
		unlink(from);
}

static int
read_all(int fd, struct buf *b, struct err *e)
{
	ssize_t n;

	do {
		if (b->n >= DEAD_READ_MAX)
			return err_set(e, ST_ELIMIT, "longer than %zu bytes",
			    DEAD_READ_MAX);
		if (!buf_reserve(b, READ_STEP))
			return err_set(e, ST_ENOMEM, "out of memory");
		n = read(fd, b->p + b->n, READ_STEP);
		if (n < 0 && errno != EINTR)
			return err_sys(e, "cannot be read");
		b->n += n > 0 ? (size_t)n : 0;
	} while (n != 0);
	return 0;
}

static int64_t
number(const struct json *root, const char *name)
{
	int64_t n = 0;

	return json_int(json_get(root, name), &n) ? n : 0;
}

/* The bytes as they were: a finding is cut out of its line, not written anew. */
static bool
read_data(const struct json *root, struct slice line, struct buf *out)
{
	struct slice text = json_text(json_get(root, "text"));
	const struct jmember *m = NULL;
	struct jscan scan;

	if (text.p) {
		buf_add_slice(out, text);
		return true;
	}
	if (jscan_value(line.p, line.p + line.n, &scan) == JSCAN_DONE)
		m = jscan_find(&scan, "finding");
	if (!m)
		return false;
	buf_add_slice(out, m->value);
	buf_addc(out, '\n');
	return true;
}

/* The id with its NUL, then the data. */
static bool
read_record(const struct json *root, struct slice line, struct buf *text,
    struct stsentry_record *r)
{
	struct slice id = json_text(json_get(root, "id"));

	buf_reset(text);
	buf_add_slice(text, id);
	buf_addc(text, '\0');
	if (!id.p || !read_data(root, line, text) || text->failed)
		return false;
	*r = (struct stsentry_record){
		.id = text->p,
		.data = text->p + id.n + 1,
		.size = text->n - id.n - 1,
		.revision = (uint32_t)number(root, "revision"),
		.severity = (uint32_t)number(root, "severity"),
		.flags = (uint32_t)number(root, "flags"),
		.time_ms = number(root, "time_ms"),
	};
	return true;
}

static size_t
each_line(struct slice all,
    void (*on_record)(void *arg, const struct stsentry_record *r), void *arg)
{
	struct buf text = BUF_INIT;
	struct stsentry_record r;
	struct json_reader reader;
	size_t bad = 0;

	json_reader_init(&reader);
	while (all.n > 0) {
		const char *lf = memchr(all.p, '\n', all.n);
		size_t n = lf ? (size_t)(lf - all.p) : all.n;
		struct slice line = slice_of(all.p, n);
		const struct json *root = json_parse(&reader, line, NULL);

		if (root && read_record(root, line, &text, &r))
			on_record(arg, &r);
		else
			bad += n > 0;
		n += lf != NULL;
		all = slice_of(all.p + n, all.n - n);
	}
	json_reader_release(&reader);
	buf_release(&text);
	return bad;
}

int
dead_read(const char *path,
    void (*on_record)(void *arg, const struct stsentry_record *r), void *arg,
    size_t *bad, struct err *e)
{
	char from[PATH_MAX];
	struct buf all = BUF_INIT;
	int err = claimed(from, path, e), fd;

	if (err < 0)
		return err;
	fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return ST_ENOENT;
	if (fd < 0)
		return err_sys(e, "cannot open %s", from);
	err = read_all(fd, &all, e);
	close(fd);
	if (err == 0)
		*bad = each_line(buf_slice(&all), on_record, arg);
	buf_release(&all);
	return err;
}

/* ---- the word ---- */

static bool
word_of(char out[PATH_MAX], const char *dir)
{
	int n = snprintf(out, PATH_MAX, "%s/" WORD, dir);

	return n > 0 && n < PATH_MAX;
}

int
dead_ask(const char *dir, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	if (!word_of(path, dir))
		return err_set(e, ST_EINVAL, "%s: the path is too long", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, DEAD_MODE);
	if (fd < 0)
		return err_sys(e, "cannot leave word in %s", path);
	close(fd);
	return 0;
}

bool
dead_is_asked(const char *dir)
{
	char path[PATH_MAX];

	return word_of(path, dir) && access(path, F_OK) == 0;
}

void
dead_answer(const char *dir)
{
	char path[PATH_MAX];

	if (word_of(path, dir))
		unlink(path);
}
