/* Models learned here: judged on what they had not seen, put to use only when better, taken back; counts put right. */
#include "tests/unit/insight/world.h"

#include "base/json.h"

/* Words that no shipped model knows: only who learned from these comments can tell. */
static const char *const told[INSIGHT_FEELINGS] = { "blorp quixel", "zanth mivel", "florn tabbet" };
static const int stars[INSIGHT_FEELINGS] = { 1, 3, 5 };

static const char *const filler[16] = { "brown", "small",  "second", "Monday", "heavy",   "round", "blue",   "garden",
	                                "paper", "winter", "office", "corner", "kitchen", "July",  "square", "market" };

static void fill(struct world *w, int each, bool telling)
{
	for (int i = 0; i < each * INSIGHT_FEELINGS; i++) {
		char who[16], text[128];
		const int feeling = i % INSIGHT_FEELINGS;
		snprintf(who, sizeof who, "c%d", i / 2);
		/* No two in the same words: such are never on both sides of a fold. */
		snprintf(text, sizeof text, "the %s parcel of %s was %s this week", filler[i % 16], filler[i / 16 % 16],
		         telling ? told[feeling] : told[i / 7 % INSIGHT_FEELINGS]);
		put(w, who, T0 + i * 1000, text, stars[feeling]);
	}
	read_all(w);
}

static bool never(void *ctx, double share)
{
	double *last = ctx;
	assert_true(share >= *last && share <= 1);
	*last = share;
	return false;
}

static int64_t trained(struct world *w)
{
	int64_t ids[INSIGHT_LANGUAGES];
	struct err err = { 0 };
	double last = 0;
	const struct insight_training how = { .author = STR("ann"), .now_ms = T0, .progress = never, .ctx = &last };
	if (insight_train(w->x, &how, ids, &err) != OK) fail_msg("%s", err.text);
	assert_true(ids[1] == 0 && ids[2] == 0);
	return ids[0];
}

static struct insight_model model(struct world *w, int64_t id)
{
	struct insight_model m;
	assert_int_equal(insight_model(w->x, id, &w->a, &m, NULL), OK);
	return m;
}

static double number(struct str json, const char *a, const char *b, const char *c)
{
	struct str one, two;
	double v = -9;
	assert_true(json_get(json, str_of(a), &one) && json_get(one, str_of(b), &two));
	assert_true(c ? json_get_number(two, str_of(c), &v) : json_get_number(one, str_of(b), &v));
	return v;
}

static void what_scores_tell_is_learned_put_to_use_and_taken_back(void **state)
{
	struct world *w = *state;
	struct err err;
	struct insight_in_use use[INSIGHT_LANGUAGES];
	struct insight_quality q[INSIGHT_LANGUAGES];
	fill(w, 80, true);
	const double before = listed(w, &everything).sentiment.est;
	const int64_t id = trained(w);
	const struct insight_model m = model(w, id);
	assert_true(m.better && str_eq(m.lang, STR("en")) && str_eq(m.author, STR("ann")));
	assert_true(number(m.report, "own", "accuracy", "est") > .95);
	assert_true(number(m.report, "difference", "accuracy", "lo") > .2);
	assert_true(number(m.report, "difference", "p", NULL) < 1e-6);
	assert_int_equal(insight_adopt(w->x, STR("fa"), id, STR("ann"), T0 + 1, &err), ERR_NOT_FOUND);
	assert_int_equal(insight_adopt(w->x, STR("en"), id, STR("ann"), T0 + 1, &err), OK);
	for (int again = 0; again < 2; again++) {
		int64_t stale;
		assert_int_equal(insight_in_use(w->x, &w->a, use, &err), OK);
		assert_true(use[0].model == id && use[1].model == 0 && str_starts(use[1].name, STR("shipped-")));
		assert_int_equal(insight_to_read_again(w->x, &stale, &err), OK);
		assert_int_equal(stale, 0);
		assert_int_equal(insight_quality(w->x, q, &err), OK);
		assert_true(q[0].accuracy.n == 240 && q[0].accuracy.est > .95 && q[0].macro_f1 > .95);
		assert_true(fabs(listed(w, &everything).sentiment.est - before) > 1e-6);
		closed(w);
		opened(w);
	}
	assert_int_equal(insight_adopt(w->x, STR("en"), 0, STR("bob"), T0 + 2, &err), OK);
	assert_true(fabs(listed(w, &everything).sentiment.est - before) < 1e-12);
	struct insight_adoption *list;
	size_t n;
	assert_int_equal(insight_adoptions(w->x, 10, &w->a, &list, &n, &err), OK);
	assert_true(n == 2 && list[0].model == 0 && list[1].model == id && str_eq(list[0].author, STR("bob")));
}

static void a_model_of_noise_is_not_put_to_use(void **state)
{
	struct world *w = *state;
	struct err err;
	fill(w, 60, false);
	const int64_t id = trained(w);
	assert_false(model(w, id).better);
	assert_int_equal(insight_adopt(w->x, STR("en"), id, STR("ann"), T0, &err), ERR_CONFLICT);
	assert_string_equal(err.id, "insight.not_better");
	assert_int_equal(insight_adopt(w->x, STR("de"), 0, STR("ann"), T0, &err), ERR_INPUT);
}

static void too_little_makes_no_model(void **state)
{
	struct world *w = *state;
	fill(w, INSIGHT_TRAIN_EACH - 1, true);
	assert_int_equal(trained(w), 0);
}

static bool at_once(void *ctx, double share)
{
	(void)ctx, (void)share;
	return true;
}

static void it_can_be_stopped(void **state)
{
	struct world *w = *state;
	int64_t ids[INSIGHT_LANGUAGES];
	struct err err;
	struct insight_model *list;
	size_t n;
	fill(w, 40, true);
	const struct insight_training how = { .author = STR("ann"), .now_ms = T0, .progress = at_once };
	assert_int_equal(insight_train(w->x, &how, ids, &err), ERR_UNAVAILABLE);
	assert_string_equal(err.id, "text.train.stopped");
	assert_int_equal(insight_models(w->x, 5, &w->a, &list, &n, &err), OK);
	assert_int_equal(n, 0);
}

static void how_scores_become_feelings_can_be_changed(void **state)
{
	struct world *w = *state;
	struct err err;
	struct insight_labelled n[INSIGHT_LANGUAGES];
	struct insight_labelling l;
	for (int i = 0; i < 50; i++) {
		char who[16];
		snprintf(who, sizeof who, "c%d", i);
		put(w, who, T0 + i, "the parcel came this week", i % 5 + 1);
	}
	read_all(w);
	assert_int_equal(insight_labelled(w->x, n, &err), OK);
	assert_true(n[0].scored[0] == 20 && n[0].scored[1] == 10 && n[0].scored[2] == 20 && n[0].judge == 50);
	assert_int_equal(insight_labelling(w->x, &w->a, &l, &err), OK);
	l.scale[INSIGHT_RATING].negative = 1;
	l.scale[INSIGHT_RATING].positive = 5;
	assert_int_equal(insight_labelling_put(w->x, &l, STR("ann"), T0, &err), OK);
	assert_int_equal(insight_labelled(w->x, n, &err), OK);
	assert_true(n[0].scored[0] == 10 && n[0].scored[1] == 30 && n[0].scored[2] == 10);
	l.scale[INSIGHT_RATING].negative = 5;
	assert_int_equal(insight_labelling_put(w->x, &l, STR("ann"), T0, &err), ERR_INPUT);
	l.scale[INSIGHT_RATING].used = false;
	assert_int_equal(insight_labelling_put(w->x, &l, STR("ann"), T0, &err), OK);
	assert_int_equal(insight_labelled(w->x, n, &err), OK);
	assert_int_equal(n[0].judge, 0);
	assert_int_equal(insight_labelling(w->x, &w->a, &l, &err), OK);
	assert_true(l.version == 2 && !l.scale[INSIGHT_RATING].used && l.scale[INSIGHT_NPS].used);
}

static void counts_are_put_right_or_it_is_said_why_not(void **state)
{
	struct world *w = *state;
	struct insight_counts counts[INSIGHT_LANGUAGES];
	struct insight_quality q[INSIGHT_LANGUAGES] = { 0 };
	for (int i = 0; i < 100; i++)
		put(w, "c", T0 + i, i % 4 ? "The courier was wonderful, great!" : "Terrible, awful, the worst", 3);
	read_all(w);
	assert_int_equal(insight_counts(w->x, &everything, q, counts, NULL), OK);
	assert_int_equal(counts[0].feeling[0].read, 25);
	assert_int_equal(counts[0].feeling[0].of, 100);
	assert_string_equal(counts[0].feeling[0].why, "few");
	/* Half of the negative ones are read as positive: there are twice as many as are read. */
	q[0].confusion = (struct insight_confusion){ { { 100, 0, 100 }, { 0, 50, 0 }, { 0, 0, 200 } } };
	assert_int_equal(insight_counts(w->x, &everything, q, counts, NULL), OK);
	assert_null(counts[0].feeling[0].why);
	assert_true(fabs(counts[0].feeling[0].adjusted.est - .5) < 1e-9);
	assert_true(counts[0].feeling[0].adjusted.lo < .42 && counts[0].feeling[0].adjusted.hi > .58);
	q[0].confusion = (struct insight_confusion){ { { 50, 0, 50 }, { 25, 0, 25 }, { 50, 0, 50 } } };
	assert_int_equal(insight_counts(w->x, &everything, q, counts, NULL), OK);
	assert_string_equal(counts[0].feeling[0].why, "blind");
}

static void the_queue_has_the_most_doubtful_and_lots_and_nothing_twice(void **state)
{
	struct world *w = *state;
	struct err err;
	struct insight_doubt q[INSIGHT_QUEUE_MAX], again[INSIGHT_QUEUE_MAX];
	struct insight_taught t;
	size_t n, m;
	fill(w, 20, true);
	put(w, "z", T0, "Wonderful, great, excellent, the best!", 5);
	read_all(w);
	assert_int_equal(insight_queue(w->x, STR(""), STR("en"), 7, 20, q, &n, &err), OK);
	assert_int_equal(n, 20);
	size_t lots = 0;
	double last = 0;
	for (size_t i = 0; i < n; i++) {
		lots += q[i].chosen == INSIGHT_BY_CHANCE;
		if (q[i].chosen == INSIGHT_DOUBTFUL) assert_true(q[i].margin >= last);
		if (q[i].chosen == INSIGHT_DOUBTFUL) last = q[i].margin;
		for (size_t k = 0; k < i; k++) assert_true(q[k].arrival != q[i].arrival);
	}
	assert_true(lots >= 3 && lots <= 5);
	assert_int_equal(insight_queue(w->x, STR(""), STR("fa"), 7, 20, q, &m, &err), OK);
	assert_int_equal(m, 0);
	assert_int_equal(insight_queue(w->x, STR(""), STR(""), 7, 20, q, &n, &err), OK);
	const struct insight_change c = {
		.set_feeling = true, .feeling = TEXT_NEGATIVE, .from_queue = true, .author = STR("ann")
	};
	assert_int_equal(insight_correct(w->x, q[0].arrival, &c, &err), OK);
	assert_int_equal(insight_queue(w->x, STR(""), STR(""), 7, 20, again, &m, &err), OK);
	for (size_t i = 0; i < m; i++) assert_true(again[i].arrival != q[0].arrival);
	assert_int_equal(insight_taught(w->x, &t, &err), OK);
	assert_true(t.by[INSIGHT_DOUBTFUL].n == 1 && t.by[INSIGHT_BY_CHANCE].n == 0);
	/* A start forgets nothing of why it was given out; who comes by without the queue is still by hand. */
	size_t lot = 0;
	while (lot < m && again[lot].chosen != INSIGHT_BY_CHANCE) lot++;
	assert_true(lot < m && m > lot + 1);
	closed(w);
	opened(w);
	assert_int_equal(insight_correct(w->x, again[lot].arrival, &c, &err), OK);
	const struct insight_change by_hand = { .set_feeling = true, .feeling = TEXT_NEGATIVE, .author = STR("ann") };
	assert_int_equal(insight_correct(w->x, again[lot + 1].arrival, &by_hand, &err), OK);
	assert_int_equal(insight_taught(w->x, &t, &err), OK);
	assert_true(t.by[INSIGHT_DOUBTFUL].n == 1 && t.by[INSIGHT_BY_CHANCE].n == 1 && t.by[INSIGHT_BY_HAND].n == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_scores_tell_is_learned_put_to_use_and_taken_back, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_model_of_noise_is_not_put_to_use, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_little_makes_no_model, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_can_be_stopped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(how_scores_become_feelings_can_be_changed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counts_are_put_right_or_it_is_said_why_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_queue_has_the_most_doubtful_and_lots_and_nothing_twice, set_up,
		                                tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
