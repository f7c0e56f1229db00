/*
 * board_i.h - what board.c and board_keep.c share.
 */
#ifndef ST_BOARD_I_H
#define ST_BOARD_I_H

#include "collector/board.h"

#include <pthread.h>

struct board {
	struct board_view own; /* the pipeline's thread */
	bool changed;          /* since it was published */
	/* Not saved yet, by slot. */
	bool hour_changed[BOARD_HOURS], finding_changed[BOARD_FINDINGS_MAX];
	/* When a finding took its slot: a number that goes up. */
	uint64_t taken[BOARD_FINDINGS_MAX], n_taken;
	pthread_mutex_t lock; /* guards what follows */
	struct board_view shown;
};

#endif
