/*
 * sandbox.c - what the process can still do once it runs.
 *
 * See sandbox.h.  Knows Landlock and libseccomp; which paths are needed is the
 * caller's knowledge.  Main thread, before others are started.
 */
#include "config.h"

#include "lib/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#define PATHS_MAX 4096

struct place {
	int fd;
	enum sandbox_right right;
	bool folder;
};

struct sandbox {
	struct place v[PATHS_MAX];
	size_t n;
};

struct sandbox *
sandbox_new(void)
{
	return calloc(1, sizeof(struct sandbox));
}

static void
forget_places(struct sandbox *s)
{
	for (size_t i = 0; i < s->n; i++)
		close(s->v[i].fd);
	s->n = 0;
}

void
sandbox_free(struct sandbox *s)
{
	if (!s)
		return;
	forget_places(s);
	free(s);
}

bool
sandbox_allow(struct sandbox *s, const char *path, enum sandbox_right right)
{
	struct stat st;
	int fd;

	if (s->n == PATHS_MAX)
		return false;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return false;
	}
	s->v[s->n++] = (struct place){ fd, right, S_ISDIR(st.st_mode) };
	return true;
}

/* ---- the file system ---- */

#if defined(HAVE_LINUX_LANDLOCK_H) && defined(SYS_landlock_create_ruleset)

/* Rights by the version of the interface that brought them: an older kernel
 * refuses names that it does not know. */
#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ_FOLDER LANDLOCK_ACCESS_FS_READ_DIR
#define WRITE_FILE LANDLOCK_ACCESS_FS_WRITE_FILE
#define CHANGE_FOLDER                                                      \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |  \
	    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |   \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |   \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
	    LANDLOCK_ACCESS_FS_MAKE_SYM)
#ifdef LANDLOCK_ACCESS_FS_REFER
#define REFER LANDLOCK_ACCESS_FS_REFER
#else
#define REFER 0
#endif
#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
#define TRUNCATE LANDLOCK_ACCESS_FS_TRUNCATE
#else
#define TRUNCATE 0
#endif

static int
landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

static uint64_t
all_rights(int version, unsigned flags)
{
	uint64_t all = READ_FILE | READ_FOLDER | WRITE_FILE | CHANGE_FOLDER;

	if (!(flags & SANDBOX_EXEC))
		all |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (version >= 2)
		all |= REFER;
	if (version >= 3)
		all |= TRUNCATE;
	return all;
}

static uint64_t
rights_of(const struct place *p)
{
	uint64_t rights = READ_FILE | READ_FOLDER;

	if (p->right == SANDBOX_WRITE)
		rights |= WRITE_FILE | CHANGE_FOLDER | REFER | TRUNCATE;
	if (!p->folder)
		rights &= (uint64_t)(READ_FILE | WRITE_FILE | TRUNCATE);
	return rights;
}

static int
add_rules(const struct sandbox *s, int ruleset, uint64_t all, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = rights_of(&s->v[i]) & all,
			.parent_fd = s->v[i].fd,
		};

		/* EBADFD: a pipe or a socket (/dev/stdin may be one), which is
		 * open or cannot be opened whatever the rules say. */
		if (syscall(SYS_landlock_add_rule, ruleset,
			LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 &&
		    errno != EBADFD)
			return err_sys(e, "cannot add a Landlock rule");
	}
	return 0;
}

static int
enter_files(const struct sandbox *s, unsigned flags, struct sandbox_report *r,
    struct err *e)
{
	int version = landlock_version(), ruleset, err;
	struct landlock_ruleset_attr attr = { .handled_access_fs = all_rights(
						  version, flags) };

	if (version < 1) {
		r->no_files = "this kernel has no Landlock";
		return 0;
	}
	ruleset = (int)syscall(
	    SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return err_sys(e, "cannot make Landlock rules");
	err = add_rules(s, ruleset, attr.handled_access_fs, e);
	if (err == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		err = err_sys(e, "cannot enter Landlock rules");
	close(ruleset);
	r->files = err == 0;
	return err;
}

#define BUILD_LANDLOCK "landlock"
#else
static int
enter_files(const struct sandbox *s, unsigned flags, struct sandbox_report *r,
    struct err *e)
{
	(void)s;
	(void)flags;
	(void)e;
	r->no_files = "built without Landlock";
	return 0;
}
#define BUILD_LANDLOCK "no landlock"
#endif

/* ---- system calls ---- */

#ifdef HAVE_SECCOMP

/* All that our libraries and we use.  Names that an architecture or an older
 * libseccomp does not know are passed over. */
static const char *const allowed[] = {
	/* files */
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
	"pwritev", "preadv2", "pwritev2", "lseek", "_llseek", "open", "openat",
	"openat2", "creat", "close", "close_range", "stat", "fstat", "lstat",
	"stat64", "fstat64", "lstat64", "newfstatat", "fstatat64", "statx",
	"statfs", "fstatfs", "statfs64", "fstatfs64", "access", "faccessat",
	"faccessat2", "fcntl", "fcntl64", "flock", "ftruncate", "truncate",
	"ftruncate64", "truncate64", "rename", "renameat", "renameat2",
	"unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod",
	"fchmodat", "chown", "fchown", "fchownat", "lchown", "umask",
	"getdents", "getdents64", "getcwd", "readlink", "readlinkat", "fsync",
	"fdatasync", "sync_file_range", "fallocate", "fadvise64",
	"fadvise64_64", "arm_fadvise64_64", "copy_file_range", "sendfile",
	"sendfile64", "memfd_create", "utimensat", "futimesat", "utimes",
	"inotify_init", "inotify_init1", "inotify_add_watch",
	"inotify_rm_watch", "ioctl",
	/* memory */
	"mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "brk",
	"msync", "mincore", "mlock", "munlock", "membarrier",
	/* threads and time */
	"futex", "futex_time64", "futex_waitv", "set_robust_list",
	"get_robust_list", "rseq", "clone", "clone3", "exit", "exit_group",
	"gettid", "getpid", "getppid", "getpgrp", "getpgid", "getsid",
	"set_tid_address", "sched_yield", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_get_priority_max",
	"sched_get_priority_min", "getpriority", "getcpu", "nanosleep",
	"clock_nanosleep", "clock_nanosleep_time64", "clock_gettime",
	"clock_gettime64", "clock_getres", "clock_getres_time64",
	"gettimeofday", "time", "times", "timerfd_create", "timerfd_settime",
	"timerfd_gettime", "timer_create", "timer_settime", "timer_delete",
	"restart_syscall", "prctl", "arch_prctl",
	/* signals and children */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
	"rt_sigpending", "rt_sigsuspend", "sigaltstack", "sigreturn",
	"signalfd", "signalfd4", "kill", "tgkill", "wait4", "waitid",
	/* who we are, what we may */
	"getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
	"getgroups", "getuid32", "geteuid32", "getgid32", "getegid32",
	"getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getrusage",
	"sysinfo", "uname", "getrandom",
	/* waiting */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "poll", "ppoll", "ppoll_time64",
	"select", "_newselect", "pselect6", "eventfd", "eventfd2", "pipe",
	"pipe2", "dup", "dup2", "dup3",
	/* the network; socket() by family, below */
	"socketpair", "bind", "listen", "accept", "accept4", "connect",
	"getsockname", "getpeername", "setsockopt", "getsockopt", "send",
	"sendto", "recv", "recvfrom", "sendmsg", "recvmsg", "sendmmsg",
	"recvmmsg", "recvmmsg_time64", "shutdown"
};

/* For other programs: what a new process image needs. */
static const char *const allowed_exec[] = { "execve", "execveat", "vfork",
	"fork", "setsid", "setpgid" };

/* AF_NETLINK: the resolver asks which addresses there are. */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

static int
allow_names(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);

		if (nr >= 0)
			err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	}
	return err;
}

static int
allow_families(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (err == 0)
			err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
			    SCMP_SYS(socket), 1,
			    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
	return err;
}

static int
enter_calls(unsigned flags, struct sandbox_report *r, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!ctx)
		return err_set(e, ST_ENOMEM, "out of memory");
	err = allow_names(ctx, allowed, sizeof(allowed) / sizeof(allowed[0]));
	if (err == 0 && (flags & SANDBOX_EXEC))
		err = allow_names(ctx, allowed_exec,
		    sizeof(allowed_exec) / sizeof(allowed_exec[0]));
	if (err == 0)
		err = allow_families(ctx);
	if (err == 0)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	r->calls = err == 0;
	if (err == -EINVAL || err == -ENOSYS || err == -ECANCELED)
		r->no_calls = "this kernel takes no seccomp filter";
	else if (err < 0)
		return err_set(e, ST_EIO, "cannot filter system calls: %s",
		    strerror(-err));
	return 0;
}

#else

static int
enter_calls(unsigned flags, struct sandbox_report *r, struct err *e)
{
	(void)flags;
	(void)e;
	r->no_calls = "built without libseccomp";
	return 0;
}

#endif

int
sandbox_enter(
    struct sandbox *s, unsigned flags, struct sandbox_report *r, struct err *e)
{
	int err;

	*r = (struct sandbox_report){ .files = false };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "cannot give up privileges");
	err = enter_files(s, flags, r, e);
	forget_places(s);
	return err < 0 ? err : enter_calls(flags, r, e);
}

const char *
sandbox_build(void)
{
	static char text[64];

#ifdef HAVE_SECCOMP
	const struct scmp_version *v = seccomp_version();

	snprintf(text, sizeof(text), BUILD_LANDLOCK ", libseccomp %u.%u.%u",
	    v->major, v->minor, v->micro);
#else
	snprintf(text, sizeof(text), BUILD_LANDLOCK ", no libseccomp");
#endif
	return text;
}
