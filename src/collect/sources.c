/* Who may send. A write key is given once; what is kept is its SHA-256, and a sorted table of those in memory. */
#include <errno.h>
#include <sys/random.h>

#include <openssl/sha.h>

#include "collect/priv.h"

enum { NAME_BYTES_MAX = 200, KEY_RANDOM_BYTES = 24 };

static int by_hash(const void *a, const void *b)
{
	return memcmp(((const struct key_row *)a)->hash, ((const struct key_row *)b)->hash, KEY_HASH_BYTES);
}

static enum err_code load_keys(struct collect *c, struct err *err)
{
	struct stmt *s = NULL;
	struct key_row *rows = NULL;
	size_t n = 0, cap = 0;
	bool row;
	enum err_code rc;
	TRY(stmt_prepare(&s, c->st, "collect_source_keys", err));
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		struct str hash = stmt_str(s, 0);
		if (hash.len != KEY_HASH_BYTES) continue;
		if (n == cap) {
			cap = cap ? cap * 2 : 16;
			struct key_row *more = realloc(rows, cap * sizeof *more);
			if (!more) {
				rc = err_no_memory(err);
				break;
			}
			rows = more;
		}
		rows[n] = (struct key_row){ .id = (uint32_t)stmt_i64(s, 1), .enabled = stmt_i64(s, 2) != 0 };
		memcpy(rows[n++].hash, hash.ptr, KEY_HASH_BYTES);
	}
	stmt_free(s);
	if (rc != OK) {
		free(rows);
		return rc;
	}
	if (n) qsort(rows, n, sizeof *rows, by_hash);
	pthread_rwlock_wrlock(&c->keys_lock);
	struct key_row *old = c->keys;
	c->keys = rows;
	c->n_keys = n;
	pthread_rwlock_unlock(&c->keys_lock);
	free(old);
	return OK;
}

enum err_code collect_open(struct store *st, const struct collect_options *opt, struct collect **out, struct err *err)
{
	struct collect *c = calloc(1, sizeof *c);
	if (!c) return err_no_memory(err);
	c->st = st;
	c->opt = *opt;
	pthread_rwlock_init(&c->keys_lock, NULL);
	c->clocks = clocks_new();
	enum err_code rc = c->clocks ? load_keys(c, err) : err_no_memory(err);
	if (rc != OK) collect_close(c);
	else *out = c;
	return rc;
}

void collect_close(struct collect *c)
{
	if (!c) return;
	pthread_rwlock_destroy(&c->keys_lock);
	clocks_free(c->clocks);
	free(c->keys);
	free(c);
}

/* --- making and changing -------------------------------------------------------------------- */

static enum err_code check_name(struct str name, struct err *err)
{
	if (str_trim(name).len == 0) return err_set(err, ERR_INPUT, "source.name", "name", "a source needs a name");
	if (name.len > NAME_BYTES_MAX)
		return err_limit(err, "source.name", "name", (int64_t)name.len, NAME_BYTES_MAX,
		                 "the name is longer than it may be");
	if (utf8_valid(name.ptr, name.len) != name.len)
		return err_set(err, ERR_INPUT, "source.name", "name", "the name is not UTF-8");
	return OK;
}

struct change {
	const char *query;
	int64_t id, kind, enabled, at_ms;
	struct str name, hash, hint;
	int64_t new_id;
};

static enum err_code run_change(void *ctx, struct store_write *w, struct err *err)
{
	struct change *ch = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, ch->query, err));
	if (strcmp(ch->query, "collect_source_add") == 0) {
		stmt_bind_i64(s, 1, ch->kind);
		stmt_bind_str(s, 2, ch->name);
		stmt_bind_i64(s, 3, ch->at_ms);
		stmt_bind_blob(s, 4, ch->hash);
		stmt_bind_str(s, 5, ch->hint);
	} else {
		stmt_bind_i64(s, 1, ch->id);
		if (ch->hash.ptr) {
			stmt_bind_blob(s, 2, ch->hash);
			stmt_bind_str(s, 3, ch->hint);
		} else if (ch->name.ptr) {
			stmt_bind_str(s, 2, ch->name);
		} else {
			stmt_bind_i64(s, 2, ch->enabled);
		}
	}
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc == ERR_CONFLICT && ch->name.ptr)
		return err_set(err, ERR_CONFLICT, "source.taken", "name", "there is a source of this name already");
	TRY(rc);
	ch->new_id = write_last_id(w);
	if (write_changes(w) == 0)
		return err_set(err, ERR_NOT_FOUND, "source.absent", "id", "there is no source %lld", (long long)ch->id);
	return OK;
}

static enum err_code mint_key(struct arena *a, struct str *key, unsigned char hash[KEY_HASH_BYTES], struct err *err)
{
	unsigned char bytes[KEY_RANDOM_BYTES];
	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return err_set(err, ERR_IO, "source.random", "", "the system gives no random bytes");
	char *text = arena_alloc(a, 4 + KEY_RANDOM_BYTES * 2 + 1);
	if (!text) return err_no_memory(err);
	memcpy(text, "swk_", 4);
	for (size_t i = 0; i < sizeof bytes; i++) snprintf(text + 4 + i * 2, 3, "%02x", bytes[i]);
	*key = (struct str){ text, 4 + KEY_RANDOM_BYTES * 2 };
	SHA256((const unsigned char *)key->ptr, key->len, hash);
	return OK;
}

enum err_code collect_source_new(struct collect *c, enum collect_source_kind kind, struct str name, struct arena *a,
                                 uint32_t *id, struct str *write_key, struct err *err)
{
	unsigned char hash[KEY_HASH_BYTES];
	struct str key = STR("");
	struct change ch = { .query = "collect_source_add", .kind = kind, .at_ms = now_of(c), .hint = STR("") };
	name = str_trim(name);
	TRY(check_name(name, err));
	ch.name = name;
	if (kind == COLLECT_SDK) {
		TRY(mint_key(a, &key, hash, err));
		ch.hash = (struct str){ (const char *)hash, sizeof hash };
		ch.hint = str_cut(key, key.len - 4, key.len);
	}
	TRY(store_write(c->st, run_change, &ch, err));
	TRY(load_keys(c, err));
	*id = (uint32_t)ch.new_id;
	if (write_key) *write_key = key;
	return OK;
}

enum err_code collect_source_rename(struct collect *c, uint32_t id, struct str name, struct err *err)
{
	name = str_trim(name);
	TRY(check_name(name, err));
	struct change ch = { .query = "collect_source_rename", .id = id, .name = name };
	return store_write(c->st, run_change, &ch, err);
}

enum err_code collect_source_enable(struct collect *c, uint32_t id, bool enabled, struct err *err)
{
	struct change ch = { .query = "collect_source_enable", .id = id, .enabled = enabled };
	TRY(store_write(c->st, run_change, &ch, err));
	return load_keys(c, err);
}

enum err_code collect_source_mask(struct collect *c, uint32_t id, bool mask, struct err *err)
{
	struct change ch = { .query = "collect_source_mask", .id = id, .enabled = mask };
	const enum err_code rc = store_write(c->st, run_change, &ch, err);
	atomic_fetch_add(&c->mask_changes, 1);
	return rc;
}

enum err_code collect_source_secret(struct collect *c, uint32_t id, struct str secret, struct err *err)
{
	if (secret.len > COLLECT_SECRET_BYTES_MAX)
		return err_limit(err, "source.secret", "secret", (int64_t)secret.len, COLLECT_SECRET_BYTES_MAX,
		                 "the secret is longer than it may be");
	struct change ch = { .query = "collect_source_secret_set", .id = id, .name = secret.len ? secret : STR("") };
	return store_write(c->st, run_change, &ch, err);
}

enum err_code collect_source_hook(struct collect *c, uint32_t id, struct str mapping, struct err *err)
{
	struct change ch = { .query = "collect_source_hook_set", .id = id, .name = mapping.len ? mapping : STR("") };
	if (mapping.len) {
		struct arena a;
		struct wire_mapping *m;
		arena_init(&a, 4 * MIB);
		const enum err_code rc = wire_hook_mapping_read(mapping, &a, &m, err);
		arena_done(&a);
		TRY(rc);
	}
	return store_write(c->st, run_change, &ch, err);
}

static enum err_code one_text(struct collect *c, const char *query, uint32_t id, struct arena *a, struct str *out,
                              struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(stmt_prepare(&s, c->st, query, err));
	stmt_bind_i64(s, 1, id);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK) *out = row ? str_copy(a, stmt_str(s, 0)) : STR("");
	stmt_free(s);
	return rc != OK || out->ptr ? rc : err_no_memory(err);
}

enum err_code source_secret(struct collect *c, uint32_t id, struct arena *a, struct str *out, struct err *err)
{
	return one_text(c, "collect_source_secret", id, a, out, err);
}

enum err_code collect_hook_mapping(struct collect *c, uint32_t id, struct arena *a, struct str *out, struct err *err)
{
	return one_text(c, "collect_source_hook", id, a, out, err);
}

enum err_code collect_source_new_key(struct collect *c, uint32_t id, struct arena *a, struct str *write_key,
                                     struct err *err)
{
	unsigned char hash[KEY_HASH_BYTES];
	struct str key;
	enum collect_source_kind kind;
	TRY(source_kind(c, id, &kind, err));
	if (kind != COLLECT_SDK)
		return err_set(err, ERR_INPUT, "source.no_key", "id",
		               "only sources that send over the network have keys");
	TRY(mint_key(a, &key, hash, err));
	struct change ch = { .query = "collect_source_key",
		             .id = id,
		             .hash = { (const char *)hash, sizeof hash },
		             .hint = str_cut(key, key.len - 4, key.len) };
	TRY(store_write(c->st, run_change, &ch, err));
	TRY(load_keys(c, err));
	*write_key = key;
	return OK;
}

/* --- finding ---------------------------------------------------------------------------------- */

enum err_code collect_source_by_key(struct collect *c, struct str write_key, uint32_t *id, struct err *err)
{
	struct key_row want = { 0 };
	SHA256((const unsigned char *)(write_key.ptr ? write_key.ptr : ""), write_key.len, want.hash);
	pthread_rwlock_rdlock(&c->keys_lock);
	const struct key_row *row = c->n_keys ? bsearch(&want, c->keys, c->n_keys, sizeof *c->keys, by_hash) : NULL;
	if (row) want = *row;
	pthread_rwlock_unlock(&c->keys_lock);
	if (row && want.enabled) {
		*id = want.id;
		return OK;
	}
	/* One answer for both: whether a key was ever valid is nobody's business. */
	(void)err_set(err, ERR_DENIED, "source.key", "writeKey", "the write key is unknown or switched off");
	err_hint(err, "Copy the key again from the page \"Sources\".");
	return ERR_DENIED;
}

static enum err_code one_i64(struct collect *c, const char *query, struct str text, int64_t number, int64_t *out,
                             bool *found, struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, c->st, query, err));
	if (text.ptr) stmt_bind_str(s, 1, text);
	else stmt_bind_i64(s, 1, number);
	enum err_code rc = stmt_step(s, found, err);
	if (rc == OK && *found) *out = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

enum err_code source_find(struct collect *c, struct str name, uint32_t *id, struct err *err)
{
	int64_t v = 0;
	bool found;
	TRY(one_i64(c, "collect_source_find", name, 0, &v, &found, err));
	*id = found ? (uint32_t)v : 0;
	return OK;
}

enum err_code source_kind(struct collect *c, uint32_t id, enum collect_source_kind *kind, struct err *err)
{
	int64_t v = 0;
	bool found;
	TRY(one_i64(c, "collect_source_kind", (struct str){ 0 }, id, &v, &found, err));
	if (!found) return err_set(err, ERR_NOT_FOUND, "source.absent", "id", "there is no source %u", id);
	*kind = (enum collect_source_kind)v;
	return OK;
}

enum { MASKS = 1, HIDES = 2 };

/* What is done with what a source says: looked up once, until a rule changes anywhere. */
static enum err_code source_care(struct collect *c, uint32_t id, unsigned *out, struct err *err)
{
	/* Counted before the look: what is found may be newer than that, and is then looked for again. */
	const uint64_t changes = atomic_load(&c->mask_changes) & 0x3fffffff, known = (uint64_t)id << 32 | changes << 2;
	const uint64_t kept = atomic_load(&c->masks[id % MASKS_KEPT]);
	if ((kept & ~(uint64_t)(MASKS | HIDES)) == known && id) {
		*out = kept & (MASKS | HIDES);
		return OK;
	}
	struct stmt *s = NULL;
	bool found;
	TRY(stmt_prepare(&s, c->st, "collect_source_masks", err));
	stmt_bind_i64(s, 1, id);
	const enum err_code rc = stmt_step(s, &found, err);
	if (rc == OK) *out = found ? (stmt_i64(s, 0) ? MASKS : 0u) | (stmt_i64(s, 1) ? HIDES : 0u) : 0u;
	stmt_free(s);
	if (rc == OK && found) atomic_store(&c->masks[id % MASKS_KEPT], known | *out);
	return rc;
}

enum err_code collect_source_masks(struct collect *c, uint32_t id, bool *out, struct err *err)
{
	unsigned care = 0;
	TRY(source_care(c, id, &care, err));
	*out = (care & MASKS) != 0;
	return OK;
}

enum err_code collect_source_hides(struct collect *c, uint32_t id, bool *out, struct err *err)
{
	unsigned care = 0;
	TRY(source_care(c, id, &care, err));
	*out = (care & HIDES) != 0;
	return OK;
}

enum err_code source_rules(struct collect *c, uint32_t id, struct arena *a, struct collect_rule **out, size_t *n,
                           struct err *err)
{
	struct str text;
	TRY(one_text(c, "collect_source_rules", id, a, &text, err));
	return hiding_read(text, a, out, n, err);
}

enum err_code collect_source_rules(struct collect *c, uint32_t id, struct str rules, struct err *err)
{
	struct arena a;
	struct buf text;
	struct json_out o;
	struct collect_rule *list;
	size_t n = 0;
	arena_init(&a, 4 * MIB);
	buf_init(&text, 256 * KIB);
	json_out_init(&o, &text);
	enum err_code rc = hiding_read(rules, &a, &list, &n, err);
	if (rc == OK && n) hiding_write(list, n, &o);
	if (rc == OK) rc = buf_check(&text, err);
	struct change ch = { .query = "collect_source_rules_set", .id = id, .name = n ? buf_view(&text) : STR("") };
	if (rc == OK) rc = store_write(c->st, run_change, &ch, err);
	atomic_fetch_add(&c->mask_changes, 1);
	buf_done(&text);
	arena_done(&a);
	return rc;
}

uint64_t collect_mask_changes(const struct collect *c)
{
	return atomic_load(&c->mask_changes);
}

enum err_code source_for_import(struct collect *c, struct str name, uint32_t *id, struct err *err)
{
	TRY(check_name(name, err));
	TRY(source_find(c, name, id, err));
	if (*id) return OK;
	enum err_code rc = collect_source_new(c, COLLECT_FILE, name, NULL, id, NULL, err);
	if (rc != ERR_CONFLICT) return rc;
	return source_find(c, name, id, err); /* two imports at once: the other was first */
}

enum err_code collect_source_list(struct collect *c, struct arena *a, struct collect_source **out, size_t *n,
                                  struct err *err)
{
	struct stmt *s = NULL;
	struct collect_source *rows = NULL;
	size_t count = 0, cap = 0;
	bool row;
	enum err_code rc;
	TRY(stmt_prepare(&s, c->st, "collect_source_list", err));
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		if (count == cap) {
			struct collect_source *more = ARENA_ARRAY(a, struct collect_source, cap = cap ? cap * 2 : 16);
			if (more && count) memcpy(more, rows, count * sizeof *rows);
			rows = more;
		}
		if (!rows) {
			rc = err_no_memory(err);
			break;
		}
		rows[count] = (struct collect_source){
			.id = (uint32_t)stmt_i64(s, 0),
			.kind = (enum collect_source_kind)stmt_i64(s, 1),
			.name = str_copy(a, stmt_str(s, 2)),
			.enabled = stmt_i64(s, 3) != 0,
			.created_ms = stmt_i64(s, 4),
			.key_hint = str_copy(a, stmt_str(s, 5)),
			.mask = stmt_i64(s, 12) != 0,
			.signs = stmt_i64(s, 13) != 0,
			.hook = str_copy(a, stmt_str(s, 15)),
			.sums = { .received = stmt_i64(s, 6),
			          .stored = stmt_i64(s, 7),
			          .duplicate = stmt_i64(s, 8),
			          .set_aside = stmt_i64(s, 9),
			          .refused = stmt_i64(s, 10),
			          .last_received_ms = stmt_i64(s, 11),
			          .erased = stmt_i64(s, 14) },
		};
		if (!rows[count].name.ptr || !rows[count].key_hint.ptr || !rows[count].hook.ptr) {
			rc = err_no_memory(err);
			break;
		}
		struct str rules = str_copy(a, stmt_str(s, 16));
		rc = rules.ptr ? hiding_read(rules, a, &rows[count].rules, &rows[count].n_rules, err)
		               : err_no_memory(err);
		if (rc != OK) break;
		count++;
	}
	stmt_free(s);
	if (rc == OK) *out = rows, *n = count;
	return rc;
}
