#include "index/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/hash.h"

enum { VERSION = 5, CHUNK_BYTES = 1 << 20, PATH_BYTES = 4096 + 64 };

struct header {
	char magic[8];
	uint32_t version, kind;
	uint64_t payload_bytes, chunk_bytes, mark, table_hash, hash;
};
_Static_assert(sizeof(struct header) == 56, "as drawn in file.h");

static const char magic[8] = "SAFARIX";
static const char *const kind_names[FILE_KINDS] = { "manifest", "run", "words", "people" };

static uint64_t header_hash(const struct header *h)
{
	return hash64((struct str){ (const char *)h, offsetof(struct header, hash) });
}

static size_t chunks_of(uint64_t payload)
{
	return (size_t)((payload + CHUNK_BYTES - 1) / CHUNK_BYTES);
}

void file_name(enum file_kind kind, uint64_t hash, char out[40])
{
	if (kind == FILE_MANIFEST) snprintf(out, 40, "manifest");
	else snprintf(out, 40, "%s-%016llx", kind_names[kind], (unsigned long long)hash);
}

static enum err_code io_err(struct err *err, const char *what, const char *path)
{
	const int e = errno;
	const bool full = e == ENOSPC || e == EDQUOT;
	return err_set(err,
	               e == ENOENT ? ERR_NOT_FOUND
	               : full      ? ERR_UNAVAILABLE
	                           : ERR_IO,
	               "index.file", "", "%s %s: %s", what, path, strerror(e));
}

/* --- writing -------------------------------------------------------------------------------- */

static void tmp_path(const struct file_out *f, char out[PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%s/%s.tmp", f->dir, kind_names[f->kind]);
}

static void failed(struct file_out *f, const char *what)
{
	if (f->rc != OK) return;
	char path[PATH_BYTES];
	tmp_path(f, path);
	f->rc = io_err(&f->err, what, path);
}

static void write_all(struct file_out *f, const void *bytes, size_t n, uint64_t at)
{
	const char *p = bytes;
	while (n && f->rc == OK) {
		const ssize_t got = pwrite(f->fd, p, n, (off_t)at);
		if (got < 0 && errno == EINTR) continue;
		if (got < 0) {
			failed(f, "writing");
			return;
		}
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
}

void file_begin(struct file_out *f, const char *dir, enum file_kind kind, uint64_t mark)
{
	*f = (struct file_out){ .dir = dir, .kind = kind, .mark = mark, .fd = -1 };
	char path[PATH_BYTES];
	tmp_path(f, path);
	f->chunk = malloc(CHUNK_BYTES);
	if (!f->chunk) {
		f->rc = err_no_memory(&f->err);
		return;
	}
	f->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (f->fd < 0) failed(f, "making");
}

static void end_chunk(struct file_out *f)
{
	if (f->n_sums == f->cap_sums) {
		const size_t cap = f->cap_sums ? f->cap_sums * 2 : 16;
		uint64_t *grown = realloc(f->sums, cap * sizeof *grown);
		if (!grown) {
			f->rc = err_no_memory(&f->err);
			return;
		}
		f->sums = grown;
		f->cap_sums = cap;
	}
	f->sums[f->n_sums] = hash64((struct str){ f->chunk, f->n_chunk });
	write_all(f, f->chunk, f->n_chunk, sizeof(struct header) + (uint64_t)f->n_sums * CHUNK_BYTES);
	f->n_sums++;
	f->n_chunk = 0;
}

static void put(struct file_out *f, const void *bytes, size_t n)
{
	const char *p = bytes;
	f->payload += n;
	while (n && f->rc == OK) {
		const size_t room = CHUNK_BYTES - f->n_chunk, some = n < room ? n : room;
		memcpy(f->chunk + f->n_chunk, p, some);
		f->n_chunk += some;
		p += some;
		n -= some;
		if (f->n_chunk == CHUNK_BYTES) end_chunk(f);
	}
}

void file_put(struct file_out *f, const void *bytes, size_t n)
{
	static const char zeros[8] = { 0 };
	put(f, bytes, n);
	put(f, zeros, (8 - n % 8) % 8);
}

static void seal(struct file_out *f, struct file_ref *ref)
{
	if (f->rc == OK && f->n_chunk) end_chunk(f);
	const struct str table = { (const char *)f->sums, f->n_sums * sizeof *f->sums };
	struct header h = { .version = VERSION,
		            .kind = (uint32_t)f->kind,
		            .payload_bytes = f->payload,
		            .chunk_bytes = CHUNK_BYTES,
		            .mark = f->mark,
		            .table_hash = hash64(table) };
	memcpy(h.magic, magic, sizeof magic);
	h.hash = header_hash(&h);
	write_all(f, table.ptr, table.len, sizeof h + f->payload);
	write_all(f, &h, sizeof h, 0);
	*ref = (struct file_ref){ h.hash, sizeof h + f->payload + table.len };
}

enum err_code file_end(struct file_out *f, struct file_ref *out, struct err *err)
{
	char tmp[PATH_BYTES], path[PATH_BYTES], name[40];
	struct file_ref ref = { 0 };
	tmp_path(f, tmp);
	if (f->rc == OK) seal(f, &ref);
	/* The manifest speaks of files that are on the disk; they themselves are only begun with, and waited for
	 * together. */
	if (f->rc == OK && f->kind == FILE_MANIFEST && fsync(f->fd) != 0) failed(f, "syncing");
	if (f->rc == OK && f->kind != FILE_MANIFEST) (void)sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (f->fd >= 0 && close(f->fd) != 0) failed(f, "closing");
	file_name(f->kind, ref.hash, name);
	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	if (f->rc == OK && rename(tmp, path) != 0) failed(f, "naming");
	if (f->rc != OK && f->fd >= 0) unlink(tmp);
	free(f->chunk);
	free(f->sums);
	if (f->rc == OK) *out = ref;
	else if (err) *err = f->err;
	return f->rc;
}

enum err_code file_sync(const char *dir, enum file_kind kind, struct file_ref ref, struct err *err)
{
	char name[40], path[PATH_BYTES];
	file_name(kind, ref.hash, name);
	snprintf(path, sizeof path, "%s/%s", dir, name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return io_err(err, "opening", path);
	const int rc = fsync(fd);
	close(fd);
	return rc == 0 ? OK : io_err(err, "syncing", path);
}

enum err_code file_sync_folder(const char *dir, struct err *err)
{
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) return io_err(err, "opening", dir);
	const int rc = fsync(fd);
	close(fd);
	return rc == 0 ? OK : io_err(err, "syncing", dir);
}

/* --- reading ------------------------------------------------------------------------------------ */

static enum err_code broken(struct err *err, const char *name, const char *what)
{
	return err_set(err, ERR_CORRUPT, "index.file", "", "%s: %s", name, what);
}

/* What the header says, against the size of the file: nothing else is looked at before. */
static enum err_code check_header(const struct header *h, const char *name, enum file_kind kind, struct file_ref ref,
                                  uint64_t mark, uint64_t size, struct err *err)
{
	if (memcmp(h->magic, magic, sizeof magic) != 0) return broken(err, name, "it is no file of this kind");
	if (h->hash != header_hash(h)) return broken(err, name, "the checksum of its header is wrong");
	if (h->version != VERSION) return broken(err, name, "its format is unknown to this version");
	if (h->kind != (uint32_t)kind || (ref.hash && (h->hash != ref.hash || size != ref.bytes)))
		return broken(err, name, "it is another file than the one that was written");
	if (mark && h->mark != mark) return broken(err, name, "it belongs to another safar.db");
	if (h->chunk_bytes != CHUNK_BYTES || h->payload_bytes % 8 || h->payload_bytes > size ||
	    sizeof *h + h->payload_bytes + chunks_of(h->payload_bytes) * sizeof(uint64_t) != size)
		return broken(err, name, "its length is not what it was");
	return OK;
}

static enum err_code check_chunks(const struct header *h, const char *name, const char *file, struct err *err)
{
	const char *payload = file + sizeof *h, *table = payload + h->payload_bytes;
	const size_t n = chunks_of(h->payload_bytes);
	if (hash64((struct str){ table, n * sizeof(uint64_t) }) != h->table_hash)
		return broken(err, name, "its table of checksums is damaged");
	for (size_t i = 0; i < n; i++) {
		uint64_t sum, at = (uint64_t)i * CHUNK_BYTES,
		              len = h->payload_bytes - at < CHUNK_BYTES ? h->payload_bytes - at : CHUNK_BYTES;
		memcpy(&sum, table + i * sizeof sum, sizeof sum);
		if (hash64((struct str){ payload + at, (size_t)len }) == sum) continue;
		return err_set(err, ERR_CORRUPT, "index.file", "", "%s: the checksum of MiB %zu is wrong", name, i);
	}
	return OK;
}

enum err_code file_open(const char *dir, enum file_kind kind, struct file_ref ref, uint64_t mark, struct file_map *out,
                        struct err *err)
{
	char name[40], path[PATH_BYTES];
	file_name(kind, ref.hash, name);
	snprintf(path, sizeof path, "%s/%s", dir, name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "index.file", "", "%s is missing", name)
		                       : io_err(err, "opening", path);
	struct stat sb;
	struct header h;
	enum err_code rc = OK;
	if (fstat(fd, &sb) != 0) rc = io_err(err, "looking at", path);
	else if (sb.st_size < (off_t)sizeof h) rc = broken(err, name, "it is cut off");
	else if (pread(fd, &h, sizeof h, 0) != (ssize_t)sizeof h) rc = io_err(err, "reading", path);
	else rc = check_header(&h, name, kind, ref, mark, (uint64_t)sb.st_size, err);
	struct file_map f = { .map_bytes = rc == OK ? (size_t)sb.st_size : 0 };
	if (rc == OK) {
		f.map = mmap(NULL, f.map_bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (f.map == MAP_FAILED) rc = io_err(err, "mapping", path);
	}
	close(fd);
	if (rc != OK) return rc;
	f.payload = (const char *)f.map + sizeof h;
	f.bytes = h.payload_bytes;
	f.ref = (struct file_ref){ h.hash, f.map_bytes };
	/* Again from the mapping: the header that was read and the one that is mapped are the same bytes. */
	rc = memcmp(f.map, &h, sizeof h) == 0 ? check_chunks(&h, name, f.map, err)
	                                      : broken(err, name, "it changed while it was read");
	if (rc == OK) *out = f;
	else file_close(&f);
	return rc;
}

void file_close(struct file_map *f)
{
	if (f->map) munmap(f->map, f->map_bytes);
	*f = (struct file_map){ 0 };
}

/* --- sweeping ----------------------------------------------------------------------------------------- */

static bool is_kept(const char *name, const struct file_ref *keep, size_t n)
{
	const char *dash = strrchr(name, '-');
	const unsigned long long hash = dash ? strtoull(dash + 1, NULL, 16) : 0;
	for (size_t i = 0; i < n; i++)
		if (keep[i].hash == hash) return true;
	return strcmp(name, "manifest") == 0;
}

static bool is_ours(const char *name)
{
	for (int k = 0; k < FILE_KINDS; k++) {
		const size_t n = strlen(kind_names[k]);
		if (strncmp(name, kind_names[k], n) == 0 &&
		    (!name[n] || name[n] == '-' || strcmp(name + n, ".tmp") == 0))
			return true;
	}
	return false;
}

void file_sweep(const char *dir, const struct file_ref *keep, size_t n, int64_t *bytes, int64_t *files)
{
	*bytes = *files = 0;
	DIR *d = opendir(dir);
	if (!d) return;
	for (struct dirent *e; (e = readdir(d));) {
		struct stat sb;
		if (!is_ours(e->d_name) || fstatat(dirfd(d), e->d_name, &sb, AT_SYMLINK_NOFOLLOW) != 0) continue;
		if (!is_kept(e->d_name, keep, n) && unlinkat(dirfd(d), e->d_name, 0) == 0) continue;
		*bytes += sb.st_size;
		++*files;
	}
	closedir(d);
}

int64_t file_count(const char *dir)
{
	int64_t n = 0;
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d));) n += is_ours(e->d_name);
	if (d) closedir(d);
	return n;
}
