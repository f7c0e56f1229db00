/*
 * gen_examples.c - the EXAMPLES of each command's page.
 *
 * What --help has no room for.  A command without one, or one for a command
 * that is not there, stops the build.
 */
#include "doc/gen_manuals.h"

static const struct {
	const char *command, *text;
} examples[] = {
	{ "scan",
	    "# what is not usual there, or does not hang together\n"
	    "stsentry scan logs/\n"
	    "# with a policy and places, every decision kept, for a script\n"
	    "stsentry scan -p policy.yaml --geo City.mmdb --geo ASN.mmdb \\\n"
	    "    --decisions all.jsonl --format json --fail-on high logs/\n"
	    "# from a pipe\n"
	    "aws s3 cp s3://BUCKET/FILE.json.gz - | stsentry scan -\n" },
	{ "check",
	    "stsentry check -c stsentry.yaml -p policy.yaml\n"
	    "# which rules were considered for a record, and why\n"
	    "stsentry check -p policy.yaml --explain-policy record.json\n" },
	{ "backtest",
	    "stsentry backtest --policy new.yaml -p policy.yaml all.jsonl\n"
	    "# in a pipeline: what the daemon decided must stay as it is\n"
	    "stsentry backtest --policy new.yaml --against ledger "
	    "--fail-on-change\n" },
	{ "convert",
	    "stsentry convert -f ocsf findings.jsonl\n"
	    "# the body that a channel would get\n"
	    "head -n 1 findings.jsonl | stsentry convert --preset slack -\n" },
	{ "drill",
	    "stsentry drill                 # all outputs, and what they need\n"
	    "stsentry drill slack           # only the output of this name\n" },
	{ "deliver",
	    "stsentry deliver               # try now what waits\n"
	    "stsentry deliver --dead slack  # also what was set aside\n" },
	{ "ledger",
	    "stsentry ledger verify\n"
	    "stsentry ledger show --kind finding --since 2026-03-01\n"
	    "stsentry ledger export --kind decision >decisions.jsonl\n" },
	{ "pack",
	    "stsentry pack --new-key audit.key\n"
	    "stsentry pack --key audit.key -o march.tar --from 2026-03-01 \\\n"
	    "    --to 2026-04-01 -p policy.yaml /var/lib/stsentry\n"
	    "stsentry pack --verify march.tar --public-key audit.key.pub\n" },
	{ "report",
	    "stsentry report --from 2026-03-01 --to 2026-04-01 \\\n"
	    "    --framework nist-800-53@r5 -o march.html /var/lib/stsentry\n"
	    "stsentry report --format csv --section principals all.jsonl\n" },
	{ "coverage",
	    "stsentry coverage -p policy.yaml logs/\n"
	    "# each night: does anything not come any more?\n"
	    "stsentry coverage -q --fail-on-gap\n" },
	{ "init", "stsentry init -d /etc/stsentry --geo City.mmdb logs/\n" },
	{ "explain",
	    "# an event or a finding that a daemon decided\n"
	    "stsentry explain f-58973cf773975cb42b76e23940fcead7\n"
	    "# as it is judged now, from the logs themselves\n"
	    "stsentry explain -p policy.yaml --geo City.mmdb EVENT-ID logs/\n" },
	{ "suggest",
	    "stsentry suggest logs/ >policy.yaml\n"
	    "stsentry suggest --exception f-58973cf773975cb42b76e23940fcead7 "
	    "\\\n"
	    "    --until 2026-12-31 findings.jsonl all.jsonl\n" },
	{ "ack",
	    "stsentry ack f-58973cf773975cb42b76e23940fcead7\n"
	    "# it was all right, and is usual from now on\n"
	    "stsentry ack --teach f-58973cf773975cb42b76e23940fcead7\n" },
	{ "reload",
	    "stsentry check -c /etc/stsentry/stsentry.yaml && stsentry "
	    "reload\n" },
	{ "status",
	    "stsentry status\n"
	    "stsentry status --json | jq .books\n"
	    "stsentry status --watch --address 127.0.0.1:9478\n" },
	{ "tokens",
	    "# what is alive, and how to end it\n"
	    "stsentry tokens --state /var/lib/stsentry --alive "
	    "--revoke-hints\n"
	    "stsentry tokens --principal user/backup --json\n" },
};

#define N (sizeof(examples) / sizeof(examples[0]))

int
examples_write(FILE *f, struct slice command)
{
	for (size_t i = 0; i < N; i++) {
		if (!slice_is(command, examples[i].command))
			continue;
		mdoc_section(f, "EXAMPLES");
		mdoc_literal(f, slice_str(examples[i].text));
		return 0;
	}
	fprintf(stderr, "%.*s has no examples\n", SLICE_ARG(command));
	return -1;
}

int
examples_check(const struct manuals *m)
{
	for (size_t i = 0; i < N; i++) {
		size_t k = 0;

		while (k < m->n && !slice_is(m->v[k].name, examples[i].command))
			k++;
		if (k < m->n)
			continue;
		fprintf(
		    stderr, "there is no command %s\n", examples[i].command);
		return -1;
	}
	return 0;
}
