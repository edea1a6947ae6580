/*
 * Requests of the other live protocols. The first byte chooses the protocol;
 * what follows it up to a zero byte is the address's parameters (and, for
 * CloudEvents, the headers), the rest is the body.
 */
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const wire_reader readers[] = { wire_posthog, wire_matomo, wire_cloudevents, wire_pixel };
	static const struct str_pair marks[] = { { STR("ce-specversion"), STR("1.0") } };
	struct arena a;
	struct err err = { 0 };
	struct str key;
	if (size == 0) return 0;
	const struct str all = { (const char *)data + 1, size - 1 };
	struct str head = str_cut(all, 0, str_find(all, '\0'));
	if (head.len == all.len) head.len = 0;
	struct str_pair pairs[32];
	size_t n = 0;
	for (struct str rest = head; rest.len && n < COUNT_OF(pairs);) {
		const struct str one = str_cut(rest, 0, str_find(rest, '&'));
		const size_t at = str_find(one, '=');
		const struct str value = str_cut(one, at < one.len ? at + 1 : at, one.len);
		rest = str_cut(rest, one.len < rest.len ? one.len + 1 : one.len, rest.len);
		/* The server hands on valid UTF-8 only. */
		if (utf8_valid(one.ptr, one.len) == one.len)
			pairs[n++] = (struct str_pair){ str_cut(one, 0, at), value };
	}
	const size_t which = data[0] % (COUNT_OF(readers) + 1);
	struct wire_live in = { .body = str_cut(all, head.len ? head.len + 1 : 0, all.len),
		                .query = pairs,
		                .n_query = n,
		                .received_ms = 1780272000000 };
	if (which == COUNT_OF(readers)) in.headers = marks, in.n_headers = 1;
	else in.headers = pairs, in.n_headers = n;
	arena_init(&a, 64 * MIB);
	const enum err_code rc = readers[which % COUNT_OF(readers)](&in, &a, &checking, &err);
	must(rc == OK || err.text[0], "an error has words");
	(void)!wire_posthog_key(&in, &a, &key);
	(void)!wire_matomo_key(&in, &a, &key);
	arena_done(&a);
	return 0;
}
