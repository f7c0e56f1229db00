/*
 * fuzz_places.c - any text as a path with holes, as what fills them, and as the
 * journal beside such files.
 *
 * The three are parted by NUL.  Whatever was written, a name stays below its
 * base: no part of it is empty, "." or "..".
 */
#include "tests/fuzz/fuzz.h"

#include "outputs/file/journal.h"
#include "outputs/file/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder goes when the process ends. */
static int folder = -1;
static char folder_name[] = "/tmp/stsentry-fuzz-XXXXXX";

static void
remove_folder(void)
{
	unlinkat(folder, "journal", 0);
	rmdir(folder_name);
}

static int
open_folder(void)
{
	if (folder < 0 && mkdtemp(folder_name)) {
		folder = open(folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		atexit(remove_folder);
	}
	return folder;
}

static void
check_name(const char *name)
{
	for (const char *p = name; p; p = strchr(p, '/')) {
		size_t n;

		p += *p == '/';
		n = strcspn(p, "/");
		if (n == 0 || (n <= 2 && strncmp(p, "..", n) == 0))
			abort();
	}
}

static void
fill(const char *path, const char *value)
{
	const struct stsentry_record r = { .account = value,
		.provider = value,
		.severity = (uint32_t)strlen(value) % 8,
		.time_ms = (int64_t)strlen(value) * 100000000000 };
	struct stsentry_why why;
	struct place p;
	char name[PLACE_NAME_MAX];

	if (place_read(path, &p, &why) == 0 &&
	    place_of(&p, &r, name, sizeof(name)))
		check_name(name);
}

static void
on_length(void *arg, const char *path, uint64_t number, int64_t length)
{
	size_t *n = arg;

	(void)number;
	if (length < 0)
		abort();
	*n += strlen(path);
}

static void
read_journal(const char *text, size_t size)
{
	struct stsentry_why why;
	struct journal *j;
	size_t n = 0;
	int fd = openat(open_folder(), "journal",
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, size) != (ssize_t)size)
		abort();
	close(fd);
	j = journal_open(folder, "journal", &why);
	if (!j)
		abort();
	journal_each(j, UINT64_MAX, on_length, &n);
	if (n > size)
		abort();
	journal_close(j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 3), *value, *rest;

	if (!text)
		return 0;
	memcpy(text, data, size);
	memset(text + size, 0, 3);
	value = text + strlen(text) + 1;
	rest = value + strlen(value) + 1;
	fill(text, value);
	if (rest < text + size)
		read_journal(rest, (size_t)(text + size - rest));
	free(text);
	return 0;
}
