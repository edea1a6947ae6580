/*
 * Sealed files: written once, mapped for reading, every byte under a sum.
 *
 *     0  magic "SAFARIX"            40  hash of the table of sums
 *     8  u32 version, u32 kind      48  hash of bytes 0..48: the file's name and what refers to it
 *    16  u64 payload bytes (8 | n)  56  payload, then the table: XXH3 of each MiB of the payload
 *    24  u64 bytes of a chunk
 *    32  u64 mark of the log
 *
 * A file is named KIND-HASH; whoever refers to it says the hash, so that
 * another file of that name is noticed as well as a byte that changed.
 * docs/adr/0005.
 */
#ifndef INDEX_FILE_H
#define INDEX_FILE_H

#include "base/err.h"
#include "base/str.h"

enum file_kind { FILE_MANIFEST, FILE_RUN, FILE_WORDS, FILE_PEOPLE, FILE_KINDS };

/* What a file is known by. */
struct file_ref {
	uint64_t hash; /* 0: none */
	uint64_t bytes;
};

/* Writing: open, put, and one of the two ends. */
struct file_out {
	const char *dir; /* borrowed */
	enum file_kind kind;
	uint64_t mark;
	int fd;
	char *chunk; /* what is not written yet */
	size_t n_chunk;
	uint64_t payload;
	uint64_t *sums;
	size_t n_sums, cap_sums;
	struct err err;
	enum err_code rc; /* sticky: the first failure */
};
void file_begin(struct file_out *f, const char *dir, enum file_kind kind, uint64_t mark);
/* Pads to a multiple of 8 behind it. */
void file_put(struct file_out *f, const void *bytes, size_t n);
/* Seals and names the file. It is on the disk after file_sync; the manifest, which has one name and replaces the last,
 * at once. The folder is synced apart. */
NODISCARD enum err_code file_end(struct file_out *f, struct file_ref *out, struct err *err);

/* A file mapped whole. */
struct file_map {
	void *map;
	size_t map_bytes;
	const char *payload;
	size_t bytes;
	struct file_ref ref;
};
/*
 * Maps a file and checks everything: name, lengths against the size before
 * mapping, header, each chunk. ref.hash 0: whatever the manifest's is; mark
 * 0: of any log.
 * ERR_NOT_FOUND when it is missing, ERR_CORRUPT when anything is not as it
 * was written; both name the file and say what is wrong.
 */
NODISCARD enum err_code file_open(const char *dir, enum file_kind kind, struct file_ref ref, uint64_t mark,
                                  struct file_map *out, struct err *err);
void file_close(struct file_map *f);

void file_name(enum file_kind kind, uint64_t hash, char out[40]);
/* Unlinks what is ours in the folder and not named in `keep`; how many bytes and files stay. */
void file_sweep(const char *dir, const struct file_ref *keep, size_t n, int64_t *bytes, int64_t *files);
int64_t file_count(const char *dir); /* of ours, whole or not */
NODISCARD enum err_code file_sync(const char *dir, enum file_kind kind, struct file_ref ref, struct err *err);
NODISCARD enum err_code file_sync_folder(const char *dir, struct err *err);

#endif
