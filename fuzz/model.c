/* A model of conformance: the first byte says how many bytes behind it are a trace, a letter each; the rest is JSON. */
#include "fuzz/one.h"
#include "journey/journey.h"

static void align(const struct journey_model *m, const uint8_t *trace, size_t n, struct arena *a)
{
	static const char letters[] = "abcdefgh";
	struct str *names = ARENA_ARRAY(a, struct str, n);
	struct journey_alignment got;
	struct err err = { 0 };
	must(names != NULL, "room for a trace");
	for (size_t i = 0; i < n; i++) names[i] = (struct str){ letters + trace[i] % 8, 1 };
	must(journey_model_align(m, names, n, a, &got, &err) == OK, "what was read can be aligned");
	must(got.length <= (int64_t)n && got.shortest <= (int64_t)m->n_nodes, "lengths");
	must(got.cost >= 0 && got.cost <= got.length + got.shortest, "insert all and skip the shortest way at most");
	must(got.fitness >= 0 && got.fitness <= 1, "fitness is a share");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct journey_model m;
	if (size == 0) return 0;
	const size_t n = data[0] < size - 1 ? data[0] : size - 1;
	const struct str json = { (const char *)data + 1 + n, size - 1 - n };
	arena_init(&a, 64 * MIB);
	if (journey_model_read(json, &a, &m, &err) == OK) align(&m, data + 1, n, &a);
	else must(err.text[0] != '\0', "an error has words");
	arena_done(&a);
	return 0;
}
