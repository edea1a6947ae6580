/* What a parser process sends back; it may have been taken over by the file that it read. */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size, 0, size % 3 };
	struct wire_input in = bytes_input(&b, "pipe");
	struct err err = { 0 };
	enum err_code rc = wire_pipe_replay(&in, &checking, &err);
	must(rc == OK || err.id, "an error has an id");
	return 0;
}
