/* Results of a survey against a recount by hand. */
#include "tests/unit/voice/help.h"

#include <math.h>

#define QUESTIONS                                                                                                      \
	"{\"title\":\"All\",\"elements\":["                                                                            \
	"{\"type\":\"rating\",\"name\":\"nps\",\"rateMin\":0,\"rateMax\":10,\"cx:metric\":\"nps\"},"                   \
	"{\"type\":\"comment\",\"name\":\"why\",\"cx:text\":true},"                                                    \
	"{\"type\":\"checkbox\",\"name\":\"used\",\"choices\":[\"app\",\"shop\"]},"                                    \
	"{\"type\":\"matrix\",\"name\":\"staff\",\"columns\":[1,2,3],\"rows\":[\"fast\",\"kind\"]},"                   \
	"{\"type\":\"ranking\",\"name\":\"order\",\"choices\":[\"a\",\"b\"]},"                                         \
	"{\"type\":\"rating\",\"name\":\"e\",\"cx:metric\":\"expectation\"},"                                          \
	"{\"type\":\"rating\",\"name\":\"x\",\"cx:metric\":\"experience\"}]}"

static void answer(struct world *w, const struct voice_start *start, const char *json, bool complete)
{
	struct form_answers answers;
	struct voice_saved saved;
	OK_OR_SHOW(form_answers_json(str_of(json), &w->a, &answers, why));
	OK_OR_SHOW(voice_save(w->v, start, &answers, complete, STR(""), &w->a, &saved, why));
	assert_int_equal(saved.problems.errors, 0);
}

static const struct voice_results_query everything = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };

static void each_question_is_told_by_its_kind(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, QUESTIONS);
	struct voice_results r;
	char json[400];
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_LIVE, why));
	const struct voice_start start = { .way = s.key, .trusted = true, .lang = STR("fa"), .unit = STR("ruh/olaya") };
	for (int i = 0; i < 10; i++) {
		/* 4 promoters, 2 passives, 4 detractors */
		snprintf(json, sizeof json,
		         "{\"nps\":%d,\"why\":\"w%d\",\"used\":[\"app\"%s],\"staff\":{\"fast\":%d,\"kind\":3},"
		         "\"order\":[\"%s\",\"%s\"],\"e\":%d,\"x\":%d}",
		         i < 4   ? 9
		         : i < 6 ? 7
		                 : i - 4,
		         i, i % 2 ? ",\"shop\"" : "", i % 3 + 1, i < 7 ? "a" : "b", i < 7 ? "b" : "a", 3 + i % 2,
		         2 + i % 3);
		answer(w, &start, json, true);
	}
	answer(w, &start, "{\"nps\":1}", false);
	OK_OR_SHOW(voice_results(w->v, s.key, &everything, &w->a, &r, why));
	assert_int_equal(r.started, 11);
	assert_int_equal(r.completed, 10);
	assert_true(fabs(r.completion.est - 10.0 / 11) < 1e-12);
	assert_int_equal(r.n_questions, 7);
	const struct voice_question *nps = &r.questions[0], *words = &r.questions[1], *used = &r.questions[2],
	                            *staff = &r.questions[3], *order = &r.questions[4];
	assert_true(nps->scored);
	assert_int_equal(nps->kind, VOICE_SCALE);
	assert_true(fabs(nps->score.main.est) < 1e-9);
	assert_int_equal(nps->score.nps.promoters, 4);
	assert_int_equal(nps->n_shares, 11);
	assert_int_equal(nps->shares[9].n, 4);
	assert_true(fabs(nps->shares[9].share.est - 0.4) < 1e-12);
	assert_true(nps->shares[9].share.lo > 0.1 && nps->shares[9].share.hi < 0.8);
	assert_int_equal(words->kind, VOICE_WORDS);
	assert_int_equal(words->n_words, 10);
	assert_str(words->words[9].text, "w9");
	assert_int_equal(used->kind, VOICE_CHOICES);
	assert_int_equal(used->answered, 10);
	assert_int_equal(used->shares[0].n, 10);
	assert_int_equal(used->shares[1].n, 5);
	assert_int_equal(staff->n_rows, 2);
	assert_int_equal(staff->rows[0].n, 10);
	assert_int_equal(staff->rows[0].shares[0].n, 4);
	assert_int_equal(staff->rows[1].shares[2].n, 10);
	assert_true(fabs(order->shares[0].place.est - 1.3) < 1e-12);
	assert_int_equal(r.n_gaps, 1);
	double gap = 0;
	for (int i = 0; i < 10; i++) gap += (2 + i % 3) - (3 + i % 2);
	assert_true(fabs(r.gaps[0].gap.gap.est - gap / 10) < 1e-12);
	assert_true(r.gaps[0].gap.gap.lo < gap / 10 && r.gaps[0].gap.gap.hi > gap / 10);
	assert_int_equal(r.langs[0].n, 10);
	struct voice_results_query scope = everything;
	scope.unit = STR("ruh");
	OK_OR_SHOW(voice_results(w->v, s.key, &scope, &w->a, &r, why));
	assert_int_equal(r.completed, 10);
	scope.unit = STR("ru");
	OK_OR_SHOW(voice_results(w->v, s.key, &scope, &w->a, &r, why));
	assert_int_equal(r.completed, 0);
	scope = everything, scope.from_ms = NOON + 1;
	OK_OR_SHOW(voice_results(w->v, s.key, &scope, &w->a, &r, why));
	assert_int_equal(r.started, 0);
}

static void answers_of_older_versions_stay_readable(void **state)
{
	struct world *w = *state;
	const struct voice_survey s =
	        survey_new(w, "{\"title\":\"V\",\"elements\":[{\"type\":\"radiogroup\",\"name\":\"next\",\"choices\":["
	                      "\"again\",\"never\"]},{\"type\":\"comment\",\"name\":\"old\"}]}");
	struct voice_survey newer;
	struct form_problems problems;
	struct voice_results r;
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_LIVE, why));
	const struct voice_start start = { .way = s.key, .trusted = true };
	for (int i = 0; i < 6; i++) answer(w, &start, "{\"next\":\"never\",\"old\":\"x\"}", true);
	OK_OR_SHOW(voice_save_survey(w->v, s.key, 1,
	                             STR("{\"title\":\"V\",\"elements\":[{\"type\":\"radiogroup\",\"name\":\"next\","
	                                 "\"choices\":[\"again\",\"perhaps\"]}]}"),
	                             STR(""), &w->a, &newer, &problems, why));
	for (int i = 0; i < 4; i++) answer(w, &start, "{\"next\":\"again\"}", true);
	OK_OR_SHOW(voice_results(w->v, s.key, &everything, &w->a, &r, why));
	assert_int_equal(r.n_questions, 2);
	assert_int_equal(r.questions[0].n_shares, 3);
	assert_int_equal(r.questions[0].shares[0].n, 4);
	assert_int_equal(r.questions[0].shares[1].n, 0);
	assert_str(r.questions[0].shares[2].value, "never");
	assert_true(r.questions[0].shares[2].raw);
	assert_int_equal(r.questions[0].shares[2].n, 6);
	assert_true(r.questions[1].gone);
	assert_int_equal(r.questions[1].n_words, 6);
}

static void few_employees_are_not_shown(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(
	        w, "{\"title\":\"Pulse\",\"cx:audience\":\"employees\",\"elements\":[{\"type\":\"rating\",\"name\":"
	           "\"enps\",\"rateMin\":0,\"rateMax\":10,\"cx:metric\":\"nps\"}]}");
	struct voice_results r;
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_LIVE, why));
	const struct voice_start start = { .way = s.key, .trusted = true };
	for (int i = 0; i < 5; i++) {
		OK_OR_SHOW(voice_results(w->v, s.key, &everything, &w->a, &r, why));
		assert_true(r.hidden);
		assert_int_equal(r.n_questions, 0);
		answer(w, &start, "{\"enps\":9}", true);
	}
	OK_OR_SHOW(voice_results(w->v, s.key, &everything, &w->a, &r, why));
	assert_false(r.hidden);
	assert_int_equal(r.questions[0].score.main.n, 5);

	/* Three of a small team, and the five without them: the difference is the three. */
	const struct voice_start team = { .way = s.key, .trusted = true, .unit = STR("Tiny") };
	for (int i = 0; i < 3; i++) answer(w, &team, "{\"enps\":1}", true);
	struct voice_results_query but = everything;
	but.unit = STR("Tiny");
	OK_OR_SHOW(voice_results(w->v, s.key, &but, &w->a, &r, why));
	assert_true(r.hidden);
	but.unit = STR("");
	OK_OR_SHOW(voice_results(w->v, s.key, &but, &w->a, &r, why));
	assert_false(r.hidden);
	assert_int_equal(r.questions[0].score.main.n, 5); /* the three wait for two more */

	/* Whoever looks at one moment and the next, at a period, or by a language sees five more people, or none. */
	const int64_t first_ms = w->now_ms;
	for (int i = 9; i <= 20; i++) {
		w->now_ms += 1000;
		answer(w, &start, "{\"enps\":4}", true);
		OK_OR_SHOW(voice_results(w->v, s.key, &everything, &w->a, &r, why));
		assert_int_equal(r.completed, i - i % 5);
	}
	for (int i = 0; i <= 12; i++) {
		but.to_ms = first_ms + i * 1000 + 1;
		OK_OR_SHOW(voice_results(w->v, s.key, &but, &w->a, &r, why));
		assert_int_equal(r.completed, i < 2 ? 5 : i < 7 ? 10 : i < 12 ? 15 : 20);
	}
	but = everything;
	but.version = 1;
	OK_OR_SHOW(voice_results(w->v, s.key, &but, &w->a, &r, why));
	assert_true(r.hidden);
	but.version = 0;
	but.unit = STR("Tiny");
	for (int i = 0; i < 7; i++) answer(w, &team, "{\"enps\":1}", true);
	OK_OR_SHOW(voice_results(w->v, s.key, &but, &w->a, &r, why));
	assert_int_equal(r.completed, 5); /* of eight that are out and two that wait */
	assert_true(voice_shared_id(STR("employees")) && !voice_shared_id(STR("c1")));
}

/* --- weights ------------------------------------------------------------------------------------ */

static const struct voice_division by_channel = { .by = VOICE_BY_CHANNEL };

static void invite_and_answer(struct world *w, struct str survey, const char *channel, int invited, int answered,
                              int score)
{
	char token[VOICE_TOKEN_BYTES], customer[40], json[40];
	snprintf(json, sizeof json, "{\"nps\":%d}", score);
	for (int i = 0; i < invited; i++) {
		snprintf(customer, sizeof customer, "%s-%d-%d", channel, invited, i);
		const struct voice_invitation one = { .survey = survey,
			                              .customer = str_of(customer),
			                              .channel = str_of(channel),
			                              .expires_ms = w->now_ms + 3600000 };
		OK_OR_SHOW(voice_invite_one(w->v, &one, token, why));
		if (i < answered) answer(w, &(struct voice_start){ .way = str_of(token) }, json, true);
	}
}

static const struct voice_weighting *weigh(struct world *w, struct str survey, const struct voice_division *by,
                                           struct voice_results *r)
{
	const struct voice_weigh weigh = { .divisions = by, .n_divisions = 1, .customers = 1000 };
	struct voice_results_query q = everything;
	q.weigh = &weigh;
	OK_OR_SHOW(voice_results(w->v, survey, &q, &w->a, r, why));
	return &r->weighting;
}

static struct voice_survey nps_survey(struct world *w, const char *audience)
{
	char json[300];
	snprintf(json, sizeof json,
	         "{\"title\":\"W\"%s,\"elements\":[{\"type\":\"rating\",\"name\":\"nps\",\"rateMin\":0,"
	         "\"rateMax\":10,\"cx:metric\":\"nps\"}]}",
	         audience);
	const struct voice_survey s = survey_new(w, json);
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_LIVE, why));
	return s;
}

/* 60 asked by mail, 30 of whom are promoters; 60 by text message, 10 of whom answered, all detractors. */
static void each_channel_counts_as_often_as_it_was_asked(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = nps_survey(w, "");
	struct voice_results r;
	invite_and_answer(w, s.key, "email", 60, 30, 10);
	invite_and_answer(w, s.key, "sms", 60, 10, 0);
	const struct voice_weighting *x = weigh(w, s.key, &by_channel, &r);
	assert_int_equal(x->state, VOICE_WEIGHTS_MADE);
	assert_true(x->invited);
	assert_int_equal(x->people, 120);
	assert_int_equal(x->answers, 40);
	assert_true(fabs(r.questions[0].score.main.est - 50) < 1e-9);
	const struct stats_estimate *e = &r.questions[0].weighted;
	assert_true(fabs(e->est) < 1e-9);
	assert_int_equal(e->n, 40);
	assert_true(e->flags & STATS_WEIGHTED);
	assert_true(e->lo < -20 && e->hi > 20);
	/* (30 * 2/3 + 10 * 2)^2 / (30 * 4/9 + 10 * 4) */
	assert_true(fabs(x->raked.n_eff - 30) < 1e-6);
	assert_true(fabs(x->raked.deff - 4.0 / 3) < 1e-6);
	assert_true(fabs(x->margins[0].cells[0].weight - 2.0 / 3) < 1e-6);
	assert_str(x->margins[0].cells[0].value, "email");

	/* An answer by an open link is nobody's who was asked. */
	answer(w, &(struct voice_start){ .way = s.key, .trusted = true }, "{\"nps\":0}", true);
	x = weigh(w, s.key, &by_channel, &r);
	assert_int_equal(x->outside, 1);
	assert_true(fabs(r.questions[0].weighted.est) < 1e-9);
}

static void a_group_without_answers_has_no_weight_and_is_named(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = nps_survey(w, "");
	struct voice_results r;
	invite_and_answer(w, s.key, "email", 60, 40, 10);
	invite_and_answer(w, s.key, "sms", 60, 0, 0);
	const struct voice_weighting *x = weigh(w, s.key, &by_channel, &r);
	assert_int_equal(x->state, VOICE_WEIGHTS_EMPTY);
	assert_str(x->margins[x->at_margin].cells[x->at_cell].value, "sms");
	assert_true(r.questions[0].weighted.flags & STATS_NOT_IDENTIFIED);
	assert_true(fabs(r.questions[0].score.main.est - 100) < 1e-9);
	invite_and_answer(w, s.key, "sms", 4, 4, 0);
	x = weigh(w, s.key, &by_channel, &r);
	assert_int_equal(x->state, VOICE_WEIGHTS_FEW);
	assert_str(x->margins[x->at_margin].cells[x->at_cell].value, "sms");
}

/* One of 201 was asked in the shop: too small a part to stop the others, and no part of the figure. */
static void a_very_small_group_is_left_out_and_told(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = nps_survey(w, "");
	struct voice_results r;
	invite_and_answer(w, s.key, "email", 100, 30, 10);
	invite_and_answer(w, s.key, "sms", 100, 30, 0);
	invite_and_answer(w, s.key, "shop", 1, 1, 0);
	const struct voice_weighting *x = weigh(w, s.key, &by_channel, &r);
	assert_int_equal(x->state, VOICE_WEIGHTS_MADE);
	assert_int_equal(x->outside, 1);
	assert_true(x->margins[0].cells[2].left_out);
	assert_int_equal(r.questions[0].weighted.n, 60);
}

static bool is_mail(void *ctx, struct str customer)
{
	(void)ctx;
	return str_starts(customer, STR("email"));
}

static void of_answers_without_invitation_only_segments_are_known(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = nps_survey(w, "");
	struct voice_results r;
	char customer[40];
	for (int i = 0; i < 40; i++) {
		snprintf(customer, sizeof customer, i < 30 ? "email-%d" : "other-%d", i);
		const struct voice_start start = { .way = s.key, .trusted = true, .customer = str_of(customer) };
		answer(w, &start, i < 30 ? "{\"nps\":10}" : "{\"nps\":0}", true);
	}
	assert_int_equal(weigh(w, s.key, &by_channel, &r)->state, VOICE_WEIGHTS_UNKNOWN);
	const struct voice_division segment = {
		.by = VOICE_BY_SEGMENT, .segment = STR("mail"), .takes = is_mail, .members = 250
	};
	const struct voice_weighting *x = weigh(w, s.key, &segment, &r);
	assert_int_equal(x->state, VOICE_WEIGHTS_MADE);
	assert_false(x->invited);
	/* 250 of 1,000 customers are promoters. */
	assert_true(fabs(r.questions[0].weighted.est + 50) < 1e-6);
	assert_true(fabs(r.questions[0].score.main.est - 50) < 1e-9);
}

static void employees_have_no_weights(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = nps_survey(w, ",\"cx:audience\":\"employees\"");
	struct voice_results r;
	for (int i = 0; i < 40; i++)
		answer(w, &(struct voice_start){ .way = s.key, .trusted = true }, "{\"nps\":9}", true);
	assert_int_equal(weigh(w, s.key, &by_channel, &r)->state, VOICE_WEIGHTS_EMPLOYEES);
}

static void people_of_a_question_are_those_asked_with_their_scores(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = nps_survey(w, "");
	struct voice_people people;
	struct stats_score_rule rule;
	struct str question;
	invite_and_answer(w, s.key, "email", 60, 30, 10);
	OK_OR_SHOW(voice_people(w->v, s.key, &everything, STR(""), &w->a, &people, &rule, &question, why));
	assert_str(question, "nps");
	assert_int_equal(people.n, 60);
	assert_false(people.others);
	int answered = 0;
	for (size_t i = 0; i < people.n; i++) {
		answered += people.all[i].answered;
		if (people.all[i].answered) assert_true(people.all[i].score == 100);
	}
	assert_int_equal(answered, 30);
	assert_int_equal(voice_people(w->v, s.key, &everything, STR("no"), &w->a, &people, &rule, &question, why),
	                 ERR_NOT_FOUND);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(each_question_is_told_by_its_kind),
		T(answers_of_older_versions_stay_readable),
		T(few_employees_are_not_shown),
		T(each_channel_counts_as_often_as_it_was_asked),
		T(a_group_without_answers_has_no_weight_and_is_named),
		T(a_very_small_group_is_left_out_and_told),
		T(of_answers_without_invitation_only_segments_are_known),
		T(employees_have_no_weights),
		T(people_of_a_question_are_those_asked_with_their_scores),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
