/*
 * test_intake.c - whose records may come through an input, and what is
 * counted.
 */
#include "collector/intake.h"

#include "collector/batch.h"
#include "unit.h"

#include <stdio.h>

struct fixture {
	struct config *config;
	struct api_choice apis;
	struct batchq *queue;
	struct intake *intake;
	struct framer *framer;
};

static bool
fixture_init(struct fixture *f, const char *accounts)
{
	char text[512];
	struct err e = { .text = "" };
	struct intake_shared shared;

	memset(f, 0, sizeof(*f));
	snprintf(text, sizeof(text),
	    "version: 1\npolicy: p.yaml\ninputs:\n"
	    "  - {type: tcp, listen: \"127.0.0.1:0\"%s}\n",
	    accounts);
	if (config_load_text(slice_str(text), "t.yaml", &f->config, &e) < 0) {
		printf("%s\n", e.text);
		return false;
	}
	api_choice_default(&f->apis);
	f->queue = batchq_new(&(struct batchq_limits){ 0, 0 }, NULL, NULL);
	shared = (struct intake_shared){
		.config = f->config, .apis = &f->apis, .queue = f->queue
	};
	f->intake = f->queue ? intake_new(&shared) : NULL;
	f->framer = f->intake ? framer_new(FRAME_STREAM, NULL, intake_frame,
				    intake_reject, f->intake)
			      : NULL;
	return f->framer != NULL;
}

static void
fixture_release(struct fixture *f)
{
	struct batchq_item *next;

	framer_free(f->framer);
	intake_free(f->intake);
	for (struct batchq_item *i = f->queue ? batchq_take(f->queue, 0) : NULL;
	     i; i = next) {
		next = i->next;
		batchq_done(f->queue, i);
		batch_free((struct batch *)i);
	}
	batchq_free(f->queue);
	config_free(f->config);
}

/* One request of an account's trail. */
static void
send_line(struct fixture *f, const char *account)
{
	char line[1024];

	snprintf(line, sizeof(line),
	    "{\"eventVersion\":\"1.09\",\"eventSource\":\"sts.amazonaws.com\","
	    "\"eventName\":\"GetSessionToken\",\"eventTime\":"
	    "\"2026-03-02T08:00:00Z\",\"eventID\":\"id-%s\","
	    "\"sourceIPAddress\":\"198.51.100.9\",\"recipientAccountId\":"
	    "\"%s\",\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":"
	    "\"arn:aws:iam::%s:user/u\",\"accountId\":\"%s\"}}\n",
	    account, account, account, account);
	CHECK_INT(framer_feed(f->framer, line, strlen(line)), 0);
}

/* The same from one sender that may speak for `accounts`. */
static void
send_as(struct fixture *f, const char *account, const char *const *accounts,
    size_t n, struct sift_counts *counts)
{
	intake_begin(f->intake, 0, 1, "conn 1");
	intake_limit(f->intake, accounts, n);
	send_line(f, account);
	intake_end(f->intake, counts);
}

#define ONE "111122223333"
#define TWO "444455556666"

static void
both_lists_of_accounts_must_allow_a_request(void)
{
	static const struct {
		const char *of_input, *of_sender, *account;
		bool good;
	} rows[] = {
		{ "", NULL, ONE, true },
		{ ", accounts: [\"" ONE "\"]", NULL, ONE, true },
		{ ", accounts: [\"" ONE "\"]", NULL, TWO, false },
		{ "", ONE, ONE, true },
		{ "", ONE, TWO, false },
		{ "", "4444*", TWO, true },
		{ ", accounts: [\"" ONE "\"]", TWO, ONE, false },
		{ ", accounts: [\"" ONE "\"]", TWO, TWO, false },
		{ ", accounts: [\"" ONE "\", \"" TWO "\"]", TWO, TWO, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		struct sift_counts c;

		REQUIRE(fixture_init(&f, rows[i].of_input));
		send_as(&f, rows[i].account, &rows[i].of_sender,
		    rows[i].of_sender ? 1 : 0, &c);
		CHECK_INT(c.received, 1);
		CHECK_INT(c.token_requests, rows[i].good);
		CHECK_INT(c.rejected[REJECT_ACCOUNT], !rows[i].good);
		fixture_release(&f);
	}
}

static void
a_senders_limit_ends_with_its_bytes(void)
{
	static const char *const only[] = { ONE };
	struct fixture f;
	struct sift_counts c;

	REQUIRE(fixture_init(&f, ""));
	send_as(&f, TWO, only, 1, &c);
	CHECK_INT(c.rejected[REJECT_ACCOUNT], 1);
	send_as(&f, TWO, NULL, 0, &c);
	CHECK_INT(c.token_requests, 1);
	fixture_release(&f);
}

struct full {
	struct intake *in;
	unsigned times;
	uint64_t behind;
};

static void
mark_it(void *arg, const struct frame *f)
{
	static const struct mark_owner nobody;
	struct full *full = arg;
	const struct mark m = { .owner = &nobody, .token = ++full->times };

	full->behind = f->offset + f->bytes.n;
	CHECK(intake_mark(full->in, &m));
}

/* More than two batches full: each ends behind a frame and with a mark. */
static void
a_full_batch_can_be_closed_with_a_mark(void)
{
	struct full full = { .times = 0 };
	struct batchq_item *list, *next;
	uint64_t requests = 0;
	struct fixture f;

	REQUIRE(fixture_init(&f, ""));
	full.in = f.intake;
	intake_begin(f.intake, 0, 1, "file");
	intake_on_full(f.intake, mark_it, &full);
	while (full.times < 2)
		send_line(&f, ONE);
	intake_end(f.intake, NULL);
	CHECK(full.behind > 0);
	list = batchq_take(f.queue, 0);
	for (struct batchq_item *i = list; i; i = next) {
		struct batch *b = (struct batch *)i;

		next = i->next;
		CHECK_INT(b->n_marks, 1);
		CHECK_INT(b->counts.token_requests, b->n_requests);
		requests += b->n_requests;
		batchq_done(f.queue, i);
		batch_free(b);
	}
	CHECK(requests > 100);
	fixture_release(&f);
}

UNIT_MAIN("intake",
    { "both lists of accounts must allow a request",
	both_lists_of_accounts_must_allow_a_request },
    { "a sender's limit ends with its bytes",
	a_senders_limit_ends_with_its_bytes },
    { "a full batch can be closed with a mark",
	a_full_batch_can_be_closed_with_a_mark })
