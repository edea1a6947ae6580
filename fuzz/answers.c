/* Answers to a survey with a question of each type: as JSON and as a posted form. */
#include "form/form.h"
#include "fuzz/one.h"

static const char survey[] =
        "{\"elements\":[{\"type\":\"rating\",\"name\":\"nps\",\"rateMin\":0,\"rateMax\":10,\"isRequired\":true},"
        "{\"type\":\"radiogroup\",\"name\":\"r\",\"choices\":[\"a\",2],\"hasOther\":true},"
        "{\"type\":\"checkbox\",\"name\":\"c\",\"choices\":[\"a\",\"b\"],\"maxSelectedChoices\":1},"
        "{\"type\":\"boolean\",\"name\":\"b\"},{\"type\":\"text\",\"name\":\"n\",\"inputType\":\"number\",\"min\":0},"
        "{\"type\":\"text\",\"name\":\"d\",\"inputType\":\"date\",\"max\":\"2030-01-01\"},"
        "{\"type\":\"text\",\"name\":\"e\",\"inputType\":\"email\"},{\"type\":\"text\",\"name\":\"u\",\"inputType\":\"url\"},"
        "{\"type\":\"text\",\"name\":\"t\",\"inputType\":\"tel\"},{\"type\":\"comment\",\"name\":\"w\",\"visibleIf\":\"{nps} < 7\"},"
        "{\"type\":\"matrix\",\"name\":\"m\",\"columns\":[1,2],\"rows\":[\"x\",\"y\"],\"isAllRowRequired\":true},"
        "{\"type\":\"ranking\",\"name\":\"k\",\"choices\":[\"a\",\"b\"]},{\"type\":\"file\",\"name\":\"f\",\"maxSize\":10},"
        "{\"type\":\"multipletext\",\"name\":\"i\",\"items\":[{\"name\":\"p\",\"isRequired\":true}]},"
        "{\"type\":\"slider\",\"name\":\"s\"},{\"type\":\"expression\",\"name\":\"z\",\"expression\":\"{nps} + {n}\"}]}";

static void check(const struct form *f, const struct form_answers *given, struct arena *a)
{
	for (int complete = 0; complete < 2; complete++) {
		struct form_checked out, again;
		struct form_answers read;
		struct err err;
		struct buf b;
		if (form_check(f, given, complete, 0, a, &out, &err) != OK) return;
		buf_init(&b, 4 * MIB);
		form_answers_print(&out.answers, &b);
		must(is_utf8(buf_view(&b)), "answers are UTF-8");
		must(form_answers_json(buf_view(&b), a, &read, &err) == OK, "what counts reads back");
		must(form_check(f, &read, false, 0, a, &again, &err) == OK, "and is checked again");
		must(again.problems.errors == 0 && again.raw.all.n == 0, "without a problem");
		buf_done(&b);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct form *f;
	struct form_problems problems;
	struct form_answers answers;
	const struct str body = { (const char *)data, size };
	arena_init(&a, 256 * MIB);
	must(form_read(str_of(survey), &a, &f, &problems, &err) == OK, "the survey");
	if (form_answers_json(body, &a, &answers, &err) == OK) check(f, &answers, &a);
	else must(err.text[0] && is_utf8(str_of(err.text)), "an error has words");
	if (form_answers_form(f, body, &a, &answers, &err) == OK) check(f, &answers, &a);
	else must(err.text[0] && is_utf8(str_of(err.text)), "an error has words");
	arena_done(&a);
	return 0;
}
