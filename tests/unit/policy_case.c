/*
 * policy_case.c - a policy and requests in one line each.
 */
#include "tests/unit/policy_case.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

bool
bench_open(struct bench *b, const char *yaml)
{
	char text[512];
	struct err e;

	memset(b, 0, sizeof(*b));
	arena_init(&b->a, 1024);
	if (policy_load_text(slice_str(yaml), "policy.yaml", &b->p, &e) < 0) {
		printf("\n    %s", err_format(&e, text, sizeof(text)));
		return false;
	}
	b->s = policy_scratch_new(b->p);
	return b->s != NULL;
}

void
bench_close(struct bench *b)
{
	policy_scratch_free(b->s);
	policy_free(b->p);
	arena_release(&b->a);
}

static void
set_field(struct test_fields *f, const char *key, char *value)
{
	const struct {
		const char *key, **field;
	} texts[] = {
		{ "principal", &f->principal },
		{ "type", &f->principal_type },
		{ "account", &f->account },
		{ "action", &f->action },
		{ "kind", &f->kind },
		{ "target", &f->target },
		{ "target_account", &f->target_account },
		{ "session", &f->session },
		{ "caller_session", &f->caller_session },
		{ "region", &f->cloud_region },
		{ "outcome", &f->outcome },
		{ "ip", &f->ip },
		{ "source", &f->source_kind },
		{ "country", &f->country },
		{ "time", &f->time },
		{ "external_id", &f->external_id },
		{ "source_identity", &f->source_identity },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(key, texts[i].key) == 0) {
			*texts[i].field = value;
			return;
		}
	if (strcmp(key, "asn") == 0)
		f->asn = atoi(value);
	else if (strcmp(key, "duration") == 0)
		f->duration = atoi(value) * 1000L;
	else if (strcmp(key, "mfa") == 0)
		f->mfa = strcmp(value, "yes") == 0 ? 2 : 1;
	else
		printf("\n    no field %s", key);
}

/* "principal=... action=..." */
bool
make(struct bench *b, const char *line)
{
	struct test_fields f = { 0 };
	const char *wrong = "";
	char *text, *word, *save = NULL;

	arena_reset(&b->a);
	text = arena_dup(&b->a, line, strlen(line));
	for (word = strtok_r(text, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=');

		if (!value)
			return false;
		*value++ = '\0';
		set_field(&f, word, value);
	}
	if (policy_fields_request(&f, &b->a, &b->r, &wrong) == 0)
		return true;
	printf("\n    field %s of: %s", wrong, line);
	return false;
}

/* "allowed RULE", "learn", "breach CODE,CODE RULE", "suppressed CODE". */
const char *
say(const struct policy_answer *a, char *out, size_t size)
{
	static const char *const words[] = { "allowed", "breach", "learn",
		"suppressed" };
	size_t n = (size_t)snprintf(out, size, "%s", words[a->word]);

	for (unsigned i = 0; i < a->n_reasons; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i ? "," : " ",
		    reason_table[a->reasons[i].code].code);
	if (!slice_is_null(a->rule))
		snprintf(out + n, size - n, " %.*s", SLICE_ARG(a->rule));
	return out;
}

void
run(const char *yaml, const struct line *lines, size_t n)
{
	struct bench b;
	char said[1024];

	REQUIRE(bench_open(&b, yaml));
	for (size_t i = 0; i < n; i++) {
		REQUIRE(make(&b, lines[i].request));
		policy_judge(b.p, b.s, &b.r, &b.answer);
		say(&b.answer, said, sizeof(said));
		if (strcmp(said, lines[i].answer) != 0) {
			printf("\n    %s\n      got:  %s\n      want: %s",
			    lines[i].request, said, lines[i].answer);
			CHECK(false);
		}
	}
	bench_close(&b);
}
