/*
 * test_notify.c - what a service manager would hear.
 */
#include "lib/notify.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
open_manager(char path[108])
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(path, 108, "%s/notify", unit_tmpdir());
	unlink(path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -1;
	return fd;
}

static void
what_is_said_arrives_whole(void)
{
	char path[108], got[64];
	int fd = open_manager(path);
	ssize_t n;

	REQUIRE(fd >= 0);
	setenv("NOTIFY_SOCKET", path, 1);
	CHECK(notify_send("READY=1\nSTATUS=%d inputs", 3));
	n = recv(fd, got, sizeof(got), 0);
	REQUIRE(n > 0);
	CHECK_TEXT(slice_of(got, (size_t)n), "READY=1\nSTATUS=3 inputs");
	close(fd);
	unlink(path);
	CHECK(!notify_send("STOPPING=1"));
	unsetenv("NOTIFY_SOCKET");
}

static void
nobody_to_tell_is_no_failure(void)
{
	unsetenv("NOTIFY_SOCKET");
	CHECK(notify_send("READY=1"));
	setenv("NOTIFY_SOCKET", "relative", 1);
	CHECK(notify_send("READY=1"));
	setenv("NOTIFY_SOCKET", "", 1);
	CHECK(notify_send("READY=1"));
	unsetenv("NOTIFY_SOCKET");
}

static void
the_watchdog_is_ours_only_with_our_pid(void)
{
	static const struct {
		const char *usec;
		int64_t ms;
	} rows[] = { { "30000000", 30000 }, { "1500", 1 }, { "999", 0 },
		{ "", 0 }, { "3s", 0 }, { "-5000", 0 },
		{ "99999999999999999999", 0 } };
	char pid[32];

	unsetenv("WATCHDOG_USEC");
	CHECK_INT(notify_watchdog_ms(), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("WATCHDOG_USEC", rows[i].usec, 1);
		CHECK_INT(notify_watchdog_ms(), rows[i].ms);
	}
	setenv("WATCHDOG_USEC", "2000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	CHECK_INT(notify_watchdog_ms(), 0);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	CHECK_INT(notify_watchdog_ms(), 2000);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

UNIT_MAIN("notify",
    { "what is said arrives whole", what_is_said_arrives_whole },
    { "nobody to tell is no failure", nobody_to_tell_is_no_failure },
    { "the watchdog is ours only with our pid",
	the_watchdog_is_ours_only_with_our_pid })
