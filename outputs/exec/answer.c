/*
 * answer.c - a line that a program of an `exec` output says.
 *
 * See answer.h.
 */
#include "outputs/exec/answer.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

static char *
skip_blanks(char *s)
{
	return s + strspn(s, BLANKS);
}

static void
trim_end(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && strchr(BLANKS, s[n - 1]))
		s[--n] = '\0';
}

/* "30 no such luck": 30 s and the rest; "30x" is no number. */
static char *
take_seconds(char *s, int64_t *wait_ms)
{
	size_t n = strspn(s, "0123456789");
	unsigned long seconds;

	if (n == 0 || (s[n] && !strchr(BLANKS, s[n])))
		return s;
	seconds = strtoul(s, NULL, 10);
	if (seconds > EXEC_WAIT_MAX_S)
		seconds = EXEC_WAIT_MAX_S;
	*wait_ms = (int64_t)seconds * 1000;
	return skip_blanks(s + n);
}

static bool
is_word(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(s, word, n) == 0;
}

bool
exec_answer_read(char *line, struct stsentry_answer *result)
{
	char *word = skip_blanks(line), *rest;
	size_t n = strcspn(word, BLANKS);
	struct stsentry_answer a = { .verdict = STSENTRY_DONE };

	rest = skip_blanks(word + n);
	trim_end(rest);
	if (is_word(word, n, "again")) {
		a.verdict = STSENTRY_AGAIN;
		rest = take_seconds(rest, &a.wait_ms);
	} else if (is_word(word, n, "lost")) {
		a.verdict = STSENTRY_LOST;
	} else if (!is_word(word, n, "done")) {
		return false;
	}
	a.why = *rest ? rest : "the program does not say why";
	*result = a;
	return true;
}
