/*
 * document.c - the frame of every page: its head, style and what it may do.
 *
 * The style sheet is report/data/style.css, compiled in.
 */
#include "report/document.h"

#include "lib/base64.h"
#include "lib/hash.h"
#include "report/markup.h"

#include "report/style_texts.h"

/* A source for a policy: this text, whatever stands around it. */
static void
add_hash(struct buf *out, const char *text)
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	if (!h) {
		out->failed = true;
		return;
	}
	sha256_add(h, text, strlen(text));
	sha256_sum(h, sum);
	sha256_free(h);
	buf_adds(out, " 'sha256-");
	base64_add(out, sum, sizeof(sum));
	buf_adds(out, "'");
}

static void
add_policy(struct buf *out, const char *script)
{
	buf_adds(out,
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; base-uri 'none'; "
	    "form-action 'none'; style-src");
	add_hash(out, style);
	if (script) {
		buf_adds(out, "; connect-src 'self'; script-src");
		add_hash(out, script);
	}
	buf_adds(out, "\">\n");
}

void
document_begin(
    struct buf *out, const char *title, const char *script, unsigned reload)
{
	buf_adds(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n");
	add_policy(out, script);
	buf_adds(out,
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<meta name=\"referrer\" "
	    "content=\"no-referrer\">\n<title>");
	markup_str(out, title);
	buf_adds(out, "</title>\n<style>");
	buf_adds(out, style);
	buf_adds(out, "</style>\n");
	if (script) {
		buf_addf(out,
		    "<noscript><meta http-equiv=\"refresh\" "
		    "content=\"%u\"></noscript>\n",
		    reload);
		buf_adds(out, "<script type=\"module\">");
		buf_adds(out, script);
		buf_adds(out, "</script>\n");
	}
	buf_adds(out, "</head>\n<body>\n");
}

void
document_end(struct buf *out)
{
	buf_adds(out, "</body>\n</html>\n");
}
