/*
 * mutated_states.c - a damaged state directory always opens, and each row is
 * as it was written or is not there.
 *
 * Makes a state as kill -9 leaves it, with its log, and opens many copies of
 * it with bytes turned over, files cut, emptied, zeroed or removed.
 * STSENTRY_MUTATIONS says how many; the seed is the number of the copy.
 */
#include "lib/clock.h"
#include "tests/unit/store_case.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUTATIONS 200
#define ROWS 400
#define OPEN_MS 5000

static const char *const files[] = { "state.db", "state.db-wal",
	"ledger/2026-05-01.jsonl", "ledger/2026-05-02.jsonl", "lock",
	"state.db-shm" };
#define N_FILES (sizeof(files) / sizeof(files[0]))

static uint64_t
draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *seed >> 33;
}

/* "KEY:GENERATION:xxxx", so long that some lie in overflow pages. */
static void
value_of(unsigned key, unsigned generation, struct buf *b)
{
	buf_reset(b);
	buf_addf(b, "%u:%u:", key, generation);
	for (unsigned i = 0; i < (key % 50 == 0 ? 9000U : key % 90); i++)
		buf_addc(b, (char)('a' + (key + i) % 26));
}

static int
write_rows(struct store *s, unsigned generation)
{
	struct buf v = BUF_INIT;
	struct err e;
	char key[16];
	int err = 0;

	for (unsigned i = 0; err == 0 && i < ROWS; i++) {
		value_of(i, generation, &v);
		snprintf(key, sizeof(key), "%u", i);
		err = store_put(
		    s, i % STORE_TABLES, slice_str(key), buf_slice(&v));
		if (err == 0 && i % 4 == 0)
			err = store_line(s, LINE_DECISION, SLICE_LIT("{}"));
		if (err == 0 && i % 100 == 99)
			err = store_commit(s, &e);
	}
	buf_release(&v);
	return err;
}

/* In a process of its own that ends without closing. */
static void
make_template(const char *dir)
{
	struct case_disk d = { .now = 1777593600 };
	struct store_seam m = case_seam(&d);
	struct store *s;
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		s = case_open(dir, &m);
		for (unsigned g = 0; s && g < 3; g++) {
			if (write_rows(s, g) < 0)
				_exit(1);
			d.now += 86400 / 2;
			if (g == 1) { /* the last only in the log */
				store_close(s);
				s = case_open(dir, &m);
			}
		}
		_exit(s ? 0 : 1);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void
copy_template(const char *from, const char *to)
{
	char command[1200];

	snprintf(command, sizeof(command), "cp -r %s %s", from, to);
	CHECK_INT(system(command), 0);
}

static void
remove_copy(const char *dir)
{
	char command[600];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK_INT(system(command), 0);
}

static void
mutate(const char *dir, uint64_t *seed)
{
	const char *name = files[draw(seed) % N_FILES];
	long size = case_size(dir, name), at;
	char zeros[4096] = { 0 };

	if (size < 0)
		return;
	at = size ? (long)(draw(seed) % (uint64_t)size) : 0;
	switch (draw(seed) % 6) {
	case 0:
		case_truncate(dir, name, at);
		break;
	case 1:
		case_remove(dir, name);
		break;
	case 2:
		case_truncate(dir, name, 0);
		case_truncate(dir, name, size); /* all zeros */
		break;
	case 3:
		case_append(dir, name, slice_of(zeros, draw(seed) % 4096));
		break;
	default:
		for (uint64_t n = 1 + draw(seed) % 20; size > 0 && n > 0; n--)
			case_damage(
			    dir, name, (long)(draw(seed) % (uint64_t)size), 1);
	}
}

struct seen {
	uint64_t rows, wrong;
};

static int
check_row(void *arg, struct slice key, struct slice value)
{
	struct seen *n = arg;
	struct buf v = BUF_INIT;
	bool right = false;
	char text[16];

	if (slice_is(key, "x")) /* of the open before */
		return 0;
	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(key));
	for (unsigned g = 0; g < 3 && !right; g++) {
		value_of((unsigned)atoi(text), g, &v);
		right = slice_eq(value, buf_slice(&v));
	}
	n->rows++;
	n->wrong += !right;
	buf_release(&v);
	return 0;
}

/* False: something was not as it must be. */
static bool
opens(const char *dir, uint64_t *rows)
{
	struct case_disk d = { .now = 1777593600 + 86400 };
	struct store_seam m = case_seam(&d);
	int64_t start = clock_ms();
	struct store *s = case_open(dir, &m);
	struct seen n = { 0, 0 };
	bool good = s != NULL;
	struct err e;

	for (enum store_table t = 0; good && t < STORE_TABLES; t++)
		good = store_each(s, t, check_row, &n, &e) == 0;
	good = good && case_add(s, "x", "1") == 0 && n.wrong == 0;
	store_close(s);
	*rows += n.rows;
	return good && clock_ms() - start < OPEN_MS;
}

static void
damaged_states_open_with_rows_as_they_were_or_without_them(void)
{
	const char *text = getenv("STSENTRY_MUTATIONS");
	int count = text && atoi(text) > 0 ? atoi(text) : MUTATIONS;
	char from[512], to[512];
	uint64_t rows = 0, seed;
	int bad = 0;

	snprintf(from, sizeof(from), "%s", case_dir());
	snprintf(to, sizeof(to), "%s", case_dir());
	make_template(from);
	for (int i = 0; i < count && bad < 5; i++) {
		copy_template(from, to);
		seed = (uint64_t)i;
		for (uint64_t n = 1 + draw(&seed) % 2; n > 0; n--)
			mutate(to, &seed);
		if (!opens(to, &rows) || !opens(to, &rows)) {
			printf("copy %d\n", i);
			bad++;
		}
		remove_copy(to);
	}
	printf("%d states, %.1f of %d rows\n", count, (double)rows / 2 / count,
	    ROWS);
	CHECK_INT(bad, 0);
}

UNIT_MAIN("mutated states",
    { "damaged states open with rows as they were or without them",
	damaged_states_open_with_rows_as_they_were_or_without_them })
