/*
 * test_http_ids.c - deliveries that come again are judged by what became of
 * them; only acks that were given out are true.
 */
#include "collector/http_ids.h"

#include "lib/buf.h"
#include "unit.h"

static void
a_delivery_is_judged_by_what_became_of_it(void)
{
	struct http_ids *ids = http_ids_new(1000, 10);
	struct http_id a = http_id_make(1, SLICE_LIT("r-1"));
	struct http_id b = http_id_make(2, SLICE_LIT("r-1"));

	REQUIRE(ids != NULL);
	CHECK_INT(http_ids_begin(ids, &a), HTTP_ID_NEW);
	CHECK_INT(http_ids_begin(ids, &a), HTTP_ID_IN_HAND);
	CHECK_INT(http_ids_begin(ids, &b), HTTP_ID_NEW);
	http_ids_end(ids, &a, false);
	CHECK_INT(http_ids_begin(ids, &a), HTTP_ID_NEW);
	http_ids_end(ids, &a, true);
	CHECK_INT(http_ids_begin(ids, &a), HTTP_ID_KEPT);
	CHECK_INT(http_ids_begin(ids, &b), HTTP_ID_IN_HAND);
	http_ids_free(ids);
}

static void
the_oldest_deliveries_are_forgotten(void)
{
	struct http_ids *ids = http_ids_new(1000, 10);
	int kept = 0;

	REQUIRE(ids != NULL);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			struct buf name = BUF_INIT;
			struct http_id id;
			enum http_id_word word;

			buf_addf(&name, "r-%d", i);
			id = http_id_make(0, buf_slice(&name));
			word = http_ids_begin(ids, &id);
			kept += word == HTTP_ID_KEPT;
			if (word == HTTP_ID_NEW)
				http_ids_end(ids, &id, true);
			buf_release(&name);
		}
	CHECK_INT(kept, 0);
	http_ids_free(ids);
}

static void
only_acks_that_were_given_out_are_true(void)
{
	struct http_ids *ids = http_ids_new(10, 1000);
	struct http_id one = http_id_make(0, SLICE_LIT("one"));
	struct http_id two = http_id_make(0, SLICE_LIT("two"));

	REQUIRE(ids != NULL);
	CHECK(!http_ids_is_acked(ids, &one, 0));
	CHECK_INT(http_ids_ack(ids, &one), 0);
	CHECK_INT(http_ids_ack(ids, &one), 1);
	CHECK_INT(http_ids_ack(ids, &two), 0);
	CHECK(http_ids_is_acked(ids, &one, 0));
	CHECK(http_ids_is_acked(ids, &one, 1));
	CHECK(!http_ids_is_acked(ids, &one, 2));
	CHECK(!http_ids_is_acked(ids, &one, -1));
	CHECK(!http_ids_is_acked(ids, &two, 1));
	http_ids_free(ids);
}

UNIT_MAIN("http_ids",
    { "a delivery is judged by what became of it",
	a_delivery_is_judged_by_what_became_of_it },
    { "the oldest deliveries are forgotten",
	the_oldest_deliveries_are_forgotten },
    { "only acks that were given out are true",
	only_acks_that_were_given_out_are_true })
