/*
 * service.h - the whole daemon but its command line.
 *
 *     struct service *s;
 *     err = service_new(path, VERSION, &s, &e);     // loads and checks all
 *     err = service_start(s, &e);                   // threads, files, sockets
 *     status = service_run(s);                      // until it is told to end
 *     service_free(s);
 *
 * service_new() binds and creates nothing: with it alone `stsentryd -t` is
 * done.  SIGTERM and SIGINT finish what is in flight; a second one ends the
 * process at once.  SIGUSR1 begins new output files; SIGHUP does so and reads
 * the configuration again, whole or not at all (reload.c).  Main thread.
 */
#ifndef ST_SERVICE_H
#define ST_SERVICE_H

#include "conf/config.h"

/* Not everything could be finished by then: it ends all the same. */
#define SERVICE_STOP_MS 9000
#define SERVICE_WORKERS_MAX 64

enum service_status {
	SERVICE_DONE,  /* all that came in was finished */
	SERVICE_LOST,  /* something could not be, and was said */
	SERVICE_STUCK, /* a thread does not end: leave without service_free() */
};

struct service;
/* The strings must outlive it. */
int service_new(const char *path, const char *version, struct service **result,
    struct err *e) ST_MUSTCHECK;
int service_start(struct service *s, struct err *e) ST_MUSTCHECK;
enum service_status service_run(struct service *s);
void service_free(struct service *s);

#endif
