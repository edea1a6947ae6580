/* New feedback meets the rules; what is overdue goes one up. */
#include "act/priv.h"

#include <math.h>

#define CHUNK 200 /* rows looked at together; each can open one follow-up */

struct hit {
	const struct act_rule *rule;
	const struct inbox_row *row;
	struct act_unit unit;
	int64_t due_ms;
	const struct act_rule **also; /* rules that fit too, and are less strict */
	size_t n_also;
	bool fresh; /* opened by this write */
};

struct opening {
	struct act *a;
	struct hit *hits;
	size_t n;
	uint64_t mark;
	int64_t now_ms;
};

static enum err_code mark_get(struct act *a, uint64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, a->st, "follow_up_mark_get", err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *out = (uint64_t)stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

static enum err_code add(struct store_write *w, struct opening *k, struct hit *h, struct err *err)
{
	const struct inbox_row *row = h->row;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "follow_up_add", err));
	stmt_bind_i64(s, 1, h->rule->id);
	stmt_bind_i64(s, 2, (int64_t)row->arrival);
	stmt_bind_i64(s, 3, row->identity);
	stmt_bind_str(s, 4, row->unit);
	stmt_bind_str(s, 5, row->event);
	stmt_bind_str(s, 6, row->about);
	if (row->has_score) stmt_bind_double(s, 7, row->utility);
	stmt_bind_i64(s, 8, row->received_ms);
	stmt_bind_i64(s, 9, h->due_ms);
	stmt_bind_str(s, 10, h->unit.responsible);
	TRY(run(s, err));
	h->fresh = write_changes(w) > 0;
	if (!h->fresh) return OK;
	const int64_t id = write_last_id(w);
	TRY(step_put(w, id, row->received_ms, STR(""), "opened", STR(""), err));
	for (size_t i = 0; i < h->n_also; i++)
		TRY(step_put(w, id, row->received_ms, STR(""), "also", h->also[i]->name, err));
	TRY(hold(k->a, w, id, row->identity, true, k->now_ms, err));
	return tell(k->a, w,
	            &(struct telling){ .what = TELL_OPENED,
	                               .follow_up = id,
	                               .unit = &h->unit,
	                               .name = h->rule->name,
	                               .comment = row->comment,
	                               .customer = row->customer,
	                               .utility = row->has_score ? row->utility : NAN,
	                               .due_ms = h->due_ms },
	            k->now_ms, err);
}

static enum err_code open_write(void *ctx, struct store_write *w, struct err *err)
{
	struct opening *k = ctx;
	struct stmt *s = NULL;
	for (size_t i = 0; i < k->n; i++) TRY(add(w, k, &k->hits[i], err));
	TRY(write_prepare(&s, w, "follow_up_mark_put", err));
	stmt_bind_i64(s, 1, (int64_t)k->mark);
	return run(s, err);
}

/* The feedback behind it is open too, and has the same person, unless people said otherwise. */
static enum err_code care(struct act *a, const struct hit *h, struct err *err)
{
	struct inbox_change c = { .set_state = h->row->state == INBOX_NEW, .state = INBOX_OPEN };
	c.set_assigned = !h->row->assigned.len && h->unit.responsible.len;
	c.assigned = h->unit.responsible;
	if (!c.set_state && !c.set_assigned) return OK;
	return inbox_change(a->opt.inbox, h->row->arrival, &c, STR(""), act_now(a), err);
}

static enum err_code hit_of(struct act *a, const struct act_rule *r, const struct inbox_row *row, struct arena *m,
                            struct hit *out, struct err *err)
{
	*out = (struct hit){ .rule = r, .row = row };
	TRY(act_unit(a, row->unit, m, &out->unit, err));
	if (r->responsible.len && !str_eq(r->responsible, out->unit.responsible)) {
		out->unit.responsible = r->responsible;
		out->unit.mail = outbox_mail_address(r->responsible) ? r->responsible : STR("");
	}
	out->due_ms = act_due(&out->unit, row->received_ms, (int64_t)(r->due_hours * (double)WHEN_HOUR_MS));
	return OK;
}

/*
 * Several rules may fit one comment; it is one customer, to whom somebody gets
 * back once. The strictest rule opens the follow-up: that by which it is due
 * first, of equals the older rule. The others stand beside it as reasons.
 */
static enum err_code hits_of(struct act *a, const struct act_rule *rules, size_t n_rules, const struct inbox_row *row,
                             struct arena *m, struct act_fitter *f, struct opening *k, struct err *err)
{
	struct hit *best = NULL;
	for (size_t i = 0; i < n_rules; i++) {
		const struct act_rule *r = &rules[i];
		struct hit h;
		bool fits = false;
		if (!r->enabled || row->arrival < r->from_arrival || row->received_ms - row->at_ms > r->within_ms)
			continue;
		TRY(act_rule_fits(f, r, row, &fits, err));
		if (!fits) continue;
		TRY(hit_of(a, r, row, m, &h, err));
		if (!best) {
			best = &k->hits[k->n++];
			*best = h;
			continue;
		}
		if (!best->also) best->also = ARENA_ARRAY(m, const struct act_rule *, n_rules);
		if (!best->also) return err_no_memory(err);
		h.also = best->also;
		h.n_also = best->n_also;
		const bool stricter = h.due_ms < best->due_ms || (h.due_ms == best->due_ms && r->id < best->rule->id);
		if (stricter) {
			h.also[h.n_also++] = best->rule;
			*best = h;
		} else {
			best->also[best->n_also++] = r;
		}
	}
	return OK;
}

static enum err_code look_chunk(struct act *a, const struct act_rule *rules, size_t n_rules, uint64_t from, uint64_t to,
                                struct arena *m, uint64_t *reached, struct err *err)
{
	struct inbox_row *rows;
	struct act_fitter *f = NULL;
	size_t n = 0;
	struct opening k = { .a = a, .now_ms = act_now(a) };
	TRY(inbox_rows(a->opt.inbox, from, to, CHUNK, m, &rows, &n, err));
	k.hits = ARENA_ARRAY(m, struct hit, n + 1);
	if (!k.hits) return err_no_memory(err);
	enum err_code rc = act_fitter_new(a, &f, err);
	for (size_t i = 0; i < n && rc == OK; i++) rc = hits_of(a, rules, n_rules, &rows[i], m, f, &k, err);
	act_fitter_free(f);
	*reached = k.mark = n == CHUNK ? rows[n - 1].arrival + 1 : to;
	if (rc == OK && (k.n || n)) rc = store_write(a->st, open_write, &k, err);
	bool any = false;
	for (size_t i = 0; i < k.n && rc == OK; i++) {
		any = any || k.hits[i].fresh;
		if (k.hits[i].fresh) rc = care(a, &k.hits[i], err);
	}
	if (any && a->opt.outbox) outbox_wake(a->opt.outbox);
	if (any) act_tell(a);
	return rc;
}

enum err_code look(struct act *a, struct err *err)
{
	struct arena m;
	struct act_rule *rules;
	size_t n = 0;
	uint64_t at = 0, first = UINT64_MAX;
	const uint64_t to = inbox_mark(a->opt.inbox);
	arena_init(&m, 64 * MIB);
	enum err_code rc = mark_get(a, &at, err);
	if (rc == OK) rc = act_rules(a, &m, &rules, &n, err);
	for (size_t i = 0; rc == OK && i < n; i++)
		if (rules[i].enabled && rules[i].from_arrival < first) first = rules[i].from_arrival;
	/* What came before any rule that runs is not looked at. */
	if (at < first) at = first;
	while (rc == OK && at < to && !atomic_load(&a->stop)) {
		struct arena chunk;
		arena_init(&chunk, 64 * MIB);
		rc = look_chunk(a, rules, n, at, to, &chunk, &at, err);
		arena_done(&chunk);
	}
	arena_done(&m);
	return rc;
}

/* --- overdue ------------------------------------------------------------------------------------------- */

struct late {
	struct act *a;
	struct act_follow_up f;
	struct act_unit unit; /* whose responsible is told */
	int64_t now_ms;
};

static enum err_code late_write(void *ctx, struct store_write *w, struct err *err)
{
	struct late *k = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "follow_up_escalated", err));
	stmt_bind_i64(s, 1, k->f.id);
	stmt_bind_i64(s, 2, k->now_ms);
	TRY(run(s, err));
	TRY(step_put(w, k->f.id, k->now_ms, STR(""), "escalated", k->unit.responsible, err));
	return tell(k->a, w,
	            &(struct telling){ .what = TELL_ESCALATED,
	                               .follow_up = k->f.id,
	                               .unit = &k->unit,
	                               .name = k->f.rule_name,
	                               .comment = k->f.comment,
	                               .customer = k->f.customer,
	                               .utility = k->f.utility,
	                               .due_ms = k->f.due_ms },
	            k->now_ms, err);
}

/* The first unit above with somebody else responsible; without one, its own. */
static enum err_code one_up(struct act *a, const struct act_follow_up *f, struct arena *m, struct act_unit *out,
                            struct err *err)
{
	struct act_unit above;
	struct str path = f->unit;
	TRY(act_unit(a, path, m, out, err));
	while (path.len) {
		while (path.len && path.ptr[path.len - 1] != '/') path.len--;
		if (path.len) path.len--;
		TRY(act_unit(a, path, m, &above, err));
		if (!above.responsible.len || str_eq(above.responsible, f->responsible)) continue;
		*out = above;
		return OK;
	}
	return OK;
}

static enum err_code late_ids(struct act *a, int64_t now_ms, int64_t ids[100], size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	TRY(stmt_prepare(&s, a->st, "follow_up_late", err));
	stmt_bind_i64(s, 1, now_ms);
	for (*n = 0; *n < 100 && (rc = stmt_step(s, &row, err)) == OK && row;) ids[(*n)++] = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

enum err_code escalate(struct act *a, struct err *err)
{
	int64_t ids[100];
	size_t n = 0;
	struct arena m;
	const int64_t now = act_now(a);
	TRY(late_ids(a, now, ids, &n, err));
	enum err_code rc = OK;
	for (size_t i = 0; i < n && rc == OK; i++) {
		struct late k = { .a = a, .now_ms = now };
		arena_init(&m, 16 * MIB);
		rc = act_get(a, ids[i], &m, &k.f, err);
		if (rc == OK) rc = one_up(a, &k.f, &m, &k.unit, err);
		if (rc == OK) rc = store_write(a->st, late_write, &k, err);
		arena_done(&m);
	}
	if (n && a->opt.outbox) outbox_wake(a->opt.outbox);
	if (n) act_tell(a);
	return rc;
}
