/*
 * chart_lineage.c - the picture of one finding: who became whom.
 *
 * Pure functions.
 */
#include "report/chart.h"
#include "report/markup.h"
#include "detect/finding.h"

#define WIDTH 640
#define STEP 46
#define TOP 14
#define BOTTOM 28 /* below the last name */
#define MARK_X 14
#define TEXT_X 32
#define NAME_MAX_BYTES 96
#define HOPS_DRAWN 12

struct chain {
	double y;
	bool begun;
	struct buf *out;
	struct arena *arena;
};

static void
draw_step(
    struct chain *c, struct slice name, struct slice about, const char *class)
{
	if (c->begun)
		svg_line(
		    c->out, MARK_X, c->y - STEP + 6, MARK_X, c->y - 6, "link");
	svg_circle(c->out, MARK_X, c->y, 6, class, SLICE_NULL);
	svg_text(c->out, TEXT_X, c->y + 4, "name", name, NAME_MAX_BYTES);
	svg_text(c->out, TEXT_X, c->y + 20, "dim", about, NAME_MAX_BYTES);
	c->y += STEP;
	c->begun = true;
}

/* "2026-03-01T08:00:00Z, Lagos, NG, credential ASIA...": what is known. */
static struct slice
about_hop(const struct hop *h, struct arena *a)
{
	char when[WHEN_TEXT];
	struct slice time = h->time.valid ? when_format(h->time, when)
					  : SLICE_LIT("");

	return arena_printf(a, "%.*s%s%.*s%s%s%s%.*s", SLICE_ARG(time),
	    h->city.p ? "  " : "", SLICE_ARG(h->city),
	    h->country[0] ? "  " : "", h->country,
	    h->credential.p ? "  credential " : "", SLICE_ARG(h->credential));
}

static struct slice
about_request(const struct finding *f, struct arena *a)
{
	const struct request *r = &f->request;
	char when[WHEN_TEXT];
	struct slice time = f->time.valid ? when_format(f->time, when)
					  : SLICE_LIT("");

	return arena_printf(a, "%.*s  %.*s  %.*s%s%s", SLICE_ARG(time),
	    SLICE_ARG(r->action), SLICE_ARG(r->source.ip),
	    r->source.place.country[0] ? "  " : "", r->source.place.country);
}

static unsigned
steps_of(const struct finding *f)
{
	unsigned n = f->n_lineage < HOPS_DRAWN ? f->n_lineage : HOPS_DRAWN;

	return n + 1 + (f->request.target.p != NULL);
}

void
chart_lineage(
    const struct finding *f, const char *id, struct arena *a, struct buf *out)
{
	struct chain c = { TOP, false, out, a };
	const struct request *r = &f->request;

	svg_begin(out, id, WIDTH, TOP + (steps_of(f) - 1) * STEP + BOTTOM,
	    "Lineage",
	    "From the root identity down to the credential that was asked for.");
	for (unsigned i = 0; i < f->n_lineage && i < HOPS_DRAWN; i++)
		draw_step(&c, f->lineage[i].who, about_hop(&f->lineage[i], a),
		    "node");
	draw_step(&c, r->principal.p ? r->principal : SLICE_LIT("(not told)"),
	    about_request(f, a), "node v-bad");
	if (r->target.p)
		draw_step(&c, r->target, SLICE_LIT("asked for"), "node");
	svg_end(out);
}
