/* A rule over customers: what is understood is written back in a spelling that reads back to itself. */
#include "fuzz/one.h"
#include "people/people.h"

static struct str spelled(const struct journey_segment_node *n, struct arena *a)
{
	struct buf b;
	struct err err;
	buf_init(&b, MIB);
	must(people_rule_print(n, false, &b, &err) == OK, "a rule can be written");
	const struct str text = str_copy(a, buf_view(&b));
	buf_done(&b);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct journey_segment_node *n, *again;
	arena_init(&a, 64 * MIB);
	if (people_rule_read((struct str){ (const char *)data, size }, NULL, &a, &n, &err) != OK) {
		must(err.text[0] && is_utf8(str_of(err.text)), "an error has words");
		must(err.code != ERR_INPUT || (err.value >= 0 && err.value <= (int64_t)size),
		     "a mistake has its place");
	} else {
		const struct str text = spelled(n, &a);
		must(is_utf8(text), "a rule is UTF-8");
		/* What is written may be longer than what was read: 4w is 28d, 'x' is quoted as "x". */
		if (text.len <= PEOPLE_RULE_BYTES_MAX) {
			must(people_rule_read(text, NULL, &a, &again, &err) == OK, "it reads back");
			must(str_eq(spelled(again, &a), text), "to itself");
		}
	}
	arena_done(&a);
	return 0;
}
