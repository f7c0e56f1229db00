/*
 * judge_keep.c - what the pipeline's thread decides is made to last.
 *
 * With a store, what batches have changed gathers until keep_commit() writes
 * it in one transaction; only then their marks are kept, their place in the
 * queue is free and outputs get their records.  Without one all is kept at once.
 * Knows when to commit and in what order; what a row holds is its room's
 * business.
 *
 * Rows are made at the commit and not before: making them again after one that
 * failed gives the same or newer ones, so nothing need be undone.
 */
#include "collector/judge_i.h"

#include "collector/acks.h"
#include "collector/tally.h"
#include "collector/telemetry.h"
#include "lib/jsonw.h"
#include "lib/log.h"
#include "outputs/format/format.h"

#include <inttypes.h>

#define BOOK_INPUT "input/"
#define HABIT "cadence/" /* keys of STORE_DETECT */

/* ---- the ledger --------------------------------------------------------- */

/* What stands in j->text is one line. */
static void
put_line(struct judge *j, enum store_kind kind)
{
	struct slice s = buf_slice(&j->text);
	uint64_t n;
	int err;

	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	err = j->text.failed ? ST_ENOMEM : store_line(j->s.store, kind, s);
	if (err < 0 && rarely(&j->line_said, clock_ms(), &n))
		log_errorx("ledger: %" PRIu64 " lines could not be added: %s",
		    n, st_strerror(err));
	keep_changed(j);
}

struct slice
keep_decision(struct judge *j, const struct request *r, const struct verdict *v,
    const char *group)
{
	if (!j->s.store)
		return SLICE_NULL;
	buf_reset(&j->text);
	decision_write(r, v, group, &j->text);
	put_line(j, LINE_DECISION);
	return j->text.failed ? SLICE_NULL : buf_slice(&j->text);
}

void
keep_finding(struct judge *j, const struct finding *f)
{
	static const struct format_options plain;
	const struct format *json = format_find(SLICE_LIT("json"));

	if (!j->s.store)
		return;
	buf_reset(&j->text);
	json->finding(f, &plain, &j->text);
	put_line(j, LINE_FINDING);
}

void
keep_note(struct judge *j)
{
	put_line(j, LINE_NOTE);
}

void
keep_ack(struct judge *j, const char *id, const struct ack *ack)
{
	struct jsonw w;

	if (!j->s.store)
		return;
	buf_reset(&j->text);
	jsonw_init(&w, &j->text);
	jsonw_object(&w);
	jsonw_member_str(&w, "acknowledged", id);
	jsonw_member(&w, "by", ack->by);
	jsonw_key(&w, "taught");
	jsonw_bool(&w, ack->taught);
	jsonw_end(&w);
	keep_note(j);
}

/* ---- rows --------------------------------------------------------------- */

static int
put_row(void *arg, enum store_table table, struct slice key, struct slice value)
{
	struct store *s = arg;

	return value.p ? store_put(s, table, key, value)
		       : store_drop(s, table, key);
}

struct marks {
	struct store *store;
	int err;
};

static void
put_mark(void *arg, const struct mark *m)
{
	struct marks *to = arg;

	if (m->key.p && to->err == 0)
		to->err = put_row(to->store, STORE_POSITION, m->key, m->value);
}

static int
put_marks(struct judge *j)
{
	struct marks to = { j->s.store, 0 };

	for (struct batch *b = j->waiting; b && to.err == 0;) {
		struct batchq_item *next = b->item.next;

		batch_each_mark(b, put_mark, &to);
		b = next ? judge_batch_of(next) : NULL;
	}
	return to.err;
}

static int
put_book(struct judge *j, const char *prefix, const char *name)
{
	struct buf key = BUF_INIT;
	int err = ST_ENOMEM;

	buf_adds(&key, prefix);
	buf_adds(&key, name);
	if (!key.failed && !j->text.failed)
		err = store_put(j->s.store, STORE_BOOKS, buf_slice(&key),
		    buf_slice(&j->text));
	buf_release(&key);
	return err;
}

static int
put_inputs(struct judge *j)
{
	const struct input_names *names = j->s.inputs;
	int err = 0;

	for (unsigned i = 0; names && i < names->n && err == 0; i++) {
		const struct sift_counts *c = gauge_counts(j->s.gauge, i);

		if (!c || c->received == 0)
			continue;
		buf_reset(&j->text);
		tally_save(c, &j->text);
		err = put_book(j, BOOK_INPUT, names->v[i]);
	}
	return err;
}

static int
put_board(void *arg, struct slice key, struct slice value)
{
	return put_row(arg, STORE_BOOKS, key, value);
}

static int
put_books(struct judge *j)
{
	int err;

	buf_reset(&j->text);
	tally_save(&j->counts, &j->text);
	err = put_book(j, "", "total");
	if (err < 0)
		return err;
	buf_reset(&j->text);
	tally_save_pipeline(pipeline_counts(j->pipeline), &j->text);
	err = put_book(j, "", "pipeline");
	if (err == 0 && j->s.board)
		err = board_save(j->s.board, put_board, j->s.store);
	return err < 0 || !j->s.gauge ? err : put_inputs(j);
}

static int
put_habit(void *arg, struct slice name, struct slice value)
{
	struct judge *j = arg;
	struct buf key = BUF_INIT;
	int err = ST_ENOMEM;

	buf_adds(&key, HABIT);
	buf_add_slice(&key, name);
	if (!key.failed)
		err = put_row(j->s.store, STORE_DETECT, buf_slice(&key), value);
	buf_release(&key);
	return err;
}

/* All sources change all the time: their rows are written now and then. */
static int
put_habits(struct judge *j)
{
	int64_t now = clock_ms();
	int err;

	if (!j->telemetry || now - j->habits_ms < JUDGE_HABITS_MS)
		return 0;
	err = cadence_save(telemetry_cadence(j->telemetry), put_habit, j);
	if (err == 0)
		j->habits_ms = now;
	return err;
}

static int
put_delivery(void *arg, struct slice key, struct slice value)
{
	return put_row(arg, STORE_DELIVERY, key, value);
}

static int
put_outlets(struct judge *j)
{
	int err = 0;

	for (size_t i = 0; i < j->s.n_outlets && err == 0; i++)
		err = outlet_save(j->s.outlets[i], put_delivery, j->s.store);
	return err;
}

static int
put_all(struct judge *j)
{
	int err = put_marks(j);

	if (err == 0)
		err = put_habits(j);
	if (err == 0)
		err = put_outlets(j);
	if (err == 0)
		diary_deliveries(j);
	if (err == 0)
		err = pipeline_save(j->pipeline, put_row, j->s.store);
	return err < 0 ? err : put_books(j);
}

/* ---- the commit --------------------------------------------------------- */

static void
tell_kept(void *arg, const struct mark *m)
{
	(void)arg;
	if (m->owner->kept)
		m->owner->kept(m->owner->arg, m->token);
}

static void
let_go(struct judge *j, struct batch *b)
{
	batch_each_mark(b, tell_kept, NULL);
	batchq_done(j->s.queue, &b->item);
	batch_free(b);
}

static void
let_all_go(struct judge *j)
{
	struct batchq_item *i = j->waiting ? &j->waiting->item : NULL, *next;

	j->waiting = j->waiting_last = NULL;
	j->waiting_bytes = 0;
	for (; i; i = next) {
		next = i->next;
		let_go(j, judge_batch_of(i));
	}
}

static void
say_stuck(struct judge *j, int err, const struct err *e)
{
	if (!j->stuck)
		log_errorx("state: cannot be written (%s): taking in nothing "
			   "until it can",
		    e->text[0] ? e->text : st_strerror(err));
	j->stuck = true;
}

bool
keep_commit(struct judge *j)
{
	struct err e = { .text = "" };
	int err;

	if (!j->gathered)
		return true;
	/* Once: the store keeps what it was given until a commit succeeds. */
	err = j->put ? 0 : put_all(j);
	j->put = err == 0;
	if (err == 0)
		err = store_commit(j->s.store, &e);
	j->committed_ms = clock_ms();
	if (err < 0) {
		say_stuck(j, err, &e);
		return false;
	}
	if (j->stuck)
		log_info("state: written again: going on");
	j->stuck = false;
	j->gathered = j->put = false;
	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_kept(j->s.outlets[i]);
	let_all_go(j);
	return true;
}

void
keep_changed(struct judge *j)
{
	j->put = false;
	if (j->gathered || !j->s.store)
		return;
	j->gathered = true;
	j->first_ms = clock_ms();
}

/* While something is gathered the next commit has them, or the one after. */
void
keep_answers(struct judge *j)
{
	for (size_t i = 0; i < j->s.n_outlets && !j->gathered; i++)
		if (j->s.store && outlet_has_news(j->s.outlets[i]))
			keep_changed(j);
}

void
keep_batch(struct judge *j, struct batch *b)
{
	if (!j->s.store) {
		let_go(j, b);
		return;
	}
	keep_changed(j);
	b->item.next = NULL;
	if (j->waiting)
		j->waiting_last->item.next = &b->item;
	else
		j->waiting = b;
	j->waiting_last = b;
	j->waiting_bytes += batch_size(b);
}

void
keep_if_due(struct judge *j, bool idle)
{
	int64_t now = clock_ms();
	bool full;

	if (!j->gathered ||
	    (j->stuck && now - j->committed_ms < JUDGE_RETRY_MS))
		return;
	full = store_gathered(j->s.store) >= JUDGE_COMMIT_BYTES ||
	    j->waiting_bytes >= JUDGE_COMMIT_BYTES;
	if (full || now - j->first_ms >= JUDGE_COMMIT_MAX_MS ||
	    (idle && now - j->committed_ms >= JUDGE_COMMIT_MIN_MS))
		keep_commit(j);
}

void
keep_tidy(struct judge *j)
{
	/* What is gathered is no whole transaction before its rows are. */
	if (j->s.store && !j->gathered)
		j->untidy = store_tidy(j->s.store);
}

int
keep_patience(const struct judge *j, int ms)
{
	int64_t least = j->stuck ? JUDGE_RETRY_MS : JUDGE_COMMIT_MIN_MS;
	int64_t left = least - (clock_ms() - j->committed_ms);

	if (j->gathered)
		return left < 0 ? 0 : (int)left;
	return j->untidy && (ms < 0 || ms > STORE_TIDY_MS) ? STORE_TIDY_MS : ms;
}

void
keep_release(struct judge *j)
{
	struct batchq_item *i = j->waiting ? &j->waiting->item : NULL, *next;

	for (; i; i = next) {
		next = i->next;
		batchq_done(j->s.queue, i);
		batch_free(judge_batch_of(i));
	}
	j->waiting = NULL;
}

/* ---- at the start ------------------------------------------------------- */

struct restore {
	struct judge *j;
	enum store_table table;
	uint64_t refused;
};

static int
load_habit(struct judge *j, struct slice key, struct slice value)
{
	const size_t skip = strlen(HABIT);

	if (!j->telemetry)
		return 0;
	return cadence_load(telemetry_cadence(j->telemetry),
	    slice_of(key.p + skip, key.n - skip), value);
}

static int
load_row(void *arg, struct slice key, struct slice value)
{
	struct restore *r = arg;
	int err;

	if (r->table == STORE_DETECT && slice_starts(key, HABIT))
		err = load_habit(r->j, key, value);
	else
		err = pipeline_load(r->j->pipeline, r->table, key, value);
	if (err == ST_ENOMEM)
		return err;
	if (err < 0)
		r->refused++;
	return 0;
}

static int
load_input(struct judge *j, struct slice key, struct slice value)
{
	const size_t skip = strlen(BOOK_INPUT);
	const struct input_names *names = j->s.inputs;
	const struct slice name = slice_of(key.p + skip, key.n - skip);
	struct sift_counts c;
	int err = tally_load(value, &c);

	for (unsigned i = 0; err == 0 && names && i < names->n; i++)
		if (j->s.gauge && slice_is(name, names->v[i]))
			gauge_count_on(j->s.gauge, i, &c);
	return err;
}

static int
load_book(void *arg, struct slice key, struct slice value)
{
	struct restore *r = arg;
	struct pipeline_counts counts;
	int err = 0;

	if (slice_is(key, "total")) {
		err = tally_load(value, &r->j->counts);
	} else if (slice_is(key, "pipeline")) {
		err = tally_load_pipeline(value, &counts);
		if (err == 0)
			pipeline_count_on(r->j->pipeline, &counts);
	} else if (slice_starts(key, BOOK_INPUT)) {
		err = load_input(r->j, key, value);
	} else if (slice_starts(key, BOARD_ROWS) && r->j->s.board) {
		err = board_load(r->j->s.board, key, value);
	}
	if (err < 0)
		r->refused++;
	return 0;
}

/* What waits for an output that is there no more waits until one of its name
 * is back. */
static void
note_removed(struct judge *j, struct slice key, struct slice value)
{
	struct slice name = outbox_row_name(key);
	struct outbox_counts counts;

	if (!outbox_row_books(key, value, &counts) ||
	    outbox_queued(&counts) == 0)
		return;
	log_warnx("output %.*s is not configured: %" PRIu64
		  " records wait until it is",
	    SLICE_ARG(name), outbox_queued(&counts));
	if (j->s.gauge)
		gauge_add_removed(j->s.gauge, name, &counts);
}

static int
load_delivery(void *arg, struct slice key, struct slice value)
{
	struct restore *r = arg;
	int err = ST_ENOENT;

	for (size_t i = 0; i < r->j->s.n_outlets && err == ST_ENOENT; i++)
		err = outlet_load(r->j->s.outlets[i], key, value);
	if (err == ST_ENOENT)
		note_removed(r->j, key, value);
	if (err == ST_EFORMAT)
		r->refused++;
	return err == ST_ENOMEM ? err : 0;
}

static int
load_outlets(struct judge *j, struct restore *r, struct err *e)
{
	int err = store_each(j->s.store, STORE_DELIVERY, load_delivery, r, e);

	for (size_t i = 0; i < j->s.n_outlets; i++)
		outlet_loaded(j->s.outlets[i]);
	return err;
}

/* ---- outputs that come later -------------------------------------------- */

static int
load_later(void *arg, struct slice key, struct slice value)
{
	int err = outlet_load(arg, key, value);

	return err == ST_ENOMEM ? err : 0;
}

/* One that nobody was before since the start: rows of its name may be there
 * from an earlier one. */
static void
load_outlet(struct judge *j, struct outlet *o)
{
	struct err e = { .text = "" };
	int err = store_each(j->s.store, STORE_DELIVERY, load_later, o, &e);

	if (err < 0)
		log_errorx("output %s: what waits for it is not all read "
			   "(%s): the rest waits for the next start",
		    outlet_name(o), e.text[0] ? e.text : st_strerror(err));
	outlet_loaded(o);
	if (j->s.gauge)
		gauge_drop_removed(j->s.gauge, slice_str(outlet_name(o)));
}

static bool
is_ours(const struct judge *j, const struct outlet *o)
{
	for (size_t i = 0; i < j->s.n_outlets; i++)
		if (j->s.outlets[i] == o)
			return true;
	return false;
}

void
keep_welcome(struct judge *j, struct outlet *const *outlets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_ours(j, outlets[i]) && !outlet_take_over(outlets[i]) &&
		    j->s.store)
			load_outlet(j, outlets[i]);
}

int
judge_restore(struct judge *j, struct err *e)
{
	struct restore r = { .j = j };
	int err = 0;

	if (!j->s.store)
		return 0;
	if (j->s.state_dir)
		err = acks_folder(j->s.state_dir, e);
	for (int t = 0; t < STORE_TABLES && err == 0; t++) {
		r.table = (enum store_table)t;
		if (pipeline_uses(r.table))
			err = store_each(j->s.store, r.table, load_row, &r, e);
	}
	if (err == 0)
		err = pipeline_loaded(j->pipeline);
	if (err == 0)
		err = store_each(j->s.store, STORE_BOOKS, load_book, &r, e);
	if (err == 0 && j->s.board)
		board_publish(j->s.board);
	if (err == 0)
		err = load_outlets(j, &r, e);
	if (err == 0 && j->telemetry)
		telemetry_resume(j->telemetry, when_now());
	if (err == ST_ENOMEM)
		return err_set(e, err, "out of memory");
	if (r.refused > 0)
		log_warnx("state: %" PRIu64 " rows are none that this version "
			  "can read; going on without them",
		    r.refused);
	return err;
}
