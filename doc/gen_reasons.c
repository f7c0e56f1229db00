/*
 * gen_reasons.c - prints doc/reasons.md from the table in detect/reasons.c.
 *
 * A program of the build, never installed.  tests/scenario/reasons_page compares what
 * it prints with the page that is kept.
 */
#include "detect/reasons.h"

#include <stdio.h>

static const char *const group_titles[] = {
	[GROUP_POLICY] = "Policy: what is not allowed",
	[GROUP_BASELINE] = "Baseline: what is not usual",
	[GROUP_LINEAGE] = "Lineage: what does not hang together",
	[GROUP_TELEMETRY] = "Telemetry: what is wrong with the records",
};

static const char head[] =
    "# Reasons\n"
    "\n"
    "<!-- Generated from detect/reasons.c: run `make reasons-page`. -->\n"
    "\n"
    "Every verdict that is not `expected` says why, by codes of this closed\n"
    "list.  A code is never renamed and never changes its meaning.\n"
    "\n"
    "**Score.** The weights w of a request's reasons add up to\n"
    "100 (1 - (1 - w1/100) (1 - w2/100) ...): more reasons give more, never\n"
    "more than 100.  Beside a baseline a breach of the policy has its whole\n"
    "weight only where nothing looks usual, 10 % of it where all does, and of\n"
    "that 20 % where its principal was told on another day of the last 30; a\n"
    "decoy always has all.\n"
    "\n"
    "**Severity.** The highest among the reasons; two or more different\n"
    "reasons of `medium` make `high`; two or more different reasons of `high`\n"
    "make `critical` where a policy breach is among them.  A request that was\n"
    "denied or failed counts one step lower, but not below `low`; so does a\n"
    "breach of the policy that happens day after day, which then folds by\n"
    "principal.  What somebody was let ask for a short while ago, by a change\n"
    "of IAM whose maker is not used to such changes, counts one step higher,\n"
    "not above `high`, where it is asked for the first time.  A decoy is\n"
    "always `critical`.\n";

/* The placeholders of a title stand for words here. */
static void
print_words(const char *s)
{
	for (; *s; s++) {
		if (s[0] != '%')
			putchar(*s);
		else if (*++s == 'o')
			fputs("(what was observed)", stdout);
		else
			fputs("the principal", stdout);
	}
}

static void
print_group(enum reason_group g)
{
	printf("\n## %s\n\n", group_titles[g]);
	printf("| code | severity | weight | meaning | what to do |\n");
	printf("|---|---|---:|---|---|\n");
	for (int i = 0; i < REASON_COUNT; i++) {
		const struct reason_row *r = &reason_table[i];

		if (r->group != g)
			continue;
		printf("| `%s` | %s | %g | %s | ", r->code,
		    severity_name(r->severity), r->weight, r->help);
		print_words(r->next);
		printf(" |\n");
	}
}

int
main(void)
{
	fputs(head, stdout);
	for (int g = GROUP_POLICY; g <= GROUP_TELEMETRY; g++)
		print_group((enum reason_group)g);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
