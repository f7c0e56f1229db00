/*
 * test_http_ids.c - deliveries that come again are judged by what became of
 * them, over a restart too; only acks that were given out are true.
 */
#include "collector/http_ids.h"

#include "unit.h"

#define NAME(s) http_id_make(SLICE_LIT("door"), SLICE_LIT(s))

static void
keep(struct http_ids *ids, uint64_t number)
{
	const struct mark_owner *owner = http_ids_owner(ids);

	owner->kept(owner->arg, number);
}

static void
a_delivery_is_judged_by_what_became_of_it(void)
{
	struct http_ids *ids = http_ids_new(1000, 10);
	struct http_id a = NAME("r-1");
	struct http_id b = http_id_make(SLICE_LIT("other"), SLICE_LIT("r-1"));
	uint64_t of_a = 0, of_b = 0, none = 0;

	REQUIRE(ids != NULL);
	CHECK_INT(http_ids_begin(ids, &a, &of_a), HTTP_ID_NEW);
	CHECK_INT(http_ids_begin(ids, &a, &none), HTTP_ID_IN_HAND);
	CHECK_INT(http_ids_begin(ids, &b, &of_b), HTTP_ID_NEW);
	http_ids_failed(ids, of_a);
	CHECK_INT(http_ids_begin(ids, &a, &of_a), HTTP_ID_NEW);
	keep(ids, of_a);
	CHECK_INT(http_ids_begin(ids, &a, &none), HTTP_ID_KEPT);
	CHECK_INT(http_ids_begin(ids, &b, &none), HTTP_ID_IN_HAND);
	CHECK_INT(none, 0);
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
			uint64_t number;

			buf_addf(&name, "r-%d", i);
			id = http_id_make(SLICE_NULL, buf_slice(&name));
			if (http_ids_begin(ids, &id, &number) == HTTP_ID_NEW)
				keep(ids, number);
			else
				kept++;
			buf_release(&name);
		}
	CHECK_INT(kept, 0);
	http_ids_free(ids);
}

/* What is kept of deliveries r-FROM to r-TO, each row in its place. */
static void
make_rows(struct http_ids *ids, int from, int to, struct buf *keys,
    struct buf *values)
{
	for (int i = from; i < to; i++) {
		struct buf name = BUF_INIT;
		struct http_id id;
		uint64_t number;

		buf_addf(&name, "r-%d", i);
		id = http_id_make(SLICE_LIT("door"), buf_slice(&name));
		CHECK_INT(http_ids_begin(ids, &id, &number), HTTP_ID_NEW);
		buf_reset(&keys[number % 10]);
		buf_reset(&values[number % 10]);
		http_ids_row(ids, number, SLICE_LIT("door"), buf_slice(&name),
		    &keys[number % 10], &values[number % 10]);
		buf_release(&name);
	}
}

static void
what_is_kept_is_known_after_a_restart(void)
{
	struct http_ids *first = http_ids_new(20, 10);
	struct http_ids *second = http_ids_new(20, 10);
	struct http_id old = NAME("r-2"), young = NAME("r-24");
	struct buf keys[10] = { 0 }, values[10] = { 0 };
	uint64_t number = 0;

	REQUIRE(first && second);
	make_rows(first, 0, 25, keys, values);
	for (int i = 0; i < 10; i++) {
		CHECK(keys[i].n < MARK_KEY_MAX);
		CHECK_INT(http_ids_load(second, buf_slice(&keys[i]),
			      buf_slice(&values[i])),
		    0);
	}
	CHECK_INT(http_ids_begin(second, &young, &number), HTTP_ID_KEPT);
	CHECK_INT(http_ids_begin(second, &old, &number), HTTP_ID_NEW);
	CHECK_INT(number, 26);
	CHECK_INT(http_ids_load(second, SLICE_LIT("file/x"), SLICE_LIT("")),
	    ST_ENOENT);
	CHECK_INT(
	    http_ids_load(second, buf_slice(&keys[0]), SLICE_LIT("\x01\x02")),
	    ST_EFORMAT);
	for (int i = 0; i < 10; i++) {
		buf_release(&keys[i]);
		buf_release(&values[i]);
	}
	http_ids_free(first);
	http_ids_free(second);
}

static void
only_acks_that_were_given_out_are_true(void)
{
	struct http_ids *ids = http_ids_new(10, 1000);
	struct http_id one = NAME("one"), two = NAME("two");

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
    { "what is kept is known after a restart",
	what_is_kept_is_known_after_a_restart },
    { "only acks that were given out are true",
	only_acks_that_were_given_out_are_true })
