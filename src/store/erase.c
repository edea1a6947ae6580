/*
 * Taking a person out of the log: the words by which it was known, its
 * events, and what is left of both in the files.
 *
 * Blocks are written anew without the events; numbers stay, with holes, so a
 * block that loses all of them stays as an empty one (it may be the last,
 * which says how far numbers were given out). Whatever stops in between, the
 * same call goes on where it ended.
 */
#include "store/priv.h"

/* --- words ------------------------------------------------------------------------------------ */

static enum err_code run_on(struct store_write *w, const char *query, int64_t id, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_i64(s, 1, id);
	const enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	return rc;
}

/*
 * Who left, and when: what happened before that is refused. Sorted by hash;
 * only the writer looks.
 */
static size_t ledger_place(const struct store *st, struct hash128 h)
{
	size_t lo = 0, hi = st->n_left;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (id_cmp(st->left[mid].hash, h) < 0) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

static bool ledger_is(const struct store *st, size_t at, struct hash128 h)
{
	return at < st->n_left && id_cmp(st->left[at].hash, h) == 0;
}

/* On the writer's thread, which holds the lock of ids meanwhile: store_probe reads the ledger under it from others. */
enum err_code ledger_put(struct store *st, struct hash128 h, int64_t at_ms, struct err *err)
{
	const size_t at = ledger_place(st, h);
	if (!ledger_is(st, at, h)) {
		struct left *grown = realloc(st->left, (st->n_left + 1) * sizeof *grown);
		if (!grown) return err_no_memory(err);
		st->left = grown;
		memmove(grown + at + 1, grown + at, (st->n_left - at) * sizeof *grown);
		st->n_left++;
	}
	st->left[at] = (struct left){ h, at_ms };
	return OK;
}

bool ledger_refuses(const struct store *st, struct str external, int64_t at_ms)
{
	if (!st->n_left || !external.len) return false;
	const struct hash128 h = store_keyed(st, external);
	const size_t at = ledger_place(st, h);
	return ledger_is(st, at, h) && at_ms < st->left[at].at_ms;
}

bool write_erased_since(const struct store_write *w, struct str external, int64_t since_ms)
{
	if (!w->st->n_left || !external.len) return false;
	const struct hash128 h = store_keyed(w->st, external);
	const size_t at = ledger_place(w->st, h);
	return ledger_is(w->st, at, h) && since_ms <= w->st->left[at].at_ms;
}

bool write_erased(const struct store_write *w, struct str external)
{
	if (!write_erased_since(w, external, INT64_MIN)) return false;
	for (uint8_t anonymous = 0; anonymous < 2; anonymous++)
		if (intern_seek(w->st->identities, &(struct intern_word){ anonymous, external, { "", 0 } }))
			return false;
	return true;
}

struct forgetting {
	const uint32_t *identities;
	size_t n;
	const int64_t *at_ms;
	store_write_fn fn;
	void *ctx;
	struct left *before; /* [n] the ledger's lines as they were, for when the transaction fails */
};

static enum err_code name_left(struct store_write *w, struct forgetting *f, size_t i, struct err *err)
{
	struct stmt *s = NULL;
	const struct intern_word word = intern_at(w->st->identities, f->identities[i]);
	if (!word.a.len) return OK; /* nobody by now: an erasure that goes on */
	const struct hash128 h = store_keyed(w->st, word.a);
	const size_t at = ledger_place(w->st, h);
	f->before[i] = (struct left){ h, ledger_is(w->st, at, h) ? w->st->left[at].at_ms : INT64_MIN };
	TRY(write_prepare(&s, w, "erase_left_put", err));
	stmt_bind_blob(s, 1, (struct str){ (const char *)&h, sizeof h });
	stmt_bind_i64(s, 2, *f->at_ms);
	const enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	TRY(rc);
	return ledger_put(w->st, h, *f->at_ms, err);
}

static enum err_code forget_words(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const queries[] = { "erase_identity", "erase_edges", "erase_changes" };
	struct forgetting *f = ctx;
	memset(f->before, 0, f->n * sizeof *f->before);
	if (f->fn) TRY(f->fn(f->ctx, w, err));
	for (size_t i = 0; i < f->n; i++) {
		TRY(name_left(w, f, i, err));
		for (size_t q = 0; q < COUNT_OF(queries); q++) TRY(run_on(w, queries[q], f->identities[i], err));
	}
	/* Within the transaction, so that no event behind it takes the old number. */
	for (size_t i = 0; i < f->n; i++) intern_hide(w->st->identities, f->identities[i], true);
	return OK;
}

static enum err_code show_again(void *ctx, struct store_write *w, struct err *err)
{
	const struct forgetting *f = ctx;
	for (size_t i = 0; i < f->n; i++) {
		if (!f->before[i].hash.hi && !f->before[i].hash.lo) continue;
		intern_hide(w->st->identities, f->identities[i], false);
		TRY(ledger_put(w->st, f->before[i].hash, f->before[i].at_ms, err));
	}
	return OK;
}

enum err_code store_erase_names(struct store *st, const uint32_t *identities, size_t n, const int64_t *at_ms,
                                store_write_fn fn, void *ctx, struct err *err)
{
	struct forgetting f = { identities, n, at_ms, fn, ctx, calloc(n + 1, sizeof *f.before) };
	if (!f.before) return err_no_memory(err);
	const enum err_code rc = store_write(st, forget_words, &f, err);
	/* What the power takes between both, the next start adds. */
	if (rc == OK) {
		size_t n_lines = 0;
		for (size_t i = 0; i < n; i++) {
			if (!f.before[i].hash.hi && !f.before[i].hash.lo) continue;
			f.before[n_lines++] = (struct left){ f.before[i].hash, *at_ms };
		}
		const enum err_code kept = ledger_file_add(st, f.before, n_lines, err);
		free(f.before);
		return kept;
	}
	/* The file still has them: so does memory. A store that takes no write any more is asked for nothing either. */
	(void)!store_write(st, show_again, &f, NULL);
	free(f.before);
	return rc;
}

/* --- events ------------------------------------------------------------------------------------- */

enum { SOURCES_OF_BLOCK_MAX = 256 };

struct thinning {
	struct store *st;
	struct block_bytes bytes;
	struct block_reader r;
	struct block_builder b;
	struct buf head, body;
	struct block_frame frame;
	struct {
		uint32_t source;
		int64_t n;
	} lost[SOURCES_OF_BLOCK_MAX];
	size_t n_lost;
};

static enum err_code write_thinned(void *ctx, struct store_write *w, struct err *err)
{
	struct thinning *t = ctx;
	const struct replace r = { t->frame.first_arrival, t->frame.first_arrival + 1, &t->frame, buf_view(&t->head),
		                   buf_view(&t->body) };
	for (size_t i = 0; i < t->n_lost; i++) {
		struct stmt *s = NULL;
		TRY(write_prepare(&s, w, "erase_stored", err));
		stmt_bind_i64(s, 1, t->lost[i].source);
		stmt_bind_i64(s, 2, t->lost[i].n);
		const enum err_code rc = stmt_run(s, err);
		stmt_free(s);
		TRY(rc);
	}
	return replace_blocks(w, &r, err);
}

/* False when a block has events of more sources than can be counted at once. */
static bool count_lost(struct thinning *t, uint32_t source)
{
	size_t i = 0;
	while (i < t->n_lost && t->lost[i].source != source) i++;
	if (i == SOURCES_OF_BLOCK_MAX) return false;
	if (i == t->n_lost) {
		t->lost[i].source = source;
		t->lost[t->n_lost++].n = 0;
	}
	t->lost[i].n++;
	return true;
}

/* The block that is read already, without the arrivals that are listed; *i moves behind them. */
static enum err_code thin_block(struct thinning *t, const uint64_t *arrivals, size_t n, size_t *i, int64_t *erased,
                                struct err *err)
{
	int64_t lost = 0;
	t->n_lost = 0;
	block_builder_clear(&t->b);
	TRY(block_read_head(&t->r, &t->bytes.frame, buf_view(&t->bytes.head), err));
	TRY(block_read_body(&t->r, &t->bytes.frame, buf_view(&t->bytes.body), NULL, err));
	for (size_t k = 0; k < t->r.n; k++) {
		const struct store_head *h = &t->r.heads[k];
		while (*i < n && arrivals[*i] < h->arrival) ++*i;
		if (*i < n && arrivals[*i] == h->arrival && count_lost(t, h->source)) {
			lost++;
			continue;
		}
		TRY(block_add(&t->b, &(struct block_event){ *h, t->r.ids[k], t->r.contents[k], t->r.k[k] },
		              t->r.bodies[k], err));
	}
	while (*i < n && arrivals[*i] < t->bytes.frame.arrival_end) ++*i;
	if (!lost) return OK;
	t->frame = (struct block_frame){ .first_arrival = t->bytes.frame.first_arrival,
		                         .arrival_end = t->bytes.frame.arrival_end };
	TRY(block_encode(&t->b, 3, &t->frame, &t->head, &t->body, err));
	TRY(store_write(t->st, write_thinned, t, err));
	*erased += lost;
	return OK;
}

static enum err_code thin_next(struct thinning *t, const uint64_t *arrivals, size_t n, size_t *i, int64_t *erased,
                               struct err *err)
{
	bool found;
	pthread_mutex_lock(&t->st->rewriting);
	enum err_code rc = scan_block(t->st, arrivals[*i], true, &t->bytes, &found, err);
	if (rc == OK && found) rc = thin_block(t, arrivals, n, i, erased, err);
	else *i = n;
	pthread_mutex_unlock(&t->st->rewriting);
	return rc;
}

enum err_code store_erase_events(struct store *st, const uint64_t *arrivals, size_t n, int64_t *erased, struct err *err)
{
	struct thinning *t = calloc(1, sizeof *t);
	enum err_code rc = OK;
	*erased = 0;
	if (!t) return err_no_memory(err);
	t->st = st;
	block_bytes_init(&t->bytes);
	block_reader_init(&t->r);
	block_builder_init(&t->b);
	buf_init(&t->head, 8 * MIB);
	buf_init(&t->body, 32 * MIB);
	for (size_t i = 0; rc == OK && i < n;) rc = thin_next(t, arrivals, n, &i, erased, err);
	block_reader_done(&t->r);
	block_builder_done(&t->b);
	block_bytes_done(&t->bytes);
	buf_done(&t->head);
	buf_done(&t->body);
	free(t);
	return rc;
}

/* --- what was set aside ------------------------------------------------------------------------------- */

enum { WORD_SHORT_BYTES = 5 };

static bool of_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
	       c == '.' || c == '@' || c == '+' || (unsigned char)c >= 0x80;
}

/* A short word is one only as a whole text or cell: "17" is a customer, 17 may be an amount. */
static bool ends_word(char c, bool is_short)
{
	return is_short ? c == '"' || c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r' : !of_word(c);
}

bool store_speaks_of(struct str text, struct str word)
{
	const bool is_short = word.len < WORD_SHORT_BYTES;
	if (!word.len) return false;
	for (size_t i = 0; i + word.len <= text.len; i++) {
		const char *at = memmem(text.ptr + i, text.len - i, word.ptr, word.len);
		if (!at) return false;
		i = (size_t)(at - text.ptr);
		if ((i == 0 || ends_word(text.ptr[i - 1], is_short)) &&
		    (i + word.len == text.len || ends_word(text.ptr[i + word.len], is_short)))
			return true;
	}
	return false;
}

struct dropping {
	struct str word;
	int64_t seen, n;
};

/* The next row that holds the word; false at the end. */
static enum err_code aside_next(struct store_write *w, struct dropping *d, int64_t *source, bool *hit, bool *row,
                                struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "erase_aside_find", err));
	stmt_bind_str(s, 1, d->word);
	stmt_bind_i64(s, 2, d->seen);
	const enum err_code rc = stmt_step(s, row, err);
	if (rc == OK && *row) {
		d->seen = stmt_i64(s, 0);
		*source = stmt_i64(s, 1);
		*hit = store_speaks_of(stmt_str(s, 2), d->word) || store_speaks_of(stmt_str(s, 3), d->word);
	}
	stmt_free(s);
	return rc;
}

static enum err_code aside_drop(struct store_write *w, int64_t id, int64_t source, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "store_set_aside_drop", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, source);
	const enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	TRY(rc);
	return run_on(w, "erase_aside_sum", source, err);
}

static enum err_code aside_write(void *ctx, struct store_write *w, struct err *err)
{
	struct dropping *d = ctx;
	bool row = true, hit = false;
	int64_t source = 0;
	for (d->seen = 0, d->n = 0; row;) {
		TRY(aside_next(w, d, &source, &hit, &row, err));
		if (!row || !hit) continue;
		TRY(aside_drop(w, d->seen, source, err));
		d->n++;
	}
	return OK;
}

enum err_code store_erase_set_aside(struct store *st, struct str word, int64_t *erased, struct err *err)
{
	struct dropping d = { .word = word };
	*erased = 0;
	if (!word.len) return OK;
	TRY(store_write(st, aside_write, &d, err));
	*erased = d.n;
	return OK;
}

/* --- rows of records ---------------------------------------------------------------------------------------- */

static enum err_code erase_rows(struct store_write *w, const char *query, bool by_text, struct str who, int64_t number,
                                int64_t *n, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, query, err));
	if (by_text) stmt_bind_str(s, 1, who);
	else stmt_bind_i64(s, 1, number);
	const enum err_code rc = stmt_run(s, err);
	if (rc == OK) *n = write_changes(w);
	stmt_free(s);
	return rc;
}

enum err_code write_erase(struct store_write *w, const struct store_personal *p, struct str who, int64_t number,
                          int64_t *n, struct err *err)
{
	const bool by_text = p->by == PERSONAL_CUSTOMER || p->by == PERSONAL_DEVICE;
	if (by_text && !who.len) return OK;
	if (p->before) TRY(p->before(w, number, who, err));
	for (size_t i = 0; i < COUNT_OF(p->erase) && p->erase[i]; i++) {
		int64_t rows = 0;
		TRY(erase_rows(w, p->erase[i], by_text, who, number, &rows, err));
		if (i == 0) *n += rows;
	}
	return OK;
}

/* --- the file --------------------------------------------------------------------------------------------- */

enum err_code store_scrub(struct store *st, struct err *err)
{
	char path[4096];
	struct conn *c = NULL;
	int left = 0, copied = 0;
	snprintf(path, sizeof path, "%s/safar.db", st->dir);
	/* It attaches the copy that it makes, which may be as large as the database and is no matter for memory. */
	TRY(conn_open(path, SQLITE_OPEN_READWRITE, CONN_COPY, &c, err));
	enum err_code rc = conn_exec(c, "PRAGMA temp_store = FILE; PRAGMA synchronous = FULL;", err);
	if (rc == OK) {
		pthread_mutex_lock(&st->gate);
		rc = conn_exec(c, "VACUUM", err);
		if (rc == OK) {
			const int sq =
			        sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &left, &copied);
			if (sq != SQLITE_OK) rc = conn_err(c->db, sq, err);
		}
		pthread_mutex_unlock(&st->gate);
	}
	conn_close(c);
	return rc;
}
