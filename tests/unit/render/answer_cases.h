/* Funnels, retentions and scores over time that the tests draw. The first funnel is the demo company's; its numbers add
 * up. */
#ifndef TESTS_RENDER_ANSWER_CASES_H
#define TESTS_RENDER_ANSWER_CASES_H

#include "render/render.h"

struct funnel_case {
	const char *name;
	struct render_funnel *(*make)(struct arena *a, enum lang l);
};
extern const struct funnel_case funnel_cases[];
extern const size_t n_funnel_cases;

struct retention_case {
	const char *name;
	struct render_retention *(*make)(struct arena *a, enum lang l);
};
extern const struct retention_case retention_cases[];
extern const size_t n_retention_cases;

struct series_case {
	const char *name;
	struct render_series *(*make)(struct arena *a, enum lang l);
};
extern const struct series_case series_cases[];
extern const size_t n_series_cases;

#endif
