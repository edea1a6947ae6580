/* A model as an automaton, and the cheapest alignment of a sequence of codes with it. Private to journey/. */
#ifndef JOURNEY_ALIGN_H
#define JOURNEY_ALIGN_H

#include "journey/priv.h"

/*
 * States: 0 the start; for node v 1 + 2v before it and 2 + 2v after it; the
 * last is the end. Arcs consume nothing; to go through a node together with
 * an event is from before it to after it.
 */
enum { STATES_MAX = 2 * JOURNEY_MODEL_NODES_MAX + 2, START_STATE = 0 };

struct automaton {
	const struct journey_model *m;
	struct arc_free {
		uint8_t from, to, cost;
	} * arcs;
	size_t n_arcs;
	uint32_t n_states;
	uint64_t *nodes_of; /* [code] a bit for each node that it is */
	uint8_t *counts;    /* [code] whether events of it are looked at */
	uint32_t n_codes;
	uint32_t shortest;
	/* of one alignment, by layer (events consumed) and state */
	struct came {
		uint8_t from, how;
	} * came;
	uint32_t cap_came;
	uint16_t cost[2][STATES_MAX];
};

/* code_of says which code an activity has, below n_codes; JOURNEY_NOWHERE none. False when memory is short. */
bool automaton_make(struct automaton *x, const struct journey_model *m, uint32_t n_codes,
                    uint32_t (*code_of)(const void *ctx, struct str name), const void *ctx);
void automaton_done(struct automaton *x);

struct aligned {
	uint32_t cost;
	uint64_t skipped; /* a bit for each node skipped that is not optional */
};
/*
 * inserted[0..n) is set for each event that the model does not have. Of
 * alignments of equal cost: going together before inserting, inserting
 * before skipping, arcs in the model's order. Cost: about n times the arcs.
 * False when memory is short.
 */
bool automaton_align(struct automaton *x, const uint16_t *codes, uint32_t n, struct aligned *out, bool *inserted);

static inline double fitness_of(uint32_t cost, uint32_t length, uint32_t shortest)
{
	return length + shortest ? 1.0 - (double)cost / (double)(length + shortest) : 1.0;
}

#endif
