/*
 * notify.c - telling the service manager how we are.
 *
 * See notify.h.  Knows the protocol, not when what is to be said.
 */
#include "config.h"

#include "lib/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NOTIFY_TEXT 512

/* A path, or "@name" for the abstract namespace; 0 if it is neither. */
static socklen_t
find_manager(struct sockaddr_un *sa)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof(sa->sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return 0;
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, n);
	if (path[0] == '@')
		sa->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

bool
notify_send(const char *fmt, ...)
{
	struct sockaddr_un sa;
	socklen_t len = find_manager(&sa);
	char text[NOTIFY_TEXT];
	va_list ap;
	ssize_t sent;
	int n, fd;

	if (len == 0)
		return true;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return false;
	if (n >= NOTIFY_TEXT)
		n = NOTIFY_TEXT - 1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	sent = sendto(fd, text, (size_t)n, MSG_NOSIGNAL,
	    (const struct sockaddr *)&sa, len);
	close(fd);
	return sent == n;
}

int64_t
notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");
	char *end;
	long long n;

	if (!usec || (pid && strtoll(pid, NULL, 10) != (long long)getpid()))
		return 0;
	errno = 0;
	n = strtoll(usec, &end, 10);
	if (errno != 0 || end == usec || *end != '\0' || n < 1000)
		return 0;
	return n / 1000;
}
