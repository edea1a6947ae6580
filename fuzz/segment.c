/* A request body of a live source. The first byte chooses the endpoint. */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct str key;
	if (size == 0) return 0;
	struct str body = { (const char *)data + 1, size - 1 };
	arena_init(&a, 64 * MIB);
	const struct wire_live in = { .body = body,
		                      .what = data[0] % (WIRE_EP_IMPORT + 1),
		                      .received_ms = 1780272000000 };
	enum err_code rc = wire_segment(&in, &a, &checking, &err);
	must(rc == OK || err.text[0], "an error has words");
	(void)!wire_segment_key(&in, &a, &key);
	arena_done(&a);
	return 0;
}
