/*
 * test_status_say.c - what a daemon says of itself, in lines for a person.
 */
#include "cli/status_say.h"
#include "tests/unit/unit.h"

static const char well[] =
    "{\"version\":\"1.2\",\"started\":\"2026-03-01T08:00:00Z\",\"generation\":3,"
    "\"ready\":true,\"reasons\":[],\"resident_bytes\":22020096,"
    "\"books\":{\"received\":7,\"token_requests\":2,\"uses\":3,\"other\":1,"
    "\"duplicates\":0,\"rejected\":1,\"in_flight\":0},"
    "\"inputs\":{\"door\":{\"received\":7,\"token_requests\":2,"
    "\"connections\":1,\"rejected\":{\"truncated\":1,\"not_json\":0},"
    "\"lag_seconds\":{\"p50\":0.25,\"p99\":25.772},\"silent_seconds\":null},"
    "\"a name that is much longer than its column\":{\"received\":0}},"
    "\"outputs\":{\"siem\":{\"made\":4,\"delivered\":3,\"queued\":1,\"dead\":0,"
    "\"state\":\"ok\"}},"
    "\"state\":{\"dir\":\"/var/lib/s\",\"state_bytes\":1572864,"
    "\"ledger_lines\":9,\"stuck\":false}}";

static const char said[] =
    "stsentryd  1.2, ready, generation 3, up for 3 min, 21 MiB\n"
    "records    7 received = 2 token requests + 3 uses + 1 other\n"
    "           + 0 duplicates + 1 rejected + 0 in flight\n"
    "\n"
    "INPUT                   RECEIVED   REQUESTS  CONNS  LAG P50      P99"
    "   SILENT\n"
    "door                           7          2      1   250 ms     25 s"
    "        -\n"
    "  rejected: 1 truncated\n"
    "a name that is much l          0          0      0        -        -"
    "        -\n"
    "\n"
    "OUTPUT                      MADE  DELIVERED   QUEUED   DEAD  STATE\n"
    "siem                           4          3        1      0  ok\n"
    "\n"
    "state      /var/lib/s\n"
    "           1.5 MiB, 9 lines in the ledger\n";

static void
say(const char *json, bool color, struct buf *out)
{
	struct when now;
	struct json_reader r;

	json_reader_init(&r);
	CHECK(when_parse(SLICE_LIT("2026-03-01T08:03:05Z"), &now));
	buf_reset(out);
	status_say(json_parse(&r, slice_str(json), NULL), now, color, out);
	buf_addc(out, 0);
	json_reader_release(&r);
}

static void
all_of_it_is_told_in_columns(void)
{
	struct buf out = BUF_INIT;

	say(well, false, &out);
	CHECK_TEXT(slice_str(out.p), said);
	buf_release(&out);
}

static void
what_is_wrong_is_told_first_and_in_red(void)
{
	struct buf out = BUF_INIT;

	say("{\"ready\":false,\"reasons\":[\"the disk is full\"],\"outputs\":"
	    "{\"o\":{\"state\":\"stuck\"}},\"state\":{\"stuck\":true}}",
	    true, &out);
	CHECK(strstr(out.p, "\033[1;31mNOT READY\033[0m") != NULL);
	CHECK(strstr(out.p, "\033[1;31mnot well   \033[0mthe disk is full\n") !=
	    NULL);
	CHECK(strstr(out.p, "\033[1;31mstuck\033[0m") != NULL);
	CHECK(strstr(out.p, "\033[1;31mCANNOT BE WRITTEN\033[0m") != NULL);
	say("{}", false, &out);
	CHECK(strstr(out.p, "nothing survives a restart") != NULL);
	CHECK(strchr(out.p, '\033') == NULL);
	buf_release(&out);
}

UNIT_MAIN("status_say",
    { "all of it is told in columns", all_of_it_is_told_in_columns },
    { "what is wrong is told first, and in red",
	what_is_wrong_is_told_first_and_in_red })
