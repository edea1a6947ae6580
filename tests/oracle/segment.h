/* Random rules over customers, and their slow, obvious answer. */
#ifndef TESTS_ORACLE_SEGMENT_H
#define TESTS_ORACLE_SEGMENT_H

#include "tests/oracle/oracle.h"

/* A tree of a seed; events, channels, keys, colours and times are those of olog_make. */
struct journey_segment_node *osegment_make(struct arena *a, uint64_t seed);
/* Whether it takes a customer, whose rows of the log are looked at one by one. */
bool osegment_has(const struct olog *l, const struct journey_segment_node *n, uint32_t customer, struct arena *a);

#endif
