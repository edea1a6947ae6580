/*
 * The comments that a map's touchpoints got: which touchpoint, whose, and the
 * arrival under which their words are kept. The same that a measure counts
 * (journey_touchpoint_stat.comments).
 */
#ifndef JOURNEY_COMMENTS_H
#define JOURNEY_COMMENTS_H

#include "journey/journey.h"

struct journey_comment {
	uint64_t arrival;
	int64_t at_ms;
	uint32_t customer;
	uint16_t touchpoint; /* code; 0 about the whole journey */
	float utility;       /* of the rating beside it; NaN without */
};
extern const struct journey_pass journey_comments_pass; /* `what`: NULL; needs rules */
/* By arrival. */
NODISCARD enum err_code journey_comments_result(const void *pass, struct arena *a, struct journey_comment **out,
                                                size_t *n, struct err *err);

#endif
