/*
 * config.h - stsentry.yaml, whole: parsed, checked, typed.
 *
 *     struct config *c;
 *     int err = config_load("stsentry.yaml", &c, &e);
 *     config_free(c);
 *
 * Also what only the daemon uses is read and checked here.  Paths are absolute or relative to the file's directory.
 * Never changes once loaded; any thread may read it.
 */
#ifndef ST_CONFIG_H
#define ST_CONFIG_H

#include "conf/output_kinds.h"
#include "conf/schema.h"

#define CONFIG_INPUTS_MAX 256
#define CONFIG_OUTPUTS_MAX 256
#define CONFIG_NAME_MAX 128 /* bytes of an input's or output's name */

enum input_type {
	INPUT_TCP,
	INPUT_TLS,
	INPUT_HTTP,
	INPUT_FILE,
	INPUT_STDIN,
	INPUT_UNIX
};
/* Those that are built in, by number; those whose keys stand here, by name. */
enum output_type {
#define OUTPUT_KIND(name) OUTPUT_KIND_##name,
	OUTPUT_KINDS(OUTPUT_KIND)
#undef OUTPUT_KIND
	    OUTPUT_PLUGIN,
	OUTPUT_TYPES,
	OUTPUT_FILE = OUTPUT_KIND_file,
	OUTPUT_STDOUT = OUTPUT_KIND_stdout,
	OUTPUT_SYSLOG = OUTPUT_KIND_syslog,
	OUTPUT_WEBHOOK = OUTPUT_KIND_webhook,
	OUTPUT_EXEC = OUTPUT_KIND_exec,
	OUTPUT_NULL = OUTPUT_KIND_null
};
enum output_what { WHAT_FINDINGS, WHAT_DECISIONS };
enum when_full { FULL_BLOCK, FULL_DROP_OLDEST };
enum files_from { FROM_START, FROM_END };
enum updates { UPDATES_FIRST, UPDATES_EVERY, UPDATES_DIGEST };
enum sandbox_word { SANDBOX_ON, SANDBOX_REQUIRED, SANDBOX_OFF };
enum http_kind { HTTP_FIREHOSE, HTTP_PUBSUB, HTTP_HEC, HTTP_AUTO };

struct allow_peer {
	const char *san, *fingerprint;
	struct opt_strings accounts;
};

/* One pair of an http input's `paths`. */
struct http_path {
	const char *path; /* begins with a slash */
	int kind;         /* enum http_kind */
};

struct input_config {
	int type;         /* enum input_type */
	const char *name; /* unique; made from type and place where not given */
	const char *listen; /* "host:port"; unix: a path */
	bool insecure;
	struct opt_strings accounts; /* who may speak through it; none: all */
	/* limits */
	int64_t max_connections, max_per_peer;
	size_t max_record;
	int64_t idle_timeout, header_timeout; /* ms */
	int64_t handshakes;                   /* at one time */
	/* unix */
	const char *mode, *owner;
	unsigned mode_bits;
	/* tls, and http with cert */
	const char *cert, *key, *client_ca, *crl, *clients;
	struct opt_blocks allow; /* struct allow_peer */
	/* http */
	const struct ynode *paths_node; /* {/aws: firehose, ...} */
	struct opt_blocks http_paths;   /* the same as struct http_path */
	const char *token, *jwks, *audience;
	struct opt_strings emails;
	size_t max_body, max_inflated, max_held;
	int64_t body_timeout; /* ms */
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
	int what;         /* enum output_what */
	int min_severity; /* enum severity words, by index */
	struct opt_strings reasons, accounts, providers;
	const struct ynode *updates; /* first | every | {digest: 15m} */
	int update_mode;             /* the same, as enum updates */
	int64_t digest;              /* ms, UPDATES_DIGEST */
	int when_full;
	int64_t max_per_hour; /* findings, 0: any */
	const char *path, *server, *url, *preset, *command;
	/* tls: syslog and webhook */
	const char *cert, *key, *ca;
	/* file */
	const char *rotate, *mode, *owner;
	size_t rotate_size;   /* bytes, 0: not by size */
	int64_t rotate_every; /* ms, 0: not by time */
	bool compress, sync;
	int64_t keep; /* old files, 0: all */
	unsigned mode_bits;
	/* syslog */
	int protocol, framing,
	    facility; /* index into the words of output_rows */
	const char *tag;
	/* webhook */
	bool insecure, private_ok;
	const char *dead_letter; /* a file; in state.dir where not said */
	const char *sent_file;   /* in state.dir; NULL without one */
	int method;
	const struct ynode *headers; /* {Name: value} */
	const char *token, *template;
	/* webhook, syslog, exec */
	int64_t timeout; /* ms */
	/* exec */
	struct opt_strings args;
	/* plugin */
	const struct ynode *options; /* a map by the plugin's own rows */
	const struct ynode *node;    /* where it stood */
};

struct config {
	const char *path;
	int64_t version;
	struct opt_blocks inputs;  /* struct input_config */
	struct opt_blocks outputs; /* struct output_config */
	struct {
		struct opt_strings databases;
		struct opt_strings cloud_ranges;
		int64_t max_age; /* ms, 0: any */
	} geo;
	struct {
		const char *dir;
		int64_t keep; /* ms, 0: for ever */
		size_t keep_size;
	} state;
	const char *policy;
	struct {
		int format, to, level; /* as enums of lib/log.h, in order */
	} log;
	int sandbox; /* enum sandbox_word */
	struct {
		const char *listen;
		bool insecure;
	} admin; /* NULL: none */
	struct {
		struct opt_strings on, off;
	} apis;
	struct {
		const char *budget;
		int64_t learning, lateness, half_life, grants;
		size_t memory;
	} detect;
	struct {
		int64_t window, max;
	} dedup;
	struct {
		size_t memory, state, queue_bytes;
		int64_t queue_events, queue_age;
		/* what one record may cost */
		int64_t wrappers, json_depth, inflate_ratio;
		size_t inflated;
	} limits;
	struct yaml_doc *doc; /* owned */
	struct arena arena;
};

int config_load(
    const char *path, struct config **result, struct err *e) ST_MUSTCHECK;
int config_load_text(struct slice text, const char *name,
    struct config **result, struct err *e) ST_MUSTCHECK;
void config_free(struct config *c);

/*
 * All that is wrong goes on the list.  What is given back may be looked at
 * (opt_blocks_good() tells which inputs and outputs) but not run, where the
 * list has grown; NULL where nothing could be read.
 */
struct config *config_examine(const char *path, struct problems *all);
struct config *
config_examine_text(struct slice text, const char *name, struct problems *all);

/* "tcp", of an enum input_type; "file", of an enum output_type. */
const char *config_input_type(int type);
const char *config_output_type(int type);

/*
 * What of the machine would fail later: files that cannot be read, folders
 * that cannot be written.  Outputs are looked at one by one.  Binds and
 * changes nothing.
 */
void config_check_files(const struct config *c, struct problems *all);
void config_check_output_files(
    const struct output_config *out, struct problems *all);

/* Words of outputs' `reasons`, which the rooms above know: ST_EINVAL where one
 * is none of `words` (which end with NULL) and no pattern; with a list, all. */
int config_check_reasons(const struct config *c, const char *const *words,
    struct problems *all, struct err *e) ST_MUSTCHECK;

extern const struct opt config_rows[], output_rows[];
extern const char *const config_formats[]; /* end with NULL */

/* "tls, http" for "inputs[].cert": the types that a key is for; nothing where
 * it is for all. */
void config_key_types(struct slice key, struct buf *out);

/* The published JSON Schema of stsentry.yaml. */
void config_schema(struct buf *out);

#endif
