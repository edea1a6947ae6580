/* Maps that the tests draw. The first is the example of docs/design/drawing.md; its numbers add up. */
#ifndef TESTS_RENDER_CASES_H
#define TESTS_RENDER_CASES_H

#include "render/render.h"

struct render_case {
	const char *name;
	struct render_map *(*make)(struct arena *a, enum lang l);
};
extern const struct render_case render_cases[];
extern const size_t n_render_cases;

#endif
