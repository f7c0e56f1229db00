/*
 * address.c - "host:port" as people write it.
 *
 * Looks nothing up.  See address.h.
 */
#include "conf/address.h"

#include <arpa/inet.h>
#include <strings.h>

static bool
parse_port(struct slice s, unsigned *port)
{
	unsigned v = 0;

	if (s.n == 0 || s.n > 5)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	*port = v;
	return v <= 65535;
}

/* Letters, digits, dots and dashes, and not digits and dots alone: that is
 * an IPv4 address with a fault. */
static bool
is_host_name(const char *s)
{
	static const char digits[] = ".0123456789";
	static const char all[] = "-.0123456789_"
				  "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strlen(s);

	return n > 0 && strspn(s, all) == n && strspn(s, digits) != n &&
	    s[0] != '-' && s[0] != '.' && !strstr(s, "..");
}

static bool
is_loopback6(const struct in6_addr *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	return IN6_IS_ADDR_LOOPBACK(a) ||
	    (memcmp(a->s6_addr, mapped, 12) == 0 && a->s6_addr[12] == 127);
}

static bool
parse_host(struct address *a, bool brackets)
{
	struct in6_addr six;
	struct in_addr four;

	if (brackets) {
		if (inet_pton(AF_INET6, a->host, &six) != 1)
			return false;
		a->loopback = is_loopback6(&six);
		return true;
	}
	if (inet_pton(AF_INET, a->host, &four) == 1) {
		a->loopback = ntohl(four.s_addr) >> 24 == 127;
		return true;
	}
	a->loopback = strcasecmp(a->host, "localhost") == 0;
	return is_host_name(a->host);
}

bool
address_parse(struct slice s, struct address *result)
{
	struct slice port = slice_after_last(s, ':');
	bool brackets = s.n > 0 && s.p[0] == '[';
	struct slice host;

	if (port.n >= s.n || memchr(s.p, '\0', s.n))
		return false;
	host = slice_of(s.p, s.n - port.n - 1);
	if (brackets) {
		if (host.n < 2 || host.p[host.n - 1] != ']')
			return false;
		host = slice_of(host.p + 1, host.n - 2);
	}
	if (host.n == 0 || host.n > ADDRESS_HOST_MAX)
		return false;
	memcpy(result->host, host.p, host.n);
	result->host[host.n] = '\0';
	return parse_port(port, &result->port) && parse_host(result, brackets);
}
