/* Comments read: by topics that change, counted again by hand, and more of them than before. */
#include "tests/unit/insight/world.h"

static void one_comment_has_topics_with_the_feeling_of_their_part(void **state)
{
	struct world *w = *state;
	struct insight_comment c;
	assert_int_equal(insight_read(w->x, STR("The courier was awful and rude, but the packaging is excellent!"),
	                              STR("en"), NULL, &w->a, &c, NULL),
	                 OK);
	assert_true(str_eq(c.lang, STR("en")) && c.felt);
	assert_int_equal(c.n, 3);
	assert_true(str_eq(c.said[0].topic, STR("delivery")) && str_eq(c.said[2].topic, STR("packaging")));
	assert_true(c.said[0].sentiment < -.2 && c.said[2].sentiment > .2);
	assert_int_equal(
	        insight_read(w->x, STR("Das Paket kam leider viel zu spät an."), STR(""), NULL, &w->a, &c, NULL), OK);
	assert_true(str_eq(c.lang, STR("other")) && !c.felt);
	assert_int_equal(insight_read(w->x, STR(""), STR(""), NULL, &w->a, &c, NULL), OK);
	assert_int_equal(c.n, 0);
}

static void figures_equal_a_count_by_hand(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 12; i++) {
		char who[16];
		snprintf(who, sizeof who, "c%d", i % 6);
		put(w, who, T0 + i * WHEN_DAY_MS,
		    i % 2 ? "The courier was late again, terrible" : "پیک خیلی زود رسید، عالی بود", i % 2 ? 1 : 5);
	}
	put(w, "c9", T0, "Nothing to say", 3);
	read_all(w);
	const struct insight_topic_list l = listed(w, &everything);
	const struct insight_topic *delivery = topic(&l, "delivery"), *late = topic(&l, "lateness");
	assert_int_equal(l.comments, 13);
	assert_int_equal(l.customers, 7);
	assert_int_equal(delivery->n, 12);
	assert_int_equal(delivery->customers, 6);
	assert_float_equal(delivery->share.est, 12.0 / 13, 1e-12);
	assert_float_equal(delivery->score.est, 50, 1e-9);
	assert_int_equal(late->n, 6);
	assert_int_equal(late->customers, 3);
	assert_float_equal(late->score.est, 0, 1e-9);
	assert_float_equal(late->negative.est, 1, 1e-9);
	assert_true(late->sentiment.est < 0 && late->sentiment.est < delivery->sentiment.est);
	assert_true(str_eq(l.topics[0].key, STR("delivery")));
	struct insight_scope few = everything;
	few.to_ms = T0 + WHEN_DAY_MS;
	const struct insight_topic_list first = listed(w, &few);
	assert_int_equal(first.comments, 2);
	assert_true(topic(&first, "delivery")->share.flags & STATS_SUPPRESSED);
	few.lang = STR("xx");
	assert_int_equal(listed(w, &few).comments, 0);
}

static void another_set_reads_history_again(void **state)
{
	struct world *w = *state;
	struct err err;
	struct insight_topics t;
	const struct str own =
	        STR("{\"topics\":[{\"key\":\"moon\",\"names\":{\"en\":\"Moon\"},\"seeds\":{\"en\":[\"moon*\"]}}]}");
	for (int i = 0; i < 600; i++) put(w, "c", T0 + i, i % 3 ? "to the moon" : "the courier", 3);
	read_all(w);
	assert_int_equal(listed(w, &everything).comments, 600);
	assert_int_equal(insight_topics_put(w->x, own, 1, STR("ann"), T0, &err), ERR_CONFLICT);
	assert_int_equal(insight_topics_put(w->x, STR("{}"), 0, STR("ann"), T0, &err), ERR_INPUT);
	assert_int_equal(insight_topics_put(w->x, own, 0, STR("ann"), T0, &err), OK);
	assert_int_equal(insight_topics(w->x, &w->a, &t, &err), OK);
	assert_int_equal(t.version, 1);
	assert_int_equal(t.to_read_again, 0);
	assert_true(str_eq(t.document, own) && str_eq(t.author, STR("ann")));
	closed(w);
	opened(w);
	const struct insight_topic_list l = listed(w, &everything);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.topics[0].n, 400);
	/* The log read again by the inbox brings nothing twice. */
	assert_int_equal(inbox_rebuild(w->inbox, &err), OK);
	read_all(w);
	assert_int_equal(listed(w, &everything).topics[0].n, 400);
}

static void what_is_said_more_than_before_is_flagged_from_its_day(void **state)
{
	struct world *w = *state;
	for (int day = 0; day < 70; day++)
		for (int k = 0; k < 6; k++) {
			const bool news = day >= 67 && k < 4;
			char who[16];
			snprintf(who, sizeof who, "c%d-%d", day, k);
			put(w, who, T0 + day * WHEN_DAY_MS + k * WHEN_DAY_MS / 8,
			    news    ? "the update empties my basket"
			    : k % 2 ? "fair price"
			            : "tasty food",
			    3);
		}
	read_all(w);
	const struct insight_topic_list l = listed(w, &everything);
	const struct insight_topic *basket = topic(&l, "cart");
	assert_true(basket->rising);
	assert_int_equal(basket->since_ms, T0 + 67 * WHEN_DAY_MS);
	assert_int_equal(basket->surprise.observed, 4);
	assert_true(topic(&l, "app")->rising);
	assert_false(topic(&l, "price")->rising);
	assert_false(topic(&l, "taste")->rising);
	/* Two days in, it is seen already; the day before it began, nothing is. */
	struct insight_scope then = everything;
	then.to_ms = then.rise_to_ms = T0 + 69 * WHEN_DAY_MS;
	const struct insight_topic_list early = listed(w, &then);
	assert_true(topic(&early, "cart")->rising);
	then.to_ms = then.rise_to_ms = T0 + 67 * WHEN_DAY_MS;
	const struct insight_topic_list before = listed(w, &then);
	for (size_t i = 0; i < before.n; i++) assert_false(before.topics[i].rising);
}

static void quotes_stand_for_the_middle_and_no_two_are_alike(void **state)
{
	struct world *w = *state;
	struct insight_quote *q;
	size_t n;
	for (int i = 0; i < 30; i++) put(w, "c", T0 + i, "The courier was fine, as one expects it", 3);
	put(w, "d", T0 + 40, "The courier was late and it was terrible, awful, the worst", 1);
	put(w, "e", T0 + 41, "courier!", 3);
	read_all(w);
	assert_int_equal(insight_quotes(w->x, &everything, STR("delivery"), 5, &w->a, &q, &n, NULL), OK);
	assert_int_equal(n, 3);
	assert_true(str_eq(q[0].comment, STR("The courier was fine, as one expects it")));
	assert_true(str_eq(q[2].comment, STR("courier!")));
	assert_int_equal(insight_quotes(w->x, &everything, STR("nothing"), 5, &w->a, &q, &n, NULL), OK);
	assert_int_equal(n, 0);
}

static void a_mood_counts_once_a_comment_and_not_when_denied(void **state)
{
	struct world *w = *state;
	struct insight_moods m;
	for (int i = 0; i < 6; i++) put(w, "c", T0 + i, "I was happy, so happy, and the room smelled fine", 5);
	put(w, "d", T0 + 10, "I am not happy", 1);
	put(w, "e", T0 + 11, "خوشحال نیستم", 1);
	put(w, "f", T0 + 12, "Das Essen war leider kalt und der Fahrer kam viel zu spät", 1);
	read_all(w);
	assert_int_equal(insight_moods(w->x, &everything, &w->a, &m, NULL), OK);
	assert_int_equal(m.comments, 8);
	assert_true(str_eq(m.moods[0].key, STR("emotion.joy")));
	assert_int_equal(m.moods[0].n, 6);
	assert_float_equal(m.moods[0].share.est, 6.0 / 8, 1e-12);
	assert_true(m.moods[0].share.lo < .75 && m.moods[0].share.hi > .75);
}

static void a_part_of_a_topic_is_told_by_what_its_comments_say_and_an_older_set_comes_back(void **state)
{
	struct world *w = *state;
	struct err err;
	struct insight_phrase *p;
	struct insight_topics t, *list;
	size_t n;
	int64_t comments;
	for (int i = 0; i < 30; i++)
		put(w, "c", T0 + i,
		    i % 3 == 0   ? "the courier left it with the neighbour"
		    : i % 3 == 1 ? "the courier was polite"
		                 : "fair price and tasty food",
		    3);
	for (int i = 0; i < 5; i++) put(w, "f", T0 + 40 + i, "پیک بسته را دم در گذاشت", 3);
	read_all(w);
	assert_int_equal(insight_phrases(w->x, &everything, STR("delivery"), &w->a, &p, &n, &comments, &err), OK);
	assert_int_equal(comments, 25);
	bool neighbour = false, persian = false;
	for (size_t i = 0; i < n; i++) {
		assert_false(str_eq(p[i].words, STR("price")));
		neighbour |= p[i].tongue == TEXT_IN_EN && p[i].n == 10 &&
		             memmem(p[i].words.ptr, p[i].words.len, "neighbour", 9);
		persian |= p[i].tongue == TEXT_IN_FA && p[i].n == 5;
	}
	assert_true(neighbour);
	assert_true(persian);
	assert_int_equal(insight_phrases(w->x, &everything, STR("none"), &w->a, &p, &n, &comments, &err),
	                 ERR_NOT_FOUND);

	const struct str split = STR("{\"topics\":[{\"key\":\"delivery\",\"seeds\":{\"en\":[\"courier\"]}},"
	                             "{\"key\":\"next-door\",\"seeds\":{\"en\":[\"neighbour\"]}}]}");
	assert_int_equal(insight_topics_put(w->x, split, 0, STR("ann"), T0, &err), OK);
	read_all(w);
	struct insight_topic_list l = listed(w, &everything);
	assert_int_equal(topic(&l, "next-door")->n, 10);
	assert_int_equal(insight_topics_version(w->x, 0, &w->a, &t, &err), OK);
	assert_int_equal(insight_topics_put(w->x, t.document, 1, STR("ann"), T0 + 1, &err), OK);
	read_all(w);
	l = listed(w, &everything);
	assert_int_equal(topic(&l, "delivery")->n, 25);
	assert_int_equal(insight_topics_versions(w->x, &w->a, &list, &n, &err), OK);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].version, 2);
	assert_int_equal(insight_topics_version(w->x, 1, &w->a, &t, &err), OK);
	assert_true(str_eq(t.document, split));
	assert_int_equal(insight_topics_version(w->x, 9, &w->a, &t, &err), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_comment_has_topics_with_the_feeling_of_their_part, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(figures_equal_a_count_by_hand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_set_reads_history_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_said_more_than_before_is_flagged_from_its_day, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(quotes_stand_for_the_middle_and_no_two_are_alike, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		        a_part_of_a_topic_is_told_by_what_its_comments_say_and_an_older_set_comes_back, set_up,
		        tear_down),
		cmocka_unit_test_setup_teardown(a_mood_counts_once_a_comment_and_not_when_denied, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
