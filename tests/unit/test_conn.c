/*
 * test_conn.c - a connection's name, and that it counts until it is freed.
 */
#include "collector/conn.h"

#include "collector/peers.h"
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

static void
a_connection_says_who_it_is(void)
{
	static const struct {
		struct conn_about about;
		const char *label;
	} rows[] = {
		{ { .id = 17,
		      .name = "tcp",
		      .peer = { .b = { [10] = 0xff, 0xff, 198, 51, 100, 7 },
			  .v4 = true },
		      .port = 4431 },
		    "conn 17 tcp 198.51.100.7:4431" },
		{ { .id = 18,
		      .name = "tls",
		      .peer = { .b = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
		      .port = 1 },
		    "conn 18 tls [2001:db8::1]:1" },
		{ { .id = 19, .name = "unix", .who = "pid 7 uid 1000" },
		    "conn 19 unix pid 7 uid 1000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conn_about about = rows[i].about;
		struct conn *c;

		about.fd = dup(1);
		c = conn_new(&about);
		REQUIRE(c != NULL);
		CHECK_TEXT(slice_str(conn_label(c)), rows[i].label);
		conn_set_input(c, 5);
		CHECK_INT(conn_input(c), 5);
		conn_free(c);
	}
	conn_free(NULL);
}

static void
it_counts_until_it_is_freed(void)
{
	struct peers *p = peers_new(10, 10);
	struct conn_about about = { .name = "tcp", .peers = p };
	struct conn *c;
	int fd[2];

	REQUIRE(p && socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	about.fd = fd[0];
	CHECK_INT(peers_come(p, &about.peer), PEERS_WELCOME);
	c = conn_new(&about);
	REQUIRE(c != NULL);
	CHECK_INT(peers_count(p), 1);
	conn_free(c);
	CHECK_INT(peers_count(p), 0);
	CHECK_INT(read(fd[1], &about, 1), 0);
	/* The last one that knows them gives them back. */
	about.fd = fd[1];
	CHECK_INT(peers_come(p, &about.peer), PEERS_WELCOME);
	c = conn_new(&about);
	peers_unref(p);
	conn_free(c);
}

UNIT_MAIN("conn",
    { "a connection says who it is", a_connection_says_who_it_is },
    { "it counts until it is freed", it_counts_until_it_is_freed }, )
