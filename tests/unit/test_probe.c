/*
 * test_probe.c - what a file holds at a place, packed or not.
 */
#include "config.h"

#include "collector/probe.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define BYTES 5000

static char content[BYTES];

static void
fill_content(void)
{
	for (size_t i = 0; i < BYTES; i++)
		content[i] = (char)('a' + i * i % 23);
}

static int
plain(size_t n)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/plain", unit_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, content, n) != (ssize_t)n)
		abort();
	return fd;
}

static int
packed(size_t n)
{
	char path[512];
	gzFile z;
	int fd;

	snprintf(path, sizeof(path), "%s/packed", unit_tmpdir());
	z = gzopen(path, "wb");
	if (!z || gzwrite(z, content, (unsigned)n) != (int)n ||
	    gzclose(z) != Z_OK)
		abort();
	fd = open(path, O_RDONLY);
	if (fd < 0)
		abort();
	return fd;
}

static void
a_window_keeps_the_last_bytes(void)
{
	struct probe_window a = { .n = 0 }, b = { .n = 0 };

	fill_content();
	for (size_t at = 0, n = 1; at + n <= BYTES;
	     at += n, n = n * 3 % 1500 + 1) {
		probe_window_add(&a, content + at, n);
		b.n = 0;
		probe_window_add(&b, content, at + n);
		CHECK_INT(probe_window_sum(&a), probe_window_sum(&b));
	}
	CHECK_INT(a.n, POSITION_HEAD);
}

static void
a_packed_file_shows_the_same_as_a_plain_one(void)
{
	static const uint64_t places[] = { 1, 1023, 1024, 1025, BYTES };
	struct prober *p = prober_new(NULL);
	struct probe_head a, b;
	struct probe_end x, y;
	struct err e;
	int one, two;

	fill_content();
	one = plain(BYTES);
	two = packed(BYTES);
	CHECK_INT(prober_head(p, one, &a, &e), 0);
	CHECK_INT(prober_head(p, two, &b, &e), 0);
	CHECK_INT(a.kind, INFLATE_PLAIN);
	CHECK_INT(b.kind, INFLATE_GZIP);
	CHECK_INT(a.n, POSITION_HEAD);
	CHECK_INT(position_sum(a.v, a.n), position_sum(b.v, b.n));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		CHECK_INT(prober_before(p, one, a.kind, places[i], &x, &e), 0);
		CHECK_INT(prober_before(p, two, b.kind, places[i], &y, &e), 0);
		CHECK_INT(x.at, places[i]);
		CHECK_INT(y.at, places[i]);
		CHECK_INT(
		    probe_window_sum(&x.before), probe_window_sum(&y.before));
	}
	CHECK_INT(prober_before(p, two, b.kind, UINT64_MAX, &y, &e), 0);
	CHECK_INT(y.at, BYTES);
	CHECK_INT(prober_before(p, one, a.kind, BYTES + 1, &x, &e), 0);
	CHECK_INT(x.at, BYTES);
	close(one);
	close(two);
	prober_free(p);
}

static void
a_few_bytes_may_become_anything(void)
{
	struct prober *p = prober_new(NULL);
	struct probe_head h;
	struct err e;
	int fd;

	content[0] = 0x1f;
	fd = plain(1);
	CHECK_INT(prober_head(p, fd, &h, &e), 0);
	CHECK_INT(h.kind, INFLATE_UNKNOWN);
	CHECK_INT(h.n, 0);
	close(fd);
	fd = plain(0);
	CHECK_INT(prober_head(p, fd, &h, &e), 0);
	CHECK_INT(h.kind, INFLATE_UNKNOWN);
	close(fd);
	CHECK_INT(prober_head(p, -1, &h, &e), ST_EIO);
	prober_free(p);
}

UNIT_MAIN("probe",
    { "a window keeps the last bytes", a_window_keeps_the_last_bytes },
    { "a packed file shows the same as a plain one",
	a_packed_file_shows_the_same_as_a_plain_one },
    { "a few bytes may become anything", a_few_bytes_may_become_anything })
