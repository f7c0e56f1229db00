/*
 * test_clouds.c - does an address belong to a cloud's own networks?
 */
#include "detect/clouds.h"
#include "tests/unit/unit.h"

static void
clouds_are_known_by_list_number_or_holder(void)
{
	static const struct {
		uint32_t asn;
		const char *org;
		unsigned flags;
		enum clouds_answer want;
	} cases[] = {
		{ 16509, NULL, 0, CLOUDS_INSIDE },
		{ 396982, "GOOGLE-CLOUD-PLATFORM", 0, CLOUDS_INSIDE },
		{ 0, "Amazon.com, Inc.", 0, CLOUDS_INSIDE },
		{ 64500, "Amazon Data Services", 0, CLOUDS_INSIDE },
		{ 14061, "DigitalOcean, LLC", 0, CLOUDS_OUTSIDE },
		{ 3320, NULL, 0, CLOUDS_OUTSIDE },
		{ 0, "Deutsche Telekom AG", 0, CLOUDS_OUTSIDE },
		{ 0, NULL, 0, CLOUDS_UNKNOWN },
		/* Lists: what is in one is inside, whoever holds it. */
		{ 3320, "Deutsche Telekom AG", PLACE_CLOUD, CLOUDS_INSIDE },
		{ 0, NULL, PLACE_CLOUD, CLOUDS_INSIDE },
		{ 0, NULL, PLACE_NO_CLOUD, CLOUDS_OUTSIDE },
		{ 16509, NULL, PLACE_NO_CLOUD, CLOUDS_INSIDE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(clouds_has(&(struct place){ .asn = cases[i].asn,
			      .org = slice_str(cases[i].org),
			      .flags = cases[i].flags }),
		    cases[i].want);
}

static void
hosters_are_known_by_number_list_or_name(void)
{
	static const struct {
		uint32_t asn;
		const char *org;
		unsigned flags;
		bool want;
	} cases[] = {
		{ 14061, NULL, 0, true },
		{ 64500, "Example Hosting GmbH", 0, true },
		{ 64500, "EXAMPLE-VPS", 0, true },
		{ 0, NULL, PLACE_CLOUD, true },
		{ 3320, "Deutsche Telekom AG", 0, false },
		{ 64500, "Host", 0, false },
		{ 0, NULL, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(clouds_is_hoster(&(struct place){ .asn = cases[i].asn,
			      .org = slice_str(cases[i].org),
			      .flags = cases[i].flags }),
		    cases[i].want);
}

UNIT_MAIN("clouds",
    { "hosters are known by number, list or name",
	hosters_are_known_by_number_list_or_name },
    { "clouds are known by list, number or holder",
	clouds_are_known_by_list_number_or_holder })
