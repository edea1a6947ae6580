/* Clauses: the parts of a comment that may feel differently. */
#include "text/text.h"

/* Folded, in all three languages at once: what turns round begins a clause. */
static const char *const turns[] = {
	"but",   "however", "although", "though", "except", "لكن",  "ولكن",  "لكنه",  "لكنها",
	"ولكنه", "بس",      "بينما",    "ولی",    "اما",    "لیکن", "ولیکن", "منتها", "درحالیکه",
};

static bool is_turn(const struct text_token *t)
{
	if (t->kind != TEXT_WORD) return false;
	for (size_t i = 0; i < COUNT_OF(turns); i++)
		if (str_eq(t->word, str_of(turns[i]))) return true;
	return false;
}

static bool ends_sentence(const struct text_token *t)
{
	return t->kind == TEXT_MARK && memchr(".!?;", t->word.ptr[0], 4) != NULL;
}

static bool has_word(const struct text *t, size_t from)
{
	for (size_t i = from; i < t->n; i++)
		if (t->tokens[i].kind == TEXT_WORD) return true;
	return false;
}

size_t text_clauses(const struct text *t, struct text_span *out, size_t cap)
{
	size_t n = 0, from = 0;
	bool word = false; /* since `from`: "but" at the very beginning turns nothing round */
	for (size_t i = 0; i < t->n && n + 1 < cap; i++) {
		const bool end = ends_sentence(&t->tokens[i]), turn = is_turn(&t->tokens[i]);
		if (word && (end || turn)) {
			const size_t to = end ? i + 1 : i;
			out[n++] = (struct text_span){ (uint32_t)from, (uint32_t)to };
			from = to;
			word = false;
		}
		word |= t->tokens[i].kind == TEXT_WORD;
	}
	if (n < cap && from < t->n) {
		/* What is left without a word, such as an emoji, belongs to the clause before. */
		if (n > 0 && !has_word(t, from)) out[n - 1].to = (uint32_t)t->n;
		else out[n++] = (struct text_span){ (uint32_t)from, (uint32_t)t->n };
	}
	return n;
}
