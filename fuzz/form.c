/* A survey document: what is read prints itself, can be asked and checked, and its texts leave harmless. */
#include "form/form.h"
#include "fuzz/one.h"

static struct str printed(const struct form *f, struct arena *a)
{
	struct buf b;
	buf_init(&b, 4 * MIB);
	form_print(f, &b);
	const struct str out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

static void check_texts(const struct form *f, const struct form_answers *answers, struct arena *a)
{
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct str said = form_say(f, &f->questions[i]->title, STR("fa"), answers, a);
		struct buf b;
		buf_init(&b, 4 * MIB);
		form_put_html(&b, said);
		must(is_utf8(buf_view(&b)) && !memchr(b.len ? b.ptr : "", '<', b.len), "a title has no tags");
		buf_done(&b);
	}
}

static void ask(const struct form *f, struct arena *a)
{
	static const char *const given[] = {
		"{}", "{\"q\":1,\"nps\":11,\"a\":[\"x\",{\"y\":null}],\"b\":\"\\u06f7\",\"c\":{\"r\":2}}"
	};
	for (size_t i = 0; i < COUNT_OF(given); i++) {
		struct form_answers answers;
		struct form_checked out;
		bool *shown;
		struct err err;
		must(form_answers_json(str_of(given[i]), a, &answers, &err) == OK, "answers");
		must(form_shown(f, &answers, 0, a, &shown, &err) == OK, "what shows");
		must(form_check(f, &answers, i == 0, 0, a, &out, &err) == OK, "checked");
		check_texts(f, &answers, a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct form *f, *again;
	struct form_problems problems;
	const struct locale l = locale_of(LANG_AR);
	arena_init(&a, 512 * MIB);
	const enum err_code rc = form_read((struct str){ (const char *)data, size }, &a, &f, &problems, &err);
	if (rc != ERR_NO_MEMORY) {
		must(rc == OK || (err.text[0] && is_utf8(str_of(err.text)) && is_utf8(str_of(err.field))),
		     "an error has words");
		must((rc == OK) == (problems.errors == 0) || problems.n == 0, "errors refuse");
		for (size_t i = 0; i < problems.n; i++)
			must(is_utf8(problems.all[i].field) && form_problem_words(&problems.all[i], &l, &a).len > 0,
			     "a problem has words and a place");
	}
	if (rc == OK) {
		const struct str json = printed(f, &a);
		must(form_read(json, &a, &again, &problems, &err) == OK, "it reads back");
		must(str_eq(printed(again, &a), json), "to itself");
		ask(f, &a);
	}
	arena_done(&a);
	return 0;
}
