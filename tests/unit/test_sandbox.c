/*
 * test_sandbox.c - what is refused once the walls are up.
 *
 * Each case enters a sandbox in a child of its own, for there is no way back,
 * and the child's exit status is a set of what it could do.
 */
#include "config.h"

#include "lib/sandbox.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum could {
	COULD_READ = 1 << 0,
	COULD_WRITE = 1 << 1,
	COULD_READ_OUTSIDE = 1 << 2,
	COULD_WRITE_READABLE = 1 << 3,
	COULD_TRACE = 1 << 4,
	COULD_EXEC = 1 << 5, /* by EPERM or not */
	COULD_PACKET = 1 << 6,
};
#define NO_WALLS 99
#define FAILED 100

static bool
can_open(const char *folder, int flags)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, flags, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int
try_all(const char *top, const struct sandbox_report *r)
{
	char in[256], ro[256], out[256];
	char *const argv[] = { NULL };
	int could = 0;

	snprintf(in, sizeof(in), "%s/in", top);
	snprintf(ro, sizeof(ro), "%s/ro", top);
	snprintf(out, sizeof(out), "%s/out", top);
	could |= can_open(in, O_WRONLY | O_CREAT) ? COULD_WRITE : 0;
	could |= can_open(ro, O_RDONLY) ? COULD_READ : 0;
	could |= can_open(ro, O_WRONLY) ? COULD_WRITE_READABLE : 0;
	could |= can_open(out, O_RDONLY) ? COULD_READ_OUTSIDE : 0;
	if (!r->calls)
		return could;
	could |= ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? COULD_TRACE : 0;
	could |= socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno != EPERM
	    ? COULD_PACKET
	    : 0;
	/* A file that is none: EPERM is the filter's word. */
	could |= execve("/nonexistent", argv, argv) < 0 && errno == EPERM
	    ? 0
	    : COULD_EXEC;
	return could;
}

static int
enter_and_try(const char *top, unsigned flags)
{
	struct sandbox *s = sandbox_new();
	struct sandbox_report r;
	struct err e = { .text = "" };
	char path[256];

	if (!s)
		return FAILED;
	snprintf(path, sizeof(path), "%s/in", top);
	if (!sandbox_allow(s, path, SANDBOX_WRITE))
		return FAILED;
	snprintf(path, sizeof(path), "%s/ro", top);
	if (!sandbox_allow(s, path, SANDBOX_READ))
		return FAILED;
	if (sandbox_enter(s, flags, &r, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return FAILED;
	}
	sandbox_free(s);
	if (!r.files || !r.calls)
		fprintf(stderr, "files: %s, calls: %s\n",
		    r.files ? "walled" : r.no_files,
		    r.calls ? "walled" : r.no_calls);
	return r.files ? try_all(top, &r) : NO_WALLS;
}

static void
make_folder(const char *top, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/file", top, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd >= 0)
		close(fd);
}

static int
in_child(unsigned flags)
{
	const char *top = unit_tmpdir();
	int status;
	pid_t pid;

	make_folder(top, "in");
	make_folder(top, "ro");
	make_folder(top, "out");
	pid = fork();
	if (pid == 0)
		_exit(enter_and_try(top, flags));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return FAILED;
	return WEXITSTATUS(status);
}

static void
what_was_not_allowed_is_refused(void)
{
	int could = in_child(0);

	/* A kernel without Landlock says so, and is no failure. */
	if (could != NO_WALLS)
		CHECK_INT(could, COULD_READ | COULD_WRITE);
}

static void
other_programs_only_where_they_were_asked_for(void)
{
	int could = in_child(SANDBOX_EXEC);

	if (could != NO_WALLS && !strstr(sandbox_build(), "no libseccomp"))
		CHECK_INT(could, COULD_READ | COULD_WRITE | COULD_EXEC);
}

static void
what_is_not_there_is_passed_over(void)
{
	struct sandbox *s = sandbox_new();

	REQUIRE(s != NULL);
	CHECK(!sandbox_allow(s, "/nonexistent/folder", SANDBOX_READ));
	CHECK(sandbox_allow(s, "/", SANDBOX_READ));
	sandbox_free(s);
	sandbox_free(NULL);
}

UNIT_MAIN("sandbox",
    { "what was not allowed is refused", what_was_not_allowed_is_refused },
    { "other programs only where they were asked for",
	other_programs_only_where_they_were_asked_for },
    { "what is not there is passed over", what_is_not_there_is_passed_over })
