/* The score of a question when its answers do not count alike. docs/methods/weights.md. */
#include <math.h>

#include "stats/priv.h"

double stats_score_value(const struct stats_score_rule *rule, double x)
{
	const double y = rule->reversed ? rule->min + rule->max - x : x;
	switch (rule->kind) {
	case STATS_SCORE_NPS: return y >= 9 ? 1 : y >= 7 ? 0 : -1;
	case STATS_SCORE_CSAT: return y >= rule->good;
	default: return y;
	}
}

/* Wilson's interval for a weighted share: on as many answers as its clustered error makes it worth. */
static enum err_code share_weighted(struct stats_answer *answers, size_t n, struct stats_estimate *out, struct err *err)
{
	struct stats_estimate mean;
	double se;
	TRY(stats_mean_clustered(answers, n, &mean, &se, err));
	*out = mean;
	out->method = STATS_WILSON;
	if (n == 0) return OK;
	/* Everybody alike has no error by that formula: the weights alone then say how much there is. */
	const double n_eff = se > 0 ? fmin(mean.n_eff, mean.est * (1 - mean.est) / (se * se)) : mean.n_eff;
	const struct interval wide = wilson_of(mean.est, n_eff, STATS_Z95),
	                      band = wilson_of(mean.est, n_eff, STATS_Z80);
	out->flags &= ~(unsigned)STATS_NO_SPREAD;
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
	out->n_eff = n_eff;
	return OK;
}

enum err_code stats_score_weighted(const struct stats_score_rule *rule, struct stats_answer *answers, size_t n,
                                   struct stats_estimate *out, struct err *err)
{
	double se;
	if (rule->kind == STATS_SCORE_NPS)
		TRY(stats_nps_weighted(answers, n, rule->level > 0 ? rule->level : 0.95, out, err));
	else if (rule->kind == STATS_SCORE_CSAT) TRY(share_weighted(answers, n, out, err));
	else {
		TRY(stats_mean_clustered(answers, n, out, &se, err));
		stats_on_scale(out, (struct interval){ rule->min, rule->max });
	}
	stats_mark(out);
	return OK;
}
