/*
 * owner.c - whose a new file is, and why something with a file did not work.
 *
 * See owner.h.
 */
#include "outputs/file/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640
#define USER_MAX 256

int
file_why_sys(struct stsentry_why *why, const char *fmt, ...)
{
	int code = errno;
	size_t n;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	n = strlen(why->text);
	snprintf(why->text + n, sizeof(why->text) - n, ": %s", strerror(code));
	return -1;
}

int
file_why(struct stsentry_why *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return -1;
}

static bool
find_user(const char *name, uid_t *uid)
{
	const struct passwd *found = getpwnam(name);
	char *end;

	if (found) {
		*uid = found->pw_uid;
		return true;
	}
	*uid = (uid_t)strtoul(name, &end, 10);
	return *name && !*end;
}

static bool
find_group(const char *name, gid_t *gid)
{
	const struct group *found = getgrnam(name);
	char *end;

	if (found) {
		*gid = found->gr_gid;
		return true;
	}
	*gid = (gid_t)strtoul(name, &end, 10);
	return *name && !*end;
}

/* "user" or "user:group". */
static int
set_owner(struct owner *o, const char *text, struct stsentry_why *why)
{
	char user[USER_MAX];
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);

	snprintf(user, sizeof(user), "%.*s", (int)n, text);
	if (!find_user(user, &o->uid))
		return file_why(why, "owner: there is no such user");
	if (colon && !find_group(colon + 1, &o->gid))
		return file_why(why, "owner: there is no such group");
	return 0;
}

int
owner_read(struct owner *o, const struct stsentry_setup *setup,
    struct stsentry_why *why)
{
	const struct stsentry_setting *mode = stsentry_setting(
	    setup, "mode_bits");
	const struct stsentry_setting *owner = stsentry_setting(setup, "owner");

	o->mode = mode ? (mode_t)mode->number : FILE_MODE;
	o->uid = (uid_t)-1;
	o->gid = (gid_t)-1;
	return owner ? set_owner(o, owner->text, why) : 0;
}

int
owner_give(
    const struct owner *o, int fd, const char *path, struct stsentry_why *why)
{
	if (fchmod(fd, o->mode) < 0)
		return file_why_sys(why, "cannot set the mode of %s", path);
	if ((o->uid != (uid_t)-1 || o->gid != (gid_t)-1) &&
	    fchown(fd, o->uid, o->gid) < 0)
		return file_why_sys(why, "cannot give %s to its owner", path);
	return 0;
}
