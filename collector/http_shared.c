/*
 * http_shared.c - what the http inputs of all workers have in common.
 *
 * See http_shared.h.
 */
#include "collector/http_shared.h"

#include <stdlib.h>

/* Found by walking: inputs are few, and only asked for when they are made. */
struct of_input {
	unsigned id;
	struct of_input *next;
	struct http_counts counts;
};

struct http_shared {
	struct http_ids *ids;
	struct of_input *inputs;
};

struct http_shared *
http_shared_new(void)
{
	struct http_shared *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->ids = http_ids_new(HTTP_IDS_MAX, HTTP_CHANNELS_MAX);
	if (s->ids)
		return s;
	free(s);
	return NULL;
}

void
http_shared_free(struct http_shared *s)
{
	struct of_input *i, *next;

	if (!s)
		return;
	for (i = s->inputs; i; i = next) {
		next = i->next;
		free(i);
	}
	http_ids_free(s->ids);
	free(s);
}

struct http_ids *
http_shared_ids(const struct http_shared *s)
{
	return s->ids;
}

int
http_shared_load(struct http_shared *s, struct slice key, struct slice value)
{
	return http_ids_load(s->ids, key, value);
}

struct http_counts *
http_shared_counts(struct http_shared *s, unsigned id)
{
	struct of_input *i = s->inputs;

	while (i && i->id != id)
		i = i->next;
	if (i)
		return &i->counts;
	i = calloc(1, sizeof(*i));
	if (!i)
		return NULL;
	i->id = id;
	i->next = s->inputs;
	s->inputs = i;
	return &i->counts;
}
