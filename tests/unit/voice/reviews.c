/* Reviews and mentions: told apart, kept once, with the person or without. */
#include "tests/unit/voice/help.h"

#include <math.h>

static struct voice_review google(const char *id, double stars, const char *text)
{
	return (struct voice_review){ .platform = STR("google"),
		                      .id = str_of(id),
		                      .stars = stars,
		                      .stars_max = 5,
		                      .text = str_of(text),
		                      .lang = STR("ar"),
		                      .author = STR("Noor"),
		                      .url = STR(""),
		                      .unit = STR("ruh/olaya"),
		                      .customer = STR(""),
		                      .about = STR(""),
		                      .at_ms = NOON - 1000 };
}

static struct collect_tally send(struct world *w, uint32_t source, const struct voice_review *r, size_t n)
{
	struct collect_tally t = { 0 };
	OK_OR_SHOW(voice_reviews(w->v, source, r, n, &w->a, &t, why));
	return t;
}

static uint32_t a_source(struct world *w)
{
	uint32_t id;
	struct str key;
	OK_OR_SHOW(collect_source_new(w->c, COLLECT_SDK, STR("reviews"), &w->a, &id, &key, why));
	return id;
}

static void the_same_review_is_kept_once(void **state)
{
	struct world *w = *state;
	const uint32_t source = a_source(w);
	const struct voice_review two[] = { google("r1", 2, "سيئ"), google("", 5, "ممتاز") };
	assert_int_equal(send(w, source, two, 2).stored, 2);
	assert_int_equal(send(w, source, two, 2).duplicate, 2);
	struct voice_review other = google("", 5, "ممتاز");
	other.author = STR("Sami");
	assert_int_equal(send(w, source, &other, 1).stored, 1);
	struct voice_review edited = google("r1", 4, "أفضل الآن");
	assert_int_equal(send(w, source, &edited, 1).set_aside, 1);
}

struct seen {
	struct world *w;
	struct str who[4], body[4];
	bool anonymous[4];
	size_t n;
};

static enum err_code look(void *ctx, const struct store_block *b, struct err *err)
{
	struct seen *s = ctx;
	(void)err;
	for (size_t i = 0; i < b->n && s->n < 4; i++, s->n++) {
		assert_true(store_identity_get(s->w->st, b->heads[i].identity, &s->anonymous[s->n], &s->who[s->n]));
		s->body[s->n] = str_copy(&s->w->a, b->bodies[i]);
	}
	return OK;
}

static void a_known_author_is_the_customer_and_a_mention_is_nobodys(void **state)
{
	struct world *w = *state;
	struct seen s = { .w = w };
	struct voice_review r[] = { google("r1", 2, "x"), google("r2", 4, "y"),
		                    google("r3", (double)NAN, "a column in the news") };
	r[0].customer = STR("c7"), r[0].about = STR("Order Delivered");
	r[1].about = STR("Order Delivered");
	r[2].kind = VOICE_MENTION;
	assert_int_equal(send(w, a_source(w), r, 3).stored, 3);
	OK_OR_SHOW(store_scan(w->st, 0, UINT64_MAX, true, look, &s, why));
	assert_str(s.who[0], "c7");
	assert_false(s.anonymous[0]);
	assert_non_null(strstr(s.body[0].ptr, "\"about\":\"Order Delivered\""));
	assert_non_null(strstr(s.body[0].ptr, "\"score\":2"));
	assert_str(s.who[1], "review:google:Noor");
	assert_non_null(strstr(s.body[1].ptr, "\"touchpoint\":\"Order Delivered\""));
	assert_null(strstr(s.body[1].ptr, "\"about\""));
	assert_str(s.who[2], "public:google");
	assert_null(strstr(s.body[2].ptr, "\"score\""));
}

static void one_that_cannot_be_stops_all(void **state)
{
	struct world *w = *state;
	const uint32_t source = a_source(w);
	struct collect_tally t;
	struct err err = { 0 };
	struct voice_review r[] = { google("r1", 2, "x"), google("r2", 6, "y") };
	assert_int_equal(voice_reviews(w->v, source, r, 2, &w->a, &t, &err), ERR_INPUT);
	assert_string_equal(err.id, "review.stars");
	assert_non_null(strstr(err.text, "review 1"));
	r[1] = google("r2", (double)NAN, " ");
	assert_int_equal(voice_reviews(w->v, source, r, 2, &w->a, &t, &err), ERR_INPUT);
	assert_string_equal(err.id, "review.empty");
	r[1] = google("r2", 1, "y"), r[1].platform = STR("");
	assert_int_equal(voice_reviews(w->v, source, r, 2, &w->a, &t, &err), ERR_INPUT);
	assert_int_equal(store_arrival_end(w->st), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(the_same_review_is_kept_once),
		T(a_known_author_is_the_customer_and_a_mention_is_nobodys),
		T(one_that_cannot_be_stops_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
