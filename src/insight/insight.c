/* Opening and closing; the set of topics. */
#include "insight/insight.h"

#include "insight/priv.h"

#define SET_BYTES_MAX (16 * MIB)

void reading_begin(struct insight *x)
{
	atomic_fetch_add(&x->waiting, 1);
	pthread_mutex_lock(&x->reading);
	atomic_fetch_sub(&x->waiting, 1);
}

void reading_end(struct insight *x)
{
	pthread_mutex_unlock(&x->reading);
}

/* Nobody holds it any more. The lock is held, or nobody else knows it. */
static void set_free(struct topic_set *s)
{
	if (!s) return;
	if (s->models && --s->models->holders == 0) models_free(s->models);
	arena_done(&s->a);
	free(s);
}

struct topic_set *set_hold(struct insight *x)
{
	pthread_mutex_lock(&x->lock);
	struct topic_set *s = x->set;
	s->holders++;
	pthread_mutex_unlock(&x->lock);
	return s;
}

void set_let_go(struct insight *x, struct topic_set *s)
{
	pthread_mutex_lock(&x->lock);
	if (--s->holders == 0) set_free(s);
	pthread_mutex_unlock(&x->lock);
}

static enum err_code set_make(struct str document, int version, struct topic_set **out, struct err *err)
{
	struct topic_set *s = calloc(1, sizeof *s);
	if (!s) return err_no_memory(err);
	arena_init(&s->a, SET_BYTES_MAX);
	s->version = version;
	s->holders = 1; /* the one that is in use */
	const struct str kept = str_copy(&s->a, document);
	const enum err_code rc = kept.ptr ? text_topics_read(kept, &s->a, &s->topics, err) : err_no_memory(err);
	if (rc == OK) *out = s;
	else set_free(s);
	return rc;
}

/* With the models given (taken), or those that are in use. */
static void set_use(struct insight *x, struct topic_set *s, struct models *m)
{
	pthread_mutex_lock(&x->lock);
	struct topic_set *old = x->set;
	s->models = m ? m : old->models;
	s->models->holders++;
	x->set = s;
	if (old && --old->holders == 0) set_free(old);
	pthread_mutex_unlock(&x->lock);
	atomic_fetch_add(&x->changes, 1);
}

/* The row of a statement of sets; what is there already without one. */
static enum err_code set_of_row(struct stmt *s, struct arena *a, bool *row, struct insight_topics *out, struct err *err)
{
	TRY(stmt_step(s, row, err));
	if (!*row) return OK;
	*out = (struct insight_topics){ .version = (int)stmt_i64(s, 0),
		                        .document = str_copy(a, stmt_str(s, 1)),
		                        .saved_ms = stmt_i64(s, 2),
		                        .author = str_copy(a, stmt_str(s, 3)) };
	return out->document.ptr && out->author.ptr ? OK : err_no_memory(err);
}

static enum err_code newest(struct insight *x, struct arena *a, struct insight_topics *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = (struct insight_topics){ .document = text_topics_shipped(), .author = STR("") };
	TRY(stmt_prepare(&s, x->st, "insight_topics_newest", err));
	const enum err_code rc = set_of_row(s, a, &row, out, err);
	stmt_free(s);
	return rc;
}

enum err_code insight_topics_version(struct insight *x, int version, struct arena *a, struct insight_topics *out,
                                     struct err *err)
{
	struct stmt *s = NULL;
	bool row = version == 0;
	struct insight_topics t = { .document = text_topics_shipped(), .author = STR("") };
	TRY(stmt_prepare(&s, x->st, "insight_topics_version", err));
	stmt_bind_i64(s, 1, version);
	enum err_code rc = version ? set_of_row(s, a, &row, &t, err) : OK;
	stmt_free(s);
	if (rc == OK && !row)
		rc = err_set(err, ERR_NOT_FOUND, "insight.version", "version", "no set of topics has this version");
	if (rc == OK) *out = t;
	return rc;
}

enum err_code insight_topics_versions(struct insight *x, struct arena *a, struct insight_topics **out, size_t *n,
                                      struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	size_t m = 0;
	struct insight_topics *list = ARENA_ARRAY(a, struct insight_topics, INSIGHT_VERSIONS_MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "insight_topics_list", err));
	stmt_bind_i64(s, 1, INSIGHT_VERSIONS_MAX);
	enum err_code rc = OK;
	while (rc == OK && m < INSIGHT_VERSIONS_MAX && (rc = stmt_step(s, &row, err)) == OK && row) {
		list[m] = (struct insight_topics){ .version = (int)stmt_i64(s, 0),
			                           .saved_ms = stmt_i64(s, 1),
			                           .author = str_copy(a, stmt_str(s, 2)) };
		if (!list[m++].author.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	if (rc != OK) return rc;
	*out = list;
	*n = m;
	return OK;
}

enum err_code set_open(struct insight *x, struct models *m, struct err *err)
{
	struct arena a;
	struct insight_topics t;
	struct topic_set *set = NULL;
	arena_init(&a, SET_BYTES_MAX);
	enum err_code rc = newest(x, &a, &t, err);
	if (rc == OK) rc = set_make(t.document, t.version, &set, err);
	if (rc == OK) set_use(x, set, m);
	arena_done(&a);
	return rc;
}

enum err_code insight_open(struct store *st, struct inbox *inbox, struct insight **out, struct err *err)
{
	struct insight *x = calloc(1, sizeof *x);
	struct stmt *s = NULL;
	bool row = false;
	if (!x) return err_no_memory(err);
	x->st = st;
	x->inbox = inbox;
	pthread_mutex_init(&x->reading, NULL);
	pthread_mutex_init(&x->lock, NULL);
	columns_init(&x->columns);
	pthread_mutex_init(&x->quality.lock, NULL);
	enum err_code rc = stmt_prepare(&s, st, "insight_mark_get", err);
	if (rc == OK) rc = stmt_step(s, &row, err);
	if (rc == OK && row) atomic_store(&x->mark, (uint64_t)stmt_i64(s, 0));
	stmt_free(s);
	struct models *models = NULL;
	if (rc == OK) rc = models_open(x, &models, err);
	if (rc == OK && (rc = set_open(x, models, err)) != OK) models_free(models);
	if (rc != OK) insight_close(x);
	else *out = x;
	return rc;
}

void insight_people(struct insight *x, insight_customers_fn customers, void *ctx)
{
	x->customers = customers;
	x->customers_ctx = ctx;
}

void insight_forget(struct insight *x, const uint64_t *arrivals, size_t n)
{
	reading_begin(x);
	columns_drop(x, arrivals, n);
	reading_end(x);
}

bool insight_follows(const struct insight *x)
{
	return x->following;
}

uint64_t insight_mark(const struct insight *x)
{
	return atomic_load(&x->mark);
}

void insight_stop(struct insight *x)
{
	atomic_store(&x->stop, true);
	if (x->following) pthread_join(x->thread, NULL);
	x->following = false;
}

void insight_close(struct insight *x)
{
	if (!x) return;
	insight_stop(x);
	set_free(x->set);
	columns_done(&x->columns);
	pthread_mutex_destroy(&x->quality.lock);
	pthread_mutex_destroy(&x->reading);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

enum err_code stale_count(struct insight *x, const struct topic_set *set, int64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, x->st, "insight_stale_count", err));
	stmt_bind_i64(s, 1, set->version);
	stmt_bind_i64(s, 2, set->models->reader);
	const enum err_code rc = stmt_step(s, &row, err);
	*out = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	return rc;
}

enum err_code insight_to_read_again(struct insight *x, int64_t *out, struct err *err)
{
	struct topic_set *set = set_hold(x);
	const enum err_code rc = stale_count(x, set, out, err);
	set_let_go(x, set);
	return rc;
}

enum err_code insight_topics(struct insight *x, struct arena *a, struct insight_topics *out, struct err *err)
{
	TRY(newest(x, a, out, err));
	return insight_to_read_again(x, &out->to_read_again, err);
}

enum err_code name_copy(const struct text_topic *from, struct arena *a, struct insight_name *to, struct err *err)
{
	*to = (struct insight_name){ .key = str_copy(a, from->key), .policy = from->policy };
	if (!to->key.ptr) return err_no_memory(err);
	for (int k = 0; k < TEXT_IN_LATIN; k++)
		if (!(to->names[k] = str_copy(a, from->names[k])).ptr) return err_no_memory(err);
	return OK;
}

enum err_code insight_names(struct insight *x, struct arena *a, struct insight_name **out, size_t *n, struct err *err)
{
	struct topic_set *set = set_hold(x);
	const size_t count = text_topics_count(set->topics);
	struct insight_name *list = ARENA_ARRAY(a, struct insight_name, count);
	enum err_code rc = list ? OK : err_no_memory(err);
	for (size_t i = 0; rc == OK && i < count; i++) rc = name_copy(text_topics_at(set->topics, i), a, &list[i], err);
	set_let_go(x, set);
	if (rc != OK) return rc;
	*out = list;
	*n = count;
	return OK;
}

struct saving {
	struct str document, author;
	int version;
	int64_t now_ms;
};

static enum err_code save(void *ctx, struct store_write *w, struct err *err)
{
	const struct saving *k = ctx;
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "insight_topics_newest", err));
	enum err_code rc = stmt_step(s, &row, err);
	const int version = rc == OK && row ? (int)stmt_i64(s, 0) : 0;
	stmt_free(s);
	if (rc != OK) return rc;
	if (version != k->version)
		return err_set(err, ERR_CONFLICT, "insight.topics", "version",
		               "somebody else saved version %d of the topics", version);
	TRY(write_prepare(&s, w, "insight_topics_add", err));
	stmt_bind_i64(s, 1, version + 1);
	stmt_bind_str(s, 2, k->document);
	stmt_bind_i64(s, 3, k->now_ms);
	stmt_bind_str(s, 4, k->author);
	rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

enum err_code insight_topics_put(struct insight *x, struct str document, int version, struct str author, int64_t now_ms,
                                 struct err *err)
{
	struct topic_set *set;
	struct saving k = { document, author, version, now_ms };
	TRY(set_make(document, version + 1, &set, err));
	/* Under `reading`, so that nothing is read by the old set behind the new one's back. */
	reading_begin(x);
	const enum err_code rc = store_write(x->st, save, &k, err);
	if (rc == OK) set_use(x, set, NULL);
	reading_end(x);
	if (rc != OK) {
		set_free(set);
		return rc;
	}
	return x->following ? OK : insight_catch_up(x, err);
}
