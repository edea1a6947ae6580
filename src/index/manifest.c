#include "index/manifest.h"

#include <stdlib.h>

#include "base/checked.h"

struct fixed {
	uint64_t arrival_end, edges_from;
	struct anchor anchor, edge_anchor;
	int64_t events, newest_ms, oldest_ms;
	struct file_ref words, people;
	uint32_t n_dims, n_kinds, n_waits, n_scales;
	struct scale scales[SCALES_MAX];
	uint8_t ready[INDEX_DIMENSIONS_MAX];
	uint64_t waits_bytes;
};

struct part_fixed {
	struct file_ref base, delta;
	uint64_t n_dead;
};

enum err_code manifest_write(const char *dir, uint64_t mark, const struct manifest *m, struct err *err)
{
	struct fixed x = { .arrival_end = m->arrival_end,
		           .edges_from = m->edges_from,
		           .anchor = m->anchor,
		           .edge_anchor = m->edge_anchor,
		           .events = m->events,
		           .newest_ms = m->newest_ms,
		           .oldest_ms = m->oldest_ms,
		           .words = m->words,
		           .people = m->people,
		           .n_dims = m->n_dims,
		           .n_kinds = m->n_kinds,
		           .n_waits = m->n_waits,
		           .n_scales = m->n_scales,
		           .waits_bytes = m->waits.len };
	memcpy(x.scales, m->scales, sizeof x.scales);
	for (uint32_t d = 0; d < m->n_dims; d++) x.ready[d] = m->ready[d];
	struct file_out f;
	file_begin(&f, dir, FILE_MANIFEST, mark);
	file_put(&f, &x, sizeof x);
	for (uint32_t d = 0; d < m->n_dims; d++) {
		const uint64_t len = m->names[d].len;
		file_put(&f, &len, sizeof len);
		file_put(&f, m->names[d].ptr, m->names[d].len);
	}
	for (uint32_t k = 0; k < m->n_kinds; k++) {
		const uint16_t kind[4] = { m->kinds[k].event, m->kinds[k].channel, m->kinds[k].hidden };
		file_put(&f, kind, sizeof kind);
	}
	file_put(&f, m->waits.ptr, m->waits.len);
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		const struct manifest_part *p = &m->parts[q];
		const struct part_fixed y = { p->base, p->delta, p->n_dead };
		file_put(&f, &y, sizeof y);
		file_put(&f, p->dead, p->n_dead * sizeof *p->dead);
	}
	struct file_ref ref;
	return file_end(&f, &ref, err);
}

static const void *cut(struct str *rest, uint64_t bytes)
{
	const uint64_t padded = (bytes + 7) & ~(uint64_t)7;
	if (padded > rest->len || padded < bytes) return NULL;
	const void *p = rest->ptr;
	rest->ptr += padded;
	rest->len -= padded;
	return p;
}

static bool read_lists(struct str *rest, struct manifest *out, struct journey_kind **kinds, uint64_t waits_bytes)
{
	for (uint32_t d = 0; d < out->n_dims; d++) {
		const uint64_t *len = cut(rest, sizeof *len);
		const char *text = len ? cut(rest, *len) : NULL;
		if (!text) return false;
		out->names[d] = (struct str){ text, *len };
	}
	const uint16_t(*k)[4] = cut(rest, (uint64_t)out->n_kinds * sizeof *k);
	*kinds = malloc(((size_t)out->n_kinds + 1) * sizeof **kinds);
	if (!k || !*kinds) return false;
	for (uint32_t i = 0; i < out->n_kinds; i++)
		(*kinds)[i] = (struct journey_kind){ .event = k[i][0], .channel = k[i][1], .hidden = k[i][2] != 0 };
	out->kinds = *kinds;
	const char *waits = cut(rest, waits_bytes);
	out->waits = (struct str){ waits, waits_bytes };
	if (!waits) return false;
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		const struct part_fixed *y = cut(rest, sizeof *y);
		if (!y || y->n_dead > rest->len / sizeof(uint64_t)) return false;
		out->parts[q] = (struct manifest_part){ y->base, y->delta, NULL, y->n_dead };
		if (y->n_dead) out->parts[q].dead = cut(rest, y->n_dead * sizeof(uint64_t));
	}
	return rest->len == 0;
}

enum err_code manifest_read(const struct file_map *f, struct manifest *out, struct journey_kind **kinds,
                            struct err *err)
{
	struct str rest = { f->payload, f->bytes };
	const struct fixed *x = cut(&rest, sizeof *x);
	*out = (struct manifest){ 0 };
	*kinds = NULL;
	if (x && x->n_dims <= INDEX_DIMENSIONS_MAX && x->n_scales <= SCALES_MAX && x->n_kinds <= UINT16_MAX + 1) {
		*out = (struct manifest){ .arrival_end = x->arrival_end,
			                  .edges_from = x->edges_from,
			                  .anchor = x->anchor,
			                  .edge_anchor = x->edge_anchor,
			                  .events = x->events,
			                  .newest_ms = x->newest_ms,
			                  .oldest_ms = x->oldest_ms,
			                  .words = x->words,
			                  .people = x->people,
			                  .n_dims = x->n_dims,
			                  .n_kinds = x->n_kinds,
			                  .n_waits = x->n_waits,
			                  .n_scales = x->n_scales };
		memcpy(out->scales, x->scales, sizeof out->scales);
		for (uint32_t d = 0; d < x->n_dims; d++) out->ready[d] = x->ready[d] != 0;
		if (read_lists(&rest, out, kinds, x->waits_bytes)) return OK;
	}
	free(*kinds);
	*kinds = NULL;
	return err_set(err, ERR_CORRUPT, "index.file", "", "manifest: its sizes do not add up");
}
