/*
 * api_word.c - actions that a person wrote and the catalogue does not know.
 *
 * See api_word.h.
 */
#include "events/api_word.h"

#include "conf/schema.h"
#include "events/catalogue.h"

#include <stdio.h>
#include <string.h>

#define API_TEXT_MAX 96

/* As much of an action as the pattern has: "sts:*" for "stss:*", the verb
 * alone where there is no service. */
static void
like_pattern(struct slice pattern, const char *action, char text[API_TEXT_MAX])
{
	size_t service = strcspn(action, ":");

	if (slice_ends(pattern, ":*"))
		snprintf(text, API_TEXT_MAX, "%.*s:*", (int)service, action);
	else if (memchr(pattern.p, ':', pattern.n))
		snprintf(text, API_TEXT_MAX, "%s", action);
	else
		snprintf(text, API_TEXT_MAX, "%s", action + service + 1);
}

/* Of several with this verb the one that is asked for most. */
static const char *
action_of(const char *verb, char texts[][API_TEXT_MAX])
{
	const struct api *best = NULL;

	for (size_t i = 0; i < catalogue_size; i++)
		if (strcmp(texts[i], verb) == 0 &&
		    (!best || catalogue[i].tier < best->tier))
			best = &catalogue[i];
	return best ? best->action : verb;
}

/* Written like the pattern; the action as a whole where that is the verb. */
static const char *
nearest(struct slice pattern, char texts[][API_TEXT_MAX])
{
	const char *words[CATALOGUE_MAX] = { NULL }, *near;

	for (size_t i = 0; i < catalogue_size; i++) {
		like_pattern(pattern, catalogue[i].action, texts[i]);
		words[i] = texts[i];
	}
	near = schema_nearest(pattern, words, catalogue_size);
	return near && !strchr(near, ':') ? action_of(near, texts) : near;
}

int
api_unknown(const struct ynode *n, const char *key, struct err *e)
{
	char texts[CATALOGUE_MAX][API_TEXT_MAX], shown[YNODE_SHOWN];
	const char *near = n->secret ? NULL : nearest(n->text, texts);

	return ynode_err(n, e, "%s: %s matches no API%s%s%s", key,
	    ynode_shown(n, shown), near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}
