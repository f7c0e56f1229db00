/*
 * diary.c - what the daemon itself did, as notes of the ledger.
 *
 * See diary.h.
 */
#include "collector/diary.h"

#include "conf/config.h"
#include "detect/policy.h"
#include "lib/hash.h"
#include "lib/jsonw.h"

#include <unistd.h>

#define HASH_NAME "sha256:"

static void
begin(struct jsonw *w, const char *event, struct buf *out)
{
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_member_str(w, "event", event);
}

/* Without memory the hash is absent. */
static void
member_hash(struct jsonw *w, struct slice text)
{
	char name[sizeof(HASH_NAME) - 1 + SHA256_HEX] = HASH_NAME;
	unsigned char sum[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	if (h) {
		sha256_add(h, text.p, text.n);
		sha256_sum(h, sum);
		hash_hex(sum, sizeof(sum), name + sizeof(HASH_NAME) - 1);
	}
	sha256_free(h);
	jsonw_member_str(w, "hash", h ? name : NULL);
}

static void
about(struct jsonw *w, const struct diary_about *a)
{
	jsonw_member_int(w, "generation", a->generation);
	jsonw_key(w, "config");
	jsonw_object(w);
	jsonw_member_str(w, "file", a->config->path);
	member_hash(w, yaml_text(a->config->doc));
	jsonw_end(w);
	jsonw_key(w, "policy");
	jsonw_object(w);
	jsonw_member_str(w, "file", policy_path(a->policy));
	jsonw_member_str(w, "hash", policy_hash(a->policy));
	jsonw_end(w);
}

void
diary_start(const struct diary_about *a, struct buf *out)
{
	struct jsonw w;

	begin(&w, "start", out);
	jsonw_member_str(&w, "version", a->version);
	jsonw_member_int(&w, "pid", getpid());
	about(&w, a);
	jsonw_end(&w);
}

void
diary_reload(const struct diary_about *a, struct buf *out)
{
	struct jsonw w;

	begin(&w, "reload", out);
	about(&w, a);
	jsonw_end(&w);
}

void
diary_refused(const char *why, struct buf *out)
{
	struct jsonw w;

	begin(&w, "refusal", out);
	jsonw_member_str(&w, "why", why);
	jsonw_end(&w);
}

void
diary_stop(const struct books *b, struct buf *out)
{
	struct jsonw w;

	begin(&w, "stop", out);
	jsonw_member_int(&w, "received", (int64_t)b->received);
	jsonw_member_int(&w, "token_requests", (int64_t)b->token_requests);
	jsonw_member_int(&w, "rejected", (int64_t)b->rejected);
	jsonw_end(&w);
}

void
diary_silence(const struct notice *n, struct buf *out)
{
	struct jsonw w;

	begin(&w, "silence", out);
	jsonw_member(&w, "source", n->subject);
	jsonw_member(&w, "told", n->text);
	jsonw_end(&w);
}

void
diary_heard(struct slice source, struct buf *out)
{
	struct jsonw w;

	begin(&w, "heard", out);
	jsonw_member(&w, "source", source);
	jsonw_end(&w);
}

static const char *
fate_word(enum outbox_fate fate, bool dropped)
{
	if (fate == OUTBOX_DONE)
		return "delivered";
	return dropped ? "dropped" : "refused";
}

void
diary_delivery(const char *output, const struct outbox_told *told, size_t n,
    struct buf *out)
{
	struct jsonw w;

	begin(&w, "delivery", out);
	jsonw_member_str(&w, "output", output);
	jsonw_key(&w, "findings");
	jsonw_array(&w);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(&w);
		jsonw_member(&w, "id", told[i].id);
		jsonw_member_int(&w, "revision", told[i].revision);
		jsonw_member_str(
		    &w, "fate", fate_word(told[i].fate, told[i].dropped));
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_end(&w);
}
