/*
 * records.c - what the daemon wrote, read back: decisions and findings.
 *
 * Knows where lines stand and what kind each is; what is in one is the
 * caller's business.  Each line is parsed once.  Main thread.
 */
#include "config.h"

#include "cli/records.h"

#include "cli/walk.h"
#include "lib/buf.h"
#include "lib/inflate.h"
#include "store/line.h"
#include "store/lines.h"
#include "store/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEDGER_FOLDER "ledger"
#define PROGRESS_LINES 4096 /* of a ledger, from one word to the next */

struct entry {
	char *path;
	uint64_t bytes;
	bool ledger; /* a folder of it */
};

struct records {
	struct records_calls calls;
	int (*line_call)(void *arg, const struct record *r); /* or NULL */
	void *arg;
	struct entry *v;
	size_t n, room;
	uint64_t total, done;
	struct records_counts counts;
	uint64_t missing; /* paths that could not be added */
	int ended;        /* what the caller ended it with */
	bool peek;        /* only the first line is asked for */
	struct json_reader json;
	struct inflate *inflate;

	/* The file at hand. */
	const char *path;
	uint64_t line;
	struct buf held; /* the beginning of a line */
	bool too_long;   /* skip to the next LF */
	uint64_t foreign, first_foreign;
	char why[256]; /* of the first */
};

struct records *
records_new(const struct records_calls *calls, void *arg)
{
	struct inflate_limits l = { RECORDS_BYTES_MAX, RECORDS_RATIO_MAX };
	struct records *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->calls = *calls;
	r->arg = arg;
	json_reader_init(&r->json);
	r->inflate = inflate_new(&l);
	if (!r->inflate) {
		records_free(r);
		return NULL;
	}
	return r;
}

void
records_free(struct records *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].path);
	free(r->v);
	json_reader_release(&r->json);
	inflate_free(r->inflate);
	buf_release(&r->held);
	free(r);
}

void
records_unread(
    struct records *r, int (*line)(void *arg, const struct record *r))
{
	r->line_call = line;
}

const struct records_counts *
records_counts(const struct records *r)
{
	return &r->counts;
}

static void
note(struct records *r, const char *path, const char *why)
{
	char text[PATH_MAX + 600];

	snprintf(text, sizeof(text), "%s: %s", path, why);
	if (r->calls.note)
		r->calls.note(r->arg, text);
}

static void
on_unreadable(void *arg, const char *path, const char *why)
{
	struct records *r = arg;

	r->missing++;
	note(r, path, why);
}

bool
records_all_read(const struct records *r)
{
	return r->counts.foreign == 0 && r->counts.unreadable == 0;
}

/* ---- which files ------------------------------------------------------------ */

static int
add_entry(struct records *r, const char *path, uint64_t bytes, bool ledger)
{
	size_t room = r->room ? 2 * r->room : 16;
	struct entry *v;

	if (r->n == RECORDS_PATHS_MAX)
		return ST_ELIMIT;
	if (r->n == r->room) {
		v = realloc(r->v, room * sizeof(*v));
		if (!v)
			return ST_ENOMEM;
		r->v = v;
		r->room = room;
	}
	r->v[r->n] = (struct entry){ strdup(path), bytes, ledger };
	if (!r->v[r->n].path)
		return ST_ENOMEM;
	r->n++;
	r->total += bytes;
	return 0;
}

static int
on_file(void *arg, const char *path, uint64_t size)
{
	return add_entry(arg, path, size, false);
}

/* The ledger's folder that a path means, if it means one. */
static bool
ledger_folder(const char *path, char *folder, size_t size, uint64_t *bytes)
{
	static const char *const under[] = { "/" LEDGER_FOLDER, "" };
	struct shelf s = { 0 };
	bool found = false;
	int fd, n;

	for (size_t i = 0; !found && i < 2; i++) {
		n = snprintf(folder, size, "%s%s", path, under[i]);
		if (n < 0 || (size_t)n >= size)
			continue;
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (shelf_read(fd, &s, NULL) == 0 && s.n > 0) {
			*bytes = s.bytes;
			found = true;
		}
		shelf_release(&s);
		close(fd);
	}
	return found;
}

bool
records_is_ledger(const char *path)
{
	char folder[PATH_MAX];
	uint64_t bytes;

	return ledger_folder(path, folder, sizeof(folder), &bytes);
}

int
records_add(struct records *r, const char *path, struct err *e)
{
	char folder[PATH_MAX];
	uint64_t bytes;
	int err;

	if (ledger_folder(path, folder, sizeof(folder), &bytes))
		err = add_entry(r, folder, bytes, true);
	else
		err = walk(path, on_file, on_unreadable, r);
	return err < 0 ? err_set(e, err, "%s: %s", path, st_strerror(err)) : 0;
}

/* ---- a line ----------------------------------------------------------------- */

/* What the line is not taken with; ends the run where only that is asked. */
static int
foreign(struct records *r, const char *why)
{
	r->counts.foreign++;
	if (r->peek)
		r->ended = ST_ESTOPPED;
	if (r->foreign++ == 0) {
		r->first_foreign = r->line;
		snprintf(r->why, sizeof(r->why), "%.*s",
		    (int)sizeof(r->why) - 1, why);
	}
	return r->ended;
}

static bool
is_blank(struct slice s)
{
	s = slice_trim(s);
	return s.n == 0 || (s.n == 1 && s.p[0] == '\r');
}

static int
give(struct records *r, enum record_kind kind, uint64_t *count,
    struct record *out)
{
	out->kind = kind;
	out->path = r->path;
	out->line = r->line;
	++*count;
	r->ended = r->calls.record(r->arg, out);
	return r->ended;
}

/* To one who reads lines: whether it is ours is its business, too. */
static int
give_line(struct records *r, bool noted, struct record *out)
{
	int err;

	out->kind = noted ? RECORD_NOTE : RECORD_DECISION;
	err = r->line_call(r->arg, out);
	if (err != ST_EFORMAT) {
		r->ended = err;
		return err;
	}
	foreign(r, "neither a decision nor a finding");
	return 0;
}

/* What stands in `out->text`, outside of a ledger or in it. */
static int
sort_out(struct records *r, bool noted, struct record *out)
{
	struct err e = { .text = "" };

	out->json = json_parse(&r->json, out->text, &e);
	if (!out->json)
		return foreign(r, e.text);
	if (noted)
		return give(r, RECORD_NOTE, &r->counts.notes, out);
	if (json_get(out->json, "verdict") && json_get(out->json, "event_id"))
		return give(r, RECORD_DECISION, &r->counts.decisions, out);
	if (json_get(out->json, "request") && json_get(out->json, "severity"))
		return give(r, RECORD_FINDING, &r->counts.findings, out);
	return foreign(r, "neither a decision nor a finding");
}

/* `text` without its LF. */
static int
take_line(struct records *r, struct slice text)
{
	struct record out = { .text = text };
	bool noted = false;
	struct line l;

	if (is_blank(text))
		return 0;
	if (line_parse(text, &l)) {
		out.text = l.data;
		out.at = l.at_text;
		out.seq = l.seq;
		noted = slice_is(l.kind, store_kind_name(LINE_NOTE));
	}
	return r->line_call ? give_line(r, noted, &out)
			    : sort_out(r, noted, &out);
}

/* ---- a file ----------------------------------------------------------------- */

static int
hold(struct records *r, const char *p, size_t n)
{
	if (r->too_long)
		return 0;
	if (r->held.n + n > RECORDS_LINE_MAX) {
		r->too_long = true;
		buf_reset(&r->held);
		if (r->peek)
			r->ended = ST_ESTOPPED;
		return r->ended;
	}
	buf_add(&r->held, p, n);
	return r->held.failed ? ST_ENOMEM : 0;
}

static int
end_line(struct records *r, struct slice text)
{
	int err = 0;

	r->line++;
	if (r->held.n) {
		err = hold(r, text.p, text.n);
		text = buf_slice(&r->held);
	}
	if (err == 0)
		err = r->too_long ? foreign(r, "the line is too long")
				  : take_line(r, text);
	r->too_long = false;
	buf_reset(&r->held);
	return err;
}

static int
on_bytes(void *arg, const char *p, size_t n)
{
	struct records *r = arg;
	const char *lf;
	int err = 0;

	while (err == 0 && n && (lf = memchr(p, '\n', n))) {
		size_t len = (size_t)(lf - p);

		err = end_line(r, slice_of(p, len));
		p = lf + 1;
		n -= len + 1;
	}
	return err || !n ? err : hold(r, p, n);
}

/* A last line without LF: whole, or one that is being written. */
static int
end_file(struct records *r)
{
	uint64_t foreign_before = r->counts.foreign;
	int err = 0;

	if (r->held.n || r->too_long)
		err = end_line(r, SLICE_LIT(""));
	if (r->counts.foreign > foreign_before) {
		r->counts.foreign--;
		r->foreign--;
		r->counts.unfinished++;
	}
	return err;
}

static int
read_bytes(struct records *r, int fd, struct err *e)
{
	char *chunk = malloc(RECORDS_CHUNK);
	int err = chunk ? 0 : err_set(e, ST_ENOMEM, "out of memory");
	ssize_t n;

	inflate_reset(r->inflate);
	while (err == 0) {
		n = read(fd, chunk, RECORDS_CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = err_sys(e, "cannot read it");
		if (n <= 0)
			break;
		err = inflate_feed(
		    r->inflate, chunk, (size_t)n, on_bytes, r, e);
		r->done += (uint64_t)n;
		if (r->calls.progress)
			r->calls.progress(r->arg, r->done, r->total);
	}
	if (err == 0)
		err = inflate_finish(r->inflate, on_bytes, r, e);
	free(chunk);
	return err;
}

static int
read_file(struct records *r, struct err *e)
{
	bool is_stdin = strcmp(r->path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(r->path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return err_sys(e, "cannot open it");
	err = read_bytes(r, fd, e);
	if (err == 0)
		err = end_file(r);
	if (!is_stdin)
		close(fd);
	return err;
}

/* ---- a ledger ------------------------------------------------------------------ */

static void
say_ledger_progress(struct records *r, uint64_t at)
{
	if (r->calls.progress)
		r->calls.progress(r->arg, r->done + at, r->total);
}

/* The last file's end may be being written. */
static int
read_part(
    struct records *r, int dir, const char *name, bool last, struct err *e)
{
	struct lines *l = NULL;
	struct slice text;
	uint64_t n = 0;
	int err = lines_open(dir, name, 0, &l, e), status = 0;

	if (err < 0)
		return err;
	while (status == 0 && (err = lines_next(l, &text, e)) == 1) {
		text.n--;
		status = take_line(r, text);
		if (++n % PROGRESS_LINES == 0)
			say_ledger_progress(r, lines_at(l));
	}
	lines_close(l);
	if (status)
		return status;
	if (err == ST_ETRUNC && last) {
		r->counts.unfinished++;
		err = 0;
	}
	return err;
}

static int
read_parts(struct records *r, int dir, struct err *e)
{
	struct shelf s = { 0 };
	int err = shelf_read(dir, &s, e);

	if (err == 0)
		err = shelf_order(dir, &s, e);
	for (size_t i = 0; err == 0 && i < s.n; i++) {
		r->counts.files++;
		err = read_part(r, dir, s.v[i].name, i + 1 == s.n, e);
		r->done += s.v[i].bytes;
		say_ledger_progress(r, 0);
	}
	shelf_release(&s);
	return err;
}

static int
read_ledger(struct records *r, struct err *e)
{
	int dir = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (dir < 0)
		return err_sys(e, "cannot open it");
	err = read_parts(r, dir, e);
	close(dir);
	return err;
}

/* ---- all of it ------------------------------------------------------------------ */

static void
say_foreign(struct records *r)
{
	char text[400];

	if (!r->foreign)
		return;
	snprintf(text, sizeof(text),
	    "%" PRIu64 " lines are no decisions or findings, the first is "
	    "line %" PRIu64 ": %s",
	    r->foreign, r->first_foreign, r->why);
	note(r, r->path, text);
}

static int
run_entry(struct records *r, const struct entry *one, struct err *e)
{
	struct err why = { .text = "" };
	int err;

	r->path = one->path;
	r->line = r->foreign = 0;
	r->too_long = false;
	buf_reset(&r->held);
	if (one->ledger) {
		err = read_ledger(r, &why);
	} else {
		r->counts.files++;
		err = read_file(r, &why);
	}
	say_foreign(r);
	if (r->ended)
		return r->ended;
	if (err == ST_ENOMEM)
		return err_set(e, err, "out of memory");
	if (err < 0)
		note(r, one->path, why.text[0] ? why.text : st_strerror(err));
	if (err < 0 || r->foreign)
		r->counts.unreadable++;
	return 0;
}

int
records_run(struct records *r, struct err *e)
{
	int err = 0;

	r->counts = (struct records_counts){ .unreadable = r->missing };
	r->done = 0;
	r->ended = 0;
	for (size_t i = 0; err == 0 && i < r->n; i++)
		err = run_entry(r, &r->v[i], e);
	return err;
}

/* ---- what a path is --------------------------------------------------------------- */

static int
on_first(void *arg, const struct record *r)
{
	bool *ours = arg;

	(void)r;
	*ours = true;
	return ST_ESTOPPED;
}

bool
records_are(const char *path)
{
	struct records_calls calls = { .record = on_first };
	bool ours = false;
	struct records *r;
	struct stat st;

	/* What a look takes out of a pipe is gone. */
	if (strcmp(path, "-") == 0 || stat(path, &st) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return false;
	if (records_is_ledger(path))
		return true;
	r = records_new(&calls, &ours);
	if (!r)
		return false;
	r->peek = true;
	if (records_add(r, path, NULL) == 0)
		(void)!records_run(r, NULL);
	records_free(r);
	return ours;
}
