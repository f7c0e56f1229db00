/*
 * sections_i.h - what the files of sections share.
 *
 *     sections.c          the list, and what stands in short
 *     sections_who.c      who asked, for which, from where
 *     sections_volume.c   how much of what
 *     sections_time.c     days, lifetimes, lags
 *     sections_watch.c    findings, reasons, coverage, and what was read
 *     sections_notes.c    what the daemon did, and who was told
 *     sections_policy.c   exceptions, rules and principals that nobody
 *                         needed, lifetimes against rules
 *     sections_controls.c what of it supports which control
 */
#ifndef ST_SECTIONS_I_H
#define ST_SECTIONS_I_H

#include "report/sections.h"

typedef void section_build_fn(const struct report *r, struct sheet *s);

section_build_fn section_paths, section_principals, section_targets;
section_build_fn section_changes;
section_build_fn section_actions, section_kinds, section_accounts;
section_build_fn section_regions, section_countries, section_denied;
section_build_fn section_days, section_lifetimes, section_lag;
section_build_fn section_findings, section_severities, section_reasons;
section_build_fn section_acknowledged;
section_build_fn section_coverage, section_integrity, section_input;
section_build_fn section_exceptions, section_unused, section_absent;
section_build_fn section_durations;
section_build_fn section_daemon, section_told;
section_build_fn section_controls;

#define SECTION_COLUMNS(s, columns) \
	sheet_columns(s, columns, sizeof(columns) / sizeof((columns)[0]))

/* The name a row stands for: "(not told)" without one, "(others)" for the row
 * of all others. */
struct slice section_name(const struct table_row *row);
/* The same by its index in a table. */
struct slice section_name_at(const struct table *t, uint32_t index);
/* Cells of a row: its principals' or days' requests, one for each verdict behind
 * their sum; and when it was seen first and last. */
void section_verdicts(struct sheet *s, const uint64_t verdict[VERDICT_COUNT]);
void section_moment(struct sheet *s, struct when t);
void section_times(struct sheet *s, const struct table_row *row);
/* A sentence for a table that has no rows. */
void section_none(struct sheet *s, const char *sentence);
/* "15 min", "36 h" */
#define SECTION_DURATION 40
const char *section_duration(int64_t seconds, char text[SECTION_DURATION]);

/* A row for each of the table's, in that order, the one for all others last. */
typedef void
section_row_fn(struct sheet *s, const struct table_row *row, const void *arg);
void section_rows(struct sheet *s, const struct table *t, table_order *order,
    section_row_fn *row, const void *arg);
/* 12.3 for a part of a whole; 0 where there is no whole. */
double section_share(uint64_t part, uint64_t whole);

#endif
