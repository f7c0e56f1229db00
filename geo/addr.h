/*
 * addr.h - network addresses: reading, canonical writing, ranges.
 *
 * All are kept as 16 bytes; IPv4 as ::ffff:a.b.c.d.  Pure functions.
 */
#ifndef ST_ADDR_H
#define ST_ADDR_H

#include "lib/slice.h"

#include <stdint.h>

#define ADDR_TEXT 46 /* room for any address and its NUL */

struct addr {
	unsigned char b[16];
	bool v4; /* an IPv4 address (the mapped form of it is kept) */
};

/* Exactly one address and nothing else (no port, no zone, no blanks).  NUL
 * inside makes it none.  IPv4-mapped IPv6 text reads as IPv4. */
bool addr_parse(struct slice s, struct addr *result);

/* RFC 5952 text, or dotted decimal.  buf holds ADDR_TEXT bytes. */
struct slice addr_format(const struct addr *a, char *buf);

/* Private in the sense of a decision's `source`: 10/8, 172.16/12, 192.168/16,
 * 100.64/10, 127/8, 169.254/16, ::1, fc00::/7, fe80::/10, and 6to4 of these. */
bool addr_is_private(const struct addr *a);

/* A range: "198.51.100.0/24", "2001:db8::/32", or one address. */
struct cidr {
	struct addr base;
	unsigned bits; /* of 128; an IPv4 /24 is 120 */
};
/* False where it is no range, or has bits set behind its length. */
bool cidr_parse(struct slice s, struct cidr *result);
bool cidr_has(const struct cidr *c, const struct addr *a);

/*
 * Many ranges, asked at once: binary search over sorted, merged ranges.
 *     struct cidr_set *s = cidr_set_new(ranges, n);   // NULL without memory
 */
struct cidr_set;
struct cidr_set *cidr_set_new(const struct cidr *ranges, size_t n);
bool cidr_set_has(const struct cidr_set *s, const struct addr *a);
void cidr_set_free(struct cidr_set *s);

#endif
