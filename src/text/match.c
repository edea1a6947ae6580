/* The same themes at another time: the pairing with the largest sum of cosines. */
#include <math.h>
#include <stdlib.h>

#include "text/themes_priv.h"

/*
 * Shortest augmenting paths with potentials (Jonker and Volgenant 1987, as
 * commonly written): rows and columns are counted from 1, 0 is nobody.
 */
struct pairing {
	double *u, *v, *least;
	int *row_of, *way;
	bool *done;
};

static void add_row(struct pairing *p, const double *gain, size_t n, size_t row)
{
	size_t at = 0;
	p->row_of[0] = (int)row;
	for (size_t j = 0; j <= n; j++) {
		p->least[j] = INFINITY;
		p->done[j] = false;
	}
	do {
		const size_t i = (size_t)p->row_of[at];
		double delta = INFINITY;
		size_t next = 0;
		p->done[at] = true;
		for (size_t j = 1; j <= n; j++) {
			if (p->done[j]) continue;
			const double cost = -gain[(i - 1) * n + j - 1] - p->u[i] - p->v[j];
			if (cost < p->least[j]) {
				p->least[j] = cost;
				p->way[j] = (int)at;
			}
			if (p->least[j] < delta) {
				delta = p->least[j];
				next = j;
			}
		}
		for (size_t j = 0; j <= n; j++) {
			if (p->done[j]) {
				p->u[p->row_of[j]] += delta;
				p->v[j] -= delta;
			} else p->least[j] -= delta;
		}
		at = next;
	} while (p->row_of[at]);
	while (at) {
		p->row_of[at] = p->row_of[p->way[at]];
		at = (size_t)p->way[at];
	}
}

enum err_code text_assign(const double *gain, size_t n, int *column, struct err *err)
{
	struct pairing p = { 0 };
	p.u = calloc(n + 1, sizeof(double));
	p.v = calloc(n + 1, sizeof(double));
	p.least = calloc(n + 1, sizeof(double));
	p.row_of = calloc(n + 1, sizeof(int));
	p.way = calloc(n + 1, sizeof(int));
	p.done = calloc(n + 1, sizeof(bool));
	const bool ok = p.u && p.v && p.least && p.row_of && p.way && p.done;
	for (size_t row = 1; ok && row <= n; row++) add_row(&p, gain, n, row);
	for (size_t j = 1; ok && j <= n; j++) column[p.row_of[j] - 1] = (int)j - 1;
	free(p.u);
	free(p.v);
	free(p.least);
	free(p.row_of);
	free(p.way);
	free(p.done);
	return ok ? OK : err_no_memory(err);
}

struct numbered {
	struct str term;
	size_t at;
};

static int by_term(const void *pa, const void *pb)
{
	return str_cmp(((const struct numbered *)pa)->term, ((const struct numbered *)pb)->term);
}

/* For each term of `now` its place in `before`, SIZE_MAX when it is new. */
static bool same_terms(const struct text_themes *before, const struct text_themes *now, size_t *out)
{
	struct numbered *sorted = calloc(before->n_terms + 1, sizeof(*sorted));
	if (!sorted) return false;
	for (size_t j = 0; j < before->n_terms; j++) sorted[j] = (struct numbered){ before->terms[j], j };
	qsort(sorted, before->n_terms, sizeof(*sorted), by_term);
	for (size_t j = 0; j < now->n_terms; j++) {
		const struct numbered key = { now->terms[j], 0 };
		const struct numbered *found = bsearch(&key, sorted, before->n_terms, sizeof(*sorted), by_term);
		out[j] = found ? found->at : SIZE_MAX;
	}
	free(sorted);
	return true;
}

enum err_code text_themes_match(const struct text_themes *before, const struct text_themes *now, int *match,
                                struct err *err)
{
	const size_t n = before->n > now->n ? before->n : now->n;
	double *gain = calloc(n * n + 1, sizeof(double));
	size_t *term = calloc(now->n_terms + 1, sizeof(size_t));
	int *column = calloc(n + 1, sizeof(int));
	enum err_code rc = gain && term && column && same_terms(before, now, term) ? OK : err_no_memory(err);
	for (size_t i = 0; rc == OK && i < now->n; i++)
		for (size_t k = 0; k < before->n; k++)
			for (size_t j = 0; j < now->n_terms; j++)
				if (term[j] != SIZE_MAX)
					gain[i * n + k] += now->themes[i].vector[j] * before->themes[k].vector[term[j]];
	if (rc == OK) rc = text_assign(gain, n, column, err);
	for (size_t i = 0; rc == OK && i < now->n; i++)
		match[i] = (size_t)column[i] < before->n && gain[i * n + (size_t)column[i]] >= TEXT_THEMES_SAME
		                   ? column[i]
		                   : -1;
	free(gain);
	free(term);
	free(column);
	return rc;
}
