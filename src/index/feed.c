/* The log as a feed. */
#include "index/index.h"

static uint64_t feed_end(void *st)
{
	return store_arrival_end(st);
}

static uint64_t feed_wait(void *st, uint64_t seen, int timeout_ms)
{
	return store_wait(st, seen, timeout_ms);
}

static enum err_code feed_scan(void *st, uint64_t from, uint64_t to, store_block_fn fn, void *ctx, struct err *err)
{
	return store_scan(st, from, to, true, fn, ctx, err);
}

static enum err_code feed_heads(void *st, const uint64_t *arrivals, size_t n, store_block_fn fn, void *ctx,
                                struct err *err)
{
	return store_fetch(st, arrivals, n, false, fn, ctx, err);
}

static enum err_code feed_edges(void *st, uint64_t from, uint64_t to, store_edge_fn fn, void *ctx, struct err *err)
{
	return store_edges(st, from, to, fn, ctx, err);
}

static enum err_code feed_edges_of(void *st, uint32_t identity, uint64_t to, store_edge_fn fn, void *ctx,
                                   struct err *err)
{
	return store_edges_of(st, identity, to, fn, ctx, err);
}

static bool feed_kind(void *st, uint32_t id, struct store_kind *out)
{
	return store_kind_get(st, id, out);
}

static uint32_t feed_identities(void *st)
{
	return store_identity_count(st);
}

static bool feed_identity(void *st, uint32_t id, bool *anonymous, struct str *external)
{
	return store_identity_get(st, id, anonymous, external);
}

struct index_feed index_feed_store(struct store *st)
{
	return (struct index_feed){ .ctx = st,
		                    .mark = store_mark(st),
		                    .end = feed_end,
		                    .wait = feed_wait,
		                    .scan = feed_scan,
		                    .heads = feed_heads,
		                    .edges = feed_edges,
		                    .edges_of = feed_edges_of,
		                    .kind = feed_kind,
		                    .identities = feed_identities,
		                    .identity = feed_identity };
}
