/*
 * thread.h - starting a thread as all of ours are started.
 *
 *     err = thread_start(&t, "worker 0", run, w, &e);
 *     pthread_join(t, NULL);
 */
#ifndef ST_THREAD_H
#define ST_THREAD_H

#include "lib/err.h"

#include <pthread.h>

/* With a name for debuggers (at most 15 bytes), and all signals blocked:
 * they belong to the main thread. */
int thread_start(pthread_t *t, const char *name, void *(*run)(void *),
    void *arg, struct err *e) ST_MUSTCHECK;

#endif
