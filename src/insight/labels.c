/* Feelings that people gave with a score, or told: what there is to learn from, and to judge by. */
#include <math.h>

#include "base/json.h"
#include "insight/priv.h"

const struct insight_scale_ends insight_scales[INSIGHT_SCALES] = {
	[INSIGHT_NPS] = { "nps", 0, 10 },
	[INSIGHT_CSAT] = { "csat", 1, 5 },
	[INSIGHT_CES] = { "ces", 1, 7 },
	[INSIGHT_RATING] = { "rating", 1, 5 },
};
/* The detractors and promoters of NPS; the boxes at both ends of the others. */
static const struct insight_labelling usual = { .scale = { [INSIGHT_NPS] = { true, 6, 9 },
	                                                   [INSIGHT_CSAT] = { true, 2, 4 },
	                                                   [INSIGHT_CES] = { true, 3, 5 },
	                                                   [INSIGHT_RATING] = { true, 2, 4 } },
	                                        .author = { "", 0 } };

enum text_feeling_label insight_feeling_of(double sentiment)
{
	return sentiment < -1.0 / 3 ? TEXT_NEGATIVE : sentiment > 1.0 / 3 ? TEXT_POSITIVE : TEXT_NEUTRAL;
}

/* --- from score to feeling ---------------------------------------------------------------------------- */

static bool labelling_fits(const struct insight_labelling *l)
{
	for (int i = 0; i < INSIGHT_SCALES; i++)
		if (l->scale[i].used &&
		    !(insight_scales[i].low <= l->scale[i].negative && l->scale[i].negative < l->scale[i].positive &&
		      l->scale[i].positive <= insight_scales[i].high))
			return false;
	return true;
}

/* A scale that the document does not name is not used. */
static void labelling_read(struct str document, struct insight_labelling *out)
{
	for (int i = 0; i < INSIGHT_SCALES; i++) {
		struct str one;
		out->scale[i].used = json_get(document, str_of(insight_scales[i].name), &one) &&
		                     json_get_number(one, STR("negative"), &out->scale[i].negative) &&
		                     json_get_number(one, STR("positive"), &out->scale[i].positive);
	}
}

enum err_code insight_labelling(struct insight *x, struct arena *a, struct insight_labelling *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = usual;
	TRY(stmt_prepare(&s, x->st, "insight_labelling_newest", err));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		out->version = stmt_i64(s, 0);
		labelling_read(stmt_str(s, 1), out);
		out->at_ms = stmt_i64(s, 2);
		out->author = str_copy(a, stmt_str(s, 3));
		if (!out->author.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

struct labelling_saving {
	struct str document, author;
	int64_t now_ms;
};

static enum err_code labelling_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct labelling_saving *k = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "insight_labelling_add", err));
	stmt_bind_str(s, 1, k->document);
	stmt_bind_i64(s, 2, k->now_ms);
	stmt_bind_str(s, 3, k->author);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

enum err_code insight_labelling_put(struct insight *x, const struct insight_labelling *l, struct str author,
                                    int64_t now_ms, struct err *err)
{
	struct buf b;
	struct json_out o;
	if (!labelling_fits(l))
		return err_set(
		        err, ERR_INPUT, "insight.labelling", "labelling",
		        "on each scale the highest negative score is below the lowest positive one, both on the scale");
	buf_init(&b, KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	for (int i = 0; i < INSIGHT_SCALES; i++) {
		if (!l->scale[i].used) continue;
		json_key(&o, insight_scales[i].name);
		json_open(&o, '{');
		json_kv_double(&o, "negative", l->scale[i].negative);
		json_kv_double(&o, "positive", l->scale[i].positive);
		json_close(&o, '}');
	}
	json_close(&o, '}');
	struct labelling_saving k = { buf_view(&b), author, now_ms };
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) rc = store_write(x->st, labelling_write, &k, err);
	atomic_fetch_add(&x->changes, 1);
	buf_done(&b);
	return rc;
}

/* Of a score on 0..100 whose kind is `kind`; false when its scale is not used. */
static bool label_of_score(const struct insight_labelling *l, struct str kind, double utility, uint8_t *out)
{
	size_t i = 0;
	while (i < INSIGHT_RATING && !str_eq(kind, str_of(insight_scales[i].name))) i++;
	if (!l->scale[i].used) return false;
	const double low = insight_scales[i].low, high = insight_scales[i].high;
	/* A whole score must come back whole. */
	const double score = round((low + utility / 100 * (high - low)) * 1e9) / 1e9;
	*out = score <= l->scale[i].negative   ? TEXT_NEGATIVE
	       : score >= l->scale[i].positive ? TEXT_POSITIVE
	                                       : TEXT_NEUTRAL;
	return true;
}

/* --- the comments ---------------------------------------------------------------------------------------- */

static bool lang_place(struct str name, uint8_t *out)
{
	for (uint8_t i = 0; i < INSIGHT_LANGUAGES; i++)
		if (str_eq(name, str_of(insight_languages[i]))) {
			*out = i;
			return true;
		}
	return false;
}

/* A row of insight_scored or insight_told; false when it teaches nothing. */
static bool labelled_at(struct stmt *s, const struct insight_labelling *l, bool scored, struct labelled *out)
{
	*out = (struct labelled){ .arrival = (uint64_t)stmt_i64(s, 0),
		                  .customer = (uint64_t)stmt_i64(s, 1),
		                  .told = !stmt_null(s, 5),
		                  .judged = stmt_null(s, 6) ? NAN : stmt_double(s, 6),
		                  .reader = stmt_i64(s, 7) };
	if (!lang_place(stmt_str(s, 2), &out->lang)) return false;
	const bool labelled = scored && label_of_score(l, stmt_str(s, 3), stmt_double(s, 4), &out->label);
	/* Comments with a score are all there; of the others only those on which a lot fell stand for the rest. */
	out->judges = labelled || (!scored && stmt_i64(s, 8) == INSIGHT_BY_CHANCE);
	if (out->told) out->label = (uint8_t)stmt_i64(s, 5);
	return labelled || out->told;
}

static enum err_code labelled_ask(struct insight *x, const struct insight_labelling *l, bool scored,
                                  struct labelled_list *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, scored ? "insight_scored" : "insight_told", err));
	stmt_bind_i64(s, 1, INSIGHT_LABELLED_MAX);
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row && out->n < 2 * INSIGHT_LABELLED_MAX)
		if (labelled_at(s, l, scored, &out->rows[out->n])) out->n++;
	stmt_free(s);
	return rc;
}

enum err_code labelled_read(struct insight *x, struct arena *a, struct labelled_list *out, struct err *err)
{
	struct insight_labelling l;
	TRY(insight_labelling(x, a, &l, err));
	out->n = 0;
	out->rows = ARENA_ARRAY(a, struct labelled, 2 * INSIGHT_LABELLED_MAX);
	if (!out->rows) return err_no_memory(err);
	TRY(labelled_ask(x, &l, true, out, err));
	return labelled_ask(x, &l, false, out, err);
}

enum err_code insight_labelled(struct insight *x, struct insight_labelled out[INSIGHT_LANGUAGES], struct err *err)
{
	struct arena a;
	struct labelled_list list;
	arena_init(&a, 64 * MIB);
	const enum err_code rc = labelled_read(x, &a, &list, err);
	memset(out, 0, INSIGHT_LANGUAGES * sizeof *out);
	for (size_t i = 0; rc == OK && i < list.n; i++) {
		const struct labelled *k = &list.rows[i];
		int64_t *const n = k->told ? out[k->lang].told : out[k->lang].scored;
		n[k->label]++;
		out[k->lang].judge += k->judges;
	}
	arena_done(&a);
	return rc;
}
