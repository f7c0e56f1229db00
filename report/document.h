/*
 * document.h - the frame of every page: its head, style and what it may do.
 *
 *     document_begin(&out, "Title", NULL, 0);
 *     ... what stands in <body> ...
 *     document_end(&out);
 *
 * A content security policy allows nothing but the page's own style sheet and
 * script, by their hashes; with a script the page may also ask its own server.
 * Without memory the buffer fails.
 */
#ifndef ST_DOCUMENT_H
#define ST_DOCUMENT_H

#include "lib/buf.h"

/* `script` is ours, NULL for none; it runs when all is read.  Without scripts
 * the page is then read again every `reload` seconds. */
void document_begin(
    struct buf *out, const char *title, const char *script, unsigned reload);
void document_end(struct buf *out);

#endif
