/*
 * test_listener.c - doors: who is let in, and what stays when a
 * configuration changes.
 */
#include "collector/listener.h"

#include "collector/client.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	struct loop *loop;
	struct listeners *doors;
	struct conn *given[64];
	size_t n;
};

static struct config *
load(const char *inputs)
{
	char text[1024];
	struct config *c = NULL;
	struct err e;

	snprintf(text, sizeof(text),
	    "version: 1\npolicy: p.yaml\ninputs: [%s]\n", inputs);
	if (config_load_text(slice_str(text), "t.yaml", &c, &e) < 0)
		printf("\n    %s", e.text);
	return c;
}

static void
on_conn(void *arg, struct conn *c)
{
	struct fixture *f = arg;

	if (f->n < 64)
		f->given[f->n++] = c;
	else
		conn_free(c);
}

static void
on_short(void *arg)
{
	(void)arg;
}

static int
fixture_init(struct fixture *f, const struct config *c)
{
	static const struct listener_calls calls = { on_conn, on_short,
		on_short };
	struct err e = { .text = "" };
	int err;

	memset(f, 0, sizeof(*f));
	f->loop = loop_new();
	err = listeners_open(c, f->loop, &calls, f, &f->doors, &e);
	if (err < 0)
		printf("\n    %s", e.text);
	return err;
}

static void
fixture_release(struct fixture *f)
{
	listeners_free(f->doors);
	for (size_t i = 0; i < f->n; i++)
		conn_free(f->given[i]);
	loop_free(f->loop);
}

static int
call(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
turn(struct fixture *f)
{
	for (int i = 0; i < 3; i++)
		CHECK_INT(loop_step(f->loop), 0);
}

static void
each_input_has_its_bounds_and_counts(void)
{
	struct config *c = load(
	    "{type: tcp, listen: \"127.0.0.1:0\", max_per_peer: 2}, "
	    "{type: tcp, listen: \"127.0.0.1:0\", name: b, max_connections: 1}");
	struct listener_status s;
	struct fixture f;
	int fd[5];

	REQUIRE(c && fixture_init(&f, c) == 0);
	CHECK_INT(listeners_count(f.doors), 2);
	for (int i = 0; i < 5; i++) {
		fd[i] = call(listeners_port(f.doors, i >= 3));
		CHECK(fd[i] >= 0);
	}
	turn(&f);
	CHECK_INT(f.n, 3);
	CHECK_INT(listeners_counts(f.doors)->accepted, 3);
	CHECK_INT(listeners_counts(f.doors)->refused_peer, 1);
	CHECK_INT(listeners_counts(f.doors)->refused_connections, 1);
	CHECK(listeners_input_status(f.doors, 0, &s));
	CHECK_INT(s.connections, 2);
	CHECK_INT(s.accepted, 2);
	CHECK_INT(s.refused, 1);
	CHECK(s.cert_expires == INT64_MAX);
	CHECK(!listeners_input_status(f.doors, 2, &s));
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	fixture_release(&f);
	config_free(c);
}

static void
sockets_stay_where_their_address_does(void)
{
	struct config *c = load("{type: tcp, listen: \"127.0.0.1:0\"}, "
				"{type: tcp, listen: \"localhost:0\"}"),
		      *next = load("{type: file, paths: x}, "
				   "{type: tcp, listen: \"127.0.0.2:0\"}, "
				   "{type: tcp, listen: \"127.0.0.1:0\"}");
	unsigned map[2] = { 7, 7 };
	struct listener_status s;
	struct fixture f;
	struct err e;
	uint16_t stays, gone;
	int a, b;

	REQUIRE(c && next && fixture_init(&f, c) == 0);
	stays = listeners_port(f.doors, 0);
	gone = listeners_port(f.doors, listeners_count(f.doors) - 1);
	a = call(stays);
	turn(&f);
	CHECK_INT(listeners_update(f.doors, next, map, &e), 0);
	CHECK_INT(map[0], 2);
	CHECK_INT(map[1], LISTENER_GONE);
	CHECK_INT(listeners_count(f.doors), 2);
	CHECK_INT(listeners_port(f.doors, 1), stays);
	CHECK_INT(call(gone), -1);
	config_free(c);
	b = call(stays);
	turn(&f);
	CHECK_INT(f.n, 2);
	CHECK(f.n == 2 && conn_input(f.given[1]) == 2);
	CHECK(listeners_input_status(f.doors, 2, &s));
	CHECK_INT(s.connections, 2);
	close(a);
	close(b);
	fixture_release(&f);
	config_free(next);
}

static void
an_update_that_fails_changes_nothing(void)
{
	struct config *c = load("{type: tcp, listen: \"127.0.0.1:0\"}"), *bad;
	unsigned map[1] = { 7 };
	struct fixture f, other;
	char text[256];
	struct err e;
	int fd;

	REQUIRE(c && fixture_init(&f, c) == 0 && fixture_init(&other, c) == 0);
	snprintf(text, sizeof(text),
	    "{type: tcp, listen: \"127.0.0.2:0\"}, "
	    "{type: tcp, listen: \"127.0.0.1:%u\"}",
	    listeners_port(other.doors, 0));
	bad = load(text);
	REQUIRE(bad != NULL);
	CHECK(listeners_update(f.doors, bad, map, &e) < 0);
	CHECK(strstr(e.text, "cannot listen on 127.0.0.1") != NULL);
	CHECK_INT(map[0], 7);
	CHECK_INT(listeners_count(f.doors), 1);
	fd = call(listeners_port(f.doors, 0));
	turn(&f);
	CHECK_INT(f.n, 1);
	close(fd);
	fixture_release(&f);
	fixture_release(&other);
	config_free(bad);
	config_free(c);
}

static void
a_path_is_removed_only_where_it_is_ours(void)
{
	char text[512], path[256];
	struct config *c;
	struct stat st;
	struct fixture f;

	snprintf(path, sizeof(path), "%s/sock", unit_tmpdir());
	snprintf(text, sizeof(text),
	    "{type: unix, listen: \"%s\", mode: '0620'}", path);
	c = load(text);
	REQUIRE(c && fixture_init(&f, c) == 0);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0620);
	/* Somebody has put another one there. */
	CHECK(unlink(path) == 0);
	close(open(path, O_CREAT | O_CLOEXEC | O_WRONLY, 0600));
	fixture_release(&f);
	CHECK(stat(path, &st) == 0);
	CHECK(fixture_init(&f, c) < 0);
	loop_free(f.loop);
	CHECK(unlink(path) == 0);
	CHECK(fixture_init(&f, c) == 0);
	fixture_release(&f);
	CHECK(stat(path, &st) < 0);
	config_free(c);
}

UNIT_MAIN("listener",
    { "each input has its bounds and counts",
	each_input_has_its_bounds_and_counts },
    { "sockets stay where their address does",
	sockets_stay_where_their_address_does },
    { "an update that fails changes nothing",
	an_update_that_fails_changes_nothing },
    { "a path is removed only where it is ours",
	a_path_is_removed_only_where_it_is_ours }, )
