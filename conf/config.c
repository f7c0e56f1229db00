/*
 * config.c - stsentry.yaml, whole: parsed, checked, typed.
 *
 * The keys that stand alone; inputs and outputs have rooms of their own
 * (inputs.c, outputs.c), and so has what only looking at the machine can
 * tell (files.c).  Main thread; the finished configuration may be read by
 * any.
 */
#include "conf/config.h"

#include "conf/parts.h"

#include <stdlib.h>

#define CONFIG_VERSION 1
#define ADMIN_DEFAULT "127.0.0.1:9478"
#define DAY_MS 86400000.0
#define SIZE_T_MAX 1125899906842624.0 /* 1024 T */

/* The type of a part without a name, for its rows. */
#define PART(member) __typeof__(((struct config *)NULL)->member)

/* "none", or how many a day (2/day): what people are willing to look at. */
static int
check_budget(const struct ynode *n, const void *field, struct err *e)
{
	static const char *const units[] = { "/hour", "/day", "/week" };
	char shown[YNODE_SHOWN];

	(void)field;
	if (slice_is(n->text, "none"))
		return 0;
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(units[i]);
		int64_t v;

		if (slice_ends(n->text, units[i]) &&
		    schema_count(slice_of(n->text.p, n->text.n - len), &v) &&
		    v > 0)
			return 0;
	}
	return ynode_err(n, e,
	    "budget: %s is no budget (as 2/day, 1/hour, "
	    "5/week, none)",
	    ynode_shown(n, shown));
}

static int
check_version(const struct ynode *n, const void *field, struct err *e)
{
	const int64_t *v = field;

	if (*v == CONFIG_VERSION)
		return 0;
	return ynode_err(n, e,
	    "version: %lld is not known; this program reads "
	    "version %d",
	    (long long)*v, CONFIG_VERSION);
}

static const struct opt geo_rows[] = {
	OPT(PART(geo), databases, OPT_STRINGS, .name = "databases",
	    .flags = OPT_PATH,
	    .help = "MaxMind DB files (.mmdb): each adds what those before it "
		    "do not know"),
	OPT(PART(geo), cloud_ranges, OPT_STRINGS, .name = "cloud_ranges",
	    .flags = OPT_PATH,
	    .help = "lists of the clouds' own address ranges: AWS "
		    "ip-ranges.json, Google cloud.json, Azure service tags, "
		    "Oracle's, or a range a line"),
	OPT(PART(geo), max_age, OPT_DURATION, .name = "max_age", .def = "60d",
	    .min = 0, .max = 3650 * DAY_MS,
	    .help =
		"an older database or list makes /health complain; 0: never"),
	OPT_END
};

static const char *const log_formats[] = { "text", "json", NULL };
static const char *const log_places[] = { "stderr", "journald", "syslog",
	NULL };
static const char *const log_levels[] = { "error", "warning", "info", "debug",
	NULL };
static const char *const sandbox_words[] = { "on", "required", "off", NULL };

static const struct opt log_rows[] = {
	OPT(PART(log), format, OPT_WORD, .name = "format", .words = log_formats,
	    .def = "text", .help = "lines for people, or JSON"),
	OPT(PART(log), to, OPT_WORD, .name = "to", .words = log_places,
	    .def = "stderr",
	    .help = "journald is stderr with the journal's levels"),
	OPT(PART(log), level, OPT_WORD, .name = "level", .words = log_levels,
	    .def = "info", .help = "what is less important is not said"),
	OPT_END
};

static const struct opt state_rows[] = {
	OPT(PART(state), dir, OPT_STRING, .name = "dir",
	    .flags = OPT_PATH | OPT_RESTART,
	    .help = "folder of what must outlast a restart; made if need be"),
	OPT(PART(state), keep, OPT_DURATION, .name = "keep", .def = "400d",
	    .min = 0, .max = 36500 * DAY_MS, .flags = OPT_RESTART,
	    .help = "how long a day's ledger stays; 0: for ever"),
	OPT(PART(state), keep_size, OPT_SIZE, .name = "keep_size", .def = "10G",
	    .min = 0, .max = SIZE_T_MAX, .flags = OPT_RESTART,
	    .help = "size of the ledger, packed; the oldest closed files go; "
		    "0: any"),
	OPT_END
};

static const struct opt admin_rows[] = {
	OPT(PART(admin), listen, OPT_STRING, .name = "listen",
	    .help = "address and port of /live, /ready, /health, /metrics and "
		    "/status; " ADMIN_DEFAULT " where not said"),
	OPT(PART(admin), insecure, OPT_BOOL, .name = "insecure", .def = "false",
	    .help = "answer other machines in plaintext, too"),
	OPT_END
};

static const struct opt apis_rows[] = {
	OPT(PART(apis), on, OPT_STRINGS, .name = "on",
	    .check = parts_check_some,
	    .help = "token APIs to watch beside the usual ones, as "
		    "\"sts:*\""),
	OPT(PART(apis), off, OPT_STRINGS, .name = "off",
	    .check = parts_check_some,
	    .help = "token APIs that are of no interest"),
	OPT_END
};

static const struct opt detect_rows[] = {
	OPT(PART(detect), budget, OPT_STRING, .name = "budget", .def = "none",
	    .schema = "^(none|[0-9]+/(hour|day|week))$", .check = check_budget,
	    .help = "how many findings people can look at, as 2/day"),
	OPT(PART(detect), learning, OPT_DURATION, .name = "learning",
	    .def = "14d", .min = 0, .max = 3650 * DAY_MS,
	    .help = "how long a principal is watched before it can be unusual"),
	OPT(PART(detect), lateness, OPT_DURATION, .name = "lateness",
	    .def = "15m", .min = 0, .max = 30 * DAY_MS,
	    .help = "how late records may come without changing the outcome"),
	OPT(PART(detect), half_life, OPT_DURATION, .name = "half_life",
	    .def = "30d", .min = 3600000, .max = 3650 * DAY_MS,
	    .help = "after this time an observation counts half"),
	OPT(PART(detect), grants, OPT_DURATION, .name = "grants", .def = "24h",
	    .min = 0, .max = 30 * DAY_MS,
	    .help = "so long after a change of IAM the first token that it "
		    "made possible weighs more; 0: never"),
	OPT(PART(detect), memory, OPT_SIZE, .name = "memory", .def = "256M",
	    .min = 1 << 20, .max = SIZE_T_MAX,
	    .help = "for habits; who was not seen for longest is forgotten"),
	OPT_END
};

static const struct opt dedup_rows[] = {
	OPT(PART(dedup), window, OPT_DURATION, .name = "window", .def = "7d",
	    .min = 0, .max = 3650 * DAY_MS,
	    .help = "how long a record is remembered, to know its copies"),
	OPT(PART(dedup), max, OPT_INT, .name = "max", .def = "10M", .min = 0,
	    .max = 1e10, .help = "how many records are remembered at most"),
	OPT_END
};

static const struct opt limits_rows[] = {
	OPT(PART(limits), memory, OPT_SIZE, .name = "memory", .def = "1G",
	    .min = 16 << 20, .max = SIZE_T_MAX, .flags = OPT_RESTART,
	    .help = "memory for what is on its way; a sixteenth of it for "
		    "what waits to be decided"),
	OPT(PART(limits), state, OPT_SIZE, .name = "state", .def = "20G",
	    .min = 16 << 20, .max = SIZE_T_MAX, .flags = OPT_RESTART,
	    .help = "size of the state folder; beyond it nothing is taken in"),
	OPT(PART(limits), queue_events, OPT_INT, .name = "queue_events",
	    .def = "1M", .min = 1, .max = 1e10, .flags = OPT_RESTART,
	    .help = "events that wait for one output"),
	OPT(PART(limits), queue_bytes, OPT_SIZE, .name = "queue_bytes",
	    .def = "1G", .min = 65536, .max = SIZE_T_MAX, .flags = OPT_RESTART,
	    .help = "bytes that wait for one output"),
	OPT(PART(limits), queue_age, OPT_DURATION, .name = "queue_age",
	    .def = "7d", .min = 60000, .max = 3650 * DAY_MS,
	    .flags = OPT_RESTART,
	    .help = "how long an event waits for an output"),
	OPT(PART(limits), wrappers, OPT_INT, .name = "wrappers", .def = "8",
	    .min = 1, .max = 8, .flags = OPT_RESTART,
	    .help = "wrappers around a record"),
	OPT(PART(limits), json_depth, OPT_INT, .name = "json_depth",
	    .def = "1024", .min = 16, .max = 1024, .flags = OPT_RESTART,
	    .help = "levels of nesting in a record"),
	OPT(PART(limits), inflate_ratio, OPT_INT, .name = "inflate_ratio",
	    .def = "200", .min = 1, .max = 1e6, .flags = OPT_RESTART,
	    .help = "times that packed bytes may grow"),
	OPT(PART(limits), inflated, OPT_SIZE, .name = "inflated", .def = "4G",
	    .min = 1 << 20, .max = SIZE_T_MAX, .flags = OPT_RESTART,
	    .help = "bytes of one file once unpacked"),
	OPT_END
};

#define TOP(member, kind, ...) OPT(struct config, member, kind, __VA_ARGS__)
#define BLOCK(member, help_)                                           \
	TOP(member, OPT_BLOCK, .name = #member, .rows = member##_rows, \
	    .help = help_)

const struct opt config_rows[] = { TOP(version, OPT_INT, .name = "version",
				       .def = "1", .check = check_version,
				       .help = "of the file's format: 1"),
	TOP(inputs, OPT_BLOCKS, .name = "inputs", .rows = input_rows,
	    .size = sizeof(struct input_config),
	    .help = "where records come from"),
	TOP(outputs, OPT_BLOCKS, .name = "outputs", .rows = output_rows,
	    .size = sizeof(struct output_config),
	    .help = "where findings and decisions go"),
	TOP(policy, OPT_STRING, .name = "policy", .flags = OPT_PATH,
	    .help = "the policy file"),
	BLOCK(geo, "where addresses are"),
	BLOCK(log, "what the daemon says of itself"),
	TOP(sandbox, OPT_WORD, .name = "sandbox", .words = sandbox_words,
	    .def = "on", .flags = OPT_RESTART,
	    .help = "walls around the running daemon (Landlock, seccomp): as "
		    "far as the machine has them, or no start without, or "
		    "none"),
	BLOCK(state, "what must outlast a restart"),
	BLOCK(admin, "what monitoring may ask"),
	BLOCK(apis, "which token APIs are watched"),
	BLOCK(detect, "how to tell what is usual"),
	BLOCK(dedup, "how copies of a record are known"),
	BLOCK(limits, "bounds of memory, disk and queues"), OPT_END };

static int
check_admin(struct config *c, struct err *e)
{
	const struct ynode *admin = ynode_get(yaml_root(c->doc), "admin");
	const struct ynode *listen = ynode_get(admin, "listen");

	if (admin && !listen)
		c->admin.listen = ADMIN_DEFAULT;
	if (!listen)
		return 0;
	return parts_listen(listen, true, c->admin.insecure, e);
}

static int
fill(const struct parts *p)
{
	struct config *c = p->c;
	const struct ynode *root = yaml_root(c->doc);
	int err;

	if (!root)
		return err_at(
		    p->e, ST_EINVAL, c->path, 1, 1, "the file is empty");
	err = schema_fill_all(root, config_rows, &c->arena, c, p->all, p->e);
	if (err == 0)
		err = parts_take(p, check_admin(c, p->e));
	if (err == 0)
		err = inputs_finish(p);
	if (err == 0)
		err = outputs_finish(p);
	return err;
}

/* Takes the document. */
static int
config_new(struct yaml_doc *doc, const char *path, struct problems *all,
    struct config **result, struct err *e)
{
	struct config *c = calloc(1, sizeof(*c));
	struct parts p = { c, all, e };
	int err;

	if (!c) {
		yaml_free(doc);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	arena_init(&c->arena, 8192);
	c->doc = doc;
	c->path = arena_dup(&c->arena, path, strlen(path));
	if (c->path)
		err = fill(&p);
	else
		err = err_set(e, ST_ENOMEM, "out of memory");
	if (err == 0)
		*result = c;
	else
		config_free(c);
	return err;
}

int
config_load(const char *path, struct config **result, struct err *e)
{
	struct yaml_doc *doc;
	int err = yaml_load(path, &doc, e);

	return err < 0 ? err : config_new(doc, path, NULL, result, e);
}

int
config_load_text(
    struct slice text, const char *name, struct config **result, struct err *e)
{
	struct yaml_doc *doc;
	int err = yaml_load_text(text, name, &doc, e);

	return err < 0 ? err : config_new(doc, name, NULL, result, e);
}

struct config *
config_examine(const char *path, struct problems *all)
{
	struct config *c = NULL;
	struct yaml_doc *doc;
	struct err e;
	int err = yaml_load_all(path, all, &doc, &e);

	if (err == 0)
		err = config_new(doc, path, all, &c, &e);
	if (err < 0)
		problems_add(all, &e);
	return c;
}

struct config *
config_examine_text(struct slice text, const char *name, struct problems *all)
{
	struct config *c = NULL;
	struct yaml_doc *doc;
	struct err e;
	int err = yaml_load_text_all(text, name, all, &doc, &e);

	if (err == 0)
		err = config_new(doc, name, all, &c, &e);
	if (err < 0)
		problems_add(all, &e);
	return c;
}

void
config_free(struct config *c)
{
	if (!c)
		return;
	yaml_free(c->doc);
	arena_release(&c->arena);
	free(c);
}

/* A code, or a pattern of codes. */
static int
check_reason(const struct ynode *n, const char *const *words, size_t count,
    struct err *e)
{
	char shown[YNODE_SHOWN];
	const char *near;

	for (size_t w = 0; w < count; w++)
		if (slice_is(n->text, words[w]))
			return 0;
	if (memchr(n->text.p, '*', n->text.n))
		return 0;
	near = n->secret ? NULL : schema_nearest(n->text, words, count);
	return ynode_err(n, e, "reasons: %s is no reason code%s%s%s",
	    ynode_shown(n, shown), near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}

int
config_check_reasons(const struct config *c, const char *const *words,
    struct problems *all, struct err *e)
{
	const struct output_config *out = c->outputs.v;
	size_t n = 0;
	int err = 0;

	while (words[n])
		n++;
	for (size_t i = 0; i < c->outputs.n && err == 0; i++) {
		const struct opt_strings *list = &out[i].reasons;

		for (size_t k = 0; k < list->n && err == 0; k++)
			err = problems_take(
			    all, check_reason(list->nodes[k], words, n, e), e);
	}
	return err;
}

void
config_schema(struct buf *out)
{
	schema_document(config_rows, "stsentry.yaml", out);
}
