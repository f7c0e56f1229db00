/*
 * test_peers.c - how many connections there may be, and of whom.
 */
#include "collector/peers.h"

#include "tests/unit/unit.h"

static struct addr
v6(unsigned char net, unsigned char host)
{
	struct addr a = { .b = { 0x20, 0x01, [7] = net, [15] = host } };

	return a;
}

static struct addr
v4(unsigned char last)
{
	struct addr a = { .b = { [10] = 0xff, 0xff, 192, 0, 2, last },
		.v4 = true };

	return a;
}

static void
bounds_hold_for_all_and_for_each(void)
{
	struct addr a = v4(1), b = v4(2), c = v4(3);
	struct peers *p = peers_new(3, 2);

	REQUIRE(p != NULL);
	CHECK_INT(peers_come(p, &a), PEERS_WELCOME);
	CHECK_INT(peers_come(p, &a), PEERS_WELCOME);
	CHECK_INT(peers_come(p, &a), PEERS_TOO_MANY_OF_IT);
	CHECK_INT(peers_come(p, &b), PEERS_WELCOME);
	CHECK_INT(peers_come(p, &c), PEERS_TOO_MANY);
	CHECK_INT(peers_count(p), 3);
	peers_go(p, &a);
	CHECK_INT(peers_come(p, &c), PEERS_WELCOME);
	peers_limit(p, 0, 0);
	for (int i = 0; i < 100; i++)
		CHECK_INT(peers_come(p, &c), PEERS_WELCOME);
	peers_unref(p);
}

static void
of_ipv6_a_network_is_one_sender(void)
{
	struct addr a = v6(1, 1), b = v6(1, 2), c = v6(2, 1);
	struct peers *p = peers_new(0, 1);

	REQUIRE(p != NULL);
	CHECK_INT(peers_come(p, &a), PEERS_WELCOME);
	CHECK_INT(peers_come(p, &b), PEERS_TOO_MANY_OF_IT);
	CHECK_INT(peers_come(p, &c), PEERS_WELCOME);
	peers_unref(p);
}

static void
handshakes_are_counted_until_they_are_over(void)
{
	struct peers *p = peers_new(0, 0);

	REQUIRE(p != NULL);
	peers_shake(p);
	peers_shake(p);
	CHECK_INT(peers_shaking(p), 2);
	peers_shaken(p, true);
	peers_shaken(p, false);
	CHECK_INT(peers_shaking(p), 0);
	CHECK_INT(peers_unshaken(p), 1);
	CHECK(peers_ref(p) == p);
	peers_unref(p);
	CHECK_INT(peers_count(p), 0);
	peers_unref(p);
}

UNIT_MAIN("peers",
    { "bounds hold for all and for each", bounds_hold_for_all_and_for_each },
    { "of IPv6 a network is one sender", of_ipv6_a_network_is_one_sender },
    { "handshakes are counted until they are over",
	handshakes_are_counted_until_they_are_over }, )
