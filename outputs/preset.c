/*
 * preset.c - what a service wants to get: a YAML file, compiled.
 *
 * Knows the file's keys.  Holes are format/template's, what an answer means
 * is answer.c's, and nothing here speaks to anybody.  Any thread.
 */
#include "outputs/preset.h"

#include "conf/yaml.h"
#include "outputs/preset_texts.h"

#include <stdio.h>
#include <stdlib.h>

/* What a file says, before it is compiled. */
struct preset_file {
	const char *about, *url, *body;
	int method, lookup_method, sign;
	const struct ynode *headers, *settings, *answer_is, *held_is;
	struct opt_strings needs, done, again, items_done;
	int64_t batch, rate;
	const char *begin, *between, *end;
	size_t body_max;
	const char *lookup_url, *lookup_body, *lookup_found;
	const char *text_is, *done_text, *wait_at, *items, *refused_at;
};

/* A decision in the shape of a finding, for templates that speak of one. */
static const char decision_shape[] =
    "{\"id\":{{event_id|json}},\"revision\":1,\"count\":1,"
    "\"time\":{{time|json}},\"first_seen\":{{time|json}},"
    "\"last_seen\":{{time|json}},\"severity\":\"informational\","
    "\"score\":{{score|number}},\"title\":\"{{principal|short|default:somebody}}"
    " asked for {{action|default:a credential}}"
    "{{#if target}} of {{target|short}}{{/if}}"
    "{{#if source.ip}} from {{source.ip}}{{/if}}"
    "{{#if source.country}} ({{source.country}}){{/if}}"
    ", {{outcome|default:unknown}}: {{verdict|default:decided}}\","
    "\"reasons\":{{reasons|json}},\"request\":{{@root|json}},"
    "\"decision\":{{@root|json}},\"lineage\":[],\"next_steps\":[]}";

static const char *const methods[] = { "POST", "PUT", "GET", NULL };
static const char *const signs[] = { "none", "standard-webhooks", NULL };

#define ROW(member, kind, ...) \
	OPT(struct preset_file, member, kind, __VA_ARGS__)

static const struct opt rows[] = {
	ROW(about, OPT_STRING, .name = "about", .flags = OPT_REQUIRED,
	    .help = "what it makes, for a list of presets"),
	ROW(url, OPT_STRING, .name = "url", .flags = OPT_REQUIRED,
	    .help = "where to; {{$url}} is the output's own"),
	ROW(method, OPT_WORD, .name = "method", .words = methods, .def = "POST",
	    .help = "of the request"),
	ROW(headers, OPT_NODE, .name = "headers",
	    .help = "names and values; holes in the values"),
	ROW(body, OPT_STRING, .name = "body", .flags = OPT_REQUIRED,
	    .help = "JSON with holes, of one finding"),
	ROW(settings, OPT_NODE, .name = "settings",
	    .help = "names and defaults of further variables"),
	ROW(needs, OPT_STRINGS, .name = "needs",
	    .help = "variables that the output must give: token"),
	ROW(sign, OPT_WORD, .name = "sign", .words = signs, .def = "none",
	    .help = "how a request is signed with the token"),
	ROW(batch, OPT_INT, .name = "batch", .def = "1", .min = 1,
	    .max = PRESET_BATCH_MAX, .help = "findings in one request"),
	ROW(begin, OPT_STRING, .name = "begin", .def = "",
	    .help = "before the first of a batch"),
	ROW(between, OPT_STRING, .name = "between", .def = "",
	    .help = "between two"),
	ROW(end, OPT_STRING, .name = "end", .def = "",
	    .help = "behind the last"),
	ROW(body_max, OPT_SIZE, .name = "body_max", .def = "4M", .min = 1024,
	    .max = TEMPLATE_OUT_MAX, .help = "longest body the service takes"),
	ROW(rate, OPT_INT, .name = "rate", .def = "0", .min = 0, .max = 1e6,
	    .help = "requests a second that it takes; 0: any"),
	ROW(lookup_method, OPT_WORD, .name = "lookup_method", .words = methods,
	    .def = "POST",
	    .help = "of the question whether it is there already"),
	ROW(lookup_url, OPT_STRING, .name = "lookup_url",
	    .help = "where to ask that; none: it is not asked"),
	ROW(lookup_body, OPT_STRING, .name = "lookup_body",
	    .help = "the question"),
	ROW(lookup_found, OPT_STRING, .name = "lookup_found",
	    .help = "what stands in the answer if it is"),
	ROW(done, OPT_STRINGS, .name = "done",
	    .help = "statuses that mean it is taken; 200-299 if not said"),
	ROW(again, OPT_STRINGS, .name = "again",
	    .help = "statuses to try again, beside 408, 425, 429 and 500-599"),
	ROW(text_is, OPT_STRING, .name = "text_is",
	    .help = "what the answer must be, as a text"),
	ROW(done_text, OPT_STRING, .name = "done_text",
	    .help = "a refusal with this in it means it is there already"),
	ROW(answer_is, OPT_NODE, .name = "answer_is",
	    .help = "members of the answer that must have these values"),
	ROW(held_is, OPT_NODE, .name = "held_is",
	    .help = "members of a refusal, each with the values (none: any) "
		    "that mean that something must be put right"),
	ROW(refused_at, OPT_STRING, .name = "refused_at",
	    .help = "member of the answer with the number of findings that "
		    "were refused"),
	ROW(wait_at, OPT_STRING, .name = "wait_at",
	    .help = "member of the answer with the seconds to wait"),
	ROW(items, OPT_STRING, .name = "items",
	    .help = "list in the answer with a result for each of a batch"),
	ROW(items_done, OPT_STRINGS, .name = "items_done",
	    .help = "their statuses that mean it is taken"),
	OPT_END
};

void
preset_options(struct buf *out)
{
	schema_table(rows, "", out);
}

const char *const *
preset_names(void)
{
	return preset_text_names;
}

/* ---- compiling ---- */

static int
template_of(const struct ynode *n, enum template_context c, struct slice text,
    struct template **result, struct err *e)
{
	struct err why = { .text = "" };
	int err = template_compile(text, c, result, &why);

	if (err == 0)
		return 0;
	ynode_err(n, e, "line %u, column %u of the text: %s", why.line, why.col,
	    why.text);
	return err;
}

static int
compile_request(const struct ynode *root, const char *url_key, const char *url,
    const char *body, int method, struct preset_request *r, struct err *e)
{
	static const struct slice own = SLICE_LIT("{{$url}}");
	struct slice text = slice_str(url);
	const struct ynode *n = ynode_get(root, url_key);
	int err;

	r->method = method;
	r->url_text = url;
	r->own_url = slice_starts(text, own.p);
	if (r->own_url)
		text = slice_of(text.p + own.n, text.n - own.n);
	err = template_of(n, TEMPLATE_URL, text, &r->url, e);
	if (err == 0 && body)
		err = template_of(
		    n, TEMPLATE_JSON, slice_str(body), &r->body, e);
	return err;
}

static int
compile_headers(const struct ynode *n, struct preset *p, struct err *e)
{
	int err = 0;

	if (n && n->kind != YNODE_MAP)
		return ynode_err(n, e, "headers: expects names and values");
	for (size_t i = 0; n && i < n->n && err == 0; i++) {
		if (i == PRESET_HEADERS_MAX)
			return ynode_err(
			    n, e, "more than %d headers", PRESET_HEADERS_MAX);
		if (n->items[i]->kind != YNODE_SCALAR)
			return ynode_err(
			    n->items[i], e, "headers: expects a text");
		p->header_names[i] = n->keys[i]->text.p;
		err = template_of(n->items[i], TEMPLATE_HEADER,
		    n->items[i]->text, &p->headers[i], e);
		p->n_headers = (unsigned)i + 1;
	}
	return err;
}

/* "200" or "200-299". */
static bool
take_range(const char *s, struct preset_range *r)
{
	char *end;

	r->first = (int)strtol(s, &end, 10);
	r->last = r->first;
	if (*end == '-')
		r->last = (int)strtol(end + 1, &end, 10);
	return *end == '\0' && r->first >= 100 && r->last <= 599 &&
	    r->first <= r->last;
}

static int
take_ranges(const struct opt_strings *list, const char *def,
    struct preset_ranges *result, struct err *e)
{
	char words[64], *word, *rest = words;

	for (size_t i = 0; i < list->n; i++) {
		if (result->n == PRESET_RANGES_MAX ||
		    !take_range(list->v[i], &result->v[result->n]))
			return ynode_err(list->nodes[i], e,
			    "expects statuses, as 202 or 500-599");
		result->n++;
	}
	snprintf(words, sizeof(words), "%s", def);
	while (list->n == 0 && (word = strtok_r(rest, " ", &rest)))
		if (take_range(word, &result->v[result->n]))
			result->n++;
	return 0;
}

bool
preset_in(const struct preset_ranges *r, int status)
{
	for (unsigned i = 0; i < r->n; i++)
		if (status >= r->v[i].first && status <= r->v[i].last)
			return true;
	return false;
}

bool
preset_reads(const struct preset *p)
{
	return p->items || p->answer_is || p->held_is || p->refused_at ||
	    p->wait_at;
}

static int
check_map(const struct ynode *n, const char *name, struct err *e)
{
	if (n && n->kind != YNODE_MAP)
		return ynode_err(n, e, "%s: expects names and values", name);
	for (size_t i = 0; n && i < n->n; i++)
		if (n->items[i]->kind != YNODE_SCALAR)
			return ynode_err(
			    n->items[i], e, "%s: expects a text", name);
	return 0;
}

/* {member: [value, ..], ..} */
static int
check_lists(const struct ynode *n, const char *name, struct err *e)
{
	int err = 0;

	if (n && n->kind != YNODE_MAP)
		return ynode_err(n, e, "%s: expects names and lists", name);
	for (size_t i = 0; n && i < n->n && err == 0; i++) {
		const struct ynode *list = n->items[i];

		if (list->kind != YNODE_SEQ)
			return ynode_err(list, e, "%s: expects a list", name);
		for (size_t k = 0; k < list->n; k++)
			if (list->items[k]->kind != YNODE_SCALAR)
				err = ynode_err(list->items[k], e,
				    "%s: expects a text", name);
	}
	return err;
}

static int
compile(const struct preset_file *f, struct preset *p, struct err *e)
{
	const struct ynode *root = yaml_root(p->doc);
	int err;

	err = compile_request(
	    root, "url", f->url, f->body, f->method, &p->send, e);
	if (err == 0 && f->lookup_url)
		err = compile_request(root, "lookup_url", f->lookup_url,
		    f->lookup_body, f->lookup_method, &p->lookup, e);
	if (err == 0)
		err = template_of(root, TEMPLATE_JSON,
		    slice_str(decision_shape), &p->decision, e);
	if (err == 0)
		err = compile_headers(f->headers, p, e);
	if (err == 0)
		err = take_ranges(&f->done, "200-299", &p->done, e);
	if (err == 0)
		err = take_ranges(&f->again, "", &p->again, e);
	if (err == 0)
		err = take_ranges(&f->items_done, "200-299", &p->items_done, e);
	if (err == 0)
		err = check_map(f->settings, "settings", e);
	if (err == 0)
		err = check_map(f->answer_is, "answer_is", e);
	if (err == 0)
		err = check_lists(f->held_is, "held_is", e);
	return err;
}

static void
take_plain(const struct preset_file *f, struct preset *p)
{
	p->about = f->about;
	p->found = f->lookup_found;
	p->needs = f->needs;
	p->settings = f->settings;
	p->batch = f->batch;
	p->begin = f->begin;
	p->between = f->between;
	p->end = f->end;
	p->body_max = f->body_max;
	p->rate = (double)f->rate;
	p->sign = f->sign;
	p->text_is = f->text_is;
	p->done_text = f->done_text;
	p->answer_is = f->answer_is;
	p->held_is = f->held_is;
	p->refused_at = f->refused_at;
	p->wait_at = f->wait_at;
	p->items = f->items;
}

static int
finish_load(struct preset *p, struct preset **result, struct err *e)
{
	struct preset_file f = { .about = NULL };
	int err = schema_fill(yaml_root(p->doc), rows, &p->arena, &f, e);

	if (err == 0) {
		take_plain(&f, p);
		err = compile(&f, p, e);
	}
	if (err < 0) {
		preset_free(p);
		return err;
	}
	*result = p;
	return 0;
}

static struct preset *
new_preset(void)
{
	struct preset *p = calloc(1, sizeof(*p));

	if (p)
		arena_init(&p->arena, 1024);
	return p;
}

int
preset_load_text(
    struct slice text, const char *name, struct preset **result, struct err *e)
{
	struct preset *p = new_preset();
	int err;

	if (!p)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = yaml_load_text(text, name, &p->doc, e);
	if (err < 0) {
		preset_free(p);
		return err;
	}
	return finish_load(p, result, e);
}

static int
load_file(const char *path, struct preset **result, struct err *e)
{
	struct preset *p = new_preset();
	int err;

	if (!p)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = yaml_load(path, &p->doc, e);
	if (err < 0) {
		preset_free(p);
		return err;
	}
	return finish_load(p, result, e);
}

static int
no_preset(const char *name, struct err *e)
{
	const char *near;
	size_t n = 0;

	while (preset_text_names[n])
		n++;
	near = schema_nearest(slice_str(name), preset_text_names, n);
	return err_set(e, ST_ENOENT, "there is no preset \"%.60s\"%s%s%s", name,
	    near ? ", did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

int
preset_load(const char *name, struct preset **result, struct err *e)
{
	if (strchr(name, '/') || slice_ends(slice_str(name), ".yaml"))
		return load_file(name, result, e);
	for (size_t i = 0; preset_text_names[i]; i++)
		if (strcmp(name, preset_text_names[i]) == 0)
			return preset_load_text(
			    slice_str(preset_texts[i]), name, result, e);
	return no_preset(name, e);
}

void
preset_free(struct preset *p)
{
	if (!p)
		return;
	template_free(p->send.url);
	template_free(p->send.body);
	template_free(p->lookup.url);
	template_free(p->lookup.body);
	template_free(p->decision);
	for (unsigned i = 0; i < p->n_headers; i++)
		template_free(p->headers[i]);
	yaml_free(p->doc);
	arena_release(&p->arena);
	free(p);
}

/* ---- use ---- */

const struct template_var *
preset_vars(
    const struct preset *p, const struct template_var *more, struct arena *a)
{
	size_t n = 0, settings = p->settings ? p->settings->n : 0;
	struct template_var *all;

	while (more && more[n].name)
		n++;
	all = arena_calloc(a, (n + settings + 1) * sizeof(*all));
	if (!all)
		return NULL;
	for (size_t i = 0; i < n; i++)
		all[i] = more[i];
	for (size_t i = 0; i < settings; i++) {
		all[n + i].name = p->settings->keys[i]->text.p;
		all[n + i].value = p->settings->items[i]->text;
	}
	return all;
}

/* JSON, or lines of JSON: the only bodies that there are. */
static bool
is_json(struct json_reader *r, struct slice s)
{
	const char *lf;

	if (json_parse(r, s, NULL))
		return true;
	while (s.n) {
		lf = memchr(s.p, '\n', s.n);
		if (!json_parse(
			r, slice_of(s.p, lf ? (size_t)(lf - s.p) : s.n), NULL))
			return false;
		s = lf ? slice_of(lf + 1, s.n - (size_t)(lf + 1 - s.p))
		       : slice_of(s.p + s.n, 0);
	}
	return true;
}

/* A block of YAML ends with a newline, which no separator wants. */
static void
trim_end(struct buf *out, size_t from)
{
	while (out->n > from && out->p[out->n - 1] == '\n')
		out->n--;
}

const struct json *
preset_root(const struct preset *p, struct json_reader *r, struct slice text,
    struct arena *a)
{
	struct template_input in = { .root = json_parse(r, text, NULL),
		.arena = a };
	struct buf shaped = BUF_INIT;
	const char *kept = NULL;

	if (!json_get(in.root, "event_id") || json_get(in.root, "request"))
		return in.root;
	if (template_render(p->decision, &in, &shaped) == 0 && !shaped.failed)
		kept = arena_dup(a, shaped.p, shaped.n);
	in.root = kept ? json_parse(r, slice_of(kept, shaped.n), NULL) : NULL;
	buf_release(&shaped);
	return in.root;
}

static int
add_item(const struct preset *p, struct slice text,
    const struct template_var *vars, struct buf *out, struct err *e)
{
	struct json_reader r;
	struct template_input in = { .vars = vars };
	struct arena a;
	size_t from = out->n;
	int err;

	json_reader_init(&r);
	arena_init(&a, 4096);
	in.arena = &a;
	in.root = preset_root(p, &r, text, &a);
	if (!in.root)
		err = err_set(e, ST_EFORMAT, "the finding is no JSON");
	else
		err = template_render(p->send.body, &in, out);
	if (err == 0 && !*p->end)
		trim_end(out, from);
	if (err == 0 && !is_json(&r, slice_of(out->p + from, out->n - from)))
		err = err_set(e, ST_EFORMAT, "the body became no valid JSON");
	arena_release(&a);
	json_reader_release(&r);
	return err;
}

int
preset_body(const struct preset *p, const struct slice *texts, size_t n,
    const struct template_var *vars, struct buf *out, size_t *bad,
    struct err *e)
{
	const char *between = *p->between || n < 2 ? p->between : "\n";
	size_t start = out->n;
	int err = 0;

	buf_adds(out, p->begin);
	for (size_t i = 0; i < n && err == 0; i++) {
		if (i > 0)
			buf_adds(out, between);
		err = add_item(p, texts[i], vars, out, e);
		if (err < 0 && bad)
			*bad = i;
	}
	buf_adds(out, p->end);
	if (err == 0 && p->items)
		buf_addc(out, '\n'); /* a bulk ends with a line's end */
	if (out->failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (err == 0 && out->n - start > p->body_max)
		err = err_set(e, ST_ELIMIT,
		    "a body of %zu bytes, more than %zu", out->n - start,
		    p->body_max);
	if (err < 0)
		out->n = start;
	return err;
}

static struct slice
var_of(const struct template_var *vars, const char *name)
{
	for (; vars && vars->name; vars++)
		if (strcmp(vars->name, name) == 0)
			return vars->value;
	return SLICE_NULL;
}

int
preset_url(const struct preset_request *r, const struct json *root,
    const struct template_var *vars, struct buf *out, struct err *e)
{
	struct template_input in = { .root = root, .vars = vars };
	struct slice own = var_of(vars, "url");
	struct arena a;
	int err;

	if (r->own_url && own.n == 0)
		return err_set(e, ST_EINVAL, "the preset needs a url");
	if (r->own_url)
		buf_add_slice(out, own);
	arena_init(&a, 1024);
	in.arena = &a;
	err = template_render(r->url, &in, out);
	arena_release(&a);
	return err < 0 ? err_set(e, err, "the url became too long") : 0;
}
