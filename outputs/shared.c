/*
 * shared.c - an output from a shared object.
 *
 * See shared.h.  Whoever may change the file runs code as this daemon: one
 * that everybody may write is refused.
 */
#include "outputs/shared.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <sys/stat.h>

static bool
is_name(const char *s)
{
	size_t n = 0;

	while (s && n <= SHARED_NAME_MAX &&
	    (islower((unsigned char)s[n]) || isdigit((unsigned char)s[n]) ||
		s[n] == '-' || s[n] == '_'))
		n++;
	return n > 0 && n <= SHARED_NAME_MAX && !s[n];
}

static int
check_options(
    const char *path, const struct stsentry_option *rows, struct err *e)
{
	size_t n = 0;

	for (; rows && rows[n].name; n++) {
		if (n == SHARED_OPTIONS_MAX)
			return err_set(e, ST_ELIMIT,
			    "%s has more than %d options", path,
			    SHARED_OPTIONS_MAX);
		if (!is_name(rows[n].name) || rows[n].kind < STSENTRY_TEXT ||
		    rows[n].kind > STSENTRY_FILE)
			return err_set(e, ST_EFORMAT,
			    "%s: its option %zu has no good name or kind", path,
			    n + 1);
	}
	return 0;
}

static int
check_table(const char *path, const struct stsentry_output *k, struct err *e)
{
	if (k->abi != STSENTRY_OUTPUT_ABI)
		return err_set(e, ST_EFORMAT,
		    "%s was built for version %u of the contract, this is "
		    "version %u: build it again",
		    path, (unsigned)k->abi, (unsigned)STSENTRY_OUTPUT_ABI);
	if (k->size < sizeof(*k))
		return err_set(e, ST_EFORMAT,
		    "%s: its table is too short: build it again", path);
	if (!is_name(k->name))
		return err_set(e, ST_EFORMAT,
		    "%s: its name is no word of a-z, 0-9, - and _", path);
	if (!k->check || !k->open || !k->send || !k->flush || !k->reopen ||
	    !k->close || !k->mark != !k->resume)
		return err_set(
		    e, ST_EFORMAT, "%s: a function is missing", path);
	return check_options(path, k->options, e);
}

static int
check_file(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, "cannot load %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ST_EINVAL, "%s is no file", path);
	if (st.st_mode & S_IWOTH)
		return err_set(e, ST_EINVAL,
		    "%s can be written by everybody: it would run as this "
		    "daemon",
		    path);
	return 0;
}

int
shared_load(
    const char *path, const struct stsentry_output **result, struct err *e)
{
	const struct stsentry_output *k;
	void *handle;
	int err = check_file(path, e);

	if (err < 0)
		return err;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return err_set(e, ST_EFORMAT, "cannot load %s", dlerror());
	k = dlsym(handle, SHARED_SYMBOL);
	if (!k)
		return err_set(
		    e, ST_EFORMAT, "%s exports no %s", path, SHARED_SYMBOL);
	err = check_table(path, k, e);
	if (err == 0)
		*result = k;
	return err;
}
