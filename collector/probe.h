/*
 * probe.h - what a file holds at a place, by which files are told apart.
 *
 *     struct prober *p = prober_new(&limits);
 *     err = prober_head(p, fd, &head, &e);
 *     err = prober_before(p, fd, head.kind, at, &end, &e);
 *     prober_free(p);
 *
 * Places and bytes are those behind gzip or zstd, so that a packed copy of a
 * file shows the same.  Reads with pread(): where others read goes on.  The
 * further behind the place in a packed file, the more must be undone.
 * One owner; blocks on the disk.
 */
#ifndef ST_PROBE_H
#define ST_PROBE_H

#include "collector/positions.h"
#include "lib/inflate.h"

/* The last bytes before a place. */
struct probe_window {
	char v[POSITION_HEAD];
	size_t n;
};
void probe_window_add(struct probe_window *w, const char *p, size_t n);
uint64_t probe_window_sum(const struct probe_window *w);

struct probe_head {
	enum inflate_kind kind; /* INFLATE_UNKNOWN: too short to be told */
	char v[POSITION_HEAD];
	size_t n; /* less than all: the file is shorter, or cut off */
};

struct probe_end {
	uint64_t at; /* as asked for, or where the file ends before */
	struct probe_window before;
};

struct prober;
struct prober *prober_new(const struct inflate_limits *l); /* NULL: no memory */
void prober_free(struct prober *p);

/* ST_EIO.  Bytes that cannot be undone end the head. */
int prober_head(struct prober *p, int fd, struct probe_head *result,
    struct err *e) ST_MUSTCHECK;
/* ST_EIO.  `at` UINT64_MAX: the end. */
int prober_before(struct prober *p, int fd, enum inflate_kind kind, uint64_t at,
    struct probe_end *result, struct err *e) ST_MUSTCHECK;

#endif
