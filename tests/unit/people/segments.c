/* Kept segments: keys, versions, what names what. */
#include "people/people.h"
#include "tests/unit/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"

struct world {
	char dir[64];
	struct store *st;
	struct people *p;
	struct arena a;
};

static int drop(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct err err;
	snprintf(w->dir, sizeof w->dir, "/tmp/people-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->a, 64 * MIB);
	assert_int_equal(store_open(w->dir, STORE_CREATE, &w->st, &err), OK);
	assert_int_equal(people_open(w->st, &w->p, &err), OK);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	people_close(w->p);
	store_close(w->st);
	arena_done(&w->a);
	nftw(w->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

static enum err_code save(struct world *w, const char *key, int base, const char *name, const char *rule,
                          struct people_segment *out, struct err *err)
{
	*err = (struct err){ 0 };
	return people_save(w->p, str_of(key), base, str_of(name), str_of(rule), NULL, STR("ann"), 1000 + base, &w->a,
	                   out, err);
}

static void a_segment_has_a_key_and_versions(void **state)
{
	struct world *w = *state;
	struct people_segment s, *all;
	struct err err;
	size_t n;
	assert_int_equal(save(w, "", 0, "{\"fa\":\"دیر\",\"en\":\"Late, Again!\"}", "DID 'x'", &s, &err), OK);
	assert_str(s.key, "late-again");
	assert_str(s.rule, "did \"x\"");
	assert_int_equal(s.version, 1);
	assert_int_equal(save(w, "", 0, "{\"en\":\"late again\"}", "commented", &s, &err), OK);
	assert_str(s.key, "late-again-2");
	assert_int_equal(save(w, "", 0, "{\"fa\":\"مشتری وفادار\"}", "commented", &s, &err), OK);
	assert_str(s.key, "مشتری-وفادار");

	assert_int_equal(save(w, "late-again", 1, "", "did \"y\"", &s, &err), OK);
	assert_int_equal(s.version, 2);
	assert_str(s.name, "{\"en\":\"Late, Again!\",\"fa\":\"دیر\"}");
	assert_int_equal(save(w, "late-again", 1, "", "did \"z\"", &s, &err), ERR_CONFLICT);
	assert_int_equal(err.limit, 2);
	assert_int_equal(save(w, "nobody", 1, "", "did \"z\"", &s, &err), ERR_NOT_FOUND);

	assert_int_equal(people_list(w->p, &w->a, &all, &n, &err), OK);
	assert_int_equal(n, 3);
	assert_str(all[0].rule, "did \"y\"");
	assert_int_equal(all[0].created_ms, 1000);
	assert_int_equal(all[0].changed_ms, 1001);
	assert_str(all[0].author, "ann");
}

static void a_name_is_a_text_for_each_language(void **state)
{
	static const char *const wrong[] = { "", "{}", "[]", "\"x\"", "{\"en\":\"\"}", "{\"en\":1}", "{\"en\":\" \"}" };
	struct world *w = *state;
	struct people_segment s;
	struct err err;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_int_equal(save(w, "", 0, wrong[i], "commented", &s, &err), ERR_INPUT);
		assert_string_equal(err.field, "name");
	}
}

static void segments_can_name_others_but_not_in_a_circle(void **state)
{
	struct world *w = *state;
	const struct journey_segment *q;
	struct people_segment s;
	struct err err = { 0 };
	assert_int_equal(save(w, "", 0, "{\"en\":\"a\"}", "did \"x\" or in segment nobody", &s, &err), ERR_INPUT);
	assert_int_equal(err.value, 11);
	assert_int_equal(save(w, "", 0, "{\"en\":\"a\"}", "did \"x\" since 2026-01-01", &s, &err), OK);
	assert_int_equal(save(w, "", 0, "{\"en\":\"b\"}", "not in segment \"a\"", &s, &err), OK);
	assert_str(s.rule, "not in segment \"a\"");
	assert_int_equal(save(w, "a", 1, "", "commented and in segment \"b\"", &s, &err), ERR_INPUT);
	assert_string_equal(err.id, "segment.circle");
	assert_int_equal(save(w, "a", 1, "", "in segment \"a\"", &s, &err), ERR_INPUT);
	assert_string_equal(err.id, "segment.circle");

	assert_int_equal(people_segment_of(w->p, STR("b"), NULL, &w->a, &q, &err), OK);
	assert_str(q->text, "did not \"x\" since 1767225600000");
	assert_int_equal(people_segment_of(w->p, STR("commented and in segment b"), NULL, &w->a, &q, &err), OK);
	assert_str(q->text, "commented and did not \"x\" since 1767225600000");
	assert_int_equal(people_segment_of(w->p, STR("commented"), NULL, &w->a, &q, &err), OK);
	assert_int_equal(people_segment_of(w->p, STR("c"), NULL, &w->a, &q, &err), ERR_NOT_FOUND);

	assert_int_equal(people_delete(w->p, STR("a"), &w->a, &err), ERR_CONFLICT);
	assert_int_equal(people_delete(w->p, STR("b"), &w->a, &err), OK);
	assert_int_equal(people_delete(w->p, STR("a"), &w->a, &err), OK);
	assert_int_equal(people_delete(w->p, STR("a"), &w->a, &err), ERR_NOT_FOUND);
}

/* Each names the one before twice: written out, the last would have 2^30 conditions. */
static void what_grows_without_end_is_refused(void **state)
{
	struct world *w = *state;
	struct people_segment s;
	struct err err;
	enum err_code rc = save(w, "", 0, "{\"en\":\"s0\"}", "commented", &s, &err);
	for (int i = 1; i < 30 && rc == OK; i++) {
		char name[32], rule[64];
		snprintf(name, sizeof name, "{\"en\":\"s%d\"}", i);
		snprintf(rule, sizeof rule, "in segment s%d or in segment s%d", i - 1, i - 1);
		rc = save(w, "", 0, name, rule, &s, &err);
	}
	assert_int_equal(rc, ERR_LIMIT);
	assert_string_equal(err.id, "segment.size");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_segment_has_a_key_and_versions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_is_a_text_for_each_language, set_up, tear_down),
		cmocka_unit_test_setup_teardown(segments_can_name_others_but_not_in_a_circle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_grows_without_end_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
