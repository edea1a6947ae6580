/* From raw bytes to tokens: the steps in turn, and the reader that owns their memory. */
#include <stdlib.h>

#include <libstemmer.h>

#include "base/hash.h"
#include "text/priv.h"

static const char *const languages[TEXT_LANGUAGES] = {
	[TEXT_OTHER] = "other", [TEXT_EN] = "en",       [TEXT_AR] = "ar",
	[TEXT_FA] = "fa",       [TEXT_MIXED] = "mixed", [TEXT_LATIN_AR_FA] = "latin",
};

struct str text_language_name(enum text_language lang)
{
	return str_of(languages[lang]);
}

enum text_language text_language_of(struct str tag)
{
	const struct str main = str_cut(tag, 0, str_find(tag, '-'));
	for (int i = TEXT_EN; i <= TEXT_FA; i++)
		if (str_eq_ascii_nocase(main, str_of(languages[i]))) return (enum text_language)i;
	return TEXT_OTHER;
}

/* --- the reader -------------------------------------------------------------------------------------------- */

struct text_reader *text_reader_new(void)
{
	struct text_reader *r = calloc(1, sizeof(*r));
	if (!r) return NULL;
	UErrorCode why = U_ZERO_ERROR;
	r->cells.casefold = unorm2_getNFKCCasefoldInstance(&why);
	r->cells.compose = unorm2_getNFCInstance(&why);
	bool ok = U_SUCCESS(why);
	/* put_ascii reads the first page without asking. */
	for (uint32_t cp = 0; ok && cp < 0x80; cp++) ok = cell_of(&r->cells, cp) != NULL;
	if (ok) return r;
	text_reader_free(r);
	return NULL;
}

void text_reader_free(struct text_reader *r)
{
	if (!r) return;
	cells_done(&r->cells);
	normal_done(&r->normal);
	free(r->pieces);
	free(r->words.ptr);
	free(r->tokens);
	vader_free(r->vader);
	sb_stemmer_delete(r->english);
	free(r);
}

/* Pieces and tokens: as many as bytes at most. Words: WORD_GROWTH times the bytes. */
static bool make_room(struct text_reader *r)
{
	const size_t n = r->normal.n + 1;
	if (n <= r->cap_pieces) return true;
	const size_t cap = n + n / 2 + 256;
	r->cap_pieces = 0;
	free(r->pieces);
	free(r->words.ptr);
	free(r->tokens);
	r->pieces = malloc(cap * sizeof(*r->pieces));
	r->words.ptr = malloc(cap * WORD_GROWTH + 16);
	r->tokens = malloc(cap * sizeof(*r->tokens));
	if (!r->pieces || !r->words.ptr || !r->tokens) return false;
	r->cap_pieces = cap;
	return true;
}

/* --- tokens ------------------------------------------------------------------------------------------------ */

/* Two capitals and more, no small letter; letters beyond ASCII do not count. */
static bool is_upper(struct str raw, struct text_span at)
{
	size_t capitals = 0;
	for (size_t i = at.from; i < at.to; i++) {
		const char c = raw.ptr[i];
		if (c >= 'a' && c <= 'z') return false;
		capitals += c >= 'A' && c <= 'Z';
	}
	return capitals >= 2;
}

/* ":-)))" as ":)"; an emoji as it is. */
static struct str emoji_word(struct words *w, struct str as)
{
	if ((unsigned char)as.ptr[0] >= 0x80 || as.ptr[0] == '<') return as;
	char *const out = w->ptr + w->n;
	out[0] = as.ptr[0];
	out[1] = as.ptr[as.len - 1];
	w->n += 2;
	return (struct str){ out, 2 };
}

/* The word of a piece that people wrote as letters, folded; `mark` bytes in front (# or @) left out. */
static struct str letters_word(struct text_reader *r, const struct piece *p, size_t mark, enum text_language fold,
                               struct text_token *t, unsigned *flags)
{
	const struct word_out w = put_word(&r->normal, p->from + mark, p->to, fold, &r->words);
	t->elongated = w.elongated;
	if (w.look_alike) *flags |= TEXT_FLAG_LOOK_ALIKE;
	if (fold == TEXT_FA) put_half_spaces(&r->words, w.from);
	return (struct str){ r->words.ptr + w.from, r->words.n - w.from };
}

static struct text_token token_of(struct text_reader *r, const struct piece *p, struct str raw, struct text *out)
{
	const struct normal *n = &r->normal;
	const struct str as = { n->bytes + p->from, p->to - p->from };
	struct text_token t = { .kind = (enum text_kind)p->kind,
		                .at = { n->at[p->from], raw_end(n, p->to) },
		                .word = as };
	switch (t.kind) {
	case TEXT_WORD:
		t.word = letters_word(r, p, 0, out->fold, &t, &out->flags);
		t.upper = is_upper(raw, t.at);
		break;
	case TEXT_TAG: t.word = letters_word(r, p, 1, out->fold, &t, &out->flags); break;
	case TEXT_MENTION: t.word = str_cut(as, 1, as.len); break;
	case TEXT_EMOJI: t.word = emoji_word(&r->words, as); break;
	case TEXT_MARK:
		t.elongated = as.len > 2;
		t.word = str_cut(as, 0, 2);
		break;
	default: break;
	}
	return t;
}

/* Persian: a word that belongs to the one before, with a space between, becomes one token with it. */
static bool join_before(struct text_reader *r, struct text_token *before, struct piece *p_before,
                        const struct text_token *now, const struct piece *p)
{
	const struct normal *n = &r->normal;
	if (before->kind != TEXT_WORD || now->kind != TEXT_WORD || p->from != p_before->to + 1 ||
	    n->class[p_before->to] != C_SPACE || n->class[p_before->to - 1] != C_ARABIC ||
	    n->class[p->from] != C_ARABIC || !joins_before(before->word, now->word))
		return false;
	/* The two words lie side by side. */
	char *const at = r->words.ptr + (now->word.ptr - r->words.ptr);
	memmove(at + 3, at, now->word.len);
	memcpy(at, "\xE2\x80\x8C", 3);
	r->words.n += 3;
	before->word.len += 3 + now->word.len;
	before->at.to = now->at.to;
	before->elongated |= now->elongated;
	p_before->to = p->to;
	return true;
}

#define REPEATS_WORDS_MIN 20

/* Twenty words and more of which fewer than a quarter are distinct; told from a bitmap, so roughly. */
static bool repeats(const struct text *t)
{
	uint64_t seen[64] = { 0 };
	size_t words = 0, distinct = 0;
	for (size_t i = 0; i < t->n; i++) words += t->tokens[i].kind != TEXT_MARK;
	if (words < REPEATS_WORDS_MIN) return false;
	for (size_t i = 0; i < t->n; i++) {
		if (t->tokens[i].kind == TEXT_MARK) continue;
		const uint64_t h = hash64(t->tokens[i].word);
		const size_t bit = h % (64 * 64);
		distinct += !(seen[bit / 64] >> bit % 64 & 1);
		seen[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	/* The bitmap holds some four thousand words; a longer text that fills half of it repeats nothing to speak of.
	 */
	return distinct * 4 < words && distinct < 64 * 64 / 2;
}

static void read_into(struct text_reader *r, struct str raw, enum text_language hint, bool tell, struct text *out)
{
	*out = (struct text){ .raw = raw, .lang = hint, .lang_p = 0.5, .fold = hint };
	normalise(&r->cells, raw, &r->normal);
	out->flags = r->normal.flags;
	out->cut = (out->flags & TEXT_FLAG_CUT) != 0;
	if (!make_room(r)) {
		out->flags |= TEXT_FLAG_SHORT_MEMORY;
		return;
	}
	const size_t n = cut_pieces(&r->normal, r->pieces);
	if (tell) tell_language(&r->normal, r->pieces, n, hint, out);
	r->words.n = 0;
	out->tokens = r->tokens;
	for (size_t i = 0; i < n; i++) {
		const struct piece p = r->pieces[i];
		const struct text_token t = token_of(r, &p, raw, out);
		if (out->fold == TEXT_FA && out->n > 0 &&
		    join_before(r, &r->tokens[out->n - 1], &r->pieces[out->n - 1], &t, &p))
			continue;
		r->pieces[out->n] = p;
		r->tokens[out->n++] = t;
	}
	if (repeats(out)) out->flags |= TEXT_FLAG_REPEATS;
}

void text_read(struct text_reader *r, struct str raw, enum text_language hint, struct text *out)
{
	read_into(r, raw, hint, true, out);
}

/* --- the folded text --------------------------------------------------------------------------------------- */

static void put_folded(const struct text_reader *r, const struct text *t, struct buf *b)
{
	const struct normal *n = &r->normal;
	size_t at = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &r->pieces[i];
		const enum text_kind kind = t->tokens[i].kind;
		const bool written = kind == TEXT_WORD || kind == TEXT_TAG;
		/* What stands between the tokens, and the sign of a tag; tokens that are no words as they are. */
		const size_t to = written ? p->from + (kind == TEXT_TAG) : p->to;
		buf_put(b, n->bytes + at, to - at);
		if (written) buf_str(b, t->tokens[i].word);
		at = p->to;
	}
	buf_put(b, n->bytes + at, n->n - at);
}

struct str text_fold(struct arena *a, struct str raw, enum text_language lang)
{
	struct text_reader *r = text_reader_new();
	struct text t;
	struct str out = { 0 };
	struct buf b;
	if (!r) return out;
	read_into(r, raw, lang, false, &t);
	buf_init(&b, TEXT_BYTES_MAX * TEXT_FOLDED_BYTES_MAX_OF + 64);
	put_folded(r, &t, &b);
	if (!b.full && !(t.flags & TEXT_FLAG_SHORT_MEMORY)) out = str_copy(a, str_trim(buf_view(&b)));
	buf_done(&b);
	text_reader_free(r);
	return out;
}
