/* A table under a mapping: the mapping, a line with "%%%", the file. Without the line: a guessed mapping. */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mark[] = "\n%%%\n";
	struct arena a;
	struct err err = { 0 };
	struct wire_mapping *m = NULL;
	arena_init(&a, 128 * MIB);
	const char *cut = size ? memmem(data, size, mark, sizeof mark - 1) : NULL;
	size_t head = cut ? (size_t)(cut - (const char *)data) : 0, file = cut ? head + sizeof mark - 1 : 0;
	struct str toml = { (const char *)data, head };
	struct bytes b = { data + file, size - file, 0, size % 5 };
	struct wire_input in[2] = { bytes_input(&b, "t.csv"), bytes_input(&b, "j.csv") };
	if (!cut) {
		struct wire_guess g = { 0 };
		if (wire_guess_table(in, 1, WIRE_CSV, &a, &g, &err) == OK) toml = g.mapping_toml;
		b.at = 0;
	}
	enum err_code rc = OK;
	if (toml.len) {
		rc = wire_mapping_read(toml, &a, &m, &err);
		if (!cut && rc != OK) fprintf(stderr, STR_FMT "\n%s\n", STR_ARG(toml), err.text);
		must(cut || rc == OK, "a guessed mapping is a mapping");
		if (rc == OK) rc = wire_table(m, in, 1, WIRE_CSV, 1780272000000, &checking, &err);
	}
	must(rc == OK || err.text[0], "an error has words");
	arena_done(&a);
	return 0;
}
