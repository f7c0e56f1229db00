/*
 * records.h - what the daemon wrote, read back: decisions and findings.
 *
 *     struct records_calls calls = { on_record, on_note, on_progress };
 *     struct records *r = records_new(&calls, arg);
 *     err = records_add(r, "/var/lib/stsentry", &e);  // or files, folders, "-"
 *     err = records_run(r, &e);
 *     records_free(r);
 *
 * A path is a state folder (its ledger is read, in the order it was written), a
 * ledger folder, a file of decision or finding lines, or a folder of such
 * files; gzip and zstd are undone whatever the name says.  Lines of a ledger
 * and of output files may stand in one file.  Between files there is no order:
 * rotated ones come by name.  A finding that has grown comes once for each
 * revision; the highest counts.  Files and the ledger of one daemon tell the
 * same events twice: who gives both must fold by id.
 *
 * Memory is bounded by RECORDS_LINE_MAX, however much there is.  May go beside a
 * running daemon: a last line without its LF that cannot be read yet is no
 * error.  Lines that are none of ours, and damage, are noted once a file and
 * counted; the rest goes on.  Does not verify the ledger's chain.
 * Main thread; may be run again, and then reads all of it again (not "-").
 */
#ifndef ST_RECORDS_H
#define ST_RECORDS_H

#include "lib/err.h"
#include "lib/json.h"

#include <stdint.h>

#define RECORDS_LINE_MAX ((size_t)9 << 20) /* more than a ledger's line */
#define RECORDS_CHUNK ((size_t)256 << 10)
/* Lines of one kind are alike, and compress better than logs do. */
#define RECORDS_RATIO_MAX 2000
#define RECORDS_BYTES_MAX ((uint64_t)1 << 42) /* of one file, inflated */
#define RECORDS_PATHS_MAX ((size_t)1000000)

enum record_kind { RECORD_DECISION, RECORD_FINDING, RECORD_NOTE };

/* Lives until the callback returns. */
struct record {
	enum record_kind kind; /* a note: what the ledger says of itself */
	struct slice text;     /* the JSON of it, on one line, without LF */
	const struct json *json;
	struct slice at; /* when the ledger got it; absent for other files */
	uint64_t seq;    /* its number in the ledger; 0 for other files */
	const char *path;
	uint64_t line; /* from 1; 0 in a ledger folder */
};

struct records_calls {
	/* Anything but 0 ends the run with that value. */
	int (*record)(void *arg, const struct record *r);
	/* Something could not be read: a line for a person.  May be NULL. */
	void (*note)(void *arg, const char *line);
	/* Bytes on disk, read and in all; now and then.  May be NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
};

struct records_counts {
	uint64_t files, decisions, findings, notes;
	uint64_t foreign;    /* lines that are none of ours, or too long */
	uint64_t unreadable; /* files, in part or at all */
	uint64_t unfinished; /* last lines that are being written */
};

struct records;
struct records *records_new(const struct records_calls *calls, void *arg);
void records_free(struct records *r); /* NULL is fine */
/* For those who read the lines themselves, in place of record(): they come
 * with `json` NULL, and `kind` tells only whether it is a note.  ST_EFORMAT
 * from it: the line is none of ours. */
void records_unread(
    struct records *r, int (*line)(void *arg, const struct record *r));
/* What is not there is noted and counted, and no error. */
int
records_add(struct records *r, const char *path, struct err *e) ST_MUSTCHECK;
int records_run(struct records *r, struct err *e) ST_MUSTCHECK;
/* Of the last run. */
const struct records_counts *records_counts(const struct records *r);
/* Nothing of it was unreadable, and no line was another's. */
bool records_all_read(const struct records *r);

/* A state folder, or a ledger's. */
bool records_is_ledger(const char *path);
/* A ledger, or the first line of the first file is one of ours.  Never "-" or a
 * pipe, which cannot be read twice. */
bool records_are(const char *path);

#endif
