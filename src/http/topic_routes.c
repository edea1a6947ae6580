/* What comments speak of: figures, quotes, themes, and the set of topics. */
#include <math.h>

#include "http/priv.h"

#define QUOTES_MAX 20

/* Without a thread that follows the inbox, comments are read now. */
enum err_code heard_fresh(struct http_call *c, struct err *err)
{
	TRY(feedback_fresh(c, err));
	return insight_follows(c->h->opt.insight) ? OK : insight_catch_up(c->h->opt.insight, err);
}

enum err_code topic_scope_read(struct http_call *c, struct insight_scope *out, struct err *err)
{
	struct inbox_filter f;
	TRY(feedback_filter(c, NULL, &f, err));
	*out = (struct insight_scope){ .from_ms = f.from_ms,
		                       .to_ms = f.to_ms,
		                       .events = f.events,
		                       .source = f.source,
		                       .channel = f.channel,
		                       .unit = f.unit,
		                       .lang = f.lang,
		                       .arrivals = f.arrivals,
		                       .rise_to_ms = INT64_MAX };
	TRY(time_read(c, "to", &out->rise_to_ms, err));
	if (f.arrivals.ptr && query_get(c, "from").len) TRY(cell_comments(c, true, &out->ever, err));
	return heard_fresh(c, err);
}

void topic_names_put(struct json_out *o, const struct str *names)
{
	json_key(o, "names");
	json_open(o, '{');
	for (int i = 0; i < TEXT_IN_LATIN; i++)
		if (names[i].len) json_kv_str(o, text_tongue_names[i], names[i]);
	json_close(o, '}');
}

/* --- one comment --------------------------------------------------------------------------------------- */

static void put_felt(struct json_out *o, const char *key, bool felt, double sentiment)
{
	json_key(o, key);
	if (felt) json_put_double(o, round(sentiment * 1000) / 1000);
	else json_put_null(o);
}

/* What people said of the reading of a comment, and how the program feels about it. */
static void put_correction(struct json_out *o, const struct insight_corrected *k, const struct insight_comment *r)
{
	json_key(o, "correction");
	if (!k->step) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	correction_put(o, &k->is);
	json_kv_i64(o, "step", k->step);
	json_kv_i64(o, "at_ms", k->at_ms);
	json_kv_str(o, "author", k->author);
	put_felt(o, "judged", r->judged_felt, r->judged);
	json_close(o, '}');
}

enum err_code heard_put(struct json_out *o, struct http_call *c, const uint64_t *arrival, struct str comment,
                        struct str lang, struct err *err)
{
	static const char *const flags[] = {
		"cut", "broken", "surrogate", "zero_width", "bidi", "look_alike", "repeats"
	};
	struct insight_comment r;
	struct insight_corrected k = { .step = 0 };
	size_t at = 0;
	int64_t units = 0;
	if (arrival) TRY(insight_corrected(c->h->opt.insight, *arrival, c->arena, &k, err));
	TRY(insight_read(c->h->opt.insight, comment, lang, k.step ? &k.is : NULL, c->arena, &r, err));
	json_kv_str(o, "lang", r.lang);
	put_felt(o, "sentiment", r.felt, r.sentiment);
	open_list(o, "flags");
	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (r.flags >> i & 1) json_put_z(o, flags[i]);
	json_close(o, ']');
	open_list(o, "topics");
	for (size_t i = 0; i < r.n; i++) {
		const struct insight_said *s = &r.said[i];
		json_open(o, '{');
		json_kv_str(o, "key", s->topic);
		topic_names_put(o, s->names);
		json_kv_bool(o, "policy", s->policy);
		put_felt(o, "sentiment", s->felt, s->sentiment);
		if (s->added) json_kv_bool(o, "added", true);
		/* Hits come by where they begin, so the count of units goes on from the last one. */
		if (!s->added) {
			units += utf16_between(comment, at, s->at.from);
			at = s->at.from;
			json_kv_i64(o, "from", units);
			json_kv_i64(o, "to", units + utf16_between(comment, s->at.from, s->at.to));
		}
		json_close(o, '}');
	}
	json_close(o, ']');
	put_correction(o, &k, &r);
	return OK;
}

HANDLER(post_topics_try)
{
	struct str text, lang = STR("");
	struct json_out o;
	TRY(body_text(c, "text", true, &text, err));
	TRY(body_text(c, "lang", false, &lang, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	TRY(heard_put(&o, c, NULL, text, lang, err));
	json_close(&o, '}');
	return OK;
}

/* --- figures -------------------------------------------------------------------------------------------- */

static void put_rise(struct json_out *o, struct http_call *c, struct zone *zone, const struct insight_topic *t)
{
	json_key(o, "rising");
	if (!t->rising) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_str(o, "since", day_of(c, zone, t->since_ms));
	json_kv_i64(o, "since_ms", t->since_ms);
	json_kv_i64(o, "observed", t->surprise.observed);
	json_kv_double(o, "expected", t->surprise.expected);
	json_kv_double(o, "p", t->surprise.p);
	json_kv_double(o, "p_adjusted", t->p_adjusted);
	json_close(o, '}');
}

static void put_topic(struct json_out *o, struct http_call *c, struct zone *zone, const struct insight_topic *t)
{
	json_open(o, '{');
	json_kv_str(o, "key", t->key);
	topic_names_put(o, t->names);
	json_kv_bool(o, "policy", t->policy);
	json_kv_i64(o, "n", t->n);
	json_kv_i64(o, "customers", t->customers);
	put_estimate(o, "share", &t->share);
	put_estimate(o, "sentiment", &t->sentiment);
	put_estimate(o, "negative", &t->negative);
	put_estimate(o, "score", &t->score);
	put_rise(o, c, zone, t);
	json_close(o, '}');
}

/* What the counts of the scope are worth: language by language, since each has a model of its own. */
static enum err_code put_worth(struct json_out *o, struct http_call *c, const struct insight_scope *scope,
                               struct err *err)
{
	struct insight *x = c->h->opt.insight;
	struct insight_in_use use[INSIGHT_LANGUAGES];
	struct insight_quality quality[INSIGHT_LANGUAGES];
	struct insight_counts counts[INSIGHT_LANGUAGES];
	TRY(insight_in_use(x, c->arena, use, err));
	TRY(insight_quality(x, quality, err));
	TRY(insight_counts(x, scope, quality, counts, err));
	open_list(o, "languages");
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) {
		if (!counts[i].feeling[0].of) continue;
		json_open(o, '{');
		quality_put(o, i, &use[i], &quality[i]);
		json_kv_i64(o, "comments", counts[i].feeling[0].of);
		open_list(o, "counts");
		for (int k = 0; k < INSIGHT_FEELINGS; k++) {
			const struct insight_count *n = &counts[i].feeling[k];
			json_open(o, '{');
			json_kv_str(o, "feeling", text_feeling_name((enum text_feeling_label)k));
			json_kv_i64(o, "read", n->read);
			put_estimate(o, "adjusted", &n->adjusted);
			json_kv_z(o, "why", n->why);
			json_close(o, '}');
		}
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

/* How well the topics that come with the program are recognised: shares of those told that are right, and of those
 * there that are told. */
static enum err_code put_judged(struct json_out *o, struct err *err)
{
	open_list(o, "recognised");
	for (int k = 0; k < TEXT_IN_LATIN; k++) {
		const struct text_judged j = text_topics_judged((enum text_tongue)k);
		struct stats_estimate precision, recall;
		TRY(stats_proportion(j.right, j.found, &precision, err));
		TRY(stats_proportion(j.right, j.there, &recall, err));
		json_open(o, '{');
		json_kv_z(o, "lang", text_tongue_names[k]);
		json_kv_i64(o, "comments", j.comments);
		put_estimate(o, "precision", &precision);
		put_estimate(o, "recall", &recall);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

HANDLER(get_topics)
{
	struct insight_scope scope;
	struct insight_topic_list list;
	struct org_clock clock;
	struct json_out o;
	TRY(topic_scope_read(c, &scope, err));
	TRY(clock_open(c, &clock, err));
	const int64_t until =
	        scope.rise_to_ms < call_now(c) ? scope.rise_to_ms : call_now(c); /* a zone moves its clocks */
	enum err_code rc =
	        insight_topic_list(c->h->opt.insight, &scope, zone_offset_ms(clock.zone, until), c->arena, &list, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_i64(&o, "comments", list.comments);
		json_kv_i64(&o, "customers", list.customers);
		json_kv_i64(&o, "felt", list.felt);
		put_estimate(&o, "sentiment", &list.sentiment);
		open_list(&o, "topics");
		for (size_t i = 0; i < list.n; i++) put_topic(&o, c, clock.zone, &list.topics[i]);
		json_close(&o, ']');
		rc = put_worth(&o, c, &scope, err);
		if (rc == OK) rc = put_judged(&o, err);
		json_close(&o, '}');
	}
	clock_close(&clock);
	return rc;
}

HANDLER(get_topic_quotes)
{
	struct insight_scope scope;
	struct insight_quote *quotes;
	size_t n;
	int64_t limit;
	struct json_out o;
	TRY(query_i64(c, "limit", 1, QUOTES_MAX, 5, &limit, err));
	TRY(topic_scope_read(c, &scope, err));
	TRY(insight_quotes(c->h->opt.insight, &scope, c->params[0], (size_t)limit, c->arena, &quotes, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "quotes");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "arrival", (int64_t)quotes[i].arrival);
		json_kv_str(&o, "comment", quotes[i].comment);
		json_key(&o, "heard");
		json_open(&o, '{');
		TRY(heard_put(&o, c, &quotes[i].arrival, quotes[i].comment, STR(""), err));
		json_close(&o, '}');
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_topic_phrases)
{
	struct insight_scope scope;
	struct insight_phrase *list;
	size_t n;
	int64_t comments;
	struct json_out o;
	TRY(topic_scope_read(c, &scope, err));
	TRY(insight_phrases(c->h->opt.insight, &scope, c->params[0], c->arena, &list, &n, &comments, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "comments", comments);
	open_list(&o, "phrases");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_z(&o, "tongue", text_tongue_names[list[i].tongue]);
		json_kv_str(&o, "words", list[i].words);
		json_kv_i64(&o, "n", list[i].n);
		json_kv_i64(&o, "others", list[i].others);
		json_kv_double(&o, "z", list[i].z);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_topic_moods)
{
	struct insight_scope scope;
	struct insight_moods m;
	struct json_out o;
	TRY(topic_scope_read(c, &scope, err));
	TRY(insight_moods(c->h->opt.insight, &scope, c->arena, &m, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "comments", m.comments);
	open_list(&o, "moods");
	for (size_t i = 0; i < m.n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "key", m.moods[i].key);
		topic_names_put(&o, m.moods[i].names);
		json_kv_i64(&o, "n", m.moods[i].n);
		put_estimate(&o, "share", &m.moods[i].share);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

/* --- what a filter of the inbox finds -------------------------------------------------------------------- */

static void put_heard_values(struct json_out *o, const char *key, const struct inbox_count *list, size_t n)
{
	open_list(o, key);
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_str(o, "key", list[i].value);
		json_kv_i64(o, "n", list[i].n);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* Topics, or policies, of the set; those that nobody said come too. */
static void put_heard_topics(struct json_out *o, const char *key, const struct insight_name *names, size_t n_names,
                             const struct inbox_count *list, size_t n)
{
	const bool policies = strcmp(key, "policies") == 0;
	open_list(o, key);
	for (size_t i = 0; i < n_names; i++) {
		size_t k = 0;
		if (names[i].policy != policies) continue;
		while (k < n && !str_eq(list[k].value, names[i].key)) k++;
		json_open(o, '{');
		json_kv_str(o, "key", names[i].key);
		topic_names_put(o, names[i].names);
		json_kv_i64(o, "n", k < n ? list[k].n : 0);
		json_close(o, '}');
	}
	json_close(o, ']');
}

HANDLER(get_feedback_heard)
{
	static const char *const keys[] = { "topics", "policies", "sentiments", "langs" };
	struct search_query words = { .n = 0 };
	struct inbox_filter f;
	struct insight_name *names;
	size_t n_names;
	struct json_out o;
	TRY(feedback_filter(c, &words, &f, err));
	TRY(heard_fresh(c, err));
	TRY(insight_names(c->h->opt.insight, c->arena, &names, &n_names, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const enum inbox_choice by = (enum inbox_choice)i;
		struct inbox_count *list;
		size_t n;
		TRY(inbox_heard(c->h->opt.inbox, &f, by, c->arena, &list, &n, err));
		if (by == INBOX_BY_TOPIC || by == INBOX_BY_POLICY)
			put_heard_topics(&o, keys[i], names, n_names, list, n);
		else put_heard_values(&o, keys[i], list, n);
	}
	json_kv_i64(&o, "counted_at_most", INBOX_COUNT_MAX);
	json_close(&o, '}');
	return OK;
}

/* --- the set of topics ------------------------------------------------------------------------------------ */

static enum err_code put_versions(struct json_out *o, struct http_call *c, struct err *err)
{
	struct insight_topics *list;
	size_t n;
	TRY(insight_topics_versions(c->h->opt.insight, c->arena, &list, &n, err));
	open_list(o, "versions");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_i64(o, "version", list[i].version);
		json_kv_i64(o, "saved_ms", list[i].saved_ms);
		json_kv_str(o, "author", list[i].author);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

/* The newest, or one that was saved before. */
static enum err_code answer_set(struct http_call *c, int64_t version, struct err *err)
{
	struct insight_topics t;
	struct json_out o;
	TRY(insight_topics(c->h->opt.insight, c->arena, &t, err));
	const int64_t to_read_again = t.to_read_again;
	if (version >= 0) TRY(insight_topics_version(c->h->opt.insight, (int)version, c->arena, &t, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "version", t.version);
	json_kv_i64(&o, "saved_ms", t.saved_ms);
	json_kv_str(&o, "author", t.author);
	json_kv_i64(&o, "to_read_again", to_read_again);
	TRY(put_versions(&o, c, err));
	TRY(put_judged(&o, err));
	json_key(&o, "document");
	json_put_raw(&o, str_trim(t.document));
	json_close(&o, '}');
	return OK;
}

HANDLER(get_topic_set)
{
	int64_t version;
	TRY(query_i64(c, "version", 0, INT32_MAX, -1, &version, err));
	return answer_set(c, version, err);
}

HANDLER(put_topic_set)
{
	struct str document;
	int64_t version;
	if (!json_get(c->body, STR("document"), &document))
		return err_set(err, ERR_INPUT, "http.missing", "document", "the set of topics is missing");
	if (!json_get_i64(c->body, STR("version"), &version))
		return err_set(err, ERR_INPUT, "http.missing", "version", "the version that was changed is missing");
	TRY(insight_topics_put(c->h->opt.insight, document, (int)version, call_author(c), call_now(c), err));
	return answer_set(c, -1, err);
}
