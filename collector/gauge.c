/*
 * gauge.c - what the pipeline's thread has counted, for others to look at.
 *
 * See gauge.h.  Knows neither what is done with the numbers nor how they are
 * written.
 */
#include "collector/gauge.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct gauge {
	struct gauge_view now; /* the pipeline's thread alone */
	pthread_mutex_t lock;
	struct gauge_view shown;
	bool is_shown;
};

/* ---- counting ---- */

static struct gauge_input *
input_of(struct gauge *g, unsigned input)
{
	struct gauge_view *v = &g->now;
	struct gauge_input *more;

	if (input < v->n_inputs)
		return &v->inputs[input];
	more = realloc(v->inputs, (input + 1) * sizeof(*more));
	if (!more)
		return NULL;
	v->inputs = more;
	for (; v->n_inputs <= input; v->n_inputs++)
		more[v->n_inputs] = (struct gauge_input){ .heard = -1 };
	return &more[input];
}

void
gauge_batch(struct gauge *g, const struct batch *b, int64_t now)
{
	struct gauge_input *in = input_of(g, b->input);

	if (!in || b->counts.received == 0)
		return;
	sift_counts_add(&in->counts, &b->counts);
	in->heard = now;
}

void
gauge_lag(struct gauge *g, unsigned input, int64_t ms)
{
	struct gauge_input *in = input_of(g, input);

	if (in)
		lag_add(&in->lag, ms);
}

const struct sift_counts *
gauge_counts(const struct gauge *g, unsigned input)
{
	return input < g->now.n_inputs ? &g->now.inputs[input].counts : NULL;
}

void
gauge_count_on(struct gauge *g, unsigned input, const struct sift_counts *from)
{
	struct gauge_input *in = input_of(g, input);

	if (in)
		in->counts = *from;
}

void
gauge_state(struct gauge *g, const struct gauge_state *state)
{
	g->now.state = *state;
}

static size_t
find_silent(const struct gauge_view *v, struct slice source)
{
	size_t i = 0;

	if (source.n >= GAUGE_NAME_MAX)
		source.n = GAUGE_NAME_MAX - 1;
	while (i < v->n_silent && !slice_is(source, v->silent[i]))
		i++;
	return i;
}

void
gauge_silent(struct gauge *g, struct slice source)
{
	struct gauge_view *v = &g->now;
	size_t i = find_silent(v, source);

	if (i < v->n_silent || i == GAUGE_SILENT_MAX)
		return;
	if (source.n >= GAUGE_NAME_MAX)
		source.n = GAUGE_NAME_MAX - 1;
	memcpy(v->silent[i], source.p, source.n);
	v->silent[i][source.n] = '\0';
	v->n_silent++;
}

void
gauge_recheck(struct gauge *g,
    bool (*is_silent)(void *arg, struct slice source), void *arg)
{
	struct gauge_view *v = &g->now;
	size_t kept = 0;

	for (size_t i = 0; i < v->n_silent; i++) {
		if (!is_silent(arg, slice_str(v->silent[i])))
			continue;
		if (kept != i)
			memcpy(v->silent[kept], v->silent[i], GAUGE_NAME_MAX);
		kept++;
	}
	v->n_silent = kept;
}

void
gauge_add_removed(
    struct gauge *g, struct slice name, const struct outbox_counts *counts)
{
	struct gauge_view *v = &g->now;
	struct gauge_removed *r = &v->removed[v->n_removed];

	if (v->n_removed == GAUGE_REMOVED_MAX || name.n > CONFIG_NAME_MAX)
		return;
	memcpy(r->name, name.p, name.n);
	r->name[name.n] = '\0';
	r->counts = *counts;
	v->n_removed++;
}

void
gauge_drop_removed(struct gauge *g, struct slice name)
{
	struct gauge_view *v = &g->now;
	size_t kept = 0;

	for (size_t i = 0; i < v->n_removed; i++)
		if (!slice_is(name, v->removed[i].name))
			v->removed[kept++] = v->removed[i];
	v->n_removed = kept;
}

/* ---- showing ---- */

static bool
copy_array(void **to, size_t *n_to, const void *from, size_t n, size_t size)
{
	void *p;

	if (n > *n_to) {
		p = realloc(*to, n * size);
		if (!p)
			return false;
		*to = p;
	}
	if (n > 0)
		memcpy(*to, from, n * size);
	*n_to = n;
	return true;
}

static bool
copy_view(struct gauge_view *to, const struct gauge_view *from,
    const struct outlet_view *outputs, size_t n)
{
	/* Grown before anything is changed would be exact; a view whose second
	 * array could not grow has old outputs beside new inputs. */
	if (!copy_array((void **)&to->inputs, &to->n_inputs, from->inputs,
		from->n_inputs, sizeof(*from->inputs)) ||
	    !copy_array((void **)&to->outputs, &to->n_outputs, outputs, n,
		sizeof(*outputs)))
		return false;
	to->books = from->books;
	to->state = from->state;
	memcpy(to->silent, from->silent, sizeof(to->silent));
	to->n_silent = from->n_silent;
	memcpy(to->removed, from->removed, sizeof(to->removed));
	to->n_removed = from->n_removed;
	return true;
}

bool
gauge_publish(struct gauge *g, const struct books *books,
    const struct outlet_view *outputs, size_t n)
{
	bool good;

	g->now.books = *books;
	pthread_mutex_lock(&g->lock);
	good = copy_view(&g->shown, &g->now, outputs, n);
	g->is_shown = g->is_shown || good;
	pthread_mutex_unlock(&g->lock);
	return good;
}

bool
gauge_look(struct gauge *g, struct gauge_view *v)
{
	bool good;

	pthread_mutex_lock(&g->lock);
	good = g->is_shown &&
	    copy_view(v, &g->shown, g->shown.outputs, g->shown.n_outputs);
	pthread_mutex_unlock(&g->lock);
	return good;
}

void
gauge_view_release(struct gauge_view *v)
{
	free(v->inputs);
	free(v->outputs);
	*v = GAUGE_VIEW_INIT;
}

/* ---- life ---- */

struct gauge *
gauge_new(void)
{
	struct gauge *g = calloc(1, sizeof(*g));

	if (g && pthread_mutex_init(&g->lock, NULL) != 0) {
		free(g);
		g = NULL;
	}
	return g;
}

void
gauge_free(struct gauge *g)
{
	if (!g)
		return;
	gauge_view_release(&g->now);
	gauge_view_release(&g->shown);
	pthread_mutex_destroy(&g->lock);
	free(g);
}
