/*
 * Where time goes: the waits between neighbouring events of cases, by edge.
 * Method: docs/methods/bottlenecks.md.
 */
#ifndef JOURNEY_BOTTLENECKS_H
#define JOURNEY_BOTTLENECKS_H

#include "journey/journey.h"

struct journey_bottleneck {
	struct str from, to;
	struct journey_times times; /* n is the edge's count */
	int64_t total_ms;
	double share; /* of all waiting; 0 when nobody waited */
	double score; /* n * max(0, median - target), ms */
};
struct journey_bottlenecks {
	int64_t total_ms;
	struct journey_bottleneck *edges; /* by falling score, then total, then names */
	size_t n;
};

extern const struct journey_pass journey_waits_pass; /* asks nothing of `what` */
/* target_ms >= 0: what a wait may take. */
NODISCARD enum err_code journey_bottlenecks_result(const void *pass, int64_t target_ms, struct arena *a,
                                                   struct journey_bottlenecks *out, struct err *err);

#endif
