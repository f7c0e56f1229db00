/*
 * address.h - "host:port" as people write it.
 *
 *     struct address a;
 *     if (address_parse(slice_str("[::1]:6514"), &a)) ...   // host "::1"
 *
 * An IPv6 address stands in brackets.  A name is taken as it is and not looked
 * up; only "localhost" counts as loopback.  Pure, any thread.
 */
#ifndef ST_ADDRESS_H
#define ST_ADDRESS_H

#include "lib/slice.h"

#define ADDRESS_HOST_MAX 253

struct address {
	char host[ADDRESS_HOST_MAX + 1];
	unsigned port; /* 0: the system chooses one */
	bool loopback;
};

bool address_parse(struct slice s, struct address *result);

#endif
