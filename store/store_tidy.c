/*
 * store_tidy.c - the store's housekeeping: what is old goes, and what is full
 * takes no more.
 *
 * See store.h.  Says in the state and the ledger what tidy.h does to files.
 * Belongs to the store's owner.
 */
#include "config.h"

#include "store/store_i.h"

#include "lib/clock.h"
#include "lib/jsonw.h"
#include "lib/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define LIMIT_LOOK_MS 1000 /* how often, when full, room is looked for */

static int
look_around(struct store *s, struct err *e)
{
	const struct ledger_file *end = ledger_end(s->ledger);
	struct ledger_file removed;
	struct tidy_from from = { .known = store_knows_file, .arg = s };
	int err = store_file_row(s, LEDGER_REMOVED_ROW, &removed, e);

	if (err < 0 && err != ST_ENOENT)
		return err;
	from.current = end->name;
	from.current_first = end->first;
	from.removed = removed.last;
	s->looked_ms = clock_ms();
	s->looked_length = end->length;
	memcpy(s->looked_at, end->name, sizeof(s->looked_at));
	return tidy_look(s->tidy, &from, e);
}

static void
note_removal(const struct ledger_file *f, struct buf *out)
{
	char hash[SHA256_HEX];
	struct jsonw j;

	hash_hex(f->head, SHA256_SIZE, hash);
	jsonw_init(&j, out);
	jsonw_object(&j);
	jsonw_member_str(&j, "event", "ledger_removed");
	jsonw_member_str(&j, "file", f->name);
	jsonw_member_int(&j, "last_seq", (int64_t)f->last);
	jsonw_member_str(&j, "last_hash", hash);
	jsonw_end(&j);
}

/* The state and the ledger say that it goes; nobody counts on it from then on. */
static int
say_removal(struct store *s, const struct ledger_file *f, struct err *e)
{
	struct buf key = BUF_INIT, value = BUF_INIT, note = BUF_INIT;
	struct change put = { .table = STORE_META, .key = s->gathered.n },
		      drop = put;
	int err;

	ledger_file_write(f, &value);
	note_removal(f, &note);
	buf_addf(&key, LEDGER_FILE_ROW "%s", f->name);
	put.key_n = strlen(LEDGER_REMOVED_ROW);
	put.value_n = value.n;
	err = key.failed || value.failed || note.failed ? ST_ENOMEM : 0;
	if (err == 0)
		err = store_gather(
		    s, &put, SLICE_LIT(LEDGER_REMOVED_ROW), buf_slice(&value));
	drop.drop = true;
	drop.key = s->gathered.n;
	drop.key_n = key.n;
	if (err == 0)
		err = store_gather(s, &drop, buf_slice(&key), SLICE_LIT(""));
	if (err == 0)
		err = store_line(s, LINE_NOTE, buf_slice(&note));
	if (err == 0)
		err = store_commit_now(s, e);
	buf_release(&key);
	buf_release(&value);
	buf_release(&note);
	return err;
}

/* True: one has gone. */
static bool
remove_oldest(struct store *s)
{
	struct ledger_file f;
	struct err e = { .text = "" };
	char key[sizeof(LEDGER_FILE_ROW) + LEDGER_NAME_MAX];
	uint64_t next = 0;
	const struct shelf_file *old = tidy_too_old(s->tidy, &s->keep, &next);
	int err;

	if (!old)
		return false;
	snprintf(key, sizeof(key), LEDGER_FILE_ROW "%s", old->name);
	/* Of one that a damaged state has forgotten only its number is known. */
	if (store_file_row(s, key, &f, NULL) < 0) {
		f = (struct ledger_file){ .first = old->first };
		memcpy(f.name, old->name, sizeof(f.name));
		f.last = next > 0 ? next - 1 : old->first;
	}
	err = say_removal(s, &f, &e);
	if (err < 0) {
		log_warnx("ledger: cannot note that %s goes: %s", f.name,
		    e.text[0] ? e.text : st_strerror(err));
		return false;
	}
	log_info(
	    "ledger: %s is removed, as state: {keep, keep_size} say", f.name);
	tidy_remove(s->tidy, f.name);
	return true;
}

bool
store_tidy(struct store *s)
{
	int64_t now = clock_ms();
	struct err e = { .text = "" };

	if (s->tidied_ms && now - s->tidied_ms < STORE_TIDY_MS)
		return true;
	s->tidied_ms = now;
	if (!s->looked_ms || now - s->looked_ms >= TIDY_LOOK_MS ||
	    strcmp(s->looked_at, ledger_end(s->ledger)->name) != 0) {
		if (look_around(s, &e) < 0)
			log_warnx(
			    "ledger: cannot look at its files: %s", e.text);
		return true;
	}
	return remove_oldest(s) || tidy_pack(s->tidy);
}

/* ---- the limit --------------------------------------------------------------------- */

static uint64_t
size_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0
	    ? (uint64_t)st.st_size
	    : 0;
}

uint64_t
store_state_size(const struct store *s)
{
	return size_of(s->dir, STATE_FILE) + size_of(s->dir, STATE_FILE "-wal");
}

/* What was appended since the last look counts. */
uint64_t
store_ledger_size(const struct store *s)
{
	const struct ledger_file *end = ledger_end(s->ledger);
	uint64_t before = strcmp(end->name, s->looked_at) == 0
	    ? s->looked_length
	    : 0;

	return tidy_bytes(s->tidy) +
	    (end->length > before ? end->length - before : 0);
}

/* ST_EIO beyond it.  Others may have made room meanwhile. */
int
store_check_limit(struct store *s, struct err *e)
{
	uint64_t size;
	int err = 0;

	if (s->limit == 0)
		return 0;
	if (!s->looked_ms ||
	    (s->counts.full && clock_ms() - s->looked_ms >= LIMIT_LOOK_MS))
		err = look_around(s, e);
	if (err == 0 && s->counts.full)
		tidy_pack(s->tidy);
	while (err == 0 &&
	    store_state_size(s) + store_ledger_size(s) > s->limit &&
	    remove_oldest(s))
		;
	size = store_state_size(s) + store_ledger_size(s);
	s->counts.full = size > s->limit;
	if (err < 0 || !s->counts.full)
		return err;
	return err_set(e, ST_EIO,
	    "%s holds %" PRIu64 " bytes, limits: {state: %" PRIu64 "}", s->path,
	    size, s->limit);
}
