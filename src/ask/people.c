/* The people behind a figure of a map. */
#include "ask/priv.h"

#include "base/checked.h"

const char *const ask_what_names[ASK_WHATS] = {
	[ASK_ENTERED] = "entered",   [ASK_ADVANCED] = "advanced",   [ASK_LOST] = "lost",
	[ASK_STILL_IN] = "still_in", [ASK_GOAL] = "goal",           [ASK_BROKEN] = "broken",
	[ASK_KEPT] = "kept",         [ASK_FAILED] = "failed",       [ASK_REPEATED] = "repeated",
	[ASK_RATED] = "rated",       [ASK_COMMENTED] = "commented",
};
_Static_assert((int)ASK_WHATS == (int)JOURNEY_WHATS && (int)ASK_COMMENTED == (int)JOURNEY_COMMENTED &&
                       (int)ASK_BROKEN == (int)JOURNEY_BROKEN && (int)ASK_REPEATED == (int)JOURNEY_REPEATED,
               "ask_what and journey_what are one list");

struct str external_of(struct ask *a, uint32_t customer)
{
	bool anonymous;
	struct str external;
	return store_identity_get(a->st, customer, &anonymous, &external) ? external : STR("");
}

/* --- people ------------------------------------------------------------------------------------- */

/* Order of pages: by customer number, then instance. A key is (customer, ordinal) and is above 0. */
static uint64_t key_of(const struct journey_instance *i)
{
	return (uint64_t)i->customer << 24 | (i->ordinal & 0xffffff);
}

struct people_ctx {
	const struct journey_plan *plan;
	uint16_t touchpoint;
	int step;
	enum ask_what what;
	uint64_t cursor;
	size_t limit;
};

struct person_key {
	uint64_t key;
	struct journey_instance i;
};

struct people_acc {
	const struct people_ctx *ctx;
	int64_t total, customers;
	uint32_t last;
	struct person_key *heap; /* the `limit` + 1 smallest keys above the cursor; the largest on top */
	size_t n;
	bool failed;
};

static void *make_people(void *ctx)
{
	const struct people_ctx *p = ctx;
	struct people_acc *a = calloc(1, sizeof *a);
	if (!a) return NULL;
	a->ctx = p;
	a->heap = malloc((p->limit + 1) * sizeof *a->heap);
	if (a->heap) return a;
	free(a);
	return NULL;
}

static void heap_down(struct person_key *h, size_t n)
{
	for (size_t i = 0;;) {
		size_t top = i;
		if (2 * i + 1 < n && h[2 * i + 1].key > h[top].key) top = 2 * i + 1;
		if (2 * i + 2 < n && h[2 * i + 2].key > h[top].key) top = 2 * i + 2;
		if (top == i) return;
		const struct person_key t = h[i];
		h[i] = h[top];
		h[top] = t;
		i = top;
	}
}

static void keep(struct people_acc *a, const struct person_key *x)
{
	if (a->n == a->ctx->limit + 1) {
		if (x->key >= a->heap[0].key) return;
		a->heap[0] = *x;
		heap_down(a->heap, a->n);
		return;
	}
	size_t i = a->n++;
	a->heap[i] = *x;
	while (i && a->heap[(i - 1) / 2].key < a->heap[i].key) {
		const struct person_key t = a->heap[i];
		a->heap[i] = a->heap[(i - 1) / 2];
		a->heap[(i - 1) / 2] = t;
		i = (i - 1) / 2;
	}
}

static void one_instance(void *ctx, const struct journey_instance *i)
{
	struct people_acc *a = ctx;
	const uint32_t count = i->counts[a->ctx->what];
	if (!count) return;
	a->total += count;
	a->customers += a->last != i->customer;
	a->last = i->customer;
	const struct person_key x = { key_of(i), *i };
	if (x.key > a->ctx->cursor) keep(a, &x);
}

static void add_people(void *ctx, void *acc, const struct journey_columns *c)
{
	const struct people_ctx *p = ctx;
	struct people_acc *a = acc;
	if (journey_instances(p->plan, c, p->touchpoint, p->step, one_instance, a, NULL) != OK) a->failed = true;
}

static int by_key(const void *x, const void *y)
{
	const struct person_key *a = x, *b = y;
	return a->key < b->key ? -1 : a->key > b->key;
}

static enum err_code people_result(struct ask *a, void **accs, int n, size_t limit, struct arena *m,
                                   struct ask_people *out, struct err *err)
{
	struct ask_people r = { 0 };
	size_t all = 0;
	for (int i = 0; i < n; i++) {
		const struct people_acc *p = accs[i];
		if (p->failed) return err_no_memory(err);
		all += p->n;
		r.total += p->total;
		r.customers += p->customers;
	}
	struct person_key *list = ARENA_ARRAY(m, struct person_key, all);
	if (!list) return err_no_memory(err);
	all = 0;
	for (int i = 0; i < n; i++) {
		const struct people_acc *p = accs[i];
		memcpy(list + all, p->heap, p->n * sizeof *list);
		all += p->n;
	}
	qsort(list, all, sizeof *list, by_key);
	r.n_rows = all < limit ? all : limit;
	r.next = all > limit ? list[limit - 1].key : 0;
	r.rows = ARENA_ARRAY(m, struct ask_person, r.n_rows);
	if (!r.rows) return err_no_memory(err);
	for (size_t i = 0; i < r.n_rows; i++) {
		const struct journey_instance *x = &list[i].i;
		r.rows[i] = (struct ask_person){ .customer = x->customer,
			                         .external = external_of(a, x->customer),
			                         .first_ms = x->first_ms,
			                         .last_ms = x->last_ms,
			                         .events = x->events,
			                         .utility = x->utility };
	}
	*out = r;
	return OK;
}

enum err_code ask_people(struct ask *a, const struct journey_query *q, uint16_t touchpoint, int step,
                         enum ask_what what, uint64_t cursor, size_t limit, struct arena *m, struct ask_people *out,
                         struct err *err)
{
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "people are asked for by a map's touchpoint");
	if (touchpoint > q->rules->n_touchpoints || step >= (int)q->rules->n_steps)
		return err_set(err, ERR_NOT_FOUND, "query.touchpoint", "touchpoint",
		               "the map has no touchpoint %u or step %d", touchpoint, step);
	if (what >= ASK_WHATS)
		return err_set(err, ERR_INPUT, "query.what", "what", "%d is not something to ask people for",
		               (int)what);
	if (limit < 1 || limit > ASK_PAGE_MAX)
		return err_limit(err, "query.limit", "limit", (int64_t)limit, ASK_PAGE_MAX, "a page has 1 to %d rows",
		                 ASK_PAGE_MAX);
	struct asking k;
	void *accs[ASK_THREADS_MAX];
	int n = 0;
	enum err_code rc = asking_start(&k, a, q, err);
	struct people_ctx ctx = {
		.plan = k.plan, .touchpoint = touchpoint, .step = step, .what = what, .cursor = cursor, .limit = limit
	};
	const struct scan scan = { .make = make_people, .each = add_people, .ctx = &ctx, .codes = true };
	if (rc == OK) rc = asking_scan(&k, &scan, accs, &n, err);
	if (rc == OK) rc = people_result(a, accs, n, limit, m, out, err);
	for (int i = 0; i < n; i++) {
		struct people_acc *p = accs[i];
		free(p->heap);
		free(p);
	}
	asking_done(&k);
	return rc;
}
