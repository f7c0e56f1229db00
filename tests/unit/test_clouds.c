/*
 * test_clouds.c - does an address belong to a cloud's own networks?
 */
#include "detect/clouds.h"
#include "tests/unit/unit.h"

static void
clouds_are_known_by_number_or_holder(void)
{
	static const struct {
		uint32_t asn;
		const char *org;
		enum clouds_answer want;
	} cases[] = {
		{ 16509, NULL, CLOUDS_INSIDE },
		{ 396982, "GOOGLE-CLOUD-PLATFORM", CLOUDS_INSIDE },
		{ 0, "Amazon.com, Inc.", CLOUDS_INSIDE },
		{ 64500, "Amazon Data Services", CLOUDS_INSIDE },
		{ 14061, "DigitalOcean, LLC", CLOUDS_OUTSIDE },
		{ 3320, NULL, CLOUDS_OUTSIDE },
		{ 0, "Deutsche Telekom AG", CLOUDS_OUTSIDE },
		{ 0, NULL, CLOUDS_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(clouds_has(cases[i].asn, slice_str(cases[i].org)),
		    cases[i].want);
}

UNIT_MAIN("clouds",
    { "clouds are known by number or holder",
	clouds_are_known_by_number_or_holder })
