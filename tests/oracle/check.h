/* Fails the test when a measure differs from its twin. */
#ifndef TESTS_ORACLE_CHECK_H
#define TESTS_ORACLE_CHECK_H

#include "tests/oracle/oracle.h"

void check_measure(const struct journey_measure *got, const struct journey_measure *want);

#endif
