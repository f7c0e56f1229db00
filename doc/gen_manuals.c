/*
 * gen_manuals.c - writes the manual pages and the completions.
 *
 *     gen_manuals BINDIR OUTDIR
 *
 * BINDIR has stsentry and stsentryd: what they say with --help, and the tables
 * of options, reasons and formats that are linked in, is all that the pages
 * are made of.  A program of the build, never installed.
 */
#include "doc/gen_manuals.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_SIZE 1024

const char *const manual_pages[] = { "stsentry 1", "policy.yaml 5",
	"stsentry.yaml 5", "stsentry-metrics 7", "stsentry-output 7",
	"stsentry-reasons 7", "stsentryd 8", NULL };

static const struct table_page {
	const char *name;
	int (*write)(FILE *f);
} table_pages[] = {
	{ "stsentry.yaml.5", page_config },
	{ "policy.yaml.5", page_policy },
	{ "stsentry-metrics.7", page_metrics },
	{ "stsentry-output.7", page_output },
	{ "stsentry-reasons.7", page_reasons },
};

static const struct completion {
	const char *name;
	int (*write)(FILE *f, const struct manuals *m);
} completions[] = {
	{ "stsentry.bash", completion_bash },
	{ "_stsentry", completion_zsh },
	{ "stsentry.fish", completion_fish },
};

#define N(v) (sizeof(v) / sizeof((v)[0]))

static FILE *
create(const char *dir, const char *name)
{
	char path[PATH_SIZE];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f)
		perror(path);
	return f;
}

static int
finish(FILE *f, int err)
{
	if (ferror(f) || fclose(f) != 0) {
		perror("gen_manuals");
		return -1;
	}
	return err;
}

/* ---- what the programs say --------------------------------------------------- */

static int
read_manuals(const char *bin, struct manuals *m)
{
	char line[PATH_SIZE];

	snprintf(line, sizeof(line), "'%s/stsentry' --help", bin);
	if (help_read(line, &m->index) < 0)
		return -1;
	for (size_t i = 0; i < m->index.n; i++) {
		const struct help_part *p = &m->index.v[i];
		struct manual *one = &m->v[m->n];

		if (p->kind != HELP_ITEM || m->n == COMMANDS_MAX)
			continue;
		one->name = p->spec;
		one->what = buf_slice(&p->text);
		snprintf(line, sizeof(line), "'%s/stsentry' %.*s --help", bin,
		    SLICE_ARG(one->name));
		if (help_read(line, &one->help) < 0)
			return -1;
		m->n++;
	}
	return 0;
}

/* ---- pages ------------------------------------------------------------------- */

static int
write_command(const char *out, const struct manual *m)
{
	char name[128], what[256];
	FILE *f;
	int err;

	snprintf(name, sizeof(name), "stsentry-%.*s.1", SLICE_ARG(m->name));
	f = create(out, name);
	if (!f)
		return -1;
	name[strlen(name) - 2] = '\0';
	snprintf(what, sizeof(what), "%.*s", SLICE_ARG(m->what));
	mdoc_begin(f, name, 1, what);
	mdoc_synopsis(f, &m->help);
	mdoc_help(f, &m->help);
	err = examples_write(f, m->name);
	mdoc_see_also(f, manual_pages, "");
	return finish(f, err);
}

static int
write_index(const char *out, const struct manuals *m)
{
	FILE *f = create(out, "stsentry.1");

	if (!f)
		return -1;
	mdoc_begin(
	    f, "stsentry", 1, "a sentry for temporary cloud credentials");
	mdoc_synopsis(f, &m->index);
	mdoc_section(f, "DESCRIPTION");
	mdoc_text(f,
	    SLICE_LIT("Finds requests for temporary credentials of AWS and "
		      "Google Cloud in audit logs, judges them, and looks back "
		      "on what the daemon decided.  Each command has a page of "
		      "its own."));
	mdoc_list(f);
	for (size_t i = 0; i < m->n; i++) {
		fprintf(f, ".It Xr stsentry-%.*s 1\n", SLICE_ARG(m->v[i].name));
		mdoc_text(f, m->v[i].what);
	}
	mdoc_list_end(f);
	mdoc_section(f, "ENVIRONMENT");
	fputs(
	    ".Bl -tag -width Ds\n.It Ev NO_COLOR\nAny value: no colours.\n"
	    ".It Ev TMPDIR\nWhere sorted runs go when there are more requests "
	    "than memory\nis meant for.\n.El\n",
	    f);
	mdoc_section(f, "EXIT STATUS");
	mdoc_text(f,
	    SLICE_LIT("0 it ran; 1 it ran and the condition asked for holds; "
		      "2 usage or configuration error; 3 some input could not "
		      "be read or parsed."));
	mdoc_see_also(f, manual_pages, "stsentry 1");
	return finish(f, 0);
}

static int
write_daemon(const char *bin, const char *out)
{
	char line[PATH_SIZE];
	struct help h;
	FILE *f;

	snprintf(line, sizeof(line), "'%s/stsentryd' --help", bin);
	if (help_read(line, &h) < 0)
		return -1;
	f = create(out, "stsentryd.8");
	if (!f)
		return -1;
	mdoc_begin(f, "stsentryd", 8,
	    "receives audit records, judges token requests, tells people");
	mdoc_synopsis(f, &h);
	mdoc_help(f, &h);
	mdoc_see_also(f, manual_pages, "stsentryd 8");
	help_release(&h);
	return finish(f, 0);
}

static int
write_all(const char *bin, const char *out, const struct manuals *m)
{
	int err = examples_check(m);
	FILE *f;

	if (err == 0)
		err = write_index(out, m);
	for (size_t i = 0; err == 0 && i < m->n; i++)
		err = write_command(out, &m->v[i]);
	if (err == 0)
		err = write_daemon(bin, out);
	for (size_t i = 0; err == 0 && i < N(table_pages); i++) {
		f = create(out, table_pages[i].name);
		err = f ? finish(f, table_pages[i].write(f)) : -1;
	}
	for (size_t i = 0; err == 0 && i < N(completions); i++) {
		f = create(out, completions[i].name);
		err = f ? finish(f, completions[i].write(f, m)) : -1;
	}
	return err;
}

int
main(int argc, char **argv)
{
	static struct manuals m;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: gen_manuals BINDIR OUTDIR\n");
		return 2;
	}
	if (mkdir(argv[2], 0755) < 0 && errno != EEXIST) {
		perror(argv[2]);
		return 1;
	}
	err = read_manuals(argv[1], &m);
	if (err == 0)
		err = write_all(argv[1], argv[2], &m);
	help_release(&m.index);
	for (size_t i = 0; i < m.n; i++)
		help_release(&m.v[i].help);
	return err == 0 ? 0 : 1;
}
