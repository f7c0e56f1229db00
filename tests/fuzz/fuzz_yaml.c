/*
 * fuzz_yaml.c - any bytes as a YAML file: a tree within its bounds, or a
 * message; walking the tree touches every text.
 */
#include "tests/fuzz/fuzz.h"

#include "conf/yaml.h"

#include <stdlib.h>

static size_t
walk(const struct ynode *n, unsigned depth, unsigned *sum)
{
	char shown[YNODE_SHOWN];
	size_t nodes = 1;

	if (depth > YAML_DEPTH_MAX ||
	    strlen(ynode_shown(n, shown)) >= sizeof(shown))
		abort();
	for (size_t i = 0; n->kind == YNODE_SCALAR && i < n->text.n; i++)
		*sum += (unsigned char)n->text.p[i];
	for (size_t i = 0; n->kind != YNODE_SCALAR && i < n->n; i++) {
		if (n->kind == YNODE_MAP)
			nodes += walk(n->keys[i], depth + 1, sum);
		nodes += walk(n->items[i], depth + 1, sum);
	}
	return nodes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yaml_doc *doc;
	struct err e;
	unsigned sum = 0;

	if (yaml_load_text(slice_of((const char *)data, size), "", &doc, &e) <
	    0) {
		if (e.text[0] == '\0' || e.line == 0)
			abort();
		return 0;
	}
	if (yaml_root(doc) && walk(yaml_root(doc), 0, &sum) > YAML_NODES_MAX)
		abort();
	yaml_free(doc);
	return 0;
}
