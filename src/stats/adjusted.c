/* Shares as they would be if the reader did not err. docs/methods/adjusted.md. */
#include "stats/priv.h"

#include <math.h>

/* Lang and Reiczigel 2014, with the symbols of their paper. */
static struct interval lang_reiczigel(struct stats_count read, struct stats_count found, struct stats_count spared,
                                      double z)
{
	const double n = (double)read.n + z * z, n_se = (double)found.n + 2, n_sp = (double)spared.n + 2;
	const double p = ((double)read.hits + z * z / 2) / n;
	const double se = ((double)found.hits + 1) / n_se, sp = ((double)spared.hits + 1) / n_sp;
	const double tells = se + sp - 1;
	const double prev = (p + sp - 1) / tells;
	const double shift = 2 * z * z * (prev * se * (1 - se) / n_se - (1 - prev) * sp * (1 - sp) / n_sp);
	const double half = z / tells *
	                    sqrt(p * (1 - p) / n + prev * prev * se * (1 - se) / n_se +
	                         (1 - prev) * (1 - prev) * sp * (1 - sp) / n_sp);
	return (struct interval){ prev + shift - half, prev + shift + half };
}

/* What it tells, se + sp - 1, is above 0 by more than chance would put it there. */
static bool tells(double se, double sp, struct stats_count found, struct stats_count spared)
{
	const double v = se * (1 - se) / (double)found.n + sp * (1 - sp) / (double)spared.n;
	return se + sp - 1 > STATS_Z95 * sqrt(v);
}

enum err_code stats_adjusted(struct stats_count read, struct stats_count found, struct stats_count spared,
                             struct stats_estimate *out, struct err *err)
{
	const struct stats_count all[] = { read, found, spared };
	for (size_t i = 0; i < 3; i++)
		if (all[i].n < 0 || all[i].hits < 0 || all[i].hits > all[i].n)
			return err_set(err, ERR_INPUT, "wilson.counts", "hits", "%lld out of %lld cannot be a share",
			               (long long)all[i].hits, (long long)all[i].n);
	const int64_t least = found.n < spared.n ? found.n : spared.n;
	*out = (struct stats_estimate){ .level = .95, .n = read.n, .n_eff = (double)read.n, .method = STATS_ADJUSTED };
	if (read.n < 30 || least < 30) out->flags |= STATS_SMALL_N;
	if (!read.n || !least) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double se = (double)found.hits / (double)found.n, sp = (double)spared.hits / (double)spared.n;
	if (!tells(se, sp, found, spared)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const struct interval wide = lang_reiczigel(read, found, spared, STATS_Z95),
	                      band = lang_reiczigel(read, found, spared, STATS_Z80);
	if (wide.high < 0 || wide.low > 1) {
		out->flags |= STATS_NOT_IDENTIFIED | STATS_EXTRAPOLATED;
		return OK;
	}
	out->est = fmin(fmax(((double)read.hits / (double)read.n + sp - 1) / (se + sp - 1), 0), 1);
	/* The interval is built round a slightly shifted centre; at an end of the scale it may miss what was cut to it.
	 */
	out->lo = fmax(fmin(wide.low, out->est), 0), out->hi = fmin(fmax(wide.high, out->est), 1);
	out->lo80 = fmax(fmin(band.low, out->est), 0), out->hi80 = fmin(fmax(band.high, out->est), 1);
	return OK;
}
