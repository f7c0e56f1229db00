/*
 * parts.c - what inputs and outputs of stsentry.yaml have in common.
 *
 * Keys by type, names, addresses, secrets.  Main thread, while loading.
 */
#include "conf/parts.h"

#include "conf/account.h"
#include "conf/address.h"
#include "lib/utf8.h"

const struct ynode *
parts_key(const struct ynode *map, const char *name)
{
	for (size_t i = 0; i < map->n; i++)
		if (slice_is(map->keys[i]->text, name))
			return map->keys[i];
	return map;
}

static const struct key_use *
use_of(const struct key_use *uses, struct slice key)
{
	for (; uses->key; uses++)
		if (slice_is(key, uses->key))
			return uses;
	return NULL;
}

int
parts_take(const struct parts *p, int err)
{
	return problems_take(p->all, err, p->e);
}

size_t
parts_faults(const struct parts *p)
{
	return p->all ? problems_count(p->all) : 0;
}

static void
say_types(unsigned bits, const char *const *types, struct buf *out)
{
	bool any = false;

	for (unsigned i = 0; types[i]; i++) {
		if (!(bits & 1U << i))
			continue;
		buf_addf(out, "%s%s", any ? ", " : "", types[i]);
		any = true;
	}
}

void
config_key_types(struct slice key, struct buf *out)
{
	static const struct {
		const char *list;
		const struct key_use *uses;
		const char *const *types;
	} lists[] = { { "inputs[].", input_uses, input_types },
		{ "outputs[].", output_uses, output_types } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t n = strlen(lists[i].list);
		const struct key_use *u;

		if (!slice_starts(key, lists[i].list))
			continue;
		u = use_of(lists[i].uses, slice_of(key.p + n, key.n - n));
		if (u)
			say_types(u->types, lists[i].types, out);
	}
}

static int
check_required(const struct parts *p, const struct ynode *n,
    const struct key_use *uses, unsigned bit, const char *type)
{
	int err = 0;

	for (; uses->key && err == 0; uses++)
		if ((uses->required & bit) && !ynode_get(n, uses->key))
			err = parts_take(p,
			    ynode_err(n, p->e,
				"\"%s\" is missing; type %s needs it",
				uses->key, type));
	return err;
}

int
parts_check_keys(const struct parts *p, const struct ynode *n,
    const struct key_use *uses, int type, const char *const *types)
{
	const struct ynode *word = ynode_get(n, "type");
	unsigned bit = 1U << type;
	int err = 0;

	if (!word || !slice_is(word->text, types[type]))
		return 0;
	for (size_t i = 0; i < n->n && err == 0; i++) {
		const struct key_use *u = use_of(uses, n->keys[i]->text);

		if (u && !(u->types & bit))
			err = parts_take(p,
			    ynode_err(n->keys[i], p->e,
				"%s: makes no sense for type %s", u->key,
				types[type]));
	}
	return err < 0 ? err : check_required(p, n, uses, bit, types[type]);
}

static bool
is_printable(struct slice s)
{
	for (size_t at = 0, len; at < s.n; at += len) {
		bool ok;
		uint32_t cp = utf8_next(s.p + at, s.p + s.n, &len, &ok);

		if (!ok || utf8_is_control(cp))
			return false;
	}
	return true;
}

int
parts_name(struct config *c, const struct ynode *n, const char *type,
    const char *place, const char **name, struct err *e)
{
	const struct ynode *given = ynode_get(n, "name");
	struct slice s;

	if (given) {
		s = slice_str(*name);
		if (s.n == 0 || s.n > CONFIG_NAME_MAX || !is_printable(s))
			return ynode_err(given, e,
			    "name: must have 1 to %d "
			    "bytes and no control characters",
			    CONFIG_NAME_MAX);
		return 0;
	}
	s = place ? arena_printf(&c->arena, "%s:%s", type, place)
		  : arena_printf(&c->arena, "%s", type);
	if (s.p && s.n > CONFIG_NAME_MAX)
		s = arena_slice(&c->arena, utf8_cut(s, CONFIG_NAME_MAX));
	if (!s.p)
		return err_set(e, ST_ENOMEM, "out of memory");
	*name = s.p;
	return 0;
}

int
parts_unique(const struct ynode *n, const char *name, const char *other,
    const struct ynode *other_node, const char *what, struct err *e)
{
	const struct ynode *given = ynode_get(n, "name");

	if (strcmp(name, other) != 0)
		return 0;
	if (given)
		return ynode_err(given, e,
		    "name: \"%s\" is the name of the %s on line %u, too", name,
		    what, other_node->line);
	return ynode_err(n, e,
	    "would be named \"%s\" as the %s on line %u is; give it a \"name\"",
	    name, what, other_node->line);
}

int
parts_listen(const struct ynode *n, bool plain, bool insecure, struct err *e)
{
	char shown[YNODE_SHOWN];
	struct address a;

	if (!address_parse(n->text, &a))
		return ynode_err(n, e,
		    "listen: %s is no address and port (as "
		    "127.0.0.1:6514 or [::1]:6514)",
		    ynode_shown(n, shown));
	if (plain && !insecure && !a.loopback)
		return ynode_err(n, e,
		    "listen: %s takes plaintext from the "
		    "network; use TLS, a loopback address, or say \"insecure: "
		    "true\"",
		    ynode_shown(n, shown));
	return 0;
}

int
parts_check_token(const struct ynode *n, const void *field, struct err *e)
{
	(void)field;
	for (size_t i = 0; i < n->text.n; i++)
		if ((unsigned char)n->text.p[i] <= ' ' || n->text.p[i] == 0x7f)
			return ynode_err(
			    n, e, "the secret holds a blank or a line break");
	return 0;
}

int
parts_check_some(const struct ynode *n, const void *field, struct err *e)
{
	(void)field;
	if (n->kind != YNODE_SCALAR && n->n == 0)
		return ynode_err(n, e,
		    "an empty list lets nothing through; "
		    "leave the key out for no restriction");
	return 0;
}

int
parts_check_accounts(const struct ynode *n, const void *field, struct err *e)
{
	const struct opt_strings *list = field;
	int err = parts_check_some(n, field, e);

	for (size_t i = 0; i < list->n && err == 0; i++)
		err = account_check(list->nodes[i], "accounts", e);
	return err;
}

int
parts_check_mode(const struct ynode *n, const void *field, struct err *e)
{
	char shown[YNODE_SHOWN];

	(void)field;
	if (n->text.n >= 3 && n->text.n <= 4 &&
	    strspn(n->text.p, "01234567") == n->text.n)
		return 0;
	return ynode_err(
	    n, e, "mode: %s is no file mode (as 0640)", ynode_shown(n, shown));
}
