/* Reading the log. No read transaction lives longer than one block: the callback may take its time. */
#include "store/priv.h"

void block_bytes_init(struct block_bytes *b)
{
	*b = (struct block_bytes){ 0 };
	buf_init(&b->head, 16 * MIB);
	buf_init(&b->body, 64 * MIB);
}

void block_bytes_done(struct block_bytes *b)
{
	buf_done(&b->head);
	buf_done(&b->body);
}

static enum err_code read_row(struct stmt *s, bool body, struct block_bytes *out, struct err *err)
{
	out->frame =
	        (struct block_frame){ (uint64_t)stmt_i64(s, 0), (uint64_t)stmt_i64(s, 1), 0, (uint64_t)stmt_i64(s, 3) };
	int64_t n = stmt_i64(s, 2);
	if (n < 0 || n > BLOCK_EVENTS_MAX)
		return err_set(err, ERR_CORRUPT, "store.block", "event_block",
		               "event block %llu: its size is impossible",
		               (unsigned long long)out->frame.first_arrival);
	out->frame.n = (uint32_t)n;
	buf_clear(&out->head);
	buf_clear(&out->body);
	buf_str(&out->head, stmt_str(s, 4));
	if (body) buf_str(&out->body, stmt_str(s, 5));
	return out->head.full || out->body.full ? err_no_memory(err) : OK;
}

enum err_code scan_block(struct store *st, uint64_t pos, bool body, struct block_bytes *out, bool *found,
                         struct err *err)
{
	static const char *const names[2][2] = { { "store_block_at", "store_block_at_body" },
		                                 { "store_block_next", "store_block_next_body" } };
	*found = false;
	for (int next = 0; next < 2 && !*found; next++) {
		struct stmt *s = NULL;
		bool row;
		TRY(stmt_prepare(&s, st, names[next][body], err));
		stmt_bind_i64(s, 1, (int64_t)pos);
		enum err_code rc = stmt_step(s, &row, err);
		if (rc == OK && row && (next || (uint64_t)stmt_i64(s, 1) > pos)) {
			rc = read_row(s, body, out, err);
			*found = rc == OK;
		}
		stmt_free(s);
		TRY(rc);
	}
	return OK;
}

enum err_code store_scan(struct store *st, uint64_t from, uint64_t to, bool bodies, store_block_fn fn, void *ctx,
                         struct err *err)
{
	struct block_bytes bytes;
	struct block_reader r;
	block_bytes_init(&bytes);
	block_reader_init(&r);
	enum err_code rc = OK;
	for (uint64_t pos = from; rc == OK && pos < to; pos = bytes.frame.arrival_end) {
		bool found;
		rc = scan_block(st, pos, bodies, &bytes, &found, err);
		if (rc != OK || !found || bytes.frame.first_arrival >= to) break;
		rc = block_read_head(&r, &bytes.frame, buf_view(&bytes.head), err);
		if (rc == OK && bodies) rc = block_read_body(&r, &bytes.frame, buf_view(&bytes.body), NULL, err);
		if (rc != OK) break;
		/* The block may begin before `pos` and end behind `to`. */
		size_t lo = 0, hi = r.n;
		while (lo < hi && r.heads[lo].arrival < pos) lo++;
		while (hi > lo && r.heads[hi - 1].arrival >= to) hi--;
		if (hi > lo)
			rc = fn(ctx, &(struct store_block){ hi - lo, r.heads + lo, bodies ? r.bodies + lo : NULL },
			        err);
	}
	block_reader_done(&r);
	block_bytes_done(&bytes);
	return rc;
}

/* Those of one block; *i moves behind them. */
static enum err_code fetch_block(struct block_reader *r, const struct block_bytes *bytes, const uint64_t *arrivals,
                                 size_t n, size_t *i, bool bodies, store_block_fn fn, void *ctx, struct err *err)
{
	TRY(block_read_head(r, &bytes->frame, buf_view(&bytes->head), err));
	bool *wanted = calloc(r->n + 1, 1);
	if (!wanted) return err_no_memory(err);
	size_t hits = 0;
	for (size_t k = 0; *i < n && arrivals[*i] < bytes->frame.arrival_end; ++*i) {
		while (k < r->n && r->heads[k].arrival < arrivals[*i]) k++;
		if (k < r->n && r->heads[k].arrival == arrivals[*i] && !wanted[k]) wanted[k] = true, hits++;
	}
	enum err_code rc = OK;
	if (hits && bodies) rc = block_read_body(r, &bytes->frame, buf_view(&bytes->body), wanted, err);
	if (rc == OK && hits) {
		size_t to = 0; /* the wanted ones move to the front, in place */
		for (size_t k = 0; k < r->n; k++) {
			if (!wanted[k]) continue;
			r->heads[to] = r->heads[k];
			if (bodies) r->bodies[to] = r->bodies[k];
			to++;
		}
		rc = fn(ctx, &(struct store_block){ hits, r->heads, bodies ? r->bodies : NULL }, err);
	}
	free(wanted);
	return rc;
}

enum err_code store_fetch(struct store *st, const uint64_t *arrivals, size_t n, bool bodies, store_block_fn fn,
                          void *ctx, struct err *err)
{
	struct block_bytes bytes;
	struct block_reader r;
	block_bytes_init(&bytes);
	block_reader_init(&r);
	enum err_code rc = OK;
	for (size_t i = 0; rc == OK && i < n;) {
		bool found;
		rc = scan_block(st, arrivals[i], bodies, &bytes, &found, err);
		if (rc != OK || !found) break;
		rc = fetch_block(&r, &bytes, arrivals, n, &i, bodies, fn, ctx, err);
	}
	block_reader_done(&r);
	block_bytes_done(&bytes);
	return rc;
}
