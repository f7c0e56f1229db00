/*
 * sections_i.h - what the files of sections share.
 *
 *     sections.c          the list, and what stands in short
 *     sections_who.c      who asked, for which, from where
 *     sections_volume.c   how much of what
 *     sections_time.c     days, lifetimes, lags
 *     sections_watch.c    findings, reasons, coverage, and what was read
 *     sections_policy.c   exceptions, and rules that nobody needed
 *     sections_controls.c what of it supports which control
 */
#ifndef ST_SECTIONS_I_H
#define ST_SECTIONS_I_H

#include "report/sections.h"

typedef void section_build_fn(const struct report *r, struct sheet *s);

section_build_fn section_paths, section_principals, section_targets;
section_build_fn section_actions, section_kinds, section_accounts;
section_build_fn section_regions, section_countries, section_denied;
section_build_fn section_days, section_lifetimes, section_lag;
section_build_fn section_findings, section_severities, section_reasons;
section_build_fn section_acknowledged;
section_build_fn section_coverage, section_integrity, section_input;
section_build_fn section_exceptions, section_unused;
section_build_fn section_controls;

#define SECTION_COLUMNS(s, columns) \
	sheet_columns(s, columns, sizeof(columns) / sizeof((columns)[0]))

/* The name a row stands for: "(not told)" without one, "(others)" for the row
 * of all others. */
struct slice section_name(const struct table_row *row);
/* The same by its index in a table. */
struct slice section_name_at(const struct table *t, uint32_t index);
/* 12.3 for a part of a whole; 0 where there is no whole. */
double section_share(uint64_t part, uint64_t whole);

#endif
