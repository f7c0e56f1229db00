/*
 * acks.c - what people say of findings, on its way to the daemon.
 *
 * See acks.h.
 */
#include "collector/acks.h"

#include "lib/folder.h"
#include "lib/json.h"
#include "lib/jsonw.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "acks"
#define UNKNOWN ".unknown" /* behind the name of one that nobody knows */
#define WRITING ".writing" /* and of one that is being written */
#define TAKING ".taking"   /* and of one that is being taken in */
#define PATH_SIZE 4096

static bool
path_of(char out[PATH_SIZE], const char *dir, const char *name, const char *end)
{
	int n = snprintf(out, PATH_SIZE, "%s/" FOLDER "%s%s%s", dir,
	    *name ? "/" : "", name, end);

	return n > 0 && n < PATH_SIZE;
}

/* An id with `end` behind it. */
static bool
is_id_and(const char *name, const char *end)
{
	size_t n = strlen(name);

	return n >= FINDING_ID_SIZE - 2 && name[0] == 'f' && name[1] == '-' &&
	    strspn(name + 2, "0123456789abcdef") == FINDING_ID_SIZE - 4 &&
	    strcmp(name + FINDING_ID_SIZE - 2, end) == 0;
}

static bool
is_id(const char *name)
{
	return is_id_and(name, "");
}

static bool
is_there(const char *dir, const char *id, const char *end)
{
	char path[PATH_SIZE];

	return path_of(path, dir, id, end) && access(path, F_OK) == 0;
}

int
acks_folder(const char *dir, struct err *e)
{
	char path[PATH_SIZE];

	if (!path_of(path, dir, "", ""))
		return err_set(e, ST_EINVAL, "%s: too long", dir);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "cannot make %s", path);
	return 0;
}

/* ---- saying it --------------------------------------------------------------- */

static int
write_whole(const char *path, const struct buf *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok;

	if (fd < 0)
		return err_sys(e, "cannot write %s", path);
	ok = write(fd, text->p, text->n) == (ssize_t)text->n;
	ok &= fsync(fd) == 0;
	if (close(fd) < 0 || !ok)
		return err_sys(e, "cannot write %s", path);
	return 0;
}

int
acks_put(const char *dir, const struct acks_words *w, struct err *e)
{
	char path[PATH_SIZE], temporary[PATH_SIZE];
	struct buf text = BUF_INIT;
	struct jsonw json;
	int err;

	if (!is_id(w->id))
		return err_set(e, ST_EINVAL,
		    "%s: no id of a finding, as \"f-\" and 32 hex digits",
		    w->id);
	if (!path_of(path, dir, w->id, "") ||
	    !path_of(temporary, dir, w->id, WRITING))
		return err_set(e, ST_EINVAL, "%s: too long", dir);
	jsonw_init(&json, &text);
	jsonw_object(&json);
	jsonw_member(&json, "by", w->by);
	jsonw_key(&json, "teach");
	jsonw_bool(&json, w->teach);
	jsonw_end(&json);
	err = text.failed ? ST_ENOMEM : write_whole(temporary, &text, e);
	buf_release(&text);
	if (err == 0 && rename(temporary, path) < 0)
		err = err_sys(e, "cannot write %s", path);
	return err;
}

enum acks_state
acks_ask(const char *dir, const char *id)
{
	char path[PATH_SIZE];

	if (is_there(dir, id, "") || is_there(dir, id, TAKING))
		return ACKS_WAITS;
	if (path_of(path, dir, id, UNKNOWN) && unlink(path) == 0)
		return ACKS_UNKNOWN;
	return ACKS_TAKEN;
}

/* ---- taking it in ------------------------------------------------------------- */

/* False where it cannot be read now. */
static bool
read_whole(const char *path, char text[ACKS_FILE_MAX], size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, ACKS_FILE_MAX);
	close(fd);
	*n = got > 0 ? (size_t)got : 0;
	return got >= 0;
}

/* What cannot be understood is an ack by nobody that teaches nothing. */
static void
understand(struct json_reader *r, struct slice text, struct acks_words *w)
{
	const struct json *v = json_parse(r, text, NULL);

	w->by = json_text(json_get(v, "by"));
	if (w->by.n > ACKS_WHO_MAX)
		w->by.n = ACKS_WHO_MAX;
	w->teach = json_true(json_get(v, "teach"));
}

/* It has its own name: what is said of that finding meanwhile is another word. */
static bool
take_named(const char *dir, const char *id, acks_cb *cb, void *arg)
{
	char path[PATH_SIZE], unknown[PATH_SIZE], text[ACKS_FILE_MAX];
	struct acks_words w = { .id = id };
	struct json_reader r;
	size_t n;
	int err;

	if (!path_of(path, dir, id, TAKING) ||
	    !path_of(unknown, dir, id, UNKNOWN) || !read_whole(path, text, &n))
		return false;
	json_reader_init(&r);
	understand(&r, slice_of(text, n), &w);
	err = cb(arg, &w);
	json_reader_release(&r);
	if (err == ST_ENOENT && rename(path, unknown) < 0)
		log_warn("%s: cannot be renamed", path);
	return err == 0 && unlink(path) == 0;
}

/* One whose taking in failed, or was cut short by a crash, goes first. */
static bool
take_one(const char *dir, const char *id, acks_cb *cb, void *arg)
{
	char path[PATH_SIZE], taking[PATH_SIZE];

	if (!path_of(path, dir, id, "") || !path_of(taking, dir, id, TAKING))
		return false;
	if (!is_there(dir, id, TAKING) && rename(path, taking) < 0)
		return false;
	return take_named(dir, id, cb, arg);
}

unsigned
acks_take(const char *dir, acks_cb *cb, void *arg)
{
	char path[PATH_SIZE];
	DIR *d = path_of(path, dir, "", "") ? folder_open(path) : NULL;
	char id[FINDING_ID_SIZE - 1] = "";
	unsigned taken = 0, seen = 0;
	struct dirent *entry;

	while (d && seen < ACKS_AT_ONCE && (entry = readdir(d)) != NULL) {
		if (!is_id(entry->d_name) && !is_id_and(entry->d_name, TAKING))
			continue;
		seen++;
		memcpy(id, entry->d_name, sizeof(id) - 1);
		taken += take_one(dir, id, cb, arg);
	}
	if (d)
		closedir(d);
	return taken;
}
