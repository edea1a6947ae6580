/* One customer with its story, and looking customers up. */
#include "ask/priv.h"

#include "base/checked.h"
#include "base/json.h"

/* Rows of a unit and those below it; without a unit all. */
struct within {
	const uint8_t *in; /* [code of the unit]; NULL: all */
	uint32_t n_in;
	size_t dimension;
};

static enum err_code within_start(const struct journey_schema *s, struct str unit, struct arena *m, struct within *out,
                                  struct err *err)
{
	*out = (struct within){ 0 };
	if (!unit.len) return OK;
	while (out->dimension < s->n_dimensions && !str_eq(s->dimensions[out->dimension].name, STR("unit")))
		out->dimension++;
	const struct journey_words *words =
	        out->dimension < s->n_dimensions ? &s->dimensions[out->dimension].words : NULL;
	out->n_in = words ? words->n : 0;
	uint8_t *in = ARENA_ARRAY(m, uint8_t, out->n_in + 1);
	if (!in) return err_no_memory(err);
	for (uint32_t i = 1; i < out->n_in; i++) {
		const struct str word = journey_word(words, i);
		in[i] = str_starts(word, unit) && (word.len == unit.len || word.ptr[unit.len] == '/');
	}
	out->in = in;
	return OK;
}

static bool within_row(const struct within *w, const struct journey_columns *c, uint32_t row)
{
	if (!w->in) return true;
	const uint32_t code = w->dimension < c->n_dimensions ? journey_code(c->dimensions[w->dimension], row) : 0;
	return code < w->n_in && w->in[code];
}

struct traits { /* the newest value of each key; keys sorted */
	struct str *keys, *values;
	size_t n, cap;
	struct arena *m;
};

static bool trait_set(struct traits *t, struct str key, struct str value)
{
	size_t at = 0;
	while (at < t->n && str_cmp(t->keys[at], key) < 0) at++;
	const bool there = at < t->n && str_eq(t->keys[at], key);
	if (!there) {
		if (t->n == t->cap) {
			const size_t cap = t->cap ? t->cap * 2 : 16;
			struct str *keys = ARENA_ARRAY(t->m, struct str, cap),
			           *values = ARENA_ARRAY(t->m, struct str, cap);
			if (!keys || !values) return false;
			if (t->n) memcpy(keys, t->keys, t->n * sizeof *keys);
			if (t->n) memcpy(values, t->values, t->n * sizeof *values);
			t->keys = keys;
			t->values = values;
			t->cap = cap;
		}
		memmove(t->keys + at + 1, t->keys + at, (t->n - at) * sizeof *t->keys);
		memmove(t->values + at + 1, t->values + at, (t->n - at) * sizeof *t->values);
		t->n++;
		t->keys[at] = str_copy(t->m, key);
	}
	t->values[at] = str_copy(t->m, value);
	return t->keys[at].ptr && t->values[at].ptr;
}

/* Members of "traits" of a body. Keys stay as written: both come from canonical JSON. */
static bool traits_read(struct traits *t, struct str body)
{
	struct str object;
	if (!json_get(body, STR("traits"), &object)) return true;
	struct json_reader r;
	json_read(&r, object);
	if (json_next(&r) != JT_OBJECT) return true;
	while (json_next(&r) == JT_KEY) {
		const struct str key = r.raw;
		struct str value;
		if (!json_slice(&r, json_next(&r), &value)) return true;
		if (!trait_set(t, key, value)) return false;
	}
	return true;
}

static struct str traits_json(const struct traits *t)
{
	size_t size = 2;
	for (size_t i = 0; i < t->n; i++) size += t->keys[i].len + t->values[i].len + 4;
	char *p = arena_alloc(t->m, size + 1), *at = p;
	if (!p) return (struct str){ NULL, 0 };
	*at++ = '{';
	for (size_t i = 0; i < t->n; i++) {
		if (i) *at++ = ',';
		*at++ = '"';
		memcpy(at, t->keys[i].ptr, t->keys[i].len);
		at += t->keys[i].len;
		*at++ = '"';
		*at++ = ':';
		memcpy(at, t->values[i].ptr, t->values[i].len);
		at += t->values[i].len;
	}
	*at++ = '}';
	return (struct str){ p, (size_t)(at - p) };
}

struct fetch {
	struct arena *m;
	struct ask_event *events; /* by time; received, source and body are filled in */
	size_t n;
	const size_t *by_arrival; /* places in events, by arrival */
	struct traits *traits;    /* NULL: bodies of events are wanted, not traits */
	const struct ask *a;
	size_t at;
};

static enum err_code fetched(void *ctx, const struct store_block *b, struct err *err)
{
	struct fetch *f = ctx;
	for (size_t i = 0; i < b->n; i++) {
		if (f->traits) {
			if (!traits_read(f->traits, b->bodies[i])) return err_no_memory(err);
			continue;
		}
		while (f->at < f->n && f->events[f->by_arrival[f->at]].arrival < b->heads[i].arrival) f->at++;
		if (f->at == f->n) break;
		struct ask_event *e = &f->events[f->by_arrival[f->at]];
		if (e->arrival != b->heads[i].arrival) continue;
		struct store_kind kind;
		if (store_kind_get(f->a->st, b->heads[i].kind, &kind)) {
			e->type = str_of(wire_type_names[kind.type]);
			e->name = kind.name;
			e->channel = kind.channel;
		}
		e->received_ms = b->heads[i].received_ms;
		e->source = b->heads[i].source;
		e->body = str_copy(f->m, b->bodies[i]);
		if (!e->body.ptr) return err_no_memory(err);
	}
	return OK;
}

static int by_u64(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
	return a < b ? -1 : a > b;
}

struct order {
	uint64_t arrival;
	size_t place;
};

static int by_arrival(const void *x, const void *y)
{
	return by_u64(&((const struct order *)x)->arrival, &((const struct order *)y)->arrival);
}

static enum err_code fetch_events(struct ask *a, struct arena *m, struct ask_event *events, size_t n, struct err *err)
{
	struct order *order = ARENA_ARRAY(m, struct order, n);
	uint64_t *arrivals = ARENA_ARRAY(m, uint64_t, n);
	size_t *places = ARENA_ARRAY(m, size_t, n);
	if (!order || !arrivals || !places) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) order[i] = (struct order){ events[i].arrival, i };
	qsort(order, n, sizeof *order, by_arrival);
	for (size_t i = 0; i < n; i++) {
		arrivals[i] = order[i].arrival;
		places[i] = order[i].place;
	}
	struct fetch f = { .m = m, .events = events, .n = n, .by_arrival = places, .a = a };
	return store_fetch(a->st, arrivals, n, true, fetched, &f, err);
}

/* Traits are what identify events said, in order of arrival: those of hidden kinds, the newest thousand. */
enum { TRAITS_EVENTS_MAX = 1000 };

static enum err_code fetch_traits(struct ask *a, const struct journey_schema *s, const struct journey_columns *c,
                                  uint32_t place, struct arena *m, struct str *out, struct err *err)
{
	const uint32_t lo = c->offset[place], hi = c->offset[place + 1];
	uint64_t *arrivals = ARENA_ARRAY(m, uint64_t, hi - lo);
	if (!arrivals) return err_no_memory(err);
	size_t n = 0;
	for (uint32_t r = lo; r < hi; r++)
		if (s->kinds[c->kind[r]].hidden) arrivals[n++] = c->arrival[r];
	qsort(arrivals, n, sizeof *arrivals, by_u64);
	if (n > TRAITS_EVENTS_MAX) {
		arrivals += n - TRAITS_EVENTS_MAX;
		n = TRAITS_EVENTS_MAX;
	}
	struct traits t = { .m = m };
	struct fetch f = { .m = m, .traits = &t, .a = a };
	TRY(store_fetch(a->st, arrivals, n, true, fetched, &f, err));
	*out = traits_json(&t);
	return out->ptr ? OK : err_no_memory(err);
}

enum { IDS_MAX = 1000 };

static enum err_code customer_ids(struct asking *k, bool log, struct arena *m, struct ask_customer *c, struct err *err)
{
	struct ask *a = k->a;
	uint32_t *ids = ARENA_ARRAY(m, uint32_t, IDS_MAX);
	if (!ids) return err_no_memory(err);
	c->n_ids = index_identities(a->ix, c->number, ids, IDS_MAX);
	if (c->n_ids > IDS_MAX) c->n_ids = IDS_MAX;
	c->ids = ARENA_ARRAY(m, struct str, c->n_ids);
	c->anonymous = ARENA_ARRAY(m, bool, c->n_ids);
	if (!c->ids || !c->anonymous) return err_no_memory(err);
	for (size_t i = 0; i < c->n_ids; i++)
		if (!store_identity_get(a->st, ids[i], &c->anonymous[i], &c->ids[i])) c->ids[i] = STR("");
	return log ? customer_links(k, ids, c->n_ids, m, c, err) : OK;
}

static enum err_code nobody(struct str external, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "customer", "customer", "nobody is known as \"" STR_FMT "\"",
	               STR_ARG(external));
}

/* The newest `limit` rows of [lo, hi) that are within, by time; *total: how many there are. */
static enum err_code rows_within(const struct within *w, const struct journey_columns *cols, uint32_t lo, uint32_t hi,
                                 size_t limit, struct arena *m, uint32_t **out, size_t *n, int64_t *total,
                                 struct err *err)
{
	const size_t room = hi - lo < limit ? hi - lo : limit;
	uint32_t *rows = ARENA_ARRAY(m, uint32_t, room + 1);
	size_t at = room;
	if (!rows) return err_no_memory(err);
	*total = 0;
	for (uint32_t r = hi; r-- > lo;) {
		if (!within_row(w, cols, r)) continue;
		++*total;
		if (at) rows[--at] = r;
	}
	*out = rows + at;
	*n = room - at;
	return OK;
}

struct story {
	const struct journey_query *q; /* NULL: no touchpoints */
	struct str unit;
	size_t limit;
	bool log;
};

static enum err_code customer_story(struct asking *k, const struct story *what, struct arena *m, struct ask_customer *c,
                                    struct err *err)
{
	const struct journey_query *q = what->q;
	const struct journey_schema *s = &k->s->schema;
	const struct index_run *run;
	struct within w;
	uint32_t place, *rows = NULL;
	c->traits = STR("{}");
	TRY(within_start(s, what->unit, &k->scratch, &w, err));
	if (!index_find(k->s, c->number, &run, &place)) return w.in ? nobody(c->external, err) : OK;
	const struct journey_columns *cols = &run->columns;
	TRY(rows_within(&w, cols, cols->offset[place], cols->offset[place + 1], what->limit, &k->scratch, &rows,
	                &c->n_events, &c->events_total, err));
	if (w.in && !c->events_total) return nobody(c->external, err);
	c->events = ARENA_ARRAY(m, struct ask_event, c->n_events);
	uint16_t *codes = NULL;
	if (q && q->rules) {
		/* The codes of the run are most likely in the cache: the customer was found on a map. */
		const struct code_entry *e = codes_get(&k->a->codes, k->plan, q->rules->version_hash, run);
		codes = e ? ARENA_ARRAY(m, uint16_t, c->n_events) : NULL;
		for (size_t i = 0; codes && i < c->n_events; i++) codes[i] = codes_of(e)[rows[i]];
		if (e) codes_release(&k->a->codes, e);
		if (!codes) return err_no_memory(err);
	}
	if (!c->events) return err_no_memory(err);
	for (size_t i = 0; i < c->n_events; i++) {
		const uint32_t r = rows[i];
		const struct journey_kind *kind = &s->kinds[cols->kind[r]];
		c->events[i] = (struct ask_event){ .arrival = cols->arrival[r],
			                           .at_ms = cols->at_ms[r],
			                           .type = STR(""),
			                           .name = journey_word(&s->events, kind->event),
			                           .channel = journey_word(&s->channels, kind->channel),
			                           .touchpoint = codes ? codes[i] : 0,
			                           .body = STR("{}") };
	}
	if (!what->log) return OK;
	TRY(fetch_events(k->a, m, c->events, c->n_events, err));
	return fetch_traits(k->a, s, cols, place, m, &c->traits, err);
}

static const struct journey_query everything = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };

/* A customer's number is that of the newest snapshot; when that moved on meanwhile, and the customer with it, the next
 * one is asked. */
static enum err_code customer_start(struct asking *k, struct ask *a, const struct journey_query *q, uint32_t identity,
                                    uint32_t *number, struct err *err)
{
	for (bool again = true;; again = false) {
		const struct index_run *run;
		uint32_t place;
		const enum err_code rc = asking_start(k, a, q, err);
		*number = index_customer(a->ix, identity);
		if (rc != OK || !again || index_find(k->s, *number, &run, &place)) return rc;
		asking_done(k);
	}
}

enum err_code ask_customer(struct ask *a, const struct journey_query *q, struct str external, struct str unit,
                           size_t limit, bool log, struct arena *m, struct ask_customer *out, struct err *err)
{
	const struct story what = { q, unit, limit, log };
	uint32_t identity = store_identity_find(a->st, false, external);
	if (!identity) identity = store_identity_find(a->st, true, external);
	if (!identity) return nobody(external, err);
	struct ask_customer c = { 0 };
	struct asking k;
	enum err_code rc = customer_start(&k, a, q ? q : &everything, identity, &c.number, err);
	c.external = external_of(a, c.number);
	if (rc == OK) rc = customer_ids(&k, log, m, &c, err);
	if (rc == OK) rc = customer_story(&k, &what, m, &c, err);
	asking_done(&k);
	if (rc == OK) *out = c;
	return rc;
}

static size_t unit_dimension(const struct journey_schema *s)
{
	size_t d = 0;
	while (d < s->n_dimensions && !str_eq(s->dimensions[d].name, STR("unit"))) d++;
	return d;
}

enum err_code ask_customer_ids(struct ask *a, bool anonymous, struct str external, struct arena *m,
                               struct ask_customer *out, struct err *err)
{
	const uint32_t identity = store_identity_find(a->st, anonymous, external);
	struct asking k;
	*out = (struct ask_customer){ .n_ids = 0 };
	if (!identity) return OK;
	enum err_code rc = customer_start(&k, a, &everything, identity, &out->number, err);
	if (rc == OK) rc = customer_ids(&k, false, m, out, err);
	asking_done(&k);
	return rc;
}

enum err_code ask_customer_unit(struct ask *a, struct str external, struct arena *m, struct str *out, struct err *err)
{
	const uint32_t identity = store_identity_find(a->st, false, external);
	const struct index_run *run;
	struct asking k;
	uint32_t number, place, code = 0;
	*out = STR("");
	if (!identity) return OK;
	enum err_code rc = customer_start(&k, a, &everything, identity, &number, err);
	if (rc == OK) {
		const size_t d = unit_dimension(&k.s->schema);
		if (d < k.s->schema.n_dimensions && index_find(k.s, number, &run, &place) &&
		    d < run->columns.n_dimensions) {
			const struct journey_columns *c = &run->columns;
			for (uint32_t r = c->offset[place + 1]; !code && r-- > c->offset[place];)
				code = journey_code(c->dimensions[d], r);
		}
		if (code) *out = str_copy(m, journey_word(&k.s->schema.dimensions[d].words, code));
		if (!out->ptr) rc = err_no_memory(err);
	}
	asking_done(&k);
	return rc;
}

/* --- looking customers up -------------------------------------------------------------------------------- */

/* Looking through a snapshot for customers. */
struct looking {
	struct ask *a;
	const struct index_snapshot *s;
	struct within within;
	struct ask_found *list;
	size_t n, limit;
};

/* False when the customer was never there. */
static bool found_set(const struct looking *l, const struct index_run *run, uint32_t place, struct ask_found *f)
{
	const struct journey_columns *c = &run->columns;
	uint32_t lo = c->offset[place], hi = c->offset[place + 1], n = hi - lo;
	if (l->within.in) {
		while (lo < hi && !within_row(&l->within, c, lo)) lo++;
		while (lo < hi && !within_row(&l->within, c, hi - 1)) hi--;
		if (lo == hi) return false;
		n = 0;
		for (uint32_t r = lo; r < hi; r++) n += within_row(&l->within, c, r);
	}
	*f = (struct ask_found){ .external = external_of(l->a, c->customer[place]),
		                 .first_ms = c->at_ms[lo],
		                 .last_ms = c->at_ms[hi - 1],
		                 .events = n };
	return true;
}

/* Puts f into a list of at most `limit`, newest first; ties by id. */
static void newest_insert(struct ask_found *list, size_t *n, size_t limit, const struct ask_found *f)
{
	size_t at = *n;
	while (at > 0 && (list[at - 1].last_ms < f->last_ms ||
	                  (list[at - 1].last_ms == f->last_ms && str_cmp(list[at - 1].external, f->external) > 0)))
		at--;
	if (at == limit) return;
	if (*n < limit) ++*n;
	memmove(list + at + 1, list + at, (*n - 1 - at) * sizeof *list);
	list[at] = *f;
}

static void find_newest(struct looking *l)
{
	for (int q = 0; q < INDEX_PARTS; q++) {
		for (size_t i = 0; l->s->parts[q] && i < l->s->parts[q]->n; i++) {
			const struct index_run *run = &l->s->parts[q]->runs[i];
			const struct journey_columns *c = &run->columns;
			for (uint32_t p = 0; p < c->n_customers; p++) {
				if (journey_dead(c, p)) continue;
				if (l->n == l->limit && c->at_ms[c->offset[p + 1] - 1] < l->list[l->limit - 1].last_ms)
					continue;
				struct ask_found f;
				if (found_set(l, run, p, &f)) newest_insert(l->list, &l->n, l->limit, &f);
			}
		}
	}
}

static void find_prefix(struct looking *l, struct str prefix)
{
	const struct ask *a = l->a;
	const uint32_t count = store_identity_count(a->st);
	for (uint32_t id = 1; id <= count && l->n < l->limit; id++) {
		bool anonymous;
		struct str external;
		if (!store_identity_get(a->st, id, &anonymous, &external) || !str_starts(external, prefix)) continue;
		const struct index_run *run;
		uint32_t place;
		if (!index_find(l->s, index_customer(a->ix, id), &run, &place)) continue;
		struct ask_found f;
		if (!found_set(l, run, place, &f)) continue;
		bool there = false;
		for (size_t i = 0; i < l->n && !there; i++) there = str_eq(l->list[i].external, f.external);
		if (!there) l->list[l->n++] = f;
	}
}

static int by_external(const void *x, const void *y)
{
	return str_cmp(((const struct ask_found *)x)->external, ((const struct ask_found *)y)->external);
}

enum err_code ask_customers(struct ask *a, struct str prefix, struct str unit, size_t limit, struct arena *m,
                            struct ask_found **out, size_t *n, struct err *err)
{
	if (limit < 1 || limit > ASK_PAGE_MAX)
		return err_limit(err, "query.limit", "limit", (int64_t)limit, ASK_PAGE_MAX, "a page has 1 to %d rows",
		                 ASK_PAGE_MAX);
	struct looking l = { .a = a, .list = ARENA_ARRAY(m, struct ask_found, limit + 1), .limit = limit };
	if (!l.list) return err_no_memory(err);
	const struct index_reader r = index_enter(a->ix);
	l.s = r.snapshot;
	const enum err_code rc = within_start(&l.s->schema, unit, m, &l.within, err);
	if (rc == OK && prefix.len) {
		find_prefix(&l, prefix);
		qsort(l.list, l.n, sizeof *l.list, by_external);
	} else if (rc == OK) {
		find_newest(&l);
	}
	index_leave(a->ix, r);
	*out = l.list;
	*n = l.n;
	return rc;
}
