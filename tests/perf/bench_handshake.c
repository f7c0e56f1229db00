/*
 * bench_handshake.c - what a TLS handshake costs us, against OpenSSL alone.
 *
 *     bench_handshake STSENTRYD [HANDSHAKES [ROUNDS]]
 *
 * Two servers with the same certificate: stsentryd with a tls input, and a loop
 * of accept(), SSL_accept() and SSL_read() with the same options.  CALLERS
 * threads shake hands with one and then the other, so that a busy machine hurts
 * both alike; given is the CPU time of each for a handshake, of TLS 1.3, the
 * least of all rounds, and their ratio.
 */
#include "tests/unit/certs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANDSHAKES 2000
#define ROUNDS 3
#define CALLERS 8
#define READY_MS 10000
/* Paths are those beside the file. */
#define CONF                                                             \
	"version: 1\ninputs:\n  - {type: tls, listen: \"127.0.0.1:0\", " \
	"cert: server.pem, key: server.key, clients: any}\n"

struct server {
	pid_t pid;
	unsigned short port;
};

static double
cpu_seconds(pid_t pid)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0)
		return 0;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- OpenSSL alone ---- */

static void
serve_one(SSL_CTX *ctx, int fd)
{
	SSL *ssl = SSL_new(ctx);
	char bytes[4096];

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		while (SSL_read(ssl, bytes, sizeof(bytes)) > 0)
			;
	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

static void
serve(int listener, const char *dir)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	char cert[256], key[256];

	snprintf(cert, sizeof(cert), "%s/server.pem", dir);
	snprintf(key, sizeof(key), "%s/server.key", dir);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		_exit(1);
	for (;;)
		serve_one(ctx, accept(listener, NULL, NULL));
}

static bool
start_bare(const char *dir, struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return false;
	s->port = ntohs(at.sin_port);
	s->pid = fork();
	if (s->pid == 0)
		serve(fd, dir);
	close(fd);
	return s->pid > 0;
}

/* ---- ours ---- */

static bool
read_port(const char *log, unsigned short *port)
{
	char text[4096] = "", *at;
	FILE *f = fopen(log, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	at = strstr(text, "listening on 127.0.0.1:");
	if (at)
		*port = (unsigned short)atoi(strchr(at, ':') + 1);
	return at && strchr(at, '\n');
}

static bool
start_ours(const char *program, const char *dir, struct server *s)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	char conf[256], log[256];
	FILE *f;

	snprintf(conf, sizeof(conf), "%s/conf", dir);
	snprintf(log, sizeof(log), "%s/log", dir);
	f = fopen(conf, "w");
	if (!f)
		return false;
	fputs(CONF, f);
	fclose(f);
	s->pid = fork();
	if (s->pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(fd, STDERR_FILENO);
		execl(program, program, "-c", conf, (char *)NULL);
		_exit(127);
	}
	for (int ms = 0; ms < READY_MS; ms += 10) {
		if (read_port(log, &s->port))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* ---- those who call ---- */

struct caller {
	pthread_t thread;
	SSL_CTX *ctx;
	unsigned short port;
	unsigned times, good;
};

/* Until the server closes: then it has done all that it will. */
static bool
call_once(const struct caller *c)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(c->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(c->ctx);
	char bytes[256];
	bool good;

	SSL_set_fd(ssl, fd);
	good = connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    SSL_connect(ssl) == 1;
	SSL_shutdown(ssl);
	shutdown(fd, SHUT_WR);
	while (good && read(fd, bytes, sizeof(bytes)) > 0)
		;
	SSL_free(ssl);
	close(fd);
	return good;
}

static void *
call(void *arg)
{
	struct caller *c = arg;

	for (unsigned i = 0; i < c->times; i++)
		c->good += call_once(c);
	return NULL;
}

/* CPU seconds of the server; negative where a handshake failed. */
static double
round_of(const struct server *s, SSL_CTX *ctx, unsigned handshakes)
{
	struct caller v[CALLERS];
	double before = cpu_seconds(s->pid);
	unsigned good = 0;

	for (unsigned i = 0; i < CALLERS; i++) {
		v[i] = (struct caller){ .ctx = ctx,
			.port = s->port,
			.times = handshakes / CALLERS };
		pthread_create(&v[i].thread, NULL, call, &v[i]);
	}
	for (unsigned i = 0; i < CALLERS; i++) {
		pthread_join(v[i].thread, NULL);
		good += v[i].good;
	}
	if (good < handshakes / CALLERS * CALLERS)
		return -1;
	return (cpu_seconds(s->pid) - before) / good;
}

static void
stop(const struct server *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGTERM);
		waitpid(s->pid, NULL, 0);
	}
}

static void
remove_all(const char *dir)
{
	static const char *const names[] = { "server.pem", "server.key", "conf",
		"log" };
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

static int
compare(const struct server *bare, const struct server *ours,
    unsigned handshakes, unsigned rounds)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	double least[2] = { 1e9, 1e9 }; /* OpenSSL alone, and ours */

	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	for (unsigned i = 0; i < 2 * rounds; i++) {
		double t = round_of(i % 2 ? ours : bare, ctx, handshakes);

		if (t < 0)
			return 1;
		least[i % 2] = t < least[i % 2] ? t : least[i % 2];
	}
	SSL_CTX_free(ctx);
	printf("handshakes: %u of TLS 1.3: OpenSSL alone %.0f us, stsentryd "
	       "%.0f us each, ratio %.2f\n",
	    handshakes, least[0] * 1e6, least[1] * 1e6, least[1] / least[0]);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct cert_spec cert = {
		.name = "server", .san = "DNS:localhost", .server = true
	};
	unsigned handshakes = argc > 2 ? (unsigned)atoi(argv[2]) : HANDSHAKES;
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : ROUNDS;
	char dir[] = "bench_handshake.XXXXXX";
	struct server bare = { 0 }, ours = { 0 };
	int status = 1;

	if (argc < 2 || handshakes < CALLERS || !mkdtemp(dir))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	if (certs_make(dir, &cert) && start_bare(dir, &bare) &&
	    start_ours(argv[1], dir, &ours))
		status = compare(&bare, &ours, handshakes, rounds);
	stop(&ours);
	stop(&bare);
	remove_all(dir);
	return status;
}
