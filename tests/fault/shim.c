/*
 * A disk that fails on demand, put under the real program with LD_PRELOAD.
 * It stands between the program (SQLite within it) and the C library for
 * what touches files beneath one folder, and can
 *
 *   end the process with SIGKILL at the N-th change (a write, a sync, a new
 *   name ...), of a write after half of it;
 *   fail writes or syncs, once or for ever, with any errno;
 *   be full: what needs more room gets ENOSPC, what overwrites does not;
 *   write down every change in its order, with its bytes, for cuts of power
 *   at any place of it (tests/fault/power.py);
 *   move the clock of the wall.
 *
 * SAFAR_FAULT_FOLDER   what is watched
 * SAFAR_FAULT_CONTROL  a file of struct control, which the test maps too
 * SAFAR_FAULT_RECORD   where changes are written down, "" nowhere
 *
 * Shared memory of SQLite (-shm), the lock and the socket are no part of what
 * is on a disk after a crash, and are left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum change { WRITE = 1, SYNC_BEGIN, SYNC_END, SIZE, MAKE, RENAME, UNLINK, MAKE_FOLDER, REMOVE_FOLDER, CHANGES };
enum { FAIL_WRITES = 1, FAIL_SYNCS = 2 };

/* Numbers of 64 bits in this order; tests/fault/shim.py has the same. */
struct control {
	_Atomic int64_t changes;   /* so far */
	_Atomic int64_t kill_at;   /* this change is the last; 0 none */
	_Atomic int64_t fail;      /* FAIL_ flags */
	_Atomic int64_t fail_at;   /* the how-manieth of them from now, 1 the next; 0 none */
	_Atomic int64_t for_ever;  /* and all after it */
	_Atomic int64_t error;     /* errno */
	_Atomic int64_t fired;     /* how many failed */
	_Atomic int64_t full;      /* 1: no more room */
	_Atomic int64_t clock_ms;  /* added to the clock of the wall */
	_Atomic int64_t recorded;  /* bytes of the record */
	_Atomic int64_t made_late; /* 1: a sync returns at once and keeps nothing (the record is the disk) */
};

static struct control nothing, *control = &nothing;
static char folder[1024];
static size_t folder_len;
static int record = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

enum { FDS = 4096, MAPS = 64 };
static _Atomic uint8_t watched[FDS]; /* 1 a file, 2 a folder */
static struct {
	char *at;
	size_t len;
	int fd; /* a copy of ours */
	off_t offset;
} maps[MAPS];

#define REAL(name)                                                                                                     \
	static __typeof__(name) *real;                                                                                 \
	if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void)
{
	const char *dir = getenv("SAFAR_FAULT_FOLDER"), *page = getenv("SAFAR_FAULT_CONTROL"),
	           *to = getenv("SAFAR_FAULT_RECORD");
	if (!dir || !page) return;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, page, O_RDWR | O_CLOEXEC);
	void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || at == MAP_FAILED) abort();
	close(fd);
	control = at;
	if (to && *to) record = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	snprintf(folder, sizeof folder, "%s", dir);
	folder_len = strlen(folder);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

static bool is_watched(const char *path)
{
	return folder_len && strncmp(path, folder, folder_len) == 0 && (!path[folder_len] || path[folder_len] == '/') &&
	       !ends_with(path, "-shm") && !ends_with(path, "/lock") && !ends_with(path, ".sock");
}

static int kind_of(int fd)
{
	return fd >= 0 && fd < FDS ? atomic_load(&watched[fd]) : 0;
}

/* --- the record ------------------------------------------------------------------------------- */

struct entry {
	uint32_t change, bytes; /* that follow */
	uint64_t file, at;      /* inode; offset, size, or the number of a sync */
};

static void note(enum change change, uint64_t file, uint64_t at, const void *bytes, size_t len)
{
	if (record < 0) return;
	struct entry e = { change, (uint32_t)len, file, at };
	(void)!syscall(SYS_write, record, &e, sizeof e);
	for (size_t put = 0; put < len;) {
		long n = syscall(SYS_write, record, (const char *)bytes + put, len - put);
		if (n <= 0) abort();
		put += (size_t)n;
	}
	atomic_fetch_add(&control->recorded, (int64_t)(sizeof e + len));
}

static uint64_t file_of(int fd)
{
	struct stat sb;
	return fstat(fd, &sb) == 0 ? (uint64_t)sb.st_ino : 0;
}

/* --- what strikes ------------------------------------------------------------------------------- */

static void die(void)
{
	syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
	for (;;) pause();
}

/* Counts a change; true when it is the last one. */
static bool is_last(void)
{
	int64_t n = atomic_fetch_add(&control->changes, 1) + 1, at = atomic_load(&control->kill_at);
	return at && n >= at;
}

static bool strikes(int64_t kind)
{
	if (!(atomic_load(&control->fail) & kind)) return false;
	int64_t n = atomic_load(&control->fail_at);
	if (n == 0) return false;
	if (n > 1) {
		atomic_fetch_sub(&control->fail_at, 1);
		return false;
	}
	if (!atomic_load(&control->for_ever)) atomic_store(&control->fail_at, 0);
	atomic_fetch_add(&control->fired, 1);
	errno = (int)atomic_load(&control->error);
	return true;
}

static bool has_no_room(int fd, off_t end)
{
	struct stat sb;
	if (!atomic_load(&control->full) || fstat(fd, &sb) != 0 || end <= sb.st_size) return false;
	atomic_fetch_add(&control->fired, 1);
	errno = ENOSPC;
	return true;
}

/* --- bytes --------------------------------------------------------------------------------------- */

static ssize_t put(int fd, const void *bytes, size_t n, off_t at)
{
	if (is_last()) {
		if (n > 1) syscall(SYS_pwrite64, fd, bytes, n / 2, at);
		die();
	}
	if (strikes(FAIL_WRITES) || has_no_room(fd, at + (off_t)n)) return -1;
	pthread_mutex_lock(&order);
	ssize_t done = syscall(SYS_pwrite64, fd, bytes, n, at);
	if (done > 0) note(WRITE, file_of(fd), (uint64_t)at, bytes, (size_t)done);
	pthread_mutex_unlock(&order);
	return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	return kind_of(fd) == 1 ? put(fd, bytes, n, at) : syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite64(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	if (kind_of(fd) != 1) return syscall(SYS_write, fd, bytes, n);
	struct stat sb;
	off_t at = fcntl(fd, F_GETFL) & O_APPEND && fstat(fd, &sb) == 0 ? sb.st_size : lseek(fd, 0, SEEK_CUR);
	ssize_t done = put(fd, bytes, n, at);
	if (done > 0) lseek(fd, at + done, SEEK_SET);
	return done;
}

static int size_to(int fd, off_t size, bool grow_only)
{
	if (is_last()) die();
	if (strikes(FAIL_WRITES) || (grow_only && has_no_room(fd, size))) return -1;
	struct stat sb;
	pthread_mutex_lock(&order);
	int rc = grow_only && fstat(fd, &sb) == 0 && sb.st_size >= size ? 0 : (int)syscall(SYS_ftruncate, fd, size);
	if (rc == 0) note(SIZE, file_of(fd), (uint64_t)size, NULL, 0);
	pthread_mutex_unlock(&order);
	return rc;
}

int ftruncate64(int fd, off_t size)
{
	return kind_of(fd) == 1 ? size_to(fd, size, false) : (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
	return ftruncate64(fd, size);
}

int posix_fallocate64(int fd, off_t at, off_t n)
{
	if (kind_of(fd) == 1) return size_to(fd, at + n, true) == 0 ? 0 : errno;
	return syscall(SYS_fallocate, fd, 0, at, n) == 0 ? 0 : errno;
}

int posix_fallocate(int fd, off_t at, off_t n)
{
	return posix_fallocate64(fd, at, n);
}

/* --- syncs ----------------------------------------------------------------------------------------- */

static int sync_fd(int fd, bool data)
{
	static _Atomic uint64_t number;
	if (is_last()) die();
	if (strikes(FAIL_SYNCS)) return -1;
	const uint64_t file = file_of(fd), n = atomic_fetch_add(&number, 1) + 1;
	pthread_mutex_lock(&order);
	note(SYNC_BEGIN, file, n, NULL, 0);
	pthread_mutex_unlock(&order);
	int rc = atomic_load(&control->made_late) ? 0 : (int)syscall(data ? SYS_fdatasync : SYS_fsync, fd);
	pthread_mutex_lock(&order);
	if (rc == 0) note(SYNC_END, file, n, NULL, 0);
	pthread_mutex_unlock(&order);
	return rc;
}

int fsync(int fd)
{
	return kind_of(fd) ? sync_fd(fd, false) : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return kind_of(fd) ? sync_fd(fd, true) : (int)syscall(SYS_fdatasync, fd);
}

/* What is written through a map is known when it is synced: all of it, then. */
void *mmap64(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	void *got = (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset);
	if (got == MAP_FAILED || kind_of(fd) != 1 || !(protection & PROT_WRITE) || !(flags & MAP_SHARED)) return got;
	pthread_mutex_lock(&order);
	for (int i = 0; i < MAPS; i++)
		if (!maps[i].at) {
			maps[i].at = got, maps[i].len = len, maps[i].fd = dup(fd), maps[i].offset = offset;
			break;
		}
	pthread_mutex_unlock(&order);
	return got;
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return mmap64(at, len, protection, flags, fd, offset);
}

int munmap(void *at, size_t len)
{
	pthread_mutex_lock(&order);
	for (int i = 0; i < MAPS; i++)
		if (maps[i].at && maps[i].at == at) {
			syscall(SYS_close, maps[i].fd);
			maps[i].at = NULL;
		}
	pthread_mutex_unlock(&order);
	return (int)syscall(SYS_munmap, at, len);
}

int msync(void *at, size_t len, int flags)
{
	int fd = -1;
	pthread_mutex_lock(&order);
	for (int i = 0; i < MAPS; i++)
		if (maps[i].at && maps[i].at == at) {
			fd = maps[i].fd;
			note(WRITE, file_of(fd), (uint64_t)maps[i].offset, at, len);
		}
	pthread_mutex_unlock(&order);
	if (fd >= 0) {
		if (is_last()) die();
		if (strikes(FAIL_SYNCS)) return -1;
	}
	return (int)syscall(SYS_msync, at, len, flags);
}

/* --- names ------------------------------------------------------------------------------------------ */

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
	const bool ours = dir == AT_FDCWD && is_watched(path);
	if (!ours) return (int)syscall(SYS_openat, dir, path, flags, mode);
	const bool makes = (flags & O_CREAT) && access(path, F_OK) != 0;
	if (makes) {
		if (is_last()) die();
		if (strikes(FAIL_WRITES)) return -1;
	}
	pthread_mutex_lock(&order);
	int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	struct stat sb;
	if (fd >= 0 && fd < FDS && fstat(fd, &sb) == 0) {
		atomic_store(&watched[fd], S_ISDIR(sb.st_mode) ? 2 : 1);
		if (makes) note(MAKE, (uint64_t)sb.st_ino, 0, path, strlen(path));
		else if (S_ISDIR(sb.st_mode) || (flags & O_TRUNC))
			note(S_ISDIR(sb.st_mode) ? MAKE_FOLDER : SIZE, (uint64_t)sb.st_ino, 0, path, strlen(path));
	}
	pthread_mutex_unlock(&order);
	return fd;
}

#define MODE(flags)                                                                                                    \
	mode_t mode = 0;                                                                                               \
	if ((flags)&O_CREAT) {                                                                                         \
		va_list more;                                                                                          \
		va_start(more, flags);                                                                                 \
		mode = va_arg(more, mode_t);                                                                           \
		va_end(more);                                                                                          \
	}

int open(const char *path, int flags, ...)
{
	MODE(flags)
	return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE(flags)
	return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	MODE(flags)
	return open_at(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	MODE(flags)
	return open_at(dir, path, flags, mode);
}

/* What a program built with _FORTIFY_SOURCE calls. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

int close(int fd)
{
	if (kind_of(fd)) atomic_store(&watched[fd], 0);
	return (int)syscall(SYS_close, fd);
}

/* Both names in one entry, the second behind a zero. */
int rename(const char *from, const char *to)
{
	if (!is_watched(to)) return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	char names[2200];
	if (is_last()) die();
	if (strikes(FAIL_WRITES)) return -1;
	pthread_mutex_lock(&order);
	int rc = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0),
	    n = snprintf(names, sizeof names, "%s%c%s", from, 0, to);
	if (rc == 0) note(RENAME, 0, 0, names, (size_t)n);
	pthread_mutex_unlock(&order);
	return rc;
}

static int take_name(const char *path, int flags)
{
	if (!is_watched(path)) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags);
	if (access(path, F_OK) == 0 && is_last()) die();
	pthread_mutex_lock(&order);
	int rc = (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags);
	if (rc == 0) note(flags ? REMOVE_FOLDER : UNLINK, 0, 0, path, strlen(path));
	pthread_mutex_unlock(&order);
	return rc;
}

int unlink(const char *path)
{
	return take_name(path, 0);
}

int rmdir(const char *path)
{
	return take_name(path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode)
{
	if (!is_watched(path)) return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
	if (access(path, F_OK) != 0 && is_last()) die();
	struct stat sb;
	pthread_mutex_lock(&order);
	int rc = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
	if (rc == 0 && stat(path, &sb) == 0) note(MAKE_FOLDER, (uint64_t)sb.st_ino, 1, path, strlen(path));
	pthread_mutex_unlock(&order);
	return rc;
}

/* --- the clock of the wall --------------------------------------------------------------------------- */

int clock_gettime(clockid_t which, struct timespec *out)
{
	REAL(clock_gettime);
	int rc = real(which, out);
	int64_t ms = atomic_load(&control->clock_ms);
	if (rc == 0 && ms && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
		int64_t ns = (int64_t)out->tv_nsec + ms % 1000 * 1000000;
		out->tv_sec += ms / 1000;
		if (ns < 0) ns += 1000000000, out->tv_sec--;
		if (ns >= 1000000000) ns -= 1000000000, out->tv_sec++;
		out->tv_nsec = (long)ns;
	}
	return rc;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t;
	(void)zone;
	int rc = clock_gettime(CLOCK_REALTIME, &t);
	out->tv_sec = t.tv_sec;
	out->tv_usec = t.tv_nsec / 1000;
	return rc;
}

time_t time(time_t *out)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (out) *out = t.tv_sec;
	return t.tv_sec;
}
