/*
 * clouds.c - does an address belong to a cloud's own networks?
 *
 * See clouds.h.  Constant data and a pure function, any thread.
 */
#include "detect/clouds.h"

#include <strings.h>

/* Amazon, Google, Microsoft, Oracle, IBM, Alibaba: where workloads that hold
 * credentials of a cloud run, those of another cloud too. */
static const uint32_t inside[] = { 7224, 8987, 14618, 16509, 801, 38895, 39111,
	15169, 19527, 396982, 8068, 8069, 8075, 31898, 36351, 45102 };

static const char *const holders[] = { "Amazon", "AMAZON", "Google", "GOOGLE" };

/* OVH, Hetzner, DigitalOcean, Linode, Vultr, Contabo, M247, Datacamp, Leaseweb,
 * Scaleway, Ionos, Aruba, G-Core, QuadraNet, ColoCrossing, FranTech, Psychz,
 * Hostinger, Tencent, and the clouds whose machines anybody rents. */
static const uint32_t hosters[] = { 16276, 24940, 213230, 14061, 63949, 20473,
	51167, 9009, 60068, 212238, 60781, 28753, 30633, 12876, 8560, 31034,
	202422, 8100, 36352, 53667, 40676, 47583, 132203, 45102, 31898 };

static const char *const hosting_words[] = { "hosting", "hoster", "vps",
	"datacenter", "data center", "dedicated server", "colocation" };

enum clouds_answer
clouds_has(const struct place *p)
{
	if (p->flags & PLACE_CLOUD)
		return CLOUDS_INSIDE;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (p->asn == inside[i])
			return CLOUDS_INSIDE;
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
		if (slice_starts(p->org, holders[i]))
			return CLOUDS_INSIDE;
	return p->asn || p->org.n || (p->flags & PLACE_NO_CLOUD)
	    ? CLOUDS_OUTSIDE
	    : CLOUDS_UNKNOWN;
}

/* `word` is in lower case. */
static bool
mentions(struct slice text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.n; i++)
		if (strncasecmp(text.p + i, word, n) == 0)
			return true;
	return false;
}

bool
clouds_is_hoster(const struct place *p)
{
	if (p->flags & PLACE_CLOUD)
		return true;
	for (size_t i = 0; i < sizeof(hosters) / sizeof(hosters[0]); i++)
		if (p->asn == hosters[i])
			return true;
	for (size_t i = 0; i < sizeof(hosting_words) / sizeof(hosting_words[0]);
	     i++)
		if (mentions(p->org, hosting_words[i]))
			return true;
	return false;
}
