/* A file of lines, also packed and in UTF-16. */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size, 0, size % 7 };
	struct wire_input in = bytes_input(&b, "x.ndjson");
	struct err err = { 0 };
	must(wire_ndjson(&in, 1780272000000, &checking, &err) == OK || err.text[0], "an error has words");
	return 0;
}
