/*
 * dead.c - what an output will never take, set aside in a file with the reason.
 *
 * See dead.h.
 */
#include "outputs/dead.h"

#include "lib/buf.h"
#include "lib/jscan.h"
#include "lib/jsonw.h"
#include "lib/when.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DEAD_MODE 0600

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
