/*
 * Truth 10 through the product, seed after seed: what everybody would have
 * said is predicted from what they did, and lies closer to what the generator
 * knows than the mean of those who answered. SAFAR_SEEDS says how many seeds
 * (4 unless said; 100 take some minutes), at least 95 % of which must agree; and the
 * interval holds the truth about as often as it says.
 */
#include "tests/unit/unit.h"

#include <ftw.h>
#include <math.h>

#include "app/priv.h"
#include "base/checked.h"
#include "base/json.h"
#include "base/when.h"
#include "demo/demo.h"

enum { CUSTOMERS = 3000, END_DAY = 20604, SEEDS = 4 };

struct truth {
	double sum;
	int64_t n;
};

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct truth *t = ctx;
	struct str p;
	double score;
	if (!str_eq(e->name, STR("Yearly Question Answered"))) return OK;
	if (!json_get(e->body, STR("properties"), &p) || !json_get_number(p, STR("score"), &score))
		return err_set(err, ERR_INPUT, "test.score", "score", "an answer without a score");
	t->sum += 25 * (score - 1);
	t->n++;
	return OK;
}

/* What all who were asked would say. */
static double planted(uint64_t seed)
{
	struct truth t = { 0 };
	struct err err = { 0 };
	const struct wire_sink sink = { .ctx = &t, .event = on_event };
	const struct demo_options o = {
		.seed = seed, .end_day = END_DAY, .n_customers = CUSTOMERS, .all_answer = true
	};
	if (demo_generate(&o, &sink, &err) != OK) fail_msg("%s", err.text);
	return t.sum / (double)t.n;
}

static int unlink_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	return remove(path);
}

static struct stats_silent asked(uint64_t seed)
{
	char dir[] = "/tmp/safar-silent-XXXXXX";
	struct app *app;
	struct err err = { 0 };
	struct stats_silent out = { 0 };
	const struct journey_query everybody = { .from_ms = INT64_MIN,
		                                 .to_ms = INT64_MAX,
		                                 .by = JOURNEY_BY_CUSTOMER,
		                                 .instance = { .cut = JOURNEY_CUT_CUSTOMER } };
	const struct journey_silent_query year = { .about = STR("Yearly Question Answered"),
		                                   .asked = STR("Yearly Question Asked") };
	assert_non_null(mkdtemp(dir));
	enum err_code rc = app_open(dir, &app, &err);
	if (rc == OK) rc = app_read(app, true, &err);
	if (rc == OK) rc = app_demo(app, seed, END_DAY, CUSTOMERS, &err);
	if (rc == OK) rc = ask_silent(app->ask, &everybody, &year, &out, &err);
	if (rc != OK) fail_msg("%s: %s", err.field, err.text);
	app_close(app);
	nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
	return out;
}

static void truth_10_the_silent_are_heard(void **state)
{
	int64_t seeds = SEEDS, closer = 0, held = 0;
	const char *wanted = getenv("SAFAR_SEEDS");
	double off = 0, off_raw = 0;
	if (wanted) assert_true(str_to_i64(str_of(wanted), &seeds) && seeds > 0);
	for (int64_t seed = 1; seed <= seeds; seed++) {
		const double want = planted((uint64_t)seed);
		const struct stats_silent s = asked((uint64_t)seed);
		assert_false(s.everybody.flags & STATS_NOT_IDENTIFIED);
		assert_true(s.predicted.hi < s.raw.est);
		closer += fabs(s.everybody.est - want) < fabs(s.raw.est - want);
		held += s.everybody.lo <= want && want <= s.everybody.hi;
		off += fabs(s.everybody.est - want) / (double)seeds;
		off_raw += fabs(s.raw.est - want) / (double)seeds;
	}
	print_message(
	        "%lld seeds: closer than the raw mean %lld, interval holds the truth %lld; mean error %.2f against %.2f\n",
	        (long long)seeds, (long long)closer, (long long)held, off, off_raw);
	if ((double)closer < 0.95 * (double)seeds)
		fail_msg("closer with %lld of %lld seeds", (long long)closer, (long long)seeds);
	/* Of 100 at least 90, of six at least five. */
	if ((double)held < 0.9 * (double)seeds - (seeds < 100 ? 1 : 0))
		fail_msg("the interval holds the truth with %lld of %lld seeds", (long long)held, (long long)seeds);
}

/* Where behaviour does not say how people answer, there is no number: the colour of a tape is nobody's score. */
static void what_behaviour_does_not_say_is_not_said(void **state)
{
	char dir[] = "/tmp/safar-silent-XXXXXX";
	struct app *app;
	struct err err = { 0 };
	struct stats_silent s;
	const struct journey_query everybody = { .from_ms = INT64_MIN,
		                                 .to_ms = INT64_MAX,
		                                 .by = JOURNEY_BY_CUSTOMER,
		                                 .instance = { .cut = JOURNEY_CUT_CUSTOMER } };
	assert_non_null(mkdtemp(dir));
	assert_int_equal(app_open(dir, &app, &err), OK);
	assert_int_equal(app_read(app, true, &err), OK);
	assert_int_equal(app_demo(app, 1, END_DAY, 300, &err), OK);
	/* Few answers. */
	assert_int_equal(
	        ask_silent(app->ask, &everybody, &(struct journey_silent_query){ .about = STR("journey") }, &s, &err),
	        OK);
	assert_true(s.everybody.flags & STATS_NOT_IDENTIFIED);
	assert_int_equal(s.answered + s.silent, 300 + 1); /* and the one id that all employees share */
	assert_int_equal(ask_silent(app->ask, &everybody, &(struct journey_silent_query){ .about = STR("") }, &s, &err),
	                 ERR_INPUT);
	assert_int_equal(
	        ask_silent(app->ask, &everybody,
	                   &(struct journey_silent_query){ .about = STR("journey"), .asked = STR("No Such Event") }, &s,
	                   &err),
	        ERR_INPUT);
	assert_string_equal(err.field, "asked");
	app_close(app);
	nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_10_the_silent_are_heard),
		cmocka_unit_test(what_behaviour_does_not_say_is_not_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
