/*
 * navigator.c - what was found as a layer for ATT&CK Navigator (layer format
 * 4.5).
 *
 * stsentry implements one analytic, of one technique: its score is how many
 * findings there were, its comment by which reasons.
 */
#include "report/format.h"
#include "lib/jsonw.h"
#include "outputs/format/view.h"

#include <inttypes.h>
#include <stdio.h>

#define LAYER_VERSION "4.5"
#define NAVIGATOR_VERSION "5.1.0"
#define ATTACK_MAJOR_LEN 2 /* of ATTACK_VERSION: "18" */

static void
write_versions(struct jsonw *w)
{
	jsonw_key(w, "versions");
	jsonw_object(w);
	jsonw_member(w, "attack", slice_of(ATTACK_VERSION, ATTACK_MAJOR_LEN));
	jsonw_member_str(w, "navigator", NAVIGATOR_VERSION);
	jsonw_member_str(w, "layer", LAYER_VERSION);
	jsonw_end(w);
}

static void
write_comment(const struct gather *g, struct jsonw *w)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%zu findings (%s, %s) in %" PRIu64 " requests.",
	    g->findings.n, ATTACK_STRATEGY, ATTACK_ANALYTIC, g->all.n);
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (g->reasons_told[i])
			buf_addf(&text, " %s: %" PRIu64 ".",
			    reason_table[i].code, g->reasons_told[i]);
	jsonw_member(w, "comment", buf_slice(&text));
	w->out->failed |= text.failed;
	buf_release(&text);
}

static void
write_technique(const char *id, const struct gather *g, struct jsonw *w)
{
	jsonw_object(w);
	jsonw_member_str(w, "techniqueID", id);
	jsonw_member_int(w, "score", (int64_t)g->findings.n);
	write_comment(g, w);
	jsonw_key(w, "enabled");
	jsonw_bool(w, true);
	jsonw_key(w, "showSubtechniques");
	jsonw_bool(w, true);
	jsonw_end(w);
}

static void
write_navigator(const struct report *r, struct report_out *out)
{
	struct jsonw w;

	jsonw_init(&w, &out->text);
	jsonw_object(&w);
	jsonw_member_str(&w, "name", r->title);
	write_versions(&w);
	jsonw_member_str(&w, "domain", "enterprise-attack");
	jsonw_member_str(&w, "description",
	    "Requests for temporary cloud credentials, judged by stsentry.");
	jsonw_key(&w, "techniques");
	jsonw_array(&w);
	write_technique(ATTACK_TECHNIQUE, r->gathered, &w);
	write_technique(ATTACK_SUBTECHNIQUE, r->gathered, &w);
	jsonw_end(&w);
	jsonw_key(&w, "gradient");
	jsonw_raw(&w,
	    SLICE_LIT("{\"colors\":[\"#ffffff\",\"#d7301f\"],"
		      "\"minValue\":0,\"maxValue\":100}"));
	jsonw_end(&w);
	buf_addc(&out->text, '\n');
}

const struct report_format report_navigator = {
	.name = "navigator",
	.mime = "application/json",
	.help = "a layer for ATT&CK Navigator",
	.write = write_navigator,
};
