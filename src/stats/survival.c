/* What is left over time, when some are seen for longer than others. */
#include "stats/stats.h"

#include <math.h>

static struct interval band(double s, double greenwood, double z)
{
	const double half = z * sqrt(greenwood) / fabs(log(s));
	return (struct interval){ .low = pow(s, exp(half)), .high = pow(s, exp(-half)) };
}

static enum err_code no_spread(const struct stats_risk *m, double s, double z, struct interval *out, struct err *err)
{
	return stats_wilson(s > 0 ? m->at_risk : 0, m->at_risk, z, out, err);
}

enum err_code stats_survival(const struct stats_risk *moments, size_t n, struct stats_estimate *out, struct err *err)
{
	double s = 1, greenwood = 0;
	bool known = true;
	for (size_t i = 0; i < n; i++) {
		const struct stats_risk *m = &moments[i];
		if (m->gone < 0 || m->gone > m->at_risk)
			return err_set(err, ERR_INPUT, "survival.counts", "gone", "%lld of %lld cannot be gone",
			               (long long)m->gone, (long long)m->at_risk);
		known = known && m->at_risk > 0;
		out[i] = (struct stats_estimate){
			.level = 0.95, .n = m->at_risk, .n_eff = (double)m->at_risk, .method = STATS_KAPLAN_MEIER
		};
		if (!known) {
			out[i].flags = STATS_NOT_IDENTIFIED;
			stats_mark(&out[i]);
			continue;
		}
		const double at_risk = (double)m->at_risk, gone = (double)m->gone;
		s *= 1 - gone / at_risk;
		if (m->gone < m->at_risk) greenwood += gone / (at_risk * (at_risk - gone));
		struct interval wide = band(s, greenwood, STATS_Z95), narrow = band(s, greenwood, STATS_Z80);
		if (s <= 0 || greenwood <= 0) { /* the scale has no place for 0 and 1 */
			TRY(no_spread(m, s, STATS_Z95, &wide, err));
			TRY(no_spread(m, s, STATS_Z80, &narrow, err));
		}
		out[i].est = s;
		out[i].lo = wide.low, out[i].hi = wide.high;
		out[i].lo80 = narrow.low, out[i].hi80 = narrow.high;
		stats_mark(&out[i]);
	}
	return OK;
}
