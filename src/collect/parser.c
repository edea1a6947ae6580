/*
 * Files of strangers are read by this program started anew, with nothing in
 * its hands but the open files and a pipe: it cannot open files or sockets or
 * start programs, has 2 GiB of memory and a limit of time, and dies with us.
 * What comes back is believed no more than the file (wire/pipe.c checks it).
 *
 * Descriptors in the child: 0 the job as JSON, 1 the answer, 2 messages of
 * last resort, 3 and up the files.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/priv.h"

enum { FIRST_FD = 3, CHILD_CPU_SECONDS = 4 * 3600, TICK_MS = 200 };
#define CHILD_MEMORY_BYTES (2 * GIB)
#define CHILD_FILE_BYTES (512 * MIB) /* of a spreadsheet from a pipe, in memory */
#define ANSWER_BYTES_MAX (16 * MIB)

/* --- files, on our side ------------------------------------------------------------------------ */

static void close_files(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0) close(fds[i]);
}

static enum err_code open_files(const struct parse_job *job, int *fds, struct err *err)
{
	for (size_t i = 0; i < job->n_files; i++) fds[i] = -1;
	for (size_t i = 0; i < job->n_files; i++) {
		bool standard = strcmp(job->paths[i], "-") == 0;
		fds[i] = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_FD)
		                  : open(job->paths[i], O_RDONLY | O_CLOEXEC | O_NOCTTY);
		struct stat sb;
		if (fds[i] >= 0 && fstat(fds[i], &sb) == 0 && S_ISDIR(sb.st_mode)) {
			close(fds[i]);
			fds[i] = -1;
			errno = EISDIR;
		}
		if (fds[i] >= 0) continue;
		int e = errno;
		close_files(fds, i);
		return err_set(err, e == ENOENT ? ERR_NOT_FOUND : ERR_INPUT, "import.file", "file", "%.150s: %s",
		               job->paths[i], strerror(e));
	}
	return OK;
}

/* --- the child's life --------------------------------------------------------------------------- */

struct child {
	pid_t pid;
	int out; /* we read */
	parse_tick tick;
	void *ctx;
	bool cancelled;
};

/* A few variables that a program needs to start; nothing that may hold a secret. */
static char **child_environment(void)
{
	static const char *const names[] = { "PATH",         "LANG",          "LD_LIBRARY_PATH",
		                             "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS" };
	char **env = calloc(COUNT_OF(names) + 1, sizeof *env);
	size_t n = 0;
	for (size_t i = 0; env && i < COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);
		if (value && asprintf(&env[n], "%s=%s", names[i], value) >= 0) n++;
	}
	return env;
}

static void free_environment(char **env)
{
	for (size_t i = 0; env && env[i]; i++) free(env[i]);
	free(env);
}

/* All our descriptors are close-on-exec; the file actions give the child copies of those it may have. */
static int spawn_with(const char *self, const int *fds, size_t n, int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	char **env = child_environment();
	char *argv[] = { (char *)(uintptr_t)self, (char *)(uintptr_t) "parse", NULL };
	if (!env) return ENOMEM;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	/* Sources are at FIRST_FD + n and above, so no copy overwrites what is still to be copied. */
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	for (size_t i = 0; i < n; i++) posix_spawn_file_actions_adddup2(&actions, fds[i], FIRST_FD + (int)i);
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGTERM);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int rc = posix_spawn(pid, self, &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	free_environment(env);
	return rc;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
	for (const char *p = bytes; len;) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Out of the way of the descriptors that the child gets. */
static int move_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD + COLLECT_FILES_MAX);
	close(fd);
	return high;
}

static enum err_code child_start(const char *self, const struct parse_job *job, const int *files, struct child *c,
                                 struct err *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, high[COLLECT_FILES_MAX];
	struct buf text;
	enum err_code rc = OK;
	buf_init(&text, 8 * MIB);
	parse_job_write(job, &text);
	for (size_t i = 0; i < job->n_files; i++)
		high[i] = fcntl(files[i], F_DUPFD_CLOEXEC, FIRST_FD + COLLECT_FILES_MAX);
	if (text.full) rc = buf_check(&text, err);
	else if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		rc = err_set(err, ERR_UNAVAILABLE, "import.pipe", "", "no pipe: %s", strerror(errno));
	if (rc == OK) {
		in[0] = move_up(in[0]);
		out[1] = move_up(out[1]);
		int e = spawn_with(self, high, job->n_files, in[0], out[1], &c->pid);
		if (e != 0)
			rc = err_set(err, ERR_UNAVAILABLE, "import.start", "",
			             "the reader of files cannot be started: %s", strerror(e));
	}
	close_files(high, job->n_files);
	if (in[0] >= 0) close(in[0]);
	if (out[1] >= 0) close(out[1]);
	if (rc == OK) {
		c->out = out[0];
		/* A child that died already shows when we read; the signal is not for us. */
		sigset_t pipe_only, old;
		sigemptyset(&pipe_only);
		sigaddset(&pipe_only, SIGPIPE);
		pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
		(void)!write_all(in[1], text.ptr, text.len);
		struct timespec zero = { 0 };
		if (!sigismember(&old, SIGPIPE)) sigtimedwait(&pipe_only, NULL, &zero);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	} else if (out[0] >= 0) {
		close(out[0]);
	}
	if (in[1] >= 0) close(in[1]);
	buf_done(&text);
	return rc;
}

/* A read that gives the caller a chance to stop while the child is silent. */
static int64_t child_read(void *ctx, void *into, size_t cap)
{
	struct child *c = ctx;
	for (;;) {
		struct pollfd p = { .fd = c->out, .events = POLLIN };
		int n = poll(&p, 1, TICK_MS);
		if (c->tick && c->tick(c->ctx) != 0) {
			c->cancelled = true;
			return -1;
		}
		if (n == 0 || (n < 0 && errno == EINTR)) continue;
		if (n < 0) return -1;
		ssize_t got = read(c->out, into, cap);
		if (got < 0 && errno == EINTR) continue;
		return got;
	}
}

/* Ends the child whatever it does, and says how it ended when that explains what we saw. */
static enum err_code child_end(struct child *c, enum err_code rc, struct err *err)
{
	int status = 0;
	close(c->out);
	if (rc != OK) kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {}
	if (c->cancelled)
		return err_set(err, ERR_UNAVAILABLE, "import.cancelled", "",
		               "the import was stopped; what was stored stays");
	if (rc != ERR_CORRUPT) return rc;
	bool slow = WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		(void)err_set(err, ERR_INPUT, slow ? "import.slow" : "import.crashed", "",
		              slow ? "reading the file took too long (signal %d)"
		                   : "the reader of the file died of signal %d; what was stored stays",
		              WTERMSIG(status));
	else
		(void)err_set(err, ERR_INPUT, "import.crashed", "",
		              "the reader of the file ended early; what was stored stays");
	err_hint(err, "The file may be damaged or made to do harm. Check it, split it, and import it again: nothing is "
	              "stored twice.");
	return ERR_INPUT;
}

/* --- what collect calls ------------------------------------------------------------------------------ */

enum err_code parse_files(const char *self_path, const struct parse_job *job, const struct wire_sink *sink,
                          parse_tick tick, void *ctx, struct err *err)
{
	int fds[COLLECT_FILES_MAX];
	struct child c = { .tick = tick, .ctx = ctx };
	TRY(open_files(job, fds, err));
	enum err_code rc;
	if (!self_path) {
		rc = parse_run(job, fds, sink, err);
	} else if ((rc = child_start(self_path, job, fds, &c, err)) == OK) {
		struct wire_input in = { .ctx = &c, .read = child_read, .name = STR("parser"), .size_bytes = -1 };
		rc = wire_pipe_replay(&in, sink, err);
		rc = child_end(&c, rc, err);
	}
	close_files(fds, job->n_files);
	return rc;
}

enum err_code parse_guess(const char *self_path, const struct parse_job *job, struct arena *a, struct wire_guess *out,
                          struct err *err)
{
	int fds[COLLECT_FILES_MAX];
	struct child c = { 0 };
	struct buf answer;
	TRY(open_files(job, fds, err));
	buf_init(&answer, ANSWER_BYTES_MAX);
	enum err_code rc;
	if (!self_path) {
		rc = parse_run_guess(job, fds, a, out, err);
	} else if ((rc = child_start(self_path, job, fds, &c, err)) == OK) {
		char piece[16 * 1024];
		int64_t n;
		while ((n = child_read(&c, piece, sizeof piece)) > 0) buf_put(&answer, piece, (size_t)n);
		/* What is read out of it are views, and these must outlive the buffer. */
		struct str text = str_copy(a, buf_view(&answer)), problem;
		if (!text.ptr) rc = err_no_memory(err);
		else if (n < 0 || answer.full || text.len == 0) {
			rc = err_set(err, ERR_CORRUPT, "parse.guess", "", "the reader of the file gave no answer");
		} else if (json_get_text(text, STR("problem"), a, &problem)) {
			struct str hint = STR(""), field = STR(""), id = STR("");
			(void)!json_get_text(text, STR("id"), a, &id);
			(void)!json_get_text(text, STR("hint"), a, &hint);
			(void)!json_get_text(text, STR("field"), a, &field);
			const char *known = wire_known_id(id);
			rc = err_set(err, ERR_INPUT, known ? known : "import.guess", str_z(a, field), "%.*s",
			             (int)problem.len, problem.ptr);
			err_hint(err, "%.*s", (int)hint.len, hint.ptr ? hint.ptr : "");
		} else {
			rc = parse_guess_read(text, a, out, err);
		}
		rc = child_end(&c, rc, err);
	}
	buf_done(&answer);
	close_files(fds, job->n_files);
	return rc;
}

/* --- the child -------------------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED /* those read their own maps to tell where a fault is */
/*
 * Whatever it wants of a file by its name is refused, by the kernel's own list
 * of what is open to us, which is empty. ABI 1 knows 13 rights, 2 one more, 3
 * another; one that the kernel does not know would make it refuse the list.
 */
static void no_names(void)
{
#if defined(SYS_landlock_create_ruleset) && defined(SYS_landlock_restrict_self)
	enum { ASK_VERSION = 1 };
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	if (abi < 1) return; /* a kernel without it leaves the other walls standing */
	const uint64_t rights = (UINT64_C(1) << (abi >= 3 ? 15 : abi == 2 ? 14 : 13)) - 1;
	const long list = syscall(SYS_landlock_create_ruleset, &rights, sizeof rights, 0);
	if (list < 0) return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) (void)syscall(SYS_landlock_restrict_self, list, 0);
	close((int)list);
#endif
}
#endif

/* No files by name, no sockets, no other programs, no looking into other processes; refused with EPERM. */
static void no_calls(void)
{
#if defined(__x86_64__) || defined(__aarch64__)
#if defined(__x86_64__)
	enum { ARCH = AUDIT_ARCH_X86_64 };
#else
	enum { ARCH = AUDIT_ARCH_AARCH64 };
#endif
#define DENY(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#ifdef SANITIZED
#define OPEN_CALLS
#elif defined(__x86_64__)
#define OPEN_CALLS DENY(__NR_open), DENY(__NR_creat), DENY(__NR_openat), DENY(__NR_openat2),
#else
#define OPEN_CALLS DENY(__NR_openat), DENY(__NR_openat2),
#endif
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#if defined(__x86_64__)
		/* The same calls under other numbers (x32). */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
#endif
		OPEN_CALLS DENY(__NR_io_uring_setup), /* does calls that nobody sees here */
		DENY(__NR_bpf),
		DENY(__NR_perf_event_open),
		DENY(__NR_pidfd_getfd),
		DENY(__NR_socket),
		DENY(__NR_socketpair),
		DENY(__NR_connect),
		DENY(__NR_bind),
		DENY(__NR_execve),
		DENY(__NR_execveat),
		DENY(__NR_ptrace),
		DENY(__NR_process_vm_readv),
		DENY(__NR_kill),
		DENY(__NR_unlinkat),
		DENY(__NR_renameat2),
		DENY(__NR_mount),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT_OF(filter), filter };
	/* A kernel without it leaves the other walls standing. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit r = { most, most };
	(void)setrlimit(what, &r); /* fails only where the limit is lower already */
}

static void lock_down(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#ifndef SANITIZED /* those map terabytes, and read their own maps */
	limit(RLIMIT_AS, CHILD_MEMORY_BYTES);
	no_names();
#endif
	limit(RLIMIT_CPU, CHILD_CPU_SECONDS);
	limit(RLIMIT_FSIZE, CHILD_FILE_BYTES);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 64);
	no_calls();
}

static int write_out(void *ctx, const void *bytes, size_t len)
{
	(void)ctx;
	return write_all(STDOUT_FILENO, bytes, len) ? 0 : -1;
}

static int answer_guess(const struct parse_job *job, const int *fds, struct arena *a)
{
	struct wire_guess g;
	struct err err = { 0 };
	struct buf out;
	buf_init(&out, ANSWER_BYTES_MAX);
	if (parse_run_guess(job, fds, a, &g, &err) == OK) {
		parse_guess_write(&g, &out);
	} else {
		struct json_out o;
		json_out_init(&o, &out);
		json_open(&o, '{');
		json_kv_z(&o, "problem", err.text);
		json_kv_z(&o, "id", err.id ? err.id : "");
		json_kv_z(&o, "hint", err.hint);
		json_kv_z(&o, "field", err.field);
		json_close(&o, '}');
	}
	int failed = out.full || write_out(NULL, out.ptr, out.len) != 0;
	buf_done(&out);
	return failed;
}

static int answer_events(const struct parse_job *job, const int *fds)
{
	struct wire_pipe pipe = { .write = write_out };
	struct wire_sink sink;
	struct err err = { 0 }, end;
	buf_init(&pipe.frame, 4 * MIB);
	wire_pipe_sink(&pipe, &sink);
	enum err_code rc = parse_run(job, fds, &sink, &err);
	int failed = wire_pipe_end(&pipe, rc, &err, &end) != OK;
	buf_done(&pipe.frame);
	return failed;
}

int collect_parse_main(void)
{
	struct arena a;
	struct parse_job job;
	struct err err;
	struct buf text;
	char piece[16 * 1024];
	int fds[COLLECT_FILES_MAX], code = 1;
	lock_down();
	arena_init(&a, 64 * MIB);
	buf_init(&text, 8 * MIB);
	for (ssize_t n; (n = read(STDIN_FILENO, piece, sizeof piece)) != 0;) {
		if (n < 0 && errno == EINTR) continue;
		if (n < 0) break;
		buf_put(&text, piece, (size_t)n);
	}
	if (text.full || parse_job_read(buf_view(&text), &a, &job, &err) != OK) {
		fprintf(stderr, "safar parse: this verb is for safar itself\n");
		code = 2;
	} else {
		for (size_t i = 0; i < job.n_files; i++) fds[i] = FIRST_FD + (int)i;
		code = job.guess ? answer_guess(&job, fds, &a) : answer_events(&job, fds);
	}
	buf_done(&text);
	arena_done(&a);
	return code;
}
