/*
 * summary.c - what a scan saw, in a page for a person.
 *
 * See summary.h.  Main thread.
 */
#include "config.h"

#include "cli/summary.h"

#include "lib/hash.h"
#include "lib/jsonw.h"

#include <stdlib.h>

#define SLOTS (TALLY_MAX * 2)

struct count {
	char *name;
	size_t len;
	uint64_t n[VERDICT_COUNT], sum;
};

/* How often each name was seen. */
struct tally {
	struct count *slots;
	size_t used;
	uint64_t others;
};

struct summary {
	struct tally actions, principals, sources, reasons;
	uint64_t findings[SEV_COUNT];
};

static bool
tally_init(struct tally *t)
{
	t->slots = calloc(SLOTS, sizeof(*t->slots));
	return t->slots != NULL;
}

static void
tally_release(struct tally *t)
{
	for (size_t i = 0; t->slots && i < SLOTS; i++)
		free(t->slots[i].name);
	free(t->slots);
}

static void
tally_add(struct tally *t, struct slice name, enum verdict_word word)
{
	size_t i = hash_slice(name) & (SLOTS - 1);
	struct count *c;

	while (t->slots[i].name &&
	    !slice_eq(slice_of(t->slots[i].name, t->slots[i].len), name))
		i = (i + 1) & (SLOTS - 1);
	c = &t->slots[i];
	if (!c->name) {
		if (t->used < TALLY_MAX)
			c->name = malloc(name.n + 1);
		if (!c->name) {
			t->others++;
			return;
		}
		memcpy(c->name, name.p, name.n);
		c->len = name.n;
		t->used++;
	}
	c->n[word]++;
	c->sum++;
}

struct summary *
summary_new(void)
{
	struct summary *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (tally_init(&s->actions) && tally_init(&s->principals) &&
	    tally_init(&s->sources) && tally_init(&s->reasons))
		return s;
	summary_free(s);
	return NULL;
}

void
summary_free(struct summary *s)
{
	if (!s)
		return;
	tally_release(&s->actions);
	tally_release(&s->principals);
	tally_release(&s->sources);
	tally_release(&s->reasons);
	free(s);
}

static struct slice
source_text(const struct request *r)
{
	if (r->source.ip.p)
		return r->source.ip;
	return r->source.name.p ? r->source.name : SLICE_LIT("unknown");
}

void
summary_decision(
    struct summary *s, const struct request *r, const struct verdict *v)
{
	tally_add(&s->actions, r->action, v->word);
	tally_add(&s->principals,
	    r->principal.p ? r->principal : SLICE_LIT("(nobody named)"),
	    v->word);
	tally_add(&s->sources, source_text(r), v->word);
	for (unsigned i = 0; i < v->n_reasons; i++)
		tally_add(&s->reasons,
		    slice_str(reason_table[v->reasons[i].code].code), v->word);
}

void
summary_finding(struct summary *s, const struct finding *f)
{
	if (f->revision == 1)
		s->findings[f->severity]++;
}

/* Most seen first, then by name: the same every time. */
static int
by_count(const void *pa, const void *pb)
{
	const struct count *a = pa, *b = pb;

	if (a->sum != b->sum)
		return a->sum < b->sum ? 1 : -1;
	return slice_cmp(slice_of(a->name, a->len), slice_of(b->name, b->len));
}

static size_t
sorted(const struct tally *t, struct count **result)
{
	struct count *all = calloc(t->used + 1, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; all && i < SLOTS; i++)
		if (t->slots[i].name)
			all[n++] = t->slots[i];
	if (n)
		qsort(all, n, sizeof(*all), by_count);
	*result = all;
	return n;
}

static void
print_name(FILE *f, const struct count *c)
{
	struct buf b = BUF_INIT;

	jsonw_escape(&b, slice_of(c->name, c->len));
	fprintf(f, "%.*s\n", (int)b.n, b.p ? b.p : "");
	buf_release(&b);
}

static void
print_top(FILE *f, const char *title, const struct tally *t)
{
	struct count *all;
	size_t n = sorted(t, &all);

	if (n)
		fprintf(f, "  %s\n", title);
	for (size_t i = 0; i < n && i < SUMMARY_TOP; i++) {
		fprintf(f, "  %12llu  ", (unsigned long long)all[i].sum);
		print_name(f, &all[i]);
	}
	if (n > SUMMARY_TOP || t->others)
		fprintf(f, "                and %llu more\n",
		    (unsigned long long)(n > SUMMARY_TOP ? n - SUMMARY_TOP
							 : 0) +
			(unsigned long long)t->others);
	free(all);
}

static void
print_actions(FILE *f, const struct tally *t)
{
	struct count *all;
	size_t n = sorted(t, &all);

	if (n)
		fprintf(f, "  %12s %12s %12s %12s  action\n", "unexpected",
		    "suppressed", "learning", "expected");
	for (size_t i = 0; i < n; i++) {
		const uint64_t *c = all[i].n;

		fprintf(f, "  %12llu %12llu %12llu %12llu  ",
		    (unsigned long long)c[VERDICT_UNEXPECTED],
		    (unsigned long long)c[VERDICT_SUPPRESSED],
		    (unsigned long long)c[VERDICT_LEARNING],
		    (unsigned long long)c[VERDICT_EXPECTED]);
		print_name(f, &all[i]);
	}
	free(all);
}

static void
print_rejected(FILE *f, const struct sift_counts *c)
{
	uint64_t sum = sift_rejected(c);

	if (!sum)
		return;
	fprintf(f, "  rejected: %llu\n", (unsigned long long)sum);
	for (unsigned i = 0; i < REJECT_COUNT; i++)
		if (c->rejected[i])
			fprintf(f, "  %12llu  %s\n",
			    (unsigned long long)c->rejected[i],
			    reject_help((enum reject)i));
}

static void
print_findings(FILE *f, const uint64_t by_severity[SEV_COUNT])
{
	const char *between = "";

	fprintf(f, "  findings: ");
	for (int i = SEV_COUNT - 1; i >= 0; i--) {
		if (!by_severity[i])
			continue;
		fprintf(f, "%s%llu %s", between,
		    (unsigned long long)by_severity[i],
		    severity_name((enum severity)i));
		between = ", ";
	}
	fprintf(f, "%s\n", *between ? "" : "none");
}

/* What was learned, and what there was no room for. */
static void
print_usual(FILE *f, const struct baseline_counts *c)
{
	if (!c->learned)
		return;
	fprintf(f, "  habits of %llu principals, %.*f MB",
	    (unsigned long long)c->principals, c->bytes < 1000000 ? 3 : 1,
	    (double)c->bytes / 1e6);
	if (c->evicted_principals || c->evicted_facts)
		fprintf(f,
		    "; for lack of room %llu principals and %llu habits of "
		    "others were forgotten",
		    (unsigned long long)c->evicted_principals,
		    (unsigned long long)c->evicted_facts);
	fputc('\n', f);
	if (c->held_back)
		fprintf(f, "  the budget held back %llu requests\n",
		    (unsigned long long)c->held_back);
}

void
summary_print(const struct summary *s, const struct summary_totals *t, FILE *f)
{
	const struct sift_counts *c = t->counts;
	double seconds = t->seconds > 0.001 ? t->seconds : 0.001;

	fprintf(f,
	    "%llu records in %llu files, %.1f MB, %.2f s (%.0f records/s)\n",
	    (unsigned long long)c->received, (unsigned long long)t->files,
	    (double)t->bytes / 1e6, t->seconds, (double)c->received / seconds);
	fprintf(f,
	    "  %llu token requests, %llu uses of temporary credentials, "
	    "%llu other,\n  %llu duplicates, %llu unreadable inputs\n",
	    (unsigned long long)(c->token_requests - t->duplicates),
	    (unsigned long long)c->uses, (unsigned long long)c->other,
	    (unsigned long long)t->duplicates,
	    (unsigned long long)t->unreadable);
	print_rejected(f, c);
	print_findings(f, s->findings);
	print_usual(f, &t->usual);
	print_actions(f, &s->actions);
	print_top(f, "principals", &s->principals);
	print_top(f, "sources", &s->sources);
	print_top(f, "reasons", &s->reasons);
}
