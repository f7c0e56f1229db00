/*
 * http_reply.c - the exact answer that each sender waits for.
 *
 * See http_reply.h.
 */
#include "config.h"

#include "collector/http_reply.h"

#include "lib/jsonw.h"

#include <time.h>

/* ---- bodies ---- */

static void
add_text(struct jsonw *w, const struct http_answer *a, const char *name)
{
	const char *text = http_why(a->why)->text;

	if (text)
		jsonw_member_str(w, name, text);
}

static void
firehose(struct jsonw *w, const struct http_answer *a)
{
	jsonw_member(
	    w, "requestId", slice_is_null(a->id) ? SLICE_LIT("") : a->id);
	jsonw_member_int(w, "timestamp", a->now);
	add_text(w, a, "errorMessage");
}

static void
hec(struct jsonw *w, const struct http_answer *a)
{
	const struct http_why_row *row = http_why(a->why);
	bool health = a->ask == HTTP_ASK_HEALTH;
	const char *text = row->hec_text;
	int code = row->hec_code;

	if (health && a->why == HTTP_WHY_DONE) {
		text = "HEC is healthy";
		code = 17;
	} else if (health && a->why == HTTP_WHY_FULL) {
		text = "HEC is unhealthy, queues are full";
		code = 18;
	}
	jsonw_member_str(w, "text", text);
	jsonw_member_int(w, "code", code);
	if (a->why == HTTP_WHY_DONE && a->ack >= 0)
		jsonw_member_int(w, "ackId", a->ack);
}

static void
add_rejected(struct jsonw *w, const struct sift_counts *c)
{
	jsonw_key(w, "rejected");
	jsonw_object(w);
	for (unsigned i = 0; i < REJECT_COUNT; i++)
		if (c->rejected[i] > 0)
			jsonw_member_int(w, reject_name((enum reject)i),
			    (int64_t)c->rejected[i]);
	jsonw_end(w);
}

static void
plain(struct jsonw *w, const struct http_answer *a)
{
	const struct sift_counts *c = a->counts;

	add_text(w, a, "error");
	if (a->repeated) {
		jsonw_key(w, "repeated");
		jsonw_bool(w, true);
	}
	if (!c)
		return;
	jsonw_member_int(w, "received", (int64_t)c->received);
	jsonw_member_int(w, "token_requests", (int64_t)c->token_requests);
	jsonw_member_int(w, "uses", (int64_t)c->uses);
	jsonw_member_int(w, "other", (int64_t)c->other);
	add_rejected(w, c);
}

static void
make_body(const struct http_answer *a, struct buf *body)
{
	struct jsonw w;

	if (a->ask == HTTP_ASK_ACKS && a->why == HTTP_WHY_DONE) {
		buf_add_slice(body, a->acks);
		return;
	}
	jsonw_init(&w, body);
	jsonw_object(&w);
	if (a->form == HTTP_FORM_FIREHOSE)
		firehose(&w, a);
	else if (a->form == HTTP_FORM_HEC)
		hec(&w, a);
	else
		plain(&w, a);
	jsonw_end(&w);
	buf_addc(body, '\n');
}

/* ---- the head ---- */

static int
status_of(const struct http_answer *a)
{
	const struct http_why_row *row = http_why(a->why);

	if (a->form == HTTP_FORM_PUBSUB && a->why == HTTP_WHY_DONE)
		return 204;
	return a->form == HTTP_FORM_HEC ? row->hec_status : row->status;
}

/* Not strftime(): the names of days and months must be English. */
static void
add_date(struct buf *out, int64_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(now / 1000);
	struct tm t;

	if (!gmtime_r(&seconds, &t))
		return;
	buf_addf(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
	    &days[t.tm_wday * 3], t.tm_mday, &months[t.tm_mon * 3],
	    t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void
add_special(const struct http_answer *a, int status, struct buf *out)
{
	if (status == 401)
		buf_adds(out, "WWW-Authenticate: Bearer\r\n");
	if (status == 405)
		buf_adds(out,
		    a->ask == HTTP_ASK_HEALTH ? "Allow: GET, HEAD\r\n"
					      : "Allow: POST, PUT\r\n");
	if (a->why == HTTP_WHY_CODING)
		buf_adds(out, "Accept-Encoding: gzip, deflate, zstd\r\n");
	if (status == 503)
		buf_addf(out, "Retry-After: %d\r\n", HTTP_RETRY_AFTER_S);
}

void
http_reply(const struct http_answer *a, struct buf *out)
{
	struct buf body = BUF_INIT;
	int status = status_of(a);

	buf_addf(out, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
	add_date(out, a->now);
	add_special(a, status, out);
	if (a->closes)
		buf_adds(out, "Connection: close\r\n");
	if (status != 204) {
		make_body(a, &body);
		buf_adds(out, "Content-Type: application/json\r\n");
		buf_addf(out, "Content-Length: %zu\r\n", body.n);
	}
	buf_adds(out, "\r\n");
	if (!a->bare && body.n > 0)
		buf_add(out, body.p, body.n);
	if (body.failed)
		out->failed = true;
	buf_release(&body);
}

void
http_reply_continue(struct buf *out)
{
	buf_adds(out, "HTTP/1.1 100 Continue\r\n\r\n");
}
