/*
 * field.h - members of a record, as the decoders want them.
 *
 * Records come through many hands: a member may have any JSON type.  What is
 * not of the expected type is absent.  An empty string is absent too, and one
 * that only says that it was hidden.  Pure functions, any thread.
 */
#ifndef ST_FIELD_H
#define ST_FIELD_H

#include "lib/arena.h"
#include "lib/json.h"

/*
 * Several members of one object in one walk: result[i] is the last member
 * called names[i], NULL where there is none.
 */
void field_pick(const struct json *object, const struct slice *names, size_t n,
    const struct json **result);

/* A string that says something. */
struct slice field_text(const struct json *v);
/* The text of a member. */
struct slice field_of(const struct json *object, const char *name);

/* An account: text as it is, a number padded to 12 digits (in the arena). */
struct slice field_account(const struct json *v, struct arena *a, bool *failed);

/* A whole number, or text of decimal digits. */
bool field_int(const struct json *v, int64_t *result);

enum field_bool { FIELD_UNSAID, FIELD_NO, FIELD_YES };
/* true, "true", "Yes"; false, "false", "No" (in any case). */
enum field_bool field_bool(const struct json *v);

/*
 * Text put together in an arena:
 *     field_join(&j, (const struct slice[]){ x, y, z }, 3)
 * Absent parts are skipped.  Without memory it is absent and `failed` set.
 */
struct slice
field_join(struct arena *a, bool *failed, const struct slice *parts, size_t n);

#endif
