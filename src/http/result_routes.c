/* What a survey found, and its responses one by one. */
#include "http/priv.h"

/* --- which answers --------------------------------------------------------------------------------- */

enum err_code results_scope(struct http_call *c, struct voice_results_query *out, struct err *err)
{
	struct voice_results_query q = { .from_ms = INT64_MIN,
		                         .to_ms = INT64_MAX,
		                         .lang = query_get(c, "language"),
		                         .channel = query_get(c, "channel"),
		                         .unit = query_get(c, "unit") };
	int64_t version;
	const struct str segment = query_get(c, "segment");
	TRY(query_i64(c, "version", 0, INT32_MAX, 0, &version, err));
	q.version = (int)version;
	TRY(time_read(c, "from", &q.from_ms, err));
	TRY(time_read(c, "to", &q.to_ms, err));
	if (segment.len) {
		struct members *m;
		TRY(members_read(c, segment, &m, err));
		q.takes = members_takes, q.takes_ctx = m;
	}
	*out = q;
	return OK;
}

enum err_code results_read(struct http_call *c, struct str survey, struct voice_results *out, struct err *err)
{
	struct voice_results_query q;
	struct voice_weigh weigh;
	TRY(results_scope(c, &q, err));
	TRY(weigh_read(c, &weigh, err));
	if (weigh.n_divisions || weigh.chances) q.weigh = &weigh;
	return voice_results(c->h->opt.voice, survey, &q, c->arena, out, err);
}

/* --- in words ---------------------------------------------------------------------------------------- */

struct telling {
	struct http_call *c;
	struct json_out *o;
	struct str lang;
	bool people; /* may see who said it */
};

static struct str choice_text(const struct telling *t, const struct form_choice *c)
{
	const struct str text = c ? form_text_in(&c->text, t->lang, NULL) : STR("");
	return text.len ? text : c ? c->value : STR("");
}

static void put_share(const struct telling *t, const struct voice_share *s, bool places)
{
	struct json_out *o = t->o;
	json_open(o, '{');
	json_kv_str(o, "value", s->value);
	json_kv_str(o, "text", s->choice ? choice_text(t, s->choice) : s->value);
	json_kv_bool(o, "raw", s->raw);
	json_kv_i64(o, "n", s->n);
	put_estimate(o, "share", &s->share);
	if (places) put_estimate(o, "place", &s->place);
	json_close(o, '}');
}

static void put_shares(const struct telling *t, const char *key, const struct voice_share *s, size_t n, bool places)
{
	open_list(t->o, key);
	for (size_t i = 0; i < n; i++) put_share(t, &s[i], places);
	json_close(t->o, ']');
}

static void put_rows(const struct telling *t, const struct voice_question *q)
{
	struct json_out *o = t->o;
	open_list(o, "rows");
	for (size_t i = 0; i < q->n_rows; i++) {
		json_open(o, '{');
		json_kv_str(o, "value", q->rows[i].row->value);
		json_kv_str(o, "text", choice_text(t, q->rows[i].row));
		json_kv_i64(o, "n", q->rows[i].n);
		put_shares(t, "shares", q->rows[i].shares, q->rows[i].n_shares, false);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_texts(const struct telling *t, const struct voice_question *q)
{
	struct json_out *o = t->o;
	open_list(o, "texts");
	for (size_t i = q->n_words; i-- > 0;) {
		const struct voice_words *w = &q->words[i];
		json_open(o, '{');
		json_kv_str(o, "text", w->text);
		json_kv_str(o, "lang", w->lang);
		json_kv_i64(o, "at_ms", w->at_ms);
		json_key(o, "customer");
		if (t->people && w->customer.len) json_put_str(o, w->customer);
		else json_put_null(o);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static struct str title_of(const struct telling *t, const struct form_question *q)
{
	const struct str title = form_text_in(&q->title, t->lang, NULL);
	return title.len ? title : q->name;
}

static void put_question(const struct telling *t, const struct voice_question *q)
{
	struct json_out *o = t->o;
	json_open(o, '{');
	json_kv_str(o, "name", q->question->name);
	json_kv_str(o, "title", title_of(t, q->question));
	json_kv_z(o, "type", form_type_names[q->question->type]);
	json_kv_z(o, "kind", voice_answer_kind_names[q->kind]);
	json_kv_str(o, "metric", q->question->metric);
	json_kv_str(o, "about", q->question->about);
	json_kv_i64(o, "version", q->version);
	json_kv_bool(o, "gone", q->gone);
	json_kv_i64(o, "answered", q->answered);
	put_shares(t, "shares", q->shares, q->n_shares, q->kind == VOICE_RANKING);
	if (q->kind == VOICE_SCALE || q->kind == VOICE_NUMBERS) {
		put_estimate(o, "mean", &q->mean);
		put_estimate(o, "median", &q->median);
	}
	json_key(o, "score");
	if (q->scored) {
		json_open(o, '{');
		maps_put_score(o, &q->score);
		json_close(o, '}');
	} else json_put_null(o);
	put_estimate(o, "weighted", &q->weighted);
	put_rows(t, q);
	put_texts(t, q);
	json_close(o, '}');
}

/* --- several questions ----------------------------------------------------------------------------------- */

static void put_gaps(const struct telling *t, const struct voice_results *r)
{
	struct json_out *o = t->o;
	open_list(o, "gaps");
	for (size_t i = 0; i < r->n_gaps; i++) {
		const struct voice_gap *g = &r->gaps[i];
		json_open(o, '{');
		json_kv_str(o, "about", g->experienced->about);
		json_kv_str(o, "item", g->experienced->item);
		json_kv_str(o, "title", title_of(t, g->experienced));
		put_estimate(o, "gap", &g->gap.gap);
		put_estimate(o, "expected", &g->gap.expected);
		put_estimate(o, "experienced", &g->gap.experienced);
		json_kv_double(o, "p", g->gap.p);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_kano(const struct telling *t, const struct voice_results *r)
{
	struct json_out *o = t->o;
	open_list(o, "kano");
	for (size_t i = 0; i < r->n_kano; i++) {
		const struct stats_kano *k = &r->kano[i].result;
		const char sort[2] = { stats_kano_letters[k->sort], 0 };
		json_open(o, '{');
		json_kv_str(o, "item", r->kano[i].item);
		json_kv_i64(o, "n", k->n);
		json_key(o, "sort");
		if (k->n >= 5) json_put_z(o, sort);
		else json_put_null(o);
		json_kv_bool(o, "clear", k->clear);
		json_key(o, "counts");
		json_open(o, '{');
		for (int s = 0; s < STATS_KANO_SORTS; s++)
			json_kv_i64(o, (char[]){ stats_kano_letters[s], 0 }, k->counts[s]);
		json_close(o, '}');
		put_estimate(o, "better", &k->better);
		put_estimate(o, "worse", &k->worse);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_questionnaires(const struct telling *t, const struct voice_results *r)
{
	struct json_out *o = t->o;
	json_key(o, "servqual");
	if (r->has_servqual) {
		json_open(o, '{');
		open_list(o, "dimensions");
		for (int d = 0; d < STATS_SERVQUAL_DIMENSIONS; d++) {
			json_open(o, '{');
			json_kv_z(o, "name", stats_servqual_names[d]);
			put_estimate(o, "gap", &r->servqual.dimensions[d].gap);
			json_close(o, '}');
		}
		json_close(o, ']');
		put_estimate(o, "unweighted", &r->servqual.unweighted);
		put_estimate(o, "weighted", &r->servqual.weighted);
		json_close(o, '}');
	} else json_put_null(o);
	json_key(o, "engagement");
	if (r->has_engagement) {
		json_open(o, '{');
		put_estimate(o, "score", &r->engagement.score);
		put_estimate(o, "alpha", &r->engagement.alpha);
		json_kv_bool(o, "consistent", r->engagement.consistent);
		json_close(o, '}');
	} else json_put_null(o);
}

HANDLER(get_survey_results)
{
	struct voice_results r;
	struct json_out o;
	const struct str lang = query_get(c, "lang");
	const struct telling t = {
		.c = c, .o = &o, .lang = lang.len ? lang : STR("en"), .people = c->role >= GOVERN_AGENT
	};
	TRY(results_read(c, c->params[0], &r, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "survey", r.survey.key);
	json_key(&o, "name");
	json_put_raw(&o, r.survey.name);
	json_kv_z(&o, "state", voice_state_names[r.survey.state]);
	json_kv_i64(&o, "invited", r.invited);
	json_kv_i64(&o, "invited_completed", r.invited_completed);
	json_kv_i64(&o, "started", r.started);
	json_kv_i64(&o, "completed", r.completed);
	put_estimate(&o, "completion", &r.completion);
	put_estimate(&o, "response_rate", &r.response_rate);
	put_estimate(&o, "took_ms", &r.took);
	json_kv_bool(&o, "hidden", r.hidden);
	put_weighting(&o, c, &r.weighting);
	open_list(&o, "questions");
	for (size_t i = 0; i < r.n_questions; i++) put_question(&t, &r.questions[i]);
	json_close(&o, ']');
	put_shares(&t, "languages", r.langs, r.n_langs, false);
	put_shares(&t, "channels", r.channels, r.n_channels, false);
	put_shares(&t, "units", r.units, r.n_units, false);
	put_gaps(&t, &r);
	put_kano(&t, &r);
	put_questionnaires(&t, &r);
	json_close(&o, '}');
	return OK;
}

/* --- one row a response -------------------------------------------------------------------------------------- */

#define RESPONSES_PAGE 1000
#define RESPONSES_FILE 100000

/* Of a veiled one only what is left of it. */
static void put_response(struct json_out *o, const struct voice_response *r, bool veiled)
{
	const struct {
		const char *key;
		struct str text;
	} who[] = { { "customer", r->customer }, { "language", r->lang },           { "channel", r->channel },
		    { "unit", r->unit },         { "environment", r->environment }, { "about", r->about },
		    { "journey", r->journey } };
	json_open(o, '{');
	if (!veiled) json_kv_str(o, "response", r->code);
	json_kv_i64(o, "version", r->version);
	json_kv_i64(o, "started_at_ms", r->started_ms);
	json_key(o, "completed_at_ms");
	if (r->completed_ms) json_put_i64(o, r->completed_ms);
	else json_put_null(o);
	for (size_t i = 0; i < COUNT_OF(who) && !veiled; i++) json_kv_str(o, who[i].key, who[i].text);
	json_key(o, "answers");
	json_put_raw(o, r->answers);
	json_close(o, '}');
}

/*
 * The columns of the file of a veiled survey, in the order of its document: as they follow from the questions alone,
 * whether or not anybody answered them, they tell nothing of the rows.
 */
static void put_columns(struct json_out *o, const struct form *f, struct arena *a)
{
	static const char *const own[] = { "version", "started_at", "completed_at" };
	open_list(o, "columns");
	for (size_t i = 0; i < COUNT_OF(own); i++) json_put_z(o, own[i]);
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_question *q = f->questions[i];
		if (q->type == FORM_HTML || q->type == FORM_PANEL || q->type == FORM_FILE) continue;
		if (q->type != FORM_MATRIX) json_put_str(o, str_format(a, "answers." STR_FMT, STR_ARG(q->name)));
		for (size_t r = 0; q->type == FORM_MATRIX && r < q->n_rows; r++)
			json_put_str(o, str_format(a, "answers." STR_FMT "." STR_FMT, STR_ARG(q->name),
			                           STR_ARG(q->rows[r].value)));
	}
	json_close(o, ']');
}

HANDLER(get_survey_responses)
{
	struct voice_survey s;
	struct voice_response *rows;
	struct json_out o;
	int64_t cursor, limit;
	size_t n, total = 0;
	const struct form *form;
	const struct str format = query_get(c, "format");
	const bool file = format.len && !str_eq(format, STR("json"));
	TRY(query_i64(c, "cursor", 0, INT64_MAX, 0, &cursor, err));
	TRY(query_i64(c, "limit", 1, RESPONSES_PAGE, file ? RESPONSES_PAGE : 50, &limit, err));
	TRY(voice_get(c->h->opt.voice, c->params[0], 0, c->arena, &s, err));
	TRY(voice_form(c->h->opt.voice, s.id, s.newest, c->arena, &form, err));
	const bool veiled = form->audience == FORM_EMPLOYEES;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "responses");
	do {
		TRY(voice_responses_shown(c->h->opt.voice, &s, cursor, call_unit(c), (size_t)limit, c->arena, &rows, &n,
		                          err));
		for (size_t i = 0; i < n; i++) put_response(&o, &rows[i], veiled);
		if (n) cursor = rows[n - 1].id;
		total += n;
	} while (file && n == (size_t)limit && total < RESPONSES_FILE);
	json_close(&o, ']');
	if (veiled) put_columns(&o, form, c->arena);
	json_key(&o, "next");
	if (n == (size_t)limit) json_put_i64(&o, cursor);
	else json_put_null(&o);
	json_close(&o, '}');
	return OK;
}
