/* Comments that stand for many. */
#include <math.h>

#include "base/hash.h"
#include "insight/priv.h"

#define LOOKED_AT 2000
#define LONG_MIN 20 /* bytes of a quote that says enough to be shown, and not too much */
#define LONG_MAX 400

struct candidate {
	struct insight_quote q;
	double far;   /* from the median feeling */
	bool awkward; /* too short or too long */
	uint64_t hash;
	size_t newer; /* how many are */
};

static int by_far(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	if (a->awkward != b->awkward) return a->awkward - b->awkward;
	if (a->far != b->far) return a->far < b->far ? -1 : 1;
	return (a->newer > b->newer) - (a->newer < b->newer);
}

static int by_value(const void *pa, const void *pb)
{
	const double a = *(const double *)pa, b = *(const double *)pb;
	return (a > b) - (a < b);
}

static enum err_code median_feeling(const struct candidate *c, size_t n, struct arena *a, double *out, struct err *err)
{
	double *felt = ARENA_ARRAY(a, double, n);
	size_t m = 0;
	if (!felt) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (c[i].q.felt) felt[m++] = c[i].q.sentiment;
	if (m) qsort(felt, m, sizeof *felt, by_value);
	*out = m ? felt[m / 2] : 0;
	return OK;
}

static enum err_code candidates(struct insight *x, const struct insight_scope *scope, struct str topic, struct arena *a,
                                struct candidate **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	struct candidate *c = ARENA_ARRAY(a, struct candidate, LOOKED_AT);
	if (!c) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "insight_quotes", err));
	scope_bind(s, scope, scope->from_ms, scope->to_ms);
	stmt_bind_str(s, 8, topic);
	stmt_bind_i64(s, 9, LOOKED_AT);
	enum err_code rc = OK;
	for (*n = 0; *n < LOOKED_AT && (rc = stmt_step(s, &row, err)) == OK && row; ++*n) {
		const struct str comment = stmt_str(s, 2);
		struct candidate *k = &c[*n];
		k->q = (struct insight_quote){ .arrival = (uint64_t)stmt_i64(s, 0),
			                       .felt = !stmt_null(s, 1),
			                       .sentiment = stmt_double(s, 1),
			                       .comment = str_copy(a, comment) };
		k->awkward = comment.len < LONG_MIN || comment.len > LONG_MAX;
		k->hash = hash64(comment);
		k->newer = *n;
		if (!k->q.comment.ptr) {
			rc = err_no_memory(err);
			break;
		}
	}
	stmt_free(s);
	*out = c;
	return rc;
}

static bool among(const struct candidate *c, size_t n, uint64_t hash)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].hash == hash) return true;
	return false;
}

enum err_code insight_quotes(struct insight *x, const struct insight_scope *scope, struct str topic, size_t max,
                             struct arena *a, struct insight_quote **out, size_t *n_out, struct err *err)
{
	struct candidate *c = NULL;
	size_t n = 0, kept = 0;
	double middle = 0;
	TRY(candidates(x, scope, topic, a, &c, &n, err));
	TRY(median_feeling(c, n, a, &middle, err));
	for (size_t i = 0; i < n; i++) c[i].far = c[i].q.felt ? fabs(c[i].q.sentiment - middle) : 2;
	if (n) qsort(c, n, sizeof *c, by_far);
	struct insight_quote *quotes = ARENA_ARRAY(a, struct insight_quote, max);
	if (!quotes) return err_no_memory(err);
	for (size_t i = 0; i < n && kept < max; i++) {
		if (among(c, i, c[i].hash)) continue;
		quotes[kept++] = c[i].q;
	}
	*out = quotes;
	*n_out = kept;
	return OK;
}
