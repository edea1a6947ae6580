/* Employees and expectations on a map, counted again from what was sent by plain sums. */
#include <math.h>

#include "base/checked.h"
#include "maps/priv.h"
#include "tests/unit/maps/help.h"

#define DAY WHEN_DAY_MS
#define T0 ((int64_t)1770000000000)

static const char shop[] =
        "{\"key\":\"shop\",\"name\":{\"en\":\"Shop\",\"ar\":\"المتجر\",\"fa\":\"فروشگاه\"},"
        "\"instance\":{\"cut\":\"key\",\"key\":\"journey\",\"gap\":\"30d\"},"
        "\"stages\":[{\"key\":\"buy\",\"name\":{\"en\":\"Buying\"}}],\"touchpoints\":["
        "{\"key\":\"bought\",\"stage\":\"buy\",\"name\":{\"en\":\"Bought\"},\"rules\":[{\"event\":\"Bought\"}]},"
        "{\"key\":\"delivered\",\"stage\":\"buy\",\"name\":{\"en\":\"Home delivery\",\"ar\":\"التوصيل\",\"fa\":\"تحویل\"},"
        "\"rules\":[{\"event\":\"Delivered\"}]},"
        "{\"key\":\"used\",\"stage\":\"buy\",\"name\":{\"en\":\"Used\"},\"rules\":[{\"event\":\"Used\"}]}]}";

static void is_near(double got, double want)
{
	if (!(fabs(got - want) < 1e-6)) fail_msg("%.9g, not %.9g", got, want);
}

/* The twin: numbers as they were sent. */
struct twin {
	double x[2000];
	int n;
};

static void twin_add(struct twin *t, double x)
{
	assert_true(t->n < (int)COUNT_OF(t->x));
	t->x[t->n++] = x;
}

static double twin_mean(const struct twin *t)
{
	double sum = 0;
	for (int i = 0; i < t->n; i++) sum += t->x[i];
	return sum / t->n;
}

static double twin_se(const struct twin *t)
{
	const double mean = twin_mean(t);
	double ss = 0;
	for (int i = 0; i < t->n; i++) ss += (t->x[i] - mean) * (t->x[i] - mean);
	return sqrt(ss / (t->n - 1) / t->n);
}

static void same_mean(const struct stats_estimate *e, const struct twin *t)
{
	is_near(e->est, twin_mean(t));
	assert_int_equal(e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED), 0);
	const double half = stats_t_quantile(0.975, t->n - 1) * twin_se(t);
	is_near(e->lo, twin_mean(t) - half);
	is_near(e->hi, twin_mean(t) + half);
}

static struct twin staff, customers, gaps, expected, experienced;

static void employee(struct batch *b, int i, const char *unit, const char *about, int answer, const char *metric)
{
	batch_put(b, STR("employees"), "Survey: staff", "link", T0 + i * DAY,
	          str_format(
	                  &b->h->a,
	                  "{\"voice\":\"employee\",\"metric\":\"%s\",\"answer\":%d,\"answer_min\":%d,\"answer_max\":%d,"
	                  "\"about\":\"%s\",\"unit\":\"%s\"}",
	                  metric, answer, strcmp(metric, "nps") == 0 ? 0 : 1, strcmp(metric, "nps") == 0 ? 10 : 5,
	                  about, unit));
}

/* Employees name the touchpoint by its event, its key, or as people write it. */
static void feed_staff(struct batch *b)
{
	static const char *const names[] = { "Delivered", "delivered", " home DELIVERY ", "تحويل" };
	for (int i = 0; i < 40; i++) {
		const int answer = 3 + i % 3;
		employee(b, i, i % 2 ? "north" : "south", names[i % 4], answer, "rating");
		twin_add(&staff, 25.0 * (answer - 1));
	}
	for (int i = 0; i < 3; i++) employee(b, i, "south", "Used", 1 + i, "rating");
	for (int i = 0; i < 12; i++) employee(b, i, "south", "Bought", 2 + i % 3, "rating");
	for (int i = 0; i < 3; i++) employee(b, i, "east", "Bought", 2 + i, "rating");
	for (int i = 0; i < 20; i++) employee(b, i, i % 2 ? "north" : "south", "journey", i % 4 == 0 ? 10 : 7, "nps");
	for (int i = 0; i < 9; i++) employee(b, i, "south", "Delivered", 1, "pulse");
}

static void feed_customers(struct batch *b)
{
	struct rng r;
	rng_init(&r, 20261122, 1);
	for (int i = 0; i < 200; i++) {
		const struct str who = str_format(&b->h->a, "c%d", i);
		const int64_t at = T0 + (i % 60) * DAY;
		const int score = 1 + (int)rng_below(&r, 5), hoped = 3 + (int)rng_below(&r, 3);
		const bool pair = i % 3 == 0;
		batch_put(b, who, "Delivered", "courier", at, str_format(&b->h->a, "{\"journey\":\"o%d\"}", i));
		batch_put(b, who, "Asked", "email", at + DAY,
		          pair ? str_format(&b->h->a,
		                            "{\"journey\":\"o%d\",\"score\":%d,\"gap\":%d,\"about\":\"Delivered\"}", i,
		                            score, score - hoped)
		               : str_format(&b->h->a, "{\"journey\":\"o%d\",\"score\":%d,\"about\":\"Delivered\"}", i,
		                            score));
		batch_put(b, who, "Asked", "email", at + 2 * DAY,
		          str_format(&b->h->a,
		                     "{\"journey\":\"o%d\",\"score\":%d,\"score_kind\":\"nps\",\"about\":\"journey\"}",
		                     i, i % 2 ? 9 : 3));
		twin_add(&customers, 25.0 * (score - 1));
		if (!pair) continue;
		twin_add(&gaps, 25.0 * (score - hoped));
		twin_add(&experienced, 25.0 * (score - 1));
		twin_add(&expected, 25.0 * (hoped - 1));
	}
}

static struct maps_measured measured(struct house *h, const struct maps_scope *scope)
{
	struct maps_measured m;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, scope, NOW, &h->a, &m, why));
	return m;
}

enum { BOUGHT, DELIVERED, USED };

static struct house *house;

static int open_shop(void **state)
{
	struct str key;
	int version;
	(void)state;
	house = house_open(NULL, 0);
	struct batch b = batch_open(house, "shop");
	feed_customers(&b);
	feed_staff(&b);
	batch_done(&b);
	OK_OR_SHOW(maps_save(house->maps, str_of(shop), 0, STR("Mona"), NOW, &house->a, &key, &version, why));
	return 0;
}

static int close_shop(void **state)
{
	(void)state;
	house_close(house);
	return 0;
}

static void what_employees_say_is_their_mean_and_moves_no_score(void **state)
{
	(void)state;
	const struct maps_measured m = measured(house, everything());
	const struct maps_voice *v = &m.voices.list[DELIVERED];
	same_mean(&v->employees, &staff);
	assert_int_equal(v->employees.n, staff.n);
	same_mean(&v->customers, &customers);
	assert_int_equal(m.measure.touchpoints[DELIVERED].signals[JOURNEY_RATING].n, customers.n);
	assert_int_equal(m.measure.rating_n, 2 * customers.n);
	is_near(v->ahead.est, twin_mean(&staff) - twin_mean(&customers));
	/* No side counts with less spread than both have together (docs/methods/means.md). */
	const double na = staff.n, nb = customers.n, sa = twin_se(&staff), sb = twin_se(&customers),
	             pooled = (sa * sa * na * (na - 1) + sb * sb * nb * (nb - 1)) / (na + nb - 2),
	             se = sqrt(fmax(sa * sa, pooled / na) + fmax(sb * sb, pooled / nb)),
	             width = (v->ahead.hi - v->ahead.lo) / (2 * se);
	assert_true(width > 1.96 && width < 2.06);
	assert_true(v->ahead_told);
	assert_true(v->ahead_p < 0.001);
}

static void a_pair_is_the_same_answer(void **state)
{
	(void)state;
	const struct maps_measured m = measured(house, everything());
	const struct maps_voice *v = &m.voices.list[DELIVERED];
	same_mean(&v->gap, &gaps);
	same_mean(&v->expected, &expected);
	same_mean(&v->experienced, &experienced);
	assert_int_equal(v->gap.n, gaps.n);
	is_near(v->experienced.est - v->expected.est, v->gap.est);
	const double p = stats_t_two_sided(twin_mean(&gaps) / twin_se(&gaps), gaps.n - 1);
	is_near(v->gap_p, p);
	assert_int_equal(m.voices.list[USED].gap.n, 0);
}

static void the_two_nps_are_never_one(void **state)
{
	(void)state;
	const struct maps_measured m = measured(house, everything());
	is_near(m.voices.nps.est, 0);
	assert_int_equal(m.voices.nps.n, 200);
	is_near(m.voices.enps.est, 25);
	assert_int_equal(m.voices.enps.n, 20);
}

static bool shown(const struct stats_estimate *e)
{
	return !(e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED));
}

/* Three of one unit are not to be had: neither alone, nor as all less the others, nor as a period less another. */
static void a_small_group_is_not_the_rest_of_a_large_one(void **state)
{
	(void)state;
	struct maps_scope scope = *everything();
	struct maps_measured m = measured(house, &scope);
	assert_false(shown(&m.voices.list[USED].employees));
	assert_int_equal(m.voices.list[USED].employees.n, 0); /* of three, no group of five */
	assert_true(m.voices.list[USED].employees.flags & STATS_SUPPRESSED);
	assert_true(shown(&m.voices.list[BOUGHT].employees));
	scope.filters[0] = (struct journey_filter){ STR("unit"), STR("south"), JOURNEY_IS };
	scope.n_filters = 1;
	m = measured(house, &scope);
	assert_false(shown(&m.voices.list[BOUGHT].employees)); /* twelve; the three of the east would be left */
	assert_true(shown(&m.voices.list[DELIVERED].employees));
	assert_int_equal(m.voices.list[DELIVERED].employees.n, 20);
	scope.n_filters = 0;
	scope.from_ms = T0 + 2 * DAY;
	m = measured(house, &scope);
	assert_true(shown(&m.voices.list[DELIVERED].employees)); /* the group of the first days is left as a whole */
	assert_int_equal(m.voices.list[DELIVERED].employees.n, 35);
	const double without = m.voices.list[DELIVERED].employees.est;
	for (int day = 3; day <= 5; day++) {
		scope.from_ms = T0 + day * DAY;
		m = measured(house, &scope);
		is_near(m.voices.list[DELIVERED].employees.est, without); /* nobody's rating by a difference */
		assert_int_equal(m.voices.list[DELIVERED].employees.n, 35);
	}
	scope.from_ms = T0 + 8 * DAY;
	m = measured(house, &scope);
	assert_true(shown(&m.voices.list[DELIVERED].employees));
	assert_int_equal(m.voices.list[DELIVERED].employees.n, 30);
}

static void a_customers_dimension_does_not_narrow_employees(void **state)
{
	(void)state;
	struct maps_scope scope = *everything();
	scope.filters[0] = (struct journey_filter){ STR("channel"), STR("courier"), JOURNEY_IS };
	scope.n_filters = 1;
	const struct maps_measured m = measured(house, &scope);
	assert_int_equal(m.voices.list[DELIVERED].employees.n, staff.n);
	assert_int_equal(m.voices.list[DELIVERED].gap.n, 0);
}

static void the_answer_names_the_widest_gap_first(void **state)
{
	(void)state;
	const struct maps_measured m = measured(house, everything());
	for (int l = 0; l < LANGS; l++) {
		struct buf b;
		const struct locale locale = locale_of((enum lang)l);
		buf_init(&b, 8 * MIB);
		OK_OR_SHOW(maps_measured_json(&m, &locale, &house->a, &b, why));
		json_t *j = parsed(buf_view(&b)), *v = json_object_get(j, "voices");
		json_t *list = json_object_get(json_object_get(v, "employees"), "touchpoints"),
		       *first = json_array_get(list, 0);
		assert_string_equal(json_string_value(json_object_get(first, "name")), "delivered");
		assert_true(json_is_true(json_object_get(first, "told")));
		assert_true(strlen(json_string_value(json_object_get(first, "sentence"))) > 20);
		json_t *used = json_array_get(list, json_array_size(list) - 1);
		assert_string_equal(json_string_value(json_object_get(used, "name")), "used");
		assert_true(json_is_null(json_object_get(used, "said")));
		assert_true(json_is_null(json_object_get(used, "ahead")));
		is_near(json_number_value(json_object_get(json_object_get(v, "enps"), "est")), 25);
		json_decref(j);
		buf_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_employees_say_is_their_mean_and_moves_no_score),
		cmocka_unit_test(a_pair_is_the_same_answer),
		cmocka_unit_test(the_two_nps_are_never_one),
		cmocka_unit_test(a_small_group_is_not_the_rest_of_a_large_one),
		cmocka_unit_test(a_customers_dimension_does_not_narrow_employees),
		cmocka_unit_test(the_answer_names_the_widest_gap_first),
	};
	return cmocka_run_group_tests_name("maps voices", tests, open_shop, close_shop);
}
