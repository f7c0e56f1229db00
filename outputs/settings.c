/*
 * settings.c - the configuration of an output, as its kind is told it.
 *
 * See settings.h.  Reads filled structures by their rows; what a row allows is
 * the schema's business.  Any thread.
 */
#include "outputs/settings.h"

#include "conf/config.h"

#include <inttypes.h>

struct filling {
	struct arena *a;
	struct stsentry_setting *v;
	size_t n;
	bool failed;
};

static void
add(struct filling *f, const char *name, const char *text, int64_t number)
{
	struct stsentry_setting s = { name, text, number };

	if (!text || f->failed)
		return;
	f->v[f->n++] = s;
}

static void
add_number(struct filling *f, const char *name, int64_t number)
{
	struct slice s = arena_printf(f->a, "%" PRId64, number);

	f->failed |= !s.p;
	add(f, name, s.p, number);
}

static void
add_list(struct filling *f, const char *name, const struct opt_strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		add(f, name, list->v[i], 0);
}

/* {Name: value}: each as "Name: value". */
static void
add_map(struct filling *f, const char *name, const struct ynode *map)
{
	struct slice s;

	for (size_t i = 0; map && map->kind == YNODE_MAP && i < map->n; i++) {
		if (map->items[i]->kind != YNODE_SCALAR)
			continue;
		s = arena_printf(f->a, "%.*s: %.*s",
		    SLICE_ARG(map->keys[i]->text),
		    SLICE_ARG(map->items[i]->text));
		f->failed |= !s.p;
		add(f, name, s.p, 0);
	}
}

static void
add_row(struct filling *f, const struct opt *row, const void *base)
{
	const void *at = (const char *)base + row->offset;

	switch (row->type) {
	case OPT_BOOL:
		add(f, row->name, *(const bool *)at ? "true" : "false",
		    *(const bool *)at);
		break;
	case OPT_INT:
	case OPT_DURATION:
		add_number(f, row->name, *(const int64_t *)at);
		break;
	case OPT_SIZE:
		add_number(f, row->name, (int64_t) * (const size_t *)at);
		break;
	case OPT_STRING:
		add(f, row->name, *(const char *const *)at, 0);
		break;
	case OPT_WORD:
		add(f, row->name, row->words[*(const int *)at],
		    *(const int *)at);
		break;
	case OPT_STRINGS:
		add_list(f, row->name, at);
		break;
	case OPT_NODE:
		add_map(f, row->name, *(const struct ynode *const *)at);
		break;
	default:
		break;
	}
}

/* How many settings the rows may make. */
static size_t
most_of(const struct opt *rows, const void *base)
{
	size_t n = 0;

	for (; rows->name; rows++) {
		const void *at = (const char *)base + rows->offset;
		const struct ynode *map;

		if (rows->type == OPT_STRINGS) {
			n += ((const struct opt_strings *)at)->n;
		} else if (rows->type == OPT_NODE) {
			map = *(const struct ynode *const *)at;
			n += map ? map->n : 0;
		} else {
			n++;
		}
	}
	return n;
}

static int
fill_from(const struct opt *rows, const void *base, size_t more,
    struct filling *f, struct err *e)
{
	f->v = arena_alloc(
	    f->a, (most_of(rows, base) + more) * sizeof(*f->v) + 1);
	if (!f->v)
		return err_set(e, ST_ENOMEM, "out of memory");
	for (; rows->name; rows++)
		add_row(f, rows, base);
	return 0;
}

/* ---- the shipped kinds' ---- */

/* What conf/ made of texts that it has understood already. */
#define DERIVED 3

static int
fill_shipped(const struct output_config *c, struct filling *f, struct err *e)
{
	int err = fill_from(output_rows, c, DERIVED, f, e);

	if (err < 0)
		return err;
	add_number(f, "rotate_size", (int64_t)c->rotate_size);
	add_number(f, "rotate_every", c->rotate_every);
	add_number(f, "mode_bits", c->mode_bits);
	return 0;
}

/* ---- a shared object's own ---- */

union value {
	bool yes;
	int64_t number;
	size_t size;
	const char *text;
	struct opt_strings list;
};

static const enum opt_type types[] = {
	[STSENTRY_TEXT] = OPT_STRING,
	[STSENTRY_NUMBER] = OPT_INT,
	[STSENTRY_SIZE] = OPT_SIZE,
	[STSENTRY_DURATION] = OPT_DURATION,
	[STSENTRY_BOOL] = OPT_BOOL,
	[STSENTRY_LIST] = OPT_STRINGS,
	[STSENTRY_SECRET] = OPT_STRING,
	[STSENTRY_FILE] = OPT_STRING,
};

static const unsigned flags[] = {
	[STSENTRY_SECRET] = OPT_SECRET,
	[STSENTRY_FILE] = OPT_PATH,
};

static size_t
count_options(const struct stsentry_option *o)
{
	size_t n = 0;

	while (o && o[n].name)
		n++;
	return n;
}

/* Its rows as rows of ours, over an array of values; NULL without memory. */
static struct opt *
rows_of(const struct stsentry_option *o, size_t n, struct arena *a)
{
	struct opt *rows = arena_calloc(a, (n + 1) * sizeof(*rows));

	for (size_t i = 0; rows && i < n; i++)
		rows[i] = (struct opt){
			.name = o[i].name,
			.type = types[o[i].kind],
			.offset = i * sizeof(union value),
			.def = o[i].def,
			.min = (double)o[i].least,
			.max = (double)o[i].most,
			.flags = flags[o[i].kind] |
			    (o[i].required ? OPT_REQUIRED : 0U),
			.help = o[i].help,
		};
	return rows;
}

static int
fill_own(const struct output_config *c, const struct stsentry_option *options,
    struct filling *f, struct err *e)
{
	size_t n = count_options(options);
	struct opt *rows = rows_of(options, n, f->a);
	union value *values = arena_calloc(f->a, (n + 1) * sizeof(*values));
	int err;

	if (!rows || !values)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = schema_fill(c->options, rows, f->a, values, e);
	return err < 0 ? err : fill_from(rows, values, 0, f, e);
}

int
settings_fill(const struct output_config *c, const struct stsentry_output *kind,
    struct arena *a, struct stsentry_setup *setup, struct err *e)
{
	struct filling f = { .a = a };
	int err = c->type == OUTPUT_PLUGIN || kind->options
	    ? fill_own(c, kind->options, &f, e)
	    : fill_shipped(c, &f, e);

	if (err < 0)
		return err;
	if (f.failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	setup->settings = f.v;
	setup->n_settings = f.n;
	return 0;
}

const char *
settings_text(const struct stsentry_setup *s, const char *name)
{
	const struct stsentry_setting *found = stsentry_setting(s, name);

	return found ? found->text : NULL;
}

int64_t
settings_number(const struct stsentry_setup *s, const char *name, int64_t other)
{
	const struct stsentry_setting *found = stsentry_setting(s, name);

	return found ? found->number : other;
}
