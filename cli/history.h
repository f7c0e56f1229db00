/*
 * history.h - the token requests of the past, in the order of time.
 *
 *     struct history_options o = { .config_path = ..., .policy_path = ... };
 *     err = history_open(&o, paths, &h, &e);   // configuration, policy, paths
 *     err = history_read(h, &e);               // all of it, into a sorter
 *     err = history_each(h, since, on_request, arg, &e);      // once
 *     history_close(h);
 *
 * What explain, suggest and backtest look back on: logs, as `stsentry scan`
 * takes them, and what the daemon kept (decision lines in files or the ledger:
 * records.h), told apart by their first line.  Without a path it is the ledger
 * of the state folder.  Decision lines tell less than logs: see
 * decision_parse().  Problems go to stderr and are counted, and the rest goes
 * on.  Main thread; memory as of sorter.h.
 */
#ifndef ST_HISTORY_H
#define ST_HISTORY_H

#include "cli/records.h"
#include "cli/sorter.h"
#include "conf/config.h"
#include "detect/policy.h"

#define HISTORY_GEO_MAX 16
#define HISTORY_CONFIG SYSCONFDIR "/stsentry/stsentry.yaml"

struct history_options {
	const char *config_path; /* NULL: none, or HISTORY_CONFIG if needed */
	const char *policy_path; /* NULL: what the configuration names */
	const char *state;       /* NULL: what the configuration names */
	const char *geo[HISTORY_GEO_MAX]; /* and the configuration's */
	size_t n_geo;
	bool quiet; /* no progress */
	bool uses;  /* uses of credentials stand among the requests */
};

/* What commands that look back have alike, for getopt_long(). */
enum { HISTORY_O_STATE = 1000, HISTORY_O_GEO };
#define HISTORY_SHORT "c:p:qh"
#define HISTORY_LONG                                               \
	{ "config", required_argument, NULL, 'c' },                \
	    { "state", required_argument, NULL, HISTORY_O_STATE }, \
	    { "geo", required_argument, NULL, HISTORY_O_GEO },     \
	    { "quiet", no_argument, NULL, 'q' },                   \
	{                                                          \
		"help", no_argument, NULL, 'h'                     \
	}
/* Takes one of them ('p': the policy); EXIT_OK, or EXIT_USAGE. */
int history_option(
    struct history_options *o, const char *command, int c, char *value);

struct history;
/* `paths` ends with NULL.  They must outlive the result. */
int history_open(const struct history_options *o, char *const *paths,
    struct history **result, struct err *e) ST_MUSTCHECK;
void history_close(struct history *h); /* NULL is fine */

/* NULL without one. */
const struct config *history_config(const struct history *h);
const struct policy *history_policy(const struct history *h);
/* Some of it is decision lines. */
bool history_is_told(const struct history *h);

int history_read(struct history *h, struct err *e) ST_MUSTCHECK;
/* Those from `since` on (not valid: all), each once. */
int history_each(struct history *h, struct when since, sorter_cb *cb, void *arg,
    struct err *e) ST_MUSTCHECK;

struct pipeline_sink;
/* Reads all, and judges those from `since` on by the policy and a baseline that
 * begins there, as `stsentry scan` would; in place of the two above.  `sink`
 * gets what comes of it. */
int history_judge(struct history *h, const char *since,
    const struct pipeline_sink *sink, void *arg, struct err *e) ST_MUSTCHECK;

/* The lines of those paths that hold decisions and findings, as they stand. */
int
history_lines(struct history *h, int (*cb)(void *arg, const struct record *r),
    void *arg, struct err *e) ST_MUSTCHECK;

/* Files that could not be read, in part or at all. */
uint64_t history_unreadable(const struct history *h);

#endif
