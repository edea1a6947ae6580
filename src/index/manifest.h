/*
 * The manifest: what a saved snapshot is made of. All of its small things
 * are in it, the large ones are files that it names. Every part is a
 * multiple of 8 bytes, numbers in this machine's order:
 *
 *   fixed | names of dimensions | kinds, 3 x u16 | waits | 256 parts: base, delta, n_dead, dead bits
 */
#ifndef INDEX_MANIFEST_H
#define INDEX_MANIFEST_H

#include "index/file.h"
#include "index/index.h"

enum { SCALES_MAX = 63 };

struct scale {
	double min, max;
};
/* The newest of what is held, an event and a hash of its head, or what was said of pairs at one arrival number: a log
 * in which it differs is another log. */
struct anchor {
	uint64_t arrival, hash; /* hash 0: nothing yet */
};
struct manifest_part {
	struct file_ref base, delta;
	const uint64_t *dead; /* bits of dead slices in base; NULL none */
	uint64_t n_dead;      /* words */
};
struct manifest {
	uint64_t arrival_end, edges_from;
	struct anchor anchor, edge_anchor;
	int64_t events, newest_ms, oldest_ms;
	struct file_ref words, people;
	uint32_t n_dims, n_kinds, n_waits, n_scales;
	struct scale scales[SCALES_MAX];
	bool ready[INDEX_DIMENSIONS_MAX]; /* of dimensions: filled for every event */
	struct str names[INDEX_DIMENSIONS_MAX];
	const struct journey_kind *kinds;
	struct str waits; /* journey_durations_pack of each event code */
	struct manifest_part parts[INDEX_PARTS];
};

NODISCARD enum err_code manifest_write(const char *dir, uint64_t mark, const struct manifest *m, struct err *err);
/* Views are of the mapping, but for kinds, which are the caller's to free. */
NODISCARD enum err_code manifest_read(const struct file_map *f, struct manifest *out, struct journey_kind **kinds,
                                      struct err *err);

#endif
