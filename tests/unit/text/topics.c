/* Topics by seeds, and the words that matched. */
#include "tests/unit/unit.h"

#include "text/topics.h"

static struct arena arena;
static struct text_reader *reader;
static struct text_topics *shipped;

static int setup(void **s)
{
	(void)s;
	struct err err = { 0 };
	arena_init(&arena, 64 * MIB);
	reader = text_reader_new();
	if (text_topics_read(text_topics_shipped(), &arena, &shipped, &err) != OK) {
		print_error("%s\n", err.text);
		return 1;
	}
	return reader ? 0 : 1;
}
static int teardown(void **s)
{
	(void)s;
	text_reader_free(reader);
	arena_done(&arena);
	return 0;
}

/* "delivery=courier late=…": topics with what matched, as one text. */
static const char *topics_in(const struct text_topics *t, const char *raw)
{
	static char line[2048];
	struct text text;
	struct text_hit hits[64];
	size_t n = 0;
	text_read(reader, str_of(raw), TEXT_OTHER, &text);
	const size_t found = text_topics_find(t, &text, hits, COUNT_OF(hits));
	line[0] = 0;
	for (size_t i = 0; i < found; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, STR_FMT "=%.*s;",
		                      STR_ARG(text_topics_at(t, hits[i].topic)->key),
		                      (int)(hits[i].at.to - hits[i].at.from), raw + hits[i].at.from);
	return line;
}

static void the_phrase_that_matched_is_given_in_each_language(void **s)
{
	(void)s;
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "The courier was rude", "delivery=courier;staff=rude;" },
		{ "Refunds took FOREVER!", "refund=Refunds;lateness=took FOREVER;" },
		{ "took, forever", "" },
		{ "المندوب تأخّر والتغليف مكسور", "delivery=المندوب;lateness=تأخّر;packaging=والتغليف;damage=مكسور;" },
		{ "للتوصيل وبالسعر", "delivery=للتوصيل;price=وبالسعر;" },
		{ "پیک دیر آمد ولی بسته بندی عالی بود", "delivery=پیک;lateness=دیر;packaging=بسته بندی;" },
		{ "بسته‌بندی‌ها ضعیف", "packaging=بسته‌بندی‌ها;" },
		{ "قيمتش خيلي بالا بود", "price=قيمتش;" },
		{ "gheymat kheyli bala bood", "price=gheymat;" },
		{ "", "" },
		{ "!!! 😀", "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *got = topics_in(shipped, rows[i].raw);
		if (strcmp(got, rows[i].want) != 0) print_error("row %zu: %s\n", i, got);
	}
	for (size_t i = 0; i < COUNT_OF(rows); i++) assert_string_equal(topics_in(shipped, rows[i].raw), rows[i].want);
}

static void a_document_that_cannot_be_meant_is_refused(void **s)
{
	(void)s;
	static const struct {
		const char *json, *id, *words;
	} rows[] = {
		{ "{\"topics\":[{\"names\":{\"en\":\"A\"}}]}", "text.topics", "needs a key" },
		{ "{\"topics\":[{\"key\":\"a\"},{\"key\":\"a\"}]}", "text.topics", "twice" },
		{ "{\"topics\":[{\"key\":\"a\",\"seeds\":{\"en\":[\"!!\"]}}]}", "text.topics", "a letter" },
		{ "{\"topics\":[{\"key\":\"a\",\"seeds\":{\"en\":[\"a*b\"]}}]}", "text.topics", "at the end" },
		{ "{\"topics\":[{\"key\":\"a\",\"seeds\":{\"en\":[\"a b c d e f g\"]}}]}", "text.topics", "six" },
		{ "{\"topics\":[{\"key\":\"a\",\"seeds\":{\"de\":[\"a\"]}}]}", "text.topics", "\"en\"" },
		{ "{\"topics\":[{\"key\":\"a\",\"seeds\":[]}]}", "text.topics", "document" },
		{ "{\"topics\":[{\"key\":1}]}", "text.topics", "document" },
		{ "{}", "text.topics", "document" },
		{ "[]", "text.topics", "document" },
		{ "{\"topics\":[", "json.syntax", "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_topics *t;
		struct err err = { 0 };
		assert_true(text_topics_read(str_of(rows[i].json), &arena, &t, &err) != OK);
		assert_string_equal(err.id, rows[i].id);
		assert_non_null(strstr(err.text, rows[i].words));
	}
}

static void own_topics_and_policies_are_read(void **s)
{
	(void)s;
	struct text_topics *t;
	assert_int_equal(
	        text_topics_read(
	                STR("{\"topics\":[{\"key\":\"branch-refund\",\"policy\":true,\"names\":{\"en\":\"Refund at "
	                    "the branch\"},\"seeds\":{\"en\":[\"refund* only at*\"],\"fa\":[\"فقط همون شعبه\"]}},"
	                    "{\"key\":\"refund\",\"seeds\":{\"en\":[\"refund*\"]}}]}"),
	                &arena, &t, NULL),
	        OK);
	assert_int_equal(text_topics_count(t), 2);
	assert_true(text_topics_at(t, 0)->policy && !text_topics_at(t, 1)->policy);
	assert_int_equal(text_topics_at(t, 0)->n_seeds, 2);
	assert_string_equal(topics_in(t, "Refunds only at the branch"),
	                    "branch-refund=Refunds only at;refund=Refunds;");
	assert_string_equal(topics_in(t, "پولم رو فقط همون شعبه می‌دن"),
	                    "branch-refund=فقط همون شعبه;");
}

static void a_topic_is_said_once_where_its_seeds_overlap(void **s)
{
	(void)s;
	struct text_topics *t;
	struct text text;
	struct text_hit hits[2];
	assert_int_equal(
	        text_topics_read(STR("{\"topics\":[{\"key\":\"a\",\"seeds\":{\"en\":[\"call*\",\"call center\",\"the "
	                             "call center is\"]}}]}"),
	                         &arena, &t, NULL),
	        OK);
	assert_string_equal(topics_in(t, "The call center is called daily"), "a=The call center is;a=called;");
	text_read(reader, STR("call call call call"), TEXT_EN, &text);
	assert_int_equal(text_topics_find(t, &text, hits, 2), 2);
}

/* "joy level.sensory": the moods that a text names and does not deny. */
static const char *moods_in(const struct text_topics *t, const char *raw)
{
	static char line[1024];
	struct text text;
	struct text_hit hits[64];
	size_t n = 0;
	text_read(reader, str_of(raw), TEXT_OTHER, &text);
	const size_t found = text_topics_find(t, &text, hits, COUNT_OF(hits));
	line[0] = 0;
	for (size_t i = 0; i < found; i++) {
		if (text_negated(&text, hits[i].first, hits[i].last)) continue;
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s" STR_FMT, n ? " " : "",
		                      STR_ARG(text_topics_at(t, hits[i].topic)->key));
	}
	return line;
}

static void moods_are_named_and_not_denied(void **s)
{
	(void)s;
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "I was furious and the room was smelly.", "emotion.anger emotion.disgust level.sensory" },
		{ "I am not happy with it", "" },
		{ "Not cheap, but I am happy", "emotion.joy" },
		{ "The chairs are comfortable and we can trust them", "level.physical level.physical emotion.trust" },
		{ "انا زعلان جدا من التعامل والطعم سيء", "emotion.sadness level.sensory" },
		{ "لست خائفا لكن الموظف صادق", "emotion.trust" },
		{ "مش مبسوط من المكان", "" },
		{ "خیلی خوشحال شدم", "emotion.joy" },
		{ "خوشحال نیستم", "" },
		{ "می ترسیدم، ولی ناراحت نبودیم", "emotion.fear" },
		{ "نگران بودم و عصبانی شدم", "emotion.fear emotion.anger" },
		{ "Das Essen war kalt", "" },
	};
	struct text_topics *moods;
	struct err err = { 0 };
	assert_int_equal(text_topics_read(text_moods_shipped(), &arena, &moods, &err), OK);
	assert_int_equal(text_topics_count(moods), 13);
	for (size_t i = 0; i < COUNT_OF(rows); i++) assert_string_equal(moods_in(moods, rows[i].raw), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_phrase_that_matched_is_given_in_each_language),
		cmocka_unit_test(a_document_that_cannot_be_meant_is_refused),
		cmocka_unit_test(own_topics_and_policies_are_read),
		cmocka_unit_test(moods_are_named_and_not_denied),
		cmocka_unit_test(a_topic_is_said_once_where_its_seeds_overlap),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
