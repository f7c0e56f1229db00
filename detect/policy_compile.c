/*
 * policy_compile.c - units become automata and bitsets.
 *
 * Knows which row of which set stands for what (policy_i.h), how names are
 * brought into the shape that the sets have, and roles without their path.
 * One thread, until the policy is done; the small functions at the end are
 * pure.
 */
#include "detect/policy_i.h"

#include "events/arn.h"

#include <ctype.h>
#include <stdio.h>

#define PATTERNS_MAX 1000000 /* of a policy */

struct compiler {
	struct policy *p;
	struct err *e;
	size_t n_patterns;
};

static int
failed(struct compiler *c, int err, const struct ynode *n)
{
	if (err == ST_ELIMIT && n)
		return ynode_err(n, c->e, "too many patterns, or too long");
	return err_set(c->e, err, "%s", st_strerror(err));
}

static uint64_t *
bits_new(struct policy *p, size_t words)
{
	return arena_calloc(&p->arena, (words + 1) * sizeof(uint64_t));
}

/*
 * Sets
 */

struct slice
policy_pattern_without_path(const char *pattern, struct arena *a)
{
	struct arn arn;

	if (!arn_parse(slice_str(pattern), &arn) || arn.account.n == 0 ||
	    strchr(slice_after_last(slice_str(pattern), '/').p, '*') ||
	    memchr(arn.account.p, '*', arn.account.n) || strstr(pattern, "**"))
		return SLICE_NULL;
	return policy_without_path(slice_str(pattern), a);
}

static int
add_name(struct policy *p, enum dim d, const char *text, size_t row)
{
	struct pattern_set *s = p->sets[d];
	struct slice other = SLICE_NULL;
	uint32_t asn, r = (uint32_t)row;
	char key[4];
	int err;

	if (policy_is_none(text)) {
		if (row < p->n_units)
			pattern_set_bit(p->none[d], row);
		return 0;
	}
	if (d == DIM_ASN)
		return policy_asn(text, &asn)
		    ? pattern_set_add_literal(s, policy_asn_key(asn, key), r)
		    : ST_EINVAL;
	if (d == DIM_COUNTRY)
		return pattern_set_add_literal(
		    s, policy_country_key(text, key), r);
	if ((d == DIM_EXTERNAL_ID || d == DIM_SOURCE_IDENTITY) &&
	    policy_is_required(text))
		return pattern_set_add(s, SLICE_LIT("**"), r);
	if (d == DIM_PRINCIPAL || d == DIM_TARGET)
		other = policy_pattern_without_path(text, &p->arena);
	err = pattern_set_add(s, slice_str(text), r);
	if (err == 0 && !slice_is_null(other))
		err = pattern_set_add(s, other, r);
	return err;
}

static int
add_list(
    struct compiler *c, enum dim d, const struct opt_strings *list, size_t row)
{
	struct policy *p = c->p;

	for (size_t i = 0; i < list->n; i++) {
		struct slice name = SLICE_NULL;
		int err = ST_ELIMIT;

		if (d == DIM_PRINCIPAL && row < p->n_units)
			name = policy_class_of(list->v[i]);
		for (size_t k = 0; name.p && k < p->n_classes; k++)
			if (slice_eq(p->classes[k].name, name))
				pattern_set_bit(p->classes[k].units, row);
		if (name.p)
			continue;
		if (c->n_patterns++ < PATTERNS_MAX)
			err = add_name(p, d, list->v[i], row);
		if (err < 0)
			return failed(c, err, list->nodes[i]);
	}
	return 0;
}

static int
add_units(struct compiler *c, enum dim d)
{
	struct policy *p = c->p;
	int err = 0;

	for (size_t i = 0; err == 0 && i < p->n_units; i++) {
		const struct opt_strings *list = policy_list(
		    p->units[i].match, d);

		if (list->n == 0)
			pattern_set_bit(p->any[d], i);
		else
			err = add_list(c, d, list, i);
	}
	for (size_t w = 0; w < p->words; w++)
		p->none[d][w] |= p->any[d][w];
	return err;
}

/* What stands in the rows behind the units. */
static int
add_others(struct compiler *c, enum dim d)
{
	struct policy *p = c->p;
	const struct opt_strings *list = policy_approved(p->config, d);
	int err = 0;

	if (d == DIM_PRINCIPAL || d == DIM_TARGET)
		list = &p->config->decoys;
	if (list)
		err = add_list(c, d, list, ROW_LIST(p));
	for (size_t i = 0; d == DIM_PRINCIPAL && err == 0 && i < p->n_classes;
	     i++)
		err = add_list(c, d, &p->classes[i].patterns, ROW_MORE(p, i));
	for (size_t i = 0; d == DIM_ACCOUNT && err == 0 && i < p->n_maintenance;
	     i++)
		err = add_list(
		    c, d, &p->maintenance[i].accounts, ROW_MORE(p, i));
	return err;
}

static size_t
rows_of(const struct policy *p, enum dim d)
{
	size_t n = p->n_units + 1;

	if (d == DIM_PRINCIPAL)
		n += p->n_classes;
	else if (d == DIM_ACCOUNT)
		n += p->n_maintenance;
	return n;
}

static int
compile_dim(struct compiler *c, enum dim d)
{
	struct policy *p = c->p;
	size_t rows = rows_of(p, d);
	int err;

	p->set_words[d] = pattern_words(rows);
	p->any[d] = bits_new(p, p->set_words[d]);
	p->none[d] = bits_new(p, p->set_words[d]);
	p->sets[d] = pattern_set_new(rows);
	if (!p->any[d] || !p->none[d] || !p->sets[d])
		return failed(c, ST_ENOMEM, NULL);
	err = add_units(c, d);
	if (err == 0)
		err = add_others(c, d);
	if (err < 0)
		return err;
	if (pattern_set_is_empty(p->sets[d])) {
		pattern_set_free(p->sets[d]);
		p->sets[d] = NULL;
		return 0;
	}
	err = pattern_set_finish(p->sets[d]);
	return err < 0 ? failed(c, err, NULL) : 0;
}

/*
 * Words
 */

/* For each word of a closed list, the units that it fits. */
static bool
compile_words(struct policy *p, uint64_t **masks, unsigned count, size_t member)
{
	for (unsigned w = 0; w < count; w++) {
		masks[w] = bits_new(p, p->words);
		if (!masks[w])
			return false;
		for (size_t i = 0; i < p->n_units; i++) {
			const char *unit = (const char *)&p->units[i];
			uint64_t bits = *(const uint64_t *)(unit + member);

			if (bits == 0 || (bits >> w) & 1)
				pattern_set_bit(masks[w], i);
		}
	}
	return true;
}

#define WORDS(p, masks, member)                                     \
	compile_words((p), (p)->masks,                              \
	    (unsigned)(sizeof((p)->masks) / sizeof((p)->masks[0])), \
	    offsetof(struct unit, member))

int
policy_compile(struct policy *p, struct err *e)
{
	struct compiler c = { .p = p, .e = e };
	int err = 0;

	p->words = pattern_words(p->n_units);
	p->rules = bits_new(p, p->words);
	if (!p->rules || !WORDS(p, types, types) ||
	    !WORDS(p, outcomes, outcomes) || !WORDS(p, kinds, kinds) ||
	    !WORDS(p, source_kinds, source_kinds))
		return failed(&c, ST_ENOMEM, NULL);
	for (size_t i = 0; i < p->n_rules; i++)
		pattern_set_bit(p->rules, i);
	for (size_t i = 0; i < p->n_classes; i++) {
		p->classes[i].units = bits_new(p, p->words);
		if (!p->classes[i].units)
			return failed(&c, ST_ENOMEM, NULL);
	}
	for (int d = 0; err == 0 && d < DIM_COUNT; d++)
		err = compile_dim(&c, (enum dim)d);
	return err;
}

/*
 * Names
 */

bool
policy_is_required(const char *word)
{
	return strcmp(word, "required") == 0 || strcmp(word, "true") == 0 ||
	    strcmp(word, "yes") == 0;
}

bool
policy_is_none(const char *pattern)
{
	return pattern[0] == '-' && pattern[1] == '\0';
}

struct slice
policy_class_of(const char *principal)
{
	struct slice s = slice_str(principal);

	return slice_starts(s, "class:") ? slice_of(s.p + 6, s.n - 6)
					 : SLICE_NULL;
}

bool
policy_asn(const char *text, uint32_t *result)
{
	uint64_t n = 0;
	size_t i = 0;

	if (toupper((unsigned char)text[0]) == 'A' &&
	    toupper((unsigned char)text[1]) == 'S')
		text += 2;
	for (; text[i] >= '0' && text[i] <= '9' && i < 10; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	if (text[i] || n == 0 || n > UINT32_MAX)
		return false;
	*result = (uint32_t)n;
	return true;
}

struct slice
policy_asn_key(uint32_t asn, char key[4])
{
	memcpy(key, &asn, 4);
	return slice_of(key, 4);
}

struct slice
policy_country_key(const char *s, char key[4])
{
	key[0] = (char)toupper((unsigned char)s[0]);
	key[1] = (char)toupper((unsigned char)s[1]);
	return slice_of(key, 2);
}

struct slice
policy_without_path(struct slice name, struct arena *a)
{
	struct slice last = slice_after_last(name, '/');
	const char *role = NULL;
	struct slice head;
	struct arn arn;

	if (slice_starts(name, "arn:"))
		role = slice_find(name, ":role/");
	if (!role)
		return SLICE_NULL;
	role += strlen(":role/");
	if (role == last.p || last.n == 0 || !arn_parse(name, &arn) ||
	    arn.resource.p + strlen("role/") != role)
		return SLICE_NULL;
	head = slice_of(name.p, (size_t)(role - name.p));
	return arena_cat(a, head, last, SLICE_NULL);
}

const struct opt_strings *
policy_list(const struct match_config *m, enum dim d)
{
	const struct opt_strings *lists[] = {
		[DIM_PRINCIPAL] = &m->principals,
		[DIM_SESSION] = &m->sessions,
		[DIM_ACTION] = &m->actions,
		[DIM_TARGET] = &m->targets,
		[DIM_ACCOUNT] = &m->accounts,
		[DIM_CLOUD_REGION] = &m->cloud_regions,
		[DIM_COUNTRY] = &m->from.countries,
		[DIM_ASN] = &m->from.asns,
		[DIM_EXTERNAL_ID] = &m->external_id,
		[DIM_SOURCE_IDENTITY] = &m->source_identity,
	};

	return lists[d];
}

/* NULL where nothing can be approved. */
const struct opt_strings *
policy_approved(const struct policy_config *c, enum dim d)
{
	switch (d) {
	case DIM_ACCOUNT:
		return &c->approved.accounts;
	case DIM_CLOUD_REGION:
		return &c->approved.cloud_regions;
	case DIM_COUNTRY:
		return &c->approved.countries;
	case DIM_ASN:
		return &c->approved.asns;
	default:
		return NULL;
	}
}
