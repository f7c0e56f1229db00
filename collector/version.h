/*
 * version.h - which libraries this program runs with, for --version.
 *
 * Any thread.
 */
#ifndef ST_VERSION_H
#define ST_VERSION_H

#include <stdio.h>

/* "libevent 2.1.12, OpenSSL 3.0.19, ..." and a line end. */
void version_libraries(FILE *to);

#endif
