/* Whether feedback fits a rule. */
#include <math.h>

#include "act/priv.h"

struct act_fitter {
	struct insight *insight;
	struct text_reader *reader;
	struct arena row, scratch;   /* of the row at hand, and of one rule's look at it */
	const struct inbox_row *now; /* NULL: none yet */
	bool heard_known, words_known;
	struct insight_heard heard;
	struct search_text folded;
	struct str *stems; /* of the words of its comment, in order */
	size_t n_stems;
	enum text_language lang, read_as; /* of its comment; of the text that was read last */
};

enum err_code act_fitter_new(struct act *a, struct act_fitter **out, struct err *err)
{
	struct act_fitter *f = calloc(1, sizeof *f);
	if (!f) return err_no_memory(err);
	f->insight = a->opt.insight;
	f->reader = text_reader_new();
	arena_init(&f->row, 16 * MIB);
	arena_init(&f->scratch, 16 * MIB);
	if (!f->reader) {
		act_fitter_free(f);
		return err_no_memory(err);
	}
	*out = f;
	return OK;
}

void act_fitter_free(struct act_fitter *f)
{
	if (!f) return;
	arena_done(&f->row);
	arena_done(&f->scratch);
	text_reader_free(f->reader);
	free(f);
}

static void turn_to(struct act_fitter *f, const struct inbox_row *row)
{
	arena_reset(&f->scratch);
	if (f->now == row) return;
	arena_reset(&f->row);
	f->now = row;
	f->heard_known = f->words_known = false;
}

static enum err_code hear(struct act_fitter *f, struct err *err)
{
	if (f->heard_known) return OK;
	f->heard = (struct insight_heard){ 0 };
	if (f->insight && f->now->comment.len)
		TRY(insight_heard(f->insight, f->now->arrival, f->now->comment, f->now->lang, &f->row, &f->heard, err));
	f->heard_known = true;
	return OK;
}

/* --- words ------------------------------------------------------------------------------------------ */

/* Stems of the words of a text; the reader lends them only until the next text. */
static enum err_code stems_of(struct act_fitter *f, struct str raw, enum text_language hint, struct arena *a,
                              struct str **out, size_t *n, struct err *err)
{
	struct text t;
	text_read(f->reader, raw, hint, &t);
	*out = ARENA_ARRAY(a, struct str, t.n);
	if (!*out) return err_no_memory(err);
	*n = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.tokens[i].kind != TEXT_WORD) continue;
		(*out)[*n] = str_copy(a, text_stem(f->reader, t.tokens[i].word, t.lang));
		if (!(*out)[(*n)++].ptr) return err_no_memory(err);
	}
	f->read_as = t.lang;
	return OK;
}

static enum err_code read_words(struct act_fitter *f, struct err *err)
{
	const struct inbox_row *row = f->now;
	if (f->words_known) return OK;
	TRY(search_fold(row->comment, &f->row, &f->folded, err));
	TRY(stems_of(f, row->comment, text_language_of(row->lang), &f->row, &f->stems, &f->n_stems, err));
	f->lang = f->read_as;
	f->words_known = true;
	return OK;
}

/* The words of a term, one behind the other, whatever their endings. */
static bool stems_fit(const struct act_fitter *f, const struct str *wanted, size_t n)
{
	for (size_t at = 0; at + n <= f->n_stems; at++) {
		size_t same = 0;
		while (same < n && str_eq(f->stems[at + same], wanted[same])) same++;
		if (same == n) return true;
	}
	return false;
}

/* Stems of all words of a search, in order; 0 where the reader sees other words in it than the search does. */
static enum err_code wanted_stems(struct act_fitter *f, const struct act_rule *r, size_t i, struct str **out, size_t *n,
                                  struct err *err)
{
	size_t words = 0;
	TRY(stems_of(f, r->texts[i], f->lang, &f->scratch, out, n, err));
	for (size_t k = 0; k < r->words[i].n; k++) words += r->words[i].terms[k].n;
	if (*n != words) *n = 0;
	return OK;
}

/* Every term as it is written, or by its stems. */
static enum err_code query_fits(struct act_fitter *f, const struct act_rule *r, size_t i, bool *out, struct err *err)
{
	const struct search_query *q = &r->words[i];
	struct str *wanted;
	size_t n, at = 0;
	TRY(wanted_stems(f, r, i, &wanted, &n, err));
	*out = true;
	for (size_t k = 0; k < q->n && *out; at += q->terms[k++].n) {
		const struct search_query one = { .terms = { q->terms[k] }, .n = 1 };
		*out = search_fits(&one, &f->folded) ||
		       (n && !q->terms[k].without && stems_fit(f, wanted + at, q->terms[k].n));
	}
	return OK;
}

static enum err_code words_fit(struct act_fitter *f, const struct act_rule *r, bool *out, struct err *err)
{
	*out = false;
	if (!f->now->comment.len) return OK;
	TRY(read_words(f, err));
	for (size_t i = 0; i < r->n_words && !*out; i++) TRY(query_fits(f, r, i, out, err));
	return OK;
}

/* --- the rest ----------------------------------------------------------------------------------------- */

static bool score_fits(const struct act_rule *r, const struct inbox_row *row)
{
	if (!row->has_score) return false;
	if (!r->score_kind.len) return row->utility <= r->at_most;
	return str_eq(row->score_kind, r->score_kind) && row->score <= r->at_most;
}

static bool event_fits(const struct act_rule *r, const struct inbox_row *row)
{
	for (size_t i = 0; i < r->n_events; i++)
		if (str_eq(row->event, r->events[i]) || str_eq(row->about, r->events[i])) return true;
	return false;
}

static bool feels(unsigned feelings, bool felt, double sentiment)
{
	const unsigned is = !felt                  ? INBOX_NOT_TOLD
	                    : sentiment < -1.0 / 3 ? INBOX_NEGATIVE
	                    : sentiment > 1.0 / 3  ? INBOX_POSITIVE
	                                           : INBOX_NEUTRAL;
	return !feelings || feelings & is;
}

static bool topic_asked(const struct act_rule *r, struct str topic)
{
	for (size_t i = 0; i < r->n_topics; i++)
		if (str_eq(r->topics[i], topic)) return true;
	return false;
}

/* One of the topics; where all parts of the rule have to fit, felt as the rule says. */
static enum err_code topics_fit(struct act_fitter *f, const struct act_rule *r, bool *out, struct err *err)
{
	*out = false;
	TRY(hear(f, err));
	for (size_t i = 0; i < f->heard.n && !*out; i++) {
		const struct insight_heard_topic *t = &f->heard.topics[i];
		*out = topic_asked(r, t->topic) && feels(r->any ? 0 : r->feelings, t->felt, t->sentiment);
	}
	return OK;
}

static enum err_code feelings_fit(struct act_fitter *f, const struct act_rule *r, bool *out, struct err *err)
{
	*out = false;
	if (!f->now->comment.len) return OK;
	TRY(hear(f, err));
	*out = feels(r->feelings, f->heard.felt, f->heard.sentiment);
	return OK;
}

static enum err_code lang_fits(struct act_fitter *f, struct str lang, bool *out, struct err *err)
{
	*out = !lang.len || str_eq(lang, f->now->lang);
	if (*out || f->now->lang.len) return OK;
	TRY(hear(f, err));
	*out = str_eq(lang, f->heard.lang);
	return OK;
}

enum part { SCORE, EVENTS, WORDS, TOPICS, FEELINGS, PARTS };

static enum err_code part_fits(struct act_fitter *f, const struct act_rule *r, enum part part, bool *out,
                               struct err *err)
{
	switch (part) {
	case SCORE: *out = score_fits(r, f->now); return OK;
	case EVENTS: *out = event_fits(r, f->now); return OK;
	case WORDS: return words_fit(f, r, out, err);
	case TOPICS: return topics_fit(f, r, out, err);
	case FEELINGS: return feelings_fit(f, r, out, err);
	case PARTS: break;
	}
	return OK;
}

enum err_code act_rule_fits(struct act_fitter *f, const struct act_rule *r, const struct inbox_row *row, bool *out,
                            struct err *err)
{
	/* A feeling beside topics is that of their part, which topics_fit looks at. */
	const bool asked[PARTS] = { !isnan(r->at_most), r->n_events > 0, r->n_words > 0, r->n_topics > 0,
		                    r->feelings && (r->any || !r->n_topics) };
	bool all = true, any = false;
	turn_to(f, row);
	*out = false;
	if (!unit_under(row->unit, r->unit) || (r->channel.len && !str_eq(r->channel, row->channel))) return OK;
	for (int i = 0; i < PARTS && (r->any ? !any : all); i++) {
		bool fits = false;
		if (!asked[i]) continue;
		TRY(part_fits(f, r, (enum part)i, &fits, err));
		all = all && fits;
		any = any || fits;
	}
	if (r->any ? any : all) TRY(lang_fits(f, r->lang, out, err));
	return OK;
}
