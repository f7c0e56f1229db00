/*
 * files.c - what of the machine would fail later.
 *
 * Looks whether files can be read and folders be written, as the user who
 * asks; opens nothing for long, changes and binds nothing.  Main thread.
 */
#include "conf/parts.h"

#include "lib/utf8.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct look {
	struct problems *all;
	struct arena *a;
};

static void problem(struct look *l, const struct ynode *n, const char *fmt, ...)
    ST_PRINTF(3, 4);

static void
problem(struct look *l, const struct ynode *n, const char *fmt, ...)
{
	char text[sizeof(((struct err *)NULL)->text)];
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ynode_err(n, &e, "%s", text);
	problems_add(l->all, &e);
}

/* A path that came from a secret is not shown. */
static const char *
shown(const struct ynode *n, const char *path)
{
	return n->secret ? "the file named there" : path;
}

/* What is above it, "." where it has no slash. */
static const char *
folder_of(struct look *l, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *copy;

	if (!slash)
		return ".";
	if (slash == path)
		return "/";
	copy = arena_dup(l->a, path, (size_t)(slash - path));
	return copy ? copy : ".";
}

static void
readable(
    struct look *l, const struct ynode *n, const char *key, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || access(path, R_OK) < 0)
		problem(l, n, "%s: cannot read %s: %s", key, shown(n, path),
		    strerror(errno));
	else if (S_ISDIR(st.st_mode))
		problem(l, n, "%s: %s is a folder", key, shown(n, path));
}

/* For reading or writing something in it. */
static void
folder(struct look *l, const struct ynode *n, const char *key, const char *path,
    int how)
{
	struct stat st;

	if (stat(path, &st) < 0)
		problem(l, n, "%s: the folder %s: %s", key, shown(n, path),
		    strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		problem(l, n, "%s: %s is no folder", key, shown(n, path));
	else if (access(path, how | X_OK) < 0)
		problem(l, n, "%s: cannot %s the folder %s: %s", key,
		    how == W_OK ? "write to" : "read", shown(n, path),
		    strerror(errno));
}

static void
writable(
    struct look *l, const struct ynode *n, const char *key, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		folder(l, n, key, folder_of(l, path), W_OK);
	else if (S_ISDIR(st.st_mode))
		problem(l, n, "%s: %s is a folder", key, shown(n, path));
	else if (access(path, W_OK) < 0)
		problem(l, n, "%s: cannot write to %s: %s", key, shown(n, path),
		    strerror(errno));
}

static void
given(
    struct look *l, const struct ynode *map, const char *key, const char *path)
{
	const struct ynode *n = ynode_get(map, key);

	if (n && path)
		readable(l, n, key, path);
}

static void
each(struct look *l, const struct opt_strings *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		readable(l, list->nodes[i], key, list->v[i]);
}

/* A pattern may match later; the folder that it begins in must be there. */
static void
glob_start(struct look *l, const struct ynode *n, const char *path, bool follow)
{
	size_t plain = strcspn(path, "*?[");
	const char *start;

	if (path[plain] == '\0' && !follow) {
		readable(l, n, "paths", path);
		return;
	}
	start = arena_dup(l->a, path, plain);
	if (start)
		folder(l, n, "paths", folder_of(l, start), R_OK);
}

static void
look_at_input(struct look *l, const struct input_config *in)
{
	given(l, in->node, "cert", in->cert);
	given(l, in->node, "key", in->key);
	given(l, in->node, "client_ca", in->client_ca);
	given(l, in->node, "crl", in->crl);
	given(l, in->node, "jwks", in->jwks);
	each(l, &in->public_keys, "public_keys");
	for (size_t i = 0; i < in->files.n; i++)
		glob_start(l, in->files.nodes[i], in->files.v[i], in->follow);
	if (in->type == INPUT_UNIX)
		folder(l, ynode_get(in->node, "listen"), "listen",
		    folder_of(l, in->listen), W_OK);
}

/* "user" or "user:group", by name or number. */
static void
look_at_owner(struct look *l, const struct output_config *out)
{
	const struct ynode *n = ynode_get(out->node, "owner");
	struct slice user, group;
	const char *name;

	if (!n)
		return;
	group = slice_after(slice_str(out->owner), ':');
	user = group.p ? slice_before(slice_str(out->owner), ':')
		       : slice_str(out->owner);
	name = arena_dup(l->a, user.p, user.n);
	if (name && name[strspn(name, "0123456789")] && !getpwnam(name))
		problem(l, n, "owner: there is no user %s", name);
	if (group.p && group.p[strspn(group.p, "0123456789")] &&
	    !getgrnam(group.p))
		problem(l, n, "owner: there is no group %s", group.p);
}

static void
look_at_command(struct look *l, const struct output_config *out)
{
	const struct ynode *n = ynode_get(out->node, "command");
	struct stat st;

	if (!n)
		return;
	if (stat(out->command, &st) < 0 || access(out->command, X_OK) < 0)
		problem(l, n, "command: cannot run %s: %s",
		    shown(n, out->command), strerror(errno));
	else if (!S_ISREG(st.st_mode))
		problem(
		    l, n, "command: %s is no program", shown(n, out->command));
}

/* Some name in the folder before the first hole. */
static const char *
without_holes(struct look *l, const char *path)
{
	size_t n = strcspn(path, "{}");
	struct slice s = arena_printf(l->a, "%.*sx", (int)n, path);

	return path[n] && s.p ? s.p : path;
}

static void
look_at_output(struct look *l, const struct output_config *out)
{
	given(l, out->node, "cert", out->cert);
	given(l, out->node, "key", out->key);
	given(l, out->node, "ca", out->ca);
	given(l, out->node, "template", out->template);
	if (out->type == OUTPUT_PLUGIN)
		given(l, out->node, "path", out->path);
	else if (out->path)
		writable(l, ynode_get(out->node, "path"), "path",
		    without_holes(l, out->path));
	look_at_owner(l, out);
	look_at_command(l, out);
}

static void
look_at_state(struct look *l, const struct config *c, const struct ynode *root)
{
	const struct ynode *n = ynode_get(ynode_get(root, "state"), "dir");
	struct stat st;

	if (!n || !c->state.dir)
		return;
	/* It will be made where it is not there. */
	if (stat(c->state.dir, &st) < 0 && errno == ENOENT)
		folder(l, n, "dir", folder_of(l, c->state.dir), W_OK);
	else
		folder(l, n, "dir", c->state.dir, W_OK);
}

void
config_check_files(const struct config *c, struct problems *all)
{
	const struct ynode *root = yaml_root(c->doc);
	const struct input_config *in = c->inputs.v;
	struct arena a;
	struct look l = { all, &a };

	arena_init(&a, 1024);
	for (size_t i = 0; i < c->inputs.n; i++)
		if (opt_blocks_good(&c->inputs, i))
			look_at_input(&l, &in[i]);
	given(&l, root, "policy", c->policy);
	each(&l, &c->geo.databases, "databases");
	each(&l, &c->geo.cloud_ranges, "cloud_ranges");
	look_at_state(&l, c, root);
	arena_release(&a);
}

void
config_check_output_files(const struct output_config *out, struct problems *all)
{
	struct arena a;
	struct look l = { all, &a };

	arena_init(&a, 1024);
	look_at_output(&l, out);
	arena_release(&a);
}
