/* Stages and runs: rows as they come, and columns in one block of memory. */
#include "index/priv.h"

#include "base/checked.h"

bool stage_row(struct stage *s, size_t n_dims, uint32_t *row)
{
	while (s->n_dims < n_dims) {
		/* A dimension declared since: rows already here have none of it. */
		if (s->cap && !(s->dims[s->n_dims] = calloc(s->cap, sizeof **s->dims))) return false;
		s->n_dims++;
	}
	if (s->n == s->cap) {
		const size_t cap = s->cap ? (size_t)s->cap * 2 : 64;
		if (cap > UINT32_MAX) return false;
#define GROW(field)                                                                                                    \
	do {                                                                                                           \
		void *grown_ = realloc(field, cap * sizeof *(field));                                                  \
		if (!grown_) return false;                                                                             \
		field = grown_;                                                                                        \
	} while (0)
		GROW(s->customer);
		GROW(s->kind);
		GROW(s->at_ms);
		GROW(s->arrival);
		for (size_t d = 0; d < s->n_dims; d++) GROW(s->dims[d]);
		s->cap = (uint32_t)cap;
	}
	*row = s->n++;
	return true;
}

bool stage_evidence(struct stage *s, const struct journey_evidence *e)
{
	if (s->n_evidence == s->cap_evidence) {
		const size_t cap = s->cap_evidence ? (size_t)s->cap_evidence * 2 : 64;
		GROW(s->evidence);
		s->cap_evidence = (uint32_t)cap;
	}
	s->evidence[s->n_evidence++] = *e;
	return true;
}

void stage_clear(struct stage *s)
{
	free(s->customer);
	free(s->kind);
	free(s->at_ms);
	free(s->arrival);
	for (size_t d = 0; d < s->n_dims; d++) free(s->dims[d]);
	free(s->evidence);
	*s = (struct stage){ 0 };
}

struct journey_columns stage_columns(const struct stage *s, struct journey_codes *codes)
{
	for (size_t d = 0; d < s->n_dims; d++) {
		uint32_t i = 0;
		while (i < s->n && s->dims[d][i] == 0) i++;
		codes[d] = (struct journey_codes){ s->dims[d], i < s->n ? 4 : 0 };
	}
	return (struct journey_columns){ .n_rows = s->n,
		                         .n_evidence = s->n_evidence,
		                         .kind = s->kind,
		                         .at_ms = s->at_ms,
		                         .arrival = s->arrival,
		                         .dimensions = codes,
		                         .n_dimensions = s->n_dims,
		                         .evidence = s->evidence };
}

void run_free(struct run *r)
{
	while (r && --r->refs == 0) {
		struct run *parent = r->parent;
		free(r->block);
		free(r->codes);
		file_close(&r->file);
		free(r);
		r = parent;
	}
}

uint32_t columns_find(const struct journey_columns *c, uint32_t customer)
{
	uint32_t lo = 0, hi = c->n_customers;
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (c->customer[mid] < customer) lo = mid + 1;
		else hi = mid;
	}
	return lo < c->n_customers && c->customer[lo] == customer && !journey_dead(c, lo) ? lo : UINT32_MAX;
}

static uint32_t code_at(const struct journey_columns *c, size_t d, uint32_t row)
{
	return d < c->n_dimensions ? journey_code(c->dimensions[d], row) : 0;
}

/* The next `size` bytes, padded to 8; NULL without a base. */
static void *take(char *base, size_t *at, size_t size)
{
	void *p = base ? base + *at : NULL;
	*at += (size + 7) & ~(size_t)7;
	return p;
}

size_t run_layout(const struct run_head *h, char *base, struct journey_codes *codes, struct journey_columns *c)
{
	const size_t n = h->n_rows, nc = h->n_customers;
	size_t at = 0;
	*c = (struct journey_columns){ .n_customers = h->n_customers,
		                       .n_rows = h->n_rows,
		                       .n_evidence = h->n_evidence,
		                       .dimensions = codes,
		                       .n_dimensions = h->n_dims };
	c->at_ms = take(base, &at, n * 8);
	c->arrival = take(base, &at, n * 8);
	c->evidence = take(base, &at, h->n_evidence * sizeof *c->evidence);
	c->customer = take(base, &at, nc * 4);
	c->offset = take(base, &at, (nc + 1) * 4);
	c->evidence_offset = take(base, &at, (nc + 1) * 4);
	c->kind = take(base, &at, n * 2);
	for (size_t d = 0; d < h->n_dims; d++) {
		const void *own = take(base, &at, n * h->width[d]);
		if (codes) codes[d] = (struct journey_codes){ own, h->width[d] };
	}
	return at;
}

struct run *run_new(const struct run_head *h, uint64_t id, struct run_columns *to)
{
	struct journey_columns c;
	const size_t bytes = run_layout(h, NULL, NULL, &c);
	struct run *r = calloc(1, sizeof *r);
	struct journey_codes *codes = malloc((h->n_dims + 1) * sizeof *codes);
	char *block = malloc(bytes + 1);
	if (!r || !codes || !block) {
		free(r);
		free(codes);
		free(block);
		return NULL;
	}
	*r = (struct run){ .id = id, .refs = 1, .codes = codes, .block = block, .bytes = (int64_t)bytes };
	(void)run_layout(h, block, codes, &r->columns);
	const struct journey_columns *o = &r->columns;
	*to = (struct run_columns){ .at_ms = (int64_t *)(uintptr_t)o->at_ms,
		                    .arrival = (uint64_t *)(uintptr_t)o->arrival,
		                    .evidence = (struct journey_evidence *)(uintptr_t)o->evidence,
		                    .customer = (uint32_t *)(uintptr_t)o->customer,
		                    .offset = (uint32_t *)(uintptr_t)o->offset,
		                    .evidence_offset = (uint32_t *)(uintptr_t)o->evidence_offset,
		                    .kind = (uint16_t *)(uintptr_t)o->kind };
	for (size_t d = 0; d < h->n_dims; d++) to->dims[d] = (void *)(uintptr_t)codes[d].ptr;
	return r;
}

struct run *run_with_dimension(struct run *from, size_t d, const uint32_t *codes, uint64_t end, uint64_t id)
{
	const struct journey_columns *c = &from->columns;
	const size_t n_dims = c->n_dimensions > d ? c->n_dimensions : d + 1;
	uint32_t max = 0;
	for (uint32_t i = 0; i < c->n_rows; i++) {
		const uint32_t code = c->arrival[i] < end ? codes[c->arrival[i]] : code_at(c, d, i);
		if (code > max) max = code;
	}
	const uint8_t width = width_of(max);
	const size_t bytes = (size_t)c->n_rows * width;
	struct run *r = calloc(1, sizeof *r);
	struct journey_codes *dims = malloc(n_dims * sizeof *dims);
	char *into = malloc(bytes + 1);
	if (!r || !dims || !into) {
		free(r);
		free(dims);
		free(into);
		return NULL;
	}
	for (size_t i = 0; i < n_dims; i++)
		dims[i] = i < c->n_dimensions ? c->dimensions[i] : (struct journey_codes){ NULL, 0 };
	dims[d] = (struct journey_codes){ into, width };
	for (uint32_t i = 0; width && i < c->n_rows; i++)
		put_code(into, width, i, c->arrival[i] < end ? codes[c->arrival[i]] : code_at(c, d, i));
	*r = (struct run){ .id = id,
		           .refs = 1,
		           .parent = from,
		           .columns = *c,
		           .codes = dims,
		           .block = into,
		           .bytes = (int64_t)bytes };
	r->columns.dimensions = dims;
	r->columns.n_dimensions = n_dims;
	from->refs++;
	return r;
}
