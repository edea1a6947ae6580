#include "journey/align.h"

#define FAR UINT16_MAX

enum how { NOWAY, TOGETHER, INSERTED, FREE };

static uint8_t before_node(size_t v)
{
	return (uint8_t)(1 + 2 * v);
}
static uint8_t after_node(size_t v)
{
	return (uint8_t)(2 + 2 * v);
}

static void arc(struct automaton *x, uint8_t from, uint8_t to, uint8_t cost)
{
	x->arcs[x->n_arcs++] = (struct arc_free){ from, to, cost };
}

/* In the model's order, so that most costs settle in one round. */
static void put_arcs(struct automaton *x)
{
	const struct journey_model *m = x->m;
	const uint8_t end = (uint8_t)(x->n_states - 1);
	for (size_t v = 0; v < m->n_nodes; v++) {
		const struct journey_model_node *node = &m->nodes[v];
		if (node->start) arc(x, START_STATE, before_node(v), 0);
		for (size_t e = 0; e < m->n_edges; e++)
			if (m->edges[e].to == v) arc(x, after_node(m->edges[e].from), before_node(v), 0);
		arc(x, before_node(v), after_node(v), !node->optional);
		if (node->repeat) arc(x, after_node(v), before_node(v), 0);
		if (node->end) arc(x, after_node(v), end, 0);
	}
}

/* Lowers costs of one layer until no arc does any more; came may be NULL. */
static void settle(const struct automaton *x, uint16_t *cost, struct came *came)
{
	for (bool lower = true; lower;) {
		lower = false;
		for (size_t i = 0; i < x->n_arcs; i++) {
			const struct arc_free *a = &x->arcs[i];
			if (cost[a->from] == FAR || cost[a->from] + a->cost >= cost[a->to]) continue;
			cost[a->to] = (uint16_t)(cost[a->from] + a->cost);
			if (came) came[a->to] = (struct came){ a->from, FREE };
			lower = true;
		}
	}
}

static void begin(const struct automaton *x, uint16_t *cost)
{
	for (uint32_t s = 0; s < x->n_states; s++) cost[s] = FAR;
	cost[START_STATE] = 0;
}

bool automaton_make(struct automaton *x, const struct journey_model *m, uint32_t n_codes,
                    uint32_t (*code_of)(const void *ctx, struct str name), const void *ctx)
{
	*x = (struct automaton){ .m = m, .n_codes = n_codes, .n_states = (uint32_t)(2 * m->n_nodes + 2) };
	x->arcs = malloc((4 * m->n_nodes + m->n_edges + 1) * sizeof *x->arcs);
	x->nodes_of = calloc(n_codes + 1, sizeof *x->nodes_of);
	x->counts = calloc(n_codes + 1, sizeof *x->counts);
	if (!x->arcs || !x->nodes_of || !x->counts) {
		automaton_done(x);
		return false;
	}
	memset(x->counts, !m->ignore_unknown, n_codes);
	for (size_t v = 0; v < m->n_nodes; v++) {
		for (size_t i = 0; i < m->nodes[v].n_activities; i++) {
			const uint32_t code = code_of(ctx, m->nodes[v].activities[i]);
			if (code >= n_codes) continue;
			x->nodes_of[code] |= UINT64_C(1) << v;
			x->counts[code] = true;
		}
	}
	for (size_t i = 0; i < m->n_ignored; i++) {
		const uint32_t code = code_of(ctx, m->ignored[i]);
		if (code < n_codes) x->counts[code] = false;
	}
	put_arcs(x);
	begin(x, x->cost[0]);
	settle(x, x->cost[0], NULL);
	x->shortest = x->cost[0][x->n_states - 1];
	return true;
}

void automaton_done(struct automaton *x)
{
	free(x->arcs);
	free(x->nodes_of);
	free(x->counts);
	free(x->came);
	*x = (struct automaton){ 0 };
}

/* The layer after one event: stay and call it inserted, or go through a node that it is. */
static void consume(const struct automaton *x, uint64_t nodes, const uint16_t *cost, uint16_t *next, struct came *came)
{
	for (uint32_t s = 0; s < x->n_states; s++) {
		next[s] = cost[s] == FAR ? FAR : (uint16_t)(cost[s] + 1);
		came[s] = (struct came){ (uint8_t)s, cost[s] == FAR ? NOWAY : INSERTED };
	}
	for (; nodes; nodes &= nodes - 1) {
		const size_t v = (size_t)__builtin_ctzll(nodes);
		if (cost[before_node(v)] > next[after_node(v)] || cost[before_node(v)] == FAR) continue;
		next[after_node(v)] = cost[before_node(v)];
		came[after_node(v)] = (struct came){ before_node(v), TOGETHER };
	}
}

static void walk_back(const struct automaton *x, uint32_t n, struct aligned *out, bool *inserted)
{
	uint8_t state = (uint8_t)(x->n_states - 1);
	for (uint32_t layer = n; layer || state != START_STATE;) {
		const struct came c = x->came[(size_t)layer * x->n_states + state];
		if (c.how == FREE) {
			/* Only a node is gone through from an odd state to the one after it. */
			const size_t v = (size_t)(c.from - 1) / 2;
			if (c.from % 2 && state == c.from + 1 && !x->m->nodes[v].optional)
				out->skipped |= UINT64_C(1) << v;
		} else {
			layer--;
			inserted[layer] = c.how == INSERTED;
		}
		state = c.from;
	}
}

bool automaton_align(struct automaton *x, const uint16_t *codes, uint32_t n, struct aligned *out, bool *inserted)
{
	if (!grow((void **)&x->came, &x->cap_came, (n + 1) * x->n_states, sizeof *x->came)) return false;
	uint16_t *cost = x->cost[0], *next = x->cost[1];
	begin(x, cost);
	settle(x, cost, x->came);
	for (uint32_t i = 0; i < n; i++) {
		struct came *came = x->came + (size_t)(i + 1) * x->n_states;
		consume(x, x->nodes_of[codes[i]], cost, next, came);
		settle(x, next, came);
		uint16_t *t = cost;
		cost = next;
		next = t;
	}
	*out = (struct aligned){ .cost = cost[x->n_states - 1] };
	walk_back(x, n, out, inserted);
	return true;
}

/* --- one trace, by names ------------------------------------------------------------------------- */

struct known {
	struct str *names;
	uint32_t n;
};

static uint32_t known_code(const void *ctx, struct str name)
{
	const struct known *k = ctx;
	for (uint32_t i = 0; i < k->n; i++)
		if (str_eq(k->names[i], name)) return i;
	return JOURNEY_NOWHERE;
}

enum err_code journey_model_align(const struct journey_model *m, const struct str *trace, size_t n, struct arena *a,
                                  struct journey_alignment *out, struct err *err)
{
	if (n > JOURNEY_MODEL_TRACE_MAX)
		return err_limit(err, "model.trace", "trace", (int64_t)n, JOURNEY_MODEL_TRACE_MAX,
		                 "a case of %zu events is longer than %d", n, JOURNEY_MODEL_TRACE_MAX);
	struct known k = { .names = ARENA_ARRAY(a, struct str, n) };
	uint16_t *codes = ARENA_ARRAY(a, uint16_t, n);
	bool *inserted = ARENA_ARRAY(a, bool, n);
	struct automaton x;
	if (!k.names || !codes || !inserted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (known_code(&k, trace[i]) == JOURNEY_NOWHERE) k.names[k.n++] = trace[i];
	if (!automaton_make(&x, m, k.n, known_code, &k)) return err_no_memory(err);
	uint32_t length = 0;
	for (size_t i = 0; i < n; i++) {
		const uint32_t code = known_code(&k, trace[i]);
		if (x.counts[code]) codes[length++] = (uint16_t)code;
	}
	struct aligned got;
	const bool ok = automaton_align(&x, codes, length, &got, inserted);
	if (ok)
		*out = (struct journey_alignment){ .cost = got.cost,
			                           .length = length,
			                           .shortest = x.shortest,
			                           .fitness = fitness_of(got.cost, length, x.shortest) };
	automaton_done(&x);
	return ok ? OK : err_no_memory(err);
}
