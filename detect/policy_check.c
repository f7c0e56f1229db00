/*
 * policy_check.c - values of policy.yaml: words, moments, names, networks.
 *
 * Each function takes what the rows have filled in and checks what a row
 * cannot, or says with file, line and column what is wrong.  One thread, until
 * the policy is done.
 */
#include "detect/policy_load_i.h"

#include "conf/account.h"
#include "events/api_word.h"
#include "events/catalogue.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

int
load_take(struct loader *l, int err)
{
	return problems_take(l->all, err, l->e);
}

int
load_no_memory(struct loader *l)
{
	return err_set(l->e, ST_ENOMEM, "out of memory");
}

/* The text at `key` of a map in a message; the map where it is not there. */
const struct ynode *
load_node_at(const struct ynode *map, const char *key)
{
	const struct ynode *n = schema_node(map, key);

	return n ? n : map;
}

/* `targets: []` would allow nothing, or everything: nobody can tell. */
int
load_no_empty_lists(struct loader *l, const struct ynode *map)
{
	for (size_t i = 0; map && map->kind == YNODE_MAP && i < map->n; i++) {
		const struct ynode *v = map->items[i];
		char shown[YNODE_SHOWN];
		int err = load_no_empty_lists(l, v);

		if (err < 0)
			return err;
		if (v->kind == YNODE_SEQ && v->n == 0)
			err = load_take(l,
			    ynode_err(v, l->e,
				"%s: an empty list; leave the key out, or name "
				"something",
				ynode_shown(map->keys[i], shown)));
		if (err < 0)
			return err;
	}
	return 0;
}

/*
 * Words
 */

static const char *
code_word(unsigned i)
{
	return reason_table[i].code;
}

#define WORDS_MAX 64

/* A list of words of a closed list, each of which is a bit. */
int
load_words(struct loader *l, const struct opt_strings *list, const char *key,
    word_name_fn *name, unsigned count, uint64_t *bits)
{
	const char *words[WORDS_MAX + 1];
	int err = 0;

	for (unsigned i = 0; i < count; i++)
		words[i] = name(i);
	words[count] = NULL;
	for (size_t i = 0; i < list->n && err == 0; i++) {
		unsigned w = 0;

		while (w < count && strcmp(words[w], list->v[i]) != 0)
			w++;
		if (w < count)
			*bits |= (uint64_t)1 << w;
		else
			err = load_take(l,
			    schema_no_word(list->nodes[i], key, words, l->e));
	}
	return err;
}

int
load_codes(struct loader *l, const struct opt_strings *codes, uint64_t *bits)
{
	return load_words(l, codes, "codes", code_word, REASON_COUNT, bits);
}

/*
 * Moments
 */

/* when_parse(), and "2026-12-24T20:00Z", without seconds. */
bool
policy_moment(const char *text, struct when *result)
{
	size_t n = strlen(text);
	char more[WHEN_TEXT + 8];

	if (when_parse(slice_of(text, n), result))
		return true;
	if (n < 16 || n > WHEN_TEXT || text[13] != ':' ||
	    !isdigit((unsigned char)text[15]) || text[16] == ':')
		return false;
	snprintf(more, sizeof(more), "%.16s:00%s", text, text + 16);
	return when_parse(slice_str(more), result);
}

int
load_moment(struct loader *l, const struct ynode *map, const char *key,
    const char *text, struct when *result)
{
	char shown[YNODE_SHOWN];

	if (policy_moment(text, result))
		return 0;
	return ynode_err(load_node_at(map, key), l->e,
	    "%s: %s is no date or moment, as 2026-12-31 or "
	    "2026-12-31T20:00Z",
	    key, ynode_shown(load_node_at(map, key), shown));
}

/* The first moment behind it: a date is there until its end. */
int
load_moment_end(struct loader *l, const struct ynode *map, const char *key,
    const char *text, struct when *result)
{
	int err = load_moment(l, map, key, text, result);

	if (err == 0 && strlen(text) == 10)
		*result = when_add(*result, 86400);
	return err;
}

/*
 * Lists of names
 */

int
load_patterns(struct loader *l, const struct opt_strings *list, const char *key)
{
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++)
		if (strlen(list->v[i]) > PATTERN_LENGTH_MAX)
			err = load_take(l,
			    ynode_err(list->nodes[i], l->e,
				"%s: longer than %d bytes", key,
				PATTERN_LENGTH_MAX));
	return err;
}

static bool
names_an_api(const char *pattern)
{
	/* What a notice is about has no action. */
	if (policy_is_none(pattern))
		return true;
	for (size_t i = 0; i < catalogue_size; i++)
		if (pattern_matches(
			slice_str(pattern), slice_str(catalogue[i].action)))
			return true;
	return false;
}

int
load_actions(struct loader *l, const struct opt_strings *list)
{
	int err = load_patterns(l, list, "actions");

	for (size_t i = 0; i < list->n && err == 0; i++)
		if (!names_an_api(list->v[i]))
			err = load_take(
			    l, api_unknown(list->nodes[i], "actions", l->e));
	return err;
}

int
load_accounts(struct loader *l, const struct opt_strings *list)
{
	int err = load_patterns(l, list, "accounts");

	for (size_t i = 0; i < list->n && err == 0; i++)
		err = load_take(
		    l, account_check(list->nodes[i], "accounts", l->e));
	return err;
}

/* What people write for it, and what ISO 3166 has. */
static const char *const countries_else[][2] = { { "UK", "GB" },
	{ "EL", "GR" } };

static const char *
meant_country(const char *s)
{
	for (size_t i = 0;
	     i < sizeof(countries_else) / sizeof(countries_else[0]); i++)
		if (strcasecmp(s, countries_else[i][0]) == 0)
			return countries_else[i][1];
	return NULL;
}

static bool
is_country(const char *s)
{
	return strlen(s) == 2 && isalpha((unsigned char)s[0]) &&
	    isalpha((unsigned char)s[1]);
}

int
load_countries(struct loader *l, const struct opt_strings *list)
{
	char shown[YNODE_SHOWN];
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++) {
		const struct ynode *n = list->nodes[i];
		const char *meant = meant_country(list->v[i]);

		if (meant)
			err = load_take(l,
			    ynode_err(n, l->e,
				"countries: %s is no code of ISO 3166; did "
				"you mean \"%s\"?",
				ynode_shown(n, shown), meant));
		else if (!is_country(list->v[i]))
			err = load_take(l,
			    ynode_err(n, l->e,
				"countries: %s is no country of two letters, "
				"as DE",
				ynode_shown(n, shown)));
	}
	return err;
}

int
load_asns(struct loader *l, const struct opt_strings *list)
{
	char shown[YNODE_SHOWN];
	uint32_t asn;
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++)
		if (!policy_asn(list->v[i], &asn))
			err = load_take(l,
			    ynode_err(list->nodes[i], l->e,
				"asns: %s is no number of an autonomous "
				"system, as 8075",
				ynode_shown(list->nodes[i], shown)));
	return err;
}

/* Room for the list in `ranges`; how many are good. */
static int
parse_networks(struct loader *l, const struct opt_strings *list,
    struct cidr *ranges, size_t *good)
{
	char shown[YNODE_SHOWN];
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++)
		if (cidr_parse(slice_str(list->v[i]), &ranges[*good]))
			++*good;
		else
			err = load_take(l,
			    ynode_err(list->nodes[i], l->e,
				"networks: %s is no address and no range, as "
				"198.51.100.0/24 (without bits behind its "
				"length)",
				ynode_shown(list->nodes[i], shown)));
	return err;
}

int
load_networks(
    struct loader *l, const struct opt_strings *list, struct cidr_set **result)
{
	struct cidr *ranges;
	size_t good = 0;
	int err;

	if (list->n == 0)
		return 0;
	ranges = calloc(list->n, sizeof(*ranges));
	if (!ranges)
		return load_no_memory(l);
	err = parse_networks(l, list, ranges, &good);
	if (err == 0)
		*result = cidr_set_new(ranges, good);
	free(ranges);
	return err < 0 || *result ? err : load_no_memory(l);
}
