/*
 * child.c - a program with pipes to its input, output and error output.
 *
 * See child.h.  Knows processes; what is said over the pipes is exec.c's.
 */
#include "config.h"

#include "outputs/exec/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 10

static void
close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ours and theirs are the two ends; ours does not block. */
static bool
make_pipe(int *ours, int *theirs, bool we_write)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return false;
	*ours = fd[we_write ? 1 : 0];
	*theirs = fd[we_write ? 0 : 1];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

/* All signals as a program expects them: ours are blocked and ignored. */
static int
set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	err = posix_spawnattr_setsigmask(a, &none);
	if (err == 0)
		err = posix_spawnattr_setsigdefault(a, &all);
	if (err == 0)
		err = posix_spawnattr_setpgroup(a, 0);
	if (err == 0)
		err = posix_spawnattr_setflags(a,
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
			POSIX_SPAWN_SETPGROUP);
	return err;
}

static int
spawn(
    struct child *c, const int theirs[3], char *const argv[], char *const env[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t a;
	int err = posix_spawn_file_actions_init(&files);

	if (err)
		return err;
	err = posix_spawnattr_init(&a);
	if (err) {
		posix_spawn_file_actions_destroy(&files);
		return err;
	}
	err = set_attributes(&a);
	for (int i = 0; i < 3 && err == 0; i++)
		err = posix_spawn_file_actions_adddup2(&files, theirs[i], i);
	if (err == 0)
		err = posix_spawn(&c->pid, argv[0], &files, &a, argv, env);
	posix_spawnattr_destroy(&a);
	posix_spawn_file_actions_destroy(&files);
	return err;
}

int
child_start(struct child *c, char *const argv[], char *const env[],
    struct stsentry_why *why)
{
	int theirs[3] = { -1, -1, -1 }, err;

	*c = (struct child)CHILD_NONE;
	if (make_pipe(&c->in, &theirs[0], true) &&
	    make_pipe(&c->out, &theirs[1], false) &&
	    make_pipe(&c->err, &theirs[2], false))
		err = spawn(c, theirs, argv, env);
	else
		err = errno;
	for (int i = 0; i < 3; i++)
		close_one(&theirs[i]);
	if (err == 0)
		return 0;
	c->pid = 0;
	child_release(c);
	snprintf(why->text, sizeof(why->text), "cannot start %s: %s", argv[0],
	    strerror(err));
	return -1;
}

void
child_kill(const struct child *c, int signo)
{
	if (c->pid > 0)
		kill(-c->pid, signo);
}

bool
child_is_gone(struct child *c, int *status)
{
	pid_t got = c->pid > 0 ? waitpid(c->pid, status, WNOHANG) : 0;

	/* ECHILD: somebody else has taken what it said. */
	if (got < 0)
		*status = 0;
	if (got != 0)
		c->pid = 0;
	return c->pid == 0;
}

void
child_end_input(struct child *c)
{
	close_one(&c->in);
}

static bool
wait_for(struct child *c, int ms)
{
	const struct timespec t = { .tv_nsec = LOOK_MS * 1000000 };
	int status;

	for (; ms > 0 && !child_is_gone(c, &status); ms -= LOOK_MS)
		nanosleep(&t, NULL);
	return c->pid == 0;
}

void
child_release(struct child *c)
{
	close_one(&c->in);
	if (c->pid > 0 && !wait_for(c, CHILD_GRACE_MS)) {
		child_kill(c, SIGKILL);
		(void)!wait_for(c, CHILD_GRACE_MS);
	}
	close_one(&c->out);
	close_one(&c->err);
}
