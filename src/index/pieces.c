/*
 * New runs out of old ones: what goes into a run is listed as stretches of rows, put into order, and copied column by
 * column. Most customers of a part are written again as they are, in the order in which they lie, so most stretches
 * follow each other in their source and are copied as one.
 */
#include "index/priv.h"

#include "base/checked.h"

NODISCARD static bool pieces_add(struct pieces *p, struct piece x)
{
	if (p->n == p->cap) {
		const uint64_t cap = p->cap ? (uint64_t)p->cap * 2 : 256;
		struct piece *grown = cap > UINT32_MAX ? NULL : realloc(p->list, cap * sizeof *grown);
		if (!grown) return false;
		p->list = grown;
		p->cap = (uint32_t)cap;
	}
	p->list[p->n++] = x;
	p->rows += x.n;
	return true;
}

/* --- listing --------------------------------------------------------------------------------- */

bool pieces_slice(struct pieces *p, const struct journey_columns *c, uint32_t i, uint32_t customer, uint32_t source)
{
	return pieces_add(p, (struct piece){ .customer = customer,
	                                     .source = source,
	                                     .row = c->offset[i],
	                                     .n = c->offset[i + 1] - c->offset[i],
	                                     .evidence = c->evidence_offset[i],
	                                     .n_evidence = c->evidence_offset[i + 1] - c->evidence_offset[i] });
}

bool pieces_rest(struct pieces *p, const struct journey_columns *c, const uint32_t *leaving, size_t n_leaving,
                 uint32_t source)
{
	size_t k = 0;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		while (k < n_leaving && leaving[k] < c->customer[i]) k++;
		if (journey_dead(c, i) || (k < n_leaving && leaving[k] == c->customer[i])) continue;
		if (!pieces_slice(p, c, i, c->customer[i], source)) return false;
	}
	return true;
}

bool pieces_owned(struct pieces *p, const struct journey_columns *c, uint32_t i, const uint32_t *owner,
                  uint32_t customer, uint32_t source)
{
	uint32_t e = c->evidence_offset[i];
	for (uint32_t r = c->offset[i]; r < c->offset[i + 1]; r++) {
		struct piece x = { .customer = customer, .source = source, .row = r, .n = 1, .evidence = e };
		while (e < c->evidence_offset[i + 1] && c->evidence[e].row == r) e++;
		x.n_evidence = e - x.evidence;
		if (owner[r - c->offset[i]] == customer && !pieces_add(p, x)) return false;
	}
	return true;
}

bool pieces_stage(struct pieces *p, const struct stage *s, uint32_t source)
{
	uint32_t e = 0;
	for (uint32_t r = 0; r < s->n; r++) {
		struct piece x = { .customer = s->customer[r], .source = source, .row = r, .n = 1, .evidence = e };
		while (e < s->n_evidence && s->evidence[e].row == r) e++;
		x.n_evidence = e - x.evidence;
		if (!pieces_add(p, x)) return false;
	}
	return true;
}

/* --- order -------------------------------------------------------------------------------------- */

static int by_time(const struct journey_columns *a, uint32_t i, const struct journey_columns *b, uint32_t k)
{
	if (a->at_ms[i] != b->at_ms[k]) return a->at_ms[i] < b->at_ms[k] ? -1 : 1;
	return a->arrival[i] < b->arrival[k] ? -1 : a->arrival[i] > b->arrival[k];
}

/* By customer, then by the first row. */
static int by_order(const void *x, const void *y, void *sources)
{
	const struct piece *a = x, *b = y;
	const struct journey_columns *const *s = sources;
	if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
	return by_time(s[a->source], a->row, s[b->source], b->row);
}

/* Each piece ends before the next begins. */
static bool follow_each_other(const struct piece *list, uint32_t n, const struct journey_columns *const *s)
{
	for (uint32_t i = 1; i < n; i++)
		if (by_time(s[list[i - 1].source], list[i - 1].row + list[i - 1].n - 1, s[list[i].source],
		            list[i].row) > 0)
			return false;
	return true;
}

/* Pieces of one customer that do not: row by row. */
static bool add_rows(struct pieces *out, const struct piece *list, uint32_t n, const struct journey_columns *const *s)
{
	const uint32_t first = out->n;
	for (uint32_t i = 0; i < n; i++) {
		const struct journey_columns *c = s[list[i].source];
		struct piece x = {
			.customer = list[i].customer, .source = list[i].source, .n = 1, .evidence = list[i].evidence
		};
		const uint32_t end = list[i].evidence + list[i].n_evidence;
		for (uint32_t r = 0; r < list[i].n; r++, x.evidence += x.n_evidence) {
			x.row = list[i].row + r;
			x.n_evidence = 0;
			while (x.evidence + x.n_evidence < end && c->evidence[x.evidence + x.n_evidence].row == x.row)
				x.n_evidence++;
			if (!pieces_add(out, x)) return false;
		}
	}
	qsort_r(out->list + first, out->n - first, sizeof *out->list, by_order, (void *)(uintptr_t)s);
	return true;
}

bool pieces_order(struct pieces *p, const struct journey_columns *const *sources)
{
	struct pieces out = { 0 };
	bool ok = true;
	if (p->n) qsort_r(p->list, p->n, sizeof *p->list, by_order, (void *)(uintptr_t)sources);
	for (uint32_t i = 0, to; i < p->n && ok; i = to) {
		for (to = i + 1; to < p->n && p->list[to].customer == p->list[i].customer;) to++;
		if (follow_each_other(p->list + i, to - i, sources))
			for (uint32_t k = i; k < to && ok; k++) ok = pieces_add(&out, p->list[k]);
		else ok = add_rows(&out, p->list + i, to - i, sources);
	}
	free(p->list);
	*p = out;
	return ok;
}

bool pieces_merge(struct pieces *out, const struct pieces *lists, size_t n)
{
	uint32_t at[PIECES_LISTS_MAX] = { 0 };
	for (;;) {
		size_t best = n;
		for (size_t i = 0; i < n; i++)
			if (at[i] < lists[i].n &&
			    (best == n || lists[i].list[at[i]].customer < lists[best].list[at[best]].customer))
				best = i;
		if (best == n) return true;
		if (!pieces_add(out, lists[best].list[at[best]++])) return false;
	}
}

/* --- copying --------------------------------------------------------------------------------------- */

/* The pieces from *i on that follow each other in their source, as one; *i moves behind them. */
static struct piece stretch(const struct pieces *p, uint32_t *i)
{
	struct piece s = p->list[(*i)++];
	for (; *i < p->n && p->list[*i].source == s.source && p->list[*i].row == s.row + s.n; ++*i) {
		s.n += p->list[*i].n;
		s.n_evidence += p->list[*i].n_evidence;
	}
	return s;
}

/* As wide as the widest source; the stage's codes are looked at, for its columns are as wide as can be. */
static uint8_t width_needed(const struct journey_columns *const *sources, size_t n, size_t d)
{
	uint8_t width = 0;
	for (size_t i = 1; i < n; i++)
		if (d < sources[i]->n_dimensions && sources[i]->n_rows && sources[i]->dimensions[d].bytes > width)
			width = sources[i]->dimensions[d].bytes;
	const struct journey_columns *stage = sources[0];
	if (d >= stage->n_dimensions || !stage->dimensions[d].bytes) return width;
	uint32_t max = 0;
	for (uint32_t r = 0; r < stage->n_rows; r++) {
		const uint32_t code = journey_code(stage->dimensions[d], r);
		if (code > max) max = code;
	}
	return width_of(max) > width ? width_of(max) : width;
}

static void copy_codes(void *into, uint8_t width, uint32_t at, const struct journey_columns *c, size_t d,
                       const struct piece *s)
{
	const uint8_t have = d < c->n_dimensions ? c->dimensions[d].bytes : 0;
	char *to = (char *)into + (size_t)at * width;
	if (have == 0) memset(to, 0, (size_t)s->n * width);
	else if (have == width)
		memcpy(to, (const char *)c->dimensions[d].ptr + (size_t)s->row * width, (size_t)s->n * width);
	else
		for (uint32_t i = 0; i < s->n; i++) put_code(to, width, i, journey_code(c->dimensions[d], s->row + i));
}

static void copy_rows(const struct pieces *p, const struct journey_columns *const *sources, struct run_columns *to)
{
	uint32_t row = 0, evidence = 0;
	for (uint32_t i = 0; i < p->n;) {
		const struct piece s = stretch(p, &i);
		const struct journey_columns *c = sources[s.source];
		memcpy(to->at_ms + row, c->at_ms + s.row, s.n * sizeof *to->at_ms);
		memcpy(to->arrival + row, c->arrival + s.row, s.n * sizeof *to->arrival);
		memcpy(to->kind + row, c->kind + s.row, s.n * sizeof *to->kind);
		for (uint32_t e = 0; e < s.n_evidence; e++, evidence++) {
			to->evidence[evidence] = c->evidence[s.evidence + e];
			to->evidence[evidence].row = row + (to->evidence[evidence].row - s.row);
		}
		row += s.n;
	}
}

static void copy_customers(const struct pieces *p, struct run_columns *to)
{
	uint32_t n = 0, row = 0, evidence = 0;
	for (uint32_t i = 0; i < p->n; i++) {
		if (i == 0 || p->list[i - 1].customer != p->list[i].customer) {
			to->customer[n] = p->list[i].customer;
			to->evidence_offset[n] = evidence;
			to->offset[n++] = row;
		}
		row += p->list[i].n;
		evidence += p->list[i].n_evidence;
	}
	to->offset[n] = row;
	to->evidence_offset[n] = evidence;
}

struct run *run_make(const struct pieces *p, const struct journey_columns *const *sources, size_t n_sources,
                     size_t n_dims, uint64_t id)
{
	if (p->rows > UINT32_MAX) return NULL;
	struct run_head h = { .n_rows = (uint32_t)p->rows, .n_dims = (uint32_t)n_dims };
	for (uint32_t i = 0; i < p->n; i++) {
		h.n_customers += i == 0 || p->list[i - 1].customer != p->list[i].customer;
		h.n_evidence += p->list[i].n_evidence;
	}
	for (size_t d = 0; d < n_dims; d++) h.width[d] = width_needed(sources, n_sources, d);
	struct run_columns to;
	struct run *r = run_new(&h, id, &to);
	if (!r) return NULL;
	copy_customers(p, &to);
	copy_rows(p, sources, &to);
	for (size_t d = 0; d < n_dims; d++) {
		uint32_t row = 0;
		for (uint32_t i = 0; i < p->n && h.width[d];) {
			const struct piece s = stretch(p, &i);
			copy_codes(to.dims[d], h.width[d], row, sources[s.source], d, &s);
			row += s.n;
		}
	}
	return r;
}
