/*
 * survey.c - how the daemon is, put together from those who know.
 *
 * See survey.h.  Knows where each number comes from and what is not well; how
 * it is written is status.c's business.
 */
#include "collector/survey.h"

#include "collector/http_shared.h"
#include "collector/listener.h"
#include "collector/walls.h"
#include "geo/geo.h"
#include "lib/clock.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S ((int64_t)86400)

static const char *const input_words[] = { "tcp", "tls", "http", "file",
	"stdin", "unix" };

/* ---- the process ---- */

static uint64_t
resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long all, resident = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &all, &resident) != 2)
		resident = 0;
	fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static unsigned
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	return n > 3 ? n - 3 : 0; /* . and .. and this one */
}

/* ---- inputs ---- */

static void
look_at_input(const struct survey *v, const struct input_config *c, unsigned id,
    struct status_input *in)
{
	const struct gauge_input *g;

	*in = (struct status_input){
		.name = c->name, .type = input_words[c->type], .silent_ms = -1
	};
	if (id >= v->view.n_inputs)
		return;
	g = &v->view.inputs[id];
	in->received = g->counts.received;
	in->token_requests = g->counts.token_requests;
	in->uses = g->counts.uses;
	for (unsigned i = 0; i < REJECT_COUNT; i++)
		in->rejected[i] = g->counts.rejected[i];
	in->lag = g->lag;
	if (g->heard >= 0)
		in->silent_ms = clock_ms() - g->heard;
}

static void
judge_certificate(
    const struct listener_status *l, const char *name, struct status *s)
{
	int64_t days = (l->cert_expires - s->now.sec) / DAY_S;

	if (l->certs_stale)
		status_reason(
		    s, "input %s: its new certificate cannot be used", name);
	if (l->cert_expires != INT64_MAX && days < SURVEY_CERT_DAYS)
		status_reason(s,
		    "input %s: its certificate expires in %" PRId64 " days",
		    name, days);
	if (l->crl_expires != INT64_MAX && l->crl_expires < s->now.sec)
		status_reason(s, "input %s: its CRL is out of date", name);
}

static void
look_at_door(const struct listeners *doors, unsigned i, struct status_input *in,
    struct status *s)
{
	struct listener_status l;

	if (!doors || !listeners_input_status(doors, i, &l))
		return;
	in->connections = l.connections;
	in->accepted = l.accepted;
	in->refused = l.refused;
	if (l.cert_expires != INT64_MAX)
		in->cert_expires = l.cert_expires;
	judge_certificate(&l, in->name, s);
}

static void
look_at_http(struct http_shared *http, unsigned id, struct status_input *in)
{
	const struct http_counts *n = http_shared_counts(http, id);

	if (!n)
		return;
	in->is_http = true;
	for (unsigned i = 0; i < HTTP_WHY_COUNT; i++)
		in->http.answers[i] = atomic_load(&n->answers[i]);
	in->http.repeated = atomic_load(&n->repeated);
	in->http.cut = atomic_load(&n->cut);
	in->http.held_bytes = atomic_load(&n->held);
}

static void
look_at_inputs(
    struct survey *v, const struct survey_from *from, struct status *s)
{
	const struct generation *now = from->now;
	const struct input_config *c = now->config->inputs.v;
	size_t n = now->config->inputs.n;

	free(v->inputs);
	v->inputs = calloc(n + 1, sizeof(*v->inputs));
	if (!v->inputs)
		return;
	for (size_t i = 0; i < n; i++)
		look_at_input(v, &c[i], now->input_ids[i], &v->inputs[i]);
	for (size_t i = 0; i < n; i++)
		look_at_door(from->doors, (unsigned)i, &v->inputs[i], s);
	for (size_t i = 0; i < n; i++)
		if (c[i].type == INPUT_HTTP)
			look_at_http(
			    from->http, now->input_ids[i], &v->inputs[i]);
	s->inputs = v->inputs;
	s->n_inputs = n;
}

/* ---- outputs ---- */

static void
look_at_output(
    const struct outlet_view *g, struct status_output *out, struct status *s)
{
	*out = (struct status_output){ .name = g->name,
		.type = config_output_type(g->type),
		.made = g->counts.made,
		.delivered = g->counts.delivered,
		.queued = outbox_queued(&g->counts),
		.dead = g->counts.dead,
		.dropped = g->counts.dropped,
		.held_back = g->held };
	if (g->away) {
		out->type = "none";
		out->state = OUTPUT_REMOVED;
	} else if (g->courier.stuck) {
		out->state = OUTPUT_STUCK;
		out->next_try = (struct when){ g->courier.next_try, 0, true };
		status_reason(s, "output %s is stuck; %" PRIu64 " records wait",
		    g->name, out->queued);
	}
}

static void
look_at_removed(const struct gauge_removed *g, struct status_output *out)
{
	*out = (struct status_output){ .name = g->name,
		.type = "none",
		.made = g->counts.made,
		.delivered = g->counts.delivered,
		.queued = outbox_queued(&g->counts),
		.dead = g->counts.dead,
		.dropped = g->counts.dropped,
		.state = OUTPUT_REMOVED };
}

static void
look_at_outputs(struct survey *v, struct status *s)
{
	size_t n = 0, all = v->view.n_outputs;

	free(v->outputs);
	v->outputs = calloc(all + v->view.n_removed + 1, sizeof(*v->outputs));
	if (!v->outputs)
		return;
	for (size_t i = 0; i < all; i++) {
		look_at_output(&v->view.outputs[i], &v->outputs[n], s);
		/* Of those that are gone only the ones for which some wait. */
		n += v->outputs[n].state != OUTPUT_REMOVED ||
		    v->outputs[n].queued > 0;
	}
	for (size_t i = 0; i < v->view.n_removed; i++)
		look_at_removed(&v->view.removed[i], &v->outputs[n++]);
	s->outputs = v->outputs;
	s->n_outputs = n;
}

/* ---- state ---- */

static void
look_at_state(
    const struct survey *v, const struct generation *now, struct status *s)
{
	const struct gauge_state *g = &v->view.state;

	s->duplicates_known = g->duplicates_known;
	s->habits = g->habits;
	s->lineage = g->lineage;
	s->grants = g->grants;
	if (!g->is_kept)
		return;
	s->state = (struct status_state){ .dir = now->config->state.dir,
		.stuck = g->stuck,
		.commits = g->counts.transactions,
		.commits_failed = g->counts.commits_failed,
		.state_bytes = g->counts.state_bytes,
		.ledger_bytes = g->counts.ledger_bytes,
		.ledger_lines = g->counts.lines,
		.rows_missing = g->counts.rows_missing,
		.lines_missing = g->counts.lines_missing };
	if (!g->stuck)
		return;
	s->ready = false;
	status_reason(s, "the state in %s %s: inputs wait", s->state.dir,
	    g->counts.full ? "is at its limit (limits: {state})"
			   : "cannot be written");
}

/* ---- geo ---- */

static void
look_at_geo(struct survey *v, const struct generation *now, struct status *s)
{
	size_t n = now->geo ? geo_count(now->geo) : 0;
	int64_t max_age = now->config->geo.max_age / 1000, age;
	struct geo_info info;

	free(v->geo);
	v->geo = calloc(n + 1, sizeof(*v->geo));
	if (!v->geo)
		return;
	for (size_t i = 0; i < n; i++) {
		geo_describe(now->geo, i, &info);
		v->geo[i] = (struct status_geo){ info.path, info.built };
		age = s->now.sec - info.built;
		if (max_age > 0 && info.built > 0 && age > max_age)
			status_reason(s,
			    "geo file %s is %" PRId64
			    " days old (geo: max_age)",
			    info.path, age / DAY_S);
	}
	s->geo = v->geo;
	s->n_geo = n;
}

/* ---- all ---- */

void
survey_init(struct survey *v)
{
	*v = (struct survey){ .view = GAUGE_VIEW_INIT, .walls = BUF_INIT };
}

void
survey_release(struct survey *v)
{
	gauge_view_release(&v->view);
	free(v->inputs);
	free(v->outputs);
	free(v->geo);
	buf_release(&v->walls);
}

void
survey_take(struct survey *v, const struct survey_from *from, struct status *s)
{
	struct batchq_counts queued;

	s->version = from->version;
	s->now = when_now();
	s->started = from->started;
	s->generation = from->generation;
	s->pid = (int64_t)getpid();
	s->reloads = from->reloads;
	s->reload_error = from->reload_error;
	if (from->reload_error[0])
		status_reason(s, "the configuration was not read again: %s",
		    from->reload_error);
	s->ready = !from->stopping && !batchq_is_full(from->queue);
	if (gauge_look(from->gauge, &v->view))
		s->books = v->view.books;
	look_at_inputs(v, from, s);
	look_at_outputs(v, s);
	look_at_state(v, from->now, s);
	look_at_geo(v, from->now, s);
	for (size_t i = 0; i < v->view.n_silent; i++)
		status_reason(s, "%s is silent", v->view.silent[i]);
	if (batchq_is_full(from->queue))
		status_reason(s,
		    "the queue to the pipeline is full: inputs "
		    "wait");
	batchq_look(from->queue, &queued);
	s->queue_events = queued.events;
	s->queue_bytes = queued.bytes;
	s->resident_bytes = resident_bytes();
	s->open_files = open_files();
	v->walls.n = 0;
	walls_tell(from->walls, &v->walls);
	buf_addc(&v->walls, '\0');
	s->sandbox = v->walls.failed ? "" : v->walls.p;
}
