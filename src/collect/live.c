/* What comes over the network, and what the program makes itself. */
#include "collect/priv.h"

enum { REFUSED_MAX = 100 };
#define SCRATCH_BYTES (256 * MIB)

struct collect_live {
	struct collect *c;
	uint32_t source;
	int64_t now_ms;
	bool live;
	struct batch batch;
	struct collect_tally tally;
	struct collect_refused *refused;
	size_t n_refused;
	struct store_job job; /* what is still to be written; n 0: nothing */
};

static enum err_code live_flush(struct collect_live *l, struct err *err)
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
	struct collect_live *l = ctx;
	struct err why; /* written as a whole with the reason */
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
	struct collect_live *l = ctx;
	if (!r->set_aside && l->n_refused < REFUSED_MAX) {
		if (!l->refused) l->refused = ARENA_ARRAY(l->batch.arena, struct collect_refused, REFUSED_MAX);
		if (!l->refused) return err_no_memory(err);
		l->refused[l->n_refused++] = (struct collect_refused){ r->line, r->err };
	}
	return batch_refusal(&l->batch, r, err);
}

enum err_code collect_live_begin(struct collect *c, uint32_t source, wire_reader read, struct wire_live said,
                                 struct arena *a, struct collect_live **out, struct err *err)
{
	struct collect_live *l = ARENA_NEW(a, struct collect_live);
	if (!l) return err_no_memory(err);
	*l = (struct collect_live){
		.c = c, .source = source, .now_ms = now_of(c), .live = true, .batch = { .arena = a }
	};
	const struct wire_sink plain = { .ctx = l, .event = on_event, .refuse = on_refuse };
	struct clock_of_source clock = { c->clocks, source };
	const struct wire_clock of_sender = { &clock, clock_offset };
	struct masking masking;
	struct wire_sink sink;
	TRY(masking_open(c, source, &plain, &masking, &sink, err));
	said.received_ms = l->now_ms;
	said.clock = &of_sender;
	/* What is read on the way is gone before the next request comes, so that it lies in the cache's warm part. */
	struct arena scratch;
	arena_init(&scratch, SCRATCH_BYTES);
	const enum err_code rc = read(&said, &scratch, &sink, err);
	arena_done(&scratch);
	masking_done(&masking);
	TRY(rc);
	/* Many thousands of broken items in one body are more than one append takes. */
	if (l->batch.n > STORE_APPEND_MAX) TRY(live_flush(l, err));
	l->job = (struct store_job){
		.source = source, .received_ms = l->now_ms, .items = l->batch.items, .n = l->batch.n
	};
	*out = l;
	return OK;
}

enum err_code collect_hook_try(struct collect *c, uint32_t source, struct str mapping, struct str body, struct arena *a,
                               const struct wire_sink *sink, struct err *err)
{
	const struct wire_live in = {
		.body = body, .what = WIRE_HOOK_CUSTOM, .received_ms = now_of(c), .mapping = mapping
	};
	struct masking masking;
	struct wire_sink masked;
	TRY(masking_open(c, source, sink, &masking, &masked, err));
	const enum err_code rc = wire_webhook(&in, a, &masked, err);
	masking_done(&masking);
	return rc;
}

struct store_job *collect_live_job(struct collect_live *l)
{
	return l->job.n ? &l->job : NULL;
}

enum err_code collect_live_end(struct collect_live *l, struct collect_tally *out, struct collect_refused **refused,
                               size_t *n_refused, struct err *err)
{
	if (l->job.rc != OK) {
		if (err) *err = l->job.err;
		return l->job.rc;
	}
	tally_add(&l->tally, l->job.items, l->job.n);
	*out = l->tally;
	*refused = l->refused;
	*n_refused = l->n_refused;
	return OK;
}

enum err_code collect_events(struct collect *c, uint32_t source, const struct wire_event *events, size_t n,
                             struct collect_tally *out, struct err *err)
{
	struct arena a;
	struct collect_live l = { .c = c, .source = source, .now_ms = now_of(c), .batch = { .arena = &a } };
	const struct wire_sink plain = { .ctx = &l, .event = on_event, .refuse = on_refuse };
	struct masking masking;
	struct wire_sink sink;
	TRY(masking_open(c, source, &plain, &masking, &sink, err));
	arena_init(&a, 512 * MIB);
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
