/*
 * state.c - the database: tables of rows in one SQLite file.
 *
 * The one file that includes sqlite3.h.  Knows no ledger and mends nothing;
 * whoever opened it owns it.
 */
#include "config.h"

#include "store/state.h"

#include "store/row.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum op { OP_GET, OP_EACH, OP_INSERT, OP_UPDATE, OP_NEWER, OP_DELETE, OPS };

static const char *const op_verb[OPS] = {
	[OP_GET] = "read a row",
	[OP_EACH] = "read a table",
	[OP_INSERT] = "write a row",
	[OP_UPDATE] = "write a row",
	[OP_NEWER] = "write a row",
	[OP_DELETE] = "remove a row",
};

/* The table's name stands between the two. */
static const char *const op_sql[OPS][2] = {
	[OP_GET] = { "SELECT key, value FROM ", " WHERE key = ?1" },
	[OP_EACH] = { "SELECT key, value FROM ",
	    " WHERE key > ?1 ORDER BY key" },
	[OP_INSERT] = { "INSERT OR IGNORE INTO ", " VALUES (?1, ?2)" },
	[OP_UPDATE] = { "UPDATE ", " SET value = ?2 WHERE key = ?1" },
	/* Their first bytes are the transaction. */
	[OP_NEWER] = { "UPDATE ",
	    " SET value = ?2 WHERE key = ?1 AND value < "
	    "?2" },
	[OP_DELETE] = { "DELETE FROM ", " WHERE key = ?1" },
};

/* What STATE_ROW says. */
struct head {
	uint64_t version, tx;
	uint64_t rows[STORE_TABLES];
};

struct state {
	sqlite3 *db;
	sqlite3_stmt *stmts[OPS][STORE_TABLES];
	struct head durable;
	struct head next; /* with the transaction that is open */
	struct buf sealed;
	bool read_only, writing;
	int wal_pages, wal_due; /* in the WAL; when to empty it */
};

const char *
store_table_name(enum store_table table)
{
	static const char *const names[STORE_TABLES] = {
		[STORE_META] = "meta",
		[STORE_BOOKS] = "books",
		[STORE_POSITION] = "position",
		[STORE_SEEN] = "seen",
		[STORE_FINDING] = "finding",
		[STORE_HELD] = "held",
		[STORE_DELIVERY] = "delivery",
		[STORE_DETECT] = "detect",
	};

	return table < STORE_TABLES ? names[table] : "?";
}

const char *
store_library_version(void)
{
	return "SQLite " SQLITE_VERSION;
}

/* ---- errors ---------------------------------------------------------------------- */

/* A failing disk and a failing file are told apart: the first can be waited
 * for, the second only be set aside. */
static int
code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return ST_ENOMEM;
	case SQLITE_IOERR:
		return rc == SQLITE_IOERR_READ || rc == SQLITE_IOERR_CORRUPTFS
		    ? ST_EFORMAT
		    : ST_EIO;
	case SQLITE_FULL:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
	case SQLITE_AUTH:
		return ST_EIO;
	default:
		return ST_EFORMAT;
	}
}

static int
fail(struct state *s, int rc, struct err *e, const char *what)
{
	int sys = s->db ? sqlite3_system_errno(s->db) : 0;

	return err_set(e, code_of(rc), "state.db: cannot %s: %s%s%s", what,
	    sqlite3_errstr(rc), sys ? ": " : "", sys ? strerror(sys) : "");
}

static int
damaged(struct err *e, enum store_table table, const char *what)
{
	return err_set(e, ST_EFORMAT, "state.db: table %s: %s",
	    store_table_name(table), what);
}

static int
run_sql(struct state *s, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(s, rc, e, sql);
}

/* ---- statements ------------------------------------------------------------------ */

static int
prepared(struct state *s, enum op op, enum store_table table,
    sqlite3_stmt **result, struct err *e)
{
	sqlite3_stmt **slot = &s->stmts[op][table];
	char sql[128];
	int rc;

	if (!*slot) {
		snprintf(sql, sizeof(sql), "%s%s%s", op_sql[op][0],
		    store_table_name(table), op_sql[op][1]);
		rc = sqlite3_prepare_v3(
		    s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
		if (rc != SQLITE_OK)
			return fail(s, rc, e, sql);
	}
	*result = *slot;
	return 0;
}

static int
bind(sqlite3_stmt *st, int i, struct slice s)
{
	return sqlite3_bind_blob64(st, i, s.n ? s.p : "", s.n, SQLITE_STATIC);
}

/* Runs one that gives no rows. */
static int
run_op(struct state *s, enum op op, enum store_table table, struct slice key,
    const struct slice *value, struct err *e)
{
	sqlite3_stmt *st;
	int err = prepared(s, op, table, &st, e), rc;

	if (err < 0)
		return err;
	rc = bind(st, 1, key);
	if (rc == SQLITE_OK && value)
		rc = bind(st, 2, *value);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return rc == SQLITE_DONE ? 0 : fail(s, rc, e, op_verb[op]);
}

/* The row a statement stands on, if it is as it was written. */
static int
row_of(struct state *s, sqlite3_stmt *st, enum store_table table,
    struct slice *key, struct slice *value, struct err *e)
{
	struct slice stored;
	uint64_t tx;

	if (sqlite3_column_type(st, 0) != SQLITE_BLOB ||
	    sqlite3_column_type(st, 1) != SQLITE_BLOB)
		return damaged(e, table, "a row is no row");
	*key = slice_of(
	    sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
	stored = slice_of(
	    sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));
	if (!key->p)
		*key = slice_of("", 0);
	if (!row_unseal(table, *key, stored, &tx, value))
		return damaged(e, table, "a row's checksum is wrong");
	if (tx > s->durable.tx)
		return damaged(e, table, "a row is newer than its database");
	return 0;
}

/* ---- the head ---------------------------------------------------------------------- */

static void
head_write(const struct head *h, struct buf *out)
{
	buf_reset(out);
	row_add64(out, h->version);
	row_add64(out, h->tx);
	for (size_t i = 0; i < STORE_TABLES; i++)
		row_add64(out, h->rows[i]);
}

static bool
head_parse(struct slice s, struct head *h)
{
	bool ok = row_take64(&s, &h->version) && row_take64(&s, &h->tx);

	/* A version behind ours may have fewer tables. */
	for (size_t i = 0; ok && i < STORE_TABLES && s.n > 0; i++)
		ok = row_take64(&s, &h->rows[i]);
	return ok && s.n == 0;
}

bool
state_head_rows(struct slice value, uint64_t *rows)
{
	struct head h = { 0 };

	if (!head_parse(value, &h))
		return false;
	*rows = 0;
	for (size_t i = 0; i < STORE_TABLES; i++)
		*rows += h.rows[i];
	return true;
}

static int
head_read(struct state *s, struct err *e)
{
	struct buf value = BUF_INIT;
	struct head h = { 0 };
	int err;

	s->durable.tx = UINT64_MAX; /* compared with nothing yet */
	err = state_get(s, STORE_META, SLICE_LIT(STATE_ROW), &value, e);
	if (err == ST_ENOENT)
		err = damaged(e, STORE_META, "its first row is missing");
	else if (err == 0 && !head_parse(buf_slice(&value), &h))
		err = damaged(e, STORE_META, "its first row is none of ours");
	s->durable = s->next = h;
	buf_release(&value);
	return err;
}

/* ---- opening --------------------------------------------------------------------- */

static int
on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct state *s = arg;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

/* SQLite would make it readable for all that the umask lets. */
static int
make_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	int err = 0;

	if (fd < 0 && (errno == EISDIR || errno == ELOOP))
		return err_set(e, ST_EFORMAT, "%s: no regular file", path);
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		err = err_set(e, ST_EFORMAT, "%s: no regular file", path);
	close(fd);
	return err;
}

static int
open_db(struct state *s, const struct state_options *o, struct err *e)
{
	int flags = (o->read_only ? SQLITE_OPEN_READONLY
				  : SQLITE_OPEN_READWRITE) |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(o->path, &s->db, flags, o->vfs);

	if (rc != SQLITE_OK)
		return fail(s, rc, e, "open");
	sqlite3_busy_timeout(s->db, STATE_BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

#define STR_(x) #x
#define STR(x) STR_(x)

/*
 * mmap_size 0: a file cut by another must not kill us.  secure_delete: what was
 * deleted lies nowhere in the file, so that salvaging finds no old row, and
 * nothing of it is left for others to read.
 */
static int
set_up(struct state *s, const struct state_options *o, struct err *e)
{
	static const char *const always[] = {
		"PRAGMA mmap_size=0",
		"PRAGMA cell_size_check=ON",
		"PRAGMA temp_store=MEMORY",
		("PRAGMA cache_size=-" STR(STATE_CACHE_KIB)),
	};
	static const char *const writing[] = {
		("PRAGMA page_size=" STR(STATE_PAGE)),
		"PRAGMA auto_vacuum=NONE",
		"PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=FULL",
		"PRAGMA secure_delete=ON",
		"PRAGMA wal_autocheckpoint=0",
		"PRAGMA journal_size_limit=16777216",
	};
	static const char *const restoring[] = {
		("PRAGMA page_size=" STR(STATE_PAGE)),
		"PRAGMA auto_vacuum=NONE",
		"PRAGMA journal_mode=OFF",
		"PRAGMA synchronous=OFF",
		"PRAGMA cache_size=-65536",
	};
	int err = 0;

	for (size_t i = 0; o->restoring && err == 0 &&
	     i < sizeof(restoring) / sizeof(*restoring);
	     i++)
		err = run_sql(s, restoring[i], e);
	if (o->restoring)
		return err;
	for (size_t i = 0; err == 0 && i < sizeof(always) / sizeof(*always);
	     i++)
		err = run_sql(s, always[i], e);
	if (err == 0 && o->exclusive)
		err = run_sql(s, "PRAGMA locking_mode=EXCLUSIVE", e);
	if (o->read_only)
		return err;
	for (size_t i = 0; err == 0 && i < sizeof(writing) / sizeof(*writing);
	     i++)
		err = run_sql(s, writing[i], e);
	sqlite3_wal_hook(s->db, on_wal, s);
	s->wal_due = STATE_WAL_PAGES;
	return err;
}

/* How many tables there are; 0: nothing was ever written here. */
static int
count_tables(struct state *s, int *result, struct err *e)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(s->db,
	    "SELECT count(*) FROM sqlite_schema WHERE type='table'", -1, &st,
	    NULL);

	if (rc != SQLITE_OK)
		return fail(s, rc, e, "read the list of tables");
	rc = sqlite3_step(st);
	*result = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : fail(s, rc, e, "read the list of tables");
}

static int
make_tables(struct state *s, uint64_t version, struct err *e)
{
	char sql[128];
	int err = state_begin(s, e);

	for (enum store_table t = 0; err == 0 && t < STORE_TABLES; t++) {
		snprintf(sql, sizeof(sql),
		    "CREATE TABLE %s (key BLOB PRIMARY KEY, value BLOB NOT "
		    "NULL) WITHOUT ROWID",
		    store_table_name(t));
		err = run_sql(s, sql, e);
	}
	s->next.version = version;
	s->next.tx = 0;
	err = err == 0 ? state_commit(s, e) : err;
	if (err < 0)
		state_rollback(s);
	return err;
}

static int
run_step(struct state *s, const struct state_step *step, struct err *e)
{
	int err = state_begin(s, e);

	err = err == 0 ? step->run(s, e) : err;
	s->next.version = step->from + 1;
	err = err == 0 ? state_commit(s, e) : err;
	if (err < 0)
		state_rollback(s);
	return err;
}

/* There has been one version; the next brings its step. */
static const struct state_step own_steps[] = { { UINT64_MAX, NULL } };

static int
migrate(struct state *s, const struct state_options *o, struct err *e)
{
	uint64_t want = o->version ? o->version : STATE_VERSION;
	const struct state_step *steps = o->version ? o->steps : own_steps;
	size_t n = o->version ? o->n_steps : 0, i;
	int err = 0;

	if (s->durable.version > want)
		return err_set(e, ST_EINVAL,
		    "state.db: written by a newer version of this program "
		    "(schema %llu, this one knows %llu)",
		    (unsigned long long)s->durable.version,
		    (unsigned long long)want);
	while (err == 0 && s->durable.version < want && !s->read_only) {
		for (i = 0; i < n && steps[i].from != s->durable.version; i++)
			;
		if (i == n)
			return damaged(e, STORE_META, "its version never was");
		err = run_step(s, &steps[i], e);
	}
	return err;
}

static int
open_tables(struct state *s, const struct state_options *o, struct err *e)
{
	int n, err = count_tables(s, &n, e);

	if (err < 0)
		return err;
	if (n == 0 && s->read_only)
		return err_set(e, ST_ENOENT, "state.db: nothing is in it yet");
	if (n == 0)
		return make_tables(
		    s, o->version ? o->version : STATE_VERSION, e);
	err = head_read(s, e);
	return err == 0 ? migrate(s, o, e) : err;
}

int
state_open(const struct state_options *o, struct state **result, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int err = s ? 0 : err_set(e, ST_ENOMEM, "out of memory");

	if (err == 0 && !o->read_only)
		err = make_file(o->path, e);
	if (err == 0) {
		s->read_only = o->read_only;
		err = open_db(s, o, e);
	}
	if (err == 0)
		err = set_up(s, o, e);
	if (err == 0)
		err = open_tables(s, o, e);
	if (err == 0) {
		*result = s;
		s = NULL;
	}
	state_close(s);
	return err;
}

void
state_close(struct state *s)
{
	if (!s)
		return;
	state_rollback(s);
	for (size_t op = 0; op < OPS; op++)
		for (size_t t = 0; t < STORE_TABLES; t++)
			sqlite3_finalize(s->stmts[op][t]);
	sqlite3_close_v2(s->db);
	buf_release(&s->sealed);
	free(s);
}

/* ---- reading ------------------------------------------------------------------------ */

/* A reader sees one moment, and compares with what the head says of it. */
static int
look(struct state *s, struct err *e)
{
	int err;

	if (!s->read_only)
		return 0;
	err = run_sql(s, "BEGIN", e);
	return err == 0 ? head_read(s, e) : err;
}

static void
look_away(struct state *s)
{
	if (s->read_only && !sqlite3_get_autocommit(s->db))
		(void)run_sql(s, "ROLLBACK", NULL);
}

struct walk {
	struct state *s;
	enum store_table table;
	store_cb *cb;
	void *arg;
	struct buf last; /* the key before */
	uint64_t n;
	bool partial;
};

static int
walk_row(struct walk *w, sqlite3_stmt *st, struct err *e)
{
	struct slice key, value;
	int err = row_of(w->s, st, w->table, &key, &value, e);

	if (err < 0)
		return err;
	if (w->n > 0 && slice_cmp(buf_slice(&w->last), key) >= 0)
		return damaged(e, w->table, "its rows are out of order");
	w->n++;
	buf_reset(&w->last);
	buf_add_slice(&w->last, key);
	if (w->last.failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	return w->cb(w->arg, key, value);
}

static int
walk_table(struct walk *w, struct slice after, struct err *e)
{
	sqlite3_stmt *st;
	int err = prepared(w->s, OP_EACH, w->table, &st, e), rc;

	if (err < 0)
		return err;
	/* Nothing is less than the empty key, and an absent one less than it. */
	rc = slice_is_null(after) ? sqlite3_bind_int(st, 1, 0)
				  : bind(st, 1, after);
	while (rc == SQLITE_OK && err == 0 &&
	    (rc = sqlite3_step(st)) == SQLITE_ROW) {
		err = walk_row(w, st, e);
		rc = SQLITE_OK;
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	if (err == 0 && rc != SQLITE_DONE)
		err = fail(w->s, rc, e, op_verb[OP_EACH]);
	if (err == 0 && !w->partial && w->n != w->s->durable.rows[w->table])
		err = damaged(e, w->table, "rows are missing");
	return err;
}

int
state_each(struct state *s, enum store_table table, struct slice after,
    store_cb *cb, void *arg, struct err *e)
{
	struct walk w = { s, table, cb, arg, BUF_INIT, 0,
		!slice_is_null(after) };
	int err = look(s, e);

	if (err == 0)
		err = walk_table(&w, after, e);
	look_away(s);
	buf_release(&w.last);
	return err;
}

static int
get_row(struct state *s, sqlite3_stmt *st, enum store_table table,
    struct slice key, struct buf *value, struct err *e)
{
	struct slice k, v;
	int rc = bind(st, 1, key), err;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_DONE)
		return ST_ENOENT;
	if (rc != SQLITE_ROW)
		return fail(s, rc, e, op_verb[OP_GET]);
	err = row_of(s, st, table, &k, &v, e);
	if (err < 0)
		return err;
	buf_add_slice(value, v);
	return value->failed ? err_set(e, ST_ENOMEM, "out of memory") : 0;
}

int
state_get(struct state *s, enum store_table table, struct slice key,
    struct buf *value, struct err *e)
{
	bool alone = s->read_only && sqlite3_get_autocommit(s->db);
	sqlite3_stmt *st;
	int err = alone ? look(s, e) : 0;

	if (err == 0)
		err = prepared(s, OP_GET, table, &st, e);
	if (err == 0) {
		err = get_row(s, st, table, key, value, e);
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	if (alone)
		look_away(s);
	return err;
}

/* ---- writing ------------------------------------------------------------------------ */

int
state_begin(struct state *s, struct err *e)
{
	int err = run_sql(s, "BEGIN IMMEDIATE", e);

	if (err < 0)
		return err;
	s->next = s->durable;
	s->next.tx++;
	s->writing = true;
	return 0;
}

int
state_put(struct state *s, enum store_table table, struct slice key,
    struct slice value, struct err *e)
{
	struct slice sealed;
	int err;

	row_seal(&s->sealed, table, s->next.tx, key, value);
	if (s->sealed.failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	sealed = buf_slice(&s->sealed);
	err = run_op(s, OP_INSERT, table, key, &sealed, e);
	if (err < 0)
		return err;
	if (sqlite3_changes(s->db) == 0)
		return run_op(s, OP_UPDATE, table, key, &sealed, e);
	s->next.rows[table]++;
	return 0;
}

int
state_restore(struct state *s, enum store_table table, struct slice key,
    struct slice stored, uint64_t tx, struct err *e)
{
	int err = run_op(s, OP_INSERT, table, key, &stored, e);

	if (tx > s->next.tx)
		s->next.tx = tx;
	if (err < 0)
		return err;
	if (sqlite3_changes(s->db) == 0)
		return run_op(s, OP_NEWER, table, key, &stored, e);
	s->next.rows[table]++;
	return 0;
}

int
state_drop(
    struct state *s, enum store_table table, struct slice key, struct err *e)
{
	int err = run_op(s, OP_DELETE, table, key, NULL, e);

	if (err == 0 && sqlite3_changes(s->db) > 0)
		s->next.rows[table]--;
	return err;
}

static int
put_head(struct state *s, struct err *e)
{
	struct buf b = BUF_INIT;
	int err;

	if (s->durable.version == 0) /* the row counts itself */
		s->next.rows[STORE_META]++;
	head_write(&s->next, &b);
	if (s->durable.version == 0)
		s->next.rows[STORE_META]--;
	err = b.failed
	    ? err_set(e, ST_ENOMEM, "out of memory")
	    : state_put(s, STORE_META, SLICE_LIT(STATE_ROW), buf_slice(&b), e);
	buf_release(&b);
	return err;
}

/* A WAL that cannot be emptied now (a reader, a full disk) only grows. */
static void
empty_wal(struct state *s)
{
	if (s->wal_pages < s->wal_due)
		return;
	sqlite3_busy_timeout(s->db, 0);
	if (sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
		NULL, NULL) == SQLITE_OK)
		s->wal_due = STATE_WAL_PAGES;
	else
		s->wal_due = s->wal_pages + STATE_WAL_PAGES;
	sqlite3_busy_timeout(s->db, STATE_BUSY_MS);
}

int
state_commit(struct state *s, struct err *e)
{
	int err = put_head(s, e);

	err = err == 0 ? run_sql(s, "COMMIT", e) : err;
	if (err < 0)
		return err;
	s->durable = s->next;
	s->writing = false;
	empty_wal(s);
	return 0;
}

void
state_rollback(struct state *s)
{
	if (!s->writing)
		return;
	s->writing = false;
	if (!sqlite3_get_autocommit(s->db))
		(void)run_sql(s, "ROLLBACK", NULL);
}

/* ---- numbers ---------------------------------------------------------------------- */

uint64_t
state_tx(const struct state *s)
{
	return s->durable.tx;
}

void
state_skip(struct state *s, uint64_t tx)
{
	if (tx > s->durable.tx)
		s->durable.tx = tx;
}

uint64_t
state_rows(const struct state *s, enum store_table table)
{
	return s->durable.rows[table];
}
