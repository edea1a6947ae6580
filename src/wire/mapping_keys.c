/* Keys of a mapping, its mistakes in words, lists, references to columns and templates. */
#include "wire/compiler.h"

#include <stdarg.h>

#include "base/checked.h"

static const struct key {
	const char *name;
	int where;
} keys[] = {
	{ "source", IN_ROOT },
	{ "names", IN_ROOT },
	{ "dimensions", IN_ROOT },
	{ "table", IN_ROOT },
	{ "event", IN_ROOT | IN_TABLE | IN_HOOK },
	{ "each", IN_HOOK },
	{ "keep", IN_HOOK },
	{ "signature", IN_HOOK },
	{ "join", IN_ROOT | IN_TABLE },
	{ "file", IN_ROOT | IN_TABLE | IN_JOIN },
	{ "sheet", IN_ROOT | IN_TABLE | IN_JOIN },
	{ "header", IN_ROOT | IN_TABLE | IN_JOIN | IN_SIGNATURE },
	{ "skip", IN_ROOT | IN_TABLE | IN_JOIN },
	{ "delimiter", IN_ROOT | IN_TABLE | IN_JOIN },
	{ "zone", EVERYWHERE | IN_FIELD },
	{ "calendar", EVERYWHERE | IN_FIELD },
	{ "time_format", EVERYWHERE },
	{ "decimal", EVERYWHERE | IN_JOIN | IN_FIELD },
	{ "type", EVERYWHERE | IN_FIELD },
	{ "name", EVERYWHERE },
	{ "name_column", EVERYWHERE },
	{ "customer", EVERYWHERE },
	{ "anonymous", EVERYWHERE },
	{ "previous", EVERYWHERE },
	{ "id", EVERYWHERE },
	{ "time", EVERYWHERE | IN_SIGNATURE },
	{ "when", EVERYWHERE },
	{ "channel", EVERYWHERE },
	{ "unit", EVERYWHERE },
	{ "environment", EVERYWHERE },
	{ "journey", EVERYWHERE },
	{ "score", EVERYWHERE },
	{ "score_min", EVERYWHERE },
	{ "score_max", EVERYWHERE },
	{ "score_kind", EVERYWHERE },
	{ "about", EVERYWHERE },
	{ "comment", EVERYWHERE },
	{ "comment_lang", EVERYWHERE },
	{ "expected_at", EVERYWHERE },
	{ "wait_ms", EVERYWHERE },
	{ "wait_s", EVERYWHERE },
	{ "wait", EVERYWHERE },
	{ "failed", EVERYWHERE },
	{ "abandoned", EVERYWHERE },
	{ "effort", EVERYWHERE },
	{ "value", EVERYWHERE | IN_FIELD },
	{ "currency", EVERYWHERE },
	{ "properties", EVERYWHERE },
	{ "traits", EVERYWHERE },
	{ "stage", EVERYWHERE },
	{ "order", IN_EVENT },
	{ "key", IN_JOIN },
	{ "on", IN_JOIN },
	{ "missing", IN_JOIN },
	{ "many", IN_JOIN },
	{ "sum", IN_JOIN },
	{ "column", IN_FIELD },
	{ "columns", IN_FIELD },
	{ "template", IN_FIELD },
	{ "default", IN_FIELD },
	{ "map", IN_FIELD },
	{ "map_only", IN_FIELD },
	{ "equals", IN_FIELD },
	{ "not", IN_FIELD },
	{ "format", IN_FIELD },
	{ "algorithm", IN_SIGNATURE },
	{ "encoding", IN_SIGNATURE },
	{ "prefix", IN_SIGNATURE },
	{ "joint", IN_SIGNATURE },
};

enum err_code mapping_bad(struct compiler *c, const struct toml *at, const char *id, const char *hint, const char *fmt,
                          ...)
{
	char words[180], field[64];
	va_list args;
	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	struct str f = wire_show(at->key, 63);
	snprintf(field, sizeof field, STR_FMT, STR_ARG(f));
	err_set(c->err, ERR_INPUT, id, field, "mapping, line %d: %s", at->line, words);
	err_hint(c->err, "%s", hint);
	return ERR_INPUT;
}

enum err_code mapping_wrong_type(struct compiler *c, const struct toml *t, const char *want)
{
	struct str k = wire_show(t->key, 40);
	return mapping_bad(c, t, "mapping.value", "See docs/mapping.md.", STR_FMT " must be %s, not %s", STR_ARG(k),
	                   want, toml_type_names[t->type]);
}

/* --- keys ----------------------------------------------------------------------------- */

/* Steps of insertion, removal and exchange; texts past 40 bytes are as far as can be. */
static size_t distance(struct str a, struct str b)
{
	size_t row[42], n = b.len;
	if (a.len > 40 || b.len > 40) return 99;
	for (size_t j = 0; j <= n; j++) row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t up = row[j], best = corner + (a.ptr[i - 1] != b.ptr[j - 1]);
			if (up + 1 < best) best = up + 1;
			if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
			corner = up;
			row[j] = best;
		}
	}
	return row[n];
}

struct str mapping_nearest(struct str wrong, const struct str *names, size_t n)
{
	size_t best = wrong.len / 2 + 2;
	struct str near = { 0 };
	for (size_t i = 0; i < n; i++) {
		size_t d = str_eq_ascii_nocase(wrong, names[i]) ? 0 : distance(wrong, names[i]);
		if (d < best) best = d, near = names[i];
	}
	return near;
}

enum err_code mapping_check_keys(struct compiler *c, const struct toml *t, int where)
{
	struct str names[COUNT_OF(keys)];
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (keys[i].where & where) names[n++] = str_of(keys[i].name);
	for (const struct toml *m = t->first; m; m = m->next) {
		bool known = false;
		for (size_t i = 0; i < n; i++) known = known || str_eq(m->key, names[i]);
		if (known) continue;
		struct str near = mapping_nearest(m->key, names, n), k = wire_show(m->key, 40);
		if (near.ptr)
			return mapping_bad(c, m, "mapping.key", "See docs/mapping.md for all keys.",
			                   "'" STR_FMT "' is not a key here; did you mean '" STR_FMT "'?", STR_ARG(k),
			                   STR_ARG(near));
		return mapping_bad(c, m, "mapping.key", "See docs/mapping.md for all keys.",
		                   "'" STR_FMT "' is not a key here", STR_ARG(k));
	}
	return OK;
}

/* The innermost of event, table and root that has the key. */
const struct toml *mapping_look(const struct compiler *c, const char *key)
{
	for (int i = 0; i < c->scope_depth; i++) {
		const struct toml *t = toml_get(c->scope[i], key);
		if (t) return t;
	}
	return NULL;
}

enum err_code mapping_texts(struct compiler *c, const struct toml *t, struct str **out, size_t *n)
{
	*n = 0;
	if (t->type == TOML_STRING) {
		*out = ARENA_NEW(c->a, struct str);
		if (!*out) return err_no_memory(c->err);
		(*out)[(*n)++] = t->text;
		return OK;
	}
	if (t->type != TOML_ARRAY) return mapping_wrong_type(c, t, "a text or a list of texts");
	size_t count = 0;
	for (const struct toml *e = t->first; e; e = e->next) {
		if (e->type != TOML_STRING) return mapping_wrong_type(c, t, "a text or a list of texts");
		count++;
	}
	*out = ARENA_ARRAY(c->a, struct str, count);
	if (!*out) return err_no_memory(c->err);
	for (const struct toml *e = t->first; e; e = e->next) (*out)[(*n)++] = e->text;
	return OK;
}

/* Text of a constant, however it was written. */
enum err_code mapping_scalar(struct compiler *c, const struct toml *t, struct str *out)
{
	switch (t->type) {
	case TOML_STRING: *out = t->text; return OK;
	case TOML_INT: *out = str_format(c->a, "%lld", (long long)t->i); break;
	case TOML_FLOAT: *out = str_format(c->a, "%.15g", t->f); break;
	case TOML_BOOL: *out = t->b ? STR("true") : STR("false"); return OK;
	default: return mapping_wrong_type(c, t, "a single value");
	}
	return out->ptr ? OK : err_no_memory(c->err);
}

/* --- references to columns --------------------------------------------------------------- */

enum err_code mapping_ref(struct compiler *c, const struct toml *at, struct str text, struct ref *out)
{
	*out = (struct ref){ .join = -1, .column = text, .at = { at->line, at->column } };
	if (text.len == 0)
		return mapping_bad(c, at, "mapping.value", "Name the column as the file's header does.",
		                   "the name of a column is empty");
	size_t dot = str_find(text, '.');
	for (size_t j = 0; dot < text.len && j < c->table->n_joins; j++)
		if (str_eq(c->table->joins[j].name, str_cut(text, 0, dot))) {
			out->join = (int)j;
			out->column = str_cut(text, dot + 1, text.len);
		}
	return OK;
}

enum err_code mapping_refs(struct compiler *c, const struct toml *t, struct field *f)
{
	struct str *names;
	TRY(mapping_texts(c, t, &names, &f->n_refs));
	if (f->n_refs == 0)
		return mapping_bad(c, t, "mapping.value", "Name at least one column.", "the list of columns is empty");
	f->refs = ARENA_ARRAY(c->a, struct ref, f->n_refs);
	if (!f->refs) return err_no_memory(c->err);
	for (size_t i = 0; i < f->n_refs; i++) TRY(mapping_ref(c, t, names[i], &f->refs[i]));
	return OK;
}

/* "{order_id}-{item}": braces are written twice to stand for themselves. */
enum err_code mapping_template(struct compiler *c, const struct toml *t, struct field *f)
{
	if (t->type != TOML_STRING) return mapping_wrong_type(c, t, "a text");
	struct buf text;
	enum err_code rc = OK;
	f->pieces = ARENA_ARRAY(c->a, struct piece, t->text.len / 2 + 2);
	if (!f->pieces) return err_no_memory(c->err);
	buf_init(&text, t->text.len + 1);
	for (size_t i = 0; rc == OK && i <= t->text.len; i++) {
		char ch = i < t->text.len ? t->text.ptr[i] : '\0',
		     after = i + 1 < t->text.len ? t->text.ptr[i + 1] : '\0';
		bool end = i == t->text.len;
		if (!end && (ch == '{' || ch == '}') && after == ch) {
			buf_byte(&text, ch);
			i++;
			continue;
		}
		if (!end && ch == '}') {
			rc = mapping_bad(c, t, "mapping.value", "Write }} for a brace.",
			                 "a } stands alone in the template");
			break;
		}
		if (!end && ch != '{') {
			buf_byte(&text, ch);
			continue;
		}
		struct piece *p = &f->pieces[f->n_pieces++];
		p->text = str_copy(c->a, buf_view(&text));
		buf_clear(&text);
		if (!p->text.ptr) rc = err_no_memory(c->err);
		if (end || rc != OK) break;
		size_t close = i + str_find(str_cut(t->text, i, t->text.len), '}');
		if (close == t->text.len)
			rc = mapping_bad(c, t, "mapping.value", "Write {{ for a brace.",
			                 "a { is not closed in the template");
		else rc = mapping_ref(c, t, str_cut(t->text, i + 1, close), &p->ref);
		p->has_ref = true;
		i = close;
	}
	buf_done(&text);
	return rc;
}
