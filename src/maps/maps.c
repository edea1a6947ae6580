/* Documents in the store: versions, conflicts, deletion. */
#include "maps/maps.h"

#include "maps/priv.h"

enum err_code maps_open(struct store *st, struct ask *ask, struct collect *c, struct maps **out, struct err *err)
{
	struct maps *m = malloc(sizeof *m);
	if (!m) return err_no_memory(err);
	*m = (struct maps){ .st = st, .ask = ask, .collect = c };
	*out = m;
	return OK;
}

void maps_listen(struct maps *m, maps_hear_fn hear, void *ctx)
{
	m->hear = hear;
	m->hear_ctx = ctx;
}

void maps_close(struct maps *m)
{
	free(m);
}

static enum err_code no_map(struct err *err, struct str key, int version)
{
	enum err_code rc = version > 0 ? err_set(err, ERR_NOT_FOUND, "map.version", "version",
	                                         "the map \"" STR_FMT "\" has no version %d",
	                                         STR_ARG(str_cut(key, 0, 80)), version)
	                               : err_set(err, ERR_NOT_FOUND, "map.unknown", "map",
	                                         "there is no map \"" STR_FMT "\"", STR_ARG(str_cut(key, 0, 80)));
	err_hint(err, "The list of maps shows what there is.");
	return rc;
}

/* Columns of map_list and map_versions. */
static bool row_read(struct stmt *s, struct arena *a, struct maps_info *out)
{
	*out = (struct maps_info){
		.key = str_copy(a, stmt_str(s, 0)),
		.name = str_copy(a, stmt_str(s, 1)),
		.version = (int)stmt_i64(s, 2),
		.created_ms = stmt_i64(s, 3),
		.changed_ms = stmt_i64(s, 4),
		.author = str_copy(a, stmt_str(s, 5)),
		.n_touchpoints = (size_t)stmt_i64(s, 6),
	};
	return out->key.ptr && out->name.ptr && out->author.ptr;
}

static enum err_code rows_read(struct stmt *s, struct arena *a, struct maps_info **out, size_t *n, struct err *err)
{
	struct maps_info *rows = NULL;
	size_t len = 0, cap = 0;
	for (bool row;;) {
		TRY(stmt_step(s, &row, err));
		if (!row) break;
		if (len == cap) {
			cap = cap ? 2 * cap : 16;
			struct maps_info *wider = ARENA_ARRAY(a, struct maps_info, cap);
			if (!wider) return err_no_memory(err);
			if (len) memcpy(wider, rows, len * sizeof *rows);
			rows = wider;
		}
		if (!row_read(s, a, &rows[len++])) return err_no_memory(err);
	}
	*out = rows;
	*n = len;
	return OK;
}

enum err_code maps_list(struct maps *m, struct arena *a, struct maps_info **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, m->st, "map_list", err));
	const enum err_code rc = rows_read(s, a, out, n, err);
	stmt_free(s);
	return rc;
}

enum err_code maps_versions(struct maps *m, struct str key, struct arena *a, struct maps_info **out, size_t *n,
                            struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, m->st, "map_versions", err));
	stmt_bind_str(s, 1, key);
	enum err_code rc = rows_read(s, a, out, n, err);
	stmt_free(s);
	if (rc == OK && *n == 0) rc = no_map(err, key, 0);
	return rc;
}

enum err_code map_document(struct maps *m, struct str key, int version, struct arena *a, struct str *json,
                           int *got_version, int *newest, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, m->st, "map_document", err));
	stmt_bind_str(s, 1, key);
	stmt_bind_i64(s, 2, version);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && !row) rc = no_map(err, key, version);
	if (rc == OK) {
		*json = str_copy(a, stmt_str(s, 0));
		*got_version = (int)stmt_i64(s, 1);
		*newest = (int)stmt_i64(s, 2);
		if (!json->ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

enum err_code maps_document(struct maps *m, struct str key, int version, struct arena *a, struct str *json,
                            int *got_version, struct err *err)
{
	int newest;
	return map_document(m, key, version, a, json, got_version, &newest, err);
}

/* --- saving ------------------------------------------------------------------------------------- */

struct save {
	struct str key, name, document, author;
	bool free_key; /* the document had no key: another number is put behind a taken one */
	int64_t now_ms;
	int base_version;
	size_t n_touchpoints;
	struct arena *a;
	/* out */
	int version;
};

static const struct store_versions map_versions = { "map_newest", "map_insert" };

static enum err_code stale(const struct save *j, int version, struct err *err)
{
	enum err_code rc;
	if (version == 0) {
		rc = err_set(err, ERR_CONFLICT, "map.stale", "base_version",
		             "the map \"" STR_FMT "\" was deleted meanwhile", STR_ARG(str_cut(j->key, 0, 80)));
		err_hint(err, "Save it as a new map.");
	} else if (j->base_version == 0) {
		rc = err_set(err, ERR_CONFLICT, "map.exists", "/key", "there is a map \"" STR_FMT "\" already",
		             STR_ARG(str_cut(j->key, 0, 80)));
		err_hint(err, "Choose another key, or save a new version of that map.");
	} else {
		rc = err_set(err, ERR_CONFLICT, "map.stale", "base_version",
		             "version %d was saved meanwhile, and yours starts from %d", version, j->base_version);
		err_hint(err, "Open the newest version and make your change there.");
	}
	if (err) err->value = j->base_version, err->limit = version;
	return rc;
}

/* The document with its key, canonical. */
static enum err_code with_key(struct save *j, struct str json, struct err *err)
{
	struct buf b, out;
	buf_init(&b, 2 * MAPS_DOCUMENT_BYTES_MAX);
	buf_init(&out, 2 * MAPS_DOCUMENT_BYTES_MAX);
	/* Of members with one name the last stands, so the key goes behind. */
	json = str_trim(json);
	buf_str(&b, str_cut(json, 0, json.len - 1));
	struct json_out o;
	json_out_init(&o, &b);
	o.comma = true;
	json_kv_str(&o, "key", j->key);
	buf_byte(&b, '}');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) rc = json_canonical(buf_view(&b), j->a, &out, err);
	if (rc == OK) rc = buf_check(&out, err);
	if (rc == OK && !(j->document = str_copy(j->a, buf_view(&out))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	buf_done(&out);
	return rc;
}

static enum err_code insert_version(struct save *j, struct store_write *w, int64_t id, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "map_version_insert", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, j->version);
	stmt_bind_i64(s, 3, j->now_ms);
	stmt_bind_str(s, 4, j->author);
	stmt_bind_str(s, 5, j->name);
	stmt_bind_i64(s, 6, (int64_t)j->n_touchpoints);
	stmt_bind_str(s, 7, j->document);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code save_version(void *ctx, struct store_write *w, struct err *err)
{
	struct save *j = ctx;
	struct store_version v = { .key = j->key, .fresh = j->free_key };
	TRY(version_find(w, &map_versions, j->a, &v, err));
	j->key = v.key;
	if (v.newest != j->base_version) return stale(j, v.newest, err);
	if (j->free_key) {
		struct str document = j->document;
		TRY(with_key(j, document, err));
	}
	TRY(version_begin(w, &map_versions, &v, j->now_ms, &j->version, err));
	return insert_version(j, w, v.id, err);
}

/* A rule or filter on an undeclared property declares it; its old values are then read from the log. */
static enum err_code declare(struct maps *m, struct str property, struct err *err)
{
	static const char *const standard[] = { "channel", "source", "event", "unit", "environment" };
	for (size_t i = 0; i < COUNT_OF(standard); i++)
		if (str_eq(property, str_of(standard[i]))) return OK;
	if (m->collect) TRY(collect_dimension_declare(m->collect, property, err));
	if (m->ask && ask_dimension_ready(m->ask, property) < 0) TRY(ask_declare(m->ask, property, err));
	return OK;
}

static enum err_code declare_all(struct maps *m, const struct map_doc *d, struct err *err)
{
	for (size_t i = 0; i < d->n_rules; i++)
		for (size_t c = 0; c < d->rules[i].n_conditions; c++)
			TRY(declare(m, d->rules[i].conditions[c].dimension, err));
	for (size_t i = 0; i < d->n_filters; i++) TRY(declare(m, d->filters[i].dimension, err));
	return OK;
}

static enum err_code name_json(const struct map_texts *t, struct arena *a, struct str *out, struct err *err)
{
	struct buf b;
	struct json_out o;
	buf_init(&b, MAPS_DOCUMENT_BYTES_MAX);
	json_out_init(&o, &b);
	map_texts_put(&o, t);
	enum err_code rc = buf_check(&b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

enum err_code maps_save(struct maps *m, struct str json, int base_version, struct str author, int64_t now_ms,
                        struct arena *a, struct str *key, int *version, struct err *err)
{
	struct map_doc d;
	TRY(map_doc_read(json, base_version > 0, a, &d, err));
	struct save j = { .key = d.key,
		          .author = author,
		          .now_ms = now_ms,
		          .base_version = base_version,
		          .n_touchpoints = d.n_touchpoints,
		          .a = a };
	j.free_key = d.key.len == 0;
	if (j.free_key) {
		j.key = map_slug(map_text_for(&d.name, LANG_EN, NULL), a);
		if (!j.key.ptr) return err_no_memory(err);
	}
	TRY(name_json(&d.name, a, &j.name, err));
	TRY(with_key(&j, json, err));
	TRY(declare_all(m, &d, err));
	TRY(store_write(m->st, save_version, &j, err));
	*key = j.key;
	*version = j.version;
	return OK;
}

struct removal {
	struct str key;
	bool found;
};

static enum err_code remove_map(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const queries[] = { "map_version_delete", "map_delete" };
	struct removal *j = ctx;
	return version_remove(w, queries, COUNT_OF(queries), j->key, &j->found, err);
}

enum err_code maps_delete(struct maps *m, struct str key, struct err *err)
{
	struct removal j = { .key = key };
	TRY(store_write(m->st, remove_map, &j, err));
	return j.found ? OK : no_map(err, key, 0);
}

void maps_heading(const struct maps_measured *mm, const struct journey_query *asked, const struct locale *l,
                  struct arena *a, struct str *title, struct str *scope)
{
	struct maps_measured of = *mm;
	of.query = *asked;
	if (asked->by == JOURNEY_BY_CUSTOMER) of.query.instance.cut = JOURNEY_CUT_CUSTOMER;
	*title = map_text_for(&mm->doc->name, l->lang, &mm->doc->name);
	*scope = map_scope_words(&of, l, a);
}

void maps_touchpoint_words(const struct maps_measured *mm, uint16_t code, const struct locale *l, struct str *name,
                           struct str *stage)
{
	const struct map_touchpoint *t = &mm->doc->touchpoints[code - 1];
	*name = map_text_for(&t->name, l->lang, &mm->doc->name);
	if (!name->len) *name = t->key;
	*stage = mm->doc->stages[t->stage].key;
}

bool maps_touchpoint_optional(const struct maps_measured *mm, uint16_t code)
{
	return mm->doc->touchpoints[code - 1].optional;
}
