/*
 * test_acks.c - what is said of a finding comes to the daemon once.
 */
#include "collector/acks.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char one[] = "f-0123456789abcdef0123456789abcdef";
static const char two[] = "f-ffffffffffffffffffffffffffffffff";
static const char plant[] = "f-00000000000000000000000000000000";

struct told {
	int err;
	unsigned n;
	char id[64], by[256];
	bool teach;
};

static int
on_words(void *arg, const struct acks_words *w)
{
	struct told *t = arg;

	t->n++;
	snprintf(t->id, sizeof(t->id), "%s", w->id);
	snprintf(t->by, sizeof(t->by), "%.*s", SLICE_ARG(w->by));
	t->teach = w->teach;
	return t->err;
}

static const char *dir;
static char path[256];

static void
begin(void)
{
	struct err e;

	dir = unit_tmpdir();
	CHECK_INT(acks_folder(dir, &e), 0);
	CHECK_INT(acks_folder(dir, &e), 0);
}

static void
end(void)
{
	snprintf(path, sizeof(path), "%s/acks", dir);
	CHECK_INT(rmdir(path), 0);
}

static void
said_once_taken_once(void)
{
	struct acks_words w = { one, SLICE_LIT("Al\"ice\n"), true };
	struct told t = { 0 };
	struct err e;

	begin();
	CHECK_INT(acks_put(dir, &w, &e), 0);
	CHECK_INT(acks_ask(dir, one), ACKS_WAITS);
	CHECK_INT(acks_take(dir, on_words, &t), 1);
	CHECK_INT(strcmp(t.id, one), 0);
	CHECK_INT(strcmp(t.by, "Al\"ice\n"), 0);
	CHECK(t.teach);
	CHECK_INT(acks_ask(dir, one), ACKS_TAKEN);
	CHECK_INT(acks_take(dir, on_words, &t), 0);
	end();
}

static void
what_cannot_be_kept_comes_again_and_the_unknown_does_not(void)
{
	struct acks_words w = { two, SLICE_NULL, false };
	struct told t = { .err = ST_EIO };
	struct err e;

	begin();
	CHECK_INT(acks_put(dir, &w, &e), 0);
	CHECK_INT(acks_take(dir, on_words, &t), 0);
	CHECK_INT(acks_ask(dir, two), ACKS_WAITS);
	t.err = ST_ENOENT;
	CHECK_INT(acks_take(dir, on_words, &t), 0);
	CHECK_INT(acks_take(dir, on_words, &t), 0);
	CHECK_INT(t.n, 2);
	CHECK(!t.teach && t.by[0] == '\0');
	CHECK_INT(acks_ask(dir, two), ACKS_UNKNOWN);
	CHECK_INT(acks_ask(dir, two), ACKS_TAKEN);
	end();
}

static void
names_that_are_no_ids_are_refused_and_passed_over(void)
{
	struct acks_words w = { "../../etc/passwd", SLICE_NULL, false };
	struct told t = { 0 };
	struct err e;
	FILE *f;

	begin();
	CHECK_INT(acks_put(dir, &w, &e), ST_EINVAL);
	snprintf(path, sizeof(path), "%s/acks/f-0", dir);
	f = fopen(path, "w");
	REQUIRE(f != NULL);
	fclose(f);
	CHECK_INT(acks_take(dir, on_words, &t), 0);
	CHECK_INT(t.n, 0);
	CHECK_INT(unlink(path), 0);
	end();
}

static void
a_file_of_anything_is_an_ack_by_nobody_and_a_link_is_none(void)
{
	struct told t = { 0 };
	FILE *f;

	begin();
	snprintf(path, sizeof(path), "%s/acks/%s", dir, plant);
	f = fopen(path, "w");
	REQUIRE(f != NULL);
	fputs("{\"teach\":[", f);
	fclose(f);
	CHECK_INT(acks_take(dir, on_words, &t), 1);
	CHECK(!t.teach && t.by[0] == '\0');
	REQUIRE(symlink("/etc/passwd", path) == 0);
	CHECK_INT(acks_take(dir, on_words, &t), 0);
	CHECK_INT(t.n, 1);
	snprintf(path, sizeof(path), "%s/acks/%s.taking", dir, plant);
	CHECK_INT(unlink(path), 0);
	end();
}

/* Somebody else speaks of the same finding while it is taken in. */
static int
on_words_say_more(void *arg, const struct acks_words *w)
{
	struct acks_words more = { w->id, SLICE_LIT("bob"), true };
	struct told *t = arg;
	struct err e;

	on_words(arg, w);
	if (t->n == 1)
		CHECK_INT(acks_put(dir, &more, &e), 0);
	return t->err;
}

static void
two_words_of_one_finding_are_both_taken(void)
{
	struct acks_words w = { one, SLICE_LIT("alice"), false };
	struct told t = { .err = ST_EIO };
	struct err e;

	begin();
	CHECK_INT(acks_put(dir, &w, &e), 0);
	/* The first cannot be kept, and is not lost to the second. */
	CHECK_INT(acks_take(dir, on_words_say_more, &t), 0);
	CHECK_INT(strcmp(t.by, "alice"), 0);
	t.err = 0;
	while (acks_ask(dir, one) == ACKS_WAITS && t.n < 9)
		acks_take(dir, on_words, &t);
	CHECK_INT(t.n, 3);
	CHECK_INT(strcmp(t.by, "bob"), 0);
	end();
}

UNIT_MAIN("acks",
    { "two words of one finding are both taken",
	two_words_of_one_finding_are_both_taken },
    { "said once, taken once", said_once_taken_once },
    { "what cannot be kept comes again, and the unknown does not",
	what_cannot_be_kept_comes_again_and_the_unknown_does_not },
    { "names that are no ids are refused and passed over",
	names_that_are_no_ids_are_refused_and_passed_over },
    { "a file of anything is an ack by nobody, and a link is none",
	a_file_of_anything_is_an_ack_by_nobody_and_a_link_is_none })
