/* Credit for contacts. docs/methods/credit.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

const char *const stats_credit_names[STATS_CREDIT_RULES] = { "first", "last", "linear", "markov", "shapley" };

/* One way of counting the paths: how often each converted and was lost. */
struct counts {
	const struct stats_path *paths;
	size_t n, channels;
	double *converted, *lost; /* [path] */
	double *jumps;            /* (channels + 2) rows: start, channels, then nothing; columns channels, conversion */
	double *system, *x;       /* channels x channels; channels */
	uint32_t *seen;           /* [channel]: number of the path last met in */
	double *credit[STATS_CREDIT_RULES], *removal;
};

/* Width of a row of jumps: to each channel, to conversion, and all together. */
static size_t width(const struct counts *c)
{
	return c->channels + 2;
}

static void count_path(const struct counts *c, size_t i)
{
	const struct stats_path *p = &c->paths[i];
	const double won = c->converted[i], all = won + c->lost[i];
	double *row = c->jumps; /* of the start */
	size_t different = 0;
	for (size_t k = 0; k < p->n; k++) {
		const uint16_t to = p->channels[k];
		row[to] += all, row[width(c) - 1] += all;
		row = c->jumps + (to + (size_t)1) * width(c);
		c->credit[STATS_CREDIT_LINEAR][to] += won / (double)p->n;
		if (c->seen[to] != i + 1) c->seen[to] = (uint32_t)i + 1, different++;
	}
	row[c->channels] += won, row[width(c) - 1] += all;
	c->credit[STATS_CREDIT_FIRST][p->channels[0]] += won;
	c->credit[STATS_CREDIT_LAST][p->channels[p->n - 1]] += won;
	for (size_t k = 0; k < c->channels; k++)
		if (c->seen[k] == i + 1) c->credit[STATS_CREDIT_SHAPLEY][k] += won / (double)different;
}

/* Solves system x = x by elimination with the largest pivot; a channel nobody came to has x 0. */
static void eliminate(double *a, double *x, size_t n)
{
	for (size_t j = 0; j < n; j++) {
		size_t pivot = j;
		for (size_t i = j + 1; i < n; i++)
			if (fabs(a[i * n + j]) > fabs(a[pivot * n + j])) pivot = i;
		if (!(fabs(a[pivot * n + j]) > 0)) continue;
		for (size_t k = 0; k < n; k++) {
			const double moved = a[j * n + k];
			a[j * n + k] = a[pivot * n + k], a[pivot * n + k] = moved;
		}
		const double moved = x[j];
		x[j] = x[pivot], x[pivot] = moved;
		for (size_t i = 0; i < n; i++) {
			const double by = i == j ? 0 : a[i * n + j] / a[j * n + j];
			if (by == 0) continue;
			for (size_t k = j; k < n; k++) a[i * n + k] -= by * a[j * n + k];
			x[i] -= by * x[j];
		}
	}
	for (size_t j = 0; j < n; j++) x[j] = fabs(a[j * n + j]) > 0 ? x[j] / a[j * n + j] : 0;
}

/* P(conversion from the start) of the chain when nobody goes on from `without` (channels: all stay). */
static double reached(const struct counts *c, size_t without)
{
	const size_t n = c->channels, w = width(c);
	for (size_t i = 0; i < n; i++) {
		const double *row = c->jumps + (i + 1) * w, all = row[w - 1];
		const double share = i != without && all > 0 ? 1 / all : 0;
		c->x[i] = row[n] * share;
		for (size_t k = 0; k < n; k++) c->system[i * n + k] = (i == k) - (k != without ? row[k] * share : 0);
	}
	eliminate(c->system, c->x, n);
	double p = 0;
	for (size_t k = 0; k < n; k++)
		if (k != without && c->jumps[w - 1] > 0) p += c->jumps[k] / c->jumps[w - 1] * c->x[k];
	return p;
}

static void chain(const struct counts *c, double conversions)
{
	const double all = reached(c, c->channels);
	double sum = 0;
	for (size_t k = 0; k < c->channels; k++) {
		const bool met = c->jumps[(k + 1) * width(c) + width(c) - 1] > 0;
		c->removal[k] = met && all > 0 ? fmin(1, fmax(0, 1 - reached(c, k) / all)) : 0;
		sum += c->removal[k];
	}
	for (size_t k = 0; k < c->channels; k++)
		c->credit[STATS_CREDIT_MARKOV][k] = sum > 0 ? conversions * c->removal[k] / sum : 0;
}

static void share_out(const struct counts *c)
{
	double conversions = 0;
	for (size_t k = 0; k < (c->channels + 1) * width(c); k++) c->jumps[k] = 0;
	for (size_t k = 0; k < c->channels; k++) {
		c->seen[k] = 0;
		for (int r = 0; r < STATS_CREDIT_RULES; r++) c->credit[r][k] = 0;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (!(c->converted[i] + c->lost[i] > 0)) continue;
		count_path(c, i);
		conversions += c->converted[i];
	}
	chain(c, conversions);
}

static enum err_code open_counts(struct counts *c, struct arena *a, struct err *err)
{
	const size_t k = c->channels;
	bool ok = (c->converted = ARENA_ARRAY(a, double, c->n)) && (c->lost = ARENA_ARRAY(a, double, c->n));
	ok = ok && (c->jumps = ARENA_ARRAY(a, double, (k + 1) * width(c))) &&
	     (c->system = ARENA_ARRAY(a, double, k *k));
	ok = ok && (c->x = ARENA_ARRAY(a, double, k)) && (c->seen = ARENA_ARRAY(a, uint32_t, k));
	ok = ok && (c->removal = ARENA_ARRAY(a, double, k));
	for (int r = 0; ok && r < STATS_CREDIT_RULES; r++) ok = (c->credit[r] = ARENA_ARRAY(a, double, k)) != NULL;
	return ok ? OK : err_no_memory(err);
}

static enum err_code check_paths(const struct stats_path *paths, size_t n, size_t channels, struct err *err)
{
	if (channels < 1 || channels > STATS_CHANNELS_MAX)
		return err_limit(err, "credit.channels", "channels", (int64_t)channels, STATS_CHANNELS_MAX,
		                 "credit is shared among 1 to %d channels", STATS_CHANNELS_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct stats_path *p = &paths[i];
		bool wrong = p->n < 1 || p->n > STATS_PATH_MAX || p->converted < 0 || p->lost < 0 ||
		             !isfinite(p->value) || p->value < 0;
		for (size_t k = 0; !wrong && k < p->n; k++) wrong = p->channels[k] >= channels;
		if (wrong) return err_set(err, ERR_INPUT, "credit.path", "paths", "path %zu cannot be", i);
	}
	return OK;
}

/* --- how sure ---------------------------------------------------------------------------------------- */

/* Poisson of a whole mean: by waiting times up to 30, else by the normal. */
static double draw_poisson(struct rng *r, double mean)
{
	if (mean > 30) return fmax(0, floor(mean + sqrt(mean) * rng_normal(r) + 0.5));
	const double stop = exp(-mean);
	double k = 0, p = 1 - rng_unit(r);
	for (; p > stop; k++) p *= 1 - rng_unit(r);
	return k;
}

static int by_number(const void *va, const void *vb)
{
	const double a = *(const double *)va, b = *(const double *)vb;
	return (a > b) - (a < b);
}

/* Intervals from `draws` counts of the same paths with Poisson numbers of journeys. */
static enum err_code spread(struct counts *c, size_t draws, uint64_t seed, struct arena *a, struct stats_credit *out,
                            struct err *err)
{
	const size_t k = c->channels, cells = k * STATS_CREDIT_RULES;
	double *drawn = ARENA_ARRAY(a, double, cells *draws);
	if (!drawn) return err_no_memory(err);
	for (size_t d = 0; d < draws; d++) {
		struct rng r;
		rng_init(&r, seed, d);
		for (size_t i = 0; i < c->n; i++) {
			c->converted[i] = draw_poisson(&r, (double)c->paths[i].converted);
			c->lost[i] = draw_poisson(&r, (double)c->paths[i].lost);
		}
		share_out(c);
		for (size_t j = 0; j < cells; j++)
			drawn[j * draws + d] = c->credit[j % STATS_CREDIT_RULES][j / STATS_CREDIT_RULES];
	}
	for (size_t j = 0; j < cells; j++) {
		double *mine = drawn + j * draws;
		struct stats_estimate *e = &out->channels[j / STATS_CREDIT_RULES].conversions[j % STATS_CREDIT_RULES];
		qsort(mine, draws, sizeof *mine, by_number);
		e->lo = fmin(e->est, sorted_quantile(mine, draws, 0.025));
		e->hi = fmax(e->est, sorted_quantile(mine, draws, 0.975));
		e->lo80 = fmin(e->est, sorted_quantile(mine, draws, 0.1));
		e->hi80 = fmax(e->est, sorted_quantile(mine, draws, 0.9));
		e->flags &= ~(unsigned)STATS_NOT_IDENTIFIED;
	}
	return OK;
}

/* What each rule gives of the paths' value: conversions of a path stand for its value. */
static void share_value(struct counts *c, struct stats_credit *out)
{
	for (size_t i = 0; i < c->n; i++) c->converted[i] = c->paths[i].value, c->lost[i] = 0;
	share_out(c);
	for (size_t k = 0; k < c->channels; k++) {
		struct stats_channel_credit *h = &out->channels[k];
		for (int r = 0; r < STATS_CREDIT_RULES; r++) h->value[r] = c->credit[r][k];
		h->value[STATS_CREDIT_MARKOV] =
		        out->converted ? out->value * h->conversions[STATS_CREDIT_MARKOV].est / (double)out->converted
		                       : 0;
	}
}

/* Journeys that touched each channel, and those of them that converted. */
static void touch(struct counts *c, struct stats_credit *out)
{
	for (size_t k = 0; k < c->channels; k++) c->seen[k] = 0;
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->paths[i].n; k++) {
			const uint16_t h = c->paths[i].channels[k];
			if (c->seen[h] == i + 1) continue;
			c->seen[h] = (uint32_t)i + 1;
			out->channels[h].touched += c->paths[i].converted + c->paths[i].lost;
			out->channels[h].touched_converted += c->paths[i].converted;
		}
}

enum err_code stats_credit(const struct stats_path *paths, size_t n_paths, size_t n_channels, size_t draws,
                           uint64_t seed, struct arena *a, struct stats_credit *out, struct err *err)
{
	struct counts c = { .paths = paths, .n = n_paths, .channels = n_channels };
	struct stats_credit r = { .n_channels = n_channels };
	TRY(check_paths(paths, n_paths, n_channels, err));
	TRY(open_counts(&c, a, err));
	r.channels = ARENA_ARRAY(a, struct stats_channel_credit, n_channels);
	if (!r.channels) return err_no_memory(err);
	for (size_t i = 0; i < n_paths; i++) {
		r.converted += paths[i].converted, r.lost += paths[i].lost, r.value += paths[i].value;
		c.converted[i] = (double)paths[i].converted, c.lost[i] = (double)paths[i].lost;
	}
	TRY(stats_proportion(r.converted, r.converted + r.lost, &r.rate, err));
	touch(&c, &r);
	share_out(&c);
	for (size_t k = 0; k < n_channels; k++) {
		r.channels[k].removal = c.removal[k];
		for (int rule = 0; rule < STATS_CREDIT_RULES; rule++)
			r.channels[k].conversions[rule] =
			        (struct stats_estimate){ .est = c.credit[rule][k],
				                         .lo = c.credit[rule][k],
				                         .hi = c.credit[rule][k],
				                         .lo80 = c.credit[rule][k],
				                         .hi80 = c.credit[rule][k],
				                         .level = 0.95,
				                         .n = r.channels[k].touched,
				                         .n_eff = (double)r.channels[k].touched,
				                         .method = STATS_BOOTSTRAP,
				                         .flags = STATS_NOT_IDENTIFIED };
	}
	share_value(&c, &r);
	if (draws && r.converted) TRY(spread(&c, draws, seed, a, &r, err));
	for (size_t k = 0; k < n_channels; k++)
		for (int rule = 0; rule < STATS_CREDIT_RULES; rule++) stats_mark(&r.channels[k].conversions[rule]);
	*out = r;
	return OK;
}

/* --- what friends bring --------------------------------------------------------------------------------- */

/* The mean at which P(Y <= k) is p, by bisection: gamma's P(k + 1, mean) = 1 - P(Y <= k). */
static double mean_of(int64_t k, double p)
{
	double lo = 0, hi = (double)k + 10;
	while (1 - stats_gamma_p((double)k + 1, hi) > p) hi *= 2;
	for (int i = 0; i < 200 && hi - lo > 1e-12 * hi; i++) {
		const double mid = (lo + hi) / 2;
		if (1 - stats_gamma_p((double)k + 1, mid) > p) lo = mid;
		else hi = mid;
	}
	return hi;
}

enum err_code stats_rate(int64_t events, double exposure, struct stats_estimate *out, struct err *err)
{
	if (events < 0 || !(exposure >= 0) || !isfinite(exposure) || (exposure <= 0 && events > 0))
		return err_set(err, ERR_INPUT, "rate.counts", "events", "%lld in %g cannot be a rate",
		               (long long)events, exposure);
	*out = (struct stats_estimate){ .level = 0.95, .n = events, .n_eff = (double)events, .method = STATS_GARWOOD };
	if (events < 30) out->flags |= STATS_SMALL_N;
	if (!(exposure > 0)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	out->est = (double)events / exposure;
	out->lo = events ? mean_of(events - 1, 0.975) / exposure : 0, out->hi = mean_of(events, 0.025) / exposure;
	out->lo80 = events ? mean_of(events - 1, 0.9) / exposure : 0, out->hi80 = mean_of(events, 0.1) / exposure;
	return OK;
}

struct stats_growth stats_earned_growth(const struct stats_earned *m)
{
	const double parts[] = { m->before, m->kept, m->earned, m->bought };
	for (size_t i = 0; i < 4; i++)
		if (!(isfinite(parts[i]) && parts[i] >= 0)) return (struct stats_growth){ .known = false };
	if (!(m->before > 0)) return (struct stats_growth){ .known = false };
	const double kept = m->kept / m->before, earned = m->earned / m->before;
	return (struct stats_growth){ .known = true,
		                      .kept_rate = kept,
		                      .earned_rate = earned,
		                      .earned_growth = kept + earned - 1,
		                      .growth = kept + earned + m->bought / m->before - 1 };
}
