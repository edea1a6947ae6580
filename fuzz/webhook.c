/*
 * Webhooks of every kind. The first byte chooses who calls, its highest bit
 * whether the request was cut. Behind it, for the kind "custom", a mapping up
 * to "\n%%%\n"; the rest is the body. A body under a fixed mapping, and a
 * mapping of strangers under a body, are the same target.
 */
#include "fuzz/one.h"

#include "base/hash.h"

/* What is told of one reading, so that two can be compared. */
struct told {
	uint64_t hash;
	int64_t events, refused;
};

static enum err_code tell_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct told *t = ctx;
	TRY(checking.event(NULL, e, err));
	t->hash = hash64_mix(t->hash, hash64(e->body) ^ hash64(e->customer) ^ hash64(e->name) ^ (uint64_t)e->at_ms);
	t->events++;
	return OK;
}

static enum err_code tell_refusal(void *ctx, const struct wire_refusal *r, struct err *err)
{
	struct told *t = ctx;
	TRY(checking.refuse(NULL, r, err));
	t->hash = hash64_mix(t->hash, hash64(str_of(r->err.text)));
	t->refused++;
	return OK;
}

static enum err_code read_once(const struct wire_live *in, struct told *out, struct err *err)
{
	struct arena a;
	const struct wire_sink sink = { .ctx = out, .event = tell_event, .refuse = tell_refusal };
	*out = (struct told){ 0 };
	arena_init(&a, 64 * MIB);
	const enum err_code rc = wire_webhook(in, &a, &sink, err);
	arena_done(&a);
	return rc;
}

/* What a sample is guessed to mean has to be a mapping. */
static void look(struct str body)
{
	struct arena a;
	struct wire_hook_sample s;
	struct wire_mapping *m;
	struct err err = { 0 };
	arena_init(&a, 64 * MIB);
	if (wire_hook_look(body, &a, &s, &err) == OK) {
		must(s.n <= WIRE_HOOK_PATHS_MAX, "as many paths as there may be");
		for (size_t i = 0; i < s.n; i++)
			must(is_utf8(s.paths[i].path) && is_utf8(s.paths[i].value), "paths are UTF-8");
		must(!s.mapping_toml.len || wire_hook_mapping_read(s.mapping_toml, &a, &m, &err) == OK,
		     "a guessed mapping is one");
	} else {
		must(err.text[0], "an error has words");
	}
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str_pair headers[] = { { STR("webhook-id"), STR("msg_1") },
		                                   { STR("x-delivery"), STR("d1") } };
	static const struct str mark = STR("\n%%%\n");
	struct told first, second;
	struct err err = { 0 };
	if (size == 0) return 0;
	struct wire_live in = { .body = { (const char *)data + 1, size - 1 },
		                .headers = headers,
		                .n_headers = COUNT_OF(headers),
		                .what = data[0] % WIRE_HOOKS,
		                .received_ms = 1780272000000 };
	const char *cut = in.body.len ? memmem(in.body.ptr, in.body.len, mark.ptr, mark.len) : NULL;
	if (in.what == WIRE_HOOK_CUSTOM && cut) {
		in.mapping = (struct str){ in.body.ptr, (size_t)(cut - in.body.ptr) };
		in.body = str_cut(in.body, in.mapping.len + mark.len, in.body.len);
	}
	const enum err_code rc = read_once(&in, &first, &err);
	must(rc == OK || err.text[0], "an error has words");
	must(rc == read_once(&in, &second, &err), "read again, the same verdict");
	must(rc != OK ||
	             (first.hash == second.hash && first.events == second.events && first.refused == second.refused),
	     "read again, the same events");
	if (in.what == WIRE_HOOK_CUSTOM) look(in.body);
	return 0;
}
