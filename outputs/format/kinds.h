/*
 * kinds.h - the formats, for the table in format.c only.
 */
#ifndef ST_FORMAT_KINDS_H
#define ST_FORMAT_KINDS_H

#include "outputs/format/format.h"

extern const struct format format_json;
extern const struct format format_text;
extern const struct format format_ocsf;
extern const struct format format_ecs;
extern const struct format format_cef;
extern const struct format format_leef;
extern const struct format format_csv;
extern const struct format format_rfc5424;
extern const struct format format_rfc3164;

#endif
