/* How well shipped topics are recognised, counted from comments labelled by hand: what pages show is this count. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "text/text.h"

static struct arena arena;
static struct text_topics *topics;
static struct text_reader *reader;

static bool labelled(struct str keys, struct str key)
{
	while (keys.len) {
		const size_t end = str_find(keys, ',');
		if (str_eq(str_cut(keys, 0, end), key)) return true;
		keys = str_cut(keys, end < keys.len ? end + 1 : keys.len, keys.len);
	}
	return false;
}

static size_t known_keys(struct str keys)
{
	size_t n = 0;
	for (size_t i = 0; i < text_topics_count(topics); i++) n += labelled(keys, text_topics_at(topics, i)->key);
	return n;
}

static void judge_one(struct str lang, struct str keys, struct str comment, struct text_judged of[TEXT_IN_LATIN])
{
	struct text t;
	struct text_hit hits[64];
	int tongue = 0;
	while (tongue < TEXT_IN_LATIN && !str_eq(lang, str_of(text_tongue_names[tongue]))) tongue++;
	assert_true(tongue < TEXT_IN_LATIN);
	text_read(reader, comment, text_language_of(lang), &t);
	const size_t n = text_topics_find(topics, &t, hits, COUNT_OF(hits));
	of[tongue].comments++;
	for (size_t i = 0; i < text_topics_count(topics); i++) {
		const bool there = labelled(keys, text_topics_at(topics, i)->key);
		bool found = false;
		for (size_t k = 0; k < n; k++) found |= hits[k].topic == i;
		of[tongue].there += there;
		of[tongue].found += found;
		of[tongue].right += found && there;
		if (found != there && getenv("SHOW"))
			print_message("%s " STR_FMT ": " STR_FMT "\n", found ? "wrong " : "missed",
			              STR_ARG(text_topics_at(topics, i)->key), STR_ARG(comment));
	}
}

static void what_is_shown_is_what_is_counted(void **state)
{
	struct text_judged of[TEXT_IN_LATIN] = { 0 };
	FILE *f = fopen(DATA_DIR "/topics.tsv", "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	(void)state;
	assert_non_null(f);
	while ((len = getline(&line, &cap, f)) > 0) {
		const struct str all = { line, (size_t)len - 1 };
		if (line[0] == '#') continue;
		const struct str lang = str_cut(all, 0, str_find(all, '\t'));
		const struct str rest = str_cut(all, lang.len + 1, all.len);
		const struct str keys = str_cut(rest, 0, str_find(rest, '\t'));
		size_t written = str_eq(keys, STR("-")) ? 0 : 1;
		for (size_t i = 0; i < keys.len; i++) written += keys.ptr[i] == ',';
		if (known_keys(keys) != written) fail_msg("a key of no topic: %s", line);
		judge_one(lang, keys, str_cut(rest, keys.len + 1, rest.len), of);
	}
	free(line);
	fclose(f);
	for (int k = 0; k < TEXT_IN_LATIN; k++) {
		const struct text_judged is = text_topics_judged((enum text_tongue)k);
		if (memcmp(&is, &of[k], sizeof is) != 0)
			fail_msg("src/text/judged.c, %s: { %lld, %lld, %lld, %lld }", text_tongue_names[k],
			         (long long)of[k].comments, (long long)of[k].there, (long long)of[k].found,
			         (long long)of[k].right);
		assert_true(is.comments >= 50);
	}
	assert_int_equal(text_topics_judged(TEXT_IN_LATIN).comments, 0);
}

int main(void)
{
	struct err err;
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_shown_is_what_is_counted) };
	arena_init(&arena, 64 * MIB);
	reader = text_reader_new();
	if (!reader || text_topics_read(text_topics_shipped(), &arena, &topics, &err) != OK) return 1;
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	text_reader_free(reader);
	arena_done(&arena);
	return failed;
}
