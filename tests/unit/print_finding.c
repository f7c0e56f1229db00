/*
 * print_finding.c - writes the sample findings, for eyes and for schemas.
 *
 *     print_finding FORMAT [color] [WIDTH]
 */
#include "outputs/format/format.h"
#include "tests/unit/sample.h"

#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	static void (*const samples[])(
	    struct sample *) = { sample_aws, sample_gcp, sample_bare };
	const struct format *f = format_find(
	    slice_str(argc > 1 ? argv[1] : ""));
	struct format_options o = { .raw = true, .host = "sensor.example" };
	struct buf out = BUF_INIT;
	struct sample s;

	if (!f) {
		fprintf(
		    stderr, "usage: print_finding FORMAT [color] [WIDTH]\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "color") == 0)
			o.color = true;
		else
			o.width = (unsigned)strtoul(argv[i], NULL, 10);
	}
	if (f->head)
		f->head(&o, &out);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		samples[i](&s);
		f->finding(&s.f, &o, &out);
	}
	fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
	return 0;
}
