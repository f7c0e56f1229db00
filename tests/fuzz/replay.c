/*
 * replay.c - runs a fuzz target over files and directories of files.
 *
 * Stands in for libFuzzer's main in an ordinary build, so that every kept
 * input is tried in `make check`.  Each input is put into an exact-size heap
 * copy, so that a sanitizer sees a read behind its end.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned long inputs;

static int
run_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	int err = -1;

	if (f && data && fread(data, 1, size, f) == size)
		err = LLVMFuzzerTestOneInput(data, size);
	if (err != 0)
		fprintf(stderr, "%s: cannot be run\n", path);
	if (f)
		fclose(f);
	free(data);
	inputs++;
	return err;
}

static int
run_path(const char *path)
{
	char child[4096];
	struct dirent *d;
	struct stat st;
	DIR *dir;
	int err = 0;

	if (stat(path, &st) < 0) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return run_file(path, (size_t)st.st_size);
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return -1;
	}
	while (err == 0 && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, d->d_name);
		err = run_path(child);
	}
	closedir(dir);
	return err;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (run_path(argv[i]) != 0)
			return 1;
	printf("%s: %lu inputs\n", argv[0], inputs);
	return inputs ? 0 : 1;
}
