/*
 * status.h - how the daemon is, as others read it.
 *
 *     struct status s = { ... };          // filled by who knows (service.c)
 *     status_json(&s, &buf);              // /status
 *     status_metrics(&s, &buf);           // /metrics, Prometheus text
 *     status_health(&s, &buf);            // /health: "ok" or a line a reason
 *
 * A snapshot: plain values and borrowed strings that live until the writers
 * return.  The shapes are promised to the outside; members may be added, never
 * changed.  Pure functions, any thread.
 */
#ifndef ST_STATUS_H
#define ST_STATUS_H

#include "collector/books.h"
#include "collector/http_why.h"
#include "collector/lag.h"
#include "detect/baseline.h"
#include "lib/buf.h"
#include "lib/when.h"

#define STATUS_REASONS_MAX 32
#define STATUS_REASON_SIZE 200

/* Of an http input. */
struct status_http {
	uint64_t answers[HTTP_WHY_COUNT];
	uint64_t repeated; /* deliveries that were kept before */
	uint64_t cut;      /* requests that broke off */
	uint64_t held_bytes;
};

struct status_input {
	const char *name, *type;
	uint64_t received, token_requests, uses;
	uint64_t rejected[REJECT_COUNT];
	struct lag lag; /* of token requests */
	/* Of listening inputs. */
	uint64_t connections, accepted, refused;
	int64_t silent_ms;    /* since the last record; -1: none came yet */
	int64_t cert_expires; /* seconds since 1970; 0: no certificate */
	bool is_http;
	struct status_http http;
};

enum output_state {
	OUTPUT_OK,
	OUTPUT_STUCK,
	OUTPUT_REMOVED, /* not configured; what waits for it is kept */
};

struct status_output {
	const char *name, *type;
	uint64_t made, delivered, queued, dead;
	uint64_t dropped;   /* of the dead: at a bound */
	uint64_t held_back; /* by max_per_hour, not made; since the start */
	enum output_state state;
	struct when next_try; /* of one that is stuck */
};

struct status_state {
	const char *dir; /* NULL: nothing is kept */
	bool stuck;      /* the last commit failed */
	uint64_t commits, commits_failed;
	uint64_t state_bytes, ledger_bytes, ledger_lines;
	uint64_t rows_missing, lines_missing; /* found damaged at the start */
};

struct status_geo {
	const char *path;
	int64_t built; /* seconds since 1970 */
};

struct status {
	const char *version;
	struct when now, started;
	unsigned generation; /* of the configuration, from 1 */
	int64_t pid;
	uint64_t reloads;         /* tries to read it again, good or bad */
	const char *reload_error; /* of the last one; NULL or "": it was good */
	bool ready;
	struct books books;
	uint64_t duplicates_known; /* keys of the window */
	struct baseline_counts habits;
	struct lineage_counts lineage;
	struct grants_counts grants;
	const struct status_input *inputs;
	size_t n_inputs;
	const struct status_output *outputs;
	size_t n_outputs;
	const struct status_geo *geo;
	size_t n_geo;
	struct status_state state;
	uint64_t queue_events, queue_bytes; /* between workers and pipeline */
	uint64_t resident_bytes;
	unsigned open_files;
	const char *sandbox; /* in words */
	/* What is not well, for people; empty: all is. */
	char reasons[STATUS_REASONS_MAX][STATUS_REASON_SIZE];
	size_t n_reasons;
};

/* One more reason; those over the bound are left out. */
void status_reason(struct status *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void status_json(const struct status *s, struct buf *out);
void status_metrics(const struct status *s, struct buf *out);
void status_health(const struct status *s, struct buf *out);

#endif
