/*
 * Where non-negative factors begin: the leading singular vectors by random
 * subspaces (Halko, Martinsson, Tropp 2011), each cut to its heavier
 * positive or negative part (NNDSVD, Boutsidis and Gallopoulos 2008).
 */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "text/themes_priv.h"

#define EXTRA 8  /* directions beyond those asked for */
#define POWERS 5 /* rounds that sharpen them */

void matrix_times(const struct matrix *v, const double *w, size_t k, double *out)
{
	for (size_t i = 0; i < v->n; i++) {
		double *o = out + i * k;
		memset(o, 0, k * sizeof(*o));
		for (size_t x = v->row[i]; x < v->row[i + 1]; x++) {
			const double *from = w + v->col[x] * k, value = v->val[x];
			for (size_t r = 0; r < k; r++) o[r] += value * from[r];
		}
	}
}

void matrix_turned_times(const struct matrix *v, const double *w, size_t k, double *out)
{
	for (size_t j = 0; j < v->m; j++) {
		double *o = out + j * k;
		memset(o, 0, k * sizeof(*o));
		for (size_t x = v->t_row[j]; x < v->t_row[j + 1]; x++) {
			const double *from = w + v->t_col[x] * k, value = v->t_val[x];
			for (size_t r = 0; r < k; r++) o[r] += value * from[r];
		}
	}
}

static double column_dot(const double *a, size_t n, size_t k, size_t x, size_t y)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) sum += a[i * k + x] * a[i * k + y];
	return sum;
}

/* Columns made orthogonal and of length 1, twice for rounding; what is nothing becomes 0. */
static void orthogonal(double *a, size_t n, size_t k)
{
	for (size_t c = 0; c < k; c++) {
		for (int twice = 0; twice < 2; twice++) {
			for (size_t b = 0; b < c; b++) {
				const double d = column_dot(a, n, k, b, c);
				for (size_t i = 0; i < n; i++) a[i * k + c] -= d * a[i * k + b];
			}
		}
		const double len = sqrt(column_dot(a, n, k, c, c));
		for (size_t i = 0; i < n; i++) a[i * k + c] = len > 1e-12 ? a[i * k + c] / len : 0;
	}
}

/* Eigenvectors (columns of e) of the symmetric k * k matrix s by Jacobi's rotations; its diagonal becomes the values.
 */
static void eigen(double *s, double *e, size_t k)
{
	for (size_t i = 0; i < k * k; i++) e[i] = i % (k + 1) == 0;
	for (int sweep = 0; sweep < 60; sweep++) {
		double off = 0;
		for (size_t p = 0; p < k; p++)
			for (size_t q = p + 1; q < k; q++) off += s[p * k + q] * s[p * k + q];
		if (off < 1e-24) return;
		for (size_t p = 0; p < k; p++) {
			for (size_t q = p + 1; q < k; q++) {
				if (fabs(s[p * k + q]) < 1e-300) continue;
				const double theta = (s[q * k + q] - s[p * k + p]) / (2 * s[p * k + q]);
				const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
				const double c = 1 / sqrt(t * t + 1), d = t * c;
				for (size_t i = 0; i < k; i++) {
					const double a = s[i * k + p], b = s[i * k + q];
					s[i * k + p] = c * a - d * b;
					s[i * k + q] = d * a + c * b;
				}
				for (size_t i = 0; i < k; i++) {
					const double a = s[p * k + i], b = s[q * k + i];
					s[p * k + i] = c * a - d * b;
					s[q * k + i] = d * a + c * b;
				}
				for (size_t i = 0; i < k; i++) {
					const double a = e[i * k + p], b = e[i * k + q];
					e[i * k + p] = c * a - d * b;
					e[i * k + q] = d * a + c * b;
				}
			}
		}
	}
}

/* Column r of (a times eigenvector) into out. */
static void turned_column(const double *a, size_t n, size_t l, const double *e, size_t which, double *out)
{
	for (size_t i = 0; i < n; i++) {
		double sum = 0;
		for (size_t x = 0; x < l; x++) sum += a[i * l + x] * e[x * l + which];
		out[i] = sum;
	}
}

static double part_length(const double *a, size_t n, double sign)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) sum += a[i] * sign > 0 ? a[i] * a[i] : 0;
	return sqrt(sum);
}

static void put_part(const double *a, size_t n, double sign, double scale, size_t k, size_t r, double *out)
{
	for (size_t i = 0; i < n; i++) out[i * k + r] = a[i] * sign > 0 ? fabs(a[i]) * scale : 0;
}

struct space {
	double *y, *z, *s, *e, *u, *v;
	size_t *order;
	size_t l;
};

static void find_space(const struct matrix *v, struct space *p, uint64_t seed)
{
	struct rng g;
	rng_init(&g, seed, 0);
	for (size_t i = 0; i < v->m * p->l; i++) p->z[i] = rng_normal(&g);
	for (int round = 0; round < POWERS; round++) {
		matrix_times(v, p->z, p->l, p->y);
		orthogonal(p->y, v->n, p->l);
		matrix_turned_times(v, p->y, p->l, p->z);
		if (round + 1 < POWERS) orthogonal(p->z, v->m, p->l);
	}
	for (size_t a = 0; a < p->l; a++)
		for (size_t b = 0; b < p->l; b++) p->s[a * p->l + b] = column_dot(p->z, v->m, p->l, a, b);
	eigen(p->s, p->e, p->l);
	for (size_t i = 0; i < p->l; i++) {
		size_t at = i;
		while (at > 0 && p->s[p->order[at - 1] * (p->l + 1)] < p->s[i * (p->l + 1)]) {
			p->order[at] = p->order[at - 1];
			at--;
		}
		p->order[at] = i;
	}
}

static void put_factors(const struct matrix *v, struct space *p, size_t k, double *w, double *h)
{
	for (size_t r = 0; r < k; r++) {
		const double value = sqrt(fmax(0, p->s[p->order[r] * (p->l + 1)]));
		turned_column(p->y, v->n, p->l, p->e, p->order[r], p->u);
		turned_column(p->z, v->m, p->l, p->e, p->order[r], p->v);
		for (size_t j = 0; j < v->m; j++) p->v[j] = value > 1e-12 ? p->v[j] / value : 0;
		double sign = 1, up = part_length(p->u, v->n, 1), vp = part_length(p->v, v->m, 1);
		const double un = part_length(p->u, v->n, -1), vn = part_length(p->v, v->m, -1);
		if (un * vn > up * vp) {
			sign = -1;
			up = un;
			vp = vn;
		}
		const double scale = sqrt(value * up * vp);
		put_part(p->u, v->n, sign, up > 0 ? scale / up : 0, k, r, w);
		put_part(p->v, v->m, sign, vp > 0 ? scale / vp : 0, k, r, h);
	}
}

bool factors_begin(const struct matrix *v, size_t k, uint64_t seed, double *w, double *h)
{
	const size_t l = k + EXTRA;
	struct space p = { .l = l };
	p.y = calloc(v->n * l, sizeof(double));
	p.z = calloc(v->m * l, sizeof(double));
	p.s = calloc(l * l, sizeof(double));
	p.e = calloc(l * l, sizeof(double));
	p.u = calloc(v->n, sizeof(double));
	p.v = calloc(v->m, sizeof(double));
	p.order = calloc(l, sizeof(size_t));
	const bool ok = p.y && p.z && p.s && p.e && p.u && p.v && p.order;
	if (ok) {
		find_space(v, &p, seed);
		put_factors(v, &p, k, w, h);
	}
	free(p.y);
	free(p.z);
	free(p.s);
	free(p.e);
	free(p.u);
	free(p.v);
	free(p.order);
	return ok;
}
