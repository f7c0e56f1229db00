/*
 * inputs.c - the `inputs:` of stsentry.yaml.
 *
 * Rows, which key is for which type, and the rules of safe listening.  Opens
 * nothing: files.c looks at files, the collector binds.  Main thread, while
 * loading.
 */
#include "conf/parts.h"

#include <stdio.h>
#include <sys/un.h>

#define DAY_MS 86400000.0

const char *const input_types[] = { "tcp", "tls", "http", "file", "stdin",
	"unix", NULL };
static const char *const refused_types[] = { "udp",
	"records do not fit in datagrams; use tcp or tls", "syslog",
	"senders of syslog speak tcp, tls or unix", NULL };
static const char *const from_words[] = { "start", "end", NULL };
static const char *const http_kinds[] = { "firehose", "pubsub", "hec", "auto",
	NULL };

/* 64 hex digits, colons between them and "sha256:" before them or not. */
static int
check_fingerprint(const struct ynode *n, const void *field, struct err *e)
{
	struct slice s = n->text;
	char shown[YNODE_SHOWN];
	size_t digits = 0;

	(void)field;
	if (slice_starts(s, "sha256:") || slice_starts(s, "SHA256:"))
		s = slice_of(s.p + 7, s.n - 7);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
		    (c >= 'A' && c <= 'F'))
			digits++;
		else if (c != ':')
			digits = SIZE_MAX / 2;
	}
	if (digits == 64)
		return 0;
	return ynode_err(n, e,
	    "fingerprint: %s is no SHA-256 fingerprint, 64 "
	    "hexadecimal digits",
	    ynode_shown(n, shown));
}

static int
check_clients(const struct ynode *n, const void *field, struct err *e)
{
	const char *const *s = field;
	char shown[YNODE_SHOWN];

	if (strcmp(*s, "any") == 0)
		return 0;
	return ynode_err(n, e, "clients: %s is not known, only \"any\"",
	    ynode_shown(n, shown));
}

static const struct opt allow_rows[] = {
	OPT(struct allow_peer, san, OPT_STRING, .name = "san",
	    .help = "a name in the client's certificate, * for a part of it"),
	OPT(struct allow_peer, fingerprint, OPT_STRING, .name = "fingerprint",
	    .schema = "^([sS][hH][aA]256:)?([0-9a-fA-F]{2}:?){32}$",
	    .check = check_fingerprint,
	    .help = "SHA-256 of the client's certificate"),
	OPT(struct allow_peer, accounts, OPT_STRINGS, .name = "accounts",
	    .check = parts_check_accounts,
	    .help = "accounts and projects it may send records of, or all"),
	OPT_END
};

#define IN(member, kind, ...) \
	OPT(struct input_config, member, kind, __VA_ARGS__)

const struct opt input_rows[] = {
	IN(type, OPT_WORD, .name = "type", .words = input_types,
	    .refused = refused_types, .flags = OPT_REQUIRED,
	    .help = "how records come in"),
	IN(name, OPT_STRING, .name = "name",
	    .help = "its name in messages and metrics, unique"),
	IN(listen, OPT_STRING, .name = "listen",
	    .help = "address and port, as 127.0.0.1:6514; unix: a path"),
	IN(insecure, OPT_BOOL, .name = "insecure", .def = "false",
	    .help = "take plaintext from other machines, too"),
	IN(accounts, OPT_STRINGS, .name = "accounts",
	    .check = parts_check_accounts,
	    .help = "accounts and projects whose records may come this way"),
	IN(max_connections, OPT_INT, .name = "max_connections", .def = "1000",
	    .min = 1, .max = 1e6, .help = "connections at one time"),
	IN(max_per_peer, OPT_INT, .name = "max_per_peer", .def = "100",
	    .min = 1, .max = 1e6,
	    .help = "connections at one time from one address"),
	IN(max_record, OPT_SIZE, .name = "max_record", .def = "1M", .min = 1024,
	    .max = 64 << 20,
	    .help = "longest record; longer ones are counted and skipped"),
	IN(idle_timeout, OPT_DURATION, .name = "idle_timeout", .def = "10m",
	    .min = 0, .max = 30 * DAY_MS,
	    .help =
		"close a connection that says nothing for so long; 0: never"),
	IN(header_timeout, OPT_DURATION, .name = "header_timeout", .def = "10s",
	    .min = 100, .max = 3600000,
	    .help = "time for the TLS handshake and for an HTTP header"),
	IN(handshakes, OPT_INT, .name = "handshakes", .def = "256", .min = 1,
	    .max = 1e6,
	    .help = "TLS handshakes at one time; further callers wait"),
	IN(mode, OPT_STRING, .name = "mode", .def = "0660",
	    .schema = "^[0-7]{3,4}$", .check = parts_check_mode,
	    .help = "permissions of the socket"),
	IN(owner, OPT_STRING, .name = "owner",
	    .help = "user or user:group of the socket"),
	IN(cert, OPT_STRING, .name = "cert", .flags = OPT_PATH,
	    .help = "our certificate and its chain, PEM"),
	IN(key, OPT_STRING, .name = "key", .flags = OPT_PATH,
	    .help = "the private key of cert, PEM"),
	IN(client_ca, OPT_STRING, .name = "client_ca", .flags = OPT_PATH,
	    .help =
		"clients must show a certificate of these authorities, PEM"),
	IN(crl, OPT_STRING, .name = "crl", .flags = OPT_PATH,
	    .help = "certificates that are no longer good, PEM"),
	IN(clients, OPT_STRING, .name = "clients", .schema = "^any$",
	    .check = check_clients,
	    .help = "any: whoever can connect may send"),
	IN(allow, OPT_BLOCKS, .name = "allow", .rows = allow_rows,
	    .size = sizeof(struct allow_peer), .check = parts_check_some,
	    .help = "only these clients, each for its accounts"),
	IN(paths_node, OPT_NODE, .name = "paths",
	    .schema =
		"{\"type\":[\"object\",\"array\",\"string\"],"
		"\"items\":{\"type\":\"string\"},\"minItems\":1,"
		"\"minProperties\":1,\"propertyNames\":{\"pattern\":\"^/\"},"
		"\"additionalProperties\":{\"enum\":[\"firehose\","
		"\"pubsub\",\"hec\",\"auto\"]}}",
	    .help =
		"file: names, with * ? [] and ** for folders; http: what "
		"is taken where, as {/aws: firehose}, or anything anywhere"),
	IN(token, OPT_STRING, .name = "token", .flags = OPT_SECRET,
	    .check = parts_check_token,
	    .help = "secret that a sender must show"),
	IN(jwks, OPT_STRING, .name = "jwks",
	    .help = "file of the keys (JWKS) that signed tokens are checked "
		    "with; read again as it changes"),
	IN(audience, OPT_STRING, .name = "audience",
	    .help = "whom a signed token must be for"),
	IN(emails, OPT_STRINGS, .name = "emails", .check = parts_check_some,
	    .help = "only signed tokens of these service accounts"),
	IN(max_body, OPT_SIZE, .name = "max_body", .def = "16M", .min = 1024,
	    .max = 1 << 30, .help = "longest body as it comes"),
	IN(max_inflated, OPT_SIZE, .name = "max_inflated", .def = "64M",
	    .min = 1024, .max = 4294967296.0,
	    .help = "longest body once unpacked"),
	IN(max_held, OPT_SIZE, .name = "max_held", .def = "256M", .min = 1024,
	    .max = 68719476736.0,
	    .help = "bodies on their way at one time, of all senders together; "
		    "further ones are told to come again"),
	IN(body_timeout, OPT_DURATION, .name = "body_timeout", .def = "60s",
	    .min = 1000, .max = 3600000,
	    .help = "time for the body of an HTTP request"),
	IN(follow, OPT_BOOL, .name = "follow", .def = "false",
	    .help = "go on reading as files grow and appear"),
	IN(from, OPT_WORD, .name = "from", .words = from_words, .def = "start",
	    .help = "where to begin in files not seen before"),
	IN(verify_digests, OPT_BOOL, .name = "verify_digests", .def = "false",
	    .help = "check log files against CloudTrail's digests, and these "
		    "against their signatures"),
	IN(public_keys, OPT_STRINGS, .name = "public_keys", .flags = OPT_PATH,
	    .help =
		"public keys of CloudTrail's digests: what \"aws cloudtrail "
		"list-public-keys\" prints, or PEM"),
	OPT_END
};

#define TCP (1U << INPUT_TCP)
#define TLS (1U << INPUT_TLS)
#define HTTP (1U << INPUT_HTTP)
#define FILES (1U << INPUT_FILE)
#define UNIX (1U << INPUT_UNIX)

const struct key_use input_uses[] = {
	{ "listen", TCP | TLS | HTTP | UNIX, TCP | TLS | HTTP | UNIX },
	{ "insecure", TCP | HTTP, 0 },
	{ "max_connections", TCP | TLS | HTTP | UNIX, 0 },
	{ "max_per_peer", TCP | TLS | HTTP, 0 },
	{ "idle_timeout", TCP | TLS | HTTP | UNIX, 0 },
	{ "header_timeout", TLS | HTTP, 0 },
	{ "handshakes", TLS | HTTP, 0 },
	{ "mode", UNIX, 0 },
	{ "owner", UNIX, 0 },
	{ "cert", TLS | HTTP, TLS },
	{ "key", TLS | HTTP, TLS },
	{ "client_ca", TLS | HTTP, 0 },
	{ "crl", TLS | HTTP, 0 },
	{ "clients", TLS | HTTP, 0 },
	{ "allow", TLS | HTTP, 0 },
	{ "paths", HTTP | FILES, FILES },
	{ "token", HTTP, 0 },
	{ "jwks", HTTP, 0 },
	{ "audience", HTTP, 0 },
	{ "emails", HTTP, 0 },
	{ "max_body", HTTP, 0 },
	{ "max_inflated", HTTP, 0 },
	{ "max_held", HTTP, 0 },
	{ "body_timeout", HTTP, 0 },
	{ "follow", FILES, 0 },
	{ "from", FILES, 0 },
	{ "verify_digests", FILES, 0 },
	{ "public_keys", FILES, 0 },
	{ NULL, 0, 0 },
};

/* Keys that mean nothing without another one. */
static const struct {
	const char *key, *needs;
} pairs[] = {
	{ "cert", "key" },
	{ "key", "cert" },
	{ "client_ca", "cert" },
	{ "handshakes", "cert" },
	{ "crl", "client_ca" },
	{ "allow", "client_ca" },
	{ "jwks", "audience" },
	{ "audience", "jwks" },
	{ "emails", "jwks" },
};

static int
check_pairs(const struct ynode *n, struct err *e)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (ynode_get(n, pairs[i].key) && !ynode_get(n, pairs[i].needs))
			return ynode_err(parts_key(n, pairs[i].key), e,
			    "%s: needs \"%s\" beside it", pairs[i].key,
			    pairs[i].needs);
	return 0;
}

/* Who may speak must have been thought of: TLS alone lets everybody in. */
static int
check_clients_named(const struct input_config *in, struct err *e)
{
	bool known = in->client_ca || in->token || in->jwks;

	if (in->client_ca && in->clients)
		return ynode_err(parts_key(in->node, "clients"), e,
		    "clients: any contradicts \"client_ca\"");
	if (!in->cert || known || in->clients)
		return 0;
	return ynode_err(in->node, e,
	    "whoever connects may send; name "
	    "\"client_ca\"%s or say \"clients: any\"",
	    in->type == INPUT_HTTP ? " or \"token\"" : "");
}

static int
check_allow(const struct input_config *in, struct err *e)
{
	const struct ynode *list = ynode_get(in->node, "allow");
	const struct allow_peer *peers = in->allow.v;

	for (size_t i = 0; i < in->allow.n; i++)
		if (!peers[i].san && !peers[i].fingerprint)
			return ynode_err(list->items[i], e,
			    "\"san\" or \"fingerprint\" is missing");
	return 0;
}

static int
check_tcp(struct config *c, struct input_config *in, struct err *e)
{
	(void)c;
	return parts_listen(
	    ynode_get(in->node, "listen"), true, in->insecure, e);
}

static int
check_tls(struct config *c, struct input_config *in, struct err *e)
{
	int err = parts_listen(ynode_get(in->node, "listen"), false, false, e);

	(void)c;
	if (err == 0)
		err = check_clients_named(in, e);
	return err < 0 ? err : check_allow(in, e);
}

static int
fill_http_paths(struct config *c, struct input_config *in, struct err *e)
{
	const struct ynode *n = in->paths_node;
	struct http_path *v;
	char shown[YNODE_SHOWN];

	if (!n)
		return 0;
	if (n->kind != YNODE_MAP || n->n == 0)
		return ynode_err(n, e,
		    "paths: expects a block of keys as "
		    "{/aws: firehose}");
	v = arena_calloc(&c->arena, n->n * sizeof(*v));
	in->http_paths = (struct opt_blocks){ v, n->n, NULL };
	for (size_t i = 0; v && i < n->n; i++) {
		const struct ynode *kind = n->items[i];

		if (!slice_starts(n->keys[i]->text, "/"))
			return ynode_err(n->keys[i], e,
			    "paths: %s begins with no slash",
			    ynode_shown(n->keys[i], shown));
		v[i].path = n->keys[i]->text.p;
		for (v[i].kind = 0; http_kinds[v[i].kind]; v[i].kind++)
			if (kind->kind == YNODE_SCALAR &&
			    slice_is(kind->text, http_kinds[v[i].kind]))
				break;
		if (!http_kinds[v[i].kind])
			return schema_no_word(kind, "paths", http_kinds, e);
	}
	return v ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

/* Nothing is fetched: what the daemon may reach is what it is told to. */
static int
fill_jwks(struct config *c, struct input_config *in, struct err *e)
{
	static const struct opt as_path = OPT(struct input_config, jwks,
	    OPT_STRING, .name = "jwks", .flags = OPT_PATH);

	if (!in->jwks)
		return 0;
	if (strstr(in->jwks, "://"))
		return ynode_err(ynode_get(in->node, "jwks"), e,
		    "jwks: must be a path; fetch the file now and then");
	return schema_fill_row(in->node, &as_path, &c->arena, in, e);
}

static int
check_http(struct config *c, struct input_config *in, struct err *e)
{
	const struct ynode *listen = ynode_get(in->node, "listen");
	int err = parts_listen(listen, !in->cert, in->insecure, e);

	if (err == 0)
		err = check_clients_named(in, e);
	if (err == 0)
		err = check_allow(in, e);
	if (err == 0)
		err = fill_jwks(c, in, e);
	if (err == 0)
		err = fill_http_paths(c, in, e);
	return err;
}

static int
check_file(struct config *c, struct input_config *in, struct err *e)
{
	static const struct opt row = OPT(struct input_config, files,
	    OPT_STRINGS, .name = "paths", .flags = OPT_PATH);
	int err = schema_fill_row(in->node, &row, &c->arena, in, e);

	if (err < 0)
		return err;
	if (in->files.n == 0)
		return ynode_err(in->paths_node, e, "paths: is empty");
	if (in->verify_digests && in->public_keys.n == 0)
		return ynode_err(parts_key(in->node, "verify_digests"), e,
		    "verify_digests: needs \"public_keys\" beside it");
	return 0;
}

static int
check_stdin(struct config *c, struct input_config *in, struct err *e)
{
	(void)c;
	(void)e;
	/* What is closed cannot come again. */
	in->idle_timeout = 0;
	return 0;
}

static int
check_unix(struct config *c, struct input_config *in, struct err *e)
{
	static const struct opt as_path = OPT(struct input_config, listen,
	    OPT_STRING, .name = "listen", .flags = OPT_PATH);
	const struct ynode *n = ynode_get(in->node, "listen");
	struct sockaddr_un un;
	int err = schema_fill_row(in->node, &as_path, &c->arena, in, e);

	for (const char *p = in->mode; *p; p++)
		in->mode_bits = in->mode_bits * 8 + (unsigned)(*p - '0');
	if (err == 0 && strlen(in->listen) >= sizeof(un.sun_path))
		err = ynode_err(n, e, "listen: a path of at most %zu bytes",
		    sizeof(un.sun_path) - 1);
	return err;
}

static int (*const checks[])(
    struct config *, struct input_config *, struct err *) = {
	[INPUT_TCP] = check_tcp,
	[INPUT_TLS] = check_tls,
	[INPUT_HTTP] = check_http,
	[INPUT_FILE] = check_file,
	[INPUT_STDIN] = check_stdin,
	[INPUT_UNIX] = check_unix,
};

const char *
config_input_type(int type)
{
	return input_types[type];
}

/* Where it comes from, for a name; a secret place makes none. */
static const char *
place_of(const struct input_config *in)
{
	const struct ynode *n = ynode_get(
	    in->node, in->type == INPUT_FILE ? "paths" : "listen");

	if (n && n->kind == YNODE_SEQ)
		n = n->items[0];
	return n && n->kind == YNODE_SCALAR && !n->secret ? n->text.p : NULL;
}

/* Two that read the same, or listen at the same place. */
static int
check_other(const struct input_config *in, const struct input_config *other,
    struct err *e)
{
	const struct ynode *listen = ynode_get(in->node, "listen");
	int err = parts_unique(
	    in->node, in->name, other->name, other->node, "input", e);

	if (err < 0)
		return err;
	if (in->listen && other->listen &&
	    strcmp(in->listen, other->listen) == 0 &&
	    !slice_ends(listen->text, ":0"))
		return ynode_err(listen, e,
		    "listen: the input on line %u listens there, too",
		    other->node->line);
	if (in->type == INPUT_STDIN && other->type == INPUT_STDIN)
		return ynode_err(in->node, e,
		    "there is only one standard input, see line %u",
		    other->node->line);
	return 0;
}

static int
check_others(const struct parts *p, size_t i)
{
	const struct input_config *all = p->c->inputs.v;
	int err = 0;

	for (size_t j = 0; j < i && err == 0; j++)
		if (opt_blocks_good(&p->c->inputs, j))
			err = check_other(&all[i], &all[j], p->e);
	return err;
}

/* One whose keys are as they should be. */
static int
finish_good(const struct parts *p, size_t i)
{
	struct input_config *in = (struct input_config *)p->c->inputs.v + i;
	size_t before = parts_faults(p);
	int err = parts_take(p, check_pairs(in->node, p->e));

	if (err == 0)
		err = parts_take(p, checks[in->type](p->c, in, p->e));
	if (parts_faults(p) > before)
		return err;
	if (err == 0)
		err = parts_name(p->c, in->node, input_types[in->type],
		    place_of(in), &in->name, p->e);
	if (err == 0)
		err = check_others(p, i);
	return parts_take(p, err);
}

int
inputs_finish(const struct parts *p)
{
	const struct ynode *list = ynode_get(yaml_root(p->c->doc), "inputs");
	struct opt_blocks *inputs = &p->c->inputs;
	struct input_config *all = inputs->v;
	int err = 0;

	if (inputs->n > CONFIG_INPUTS_MAX)
		return parts_take(p,
		    ynode_err(
			list, p->e, "more than %d inputs", CONFIG_INPUTS_MAX));
	for (size_t i = 0; err == 0 && i < inputs->n; i++) {
		size_t before = parts_faults(p);

		all[i].node = list->items[i];
		err = parts_check_keys(
		    p, all[i].node, input_uses, all[i].type, input_types);
		inputs->bad[i] |= parts_faults(p) > before;
		if (err == 0 && !inputs->bad[i])
			err = finish_good(p, i);
		inputs->bad[i] |= parts_faults(p) > before;
	}
	return err;
}
