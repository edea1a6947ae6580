/* Lists: found by filters or by words, then read row by row. */
#include "inbox/priv.h"

#include <math.h>

const struct inbox_filter inbox_filter_any = {
	.from_ms = INT64_MIN, .to_ms = INT64_MAX, .at_least = NAN, .at_most = NAN, .commented = -1
};

/* --- rows ---------------------------------------------------------------------------------------------- */

/* NULL in the table is "" here. */
static struct str text_at(struct stmt *s, int column, struct arena *a)
{
	const struct str t = stmt_str(s, column);
	return t.len ? str_copy(a, t) : STR("");
}

static enum err_code row_read(struct inbox *x, struct stmt *s, struct arena *a, struct inbox_row *out, struct err *err)
{
	*out = (struct inbox_row){
		.arrival = (uint64_t)stmt_i64(s, 0),
		.at_ms = stmt_i64(s, 1),
		.received_ms = stmt_i64(s, 2),
		.source = (uint32_t)stmt_i64(s, 3),
		.source_name = text_at(s, 4, a),
		.identity = (uint32_t)stmt_i64(s, 5),
		.event = text_at(s, 6, a),
		.about = text_at(s, 7, a),
		.channel = text_at(s, 8, a),
		.unit = text_at(s, 9, a),
		.lang = text_at(s, 10, a),
		.score_kind = text_at(s, 11, a),
		.has_score = !stmt_null(s, 12),
		.score = stmt_double(s, 12),
		.score_min = stmt_double(s, 13),
		.score_max = stmt_double(s, 14),
		.utility = stmt_double(s, 15),
		.state = (enum inbox_care)stmt_i64(s, 16),
		.assigned = text_at(s, 17, a),
		.comment = text_at(s, 18, a),
		.tags = text_at(s, 19, a),
	};
	if (!store_identity_get(x->st, out->identity, &out->anonymous, &out->customer)) out->customer = STR("");
	const struct str all[] = { out->source_name, out->event,   out->about,    out->channel, out->unit,
		                   out->lang,        out->comment, out->assigned, out->tags };
	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (!all[i].ptr) return err_no_memory(err);
	return OK;
}

enum err_code inbox_get(struct inbox *x, uint64_t arrival, struct arena *a, struct inbox_row *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, x->st, "inbox_row", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) rc = row_read(x, s, a, out, err);
	stmt_free(s);
	if (rc == OK && !row)
		return err_set(err, ERR_NOT_FOUND, "inbox.unknown", "", "there is no feedback %llu",
		               (unsigned long long)arrival);
	return rc;
}

enum err_code inbox_rows(struct inbox *x, uint64_t from, uint64_t to, size_t max, struct arena *a,
                         struct inbox_row **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct inbox_row *rows = ARENA_ARRAY(a, struct inbox_row, max);
	if (!rows) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "inbox_rows_from", err));
	stmt_bind_i64(s, 1, (int64_t)from);
	stmt_bind_i64(s, 2, (int64_t)to);
	stmt_bind_i64(s, 3, (int64_t)max);
	for (*n = 0; *n < max && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row;)
		rc = row_read(x, s, a, &rows[(*n)++], err);
	stmt_free(s);
	*out = rows;
	return rc;
}

/* --- finding --------------------------------------------------------------------------------------------- */

static void bind_filter(struct stmt *s, const struct inbox_filter *f, struct inbox_cursor behind)
{
	const struct str texts[] = { f->source, f->channel, f->unit, f->lang };
	stmt_bind_i64(s, 1, behind.at_ms);
	stmt_bind_i64(s, 2, (int64_t)behind.arrival);
	stmt_bind_i64(s, 3, f->from_ms);
	stmt_bind_i64(s, 4, f->to_ms);
	if (!isnan(f->at_least)) stmt_bind_double(s, 5, f->at_least);
	if (!isnan(f->at_most)) stmt_bind_double(s, 6, f->at_most);
	stmt_bind_str(s, 7, f->events);
	for (int i = 0; i < (int)COUNT_OF(texts); i++) stmt_bind_str(s, 8 + i, texts[i]);
	if (f->states) stmt_bind_i64(s, 12, f->states);
	stmt_bind_str(s, 13, f->assigned);
	stmt_bind_str(s, 14, f->tag);
	if (f->commented >= 0) stmt_bind_i64(s, 15, f->commented);
	stmt_bind_str(s, 17, f->topics);
	stmt_bind_str(s, 18, f->policies);
	if (f->feelings) stmt_bind_i64(s, 19, f->feelings);
	stmt_bind_str(s, 20, f->arrivals);
}

static bool enough(const struct finding *f)
{
	return f->count ? f->total >= INBOX_COUNT_MAX : f->n == f->max;
}

static enum err_code gather(struct stmt *s, struct finding *f, struct err *err)
{
	bool row = true;
	while (!enough(f)) {
		TRY(stmt_step(s, &row, err));
		if (!row) return OK;
		if (f->n < f->max) f->found[f->n++] = (struct inbox_cursor){ stmt_i64(s, 0), (uint64_t)stmt_i64(s, 1) };
		f->total++;
	}
	return OK;
}

static enum err_code month_list(struct inbox *x, struct arena *a, int **out, size_t *n, struct err *err)
{
	enum { MAX = 12 * 202 };
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	int *list = ARENA_ARRAY(a, int, MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "inbox_month_list", err));
	for (*n = 0; *n < MAX && (rc = stmt_step(s, &row, err)) == OK && row;) list[(*n)++] = (int)stmt_i64(s, 0);
	stmt_free(s);
	*out = list;
	return rc;
}

/* Months from the newest; those outside the time asked for or before the cursor's page are not opened. */
static enum err_code search(struct inbox *x, const struct inbox_filter *f, struct inbox_cursor behind, struct arena *a,
                            struct finding *to, struct err *err)
{
	int *months = NULL;
	size_t n = 0;
	struct buf words;
	TRY(month_list(x, a, &months, &n, err));
	buf_init(&words, 64 * KIB);
	search_query_fts(f->search, &words);
	enum err_code rc = buf_check(&words, err);
	for (size_t i = 0; rc == OK && i < n && !enough(to); i++) {
		const int year = months[i] / 100, month = months[i] % 100;
		const int64_t first = when_days(year, month, 1) * WHEN_DAY_MS;
		const int64_t end =
		        (month == 12 ? when_days(year + 1, 1, 1) : when_days(year, month + 1, 1)) * WHEN_DAY_MS;
		struct stmt *s = NULL;
		if (end <= f->from_ms || first >= f->to_ms || first > behind.at_ms) continue;
		rc = stmt_prepare_month(&s, x->st, "inbox_search", months[i], err);
		if (rc != OK) break;
		bind_filter(s, f, behind);
		stmt_bind_str(s, 16, buf_view(&words));
		rc = gather(s, to, err);
		stmt_free(s);
	}
	buf_done(&words);
	return rc;
}

enum err_code inbox_find(struct inbox *x, const struct inbox_filter *f, struct inbox_cursor behind, struct arena *a,
                         struct finding *to, struct err *err)
{
	if (f->search && f->search->n) return search(x, f, behind, a, to, err);
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, x->st, "inbox_find", err));
	bind_filter(s, f, behind);
	const enum err_code rc = gather(s, to, err);
	stmt_free(s);
	return rc;
}

enum err_code inbox_list(struct inbox *x, const struct inbox_filter *f, struct inbox_cursor behind, size_t limit,
                         struct arena *a, struct inbox_page *out, struct err *err)
{
	struct finding found = { .max = limit + 1 };
	struct inbox_page page = { .total = -1 };
	found.found = ARENA_ARRAY(a, struct inbox_cursor, limit + 1);
	page.rows = ARENA_ARRAY(a, struct inbox_row, limit + 1);
	found.count = behind.at_ms == INT64_MAX;
	if (!found.found || !page.rows) return err_no_memory(err);
	TRY(inbox_find(x, f, behind, a, &found, err));
	page.more = found.n > limit;
	page.n = page.more ? limit : found.n;
	if (page.more) page.next = found.found[limit - 1];
	if (found.count) page.total = found.total;
	for (size_t i = 0; i < page.n; i++) TRY(inbox_get(x, found.found[i].arrival, a, &page.rows[i], err));
	*out = page;
	return OK;
}

/* --- what there is ------------------------------------------------------------------------------------------ */

#define FACET_KINDS 6 /* columns of inbox_facets */

/* How often each number stands in each column. */
struct tally {
	int64_t *n[FACET_KINDS];
	size_t end[FACET_KINDS];
};

static bool tally_add(struct tally *t, int kind, size_t id)
{
	if (id >= t->end[kind]) {
		const size_t end = id + id / 2 + 64;
		int64_t *grown = realloc(t->n[kind], end * sizeof *grown);
		if (!grown) return false;
		memset(grown + t->end[kind], 0, (end - t->end[kind]) * sizeof *grown);
		t->n[kind] = grown;
		t->end[kind] = end;
	}
	t->n[kind][id]++;
	return true;
}

static enum err_code tally_rows(struct inbox *x, struct str unit, struct tally *t, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	TRY(stmt_prepare(&s, x->st, "inbox_facets", err));
	if (unit.len) stmt_bind_str(s, 1, unit);
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row)
		for (int k = 0; k < FACET_KINDS; k++)
			if (!tally_add(t, k, (size_t)stmt_i64(s, k))) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

static void tally_print(const struct tally *t, struct buf *to)
{
	struct json_out o;
	json_out_init(&o, to);
	json_open(&o, '[');
	for (int k = 0; k < FACET_KINDS; k++)
		for (size_t id = 0; id < t->end[k]; id++) {
			if (!t->n[k][id]) continue;
			json_open(&o, '[');
			json_put_i64(&o, k);
			json_put_i64(&o, (int64_t)id);
			json_put_i64(&o, t->n[k][id]);
			json_close(&o, ']');
		}
	json_close(&o, ']');
}

static enum err_code facets_name(struct inbox *x, struct str unit, struct str counted, struct arena *a,
                                 struct inbox_facet **out, size_t *n, struct err *err)
{
	enum { MAX = 4096 };
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct inbox_facet *list = ARENA_ARRAY(a, struct inbox_facet, MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "inbox_facet_names", err));
	if (unit.len) stmt_bind_str(s, 1, unit);
	stmt_bind_str(s, 2, counted);
	for (*n = 0; *n < MAX && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		list[*n] = (struct inbox_facet){ text_at(s, 0, a), text_at(s, 1, a), stmt_i64(s, 2) };
	stmt_free(s);
	*out = list;
	return rc;
}

/* Counted by number in one go over the index, which is many times quicker than a group for each kind. */
enum err_code inbox_facets(struct inbox *x, struct str unit, struct arena *a, struct inbox_facet **out, size_t *n,
                           struct err *err)
{
	struct tally t = { 0 };
	struct buf counted;
	buf_init(&counted, 16 * MIB);
	enum err_code rc = tally_rows(x, unit, &t, err);
	tally_print(&t, &counted);
	if (rc == OK) rc = buf_check(&counted, err);
	if (rc == OK) rc = facets_name(x, unit, buf_view(&counted), a, out, n, err);
	for (int k = 0; k < FACET_KINDS; k++) free(t.n[k]);
	buf_done(&counted);
	return rc;
}

enum err_code inbox_state(struct inbox *x, struct str unit, struct inbox_state *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, x->st, "inbox_counts", err));
	if (unit.len) stmt_bind_str(s, 1, unit);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row)
		*out = (struct inbox_state){ .arrival_end = atomic_load(&x->mark),
			                     .store_end = store_arrival_end(x->st),
			                     .feedback = stmt_i64(s, 0),
			                     .fresh = stmt_i64(s, 1),
			                     .open = stmt_i64(s, 2),
			                     .commented = stmt_i64(s, 3) };
	stmt_free(s);
	return rc;
}
