/* What people say about how a comment is read: kept step by step, and put in place of the program's reading at once. */
#include <math.h>

#include "base/json.h"
#include "insight/priv.h"

#define LISTS_BYTES_MAX (16 * KIB)
#define COMMENT_BYTES_MAX (2 * MIB) /* of an event's body, with room for what is kept of it */

const char *const insight_chosen_names[INSIGHT_CHOSEN] = { "hand", "doubt", "chance" };

static const struct insight_correction nothing = { INSIGHT_AS_READ, { "[]", 2 }, { "[]", 2 } };

size_t topic_place(const struct text_topics *t, struct str key)
{
	size_t i = 0;
	while (i < text_topics_count(t) && !str_eq(text_topics_at(t, i)->key, key)) i++;
	return i;
}

/* --- lists of keys ------------------------------------------------------------------------------------ */

struct keys {
	struct str key[INSIGHT_CORRECTED_TOPICS_MAX];
	size_t n;
};

/* What was written by keys_print; more than fits is left out. */
static void keys_read(struct str json, struct arena *a, struct keys *out)
{
	struct json_reader r;
	out->n = 0;
	json_read(&r, json);
	if (json_next(&r) != JT_ARRAY) return;
	while (json_next(&r) == JT_STRING && out->n < INSIGHT_CORRECTED_TOPICS_MAX)
		if (json_text(&r, a, &out->key[out->n])) out->n++;
}

static size_t keys_find(const struct keys *k, struct str key)
{
	size_t i = 0;
	while (i < k->n && !str_eq(k->key[i], key)) i++;
	return i;
}

static bool keys_take_out(struct keys *k, struct str key)
{
	const size_t at = keys_find(k, key);
	if (at == k->n) return false;
	k->key[at] = k->key[--k->n];
	return true;
}

static enum err_code keys_add(struct keys *k, struct str key, struct err *err)
{
	if (keys_find(k, key) < k->n) return OK;
	if (k->n == INSIGHT_CORRECTED_TOPICS_MAX)
		return err_limit(err, "insight.topics_many", "topics", (int64_t)k->n + 1, INSIGHT_CORRECTED_TOPICS_MAX,
		                 "at most %d topics of a comment are added or dropped", INSIGHT_CORRECTED_TOPICS_MAX);
	k->key[k->n++] = key;
	return OK;
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Sorted, so that two of the same are the same bytes. */
static enum err_code keys_print(struct keys *k, struct arena *a, struct str *out, struct err *err)
{
	struct buf b;
	struct json_out o;
	if (k->n) qsort(k->key, k->n, sizeof *k->key, by_key);
	buf_init(&b, LISTS_BYTES_MAX);
	json_out_init(&o, &b);
	json_open(&o, '[');
	for (size_t i = 0; i < k->n; i++) json_put_str(&o, k->key[i]);
	json_close(&o, ']');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

/* --- a correction in the reading of a comment ------------------------------------------------------------ */

#define THIRD (1.0 / 3)

/* By thirds of the scale; -2 where the program does not tell. */
static int sign_of(double sentiment)
{
	return isnan(sentiment) ? -2 : sentiment < -THIRD ? -1 : sentiment > THIRD;
}

static void correct_feeling(struct comprehension *c, int feeling)
{
	const int wrong = sign_of(c->judged);
	c->sentiment = feeling - TEXT_NEUTRAL;
	for (size_t i = 0; i < c->n_clauses; i++)
		if (c->n_clauses == 1 || sign_of(c->felt[i]) == wrong) c->felt[i] = c->sentiment;
}

static bool found(const struct comprehension *c, size_t topic)
{
	for (size_t i = 0; i < c->n_hits; i++)
		if (c->hits[i].topic == topic) return true;
	return false;
}

/* Keys of topics that the set does not have any more stand for nothing. */
static void correct_topics(struct comprehension *c, const struct text_topics *topics, struct keys *added,
                           struct keys *dropped)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->n_hits; i++)
		if (keys_find(dropped, text_topics_at(topics, c->hits[i].topic)->key) == dropped->n)
			c->hits[kept++] = c->hits[i];
	c->n_hits = kept;
	for (size_t i = 0; i < added->n; i++) {
		const size_t at = topic_place(topics, added->key[i]);
		if (at < text_topics_count(topics) && !found(c, at)) c->added[c->n_added++] = (uint16_t)at;
	}
}

void comprehension_correct(struct comprehension *c, const struct text_topics *topics,
                           const struct insight_correction *k)
{
	struct arena a;
	struct keys added, dropped;
	arena_init(&a, LISTS_BYTES_MAX);
	if (k->feeling != INSIGHT_AS_READ) correct_feeling(c, k->feeling);
	keys_read(k->added, &a, &added);
	keys_read(k->dropped, &a, &dropped);
	correct_topics(c, topics, &added, &dropped);
	arena_done(&a);
}

/* --- what holds ----------------------------------------------------------------------------------------- */

static int feeling_at(struct stmt *s, int column)
{
	return stmt_null(s, column) ? INSIGHT_AS_READ : (int)stmt_i64(s, column);
}

/* Columns feeling, added, dropped from `at`. */
static enum err_code correction_at(struct stmt *s, int at, struct arena *a, struct insight_correction *out,
                                   struct err *err)
{
	*out = (struct insight_correction){ feeling_at(s, at), str_copy(a, stmt_str(s, at + 1)),
		                            str_copy(a, stmt_str(s, at + 2)) };
	return out->added.ptr && out->dropped.ptr ? OK : err_no_memory(err);
}

static enum err_code corrected_read(struct stmt *s, uint64_t arrival, struct arena *a, struct insight_corrected *out,
                                    struct err *err)
{
	bool row = false;
	stmt_bind_i64(s, 1, (int64_t)arrival);
	*out = (struct insight_corrected){ .is = nothing, .author = STR("") };
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		out->step = stmt_i64(s, 0);
		rc = correction_at(s, 1, a, &out->is, err);
		out->chosen = (enum insight_chosen)stmt_i64(s, 4);
		out->at_ms = stmt_i64(s, 5);
		out->author = str_copy(a, stmt_str(s, 6));
		if (rc == OK && !out->author.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

enum err_code insight_corrected(struct insight *x, uint64_t arrival, struct arena *a, struct insight_corrected *out,
                                struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, x->st, "insight_corrected_get", err));
	return corrected_read(s, arrival, a, out, err);
}

enum err_code insight_steps(struct insight *x, uint64_t arrival, size_t max, struct arena *a, struct insight_step **out,
                            size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct insight_step *list = ARENA_ARRAY(a, struct insight_step, max);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "insight_correction_list", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	stmt_bind_i64(s, 2, (int64_t)max);
	for (*n = 0; *n < max && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row; ++*n) {
		struct insight_step *k = &list[*n];
		*k = (struct insight_step){ .id = stmt_i64(s, 0),
			                    .at_ms = stmt_i64(s, 1),
			                    .author = str_copy(a, stmt_str(s, 2)),
			                    .chosen = (enum insight_chosen)stmt_i64(s, 3),
			                    .judged_felt = !stmt_null(s, 4),
			                    .judged = stmt_double(s, 4) };
		rc = correction_at(s, 5, a, &k->was, err);
		if (rc == OK) rc = correction_at(s, 8, a, &k->is, err);
		if (rc == OK && !k->author.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	*out = list;
	return rc;
}

/* --- a step ------------------------------------------------------------------------------------------------ */

struct correcting {
	struct insight *x;
	struct topic_set *set;
	struct arena a;
	uint64_t arrival;
	int64_t at_ms; /* of the comment */
	struct given from;
	struct str comment, lang;
	struct insight_corrected was;
	struct insight_correction is;
	enum insight_chosen chosen;
	struct str author;
	int64_t now_ms;
	struct one one;
};

static enum err_code comment_get(struct correcting *k, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, k->x->st, "insight_one", err));
	stmt_bind_i64(s, 1, (int64_t)k->arrival);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && !row)
		rc = err_set(err, ERR_NOT_FOUND, "inbox.unknown", "", "there is no comment %llu",
		             (unsigned long long)k->arrival);
	if (rc == OK) {
		k->at_ms = stmt_i64(s, 1);
		k->from = given_at(s, 4);
		k->comment = str_copy(&k->a, stmt_str(s, 2));
		k->lang = str_copy(&k->a, stmt_str(s, 3));
		if (!k->comment.ptr || !k->lang.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

static enum err_code comprehend_corrected(struct correcting *k, struct err *err)
{
	struct comprehension c;
	TRY(comprehension_open(&c, err));
	comprehend(&c, k->set->models->judge, k->set->topics, k->comment, k->lang);
	comprehension_correct(&c, k->set->topics, &k->is);
	one_of(&c, k->arrival, k->at_ms, &k->from, &k->one);
	comprehension_done(&c);
	return OK;
}

static bool same(const struct insight_correction *a, const struct insight_correction *b)
{
	return a->feeling == b->feeling && str_eq(a->added, b->added) && str_eq(a->dropped, b->dropped);
}

/* feeling, added, dropped as parameters from `at`. */
static void bind_correction(struct stmt *s, int at, const struct insight_correction *k)
{
	if (k->feeling != INSIGHT_AS_READ) stmt_bind_i64(s, at, k->feeling);
	stmt_bind_str(s, at + 1, k->added);
	stmt_bind_str(s, at + 2, k->dropped);
}

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code correct_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct correcting *k = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "insight_correction_add", err));
	stmt_bind_i64(s, 1, (int64_t)k->arrival);
	stmt_bind_i64(s, 2, k->now_ms);
	stmt_bind_str(s, 3, k->author);
	stmt_bind_i64(s, 4, k->chosen);
	if (!isnan(k->one.judged)) stmt_bind_double(s, 5, k->one.judged);
	bind_correction(s, 6, &k->was.is);
	bind_correction(s, 9, &k->is);
	TRY(run(s, err));
	const int64_t step = write_last_id(w);
	TRY(write_prepare(&s, w, same(&k->is, &nothing) ? "insight_corrected_drop" : "insight_corrected_put", err));
	stmt_bind_i64(s, 1, (int64_t)k->arrival);
	if (!same(&k->is, &nothing)) {
		stmt_bind_i64(s, 2, step);
		bind_correction(s, 3, &k->is);
		stmt_bind_i64(s, 6, k->chosen);
		stmt_bind_i64(s, 7, k->now_ms);
		stmt_bind_str(s, 8, k->author);
	}
	TRY(run(s, err));
	return one_write(w, k->set, &k->one, 1, err);
}

typedef enum err_code (*correct_fn)(struct correcting *k, const void *ctx, struct err *err);

/* fn says what is to hold, knowing what holds. Under `reading`: one step after the other, none beside a batch. */
static enum err_code correct(struct insight *x, struct correcting *k, correct_fn fn, const void *ctx, struct err *err)
{
	k->x = x;
	arena_init(&k->a, COMMENT_BYTES_MAX);
	reading_begin(x);
	k->set = set_hold(x);
	enum err_code rc = comment_get(k, err);
	if (rc == OK) rc = insight_corrected(x, k->arrival, &k->a, &k->was, err);
	k->is = k->was.is;
	if (k->was.step) k->chosen = k->was.chosen;
	if (rc == OK) rc = fn(k, ctx, err);
	if (rc == OK) rc = comprehend_corrected(k, err);
	if (rc == OK) rc = store_write(x->st, correct_write, k, err);
	if (rc == OK) columns_put(x, k->set, &k->one, 1);
	set_let_go(x, k->set);
	reading_end(x);
	arena_done(&k->a);
	if (rc == OK && x->news) x->news(x->news_ctx);
	return rc;
}

static enum err_code known_topic(const struct correcting *k, struct str key, struct err *err)
{
	if (topic_place(k->set->topics, key) < text_topics_count(k->set->topics)) return OK;
	return err_set(err, ERR_INPUT, "insight.topic", "add_topics", "no topic has the key \"" STR_FMT "\"",
	               (int)(key.len < 40 ? key.len : 40), key.ptr);
}

static enum err_code change(struct correcting *k, const void *ctx, struct err *err)
{
	const struct insight_change *c = ctx;
	struct keys added, dropped;
	keys_read(k->is.added, &k->a, &added);
	keys_read(k->is.dropped, &k->a, &dropped);
	for (size_t i = 0; i < c->n_add; i++) {
		TRY(known_topic(k, c->add[i], err));
		if (!keys_take_out(&dropped, c->add[i])) TRY(keys_add(&added, c->add[i], err));
	}
	for (size_t i = 0; i < c->n_drop; i++) {
		TRY(known_topic(k, c->drop[i], err));
		if (!keys_take_out(&added, c->drop[i])) TRY(keys_add(&dropped, c->drop[i], err));
	}
	if (c->set_feeling) k->is.feeling = c->feeling;
	TRY(keys_print(&added, &k->a, &k->is.added, err));
	TRY(keys_print(&dropped, &k->a, &k->is.dropped, err));
	if (!same(&k->is, &k->was.is)) return OK;
	return err_set(err, ERR_INPUT, "insight.correction", "", "nothing is said that is not so already");
}

enum err_code insight_correct(struct insight *x, uint64_t arrival, const struct insight_change *c, struct err *err)
{
	struct correcting k = {
		.arrival = arrival, .chosen = INSIGHT_BY_HAND, .author = c->author, .now_ms = c->now_ms
	};
	if (c->from_queue) TRY(given_out_why(x, arrival, &k.chosen, err));
	return correct(x, &k, change, c, err);
}

struct undoing {
	int64_t step;
};

static enum err_code undo(struct correcting *k, const void *ctx, struct err *err)
{
	const struct undoing *u = ctx;
	struct insight_step *newest;
	size_t n;
	TRY(insight_steps(k->x, k->arrival, 1, &k->a, &newest, &n, err));
	if (!n || newest->id != u->step)
		return err_set(err, ERR_CONFLICT, "insight.step", "step",
		               "somebody else said something about this comment meanwhile");
	k->is = newest->was;
	k->chosen = newest->chosen;
	return OK;
}

enum err_code insight_correct_undo(struct insight *x, uint64_t arrival, int64_t step, struct str author, int64_t now_ms,
                                   struct err *err)
{
	struct correcting k = { .arrival = arrival, .author = author, .now_ms = now_ms };
	return correct(x, &k, undo, &(struct undoing){ step }, err);
}
