/*
 * The columns of a log as the index makes them while its people change: every
 * customer has several identities, which are told to be one early, late or by
 * hand; strangers are joined and taken apart again; what belongs together is
 * taken apart and joined again. At the end the customers are those of the
 * log, so every question has to be answered as its twin answers it. Linked
 * instead of columns.c.
 */
#include "tests/oracle/oracle.h"

#include <math.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/json.h"
#include "index/index.h"

enum { IDS_EACH = 4 /* the customer's own number, which stands for it, and others above all of those */, DIMS = 2 };

struct feed {
	const struct olog *l;
	struct arena *a;
	uint64_t end;
	uint32_t n_customers;
	struct store_head *heads;
	struct str *bodies;
	struct store_kind *kinds;
	uint32_t n_kinds;
	struct store_edge *edges; /* by arrival */
	size_t n_edges;
};

/* --- what happens to people ---------------------------------------------------------------------- */

static uint32_t id_of(const struct feed *f, uint32_t customer, uint64_t which)
{
	return which ? f->n_customers + (customer - 1) * (IDS_EACH - 1) + (uint32_t)which : customer;
}

static void say(struct feed *f, uint32_t a, uint32_t b, uint64_t arrival, bool apart)
{
	f->edges[f->n_edges++] = (struct store_edge){ .a = a, .b = b, .arrival = arrival, .apart = apart };
}

/* A pair is joined; some are taken apart and, when they belong together, joined again, at later arrivals. */
static void pair(struct feed *f, struct rng *r, uint32_t a, uint32_t b, bool together)
{
	const uint64_t n = f->l->n;
	uint64_t at[3];
	if (n < 3) {
		if (together) say(f, a, b, 1 + rng_below(r, n), false);
		return;
	}
	at[0] = 1 + rng_below(r, n - 2);
	at[1] = at[0] + 1 + rng_below(r, n - 1 - at[0]);
	at[2] = at[1] + 1 + rng_below(r, n - at[1]);
	say(f, a, b, at[0], false);
	if (together && rng_below(r, 3)) return;
	say(f, b, a, at[1], true);
	if (together) say(f, a, b, at[2], false);
}

static int by_arrival(const void *x, const void *y)
{
	const struct store_edge *a = x, *b = y;
	return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

static void people_make(struct feed *f, struct rng *r)
{
	const uint32_t c = f->n_customers;
	const size_t strangers = 2 + c / 2;
	f->edges = ARENA_ARRAY(f->a, struct store_edge, ((size_t)c * IDS_EACH + strangers) * 3);
	for (uint32_t x = 1; x <= c; x++)
		for (uint64_t k = 1; k < IDS_EACH; k++) pair(f, r, id_of(f, x, k), id_of(f, x, rng_below(r, k)), true);
	for (size_t i = 0; i < strangers && c > 1; i++) {
		const uint32_t x = 1 + (uint32_t)rng_below(r, c), y = 1 + (uint32_t)rng_below(r, c);
		const uint32_t a = id_of(f, x, rng_below(r, IDS_EACH)), b = id_of(f, y, rng_below(r, IDS_EACH));
		bool fresh = x != y;
		for (size_t e = 0; e < f->n_edges && fresh; e++)
			fresh = !(f->edges[e].a == a && f->edges[e].b == b) &&
			        !(f->edges[e].a == b && f->edges[e].b == a);
		if (fresh) pair(f, r, a, b, false);
	}
	qsort(f->edges, f->n_edges, sizeof *f->edges, by_arrival);
}

/* --- what an event says ----------------------------------------------------------------------------- */

static struct str body_of(struct arena *a, const struct orow *r)
{
	struct buf b;
	struct json_out o;
	buf_init(&b, 64 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_key(&o, "properties");
	json_open(&o, '{');
	if (*r->about) json_kv_z(&o, "about", r->about);
	if (*r->colour) json_kv_z(&o, "colour", r->colour);
	if (r->comment) json_kv_z(&o, "comment", "so");
	if (!isnan(r->effort)) json_kv_double(&o, "effort", r->effort);
	if (!isnan(r->overrun_ms)) json_kv_i64(&o, "expected_at", r->at_ms - (int64_t)r->overrun_ms);
	if (r->failed) json_kv_i64(&o, "failed", r->failed);
	if (*r->key) json_kv_z(&o, "journey", r->key);
	if (!isnan(r->score)) {
		json_kv_double(&o, "score", r->score);
		json_kv_z(&o, "score_kind", journey_rating_kind_names[orating_kind(r)]);
		json_kv_double(&o, "score_min", r->min);
		json_kv_double(&o, "score_max", r->max);
	}
	if (!isnan(r->wait_ms)) json_kv_double(&o, "wait_ms", r->wait_ms);
	if (!isnan(r->money)) {
		const double units = strcmp(r->currency, "KWD") == 0 ? 1000 : strcmp(r->currency, "JPY") == 0 ? 1 : 100;
		json_kv_double(&o, "value", r->money / units);
		json_kv_z(&o, "currency", r->currency);
	}
	if (r->left) json_kv_bool(&o, "abandoned", true);
	json_close(&o, '}');
	json_close(&o, '}');
	const struct str s = str_copy(a, buf_view(&b));
	buf_done(&b);
	return s;
}

static uint32_t kind_of(struct feed *f, const struct orow *r)
{
	uint32_t k = 1;
	while (k <= f->n_kinds &&
	       !(str_eq(f->kinds[k].name, str_of(r->event)) && str_eq(f->kinds[k].channel, str_of(r->channel))))
		k++;
	if (k > f->n_kinds)
		f->kinds[f->n_kinds = k] = (struct store_kind){
			.id = k, .type = WIRE_TRACK, .name = str_of(r->event), .channel = str_of(r->channel)
		};
	return k;
}

static void events_make(struct feed *f, struct rng *r)
{
	f->heads = ARENA_ARRAY(f->a, struct store_head, f->l->n);
	f->bodies = ARENA_ARRAY(f->a, struct str, f->l->n);
	f->kinds = ARENA_ARRAY(f->a, struct store_kind, f->l->n + 1);
	for (size_t i = 0; i < f->l->n; i++) {
		const struct orow *o = &f->l->rows[i];
		f->heads[i] = (struct store_head){ .arrival = i + 1,
			                           .source = 1,
			                           .kind = kind_of(f, o),
			                           .identity = id_of(f, o->customer, rng_below(r, IDS_EACH)),
			                           .at_ms = o->at_ms };
		f->bodies[i] = body_of(f->a, o);
	}
}

/* --- as a feed ------------------------------------------------------------------------------------------ */

static uint64_t f_end(void *ctx)
{
	return ((const struct feed *)ctx)->end;
}

static uint64_t f_wait(void *ctx, uint64_t seen, int timeout_ms)
{
	return f_end(ctx);
}

static enum err_code f_scan(void *ctx, uint64_t from, uint64_t to, store_block_fn fn, void *fn_ctx, struct err *err)
{
	const struct feed *f = ctx;
	if (from < 1) from = 1;
	if (from >= to) return OK;
	return fn(fn_ctx, &(struct store_block){ to - from, f->heads + from - 1, f->bodies + from - 1 }, err);
}

static enum err_code f_heads(void *ctx, const uint64_t *arrivals, size_t n, store_block_fn fn, void *fn_ctx,
                             struct err *err)
{
	const struct feed *f = ctx;
	for (size_t i = 0; i < n; i++)
		TRY(fn(fn_ctx, &(struct store_block){ 1, f->heads + arrivals[i] - 1, NULL }, err));
	return OK;
}

static enum err_code f_edges(void *ctx, uint64_t from, uint64_t to, store_edge_fn fn, void *fn_ctx, struct err *err)
{
	const struct feed *f = ctx;
	for (size_t i = 0; i < f->n_edges; i++)
		if (f->edges[i].arrival >= from && f->edges[i].arrival < to) TRY(fn(fn_ctx, &f->edges[i], err));
	return OK;
}

static enum err_code f_edges_of(void *ctx, uint32_t identity, uint64_t to, store_edge_fn fn, void *fn_ctx,
                                struct err *err)
{
	const struct feed *f = ctx;
	for (size_t i = 0; i < f->n_edges && f->edges[i].arrival < to; i++)
		if (f->edges[i].a == identity || f->edges[i].b == identity) TRY(fn(fn_ctx, &f->edges[i], err));
	return OK;
}

static bool f_kind(void *ctx, uint32_t id, struct store_kind *out)
{
	const struct feed *f = ctx;
	if (id < 1 || id > f->n_kinds) return false;
	*out = f->kinds[id];
	return true;
}

static uint32_t f_identities(void *ctx)
{
	return ((const struct feed *)ctx)->n_customers * IDS_EACH;
}

static bool f_identity(void *ctx, uint32_t id, bool *anonymous, struct str *external)
{
	/* The customer's own number is always one of a customer, so that it stands for the person. */
	*anonymous = id > ((const struct feed *)ctx)->n_customers && id % 2;
	*external = STR("x");
	return id >= 1 && id <= f_identities(ctx);
}

/* --- out of the snapshot ------------------------------------------------------------------------------------ */

static struct journey_words words_copy(const struct journey_words *w, struct arena *a)
{
	const size_t n_chunks = w->n / JOURNEY_CHUNK + 1;
	const struct str **chunks = (const struct str **)arena_array(a, n_chunks, sizeof *chunks);
	struct str *words = ARENA_ARRAY(a, struct str, n_chunks * JOURNEY_CHUNK);
	for (size_t i = 0; i < n_chunks; i++) chunks[i] = words + i * JOURNEY_CHUNK;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct str word = journey_word(w, i);
		words[i] = word.len ? str_copy(a, word) : STR("");
	}
	return (struct journey_words){ chunks, w->n };
}

static void schema_copy(const struct journey_schema *s, const size_t dims[DIMS], struct arena *a,
                        struct journey_schema *out)
{
	struct journey_kind *kinds = ARENA_ARRAY(a, struct journey_kind, s->n_kinds);
	double *w50 = ARENA_ARRAY(a, double, s->events.n);
	struct journey_dimension *d = ARENA_ARRAY(a, struct journey_dimension, DIMS);
	memcpy(kinds, s->kinds, s->n_kinds * sizeof *kinds);
	memcpy(w50, s->wait_w50, s->events.n * sizeof *w50);
	for (size_t i = 0; i < DIMS; i++)
		d[i] = (struct journey_dimension){ str_copy(a, s->dimensions[dims[i]].name),
			                           words_copy(&s->dimensions[dims[i]].words, a) };
	*out = (struct journey_schema){ .kinds = kinds,
		                        .n_kinds = s->n_kinds,
		                        .events = words_copy(&s->events, a),
		                        .channels = words_copy(&s->channels, a),
		                        .currencies = words_copy(&s->currencies, a),
		                        .dimensions = d,
		                        .n_dimensions = DIMS,
		                        .wait_w50 = w50,
		                        .newest_ms = s->newest_ms,
		                        .arrival_end = s->arrival_end };
}

struct slice {
	const struct journey_columns *c;
	uint32_t place;
};

static int by_customer(const void *x, const void *y)
{
	const struct slice *a = x, *b = y;
	const uint32_t p = a->c->customer[a->place], q = b->c->customer[b->place];
	if (p != q) return p < q ? -1 : 1;
	return journey_dead(b->c, b->place) - journey_dead(a->c, a->place); /* the dead before the living */
}

/* One run of slices from many; those that are dead stay so. */
static void run_copy(const struct olog *l, const struct slice *slices, size_t n, const size_t dims[DIMS],
                     struct arena *a, struct journey_columns *out)
{
	size_t rows = 0, pieces = 0;
	for (size_t i = 0; i < n; i++) {
		const struct slice *s = &slices[i];
		rows += s->c->offset[s->place + 1] - s->c->offset[s->place];
		pieces += s->c->evidence_offset[s->place + 1] - s->c->evidence_offset[s->place];
	}
	uint32_t *customer = ARENA_ARRAY(a, uint32_t, n), *offset = ARENA_ARRAY(a, uint32_t, n + 1),
	         *eo = ARENA_ARRAY(a, uint32_t, n + 1);
	uint64_t *dead = ARENA_ARRAY(a, uint64_t, n / 64 + 1), *arrival = ARENA_ARRAY(a, uint64_t, rows);
	uint16_t *kind = ARENA_ARRAY(a, uint16_t, rows);
	int64_t *at = ARENA_ARRAY(a, int64_t, rows);
	struct journey_evidence *e = ARENA_ARRAY(a, struct journey_evidence, pieces);
	struct journey_codes *codes = ARENA_ARRAY(a, struct journey_codes, DIMS);
	uint32_t *values[DIMS], nr = 0, ne = 0;
	for (size_t d = 0; d < DIMS; d++) {
		values[d] = ARENA_ARRAY(a, uint32_t, rows);
		codes[d] = (struct journey_codes){ values[d], 4 };
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct journey_columns *c = slices[i].c;
		const uint32_t place = slices[i].place;
		customer[i] = c->customer[place];
		if (journey_dead(c, place)) dead[i / 64] |= (uint64_t)1 << (i % 64);
		eo[i] = ne;
		for (uint32_t k = c->evidence_offset[place]; k < c->evidence_offset[place + 1]; k++) {
			e[ne] = c->evidence[k];
			e[ne++].row = nr + (c->evidence[k].row - c->offset[place]);
		}
		offset[i] = nr;
		for (uint32_t r = c->offset[place]; r < c->offset[place + 1]; r++, nr++) {
			kind[nr] = c->kind[r];
			at[nr] = c->at_ms[r];
			arrival[nr] = l->rows[c->arrival[r] - 1].arrival;
			for (size_t d = 0; d < DIMS; d++)
				values[d][nr] = dims[d] < c->n_dimensions ? journey_code(c->dimensions[dims[d]], r) : 0;
		}
	}
	offset[n] = nr;
	eo[n] = ne;
	*out = (struct journey_columns){ .n_customers = (uint32_t)n,
		                         .n_rows = nr,
		                         .n_evidence = ne,
		                         .customer = customer,
		                         .offset = offset,
		                         .evidence_offset = eo,
		                         .dead = dead,
		                         .kind = kind,
		                         .at_ms = at,
		                         .arrival = arrival,
		                         .dimensions = codes,
		                         .n_dimensions = DIMS,
		                         .evidence = e };
}

static void snapshot_copy(const struct feed *f, const struct index_snapshot *s, size_t parts,
                          struct journey_columns *out, struct journey_schema *schema)
{
	static const size_t dims[DIMS] = { 0, 4 }; /* "journey" is standard; "colour" the first that is declared */
	size_t n = 0;
	for (uint32_t q = 0; q < INDEX_PARTS; q++)
		for (size_t i = 0; s->parts[q] && i < s->parts[q]->n; i++)
			n += s->parts[q]->runs[i].columns.n_customers;
	struct slice *all = ARENA_ARRAY(f->a, struct slice, n), *some = ARENA_ARRAY(f->a, struct slice, n);
	n = 0;
	for (uint32_t q = 0; q < INDEX_PARTS; q++)
		for (size_t i = 0; s->parts[q] && i < s->parts[q]->n; i++)
			for (uint32_t p = 0; p < s->parts[q]->runs[i].columns.n_customers; p++)
				all[n++] = (struct slice){ &s->parts[q]->runs[i].columns, p };
	qsort(all, n, sizeof *all, by_customer);
	for (size_t p = 0; p < parts; p++) {
		size_t m = 0;
		for (size_t i = 0; i < n; i++)
			if (all[i].c->customer[all[i].place] % parts == p) some[m++] = all[i];
		run_copy(f->l, some, m, dims, f->a, &out[p]);
	}
	schema_copy(&s->schema, dims, f->a, schema);
	schema->newest_ms = f->l->newest_ms;
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

static void must(enum err_code rc, const struct err *err)
{
	if (rc == OK) return;
	fprintf(stderr, "the index: %s\n", err->text);
	abort();
}

void olog_columns(const struct olog *l, size_t parts, struct arena *a, struct journey_columns *out,
                  struct journey_schema *schema)
{
	struct feed f = { .l = l, .a = a };
	struct rng r;
	rng_init(&r, hash64_mix(l->n, (uint64_t)l->newest_ms), 21);
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].customer > f.n_customers) f.n_customers = l->rows[i].customer;
	events_make(&f, &r);
	people_make(&f, &r);
	const struct index_feed feed = { .ctx = &f,
		                         .end = f_end,
		                         .wait = f_wait,
		                         .scan = f_scan,
		                         .heads = f_heads,
		                         .edges = f_edges,
		                         .edges_of = f_edges_of,
		                         .kind = f_kind,
		                         .identities = f_identities,
		                         .identity = f_identity };
	const struct str colour = STR("colour");
	const struct index_options opt = { .dimensions = &colour, .n_dimensions = 1, .threads = 1 };
	struct index *ix;
	struct err err;
	f.end = 1 + rng_below(&r, l->n + 1);
	must(index_open(&feed, &opt, NULL, NULL, &ix, &err), &err);
	while (f.end <= l->n) {
		f.end += 1 + rng_below(&r, l->n / 4 + 1);
		if (f.end > l->n + 1) f.end = l->n + 1;
		must(index_update(ix, &err), &err);
	}
	const struct index_reader reader = index_enter(ix);
	snapshot_copy(&f, reader.snapshot, parts, out, schema);
	index_leave(ix, reader);
	index_close(ix);
}
