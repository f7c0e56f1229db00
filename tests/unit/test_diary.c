/*
 * test_diary.c - what the daemon says of itself in the ledger.
 */
#include "collector/diary.h"

#include "conf/config.h"
#include "detect/policy.h"
#include "lib/json.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct json_reader reader;
static struct buf text;

/* The note, read back: one object on one line. */
static const struct json *
read_note(void)
{
	const struct json *v = json_parse(&reader, buf_slice(&text), NULL);

	CHECK(json_type(v) == JSON_OBJECT);
	CHECK(text.n > 0 && !memchr(text.p, '\n', text.n));
	return v;
}

static void
begin(void)
{
	buf_reset(&text);
	json_reader_init(&reader);
}

static void
end(void)
{
	json_reader_release(&reader);
	buf_release(&text);
}

static struct slice
at(const struct json *v, const char *path)
{
	return json_text(json_path(v, path));
}

static void
a_start_and_a_reload_tell_files_and_their_hashes(void)
{
	/* The same as `printf 'version: 1\n' | sha256sum`. */
	static const char hash[] =
	    "sha256:"
	    "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847";
	struct diary_about about = { "7.8", 3, NULL, NULL };
	struct config *config = NULL;
	struct policy *policy = NULL;
	char path[512];
	int64_t generation = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/s.yaml", unit_tmpdir());
	f = fopen(path, "w");
	REQUIRE(f != NULL);
	fputs("version: 1\n", f);
	fclose(f);
	REQUIRE(config_load(path, &config, NULL) == 0);
	REQUIRE(policy_load(path, &policy, NULL) == 0);
	about.config = config;
	about.policy = policy;
	for (int i = 0; i < 2; i++) {
		const struct json *v;

		begin();
		(i ? diary_reload : diary_start)(&about, &text);
		v = read_note();
		CHECK_TEXT(at(v, "event"), i ? "reload" : "start");
		CHECK_TEXT(at(v, "config.file"), path);
		CHECK_TEXT(at(v, "config.hash"), hash);
		CHECK_TEXT(at(v, "policy.file"), path);
		CHECK_TEXT(at(v, "policy.hash"), policy_hash(policy));
		CHECK_TEXT(at(v, "policy.hash"), hash);
		CHECK(json_int(json_get(v, "generation"), &generation) &&
		    generation == 3);
		if (i == 0)
			CHECK_TEXT(at(v, "version"), "7.8");
		end();
	}
	config_free(config);
	policy_free(policy);
}

static void
words_of_others_are_data(void)
{
	const struct notice n = { .subject = SLICE_LIT("input \"a\"\n"),
		.text = SLICE_LIT("it is\nsilent") };
	const struct json *v;

	begin();
	diary_silence(&n, &text);
	v = read_note();
	CHECK_TEXT(at(v, "event"), "silence");
	CHECK_TEXT(at(v, "source"), "input \"a\"\n");
	CHECK_TEXT(at(v, "told"), "it is\nsilent");
	end();
	begin();
	diary_heard(n.subject, &text);
	v = read_note();
	CHECK_TEXT(at(v, "event"), "heard");
	CHECK_TEXT(at(v, "source"), "input \"a\"\n");
	end();
	begin();
	diary_refused("s.yaml:1:1: unknown key \"x\"\n", &text);
	CHECK_TEXT(at(read_note(), "why"), "s.yaml:1:1: unknown key \"x\"\n");
	end();
}

static void
a_stop_tells_the_books(void)
{
	const struct books books = {
		.received = 12, .token_requests = 3, .rejected = 2
	};
	const struct json *v;
	int64_t n = 0;

	begin();
	diary_stop(&books, &text);
	v = read_note();
	CHECK_TEXT(at(v, "event"), "stop");
	CHECK(json_int(json_get(v, "received"), &n) && n == 12);
	CHECK(json_int(json_get(v, "token_requests"), &n) && n == 3);
	CHECK(json_int(json_get(v, "rejected"), &n) && n == 2);
	end();
}

static void
a_delivery_tells_what_became_of_each(void)
{
	const struct outbox_told told[] = {
		{ SLICE_LIT("f-1"), 1, OUTBOX_DONE, false },
		{ SLICE_LIT("f-2"), 3, OUTBOX_DEAD, false },
		{ SLICE_LIT("f-3"), 1, OUTBOX_DEAD, true },
	};

	begin();
	diary_delivery("siem", told, 3, &text);
	CHECK_TEXT(buf_slice(&text),
	    "{\"event\":\"delivery\",\"output\":\"siem\",\"findings\":["
	    "{\"id\":\"f-1\",\"revision\":1,\"fate\":\"delivered\"},"
	    "{\"id\":\"f-2\",\"revision\":3,\"fate\":\"refused\"},"
	    "{\"id\":\"f-3\",\"revision\":1,\"fate\":\"dropped\"}]}");
	end();
}

UNIT_MAIN("diary",
    { "a start and a reload tell files and their hashes",
	a_start_and_a_reload_tell_files_and_their_hashes },
    { "words of others are data", words_of_others_are_data },
    { "a stop tells the books", a_stop_tells_the_books },
    { "a delivery tells what became of each",
	a_delivery_tells_what_became_of_each })
