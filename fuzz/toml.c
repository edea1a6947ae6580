/* A mapping. */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct wire_mapping *m = NULL;
	arena_init(&a, 64 * MIB);
	must(wire_mapping_read((struct str){ (const char *)data, size }, &a, &m, &err) == OK || err.text[0],
	     "an error has words");
	arena_done(&a);
	return 0;
}
