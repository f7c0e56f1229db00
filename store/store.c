/*
 * store.c - what must outlast a restart: rows, and the ledger.
 *
 * Gathers, and brings the ledger (ledger.h) and the database (state.h) into
 * one step.  Belongs to one thread at a time.
 */
#include "config.h"

#include "store/store_i.h"

#include "lib/jsonw.h"
#include "lib/log.h"
#include "store/ledger.h"
#include "store/pages.h"
#include "store/recover.h"
#include "store/salvage.h"
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MENDS_MAX 2 /* in one call; a disk that damages more is broken */
#define LOCK_FILE "lock"
#define LEDGER_FOLDER "ledger"

/* ---- the folder --------------------------------------------------------------------- */

static int
open_folder(int at, const char *path, bool make, int *result, struct err *e)
{
	if (make && mkdirat(at, path, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "cannot make %s", path);
	*result = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *result < 0 ? err_sys(e, "cannot open %s", path) : 0;
}

static int
in_use(struct store *s, struct err *e)
{
	char text[32];
	ssize_t n = pread(s->lock, text, sizeof(text) - 1, 0);
	long pid;

	text[n > 0 ? n : 0] = '\0';
	pid = strtol(text, NULL, 10);
	if (pid > 0)
		return err_set(e, ST_EBUSY,
		    "state directory %s is in use by process %ld", s->path,
		    pid);
	return err_set(e, ST_EBUSY,
	    "state directory %s is in use by another process", s->path);
}

static int
take_lock(struct store *s, struct err *e)
{
	char text[32];
	int n;

	s->lock = openat(
	    s->dir, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return err_sys(e, "cannot open %s/" LOCK_FILE, s->path);
	if (flock(s->lock, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
		    ? in_use(s, e)
		    : err_sys(e, "cannot lock %s/" LOCK_FILE, s->path);
	/* Only for the words of the second one: a full disk is no reason. */
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(s->lock, 0) < 0 ||
	    pwrite(s->lock, text, (size_t)n, 0) != n)
		log_debug("cannot write %s/" LOCK_FILE, s->path);
	return 0;
}

/* ---- rows of our own ----------------------------------------------------------------- */

int
store_file_row(
    struct store *s, const char *key, struct ledger_file *f, struct err *e)
{
	struct buf value = BUF_INIT;
	int err = store_get(s, STORE_META, slice_str(key), &value, e);

	memset(f, 0, sizeof(*f));
	if (err == 0 && !ledger_file_parse(buf_slice(&value), f))
		err = err_set(
		    e, ST_EFORMAT, "state.db: the ledger's row is none");
	buf_release(&value);
	return err;
}

bool
store_knows_file(void *arg, const char *name, uint64_t *first)
{
	char key[sizeof(LEDGER_FILE_ROW) + LEDGER_NAME_MAX];
	struct ledger_file f;

	snprintf(key, sizeof(key), LEDGER_FILE_ROW "%s", name);
	if (store_file_row(arg, key, &f, NULL) < 0)
		return false;
	*first = f.first;
	return true;
}

static int
put_file(struct store *s, const char *key, const struct ledger_file *f,
    struct err *e)
{
	struct buf value = BUF_INIT;
	int err;

	ledger_file_write(f, &value);
	err = value.failed ? err_set(e, ST_ENOMEM, "out of memory")
			   : state_put(s->state, STORE_META, slice_str(key),
				 buf_slice(&value), e);
	buf_release(&value);
	return err;
}

/* ---- opening ------------------------------------------------------------------------ */

static int
open_once(struct store *s, struct err *e)
{
	struct buf path = BUF_INIT;
	struct state_options o = { .read_only = s->read_only,
		.vfs = s->seam ? s->seam->vfs : NULL };
	int err;

	buf_addf(&path, "%s/" STATE_FILE, s->path);
	buf_addc(&path, '\0');
	o.path = path.p;
	err = path.failed ? err_set(e, ST_ENOMEM, "out of memory")
			  : state_open(&o, &s->state, e);
	/* A full disk has no room for what readers share. */
	if (err == ST_EIO && !s->read_only) {
		o.exclusive = true;
		err = state_open(&o, &s->state, e);
	}
	buf_release(&path);
	return err;
}

static void
note_salvage(struct store *s, const struct salvaged *r, const struct err *why)
{
	struct jsonw j;

	jsonw_init(&j, &s->note);
	jsonw_object(&j);
	jsonw_member_str(&j, "event", "state_damaged");
	jsonw_member_str(&j, "why", why->text);
	jsonw_member_str(&j, "set_aside", r->aside);
	jsonw_member_int(&j, "rows_saved", (int64_t)r->rows);
	if (r->counted)
		jsonw_member_int(&j, "rows_missing", (int64_t)r->missing);
	jsonw_end(&j);
	s->counts.set_aside++;
	s->counts.rows_saved += r->rows;
	s->counts.rows_missing += r->missing;
	if (r->counted)
		log_warnx("%s; set aside as %s, %" PRIu64
			  " rows saved, %" PRIu64 " missing%s",
		    why->text, r->aside, r->rows, r->missing,
		    r->late ? " (time was over)" : "");
	else
		log_warnx("%s; set aside as %s, %" PRIu64
			  " rows saved, how many are missing is not known",
		    why->text, r->aside, r->rows);
}

/* What is damaged is set aside, and the rest of it is open again. */
static int
mend(struct store *s, struct err *e)
{
	struct salvage_options o = { s->dir, s->path, s->seam };
	uint64_t tx = s->state ? state_tx(s->state) : 0;
	struct err why = *e;
	struct salvaged r = { .rows = 0 };
	int err;

	state_close(s->state);
	s->state = NULL;
	err = salvage_state(&o, &r, e);
	if (*r.aside)
		note_salvage(s, &r, &why);
	if (err < 0)
		return err == ST_EFORMAT ? ST_EIO : err;
	err = open_once(s, e);
	if (err == 0)
		state_skip(s->state, tx);
	return err == ST_EFORMAT ? ST_EIO : err;
}

/* After a failed mending there is none: it is tried again. */
static int
have_state(struct store *s, struct err *e)
{
	int err = s->state || s->read_only ? 0
					   : salvage_finish(s->dir, s->seam, e);

	if (err == 0 && !s->state)
		err = open_once(s, e);
	if (err == ST_EFORMAT && !s->read_only)
		err = mend(s, e);
	if (err == 0)
		state_skip(s->state, s->tx);
	return err;
}

/* SQLite takes a damaged log for one that ends there. */
static int
look_at_log(struct store *s, struct err *e)
{
	struct pages *p;
	int err = pages_open(s->dir, STATE_FILE, &p, e);
	bool broken = err == 0 && pages_log_is_broken(p);

	if (err == 0)
		pages_close(p);
	if (!broken)
		return err;
	err_set(e, ST_EFORMAT, STATE_FILE ": its log is damaged");
	return mend(s, e);
}

static int
open_state(struct store *s, struct err *e)
{
	int err = s->read_only ? 0 : salvage_finish(s->dir, s->seam, e);

	if (err == 0 && !s->read_only)
		err = look_at_log(s, e);
	if (err == 0)
		err = have_state(s, e);
	/* store.h: a newer version */
	return err == ST_EINVAL ? ST_EFORMAT : err;
}

/* A disk that takes nothing now is no reason not to start: it is gathered. */
static int
tell(struct store *s, struct slice note, struct err *e)
{
	int err = note.n ? store_line(s, LINE_NOTE, note) : 0;

	if (err == 0)
		err = store_commit(s, e);
	return err == ST_EIO ? 0 : err;
}

static int
go_on(struct store *s, const struct recovery *r, struct err *e)
{
	struct ledger_options o = { .dir = s->ledger_dir, .seam = s->seam };
	int err = ledger_open(&o, &r->end, &s->ledger, e);

	if (err < 0)
		return err;
	s->counts.lines_cut += r->lines_cut;
	s->counts.lines_missing += r->lines_missing;
	s->counts.set_aside += r->set_aside;
	if (r->tx > state_tx(s->state)) {
		s->counts.transactions_missing += r->tx - state_tx(s->state);
		state_skip(s->state, r->tx);
	}
	s->tx = state_tx(s->state);
	if (r->restart)
		ledger_restart(s->ledger, r->fresh, r->last);
	return r->note.n || s->note.n ? tell(s, buf_slice(&r->note), e) : 0;
}

static int
open_ledger(struct store *s, struct err *e)
{
	struct ledger_file end;
	struct recover_options o = { .dir = -1,
		.seam = s->seam,
		.end = &end,
		.known = store_knows_file,
		.arg = s };
	struct recovery r = { .note = BUF_INIT };
	int err = store_file_row(s, LEDGER_ROW, &end, e);

	if (err < 0 && err != ST_ENOENT)
		return err;
	err = open_folder(s->dir, LEDGER_FOLDER, true, &s->ledger_dir, e);
	o.dir = s->ledger_dir;
	o.tx = state_tx(s->state);
	if (err == 0)
		err = recover_ledger(&o, &r, e);
	if (err == 0)
		err = go_on(s, &r, e);
	recovery_release(&r);
	return err;
}

static struct store *
new_store(const char *dir, const struct store_seam *seam)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->dir = s->ledger_dir = s->lock = -1;
	s->seam = seam;
	s->path = strdup(dir);
	if (s->path)
		return s;
	free(s);
	return NULL;
}

int
store_open(const struct store_options *o, struct store **result, struct err *e)
{
	struct store *s = new_store(o->dir, o->seam);
	int err = s ? 0 : err_set(e, ST_ENOMEM, "out of memory");

	if (err == 0) {
		s->keep = (struct tidy_bounds){ o->keep, o->keep_size };
		s->limit = o->limit;
		err = open_folder(AT_FDCWD, s->path, true, &s->dir, e);
	}
	if (err == 0)
		err = take_lock(s, e);
	if (err == 0)
		err = open_state(s, e);
	if (err == 0)
		err = open_ledger(s, e);
	if (err == 0)
		err = tidy_new(s->ledger_dir, s->seam, &s->tidy, e);
	if (err == 0) {
		*result = s;
		s = NULL;
	}
	store_close(s);
	return err;
}

int
store_open_read(const char *dir, struct store **result, struct err *e)
{
	struct store *s = new_store(dir, NULL);
	int err = s ? 0 : err_set(e, ST_ENOMEM, "out of memory");

	if (err == 0) {
		s->read_only = true;
		err = open_folder(AT_FDCWD, s->path, false, &s->dir, e);
	}
	if (err == 0)
		err = open_state(s, e);
	if (err == 0) {
		s->tx = state_tx(s->state);
		*result = s;
		s = NULL;
	}
	store_close(s);
	return err;
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	tidy_free(s->tidy);
	ledger_close(s->ledger);
	state_close(s->state);
	if (s->ledger_dir >= 0)
		close(s->ledger_dir);
	if (s->lock >= 0)
		close(s->lock);
	if (s->dir >= 0)
		close(s->dir);
	buf_release(&s->changes);
	buf_release(&s->gathered);
	buf_release(&s->note);
	free(s->path);
	free(s);
}

/* ---- reading ------------------------------------------------------------------------ */

static bool
is_own(enum store_table table, struct slice key)
{
	return table == STORE_META && slice_starts(key, STATE_OWN);
}

struct each {
	enum store_table table;
	store_cb *cb;
	void *arg;
	struct buf last; /* the key that was given out last */
	bool any, ended; /* by the callback */
};

static int
on_row(void *arg, struct slice key, struct slice value)
{
	struct each *x = arg;
	int rc;

	if (is_own(x->table, key))
		return 0;
	buf_reset(&x->last);
	buf_add_slice(&x->last, key);
	if (x->last.failed)
		return ST_ENOMEM;
	x->any = true;
	rc = x->cb(x->arg, key, value);
	x->ended = rc != 0;
	return rc;
}

/* Damage is mended and reading goes on behind what was given out. */
int
store_each(struct store *s, enum store_table table, store_cb *cb, void *arg,
    struct err *e)
{
	struct each x = { table, cb, arg, BUF_INIT, false, false };
	struct buf from = BUF_INIT;
	struct slice after;
	int err = have_state(s, e);

	for (int i = 0; err == 0; i++) {
		buf_reset(&from);
		buf_add_slice(&from, buf_slice(&x.last));
		after = from.n ? buf_slice(&from) : slice_of("", 0);
		after = x.any ? after : SLICE_NULL;
		err = from.failed
		    ? err_set(e, ST_ENOMEM, "out of memory")
		    : state_each(s->state, table, after, on_row, &x, e);
		if (err != ST_EFORMAT || x.ended || s->read_only)
			break;
		err = i < MENDS_MAX ? mend(s, e) : ST_EIO;
	}
	buf_release(&x.last);
	buf_release(&from);
	return err;
}

int
store_get(struct store *s, enum store_table table, struct slice key,
    struct buf *value, struct err *e)
{
	int err = have_state(s, e);

	for (int i = 0; err == 0; i++) {
		err = state_get(s->state, table, key, value, e);
		if (err != ST_EFORMAT || s->read_only)
			break;
		err = i < MENDS_MAX ? mend(s, e) : ST_EIO;
	}
	return err;
}

/* ---- gathering ---------------------------------------------------------------------- */

int
store_gather(struct store *s, const struct change *c, struct slice key,
    struct slice value)
{
	if (!buf_reserve(&s->changes, sizeof(*c)) ||
	    !buf_reserve(&s->gathered, key.n + value.n)) {
		s->changes.failed = s->gathered.failed = false;
		return ST_ENOMEM;
	}
	buf_add(&s->changes, c, sizeof(*c));
	buf_add_slice(&s->gathered, key);
	buf_add_slice(&s->gathered, value);
	return 0;
}

int
store_put(struct store *s, enum store_table table, struct slice key,
    struct slice value)
{
	struct change c = { .table = table,
		.key = s->gathered.n,
		.key_n = key.n,
		.value_n = value.n };

	if (is_own(table, key))
		return ST_EINVAL;
	if (key.n > STORE_KEY_MAX || value.n > STORE_VALUE_MAX)
		return ST_ELIMIT;
	return store_gather(s, &c, key, value);
}

int
store_drop(struct store *s, enum store_table table, struct slice key)
{
	struct change c = { .table = table,
		.drop = true,
		.key = s->gathered.n,
		.key_n = key.n };

	if (is_own(table, key))
		return ST_EINVAL;
	if (key.n > STORE_KEY_MAX)
		return ST_ELIMIT;
	return store_gather(s, &c, key, SLICE_LIT(""));
}

int
store_line(struct store *s, enum store_kind kind, struct slice data)
{
	if (data.n > STORE_LINE_MAX)
		return ST_ELIMIT;
	if (data.n == 0 || memchr(data.p, '\n', data.n))
		return ST_EINVAL;
	return ledger_line(s->ledger, kind, s->tx + 1, data);
}

size_t
store_gathered(const struct store *s)
{
	return s->gathered.n + ledger_gathered(s->ledger);
}

/* ---- committing --------------------------------------------------------------------- */

static int
put_changes(struct store *s, struct err *e)
{
	const struct change *c = (const struct change *)(void *)s->changes.p;
	size_t n = s->changes.n / sizeof(*c);
	struct slice key, value;
	int err = 0;

	for (; err == 0 && n > 0; n--, c++) {
		key = slice_of(s->gathered.p + c->key, c->key_n);
		value = slice_of(key.p + key.n, c->value_n);
		err = c->drop ? state_drop(s->state, c->table, key, e)
			      : state_put(s->state, c->table, key, value, e);
	}
	return err;
}

static int
put_ledger(struct store *s, struct err *e)
{
	size_t n;
	const struct ledger_file *f = ledger_ended(s->ledger, &n);
	char key[sizeof(LEDGER_FILE_ROW) + LEDGER_NAME_MAX];
	int err = 0;

	for (; err == 0 && n > 0; n--, f++) {
		if (!f->name[0])
			continue;
		snprintf(key, sizeof(key), LEDGER_FILE_ROW "%s", f->name);
		err = put_file(s, key, f, e);
	}
	return err == 0 ? put_file(s, LEDGER_ROW, ledger_end(s->ledger), e)
			: err;
}

/* `doubtful`: it failed in its last step, and may be there after a crash. */
static int
commit_state(struct store *s, bool *doubtful, struct err *e)
{
	int err = state_begin(s->state, e);

	if (err == 0)
		err = put_changes(s, e);
	if (err == 0 && ledger_gathered(s->ledger) > 0)
		err = put_ledger(s, e);
	*doubtful = err == 0;
	if (err == 0)
		err = state_commit(s->state, e);
	if (err < 0)
		state_rollback(s->state);
	return err;
}

static int
gather_note(struct store *s)
{
	int err = 0;

	if (s->note.n && s->ledger)
		err = store_line(s, LINE_NOTE, buf_slice(&s->note));
	if (err == 0 && s->ledger)
		buf_reset(&s->note);
	return err;
}

static int
commit_once(struct store *s, struct err *e)
{
	bool doubtful = false;
	int err = have_state(s, e);

	if (err == 0)
		err = gather_note(s);
	if (err == 0)
		err = ledger_append(s->ledger, e);
	if (err == 0)
		err = commit_state(s, &doubtful, e);
	if (err < 0)
		ledger_undo(s->ledger, doubtful);
	return err;
}

int
store_commit_now(struct store *s, struct err *e)
{
	int err = commit_once(s, e);

	for (int i = 0; err == ST_EFORMAT && i < MENDS_MAX; i++) {
		err = mend(s, e);
		if (err == 0)
			err = commit_once(s, e);
	}
	if (err < 0) {
		s->counts.commits_failed++;
		return err == ST_EFORMAT ? ST_EIO : err;
	}
	s->tx = state_tx(s->state);
	ledger_settle(s->ledger);
	buf_reset(&s->changes);
	buf_reset(&s->gathered);
	return 0;
}

static bool
has_gathered(const struct store *s)
{
	return s->changes.n > 0 || s->note.n > 0 ||
	    ledger_gathered(s->ledger) > 0;
}

int
store_commit(struct store *s, struct err *e)
{
	int err;

	if (!has_gathered(s))
		return 0;
	err = store_check_limit(s, e);
	if (err < 0) {
		s->counts.commits_failed++;
		return err;
	}
	return has_gathered(s) ? store_commit_now(s, e) : 0;
}

/* ---- numbers ---------------------------------------------------------------------- */

void
store_counts(struct store *s, struct store_counts *result)
{
	*result = s->counts;
	result->transactions = s->tx;
	for (enum store_table t = 0; s->state && t < STORE_TABLES; t++)
		result->rows[t] = state_rows(s->state, t);
	result->lines = s->ledger ? ledger_end(s->ledger)->last : 0;
	result->state_bytes = store_state_size(s);
	result->ledger_bytes = s->ledger ? store_ledger_size(s) : 0;
}
