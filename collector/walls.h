/*
 * walls.h - which files the running daemon may touch, and the sandbox itself.
 *
 *     err = walls_enter(config, &report, &w, &e); // once, before the threads
 *     walls_tell(&report, &buf);                  // "files and system calls"
 *     err = walls_admit(w, output, &e);           // a later configuration's
 *     walls_free(w);
 *
 * What may be read: the folders of all that the configuration names, and the
 * system's own (certificates, name service, time zones).  What may be written:
 * the state's folder and those of outputs and sockets.  A later configuration
 * that names other folders finds them closed: it needs a restart, and
 * walls_admit() says so of outputs before anything is tried.
 *
 * With `sandbox: required` ST_EINVAL where a wall does not stand; with `on` the
 * report says which and why.  Main thread.
 */
#ifndef ST_WALLS_H
#define ST_WALLS_H

#include "conf/config.h"
#include "lib/sandbox.h"

/* Where they stand; NULL: there are none. */
struct walls;
int walls_enter(const struct config *c, struct sandbox_report *report,
    struct walls **result, struct err *e) ST_MUSTCHECK;
void walls_free(struct walls *w);
/* Can this output reach what it names?  ST_EINVAL with its place; `w` may be
 * NULL. */
int walls_admit(const struct walls *w, const struct output_config *out,
    struct err *e) ST_MUSTCHECK;
void walls_tell(const struct sandbox_report *report, struct buf *out);

#endif
