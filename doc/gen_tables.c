/*
 * gen_tables.c - the manual's pages of options and reasons, out of their rows.
 */
#include "doc/gen_manuals.h"

#include "conf/config.h"
#include "detect/policy_i.h"
#include "detect/reasons.h"

/* Three lines a row: its name, what it takes, and what it is. */
static struct slice
next_line(struct slice *text)
{
	struct slice line = slice_before(*text, '\n');

	*text = slice_after(*text, '\n');
	return slice_trim(line);
}

/* Which inputs or outputs a key of stsentry.yaml is for. */
static void
put_types(FILE *f, struct slice name)
{
	struct buf types = BUF_INIT;

	config_key_types(name, &types);
	if (types.n)
		fprintf(f, "for %.*s: ", SLICE_ARG(buf_slice(&types)));
	buf_release(&types);
}

int
page_table(FILE *f, struct buf *table)
{
	struct slice rest = buf_slice(table);
	int err = 0;

	mdoc_list(f);
	while (rest.n) {
		struct slice name = next_line(&rest);
		struct slice takes = next_line(&rest);
		struct slice help = next_line(&rest);

		if (!name.n || !takes.n || !help.n) {
			fprintf(stderr, "%.*s has no words\n", SLICE_ARG(name));
			err = -1;
			break;
		}
		mdoc_item(f, name);
		mdoc_text(f, help);
		fputs(".br\n", f);
		put_types(f, name);
		mdoc_text(f, takes);
	}
	mdoc_list_end(f);
	buf_release(table);
	return err;
}

static int
put_rows(FILE *f, const struct opt *rows)
{
	struct buf table = BUF_INIT;

	schema_table(rows, "", &table);
	return page_table(f, &table);
}

int
page_config(FILE *f)
{
	int err;

	mdoc_begin(f, "stsentry.yaml", 5, "configuration of stsentry");
	mdoc_section(f, "DESCRIPTION");
	mdoc_text(f,
	    SLICE_LIT("One YAML document.  Sizes are 256k, 1M, 2G (of 1024); "
		      "durations 50ms, 15s, 10m, 1h, 30d; counts may be 10k, "
		      "10M (of 1000).  A path is absolute, or seen from the "
		      "file's folder.  ${NAME} is filled in from the "
		      "environment, and !file PATH from a file: use them for "
		      "secrets.  Unknown and doubled keys are errors.  A name "
		      "with [] is of each element of a list; \"for tls, http\" "
		      "names the types that it is for."));
	mdoc_section(f, "KEYS");
	err = put_rows(f, config_rows);
	mdoc_section(f, "EXAMPLES");
	mdoc_literal(f,
	    SLICE_LIT("version: 1\n"
		      "inputs:\n"
		      "  - {type: tcp, listen: \"127.0.0.1:6514\"}\n"
		      "policy: policy.yaml\n"
		      "state: {dir: /var/lib/stsentry}\n"
		      "outputs:\n"
		      "  - {type: stdout, format: text}\n"));
	mdoc_see_also(f, manual_pages, "stsentry.yaml 5");
	return err;
}

int
page_policy(FILE *f)
{
	int err;

	mdoc_begin(f, "policy.yaml", 5, "what stsentry takes for allowed");
	mdoc_section(f, "DESCRIPTION");
	mdoc_text(f,
	    SLICE_LIT("One YAML document.  The first rule in the file that is "
		      "for a request and all of whose conditions hold allows "
		      "it; where none does, the rule that fails the fewest "
		      "says which.  The approved lists are asked of every "
		      "request on top, decoys whatever rules say, and "
		      "exceptions and maintenance windows hold reasons back."));
	mdoc_par(f);
	mdoc_text(f,
	    SLICE_LIT("In a pattern * stands for any bytes but : and /, where "
		      "segments end; ** for any bytes; everything else for "
		      "itself.  A role is also tried without its path.  An "
		      "absent name fits only the pattern \"-\".  Moments are "
		      "of the request; a date in expires and until includes "
		      "that day, in UTC."));
	mdoc_section(f, "KEYS");
	err = put_rows(f, policy_rows);
	mdoc_section(f, "EXAMPLES");
	mdoc_literal(f,
	    SLICE_LIT("version: 1\n"
		      "approved: {countries: [DE, US]}\n"
		      "rules:\n"
		      "  - id: backup\n"
		      "    owner: it\n"
		      "    principals: "
		      "[\"arn:aws:iam::111122223333:user/backup\"]\n"
		      "    actions: [sts:GetSessionToken]\n"
		      "    max_duration: 1h\n"));
	mdoc_see_also(f, manual_pages, "policy.yaml 5");
	return err;
}

int
page_reasons(FILE *f)
{
	static const char *const groups[] = {
		[GROUP_POLICY] = "POLICY",
		[GROUP_BASELINE] = "BASELINE",
		[GROUP_LINEAGE] = "LINEAGE",
		[GROUP_TELEMETRY] = "TELEMETRY",
	};

	mdoc_begin(f, "stsentry-reasons", 7, "why a request is not normal");
	mdoc_section(f, "DESCRIPTION");
	mdoc_text(f,
	    SLICE_LIT("Every verdict that is not expected says why, by codes "
		      "of this closed list.  Each reason takes its weight of "
		      "what is left to 100; stsentry explain shows the sum."));
	for (int g = GROUP_POLICY; g <= GROUP_TELEMETRY; g++) {
		mdoc_section(f, groups[g]);
		mdoc_list(f);
		for (int i = 0; i < REASON_COUNT; i++) {
			const struct reason_row *r = &reason_table[i];

			if ((int)r->group != g)
				continue;
			mdoc_item(f, slice_str(r->code));
			mdoc_text(f, slice_str(r->help));
			fprintf(f, ".br\nWeight %g, severity %s.\n", r->weight,
			    severity_name(r->severity));
		}
		mdoc_list_end(f);
	}
	mdoc_see_also(f, manual_pages, "stsentry-reasons 7");
	return 0;
}
