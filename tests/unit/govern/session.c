#include "tests/unit/govern/help.h"

#define PASSWORD STR("a long enough password")

static struct govern_session sign_in(struct room *r, struct str login, enum err_code want)
{
	struct govern_session s = { 0 };
	assert_int_equal(govern_sign_in(r->govern, login, PASSWORD, STR("10.0.0.1"), &r->arena, &s, &r->err), want);
	return s;
}

static void make(struct room *r, struct str login, enum govern_role role)
{
	assert_int_equal(govern_user_new(r->govern, login, STR(""), role, STR(""), PASSWORD, &r->err), OK);
}

static enum err_code session(struct room *r, struct str token)
{
	struct govern_session s;
	return govern_session(r->govern, token, &r->arena, &s, &r->err);
}

static void a_session_ends_after_thirty_days_however_busy_it_is(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct govern_session s = sign_in(r, STR("ann"), OK);
	for (int day = 0; day < 30; day++) {
		assert_int_equal(session(r, s.token), OK);
		r->now_ms += WHEN_DAY_MS;
	}
	assert_int_equal(session(r, s.token), ERR_DENIED);
	assert_string_equal(r->err.id, "session.none");
}

static void a_session_ends_after_seven_idle_days(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct govern_session s = sign_in(r, STR("ann"), OK);
	r->now_ms += 7 * WHEN_DAY_MS - 1;
	assert_int_equal(session(r, s.token), OK);
	r->now_ms += 7 * WHEN_DAY_MS - 1; /* counted anew from the request before */
	assert_int_equal(session(r, s.token), OK);
	r->now_ms += 7 * WHEN_DAY_MS;
	assert_int_equal(session(r, s.token), ERR_DENIED);
}

static void a_clock_that_jumps_back_a_year_makes_no_session_immortal(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct govern_session s = sign_in(r, STR("ann"), OK);
	r->now_ms -= 365 * WHEN_DAY_MS;
	assert_int_equal(session(r, s.token), ERR_DENIED);
}

static void tokens_are_not_in_the_file(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct govern_session s = sign_in(r, STR("ann"), OK);
	assert_int_equal(s.token.len, 64);
	const char *const names[] = { "safar.db", "safar.db-wal" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char path[96];
		snprintf(path, sizeof path, "%s/%s", r->dir, names[i]);
		FILE *f = fopen(path, "rb");
		if (!f) continue;
		static char bytes[4 << 20];
		size_t n = fread(bytes, 1, sizeof bytes, f);
		fclose(f);
		assert_null(memmem(bytes, n, s.token.ptr, s.token.len));
		assert_null(memmem(bytes, n, PASSWORD.ptr, PASSWORD.len));
	}
}

static void passwords_are_kept_as_argon2id_with_the_stated_cost(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct stmt *q = NULL;
	bool row = false;
	assert_int_equal(stmt_prepare(&q, r->store, "user_by_login", &r->err), OK);
	stmt_bind_str(q, 1, STR("ann"));
	assert_int_equal(stmt_step(q, &row, &r->err), OK);
	assert_true(row && str_starts(stmt_str(q, 8), STR("$argon2id$v=19$m=19456,t=2,p=1$")));
	stmt_free(q);
}

static void the_eleventh_wrong_password_waits_and_delays_double_up_to_fifteen_minutes(void **state)
{
	struct room *r = *state;
	struct govern_session s;
	make(r, STR("ann"), GOVERN_VIEWER);
	for (int i = 0; i < GOVERN_FREE_TRIES; i++)
		assert_int_equal(govern_sign_in(r->govern, STR("ann"), STR("wrong"), STR(""), &r->arena, &s, &r->err),
		                 ERR_DENIED);
	int64_t want = 1;
	for (int i = 0; i < 12; i++) {
		assert_int_equal(govern_sign_in(r->govern, STR("ANN"), PASSWORD, STR(""), &r->arena, &s, &r->err),
		                 ERR_UNAVAILABLE);
		assert_string_equal(r->err.id, "session.slow");
		assert_int_equal(r->err.limit, want);
		r->now_ms += want * 1000;
		assert_int_equal(govern_sign_in(r->govern, STR("ann"), STR("wrong"), STR(""), &r->arena, &s, &r->err),
		                 ERR_DENIED);
		want = want * 2 < 900 ? want * 2 : 900;
	}
	r->now_ms += 900 * 1000;
	sign_in(r, STR("ann"), OK);
	/* ... and the right one forgives all. */
	assert_int_equal(govern_sign_in(r->govern, STR("ann"), STR("wrong"), STR(""), &r->arena, &s, &r->err),
	                 ERR_DENIED);
	sign_in(r, STR("ann"), OK);
}

static void a_network_that_guesses_many_names_is_slowed_and_its_neighbour_is_not(void **state)
{
	struct room *r = *state;
	struct govern_session s;
	make(r, STR("ann"), GOVERN_VIEWER);
	for (int i = 0; i < GOVERN_FREE_TRIES_NET; i++) {
		struct str login = str_format(&r->arena, "guess%d", i), from = str_format(&r->arena, "10.1.2.%d", i);
		assert_int_equal(govern_sign_in(r->govern, login, STR("x"), from, &r->arena, &s, &r->err), ERR_DENIED);
	}
	assert_int_equal(govern_sign_in(r->govern, STR("ann"), PASSWORD, STR("10.1.2.200"), &r->arena, &s, &r->err),
	                 ERR_UNAVAILABLE);
	assert_int_equal(govern_sign_in(r->govern, STR("ann"), PASSWORD, STR("10.1.3.1"), &r->arena, &s, &r->err), OK);
}

static void the_csrf_token_belongs_to_its_session(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct govern_session a = sign_in(r, STR("ann"), OK), b = sign_in(r, STR("ann"), OK);
	assert_true(govern_csrf_ok(&a, a.csrf));
	assert_false(govern_csrf_ok(&a, b.csrf));
	assert_false(govern_csrf_ok(&a, a.token));
	assert_false(govern_csrf_ok(&a, STR("")));
	assert_false(govern_csrf_ok(&(struct govern_session){ 0 }, STR("")));
}

static void a_setup_token_makes_one_administrator_and_the_newest_counts(void **state)
{
	struct room *r = *state;
	struct str first, second;
	assert_true(govern_setup_needed(r->govern));
	assert_int_equal(govern_setup_token(r->govern, &r->arena, &first, &r->err), OK);
	assert_int_equal(govern_setup_token(r->govern, &r->arena, &second, &r->err), OK);
	assert_int_equal(govern_setup(r->govern, first, STR("ann"), STR(""), PASSWORD, &r->err), ERR_DENIED);
	assert_int_equal(govern_setup(r->govern, second, STR("ann"), STR(""), STR("short"), &r->err), ERR_INPUT);
	assert_int_equal(govern_setup(r->govern, second, STR("ann"), STR(""), PASSWORD, &r->err), OK);
	assert_int_equal(govern_setup(r->govern, second, STR("bob"), STR(""), PASSWORD, &r->err), ERR_DENIED);
	assert_false(govern_setup_needed(r->govern));
	assert_int_equal(govern_setup_token(r->govern, &r->arena, &second, &r->err), ERR_CONFLICT);
}

static void old_sessions_are_swept_when_somebody_signs_in(void **state)
{
	struct room *r = *state;
	make(r, STR("ann"), GOVERN_VIEWER);
	struct govern_session old = sign_in(r, STR("ann"), OK);
	r->now_ms += 8 * WHEN_DAY_MS;
	sign_in(r, STR("ann"), OK);
	r->now_ms -= 8 * WHEN_DAY_MS; /* even in its own time it is gone */
	assert_int_equal(session(r, old.token), ERR_DENIED);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, room_open, room_close)
	const struct CMUnitTest tests[] = {
		T(a_session_ends_after_thirty_days_however_busy_it_is),
		T(a_session_ends_after_seven_idle_days),
		T(a_clock_that_jumps_back_a_year_makes_no_session_immortal),
		T(tokens_are_not_in_the_file),
		T(passwords_are_kept_as_argon2id_with_the_stated_cost),
		T(the_eleventh_wrong_password_waits_and_delays_double_up_to_fifteen_minutes),
		T(a_network_that_guesses_many_names_is_slowed_and_its_neighbour_is_not),
		T(the_csrf_token_belongs_to_its_session),
		T(a_setup_token_makes_one_administrator_and_the_newest_counts),
		T(old_sessions_are_swept_when_somebody_signs_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
