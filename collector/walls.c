/*
 * walls.c - which files the running daemon may touch, and the sandbox itself.
 *
 * See walls.h.  Knows the configuration's paths; lib/sandbox knows the kernel.
 */
#include "collector/walls.h"

#include "lib/globs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What looks for leaks at the end needs ptrace(2), which is behind the wall. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* Read by libraries: resolver, certificates, zones, and modules that the name
 * service loads when it is first asked. */
static const char *const system_places[] = { "/etc", "/usr", "/lib", "/lib64",
	"/proc", "/run/systemd/resolve", "/run/nscd", "/var/run/nscd",
	"/dev/urandom", "/dev/stdin", NULL };

/* What was allowed: whole paths, without links. */
struct walls {
	struct opened {
		char *path;
		enum sandbox_right right;
	} * v;
	size_t n;
	bool files;    /* that wall stands */
	bool programs; /* may be started */
	bool partial;  /* without memory for all: then nothing is refused */
};

/* Who asks for places: at the start they are opened, later on only looked for
 * among those. */
struct fence {
	struct sandbox *sandbox; /* NULL: later on */
	struct walls *walls;
	const char *refused; /* the first, as it was named */
};

static void
remember(struct walls *w, const char *path, enum sandbox_right right)
{
	struct opened *more = realloc(w->v, (w->n + 1) * sizeof(*more));
	char *real = realpath(path, NULL);

	if (more)
		w->v = more;
	if (more && real)
		w->v[w->n++] = (struct opened){ real, right };
	else
		free(real);
	/* What has no path of its own (a pipe at /dev/stdin) names no folder. */
	w->partial |= !more || (!real && errno == ENOMEM);
}

static bool
is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	    (n == 1 || path[n] == '/' || path[n] == '\0');
}

static bool
is_open(const struct walls *w, const char *path, enum sandbox_right right)
{
	char *real = realpath(path, NULL);
	bool open = false;

	for (size_t i = 0; real && i < w->n && !open; i++)
		open = w->v[i].right >= right && is_below(real, w->v[i].path);
	free(real);
	return open;
}

static bool
allow(struct fence *f, const char *path, enum sandbox_right right)
{
	if (!f->sandbox)
		return is_open(f->walls, path, right);
	if (!sandbox_allow(f->sandbox, path, right))
		return false;
	remember(f->walls, path, right);
	return true;
}

/* Cuts the last part off; false at the top. */
static bool
to_parent(struct buf *path)
{
	size_t n = path->n;

	while (n > 0 && path->p[n - 1] != '/')
		n--;
	if (n <= 1 && path->n == 1)
		return false;
	if (n > 1)
		n--; /* the slash */
	path->n = n;
	if (n == 0)
		buf_addc(path, '.');
	return true;
}

static const char *
text_of(struct buf *path)
{
	buf_addc(path, '\0');
	path->n -= path->failed ? 0 : 1;
	return path->failed ? "/" : path->p;
}

/* A place that is not there yet may come: the next folder above it then. */
static bool
allow_above(struct fence *f, struct buf *path, enum sandbox_right right)
{
	do {
		if (allow(f, text_of(path), right))
			return true;
		/* It is there, perhaps as a link, and closed. */
		if (!f->sandbox && access(text_of(path), F_OK) == 0)
			return false;
	} while (to_parent(path));
	return false;
}

/* The folder a file is in, for files are replaced by renaming. */
static void
allow_folder_of(struct fence *f, const char *file, enum sandbox_right right)
{
	struct buf path = BUF_INIT;

	if (!file)
		return;
	buf_adds(&path, file);
	to_parent(&path);
	if (!allow_above(f, &path, right) && !f->refused)
		f->refused = file;
	buf_release(&path);
}

static void
allow_glob(struct fence *f, const char *pattern)
{
	struct buf path = BUF_INIT;

	globs_root(pattern, &path);
	allow_above(f, &path, SANDBOX_READ);
	buf_release(&path);
}

static void
allow_files_of(struct fence *f, const struct opt_strings *files)
{
	for (size_t i = 0; i < files->n; i++)
		allow_folder_of(f, files->v[i], SANDBOX_READ);
}

static void
allow_input(struct fence *f, const struct input_config *in)
{
	const char *const files[] = { in->cert, in->key, in->client_ca, in->crl,
		in->jwks };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		allow_folder_of(f, files[i], SANDBOX_READ);
	for (size_t i = 0; i < in->files.n; i++)
		allow_glob(f, in->files.v[i]);
	allow_files_of(f, &in->public_keys);
	if (in->type == INPUT_UNIX)
		allow_folder_of(f, in->listen, SANDBOX_WRITE);
}

static void
allow_output(struct fence *f, const struct output_config *out)
{
	const char *const files[] = { out->cert, out->key, out->ca,
		out->template };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		allow_folder_of(f, files[i], SANDBOX_READ);
	allow_folder_of(f, out->dead_letter, SANDBOX_WRITE);
	if (out->preset && strchr(out->preset, '/'))
		allow_folder_of(f, out->preset, SANDBOX_READ);
	if (out->type == OUTPUT_PLUGIN)
		allow_folder_of(f, out->path, SANDBOX_READ);
	if (out->type == OUTPUT_FILE)
		allow_folder_of(f, out->path, SANDBOX_WRITE);
	if (out->type == OUTPUT_EXEC)
		allow_folder_of(f, out->command, SANDBOX_READ);
}

static void
allow_all(struct fence *f, const struct config *c)
{
	const struct input_config *in = c->inputs.v;
	const struct output_config *out = c->outputs.v;

	for (size_t i = 0; system_places[i]; i++)
		allow(f, system_places[i], SANDBOX_READ);
	allow(f, "/dev/null", SANDBOX_WRITE);
	allow_folder_of(f, c->path, SANDBOX_READ);
	allow_folder_of(f, c->policy, SANDBOX_READ);
	allow_files_of(f, &c->geo.databases);
	allow_files_of(f, &c->geo.cloud_ranges);
	if (c->state.dir)
		allow(f, c->state.dir, SANDBOX_WRITE);
	for (size_t i = 0; i < c->inputs.n; i++)
		allow_input(f, &in[i]);
	for (size_t i = 0; i < c->outputs.n; i++)
		allow_output(f, &out[i]);
}

static bool
starts_programs(const struct config *c)
{
	const struct output_config *out = c->outputs.v;

	for (size_t i = 0; i < c->outputs.n; i++)
		if (out[i].type == OUTPUT_EXEC)
			return true;
	return false;
}

/* The walls themselves; what is not up is in the report. */
static int
enter(const struct config *c, struct walls *w, struct sandbox_report *report,
    struct err *e)
{
	struct fence f = { .sandbox = sandbox_new(), .walls = w };
	int err;

	if (!f.sandbox)
		return err_set(e, ST_ENOMEM, "out of memory");
	allow_all(&f, c);
	w->programs = starts_programs(c);
	err = sandbox_enter(
	    f.sandbox, w->programs ? SANDBOX_EXEC : 0, report, e);
	sandbox_free(f.sandbox);
	w->files = report->files;
	w->programs |= !report->files && !report->calls;
	return err;
}

int
walls_enter(const struct config *c, struct sandbox_report *report,
    struct walls **result, struct err *e)
{
	const char *off = SANITIZED ? "this build has a sanitizer"
				    : "sandbox: off";
	struct walls *w;
	int err;

	*report = (struct sandbox_report){ .no_files = off, .no_calls = off };
	if (c->sandbox == SANDBOX_OFF ||
	    (SANITIZED && c->sandbox != SANDBOX_REQUIRED))
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = enter(c, w, report, e);
	if (err == 0 && c->sandbox == SANDBOX_REQUIRED &&
	    !(report->files && report->calls))
		err = err_set(e, ST_EINVAL, "sandbox: required, but %s",
		    report->files ? report->no_calls : report->no_files);
	if (err < 0)
		walls_free(w);
	else
		*result = w;
	return err;
}

void
walls_free(struct walls *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].path);
	free(w->v);
	free(w);
}

int
walls_admit(
    const struct walls *w, const struct output_config *out, struct err *e)
{
	struct walls seen;
	struct fence f = { .walls = &seen };

	if (!w)
		return 0;
	seen = *w;
	if (out->type == OUTPUT_EXEC && !w->programs)
		return ynode_err(out->node, e,
		    "output %s: the sandbox lets no program be started, for "
		    "there was no exec output at the start: start again",
		    out->name);
	if (!w->files || w->partial)
		return 0;
	allow_output(&f, out);
	if (!f.refused)
		return 0;
	return ynode_err(out->node, e,
	    "output %s: %s is behind the sandbox's walls, which stand around "
	    "the folders of the start: start again",
	    out->name, f.refused);
}

void
walls_tell(const struct sandbox_report *r, struct buf *out)
{
	if (r->files && r->calls) {
		buf_adds(out, "files and system calls");
		return;
	}
	if (!r->files && !r->calls) {
		buf_addf(out, "none: %s", r->no_files);
		if (strcmp(r->no_files, r->no_calls) != 0)
			buf_addf(out, ", %s", r->no_calls);
		return;
	}
	buf_addf(out, "%s only: %s", r->files ? "files" : "system calls",
	    r->files ? r->no_calls : r->no_files);
}
