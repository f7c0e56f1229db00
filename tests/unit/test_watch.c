/*
 * test_watch.c - what changes in directories is told, and sleep ends when it
 * shall.
 */
#include "config.h"

#include "lib/buf.h"
#include "lib/watch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG_MS 20000 /* never slept through */

static const char *
in_tmp(const char *name)
{
	static char path[4][512];
	static unsigned i;
	char *p = path[i++ % 4];

	snprintf(p, 512, "%s/%s", unit_tmpdir(), name);
	return p;
}

static void
touch(const char *name)
{
	int fd = open(in_tmp(name), O_CREAT | O_WRONLY | O_APPEND, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1)
		abort();
	close(fd);
}

static void
note(void *arg, enum watch_what what, const char *folder, const char *name)
{
	struct buf *out = arg;
	static const char words[] = { 'f', 'd', '!' };
	char line[512];

	if (what != WATCH_LOST)
		folder += strlen(unit_tmpdir());
	snprintf(line, sizeof(line), "%c%s/%s ", words[what], folder, name);
	/* A file that is made and written is told more than once. */
	if (!out->p || !slice_find(buf_slice(out), line))
		buf_adds(out, line);
}

/* All that has been told by now. */
static void
drain(struct watch *w, struct buf *out)
{
	while (watch_wait(w, 0, note, out))
		;
	buf_addc(out, '\0');
	out->n--;
}

#ifdef HAVE_SYS_INOTIFY_H

static void
what_changes_in_a_directory_is_told(void)
{
	struct watch *w = watch_new();
	struct buf out = BUF_INIT;

	REQUIRE(w != NULL);
	mkdir(in_tmp("a"), 0700);
	REQUIRE(watch_folder(w, in_tmp("a")));
	CHECK(watch_folder(w, in_tmp("a")));
	CHECK_INT(watch_count(w), 1);
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "");
	touch("a/x");
	CHECK(watch_wait(w, LONG_MS, note, &out));
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "f/a/x ");
	buf_reset(&out);
	touch("a/x");
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "f/a/x ");
	buf_reset(&out);
	rename(in_tmp("a/x"), in_tmp("a/y"));
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "f/a/x f/a/y ");
	buf_reset(&out);
	mkdir(in_tmp("a/sub"), 0700);
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "d/a/sub ");
	buf_release(&out);
	watch_free(w);
}

static void
a_directory_that_goes_is_told_as_a_loss(void)
{
	struct watch *w = watch_new();
	struct buf out = BUF_INIT;

	REQUIRE(w != NULL);
	mkdir(in_tmp("b"), 0700);
	mkdir(in_tmp("c"), 0700);
	REQUIRE(watch_folder(w, in_tmp("b")));
	REQUIRE(watch_folder(w, in_tmp("c")));
	rmdir(in_tmp("b"));
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "!/ ");
	CHECK_INT(watch_count(w), 1);
	rename(in_tmp("c"), in_tmp("c2"));
	drain(w, &out);
	CHECK_INT(watch_count(w), 0);
	CHECK(watch_folder(w, in_tmp("c2")));
	buf_release(&out);
	watch_free(w);
}

static void
at_the_bound_the_quietest_is_let_go(void)
{
	struct watch *w = watch_new();
	struct buf out = BUF_INIT;
	char name[32];
	size_t kept;

	REQUIRE(w != NULL);
	mkdir(in_tmp("many"), 0700);
	for (size_t i = 0; i <= WATCH_FOLDERS_MAX; i++) {
		snprintf(name, sizeof(name), "many/%zu", i);
		mkdir(in_tmp(name), 0700);
		/* Where the user may watch less, that bound is ours. */
		CHECK(watch_folder(w, in_tmp(name)));
	}
	kept = watch_count(w);
	CHECK(kept <= WATCH_FOLDERS_MAX);
	touch("many/0/x");
	drain(w, &out);
	CHECK_TEXT(buf_slice(&out), "");
	snprintf(name, sizeof(name), "many/%zu/x", WATCH_FOLDERS_MAX);
	touch(name);
	drain(w, &out);
	CHECK(out.n > 0);
	buf_release(&out);
	watch_free(w);
}

#endif

static void *
wake_it(void *arg)
{
	watch_wake(arg);
	return NULL;
}

static void
sleep_ends_when_another_thread_wakes_us(void)
{
	struct watch *w = watch_new();
	struct buf out = BUF_INIT;
	pthread_t t;

	REQUIRE(w != NULL);
	REQUIRE(pthread_create(&t, NULL, wake_it, w) == 0);
	CHECK(!watch_wait(w, -1, note, &out));
	pthread_join(t, NULL);
	watch_wake(w);
	watch_wake(w);
	CHECK(!watch_wait(w, -1, note, &out));
	CHECK(!watch_wait(w, 0, note, &out));
	CHECK(!watch_folder(w, in_tmp("nowhere")));
	buf_release(&out);
	watch_free(w);
	watch_free(NULL);
}

UNIT_MAIN("watch",
#ifdef HAVE_SYS_INOTIFY_H
    { "what changes in a directory is told",
	what_changes_in_a_directory_is_told },
    { "a directory that goes is told as a loss",
	a_directory_that_goes_is_told_as_a_loss },
    { "at the bound the quietest is let go",
	at_the_bound_the_quietest_is_let_go },
#endif
    { "sleep ends when another thread wakes us",
	sleep_ends_when_another_thread_wakes_us })
