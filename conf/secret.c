/*
 * secret.c - values that do not stand in the file itself.
 *
 * Knows the environment and files; does not know YAML.  See secret.h.
 */
#include "conf/secret.h"

#include "lib/buf.h"
#include "lib/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME_MAX_LEN 128

static bool
is_name(struct slice s)
{
	if (s.n == 0 || s.n > NAME_MAX_LEN || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

/* `s` begins with "${"; *s moves behind the brace. */
static int
expand_one(struct slice *s, struct buf *out, struct err *e)
{
	const char *close = memchr(s->p, '}', s->n);
	char name[NAME_MAX_LEN + 1];
	struct slice inside;
	const char *value;

	if (!close)
		return err_set(e, ST_EINVAL,
		    "\"${\" has no \"}\"; a literal \"${\" is written \"$${\"");
	inside = slice_of(s->p + 2, (size_t)(close - s->p) - 2);
	if (!is_name(inside))
		return err_set(e, ST_EINVAL,
		    "\"${...}\" holds no variable's name; a literal \"${\" is "
		    "written \"$${\"");
	memcpy(name, inside.p, inside.n);
	name[inside.n] = '\0';
	value = getenv(name);
	if (!value)
		return err_set(e, ST_EINVAL,
		    "the environment variable %s is not set", name);
	if (!utf8_valid(slice_str(value)))
		return err_set(e, ST_EINVAL,
		    "the environment variable %s is no UTF-8", name);
	buf_adds(out, value);
	*s = slice_of(close + 1, s->n - (size_t)(close + 1 - s->p));
	return 0;
}

int
secret_expand(struct slice text, struct arena *a, struct slice *result,
    bool *filled, struct err *e)
{
	struct buf out = BUF_INIT;
	struct slice rest = text;
	int err = 0;

	*filled = false;
	while (rest.n > 0) {
		if (slice_starts(rest, "$${")) {
			buf_adds(&out, "${");
			rest = slice_of(rest.p + 3, rest.n - 3);
		} else if (slice_starts(rest, "${")) {
			err = expand_one(&rest, &out, e);
			if (err < 0)
				goto out;
			*filled = true;
		} else {
			buf_addc(&out, *rest.p);
			rest = slice_of(rest.p + 1, rest.n - 1);
		}
	}
	*result = arena_slice(a, slice_of(out.p ? out.p : "", out.n));
	if (out.failed || !result->p)
		err = err_set(e, ST_ENOMEM, "out of memory");
out:
	buf_release(&out);
	return err;
}

static int
read_all(int fd, const char *path, size_t max, struct buf *out, struct err *e)
{
	for (;;) {
		ssize_t got;

		if (!buf_reserve(out, 65536))
			return err_set(e, ST_ENOMEM, "out of memory");
		got = read(fd, out->p + out->n, out->cap - out->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, "cannot read %s", path);
		if (got == 0)
			return 0;
		out->n += (size_t)got;
		if (out->n > max)
			return err_set(e, ST_ELIMIT,
			    "%s is longer than %zu bytes", path, max);
	}
}

int
secret_slurp(
    const char *path, size_t max, char **bytes, size_t *n, struct err *e)
{
	struct buf out = BUF_INIT;
	int fd = -1, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		err = errno == ENOENT ? ST_ENOENT : ST_EIO;
		err_sys(e, "cannot read %s", path);
		goto out;
	}
	err = read_all(fd, path, max, &out, e);
	if (err < 0)
		goto out;
	*bytes = out.p;
	*n = out.n;
	out = (struct buf)BUF_INIT;
out:
	if (fd >= 0)
		close(fd);
	buf_release(&out);
	return err;
}

int
secret_file(const char *path, size_t max, struct arena *a, struct slice *result,
    struct err *e)
{
	char *bytes = NULL;
	size_t n = 0;
	int err;

	err = secret_slurp(path, max, &bytes, &n, e);
	if (err < 0)
		goto out;
	if (n > 0 && bytes[n - 1] == '\n')
		n -= n > 1 && bytes[n - 2] == '\r' ? 2 : 1;
	if (n > 0 && memchr(bytes, '\0', n)) {
		err = err_set(e, ST_EINVAL, "%s holds a NUL byte", path);
		goto out;
	}
	if (!utf8_valid(slice_of(bytes, n))) {
		err = err_set(e, ST_EINVAL, "%s is no UTF-8", path);
		goto out;
	}
	*result = arena_slice(a, slice_of(bytes, n));
	if (!result->p)
		err = err_set(e, ST_ENOMEM, "out of memory");
out:
	free(bytes);
	return err;
}

char *
secret_path(struct arena *a, const char *file, struct slice path)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	size_t folder = slash ? (size_t)(slash + 1 - file) : 0;
	char *p;

	if (path.n == 0 || path.p[0] == '/')
		folder = 0;
	p = arena_alloc(a, folder + path.n + 1);
	if (!p)
		return NULL;
	if (folder)
		memcpy(p, file, folder);
	if (path.n)
		memcpy(p + folder, path.p, path.n);
	p[folder + path.n] = '\0';
	return p;
}
