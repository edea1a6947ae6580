/* What people say about how a comment is read wins at once, outlives reading again, and can be undone. */
#include "tests/unit/insight/world.h"

static void assert_near(double a, double b, double off)
{
	if (!(fabs(a - b) <= off)) fail_msg("%.12g is not %.12g", a, b);
}

static uint64_t newest(struct world *w)
{
	return store_arrival_end(w->st) - 1;
}

static struct insight_change feels(int feeling)
{
	return (struct insight_change){
		.set_feeling = true, .feeling = feeling, .author = STR("ann"), .now_ms = T0 + 5
	};
}

static void corrected(struct world *w, uint64_t arrival, const struct insight_change *c)
{
	struct err err = { 0 };
	if (insight_correct(w->x, arrival, c, &err) != OK) fail_msg("%s", err.text);
}

static struct insight_comment as_it_is_read(struct world *w, uint64_t arrival, const char *comment)
{
	struct insight_corrected k;
	struct insight_comment c;
	assert_int_equal(insight_corrected(w->x, arrival, &w->a, &k, NULL), OK);
	assert_int_equal(insight_read(w->x, str_of(comment), STR("en"), k.step ? &k.is : NULL, &w->a, &c, NULL), OK);
	return c;
}

static void a_feeling_counts_in_every_figure_and_after_reading_again(void **state)
{
	struct world *w = *state;
	struct err err;
	const char *const text = "The courier was late again, terrible";
	for (int i = 0; i < 6; i++) put(w, i % 2 ? "c" : "d", T0 + i, text, 1);
	read_all(w);
	const uint64_t last = newest(w);
	const struct insight_topic_list before = listed(w, &everything);
	assert_near(topic(&before, "delivery")->negative.est, 1, 1e-9);
	const struct insight_change positive = feels(TEXT_POSITIVE);
	corrected(w, last, &positive);
	for (int again = 0; again < 2; again++) {
		const struct insight_topic_list l = listed(w, &everything);
		assert_near(topic(&l, "delivery")->negative.est, 5.0 / 6, 1e-9);
		assert_near(topic(&l, "delivery")->sentiment.est - before.sentiment.est, (1 - before.sentiment.est) / 6,
		            1e-9);
		assert_near(l.sentiment.est - before.sentiment.est, (1 - before.sentiment.est) / 6, 1e-9);
		assert_int_equal(inbox_rebuild(w->inbox, &err), OK);
		read_all(w);
		assert_int_equal(insight_topics_put(w->x, text_topics_shipped(), again, STR("ann"), T0, &err), OK);
	}
	const struct insight_comment c = as_it_is_read(w, last, text);
	assert_true(c.sentiment == 1 && c.judged < -.3);
}

static void a_part_that_was_right_keeps_its_feeling(void **state)
{
	struct world *w = *state;
	const char *const text = "The courier was awful and rude, but the packaging is excellent!";
	put(w, "c", T0, text, 3);
	read_all(w);
	const struct insight_comment before = as_it_is_read(w, newest(w), text);
	const struct insight_change negative = feels(TEXT_NEGATIVE);
	corrected(w, newest(w), &negative);
	const struct insight_comment after = as_it_is_read(w, newest(w), text);
	assert_true(after.sentiment == -1);
	for (size_t i = 0; i < after.n; i++) {
		const double was = before.said[i].sentiment;
		const bool like_the_whole = (was > 1.0 / 3) - (was < -1.0 / 3) ==
		                            (before.sentiment > 1.0 / 3) - (before.sentiment < -1.0 / 3);
		assert_near(after.said[i].sentiment, like_the_whole ? -1 : was, 1e-12);
	}
	assert_true(after.said[2].sentiment > .2);
}

static void topics_are_added_and_dropped(void **state)
{
	struct world *w = *state;
	struct err err;
	const struct str price[] = { STR("price") }, delivery[] = { STR("delivery") }, moon[] = { STR("moon") };
	put(w, "c", T0, "The courier was fine", 3);
	read_all(w);
	struct insight_change c = { .add = price, .n_add = 1, .drop = delivery, .n_drop = 1, .author = STR("ann") };
	corrected(w, newest(w), &c);
	const struct insight_topic_list l = listed(w, &everything);
	assert_int_equal(topic(&l, "price")->n, 1);
	assert_int_equal(topic(&l, "delivery")->n, 0);
	const struct insight_comment one = as_it_is_read(w, newest(w), "The courier was fine");
	assert_int_equal(one.n, 1);
	assert_true(one.said[0].added && str_eq(one.said[0].topic, STR("price")));
	/* The other way round it is as it was read, and there is nothing left to say. */
	c.add = delivery;
	c.drop = price;
	corrected(w, newest(w), &c);
	struct insight_corrected k;
	assert_int_equal(insight_corrected(w->x, newest(w), &w->a, &k, &err), OK);
	assert_int_equal(k.step, 0);
	c.add = moon;
	assert_int_equal(insight_correct(w->x, newest(w), &c, &err), ERR_INPUT);
	assert_string_equal(err.id, "insight.topic");
	c = (struct insight_change){ .author = STR("ann") };
	assert_int_equal(insight_correct(w->x, newest(w), &c, &err), ERR_INPUT);
	assert_string_equal(err.id, "insight.correction");
	assert_int_equal(insight_correct(w->x, 999, &c, &err), ERR_NOT_FOUND);
}

static void each_step_is_kept_and_the_newest_can_be_undone(void **state)
{
	struct world *w = *state;
	struct err err;
	struct insight_step *steps;
	size_t n;
	for (int i = 0; i < 6; i++) put(w, i % 2 ? "c" : "d", T0 + i, "The courier was fine", 3);
	read_all(w);
	const double read = listed(w, &everything).sentiment.est;
	struct insight_change c = feels(TEXT_NEGATIVE);
	c.from_queue = true; /* as the one who corrects it says; the queue has given out nothing */
	corrected(w, newest(w), &c);
	c = feels(TEXT_POSITIVE);
	corrected(w, newest(w), &c);
	assert_int_equal(insight_steps(w->x, newest(w), 10, &w->a, &steps, &n, &err), OK);
	assert_int_equal(n, 2);
	assert_int_equal(steps[0].was.feeling, TEXT_NEGATIVE);
	assert_int_equal(steps[0].chosen, INSIGHT_BY_HAND); /* why it was first looked at */
	assert_int_equal(steps[1].was.feeling, INSIGHT_AS_READ);
	assert_true(str_eq(steps[1].author, STR("ann")) && steps[1].at_ms == T0 + 5 && steps[1].judged_felt);
	assert_int_equal(insight_correct_undo(w->x, newest(w), steps[1].id, STR("bob"), T0, &err), ERR_CONFLICT);
	assert_int_equal(insight_correct_undo(w->x, newest(w), steps[0].id, STR("bob"), T0, &err), OK);
	struct insight_corrected k;
	assert_int_equal(insight_corrected(w->x, newest(w), &w->a, &k, &err), OK);
	assert_int_equal(k.is.feeling, TEXT_NEGATIVE);
	assert_true(str_eq(k.author, STR("bob")));
	assert_int_equal(insight_steps(w->x, newest(w), 10, &w->a, &steps, &n, &err), OK);
	assert_int_equal(n, 3);
	c = feels(INSIGHT_AS_READ);
	corrected(w, newest(w), &c);
	assert_near(listed(w, &everything).sentiment.est, read, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_feeling_counts_in_every_figure_and_after_reading_again, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_part_that_was_right_keeps_its_feeling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(topics_are_added_and_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_step_is_kept_and_the_newest_can_be_undone, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
