/* How often the model in use errs here, what that makes of its counts, and what to ask people next. */
#include <math.h>

#include "base/json.h"
#include "insight/priv.h"

#define JUDGED_MIN 30 /* comments that feel so, and that do not, to know how the model errs */

int64_t confusion_right(const struct insight_confusion *c, int64_t *n)
{
	int64_t right = 0;
	*n = 0;
	for (int i = 0; i < INSIGHT_FEELINGS; i++) {
		right += c->n[i][i];
		for (int k = 0; k < INSIGHT_FEELINGS; k++) *n += c->n[i][k];
	}
	return right;
}

/* Mean over the feelings that were told or read; 0 of none. */
double macro_f1(const struct insight_confusion *c)
{
	double sum = 0;
	int labels = 0;
	for (int i = 0; i < INSIGHT_FEELINGS; i++) {
		int64_t told = 0, read = 0;
		for (int k = 0; k < INSIGHT_FEELINGS; k++) told += c->n[i][k], read += c->n[k][i];
		if (!(told + read)) continue;
		sum += 2.0 * (double)c->n[i][i] / (double)(told + read);
		labels++;
	}
	return labels ? sum / labels : 0;
}

/* --- quality ------------------------------------------------------------------------------------------- */

/* "own": {"confusion": [[…],[…],[…]]} of a report. */
static void confusion_read(struct str report, struct insight_confusion *out)
{
	struct str own, matrix;
	struct json_reader r;
	int at = 0;
	*out = (struct insight_confusion){ 0 };
	if (!json_get(report, STR("own"), &own) || !json_get(own, STR("confusion"), &matrix)) return;
	json_read(&r, matrix);
	for (enum json_token t = json_next(&r);
	     t != JT_END && t != JT_ERROR && at < INSIGHT_FEELINGS * INSIGHT_FEELINGS; t = json_next(&r)) {
		int64_t v = 0;
		if (t != JT_NUMBER) continue;
		if (str_to_i64(r.raw, &v)) out->n[at / INSIGHT_FEELINGS][at % INSIGHT_FEELINGS] = v;
		at++;
	}
}

/* The shipped model has seen none of our comments; one of our own is judged by what its folds found. */
static enum err_code confusions(struct insight *x, struct arena *a, struct insight_quality *out, struct err *err)
{
	struct insight_in_use use[INSIGHT_LANGUAGES];
	struct labelled_list list;
	struct topic_set *set = set_hold(x);
	const int64_t reader = set->models->reader;
	set_let_go(x, set);
	TRY(insight_in_use(x, a, use, err));
	TRY(labelled_read(x, a, &list, err));
	for (size_t i = 0; i < list.n; i++) {
		const struct labelled *k = &list.rows[i];
		if (k->judges && !isnan(k->judged) && k->reader == reader && !use[k->lang].model)
			out[k->lang].confusion.n[k->label][insight_feeling_of(k->judged)]++;
	}
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) {
		struct insight_model m;
		if (!use[i].model) continue;
		TRY(insight_model(x, use[i].model, a, &m, err));
		confusion_read(m.report, &out[i].confusion);
	}
	return OK;
}

static enum err_code tell_quality(struct insight *x, struct insight_quality out[INSIGHT_LANGUAGES], struct err *err)
{
	struct arena a;
	arena_init(&a, 64 * MIB);
	memset(out, 0, INSIGHT_LANGUAGES * sizeof *out);
	enum err_code rc = confusions(x, &a, out, err);
	for (size_t i = 0; rc == OK && i < INSIGHT_LANGUAGES; i++) {
		int64_t n;
		const int64_t right = confusion_right(&out[i].confusion, &n);
		out[i].macro_f1 = macro_f1(&out[i].confusion);
		rc = stats_proportion(right, n, &out[i].accuracy, err);
		stats_mark(&out[i].accuracy);
	}
	arena_done(&a);
	return rc;
}

/* Told again only after something changed: it reads INSIGHT_LABELLED_MAX comments, and stands beside each figure. */
enum err_code insight_quality(struct insight *x, struct insight_quality out[INSIGHT_LANGUAGES], struct err *err)
{
	const uint64_t now = atomic_load(&x->changes) + 1;
	pthread_mutex_lock(&x->quality.lock);
	const bool known = x->quality.at == now;
	if (known) memcpy(out, x->quality.is, sizeof x->quality.is);
	pthread_mutex_unlock(&x->quality.lock);
	if (known) return OK;
	TRY(tell_quality(x, out, err));
	pthread_mutex_lock(&x->quality.lock);
	x->quality.at = now;
	memcpy(x->quality.is, out, sizeof x->quality.is);
	pthread_mutex_unlock(&x->quality.lock);
	return OK;
}

/* --- counts -------------------------------------------------------------------------------------------------- */

static enum err_code count_adjust(const struct insight_confusion *c, int feeling, struct insight_count *out,
                                  struct err *err)
{
	struct stats_count found = { 0 }, spared = { 0 };
	for (int i = 0; i < INSIGHT_FEELINGS; i++)
		for (int k = 0; k < INSIGHT_FEELINGS; k++) {
			struct stats_count *t = i == feeling ? &found : &spared;
			t->n += c->n[i][k];
			t->hits += (i == feeling) == (k == feeling) ? c->n[i][k] : 0;
		}
	TRY(stats_adjusted((struct stats_count){ out->read, out->of }, found, spared, &out->adjusted, err));
	if (found.n < JUDGED_MIN || spared.n < JUDGED_MIN) {
		out->why = "few";
		out->adjusted.est = out->adjusted.lo = out->adjusted.hi = out->adjusted.lo80 = out->adjusted.hi80 = 0;
		out->adjusted.flags |= STATS_NOT_IDENTIFIED;
	} else if (out->adjusted.flags & STATS_NOT_IDENTIFIED) {
		out->why = out->adjusted.flags & STATS_EXTRAPOLATED ? "elsewhere" : out->of ? "blind" : "none";
	}
	return OK;
}

enum err_code insight_counts(struct insight *x, const struct insight_scope *scope,
                             const struct insight_quality quality[INSIGHT_LANGUAGES],
                             struct insight_counts out[INSIGHT_LANGUAGES], struct err *err)
{
	static const int place[TEXT_LANGUAGES] = { [TEXT_EN] = 1, [TEXT_AR] = 2, [TEXT_FA] = 3 }; /* one up */
	struct picks p;
	memset(out, 0, INSIGHT_LANGUAGES * sizeof *out);
	TRY(picks_take(x, scope, scope->from_ms, scope->to_ms, false, &p, err));
	for (size_t i = 0; i < p.n; i++) {
		const struct column_row *r = &x->columns.rows[p.of[i].row];
		if (!place[r->lang] || isnan(r->judged)) continue;
		struct insight_counts *of = &out[place[r->lang] - 1];
		of->feeling[insight_feeling_of(r->judged)].read++;
		for (int k = 0; k < INSIGHT_FEELINGS; k++) of->feeling[k].of++;
	}
	picks_done(x, &p);
	enum err_code rc = OK;
	for (size_t i = 0; rc == OK && i < INSIGHT_LANGUAGES; i++)
		for (int k = 0; rc == OK && k < INSIGHT_FEELINGS; k++)
			rc = count_adjust(&quality[i].confusion, k, &out[i].feeling[k], err);
	return rc;
}

/* --- the queue ------------------------------------------------------------------------------------------------- */

static struct str any(struct str s)
{
	return s.len ? s : (struct str){ NULL, 0 };
}

static bool among(const struct insight_doubt *list, size_t n, uint64_t arrival)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].arrival == arrival) return true;
	return false;
}

static enum err_code doubtful(struct insight *x, struct str unit, struct str lang, size_t max,
                              struct insight_doubt *out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_doubtful", err));
	stmt_bind_str(s, 1, any(unit));
	stmt_bind_str(s, 2, any(lang));
	stmt_bind_i64(s, 3, (int64_t)max);
	enum err_code rc = OK;
	for (*n = 0; *n < max && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		out[*n] = (struct insight_doubt){ (uint64_t)stmt_i64(s, 0), stmt_double(s, 1), INSIGHT_DOUBTFUL };
	stmt_free(s);
	return rc;
}

static enum err_code drawable(struct insight *x, struct str unit, struct str lang, int64_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, x->st, "insight_drawable_count", err));
	stmt_bind_str(s, 1, any(unit));
	stmt_bind_str(s, 2, any(lang));
	const enum err_code rc = stmt_step(s, &row, err);
	*n = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	return rc;
}

static enum err_code draw(struct insight *x, struct str unit, struct str lang, int64_t place, struct insight_doubt *out,
                          bool *drawn, struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, x->st, "insight_drawn", err));
	stmt_bind_str(s, 1, any(unit));
	stmt_bind_str(s, 2, any(lang));
	stmt_bind_i64(s, 3, place);
	const enum err_code rc = stmt_step(s, drawn, err);
	if (rc == OK && *drawn)
		*out = (struct insight_doubt){ (uint64_t)stmt_i64(s, 0), stmt_double(s, 1), INSIGHT_BY_CHANCE };
	stmt_free(s);
	return rc;
}

/* Lots fall before doubts are looked at: on a doubtful comment as on any other. */
static enum err_code lots(struct insight *x, struct str unit, struct str lang, uint64_t seed, size_t max,
                          struct insight_doubt *out, size_t *n, struct err *err)
{
	struct rng rng;
	int64_t all;
	TRY(drawable(x, unit, lang, &all, err));
	rng_init(&rng, seed, 0);
	*n = 0;
	for (size_t i = 0; i < max && all > 0; i++) {
		bool drawn = false;
		TRY(draw(x, unit, lang, (int64_t)rng_below(&rng, (uint64_t)all), &out[*n], &drawn, err));
		if (drawn && !among(out, *n, out[*n].arrival)) ++*n;
	}
	return OK;
}

struct given_out {
	const struct insight_doubt *list;
	size_t n;
};

static enum err_code given_out_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct given_out *g = ctx;
	for (size_t i = 0; i < g->n; i++) {
		struct stmt *s = NULL;
		bool row;
		TRY(write_prepare(&s, w, "insight_given_out_put", err));
		stmt_bind_i64(s, 1, (int64_t)g->list[i].arrival);
		stmt_bind_i64(s, 2, g->list[i].chosen);
		const enum err_code rc = stmt_step(s, &row, err);
		stmt_free(s);
		TRY(rc);
	}
	return OK;
}

enum err_code given_out_why(struct insight *x, uint64_t arrival, enum insight_chosen *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = INSIGHT_BY_HAND;
	TRY(stmt_prepare(&s, x->st, "insight_given_out", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *out = (enum insight_chosen)stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

enum err_code insight_queue(struct insight *x, struct str unit, struct str lang, uint64_t seed, size_t max,
                            struct insight_doubt *out, size_t *n, struct err *err)
{
	struct insight_doubt doubts[INSIGHT_QUEUE_MAX], lot[INSIGHT_QUEUE_MAX / INSIGHT_LOT + 1];
	size_t n_doubts, n_lots, at = 0, next = 0;
	if (max > INSIGHT_QUEUE_MAX) max = INSIGHT_QUEUE_MAX;
	TRY(lots(x, unit, lang, seed, max / INSIGHT_LOT, lot, &n_lots, err));
	TRY(doubtful(x, unit, lang, max, doubts, &n_doubts, err));
	for (*n = 0; *n < max;) {
		while (at < n_doubts && among(lot, n_lots, doubts[at].arrival)) at++;
		const bool turn = *n % INSIGHT_LOT == INSIGHT_LOT - 1;
		if (next < n_lots && (turn || at == n_doubts)) out[(*n)++] = lot[next++];
		else if (at < n_doubts) out[(*n)++] = doubts[at++];
		else break;
	}
	struct given_out given = { out, *n };
	return *n ? store_write(x->st, given_out_write, &given, err) : OK;
}

enum err_code insight_taught(struct insight *x, struct insight_taught *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	*out = (struct insight_taught){ 0 };
	TRY(stmt_prepare(&s, x->st, "insight_taught", err));
	stmt_bind_i64(s, 1, INSIGHT_TAUGHT);
	enum err_code rc = OK;
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		const int64_t chosen = stmt_i64(s, 0);
		out->by[chosen].n++;
		out->by[chosen].wrong +=
		        stmt_null(s, 1) || (int64_t)insight_feeling_of(stmt_double(s, 1)) != stmt_i64(s, 2);
	}
	stmt_free(s);
	return rc;
}
