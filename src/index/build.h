/*
 * The first reading of a log, on several threads.
 *
 *   log ─ranges of arrivals─► chunks, each read by one thread ─► words of chunks become the index's ─► parts, each
 *                                                                                        sorted by one thread
 *
 * A chunk has its rows by part, in order of arrival, in columns of its own
 * codes. So nothing is shared while bodies are read, and since the words of
 * chunks are given their codes in the order of the chunks, codes do not
 * depend on the number of threads.
 */
#ifndef INDEX_BUILD_H
#define INDEX_BUILD_H

#include "index/writer.h"

/* Words with codes in order of their coming; 0 is "". */
struct terms {
	struct str *words; /* in the chunk's arena */
	uint64_t *hashes;
	uint32_t n, cap;
	uint32_t *slots, n_slots;
	uint32_t *code; /* of the index, after the merge */
};

struct chunk {
	uint64_t from, to; /* arrivals */
	uint32_t n;        /* rows */
	uint32_t first[INDEX_PARTS + 1], first_evidence[INDEX_PARTS + 1];
	/* By part, in order of arrival. */
	uint32_t *customer, *arrival; /* arrival - from */
	uint16_t *kind;
	int64_t *at_ms;
	void *dims[INDEX_DIMENSIONS_MAX]; /* local codes; NULL: all are 0 */
	uint8_t width[INDEX_DIMENSIONS_MAX];
	struct journey_evidence *evidence; /* rows of the chunk */
	struct terms terms[INDEX_DIMENSIONS_MAX], abouts, currencies;
	struct scale scales[SCALES_MAX];
	uint8_t n_scales, scale_code[SCALES_MAX + 1];
	struct arena text;
	uint32_t max_kind;
	int64_t newest_ms, oldest_ms;
	struct anchor anchor;
};
void chunk_done(struct chunk *c);

/* sort.c: a run of part q from all chunks, whose codes are merged. NULL when memory is short; *empty instead when the
 * part has no rows. */
struct run *run_of_chunks(const struct chunk *chunks, size_t n_chunks, uint32_t q, size_t n_dims, uint64_t id,
                          bool *empty);

#endif
