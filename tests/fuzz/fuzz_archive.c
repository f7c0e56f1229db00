/*
 * fuzz_archive.c - any bytes as a pack.
 *
 * Nothing that is not signed may verify; what breaks is said and counted.
 */
#include "config.h"

#include "report/archive.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void
on_broken(void *arg, const char *what)
{
	(void)what;
	++*(uint64_t *)arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct archive_result result = { 0 };
	struct err e = { .text = "" };
	uint64_t told = 0;
	char path[32];
	int fd = memfd_create("pack", MFD_CLOEXEC);

	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size &&
	    archive_verify(path, NULL, on_broken, &told, &result, &e) == 0 &&
	    told > result.broken)
		abort();
	close(fd);
	return 0;
}
