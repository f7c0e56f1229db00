/*
 * gen_completion.c - completions of bash, zsh and fish, out of what --help says.
 */
#include "doc/gen_manuals.h"

/* An option as help tells it. */
struct known {
	struct slice letter, word; /* "-c", "--config"; absent for none */
	bool takes;                /* a value */
	struct slice help;
};

/* The next option of a spec that may have several: "--since T, --until T". */
static bool
next_option(struct slice *spec, struct known *k)
{
	struct slice rest = *spec, word = help_word(&rest);

	*k = (struct known){ .takes = false };
	if (!word.p || word.p[0] != '-')
		return false;
	do {
		if (slice_starts(word, "--"))
			k->word = word;
		else
			k->letter = word;
		*spec = rest;
		word = help_word(&rest);
		/* A letter and its word are one, two words are two. */
	} while (word.p && word.p[0] == '-' && !k->word.p);
	if (word.p && word.p[0] != '-') {
		k->takes = true;
		*spec = rest;
	}
	return true;
}

typedef void option_cb(FILE *f, const struct manual *m, const struct known *k);

static void
each_option(FILE *f, const struct manual *m, option_cb *cb)
{
	for (size_t i = 0; i < m->help.n; i++) {
		struct slice spec = m->help.v[i].spec;
		struct known k;

		if (m->help.v[i].kind != HELP_ITEM)
			continue;
		while (next_option(&spec, &k)) {
			k.help = buf_slice(&m->help.v[i].text);
			cb(f, m, &k);
		}
	}
}

/* Inside of single quotes, and without what the shells' tables look at. */
static void
put_quoted(FILE *f, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("'\"\\[]:`$", s.p[i]))
			fputc(s.p[i] == ':' ? ',' : ' ', f);
		else
			fputc(s.p[i], f);
	}
}

/* ---- bash --------------------------------------------------------------------- */

static void
bash_option(FILE *f, const struct manual *m, const struct known *k)
{
	(void)m;
	if (k->letter.p)
		fprintf(f, " %.*s", SLICE_ARG(k->letter));
	if (k->word.p)
		fprintf(f, " %.*s", SLICE_ARG(k->word));
}

int
completion_bash(FILE *f, const struct manuals *m)
{
	fputs("# bash completion for stsentry; made from its --help.\n"
	      "_stsentry()\n"
	      "{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\twords='--help --version",
	    f);
	for (size_t i = 0; i < m->n; i++)
		fprintf(f, " %.*s", SLICE_ARG(m->v[i].name));
	fputs("'\n"
	      "\telif [[ $cur == -* ]]; then\n"
	      "\t\tcase ${COMP_WORDS[1]} in\n",
	    f);
	for (size_t i = 0; i < m->n; i++) {
		fprintf(f, "\t\t%.*s) words='", SLICE_ARG(m->v[i].name));
		each_option(f, &m->v[i], bash_option);
		fputs("' ;;\n", f);
	}
	fputs("\t\tesac\n"
	      "\tfi\n"
	      "\t# Without a word of ours, files: the default of -o.\n"
	      "\t[ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W "
	      "\"$words\" -- \"$cur\")\n"
	      "}\n"
	      "complete -o default -F _stsentry stsentry\n",
	    f);
	return 0;
}

/* ---- zsh ---------------------------------------------------------------------- */

static void
zsh_one(FILE *f, struct slice option, const struct known *k)
{
	if (!option.p)
		return;
	fprintf(f, " \\\n\t\t\t'*%.*s[", SLICE_ARG(option));
	put_quoted(f, k->help);
	fputs(k->takes ? "]:value:_files'" : "]'", f);
}

static void
zsh_option(FILE *f, const struct manual *m, const struct known *k)
{
	(void)m;
	zsh_one(f, k->letter, k);
	zsh_one(f, k->word, k);
}

int
completion_zsh(FILE *f, const struct manuals *m)
{
	fputs("#compdef stsentry\n"
	      "# zsh completion for stsentry; made from its --help.\n"
	      "_stsentry()\n"
	      "{\n"
	      "\tlocal -a commands\n"
	      "\tcommands=(\n",
	    f);
	for (size_t i = 0; i < m->n; i++) {
		fprintf(f, "\t\t'%.*s:", SLICE_ARG(m->v[i].name));
		put_quoted(f, m->v[i].what);
		fputs("'\n", f);
	}
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
	    f);
	for (size_t i = 0; i < m->n; i++) {
		fprintf(f, "\t%.*s)\n\t\t_arguments", SLICE_ARG(m->v[i].name));
		each_option(f, &m->v[i], zsh_option);
		fputs(" \\\n\t\t\t'*:file:_files' ;;\n", f);
	}
	fputs("\tesac\n}\n_stsentry \"$@\"\n", f);
	return 0;
}

/* ---- fish --------------------------------------------------------------------- */

static void
fish_option(FILE *f, const struct manual *m, const struct known *k)
{
	fprintf(f, "complete -c stsentry -n '__fish_seen_subcommand_from %.*s'",
	    SLICE_ARG(m->name));
	if (k->letter.n > 1)
		fprintf(f, " -s %c", k->letter.p[1]);
	if (k->word.n > 2)
		fprintf(f, " -l %.*s", (int)k->word.n - 2, k->word.p + 2);
	if (k->takes)
		fputs(" -r", f);
	fputs(" -d '", f);
	put_quoted(f, k->help);
	fputs("'\n", f);
}

int
completion_fish(FILE *f, const struct manuals *m)
{
	fputs("# fish completion for stsentry; made from its --help.\n", f);
	for (size_t i = 0; i < m->n; i++) {
		fprintf(f,
		    "complete -c stsentry -f -n __fish_use_subcommand -a %.*s "
		    "-d '",
		    SLICE_ARG(m->v[i].name));
		put_quoted(f, m->v[i].what);
		fputs("'\n", f);
		each_option(f, &m->v[i], fish_option);
	}
	return 0;
}
