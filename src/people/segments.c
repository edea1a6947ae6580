/* Segments in the store: versions, conflicts, what names what. */
#include "base/checked.h"
#include "base/json.h"
#include "base/slug.h"
#include "people/priv.h"

enum err_code people_open(struct store *st, struct people **out, struct err *err)
{
	struct people *p = malloc(sizeof *p);
	if (!p) return err_no_memory(err);
	p->st = st;
	*out = p;
	return OK;
}

void people_close(struct people *p)
{
	free(p);
}

static enum err_code no_segment(struct err *err, struct str key)
{
	enum err_code rc = err_set(err, ERR_NOT_FOUND, "segment.unknown", "segment",
	                           "there is no segment \"" STR_FMT "\"", STR_ARG(rule_shown(key, 80)));
	err_hint(err, "Give the key of a saved segment, or a rule such as: did \"Order Placed\" in the last 90d.");
	return rc;
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool row_read(struct stmt *s, struct arena *a, struct people_segment *out)
{
	*out = (struct people_segment){ .key = str_copy(a, stmt_str(s, 0)),
		                        .name = str_copy(a, stmt_str(s, 1)),
		                        .rule = str_copy(a, stmt_str(s, 2)),
		                        .version = (int)stmt_i64(s, 3),
		                        .created_ms = stmt_i64(s, 4),
		                        .changed_ms = stmt_i64(s, 5),
		                        .author = str_copy(a, stmt_str(s, 6)) };
	return out->key.ptr && out->name.ptr && out->rule.ptr && out->author.ptr;
}

/* key "": all of them. */
static enum err_code read_rows(struct people *p, struct str key, struct arena *a, struct people_segment *rows,
                               size_t max, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, p->st, "segment_list", err));
	stmt_bind_str(s, 1, key);
	enum err_code rc = OK;
	*n = 0;
	while (rc == OK && *n < max && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!row_read(s, a, &rows[(*n)++])) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

enum err_code people_list(struct people *p, struct arena *a, struct people_segment **out, size_t *n, struct err *err)
{
	*out = ARENA_ARRAY(a, struct people_segment, PEOPLE_SEGMENTS_MAX);
	if (!*out) return err_no_memory(err);
	return read_rows(p, STR(""), a, *out, PEOPLE_SEGMENTS_MAX, n, err);
}

enum err_code people_get(struct people *p, struct str key, struct arena *a, struct people_segment *out, struct err *err)
{
	size_t n = 0;
	if (key.len) TRY(read_rows(p, key, a, out, 1, &n, err));
	return n ? OK : no_segment(err, key);
}

/* --- segments in segments -------------------------------------------------------------------------- */

struct resolving {
	struct people *p;
	const struct people_clock *clock;
	struct arena *a;
	struct str path[PEOPLE_RULE_DEPTH_MAX]; /* keys from the outermost to the one being read */
	size_t n_path;
	int nodes;
};

static enum err_code circle(const struct resolving *r, struct str key, size_t at, struct err *err)
{
	enum err_code rc = err_set(err, ERR_INPUT, "segment.circle", "rule",
	                           "segment \"" STR_FMT "\" leads back to itself", STR_ARG(rule_shown(key, 80)));
	if (err) err->value = (int64_t)at, err->limit = err->value + 1;
	err_hint(err, "A segment can name others that do not name it in turn.");
	return rc;
}

static enum err_code resolve(struct resolving *r, struct journey_segment_node *n, struct err *err)
{
	if (!n) return OK;
	if (++r->nodes > JOURNEY_SEGMENT_NODES_MAX)
		return err_limit(err, "segment.size", "rule", r->nodes, JOURNEY_SEGMENT_NODES_MAX,
		                 "the rule and the segments in it have too many parts");
	if (n->op != JOURNEY_SEGMENT_IN) {
		TRY(resolve(r, n->a, err));
		return resolve(r, n->b, err);
	}
	for (size_t i = 0; i < r->n_path; i++)
		if (str_eq(r->path[i], n->name)) return circle(r, n->name, n->at, err);
	if (r->n_path == PEOPLE_RULE_DEPTH_MAX)
		return err_limit(err, "segment.depth", "rule", PEOPLE_RULE_DEPTH_MAX + 1, PEOPLE_RULE_DEPTH_MAX,
		                 "segments are nested more than %d deep", PEOPLE_RULE_DEPTH_MAX);
	struct people_segment s;
	enum err_code rc = people_get(r->p, n->name, r->a, &s, err);
	if (rc == ERR_NOT_FOUND) {
		rc = err_set(err, ERR_INPUT, "segment.named", "rule", "there is no segment \"" STR_FMT "\"",
		             STR_ARG(rule_shown(n->name, 80)));
		if (err) err->value = (int64_t)n->at, err->limit = err->value + 1;
	}
	if (rc == OK) rc = people_rule_read(s.rule, r->clock, r->a, &n->a, err);
	r->path[r->n_path++] = n->name;
	if (rc == OK) rc = resolve(r, n->a, err);
	r->n_path--;
	return rc;
}

static enum err_code printed(const struct journey_segment_node *n, bool whole, struct arena *a, struct str *out,
                             struct err *err)
{
	struct buf b;
	buf_init(&b, (size_t)PEOPLE_RULE_BYTES_MAX * JOURNEY_SEGMENT_NODES_MAX);
	enum err_code rc = people_rule_print(n, whole, &b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

/* Reads a rule and all that it names. `own`: the key of the segment it is of, "" none. */
static enum err_code read_whole(struct people *p, struct str own, struct str rule, const struct people_clock *clock,
                                struct arena *a, struct journey_segment_node **out, struct err *err)
{
	struct resolving r = { .p = p, .clock = clock, .a = a };
	if (own.len) r.path[r.n_path++] = own;
	TRY(people_rule_read(rule, clock, a, out, err));
	return resolve(&r, *out, err);
}

/* A key has none of these; a rule without any of them has one word, and no condition has so few but `commented`. */
static bool may_be_key(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == '"' || s.ptr[i] == '\'' || s.ptr[i] == '(') return false;
	return s.len <= PEOPLE_KEY_BYTES_MAX;
}

enum err_code people_segment_of(struct people *p, struct str key_or_rule, const struct people_clock *clock,
                                struct arena *a, const struct journey_segment **out, struct err *err)
{
	struct people_segment saved;
	struct journey_segment_node *root;
	struct str rule = str_copy(a, key_or_rule), own = STR("");
	struct journey_segment *s = ARENA_NEW(a, struct journey_segment);
	if (!rule.ptr || !s) return err_no_memory(err);
	if (may_be_key(rule)) {
		const enum err_code rc = people_get(p, rule, a, &saved, err);
		if (rc == OK) rule = saved.rule, own = saved.key;
		else if (rc != ERR_NOT_FOUND || !str_eq_ascii_nocase(rule, STR("commented"))) return rc;
	}
	enum err_code rc = read_whole(p, own, rule, clock, a, &root, err);
	if (rc == OK) rc = printed(root, true, a, &s->text, err);
	if (rc != OK) return rc;
	s->root = root;
	*out = s;
	return OK;
}

/* --- saving ------------------------------------------------------------------------------------------- */

struct save {
	struct people_segment s;
	bool fresh;
	int base_version;
	struct arena *a;
};

static const struct store_versions segment_versions = { "segment_newest", "segment_insert" };

static enum err_code count(struct store_write *w, int64_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "segment_count", err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK) *n = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

static enum err_code insert_version(struct save *j, struct store_write *w, int64_t id, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "segment_version_insert", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, j->s.version);
	stmt_bind_i64(s, 3, j->s.changed_ms);
	stmt_bind_str(s, 4, j->s.author);
	stmt_bind_str(s, 5, j->s.name);
	stmt_bind_str(s, 6, j->s.rule);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code save_version(void *ctx, struct store_write *w, struct err *err)
{
	struct save *j = ctx;
	struct store_version v = { .key = j->s.key, .fresh = j->fresh };
	int64_t n;
	TRY(version_find(w, &segment_versions, j->a, &v, err));
	j->s.key = v.key;
	if (v.newest == 0 && !j->fresh) return no_segment(err, v.key);
	if (v.newest != j->base_version) {
		enum err_code rc =
		        err_set(err, ERR_CONFLICT, "segment.stale", "base_version",
		                "version %d was saved meanwhile, and yours starts from %d", v.newest, j->base_version);
		if (err) err->value = j->base_version, err->limit = v.newest;
		err_hint(err, "Open the newest version and make your change there.");
		return rc;
	}
	TRY(count(w, &n, err));
	if (j->fresh && n >= PEOPLE_SEGMENTS_MAX)
		return err_limit(err, "segment.many", "", n + 1, PEOPLE_SEGMENTS_MAX, "at most %d segments can be kept",
		                 PEOPLE_SEGMENTS_MAX);
	TRY(version_begin(w, &segment_versions, &v, j->s.changed_ms, &j->s.version, err));
	return insert_version(j, w, v.id, err);
}

/* {"en":"…","fa":"…"}: canonical in *out; *first is the English text, else the first there is. */
static enum err_code read_name(struct str json, struct arena *a, struct str *out, struct str *first, struct err *err)
{
	struct json_reader r;
	struct str text;
	json_read(&r, json);
	bool fine = json_next(&r) == JT_OBJECT;
	*first = STR("");
	enum json_token t = JT_ERROR;
	while (fine && (t = json_next(&r)) == JT_KEY) {
		const bool english = str_eq(r.raw, STR("en"));
		fine = r.raw.len >= 2 && r.raw.len <= 16 && json_next(&r) == JT_STRING && json_text(&r, a, &text) &&
		       str_trim(text).len && text.len <= PEOPLE_NAME_BYTES_MAX;
		if (fine && (english || !first->len)) *first = text;
	}
	if (!fine || t != JT_OBJECT_END || !first->len) {
		enum err_code rc = err_set(err, ERR_INPUT, "segment.name", "name",
		                           "a segment's name is a text for each language, of at most %d bytes",
		                           PEOPLE_NAME_BYTES_MAX);
		err_hint(err, "Write {\"en\":\"Late orders\"}.");
		return rc;
	}
	struct buf b;
	buf_init(&b, 64 * 1024);
	enum err_code rc = json_canonical(json, a, &b, err);
	if (rc == OK) rc = buf_check(&b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

enum err_code people_save(struct people *p, struct str key, int base_version, struct str name, struct str rule,
                          const struct people_clock *clock, struct str author, int64_t now_ms, struct arena *a,
                          struct people_segment *out, struct err *err)
{
	struct journey_segment_node *root;
	struct people_segment before = { 0 };
	struct str first;
	struct save j = { .fresh = key.len == 0, .base_version = base_version, .a = a };
	j.s = (struct people_segment){ .key = key, .author = author, .created_ms = now_ms, .changed_ms = now_ms };
	if (!j.fresh) {
		TRY(people_get(p, key, a, &before, err));
		j.s.created_ms = before.created_ms;
		j.s.name = before.name;
	}
	if (j.fresh || name.len) {
		TRY(read_name(name, a, &j.s.name, &first, err));
		if (j.fresh) j.s.key = slug_of(first, PEOPLE_KEY_BYTES_MAX - 16, STR("segment"), a);
		if (!j.s.key.ptr) return err_no_memory(err);
	}
	TRY(read_whole(p, key, rule, clock, a, &root, err));
	TRY(printed(root, false, a, &j.s.rule, err));
	TRY(store_write(p->st, save_version, &j, err));
	*out = j.s;
	return OK;
}

/* --- deleting --------------------------------------------------------------------------------------------- */

static bool names(const struct journey_segment_node *n, struct str key)
{
	if (!n) return false;
	if (n->op == JOURNEY_SEGMENT_IN && str_eq(n->name, key)) return true;
	return names(n->a, key) || names(n->b, key);
}

struct removal {
	struct str key;
	bool found;
};

static enum err_code remove_segment(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const queries[] = { "segment_version_delete", "segment_delete" };
	struct removal *j = ctx;
	return version_remove(w, queries, COUNT_OF(queries), j->key, &j->found, err);
}

enum err_code people_delete(struct people *p, struct str key, struct arena *a, struct err *err)
{
	struct people_segment *all;
	struct journey_segment_node *rule;
	size_t n;
	TRY(people_list(p, a, &all, &n, err));
	for (size_t i = 0; i < n; i++) {
		TRY(people_rule_read(all[i].rule, NULL, a, &rule, err));
		if (!names(rule, key)) continue;
		enum err_code rc = err_set(err, ERR_CONFLICT, "segment.used", "segment",
		                           "segment \"" STR_FMT "\" names it", STR_ARG(all[i].key));
		err_hint(err, "Change or delete that one first.");
		return rc;
	}
	struct removal j = { .key = key };
	TRY(store_write(p->st, remove_segment, &j, err));
	return j.found ? OK : no_segment(err, key);
}
