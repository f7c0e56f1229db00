/*
 * status_page.h - how the daemon is, as a page for an operator.
 *
 *     status_page(&status, board, &out);       // all of it
 *     status_page_main(&status, board, &out);  // what changes: its <main>
 *
 * Health with its reasons, books, inputs, outputs, the last day as timeline and
 * map, the last findings with their stories: drawn by the code that draws
 * reports.  Read only; nothing is fetched but changes of the page itself, which
 * the page's one small script puts in; without scripts it is read again every
 * STATUS_PAGE_RELOAD_S seconds.  Pure functions over a snapshot.
 */
#ifndef ST_STATUS_PAGE_H
#define ST_STATUS_PAGE_H

#include "collector/board.h"
#include "collector/status.h"

#define STATUS_PAGE_RELOAD_S 10
#define STATUS_PAGE_EVENTS "/events" /* where changes are told */

/* `board` may be NULL: nothing of the last day is known. */
void status_page(
    const struct status *s, const struct board_view *board, struct buf *out);
void status_page_main(
    const struct status *s, const struct board_view *board, struct buf *out);

#endif
