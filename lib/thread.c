/*
 * thread.c - starting a thread as all of ours are started.
 *
 * See thread.h.
 */
#include "config.h"

#include "lib/thread.h"

#include <errno.h>
#include <signal.h>

int
thread_start(pthread_t *t, const char *name, void *(*run)(void *), void *arg,
    struct err *e)
{
	sigset_t all, before;
	int n;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	n = pthread_create(t, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (n != 0) {
		errno = n;
		return err_sys(e, "cannot start thread \"%s\"", name);
	}
	pthread_setname_np(*t, name);
	return 0;
}
