/* What the tests of stats share: closeness, and a seed that is printed when a property fails. */
#ifndef TESTS_STATS_H
#define TESTS_STATS_H

#include <math.h>

#include "stats/stats.h"
#include "tests/unit/unit.h"

#define assert_close(got, want, tol)                                                                                   \
	do {                                                                                                           \
		const double got_ = (got), want_ = (want);                                                             \
		if (!(fabs(got_ - want_) <= (tol)))                                                                    \
			fail_msg("%s = %.10g, expected %.10g within %g", #got, got_, want_, (double)(tol));            \
	} while (0)

#define assert_in_band(got, low, high)                                                                                 \
	do {                                                                                                           \
		const double got_ = (got), low_ = (low), high_ = (high);                                               \
		if (!(got_ >= low_ && got_ <= high_))                                                                  \
			fail_msg("%s = %.10g, expected %g to %g", #got, got_, low_, high_);                            \
	} while (0)

#endif
