/* A log of objects and events in JSON. */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size, 0, 0 };
	struct wire_input in = bytes_input(&b, "x.jsonocel");
	struct err err = { 0 };
	must(wire_ocel(&in, 1780272000000, &checking, &err) == OK || err.text[0], "an error has words");
	return 0;
}
