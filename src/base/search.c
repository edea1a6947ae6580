#include "base/search.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

/* --- folding ------------------------------------------------------------------------------------- */

static const struct {
	uint32_t from, to;
} letters[] = {
	{ 0x0649, 0x064A }, { 0x06CC, 0x064A }, { 0x06D2, 0x064A }, /* alef maqsura, Persian yeh, yeh barree: yeh */
	{ 0x06A9, 0x0643 }, { 0x06AA, 0x0643 },                     /* keheh, swash kaf: kaf */
	{ 0x0629, 0x0647 }, { 0x06D5, 0x0647 }, { 0x06C1, 0x0647 }, /* teh marbuta, ae, heh goal: heh */
	{ 0x06BE, 0x0647 }, { 0x0671, 0x0627 },                     /* heh doachashmee: heh; alef wasla: alef */
};

static uint32_t folded(uint32_t c)
{
	for (size_t i = 0; i < COUNT_OF(letters); i++)
		if (letters[i].from == c) return letters[i].to;
	const int32_t digit = u_charDigitValue((UChar32)c);
	if (digit >= 0 && u_charType((UChar32)c) == U_DECIMAL_DIGIT_NUMBER) return (uint32_t)('0' + digit);
	return (uint32_t)u_foldCase((UChar32)c, U_FOLD_CASE_DEFAULT);
}

/* Belongs to a word without a trace: vowel signs and other marks, tatweel, hamza alone, ZWNJ, bidi marks. */
static bool traceless(uint32_t c)
{
	if (c == 0x0640 || c == 0x0621) return true;
	const int8_t type = u_charType((UChar32)c);
	return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ||
	       u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

static bool apostrophe(uint32_t c)
{
	return c == '\'' || c == 0x2019 || c == 0x02BC;
}

struct folding {
	const UNormalizer2 *nfkd;
	char *out;
	size_t len, max; /* of out */
	struct search_word *words;
	size_t n, words_max;
	size_t at; /* where the open word begins in out */
	bool open;
};

/* At most 18 code points come of one (U+FDFA), of 4 bytes at most; `out` has room for the usual and is checked. */
static bool append(struct folding *f, uint32_t c, size_t from, size_t to)
{
	if (!f->open) {
		if (f->len + 1 > f->max || f->n == f->words_max) return false;
		if (f->n) f->out[f->len++] = ' ';
		f->at = f->len;
		f->words[f->n].from = (uint32_t)from;
		f->open = true;
	}
	if (f->len + 4 > f->max) return false;
	f->len += utf8_put(f->out + f->len, c);
	f->words[f->n].to = (uint32_t)to;
	return true;
}

static void end_word(struct folding *f)
{
	if (!f->open) return;
	f->words[f->n++].word = (struct str){ f->out + f->at, f->len - f->at };
	f->open = false;
}

static bool put(struct folding *f, uint32_t c, size_t from, size_t to)
{
	if (traceless(c)) return true;
	if (u_isalnum((UChar32)c)) return append(f, folded(c), from, to);
	end_word(f);
	return true;
}

/* What comes from ICU is well formed. */
static uint32_t next_part(const UChar *parts, int32_t *i)
{
	const uint32_t c = parts[(*i)++];
	if (c < 0xD800 || c > 0xDBFF) return c;
	return 0x10000 + ((c - 0xD800) << 10) + (parts[(*i)++] - 0xDC00u);
}

/* One code point of the original: its parts join the open word, or end it. */
static bool take(struct folding *f, uint32_t c, size_t from, size_t to)
{
	UChar parts[32];
	UErrorCode why = U_ZERO_ERROR;
	if (traceless(c)) {
		if (f->open) f->words[f->n].to = (uint32_t)to;
		return true;
	}
	if (c < 0x80) return put(f, c, from, to);
	const int32_t n = unorm2_getDecomposition(f->nfkd, (UChar32)c, parts, COUNT_OF(parts), &why);
	if (n < 0 || U_FAILURE(why)) return put(f, c, from, to);
	for (int32_t i = 0; i < n;)
		if (!put(f, next_part(parts, &i), from, to)) return false;
	return true;
}

/* Letters of one code point can become many; the second attempt has room for the worst. */
static bool fold_into(struct folding *f, struct str text)
{
	f->len = f->n = 0;
	f->open = false;
	for (size_t i = 0; i < text.len;) {
		const size_t from = i;
		const uint32_t c = utf8_next(text, &i);
		if (apostrophe(c) && f->open && i < text.len) {
			size_t next = i;
			if (u_isalpha((UChar32)utf8_next(text, &next))) continue;
		}
		if (!take(f, c, from, i)) return false;
	}
	end_word(f);
	return true;
}

enum err_code search_fold(struct str text, struct arena *a, struct search_text *out, struct err *err)
{
	UErrorCode why = U_ZERO_ERROR;
	struct folding f = { .nfkd = unorm2_getNFKDInstance(&why) };
	if (U_FAILURE(why)) return err_no_memory(err);
	bool done = false;
	for (size_t worst = 1; !done && worst <= 64; worst *= 64) {
		/* Two bytes for one is room for what people write; ligatures of whole phrases need the second. */
		f.max = text.len * 2 * worst + 16;
		f.out = arena_alloc(a, f.max);
		f.words_max = (text.len * worst) / 2 + 2;
		f.words = ARENA_ARRAY(a, struct search_word, f.words_max);
		if (!f.out || !f.words) return err_no_memory(err);
		done = fold_into(&f, text);
	}
	if (!done) return err_no_memory(err);
	*out = (struct search_text){ { f.out, f.len }, f.words, f.n };
	return OK;
}

/* --- what is looked for --------------------------------------------------------------------------- */

/* What Arabic writes on to a word: and, the, and the, with the, for the, like the, so the. */
static const struct str clitics[] = {
	STR("\xd9\x88"),
	STR("\xd8\xa7\xd9\x84"),
	STR("\xd9\x88\xd8\xa7\xd9\x84"),
	STR("\xd8\xa8\xd8\xa7\xd9\x84"),
	STR("\xd9\x84\xd9\x84"),
	STR("\xd9\x83\xd8\xa7\xd9\x84"),
	STR("\xd9\x81\xd8\xa7\xd9\x84"),
};
#define ARTICLE clitics[1]

static size_t letters_in(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; n++) (void)utf8_next(s, &i);
	return n;
}

static bool arabic(struct str s)
{
	size_t i = 0;
	const uint32_t c = s.len ? utf8_next(s, &i) : 0;
	return c >= 0x0620 && c <= 0x06D3;
}

/* Without the article where three letters stay. */
static struct str bare(struct str word)
{
	const struct str rest = str_cut(word, ARTICLE.len, word.len);
	return str_starts(word, ARTICLE) && letters_in(rest) >= 3 ? rest : word;
}

static bool has_clitics(const struct search_term *t)
{
	return t->n == 1 && arabic(t->words[0]) && letters_in(t->words[0]) >= 2;
}

static enum err_code too_many(struct err *err, const char *what, int64_t n, int64_t max)
{
	return err_limit(err, "search.size", "text", n, max, "a search can have at most %lld %s", (long long)max, what);
}

/* The words between quotes, or the one word that stands alone, folded. */
static enum err_code add_term(struct str text, bool without, bool prefix, struct arena *a, struct search_query *q,
                              struct err *err)
{
	struct search_text t;
	TRY(search_fold(text, a, &t, err));
	if (t.n == 0) return OK;
	if (q->n == SEARCH_TERMS_MAX) return too_many(err, "words", SEARCH_TERMS_MAX + 1, SEARCH_TERMS_MAX);
	if (t.n > SEARCH_PHRASE_MAX) return too_many(err, "words side by side", (int64_t)t.n, SEARCH_PHRASE_MAX);
	struct search_term *to = &q->terms[q->n++];
	*to = (struct search_term){ .n = t.n, .prefix = prefix, .without = without };
	for (size_t i = 0; i < t.n; i++) to->words[i] = t.words[i].word;
	if (t.n == 1) to->words[0] = bare(to->words[0]);
	return OK;
}

/* A word of a query ends at a space or a quote. */
static size_t word_end(struct str s, size_t i)
{
	while (i < s.len && s.ptr[i] != ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\n' && s.ptr[i] != '\r' &&
	       s.ptr[i] != '"')
		i++;
	return i;
}

enum err_code search_query_read(struct str text, struct arena *a, struct search_query *out, struct err *err)
{
	struct search_query q = { .n = 0 };
	size_t wanted = 0;
	if (text.len > SEARCH_QUERY_BYTES_MAX) return too_many(err, "bytes", (int64_t)text.len, SEARCH_QUERY_BYTES_MAX);
	for (size_t i = 0; i < text.len;) {
		if (word_end(text, i) == i && text.ptr[i] != '"') {
			i++;
			continue;
		}
		const bool without = text.ptr[i] == '-' && i + 1 < text.len;
		size_t from = i + without, to;
		const bool quoted = from < text.len && text.ptr[from] == '"';
		if (quoted) {
			from++;
			to = from + str_find(str_cut(text, from, text.len), '"');
			i = to + 1;
		} else {
			to = i = word_end(text, from);
		}
		const bool star = i < text.len ? !quoted && text.ptr[to - 1] == '*' : !quoted;
		const size_t before = q.n;
		TRY(add_term(str_cut(text, from, to), without, star, a, &q, err));
		if (!without) wanted += q.n - before;
	}
	if (q.n && !wanted) {
		const enum err_code rc =
		        err_set(err, ERR_INPUT, "search.absent", "text", "there is no word that has to be there");
		err_hint(err, "Give at least one word without a minus in front of it.");
		return rc;
	}
	*out = q;
	return OK;
}

static void put_term(const struct search_term *t, struct buf *out)
{
	const bool with = has_clitics(t);
	buf_str(out, with ? STR("(\"") : STR("\""));
	for (size_t i = 0; i < t->n; i++) {
		if (i) buf_byte(out, ' ');
		buf_str(out, t->words[i]);
	}
	buf_str(out, t->prefix ? STR("\"*") : STR("\""));
	for (size_t i = 0; with && i < COUNT_OF(clitics); i++)
		buf_printf(out, " OR \"" STR_FMT STR_FMT "\"%s", STR_ARG(clitics[i]), STR_ARG(t->words[0]),
		           t->prefix ? "*" : "");
	if (with) buf_byte(out, ')');
}

void search_query_fts(const struct search_query *q, struct buf *out)
{
	bool any = false;
	for (int without = 0; without < 2; without++)
		for (size_t i = 0; i < q->n; i++) {
			if (q->terms[i].without != (without == 1)) continue;
			if (any) buf_str(out, without ? STR(" NOT ") : STR(" AND "));
			put_term(&q->terms[i], out);
			any = true;
		}
}

/* --- matching --------------------------------------------------------------------------------------- */

static bool same(struct str word, struct str wanted, bool prefix)
{
	return prefix ? str_starts(word, wanted) : str_eq(word, wanted);
}

/* Whether the term stands at word i. */
static bool stands_at(const struct search_term *t, const struct search_text *text, size_t i)
{
	if (t->n > text->n - i) return false;
	if (has_clitics(t)) {
		const struct str word = text->words[i].word;
		for (size_t k = 0; k < COUNT_OF(clitics); k++)
			if (str_starts(word, clitics[k]) &&
			    same(str_cut(word, clitics[k].len, word.len), t->words[0], t->prefix))
				return true;
	}
	for (size_t k = 0; k < t->n; k++)
		if (!same(text->words[i + k].word, t->words[k], t->prefix && k + 1 == t->n)) return false;
	return true;
}

static bool term_fits(const struct search_term *t, const struct search_text *text)
{
	for (size_t i = 0; i < text->n; i++)
		if (stands_at(t, text, i)) return true;
	return false;
}

bool search_fits(const struct search_query *q, const struct search_text *t)
{
	for (size_t i = 0; i < q->n; i++)
		if (term_fits(&q->terms[i], t) == q->terms[i].without) return false;
	return true;
}

size_t search_marks(const struct search_query *q, const struct search_text *t, struct search_mark *out, size_t max)
{
	size_t n = 0, marked = 0; /* words before `marked` are in a mark already */
	for (size_t i = 0; i < t->n && n < max; i++) {
		size_t end = 0;
		for (size_t k = 0; k < q->n; k++)
			if (!q->terms[k].without && stands_at(&q->terms[k], t, i) && i + q->terms[k].n > end)
				end = i + q->terms[k].n;
		if (end <= marked) continue;
		const size_t from = i > marked ? i : marked;
		if (from < marked || end <= from) continue;
		out[n++] = (struct search_mark){ t->words[from].from, t->words[end - 1].to };
		marked = end;
	}
	return n;
}
