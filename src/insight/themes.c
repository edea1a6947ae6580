/* Themes that nobody named, and which of them were there before. */
#include "insight/priv.h"

static enum err_code find(struct insight *x, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms,
                          size_t themes, struct arena *a, struct text_themes *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	struct text_corpus *corpus = text_corpus_new();
	struct text_reader *reader = text_reader_new();
	const struct text_themes_ask ask = { .n = themes, .seed = 1, .at_least = 5, .rounds = 60 };
	enum err_code rc = corpus && reader ? stmt_prepare(&s, x->st, "insight_texts", err) : err_no_memory(err);
	if (rc == OK) {
		scope_bind(s, scope, from_ms, to_ms);
		stmt_bind_i64(s, 8, TEXT_CORPUS_TEXTS_MAX / 5);
	}
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		struct text t;
		text_read(reader, stmt_str(s, 0), text_language_of(stmt_str(s, 1)), &t);
		rc = text_corpus_add(corpus, &t, err);
	}
	stmt_free(s);
	if (rc == OK) rc = text_themes_find(corpus, &ask, NULL, NULL, a, out, err);
	text_corpus_free(corpus);
	text_reader_free(reader);
	return rc;
}

enum err_code insight_themes(struct insight *x, const struct insight_scope *scope, size_t themes, struct arena *a,
                             struct text_themes *out, struct err *err)
{
	return find(x, scope, scope->from_ms, scope->to_ms, themes, a, out, err);
}

const char *const insight_theme_fates[INSIGHT_THEME_FATES] = { "stays", "grew", "shrank", "new", "ended" };

/* The shares of a theme that was found in both; p of no difference. */
static enum err_code both_shares(struct stats_count now, struct stats_count before, struct insight_theme *out,
                                 struct err *err)
{
	TRY(stats_newcombe(now, before, &out->share.diff, err));
	out->share.p = stats_same_share(now, before);
	return OK;
}

static enum err_code theme_of(const struct text_themes *now, const struct text_theme *t,
                              const struct text_themes *before, const struct text_theme *b, struct insight_theme *out,
                              struct err *err)
{
	const struct stats_count is = { t ? t->texts : 0, (int64_t)now->n_texts };
	const struct stats_count was = { b ? b->texts : 0, (int64_t)before->n_texts };
	*out = (struct insight_theme){ .words = t ? t->words : b->words,
		                       .n_words = t ? t->n_words : b->n_words,
		                       .was = b ? b->words : NULL,
		                       .n_was = b ? b->n_words : 0,
		                       .n = is.hits,
		                       .n_before = was.hits,
		                       .fate = !b  ? INSIGHT_THEME_NEW
		                               : t ? INSIGHT_THEME_STAYS
		                                   : INSIGHT_THEME_ENDED,
		                       .share = { .p = 1, .p_adjusted = 1 } };
	out->share.diff.flags = STATS_NOT_IDENTIFIED;
	TRY(stats_proportion(is.hits, is.n, &out->share.is, err));
	TRY(stats_proportion(was.hits, was.n, &out->share_before, err));
	stats_mark(&out->share.is);
	stats_mark(&out->share_before);
	return t && b ? both_shares(is, was, out, err) : OK;
}

static enum err_code settle(struct insight_theme *themes, size_t n, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, n), *adjusted = ARENA_ARRAY(a, double, n);
	size_t m = 0;
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (themes[i].fate == INSIGHT_THEME_STAYS) p[m++] = themes[i].share.p;
	TRY(stats_bh(p, m, a, adjusted, err));
	m = 0;
	for (size_t i = 0; i < n; i++) {
		struct insight_figure *f = &themes[i].share;
		if (themes[i].fate != INSIGHT_THEME_STAYS) continue;
		f->p_adjusted = adjusted[m++];
		f->distinguishable = f->p_adjusted <= .05 && (f->diff.lo > 0 || f->diff.hi < 0);
		if (f->distinguishable) themes[i].fate = f->diff.est > 0 ? INSIGHT_THEME_GREW : INSIGHT_THEME_SHRANK;
	}
	return OK;
}

enum err_code insight_themes_since(struct insight *x, const struct insight_scope *scope, int64_t before_from_ms,
                                   int64_t before_to_ms, size_t themes, struct arena *a, struct insight_theme_list *out,
                                   struct err *err)
{
	struct text_themes now, before;
	int match[TEXT_THEMES_MAX];
	bool found[TEXT_THEMES_MAX] = { false };
	if (before_from_ms >= before_to_ms || before_to_ms > scope->from_ms)
		return err_set(err, ERR_INPUT, "insight.before", "before_to",
		               "the period before must end before the other begins");
	TRY(find(x, scope, before_from_ms, before_to_ms, themes, a, &before, err));
	TRY(find(x, scope, scope->from_ms, scope->to_ms, themes, a, &now, err));
	struct insight_theme_list l = { .comments = (int64_t)now.n_texts, .comments_before = (int64_t)before.n_texts };
	l.themes = ARENA_ARRAY(a, struct insight_theme, now.n + before.n);
	if (!l.themes) return err_no_memory(err);
	TRY(text_themes_match(&before, &now, match, err));
	for (size_t i = 0; i < now.n; i++) {
		if (match[i] >= 0) found[match[i]] = true;
		TRY(theme_of(&now, &now.themes[i], &before, match[i] >= 0 ? &before.themes[match[i]] : NULL,
		             &l.themes[l.n++], err));
	}
	for (size_t i = 0; i < before.n; i++)
		if (!found[i]) TRY(theme_of(&now, NULL, &before, &before.themes[i], &l.themes[l.n++], err));
	TRY(settle(l.themes, l.n, a, err));
	*out = l;
	return OK;
}
