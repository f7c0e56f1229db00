/*
 * fuzz_exec_answer.c - any line that a program may say.
 */
#include "outputs/exec/answer.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct stsentry_answer a;

	if (!line)
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	if (exec_answer_read(line, &a) &&
	    (!a.why[0] || a.wait_ms < 0 ||
		a.wait_ms > (int64_t)EXEC_WAIT_MAX_S * 1000))
		abort();
	free(line);
	return 0;
}
