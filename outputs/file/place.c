/*
 * place.c - a path with holes: where a record's line goes.
 *
 * See place.h.  Which holes there are is one table.
 */
#include "outputs/file/place.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TIME_MAX 16

static const char *const severities[] = { "informational", "low", "medium",
	"high", "critical" };

static const char *
account_of(const struct stsentry_record *r, char *buffer)
{
	(void)buffer;
	return r->account;
}

static const char *
provider_of(const struct stsentry_record *r, char *buffer)
{
	(void)buffer;
	return r->provider;
}

static const char *
severity_of(const struct stsentry_record *r, char *buffer)
{
	const size_t n = sizeof(severities) / sizeof(severities[0]);

	(void)buffer;
	return r->severity < n ? severities[r->severity] : "";
}

static bool
time_of(const struct stsentry_record *r, struct tm *tm)
{
	time_t sec = (time_t)(r->time_ms / 1000);

	return r->time_ms != 0 && gmtime_r(&sec, tm);
}

static const char *
date_of(const struct stsentry_record *r, char *buffer)
{
	struct tm tm;

	return time_of(r, &tm) && strftime(buffer, TIME_MAX, "%Y-%m-%d", &tm)
	    ? buffer
	    : "";
}

static const char *
hour_of(const struct stsentry_record *r, char *buffer)
{
	struct tm tm;

	return time_of(r, &tm) && strftime(buffer, TIME_MAX, "%H", &tm) ? buffer
									: "";
}

static const struct hole {
	const char *word; /* with its braces */
	/* Into the buffer (TIME_MAX), where it has no text of its own. */
	const char *(*value)(const struct stsentry_record *r, char *buffer);
} holes[] = {
	{ "{account}", account_of },
	{ "{provider}", provider_of },
	{ "{severity}", severity_of },
	{ "{date}", date_of },
	{ "{hour}", hour_of },
};

static const struct hole *
hole_at(const char *s)
{
	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++)
		if (strncmp(s, holes[i].word, strlen(holes[i].word)) == 0)
			return &holes[i];
	return NULL;
}

bool
place_has_holes(const char *path)
{
	return strpbrk(path, "{}") != NULL;
}

/* ---- reading ---- */

static int
refuse(struct stsentry_why *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "path: %s", text);
	return -1;
}

static int
check_holes(const char *rest, struct stsentry_why *why)
{
	for (const char *p = rest; (p = strpbrk(p, "{}"));) {
		const struct hole *h = hole_at(p);

		if (!h)
			return refuse(why,
			    "its holes can be {account}, {provider}, "
			    "{severity}, {date} and {hour}");
		p += strlen(h->word);
	}
	return 0;
}

/* Of what is below the base: no "..", no ".", none empty, no controls. */
static int
check_parts(const char *rest, struct stsentry_why *why)
{
	for (const char *p = rest; *p; p++)
		if (iscntrl((unsigned char)*p))
			return refuse(why, "a control character is in it");
	for (const char *p = rest; p; p = strchr(p, '/')) {
		size_t n;

		p += *p == '/';
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return refuse(why,
			    "below the first hole each part must have a name");
	}
	return 0;
}

int
place_read(const char *path, struct place *result, struct stsentry_why *why)
{
	const char *hole = strpbrk(path, "{}"), *slash = hole;

	while (slash && slash > path && *slash != '/')
		slash--;
	if (!slash || slash == path)
		return refuse(why, "must begin with a folder without holes");
	if ((size_t)(slash - path) >= sizeof(result->base))
		return refuse(why, "is too long");
	snprintf(result->base, sizeof(result->base), "%.*s",
	    (int)(slash - path), path);
	result->rest = slash + 1;
	if (check_holes(result->rest, why) < 0)
		return -1;
	return check_parts(result->rest, why);
}

/* ---- filling in ---- */

struct name {
	char *p;
	size_t n, size;
};

static bool
put(struct name *name, char c)
{
	if (name->n + 1 >= name->size)
		return false;
	name->p[name->n++] = c;
	name->p[name->n] = '\0';
	return true;
}

static bool
put_value(struct name *name, const char *value)
{
	bool good = true;

	if (!*value)
		value = "none";
	for (size_t i = 0; value[i] && i < PLACE_VALUE_MAX && good; i++) {
		unsigned char c = (unsigned char)value[i];
		bool plain = c < 0x80 &&
		    (isalnum(c) || c == '_' || c == '-' || (c == '.' && i > 0));

		good = put(name, plain ? (char)c : '_');
	}
	return good;
}

bool
place_of(const struct place *p, const struct stsentry_record *r, char *text,
    size_t size)
{
	struct name name = { text, 0, size };
	char buffer[TIME_MAX];
	bool good = true;

	for (const char *s = p->rest; *s && good;) {
		const struct hole *h = *s == '{' ? hole_at(s) : NULL;

		good = h ? put_value(&name, h->value(r, buffer))
			 : put(&name, *s);
		s += h ? strlen(h->word) : 1;
	}
	return good;
}
