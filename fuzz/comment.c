/*
 * A comment, any bytes: tokens stand in order and in the text, words are
 * UTF-8, clauses hold all tokens, folding twice is folding once and stays
 * within its bound, and a reader remembers nothing of what it read before.
 * The first byte is the language.
 */
#include "fuzz/one.h"
#include "text/text.h"

static void check_tokens(const struct text *t)
{
	uint32_t end = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct text_token *k = &t->tokens[i];
		must((unsigned)k->kind < TEXT_KINDS, "kind");
		must(k->at.from < k->at.to && k->at.to <= t->raw.len && k->at.to <= TEXT_BYTES_MAX,
		     "a place in the text");
		/* The parts of one character that became several share its place. */
		must(k->at.from >= end || (i > 0 && k->at.from >= t->tokens[i - 1].at.from), "in order");
		must(k->word.len > 0 && is_utf8(k->word), "a word of UTF-8");
		end = k->at.to;
	}
}

static void check_clauses(const struct text *t, size_t cap)
{
	struct text_span spans[16];
	const size_t n = text_clauses(t, spans, cap);
	must((n == 0) == (t->n == 0), "clauses as soon as there are tokens");
	for (size_t i = 0; i < n; i++)
		must(spans[i].from == (i ? spans[i - 1].to : 0) && spans[i].from < spans[i].to, "clauses side by side");
	must(n == 0 || spans[n - 1].to == t->n, "clauses to the end");
}

static void same(const struct text *a, const struct text *b)
{
	must(a->n == b->n && a->lang == b->lang && a->flags == b->flags, "the same again");
	must(!(a->lang_p < b->lang_p || a->lang_p > b->lang_p), "the same probability again");
	for (size_t i = 0; i < a->n; i++) must(str_eq(a->tokens[i].word, b->tokens[i].word), "the same words again");
}

static void check_fold(struct str raw, enum text_language lang)
{
	struct arena a;
	arena_init(&a, 64 * MIB);
	const struct str once = text_fold(&a, raw, lang), twice = text_fold(&a, once, lang);
	must(once.ptr && is_utf8(once), "folded to UTF-8");
	must(once.len <= raw.len * TEXT_FOLDED_BYTES_MAX_OF + 64, "folded within its bound");
	must(str_eq(once, twice), "folding twice is folding once");
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text_reader *used;
	if (!used) used = text_reader_new();
	struct text_reader *fresh = text_reader_new();
	must(used && fresh, "memory");
	if (size > 0) {
		const enum text_language lang = (enum text_language)(data[0] % TEXT_LANGUAGES);
		const struct str raw = { (const char *)data + 1, size - 1 };
		struct text a, b;
		text_read(used, raw, lang, &a);
		text_read(fresh, raw, lang, &b);
		check_tokens(&a);
		same(&a, &b);
		check_clauses(&a, 1 + size % 16);
		for (size_t i = 0; i < a.n; i++)
			must(is_utf8(text_stem(used, a.tokens[i].word, a.lang)), "a stem of UTF-8");
		const struct text_vader v = text_vader(used, raw);
		must(v.compound >= -1 && v.compound <= 1 && v.pos >= 0 && v.neg >= 0 && v.neu >= 0,
		     "sentiment in its range");
		check_fold(raw, lang);
	}
	text_reader_free(fresh);
	return 0;
}
