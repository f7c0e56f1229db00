/*
 * test_tail.c - files are read once, whatever becomes of them.
 *
 * tests/scenario/tail_rows tells how it goes in the daemon; here are the turns
 * that need to be in hand: rows that last or do not, bounds, old files.
 */
#include "config.h"

#include "collector/batch.h"
#include "collector/tail.h"
#include "tests/unit/rows.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	struct config *config;
	struct api_choice apis;
	struct batchq *queue;
	struct positions *known;
	struct rows *kept;
	struct tail *tail;
	struct sift_counts counts;
	unsigned live; /* batches with requests that are not old */
	char dir[256];
};

static void
make_tail(struct fixture *f, const char *more)
{
	struct intake_shared shared;
	struct err e = { .text = "" };
	char text[1024];

	snprintf(text, sizeof(text),
	    "version: 1\npolicy: p.yaml\ninputs:\n"
	    "  - {type: file, name: logs, paths: \"%s/*\"%s}\n",
	    f->dir, more);
	if (config_load_text(slice_str(text), "t.yaml", &f->config, &e) < 0)
		abort();
	shared = (struct intake_shared){
		.config = f->config, .apis = &f->apis, .queue = f->queue
	};
	if (tail_new(&shared, f->known, NULL, NULL, &f->tail, &e) < 0)
		abort();
}

static void
begin(struct fixture *f, const char *more)
{
	make_tail(f, more);
	tail_begin(f->tail);
}

static void
end(struct fixture *f)
{
	tail_free(f->tail);
	config_free(f->config);
}

static void
bound_queue(struct fixture *f, size_t bytes)
{
	batchq_free(f->queue);
	f->queue = batchq_new(&(struct batchq_limits){ 0, bytes }, NULL, NULL);
}

static void
fixture_init(struct fixture *f, size_t max)
{
	static int n;

	memset(f, 0, sizeof(*f));
	snprintf(f->dir, sizeof(f->dir), "%s/%d", unit_tmpdir(), n++);
	mkdir(f->dir, 0700);
	api_choice_default(&f->apis);
	bound_queue(f, 0);
	f->known = positions_new(max);
	f->kept = calloc(1, sizeof(*f->kept));
	if (!f->kept)
		abort();
}

static void
keep_row(void *arg, const struct mark *m)
{
	struct fixture *f = arg;

	CHECK_INT(rows_put(f->kept, m->key, m->value), 0);
}

static int
load_row(void *arg, struct slice key, struct slice value)
{
	return positions_load(arg, key, value);
}

/* As after a start: only the rows are left. */
static void
know_only_rows(struct fixture *f)
{
	positions_free(f->known);
	f->known = positions_new(0);
	CHECK_INT(rows_each(f->kept, load_row, f->known), 0);
}

/* With `keep` its rows, too. */
static void
take_list(struct fixture *f, struct batchq_item *i, bool keep)
{
	struct batchq_item *next;

	for (; i; i = next) {
		struct batch *b = (struct batch *)i;

		next = i->next;
		sift_counts_add(&f->counts, &b->counts);
		f->live += b->n_requests > 0 && !b->history;
		if (keep)
			batch_each_mark(b, keep_row, f);
		batchq_done(f->queue, i);
		batch_free(b);
	}
}

/* What has been handed over by now. */
static void
take(struct fixture *f, bool keep)
{
	take_list(f, batchq_take(f->queue, 0), keep);
}

static void
fixture_release(struct fixture *f)
{
	take(f, false);
	batchq_free(f->queue);
	positions_free(f->known);
	rows_release(f->kept);
	free(f->kept);
}

static const char *
path_of(const struct fixture *f, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

static void
put(const struct fixture *f, const char *name, const char *text)
{
	int fd = open(path_of(f, name), O_CREAT | O_WRONLY | O_APPEND, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

static void
make_old(const struct fixture *f, const char *name)
{
	const struct timespec long_ago[2] = { { .tv_sec = 1000 },
		{ .tv_sec = 1000 } };

	if (utimensat(AT_FDCWD, path_of(f, name), long_ago, 0) < 0)
		abort();
}

#define RECORD "{\"eventName\":\"X\",\"eventSource\":\"s3.amazonaws.com\"}\n"

static void
what_is_known_is_not_read_again(void)
{
	struct fixture f;

	fixture_init(&f, 0);
	put(&f, "a", RECORD RECORD);
	put(&f, "b", RECORD);
	begin(&f, "");
	take(&f, true);
	CHECK_INT(f.counts.received, 3);
	end(&f);
	know_only_rows(&f);
	CHECK_INT(positions_count(f.known), 2);
	put(&f, "b", RECORD);
	begin(&f, "");
	take(&f, false);
	CHECK_INT(f.counts.received, 4);
	end(&f);
	fixture_release(&f);
}

static void
beyond_the_bound_files_are_left_out(void)
{
	struct fixture f;

	fixture_init(&f, 2);
	put(&f, "a", RECORD);
	put(&f, "b", "{\"b\":1}\n" RECORD);
	put(&f, "c", "{\"c\":1}\n" RECORD);
	begin(&f, "");
	take(&f, false);
	CHECK_INT(tail_counts(f.tail)->left_out, 1);
	CHECK_INT(f.counts.received, 3);
	end(&f);
	fixture_release(&f);
}

static void
a_rest_waits_and_is_taken_when_it_is_old(void)
{
	struct fixture f;

	fixture_init(&f, 0);
	put(&f, "a", RECORD "<14>1 - - - - - - {\"eventName\":");
	begin(&f, ", follow: true");
	take(&f, false);
	CHECK_INT(f.counts.received, 1);
	end(&f);
	make_old(&f, "a");
	begin(&f, ", follow: true");
	take(&f, false);
	CHECK_INT(f.counts.received, 2);
	/* Its end comes after all: of half a line nothing can be made. */
	put(&f, "a", "\"X\"}\n" RECORD);
	end(&f);
	begin(&f, ", follow: true");
	take(&f, false);
	CHECK_INT(f.counts.received, 3);
	end(&f);
	fixture_release(&f);
}

static void
a_change_is_heard_of(void)
{
	struct fixture f;

	fixture_init(&f, 0);
	begin(&f, ", follow: true");
	put(&f, "a", RECORD);
	for (int i = 0; i < 600 && f.counts.received < 1; i++) {
		tail_round(f.tail, 100);
		take(&f, false);
	}
	put(&f, "a", RECORD);
	for (int i = 0; i < 600 && f.counts.received < 2; i++) {
		tail_round(f.tail, 100);
		take(&f, false);
	}
	CHECK_INT(f.counts.received, 2);
	CHECK_INT(tail_counts(f.tail)->unreadable, 0);
	end(&f);
	fixture_release(&f);
}

static void
put_records(const struct fixture *f, const char *name, int from, int to)
{
	struct buf text = BUF_INIT;

	for (; from < to; from++)
		buf_addf(&text,
		    "{\"eventID\":\"%d\",\"eventName\":\"X\","
		    "\"eventSource\":\"s3.amazonaws.com\"}\n",
		    from);
	buf_addc(&text, '\0');
	put(f, name, text.p);
	buf_release(&text);
}

static void
rounds(struct fixture *f, uint64_t received)
{
	for (int i = 0; i < 600 && f->counts.received < received; i++) {
		tail_round(f->tail, 100);
		take(f, false);
	}
	/* And no more. */
	for (int i = 0; i < 3; i++)
		tail_round(f->tail, 10);
	take(f, false);
	CHECK_INT(f->counts.received, received);
}

#define REQUEST(id)                           \
	"{\"eventName\":\"GetSessionToken\"," \
	"\"eventSource\":\"sts.amazonaws.com\",\"eventID\":\"" id "\"}\n"

static void
what_a_file_grows_by_is_live(void)
{
	struct fixture f;

	fixture_init(&f, 0);
	put(&f, "a", REQUEST("a1"));
	begin(&f, ", follow: true");
	rounds(&f, 1);
	CHECK_INT(f.live, 0);
	put(&f, "a", REQUEST("a2"));
	rounds(&f, 2);
	CHECK_INT(f.live, 1);
	/* Here today, and written long ago. */
	put(&f, "b", REQUEST("b2"));
	make_old(&f, "b");
	rounds(&f, 3);
	CHECK_INT(f.counts.token_requests, 3);
	put(&f, "c", REQUEST("c2"));
	rounds(&f, 4);
	CHECK_INT(f.live, 2);
	end(&f);
	fixture_release(&f);
}

static void
a_copy_that_comes_in_pieces_is_not_read(void)
{
	struct fixture f;

	fixture_init(&f, 0);
	put_records(&f, "a", 0, 60);
	begin(&f, ", follow: true");
	rounds(&f, 60);
	put_records(&f, "a.1", 0, 40);
	rounds(&f, 60);
	put_records(&f, "a.1", 40, 60);
	rounds(&f, 60);
	/* Behind what was read it is read. */
	put_records(&f, "a.1", 60, 62);
	rounds(&f, 62);
	end(&f);
	fixture_release(&f);
}

/* A log of more than one buffer is copied, cut and outgrows its old size right
 * behind the first buffer: the queue has no room for another. */
static void
a_log_that_is_cut_between_two_reads_is_read_once(void)
{
	enum { OLD = 5000, NEW = 9000 };
	struct fixture f;
	struct batchq_item *first;

	fixture_init(&f, 0);
	bound_queue(&f, 1);
	put_records(&f, "a", 0, OLD);
	make_tail(&f, ", follow: true");
	CHECK_INT(tail_start(f.tail, NULL), 0);
	first = batchq_take(f.queue, -1);
	put_records(&f, "a.1", 0, OLD);
	CHECK_INT(truncate(path_of(&f, "a"), 0), 0);
	put_records(&f, "a", OLD, OLD + NEW);
	take_list(&f, first, false);
	for (int i = 0; i < 600 && f.counts.received < OLD + NEW; i++)
		take_list(&f, batchq_take(f.queue, 100), false);
	tail_stop(f.tail);
	tail_join(f.tail);
	take(&f, false);
	CHECK_INT(tail_counts(f.tail)->truncated, 1);
	CHECK_INT(tail_counts(f.tail)->copies, 1);
	end(&f);
	/* And all of it is known. */
	bound_queue(&f, 0);
	begin(&f, ", follow: true");
	rounds(&f, OLD + NEW);
	end(&f);
	fixture_release(&f);
}

static void
what_cannot_be_unpacked_is_counted_once(void)
{
	struct fixture f;

	fixture_init(&f, 0);
	put(&f, "a.gz", "\x1f\x8b\x08 this is no gzip, whatever it says");
	put(&f, "b", RECORD);
	begin(&f, "");
	take(&f, false);
	CHECK_INT(f.counts.received, 2);
	CHECK_INT(f.counts.rejected[REJECT_BAD_COMPRESSION] +
		f.counts.rejected[REJECT_TRUNCATED],
	    1);
	end(&f);
	begin(&f, "");
	take(&f, false);
	CHECK_INT(f.counts.received, 2);
	end(&f);
	fixture_release(&f);
}

UNIT_MAIN("tail",
    { "what is known is not read again", what_is_known_is_not_read_again },
    { "beyond the bound files are left out",
	beyond_the_bound_files_are_left_out },
    { "a rest waits and is taken when it is old",
	a_rest_waits_and_is_taken_when_it_is_old },
    { "a change is heard of", a_change_is_heard_of },
    { "what a file grows by is live", what_a_file_grows_by_is_live },
    { "a copy that comes in pieces is not read",
	a_copy_that_comes_in_pieces_is_not_read },
    { "a log that is cut between two reads is read once",
	a_log_that_is_cut_between_two_reads_is_read_once },
    { "what cannot be unpacked is counted once",
	what_cannot_be_unpacked_is_counted_once })
