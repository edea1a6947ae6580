/*
 * Who is behind a figure: the customers with a case of which something
 * holds. Each kind of question says what its figures hold of; a figure that
 * counts customers has as many of them as its number says.
 */
#ifndef JOURNEY_BEHIND_H
#define JOURNEY_BEHIND_H

#include "journey/journey.h"

struct span;
/* What one case must show. `figure` is the kind's own, with codes for names. */
struct journey_behind {
	bool (*holds)(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
	              const void *figure);
	const void *figure;
};
extern const struct journey_pass journey_behind_pass; /* `what`: a struct journey_behind */
/* The set is the pass's. */
NODISCARD enum err_code journey_behind_set(const void *pass, const struct journey_set **out, struct err *err);

/* Activities by name: touchpoint keys and "(other)" with rules, event names without. JOURNEY_NOWHERE: no such name. */
#define JOURNEY_NOWHERE UINT32_MAX
uint32_t journey_activity_find(const struct journey_plan *p, struct str name);

/* Figures of a graph (dfg, flow): an activity, an edge, a beginning, an end. */
enum journey_flow_part { JOURNEY_FLOW_ACTIVITY, JOURNEY_FLOW_EDGE, JOURNEY_FLOW_START, JOURNEY_FLOW_END };
struct journey_flow_figure {
	enum journey_flow_part part;
	uint32_t activity; /* of an edge: where it comes from */
	uint32_t to;
};
bool journey_flow_holds(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
                        const void *figure);

/* A variant by its id, of cases cut to the first steps as the answer's were; 0: whole. The names live in the arena. */
struct journey_variant_figure {
	uint64_t id;
	uint32_t cut;
	const uint64_t *names; /* [activity] hashes */
};
NODISCARD enum err_code journey_variant_figure(const struct journey_plan *p, uint64_t id, uint32_t cut, struct arena *a,
                                               struct journey_variant_figure *out, struct err *err);
bool journey_variant_holds(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
                           const void *figure);

#endif
