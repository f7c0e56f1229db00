/*
 * walls.c - which files the running daemon may touch, and the sandbox itself.
 *
 * See walls.h.  Knows the configuration's paths; lib/sandbox knows the kernel.
 */
#include "collector/walls.h"

#include "lib/globs.h"

#include <string.h>

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
static void
allow_above(struct sandbox *s, struct buf *path, enum sandbox_right right)
{
	while (!sandbox_allow(s, text_of(path), right) && to_parent(path))
		;
}

/* The folder a file is in, for files are replaced by renaming. */
static void
allow_folder_of(struct sandbox *s, const char *file, enum sandbox_right right)
{
	struct buf path = BUF_INIT;

	if (!file)
		return;
	buf_adds(&path, file);
	to_parent(&path);
	allow_above(s, &path, right);
	buf_release(&path);
}

static void
allow_glob(struct sandbox *s, const char *pattern)
{
	struct buf path = BUF_INIT;

	globs_root(pattern, &path);
	allow_above(s, &path, SANDBOX_READ);
	buf_release(&path);
}

static void
allow_files_of(struct sandbox *s, const struct opt_strings *files)
{
	for (size_t i = 0; i < files->n; i++)
		allow_folder_of(s, files->v[i], SANDBOX_READ);
}

static void
allow_input(struct sandbox *s, const struct input_config *in)
{
	const char *const files[] = { in->cert, in->key, in->client_ca, in->crl,
		in->jwks };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		allow_folder_of(s, files[i], SANDBOX_READ);
	for (size_t i = 0; i < in->files.n; i++)
		allow_glob(s, in->files.v[i]);
	allow_files_of(s, &in->public_keys);
	if (in->type == INPUT_UNIX)
		allow_folder_of(s, in->listen, SANDBOX_WRITE);
}

static void
allow_output(struct sandbox *s, const struct output_config *out)
{
	const char *const files[] = { out->cert, out->key, out->ca,
		out->template };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		allow_folder_of(s, files[i], SANDBOX_READ);
	allow_folder_of(s, out->dead_letter, SANDBOX_WRITE);
	if (out->preset && strchr(out->preset, '/'))
		allow_folder_of(s, out->preset, SANDBOX_READ);
	if (out->type == OUTPUT_PLUGIN)
		allow_folder_of(s, out->path, SANDBOX_READ);
	if (out->type == OUTPUT_FILE)
		allow_folder_of(s, out->path, SANDBOX_WRITE);
	if (out->type == OUTPUT_EXEC)
		allow_folder_of(s, out->command, SANDBOX_READ);
}

static void
allow_all(struct sandbox *s, const struct config *c)
{
	const struct input_config *in = c->inputs.v;
	const struct output_config *out = c->outputs.v;

	for (size_t i = 0; system_places[i]; i++)
		sandbox_allow(s, system_places[i], SANDBOX_READ);
	sandbox_allow(s, "/dev/null", SANDBOX_WRITE);
	allow_folder_of(s, c->path, SANDBOX_READ);
	allow_folder_of(s, c->policy, SANDBOX_READ);
	allow_files_of(s, &c->geo.databases);
	allow_files_of(s, &c->geo.cloud_ranges);
	if (c->state.dir)
		sandbox_allow(s, c->state.dir, SANDBOX_WRITE);
	for (size_t i = 0; i < c->inputs.n; i++)
		allow_input(s, &in[i]);
	for (size_t i = 0; i < c->outputs.n; i++)
		allow_output(s, &out[i]);
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

int
walls_enter(
    const struct config *c, struct sandbox_report *report, struct err *e)
{
	const char *off = SANITIZED ? "this build has a sanitizer"
				    : "sandbox: off";
	struct sandbox *s;
	int err;

	*report = (struct sandbox_report){ .no_files = off, .no_calls = off };
	if (c->sandbox == SANDBOX_OFF ||
	    (SANITIZED && c->sandbox != SANDBOX_REQUIRED))
		return 0;
	s = sandbox_new();
	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	allow_all(s, c);
	err = sandbox_enter(
	    s, starts_programs(c) ? SANDBOX_EXEC : 0, report, e);
	sandbox_free(s);
	if (err == 0 && c->sandbox == SANDBOX_REQUIRED &&
	    !(report->files && report->calls))
		err = err_set(e, ST_EINVAL, "sandbox: required, but %s",
		    report->files ? report->no_calls : report->no_files);
	return err;
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
