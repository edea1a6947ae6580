/* Rules: reading, keeping and trying them. */
#include "act/priv.h"

#include <math.h>

#define DOCUMENT_BYTES_MAX (32 * 1024)
#define NAME_BYTES_MAX 200
#define DUE_HOURS 8
#define WITHIN_DAYS 14

static const char *const kinds[] = { "", "nps", "csat", "ces", "rating" };

/* --- reading ------------------------------------------------------------------------------------------ */

static enum err_code wrong(struct err *err, const char *field, const char *words)
{
	return err_set(err, ERR_INPUT, "rule.member", field, "%s", words);
}

static enum err_code name_read(struct str json, struct str *out, struct err *err)
{
	struct json_reader r;
	bool any = false, fine;
	enum json_token t = JT_ERROR;
	static const char words[] = "a rule's name is a text for each language, such as {\"en\":\"Late orders\"}";
	if (!json_get(json, STR("name"), out)) return wrong(err, "name", words);
	json_read(&r, *out);
	fine = json_next(&r) == JT_OBJECT;
	while (fine && (t = json_next(&r)) == JT_KEY) {
		fine = r.raw.len >= 2 && r.raw.len <= 16 && json_next(&r) == JT_STRING && r.raw.len <= NAME_BYTES_MAX;
		any = any || str_trim(r.raw).len;
	}
	return fine && any && t == JT_OBJECT_END ? OK : wrong(err, "name", words);
}

/* Texts of an array; absent: none. */
static enum err_code texts_read(struct str json, const char *key, struct arena *m, struct str *out, size_t max,
                                size_t *n, struct err *err)
{
	struct str array;
	struct json_reader r;
	enum json_token t;
	*n = 0;
	if (!json_get(json, str_of(key), &array) || str_eq(array, STR("null"))) return OK;
	json_read(&r, array);
	if (json_next(&r) != JT_ARRAY) return wrong(err, key, "this has to be a list of texts");
	while ((t = json_next(&r)) == JT_STRING) {
		if (*n == max)
			return err_limit(err, "rule.size", key, (int64_t)max + 1, (int64_t)max,
			                 "at most %zu are possible", max);
		if (!json_text(&r, m, &out[*n])) return err_no_memory(err);
		*n += str_trim(out[*n]).len > 0;
	}
	return t == JT_ARRAY_END ? OK : wrong(err, key, "this has to be a list of texts");
}

static enum err_code text_member(struct str json, const char *key, struct arena *m, struct str *out, struct err *err)
{
	struct str raw;
	*out = STR("");
	if (!json_get(json, str_of(key), &raw) || str_eq(raw, STR("null"))) return OK;
	if (!json_get_text(json, str_of(key), m, out) || out->len > WIRE_NAME_BYTES_MAX)
		return wrong(err, key, "this has to be a text");
	return OK;
}

/* A number between bounds; absent: as it is. */
static enum err_code number_read(struct str json, const char *key, double min, double max, double *out, struct err *err)
{
	struct str raw;
	double v;
	if (!json_get(json, str_of(key), &raw) || str_eq(raw, STR("null"))) return OK;
	if (!json_get_number(json, str_of(key), &v) || v < min || v > max)
		return err_set(err, ERR_INPUT, "rule.number", key, "this has to be a number from %g to %g", min, max);
	*out = v;
	return OK;
}

static enum err_code score_read(struct str json, struct arena *m, struct act_rule *r, struct err *err)
{
	struct str score;
	r->at_most = NAN;
	r->score_kind = STR("");
	if (!json_get(json, STR("score"), &score) || str_eq(score, STR("null"))) return OK;
	TRY(number_read(score, "at_most", -100, 1000, &r->at_most, err));
	TRY(text_member(score, "kind", m, &r->score_kind, err));
	if (isnan(r->at_most)) return wrong(err, "score", "a score needs \"at_most\"");
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (str_eq(r->score_kind, str_of(kinds[i]))) return OK;
	return wrong(err, "score", "a kind of score is nps, csat, ces or rating");
}

/* Signs and names of operators of other searches would be taken for nothing, or for words that people write. */
static enum err_code plain_words(struct str text, struct err *err)
{
	static const char *const foreign[] = { "AND", "OR", "NOT", "NEAR", "*", "-", "\"", "+", "|", "&" };
	while (text.len) {
		const size_t end = str_find(text, ' ');
		const struct str word = str_cut(text, 0, end);
		for (size_t i = 0; i < COUNT_OF(foreign); i++)
			if (str_eq(word, str_of(foreign[i]))) {
				const enum err_code rc = err_set(err, ERR_INPUT, "rule.words", "words",
				                                 "\"%s\" is not a word to look for", foreign[i]);
				err_hint(err,
				         "Give words as customers write them, a minus in front of one that must not "
				         "be there, a star behind the beginning of one.");
				return rc;
			}
		text = end < text.len ? str_cut(text, end + 1, text.len) : STR("");
	}
	return OK;
}

static enum err_code words_read(struct str json, struct arena *m, struct act_rule *r, struct err *err)
{
	struct str texts[ACT_WORDS_MAX];
	size_t n;
	TRY(texts_read(json, "words", m, texts, ACT_WORDS_MAX, &n, err));
	for (size_t i = 0; i < n; i++) {
		TRY(plain_words(texts[i], err));
		const enum err_code rc = search_query_read(texts[i], m, &r->words[r->n_words], err);
		if (rc != OK) {
			if (err) snprintf(err->field, sizeof err->field, "words");
			return rc;
		}
		r->texts[r->n_words] = texts[i];
		r->n_words += r->words[r->n_words].n > 0;
	}
	return OK;
}

static enum err_code feelings_read(struct str json, struct arena *m, struct act_rule *r, struct err *err)
{
	struct str texts[INBOX_FEELINGS];
	size_t n;
	TRY(texts_read(json, "feelings", m, texts, INBOX_FEELINGS, &n, err));
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < INBOX_FEELINGS && !str_eq(texts[i], str_of(inbox_feeling_names[k]))) k++;
		if (k == INBOX_FEELINGS)
			return wrong(err, "feelings", "a feeling is negative, neutral, positive or none");
		r->feelings |= 1U << k;
	}
	return OK;
}

enum err_code act_rule_read(struct str json, struct arena *m, struct act_rule *out, struct err *err)
{
	struct act_rule r = { .document = json };
	struct str match;
	double due = DUE_HOURS, within = WITHIN_DAYS;
	if (json.len > DOCUMENT_BYTES_MAX)
		return err_limit(err, "rule.size", "", (int64_t)json.len, DOCUMENT_BYTES_MAX,
		                 "a rule has at most %d bytes", DOCUMENT_BYTES_MAX);
	TRY(name_read(json, &r.name, err));
	TRY(score_read(json, m, &r, err));
	TRY(texts_read(json, "events", m, r.events, ACT_EVENTS_MAX, &r.n_events, err));
	TRY(words_read(json, m, &r, err));
	TRY(texts_read(json, "topics", m, r.topics, ACT_TOPICS_MAX, &r.n_topics, err));
	TRY(feelings_read(json, m, &r, err));
	TRY(text_member(json, "match", m, &match, err));
	TRY(text_member(json, "unit", m, &r.unit, err));
	TRY(text_member(json, "channel", m, &r.channel, err));
	TRY(text_member(json, "lang", m, &r.lang, err));
	TRY(text_member(json, "responsible", m, &r.responsible, err));
	TRY(number_read(json, "due_hours", 0.25, ACT_DUE_HOURS_MAX, &due, err));
	TRY(number_read(json, "within_days", 0.01, 3650, &within, err));
	if (match.len && !str_eq(match, STR("all")) && !str_eq(match, STR("any")))
		return wrong(err, "match", "match is all or any");
	if (isnan(r.at_most) && !r.n_events && !r.n_words && !r.n_topics && !r.feelings)
		return wrong(err, "score", "a rule needs a score, events, words, topics or feelings");
	r.any = str_eq(match, STR("any"));
	r.due_hours = due;
	r.within_ms = (int64_t)(within * (double)WHEN_DAY_MS);
	*out = r;
	return OK;
}

/* --- keeping ------------------------------------------------------------------------------------------------ */

static enum err_code row_read(struct stmt *s, struct arena *m, struct act_rule *out, struct err *err)
{
	const struct str document = text_at(s, 1, m);
	TRY(act_rule_read(document, m, out, err));
	out->id = stmt_i64(s, 0);
	out->enabled = stmt_i64(s, 2) != 0;
	out->from_arrival = (uint64_t)stmt_i64(s, 3);
	out->created_ms = stmt_i64(s, 4);
	out->changed_ms = stmt_i64(s, 5);
	out->author = text_at(s, 6, m);
	out->opened = stmt_i64(s, 7);
	return OK;
}

enum err_code act_rules(struct act *a, struct arena *m, struct act_rule **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct act_rule *list = ARENA_ARRAY(m, struct act_rule, ACT_RULES_MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, a->st, "follow_up_rule_list", err));
	for (*n = 0; *n < ACT_RULES_MAX && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row;)
		rc = row_read(s, m, &list[(*n)++], err);
	stmt_free(s);
	*out = list;
	return rc;
}

struct saving {
	int64_t id, now_ms;
	struct str document, author;
	bool enabled;
	uint64_t from;
};

static enum err_code unknown(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "rule.unknown", "", "there is no such rule");
}

static enum err_code count_check(struct store_write *w, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "follow_up_rule_count", err));
	const enum err_code rc = stmt_step(s, &row, err);
	const int64_t n = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	if (rc == OK && n >= ACT_RULES_MAX)
		return err_limit(err, "rule.many", "", n + 1, ACT_RULES_MAX, "at most %d rules can be kept",
		                 ACT_RULES_MAX);
	return rc;
}

static enum err_code save_write(void *ctx, struct store_write *w, struct err *err)
{
	struct saving *k = ctx;
	struct stmt *s = NULL;
	if (!k->id) {
		TRY(count_check(w, err));
		TRY(write_prepare(&s, w, "follow_up_rule_add", err));
		stmt_bind_str(s, 1, k->document);
		stmt_bind_i64(s, 2, k->enabled);
		stmt_bind_i64(s, 3, (int64_t)k->from);
		stmt_bind_i64(s, 4, k->now_ms);
		stmt_bind_str(s, 5, k->author);
		TRY(run(s, err));
		k->id = write_last_id(w);
		return OK;
	}
	TRY(write_prepare(&s, w, "follow_up_rule_put", err));
	stmt_bind_i64(s, 1, k->id);
	stmt_bind_str(s, 2, k->document);
	stmt_bind_i64(s, 3, k->enabled);
	stmt_bind_i64(s, 4, (int64_t)k->from);
	stmt_bind_i64(s, 5, k->now_ms);
	stmt_bind_str(s, 6, k->author);
	TRY(run(s, err));
	return write_changes(w) ? OK : unknown(err);
}

enum err_code act_rule_save(struct act *a, int64_t id, struct str document, bool enabled, struct str author,
                            struct arena *m, int64_t *saved, struct err *err)
{
	struct act_rule r;
	struct buf b;
	struct saving k = { .id = id, .now_ms = act_now(a), .author = author, .enabled = enabled };
	TRY(act_rule_read(document, m, &r, err));
	buf_init(&b, DOCUMENT_BYTES_MAX * 2);
	enum err_code rc = json_canonical(document, m, &b, err);
	if (rc == OK) rc = buf_check(&b, err);
	k.document = buf_view(&b);
	k.from = store_arrival_end(a->st);
	if (rc == OK) rc = store_write(a->st, save_write, &k, err);
	buf_done(&b);
	if (rc == OK) *saved = k.id;
	return rc;
}

static enum err_code drop_write(void *ctx, struct store_write *w, struct err *err)
{
	const int64_t *id = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "follow_up_rule_drop", err));
	stmt_bind_i64(s, 1, *id);
	TRY(run(s, err));
	return write_changes(w) ? OK : unknown(err);
}

enum err_code act_rule_delete(struct act *a, int64_t id, struct err *err)
{
	return store_write(a->st, drop_write, &id, err);
}

/* --- trying ---------------------------------------------------------------------------------------------------- */

/* Keeps the newest by when it happened, newest first. */
static void sample(struct act_trial *t, const struct inbox_row *row)
{
	size_t i = t->n_samples < ACT_SAMPLES ? t->n_samples++ : ACT_SAMPLES;
	for (; i > 0 && t->samples[i - 1].at_ms < row->at_ms; i--)
		if (i < ACT_SAMPLES) t->samples[i] = t->samples[i - 1];
	if (i < ACT_SAMPLES) t->samples[i] = *row;
}

static enum err_code try_rows(struct act_fitter *f, const struct act_rule *r, const struct inbox_row *rows, size_t n,
                              int64_t from_ms, int64_t to_ms, struct act_trial *t, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		bool fits = false;
		if (rows[i].at_ms < from_ms || rows[i].at_ms >= to_ms) continue;
		t->feedback++;
		TRY(act_rule_fits(f, r, &rows[i], &fits, err));
		if (!fits) continue;
		t->would_open++;
		sample(t, &rows[i]);
	}
	return OK;
}

enum err_code act_rule_try(struct act *a, const struct act_rule *r, int64_t from_ms, int64_t to_ms, struct arena *m,
                           struct act_trial *out, struct err *err)
{
	enum { CHUNK = 1000 };
	struct act_trial t = { 0 };
	struct act_fitter *f = NULL;
	struct inbox_row *rows;
	size_t n = CHUNK;
	const uint64_t end = inbox_mark(a->opt.inbox);
	enum err_code rc = act_fitter_new(a, &f, err);
	for (uint64_t at = 0; rc == OK && n == CHUNK;) {
		rc = inbox_rows(a->opt.inbox, at, end, CHUNK, m, &rows, &n, err);
		if (rc == OK && n) at = rows[n - 1].arrival + 1;
		if (rc == OK) rc = try_rows(f, r, rows, n, from_ms, to_ms, &t, err);
	}
	act_fitter_free(f);
	if (rc == OK) *out = t;
	return rc;
}
