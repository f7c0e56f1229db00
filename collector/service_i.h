/*
 * service_i.h - the daemon's inside, for service.c, service_rooms.c and reload.c
 * alone.
 *
 * All of it is main's, but for the atomics.
 */
#ifndef ST_SERVICE_I_H
#define ST_SERVICE_I_H

#include "collector/service.h"

#include "collector/diary.h"
#include "collector/outlets.h"
#include "collector/survey.h"
#include "collector/worker.h"
#include "lib/sandbox.h"

#include <stdatomic.h>

#define HOST_MAX 256

/* Bytes of what is said of the last one that failed. */
#define RELOAD_ERROR_SIZE 512

struct reload {
	bool active, again;
	/* What is left behind, until nobody looks at it any more. */
	struct generation *old;
	struct outlets *old_outlets;
	/* The judge looks at the new ones; outputs change over. */
	atomic_bool judged;
	struct baseline_options usual; /* of what the judge is told */
	bool switching;
	/* One that moved: whoever asked for it looks here for what came of it. */
	struct admin *old_admin;
	struct loop_timer *linger;
	/* Rooms that still look at what is left behind. */
	atomic_uint waits;
	uint64_t tries, done; /* good or bad; those whose end is seen */
	char error[RELOAD_ERROR_SIZE]; /* of the last one; "" */
};

struct service {
	const char *path, *version;
	char host[HOST_MAX];
	/* Loaded by service_new(). */
	struct input_names inputs;
	struct generation *now;
	struct outlets *outlets;
	/* Brought up by service_start(). */
	unsigned rooms_up;
	struct loop *loop;
	struct loop_signal *signals[4];
	struct loop_bell *bell;
	struct loop_timer *late, *watchdog;
	struct sandbox_report sandbox;
	struct walls *walls; /* NULL: none */
	struct gauge *gauge;
	struct board *board;
	struct admin *admin;
	struct survey survey;
	struct when started;
	unsigned generation; /* its number, from 1 */
	struct reload reload;
	struct delivery *delivery;
	struct batchq *queue;
	struct store *store;      /* NULL: nothing outlasts us */
	struct http_shared *http; /* what deliveries there were */
	struct judge *judge;
	struct worker **workers;
	unsigned n_workers;
	struct positions *positions;
	struct tail *tail;
	struct listeners *doors;
	/* The end. */
	bool stopping, gave_up, stuck, lost;
	atomic_uint readers; /* threads that may still put something */
	atomic_bool decided; /* the pipeline's thread is done */
};

/* All rooms, in order; the first error, and those that are up stay up. */
int service_rooms_up(struct service *s, struct err *e) ST_MUSTCHECK;
/* Those that are up, backwards. */
void service_rooms_down(struct service *s);
/* The first of them: main's loop, and what it hears. */
int service_loop_up(struct service *s, struct err *e) ST_MUSTCHECK;
void service_loop_down(struct service *s);

/* What all lists of outputs are made with. */
struct outlets_about service_outlets(const struct service *s);
int service_admin_open(struct service *s, const char *listen,
    struct admin **result, struct err *e) ST_MUSTCHECK;
/* Where it listens goes into the log; without one, nothing. */
void service_tell_admin(const struct service *s);
/* How the running configuration decides, which holds `usual`. */
/* By what is decided now. */
struct diary_about service_about(const struct service *s);
/* Takes a note for the ledger; one for which there is no room is missing. */
void service_note(struct service *s, struct buf *note);
struct pipeline_options
service_pipeline(const struct service *s, struct baseline_options *usual);
/* What readers of this generation share. */
struct intake_shared
service_shared(const struct service *s, const struct generation *g);

/* The internal log, as the running configuration has it. */
void service_set_log(const struct service *s);

/* The configuration is read again; what comes of it is said.  While one is
 * under way another is begun when it is done. */
void reload_begin(struct service *s);
/* After each ring of main's bell. */
void reload_look(struct service *s);
/* The loop is there; all other threads have ended. */
int reload_up(struct service *s, struct err *e) ST_MUSTCHECK;
void reload_down(struct service *s);

#endif
