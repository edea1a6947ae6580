/* Means of groups as they are, and as they would be if all groups were mixed alike. docs/methods/value.md. */
#include "stats/priv.h"

#include <math.h>

#include "stats/value.h"

#define CELL_MIN 2 /* values in each group of a stratum that is used */

/* Whether every group has values enough in a stratum; of the groups that have any values at all. */
static bool usable(const struct stats_moments *cells, const struct stats_moments *whole, size_t n_groups)
{
	for (size_t g = 0; g < n_groups; g++)
		if (whole[g].n && cells[g].n < CELL_MIN) return false;
	return true;
}

static void put(struct stats_estimate *e, double mean, double var, int64_t n)
{
	const double se = sqrt(var);
	*e = (struct stats_estimate){ .est = mean,
		                      .lo = mean - STATS_Z95 * se,
		                      .hi = mean + STATS_Z95 * se,
		                      .level = 0.95,
		                      .lo80 = mean - STATS_Z80 * se,
		                      .hi80 = mean + STATS_Z80 * se,
		                      .n = n,
		                      .n_eff = (double)n,
		                      .method = STATS_ADJUSTED,
		                      .flags = n < 30 ? STATS_SMALL_N : 0 };
}

enum err_code stats_standardised(const struct stats_placed *rows, size_t n, size_t n_groups, size_t n_strata,
                                 struct arena *scratch, struct stats_estimate *raw, struct stats_estimate *adjusted,
                                 double *covered, struct err *err)
{
	struct stats_moments *cells = ARENA_ARRAY(scratch, struct stats_moments, n_groups * n_strata);
	struct stats_moments *whole = ARENA_ARRAY(scratch, struct stats_moments, n_groups);
	if (!cells || !whole) return err_no_memory(err);
	memset(cells, 0, n_groups * n_strata * sizeof *cells);
	memset(whole, 0, n_groups * sizeof *whole);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].group >= n_groups || rows[i].stratum >= n_strata || !isfinite(rows[i].value))
			return err_set(err, ERR_INPUT, "standardised.row", "rows", "row %zu is in no group", i);
		stats_see(&cells[rows[i].stratum * n_groups + rows[i].group], rows[i].value);
		stats_see(&whole[rows[i].group], rows[i].value);
	}
	int64_t used = 0;
	for (size_t s = 0; s < n_strata; s++)
		for (size_t g = 0; usable(&cells[s * n_groups], whole, n_groups) && g < n_groups; g++)
			used += cells[s * n_groups + g].n;
	*covered = n ? (double)used / (double)n : 0;
	for (size_t g = 0; g < n_groups; g++) {
		double mean = 0, var = 0;
		int64_t mine = 0;
		stats_mean(&whole[g], &raw[g]);
		if (raw[g].n < 5)
			raw[g] = (struct stats_estimate){ .level = 0.95,
				                          .n = raw[g].n,
				                          .method = STATS_MEAN_T,
				                          .flags = STATS_SMALL_N | STATS_SUPPRESSED };
		for (size_t s = 0; used && s < n_strata; s++) {
			const struct stats_moments *c = &cells[s * n_groups];
			int64_t all = 0;
			if (!usable(c, whole, n_groups)) continue;
			for (size_t k = 0; k < n_groups; k++) all += c[k].n;
			const double w = (double)all / (double)used;
			if (!c[g].n) continue;
			mine += c[g].n;
			mean += w * c[g].mean;
			var += w * w * stats_var(&c[g]) / (double)c[g].n;
		}
		put(&adjusted[g], mean, var, mine);
		if (mine < 5)
			adjusted[g] = (struct stats_estimate){
				.level = 0.95, .n = mine, .method = STATS_ADJUSTED, .flags = STATS_NOT_IDENTIFIED
			};
	}
	return OK;
}
