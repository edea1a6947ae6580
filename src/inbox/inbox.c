/* Opening, closing, and what people do with feedback. */
#include "inbox/priv.h"

const char *const inbox_care_names[INBOX_CARES] = { "new", "open", "done" };

enum err_code inbox_open(struct store *st, struct inbox **out, struct err *err)
{
	struct inbox *x = calloc(1, sizeof *x);
	struct stmt *s = NULL;
	bool row = false;
	if (!x) return err_no_memory(err);
	x->st = st;
	pthread_mutex_init(&x->reading, NULL);
	enum err_code rc = stmt_prepare(&s, st, "inbox_mark_get", err);
	if (rc == OK) rc = stmt_step(s, &row, err);
	if (rc == OK && row) atomic_store(&x->mark, (uint64_t)stmt_i64(s, 0));
	stmt_free(s);
	if (rc != OK) inbox_close(x);
	else *out = x;
	return rc;
}

bool inbox_follows(const struct inbox *x)
{
	return x->following;
}

uint64_t inbox_mark(const struct inbox *x)
{
	return atomic_load(&x->mark);
}

void inbox_stop(struct inbox *x)
{
	atomic_store(&x->stop, true);
	if (x->following) pthread_join(x->thread, NULL);
	x->following = false;
}

void inbox_close(struct inbox *x)
{
	if (!x) return;
	inbox_stop(x);
	pthread_mutex_destroy(&x->reading);
	free(x);
}

void inbox_tell(struct inbox *x)
{
	if (x->news) x->news(x->news_ctx);
}

static enum err_code unknown(uint64_t arrival, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "inbox.unknown", "", "there is no feedback %llu",
	               (unsigned long long)arrival);
}

/* --- changes ------------------------------------------------------------------------------------------ */

struct change {
	uint64_t arrival;
	const struct inbox_change *c;
	struct str author;
	int64_t now_ms;
};

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

/* State and person, kept twice: as what people said, and in the list. */
static enum err_code care_put(struct store_write *w, const struct change *k, int64_t state, struct str assigned,
                              struct err *err)
{
	struct stmt *s = NULL;
	const struct str who = assigned.len ? assigned : (struct str){ NULL, 0 };
	TRY(write_prepare(&s, w, "inbox_care_put", err));
	stmt_bind_i64(s, 1, (int64_t)k->arrival);
	stmt_bind_i64(s, 2, state);
	stmt_bind_str(s, 3, who);
	stmt_bind_i64(s, 4, k->now_ms);
	stmt_bind_str(s, 5, k->author);
	TRY(run(s, err));
	TRY(write_prepare(&s, w, "inbox_care_show", err));
	stmt_bind_i64(s, 1, (int64_t)k->arrival);
	stmt_bind_i64(s, 2, state);
	stmt_bind_str(s, 3, who);
	return run(s, err);
}

static enum err_code care_get(struct store_write *w, uint64_t arrival, int64_t *state, char assigned[256],
                              struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "inbox_care_get", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		*state = stmt_i64(s, 0);
		snprintf(assigned, 256, STR_FMT, STR_ARG(stmt_str(s, 1)));
	}
	stmt_free(s);
	return rc == OK && !row ? unknown(arrival, err) : rc;
}

static enum err_code tag_run(struct store_write *w, const char *name, uint64_t arrival, struct str tag, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, name, err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	stmt_bind_str(s, 2, tag);
	return run(s, err);
}

static enum err_code tags_check(struct store_write *w, uint64_t arrival, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "inbox_tag_count", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	const enum err_code rc = stmt_step(s, &row, err);
	const int64_t n = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	if (rc == OK && n > INBOX_TAGS_MAX)
		return err_limit(err, "inbox.tags", "add_tags", n, INBOX_TAGS_MAX, "feedback has at most %d tags",
		                 INBOX_TAGS_MAX);
	return rc;
}

static enum err_code change_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct change *k = ctx;
	const struct inbox_change *c = k->c;
	int64_t state = 0;
	char assigned[256] = "";
	TRY(care_get(w, k->arrival, &state, assigned, err));
	if (c->set_state || c->set_assigned)
		TRY(care_put(w, k, c->set_state ? (int64_t)c->state : state,
		             c->set_assigned ? c->assigned : str_of(assigned), err));
	for (size_t i = 0; i < c->n_drop; i++) TRY(tag_run(w, "inbox_tag_drop", k->arrival, c->drop_tags[i], err));
	for (size_t i = 0; i < c->n_add; i++) TRY(tag_run(w, "inbox_tag_add", k->arrival, c->add_tags[i], err));
	return c->n_add ? tags_check(w, k->arrival, err) : OK;
}

enum err_code inbox_change(struct inbox *x, uint64_t arrival, const struct inbox_change *c, struct str author,
                           int64_t now_ms, struct err *err)
{
	for (size_t i = 0; i < c->n_add; i++)
		if (!str_trim(c->add_tags[i]).len || c->add_tags[i].len > INBOX_TAG_BYTES_MAX)
			return err_set(err, ERR_INPUT, "inbox.tag", "add_tags", "a tag has 1 to %d bytes",
			               INBOX_TAG_BYTES_MAX);
	TRY(store_write(x->st, change_write, &(struct change){ arrival, c, author, now_ms }, err));
	inbox_tell(x);
	return OK;
}

/* --- notes and replies ------------------------------------------------------------------------------------ */

struct noting {
	uint64_t arrival;
	const struct inbox_note *n;
};

static enum err_code note_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct noting *k = ctx;
	const struct inbox_note *n = k->n;
	int64_t state = 0;
	char assigned[256] = "";
	struct stmt *s = NULL;
	TRY(care_get(w, k->arrival, &state, assigned, err));
	if (n->reply && state == INBOX_NEW)
		TRY(care_put(w, &(struct change){ k->arrival, NULL, n->author, n->at_ms }, INBOX_OPEN, str_of(assigned),
		             err));
	TRY(write_prepare(&s, w, "inbox_note_add", err));
	stmt_bind_i64(s, 1, (int64_t)k->arrival);
	stmt_bind_i64(s, 2, n->at_ms);
	stmt_bind_str(s, 3, n->author);
	stmt_bind_i64(s, 4, n->reply);
	stmt_bind_str(s, 5, n->channel.ptr ? n->channel : STR(""));
	stmt_bind_str(s, 6, n->message.len ? n->message : (struct str){ NULL, 0 });
	stmt_bind_str(s, 7, n->text);
	return run(s, err);
}

enum err_code inbox_note_add(struct inbox *x, uint64_t arrival, const struct inbox_note *n, struct err *err)
{
	if (!str_trim(n->text).len) return err_set(err, ERR_INPUT, "inbox.note", "text", "the text is empty");
	if (n->text.len > INBOX_NOTE_BYTES_MAX)
		return err_limit(err, "inbox.note_long", "text", (int64_t)n->text.len, INBOX_NOTE_BYTES_MAX,
		                 "a text has at most %d bytes", INBOX_NOTE_BYTES_MAX);
	TRY(store_write(x->st, note_write, &(struct noting){ arrival, n }, err));
	inbox_tell(x);
	return OK;
}

enum err_code inbox_notes(struct inbox *x, uint64_t arrival, struct arena *a, struct inbox_note **out, size_t *n,
                          struct err *err)
{
	enum { MAX = 1000 };
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct inbox_note *list = ARENA_ARRAY(a, struct inbox_note, MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "inbox_note_list", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	for (*n = 0; *n < MAX && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		list[*n] = (struct inbox_note){ .id = stmt_i64(s, 0),
			                        .at_ms = stmt_i64(s, 1),
			                        .author = str_copy(a, stmt_str(s, 2)),
			                        .reply = stmt_i64(s, 3) != 0,
			                        .channel = str_copy(a, stmt_str(s, 4)),
			                        .message = str_copy(a, stmt_str(s, 5)),
			                        .text = str_copy(a, stmt_str(s, 6)) };
	stmt_free(s);
	*out = list;
	return rc;
}
