#include "tests/unit/index/model.h"

#include <math.h>

#include "base/checked.h"

static const char *const names[] = { "", "visit", "buy", "ask", "identify" };

uint64_t m_end(void *ctx)
{
	return atomic_load(&((struct model *)ctx)->end);
}

static uint64_t m_wait(void *ctx, uint64_t seen, int timeout_ms)
{
	struct timespec t = { .tv_nsec = 1000000 };
	nanosleep(&t, NULL);
	return m_end(ctx);
}

static enum err_code m_scan(void *ctx, uint64_t from, uint64_t to, store_block_fn fn, void *fn_ctx, struct err *err)
{
	struct model *m = ctx;
	if (from < 1) from = 1;
	while (from < to) {
		struct store_head heads[BLOCK];
		struct str bodies[BLOCK];
		struct store_block b = { .heads = heads, .bodies = bodies };
		for (; b.n < BLOCK && from < to; from++) {
			if (m->events[from - 1].decided) continue;
			heads[b.n] = m->events[from - 1].head;
			bodies[b.n++] = str_of(m->events[from - 1].body);
		}
		if (b.n) TRY(fn(fn_ctx, &b, err));
	}
	return OK;
}

static enum err_code m_heads(void *ctx, const uint64_t *arrivals, size_t n, store_block_fn fn, void *fn_ctx,
                             struct err *err)
{
	struct model *m = ctx;
	for (size_t i = 0; i < n; i++) {
		if (i) assert_true(arrivals[i - 1] < arrivals[i]);
		TRY(fn(fn_ctx, &(struct store_block){ 1, &m->events[arrivals[i] - 1].head, NULL }, err));
	}
	return OK;
}

static enum err_code m_edges(void *ctx, uint64_t from, uint64_t to, store_edge_fn fn, void *fn_ctx, struct err *err)
{
	struct model *m = ctx;
	for (size_t i = 0; i < m->n_edges_all; i++)
		if (m->edges[i].arrival >= from && m->edges[i].arrival < to) TRY(fn(fn_ctx, &m->edges[i], err));
	return OK;
}

static enum err_code m_edges_of(void *ctx, uint32_t identity, uint64_t to, store_edge_fn fn, void *fn_ctx,
                                struct err *err)
{
	struct model *m = ctx;
	for (size_t i = 0; i < m->n_edges_all && m->edges[i].arrival < to; i++)
		if (m->edges[i].a == identity || m->edges[i].b == identity) TRY(fn(fn_ctx, &m->edges[i], err));
	return OK;
}

static bool m_kind(void *ctx, uint32_t id, struct store_kind *out)
{
	if (id < 1 || id >= COUNT_OF(names)) return false;
	*out = (struct store_kind){ .id = id,
		                    .type = id == 4 ? WIRE_IDENTIFY : WIRE_TRACK,
		                    .name = str_of(names[id]),
		                    .channel = id == 2 ? STR("web") : STR("") };
	return true;
}

static uint32_t m_identities(void *ctx)
{
	return IDENTITIES;
}

bool m_identity(void *ctx, uint32_t id, bool *anonymous, struct str *external)
{
	*anonymous = id % 3 == 0;
	*external = STR("x");
	return id >= 1 && id <= IDENTITIES;
}

struct index_feed feed_of(struct model *m)
{
	return (struct index_feed){ .ctx = m,
		                    .end = m_end,
		                    .wait = m_wait,
		                    .scan = m_scan,
		                    .heads = m_heads,
		                    .edges = m_edges,
		                    .edges_of = m_edges_of,
		                    .kind = m_kind,
		                    .identities = m_identities,
		                    .identity = m_identity };
}

static bool same_pair(const struct store_edge *e, uint32_t a, uint32_t b)
{
	return (e->a == a && e->b == b) || (e->a == b && e->b == a);
}

static void say(struct model *m, uint32_t a, uint32_t b, size_t i, bool apart)
{
	if (m->n_edges_all == m->cap_edges) {
		m->cap_edges = m->cap_edges ? m->cap_edges * 2 : 64;
		m->edges = realloc(m->edges, m->cap_edges * sizeof *m->edges);
		assert_non_null(m->edges);
	}
	m->edges[m->n_edges_all++] = (struct store_edge){ .a = a, .b = b, .arrival = i + 1, .apart = apart };
}

/* An event tells that two are one, unless they were spoken of before. */
static void tell(struct model *m, uint32_t a, uint32_t b, size_t i)
{
	for (size_t e = 0; e < m->n_edges_all; e++)
		if (same_pair(&m->edges[e], a, b)) return;
	if (a != b) say(m, a, b, i, false);
}

/* Up to three pairs at once are taken apart, most of them edges, or one is joined, most often one that was spoken of.
 */
static void decide(struct model *m, struct rng *r, size_t i)
{
	const size_t before = m->n_edges_all;
	const bool apart = rng_below(r, 3) > 0;
	m->events[i].decided = true;
	for (uint64_t n = apart ? 1 + rng_below(r, 3) : 1; n > 0; n--) {
		uint32_t a = 1 + (uint32_t)rng_below(r, IDENTITIES), b = 1 + (uint32_t)rng_below(r, IDENTITIES);
		if (before && rng_below(r, 4)) {
			const struct store_edge *e = &m->edges[rng_below(r, before)];
			a = e->b;
			b = e->a;
		}
		if (a != b) say(m, a, b, i, apart);
	}
}

void model_make(struct model *m, uint64_t seed, size_t n)
{
	struct rng r;
	rng_init(&r, seed, 3);
	*m = (struct model){ .n_events_all = n };
	m->events = calloc(n, sizeof *m->events);
	m->n_below = calloc(n + 2, sizeof *m->n_below);
	atomic_store(&m->end, 1);
	static const char *const colours[] = { "", "red", "blue", "green" };
	for (size_t i = 0; i < n; i++) {
		struct model_event *e = &m->events[i];
		e->head = (struct store_head){ .arrival = i + 1,
			                       .source = 1 + (uint32_t)rng_below(&r, 2),
			                       .kind = 1 + (uint32_t)rng_below(&r, 4),
			                       .identity = 1 + (uint32_t)rng_below(&r, IDENTITIES),
			                       .at_ms = 1000000 + (int64_t)rng_below(&r, 5000) * 10,
			                       .received_ms = 5 };
		e->colour = colours[rng_below(&r, 4)];
		e->score = rng_below(&r, 4) ? 0 : 1 + (int)rng_below(&r, 5);
		e->overrun_s = rng_below(&r, 5) ? 0 : (int)rng_below(&r, 9) - 4;
		e->wait = rng_below(&r, 6) ? 0 : 1 + (int)rng_below(&r, 100);
		e->cents = rng_below(&r, 5) ? 0 : 1 + (int)rng_below(&r, 100000);
		e->currency = rng_below(&r, 2) ? "EUR" : "SAR";
		e->left = rng_below(&r, 9) == 0;
		int at = snprintf(e->body, sizeof e->body, "{\"properties\":{\"a\":[1,{\"colour\":\"no\"}]");
		if (*e->colour)
			at += snprintf(e->body + at, sizeof e->body - (size_t)at, ",\"colour\":\"%s\"", e->colour);
		if (e->score) at += snprintf(e->body + at, sizeof e->body - (size_t)at, ",\"score\":%d", e->score);
		if (e->overrun_s)
			at += snprintf(e->body + at, sizeof e->body - (size_t)at, ",\"expected_at\":%lld",
			               (long long)(e->head.at_ms - e->overrun_s * 1000));
		if (e->wait) at += snprintf(e->body + at, sizeof e->body - (size_t)at, ",\"wait_ms\":%d", e->wait);
		if (e->cents)
			at += snprintf(e->body + at, sizeof e->body - (size_t)at,
			               ",\"value\":%d.%02d,\"currency\":\"%s\"", e->cents / 100, e->cents % 100,
			               e->currency);
		if (e->left) at += snprintf(e->body + at, sizeof e->body - (size_t)at, ",\"abandoned\":true");
		snprintf(e->body + at, sizeof e->body - (size_t)at, "}}");
		if (i > 20 && rng_below(&r, 90) == 0) decide(m, &r, i);
		else if (i > 20 && rng_below(&r, 60) == 0)
			tell(m, e->head.identity, 1 + (uint32_t)rng_below(&r, IDENTITIES), i);
		m->n_below[i + 2] = m->n_below[i + 1] + !e->decided;
	}
}

void model_done(struct model *m)
{
	free(m->events);
	free(m->edges);
	free(m->n_below);
}

/* Nothing was said about the pair of edge e between it and `end`. */
static bool is_last(const struct model *m, size_t e, uint64_t end)
{
	for (size_t k = e + 1; k < m->n_edges_all && m->edges[k].arrival < end; k++)
		if (same_pair(&m->edges[k], m->edges[e].a, m->edges[e].b)) return false;
	return true;
}

/* Components by repainting: each edge that holds paints all of b's colour with a's. */
void paint(const struct model *m, uint64_t end, uint32_t *component)
{
	for (uint32_t i = 0; i <= IDENTITIES; i++) component[i] = i;
	for (size_t e = 0; e < m->n_edges_all && m->edges[e].arrival < end; e++) {
		if (m->edges[e].apart || !is_last(m, e, end)) continue;
		const uint32_t from = component[m->edges[e].b], to = component[m->edges[e].a];
		for (uint32_t i = 0; i <= IDENTITIES; i++)
			if (component[i] == from) component[i] = to;
	}
}

static void check_row(const struct model *m, const struct index_snapshot *s, const struct journey_columns *c,
                      uint32_t row, size_t colour, uint32_t *evidence, uint32_t evidence_end)
{
	const struct model_event *e = &m->events[c->arrival[row] - 1];
	assert_int_equal(c->at_ms[row], e->head.at_ms);
	assert_int_equal(c->kind[row], e->head.kind);
	const struct journey_kind k = s->schema.kinds[c->kind[row]];
	assert_str(journey_word(&s->schema.events, k.event), names[e->head.kind]);
	assert_int_equal(k.hidden, e->head.kind == 4);
	if (colour < s->schema.n_dimensions) {
		const uint32_t code = colour < c->n_dimensions ? journey_code(c->dimensions[colour], row) : 0;
		assert_str(journey_word(&s->schema.dimensions[colour].words, code), e->colour);
	}
	int seen[JOURNEY_LEFT + 1] = { 0 };
	for (; *evidence < evidence_end && c->evidence[*evidence].row == row; ++*evidence) {
		const struct journey_evidence *v = &c->evidence[*evidence];
		seen[v->what]++;
		if (v->what == JOURNEY_RATING)
			assert_true(fabs(v->raw - e->score) < 1e-9 &&
			            fabsf(v->utility - 25.0f * (float)(e->score - 1)) < 1e-4f);
		if (v->what == JOURNEY_BREACH)
			assert_true(fabs(v->raw - e->overrun_s * 1000) < 1e-9 &&
			            isnan(v->utility) == (e->overrun_s <= 0));
		if (v->what == JOURNEY_MONEY) {
			assert_true(fabs(v->raw - e->cents) < 1e-9);
			assert_str(journey_word(&s->schema.currencies, v->about), e->currency);
		}
		if (v->what == JOURNEY_LEFT) assert_true(fabs(v->raw - e->wait) < 1e-9);
		if (v->what == JOURNEY_WAIT) assert_true(fabs(v->raw - e->wait) < 1e-9);
	}
	assert_int_equal(seen[JOURNEY_RATING], e->score != 0);
	assert_int_equal(seen[JOURNEY_BREACH], e->overrun_s != 0);
	assert_int_equal(seen[JOURNEY_WAIT], e->wait != 0);
	assert_int_equal(seen[JOURNEY_MONEY], e->cents != 0);
	assert_int_equal(seen[JOURNEY_LEFT], e->left);
}

void check_snapshot(struct index *ix, const struct model *m, const struct index_snapshot *s, size_t colour)
{
	const uint64_t end = s->schema.arrival_end;
	uint32_t component[IDENTITIES + 1], number[IDENTITIES + 1] = { 0 };
	paint(m, end, component);
	bool *there = calloc(end + 1, sizeof *there);
	int64_t rows = 0, customers = 0;
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		for (size_t i = 0; s->parts[q] && i < s->parts[q]->n; i++) {
			const struct journey_columns *c = &s->parts[q]->runs[i].columns;
			for (uint32_t p = 0; p < c->n_customers; p++) {
				if (p) assert_true(c->customer[p - 1] < c->customer[p]);
				if (journey_dead(c, p)) continue;
				customers++;
				assert_int_equal(index_part_of(c->customer[p]), q);
				const uint32_t who = component[c->customer[p]];
				assert_int_equal(number[who], 0); /* one slice for each component */
				number[who] = c->customer[p];
				uint32_t evidence = c->evidence_offset[p];
				for (uint32_t r = c->offset[p]; r < c->offset[p + 1]; r++) {
					rows++;
					assert_true(c->arrival[r] >= 1 && c->arrival[r] < end && !there[c->arrival[r]]);
					assert_false(m->events[c->arrival[r] - 1].decided);
					there[c->arrival[r]] = true;
					assert_int_equal(component[m->events[c->arrival[r] - 1].head.identity], who);
					if (r > c->offset[p])
						assert_true(c->at_ms[r - 1] < c->at_ms[r] ||
						            (c->at_ms[r - 1] == c->at_ms[r] &&
						             c->arrival[r - 1] < c->arrival[r]));
					check_row(m, s, c, r, colour, &evidence, c->evidence_offset[p + 1]);
				}
				assert_int_equal(evidence, c->evidence_offset[p + 1]);
			}
		}
	}
	assert_int_equal(rows, m->n_below[end]);
	assert_int_equal(s->events, rows);
	assert_int_equal(s->customers, customers);
	free(there);
}
