/*
 * status.c - how the daemon is, as others read it.
 *
 * See status.h.  Knows the two formats, not where the numbers come from.
 */
#include "collector/status.h"

#include "lib/jsonw.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void
status_reason(struct status *s, const char *fmt, ...)
{
	va_list ap;

	if (s->n_reasons == STATUS_REASONS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(s->reasons[s->n_reasons++], STATUS_REASON_SIZE, fmt, ap);
	va_end(ap);
}

void
status_health(const struct status *s, struct buf *out)
{
	if (s->n_reasons == 0)
		buf_adds(out, "ok\n");
	for (size_t i = 0; i < s->n_reasons; i++)
		buf_addf(out, "%s\n", s->reasons[i]);
}

static const char *
state_word(enum output_state s)
{
	static const char *const words[] = { "ok", "stuck", "removed" };

	return words[s];
}

/* ---- /status ------------------------------------------------------------ */

static void
member_when(struct jsonw *w, const char *name, struct when t)
{
	char text[WHEN_TEXT];

	jsonw_member(w, name, t.valid ? when_format(t, text) : SLICE_NULL);
}

static void
member_u64(struct jsonw *w, const char *name, uint64_t n)
{
	jsonw_member_int(w, name, (int64_t)n);
}

static void
json_rejected(struct jsonw *w, const uint64_t *by)
{
	jsonw_key(w, "rejected");
	jsonw_object(w);
	for (unsigned i = 0; i < REJECT_COUNT; i++)
		if (by[i] > 0)
			member_u64(w, reject_name((enum reject)i), by[i]);
	jsonw_end(w);
}

static void
json_books(struct jsonw *w, const struct books *b)
{
	jsonw_key(w, "books");
	jsonw_object(w);
	member_u64(w, "received", b->received);
	member_u64(w, "token_requests", b->token_requests);
	member_u64(w, "uses", b->uses);
	member_u64(w, "other", b->other);
	member_u64(w, "duplicates", b->duplicates);
	member_u64(w, "rejected", b->rejected);
	member_u64(w, "in_flight", b->in_flight);
	jsonw_end(w);
}

static void
member_seconds(struct jsonw *w, const char *name, double seconds)
{
	jsonw_key(w, name);
	if (seconds < 0)
		jsonw_null(w);
	else
		jsonw_fixed(w, seconds, 3);
}

static void
json_http(struct jsonw *w, const struct status_http *h)
{
	jsonw_key(w, "http");
	jsonw_object(w);
	jsonw_key(w, "answers");
	jsonw_object(w);
	for (unsigned i = 0; i < HTTP_WHY_COUNT; i++)
		if (h->answers[i] > 0)
			member_u64(
			    w, http_why((enum http_why)i)->name, h->answers[i]);
	jsonw_end(w);
	member_u64(w, "repeated", h->repeated);
	member_u64(w, "cut", h->cut);
	member_u64(w, "held_bytes", h->held_bytes);
	jsonw_end(w);
}

static void
json_input(struct jsonw *w, const struct status_input *in)
{
	jsonw_key(w, in->name);
	jsonw_object(w);
	jsonw_member_str(w, "type", in->type);
	member_u64(w, "received", in->received);
	member_u64(w, "token_requests", in->token_requests);
	member_u64(w, "uses", in->uses);
	json_rejected(w, in->rejected);
	member_u64(w, "connections", in->connections);
	member_u64(w, "accepted", in->accepted);
	member_u64(w, "refused", in->refused);
	member_seconds(w, "silent_seconds",
	    in->silent_ms < 0 ? -1 : (double)in->silent_ms / 1000);
	jsonw_key(w, "lag_seconds");
	jsonw_object(w);
	member_seconds(w, "p50", lag_quantile(&in->lag, 0.5));
	member_seconds(w, "p99", lag_quantile(&in->lag, 0.99));
	jsonw_end(w);
	if (in->cert_expires)
		member_when(w, "certificate_expires",
		    (struct when){ in->cert_expires, 0, true });
	if (in->is_http)
		json_http(w, &in->http);
	jsonw_end(w);
}

static void
json_output(struct jsonw *w, const struct status_output *o)
{
	jsonw_key(w, o->name);
	jsonw_object(w);
	jsonw_member_str(w, "type", o->type);
	member_u64(w, "made", o->made);
	member_u64(w, "delivered", o->delivered);
	member_u64(w, "queued", o->queued);
	member_u64(w, "dead", o->dead);
	member_u64(w, "dropped", o->dropped);
	member_u64(w, "held_back", o->held_back);
	jsonw_member_str(w, "state", state_word(o->state));
	member_when(w, "next_try", o->next_try);
	jsonw_end(w);
}

static void
json_state(struct jsonw *w, const struct status_state *s)
{
	jsonw_key(w, "state");
	if (!s->dir) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_member_str(w, "dir", s->dir);
	jsonw_key(w, "stuck");
	jsonw_bool(w, s->stuck);
	member_u64(w, "commits", s->commits);
	member_u64(w, "commits_failed", s->commits_failed);
	member_u64(w, "state_bytes", s->state_bytes);
	member_u64(w, "ledger_bytes", s->ledger_bytes);
	member_u64(w, "ledger_lines", s->ledger_lines);
	member_u64(w, "rows_missing", s->rows_missing);
	member_u64(w, "lines_missing", s->lines_missing);
	jsonw_end(w);
}

static void
json_geo(struct jsonw *w, const struct status *s)
{
	jsonw_key(w, "geo");
	jsonw_array(w);
	for (size_t i = 0; i < s->n_geo; i++) {
		jsonw_object(w);
		jsonw_member_str(w, "path", s->geo[i].path);
		member_when(w, "built",
		    (struct when){ s->geo[i].built, 0, s->geo[i].built > 0 });
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
json_habits(struct jsonw *w, const struct baseline_counts *c)
{
	jsonw_key(w, "habits");
	jsonw_object(w);
	member_u64(w, "principals", c->principals);
	member_u64(w, "values", c->values);
	member_u64(w, "facts", c->facts);
	member_u64(w, "bytes", c->bytes);
	member_u64(w, "learned", c->learned);
	member_u64(w, "late", c->late);
	member_u64(w, "hurried", c->hurried);
	member_u64(w, "held_back", c->held_back);
	member_u64(w, "evicted_principals", c->evicted_principals);
	member_u64(w, "evicted_facts", c->evicted_facts);
	jsonw_end(w);
}

static void
json_lineage(struct jsonw *w, const struct lineage_counts *c)
{
	jsonw_key(w, "lineage");
	jsonw_object(w);
	member_u64(w, "credentials", c->tokens);
	member_u64(w, "known", c->known);
	member_u64(w, "minted", c->minted);
	member_u64(w, "joined", c->joined);
	member_u64(w, "unjoined", c->unjoined);
	member_u64(w, "expired", c->expired);
	member_u64(w, "evicted_credentials", c->evicted_tokens);
	member_u64(w, "evicted_known", c->evicted_known);
	jsonw_end(w);
}

static void
json_grants(struct jsonw *w, const struct grants_counts *c)
{
	jsonw_key(w, "grants");
	jsonw_object(w);
	member_u64(w, "known", c->known);
	member_u64(w, "noted", c->noted);
	member_u64(w, "found", c->found);
	member_u64(w, "expired", c->expired);
	member_u64(w, "evicted", c->evicted);
	member_u64(w, "evicted_makers", c->evicted_makers);
	jsonw_end(w);
}

static void
json_process(struct jsonw *w, const struct status *s)
{
	jsonw_key(w, "queue");
	jsonw_object(w);
	member_u64(w, "events", s->queue_events);
	member_u64(w, "bytes", s->queue_bytes);
	jsonw_end(w);
	member_u64(w, "duplicates_known", s->duplicates_known);
	member_u64(w, "resident_bytes", s->resident_bytes);
	jsonw_member_int(w, "open_files", s->open_files);
	jsonw_member_str(w, "sandbox", s->sandbox);
}

void
status_json(const struct status *s, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member_str(&w, "version", s->version);
	member_when(&w, "started", s->started);
	member_when(&w, "now", s->now);
	jsonw_member_int(&w, "generation", s->generation);
	jsonw_key(&w, "ready");
	jsonw_bool(&w, s->ready);
	jsonw_key(&w, "reasons");
	jsonw_array(&w);
	for (size_t i = 0; i < s->n_reasons; i++)
		jsonw_str(&w, s->reasons[i]);
	jsonw_end(&w);
	json_books(&w, &s->books);
	jsonw_key(&w, "inputs");
	jsonw_object(&w);
	for (size_t i = 0; i < s->n_inputs; i++)
		json_input(&w, &s->inputs[i]);
	jsonw_end(&w);
	jsonw_key(&w, "outputs");
	jsonw_object(&w);
	for (size_t i = 0; i < s->n_outputs; i++)
		json_output(&w, &s->outputs[i]);
	jsonw_end(&w);
	json_state(&w, &s->state);
	json_geo(&w, s);
	json_habits(&w, &s->habits);
	json_lineage(&w, &s->lineage);
	json_grants(&w, &s->grants);
	json_process(&w, s);
	jsonw_member_int(&w, "pid", s->pid);
	member_u64(&w, "reloads", s->reloads);
	jsonw_member(&w, "reload_error",
	    s->reload_error && s->reload_error[0] ? slice_str(s->reload_error)
						  : SLICE_NULL);
	jsonw_end(&w);
	buf_addc(out, '\n');
}

/* ---- /metrics ----------------------------------------------------------- */

enum metric_type { COUNTER, GAUGE, HISTOGRAM };

static void
head(struct buf *out, const char *name, enum metric_type type, const char *help)
{
	static const char *const words[] = { "counter", "gauge", "histogram" };

	buf_addf(
	    out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, words[type]);
}

/* name{label="value"} with what the format wants escaped. */
static void
label(struct buf *out, const char *sep, const char *key, const char *value)
{
	buf_addf(out, "%s%s=\"", sep, key);
	for (const char *p = value; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_addc(out, '\\');
		if (*p == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, *p);
	}
	buf_addc(out, '"');
}

static void
plain(struct buf *out, const char *name, enum metric_type type,
    const char *help, double value)
{
	head(out, name, type, help);
	buf_addf(out, "%s %.15g\n", name, value);
}

static void
sample(struct buf *out, const char *name, const char *key, const char *value,
    double n)
{
	buf_adds(out, name);
	label(out, "{", key, value);
	buf_addf(out, "} %.15g\n", n);
}

static void
metrics_books(struct buf *out, const struct books *b)
{
	const struct {
		const char *word;
		uint64_t n;
	} kinds[] = { { "token_request", b->token_requests },
		{ "use", b->uses }, { "other", b->other },
		{ "duplicate", b->duplicates }, { "rejected", b->rejected } };

	plain(out, "stsentry_records_received_total", COUNTER,
	    "Records that came in, since the state began.",
	    (double)b->received);
	head(out, "stsentry_records_total", COUNTER,
	    "What became of the records.");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		sample(out, "stsentry_records_total", "kind", kinds[i].word,
		    (double)kinds[i].n);
	plain(out, "stsentry_records_in_flight", GAUGE,
	    "Requests that wait for their twin or their decision.",
	    (double)b->in_flight);
	head(out, "stsentry_findings_total", COUNTER,
	    "Findings by the severity they were first given out with.");
	for (unsigned i = 0; i < SEV_COUNT; i++)
		sample(out, "stsentry_findings_total", "severity",
		    severity_name((enum severity)i), (double)b->findings_by[i]);
}

static void
metrics_lag(struct buf *out, const struct status_input *in)
{
	const char *const name = "stsentry_input_lag_seconds";
	uint64_t sum = 0;

	for (unsigned i = 0; i < LAG_BUCKETS; i++) {
		char bound[32] = "+Inf";

		sum += in->lag.n[i];
		if (!isinf(lag_bound(i)))
			snprintf(bound, sizeof(bound), "%.15g", lag_bound(i));
		buf_addf(out, "%s_bucket", name);
		label(out, "{", "input", in->name);
		label(out, ",", "le", bound);
		buf_addf(out, "} %" PRIu64 "\n", sum);
	}
	sample(out, "stsentry_input_lag_seconds_sum", "input", in->name,
	    in->lag.sum);
	sample(out, "stsentry_input_lag_seconds_count", "input", in->name,
	    (double)in->lag.count);
}

/* One number of each input. */
static void
each_input(struct buf *out, const struct status *s, const char *name,
    enum metric_type type, const char *help,
    double (*value)(const struct status_input *in))
{
	head(out, name, type, help);
	for (size_t i = 0; i < s->n_inputs; i++)
		sample(out, name, "input", s->inputs[i].name,
		    value(&s->inputs[i]));
}

#define INPUT_VALUE(name, expression)                     \
	static double name(const struct status_input *in) \
	{                                                 \
		return (double)(expression);              \
	}
INPUT_VALUE(input_received, in->received)
INPUT_VALUE(input_connections, in->connections)
INPUT_VALUE(input_accepted, in->accepted)
INPUT_VALUE(input_refused, in->refused)
INPUT_VALUE(input_silent, in->silent_ms < 0 ? 0 : in->silent_ms / 1000)

static void
metrics_rejected(struct buf *out, const struct status *s)
{
	const char *const name = "stsentry_input_rejected_total";

	head(out, name, COUNTER, "Records that were rejected, by reason.");
	for (size_t i = 0; i < s->n_inputs; i++)
		for (unsigned k = 0; k < REJECT_COUNT; k++) {
			if (s->inputs[i].rejected[k] == 0)
				continue;
			buf_adds(out, name);
			label(out, "{", "input", s->inputs[i].name);
			label(out, ",", "reason", reject_name((enum reject)k));
			buf_addf(
			    out, "} %" PRIu64 "\n", s->inputs[i].rejected[k]);
		}
}

static void
metrics_certificates(struct buf *out, const struct status *s)
{
	const char *const name = "stsentry_input_certificate_expiry_seconds";

	head(out, name, GAUGE, "When the certificate ends, Unix time.");
	for (size_t i = 0; i < s->n_inputs; i++)
		if (s->inputs[i].cert_expires)
			sample(out, name, "input", s->inputs[i].name,
			    (double)s->inputs[i].cert_expires);
}

static void
metrics_http_answers(struct buf *out, const struct status *s)
{
	const char *const name = "stsentry_http_answers_total";

	head(out, name, COUNTER, "Answers to HTTP requests, by what they say.");
	for (size_t i = 0; i < s->n_inputs; i++)
		for (unsigned k = 0; k < HTTP_WHY_COUNT; k++) {
			uint64_t n = s->inputs[i].http.answers[k];

			if (n == 0)
				continue;
			buf_adds(out, name);
			label(out, "{", "input", s->inputs[i].name);
			label(out, ",", "answer",
			    http_why((enum http_why)k)->name);
			buf_addf(out, "} %" PRIu64 "\n", n);
		}
}

INPUT_VALUE(http_repeated, in->http.repeated)
INPUT_VALUE(http_cut, in->http.cut)
INPUT_VALUE(http_held, in->http.held_bytes)

static void
metrics_http(struct buf *out, const struct status *s)
{
	bool any = false;

	for (size_t i = 0; i < s->n_inputs; i++)
		any = any || s->inputs[i].is_http;
	if (!any)
		return;
	metrics_http_answers(out, s);
	each_input(out, s, "stsentry_http_repeated_total", COUNTER,
	    "Deliveries that had been kept before.", http_repeated);
	each_input(out, s, "stsentry_http_cut_total", COUNTER,
	    "HTTP requests that broke off.", http_cut);
	each_input(out, s, "stsentry_http_held_bytes", GAUGE,
	    "Bodies of HTTP requests in memory.", http_held);
}

static void
metrics_inputs(struct buf *out, const struct status *s)
{
	each_input(out, s, "stsentry_input_received_total", COUNTER,
	    "Records that came through the input.", input_received);
	metrics_rejected(out, s);
	each_input(out, s, "stsentry_input_connections", GAUGE,
	    "Open connections.", input_connections);
	each_input(out, s, "stsentry_input_accepted_total", COUNTER,
	    "Connections that were let in.", input_accepted);
	each_input(out, s, "stsentry_input_refused_total", COUNTER,
	    "Connections that were refused.", input_refused);
	each_input(out, s, "stsentry_input_silent_seconds", GAUGE,
	    "Since the last record.", input_silent);
	metrics_certificates(out, s);
	metrics_http(out, s);
	head(out, "stsentry_input_lag_seconds", HISTOGRAM,
	    "From the time of a token request to its decision.");
	for (size_t i = 0; i < s->n_inputs; i++)
		metrics_lag(out, &s->inputs[i]);
}

static void
metrics_outputs(struct buf *out, const struct status *s)
{
	static const struct {
		const char *name, *help;
		enum metric_type type;
	} rows[] = {
		{ "stsentry_output_made_total", "Records made for the output.",
		    COUNTER },
		{ "stsentry_output_delivered_total",
		    "Records that it has taken.", COUNTER },
		{ "stsentry_output_queued", "Records that wait for it.",
		    GAUGE },
		{ "stsentry_output_dead_total",
		    "Records that could not be delivered.", COUNTER },
		{ "stsentry_output_dropped_total",
		    "Of these, those that went at a bound of the queue.",
		    COUNTER },
		{ "stsentry_output_held_back_total",
		    "Findings that max_per_hour held back.", COUNTER },
		{ "stsentry_output_stuck", "1 while it takes nothing.", GAUGE },
	};

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		head(out, rows[r].name, rows[r].type, rows[r].help);
		for (size_t i = 0; i < s->n_outputs; i++) {
			const struct status_output *o = &s->outputs[i];
			const uint64_t n[] = { o->made, o->delivered, o->queued,
				o->dead, o->dropped, o->held_back,
				o->state == OUTPUT_STUCK };

			sample(
			    out, rows[r].name, "output", o->name, (double)n[r]);
		}
	}
}

static void
metrics_state(struct buf *out, const struct status_state *s)
{
	plain(out, "stsentry_state_commits_total", COUNTER,
	    "Transactions, since the state began.", (double)s->commits);
	plain(out, "stsentry_state_commits_failed_total", COUNTER,
	    "Transactions that had to be tried again.",
	    (double)s->commits_failed);
	plain(out, "stsentry_state_stuck", GAUGE,
	    "1 while nothing can be stored.", s->stuck);
	plain(out, "stsentry_state_bytes", GAUGE, "The database on disk.",
	    (double)s->state_bytes);
	plain(out, "stsentry_ledger_bytes", GAUGE,
	    "All files of the ledger on disk.", (double)s->ledger_bytes);
	plain(out, "stsentry_ledger_lines_total", COUNTER,
	    "Lines of the ledger, since it began.", (double)s->ledger_lines);
}

static void
metrics_habits(struct buf *out, const struct baseline_counts *c)
{
	plain(out, "stsentry_habits_principals", GAUGE,
	    "Principals whose habits are known.", (double)c->principals);
	plain(out, "stsentry_habits_bytes", GAUGE, "What their habits take.",
	    (double)c->bytes);
	plain(out, "stsentry_habits_learned_total", COUNTER,
	    "Requests that became habit.", (double)c->learned);
	plain(out, "stsentry_habits_late_total", COUNTER,
	    "Requests that came after their moment was learned.",
	    (double)c->late);
	plain(out, "stsentry_habits_hurried_total", COUNTER,
	    "Requests learned early, for lack of room to wait.",
	    (double)c->hurried);
	plain(out, "stsentry_held_back_total", COUNTER,
	    "Requests that the budget of findings held back.",
	    (double)c->held_back);
	plain(out, "stsentry_habits_evicted_principals_total", COUNTER,
	    "Principals forgotten for lack of room (detect: {memory}).",
	    (double)c->evicted_principals);
	plain(out, "stsentry_habits_evicted_facts_total", COUNTER,
	    "Values of principals forgotten for lack of room.",
	    (double)c->evicted_facts);
}

static void
metrics_lineage(struct buf *out, const struct lineage_counts *c)
{
	plain(out, "stsentry_lineage_credentials", GAUGE,
	    "Temporary credentials that are remembered.", (double)c->tokens);
	plain(out, "stsentry_lineage_minted_total", COUNTER,
	    "Credentials whose mint was seen.", (double)c->minted);
	plain(out, "stsentry_lineage_joined_total", COUNTER,
	    "Requests and uses whose credential came from a known mint.",
	    (double)c->joined);
	plain(out, "stsentry_lineage_unjoined_total", COUNTER,
	    "Those whose credential's mint was not seen.", (double)c->unjoined);
	plain(out, "stsentry_lineage_evicted_credentials_total", COUNTER,
	    "Credentials forgotten before they expired, for lack of room.",
	    (double)c->evicted_tokens);
	plain(out, "stsentry_lineage_evicted_known_total", COUNTER,
	    "Chains, subjects and places forgotten for lack of room.",
	    (double)c->evicted_known);
}

static void
metrics_grants(struct buf *out, const struct grants_counts *c)
{
	plain(out, "stsentry_grants", GAUGE,
	    "Changes of IAM that are remembered.", (double)c->known);
	plain(out, "stsentry_grants_noted_total", COUNTER,
	    "Changes of IAM that let somebody ask for tokens.",
	    (double)c->noted);
	plain(out, "stsentry_grants_found_total", COUNTER,
	    "First requests that such a change had made possible.",
	    (double)c->found);
	plain(out, "stsentry_grants_evicted_total", COUNTER,
	    "Changes and their makers forgotten for lack of room.",
	    (double)(c->evicted + c->evicted_makers));
}

static void
metrics_geo(struct buf *out, const struct status *s)
{
	head(out, "stsentry_geo_built_seconds", GAUGE,
	    "When a GeoIP database was built, Unix time.");
	for (size_t i = 0; i < s->n_geo; i++)
		sample(out, "stsentry_geo_built_seconds", "database",
		    s->geo[i].path, (double)s->geo[i].built);
}

void
status_metrics(const struct status *s, struct buf *out)
{
	head(out, "stsentry_build_info", GAUGE, "The version that runs.");
	sample(out, "stsentry_build_info", "version", s->version, 1);
	plain(out, "stsentry_start_time_seconds", GAUGE,
	    "When it was started, Unix time.", (double)s->started.sec);
	plain(out, "stsentry_generation", GAUGE,
	    "Generation of the configuration.", s->generation);
	plain(out, "stsentry_ready", GAUGE,
	    "1 when every input can accept and the state can store.", s->ready);
	plain(out, "stsentry_unhealthy_reasons", GAUGE,
	    "What is not well; /health says what.", (double)s->n_reasons);
	metrics_books(out, &s->books);
	metrics_inputs(out, s);
	metrics_outputs(out, s);
	if (s->state.dir)
		metrics_state(out, &s->state);
	metrics_habits(out, &s->habits);
	metrics_lineage(out, &s->lineage);
	metrics_grants(out, &s->grants);
	metrics_geo(out, s);
	plain(out, "stsentry_queue_events", GAUGE,
	    "Requests between workers and pipeline.", (double)s->queue_events);
	plain(out, "stsentry_queue_bytes", GAUGE, "The same, in bytes.",
	    (double)s->queue_bytes);
	plain(out, "stsentry_duplicates_known", GAUGE,
	    "Keys of the duplicates window.", (double)s->duplicates_known);
	plain(out, "stsentry_resident_bytes", GAUGE, "Resident memory.",
	    (double)s->resident_bytes);
	plain(out, "stsentry_open_files", GAUGE, "Open descriptors.",
	    s->open_files);
}
