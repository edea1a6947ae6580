#include "tests/unit/render/answer_cases.h"

#include <math.h>
#include <stdlib.h>

#include "base/checked.h"

#define DAY_MS 86400000LL

static struct render_heading heading(enum lang l)
{
	static const char *const titles[LANGS] = { "Buying and receiving an order", "شراء الطلب واستلامه",
		                                   "خرید و دریافت سفارش" };
	return (struct render_heading){ .shown = true,
		                        .title = str_of(titles[l]),
		                        .from_ms = 1785542400000,
		                        .to_ms = 1793491200000,
		                        .current_to_ms = 1793480000000 };
}

/* --- funnels ----------------------------------------------------------------------------------------- */

static struct render_share share_of(int64_t n, int64_t of)
{
	if (of == 0) return (struct render_share){ NAN, NAN, NAN };
	const double p = (double)n / (double)of, e = 1.96 * sqrt(p * (1 - p) / (double)of);
	return (struct render_share){ p, fmax(0, p - e), fmin(1, p + e) };
}

static struct render_funnel *funnel_new(struct arena *a, size_t n, enum lang l)
{
	struct render_funnel *f = ARENA_NEW(a, struct render_funnel);
	if (!f) abort();
	*f = (struct render_funnel){ .heading = heading(l),
		                     .steps = ARENA_ARRAY(a, struct render_funnel_step, n),
		                     .n_steps = n,
		                     .window_ms = INT64_MAX };
	if (!f->steps) abort();
	return f;
}

static struct render_funnel *order(struct arena *a, enum lang l)
{
	static const struct {
		const char *names[LANGS];
		int64_t cases, lost;
		bool optional;
		double half_ms;
	} rows[] = {
		{ { "Product viewed", "عرض المنتج", "دیدن کالا" }, 4917, 102, false, NAN },
		{ { "Products compared", "مقارنة المنتجات", "مقایسهٔ کالاها" }, 1555, 49, true, 588000 },
		{ { "Product added to the basket", "إضافة المنتج إلى السلة", "افزودن کالا به سبد" },
		  4766,
		  349,
		  false,
		  342000 },
		{ { "Payment entered", "إدخال الدفع", "پرداخت" }, 4417, 124, false, 540000 },
		{ { "Order confirmed", "تأكيد الطلب", "تأیید سفارش" }, 4293, 12, false, 51800 },
		{ { "Delivered or picked up", "تم التوصيل أو الاستلام", "تحویل یا دریافت" },
		  4281,
		  3441,
		  false,
		  172800000 },
		{ { "Bought again", "شراء مجدد", "خرید دوباره" }, 840, 0, false, 4389120000 },
	};
	struct render_funnel *f = funnel_new(a, COUNT_OF(rows), l);
	f->window_ms = 90 * DAY_MS;
	for (size_t i = 0; i < f->n_steps; i++)
		f->steps[i] = (struct render_funnel_step){ .name = str_of(rows[i].names[l]),
			                                   .optional = rows[i].optional,
			                                   .cases = rows[i].cases,
			                                   .customers = rows[i].cases,
			                                   .lost = rows[i].lost,
			                                   .share = share_of(rows[i].cases, rows[0].cases),
			                                   .previous_p50_ms = rows[i].half_ms };
	return f;
}

/* Sixteen steps, a third of them optional, in any order. */
static struct render_funnel *sixteen(struct arena *a, enum lang l)
{
	struct render_funnel *f = funnel_new(a, 16, l);
	int64_t left = 1234567;
	f->order = RENDER_ANY_ORDER;
	for (size_t i = 0; i < 16; i++) {
		const bool optional = i % 3 == 1;
		const int64_t cases = optional ? left / 3 : left, lost = i == 15 ? 0 : cases / (i % 2 ? 40 : 7);
		f->steps[i] = (struct render_funnel_step){
			.name = str_format(a, "Step %zu with a rather long name of its own", i + 1),
			.optional = optional,
			.cases = cases,
			.customers = cases,
			.lost = lost,
			.share = share_of(cases, 1234567),
			.previous_p50_ms = i ? 3.7e6 * (double)i * (double)i : NAN
		};
		left -= lost;
	}
	return f;
}

static struct render_funnel *all_lost(struct arena *a, enum lang l)
{
	struct render_funnel *f = funnel_new(a, 3, l);
	f->order = RENDER_STRICT;
	f->heading.title = STR("\"><script>\xE2\x80\xAE");
	for (size_t i = 0; i < 3; i++)
		f->steps[i] = (struct render_funnel_step){ .name = i ? STR("\xE2\x80\xAE<b>&\xFF")
			                                             : STR("می‌شود هیچ‌کس"),
			                                   .cases = i ? 0 : 7,
			                                   .lost = i ? 0 : 7,
			                                   .share = share_of(i ? 0 : 7, 7),
			                                   .previous_p50_ms = NAN };
	return f;
}

static struct render_funnel *none(struct arena *a, enum lang l)
{
	return funnel_new(a, 0, l);
}

const struct funnel_case funnel_cases[] = {
	{ "order", order }, { "sixteen", sixteen }, { "lost", all_lost }, { "none", none }
};
const size_t n_funnel_cases = COUNT_OF(funnel_cases);

/* --- retentions --------------------------------------------------------------------------------------- */

static struct render_retention *cohorts_of(struct arena *a, enum lang l, size_t n, int64_t days, double keep)
{
	struct render_retention *r = ARENA_NEW(a, struct render_retention);
	if (!r) abort();
	*r = (struct render_retention){ .heading = heading(l),
		                        .cohorts = ARENA_ARRAY(a, struct render_cohort, n),
		                        .n_cohorts = n,
		                        .curve = ARENA_ARRAY(a, struct render_retention_point, n),
		                        .n_curve = n };
	if (!r->cohorts || !r->curve) abort();
	for (size_t i = 0; i < n; i++) {
		struct render_cohort *c = &r->cohorts[i];
		int64_t *active = ARENA_ARRAY(a, int64_t, n);
		if (!active) abort();
		*c = (struct render_cohort){ .start_ms = 1754006400000 + (int64_t)i * days * DAY_MS,
			                     .size = 300 + (int64_t)(i * i * 37 % 211),
			                     .active = active,
			                     .n = n - i };
		for (size_t k = 0; k < c->n; k++) {
			active[k] = k ? (int64_t)((double)c->size * keep / (1 + 0.45 * (double)k)) : c->size;
			r->curve[k].active += active[k];
			r->curve[k].size += c->size;
		}
		r->customers += c->size;
	}
	for (size_t k = 0; k < n; k++) {
		struct render_retention_point *p = &r->curve[k];
		p->share = share_of(p->active, p->size);
		const double half = (p->share.hi - p->share.lo) / 3;
		p->lo80 = p->share.est - half;
		p->hi80 = p->share.est + half;
	}
	return r;
}

static struct render_retention *months(struct arena *a, enum lang l)
{
	struct render_retention *r = cohorts_of(a, l, 12, 31, 0.55);
	r->period = RENDER_MONTH;
	/* Nobody of the newest has had time to come back, and of one point nothing is known. */
	r->curve[11].share.est = NAN;
	return r;
}

static struct render_retention *days(struct arena *a, enum lang l)
{
	return cohorts_of(a, l, 60, 1, 0.2);
}

static struct render_retention *nobody(struct arena *a, enum lang l)
{
	return cohorts_of(a, l, 0, 1, 0.2);
}

const struct retention_case retention_cases[] = { { "months", months }, { "days", days }, { "nobody", nobody } };
const size_t n_retention_cases = COUNT_OF(retention_cases);

/* --- scores over time ----------------------------------------------------------------------------------- */

#define GAP_EVERY 9

static struct render_series *scores_of(struct arena *a, enum lang l, enum render_score_kind kind, size_t periods,
                                       size_t lines)
{
	static const double low[RENDER_SCORE_KINDS] = { 0, -100, 0, 1 }, high[RENDER_SCORE_KINDS] = { 100, 100, 1, 7 };
	static const char *const names[] = { "الفرع الرئيسي", "Checkout", "پشتیبانی" };
	struct render_series *r = ARENA_NEW(a, struct render_series);
	int64_t *starts = ARENA_ARRAY(a, int64_t, periods);
	if (!r || !starts) abort();
	for (size_t k = 0; k < periods; k++) starts[k] = 1754006400000 + (int64_t)k * 31 * DAY_MS;
	*r = (struct render_series){ .heading = heading(l),
		                     .kind = kind,
		                     .n_periods = periods,
		                     .starts = starts,
		                     .lines = ARENA_ARRAY(a, struct render_series_line, lines),
		                     .n_lines = lines };
	if (!r->lines) abort();
	const double unit = (high[kind] - low[kind]) / 100;
	for (size_t i = 0; i < lines; i++) {
		struct render_series_line *line = &r->lines[i];
		*line = (struct render_series_line){ .name = lines > 1 ? str_of(names[i % 3]) : STR(""),
			                             .points = ARENA_ARRAY(a, struct render_series_point, periods),
			                             .n = 1200 - 100 * (int64_t)i,
			                             .trend = (int)(i % 3) - 1 };
		if (!line->points) abort();
		for (size_t k = 0; k < periods; k++) {
			const double est = low[kind] + unit * (35 + 30 * sin((double)(k + 3 * i) / 2)), half = 9 * unit;
			line->points[k] = (struct render_series_point){
				starts[k], 90, { est, est - half, est + half }, est - half * 0.65, est + half * 0.65, 0
			};
			if (k % GAP_EVERY == GAP_EVERY - 1)
				line->points[k] =
				        (struct render_series_point){ starts[k], 3, { NAN, NAN, NAN }, NAN, NAN, 0 };
			else if (k % 5 == 3) line->points[k].change = est > line->points[k - 1].score.est ? 1 : -1;
		}
	}
	return r;
}

static struct render_series *nps_of_a_year(struct arena *a, enum lang l)
{
	return scores_of(a, l, RENDER_NPS, 12, 1);
}

static struct render_series *csat_by_branch(struct arena *a, enum lang l)
{
	return scores_of(a, l, RENDER_CSAT, 12, 3);
}

static struct render_series *many_days(struct arena *a, enum lang l)
{
	return scores_of(a, l, RENDER_RATING, 90, RENDER_SERIES_SHOWN + 2);
}

static struct render_series *one_period(struct arena *a, enum lang l)
{
	return scores_of(a, l, RENDER_CES, 1, 1);
}

static struct render_series *unasked(struct arena *a, enum lang l)
{
	return scores_of(a, l, RENDER_NPS, 0, 0);
}

const struct series_case series_cases[] = { { "nps-year", nps_of_a_year },
	                                    { "csat-branch", csat_by_branch },
	                                    { "days", many_days },
	                                    { "one", one_period },
	                                    { "unasked", unasked } };
const size_t n_series_cases = COUNT_OF(series_cases);
