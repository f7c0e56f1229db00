/*
 * listener.c - the doors: listening sockets and who is let in.
 *
 * See listener.h.  Opens doors, finds them again by their address when the
 * configuration changes, and looks after their certificates; who comes through
 * one is let in by listener_accept.c.  Runs in the main loop.
 */
#include "config.h"

#include "collector/listener_i.h"

#include "collector/client.h"
#include "lib/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- doors ---- */

static bool
listens(const struct input_config *in)
{
	return in->listen && client_kind_of(in->type);
}

static void
socket_free(struct socket *s)
{
	loop_io_free(s->io);
	bind_close(&s->bound);
	free(s);
}

static void
door_close(struct door *d)
{
	while (d->n_sockets > 0)
		socket_free(d->sockets[--d->n_sockets]);
}

static void
door_free(struct door *d)
{
	if (!d)
		return;
	door_close(d);
	certs_close(d->certs);
	peers_unref(d->peers);
	free(d);
}

/* Takes the bound socket in any case. */
static int
add_socket(struct door *d, struct bound *b, struct err *e)
{
	struct socket *s = calloc(1, sizeof(*s));

	if (!s) {
		bind_close(b);
		return err_set(e, ST_ENOMEM, "out of memory");
	}
	s->door = d;
	s->bound = *b;
	d->sockets[d->n_sockets++] = s;
	s->io = loop_io_new(d->all->loop, b->fd, listener_on_caller, s);
	return s->io ? 0 : err_set(e, ST_ENOMEM, "out of memory");
}

static int
door_bind(struct door *d, struct err *e)
{
	struct bound v[BIND_MAX];
	size_t n;
	int err = bind_input(d->config, v, &n, e);

	for (size_t i = 0; i < n; i++) {
		if (err == 0)
			err = add_socket(d, &v[i], e);
		else
			bind_close(&v[i]);
	}
	return err;
}

static size_t
max_of_one(const struct input_config *in)
{
	/* A path has one peer only: this machine. */
	return in->type == INPUT_UNIX ? 0 : (size_t)in->max_per_peer;
}

/* Without sockets yet. */
static int
door_new(struct listeners *all, const struct config *c, unsigned input,
    struct door **result, struct err *e)
{
	struct door *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return err_set(e, ST_ENOMEM, "out of memory");
	d->all = all;
	d->config = (const struct input_config *)c->inputs.v + input;
	d->input = input;
	d->waiting_since = -1;
	err = certs_open(d->config, &d->certs, e);
	if (err < 0)
		door_free(d);
	else
		*result = d;
	return err;
}

static int
door_open(struct door *d, struct err *e)
{
	d->peers = peers_new(
	    (size_t)d->config->max_connections, max_of_one(d->config));
	if (!d->peers)
		return err_set(e, ST_ENOMEM, "out of memory");
	return door_bind(d, e);
}

/* ---- standard input ---- */

static unsigned
std_input_of(const struct config *c)
{
	const struct input_config *inputs = c->inputs.v;

	for (unsigned i = 0; i < c->inputs.n; i++)
		if (inputs[i].type == INPUT_STDIN)
			return i;
	return LISTENER_GONE;
}

/* A description of its own: that it does not block is not to be seen by the
 * others that share ours.  A socket has no second one. */
static int
open_stdin(void)
{
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	int fd = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		if (fd >= 0)
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	} else if (at > 0) {
		lseek(fd, at, SEEK_SET);
	}
	return fd;
}

static void
on_first(void *arg)
{
	struct listeners *all = arg;
	const struct conn_about about = {
		.fd = open_stdin(),
		.input = all->std_input,
		.id = all->next_id++,
		.kind = client_kind_of(INPUT_STDIN),
		.name = "stdin",
		.who = "descriptor 0",
	};
	struct conn *c = about.fd < 0 ? NULL : conn_new(&about);

	all->std_given = true;
	if (c) {
		all->calls.give(all->arg, c);
		return;
	}
	log_warn("input stdin: cannot be read");
	if (about.fd >= 0)
		close(about.fd);
}

/* ---- opening, and opening anew ---- */

static void
free_doors(struct door **v, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		door_free(v[i]);
	free(v);
}

/* Is it the same place to come to? */
static bool
same_place(const struct input_config *a, const struct input_config *b)
{
	return (a->type == INPUT_UNIX) == (b->type == INPUT_UNIX) &&
	    strcmp(a->listen, b->listen) == 0;
}

/* The first that nobody took: several may ask for any free port. */
static struct door *
take_door_at(const struct listeners *all, const struct input_config *in)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i]->taken && same_place(all->v[i]->config, in)) {
			all->v[i]->taken = true;
			return all->v[i];
		}
	return NULL;
}

/* The doors of a configuration; those that stand already have no sockets. */
static int
make_doors(struct listeners *all, const struct config *c, struct door ***result,
    size_t *n, struct err *e)
{
	const struct input_config *inputs = c->inputs.v;
	struct door **v = calloc(c->inputs.n + 1, sizeof(struct door *));
	int err = v ? 0 : err_set(e, ST_ENOMEM, "out of memory");

	*n = 0;
	for (size_t i = 0; i < all->n; i++)
		all->v[i]->taken = false;
	for (unsigned i = 0; i < c->inputs.n && err == 0; i++) {
		if (!listens(&inputs[i]))
			continue;
		err = door_new(all, c, i, &v[*n], e);
		if (err < 0)
			break;
		v[*n]->before = take_door_at(all, v[*n]->config);
		if (!v[*n]->before)
			err = door_open(v[*n], e);
		(*n)++;
	}
	if (err < 0) {
		free_doors(v, *n);
		return err;
	}
	*result = v;
	return 0;
}

/* The new door takes what stands at the old one. */
static void
inherit(struct door *d, struct door *old)
{
	d->peers = old->peers;
	old->peers = NULL;
	if (d->certs)
		log_info("input %s: certificates read again", d->config->name);
	peers_limit(d->peers, (size_t)d->config->max_connections,
	    max_of_one(d->config));
	d->accepted = old->accepted;
	d->refused = old->refused;
	memcpy(d->sockets, old->sockets, sizeof(d->sockets));
	d->n_sockets = old->n_sockets;
	old->n_sockets = 0;
	for (size_t i = 0; i < d->n_sockets; i++)
		d->sockets[i]->door = d;
}

static void
take_over(
    struct listeners *all, const struct config *c, struct door **v, size_t n)
{
	all->v = v;
	all->n = n;
	all->n_inputs = c->inputs.n;
	all->std_input = std_input_of(c);
	/* When the loop turns: by then there is somebody to give it to. */
	if (all->std_input != LISTENER_GONE && !all->std_given)
		loop_timer_set(all->first, 0);
}

int
listeners_update(
    struct listeners *all, const struct config *c, unsigned *map, struct err *e)
{
	struct door **v;
	size_t n;
	int err = make_doors(all, c, &v, &n, e);

	if (err < 0)
		return err;
	for (size_t i = 0; i < all->n_inputs; i++)
		map[i] = LISTENER_GONE;
	for (size_t i = 0; i < n; i++) {
		struct door *old = v[i]->before;

		if (!old)
			continue;
		if (old->config->type == v[i]->config->type)
			map[old->input] = v[i]->input;
		inherit(v[i], old);
		v[i]->before = NULL;
	}
	if (all->std_input != LISTENER_GONE)
		map[all->std_input] = std_input_of(c);
	free_doors(all->v, all->n);
	take_over(all, c, v, n);
	return 0;
}

/* ---- certificates ---- */

static void
renew(struct door *d)
{
	struct err e;
	char text[1024];

	d->stale = certs_renew(d->certs, &e) < 0;
	if (d->stale)
		log_warnx("input %s: keeps its old certificates: %s",
		    d->config->name, err_format(&e, text, sizeof(text)));
	else
		log_info("input %s: certificates read again", d->config->name);
}

void
listeners_renew_certificates(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->certs)
			renew(all->v[i]);
}

void
listeners_look_at_certificates(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->certs && certs_have_changed(all->v[i]->certs))
			renew(all->v[i]);
}

static void
on_certs(void *arg)
{
	struct listeners *all = arg;

	listeners_look_at_certificates(all);
	loop_timer_set(all->certs, LISTENER_CERTS_MS);
}

int
listeners_check(const struct config *c, struct err *e)
{
	const struct input_config *inputs = c->inputs.v;
	struct certs *certs;
	int err = 0;

	for (size_t i = 0; i < c->inputs.n && err == 0; i++) {
		if (!listens(&inputs[i]))
			continue;
		err = certs_open(&inputs[i], &certs, e);
		if (err == 0)
			certs_close(certs);
	}
	return err;
}

/* ---- life ---- */

int
listeners_open(const struct config *c, struct loop *loop,
    const struct listener_calls *calls, void *arg, struct listeners **result,
    struct err *e)
{
	struct listeners *all = calloc(1, sizeof(*all));
	struct door **v;
	size_t n;
	int err = ST_ENOMEM;

	if (!all)
		return err_set(e, ST_ENOMEM, "out of memory");
	all->loop = loop;
	all->calls = *calls;
	all->arg = arg;
	all->reserve = -1;
	all->short_since = -1;
	all->next_id = 1;
	all->retry = loop_timer_new(loop, listener_on_retry, all);
	all->first = loop_timer_new(loop, on_first, all);
	all->certs = loop_timer_new(loop, on_certs, all);
	if (!all->retry || !all->certs || !all->first) {
		err_set(e, ST_ENOMEM, "out of memory");
		goto out;
	}
	listener_get_reserve(all);
	err = make_doors(all, c, &v, &n, e);
	if (err < 0)
		goto out;
	take_over(all, c, v, n);
	loop_timer_set(all->certs, LISTENER_CERTS_MS);
	*result = all;
	all = NULL;
out:
	listeners_free(all);
	return err;
}

void
listeners_close(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		door_close(all->v[i]);
	loop_timer_stop(all->retry);
	loop_timer_stop(all->certs);
	loop_timer_stop(all->first);
}

void
listeners_free(struct listeners *all)
{
	if (!all)
		return;
	free_doors(all->v, all->n);
	loop_timer_free(all->retry);
	loop_timer_free(all->certs);
	loop_timer_free(all->first);
	if (all->reserve >= 0)
		close(all->reserve);
	free(all);
}

/* ---- asking ---- */

/* The i-th of all sockets; NULL behind the last. */
static const struct bound *
nth(const struct listeners *all, size_t i)
{
	for (size_t k = 0; k < all->n; k++) {
		if (i < all->v[k]->n_sockets)
			return &all->v[k]->sockets[i]->bound;
		i -= all->v[k]->n_sockets;
	}
	return NULL;
}

size_t
listeners_count(const struct listeners *all)
{
	size_t n = 0;

	while (nth(all, n))
		n++;
	return n;
}

void
listeners_tell(const struct listeners *all, struct buf *out)
{
	const struct bound *b;

	for (size_t i = 0; (b = nth(all, i)); i++) {
		buf_adds(out, i ? ", " : "");
		bind_tell(b, out);
	}
}

uint16_t
listeners_port(const struct listeners *all, size_t i)
{
	return nth(all, i)->port;
}

const struct listener_counts *
listeners_counts(const struct listeners *all)
{
	return &all->counts;
}

bool
listeners_input_status(
    const struct listeners *all, unsigned input, struct listener_status *s)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct door *d = all->v[i];
		const struct tls_context *ctx = certs_context(d->certs);

		if (d->input != input)
			continue;
		*s = (struct listener_status){
			.connections = peers_count(d->peers),
			.shaking = peers_shaking(d->peers),
			.accepted = d->accepted,
			.refused = d->refused,
			.handshakes_failed = peers_unshaken(d->peers),
			.cert_expires = ctx ? tls_context_expires(ctx)
					    : INT64_MAX,
			.crl_expires = ctx ? tls_context_crl_expires(ctx)
					   : INT64_MAX,
			.certs_stale = d->stale,
		};
		return true;
	}
	return false;
}
