/*
 * syslog.c - an output to a syslog server.
 *
 * Frames records by octet count or LF, puts a header before formats that have
 * none, and says "done" only when the server's system has all of a batch.
 * That a program behind it has read it is not told by syslog: what was sent
 * last is kept, and sent again where a connection ended so that it may have
 * been lost.  Connecting, addresses and TLS are link.c's.
 *
 * Facts: RFC 5425, RFC 6587 3.4, RFC 5426.
 */
#include <stsentry/output.h>

#include "outputs/syslog/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMEOUT_MS 10000
#define DRAIN_MS 2 /* how often it is asked whether all is there */
#define DRAIN_SLOW_MS 50
#define DRAIN_QUICK 20 /* times */
/* Two halves of what was sent last: as much as a system holds for a program
 * that does not read just now. */
#define AGAIN_BYTES ((size_t)256 << 10)
#define DATAGRAM_MAX 65507

struct bytes {
	char *p;
	size_t n, size;
};

enum header { HEADER_NONE, HEADER_3164, HEADER_5424 };

struct syslog {
	const struct stsentry_host *host;
	const struct stsentry_setup *setup;
	char name[256], port[8];
	struct link_about about;
	struct secure *secure; /* TLS */
	struct link *link;
	enum header header;
	bool counted; /* octets, else LF */
	int facility;
	int64_t timeout;
	struct stsentry_timer *patience, *drain;
	/* of a batch: frames, and how much is written */
	const struct stsentry_record *records;
	size_t n;
	struct bytes out, line;
	size_t at;
	bool framed;
	unsigned drains;
	/* what was sent last, newest in [0]; `torn`: send it again first */
	struct bytes sent[2];
	bool torn;
};

static int
fail(struct stsentry_why *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return -1;
}

static bool
add(struct bytes *b, const void *p, size_t n)
{
	size_t size = b->size ? b->size : 4096;
	char *more;

	if (n == 0)
		return true;
	while (size < b->n + n)
		size *= 2;
	if (size != b->size) {
		more = realloc(b->p, size);
		if (!more)
			return false;
		b->p = more;
		b->size = size;
	}
	memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}

/* ---- settings ---- */

static const char *
text_of(const struct stsentry_setup *s, const char *name)
{
	const struct stsentry_setting *found = stsentry_setting(s, name);

	return found ? found->text : NULL;
}

static int64_t
number_of(const struct stsentry_setup *s, const char *name, int64_t other)
{
	const struct stsentry_setting *found = stsentry_setting(s, name);

	return found ? found->number : other;
}

static struct secure *
load_secure(const struct stsentry_setup *s, struct stsentry_why *why)
{
	const struct secure_files files = { text_of(s, "ca"),
		text_of(s, "cert"), text_of(s, "key") };

	return secure_new(&files, why);
}

static bool
is_tls(const struct stsentry_setup *s)
{
	const char *protocol = text_of(s, "protocol");

	return !protocol || strcmp(protocol, "tls") == 0;
}

static int
syslog_check(const struct stsentry_setup *setup, struct stsentry_why *why)
{
	struct secure *secure;

	if (!text_of(setup, "server"))
		return fail(why, "a syslog output needs a server");
	if (strcmp(setup->format, "text") == 0)
		return fail(why,
		    "format: text has many lines a finding, syslog has one; "
		    "use rfc5424");
	if (!is_tls(setup))
		return 0;
	secure = load_secure(setup, why);
	secure_free(secure);
	return secure ? 0 : -1;
}

/* "host:port", "[::1]:514", or a path. */
static void
set_place(struct syslog *y, const char *server)
{
	const char *colon = strrchr(server, ':');
	size_t n;

	if (y->about.kind == LINK_UNIX || !colon) {
		snprintf(y->name, sizeof(y->name), "%s", server);
	} else {
		n = (size_t)(colon - server);
		if (server[0] == '[' && n > 2) {
			server++;
			n -= 2;
		}
		snprintf(y->name, sizeof(y->name), "%.*s", (int)n, server);
		snprintf(y->port, sizeof(y->port), "%s", colon + 1);
	}
	y->about.name = y->name;
	y->about.port = y->port;
}

static void
set_kind(struct syslog *y)
{
	static const char *const words[] = { [LINK_TLS] = "tls",
		[LINK_TCP] = "tcp",
		[LINK_UDP] = "udp",
		[LINK_UNIX] = "unix" };
	const char *protocol = text_of(y->setup, "protocol");

	for (unsigned i = 0; protocol && i < 4; i++)
		if (strcmp(protocol, words[i]) == 0)
			y->about.kind = (enum link_kind)i;
}

/* CEF and LEEF are at home in RFC 3164. */
static enum header
header_of(const char *format)
{
	if (strncmp(format, "rfc", 3) == 0)
		return HEADER_NONE;
	return strcmp(format, "cef") == 0 || strcmp(format, "leef") == 0
	    ? HEADER_3164
	    : HEADER_5424;
}

/* ---- frames ---- */

static const int priorities[] = { 6, 5, 4, 3, 2 };

static bool
add_header(struct syslog *y, const struct stsentry_record *r)
{
	const char *machine = y->setup->machine ? y->setup->machine : "-";
	const char *tag = text_of(y->setup, "tag");
	int priority = y->facility * 8 +
	    priorities[r->severity <= 4 ? r->severity : 4];
	time_t sec = (time_t)((r->time_ms ? r->time_ms
					  : y->host->time_ms(y->host)) /
	    1000);
	char text[512], when[32];
	struct tm tm;
	int n;

	if (y->header == HEADER_NONE)
		return true;
	gmtime_r(&sec, &tm);
	if (y->header == HEADER_3164) {
		strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
		n = snprintf(text, sizeof(text), "<%d>%s %.255s ", priority,
		    when, machine);
	} else {
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
		n = snprintf(text, sizeof(text),
		    "<%d>1 %s %.255s %.48s - %s - ", priority, when, machine,
		    tag ? tag : "stsentry",
		    r->flags & STSENTRY_FINDING ? "finding" : "decision");
	}
	return add(&y->line, text, (size_t)n);
}

/* The message in y->line, without its frame. */
static bool
make_line(struct syslog *y, const struct stsentry_record *r)
{
	size_t n = r->size;

	while (n > 0 && r->data[n - 1] == '\n')
		n--;
	y->line.n = 0;
	return add_header(y, r) && add(&y->line, r->data, n);
}

static bool
add_frame(struct syslog *y, const struct stsentry_record *r)
{
	char count[24];
	int n;

	if (!make_line(y, r))
		return false;
	if (!y->counted)
		return add(&y->out, y->line.p, y->line.n) &&
		    add(&y->out, "\n", 1);
	n = snprintf(count, sizeof(count), "%zu ", y->line.n);
	return add(&y->out, count, (size_t)n) &&
	    add(&y->out, y->line.p, y->line.n);
}

/* What may be lost comes first, as it was. */
static bool
make_frames(struct syslog *y)
{
	bool ok = true;

	y->out.n = y->at = 0;
	if (y->torn)
		ok = add(&y->out, y->sent[1].p, y->sent[1].n) &&
		    add(&y->out, y->sent[0].p, y->sent[0].n);
	for (size_t i = 0; i < y->n && ok; i++)
		ok = add_frame(y, &y->records[i]);
	y->framed = ok;
	return ok;
}

static void
remember(struct syslog *y)
{
	struct bytes old = y->sent[1];

	if (y->sent[0].n + y->out.n > AGAIN_BYTES) {
		y->sent[1] = y->sent[0];
		old.n = 0;
		y->sent[0] = old;
	}
	/* Without memory nothing is sent again: what came before counts. */
	if (!add(&y->sent[0], y->out.p, y->out.n))
		y->sent[0].n = y->sent[1].n = 0;
	y->torn = false;
}

static void
forget(struct syslog *y)
{
	y->sent[0].n = y->sent[1].n = 0;
	y->torn = false;
}

/* ---- answers ---- */

static void
rest(struct syslog *y)
{
	y->host->timer_set(y->patience, -1);
	y->host->timer_set(y->drain, -1);
	y->framed = false;
	y->drains = 0;
	y->n = 0;
}

static void
answer_done(struct syslog *y)
{
	const struct stsentry_answer done = { .verdict = STSENTRY_DONE };
	const struct stsentry_record *r = y->records;
	size_t n = y->n;

	rest(y);
	y->host->answer(y->host, r, n, &done);
}

static void
answer_again(struct syslog *y, const char *why)
{
	const struct stsentry_answer again = { STSENTRY_AGAIN, 0, why };
	const struct stsentry_record *r = y->records;
	size_t n = y->n;

	rest(y);
	y->host->answer(y->host, r, n, &again);
}

static void
on_down(void *arg, const char *why, bool torn)
{
	struct syslog *y = arg;

	if (torn || y->n > 0)
		y->torn = y->sent[0].n + y->sent[1].n > 0;
	else
		forget(y);
	if (y->n == 0) {
		y->host->log(y->host, STSENTRY_INFO,
		    "%s; connecting again with the next record", why);
		return;
	}
	answer_again(y, why);
}

static void
break_off(struct syslog *y, const char *why)
{
	char text[128];

	snprintf(text, sizeof(text), "cannot write: %s", why);
	link_stop(y->link);
	on_down(y, text, true);
}

static void
on_impatience(void *arg)
{
	break_off(arg, "the server does not take what it is sent");
}

/* ---- writing ---- */

static void
on_drain(void *arg)
{
	struct syslog *y = arg;

	if (link_is_drained(y->link)) {
		remember(y);
		answer_done(y);
		return;
	}
	y->drains++;
	y->host->timer_set(
	    y->drain, y->drains < DRAIN_QUICK ? DRAIN_MS : DRAIN_SLOW_MS);
}

static void
write_stream(struct syslog *y)
{
	while (y->at < y->out.n) {
		ssize_t w = link_write(
		    y->link, y->out.p + y->at, y->out.n - y->at);

		if (w < 0) {
			break_off(y, strerror(errno));
			return;
		}
		if (w == 0)
			return;
		y->at += (size_t)w;
		y->host->timer_set(y->patience, y->timeout);
	}
	on_drain(y);
}

static void
answer_first(struct syslog *y, int verdict, const char *why)
{
	const struct stsentry_answer a = { verdict, 0, why };
	const struct stsentry_record *r = y->records;

	y->records++;
	if (--y->n == 0)
		rest(y);
	y->host->answer(y->host, r, 1, &a);
}

/* One message each; none can be taken in part. */
static void
write_datagrams(struct syslog *y)
{
	while (y->n > 0) {
		ssize_t w = -1;

		if (!make_line(y, y->records)) {
			answer_again(y, "out of memory");
			return;
		}
		errno = EMSGSIZE;
		if (y->line.n <= DATAGRAM_MAX)
			w = link_write(y->link, y->line.p, y->line.n);
		if (w == 0)
			return;
		if (w > 0) {
			answer_first(y, STSENTRY_DONE, NULL);
		} else if (errno == EMSGSIZE) {
			answer_first(y, STSENTRY_LOST,
			    "it does not fit into a datagram; use tcp:// or "
			    "tls://");
		} else {
			break_off(y, strerror(errno));
			return;
		}
	}
}

static void
on_ready(void *arg)
{
	struct syslog *y = arg;

	if (y->n == 0)
		return;
	if (link_is_datagram(y->link)) {
		write_datagrams(y);
		return;
	}
	if (!y->framed && !make_frames(y)) {
		answer_again(y, "out of memory");
		return;
	}
	/* Between the last byte and the last answer there is nothing to do. */
	if (y->at < y->out.n)
		write_stream(y);
}

static void
syslog_send(void *self, const struct stsentry_record *records, size_t n)
{
	struct syslog *y = self;

	y->records = records;
	y->n = n;
	y->host->timer_set(y->patience, y->timeout);
	if (link_is_up(y->link))
		on_ready(y);
	else if (!link_is_started(y->link))
		link_start(y->link, y->secure);
}

/* ---- a life ---- */

static void
syslog_close(void *self)
{
	struct syslog *y = self;

	link_free(y->link);
	secure_free(y->secure);
	y->host->timer_free(y->patience);
	y->host->timer_free(y->drain);
	free(y->out.p);
	free(y->line.p);
	free(y->sent[0].p);
	free(y->sent[1].p);
	free(y);
}

static int
prepare(struct syslog *y, struct stsentry_why *why)
{
	const struct link_listener listener = { on_ready, on_down, y };
	const char *framing = text_of(y->setup, "framing");

	set_kind(y);
	set_place(y, text_of(y->setup, "server"));
	y->header = header_of(y->setup->format);
	y->counted = !framing || strcmp(framing, "octets") == 0;
	y->facility = (int)number_of(y->setup, "facility", 10);
	y->timeout = number_of(y->setup, "timeout", TIMEOUT_MS);
	if (y->about.kind == LINK_TLS) {
		y->secure = load_secure(y->setup, why);
		if (!y->secure)
			return -1;
	}
	y->link = link_new(y->host, &y->about, &listener);
	y->patience = y->host->timer(y->host, on_impatience, y);
	y->drain = y->host->timer(y->host, on_drain, y);
	return y->link && y->patience && y->drain ? 0
						  : fail(why, "out of memory");
}

static void *
syslog_open(const struct stsentry_setup *setup,
    const struct stsentry_host *host, struct stsentry_why *why)
{
	struct syslog *y = calloc(1, sizeof(*y));

	if (!y) {
		fail(why, "out of memory");
		return NULL;
	}
	y->host = host;
	y->setup = setup;
	if (prepare(y, why) == 0)
		return y;
	syslog_close(y);
	return NULL;
}

static int
syslog_flush(void *self, struct stsentry_why *why)
{
	(void)self;
	(void)why;
	return 0;
}

/* Certificates may be new: the next connection has them. */
static int
syslog_reopen(void *self, struct stsentry_why *why)
{
	struct syslog *y = self;
	struct secure *fresh;

	if (y->about.kind != LINK_TLS)
		return 0;
	fresh = load_secure(y->setup, why);
	if (!fresh)
		return -1;
	if (link_is_started(y->link)) {
		link_stop(y->link);
		on_down(y, "certificates are read again", true);
	}
	secure_free(y->secure);
	y->secure = fresh;
	return 0;
}

const struct stsentry_output output_syslog = {
	.abi = STSENTRY_OUTPUT_ABI,
	.size = sizeof(struct stsentry_output),
	.name = "syslog",
	.help = "sends to a syslog server",
	.check = syslog_check,
	.open = syslog_open,
	.send = syslog_send,
	.flush = syslog_flush,
	.reopen = syslog_reopen,
	.close = syslog_close,
};
