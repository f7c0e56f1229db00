/*
 * walls.h - which files the running daemon may touch, and the sandbox itself.
 *
 *     err = walls_enter(config, &report, &e);     // once, before the threads
 *     walls_tell(&report, &buf);                  // "files and system calls"
 *
 * What may be read: the folders of all that the configuration names, and the
 * system's own (certificates, name service, time zones).  What may be written:
 * the state's folder and those of outputs and sockets.  A later configuration
 * that names other folders finds them closed: it needs a restart.
 *
 * With `sandbox: required` ST_EINVAL where a wall does not stand; with `on` the
 * report says which and why.  Main thread.
 */
#ifndef ST_WALLS_H
#define ST_WALLS_H

#include "conf/config.h"
#include "lib/sandbox.h"

int walls_enter(const struct config *c, struct sandbox_report *report,
    struct err *e) ST_MUSTCHECK;
void walls_tell(const struct sandbox_report *report, struct buf *out);

#endif
