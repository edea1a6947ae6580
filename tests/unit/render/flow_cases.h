/* Flows that the tests draw. The first is the mockup's; demo12 and demo30 are read from flow/. */
#ifndef TESTS_RENDER_FLOW_CASES_H
#define TESTS_RENDER_FLOW_CASES_H

#include "render/render.h"

struct flow_case {
	const char *name;
	struct render_flow *(*make)(struct arena *a, enum lang l);
};
extern const struct flow_case flow_cases[];
extern const size_t n_flow_cases;

/* A graph with `nodes` nodes and at most `edges` edges that looks like journeys: mostly forwards, some back, some
 * again; counts fall off as in life. The same seed gives the same graph. */
struct render_flow *flow_random(struct arena *a, uint64_t seed, size_t nodes, size_t edges);
/* A file of lines "step NAME COUNT CUSTOMERS STARTS ENDS SCORE|-" and "path FROM TO COUNT CUSTOMERS MEAN P50 P90", with
 * tabs. */
struct render_flow *flow_read(struct arena *a, const char *path);

#endif
