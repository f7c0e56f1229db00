/*
 * merkle.c - one hash for a list of lines, from which none can be taken.
 *
 * See merkle.h.  One owner.
 */
#include "report/merkle.h"

bool
merkle_init(struct merkle *m)
{
	memset(m, 0, sizeof(*m));
	m->hash = sha256_new();
	return m->hash != NULL;
}

void
merkle_release(struct merkle *m)
{
	sha256_free(m->hash);
	m->hash = NULL;
}

/* The last two become one. */
static void
join(struct merkle *m)
{
	unsigned char *a = m->node[m->depth - 2];

	sha256_add(m->hash, "\x01", 1);
	sha256_add(m->hash, a, SHA256_SIZE);
	sha256_add(m->hash, m->node[m->depth - 1], SHA256_SIZE);
	sha256_sum(m->hash, a);
	m->depth--;
}

void
merkle_add(struct merkle *m, struct slice line, unsigned char leaf[SHA256_SIZE])
{
	unsigned char *node = m->node[m->depth++];

	sha256_add(m->hash, "", 1); /* 0x00 */
	sha256_add(m->hash, line.p, line.n);
	sha256_sum(m->hash, node);
	if (leaf)
		memcpy(leaf, node, SHA256_SIZE);
	m->n++;
	for (uint64_t n = m->n; !(n & 1); n >>= 1)
		join(m);
}

void
merkle_root(struct merkle *m, unsigned char root[SHA256_SIZE])
{
	while (m->depth > 1)
		join(m);
	if (m->depth)
		memcpy(root, m->node[0], SHA256_SIZE);
	else
		sha256_sum(m->hash, root);
	m->n = m->depth = 0;
}
