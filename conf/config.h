/*
 * config.h - stsentry.yaml, whole: parsed, checked, typed.
 *
 *     struct config *c;
 *     int err = config_load("stsentry.yaml", &c, &e);
 *     config_free(c);
 *
 * All of CONTRACTS section 4 is read and checked here, also what only the
 * daemon uses.  Paths are absolute or relative to the file's directory.
 * Never changes once loaded; any thread may read it.
 */
#ifndef ST_CONFIG_H
#define ST_CONFIG_H

#include "conf/schema.h"

enum input_type { INPUT_TCP, INPUT_TLS, INPUT_HTTP, INPUT_FILE, INPUT_STDIN, INPUT_UNIX };
enum output_type { OUTPUT_FILE, OUTPUT_STDOUT, OUTPUT_SYSLOG, OUTPUT_WEBHOOK, OUTPUT_EXEC, OUTPUT_NULL };
enum output_what { WHAT_FINDINGS, WHAT_DECISIONS };
enum when_full { FULL_BLOCK, FULL_DROP_OLDEST };
enum files_from { FROM_START, FROM_END };

struct allow_peer {
	const char *san, *fingerprint;
	struct opt_strings accounts;
};

struct input_config {
	int type; /* enum input_type */
	const char *name;   /* unique; made from type and place where not given */
	const char *listen; /* "host:port"; unix: a path */
	bool insecure;
	struct opt_strings accounts; /* who may speak through it; none: all */
	/* limits */
	int64_t max_connections, max_per_peer;
	size_t max_record;
	int64_t idle_timeout, header_timeout; /* ms */
	/* tls, and http with cert */
	const char *cert, *key, *client_ca, *crl, *clients;
	struct opt_blocks allow; /* struct allow_peer */
	/* http */
	const struct ynode *paths_node; /* {/aws: firehose, ...} */
	const char *token, *jwks, *audience;
	size_t max_body, max_inflated;
	/* file */
	struct opt_strings files; /* `paths` of a file input: globs */
	bool follow;
	int from; /* enum files_from */
	bool verify_digests;
	struct opt_strings public_keys;
	const struct ynode *node; /* where it stood */
};

struct output_config {
	int type; /* enum output_type */
	const char *name;
	const char *format;
	int what; /* enum output_what */
	int min_severity; /* enum severity words, by index */
	struct opt_strings reasons, accounts, providers;
	const struct ynode *updates; /* first | every | {digest: 15m} */
	int when_full;
	const char *path, *server, *url, *preset, *command;
	const struct ynode *node; /* kind-specific keys are read from it later */
};

struct config {
	const char *path;
	int64_t version;
	struct opt_blocks inputs;  /* struct input_config */
	struct opt_blocks outputs; /* struct output_config */
	struct { struct opt_strings databases; } geo;
	struct { const char *dir; } state;
	const char *policy;
	struct { const char *listen; } admin;
	struct { struct opt_strings on, off; } apis;
	struct { const char *budget; int64_t learning, lateness, half_life; } detect;
	struct { int64_t window, max; } dedup;
	struct { size_t memory, state, queue_bytes; int64_t queue_events, queue_age; } limits;
	struct yaml_doc *doc; /* owned */
	struct arena arena;
};

/* Which kinds are built already; the others are an error with its place. */
int config_load(const char *path, struct config **result,
    struct err *e) ST_MUSTCHECK;
int config_load_text(struct slice text, const char *name,
    struct config **result, struct err *e) ST_MUSTCHECK;
void config_free(struct config *c);

extern const struct opt config_rows[];

/* The published JSON Schema of stsentry.yaml. */
void config_schema(struct buf *out);

#endif
