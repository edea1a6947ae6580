/* What was heard in the comments that fit a filter, counted. */
#include "inbox/priv.h"

#define VALUES_MAX 1024

const char *const inbox_feeling_names[INBOX_FEELINGS] = { "negative", "neutral", "positive", "none" };

static enum err_code arrivals_json(const struct finding *f, struct buf *out, struct err *err)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '[');
	for (size_t i = 0; i < f->n; i++) json_put_i64(&o, (int64_t)f->found[i].arrival);
	json_close(&o, ']');
	return buf_check(out, err);
}

static enum err_code count(struct inbox *x, const struct inbox_filter *f, enum inbox_choice by, struct str arrivals,
                           struct arena *a, struct inbox_count *list, size_t *n, struct err *err)
{
	static const char *const questions[] = { "inbox_heard_topic", "inbox_heard_topic", "inbox_heard_feeling",
		                                 "inbox_heard_lang" };
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, questions[by], err));
	stmt_bind_str(s, 1, arrivals);
	if (by == INBOX_BY_FEELING) {
		stmt_bind_str(s, 2, f->topics);
		stmt_bind_str(s, 3, f->policies);
	} else if (by != INBOX_BY_LANG && f->feelings) stmt_bind_i64(s, 2, f->feelings);
	enum err_code rc = OK;
	for (*n = 0; rc == OK && *n < VALUES_MAX && (rc = stmt_step(s, &row, err)) == OK && row; ++*n) {
		list[*n] = (struct inbox_count){ .value = str_copy(a, stmt_str(s, 0)), .n = stmt_i64(s, 1) };
		if (!list[*n].value.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

/* The filter without its own choice. A feeling is that of the whole only while nothing is asked that it could be of. */
static struct inbox_filter without(const struct inbox_filter *f, enum inbox_choice by)
{
	struct inbox_filter g = *f;
	const struct str any = { NULL, 0 };
	if (by == INBOX_BY_TOPIC) g.topics = any;
	if (by == INBOX_BY_POLICY) g.policies = any;
	if (by == INBOX_BY_FEELING || (by != INBOX_BY_LANG && !g.topics.ptr && !g.policies.ptr)) g.feelings = 0;
	if (by == INBOX_BY_LANG) g.lang = any;
	return g;
}

enum err_code inbox_heard(struct inbox *x, const struct inbox_filter *f, enum inbox_choice by, struct arena *a,
                          struct inbox_count **out, size_t *n, struct err *err)
{
	const struct inbox_filter others = without(f, by);
	struct finding found = { .max = INBOX_COUNT_MAX };
	struct inbox_count *list = ARENA_ARRAY(a, struct inbox_count, VALUES_MAX);
	struct buf arrivals;
	found.found = calloc(found.max, sizeof *found.found);
	if (!list || !found.found) {
		free(found.found);
		return err_no_memory(err);
	}
	buf_init(&arrivals, 16 * (size_t)INBOX_COUNT_MAX);
	enum err_code rc = inbox_find(x, &others, INBOX_NEWEST, a, &found, err);
	if (rc == OK) rc = arrivals_json(&found, &arrivals, err);
	if (rc == OK) rc = count(x, f, by, buf_view(&arrivals), a, list, n, err);
	buf_done(&arrivals);
	free(found.found);
	if (rc == OK) *out = list;
	return rc;
}
