/*
 * Truth 8 through the product: what staff report about returns changes before
 * customers' scores do, by about as many days as were planted. SAFAR_SEEDS
 * says how many seeds (2 unless said).
 */
#include "tests/unit/unit.h"

#include <ftw.h>

#include "app/priv.h"
#include "base/checked.h"
#include "base/when.h"
#include "demo/demo.h"

enum { CUSTOMERS = 24000, END_DAY = 20604, SEEDS = 2, POLICY_DAY = END_DAY - DEMO_POLICY_DAYS };

static struct arena arena;

static int unlink_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	return remove(path);
}

static struct journey_lead asked(uint64_t seed)
{
	char dir[] = "/tmp/safar-lead-XXXXXX";
	struct app *app;
	struct err err = { 0 };
	struct journey_lead out = { 0 };
	const struct journey_query everything = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	const struct journey_lead_query notes = { .staff = STR("Staff Note") };
	assert_non_null(mkdtemp(dir));
	enum err_code rc = app_open(dir, &app, &err);
	if (rc == OK) rc = app_read(app, true, &err);
	if (rc == OK) rc = app_demo(app, seed, END_DAY, CUSTOMERS, &err);
	if (rc == OK) rc = ask_lead(app->ask, &everything, &notes, &arena, &out, &err);
	if (rc != OK) fail_msg("%s: %s", err.field, err.text);
	app_close(app);
	nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
	return out;
}

static bool holds(const struct stats_estimate *e, double want)
{
	return !(e->flags & STATS_NOT_IDENTIFIED) && e->lo <= want && want <= e->hi;
}

static void truth_8_staff_say_it_before_customers_feel_it(void **state)
{
	int64_t seeds = SEEDS, ahead = 0, held = 0, staff = 0, scores = 0;
	const double lead = demo_sizes[DEMO_POLICY_LEAD].size;
	const char *wanted = getenv("SAFAR_SEEDS");
	double mean = 0;
	if (wanted) assert_true(str_to_i64(str_of(wanted), &seeds) && seeds > 0);
	for (int64_t seed = 1; seed <= seeds; seed++) {
		const struct journey_lead r = asked((uint64_t)seed);
		assert_int_equal(r.n_rows, 1); /* the other notes are about journeys */
		assert_str(r.rows[0].name, "Return Requested");
		ahead += r.rows[0].ahead;
		held += holds(&r.rows[0].lead, lead);
		staff += holds(&r.rows[0].staff.at, POLICY_DAY);
		scores += holds(&r.rows[0].scores.at, POLICY_DAY + lead);
		mean += r.rows[0].lead.est / (double)seeds;
		assert_true(r.rows[0].scores.after < r.rows[0].scores.before - 10);
		assert_true(r.rows[0].staff.after > 3 * r.rows[0].staff.before);
		arena_reset(&arena);
	}
	print_message(
	        "%lld seeds: staff ahead %lld, interval holds the lead %lld, staff's day %lld, the scores' %lld; mean "
	        "lead %.1f days\n",
	        (long long)seeds, (long long)ahead, (long long)held, (long long)staff, (long long)scores, mean);
	/* Of 100 at least 90; of a few one may be out. */
	const double room = seeds < 100 ? 1 : 0;
	if ((double)held < 0.9 * (double)seeds - room || (double)ahead < 0.75 * (double)seeds - room)
		fail_msg("held with %lld, ahead with %lld of %lld seeds", (long long)held, (long long)ahead,
		         (long long)seeds);
}

static int open_arena(void **state)
{
	arena_init(&arena, 64 * MIB);
	return 0;
}

static int close_arena(void **state)
{
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_8_staff_say_it_before_customers_feel_it),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
