/* What the comments of a topic say more than others. */
#include "insight/priv.h"

#define LOOKED_AT 10000
#define AT_LEAST 3 /* comments that say a phrase */

struct hearing {
	struct text_reader *reader;
	struct text_phrases *of[TEXT_TONGUES];
	const struct text_topics *topics;
	size_t topic;
	int64_t comments; /* that speak of it */
};

static bool speaks_of(const struct hearing *h, const struct text *t)
{
	struct text_hit hits[INSIGHT_HITS_MAX];
	const size_t n = text_topics_find(h->topics, t, hits, INSIGHT_HITS_MAX);
	for (size_t i = 0; i < n; i++)
		if (hits[i].topic == h->topic) return true;
	return false;
}

/* The words of which tongue a text is told by; TEXT_TONGUES for another language. */
static enum text_tongue tongue_to_use(const struct text *t)
{
	if (t->lang == TEXT_OTHER) return TEXT_TONGUES;
	if (t->lang == TEXT_LATIN_AR_FA) return TEXT_IN_LATIN;
	return t->fold == TEXT_AR ? TEXT_IN_AR : t->fold == TEXT_FA ? TEXT_IN_FA : TEXT_IN_EN;
}

static enum err_code hear(struct hearing *h, struct str comment, struct str lang, struct err *err)
{
	struct text t;
	text_read(h->reader, comment, text_language_of(lang), &t);
	const enum text_tongue tongue = tongue_to_use(&t);
	if (tongue == TEXT_TONGUES) return OK;
	const bool said = speaks_of(h, &t);
	h->comments += said;
	return text_phrases_add(h->of[tongue], &t, said, err);
}

static enum err_code hear_all(struct insight *x, const struct insight_scope *scope, struct hearing *h, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_texts", err));
	scope_bind(s, scope, scope->from_ms, scope->to_ms);
	stmt_bind_i64(s, 8, LOOKED_AT);
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row)
		rc = hear(h, stmt_str(s, 0), stmt_str(s, 1), err);
	stmt_free(s);
	return rc;
}

static int by_telling(const void *pa, const void *pb)
{
	const struct insight_phrase *a = pa, *b = pb;
	if (a->z != b->z) return a->z > b->z ? -1 : 1;
	return str_cmp(a->words, b->words);
}

static enum err_code top_of(const struct hearing *h, struct arena *a, struct insight_phrase **out, size_t *n,
                            struct err *err)
{
	const struct text_phrases_ask ask = { AT_LEAST, .25, true, INSIGHT_PHRASES_MAX };
	struct insight_phrase *list = ARENA_ARRAY(a, struct insight_phrase, TEXT_TONGUES * INSIGHT_PHRASES_MAX);
	size_t m = 0;
	if (!list) return err_no_memory(err);
	for (int k = 0; k < TEXT_TONGUES; k++) {
		struct text_phrase *top;
		size_t n_top;
		TRY(text_phrases_top(h->of[k], &ask, a, &top, &n_top, err));
		const bool alone = text_phrases_texts(h->of[k], 0) == 0; /* nothing to tell them from */
		for (size_t i = 0; i < n_top; i++)
			if (top[i].n[1] > 0 && (alone || top[i].z > 0))
				list[m++] = (struct insight_phrase){ (enum text_tongue)k, top[i].words, top[i].n[1],
					                             top[i].n[0], top[i].z };
	}
	qsort(list, m, sizeof *list, by_telling);
	*out = list;
	*n = m < INSIGHT_PHRASES_MAX ? m : INSIGHT_PHRASES_MAX;
	return OK;
}

enum err_code insight_phrases(struct insight *x, const struct insight_scope *scope, struct str topic, struct arena *a,
                              struct insight_phrase **out, size_t *n, int64_t *comments, struct err *err)
{
	struct topic_set *set = set_hold(x);
	struct hearing h = { .reader = text_reader_new(),
		             .topics = set->topics,
		             .topic = topic_place(set->topics, topic) };
	enum err_code rc = h.reader ? OK : err_no_memory(err);
	if (rc == OK && h.topic == text_topics_count(set->topics))
		rc = err_set(err, ERR_NOT_FOUND, "insight.no_topic", "topic", "there is no topic of this key");
	for (int k = 0; rc == OK && k < TEXT_TONGUES; k++)
		if (!(h.of[k] = text_phrases_new())) rc = err_no_memory(err);
	if (rc == OK) rc = hear_all(x, scope, &h, err);
	if (rc == OK) rc = top_of(&h, a, out, n, err);
	if (rc == OK) *comments = h.comments;
	for (int k = 0; k < TEXT_TONGUES; k++) text_phrases_free(h.of[k]);
	text_reader_free(h.reader);
	set_let_go(x, set);
	return rc;
}
