/* What is set aside: to look at, and to try again under today's rules. */
#include "collect/priv.h"

enum { LIST_MAX = 1000, REPLAY_PAGE = 500 };

static bool fill(struct collect_set_aside *r, struct stmt *s, struct arena *a)
{
	*r = (struct collect_set_aside){
		.id = stmt_i64(s, 0),
		.source = (uint32_t)stmt_i64(s, 1),
		.received_ms = stmt_i64(s, 2),
		.reason = str_copy(a, stmt_str(s, 3)),
		.field = str_copy(a, stmt_str(s, 4)),
		.text = str_copy(a, stmt_str(s, 5)),
		.raw = str_copy(a, stmt_str(s, 6)),
	};
	return r->reason.ptr && r->field.ptr && r->text.ptr && r->raw.ptr;
}

static enum err_code read_all(struct stmt *s, size_t limit, struct arena *a, struct collect_set_aside **out, size_t *n,
                              struct err *err)
{
	struct collect_set_aside *rows = ARENA_ARRAY(a, struct collect_set_aside, limit);
	size_t count = 0;
	bool row;
	enum err_code rc = rows ? OK : err_no_memory(err);
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		if (count == limit || !fill(&rows[count], s, a)) {
			rc = err_no_memory(err);
			break;
		}
		count++;
	}
	if (rc == OK) *out = rows, *n = count;
	return rc;
}

enum err_code collect_set_aside_list(struct collect *c, uint32_t source, int64_t before_id, size_t limit,
                                     struct arena *a, struct collect_set_aside **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	int at = 1;
	if (limit == 0 || limit > LIST_MAX) limit = LIST_MAX;
	if (before_id <= 0) before_id = INT64_MAX;
	TRY(stmt_prepare(&s, c->st, source ? "collect_aside_list" : "collect_aside_list_all", err));
	if (source) stmt_bind_i64(s, at++, source);
	stmt_bind_i64(s, at++, before_id);
	stmt_bind_i64(s, at, (int64_t)limit);
	enum err_code rc = read_all(s, limit, a, out, n, err);
	stmt_free(s);
	return rc;
}

enum { REASONS_MAX = 100 };

enum err_code collect_set_aside_reasons(struct collect *c, uint32_t source, struct arena *a,
                                        struct collect_aside_reason **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	struct collect_aside_reason *rows = ARENA_ARRAY(a, struct collect_aside_reason, REASONS_MAX);
	size_t count = 0;
	bool row;
	if (!rows) return err_no_memory(err);
	TRY(stmt_prepare(&s, c->st, "collect_aside_reasons", err));
	stmt_bind_i64(s, 1, source);
	enum err_code rc;
	while ((rc = stmt_step(s, &row, err)) == OK && row && count < REASONS_MAX) {
		rows[count] =
		        (struct collect_aside_reason){ str_copy(a, stmt_str(s, 0)), stmt_i64(s, 1), stmt_i64(s, 2) };
		if (!rows[count++].reason.ptr) rc = err_no_memory(err);
		if (rc != OK) break;
	}
	stmt_free(s);
	if (rc == OK) *out = rows, *n = count;
	return rc;
}

/* --- replay ------------------------------------------------------------------------------------ */

struct replay {
	struct collect *c;
	int64_t now_ms;
	bool live;
	struct store_scope *dry; /* of a dry run: what it has seen; NULL for one that counts */
	const struct collect_set_aside *row;
	struct batch batch;
};

static enum err_code passes(void *ctx, const struct wire_event *e, struct err *err)
{
	struct replay *r = ctx;
	struct err why;
	size_t before = r->batch.n;
	if (time_rule(e, r->now_ms, r->live, &why)) return OK;
	TRY(batch_event(&r->batch, e, r->live, err));
	/* A row may hold one event; a placeholder that is still one stays where it is. */
	if (r->batch.n == before + 1 && r->batch.items[before].event &&
	    (before == 0 || r->batch.items[before - 1].set_aside_id != r->row->id))
		r->batch.items[before].set_aside_id = r->row->id;
	else r->batch.n = before;
	return OK;
}

static enum err_code fails_again(void *ctx, const struct wire_refusal *r, struct err *err)
{
	(void)ctx, (void)r, (void)err;
	return OK;
}

static int64_t read_raw(void *ctx, void *into, size_t cap)
{
	struct str *rest = ctx;
	size_t n = rest->len < cap ? rest->len : cap;
	if (n) memcpy(into, rest->ptr, n);
	*rest = str_cut(*rest, n, rest->len);
	return (int64_t)n;
}

/* What was set aside is either an event in our own words, or a line or message as it came. */
static enum err_code try_row(struct replay *r, const struct wire_sink *sink, struct err *err)
{
	struct wire_event e;
	struct err why;
	if (store_event_read(r->row->raw, r->batch.arena, &e, &why) == OK) return sink->event(sink->ctx, &e, err);
	struct str rest = r->row->raw;
	struct wire_input in = {
		.ctx = &rest, .read = read_raw, .name = STR("set aside"), .size_bytes = (int64_t)rest.len
	};
	enum err_code rc = wire_ndjson(&in, r->now_ms, sink, &why);
	if (rc == ERR_NO_MEMORY || rc == ERR_UNAVAILABLE) {
		if (err) *err = why;
		return rc;
	}
	return OK; /* cannot be read: stays */
}

/* Rows of one source, by the rules that hold for it today. */
static enum err_code try_rows(struct replay *r, const struct collect_set_aside *rows, size_t n, struct err *err)
{
	const struct wire_sink plain = { .ctx = r, .event = passes, .refuse = fails_again };
	struct masking masking;
	struct wire_sink sink;
	enum err_code rc = OK;
	TRY(masking_open(r->c, rows[0].source, &plain, &masking, &sink, err));
	for (size_t i = 0; i < n && rc == OK; i++) {
		r->row = &rows[i];
		rc = try_row(r, &sink, err);
	}
	masking_done(&masking);
	return rc;
}

static enum err_code replay_page(struct replay *r, const struct collect_set_aside *rows, size_t n,
                                 struct collect_tally *tally, struct err *err)
{
	for (size_t from = 0, to; from < n; from = to) { /* one source at a time: an append has one */
		enum collect_source_kind kind;
		size_t before = r->batch.n;
		enum err_code found = source_kind(r->c, rows[from].source, &kind, err);
		if (found != OK && found != ERR_NOT_FOUND) return found;
		r->live = found == OK && kind == COLLECT_SDK;
		for (to = from; to < n && rows[to].source == rows[from].source;) to++;
		TRY(try_rows(r, rows + from, to - from, err));
		struct store_item *items = r->batch.items + before;
		size_t n_items = r->batch.n - before;
		if (r->dry) TRY(store_probe(r->c->st, rows[from].source, items, n_items, r->dry, err));
		else TRY(store_append(r->c->st, rows[from].source, r->now_ms, items, n_items, NULL, err));
		for (size_t i = 0; i < n_items; i++) {
			if (items[i].verdict == STORE_STORED) tally->stored++;
			else if (items[i].verdict == STORE_DUPLICATE) tally->duplicate++;
		}
	}
	tally->received += (int64_t)n;
	return OK;
}

enum err_code collect_replay(struct collect *c, uint32_t source, struct str reason, bool dry_run,
                             struct collect_tally *out, struct err *err)
{
	struct collect_tally tally = { 0 };
	struct arena a;
	struct store_scope *dry = NULL;
	int64_t last = 0;
	if (dry_run) TRY(store_scope_new(&dry, err));
	arena_init(&a, 256 * MIB);
	enum err_code rc = OK;
	for (size_t n = REPLAY_PAGE; rc == OK && n == REPLAY_PAGE;) {
		struct stmt *s = NULL;
		struct collect_set_aside *rows = NULL;
		arena_reset(&a);
		rc = stmt_prepare(&s, c->st, "collect_aside_next", err);
		if (rc != OK) break;
		stmt_bind_i64(s, 1, last);
		if (source) stmt_bind_i64(s, 2, source);
		if (reason.len) stmt_bind_str(s, 3, reason);
		stmt_bind_i64(s, 4, REPLAY_PAGE);
		rc = read_all(s, REPLAY_PAGE, &a, &rows, &n, err);
		stmt_free(s);
		if (rc != OK || n == 0) break;
		last = rows[n - 1].id;
		struct replay r = { .c = c, .now_ms = now_of(c), .dry = dry, .batch = { .arena = &a } };
		rc = replay_page(&r, rows, n, &tally, err);
	}
	store_scope_free(dry);
	arena_done(&a);
	tally.set_aside = tally.received - tally.stored - tally.duplicate;
	if (rc == OK) *out = tally;
	return rc;
}
