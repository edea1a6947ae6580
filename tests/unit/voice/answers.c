/* Answers: partial, complete, twice, late, of an older version; and the events that they become. */
#include "tests/unit/voice/help.h"

#include <sqlite3.h>

#include <pthread.h>

/* --- helpers -------------------------------------------------------------------------------------- */

static struct voice_saved save(struct world *w, const struct voice_start *start, const char *json, bool complete,
                               const char *key)
{
	struct form_answers answers;
	struct voice_saved saved;
	OK_OR_SHOW(form_answers_json(str_of(json), &w->a, &answers, why));
	OK_OR_SHOW(voice_save(w->v, start, &answers, complete, str_of(key), &w->a, &saved, why));
	return saved;
}

struct logged {
	struct world *w;
	size_t n;
	struct str bodies[16];
	uint32_t identity[16];
};

static enum err_code look(void *ctx, const struct store_block *b, struct err *err)
{
	struct logged *l = ctx;
	(void)err;
	for (size_t i = 0; i < b->n; i++) {
		if (l->n < COUNT_OF(l->bodies)) {
			l->bodies[l->n] = str_copy(&l->w->a, b->bodies[i]);
			l->identity[l->n] = b->heads[i].identity;
		}
		l->n++;
	}
	return OK;
}

static struct logged events_of(struct world *w)
{
	struct logged l = { .w = w };
	OK_OR_SHOW(store_scan(w->st, 0, UINT64_MAX, true, look, &l, why));
	return l;
}

static struct str property(struct world *w, struct str body, const char *name)
{
	struct str properties, raw, text;
	assert_true(json_get(body, STR("properties"), &properties));
	if (!json_get(properties, str_of(name), &raw)) return STR("");
	return json_get_text(properties, str_of(name), &w->a, &text) ? text : raw;
}

static void who_is(struct world *w, uint32_t identity, const char *external, bool anonymous)
{
	bool is_anonymous;
	struct str id;
	assert_true(store_identity_get(w->st, identity, &is_anonymous, &id));
	if (external) assert_str(id, external);
	assert_int_equal(is_anonymous, anonymous);
}

static struct str live_link(struct world *w, const struct voice_survey *s, int64_t answers_max)
{
	struct voice_link link = {
		.survey = s->key, .channel = STR("sms"), .unit = STR("ruh/olaya"), .answers_max = answers_max
	};
	OK_OR_SHOW(voice_set_state(w->v, s->key, VOICE_LIVE, why));
	OK_OR_SHOW(voice_link_new(w->v, &link, &w->a, &link, why));
	return link.code;
}

static struct voice_survey counts(struct world *w, struct str key)
{
	struct voice_survey s;
	OK_OR_SHOW(voice_get(w->v, key, 0, &w->a, &s, why));
	return s;
}

static void invite(struct world *w, struct str key, char token[VOICE_TOKEN_BYTES])
{
	const struct voice_invitation i = { .survey = key,
		                            .customer = STR("c1"),
		                            .about = STR("Order Delivered"),
		                            .journey = STR("o7"),
		                            .channel = STR("email"),
		                            .lang = STR("fa"),
		                            .expires_ms = NOON + 3600000 };
	OK_OR_SHOW(voice_invite_one(w->v, &i, token, why));
}

/* --- tests ------------------------------------------------------------------------------------------ */

static void a_complete_answer_is_a_record_and_events(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct voice_start start = { .way = live_link(w, &s, 0), .lang = STR("fa") };
	struct voice_response *rows;
	size_t n;
	const struct voice_saved saved =
	        save(w, &start, "{\"nps\":9,\"why\":\"زود رسید\",\"next\":\"again\"}", true, "");
	assert_true(saved.complete);
	assert_false(saved.again);
	assert_int_equal(saved.response.len, 24);
	struct logged l = events_of(w);
	assert_int_equal(l.n, 1);
	assert_str(property(w, l.bodies[0], "score"), "9");
	assert_str(property(w, l.bodies[0], "score_kind"), "nps");
	assert_str(property(w, l.bodies[0], "score_max"), "10");
	assert_str(property(w, l.bodies[0], "about"), "Order Delivered");
	assert_str(property(w, l.bodies[0], "comment"), "زود رسید");
	assert_str(property(w, l.bodies[0], "comment_lang"), "fa");
	assert_str(property(w, l.bodies[0], "unit"), "ruh/olaya");
	assert_str(property(w, l.bodies[0], "survey"), "after-delivery");
	who_is(w, l.identity[0], NULL, true);
	OK_OR_SHOW(voice_responses(w->v, s.id, 0, true, STR(""), 10, &w->a, &rows, &n, why));
	assert_int_equal(n, 1);
	assert_str(rows[0].answers, "{\"next\":\"again\",\"nps\":9,\"why\":\"زود رسید\"}");
	assert_str(rows[0].channel, "sms");
	assert_int_equal(rows[0].completed_ms, NOON);
	assert_int_equal(counts(w, s.key).completed, 1);
	struct voice_link *links;
	OK_OR_SHOW(voice_links(w->v, s.key, &w->a, &links, &n, why));
	assert_int_equal(links[0].completed, 1);
}

static void a_partial_answer_is_kept_and_gone_on_with(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	struct voice_start start = { .way = live_link(w, &s, 0) };
	struct voice_session session;
	const struct voice_saved first = save(w, &start, "{\"why\":\"slow\"}", false, "");
	assert_false(first.complete);
	assert_int_equal(events_of(w).n, 0);
	start.response = first.response;
	OK_OR_SHOW(voice_open_session(w->v, &start, &w->a, &session, why));
	assert_str(session.answers, "{\"why\":\"slow\"}");
	/* A version that was saved meanwhile changes nothing for those who have begun. */
	struct voice_survey newer;
	struct form_problems problems;
	OK_OR_SHOW(voice_save_survey(
	        w->v, s.key, 1, STR("{\"elements\":[{\"type\":\"rating\",\"name\":\"stars\",\"cx:metric\":\"csat\"}]}"),
	        STR(""), &w->a, &newer, &problems, why));
	const struct voice_saved last = save(w, &start, "{\"nps\":3}", true, "");
	assert_true(last.complete);
	assert_memory_equal(last.response.ptr, first.response.ptr, 24);
	struct logged l = events_of(w);
	assert_int_equal(l.n, 1);
	assert_str(property(w, l.bodies[0], "survey_version"), "1");
	assert_str(property(w, l.bodies[0], "comment"), "slow");
	assert_int_equal(counts(w, s.key).started, 1);
}

static void a_double_submit_counts_once(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	struct voice_start start = { .way = live_link(w, &s, 0) };
	char token[VOICE_TOKEN_BYTES];
	const struct voice_saved a = save(w, &start, "{\"nps\":9}", true, "key-1");
	const struct voice_saved b = save(w, &start, "{\"nps\":2}", true, "key-1");
	assert_true(b.again && b.complete);
	assert_memory_equal(a.response.ptr, b.response.ptr, 24);
	start.response = a.response;
	assert_true(save(w, &start, "{\"nps\":1}", true, "").again);
	invite(w, s.key, token);
	const struct voice_start invited = { .way = str_of(token) };
	assert_false(save(w, &invited, "{\"nps\":8}", true, "").again);
	assert_int_equal(save(w, &invited, "{\"nps\":1}", true, "other").open, VOICE_ANSWERED);
	const struct logged l = events_of(w);
	assert_int_equal(l.n, 2);
	assert_str(property(w, l.bodies[0], "score"), "9");
	assert_str(property(w, l.bodies[1], "score"), "8");
	assert_str(property(w, l.bodies[1], "journey"), "o7");
	who_is(w, l.identity[1], "c1", false);
	assert_int_equal(counts(w, s.key).completed, 2);
	assert_int_equal(counts(w, s.key).invited, 1);
}

/* A shop's tills may all count from one: a key is one respondent's, on one way in. */
static void a_key_belongs_to_one_respondent_on_one_way(void **state)
{
	struct world *w = *state;
	struct voice_survey s = survey_new(w, SURVEY);
	const struct str till = live_link(w, &s, 0), door = live_link(w, &s, 0);
	const struct voice_start starts[] = {
		{ .way = till },
		{ .way = door },
		{ .way = till, .anonymous = STR("d1") },
		{ .way = till, .anonymous = STR("d2") },
		{ .way = s.key, .trusted = true, .customer = STR("c1") },
		{ .way = s.key, .trusted = true, .customer = STR("c2") },
		{ .way = s.key, .trusted = true, .customer = STR("c"), .anonymous = STR("2") },
	};
	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		assert_false(save(w, &starts[i], "{\"nps\":9}", true, "1").again);
		assert_true(save(w, &starts[i], "{\"nps\":9}", true, "1").again);
	}
	assert_int_equal(counts(w, s.key).completed, COUNT_OF(starts));
}

static void the_code_of_a_response_under_way_is_shown_to_nobody(void **state)
{
	struct world *w = *state;
	struct voice_survey s = survey_new(w, SURVEY);
	const struct voice_start start = { .way = live_link(w, &s, 0) };
	struct voice_response *rows;
	size_t n;
	assert_false(save(w, &start, "{\"nps\":9}", false, "").complete);
	assert_true(save(w, &start, "{\"nps\":9}", true, "").complete);
	OK_OR_SHOW(voice_get(w->v, s.key, 0, &w->a, &s, why));
	OK_OR_SHOW(voice_responses_shown(w->v, &s, 0, STR(""), 10, &w->a, &rows, &n, why));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].code.len, 0);
	assert_int_equal(rows[1].code.len, 24);
}

struct submit {
	struct world *w;
	struct voice_start start;
	const char *key;
	int again, failed;
};

static void *submit(void *arg)
{
	struct submit *j = arg;
	struct form_answers answers;
	struct voice_saved saved;
	struct arena a;
	struct err err;
	arena_init(&a, 16 * MIB);
	if (form_answers_json(STR("{\"nps\":7}"), &a, &answers, &err) != OK ||
	    voice_save(j->w->v, &j->start, &answers, true, str_of(j->key), &a, &saved, &err) != OK)
		j->failed = 1;
	else j->again = saved.again;
	arena_done(&a);
	return NULL;
}

static void submits_at_the_same_moment_count_once(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct str code = live_link(w, &s, 0);
	char token[VOICE_TOKEN_BYTES];
	invite(w, s.key, token);
	for (int round = 0; round < 2; round++) {
		struct submit jobs[8];
		pthread_t threads[8];
		int again = 0;
		for (int i = 0; i < 8; i++) {
			jobs[i] = (struct submit){ .w = w,
				                   .start = { .way = round ? str_of(token) : code },
				                   .key = round ? "" : "same" };
			assert_int_equal(pthread_create(&threads[i], NULL, submit, &jobs[i]), 0);
		}
		for (int i = 0; i < 8; i++) {
			pthread_join(threads[i], NULL);
			assert_int_equal(jobs[i].failed, 0);
			again += jobs[i].again;
		}
		assert_int_equal(again, 7);
		assert_int_equal(events_of(w).n, round + 1);
	}
}

static void a_way_that_is_not_open_says_why(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	struct voice_session session;
	struct err err;
	char token[VOICE_TOKEN_BYTES];
	invite(w, s.key, token);
	const struct voice_start invited = { .way = str_of(token) };
	OK_OR_SHOW(voice_open_session(w->v, &invited, &w->a, &session, why));
	assert_int_equal(session.open, VOICE_WAITING); /* a draft */
	const struct str once = live_link(w, &s, 1);
	OK_OR_SHOW(voice_open_session(w->v, &invited, &w->a, &session, why));
	assert_int_equal(session.open, VOICE_OPEN);
	assert_str(session.lang, "fa");
	w->now_ms += 3600000;
	OK_OR_SHOW(voice_open_session(w->v, &invited, &w->a, &session, why));
	assert_int_equal(session.open, VOICE_EXPIRED);
	assert_int_equal(save(w, &invited, "{\"nps\":1}", true, "").open, VOICE_EXPIRED);
	const struct voice_start link = { .way = once };
	assert_true(save(w, &link, "{\"nps\":9}", true, "").complete);
	assert_int_equal(save(w, &link, "{\"nps\":9}", true, "").open, VOICE_ENDED); /* single use */
	const struct voice_start more = { .way = live_link(w, &s, 0) };
	const struct voice_saved begun = save(w, &more, "{\"why\":\"x\"}", false, "");
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_PAUSED, why));
	assert_int_equal(save(w, &more, "{\"nps\":9}", true, "").open, VOICE_WAITING);
	const struct voice_start goes_on = { .way = more.way, .response = begun.response };
	assert_true(save(w, &goes_on, "{\"nps\":9}", true, "").complete);
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_CLOSED, why));
	assert_int_equal(save(w, &more, "{\"nps\":9}", true, "").open, VOICE_ENDED);
	assert_int_equal(voice_set_state(w->v, s.key, VOICE_DRAFT, &err), ERR_CONFLICT);
	assert_int_equal(voice_delete_survey(w->v, s.key, &err), ERR_CONFLICT);
	for (int i = 0; i < 3; i++) {
		static const char *const ways[] = { "after-delivery", "abcdefgh", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
		const struct voice_start wrong = { .way = str_of(ways[i]) };
		assert_int_equal(voice_open_session(w->v, &wrong, &w->a, &session, &err), ERR_NOT_FOUND);
		assert_string_equal(err.id, "survey.way");
	}
	assert_int_equal(events_of(w).n, 2);
}

/* As the migration leaves responses of before: their codes are in the index, and are nobody's name. */
static void keys_of_before_names_still_count_once(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct voice_start start = { .way = live_link(w, &s, 0) };
	const struct voice_saved first = save(w, &start, "{\"nps\":9}", true, "one");
	const struct voice_saved begun = save(w, &start, "{\"why\":\"x\"}", false, "two");
	char path[128];
	sqlite3 *db;
	world_close(w);
	snprintf(path, sizeof path, "%s/safar.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE response SET named = 0; DELETE FROM record_name", NULL, NULL, NULL),
	                 SQLITE_OK);
	sqlite3_close(db);
	world_open(w);
	const struct voice_saved again = save(w, &start, "{\"nps\":1}", true, "one");
	assert_true(again.again && again.complete);
	assert_str(again.response, first.response.ptr);
	const struct voice_start goes_on = { .way = start.way, .response = begun.response };
	assert_true(save(w, &goes_on, "{\"nps\":8}", true, "").complete);
	assert_true(save(w, &start, "{\"nps\":8}", true, "two").again);
	assert_true(save(w, &start, "{\"nps\":8}", true, "three").complete);
	assert_int_equal(counts(w, s.key).completed, 3);
	assert_int_equal(events_of(w).n, 3);
}

static struct voice_session opened(struct world *w, struct str way)
{
	const struct voice_start start = { .way = way };
	struct voice_session session;
	OK_OR_SHOW(voice_open_session(w->v, &start, &w->a, &session, why));
	return session;
}

static void a_link_that_was_followed_shows_every_change_at_once(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct str link = live_link(w, &s, 0);
	struct voice_survey next;
	struct form_problems problems;
	for (int i = 0; i < 2; i++) assert_int_equal(opened(w, link).version, 1);
	OK_OR_SHOW(voice_save_survey(w->v, s.key, 1, STR("{\"elements\":[{\"type\":\"comment\",\"name\":\"only\"}]}"),
	                             STR("ann"), &w->a, &next, &problems, why));
	assert_int_equal(opened(w, link).version, 2);
	assert_non_null(form_question(opened(w, link).form, STR("only")));
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_PAUSED, why));
	assert_int_equal(opened(w, link).open, VOICE_WAITING);
	OK_OR_SHOW(voice_set_state(w->v, s.key, VOICE_LIVE, why));
	assert_int_equal(opened(w, link).open, VOICE_OPEN);
	OK_OR_SHOW(voice_link_remove(w->v, s.key, link, why));
	assert_int_equal(opened(w, link).open, VOICE_ENDED);
}

static void a_survey_made_after_one_was_deleted_has_its_own_questions(void **state)
{
	struct world *w = *state;
	const struct voice_survey first = survey_new(w, SURVEY);
	const struct str link = live_link(w, &first, 0);
	struct err err;
	assert_non_null(form_question(opened(w, link).form, STR("nps")));
	OK_OR_SHOW(voice_delete_survey(w->v, first.key, why));
	const struct voice_start gone = { .way = link };
	struct voice_session session;
	assert_int_equal(voice_open_session(w->v, &gone, &w->a, &session, &err), ERR_NOT_FOUND);
	const struct voice_survey second =
	        survey_new(w, "{\"title\":\"B\",\"elements\":[{\"type\":\"comment\",\"name\":\"only\"}]}");
	const struct form *form = opened(w, live_link(w, &second, 0)).form;
	assert_null(form_question(form, STR("nps")));
	assert_non_null(form_question(form, STR("only")));
}

static void wrong_answers_complete_nothing(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	struct voice_start start = { .way = live_link(w, &s, 0) };
	const struct voice_saved eleven = save(w, &start, "{\"nps\":11,\"next\":\"again\"}", true, "");
	assert_false(eleven.complete);
	assert_true(eleven.problems.errors > 0);
	assert_int_equal(counts(w, s.key).started, 0);
	const struct voice_saved begun = save(w, &start, "{\"next\":\"again\"}", false, "");
	start.response = begun.response;
	assert_false(save(w, &start, "{\"nps\":11,\"why\":\"fine\"}", true, "").complete);
	struct voice_session session;
	OK_OR_SHOW(voice_open_session(w->v, &start, &w->a, &session, why));
	assert_str(session.answers, "{\"next\":\"again\",\"why\":\"fine\"}");
	assert_int_equal(events_of(w).n, 0);
}

static void an_answer_to_a_deleted_option_is_kept_raw(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct voice_start start = { .way = live_link(w, &s, 0) };
	struct voice_response *rows;
	size_t n;
	assert_true(save(w, &start, "{\"nps\":5,\"next\":\"perhaps\",\"gone\":[1,2]}", true, "").complete);
	OK_OR_SHOW(voice_responses(w->v, s.id, 0, true, STR(""), 10, &w->a, &rows, &n, why));
	assert_str(rows[0].answers, "{\"gone\":[1,2],\"next\":\"perhaps\",\"nps\":5}");
}

static void employees_are_shown_without_what_leads_to_them(void **state)
{
	struct world *w = *state;
	struct voice_survey s = survey_new(
	        w,
	        "{\"title\":\"Pulse\",\"cx:audience\":\"employees\",\"elements\":[{\"type\":\"rating\",\"name\":\"enps\","
	        "\"rateMin\":0,\"rateMax\":10,\"cx:metric\":\"nps\"}]}");
	const struct voice_start start = {
		.way = live_link(w, &s, 0), .trusted = true, .unit = STR("uae/sharjah"), .lang = STR("ar")
	};
	struct voice_response *rows;
	size_t n;
	for (int i = 1; i <= VOICE_SMALL_GROUP; i++) {
		assert_true(save(w, &start, "{\"enps\":3}", true, "").complete);
		OK_OR_SHOW(voice_get(w->v, s.key, 0, &w->a, &s, why));
		OK_OR_SHOW(voice_responses_shown(w->v, &s, 0, STR(""), 10, &w->a, &rows, &n, why));
		assert_int_equal(n, i < VOICE_SMALL_GROUP ? 0 : VOICE_SMALL_GROUP);
	}
	/* The next four wait for the fifth. */
	assert_true(save(w, &start, "{\"enps\":3}", true, "").complete);
	OK_OR_SHOW(voice_responses_shown(w->v, &s, 0, STR(""), 10, &w->a, &rows, &n, why));
	assert_int_equal(n, VOICE_SMALL_GROUP);
	struct form_problems problems;
	struct voice_survey other;
	struct err e = { 0 };
	assert_int_equal(
	        voice_save_survey(w->v, s.key, s.version,
	                          STR("{\"title\":\"Pulse\",\"elements\":[{\"type\":\"text\",\"name\":\"a\"}]}"),
	                          STR("eve"), &w->a, &other, &problems, &e),
	        ERR_CONFLICT);
	assert_string_equal(e.id, "survey.audience");
	for (size_t i = 0; i < n; i++) {
		assert_str(rows[i].answers, "{\"enps\":3}");
		assert_int_equal(rows[i].unit.len + rows[i].lang.len + rows[i].code.len + rows[i].anonymous.len, 0);
		assert_int_equal(rows[i].completed_ms % 86400000, 0);
	}
}

static void only_a_trusted_caller_says_who_it_is(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct voice_start stranger = { .way = live_link(w, &s, 0), .customer = STR("c9"), .unit = STR("x") };
	save(w, &stranger, "{\"nps\":5}", true, "");
	const struct voice_start ours = { .way = s.key, .trusted = true, .customer = STR("c9"), .unit = STR("x") };
	save(w, &ours, "{\"nps\":5}", true, "");
	const struct logged l = events_of(w);
	assert_int_equal(l.n, 2);
	who_is(w, l.identity[0], NULL, true);
	assert_str(property(w, l.bodies[0], "unit"), "ruh/olaya");
	who_is(w, l.identity[1], "c9", false);
	assert_str(property(w, l.bodies[1], "unit"), "x");
}

static void expectation_and_experience_give_their_gap(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(
	        w, "{\"title\":\"Gap\",\"elements\":["
	           "{\"type\":\"rating\",\"name\":\"before\",\"cx:metric\":\"expectation\",\"cx:about\":\"Visit\"},"
	           "{\"type\":\"rating\",\"name\":\"after\",\"cx:metric\":\"experience\",\"cx:about\":\"Visit\"},"
	           "{\"type\":\"comment\",\"name\":\"more\"}]}");
	const struct voice_start start = { .way = live_link(w, &s, 0) };
	save(w, &start, "{\"before\":4,\"after\":2,\"more\":\"x\"}", true, "");
	const struct logged l = events_of(w);
	assert_int_equal(l.n, 3);
	assert_str(property(w, l.bodies[0], "metric"), "expectation");
	assert_str(property(w, l.bodies[0], "score"), ""); /* what was expected is no score */
	assert_str(property(w, l.bodies[0], "answer"), "4");
	assert_str(property(w, l.bodies[1], "gap"), "-2");
	assert_str(property(w, l.bodies[1], "score"), "2");
	assert_str(property(w, l.bodies[2], "comment"), "x");
	assert_str(property(w, l.bodies[2], "about"), "journey");
}

static void employees_never_move_customers_scores(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(
	        w, "{\"title\":\"Pulse\",\"cx:audience\":\"employees\",\"elements\":["
	           "{\"type\":\"text\",\"name\":\"where\",\"cx:property\":\"touchpoint\"},"
	           "{\"type\":\"rating\",\"name\":\"enps\",\"rateMin\":0,\"rateMax\":10,\"cx:metric\":\"nps\"},"
	           "{\"type\":\"comment\",\"name\":\"see\",\"cx:text\":true}]}");
	const struct voice_start start = { .way = live_link(w, &s, 0) };
	save(w, &start, "{\"where\":\"Order Delivered\",\"enps\":2,\"see\":\"boxes arrive open\"}", true, "");
	const struct logged l = events_of(w);
	assert_int_equal(l.n, 1);
	who_is(w, l.identity[0], "employees", true);
	assert_str(property(w, l.bodies[0], "voice"), "employee");
	assert_str(property(w, l.bodies[0], "score"), "");
	assert_str(property(w, l.bodies[0], "comment"), "");
	assert_str(property(w, l.bodies[0], "answer"), "2");
	assert_str(property(w, l.bodies[0], "note"), "boxes arrive open");
	assert_str(property(w, l.bodies[0], "about"), "Order Delivered");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(a_complete_answer_is_a_record_and_events),
		T(a_partial_answer_is_kept_and_gone_on_with),
		T(a_double_submit_counts_once),
		T(a_key_belongs_to_one_respondent_on_one_way),
		T(the_code_of_a_response_under_way_is_shown_to_nobody),
		T(submits_at_the_same_moment_count_once),
		T(keys_of_before_names_still_count_once),
		T(a_way_that_is_not_open_says_why),
		T(a_link_that_was_followed_shows_every_change_at_once),
		T(a_survey_made_after_one_was_deleted_has_its_own_questions),
		T(wrong_answers_complete_nothing),
		T(an_answer_to_a_deleted_option_is_kept_raw),
		T(employees_are_shown_without_what_leads_to_them),
		T(only_a_trusted_caller_says_who_it_is),
		T(expectation_and_experience_give_their_gap),
		T(employees_never_move_customers_scores),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
