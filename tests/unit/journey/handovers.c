/* Hand-overs against a slow twin: texts, and for each one a search for its ratings. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

enum { ANSWERS_MAX = 4096 };

struct sums {
	int64_t count, customers, ended;
	double times[ANSWERS_MAX];
	struct stats_answer before[ANSWERS_MAX], after[ANSWERS_MAX], diff[ANSWERS_MAX];
	size_t n_before, n_after, n_diff;
};

static bool is_step(const struct orow *r)
{
	const bool talks = *r->about && (r->score == r->score || r->comment);
	return *r->channel && !talks;
}

/* Where the rating of row `at` stands; SIZE_MAX nowhere. */
static size_t stands_at(const struct ocase *c, size_t at)
{
	const struct orow *r = c->rows[at];
	if (r->score != r->score || strcmp(r->about, "journey") == 0) return SIZE_MAX;
	if (!*r->about) return at;
	for (size_t i = at; i-- > 0;)
		if (strcmp(c->rows[i]->event, r->about) == 0) return i;
	return SIZE_MAX;
}

static bool mean_at(const struct ocase *c, size_t place, double *out)
{
	double sum = 0;
	int n = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (stands_at(c, i) != place) continue;
		sum += 100 * (c->rows[i]->score - c->rows[i]->min) / (c->rows[i]->max - c->rows[i]->min);
		n++;
	}
	if (n) *out = sum / n;
	return n > 0;
}

static void put(struct stats_answer *list, size_t *n, double x, uint32_t customer)
{
	list[(*n)++] = (struct stats_answer){ x, 1, customer };
}

static void sum_up(const struct oasked *w, struct str from, struct str to, struct sums *s)
{
	uint32_t last_customer = 0;
	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < w->n; i++) {
		const struct ocase *c = &w->cases[i];
		size_t last = SIZE_MAX;
		for (size_t k = 0; k < c->n; k++) {
			if (!is_step(c->rows[k])) continue;
			const size_t before = last;
			last = k;
			if (before == SIZE_MAX || !str_eq(str_of(c->rows[before]->channel), from) ||
			    !str_eq(str_of(c->rows[k]->channel), to))
				continue;
			bool more = false, b = false, a = false;
			double x = 0, y = 0;
			for (size_t j = k + 1; j < c->n; j++) more |= is_step(c->rows[j]);
			for (size_t j = before + 1; j-- > 0 && !b;) b = mean_at(c, j, &x);
			for (size_t j = k; j < c->n && !a; j++) a = mean_at(c, j, &y);
			s->times[s->count++] = (double)(c->rows[k]->at_ms - c->rows[before]->at_ms);
			s->ended += !more;
			s->customers += last_customer != c->customer;
			last_customer = c->customer;
			if (b) put(s->before, &s->n_before, x, c->customer);
			if (a) put(s->after, &s->n_after, y, c->customer);
			if (a && b) put(s->diff, &s->n_diff, y - x, c->customer);
		}
	}
}

static void check_estimate(const struct stats_estimate *got, struct stats_answer *answers, size_t n, double low)
{
	struct stats_estimate want;
	double se;
	assert_int_equal(stats_mean_clustered(answers, n, &want, &se, NULL), OK);
	assert_int_equal(got->n, n);
	assert_int_equal(!!(got->flags & STATS_SUPPRESSED), n < 5);
	if (n < 5) return;
	stats_on_scale(&want, (struct interval){ low, 100 });
	assert_near(got->est, want.est, 1e-4);
	assert_near(got->lo, want.lo, 1e-3);
	assert_near(got->hi, want.hi, 1e-3);
}

static int by_double(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	static struct sums want;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct oasked w;
		struct journey_handovers h;
		struct err err;
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 12),
		                              .events_max = 16,
		                              .activities = 2 + (int)(seed % 4),
		                              .tick_ms = 100,
		                              .evidence = true },
		            seed % 2);
		if (seed % 500 == 0) print_message("seed %d\n", (int)seed);
		void *pass = oasked_run(&w, w.plan, &journey_handovers_pass, NULL);
		assert_int_equal(journey_handovers_result(pass, &w.a, &h, &err), OK);
		journey_handovers_pass.free(pass);
		int64_t all = 0, crossing = 0;
		for (size_t i = 0; i < w.n; i++) {
			const char *last = "";
			int64_t here = 0;
			for (size_t k = 0; k < w.cases[i].n; k++) {
				if (!is_step(w.cases[i].rows[k])) continue;
				here += *last && strcmp(last, w.cases[i].rows[k]->channel) != 0;
				last = w.cases[i].rows[k]->channel;
			}
			all += here;
			crossing += here > 0;
		}
		assert_int_equal(h.cases, w.n);
		assert_int_equal(h.crossing, crossing);
		for (size_t i = 0; i < h.n; i++) {
			const struct journey_handover *x = &h.list[i];
			sum_up(&w, x->from, x->to, &want);
			qsort(want.times, (size_t)want.count, sizeof *want.times, by_double);
			assert_int_equal(x->count, want.count);
			assert_int_equal(x->customers, want.customers);
			assert_int_equal(x->ended, want.ended);
			const size_t mid = (size_t)want.count / 2;
			assert_near(x->times.p50,
			            want.count % 2 ? want.times[mid] : (want.times[mid - 1] + want.times[mid]) / 2,
			            1e-9);
			check_estimate(&x->before, want.before, want.n_before, 0);
			check_estimate(&x->after, want.after, want.n_after, 0);
			check_estimate(&x->diff, want.diff, want.n_diff, -100);
			const struct journey_handover_figure f = { x->from, x->to };
			const struct journey_set *set;
			void *people = oasked_run(&w, w.plan, &journey_handover_people_pass, &f);
			assert_int_equal(journey_handover_people(people, &set, &err), OK);
			assert_int_equal(journey_set_n(set), x->customers);
			journey_handover_people_pass.free(people);
			all -= x->count;
		}
		assert_int_equal(all, 0);
		oasked_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_logs_agree_with_the_slow_twin) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
