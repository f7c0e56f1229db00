/*
 * drill_around.c - what outputs and judgements need beside themselves.
 *
 * Names, certificates, the clock, disks, geo databases: each is looked at once
 * and told with its fix.  Changes nothing.  Main thread; may block.
 */
#include "config.h"

#include "cli/drill.h"

#include "conf/address.h"
#include "geo/geo.h"
#include "lib/clock.h"
#include "lib/tls.h"
#include "lib/tls_peer.h"
#include "lib/when.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#define DAY_S 86400
#define CERT_DAYS 30
#define PROTOCOL_TLS 0 /* the first of its words */
#define GEO_DAYS 60    /* where the configuration sets no age */
#define DISK_BYTES ((uint64_t)256 << 20)
#define DISK_PERCENT 5

/* ---- names ---- */

/* Where "https://user@host:8443/path" leads; false where it names none. */
static bool
place_of(const char *url, struct address *result)
{
	const char *at = strstr(url, "://"), *end, *user;
	char text[ADDRESS_HOST_MAX + 16];

	at = at ? at + 3 : url;
	end = at + strcspn(at, "/?#");
	user = memchr(at, '@', (size_t)(end - at));
	if (user)
		at = user + 1;
	snprintf(text, sizeof(text), "%.*s", (int)(end - at), at);
	if (address_parse(slice_str(text), result))
		return true;
	snprintf(text, sizeof(text), "%.*s:443", (int)(end - at), at);
	return address_parse(slice_str(text), result);
}

static void
look_up(struct drill *d, const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int64_t began = clock_ms();
	int code = getaddrinfo(host, NULL, &hints, &found);

	drill_say(d,
	    &(struct drill_line){ "name", host, code == 0, clock_ms() - began,
		code == 0 ? "has an address" : gai_strerror(code),
		"look at the name, and at /etc/resolv.conf" });
	if (found)
		freeaddrinfo(found);
}

/* A server that an output speaks to; false for other outputs. */
static bool
server_of(const struct output_config *out, struct address *result)
{
	if (out->type == OUTPUT_WEBHOOK)
		return place_of(out->url, result);
	return out->type == OUTPUT_SYSLOG && out->server[0] != '/' &&
	    place_of(out->server, result);
}

static void
look_at_names(struct drill *d, const struct config *c)
{
	const struct output_config *out = c->outputs.v;
	struct address a;

	for (size_t i = 0; i < c->outputs.n; i++)
		if (server_of(&out[i], &a))
			look_up(d, a.host);
}

/* ---- certificates ---- */

static void
look_at_cert(struct drill *d, const char *cert, const char *key)
{
	const struct tls_options o = { .cert = cert, .key = key };
	struct tls_context *ctx = NULL;
	struct err e = { .text = "" };
	int64_t days = -1;
	char text[128];

	if (!cert)
		return;
	if (tls_context_new(&o, &ctx, &e) == 0) {
		days = (tls_context_expires(ctx) - when_now().sec) / DAY_S;
		snprintf(text, sizeof(text),
		    "is good for another %" PRId64 " days", days);
	}
	drill_say(d,
	    &(struct drill_line){ "certificate", cert, days >= CERT_DAYS, -1,
		ctx ? text : e.text, "renew it, then stsentry reload" });
	tls_context_unref(ctx);
}

static bool
speaks_tls(const struct output_config *out)
{
	return out->type == OUTPUT_WEBHOOK
	    ? strncmp(out->url, "https:", 6) == 0
	    : out->type == OUTPUT_SYSLOG && out->protocol == PROTOCOL_TLS;
}

/* What the server at the other end shows. */
static void
look_at_peer(struct drill *d, const struct output_config *out)
{
	struct tls_peer p = { .problem = NULL };
	struct err e = { .text = "" };
	struct address a;
	int64_t days = -1;
	char text[sizeof(e.text)], port[8];
	bool ok;

	if (!speaks_tls(out) || !server_of(out, &a))
		return;
	snprintf(port, sizeof(port), "%u", a.port);
	ok = tls_peer_look(a.host, port, out->ca, &p, &e) == 0;
	if (ok)
		days = (p.expires - when_now().sec) / DAY_S;
	if (!ok || p.problem)
		snprintf(text, sizeof(text), "%s", ok ? p.problem : e.text);
	else
		snprintf(text, sizeof(text),
		    "its certificate is good for another %" PRId64 " days",
		    days);
	drill_say(d,
	    &(struct drill_line){ "server", a.host,
		ok && !p.problem && days >= CERT_DAYS, -1, text,
		"it must be renewed there, bear the name that is asked for, "
		"and be of ca:" });
}

static void
look_at_certs(struct drill *d, const struct config *c)
{
	const struct output_config *out = c->outputs.v;
	const struct input_config *in = c->inputs.v;

	for (size_t i = 0; i < c->inputs.n; i++)
		look_at_cert(d, in[i].cert, in[i].key);
	for (size_t i = 0; i < c->outputs.n; i++)
		look_at_cert(d, out[i].cert, out[i].key);
	for (size_t i = 0; i < c->outputs.n; i++)
		look_at_peer(d, &out[i]);
}

/* ---- the machine ---- */

/* The kernel knows whether something keeps its clock right. */
static void
look_at_clock(struct drill *d)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);
	bool ok = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);

	drill_say(d,
	    &(struct drill_line){ "clock", "this machine", ok, -1,
		ok ? "is kept right" : "nothing keeps it right",
		"run systemd-timesyncd or chrony; in a container, on the "
		"host" });
}

static void
look_at_disk(struct drill *d, const char *path)
{
	char folder[4096], text[128];
	const char *slash = strrchr(path, '/');
	struct statvfs s;
	uint64_t bytes, percent;

	snprintf(folder, sizeof(folder), "%.*s",
	    slash && slash > path ? (int)(slash - path) : 1,
	    slash ? path : ".");
	if (statvfs(folder, &s) < 0) {
		drill_say(d,
		    &(struct drill_line){ "disk", folder, false, -1,
			strerror(errno), "make the folder" });
		return;
	}
	bytes = (uint64_t)s.f_bavail * s.f_frsize;
	percent = s.f_blocks ? (uint64_t)s.f_bavail * 100 / s.f_blocks : 0;
	snprintf(text, sizeof(text), "%" PRIu64 " MiB free, %" PRIu64 " %%",
	    bytes >> 20, percent);
	drill_say(d,
	    &(struct drill_line){ "disk", folder,
		bytes >= DISK_BYTES && percent >= DISK_PERCENT, -1, text,
		"make room; rotate, compress and keep bound output files, "
		"limits: the state" });
}

static void
look_at_disks(struct drill *d, const struct config *c)
{
	const struct output_config *out = c->outputs.v;
	char inside[4096];

	if (c->state.dir) {
		snprintf(inside, sizeof(inside), "%s/x", c->state.dir);
		look_at_disk(d, inside);
	}
	for (size_t i = 0; i < c->outputs.n; i++)
		if (out[i].type == OUTPUT_FILE)
			look_at_disk(d, out[i].path);
}

/* A list of ranges may not tell its age. */
static void
look_at_geo_file(struct drill *d, const struct config *c,
    const struct geo_files *f, const char *path, const char *fix)
{
	int64_t most = c->geo.max_age > 0 ? c->geo.max_age / 1000
					  : (int64_t)GEO_DAYS * DAY_S;
	struct geo *g = NULL;
	struct geo_info info = { .built = 0 };
	struct err e = { .text = "" };
	char text[128] = "can be read";
	int64_t age = 0;

	if (geo_open_all(f, &g, &e) == 0)
		geo_describe(g, 0, &info);
	if (info.built > 0) {
		age = when_now().sec - info.built;
		snprintf(
		    text, sizeof(text), "is %" PRId64 " days old", age / DAY_S);
	}
	drill_say(d,
	    &(struct drill_line){
		"geo", path, g && age <= most, -1, g ? text : e.text, fix });
	geo_close(g);
}

static void
look_at_geo(struct drill *d, const struct config *c)
{
	const struct opt_strings *databases = &c->geo.databases;
	const struct opt_strings *ranges = &c->geo.cloud_ranges;

	for (size_t i = 0; i < databases->n; i++)
		look_at_geo_file(d, c,
		    &(struct geo_files){
			.databases = &databases->v[i], .n_databases = 1 },
		    databases->v[i], "get a new one, as by geoipupdate");
	for (size_t i = 0; i < ranges->n; i++)
		look_at_geo_file(d, c,
		    &(struct geo_files){
			.ranges = &ranges->v[i], .n_ranges = 1 },
		    ranges->v[i], "get a new one from the cloud's own page");
}

void
drill_surroundings(struct drill *d, const struct config *c)
{
	look_at_names(d, c);
	look_at_certs(d, c);
	look_at_clock(d);
	look_at_disks(d, c);
	look_at_geo(d, c);
}
