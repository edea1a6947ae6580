/* The comments of a scope, from the columns. */
#include <math.h>

#include "base/json.h"
#include "insight/columns.h"
#include "insight/priv.h"

/* Numbers that fit; `any` fits all. */
struct fits {
	bool any;
	uint8_t *has; /* [end] */
	uint32_t end;
};
enum { BY_EVENT, BY_SOURCE, BY_CHANNEL, BY_UNIT, BY_LANG, NO_LANG, KINDS };

struct filter {
	int64_t from_ms, to_ms;
	struct fits of[KINDS];
	int lang;           /* enum text_language as it was read; -1 any */
	uint64_t *arrivals; /* a set by hash, 0: a free place; NULL any */
	size_t mask;
};

static size_t place_of(const struct filter *f, uint64_t key)
{
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & f->mask;
	while (f->arrivals[at] && f->arrivals[at] != key) at = (at + 1) & f->mask;
	return at;
}

static bool fits(const struct fits *f, uint32_t id)
{
	return f->any || (id < f->end && f->has[id]);
}

static bool fits_add(struct fits *f, int64_t id)
{
	if (id >= f->end) {
		const uint32_t end = (uint32_t)id + 256;
		uint8_t *grown = realloc(f->has, end);
		if (!grown) return false;
		memset(grown + f->end, 0, end - f->end);
		f->has = grown;
		f->end = end;
	}
	f->has[id] = 1;
	return true;
}

static enum err_code words_find(struct insight *x, const struct insight_scope *scope, struct filter *f, struct err *err)
{
	const struct str asked[] = { scope->events, scope->source, scope->channel, scope->unit, scope->lang };
	struct stmt *s = NULL;
	bool row = true, all = true;
	f->lang = -1;
	for (int i = 0; i < (int)COUNT_OF(asked); i++) {
		f->of[i].any = asked[i].len == 0;
		all &= f->of[i].any;
	}
	if (all) return OK;
	for (int l = 0; scope->lang.len && l < TEXT_LANGUAGES; l++)
		if (str_eq(scope->lang, text_language_name((enum text_language)l))) f->lang = l;
	TRY(stmt_prepare(&s, x->st, "insight_scope", err));
	for (int i = 0; i < (int)COUNT_OF(asked); i++)
		stmt_bind_str(s, 1 + i, asked[i].len ? asked[i] : (struct str){ NULL, 0 });
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!fits_add(&f->of[stmt_i64(s, 0)], stmt_i64(s, 1))) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

/* Keys are arrivals, one up. */
static enum err_code arrivals_read(struct str json, struct filter *f, struct err *err)
{
	struct json_reader r;
	size_t most = 1, size = 64;
	int64_t v;
	if (!json.ptr) return OK;
	for (size_t i = 0; i < json.len; i++) most += json.ptr[i] == ',';
	while (size < 2 * most) size *= 2;
	if (!(f->arrivals = calloc(size, sizeof *f->arrivals))) return err_no_memory(err);
	f->mask = size - 1;
	json_read(&r, json);
	if (json_next(&r) != JT_ARRAY) return OK;
	while (json_next(&r) == JT_NUMBER)
		if (str_to_i64(r.raw, &v) && v >= 0) f->arrivals[place_of(f, (uint64_t)v + 1)] = (uint64_t)v + 1;
	return OK;
}

static void filter_done(struct filter *f)
{
	for (int i = 0; i < KINDS; i++) free(f->of[i].has);
	free(f->arrivals);
}

static bool row_fits(const struct filter *f, const struct column_row *r)
{
	const struct given *g = &r->from;
	if (r->at_ms < f->from_ms || r->at_ms >= f->to_ms) return false;
	if (!fits(&f->of[BY_EVENT], g->event) && !fits(&f->of[BY_EVENT], g->about)) return false;
	if (!fits(&f->of[BY_SOURCE], g->source) || !fits(&f->of[BY_CHANNEL], g->channel)) return false;
	if (!fits(&f->of[BY_UNIT], g->unit)) return false;
	if (f->arrivals && !f->arrivals[place_of(f, r->arrival + 1)]) return false;
	return fits(&f->of[BY_LANG], g->lang) || (fits(&f->of[NO_LANG], g->lang) && r->lang == f->lang);
}

static enum err_code list_rows(const struct columns *c, const struct filter *f, struct picks *out, struct err *err)
{
	out->of = malloc((c->n + 1) * sizeof *out->of);
	if (!out->of) return err_no_memory(err);
	for (size_t i = 0; i < c->n; i++)
		if (row_fits(f, &c->rows[i]))
			out->of[out->n++] = (struct pick){ c->rows[i].from.identity, (uint32_t)i };
	return OK;
}

enum err_code picks_take(struct insight *x, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms,
                         bool by_customer, struct picks *out, struct err *err)
{
	struct filter f = { .from_ms = from_ms, .to_ms = to_ms };
	*out = (struct picks){ 0 };
	enum err_code rc = words_find(x, scope, &f, err);
	if (rc == OK) rc = arrivals_read(scope->arrivals, &f, err);
	if (rc == OK) rc = columns_hold(x, err);
	if (rc == OK && (rc = list_rows(&x->columns, &f, out, err)) != OK) columns_let_go(x);
	filter_done(&f);
	if (rc != OK || !by_customer) return rc;
	if (x->customers) x->customers(x->customers_ctx, &out->of->who, out->n, sizeof *out->of);
	if (picks_sort(&out->of, out->n)) return OK;
	picks_done(x, out);
	return err_no_memory(err);
}

void picks_done(struct insight *x, struct picks *p)
{
	if (!p->of) return;
	free(p->of);
	*p = (struct picks){ 0 };
	columns_let_go(x);
}

enum err_code picks_topics(const struct insight *x, const struct text_topics *t, struct arena *a, uint16_t **out,
                           struct err *err)
{
	const struct columns *c = &x->columns;
	*out = ARENA_ARRAY(a, uint16_t, c->n_keys);
	if (!*out) return err_no_memory(err);
	for (size_t i = 0; i < c->n_keys; i++) (*out)[i] = (uint16_t)topic_place(t, str_of(c->keys[i]));
	return OK;
}
