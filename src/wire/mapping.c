/* TOML to a mapping: every key known, every value of its type, columns not yet looked up. */
#include "wire/mapping.h"

#include <stdarg.h>

#include "base/checked.h"

/* One row a key: where it may stand and how its value is read. */
enum where {
	IN_ROOT = 1,
	IN_TABLE = 2,
	IN_EVENT = 4,
	IN_JOIN = 8,
	IN_FIELD = 16,
	EVERYWHERE = IN_ROOT | IN_TABLE | IN_EVENT
};

static const struct key {
	const char *name;
	int where;
} keys[] = {
	{ "source", IN_ROOT },
	{ "names", IN_ROOT },
	{ "dimensions", IN_ROOT },
	{ "table", IN_ROOT },
	{ "event", IN_ROOT | IN_TABLE },
	{ "join", IN_ROOT | IN_TABLE },
	{ "file", IN_ROOT | IN_TABLE | IN_JOIN },
	{ "sheet", IN_ROOT | IN_TABLE | IN_JOIN },
	{ "header", IN_ROOT | IN_TABLE | IN_JOIN },
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
	{ "time", EVERYWHERE },
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
};

static const struct {
	const char *key;
	const char *property; /* where it goes: a standard property, or the event's own member */
	enum value_type type;
} fields[KNOWN_FIELDS] = {
	[F_CUSTOMER] = { "customer", "customer", VALUE_TEXT },
	[F_ANONYMOUS] = { "anonymous", "anonymous", VALUE_TEXT },
	[F_PREVIOUS] = { "previous", "previous", VALUE_TEXT },
	[F_ID] = { "id", "id", VALUE_TEXT },
	[F_NAME] = { "name_column", "event", VALUE_TEXT },
	[F_TIME] = { "time", "at", VALUE_TIME },
	[F_CHANNEL] = { "channel", "channel", VALUE_TEXT },
	[F_UNIT] = { "unit", "unit", VALUE_TEXT },
	[F_ENVIRONMENT] = { "environment", "environment", VALUE_TEXT },
	[F_JOURNEY] = { "journey", "journey", VALUE_TEXT },
	[F_SCORE] = { "score", "score", VALUE_NUMBER },
	[F_SCORE_MIN] = { "score_min", "score_min", VALUE_NUMBER },
	[F_SCORE_MAX] = { "score_max", "score_max", VALUE_NUMBER },
	[F_SCORE_KIND] = { "score_kind", "score_kind", VALUE_TEXT },
	[F_ABOUT] = { "about", "about", VALUE_TEXT },
	[F_COMMENT] = { "comment", "comment", VALUE_TEXT },
	[F_COMMENT_LANG] = { "comment_lang", "comment_lang", VALUE_TEXT },
	[F_EXPECTED] = { "expected_at", "expected_at", VALUE_TIME },
	[F_WAIT] = { "wait_ms", "wait_ms", VALUE_NUMBER },
	[F_WAIT_S] = { "wait_s", "wait_ms", VALUE_NUMBER },
	[F_FAILED] = { "failed", "failed", VALUE_BOOL },
	[F_ABANDONED] = { "abandoned", "abandoned", VALUE_BOOL },
	[F_EFFORT] = { "effort", "effort", VALUE_NUMBER },
	[F_VALUE] = { "value", "value", VALUE_NUMBER },
	[F_CURRENCY] = { "currency", "currency", VALUE_TEXT },
};

const char *const known_field_property[KNOWN_FIELDS] = {
	"customer",  "anonymous",   "previous",     "id",          "event",     "at",        "channel",
	"unit",      "environment", "journey",      "score",       "score_min", "score_max", "score_kind",
	"about",     "comment",     "comment_lang", "expected_at", "wait_ms",   "wait_ms",   "failed",
	"abandoned", "effort",      "value",        "currency",
};

struct compiler {
	struct arena *a;
	struct err *err;
	struct wire_mapping *m;
	const struct toml *root;
	struct table_map *table; /* whose joins references may name */
	int n_events, scope_depth;
	const struct toml *scope[3]; /* inner to outer: event, table, root */
};

static enum err_code bad(struct compiler *c, const struct toml *at, const char *id, const char *hint, const char *fmt,
                         ...) PRINTF_LIKE(5, 6);

static enum err_code bad(struct compiler *c, const struct toml *at, const char *id, const char *hint, const char *fmt,
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

static enum err_code wrong_type(struct compiler *c, const struct toml *t, const char *want)
{
	struct str k = wire_show(t->key, 40);
	return bad(c, t, "mapping.value", "See docs/mapping.md.", STR_FMT " must be %s, not %s", STR_ARG(k), want,
	           toml_type_names[t->type]);
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

static enum err_code check_keys(struct compiler *c, const struct toml *t, int where)
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
			return bad(c, m, "mapping.key", "See docs/mapping.md for all keys.",
			           "'" STR_FMT "' is not a key here; did you mean '" STR_FMT "'?", STR_ARG(k),
			           STR_ARG(near));
		return bad(c, m, "mapping.key", "See docs/mapping.md for all keys.", "'" STR_FMT "' is not a key here",
		           STR_ARG(k));
	}
	return OK;
}

/* The innermost of event, table and root that has the key. */
static const struct toml *look(const struct compiler *c, const char *key)
{
	for (int i = 0; i < c->scope_depth; i++) {
		const struct toml *t = toml_get(c->scope[i], key);
		if (t) return t;
	}
	return NULL;
}

static enum err_code text_list(struct compiler *c, const struct toml *t, struct str **out, size_t *n)
{
	*n = 0;
	if (t->type == TOML_STRING) {
		*out = ARENA_NEW(c->a, struct str);
		if (!*out) return err_no_memory(c->err);
		(*out)[(*n)++] = t->text;
		return OK;
	}
	if (t->type != TOML_ARRAY) return wrong_type(c, t, "a text or a list of texts");
	size_t count = 0;
	for (const struct toml *e = t->first; e; e = e->next) {
		if (e->type != TOML_STRING) return wrong_type(c, t, "a text or a list of texts");
		count++;
	}
	*out = ARENA_ARRAY(c->a, struct str, count);
	if (!*out) return err_no_memory(c->err);
	for (const struct toml *e = t->first; e; e = e->next) (*out)[(*n)++] = e->text;
	return OK;
}

/* Text of a constant, however it was written. */
static enum err_code scalar(struct compiler *c, const struct toml *t, struct str *out)
{
	switch (t->type) {
	case TOML_STRING: *out = t->text; return OK;
	case TOML_INT: *out = str_format(c->a, "%lld", (long long)t->i); break;
	case TOML_FLOAT: *out = str_format(c->a, "%.15g", t->f); break;
	case TOML_BOOL: *out = t->b ? STR("true") : STR("false"); return OK;
	default: return wrong_type(c, t, "a single value");
	}
	return out->ptr ? OK : err_no_memory(c->err);
}

/* --- references to columns --------------------------------------------------------------- */

static enum err_code make_ref(struct compiler *c, const struct toml *at, struct str text, struct ref *out)
{
	*out = (struct ref){ .join = -1, .column = text, .at = { at->line, at->column } };
	if (text.len == 0)
		return bad(c, at, "mapping.value", "Name the column as the file's header does.",
		           "the name of a column is empty");
	size_t dot = str_find(text, '.');
	for (size_t j = 0; dot < text.len && j < c->table->n_joins; j++)
		if (str_eq(c->table->joins[j].name, str_cut(text, 0, dot))) {
			out->join = (int)j;
			out->column = str_cut(text, dot + 1, text.len);
		}
	return OK;
}

static enum err_code set_refs(struct compiler *c, const struct toml *t, struct field *f)
{
	struct str *names;
	TRY(text_list(c, t, &names, &f->n_refs));
	if (f->n_refs == 0)
		return bad(c, t, "mapping.value", "Name at least one column.", "the list of columns is empty");
	f->refs = ARENA_ARRAY(c->a, struct ref, f->n_refs);
	if (!f->refs) return err_no_memory(c->err);
	for (size_t i = 0; i < f->n_refs; i++) TRY(make_ref(c, t, names[i], &f->refs[i]));
	return OK;
}

/* "{order_id}-{item}": braces are written twice to stand for themselves. */
static enum err_code set_template(struct compiler *c, const struct toml *t, struct field *f)
{
	if (t->type != TOML_STRING) return wrong_type(c, t, "a text");
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
			rc = bad(c, t, "mapping.value", "Write }} for a brace.", "a } stands alone in the template");
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
			rc = bad(c, t, "mapping.value", "Write {{ for a brace.", "a { is not closed in the template");
		else rc = make_ref(c, t, str_cut(t->text, i + 1, close), &p->ref);
		p->has_ref = true;
		i = close;
	}
	buf_done(&text);
	return rc;
}

/* --- times -------------------------------------------------------------------------------- */

static enum err_code check_formats(struct compiler *c, const struct toml *t, struct value_times *v)
{
	struct str *formats;
	TRY(text_list(c, t, &formats, &v->n_formats));
	if (v->n_formats > VALUE_FORMATS_MAX)
		return bad(c, t, "mapping.value", "Keep those that occur.", "more than %d time formats",
		           VALUE_FORMATS_MAX);
	for (size_t i = 0; i < v->n_formats; i++) {
		struct str f = formats[i], shown = wire_show(f, 40);
		v->formats[i] = f;
		if (str_find(f, '%') == f.len && !str_eq(f, STR("iso")) && !str_eq(f, STR("epoch_s")) &&
		    !str_eq(f, STR("epoch_ms")) && !str_eq(f, STR("excel")))
			return bad(c, t, "mapping.value",
			           "Use iso, epoch_s, epoch_ms, excel or a pattern such as %d/%m/%Y %H:%M.",
			           "'" STR_FMT "' is not a time format", STR_ARG(shown));
		size_t at = value_pattern_check(f);
		if (at < f.len) {
			struct str d = wire_show(str_cut(f, at, at + 2), 4);
			return bad(c, t, "mapping.value",
			           "Known are %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %s %a %F %T %R.",
			           "'" STR_FMT "' in the time format is not known", STR_ARG(d));
		}
	}
	return OK;
}

static enum err_code set_times(struct compiler *c, const struct toml *own, struct field *f)
{
	struct value_times *v = ARENA_NEW(c->a, struct value_times);
	if (!v) return err_no_memory(c->err);
	const struct toml *zone = own ? toml_get(own, "zone") : NULL,
	                  *calendar = own ? toml_get(own, "calendar") : NULL;
	const struct toml *format = own ? toml_get(own, "format") : NULL;
	if (!zone) zone = look(c, "zone");
	if (!calendar) calendar = look(c, "calendar");
	if (!format) format = look(c, "time_format");
	if (format) TRY(check_formats(c, format, v));
	if (zone) {
		struct zone *z;
		if (zone->type != TOML_STRING) return wrong_type(c, zone, "a text");
		v->zone = zone->text;
		enum err_code rc = zone_open(v->zone, &z, c->err);
		if (rc != OK) return err_context(c->err, "mapping, line %d", zone->line), rc;
		zone_close(z);
	}
	if (calendar) {
		if (calendar->type != TOML_STRING ||
		    (!str_eq(calendar->text, STR("gregorian")) && !str_eq(calendar->text, STR("persian"))))
			return bad(c, calendar, "mapping.value", "Use gregorian or persian.",
			           "this calendar is not known");
		v->persian = str_eq(calendar->text, STR("persian"));
	}
	/* Equal ones are one: zones and calendars are not cheap. */
	for (size_t i = 0; i < c->m->n_times; i++) {
		struct value_times *o = c->m->times[i];
		bool same = o->persian == v->persian && o->n_formats == v->n_formats && str_eq(o->zone, v->zone);
		for (size_t k = 0; same && k < v->n_formats; k++) same = str_eq(o->formats[k], v->formats[k]);
		if (same) {
			f->times = o;
			return OK;
		}
	}
	if (c->m->n_times == c->m->times_cap) {
		size_t cap = c->m->times_cap * 2 + 8;
		struct value_times **grown = ARENA_ARRAY(c->a, struct value_times *, cap);
		if (!grown) return err_no_memory(c->err);
		if (c->m->n_times) memcpy(grown, c->m->times, c->m->n_times * sizeof *grown);
		c->m->times = grown;
		c->m->times_cap = cap;
	}
	c->m->times[c->m->n_times++] = v;
	f->times = v;
	return OK;
}

/* --- fields ---------------------------------------------------------------------------------- */

static enum err_code set_decimal(struct compiler *c, const struct toml *own, char *out)
{
	const struct toml *d = own ? toml_get(own, "decimal") : NULL;
	if (!d) d = look(c, "decimal");
	*out = '.';
	if (!d) return OK;
	if (d->type != TOML_STRING || (!str_eq(d->text, STR(".")) && !str_eq(d->text, STR(","))))
		return bad(c, d, "mapping.value", "Digits and group marks are found by themselves.",
		           "decimal must be \".\" or \",\"");
	*out = d->text.ptr[0];
	return OK;
}

static enum err_code set_map(struct compiler *c, const struct toml *t, struct field *f)
{
	size_t n = 0;
	if (t->type != TOML_TABLE) return wrong_type(c, t, "a table of from = to");
	for (const struct toml *m = t->first; m; m = m->next) n++;
	f->map_from = ARENA_ARRAY(c->a, struct str, n);
	f->map_to = ARENA_ARRAY(c->a, struct str, n);
	if (!f->map_from || !f->map_to) return err_no_memory(c->err);
	for (const struct toml *m = t->first; m; m = m->next, f->n_map++) {
		f->map_from[f->n_map] = m->key;
		TRY(scalar(c, m, &f->map_to[f->n_map]));
	}
	return OK;
}

static enum err_code set_type(struct compiler *c, const struct toml *t, struct field *f)
{
	static const char *const names[] = { "text", "number", "bool", "time" };
	for (size_t i = 0; t->type == TOML_STRING && i < COUNT_OF(names); i++)
		if (str_eq(t->text, str_of(names[i]))) {
			f->type = (enum value_type)i;
			return OK;
		}
	return bad(c, t, "mapping.value", "Use text, number, bool or time.", "this type is not known");
}

static enum err_code set_alternatives(struct compiler *c, const struct toml *t, struct str **out, size_t *n)
{
	if (t->type == TOML_ARRAY) return text_list(c, t, out, n);
	*out = ARENA_NEW(c->a, struct str);
	if (!*out) return err_no_memory(c->err);
	*n = 1;
	return scalar(c, t, *out);
}

/* { column | columns | template | value, default, map, equals, not, format, zone, calendar, decimal, type } */
static enum err_code set_table_field(struct compiler *c, const struct toml *t, struct field *f)
{
	TRY(check_keys(c, t, IN_FIELD));
	const struct toml *column = toml_get(t, "column"), *columns = toml_get(t, "columns"),
	                  *template = toml_get(t, "template"), *value = toml_get(t, "value"), *m;
	if (!!column + !!columns + !!template + !!value != 1)
		return bad(c, t, "mapping.value", "For example { column = \"rating\" } or { value = \"web\" }.",
		           "exactly one of column, columns, template and value must stand here");
	if (value) {
		f->is_constant = true;
		TRY(scalar(c, value, &f->constant));
	} else if (template) TRY(set_template(c, template, f));
	else TRY(set_refs(c, column ? column : columns, f));
	if ((m = toml_get(t, "type"))) TRY(set_type(c, m, f));
	if ((m = toml_get(t, "map"))) TRY(set_map(c, m, f));
	if ((m = toml_get(t, "map_only"))) {
		if (m->type != TOML_BOOL) return wrong_type(c, m, "true or false");
		f->map_only = m->b;
	}
	if ((m = toml_get(t, "default"))) {
		f->has_fallback = true;
		TRY(scalar(c, m, &f->fallback));
	}
	if ((m = toml_get(t, "equals"))) {
		f->has_equals = true;
		TRY(set_alternatives(c, m, &f->equals, &f->n_equals));
	}
	if ((m = toml_get(t, "not"))) {
		f->has_not = true;
		TRY(set_alternatives(c, m, &f->not_equals, &f->n_not));
	}
	return OK;
}

static enum err_code make_field(struct compiler *c, const struct toml *t, enum value_type type, struct field *f)
{
	*f = (struct field){ .present = true, .type = type, .name = t->key };
	const struct toml *own = t->type == TOML_TABLE ? t : NULL;
	if (own) TRY(set_table_field(c, t, f));
	else if (t->type == TOML_STRING || t->type == TOML_ARRAY) TRY(set_refs(c, t, f));
	else {
		f->is_constant = true;
		TRY(scalar(c, t, &f->constant));
	}
	TRY(set_decimal(c, own, &f->decimal));
	return f->type == VALUE_TIME ? set_times(c, own, f) : OK;
}

/* How messages call the field: its first column. */
static struct str label(const struct field *f)
{
	if (f->n_refs) return f->refs[0].column;
	for (size_t i = 0; i < f->n_pieces; i++)
		if (f->pieces[i].has_ref) return f->pieces[i].ref.column;
	return f->name;
}

static bool standard_name(struct str name)
{
	for (int i = F_CHANNEL; i < KNOWN_FIELDS; i++)
		if (str_eq(name, str_of(fields[i].property))) return true;
	return false;
}

static enum err_code one_property(struct compiler *c, const struct toml *t, struct str name, bool traits,
                                  struct field *f)
{
	if (!traits && standard_name(name)) {
		struct str n = wire_show(name, 40);
		return bad(c, t, "mapping.value",
		           "Standard properties are checked; give it another name to keep it as it is.",
		           "'" STR_FMT "' has a meaning of its own: write " STR_FMT " = \"column\"", STR_ARG(n),
		           STR_ARG(n));
	}
	if (t->type == TOML_STRING && t->key.len == 0) {
		/* An element of a list: the column's own name, without the join in front. */
		struct ref r;
		TRY(make_ref(c, t, t->text, &r));
		*f = (struct field){ .present = true,
			             .name = r.column,
			             .n_refs = 1,
			             .refs = ARENA_NEW(c->a, struct ref),
			             .decimal = '.' };
		if (!f->refs) return err_no_memory(c->err);
		f->refs[0] = r;
		return !traits && standard_name(r.column) ? one_property(c, t, r.column, false, f) : OK;
	}
	TRY(make_field(c, t, VALUE_TEXT, f));
	f->name = name;
	return OK;
}

/* Those of the root, the table and the event together. */
static enum err_code property_list(struct compiler *c, const char *key, struct field **out, size_t *n)
{
	size_t count = 0;
	bool traits = key[0] == 't';
	for (int i = 0; i < c->scope_depth; i++) {
		const struct toml *t = toml_get(c->scope[i], key);
		if (t && t->type != TOML_TABLE && t->type != TOML_ARRAY)
			return wrong_type(c, t, "a list of columns or a table of name = column");
		for (const struct toml *m = t ? t->first : NULL; m; m = m->next) count++;
	}
	*n = 0;
	*out = ARENA_ARRAY(c->a, struct field, count);
	if (!*out) return err_no_memory(c->err);
	for (int i = c->scope_depth - 1; i >= 0; i--) {
		const struct toml *t = toml_get(c->scope[i], key);
		for (const struct toml *m = t ? t->first : NULL; m; m = m->next) {
			if (t->type == TOML_ARRAY && m->type != TOML_STRING)
				return wrong_type(c, t, "a list of columns or a table of name = column");
			TRY(one_property(c, m, m->key, traits, &(*out)[(*n)++]));
		}
	}
	return OK;
}

/* --- events ------------------------------------------------------------------------------------- */

static enum err_code make_name(struct compiler *c, struct event_map *e, const struct toml *block)
{
	const struct toml *name = NULL, *column = NULL;
	/* The innermost of the two stands. */
	for (int i = 0; i < c->scope_depth && !name && !column; i++) {
		name = toml_get(c->scope[i], "name");
		column = toml_get(c->scope[i], "name_column");
	}
	if (name && column)
		return bad(c, name, "mapping.value", "Keep one of them.", "name and name_column exclude each other");
	struct field *f = &e->known[F_NAME];
	if (column) return make_field(c, column, VALUE_TEXT, f);
	if (name && name->type != TOML_STRING) return wrong_type(c, name, "a text");
	if (!name && e->type != WIRE_IDENTIFY && e->type != WIRE_GROUP && e->type != WIRE_ALIAS)
		return bad(c, block, "mapping.value",
		           "name = \"Order Delivered\", or name_column = \"activity\" to take it from each row.",
		           "the event has no name");
	*f = (struct field){ .present = true,
		             .is_constant = true,
		             .name = STR("name"),
		             .constant = name ? name->text : str_of(wire_type_names[e->type]) };
	return OK;
}

static enum err_code make_when(struct compiler *c, struct event_map *e)
{
	const struct toml *t = look(c, "when");
	if (!t) return OK;
	size_t n = 1;
	bool list = t->type == TOML_ARRAY;
	if (list) {
		n = 0;
		for (const struct toml *m = t->first; m; m = m->next) n++;
	}
	e->when = ARENA_ARRAY(c->a, struct field, n);
	if (!e->when) return err_no_memory(c->err);
	for (const struct toml *m = list ? t->first : t; m; m = list ? m->next : NULL)
		TRY(make_field(c, m, VALUE_TEXT, &e->when[e->n_when++]));
	return OK;
}

static enum err_code make_wait(struct compiler *c, struct event_map *e)
{
	const struct toml *t = look(c, "wait");
	if (!t) return OK;
	const struct toml *from = t->type == TOML_TABLE ? toml_get(t, "from") : NULL,
	                  *to = t->type == TOML_TABLE ? toml_get(t, "to") : NULL;
	if (!from || !to || t->first->next->next)
		return bad(c, t, "mapping.value", "For example wait = { from = \"queued_at\", to = \"served_at\" }.",
		           "wait needs from and to, two time columns");
	TRY(make_field(c, from, VALUE_TIME, &e->wait_from));
	return make_field(c, to, VALUE_TIME, &e->wait_to);
}

static enum err_code make_event(struct compiler *c, const struct toml *block, struct event_map *e)
{
	const struct toml *t;
	*e = (struct event_map){ .at = { block->line, block->column }, .order = c->n_events++ };
	if (c->n_events > WIRE_MAPPED_EVENTS_MAX)
		return bad(c, block, "mapping.value", "Use name_column.", "more than %d events",
		           WIRE_MAPPED_EVENTS_MAX);
	if ((t = look(c, "type"))) {
		bool known = false;
		for (int i = 0; t->type == TOML_STRING && i < WIRE_TYPES; i++)
			if (str_eq(t->text, str_of(wire_type_names[i]))) known = true, e->type = (enum wire_type)i;
		if (!known)
			return bad(c, t, "mapping.value", "Use track, page, screen, identify, group or alias.",
			           "this type of event is not known");
	}
	TRY(make_name(c, e, block));
	for (int i = 0; i < KNOWN_FIELDS; i++)
		if (i != F_NAME && (t = look(c, fields[i].key))) TRY(make_field(c, t, fields[i].type, &e->known[i]));
	for (int i = 0; i < KNOWN_FIELDS; i++)
		if (e->known[i].present && !e->known[i].is_constant)
			e->columns[e->n_columns++] = (struct draft_column){ fields[i].property, label(&e->known[i]) };
	e->known[F_EXPECTED].deadline = true;
	if (!e->known[F_TIME].present)
		return bad(c, block, "mapping.value", "time = \"column\" says when it happened.",
		           "the event has no time");
	if (!e->known[F_CUSTOMER].present && !e->known[F_ANONYMOUS].present)
		return bad(c, block, "mapping.value", "customer = \"column\" says whose event it is.",
		           "the event has no customer");
	TRY(make_when(c, e));
	TRY(make_wait(c, e));
	TRY(property_list(c, "properties", &e->properties, &e->n_properties));
	TRY(property_list(c, "traits", &e->traits, &e->n_traits));
	if ((t = look(c, "stage"))) {
		if (t->type != TOML_STRING) return wrong_type(c, t, "a text");
		e->stage = t->text;
	}
	if ((t = toml_get(block, "order"))) {
		if (t->type != TOML_INT || t->i < 0 || t->i > 100000) return wrong_type(c, t, "a whole number from 0");
		e->order = (int)t->i;
	}
	return OK;
}

/* --- files and joins ------------------------------------------------------------------------------- */

static enum err_code make_file(struct compiler *c, const struct toml *t, struct file_spec *f)
{
	const struct toml *m;
	*f = (struct file_spec){ .at = { t->line, t->column } };
	if ((m = toml_get(t, "file"))) {
		if (m->type != TOML_STRING) return wrong_type(c, m, "a text");
		f->pattern = m->text;
	}
	if ((m = toml_get(t, "sheet"))) {
		if (m->type != TOML_STRING) return wrong_type(c, m, "a text");
		f->options.sheet = m->text;
	}
	if ((m = toml_get(t, "header"))) {
		if (m->type != TOML_BOOL) return wrong_type(c, m, "true or false");
		f->options.no_header = !m->b;
	}
	if ((m = toml_get(t, "skip"))) {
		if (m->type != TOML_INT || m->i < 0 || m->i > 1000000) return wrong_type(c, m, "a whole number from 0");
		f->options.skip = m->i;
	}
	if ((m = toml_get(t, "delimiter"))) {
		if (m->type != TOML_STRING || m->text.len != 1 || strchr("\"\n\r", m->text.ptr[0]))
			return bad(c, m, "mapping.value", "Leave it out to have it found.",
			           "delimiter must be one character such as \";\" or \"\\t\"");
		f->options.delimiter = m->text.ptr[0];
	}
	return OK;
}

static enum err_code make_join(struct compiler *c, const struct toml *t, struct join_map *j)
{
	const struct toml *m;
	if (t->type != TOML_TABLE) return wrong_type(c, t, "a table");
	TRY(check_keys(c, t, IN_JOIN));
	*j = (struct join_map){ .name = t->key, .at = { t->line, t->column } };
	TRY(make_file(c, t, &j->file));
	if (j->file.pattern.len == 0)
		return bad(c, t, "mapping.join", "file = \"customers.csv\"", "the join says no file");
	if (!(m = toml_get(t, "key")))
		return bad(c, t, "mapping.join", "key = \"customer_id\"", "the join says no key");
	TRY(text_list(c, m, &j->key, &j->n_key));
	struct str *on = j->key;
	size_t n_on = j->n_key;
	if ((m = toml_get(t, "on"))) TRY(text_list(c, m, &on, &n_on));
	if (n_on != j->n_key || n_on == 0)
		return bad(c, t, "mapping.join", "Each key column has its column in `on`.",
		           "key and on name different numbers of columns");
	j->on = ARENA_ARRAY(c->a, struct field, n_on);
	if (!j->on) return err_no_memory(c->err);
	for (size_t i = 0; i < n_on; i++) {
		j->on[i] = (struct field){
			.present = true, .n_refs = 1, .refs = ARENA_NEW(c->a, struct ref), .decimal = '.'
		};
		if (!j->on[i].refs) return err_no_memory(c->err);
		TRY(make_ref(c, m ? m : t, on[i], &j->on[i].refs[0])); /* joins listed before may be named */
	}
	if ((m = toml_get(t, "missing"))) {
		j->keep_missing = m->type == TOML_STRING && str_eq(m->text, STR("keep"));
		if (!j->keep_missing && !(m->type == TOML_STRING && str_eq(m->text, STR("reject"))))
			return bad(c, m, "mapping.value",
			           "keep leaves the joined columns empty, reject refuses the row.",
			           "missing must be \"keep\" or \"reject\"");
	}
	if ((m = toml_get(t, "many"))) {
		static const char *const names[] = { "reject", "first", "last" };
		int hit = -1;
		for (int i = 0; m->type == TOML_STRING && i < 3; i++)
			if (str_eq(m->text, str_of(names[i]))) hit = i;
		if (hit < 0)
			return bad(c, m, "mapping.value", "It says which row stands when a key comes again.",
			           "many must be \"reject\", \"first\" or \"last\"");
		j->many = (unsigned)hit;
	}
	if ((m = toml_get(t, "sum"))) TRY(text_list(c, m, &j->sum, &j->n_sum));
	return set_decimal(c, t, &j->decimal);
}

static enum err_code make_table(struct compiler *c, const struct toml *t, struct table_map *out)
{
	c->table = out;
	*out = (struct table_map){ .at = { t->line, t->column } };
	c->scope_depth = 0;
	c->scope[c->scope_depth++] = t;
	if (t != c->root) c->scope[c->scope_depth++] = c->root;
	TRY(make_file(c, t, &out->file));
	const struct toml *joins = toml_get(t, "join"), *events = toml_get(t, "event");
	if (joins && joins->type != TOML_TABLE) return wrong_type(c, joins, "tables [join.NAME]");
	for (const struct toml *j = joins ? joins->first : NULL; j; j = j->next) {
		if (out->n_joins == WIRE_JOINS_MAX)
			return bad(c, j, "mapping.join", "Join the files before.", "more than %d joins",
			           WIRE_JOINS_MAX);
		TRY(make_join(c, j, &out->joins[out->n_joins]));
		out->n_joins++;
	}
	if (events && events->type != TOML_ARRAY) return wrong_type(c, events, "[[event]] blocks");
	size_t n = events ? 0 : 1;
	for (const struct toml *e = events ? events->first : NULL; e; e = e->next) n++;
	out->events = ARENA_ARRAY(c->a, struct event_map, n);
	if (!out->events) return err_no_memory(c->err);
	if (!events) return make_event(c, t, &out->events[out->n_events++]);
	for (const struct toml *e = events->first; e; e = e->next) {
		if (e->type != TOML_TABLE) return wrong_type(c, events, "[[event]] blocks");
		TRY(check_keys(c, e, IN_EVENT));
		c->scope_depth = 0;
		c->scope[c->scope_depth++] = e;
		c->scope[c->scope_depth++] = t;
		if (t != c->root) c->scope[c->scope_depth++] = c->root;
		TRY(make_event(c, e, &out->events[out->n_events++]));
	}
	return OK;
}

/* --- declarations -------------------------------------------------------------------------------------- */

static enum err_code check_declared(struct compiler *c, const struct toml *at, struct str s, size_t max)
{
	if (s.len > 0 && s.len <= max) return OK;
	return bad(c, at, "mapping.value", "Shorten it.", "a name must have 1 to %zu bytes", max);
}

static enum err_code make_declared(struct compiler *c)
{
	const struct toml *names = toml_get(c->root, "names"), *dimensions = toml_get(c->root, "dimensions");
	struct str *list = NULL;
	size_t n_list = 0, count = 0;
	if (dimensions) TRY(text_list(c, dimensions, &list, &n_list));
	if (names && names->type != TOML_TABLE) return wrong_type(c, names, "tables [names.\"Event\"]");
	for (const struct toml *e = names ? names->first : NULL; e; e = e->next) {
		if (e->type != TOML_TABLE) return wrong_type(c, e, "a table of language = name");
		for (const struct toml *l = e->first; l; l = l->next) count++;
	}
	for (size_t t = 0; t < c->m->n_tables; t++) count += c->m->tables[t].n_events;
	struct wire_declare *d = ARENA_ARRAY(c->a, struct wire_declare, count + n_list);
	if (!d) return err_no_memory(c->err);
	size_t n = 0;
	for (const struct toml *e = names ? names->first : NULL; e; e = e->next) {
		TRY(check_declared(c, e, e->key, WIRE_NAME_BYTES_MAX));
		for (const struct toml *l = e->first; l; l = l->next) {
			if (l->type != TOML_STRING) return wrong_type(c, l, "a text");
			TRY(check_declared(c, l, l->key, 35));
			TRY(check_declared(c, l, l->text, WIRE_NAME_BYTES_MAX));
			d[n++] = (struct wire_declare){
				.what = WIRE_DECLARE_NAME, .event = e->key, .lang = l->key, .text = l->text
			};
		}
	}
	for (size_t i = 0; i < n_list; i++) {
		TRY(check_declared(c, dimensions, list[i], WIRE_NAME_BYTES_MAX));
		d[n++] = (struct wire_declare){ .what = WIRE_DECLARE_DIMENSION, .text = list[i] };
	}
	for (size_t t = 0; t < c->m->n_tables; t++)
		for (size_t i = 0; i < c->m->tables[t].n_events; i++) {
			const struct event_map *e = &c->m->tables[t].events[i];
			if (!e->known[F_NAME].is_constant) continue; /* names from a column have no order */
			if (e->stage.len > WIRE_NAME_BYTES_MAX || e->known[F_NAME].constant.len > WIRE_NAME_BYTES_MAX)
				return bad(c, c->root, "mapping.value", "Shorten it.",
				           "a name must have 1 to %zu bytes", (size_t)WIRE_NAME_BYTES_MAX);
			d[n++] = (struct wire_declare){ .what = WIRE_DECLARE_STEP,
				                        .event = e->known[F_NAME].constant,
				                        .order = e->order,
				                        .stage = e->stage };
		}
	c->m->declared = d;
	c->m->n_declared = n;
	return OK;
}

static enum err_code compile(struct compiler *c)
{
	const struct toml *tables = toml_get(c->root, "table"), *t;
	TRY(check_keys(c, c->root, IN_ROOT));
	if ((t = toml_get(c->root, "source"))) {
		if (t->type != TOML_STRING) return wrong_type(c, t, "a text");
		c->m->source = t->text;
	}
	if (tables && tables->type != TOML_ARRAY) return wrong_type(c, tables, "[[table]] blocks");
	if (tables && (toml_get(c->root, "event") || toml_get(c->root, "join")))
		return bad(c, tables, "mapping.value",
		           "Write [[table.event]] and [table.join.NAME] below each [[table]].",
		           "with [[table]] blocks, events and joins belong to a table");
	size_t n = tables ? 0 : 1;
	for (t = tables ? tables->first : NULL; t; t = t->next) n++;
	if (n > WIRE_TABLES_MAX)
		return bad(c, tables, "mapping.value", "Import in several goes.", "more than %d tables",
		           WIRE_TABLES_MAX);
	c->m->tables = ARENA_ARRAY(c->a, struct table_map, n);
	if (!c->m->tables) return err_no_memory(c->err);
	if (!tables) TRY(make_table(c, c->root, &c->m->tables[c->m->n_tables++]));
	for (t = tables ? tables->first : NULL; t; t = t->next) {
		if (t->type != TOML_TABLE) return wrong_type(c, tables, "[[table]] blocks");
		TRY(check_keys(c, t, IN_TABLE));
		TRY(make_table(c, t, &c->m->tables[c->m->n_tables++]));
	}
	return make_declared(c);
}

enum err_code wire_mapping_read(struct str toml, struct arena *a, struct wire_mapping **out, struct err *err)
{
	struct toml *root;
	struct compiler c = { .a = a, .err = err };
	struct str own = str_copy(a, toml); /* keys and texts point into it */
	if (!own.ptr) return err_no_memory(err);
	TRY(toml_read(own, a, &root, err));
	c.root = root;
	c.m = ARENA_NEW(a, struct wire_mapping);
	if (!c.m) return err_no_memory(err);
	TRY(compile(&c));
	*out = c.m;
	return OK;
}

void wire_mapping_zone(struct wire_mapping *m, struct str zone)
{
	for (size_t i = 0; i < m->n_times; i++)
		if (m->times[i]->zone.len == 0) m->times[i]->zone = zone;
}

struct str wire_mapping_source(const struct wire_mapping *m)
{
	return m->source.ptr ? m->source : STR("");
}
