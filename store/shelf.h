/*
 * shelf.h - which files of a ledger there are, and in which order.
 *
 *     err = shelf_read(dir, &shelf, &e);
 *     err = shelf_order(dir, &shelf, &e);       // by their first lines
 *     ... shelf.v[i].name ...
 *     shelf_release(&shelf);
 *
 * A file of the ledger is named after a UTC day, 2026-11-24.jsonl, further ones
 * of that day 2026-11-24.2.jsonl; compressed it has .zst behind.  Names do not
 * tell the order where a clock went back; the number of the first line does.
 * What else lies in the folder is passed over, what was set aside is counted.
 */
#ifndef ST_STORE_SHELF_H
#define ST_STORE_SHELF_H

#include "lib/err.h"
#include "lib/slice.h"

#include <dirent.h>
#include <stdint.h>

#define SHELF_NAME_MAX 48 /* with .zst and the NUL */
#define SHELF_MAX 100000  /* files */
#define SHELF_ZST ".zst"
#define SHELF_TMP ".tmp" /* behind what is not whole yet */
#define SHELF_ASIDE ".damaged-"

struct shelf_file {
	char name[SHELF_NAME_MAX]; /* without .zst */
	bool plain, zst;           /* both: the compressed one is not needed */
	int64_t day;               /* since 1970 */
	unsigned part;             /* 1, 2, ... */
	uint64_t bytes;            /* on the disk */
	uint64_t first; /* number of the first line; 0: not looked at */
	bool bad;       /* its first line is none */
	bool unread;    /* nobody knows what is behind its first line */
};

struct shelf {
	struct shelf_file *v;
	size_t n, room;
	uint64_t bytes; /* of all, those set aside too */
	uint64_t aside; /* files that were set aside */
};

/* Of the folder `dir`, by name.  An absent folder is ST_ENOENT. */
int shelf_read(int dir, struct shelf *result, struct err *e) ST_MUSTCHECK;
/* The same for who looks again and again: opened once, for closedir(). */
int shelf_open(int dir, DIR **result, struct err *e) ST_MUSTCHECK;
int shelf_list(DIR *entries, struct shelf *result, struct err *e) ST_MUSTCHECK;
/* Reads the first line of each file whose `first` is 0; those without a good
 * one come behind the file that has the name before theirs. */
int shelf_order(int dir, struct shelf *s, struct err *e) ST_MUSTCHECK;
void shelf_release(struct shelf *s);

/* Into SHELF_NAME_MAX bytes. */
void shelf_name(int64_t day, unsigned part, char *name);
/* False: no file of the ledger. */
bool shelf_parse(const char *name, int64_t *day, unsigned *part, bool *zst);
/* Is there a file of that name, plain or compressed? */
bool shelf_has(int dir, const char *name);

#endif
