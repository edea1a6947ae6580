/* What an append writes inside the transaction: words, blocks, edges, what is set aside, and the sums of its source. */
#include "store/priv.h"

static enum err_code insert_words(struct store *st, struct err *err)
{
	struct stmt *s = NULL;
	enum err_code rc = OK;
	if (intern_count(st->kinds) + 1 < intern_pending(st->kinds)) {
		TRY(conn_prepare(st->writer, "store_kind_add", &s, err));
		for (uint32_t id = intern_count(st->kinds) + 1; rc == OK && id < intern_pending(st->kinds); id++) {
			struct intern_word w = intern_at(st->kinds, id);
			stmt_bind_i64(s, 1, id);
			stmt_bind_i64(s, 2, w.tag);
			stmt_bind_str(s, 3, w.a);
			stmt_bind_str(s, 4, w.b);
			stmt_bind_i64(s, 5, st->kind_source[id]);
			rc = stmt_run(s, err);
		}
		stmt_free(s);
		TRY(rc);
	}
	if (intern_count(st->identities) + 1 < intern_pending(st->identities)) {
		TRY(conn_prepare(st->writer, "store_identity_add", &s, err));
		for (uint32_t id = intern_count(st->identities) + 1; rc == OK && id < intern_pending(st->identities);
		     id++) {
			struct intern_word w = intern_at(st->identities, id);
			stmt_bind_i64(s, 1, id);
			stmt_bind_i64(s, 2, w.tag);
			stmt_bind_str(s, 3, w.a);
			rc = stmt_run(s, err);
		}
		stmt_free(s);
	}
	return rc;
}

enum err_code append_commit_log(struct store *st, struct err *err)
{
	struct stmt *s = NULL;
	enum err_code rc = insert_words(st, err);
	if (rc == OK && st->n_blocks) {
		TRY(conn_prepare(st->writer, "store_block_add", &s, err));
		for (size_t i = 0; rc == OK && i < st->n_blocks; i++) {
			const struct encoded *b = &st->blocks[i];
			stmt_bind_i64(s, 1, (int64_t)b->frame.first_arrival);
			stmt_bind_i64(s, 2, (int64_t)b->frame.arrival_end);
			stmt_bind_i64(s, 3, b->frame.n);
			stmt_bind_i64(s, 4, (int64_t)b->frame.checksum);
			stmt_bind_blob(s, 5, buf_view(&b->head));
			stmt_bind_blob(s, 6, buf_view(&b->body));
			rc = stmt_run(s, err);
		}
		stmt_free(s);
	}
	if (rc == OK && st->n_new_edges) {
		TRY(conn_prepare(st->writer, "store_edge_add", &s, err));
		for (size_t i = 0; rc == OK && i < st->n_new_edges; i++) {
			stmt_bind_i64(s, 1, (int64_t)st->new_edges[i].arrival);
			stmt_bind_i64(s, 2, st->new_edges[i].a);
			stmt_bind_i64(s, 3, st->new_edges[i].b);
			rc = stmt_run(s, err);
		}
		stmt_free(s);
	}
	return rc;
}

/* added is false when this very thing was set aside before. */
static enum err_code insert_set_aside(struct store *st, struct append *a, size_t i, bool *added, struct err *err)
{
	const struct store_item *item = &a->items[i];
	char words[160];
	struct str reason = STR("id.conflict"), field = STR("id"), text, raw;
	struct buf own;
	buf_init(&own, BODY_BYTES_MAX * 8);
	if (item->event) {
		snprintf(words, sizeof words, "event %llu has the same id and says something else",
		         (unsigned long long)item->arrival);
		text = str_of(words);
		store_event_text(item->event, &own);
		raw = buf_view(&own);
	} else {
		reason = str_of(item->refusal->reason ? item->refusal->reason : "unknown");
		field = str_of(item->refusal->err.field);
		text = str_of(item->refusal->err.text);
		raw = item->refusal->raw.ptr ? item->refusal->raw : STR("");
	}
	struct stmt *s = NULL;
	enum err_code rc = own.full ? err_no_memory(err) : conn_prepare(st->writer, "store_set_aside_add", &s, err);
	if (rc == OK) {
		stmt_bind_i64(s, 1, a->source);
		stmt_bind_i64(s, 2, a->received_ms);
		stmt_bind_str(s, 3, reason);
		stmt_bind_str(s, 4, field);
		stmt_bind_str(s, 5, text);
		stmt_bind_str(s, 6, raw);
		const struct hash128 fingerprint = append_fingerprint(st, a, i);
		stmt_bind_blob(s, 7, (struct str){ (const char *)&fingerprint, sizeof fingerprint });
		rc = stmt_run(s, err);
		*added = sqlite3_changes64(st->writer->db) > 0;
	}
	stmt_free(s);
	buf_done(&own);
	return rc;
}

static enum err_code drop_set_aside(struct store *st, int64_t id, uint32_t source, bool *dropped, struct err *err)
{
	struct stmt *s = NULL;
	TRY(conn_prepare(st->writer, "store_set_aside_drop", &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, source);
	enum err_code rc = stmt_run(s, err);
	*dropped = sqlite3_changes64(st->writer->db) > 0;
	stmt_free(s);
	return rc;
}

/* What one item does to the sums; rows of set_aside come and go with it. */
static enum err_code count_item(struct store *st, struct append *a, size_t i, struct store_sums *sums, struct err *err)
{
	struct store_item *item = &a->items[i];
	bool done = false;
	if (item->set_aside_id) {
		if (item->verdict != STORE_STORED && item->verdict != STORE_DUPLICATE)
			return OK; /* stays where it is */
		TRY(drop_set_aside(st, item->set_aside_id, a->source, &done, err));
		if (done) sums->set_aside--, sums->received--;
	} else if (item->verdict == STORE_CONFLICT || item->verdict == STORE_SET_ASIDE) {
		TRY(insert_set_aside(st, a, i, &done, err));
		if (!done) item->verdict = STORE_DUPLICATE;
	}
	sums->received++;
	switch (item->verdict) {
	case STORE_STORED: sums->stored++; break;
	case STORE_DUPLICATE: sums->duplicate++; break;
	case STORE_REFUSED: sums->refused++; break;
	default: sums->set_aside++; break;
	}
	return OK;
}

enum err_code append_sums_put(struct store *st, struct append_sums *of, struct err *err)
{
	const struct store_sums *sums = &of->sums;
	struct stmt *s = NULL;
	if (!of->any) return OK;
	TRY(conn_prepare(st->writer, "store_count_add", &s, err));
	stmt_bind_i64(s, 1, of->source);
	stmt_bind_i64(s, 2, sums->received);
	stmt_bind_i64(s, 3, sums->stored);
	stmt_bind_i64(s, 4, sums->duplicate);
	stmt_bind_i64(s, 5, sums->set_aside);
	stmt_bind_i64(s, 6, sums->refused);
	stmt_bind_i64(s, 7, sums->last_received_ms);
	enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	*of = (struct append_sums){ 0 };
	return rc;
}

enum err_code append_commit(struct store *st, struct append *a, struct append_sums *sums, struct err *err)
{
	if (sums->any && sums->source != a->source) TRY(append_sums_put(st, sums, err));
	sums->any = true;
	sums->source = a->source;
	if (a->received_ms > sums->sums.last_received_ms) sums->sums.last_received_ms = a->received_ms;
	for (size_t i = 0; i < a->n; i++) TRY(count_item(st, a, i, &sums->sums, err));
	return OK;
}
