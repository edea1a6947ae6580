/* Emotions and levels of engagement that comments name. */
#include "insight/priv.h"

#define SEEDS_BYTES_MAX (16 * MIB)

/* Scratch of one question. */
struct naming {
	struct text_reader *reader;
	struct arena a;
	struct text_topics *moods;
	int64_t n[TEXT_TOPICS_MAX];
	int64_t comments;
};

/* Each mood once, if one of its words stands there undenied. */
static void count_moods(struct naming *g, struct str comment, struct str lang)
{
	struct text t;
	struct text_hit hits[INSIGHT_HITS_MAX];
	bool named[TEXT_TOPICS_MAX] = { false };
	text_read(g->reader, comment, text_language_of(lang), &t);
	if (t.lang == TEXT_OTHER) return;
	g->comments++;
	const size_t n = text_topics_find(g->moods, &t, hits, COUNT_OF(hits));
	for (size_t i = 0; i < n; i++) {
		if (named[hits[i].topic] || text_negated(&t, hits[i].first, hits[i].last)) continue;
		named[hits[i].topic] = true;
		g->n[hits[i].topic]++;
	}
}

static enum err_code count_all(struct insight *x, const struct insight_scope *scope, struct naming *g, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_texts", err));
	scope_bind(s, scope, scope->from_ms, scope->to_ms);
	stmt_bind_i64(s, 8, INSIGHT_MOODS_MAX);
	enum err_code rc = OK;
	while ((rc = stmt_step(s, &row, err)) == OK && row) count_moods(g, stmt_str(s, 0), stmt_str(s, 1));
	stmt_free(s);
	return rc;
}

static enum err_code settle(const struct naming *g, struct arena *a, struct insight_moods *out, struct err *err)
{
	struct insight_moods m = { .n = text_topics_count(g->moods), .comments = g->comments };
	m.moods = ARENA_ARRAY(a, struct insight_mood, m.n);
	if (!m.moods) return err_no_memory(err);
	for (size_t i = 0; i < m.n; i++) {
		const struct text_topic *from = text_topics_at(g->moods, i);
		struct insight_mood *to = &m.moods[i];
		to->n = g->n[i];
		to->key = str_copy(a, from->key);
		if (!to->key.ptr) return err_no_memory(err);
		for (int k = 0; k < TEXT_IN_LATIN; k++)
			if (!(to->names[k] = str_copy(a, from->names[k])).ptr) return err_no_memory(err);
		TRY(stats_proportion(to->n, m.comments, &to->share, err));
		stats_mark(&to->share);
	}
	*out = m;
	return OK;
}

enum err_code insight_moods(struct insight *x, const struct insight_scope *scope, struct arena *a,
                            struct insight_moods *out, struct err *err)
{
	struct naming g = { .reader = text_reader_new() };
	arena_init(&g.a, SEEDS_BYTES_MAX);
	enum err_code rc = g.reader ? text_topics_read(text_moods_shipped(), &g.a, &g.moods, err) : err_no_memory(err);
	if (rc == OK) rc = count_all(x, scope, &g, err);
	if (rc == OK) rc = settle(&g, a, out, err);
	arena_done(&g.a);
	text_reader_free(g.reader);
	return rc;
}
