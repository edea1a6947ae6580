/* Surveys and the ways to them. */
#include "tests/unit/voice/help.h"

#include "voice/priv.h"

static void a_survey_has_a_key_versions_and_a_state(void **state)
{
	struct world *w = *state;
	struct voice_survey s = survey_new(w, SURVEY), all, *list;
	struct form_problems problems;
	struct err err;
	size_t n;
	assert_str(s.key, "after-delivery");
	assert_str(s.name, "{\"en\":\"After delivery\",\"fa\":\"پس از تحویل\"}");
	assert_int_equal(s.version, 1);
	assert_int_equal(s.n_questions, 3);
	assert_int_equal(s.state, VOICE_DRAFT);
	assert_str(survey_new(w, SURVEY).key, "after-delivery-2");
	OK_OR_SHOW(voice_save_survey(
	        w->v, s.key, 1, STR("{\"title\":\"Changed\",\"elements\":[{\"type\":\"comment\",\"name\":\"c\"}]}"),
	        STR("bob"), &w->a, &s, &problems, why));
	assert_int_equal(s.version, 2);
	assert_str(s.key, "after-delivery");
	OK_OR_SHOW(voice_get(w->v, s.key, 1, &w->a, &all, why));
	assert_int_equal(all.n_questions, 3);
	assert_int_equal(all.newest, 2);
	assert_int_equal(voice_save_survey(w->v, s.key, 1,
	                                   STR("{\"elements\":[{\"type\":\"comment\",\"name\":\"c\"}]}"), STR("eve"),
	                                   &w->a, &s, &problems, &err),
	                 ERR_CONFLICT);
	assert_string_equal(err.id, "survey.stale");
	assert_int_equal(err.limit, 2);
	assert_int_equal(voice_get(w->v, STR("after-delivery"), 9, &w->a, &all, &err), ERR_NOT_FOUND);
	assert_string_equal(err.id, "survey.version");
	assert_int_equal(voice_get(w->v, STR("nothing"), 9, &w->a, &all, &err), ERR_NOT_FOUND);
	assert_string_equal(err.id, "survey.unknown");
	OK_OR_SHOW(voice_set_state(w->v, STR("after-delivery"), VOICE_LIVE, why));
	OK_OR_SHOW(voice_list(w->v, &w->a, &list, &n, why));
	assert_int_equal(n, 2);
	assert_int_equal(list[0].state, VOICE_LIVE);
	assert_int_equal(list[1].state, VOICE_DRAFT);
	assert_int_equal(voice_set_state(w->v, STR("nothing"), VOICE_LIVE, &err), ERR_NOT_FOUND);
	OK_OR_SHOW(voice_delete_survey(w->v, STR("after-delivery-2"), why));
	OK_OR_SHOW(voice_list(w->v, &w->a, &list, &n, why));
	assert_int_equal(n, 1);
}

static void a_wrong_document_is_not_kept(void **state)
{
	struct world *w = *state;
	struct voice_survey s, *list;
	struct form_problems problems = { 0 };
	struct err err;
	size_t n;
	assert_int_equal(voice_save_survey(w->v, STR(""), 0,
	                                   STR("{\"title\":\"x\",\"elements\":[{\"type\":\"rating\"}]}"), STR(""),
	                                   &w->a, &s, &problems, &err),
	                 ERR_INPUT);
	assert_true(problems.errors > 0);
	OK_OR_SHOW(voice_list(w->v, &w->a, &list, &n, why));
	assert_int_equal(n, 0);
}

static void a_link_is_short_and_can_be_removed(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	struct voice_link link = { .survey = s.key, .name = STR("Till 3"), .unit = STR("riyadh/olaya") }, *list;
	struct err err;
	size_t n;
	OK_OR_SHOW(voice_link_new(w->v, &link, &w->a, &link, why));
	assert_int_equal(link.code.len, 8);
	for (size_t i = 0; i < link.code.len; i++) assert_null(strchr("01ilo", link.code.ptr[i]));
	OK_OR_SHOW(voice_links(w->v, s.key, &w->a, &list, &n, why));
	assert_int_equal(n, 1);
	assert_str(list[0].unit, "riyadh/olaya");
	assert_int_equal(list[0].expires_ms, 0);
	OK_OR_SHOW(voice_link_remove(w->v, s.key, link.code, why));
	OK_OR_SHOW(voice_links(w->v, s.key, &w->a, &list, &n, why));
	assert_int_equal(n, 0);
	assert_int_equal(voice_link_remove(w->v, s.key, link.code, &err), ERR_NOT_FOUND);
	assert_int_equal(voice_links(w->v, STR("nothing"), &w->a, &list, &n, &err), ERR_NOT_FOUND);
	struct voice_link past = { .survey = s.key, .expires_ms = NOON - 1 };
	assert_int_equal(voice_link_new(w->v, &past, &w->a, &past, &err), ERR_INPUT);
	struct voice_link line = { .survey = s.key, .name = STR("a\nb") };
	assert_int_equal(voice_link_new(w->v, &line, &w->a, &line, &err), ERR_INPUT);
	assert_string_equal(err.field, "name");
}

static void a_token_is_ours_or_it_is_none(void **state)
{
	struct world *w = *state;
	const struct voice_survey s = survey_new(w, SURVEY);
	const struct voice_invitation i = { .survey = s.key, .customer = STR("c1"), .expires_ms = NOON + 86400001 };
	char token[VOICE_TOKEN_BYTES], forged[VOICE_TOKEN_BYTES];
	int64_t id = 0, expires_ms = 0;
	struct err err;
	OK_OR_SHOW(voice_invite_one(w->v, &i, token, why));
	assert_int_equal(strlen(token), 28);
	assert_true(voice_token_read(w->v, str_of(token), &id, &expires_ms));
	assert_int_equal(id, 1);
	assert_int_equal(expires_ms, NOON + 86400000 + 60000);
	for (size_t k = 0; k < 28; k++)
		for (int c = 0; c < 256; c++) {
			memcpy(forged, token, sizeof forged);
			if (forged[k] == (char)c) continue;
			forged[k] = (char)c;
			assert_false(voice_token_read(w->v, (struct str){ forged, 28 }, &id, &expires_ms));
		}
	assert_false(voice_token_read(w->v, STR(""), &id, &expires_ms));
	/* The secret is kept: the same token is ours after a start. */
	world_close(w);
	world_open(w);
	assert_true(voice_token_read(w->v, str_of(token), &id, &expires_ms));
	struct voice_invitation wrong = i;
	wrong.customer = STR("");
	assert_int_equal(voice_invite_one(w->v, &wrong, token, &err), ERR_INPUT);
	wrong = i, wrong.survey = STR("nothing");
	assert_int_equal(voice_invite_one(w->v, &wrong, token, &err), ERR_NOT_FOUND);
	wrong = i, wrong.expires_ms = NOON;
	assert_int_equal(voice_invite_one(w->v, &wrong, token, &err), ERR_INPUT);
}

static void hex(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* RFC 4231, test cases 1 and 2. */
static void the_seal_is_hmac_sha256(void **state)
{
	(void)state;
	unsigned char out[32];
	char text[65];
	assert_true(voice_hmac(STR("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"),
	                       STR("Hi There"), out));
	hex(out, 32, text);
	assert_string_equal(text, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_true(voice_hmac(STR("Jefe"), STR("what do ya want for nothing?"), out));
	hex(out, 32, text);
	assert_string_equal(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	char key[65] = { 0 };
	assert_false(voice_hmac((struct str){ key, sizeof key }, STR(""), out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_survey_has_a_key_versions_and_a_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_document_is_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_link_is_short_and_can_be_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_token_is_ours_or_it_is_none, set_up, tear_down),
		cmocka_unit_test(the_seal_is_hmac_sha256),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
