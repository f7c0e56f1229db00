/*
 * stsentry/output.h - how findings leave stsentry: the manual of an output.
 *
 * An output takes records to one place and says what became of each.  Format,
 * filters, queue, retries, back-off, dead letters, bounds and counters belong
 * to the core.  The outputs that stsentry brings along use this same table.
 *
 * A kind of output is one constant table:
 *
 *     #include <stsentry/output.h>
 *
 *     static void
 *     hello_send(void *self, const struct stsentry_record *records, size_t n)
 *     {
 *             struct hello *h = self;
 *             const struct stsentry_answer done = { STSENTRY_DONE, 0, 0 };
 *
 *             for (size_t i = 0; i < n; i++)
 *                     fwrite(records[i].data, records[i].size, 1, h->file);
 *             h->host->answer(h->host, records, n, &done);
 *     }
 *
 *     const struct stsentry_output stsentry_output = {
 *             STSENTRY_OUTPUT_ABI, sizeof(struct stsentry_output),
 *             "hello", "greets each finding", hello_options,
 *             hello_check, hello_open, hello_send, hello_flush,
 *             hello_reopen, hello_close, 0, 0,
 *     };
 *
 *     cc -shared -fPIC -o hello.so hello.c
 *
 *     # stsentry.yaml
 *     outputs:
 *       - {type: plugin, path: /usr/lib/stsentry/hello.so, options: {to: x}}
 *
 * A shared object exports the table under the name `stsentry_output`.  It is
 * loaded once and never unloaded; one table may have many instances.
 *
 * Threads: all calls for one instance come from one thread, and all of the
 * host's functions must be called from it, inside a call of the core or of the
 * host's watches and timers.  Instances may share that thread: nothing may
 * block.  What must block needs a thread of the output's own, which tells by a
 * pipe that is watched.
 *
 * Lives: open() comes first, then resume() if the kind has it, then any number
 * of send(), flush(), mark() and reopen(); close() is the last.  Strings and
 * tables that the core gives stay until close(), records until they are
 * answered.  What open() gives is the output's own.  Where the configuration
 * changes, the next instance is opened while the one before still works: until
 * it is asked for something else it touches nothing that both would use, and
 * one with mark() is asked to reopen() first.
 *
 * Trust: an output runs inside the daemon, with its rights.  Text of others in
 * `data` is escaped as the format needs it; it is still data, never a command.
 *
 * Versions: STSENTRY_OUTPUT_ABI changes when a table that was right becomes
 * wrong; then the core refuses the old one by name.  Members are only ever
 * added at the end of a structure, and `size` says how many there are.
 *
 * Compiles alone, as C99 and as C++11.
 */
#ifndef STSENTRY_OUTPUT_H
#define STSENTRY_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STSENTRY_OUTPUT_ABI 2

/* A sentence for the operator: no final dot, no name of the output. */
struct stsentry_why {
	char text[512];
};

/* ---- settings ---- */

enum stsentry_option_kind {
	STSENTRY_TEXT,
	STSENTRY_NUMBER,   /* whole; 10, 5k */
	STSENTRY_SIZE,     /* bytes; 256k, 1M */
	STSENTRY_DURATION, /* milliseconds; 50ms, 15s, 1h30m */
	STSENTRY_BOOL,     /* true, false */
	STSENTRY_LIST,     /* of texts: a setting for each, of the same name */
	STSENTRY_SECRET,   /* a text that is never printed */
	STSENTRY_FILE      /* a file's name, made absolute */
};

/* One row for each word that may stand in the configuration.  The core refuses
 * other words and values that are none, and fills in defaults. */
struct stsentry_option {
	const char *name;    /* NULL ends the rows */
	int kind;            /* enum stsentry_option_kind */
	int required;        /* it must be given */
	const char *def;     /* as one would write it, or NULL: absent */
	int64_t least, most; /* of the three with numbers; both 0: any */
	const char *help;    /* half a sentence */
};

/* What was given, or the default.  A setting that is absent has no entry. */
struct stsentry_setting {
	const char *name, *text;
	int64_t number; /* the same, for kinds with numbers; a bool is 0 or 1 */
};

/* What an instance is to be.  Constant, stays until close(). */
struct stsentry_setup {
	const char *name;    /* the output's, as in messages of the core */
	const char *machine; /* this host's name, or NULL */
	const char *format;  /* of the records: "json", "csv", ... */
	/* What a new file begins with (csv: the line of names), or size 0.
	 * For outputs that make files; others pass over it. */
	const char *head;
	size_t head_size;
	const struct stsentry_setting *settings;
	size_t n_settings;
};

/* The first of that name, NULL where it is absent. */
static inline const struct stsentry_setting *
stsentry_setting(const struct stsentry_setup *setup, const char *name)
{
	for (size_t i = 0; i < setup->n_settings; i++)
		if (strcmp(setup->settings[i].name, name) == 0)
			return &setup->settings[i];
	return NULL;
}

/* ---- records and answers ---- */

enum stsentry_record_flag {
	STSENTRY_FINDING = 1, /* else a decision about one request */
	STSENTRY_TEST = 2     /* of `stsentry drill`: nobody need act */
};

/* One finding or decision.  Only the core makes and frees them. */
struct stsentry_record {
	/* Whole, in the format asked for; formats of lines end it with LF. */
	const char *data;
	size_t size;
	/* The same at each try and after a restart: with `revision`, what a
	 * receiver can know it by.  A finding that grew comes again with a
	 * higher revision. */
	const char *id;
	uint32_t revision;
	uint32_t severity; /* 0 informational, low, medium, high, 4 critical */
	uint32_t flags;    /* enum stsentry_record_flag */
	int64_t time_ms;   /* of the event, since 1970; 0: not known */
	/* Whose it is: as a decision's `account` and `provider`; "": not known.
	 * Text of others, and no name of a file. */
	const char *account, *provider;
};

enum stsentry_verdict {
	STSENTRY_DONE = 0,  /* taken: it need never be sent again */
	STSENTRY_AGAIN = 1, /* not now; the core sends it again */
	/* Never.  Of one record: it is set aside as a dead letter.  Of several
	 * in one answer: one of them is at fault, and it is not known which;
	 * the core sends them again in halves. */
	STSENTRY_LOST = 2
};

struct stsentry_answer {
	int verdict; /* enum stsentry_verdict */
	/* AGAIN: not before so many ms, where the receiver said so; 0: as the
	 * core does it, later after each failure. */
	int64_t wait_ms;
	const char *why; /* AGAIN, LOST: for the operator; copied */
};

/* ---- the host: what an output may ask of the core ---- */

enum stsentry_event { STSENTRY_READ = 1, STSENTRY_WRITE = 2 };
enum stsentry_level {
	STSENTRY_ERROR,
	STSENTRY_WARNING,
	STSENTRY_INFO,
	STSENTRY_DEBUG
};

struct stsentry_watch;
struct stsentry_timer;

#if defined(__GNUC__)
#define STSENTRY_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define STSENTRY_PRINTF(f, a)
#endif

/* The first argument of each function is the host itself, or what it gave.
 * It stays until close() returns; all that it gave is to be given back in
 * close() at the latest. */
struct stsentry_host {
	uint32_t abi;  /* STSENTRY_OUTPUT_ABI of the core */
	uint32_t size; /* sizeof(struct stsentry_host) of the core */

	/* What became of n records, a part of those of one send() that lie
	 * side by side; each is answered once, in any order, inside send() or
	 * later.  Afterwards the records are gone. */
	void (*answer)(const struct stsentry_host *host,
	    const struct stsentry_record *records, size_t n,
	    const struct stsentry_answer *answer);

	/* From the next send() on give at most n records at once; the core
	 * begins with STSENTRY_BATCH. */
	void (*batch)(const struct stsentry_host *host, size_t n);

	/* So many calls of send() a second, at most; 0: any. */
	void (*rate)(const struct stsentry_host *host, double sends);

	/* Call `cb` in each turn in which fd can be read or written, for as
	 * long as it is watched.  NULL without memory.  The descriptor stays
	 * the output's: unwatch before it is closed. */
	struct stsentry_watch *(*watch)(const struct stsentry_host *host,
	    int fd, unsigned events, void (*cb)(void *arg, unsigned events),
	    void *arg);
	/* enum stsentry_event, 0: none for now.  0, or -1 without memory. */
	int (*watch_for)(struct stsentry_watch *watch, unsigned events);
	void (*unwatch)(struct stsentry_watch *watch); /* NULL is fine */

	/* Rings once, ms after timer_set(); setting it again moves it, -1
	 * stops it.  NULL without memory. */
	struct stsentry_timer *(*timer)(
	    const struct stsentry_host *host, void (*cb)(void *arg), void *arg);
	void (*timer_set)(struct stsentry_timer *timer, int64_t ms);
	void (*timer_free)(struct stsentry_timer *timer); /* NULL is fine */

	/* One line: the output's name is put before it. */
	void (*log)(const struct stsentry_host *host, int level,
	    const char *format, ...) STSENTRY_PRINTF(3, 4);
	int64_t (*now_ms)(const struct stsentry_host *host);  /* monotonic */
	int64_t (*time_ms)(const struct stsentry_host *host); /* since 1970 */
};
#define STSENTRY_BATCH 256

/* ---- a kind of output ---- */

/* Functions that give an int: 0, or -1 with the reason in `why`. */
struct stsentry_output {
	uint32_t abi;  /* STSENTRY_OUTPUT_ABI */
	uint32_t size; /* sizeof(struct stsentry_output) */
	const char *name, *help;
	const struct stsentry_option *options; /* NULL: it has none */

	/* Could it be opened with this?  Changes nothing and connects to
	 * nothing: `stsentryd -t` asks.  Settings are good by their rows. */
	int (*check)(
	    const struct stsentry_setup *setup, struct stsentry_why *why);

	/* NULL with the reason in `why`.  A destination that is not there just
	 * now is no reason: records are answered AGAIN until it is. */
	void *(*open)(const struct stsentry_setup *setup,
	    const struct stsentry_host *host, struct stsentry_why *why);

	/* The next n (at least 1) records, in order.  Comes only when all
	 * records of the one before are answered, and never from inside
	 * answer(). */
	void (*send)(
	    void *self, const struct stsentry_record *records, size_t n);

	/* Make what was answered with DONE last, where that is in our hands.
	 * Called once for many records. */
	int (*flush)(void *self, struct stsentry_why *why);

	/* The operator asks (SIGHUP): somebody moved a file away, a key was
	 * renewed.  On error what was open stays in use. */
	int (*reopen)(void *self, struct stsentry_why *why);

	/* Records that are not answered are sent again to the next instance.
	 * Nothing may be called back afterwards. */
	void (*close)(void *self);

	/* The next two belong together; both NULL where a record may come
	 * twice after a crash.  mark(): where the end is, of all that was
	 * flushed, as a number that only this kind understands.  The core
	 * keeps it together with what it says is delivered; when it asks again
	 * or sends, the one before was kept.  resume(): cut what lies behind
	 * that position: it was not kept and will come again. */
	uint64_t (*mark)(void *self);
	int (*resume)(void *self, uint64_t position, struct stsentry_why *why);
};

#ifdef __cplusplus
}
#endif

#endif
