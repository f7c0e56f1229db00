/*
 * settings.h - the configuration of an output, as its kind is told it.
 *
 *     err = settings_fill(config, kind, &arena, &setup, &e);
 *
 * Kinds that are shipped have their rows in conf/outputs.c, with those of all
 * others: what is set there is passed on by name.  A shared object's own rows
 * are read from `options:`, with the same checks and the same words.  All that
 * is given out lives in the arena or the configuration.  Any thread.
 */
#ifndef ST_SETTINGS_H
#define ST_SETTINGS_H

#include "lib/err.h"

#include <stsentry/output.h>

struct arena;
struct output_config;

/* Fills in setup->settings and n_settings. */
int
settings_fill(const struct output_config *c, const struct stsentry_output *kind,
    struct arena *a, struct stsentry_setup *setup, struct err *e) ST_MUSTCHECK;

/* The text of one, NULL where it is absent; its number, or `other`. */
const char *settings_text(const struct stsentry_setup *s, const char *name);
int64_t settings_number(
    const struct stsentry_setup *s, const char *name, int64_t other);

#endif
