/*
 * outputs.c - the `outputs:` of stsentry.yaml.
 *
 * Rows, which key is for which type, and what can be said of a value without
 * opening or connecting anything.  Reason codes and patterns of accounts are
 * for the rooms above.  Main thread, while loading.
 */
#include "conf/parts.h"

#include "conf/address.h"

#include <stdio.h>
#include <strings.h>

#define HOUR_MS 3600000.0

const char *const output_types[] = {
#define OUTPUT_KIND(name) #name,
	OUTPUT_KINDS(OUTPUT_KIND)
#undef OUTPUT_KIND
	    "plugin",
	NULL
};
const char *const config_formats[] = { "json", "text", "ocsf", "ecs", "cef",
	"leef", "csv", "rfc5424", "rfc3164", NULL };

#define IS_PRESET "it is a preset, as {type: webhook, preset: slack, url: ...}"
static const char *const refused_types[] = { "slack", IS_PRESET, "teams",
	IS_PRESET, "pagerduty", IS_PRESET, "jira", IS_PRESET, "http",
	"use webhook", "https", "use webhook", NULL };
static const char *const what_words[] = { "findings", "decisions", NULL };
static const char *const severity_words[] = { "informational", "low", "medium",
	"high", "critical", NULL };
static const char *const full_words[] = { "block", "drop_oldest", NULL };
static const char *const update_words[] = { "first", "every", NULL };
static const char *const provider_words[] = { "aws", "gcp", NULL };
static const char *const method_words[] = { "POST", "PUT", NULL };
static const char *const protocol_words[] = { "tls", "tcp", "udp", "unix",
	NULL };
static const char *const framing_words[] = { "octets", "lf", NULL };
/* The files of outputs/presets; any other is named by its path. */
static const char *const preset_words[] = { "generic", "slack", "teams",
	"discord", "mattermost", "google-chat", "pagerduty", "opsgenie", "jsm",
	"jira", "servicenow", "thehive", "alertmanager", "splunk-hec",
	"elasticsearch", "loki", "otlp", "n8n", NULL };
static const char *const facility_words[] = { "kern", "user", "mail", "daemon",
	"auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alert", "clock", "local0", "local1", "local2",
	"local3", "local4", "local5", "local6", "local7", NULL };

const char *
config_output_type(int type)
{
	return output_types[type];
}

static bool
is_word(struct slice s, const char *const *words)
{
	for (; *words; words++)
		if (slice_is(s, *words))
			return true;
	return false;
}

static int
check_format(const struct ynode *n, const void *field, struct err *e)
{
	(void)field;
	return is_word(n->text, config_formats)
	    ? 0
	    : schema_no_word(n, "format", config_formats, e);
}

static int
check_preset(const struct ynode *n, const void *field, struct err *e)
{
	(void)field;
	return is_word(n->text, preset_words) ||
		memchr(n->text.p, '/', n->text.n) ||
		slice_ends(n->text, ".yaml")
	    ? 0
	    : schema_no_word(n, "preset", preset_words, e);
}

static int
check_providers(const struct ynode *n, const void *field, struct err *e)
{
	const struct opt_strings *list = field;

	for (size_t i = 0; i < list->n; i++)
		if (!is_word(list->nodes[i]->text, provider_words))
			return schema_no_word(
			    list->nodes[i], "providers", provider_words, e);
	return parts_check_some(n, field, e);
}

static int
check_headers(const struct ynode *n, const void *field, struct err *e)
{
	static const char ok[] = "-_0123456789abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char shown[YNODE_SHOWN];

	(void)field;
	if (n->kind != YNODE_MAP)
		return ynode_err(
		    n, e, "headers: expects a block of names and values");
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->keys[i], *v = n->items[i];

		if (key->text.n == 0 || strspn(key->text.p, ok) != key->text.n)
			return ynode_err(key, e,
			    "headers: %s is no name of a "
			    "header",
			    ynode_shown(key, shown));
		if (v->kind != YNODE_SCALAR || strpbrk(v->text.p, "\r\n"))
			return ynode_err(v, e,
			    "headers: expects a text of one "
			    "line");
	}
	return 0;
}

static int
check_options(const struct ynode *n, const void *field, struct err *e)
{
	(void)field;
	return n->kind == YNODE_MAP
	    ? 0
	    : ynode_err(n, e, "options: expects a block of names and values");
}

static int
check_updates(const struct ynode *n, const void *field, struct err *e)
{
	int64_t ms;

	(void)field;
	if (n->kind == YNODE_SCALAR)
		return is_word(n->text, update_words)
		    ? 0
		    : schema_no_word(n, "updates", update_words, e);
	if (n->kind == YNODE_MAP && n->n == 1 &&
	    slice_is(n->keys[0]->text, "digest") &&
	    n->items[0]->kind == YNODE_SCALAR &&
	    schema_duration(n->items[0]->text, &ms) && ms >= 1000)
		return 0;
	return ynode_err(
	    n, e, "updates: expects first, every or {digest: 15m}");
}

#define OUT(member, kind, ...) \
	OPT(struct output_config, member, kind, __VA_ARGS__)

const struct opt output_rows[] = {
	OUT(type, OPT_WORD, .name = "type", .words = output_types,
	    .refused = refused_types, .flags = OPT_REQUIRED,
	    .help = "where findings or decisions go"),
	OUT(name, OPT_STRING, .name = "name",
	    .help = "its name in messages and metrics, unique"),
	OUT(format, OPT_STRING, .name = "format",
	    .schema = "^(json|text|ocsf|ecs|cef|leef|csv|rfc5424|rfc3164)$",
	    .check = check_format,
	    .help =
		"how a finding is written: json, text, ocsf, ecs, cef, leef, "
		"csv, rfc5424 or rfc3164; json where not said, for syslog "
		"rfc5424"),
	OUT(what, OPT_WORD, .name = "what", .words = what_words,
	    .def = "findings",
	    .help = "findings, or a decision for every token request"),
	OUT(min_severity, OPT_WORD, .name = "min_severity",
	    .words = severity_words, .def = "informational",
	    .help = "leave out what is less"),
	OUT(reasons, OPT_STRINGS, .name = "reasons", .check = parts_check_some,
	    .help = "only what has one of these reason codes"),
	OUT(accounts, OPT_STRINGS, .name = "accounts",
	    .check = parts_check_accounts, .help = "only of these accounts"),
	OUT(providers, OPT_STRINGS, .name = "providers",
	    .schema = "^(aws|gcp)$", .check = check_providers,
	    .help = "only of aws or gcp"),
	OUT(updates, OPT_NODE, .name = "updates", .check = check_updates,
	    .schema = "{\"anyOf\":[{\"enum\":[\"first\",\"every\"]},{\"type\":"
		      "\"object\",\"additionalProperties\":false,\"required\":"
		      "[\"digest\"],\"properties\":{\"digest\":{\"type\":"
		      "\"string\"}}}]}",
	    .help = "of a finding that grows: first (and when its severity "
		    "rises), every, or {digest: 15m}"),
	OUT(when_full, OPT_WORD, .name = "when_full", .words = full_words,
	    .def = "block",
	    .help = "when its queue is full: stop reading, or lose the oldest"),
	OUT(max_per_hour, OPT_INT, .name = "max_per_hour", .def = "0", .min = 0,
	    .max = 1e9,
	    .help = "findings that it gets in an hour, critical ones not "
		    "counted; the next one tells how many were held back; 0: "
		    "any"),
	OUT(path, OPT_STRING, .name = "path", .flags = OPT_PATH,
	    .help =
		"the file, with holes ({account}, {date}, ...) many files; of "
		"a plugin, its shared object"),
	OUT(rotate, OPT_STRING, .name = "rotate",
	    .schema = "^(never|[0-9]+[kKMGT]?|([0-9]+(w|d|h|m|s))+)$",
	    .def = "never",
	    .help = "begin a new file after a size (100M) or a "
		    "time (1d), or never"),
	OUT(compress, OPT_BOOL, .name = "compress", .def = "false",
	    .help = "pack the old files"),
	OUT(keep, OPT_INT, .name = "keep", .def = "0", .min = 0, .max = 1e6,
	    .help = "how many old files are kept; 0: all"),
	OUT(sync, OPT_BOOL, .name = "sync", .def = "true",
	    .help = "wait until what is written is on the disk"),
	OUT(mode, OPT_STRING, .name = "mode", .def = "0640",
	    .schema = "^[0-7]{3,4}$", .check = parts_check_mode,
	    .help = "permissions of a new file"),
	OUT(owner, OPT_STRING, .name = "owner",
	    .help = "user or user:group of a new file"),
	OUT(server, OPT_STRING, .name = "server",
	    .help = "tls://host:port, tcp://host:port, udp://host:port or "
		    "unix:///path"),
	OUT(protocol, OPT_WORD, .name = "protocol", .words = protocol_words,
	    .def = "tls",
	    .help = "how to speak to a server that does not say so before "
		    "://"),
	OUT(framing, OPT_WORD, .name = "framing", .words = framing_words,
	    .def = "octets",
	    .help = "how lines are told apart on a connection: by a count "
		    "before each, or LF behind it"),
	OUT(facility, OPT_WORD, .name = "facility", .words = facility_words,
	    .def = "authpriv", .help = "the facility of a syslog line"),
	OUT(tag, OPT_STRING, .name = "tag", .def = "stsentry",
	    .help = "the program's name in a syslog line"),
	OUT(ca, OPT_STRING, .name = "ca", .flags = OPT_PATH,
	    .help =
		"authorities that the server's certificate must be of, PEM; "
		"the system's where not said"),
	OUT(cert, OPT_STRING, .name = "cert", .flags = OPT_PATH,
	    .help = "our certificate to the server, PEM"),
	OUT(key, OPT_STRING, .name = "key", .flags = OPT_PATH,
	    .help = "the private key of cert, PEM"),
	OUT(url, OPT_STRING, .name = "url", .flags = OPT_SECRET,
	    .check = parts_check_token, .help = "https:// URL to send to"),
	OUT(preset, OPT_STRING, .name = "preset", .check = check_preset,
	    .schema = "^(generic|slack|teams|discord|mattermost|google-chat|"
		      "pagerduty|opsgenie|jsm|jira|servicenow|thehive|"
		      "alertmanager|splunk-hec|elasticsearch|loki|otlp|n8n|"
		      ".*/.*|.*[.]yaml)$",
	    .help = "the shape that this service wants, or a file that "
		    "describes one"),
	OUT(insecure, OPT_BOOL, .name = "insecure", .def = "false",
	    .help = "allow http:// to another machine"),
	OUT(private_ok, OPT_BOOL, .name = "private", .def = "false",
	    .help = "allow a name that leads to a private network"),
	OUT(dead_letter, OPT_STRING, .name = "dead_letter", .flags = OPT_PATH,
	    .help = "file for findings that are refused for good; "
		    "dead-NAME.jsonl in state.dir if not said"),
	OUT(method, OPT_WORD, .name = "method", .words = method_words,
	    .def = "POST", .help = "the HTTP method"),
	OUT(headers, OPT_NODE, .name = "headers", .check = check_headers,
	    .schema = "{\"type\":\"object\",\"additionalProperties\":{\"type\":"
		      "[\"string\",\"number\"]}}",
	    .help = "further HTTP headers"),
	OUT(token, OPT_STRING, .name = "token", .flags = OPT_SECRET,
	    .check = parts_check_token,
	    .help =
		"secret that the service asks for: API token or routing key"),
	OUT(template, OPT_STRING, .name = "template", .flags = OPT_PATH,
	    .help = "file that a body is made from"),
	OUT(timeout, OPT_DURATION, .name = "timeout", .def = "10s", .min = 100,
	    .max = HOUR_MS, .help = "how long one delivery may take"),
	OUT(command, OPT_STRING, .name = "command", .flags = OPT_PATH,
	    .help = "program that gets findings on its standard input"),
	OUT(args, OPT_STRINGS, .name = "args", .help = "its arguments"),
	OUT(options, OPT_NODE, .name = "options", .check = check_options,
	    .schema = "{\"type\":\"object\"}",
	    .help = "what the plugin itself wants to know"),
	OPT_END
};

#define FILES (1U << OUTPUT_FILE)
#define SYSLOG (1U << OUTPUT_SYSLOG)
#define WEBHOOK (1U << OUTPUT_WEBHOOK)
#define EXEC (1U << OUTPUT_EXEC)
#define PLUGIN (1U << OUTPUT_PLUGIN)
/* Whose keys are their own: below "options". */
#define OTHERS                                                        \
	(((1U << OUTPUT_TYPES) - 1) &                                 \
	    ~(FILES | 1U << OUTPUT_STDOUT | SYSLOG | WEBHOOK | EXEC | \
		1U << OUTPUT_NULL))
_Static_assert(OUTPUT_TYPES < 32, "a bit for each type");

const struct key_use output_uses[] = {
	{ "path", FILES | PLUGIN, FILES | PLUGIN },
	{ "rotate", FILES, 0 },
	{ "compress", FILES, 0 },
	{ "keep", FILES, 0 },
	{ "sync", FILES, 0 },
	{ "mode", FILES, 0 },
	{ "owner", FILES, 0 },
	{ "server", SYSLOG, SYSLOG },
	{ "protocol", SYSLOG, 0 },
	{ "framing", SYSLOG, 0 },
	{ "facility", SYSLOG, 0 },
	{ "tag", SYSLOG, 0 },
	{ "ca", SYSLOG | WEBHOOK, 0 },
	{ "cert", SYSLOG | WEBHOOK, 0 },
	{ "key", SYSLOG | WEBHOOK, 0 },
	{ "url", WEBHOOK, WEBHOOK },
	{ "preset", WEBHOOK, 0 },
	{ "insecure", WEBHOOK, 0 },
	{ "private", WEBHOOK, 0 },
	{ "dead_letter", SYSLOG | WEBHOOK | EXEC | OTHERS, 0 },
	{ "method", WEBHOOK, 0 },
	{ "headers", WEBHOOK, 0 },
	{ "token", WEBHOOK, 0 },
	{ "template", WEBHOOK, 0 },
	{ "timeout", SYSLOG | WEBHOOK | EXEC, 0 },
	{ "command", EXEC, EXEC },
	{ "args", EXEC, 0 },
	{ "options", OTHERS, 0 },
	{ NULL, 0, 0 },
};

static int
check_pair(const struct ynode *n, struct err *e)
{
	bool cert = ynode_get(n, "cert") != NULL;
	bool key = ynode_get(n, "key") != NULL;

	if (cert == key)
		return 0;
	return ynode_err(parts_key(n, cert ? "cert" : "key"), e,
	    "%s: needs \"%s\" beside it", cert ? "cert" : "key",
	    cert ? "key" : "cert");
}

static int
fill_rotate(struct output_config *out, struct err *e)
{
	const struct ynode *n = ynode_get(out->node, "rotate");
	struct slice s = slice_str(out->rotate);
	char shown[YNODE_SHOWN];

	if (slice_is(s, "never"))
		return 0;
	if (schema_size(s, &out->rotate_size) && out->rotate_size > 0)
		return 0;
	out->rotate_size = 0;
	if (schema_duration(s, &out->rotate_every) && out->rotate_every >= 1000)
		return 0;
	return ynode_err(n, e,
	    "rotate: %s is no size or time (as 100M, 1d, "
	    "never)",
	    ynode_shown(n, shown));
}

static int
check_file(struct output_config *out, struct err *e)
{
	unsigned bits = 0;

	for (const char *p = out->mode; *p; p++)
		bits = bits * 8 + (unsigned)(*p - '0');
	out->mode_bits = bits;
	return fill_rotate(out, e);
}

/* "tcp" before "://": its number, -1 for no such word. */
static int
scheme_of(struct slice s, const char *end)
{
	struct slice word = slice_of(s.p, (size_t)(end - s.p));

	for (int i = 0; protocol_words[i]; i++)
		if (slice_is(word, protocol_words[i]))
			return i;
	return -1;
}

static int
check_scheme(struct output_config *out, const struct ynode *n, struct err *e)
{
	const struct ynode *protocol = ynode_get(out->node, "protocol");
	struct slice s = slice_str(out->server);
	const char *at = slice_find(s, "://");
	char shown[YNODE_SHOWN];
	int scheme;

	if (!at)
		return 0;
	scheme = scheme_of(s, at);
	if (scheme < 0)
		return ynode_err(n, e,
		    "server: %s is none of tls://, tcp://, udp:// and unix://",
		    ynode_shown(n, shown));
	if (protocol && out->protocol != scheme)
		return ynode_err(
		    protocol, e, "protocol: \"server\" says something else");
	out->protocol = scheme;
	out->server = at + 3;
	return 0;
}

static int
check_server(struct output_config *out, struct err *e)
{
	const struct ynode *n = ynode_get(out->node, "server");
	char shown[YNODE_SHOWN];
	struct address a;
	int err = check_scheme(out, n, e);

	if (err < 0)
		return err;
	if (slice_is(slice_str(protocol_words[out->protocol]), "unix"))
		return out->server[0] == '/'
		    ? 0
		    : ynode_err(n, e,
			  "server: %s is no absolute path (as "
			  "unix:///dev/log)",
			  ynode_shown(n, shown));
	if (!address_parse(slice_str(out->server), &a) || a.port == 0)
		return ynode_err(n, e,
		    "server: %s is no server and port (as "
		    "tls://siem.example.com:6514)",
		    ynode_shown(n, shown));
	return 0;
}

static int
check_syslog(struct output_config *out, struct err *e)
{
	int err = check_server(out, e);

	return err < 0 ? err : check_pair(out->node, e);
}

/* "host[:port]" of an http:// URL is this machine. */
static bool
is_local_url(struct slice rest)
{
	size_t n = 0;
	char text[ADDRESS_HOST_MAX + 16];
	struct address a;

	while (n < rest.n && !strchr("/?#", rest.p[n]))
		n++;
	if (n > ADDRESS_HOST_MAX || memchr(rest.p, '@', n))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)n, rest.p);
	if (address_parse(slice_str(text), &a))
		return a.loopback;
	snprintf(text, sizeof(text), "%.*s:80", (int)n, rest.p);
	return address_parse(slice_str(text), &a) && a.loopback;
}

/* The URL is a secret as a whole: no message shows it. */
static int
check_url(struct output_config *out, struct err *e)
{
	const struct ynode *n = ynode_get(out->node, "url");
	struct slice s = slice_str(out->url), rest = SLICE_NULL;

	if (slice_starts(s, "https://"))
		return s.n > 8 ? 0 : ynode_err(n, e, "url: names no host");
	if (!slice_starts(s, "http://"))
		return ynode_err(n, e, "url: must begin with https://");
	rest = slice_of(s.p + 7, s.n - 7);
	if (out->insecure || is_local_url(rest))
		return 0;
	return ynode_err(n, e,
	    "url: http:// would send plaintext over the "
	    "network; use https://, or say \"insecure: true\"");
}

static int
check_webhook(struct output_config *out, struct err *e)
{
	static const char *const others[] = { "format", "template" };
	int err = check_url(out, e);

	for (size_t i = 0; err == 0 && out->preset && i < 2; i++)
		if (ynode_get(out->node, others[i]))
			err = ynode_err(parts_key(out->node, others[i]), e,
			    "%s: cannot stand beside \"preset\"", others[i]);
	return err < 0 ? err : check_pair(out->node, e);
}

static int
check_exec(struct output_config *out, struct err *e)
{
	const struct ynode *n = ynode_get(out->node, "command");

	if (!strpbrk(out->command, " \t") || out->args.n > 0)
		return 0;
	return ynode_err(
	    n, e, "command: is one program; its arguments stand in \"args\"");
}

static int (*const checks[OUTPUT_TYPES])(
    struct output_config *, struct err *) = {
	[OUTPUT_FILE] = check_file,
	[OUTPUT_SYSLOG] = check_syslog,
	[OUTPUT_WEBHOOK] = check_webhook,
	[OUTPUT_EXEC] = check_exec,
};

/* The key that says where it goes; what may be secret makes no name. */
static const char *const places[OUTPUT_TYPES] = {
	[OUTPUT_FILE] = "path",
	[OUTPUT_SYSLOG] = "server",
	[OUTPUT_WEBHOOK] = "preset",
	[OUTPUT_EXEC] = "command",
	[OUTPUT_PLUGIN] = "path",
};

static const char *
place_of(const struct output_config *out)
{
	const struct ynode *n = places[out->type]
	    ? ynode_get(out->node, places[out->type])
	    : NULL;

	return n && !n->secret ? n->text.p : NULL;
}

/* A name may be an address: as a part of a file's name. */
static int
name_files(struct config *c, struct output_config *out, struct err *e)
{
	struct buf name = BUF_INIT;
	const char *dir = c->state.dir;
	int err = 0;

	for (const char *p = out->name; *p; p++)
		if (*p == '/' || *p == '%')
			buf_addf(&name, "%%%02X", (unsigned)*p);
		else
			buf_addc(&name, *p);
	buf_addc(&name, '\0');
	if (!name.failed)
		out->sent_file =
		    arena_printf(&c->arena, "%s/sent-%s", dir, name.p).p;
	if (!name.failed && !out->dead_letter &&
	    (1U << out->type & (SYSLOG | WEBHOOK | EXEC | OTHERS)))
		out->dead_letter =
		    arena_printf(&c->arena, "%s/dead-%s.jsonl", dir, name.p).p;
	if (!out->sent_file)
		err = err_set(e, ST_ENOMEM, "out of memory");
	buf_release(&name);
	return err;
}

static void
fill_updates(struct output_config *out)
{
	const struct ynode *n = out->updates;

	out->update_mode = UPDATES_FIRST;
	if (n && n->kind == YNODE_SCALAR && slice_is(n->text, "every"))
		out->update_mode = UPDATES_EVERY;
	if (n && n->kind == YNODE_MAP &&
	    schema_duration(n->items[0]->text, &out->digest))
		out->update_mode = UPDATES_DIGEST;
	if (!out->format)
		out->format = out->type == OUTPUT_SYSLOG ? "rfc5424" : "json";
}

/* Two of a name, or two that write the same file. */
static int
check_others(const struct parts *p, size_t i)
{
	const struct output_config *all = p->c->outputs.v, *out = &all[i];
	int err = 0;

	for (size_t j = 0; j < i && err == 0; j++) {
		if (!opt_blocks_good(&p->c->outputs, j))
			continue;
		err = parts_unique(out->node, out->name, all[j].name,
		    all[j].node, "output", p->e);
		if (err == 0 && out->type == OUTPUT_FILE &&
		    all[j].type == OUTPUT_FILE && out->path && all[j].path &&
		    strcmp(out->path, all[j].path) == 0)
			err = ynode_err(ynode_get(out->node, "path"), p->e,
			    "path: the output on line %u writes there, too",
			    all[j].node->line);
	}
	return err;
}

/* One whose keys are as they should be. */
static int
finish_good(const struct parts *p, size_t i)
{
	struct output_config *out = (struct output_config *)p->c->outputs.v + i;
	size_t before = parts_faults(p);
	int err = 0;

	if (checks[out->type])
		err = parts_take(p, checks[out->type](out, p->e));
	if (parts_faults(p) > before)
		return err;
	if (err == 0)
		err = parts_name(p->c, out->node, output_types[out->type],
		    place_of(out), &out->name, p->e);
	if (err == 0)
		err = check_others(p, i);
	fill_updates(out);
	if (err == 0 && p->c->state.dir && out->name)
		err = name_files(p->c, out, p->e);
	return parts_take(p, err);
}

int
outputs_finish(const struct parts *p)
{
	const struct ynode *list = ynode_get(yaml_root(p->c->doc), "outputs");
	struct opt_blocks *outputs = &p->c->outputs;
	struct output_config *all = outputs->v;
	int err = 0;

	if (outputs->n > CONFIG_OUTPUTS_MAX)
		return parts_take(p,
		    ynode_err(list, p->e, "more than %d outputs",
			CONFIG_OUTPUTS_MAX));
	for (size_t i = 0; err == 0 && i < outputs->n; i++) {
		size_t before = parts_faults(p);

		all[i].node = list->items[i];
		err = parts_check_keys(
		    p, all[i].node, output_uses, all[i].type, output_types);
		outputs->bad[i] |= parts_faults(p) > before;
		if (err == 0 && !outputs->bad[i])
			err = finish_good(p, i);
		outputs->bad[i] |= parts_faults(p) > before;
	}
	return err;
}
