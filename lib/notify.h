/*
 * notify.h - telling the service manager how we are.
 *
 *     notify_send("READY=1");
 *     notify_send("STATUS=%s", text);
 *     ms = notify_watchdog_ms();      // 0: nobody watches
 *
 * The datagram protocol of sd_notify(3), which is documented as stable and
 * meant to be spoken without the library.  Without NOTIFY_SOCKET in the
 * environment nothing is sent.  Any thread.
 */
#ifndef ST_NOTIFY_H
#define ST_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* False if there is somebody to tell and he could not be told. */
bool notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* How often "WATCHDOG=1" is expected, of this process. */
int64_t notify_watchdog_ms(void);

#endif
