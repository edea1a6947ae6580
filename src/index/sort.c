/*
 * One part out of all chunks. Rows come in order of arrival, so a stable
 * sort by customer leaves each slice in that order; what is then not in
 * order of time is sorted within its slice, which is short.
 */
#include "index/build.h"

#include <stdlib.h>

#include "base/checked.h"

enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS, MOVES_A_ROW = 16 };

struct gathered { /* the part's rows, in order of arrival */
	uint32_t n, n_evidence, max_customer;
	uint32_t *customer, *order, *spare; /* order: places of rows, sorted */
	uint16_t *kind;
	int64_t *at_ms;
	uint64_t *arrival;
	uint32_t *dims[INDEX_DIMENSIONS_MAX], max[INDEX_DIMENSIONS_MAX];
	struct journey_evidence *evidence;
	uint32_t *first_evidence; /* [n + 1] */
};

static void gathered_done(struct gathered *g)
{
	free(g->customer);
	free(g->order);
	free(g->spare);
	free(g->kind);
	free(g->at_ms);
	free(g->arrival);
	for (size_t d = 0; d < INDEX_DIMENSIONS_MAX; d++) free(g->dims[d]);
	free(g->evidence);
	free(g->first_evidence);
}

static bool room(struct gathered *g, const struct chunk *chunks, size_t n_chunks, size_t n_dims)
{
	const size_t n = (size_t)g->n + 1;
	g->customer = malloc(n * sizeof *g->customer);
	g->order = malloc(n * sizeof *g->order);
	g->spare = malloc(n * sizeof *g->spare);
	g->kind = malloc(n * sizeof *g->kind);
	g->at_ms = malloc(n * sizeof *g->at_ms);
	g->arrival = malloc(n * sizeof *g->arrival);
	g->evidence = malloc(((size_t)g->n_evidence + 1) * sizeof *g->evidence);
	g->first_evidence = malloc(n * sizeof *g->first_evidence);
	bool ok = g->customer && g->order && g->spare && g->kind && g->at_ms && g->arrival && g->evidence &&
	          g->first_evidence;
	for (size_t d = 0; d < n_dims; d++) {
		bool any = false;
		for (size_t c = 0; c < n_chunks && !any; c++) any = chunks[c].dims[d] != NULL;
		if (any) ok = (g->dims[d] = calloc(n, sizeof **g->dims)) != NULL && ok;
	}
	return ok;
}

static void gather_codes(const struct chunk *c, size_t d, uint32_t from, uint32_t n, uint32_t *into, uint32_t *max)
{
	const uint32_t *code = c->terms[d].code;
	const struct journey_codes local = { c->dims[d], c->width[d] };
	for (uint32_t i = 0; i < n; i++) {
		into[i] = code[journey_code(local, from + i)];
		if (into[i] > *max) *max = into[i];
	}
}

static void gather(struct gathered *g, const struct chunk *chunks, size_t n_chunks, uint32_t q, size_t n_dims)
{
	uint32_t at = 0, e = 0, row = 0;
	for (size_t k = 0; k < n_chunks; k++) {
		const struct chunk *c = &chunks[k];
		const uint32_t from = c->first[q], n = c->first[q + 1] - from, e0 = c->first_evidence[q],
		               ne = c->first_evidence[q + 1] - e0;
		if (n == 0) continue;
		memcpy(g->customer + at, c->customer + from, n * sizeof *g->customer);
		memcpy(g->kind + at, c->kind + from, n * sizeof *g->kind);
		memcpy(g->at_ms + at, c->at_ms + from, n * sizeof *g->at_ms);
		for (uint32_t i = 0; i < n; i++) g->arrival[at + i] = c->from + c->arrival[from + i];
		for (size_t d = 0; d < n_dims; d++)
			if (c->dims[d]) gather_codes(c, d, from, n, g->dims[d] + at, &g->max[d]);
		for (uint32_t i = 0; i < ne; i++, e++) {
			g->evidence[e] = c->evidence[e0 + i];
			g->evidence[e].row += at - from;
			while (row <= g->evidence[e].row) g->first_evidence[row++] = e;
		}
		at += n;
	}
	while (row <= g->n) g->first_evidence[row++] = e;
	for (uint32_t i = 0; i < g->n; i++)
		if (g->customer[i] > g->max_customer) g->max_customer = g->customer[i];
}

/* Least significant digits first: g->order by customer, ties as they came. */
static void by_customer(struct gathered *g)
{
	for (uint32_t i = 0; i < g->n; i++) g->order[i] = i;
	for (unsigned shift = 0; shift < 32 && g->max_customer >> shift; shift += RADIX_BITS) {
		uint32_t from[RADIX + 1] = { 0 };
		for (uint32_t i = 0; i < g->n; i++) from[(g->customer[i] >> shift & (RADIX - 1)) + 1]++;
		for (uint32_t k = 0; k < RADIX; k++) from[k + 1] += from[k];
		for (uint32_t i = 0; i < g->n; i++) {
			const uint32_t x = g->order[i];
			g->spare[from[g->customer[x] >> shift & (RADIX - 1)]++] = x;
		}
		uint32_t *t = g->order;
		g->order = g->spare;
		g->spare = t;
	}
}

struct timed {
	int64_t at_ms;
	uint32_t row;
};

static int by_time(const void *x, const void *y)
{
	const struct timed *a = x, *b = y;
	if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* Moves each row down to its place; gives up after a number of moves that says that the rows were not nearly sorted. */
static bool nearly_sorted(uint32_t *rows, uint32_t n, const int64_t *at_ms)
{
	uint64_t moves = 0;
	for (uint32_t i = 1; i < n; i++) {
		const uint32_t x = rows[i];
		uint32_t k = i;
		for (; k && at_ms[rows[k - 1]] > at_ms[x]; k--) rows[k] = rows[k - 1];
		rows[k] = x;
		moves += i - k;
		if (moves > (uint64_t)n * MOVES_A_ROW) return false;
	}
	return true;
}

/* Rows of one customer, in order of arrival, by time: mostly they are so already, but for some that came late. */
static bool slice_by_time(uint32_t *rows, uint32_t n, const int64_t *at_ms)
{
	if (nearly_sorted(rows, n, at_ms)) return true;
	struct timed *t = malloc(n * sizeof *t);
	if (!t) return false;
	for (uint32_t i = 0; i < n; i++) t[i] = (struct timed){ at_ms[rows[i]], rows[i] };
	qsort(t, n, sizeof *t, by_time);
	for (uint32_t i = 0; i < n; i++) rows[i] = t[i].row;
	free(t);
	return true;
}

static bool by_time_within(struct gathered *g, uint32_t *n_customers)
{
	bool ok = true;
	*n_customers = 0;
	for (uint32_t i = 0, end; i < g->n && ok; i = end, ++*n_customers) {
		const uint32_t customer = g->customer[g->order[i]];
		for (end = i + 1; end < g->n && g->customer[g->order[end]] == customer;) end++;
		ok = slice_by_time(g->order + i, end - i, g->at_ms);
	}
	return ok;
}

static void write_rows(const struct gathered *g, const struct run_columns *to)
{
	uint32_t nc = 0, ne = 0;
	for (uint32_t i = 0; i < g->n; i++) {
		const uint32_t x = g->order[i];
		if (i == 0 || g->customer[g->order[i - 1]] != g->customer[x]) {
			to->customer[nc] = g->customer[x];
			to->evidence_offset[nc] = ne;
			to->offset[nc++] = i;
		}
		to->at_ms[i] = g->at_ms[x];
		to->arrival[i] = g->arrival[x];
		to->kind[i] = g->kind[x];
		for (uint32_t e = g->first_evidence[x]; e < g->first_evidence[x + 1]; e++) {
			to->evidence[ne] = g->evidence[e];
			to->evidence[ne++].row = i;
		}
	}
	to->offset[nc] = g->n;
	to->evidence_offset[nc] = ne;
}

struct run *run_of_chunks(const struct chunk *chunks, size_t n_chunks, uint32_t q, size_t n_dims, uint64_t id,
                          bool *empty)
{
	struct gathered g = { 0 };
	uint64_t n = 0, ne = 0;
	for (size_t k = 0; k < n_chunks; k++) {
		n += chunks[k].first[q + 1] - chunks[k].first[q];
		ne += chunks[k].first_evidence[q + 1] - chunks[k].first_evidence[q];
	}
	*empty = n == 0;
	if (n == 0 || !to_u32(n, &g.n) || !to_u32(ne, &g.n_evidence)) return NULL;
	struct run *r = NULL;
	struct run_head h = { .n_rows = g.n, .n_evidence = g.n_evidence, .n_dims = (uint32_t)n_dims };
	if (room(&g, chunks, n_chunks, n_dims)) {
		gather(&g, chunks, n_chunks, q, n_dims);
		by_customer(&g);
		if (by_time_within(&g, &h.n_customers)) {
			for (size_t d = 0; d < n_dims; d++) h.width[d] = width_of(g.max[d]);
			struct run_columns to;
			r = run_new(&h, id, &to);
			if (r) write_rows(&g, &to);
			for (size_t d = 0; r && d < n_dims; d++)
				for (uint32_t i = 0; h.width[d] && i < g.n; i++)
					put_code(to.dims[d], h.width[d], i, g.dims[d][g.order[i]]);
		}
	}
	gathered_done(&g);
	return r;
}
