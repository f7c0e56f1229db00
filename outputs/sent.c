/*
 * sent.c - which records of an output are answered and perhaps not kept yet: a
 * file that outlives the process.
 *
 * See sent.h.  Knows nothing of commits.
 */
#include "outputs/sent.h"

#include "lib/buf.h"
#include "lib/hash.h"
#include "lib/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define SENT_MODE 0600
#define NOTE_BYTES 16 /* two numbers, big-endian */

struct sent {
	int fd;
	uint64_t next; /* notes since sent_open() */
	char old[SENT_MAX * NOTE_BYTES];
	size_t old_n; /* bytes */
	struct buf row, note;
};

/* 0: without memory; no note says that. */
static uint64_t
hash_of(struct buf *row, uint64_t number, const struct stsentry_record *r,
    unsigned answer)
{
	buf_reset(row);
	pack_uint(row, number);
	pack_uint(row, r->revision);
	pack_uint(row, answer);
	pack_slice(row, slice_str(r->id));
	return row->failed ? 0 : hash_stable(row->p, row->n);
}

static int
read_old(struct sent *s)
{
	while (s->old_n < sizeof(s->old)) {
		ssize_t n = pread(s->fd, s->old + s->old_n,
		    sizeof(s->old) - s->old_n, (off_t)s->old_n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		s->old_n += (size_t)n;
	}
	return 0;
}

int
sent_open(const char *path, bool anew, struct sent **result, struct err *e)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    (anew ? O_TRUNC : 0);
	struct sent *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s)
		return err_set(e, ST_ENOMEM, "out of memory");
	s->fd = open(path, flags, SENT_MODE);
	if (s->fd < 0)
		err = err_sys(e, "cannot open %s", path);
	else if (read_old(s) < 0)
		err = err_sys(e, "cannot read %s", path);
	if (err < 0) {
		sent_close(s);
		return err;
	}
	*result = s;
	return 0;
}

void
sent_close(struct sent *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->row);
	buf_release(&s->note);
	free(s);
}

int
sent_note(struct sent *s, uint64_t number, const struct stsentry_record *r,
    unsigned answer, struct err *e)
{
	uint64_t hash = hash_of(&s->row, number, r, answer);
	off_t at = (off_t)(s->next % SENT_MAX) * NOTE_BYTES;

	buf_reset(&s->note);
	pack_ordered(&s->note, number);
	pack_ordered(&s->note, hash);
	if (hash == 0 || s->note.failed)
		return err_set(e, ST_ENOMEM, "out of memory");
	if (pwrite(s->fd, s->note.p, NOTE_BYTES, at) != NOTE_BYTES)
		return err_sys(e, "cannot note an answer");
	s->next++;
	return 0;
}

void
sent_each(struct sent *s, void (*cb)(void *arg, const struct sent_note *note),
    void *arg)
{
	struct unpack u = unpack_of(slice_of(s->old, s->old_n));
	struct sent_note note;

	while (u.rest.n >= NOTE_BYTES) {
		note.number = unpack_ordered(&u);
		note.hash = unpack_ordered(&u);
		cb(arg, &note);
	}
	s->old_n = 0;
}

bool
sent_says(const struct sent_note *note, const struct stsentry_record *r,
    unsigned answer)
{
	struct buf row = BUF_INIT;
	uint64_t hash = hash_of(&row, note->number, r, answer);

	buf_release(&row);
	return hash != 0 && hash == note->hash;
}
