/* What comes over the network, and what the program makes itself. */
#include "collect/priv.h"

enum { REFUSED_MAX = 100 };

struct live {
	struct collect *c;
	uint32_t source;
	int64_t now_ms;
	bool live;
	struct batch batch;
	struct collect_tally tally;
	struct collect_refused *refused;
	size_t n_refused;
};

static enum err_code live_flush(struct live *l, struct err *err)
{
	enum err_code rc = OK;
	for (size_t at = 0; at < l->batch.n && rc == OK;) {
		size_t n = l->batch.n - at < STORE_APPEND_MAX ? l->batch.n - at : STORE_APPEND_MAX;
		rc = store_append(l->c->st, l->source, l->now_ms, l->batch.items + at, n, NULL, err);
		if (rc == OK) tally_add(&l->tally, l->batch.items + at, n);
		at += n;
	}
	l->batch.n = 0;
	return rc;
}

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct live *l = ctx;
	struct err why = { 0 };
	const char *reason = time_rule(e, l->now_ms, l->live, &why);
	if (!reason) return batch_event(&l->batch, e, l->live, err);
	struct wire_refusal r = { .line = e->line, .err = why, .set_aside = true, .reason = reason };
	struct buf raw;
	buf_init(&raw, 256 * KIB);
	store_event_text(e, &raw);
	r.raw = buf_view(&raw);
	enum err_code rc = raw.full ? err_no_memory(err) : batch_refusal(&l->batch, &r, err);
	buf_done(&raw);
	return rc;
}

static enum err_code on_refuse(void *ctx, const struct wire_refusal *r, struct err *err)
{
	struct live *l = ctx;
	if (!r->set_aside && l->n_refused < REFUSED_MAX) {
		if (!l->refused) l->refused = ARENA_ARRAY(l->batch.arena, struct collect_refused, REFUSED_MAX);
		if (!l->refused) return err_no_memory(err);
		l->refused[l->n_refused++] = (struct collect_refused){ r->line, r->err };
	}
	return batch_refusal(&l->batch, r, err);
}

enum err_code collect_live(struct collect *c, uint32_t source, wire_reader read, struct wire_live said, struct arena *a,
                           struct collect_tally *out, struct collect_refused **refused, size_t *n_refused,
                           struct err *err)
{
	struct live l = { .c = c, .source = source, .now_ms = now_of(c), .live = true, .batch = { .arena = a } };
	const struct wire_sink plain = { .ctx = &l, .event = on_event, .refuse = on_refuse };
	struct clock_of_source clock = { c->clocks, source };
	const struct wire_clock of_sender = { &clock, clock_offset };
	struct masking masking;
	bool mask;
	TRY(source_masks(c, source, &mask, err));
	masking_init(&masking, &plain);
	const struct wire_sink sink = mask ? masking_sink(&masking) : plain;
	said.received_ms = l.now_ms;
	said.clock = &of_sender;
	const enum err_code rc = read(&said, a, &sink, err);
	masking_done(&masking);
	TRY(rc);
	TRY(live_flush(&l, err));
	*out = l.tally;
	*refused = l.refused;
	*n_refused = l.n_refused;
	return OK;
}

enum err_code collect_events(struct collect *c, uint32_t source, const struct wire_event *events, size_t n,
                             struct collect_tally *out, struct err *err)
{
	struct arena a;
	struct live l = { .c = c, .source = source, .now_ms = now_of(c), .batch = { .arena = &a } };
	const struct wire_sink plain = { .ctx = &l, .event = on_event, .refuse = on_refuse };
	struct masking masking;
	bool mask;
	TRY(source_masks(c, source, &mask, err));
	arena_init(&a, 512 * MIB);
	masking_init(&masking, &plain);
	const struct wire_sink sink = mask ? masking_sink(&masking) : plain;
	enum err_code rc = OK;
	for (size_t i = 0; i < n && rc == OK; i++) {
		rc = sink.event(sink.ctx, &events[i], err);
		if (rc != OK || (l.batch.n < STORE_APPEND_MAX && i + 1 < n)) continue;
		rc = live_flush(&l, err);
		l.batch = (struct batch){ .arena = &a };
		arena_reset(&a);
	}
	masking_done(&masking);
	arena_done(&a);
	if (rc == OK) *out = l.tally;
	return rc;
}
