/*
 * Who is one person. Events tell edges between identities (identity_edge); people add to that by hand
 * (identity_change): two are one, or they are not. Nothing is taken back: what was said about a pair last holds,
 * and a pair that a person spoke of is out of the events' hands (docs/adr/0006).
 */
#include "store/priv.h"

#include <stdlib.h>

/* --- what holds --------------------------------------------------------------------------------- */

static int by_pair(const void *x, const void *y)
{
	const struct store_edge *p = x, *q = y;
	const uint32_t p_low = p->a < p->b ? p->a : p->b, q_low = q->a < q->b ? q->a : q->b;
	const uint32_t p_high = p->a < p->b ? p->b : p->a, q_high = q->a < q->b ? q->b : q->a;
	if (p_low != q_low) return p_low < q_low ? -1 : 1;
	if (p_high != q_high) return p_high < q_high ? -1 : 1;
	return p->arrival < q->arrival ? -1 : p->arrival > q->arrival;
}

static int by_arrival(const void *x, const void *y)
{
	const struct store_edge *p = x, *q = y;
	if (p->arrival != q->arrival) return p->arrival < q->arrival ? -1 : 1;
	return by_pair(x, y);
}

static bool same_pair(const struct store_edge *p, const struct store_edge *q)
{
	return (p->a == q->a && p->b == q->b) || (p->a == q->b && p->b == q->a);
}

size_t store_edges_that_hold(struct store_edge *list, size_t n)
{
	size_t kept = 0;
	if (n == 0) return 0; /* qsort takes no NULL */
	qsort(list, n, sizeof *list, by_pair);
	for (size_t i = 0, to; i < n; i = to) {
		struct store_edge now = list[i];
		for (to = i + 1; to < n && same_pair(&list[to], &now); to++)
			if (list[to].apart != now.apart) now = list[to];
		if (!now.apart) list[kept++] = now;
	}
	qsort(list, kept, sizeof *list, by_arrival);
	return kept;
}

/* --- reading ------------------------------------------------------------------------------------ */

enum err_code store_edges(struct store *st, uint64_t from, uint64_t to, store_edge_fn fn, void *ctx, struct err *err)
{
	enum { PAGE = 4096 }; /* so that a slow callback holds no read transaction */
	struct store_edge *page = malloc(PAGE * sizeof *page), last = { .arrival = from };
	if (!page) return err_no_memory(err);
	enum err_code rc = OK;
	for (size_t n = PAGE; rc == OK && n == PAGE;) {
		struct stmt *s = NULL;
		bool row = true;
		n = 0;
		rc = stmt_prepare(&s, st, "store_edges", err);
		if (rc != OK) break;
		stmt_bind_i64(s, 1, (int64_t)last.arrival);
		stmt_bind_i64(s, 2, last.a);
		stmt_bind_i64(s, 3, last.b);
		stmt_bind_i64(s, 4, to > INT64_MAX ? INT64_MAX : (int64_t)to);
		stmt_bind_i64(s, 5, PAGE);
		while ((rc = stmt_step(s, &row, err)) == OK && row)
			page[n++] = (struct store_edge){ .a = (uint32_t)stmt_i64(s, 0),
				                         .b = (uint32_t)stmt_i64(s, 1),
				                         .arrival = (uint64_t)stmt_i64(s, 2),
				                         .apart = stmt_i64(s, 3) != 0 };
		stmt_free(s);
		for (size_t i = 0; rc == OK && i < n; i++) rc = fn(ctx, &page[i], err);
		if (n) last = page[n - 1];
	}
	free(page);
	return rc;
}

/* Rows of store_edges_of, by a statement that has just been prepared. */
static enum err_code each_edge_of(struct stmt *s, uint32_t identity, uint64_t to, store_edge_fn fn, void *ctx,
                                  struct err *err)
{
	stmt_bind_i64(s, 1, identity);
	stmt_bind_i64(s, 2, to > INT64_MAX ? INT64_MAX : (int64_t)to);
	enum err_code rc;
	bool row;
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		const struct store_edge e = { .a = (uint32_t)stmt_i64(s, 0),
			                      .b = (uint32_t)stmt_i64(s, 1),
			                      .arrival = (uint64_t)stmt_i64(s, 2),
			                      .apart = stmt_i64(s, 3) != 0,
			                      .by_hand = stmt_i64(s, 4) != 0,
			                      .at_ms = stmt_i64(s, 5),
			                      .author = stmt_str(s, 6),
			                      .reason = stmt_str(s, 7) };
		if ((rc = fn(ctx, &e, err)) != OK) break;
	}
	return rc;
}

enum err_code store_edges_of(struct store *st, uint32_t identity, uint64_t to, store_edge_fn fn, void *ctx,
                             struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, st, "store_edges_of", err));
	const enum err_code rc = each_edge_of(s, identity, to, fn, ctx, err);
	stmt_free(s);
	return rc;
}

/* --- one person's identities, on the writer's thread ------------------------------------------------ */

struct person {
	struct edge_set *seen; /* (0, identity) */
	uint32_t *ids;
	size_t n_ids, cap_ids;
	struct store_edge *edges; /* those that hold */
	size_t n_edges, cap_edges;
};

static void person_done(struct person *p)
{
	edge_set_free(p->seen);
	free(p->ids);
	free(p->edges);
}

static enum err_code person_add(struct person *p, uint32_t identity, struct err *err)
{
	bool added;
	TRY(edge_set_add(p->seen, 0, identity, &added, err));
	if (!added) return OK;
	if (p->n_ids == STORE_PERSON_IDS_MAX)
		return err_limit(err, "customer.ids", "id", (int64_t)p->n_ids + 1, STORE_PERSON_IDS_MAX,
		                 "this customer has too many ids to be taken apart");
	if (p->n_ids == p->cap_ids) {
		const size_t cap = p->cap_ids ? p->cap_ids * 2 : 16;
		uint32_t *more = realloc(p->ids, cap * sizeof *more);
		if (!more) return err_no_memory(err);
		p->ids = more;
		p->cap_ids = cap;
	}
	p->ids[p->n_ids++] = identity;
	return OK;
}

static enum err_code take_edge(void *ctx, const struct store_edge *e, struct err *err)
{
	struct person *p = ctx;
	if (p->n_edges == p->cap_edges) {
		const size_t cap = p->cap_edges ? p->cap_edges * 2 : 16;
		struct store_edge *more = realloc(p->edges, cap * sizeof *more);
		if (!more) return err_no_memory(err);
		p->edges = more;
		p->cap_edges = cap;
	}
	p->edges[p->n_edges++] = *e;
	return OK;
}

/* Everybody whom edges that hold lead to from ids[i], and those edges. */
static enum err_code person_step(struct store *st, struct person *p, size_t i, struct err *err)
{
	struct stmt *s = NULL;
	const size_t first = p->n_edges;
	const uint32_t self = p->ids[i];
	TRY(conn_prepare(st->writer, "store_edges_of", &s, err));
	enum err_code rc = each_edge_of(s, self, UINT64_MAX, take_edge, p, err);
	stmt_free(s);
	TRY(rc);
	p->n_edges = first + store_edges_that_hold(p->edges + first, p->n_edges - first);
	for (size_t e = first; e < p->n_edges; e++)
		TRY(person_add(p, p->edges[e].a == self ? p->edges[e].b : p->edges[e].a, err));
	return OK;
}

static enum err_code person_read(struct store *st, uint32_t identity, struct person *p, struct err *err)
{
	*p = (struct person){ 0 };
	TRY(edge_set_new(&p->seen, err));
	TRY(person_add(p, identity, err));
	for (size_t i = 0; i < p->n_ids; i++) TRY(person_step(st, p, i, err));
	p->n_edges = store_edges_that_hold(p->edges, p->n_edges); /* each was met from both of its ends */
	return OK;
}

/* --- deciding ------------------------------------------------------------------------------------- */

struct decision {
	uint32_t a, b;
	bool apart;
	const struct store_said *said;
	uint64_t arrival; /* out */
};

/* One pair of a decision: a row, and from now on the pair is known, so that no event tells it again. */
static enum err_code decide_pair(struct store *st, const struct decision *d, uint32_t a, uint32_t b, struct err *err)
{
	struct stmt *s = NULL;
	TRY(conn_prepare(st->writer, "store_change_add", &s, err));
	stmt_bind_i64(s, 1, (int64_t)d->arrival);
	stmt_bind_i64(s, 2, a < b ? a : b);
	stmt_bind_i64(s, 3, a < b ? b : a);
	stmt_bind_i64(s, 4, d->apart);
	stmt_bind_i64(s, 5, d->said->at_ms);
	stmt_bind_str(s, 6, d->said->author);
	stmt_bind_str(s, 7, d->said->reason);
	const enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	TRY(rc);
	return append_know_edge(st, a, b, d->arrival, err);
}

/* The same text as the id of the other sort, a device's for a customer's; 0 when the person has none. */
static uint32_t twin_of(struct store *st, const struct person *p, uint32_t identity)
{
	struct intern_word w = intern_at(st->identities, identity);
	w.tag = !w.tag;
	const uint32_t twin = intern_seek(st->identities, &w);
	return twin && edge_set_has(p->seen, 0, twin) ? twin : 0;
}

/* Union-find over the places of a person's identities; `side` of a root: 1 with a, 2 with b, 0 with neither. */
struct sides {
	const uint32_t *ids; /* ascending */
	size_t n;
	size_t *parent;
	uint8_t *side;
};

static int by_number(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

static size_t side_root(struct sides *s, uint32_t identity)
{
	size_t i = (size_t)((const uint32_t *)bsearch(&identity, s->ids, s->n, sizeof identity, by_number) - s->ids);
	while (s->parent[i] != i) i = s->parent[i] = s->parent[s->parent[i]];
	return i;
}

static enum err_code sides_init(struct sides *s, struct person *p, struct err *err)
{
	qsort(p->ids, p->n_ids, sizeof *p->ids, by_number);
	*s = (struct sides){ .ids = p->ids, .n = p->n_ids };
	s->parent = malloc(s->n * sizeof *s->parent);
	s->side = calloc(s->n, 1);
	if (!s->parent || !s->side) return err_no_memory(err);
	for (size_t i = 0; i < s->n; i++) s->parent[i] = i;
	return OK;
}

/*
 * How they came to be one, told again from the beginning; each edge that would join a's side with b's is what is
 * taken away. So the newest go, as few as are needed, and a merge by hand is undone by taking the two apart.
 */
static enum err_code cut(struct store *st, struct person *p, const struct decision *d, const uint32_t ends[4],
                         struct err *err)
{
	struct sides s = { 0 };
	enum err_code rc = sides_init(&s, p, err);
	for (size_t i = 0; i < 4 && rc == OK; i++)
		if (ends[i]) s.side[side_root(&s, ends[i])] = i < 2 ? 1 : 2;
	for (size_t i = 0; i < p->n_edges && rc == OK; i++) {
		const struct store_edge *e = &p->edges[i];
		const size_t x = side_root(&s, e->a), y = side_root(&s, e->b);
		if (s.side[x] && s.side[y] && s.side[x] != s.side[y]) {
			rc = decide_pair(st, d, e->a, e->b, err);
		} else if (x != y) {
			s.parent[y] = x;
			if (s.side[y]) s.side[x] = s.side[y];
		}
	}
	free(s.parent);
	free(s.side);
	return rc;
}

/* The two that were named are spoken of even where no edge joined them directly. */
static enum err_code cut_named(struct store *st, const struct person *p, const struct decision *d,
                               const uint32_t ends[4], struct err *err)
{
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 2; k < 4; k++) {
			bool done = !ends[i] || !ends[k];
			for (size_t e = 0; e < p->n_edges && !done; e++)
				done = same_pair(&p->edges[e], &(struct store_edge){ .a = ends[i], .b = ends[k] });
			if (!done) TRY(decide_pair(st, d, ends[i], ends[k], err));
		}
	}
	return OK;
}

static enum err_code take_apart(struct store *st, struct person *p, const struct decision *d, struct err *err)
{
	uint32_t ends[4] = { d->a, twin_of(st, p, d->a), d->b, twin_of(st, p, d->b) };
	if (ends[1] == d->b) ends[1] = ends[3] = 0;
	TRY(cut(st, p, d, ends, err));
	return cut_named(st, p, d, ends, err);
}

static enum err_code decide(void *ctx, struct store_write *w, struct err *err)
{
	struct decision *d = ctx;
	struct store *st = w->st;
	struct person p;
	TRY(append_take_arrival(st, &d->arrival, err));
	enum err_code rc = person_read(st, d->a, &p, err);
	const bool one = rc == OK && edge_set_has(p.seen, 0, d->b);
	if (rc == OK && one && !d->apart)
		rc = err_set(err, ERR_CONFLICT, "customer.one", "with", "they are one customer already");
	if (rc == OK && !one && d->apart)
		rc = err_set(err, ERR_CONFLICT, "customer.apart", "id", "this id is not one of this customer's");
	if (rc == OK) rc = d->apart ? take_apart(st, &p, d, err) : decide_pair(st, d, d->a, d->b, err);
	person_done(&p);
	return rc;
}

static enum err_code decide_both(struct store *st, struct decision *d, uint64_t *arrival, struct err *err)
{
	const uint32_t n = store_identity_count(st);
	if (d->a < 1 || d->b < 1 || d->a > n || d->b > n)
		return err_set(err, ERR_NOT_FOUND, "customer", "id", "there is no such identity");
	if (d->a == d->b) return err_set(err, ERR_INPUT, "customer.same", "id", "an id is always one with itself");
	if (d->said->author.len > STORE_SAID_BYTES_MAX || d->said->reason.len > STORE_SAID_BYTES_MAX)
		return err_limit(err, "customer.reason", "reason", (int64_t)d->said->reason.len, STORE_SAID_BYTES_MAX,
		                 "a reason is longer than it may be");
	TRY(store_write(st, decide, d, err));
	if (arrival) *arrival = d->arrival;
	return OK;
}

enum err_code store_merge(struct store *st, uint32_t a, uint32_t b, const struct store_said *said, uint64_t *arrival,
                          struct err *err)
{
	struct decision d = { .a = a, .b = b, .said = said };
	return decide_both(st, &d, arrival, err);
}

enum err_code store_unmerge(struct store *st, uint32_t a, uint32_t b, const struct store_said *said, uint64_t *arrival,
                            struct err *err)
{
	struct decision d = { .a = a, .b = b, .apart = true, .said = said };
	return decide_both(st, &d, arrival, err);
}
