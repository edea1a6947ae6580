/* What one comment says, in short. */
#include <math.h>

#include "insight/priv.h"

static enum err_code kept_topics(struct insight *x, uint64_t arrival, struct arena *a, struct insight_heard *h,
                                 struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	h->topics = ARENA_ARRAY(a, struct insight_heard_topic, TEXT_TOPICS_MAX);
	if (!h->topics) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "insight_heard_topics", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	while (rc == OK && h->n < TEXT_TOPICS_MAX && (rc = stmt_step(s, &row, err)) == OK && row) {
		struct insight_heard_topic *t = &h->topics[h->n++];
		*t = (struct insight_heard_topic){ .topic = str_copy(a, stmt_str(s, 0)),
			                           .felt = !stmt_null(s, 1),
			                           .sentiment = stmt_double(s, 1) };
		if (!t->topic.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

static enum err_code kept(struct insight *x, uint64_t arrival, struct arena *a, struct insight_heard *h, bool *known,
                          struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, x->st, "insight_heard", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	enum err_code rc = stmt_step(s, known, err);
	if (rc == OK && *known) {
		h->lang = str_copy(a, stmt_str(s, 0));
		h->felt = !stmt_null(s, 1);
		h->sentiment = stmt_double(s, 1);
		if (!h->lang.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc == OK && *known ? kept_topics(x, arrival, a, h, err) : rc;
}

/* Means over the parts, as they are kept. */
static enum err_code read_now(struct insight *x, struct str comment, struct str lang, struct arena *a,
                              struct insight_heard *h, struct err *err)
{
	struct insight_comment r;
	TRY(insight_read(x, comment, lang, NULL, a, &r, err));
	*h = (struct insight_heard){ .lang = r.lang, .felt = r.felt, .sentiment = r.sentiment };
	h->topics = ARENA_ARRAY(a, struct insight_heard_topic, r.n);
	int64_t *parts = ARENA_ARRAY(a, int64_t, r.n);
	if (!h->topics || !parts) return err_no_memory(err);
	for (size_t i = 0; i < r.n; i++) {
		size_t k = 0;
		while (k < h->n && !str_eq(h->topics[k].topic, r.said[i].topic)) k++;
		if (k == h->n) h->topics[h->n++] = (struct insight_heard_topic){ .topic = r.said[i].topic };
		if (!r.said[i].felt) continue;
		struct insight_heard_topic *t = &h->topics[k];
		t->felt = true;
		t->sentiment += (r.said[i].sentiment - t->sentiment) / (double)++parts[k];
	}
	return OK;
}

enum err_code insight_heard(struct insight *x, uint64_t arrival, struct str comment, struct str lang, struct arena *a,
                            struct insight_heard *out, struct err *err)
{
	struct insight_heard h = { 0 };
	bool known = false;
	TRY(kept(x, arrival, a, &h, &known, err));
	if (!known) TRY(read_now(x, comment, lang, a, &h, err));
	*out = h;
	return OK;
}

enum err_code insight_sentiments(struct insight *x, const uint64_t *arrivals, size_t n, double *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(stmt_prepare(&s, x->st, "insight_sentiment", err));
	enum err_code rc = OK;
	for (size_t i = 0; rc == OK && i < n; i++) {
		stmt_bind_i64(s, 1, (int64_t)arrivals[i]);
		rc = stmt_step(s, &row, err);
		out[i] = rc == OK && row && !stmt_null(s, 0) ? stmt_double(s, 0) : NAN;
		stmt_again(s);
	}
	stmt_free(s);
	return rc;
}
