/* Memory for what a group of tests is handed, opened before its first test and given back after its last. */
#ifndef TESTS_STATS_SCRATCH_H
#define TESTS_STATS_SCRATCH_H

#include "base/arena.h"

static struct arena scratch;

static int open_scratch(void **state)
{
	(void)state;
	arena_init(&scratch, 256 << 20);
	return 0;
}

static int close_scratch(void **state)
{
	(void)state;
	arena_done(&scratch);
	return 0;
}

#endif
