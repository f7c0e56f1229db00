/*
 * judge_diary.c - what the daemon did, on its way to the ledger.
 *
 * Other threads leave notes (judge_note()), and the pipeline's thread, which
 * alone has the store, takes them with its next round, before it decides
 * anything else; its own it writes at once.  What they say is diary.c's.
 */
#include "collector/judge_i.h"

#include "collector/diary.h"

/* ---- from others ---- */

/* Lines, each with its LF. */
bool
judge_note(struct judge *j, struct slice note)
{
	bool kept;

	if (!j->s.store)
		return true;
	pthread_mutex_lock(&j->notes_lock);
	kept = j->notes.n + note.n < JUDGE_NOTES_MAX &&
	    buf_reserve(&j->notes, note.n + 1);
	if (kept) {
		buf_add_slice(&j->notes, note);
		buf_addc(&j->notes, '\n');
	}
	j->notes.failed = false;
	pthread_mutex_unlock(&j->notes_lock);
	batchq_nudge(j->s.queue);
	return kept;
}

void
diary_take(struct judge *j)
{
	struct buf notes;
	struct slice rest, line;

	pthread_mutex_lock(&j->notes_lock);
	notes = j->notes;
	j->notes = (struct buf)BUF_INIT;
	pthread_mutex_unlock(&j->notes_lock);
	for (rest = buf_slice(&notes); rest.n > 0;
	     rest = slice_after(rest, '\n')) {
		line = slice_before(rest, '\n');
		buf_reset(&j->text);
		buf_add_slice(&j->text, line);
		keep_note(j);
	}
	buf_release(&notes);
}

/* ---- its own ---- */

void
diary_end(struct judge *j)
{
	struct books books;

	if (!j->s.store)
		return;
	judge_books(j, &books);
	buf_reset(&j->text);
	diary_stop(&books, &j->text);
	keep_note(j);
}

void
diary_silent(struct judge *j, const struct notice *n)
{
	if (!j->s.store)
		return;
	buf_reset(&j->text);
	diary_silence(n, &j->text);
	keep_note(j);
}

void
diary_speaks(struct judge *j, struct slice source)
{
	if (!j->s.store)
		return;
	buf_reset(&j->text);
	diary_heard(source, &j->text);
	keep_note(j);
}

/* Who was told of what since the last commit. */
static void
write_deliveries(struct judge *j, const char *output, struct slice packed)
{
	struct outbox_told told[DIARY_IDS_MAX];
	size_t n;

	do {
		for (n = 0; n < DIARY_IDS_MAX; n++)
			if (!outbox_told_next(&packed, &told[n]))
				break;
		if (n == 0)
			return;
		buf_reset(&j->text);
		diary_delivery(output, told, n, &j->text);
		keep_note(j);
	} while (n == DIARY_IDS_MAX);
}

void
diary_deliveries(struct judge *j)
{
	for (size_t i = 0; i < j->s.n_outlets; i++) {
		struct buf told = outlet_take_told(j->s.outlets[i]);

		write_deliveries(
		    j, outlet_name(j->s.outlets[i]), buf_slice(&told));
		buf_release(&told);
	}
}
