/*
 * A run: header of 4,096 bytes, filter, entries. The filter is a blocked
 * Bloom filter of 16 bits a key: a key has six bits in one block of 64
 * bytes, so a "no" costs one cache line; about one lookup in a thousand
 * passes it in vain. Entries are sorted by a hash that is uniform, so their
 * place is guessed and then found within a few steps.
 */
#include "store/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"

enum { HEADER_BYTES = 4096, BLOCK_BYTES = 64, BITS_PER_KEY = 16, PROBES = 6 };

struct header {
	char magic[8];
	uint64_t version, check, n, from, to, n_filter;
	struct id_entry anchor;
	uint64_t content_sum; /* of filter and entries */
	uint64_t header_sum;  /* of the fields above */
};
static const char magic[8] = "SAFARID";

static uint64_t header_sum(const struct header *h)
{
	return hash64((struct str){ (const char *)h, offsetof(struct header, header_sum) });
}

static uint64_t filter_home(struct hash128 key, uint64_t n_filter)
{
	return (uint64_t)(((unsigned __int128)key.hi * n_filter) >> 64);
}

static void filter_add(unsigned char *filter, uint64_t n_filter, struct hash128 key)
{
	unsigned char *block = filter + filter_home(key, n_filter) * BLOCK_BYTES;
	uint64_t bits = key.lo;
	for (int i = 0; i < PROBES; i++, bits >>= 9) block[(bits & 511) >> 3] |= (unsigned char)(1u << (bits & 7));
}

static bool filter_has(const struct idrun *r, struct hash128 key)
{
	const unsigned char *block = r->filter + filter_home(key, r->n_filter) * BLOCK_BYTES;
	uint64_t bits = key.lo;
	for (int i = 0; i < PROBES; i++, bits >>= 9)
		if (!(block[(bits & 511) >> 3] & (1u << (bits & 7)))) return false;
	return true;
}

void idrun_prefetch(const struct idrun *r, struct hash128 key)
{
	__builtin_prefetch(r->filter + filter_home(key, r->n_filter) * BLOCK_BYTES);
}

/* First index in [lo, hi) whose key is not below `key`. */
static uint64_t lower_bound(const struct id_entry *e, uint64_t lo, uint64_t hi, struct hash128 key)
{
	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		if (id_cmp(e[mid].key, key) < 0) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

bool idrun_find(const struct idrun *r, struct hash128 key, struct id_entry *out)
{
	if (r->n == 0 || !filter_has(r, key)) return false;
	/* Uniform keys lie within a few sqrt(n) of their guess: widen around it until they are enclosed. */
	uint64_t guess = (uint64_t)(((unsigned __int128)key.hi * r->n) >> 64);
	uint64_t lo = guess, hi = guess, step = 16;
	while (lo > 0 && id_cmp(r->entries[lo].key, key) >= 0) {
		lo = lo > step ? lo - step : 0;
		step *= 2;
	}
	step = 16;
	while (hi < r->n && id_cmp(r->entries[hi].key, key) < 0) {
		hi = r->n - hi > step ? hi + step : r->n;
		step *= 2;
	}
	uint64_t at = lower_bound(r->entries, lo, hi, key);
	if (at >= r->n || id_cmp(r->entries[at].key, key) != 0) return false;
	*out = r->entries[at];
	return true;
}

/* --- writing ------------------------------------------------------------------------------- */

static enum err_code io_err(struct err *err, const char *what, const char *path)
{
	int e = errno;
	bool full = e == ENOSPC || e == EDQUOT;
	return err_set(err, full ? ERR_UNAVAILABLE : ERR_IO, full ? "store.full" : "store.ids", "", "%s %s: %s", what,
	               path, strerror(e));
}

static enum err_code sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) return io_err(err, "opening", dir);
	int rc = fsync(fd);
	close(fd);
	return rc == 0 ? OK : io_err(err, "syncing", dir);
}

enum err_code idrun_write(const char *dir, const struct idrun_meta *meta, uint64_t n, idrun_next next, void *ctx,
                          struct idrun **out, struct err *err)
{
	char tmp[512], path[512];
	snprintf(path, sizeof path, "%s/%014llu-%014llu.run", dir, (unsigned long long)meta->from,
	         (unsigned long long)meta->to);
	snprintf(tmp, sizeof tmp, "%s/new.tmp", dir);
	uint64_t n_filter = n * BITS_PER_KEY / (BLOCK_BYTES * 8) + 1;
	size_t bytes = HEADER_BYTES + n_filter * BLOCK_BYTES + n * sizeof(struct id_entry);
	unsigned char *map = MAP_FAILED;
	enum err_code rc = OK;
	int fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) return io_err(err, "making", tmp);
	/* Room is taken first: writing to a mapping of a full disk would kill the process. */
	errno = posix_fallocate(fd, 0, (off_t)bytes);
	if (errno != 0) {
		rc = io_err(err, "making room for", tmp);
		goto done;
	}
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		rc = io_err(err, "mapping", tmp);
		goto done;
	}
	unsigned char *filter = map + HEADER_BYTES;
	struct id_entry e, *entries = (struct id_entry *)(void *)(filter + n_filter * BLOCK_BYTES);
	uint64_t i = 0;
	for (; i < n && next(ctx, &e); i++) {
		entries[i] = e;
		filter_add(filter, n_filter, e.key);
	}
	if (i != n) {
		rc = err_set(err, ERR_CORRUPT, "store.ids", "", "ids ended after %llu of %llu", (unsigned long long)i,
		             (unsigned long long)n);
		goto done;
	}
	struct header h = { .version = 1,
		            .check = meta->check,
		            .n = n,
		            .from = meta->from,
		            .to = meta->to,
		            .n_filter = n_filter,
		            .anchor = meta->anchor };
	memcpy(h.magic, magic, sizeof magic);
	h.content_sum = hash64((struct str){ (const char *)filter, bytes - HEADER_BYTES });
	h.header_sum = header_sum(&h);
	memcpy(map, &h, sizeof h);
	if (msync(map, bytes, MS_SYNC) != 0 || fsync(fd) != 0) {
		rc = io_err(err, "syncing", tmp);
		goto done;
	}
	if (rename(tmp, path) != 0) rc = io_err(err, "naming", path);
	if (rc == OK) rc = sync_dir(dir, err);
done:
	if (map != MAP_FAILED) munmap(map, bytes);
	close(fd);
	if (rc != OK) {
		unlink(tmp);
		return rc;
	}
	return idrun_open(path, meta->check, out, err);
}

/* --- opening --------------------------------------------------------------------------------- */

enum err_code idrun_open(const char *path, uint64_t check, struct idrun **out, struct err *err)
{
	struct idrun *r = calloc(1, sizeof *r);
	if (!r) return err_no_memory(err);
	enum err_code rc = OK;
	snprintf(r->path, sizeof r->path, "%s", path);
	struct stat sb;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &sb) != 0) {
		rc = io_err(err, "opening", path);
		goto done;
	}
	if (sb.st_size < HEADER_BYTES) {
		rc = err_set(err, ERR_CORRUPT, "store.ids", "", "%s is cut", path);
		goto done;
	}
	r->map_bytes = (size_t)sb.st_size;
	r->map = mmap(NULL, r->map_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (r->map == MAP_FAILED) {
		r->map = NULL;
		rc = io_err(err, "mapping", path);
		goto done;
	}
	struct header h;
	memcpy(&h, r->map, sizeof h);
	bool ok = memcmp(h.magic, magic, sizeof magic) == 0 && h.version == 1 && h.header_sum == header_sum(&h) &&
	          h.check == check && h.n_filter >= 1 && h.from <= h.to && h.n < ((uint64_t)1 << 40) &&
	          h.n_filter < ((uint64_t)1 << 40) &&
	          HEADER_BYTES + h.n_filter * BLOCK_BYTES + h.n * sizeof(struct id_entry) == r->map_bytes &&
	          hash64((struct str){ (const char *)r->map + HEADER_BYTES, r->map_bytes - HEADER_BYTES }) ==
	                  h.content_sum;
	if (!ok) {
		rc = err_set(err, ERR_CORRUPT, "store.ids", "", "%s fails its checksum", path);
		goto done;
	}
	r->n = h.n, r->from = h.from, r->to = h.to, r->n_filter = h.n_filter, r->anchor = h.anchor;
	r->filter = r->map + HEADER_BYTES;
	r->entries = (const struct id_entry *)(const void *)(r->filter + r->n_filter * BLOCK_BYTES);
	madvise(r->map, r->map_bytes, MADV_RANDOM);
done:
	if (fd >= 0) close(fd);
	if (rc != OK) idrun_close(r);
	else *out = r;
	return rc;
}

void idrun_close(struct idrun *r)
{
	if (!r) return;
	if (r->map) munmap(r->map, r->map_bytes);
	free(r);
}
