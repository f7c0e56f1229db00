/*
 * zone.c - how far a place's clocks are from UTC at a moment.
 *
 * Knows TZif files (RFC 8536), versions 1 to 4; leap seconds are left out, as
 * in all our moments.  The rule in a file's last line is posix_tz.c's.
 * Constant once loaded; any thread.
 */
#include "detect/zone.h"

#include "detect/posix_tz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER 44
#define TYPES_MAX 256
#define TIMES_MAX 20000
#define SEC_MAX ((int64_t)1 << 50)
#define OFFSET_MAX 93599 /* 25:59:59, RFC 8536 3.2 */

struct zone {
	size_t n_times;
	int64_t *times; /* ascending */
	uint8_t *types; /* [n_times]: which offset begins there */
	int32_t offsets[TYPES_MAX];
	bool has_rule;
	struct posix_tz rule;
};

void
zone_free(struct zone *z)
{
	if (!z)
		return;
	free(z->times);
	free(z->types);
	free(z);
}

/* What a header says of the data block behind it. */
struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t
be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	    (uint32_t)u[2] << 8 | u[3];
}

static int64_t
be64(const char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool
read_header(struct slice s, struct counts *c)
{
	if (s.n < HEADER || !slice_starts(s, "TZif"))
		return false;
	c->isut = be32(s.p + 20);
	c->isstd = be32(s.p + 24);
	c->leap = be32(s.p + 28);
	c->time = be32(s.p + 32);
	c->type = be32(s.p + 36);
	c->chars = be32(s.p + 40);
	return c->time <= TIMES_MAX && c->type > 0 && c->type <= TYPES_MAX &&
	    c->leap <= TIMES_MAX && c->chars <= TIMES_MAX &&
	    c->isut <= TYPES_MAX && c->isstd <= TYPES_MAX;
}

static size_t
block_size(const struct counts *c, size_t width)
{
	return c->time * (width + 1) + c->type * 6 + c->chars +
	    c->leap * (width + 4) + c->isstd + c->isut;
}

static bool
read_times(struct zone *z, const char *p, const struct counts *c, size_t width)
{
	for (size_t i = 0; i < c->time; i++) {
		z->times[i] = width == 8 ? be64(p + 8 * i)
					 : (int32_t)be32(p + 4 * i);
		if (i > 0 && z->times[i] <= z->times[i - 1])
			return false;
	}
	p += c->time * width;
	for (size_t i = 0; i < c->time; i++) {
		z->types[i] = (uint8_t)p[i];
		if (z->types[i] >= c->type)
			return false;
	}
	z->n_times = c->time;
	return true;
}

static bool
read_offsets(struct zone *z, const char *p, const struct counts *c)
{
	for (size_t i = 0; i < c->type; i++) {
		z->offsets[i] = (int32_t)be32(p + 6 * i);
		if (z->offsets[i] < -OFFSET_MAX || z->offsets[i] > OFFSET_MAX)
			return false;
	}
	return true;
}

/* "\nRULE\n" */
static bool
read_footer(struct zone *z, struct slice s)
{
	const char *end;

	if (s.n < 2 || s.p[0] != '\n')
		return false;
	end = memchr(s.p + 1, '\n', s.n - 1);
	if (!end)
		return false;
	if (end == s.p + 1)
		return true; /* there is no rule: the last offset stays */
	z->has_rule = posix_tz_parse(
	    slice_of(s.p + 1, (size_t)(end - s.p - 1)), &z->rule);
	return z->has_rule;
}

static int
read_block(struct zone *z, struct slice s, const struct counts *c, size_t width)
{
	const char *p = s.p;

	if (s.n < block_size(c, width))
		return ST_EFORMAT;
	z->times = calloc(c->time + 1, sizeof(*z->times));
	z->types = calloc(c->time + 1, sizeof(*z->types));
	if (!z->times || !z->types)
		return ST_ENOMEM;
	if (!read_times(z, p, c, width) ||
	    !read_offsets(z, p + c->time * (width + 1), c))
		return ST_EFORMAT;
	return 0;
}

static struct slice
behind(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.n - n);
}

static int
read_all(struct zone *z, struct slice s)
{
	struct counts c;
	bool wide = s.n > 4 && s.p[4] >= '2';
	int err;

	if (!read_header(s, &c))
		return ST_EFORMAT;
	s = behind(s, HEADER);
	if (!wide)
		return read_block(z, s, &c, 4);
	/* The first block is for readers of version 1. */
	if (s.n < block_size(&c, 4))
		return ST_EFORMAT;
	s = behind(s, block_size(&c, 4));
	if (!read_header(s, &c))
		return ST_EFORMAT;
	s = behind(s, HEADER);
	err = read_block(z, s, &c, 8);
	if (err < 0)
		return err;
	return read_footer(z, behind(s, block_size(&c, 8))) ? 0 : ST_EFORMAT;
}

int
zone_read(struct slice tzif, struct zone **result)
{
	struct zone *z = calloc(1, sizeof(*z));
	int err;

	if (!z)
		return ST_ENOMEM;
	err = read_all(z, tzif);
	if (err < 0) {
		zone_free(z);
		return err;
	}
	*result = z;
	return 0;
}

bool
zone_name_is_good(const char *name)
{
	char before = '/';

	if (strlen(name) > ZONE_NAME_MAX)
		return false;
	for (const char *p = name; *p; p++) {
		bool word = (*p >= 'A' && *p <= 'Z') ||
		    (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
		    *p == '_' || *p == '+' || *p == '-';

		if (!word && (*p != '/' || before == '/'))
			return false;
		before = *p;
	}
	return before != '/';
}

/* The first ZONE_FILE_MAX bytes of a regular file into a fresh buffer. */
static int
slurp(const char *path, char **bytes, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *p = NULL;
	ssize_t got;
	int err = ST_ENOENT;

	if (fd < 0)
		return ST_ENOENT;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		goto out;
	err = ST_EFORMAT;
	if (st.st_size < HEADER || (size_t)st.st_size > ZONE_FILE_MAX)
		goto out;
	err = ST_ENOMEM;
	p = malloc((size_t)st.st_size);
	if (!p)
		goto out;
	err = ST_EIO;
	got = read(fd, p, (size_t)st.st_size);
	if (got < 0)
		goto out;
	*bytes = p;
	*n = (size_t)got;
	p = NULL;
	err = 0;
out:
	free(p);
	close(fd);
	return err;
}

static int
load_file(const char *name, struct zone **result, struct err *e)
{
	const char *dir = getenv("TZDIR");
	char path[1024], *bytes = NULL;
	size_t n = 0;
	int err;

	if (!dir || !*dir)
		dir = ZONE_DIR;
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return err_set(e, ST_ELIMIT, "TZDIR is too long");
	err = slurp(path, &bytes, &n);
	if (err == ST_ENOENT && access(dir, X_OK) != 0)
		return err_set(e, err,
		    "time zone %s: there is no time zone database in %s "
		    "(install tzdata); only UTC works without it",
		    name, dir);
	if (err == ST_ENOENT)
		return err_set(
		    e, err, "there is no time zone %s in %s", name, dir);
	if (err == 0)
		err = zone_read(slice_of(bytes, n), result);
	free(bytes);
	if (err < 0)
		return err_set(e, err, "%s is no time zone file: %s", path,
		    st_strerror(err));
	return 0;
}

static bool
is_utc(const char *name)
{
	static const char *const names[] = { "UTC", "Etc/UTC", "GMT", "Z" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

int
zone_load(const char *name, struct zone **result, struct err *e)
{
	struct zone *z;

	if (!zone_name_is_good(name))
		return err_set(
		    e, ST_EINVAL, "%s is no name of a time zone", name);
	if (!is_utc(name))
		return load_file(name, result, e);
	z = calloc(1, sizeof(*z)); /* no table, and an offset of 0 */
	if (!z)
		return err_set(e, ST_ENOMEM, "out of memory");
	*result = z;
	return 0;
}

/* The last change at or before `sec`; n_times where all come after it. */
static size_t
find_time(const struct zone *z, int64_t sec)
{
	size_t from = 0, to = z->n_times;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (z->times[mid] <= sec)
			from = mid + 1;
		else
			to = mid;
	}
	return from ? from - 1 : z->n_times;
}

int32_t
zone_offset(const struct zone *z, int64_t sec)
{
	size_t i;

	if (sec < -SEC_MAX || sec > SEC_MAX)
		sec = sec < 0 ? -SEC_MAX : SEC_MAX;
	if (z->has_rule && (z->n_times == 0 || sec >= z->times[z->n_times - 1]))
		return posix_tz_offset(&z->rule, sec);
	i = find_time(z, sec);
	return z->offsets[i < z->n_times ? z->types[i] : 0];
}
