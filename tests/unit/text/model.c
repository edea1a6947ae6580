/* Models: learned, printed, read back, and refused when their bytes are not right. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "text/text.h"

struct bench {
	struct text_reader *reader;
	struct text_features *features;
};

static int set_up(void **state)
{
	static struct bench b;
	b = (struct bench){ text_reader_new(), text_features_new() };
	*state = &b;
	return b.reader && b.features ? 0 : -1;
}

static int tear_down(void **state)
{
	struct bench *b = *state;
	text_reader_free(b->reader);
	text_features_free(b->features);
	return 0;
}

static struct text_features *features_of(struct bench *b, const char *s)
{
	struct text t;
	text_read(b->reader, str_of(s), TEXT_OTHER, &t);
	text_features_of(b->features, &t, 0, t.n);
	return b->features;
}

static const struct {
	const char *text, *label;
} rows[] = {
	{ "great service, very friendly", "good" },
	{ "friendly people and great food", "good" },
	{ "the food was great", "good" },
	{ "great and quick", "good" },
	{ "terrible service, very slow", "bad" },
	{ "slow people and terrible food", "bad" },
	{ "the food was terrible", "bad" },
	{ "terrible and slow", "bad" },
	{ "what time do you open", "question" },
	{ "do you open on sunday", "question" },
	{ "where do you deliver", "question" },
	{ "what do you deliver on sunday", "question" },
	{ "الطعام كان رائعا", "good" },
	{ "خدمة رائعة جدا", "good" },
	{ "الطعام كان سيئا", "bad" },
	{ "خدمة سيئة جدا", "bad" },
};

static void learn(struct bench *b, struct buf *model, struct text_quality *quality)
{
	struct err err;
	struct text_trainer *t = text_trainer_new();
	assert_non_null(t);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(text_trainer_add(t, features_of(b, rows[i].text), str_of(rows[i].label), 1, &err), OK);
	buf_init(model, MIB);
	assert_int_equal(text_trainer_finish(t, &(struct text_training){ .cost = 1 }, model, quality, &err), OK);
	text_trainer_free(t);
}

static struct str label_of(struct bench *b, const struct text_model *m, const char *text, double *p)
{
	const struct str *labels;
	const size_t n = text_model_labels(m, &labels);
	const size_t best = text_model_classify(m, features_of(b, text), p);
	double sum = 0;
	for (size_t k = 0; k < n; k++) {
		assert_true(p[k] >= 0 && p[k] <= 1 && p[k] <= p[best]);
		sum += p[k];
	}
	assert_true(sum > 1 - 1e-9 && sum < 1 + 1e-9);
	return labels[best];
}

static void tells_labels_apart_that_it_learned(void **state)
{
	struct buf bytes;
	struct text_quality quality;
	struct text_model *m;
	struct err err;
	double p[3];
	const struct str *labels;
	learn(*state, &bytes, &quality);
	assert_int_equal(quality.rows, COUNT_OF(rows));
	assert_int_equal(text_model_read(buf_view(&bytes), &m, &err), OK);
	assert_int_equal(text_model_labels(m, &labels), 3);
	assert_str(labels[0], "bad");
	assert_str(labels[1], "good");
	assert_str(labels[2], "question");
	assert_int_equal(text_model_quality(m)->n, quality.n);
	assert_str(label_of(*state, m, "friendly and great", p), "good");
	assert_str(label_of(*state, m, "slow, terrible", p), "bad");
	assert_str(label_of(*state, m, "where do you open", p), "question");
	assert_str(label_of(*state, m, "خدمه رائعه", p), "good");
	assert_str(label_of(*state, m, "ســيئة", p), "bad");
	text_model_free(m);
	buf_done(&bytes);
}

static void an_empty_text_gets_the_shares_of_the_labels(void **state)
{
	struct buf bytes;
	struct text_quality quality;
	struct text_model *m;
	struct err err;
	double none[3], unknown[3];
	learn(*state, &bytes, &quality);
	assert_int_equal(text_model_read(buf_view(&bytes), &m, &err), OK);
	label_of(*state, m, "", none);
	label_of(*state, m, "ξξξξ", unknown);
	assert_memory_equal(none, unknown, sizeof none);
	text_model_free(m);
	buf_done(&bytes);
}

static void the_same_rows_give_the_same_bytes(void **state)
{
	struct buf one, two;
	struct text_quality quality;
	learn(*state, &one, &quality);
	learn(*state, &two, &quality);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.ptr, two.ptr, one.len);
	buf_done(&one);
	buf_done(&two);
}

static void a_broken_model_is_refused_wherever_it_is_cut_or_changed(void **state)
{
	struct buf bytes;
	struct text_quality quality;
	struct text_model *m = NULL;
	struct err err;
	learn(*state, &bytes, &quality);
	for (size_t len = 0; len < bytes.len; len += 1 + len / 64) {
		char *cut = malloc(len + 1); /* of its own, so that reading past it is seen */
		memcpy(cut, bytes.ptr, len);
		assert_int_equal(text_model_read((struct str){ cut, len }, &m, &err), ERR_INPUT);
		free(cut);
	}
	for (size_t at = 0; at < bytes.len; at += 1 + at / 64) {
		bytes.ptr[at] ^= 1;
		assert_int_equal(text_model_read(buf_view(&bytes), &m, &err), ERR_INPUT);
		assert_string_equal(err.id, "text.model");
		bytes.ptr[at] ^= 1;
	}
	assert_null(m);
	buf_done(&bytes);
}

static void negated_words_are_told_from_plain_ones(void **state)
{
	struct bench *b = *state;
	const size_t plain = features_of(b, "we now good")->n, negated = features_of(b, "we not good")->n;
	assert_int_equal(negated, plain + 1);
	/* Behind a mark the negation has ended. */
	assert_int_equal(features_of(b, "we not. good")->n, features_of(b, "we now. good")->n);
}

static void persian_spellings_share_their_pieces(void **state)
{
	struct bench *b = *state;
	uint32_t one[200];
	const size_t n = features_of(b, "می‌شود خیلی خوب")->n;
	assert_true(n <= COUNT_OF(one));
	memcpy(one, b->features->hash, n * sizeof *one);
	assert_int_equal(features_of(b, "ميشود خيلي خوب")->n, n);
	assert_memory_equal(b->features->hash, one, n * sizeof *one);
}

static void spellings_in_latin_letters_have_the_same_bones(void **state)
{
	struct bench *b = *state;
	uint32_t hash[1024];
	const struct text_features *f = features_of(b, "wallahi el tawseel momtaz w 7elw khales");
	const size_t n = f->n;
	assert_true(n > 0 && n < COUNT_OF(hash));
	memcpy(hash, f->hash, n * sizeof *hash);
	f = features_of(b, "wallahy el tawsil mumtaaz w 7elow khales");
	assert_int_equal(f->n, n);
	assert_memory_equal(f->hash, hash, n * sizeof *hash);
	/* What was told as another language keeps its letters. */
	f = features_of(b, "the delivery was excellent and the food was good");
	const uint32_t first = f->hash[0];
	f = features_of(b, "thy delivery was excellent and the food was good");
	assert_int_not_equal(f->hash[0], first);
}

static void a_long_text_has_bounded_features(void **state)
{
	struct bench *b = *state;
	char *long_text = malloc(100001);
	uint32_t x = 1;
	for (size_t i = 0; i < 100000; i++, x = x * 1664525 + 1013904223)
		long_text[i] = i % 9 == 8 ? ' ' : (char)('a' + x % 1000003 % 26);
	long_text[100000] = '\0';
	assert_true(features_of(b, long_text)->n <= TEXT_FEATURES_MAX);
	assert_true(b->features->n > 1000);
	free(long_text);
	assert_true(features_of(b, "short")->n <= 20);
}

static void rows_that_cannot_teach_are_refused_with_words(void **state)
{
	struct bench *b = *state;
	struct err err;
	struct buf bytes;
	struct text_quality quality;
	const struct text_training how = { 0 };
	struct text_trainer *t = text_trainer_new();
	buf_init(&bytes, MIB);
	assert_int_equal(text_trainer_add(t, features_of(b, "x"), STR(""), 1, &err), ERR_INPUT);
	assert_string_equal(err.id, "text.label");
	assert_int_equal(text_trainer_add(t, features_of(b, "x"), STR("\xff"), 1, &err), ERR_INPUT);
	assert_int_equal(text_trainer_finish(t, &how, &bytes, &quality, &err), ERR_INPUT);
	assert_string_equal(err.id, "text.train.rows");
	for (int i = 0; i < TEXT_TRAIN_ROWS_MIN; i++)
		assert_int_equal(text_trainer_add(t, features_of(b, "nice"), STR("one"), 1, &err), OK);
	assert_int_equal(text_trainer_finish(t, &how, &bytes, &quality, &err), ERR_INPUT);
	assert_string_equal(err.id, "text.train.labels");
	text_trainer_free(t);
	buf_done(&bytes);
}

static void rows_of_more_weight_count_more_in_the_probabilities(void **state)
{
	struct bench *b = *state;
	struct text_quality quality;
	struct text_model *m;
	struct buf bytes;
	struct err err;
	double p[2];
	struct text_trainer *t = text_trainer_new();
	assert_non_null(t);
	/* One text, half of the time this and half of the time that: only the weights tell them apart. */
	for (int i = 0; i < 20; i++) {
		assert_int_equal(text_trainer_add(t, features_of(b, "it arrived"), STR("heavy"), 9, &err), OK);
		assert_int_equal(text_trainer_add(t, features_of(b, "it arrived"), STR("light"), 1, &err), OK);
	}
	buf_init(&bytes, MIB);
	assert_int_equal(text_trainer_finish(t, &(struct text_training){ .cost = 1 }, &bytes, &quality, &err), OK);
	text_trainer_free(t);
	assert_int_equal(text_model_read(buf_view(&bytes), &m, &err), OK);
	assert_str(label_of(b, m, "it arrived", p), "heavy");
	assert_true(p[0] > 0.85 && p[0] < 0.95);
	text_model_free(m);
	buf_done(&bytes);
}

static void shipped_models_feel_in_three_languages(void **state)
{
	static const struct {
		const char *text;
		enum text_feeling_label label;
	} said[] = {
		{ "Great service, thank you so much!", TEXT_POSITIVE },
		{ "My order arrived broken and nobody answers", TEXT_NEGATIVE },
		{ "What time do you open on Sunday?", TEXT_NEUTRAL },
		{ "الخدمة ممتازة والأكل لذيذ", TEXT_POSITIVE },
		{ "الطلب تأخر ساعتين والأكل وصل بارد", TEXT_NEGATIVE },
		{ "غذا خیلی خوشمزه بود، ممنون", TEXT_POSITIVE },
		{ "پیک خیلی دیر رسید و غذا سرد بود", TEXT_NEGATIVE },
		{ "kheili razi boodam barkhordeshoon ali bood merci", TEXT_POSITIVE },
		{ "el akl kan zeft w el garson 2aleel el adab", TEXT_NEGATIVE },
	};
	struct bench *b = *state;
	struct text_judge *j;
	struct text_feeling f;
	struct text t;
	struct err err;
	assert_int_equal(text_judge_new(&j, &err), OK);
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		text_read(b->reader, str_of(said[i].text), TEXT_OTHER, &t);
		text_features_of(b->features, &t, 0, t.n);
		text_feel(j, &t, b->features, &f);
		assert_int_equal(f.label, said[i].label);
		assert_true(f.p > 1.0 / 3 && f.p <= 1);
		assert_true(f.sentiment >= -1 && f.sentiment <= 1);
		if (f.label != TEXT_NEUTRAL) assert_true((f.sentiment > 0) == (f.label == TEXT_POSITIVE));
	}
	/* Another language is no guess. */
	text_read(b->reader, STR("Das Essen war leider kalt und der Fahrer kam viel zu spät"), TEXT_OTHER, &t);
	text_features_of(b->features, &t, 0, t.n);
	text_feel(j, &t, b->features, &f);
	assert_int_equal(f.label, TEXT_NEUTRAL);
	assert_true(f.sentiment >= 0 && f.sentiment <= 0);
	text_judge_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells_labels_apart_that_it_learned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_text_gets_the_shares_of_the_labels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_rows_give_the_same_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_broken_model_is_refused_wherever_it_is_cut_or_changed, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(negated_words_are_told_from_plain_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(persian_spellings_share_their_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spellings_in_latin_letters_have_the_same_bones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_text_has_bounded_features, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rows_of_more_weight_count_more_in_the_probabilities, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shipped_models_feel_in_three_languages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rows_that_cannot_teach_are_refused_with_words, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
