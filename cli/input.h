/*
 * input.h - files and directories become token requests, on some threads.
 *
 *     struct input *in = input_new(&options, &calls, arg);
 *     input_add(in, "logs/", &e);    // a file, a directory, or "-"
 *     input_run(in, &e);
 *     input_free(in);
 *
 * A file is a job; a large file of plain lines is cut into ranges that are
 * jobs of their own.  A range counts only if the one before it ended between
 * two frames, so that the result is that of reading the file from its
 * beginning; else the rest of the file is read again in one go.
 * Of uses those that collector/recent.h calls no news are left out, anew in each
 * range, so that which ones are given out does not depend on threads either.
 * Files are numbered in the order they were given, directories sorted
 * bytewise, so that the order of the input does not depend on threads.
 */
#ifndef ST_INPUT_H
#define ST_INPUT_H

#include "events/sift.h"
#include "geo/geo.h"
#include "lib/err.h"

#define INPUT_RANGE ((uint64_t)8 << 20) /* bytes of a range */
#define INPUT_THREADS_MAX 64
#define INPUT_FILES_MAX 10000000
#define INPUT_NOTES_MAX 20 /* messages a file; more are only counted */

struct input_options {
	unsigned threads; /* at least 1 */
	const struct api_choice *apis;
	const struct geo *geo;
	size_t max_record;
	uint64_t max_inflated; /* of a file; 0: 4 GiB */
	unsigned max_ratio;    /* 0: 200 */
	uint64_t range;        /* bytes of a range; 0: INPUT_RANGE */
	bool uses; /* uses of credentials, and grants, are given out among the
		    * requests */
};

struct input_calls {
	/* Packed requests (and KIND_USE and KIND_GRANT, where asked for), one behind
	 * another; from any thread, one at a time.
	 * A value that is not 0 ends the run. */
	int (*requests)(void *arg, struct slice packed, struct err *e);
	/* Something could not be read or parsed: a line for a person.  One at a
	 * time. */
	void (*note)(void *arg, const char *line);
	/* Bytes read so far and in all (0: not known); now and then. */
	void (*progress)(
	    void *arg, uint64_t done, uint64_t total, uint64_t records);
};

struct input;
struct input *input_new(
    const struct input_options *o, const struct input_calls *calls, void *arg);
void input_free(struct input *in);
/* Unreadable ones are noted and counted, and no error. */
int input_add(struct input *in, const char *path, struct err *e) ST_MUSTCHECK;
int input_run(struct input *in, struct err *e) ST_MUSTCHECK;

const struct sift_counts *input_counts(const struct input *in);
/* Files and directories that could not be read, in part or at all. */
uint64_t input_unreadable(const struct input *in);
uint64_t input_files(const struct input *in);
uint64_t input_bytes(const struct input *in); /* as on disk */

#endif
