/*
 * preset.h - what a service wants to get: a YAML file, compiled.
 *
 *     struct preset *p;
 *     err = preset_load("slack", &p, &e);      // or a file: "./mine.yaml"
 *     err = preset_body(p, texts, n, vars, &body, &e);
 *     preset_free(p);
 *
 * A name without a slash is one of those shipped: outputs/presets/NAME.yaml,
 * which are compiled in and also installed, to be copied and changed.  What a
 * file may say are the rows in preset.c (preset_options() prints them).
 *
 * Every hole is escaped for where it stands (template.h): bodies as JSON, URLs
 * by percent, headers as one line.  `{{$url}}` in a URL, which is the user's
 * own, goes in as it is, at the beginning only.  A preset is constant once
 * loaded: any thread.
 */
#ifndef ST_PRESET_H
#define ST_PRESET_H

#include "conf/schema.h"
#include "outputs/format/template.h"

#define PRESET_HEADERS_MAX 16
#define PRESET_BATCH_MAX 1000

/* Status codes, from a to b. */
struct preset_range {
	int first, last;
};
#define PRESET_RANGES_MAX 16
struct preset_ranges {
	struct preset_range v[PRESET_RANGES_MAX];
	unsigned n;
};

struct preset_request {
	int method; /* enum preset_method */
	const char *url_text;
	struct template *url, *body; /* body NULL: none */
	bool own_url;                /* begins with {{$url}} */
};
enum preset_method { PRESET_POST, PRESET_PUT, PRESET_GET };

struct preset {
	const char *about;
	struct preset_request send, lookup; /* lookup.url NULL: none */
	const char *found;                  /* path in the lookup's answer */
	const char *header_names[PRESET_HEADERS_MAX];
	struct template *headers[PRESET_HEADERS_MAX];
	unsigned n_headers;
	struct opt_strings needs;     /* variables that must be given */
	const struct ynode *settings; /* {name: default}, or NULL */
	int64_t batch;
	const char *begin, *between, *end;
	size_t body_max;
	double rate; /* requests a second, 0: any */
	int sign;    /* enum preset_sign */
	/* what an answer means: answer.h */
	struct preset_ranges done, again, items_done;
	const char *text_is, *done_text, *wait_at, *items, *refused_at;
	const struct ynode *answer_is; /* {path: value} or NULL */
	const struct ynode *held_is;   /* {path: [value]} or NULL */
	struct template *decision;     /* as a finding: preset_root() */
	/* the loading's own */
	struct yaml_doc *doc;
	struct arena arena;
};
enum preset_sign { SIGN_NONE, SIGN_STANDARD_WEBHOOKS };

int preset_load(
    const char *name, struct preset **result, struct err *e) ST_MUSTCHECK;
int preset_load_text(struct slice text, const char *name,
    struct preset **result, struct err *e) ST_MUSTCHECK;
void preset_free(struct preset *p);

/* The names of those that are shipped, ends with NULL. */
const char *const *preset_names(void);

/* The shipped defaults as variables, and `more` (url, token, host and so on,
 * which may override) before them.  Allocated in the arena; NULL: no memory. */
const struct template_var *preset_vars(
    const struct preset *p, const struct template_var *more, struct arena *a);

/*
 * The body of one request for n findings in native JSON.  ST_EFORMAT: the
 * n-th (*bad) is no JSON, or what came out is none (a fault of the file);
 * ST_ELIMIT: longer than body_max.  `bad` may be NULL.
 */
int preset_body(const struct preset *p, const struct slice *texts, size_t n,
    const struct template_var *vars, struct buf *out, size_t *bad,
    struct err *e) ST_MUSTCHECK;
/* What templates read: a finding in native JSON as it is; a decision in the shape
 * of one, with itself as `request` and as `decision`.  NULL: no JSON.  Lives as
 * what json_parse() gives, and as the arena. */
const struct json *preset_root(const struct preset *p, struct json_reader *r,
    struct slice text, struct arena *a);
/* The URL of a request about one finding. */
int preset_url(const struct preset_request *r, const struct json *root,
    const struct template_var *vars, struct buf *out,
    struct err *e) ST_MUSTCHECK;

bool preset_in(const struct preset_ranges *r, int status);
/* Does it ask for members of the answer? */
bool preset_reads(const struct preset *p);

/* The rows as a table for the manual. */
void preset_options(struct buf *out);

#endif
