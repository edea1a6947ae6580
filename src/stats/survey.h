/*
 * Scores of surveys: NPS, CSAT and CES with the interval asked for, their
 * differences, and questionnaires of several items.
 * docs/methods/nps.md, proportions.md, means.md, items.md.
 *
 * A `level` is between 0.5 and 0.9999; ERR_INPUT "stats.level" otherwise.
 * lo80 and hi80 are of 80 % whatever the level.
 */
#ifndef STATS_SURVEY_H
#define STATS_SURVEY_H

#include "stats/stats.h"

/* How an interval is made. What does not fit the kind of figure is ERR_INPUT "stats.how". */
enum stats_how {
	STATS_BY_DEFAULT, /* share and NPS: score; mean: t, or BCa when answers are skewed */
	STATS_BY_SCORE,   /* share: Wilson 1927; NPS: Tango 1998 */
	STATS_BY_WALD,    /* NPS +- z se: for comparison with others' figures only, too short below n = 100 */
	STATS_BY_ADJWALD, /* with pseudo answers. Share: Agresti and Coull; NPS: 3/4, 3/2, 3/4, for weighted answers */
	STATS_BY_BAYES,   /* share: Jeffreys' Beta(1/2, 1/2); NPS: Dirichlet(1/2), for n < 10 */
	STATS_BY_EXACT,   /* share: Clopper and Pearson, never covers less than said */
	STATS_BY_T,       /* mean: Student */
	STATS_BY_BCA,     /* mean: bootstrap, bias-corrected and accelerated (Efron 1987) */
	STATS_HOWS
};
extern const char *const stats_how_names[STATS_HOWS]; /* "default", "score", "wald", … */

/* --- one share ------------------------------------------------------------------------------ */

/* hits of n as a share of 0..1. Nobody: STATS_NOT_IDENTIFIED. Errors: ERR_INPUT "wilson.counts" for impossible counts.
 */
NODISCARD enum err_code stats_share(struct stats_count c, enum stats_how how, double level, struct stats_estimate *out,
                                    struct err *err);

/* --- NPS ---------------------------------------------------------------------------------- */

/* Effective answers of each sort: whole counts, or weighted shares times n_eff. Sum below 2^53. */
struct stats_nps_mass {
	double promoters, passives, detractors;
};
/*
 * NPS in points with that interval. `seed` is used by BAYES alone, which takes
 * the quantiles of STATS_NPS_DRAWS draws of promoters - detractors, kept in `scratch`; NULL will do for the others.
 * No mass: STATS_NOT_IDENTIFIED. Errors: ERR_INPUT "nps.counts" unless all are finite and >= 0.
 */
#define STATS_NPS_DRAWS 20000
NODISCARD enum err_code stats_nps_by(struct stats_nps_mass m, enum stats_how how, double level, uint64_t seed,
                                     struct arena *scratch, struct stats_estimate *out, struct err *err);
/* P(NPS of a > NPS of b) under Dirichlet(1/2) priors, by as many draws. 1/2 when nobody answered on either side. */
NODISCARD enum err_code stats_nps_chance(struct stats_nps_mass a, struct stats_nps_mass b, uint64_t seed, double *out,
                                         struct err *err);
/*
 * NPS of weighted answers of repeated customers: x is -1, 0 or 1. Adjusted
 * Wald on counts of n_eff = (p + d - s^2) / V, V the linearised variance
 * clustered by customer, at most (sum w)^2 / sum w^2. `answers` get sorted.
 * Errors: ERR_INPUT for another x or a weight that is not positive.
 */
NODISCARD enum err_code stats_nps_weighted(struct stats_answer *answers, size_t n, double level,
                                           struct stats_estimate *out, struct err *err);
/*
 * Counts of answers that are worth fewer, for people answered several times:
 * the usual interval on counts scaled to n_eff <= n.
 */
NODISCARD enum err_code stats_nps_worth(const struct stats_nps_counts *c, double n_eff, struct stats_estimate *out,
                                        struct err *err);
NODISCARD enum err_code stats_share_worth(struct stats_count c, double n_eff, struct stats_estimate *out,
                                          struct err *err);
/*
 * a - b by square and add on both intervals, less what goes together: corr is
 * the correlation of the two estimates, 0 when they share nobody (Zou 2007).
 * Nothing on a side: STATS_NOT_IDENTIFIED.
 */
void stats_mover_diff(const struct stats_estimate *a, const struct stats_estimate *b, double corr,
                      struct stats_estimate *out);
/*
 * p of no difference between two NPS. Below STATS_NPS_EXACT_MAX answers on
 * both sides together the exact permutation test: all tables with these
 * totals of promoters, passives and detractors, those at least as far apart
 * as the one seen; O(n^2). Else normal, by the difference over its Wald error.
 * 1 when a side is empty. Errors: ERR_INPUT for negative counts.
 */
#define STATS_NPS_EXACT_MAX 200
NODISCARD enum err_code stats_nps_test(const struct stats_nps_counts *a, const struct stats_nps_counts *b, double *p,
                                       bool *exact, struct err *err);

/* One group against all the others together. */
struct stats_rest {
	struct stats_estimate diff; /* group - rest */
	double p, p_adjusted;       /* Benjamini-Hochberg over the groups that could be compared; 1 for others */
	bool differs;               /* p_adjusted <= 0.05 */
};
NODISCARD enum err_code stats_nps_rest(const struct stats_nps_counts *groups, size_t n, struct arena *scratch,
                                       struct stats_rest *out, struct err *err);
/* The same for means; group[i] < n_groups is that of answers[i]. Customers may be in several groups. */
NODISCARD enum err_code stats_mean_rest(const struct stats_answer *answers, const uint32_t *group, size_t n,
                                        size_t n_groups, struct arena *scratch, struct stats_rest *out,
                                        struct err *err);

/* --- means --------------------------------------------------------------------------------- */

#define STATS_BCA_DRAWS 2000
#define STATS_BCA_USEFUL 2000
#define STATS_BCA_MAX 100000
#define STATS_SKEWED 1.0
/*
 * Mean of n answers by Student's t or by the bootstrap of STATS_BCA_DRAWS
 * draws; DEFAULT takes the bootstrap when |skewness| > STATS_SKEWED and n is
 * at most STATS_BCA_USEFUL, for beyond it both say the same.
 * One answer, or equal ones: est alone, STATS_NO_SPREAD. No answers: STATS_NOT_IDENTIFIED.
 * Errors: ERR_INPUT "mean.answer" when one is not finite; ERR_LIMIT
 * "stats.bca" for a bootstrap of more than STATS_BCA_MAX answers.
 */
NODISCARD enum err_code stats_mean_of(const double *x, size_t n, enum stats_how how, double level, uint64_t seed,
                                      struct arena *scratch, struct stats_estimate *out, struct err *err);
/* Student's t at another level than 95 %; otherwise as stats_mean. */
NODISCARD enum err_code stats_mean_at(const struct stats_moments *m, double level, struct stats_estimate *out,
                                      struct err *err);
double stats_skewness(const double *x, size_t n); /* m3 / m2^(3/2); 0 without spread */

/* Mean of later - earlier of the same people, Student's t, two-sided p (1 without spread). */
NODISCARD enum err_code stats_paired(const double *earlier, const double *later, size_t n, struct stats_estimate *out,
                                     double *p, struct err *err);

/* p of no difference of means by `draws` random divisions of the pooled values: (as far apart + 1) / (draws + 1). */
NODISCARD enum err_code stats_permutation(const double *a, size_t n_a, const double *b, size_t n_b, int draws,
                                          uint64_t seed, struct arena *scratch, double *p, struct err *err);

/* --- one question's score --------------------------------------------------------------------- */

enum stats_score_kind { STATS_SCORE_NPS, STATS_SCORE_CSAT, STATS_SCORE_CES, STATS_SCORE_KINDS };
extern const char *const stats_score_kind_names[STATS_SCORE_KINDS]; /* "nps", "csat", "ces" */

/* How answers of a question are read. Zeroed beyond kind: the usual scale. */
struct stats_score_rule {
	enum stats_score_kind kind;
	int min, max; /* both 0: NPS 0..10, CSAT 1..5, CES 1..7. At most STATS_SCORE_VALUES_MAX values; NPS has no other
	               */
	int good;     /* from here on it counts as satisfied or easy: 0 means the upper two of CSAT, 5 of CES on 1..7 */
	bool reversed;      /* low is good, as in CES 1.0: answers count as min + max - x */
	enum stats_how how; /* of the main figure */
	double level;       /* 0 is 0.95 */
	uint64_t seed;
};
#define STATS_SCORE_VALUES_MAX 101

struct stats_score {
	enum stats_score_kind kind;
	int min, max, good;
	bool reversed;
	int64_t n;
	struct stats_estimate main;  /* NPS in points; CSAT the share of the satisfied, 0..1; CES the mean */
	struct stats_estimate other; /* CSAT the mean; CES the share of those who found it easy; NPS the mean answer */
	struct stats_nps_counts nps; /* of NPS */
	int64_t good_n;              /* of CSAT and CES */
	int64_t values[STATS_SCORE_VALUES_MAX]; /* answers min, min + 1, …; of a fraction, the whole below; as given */
};
/* The rule with its defaults filled in. Errors: ERR_INPUT "score.scale", "stats.level". */
NODISCARD enum err_code stats_score_rule(struct stats_score_rule *rule, struct err *err);
/*
 * Whether x is an answer under a complete rule: on the scale, and whole unless the score is a mean (CES).
 * Errors: ERR_INPUT "score.range", "score.whole", with the value in words: "score 11 is not on 0 to 10".
 */
NODISCARD enum err_code stats_score_check(const struct stats_score_rule *rule, double x, struct err *err);
/* The score of n answers, each checked. Nobody: STATS_NOT_IDENTIFIED. Fewer than 5 are marked as suppressed. */
NODISCARD enum err_code stats_score_of(const struct stats_score_rule *rule, const double *x, size_t n,
                                       struct arena *scratch, struct stats_score *out, struct err *err);

/* What an answer counts as under a complete rule: NPS -1, 0 or 1; CSAT 1 for a satisfied one, else 0; CES the answer
 * itself, turned round where low is good. */
double stats_score_value(const struct stats_score_rule *rule, double x);
/*
 * The score of weighted answers of repeated customers; x as stats_score_value says. NPS as stats_nps_weighted, a share
 * by Wilson's interval on n_eff, a mean by its clustered error, cut at the ends of the scale. `answers` get sorted.
 * Nobody: STATS_NOT_IDENTIFIED. Errors: ERR_INPUT for a weight that is not positive.
 */
NODISCARD enum err_code stats_score_weighted(const struct stats_score_rule *rule, struct stats_answer *answers,
                                             size_t n, struct stats_estimate *out, struct err *err);

#endif
