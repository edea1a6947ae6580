/* Events of a mapping: their times, fields and names. */
#include "wire/compiler.h"

#include "base/checked.h"

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

/* --- times -------------------------------------------------------------------------------- */

static enum err_code check_formats(struct compiler *c, const struct toml *t, struct value_times *v)
{
	struct str *formats;
	TRY(mapping_texts(c, t, &formats, &v->n_formats));
	if (v->n_formats > VALUE_FORMATS_MAX)
		return mapping_bad(c, t, "mapping.value", "Keep those that occur.", "more than %d time formats",
		                   VALUE_FORMATS_MAX);
	for (size_t i = 0; i < v->n_formats; i++) {
		struct str f = formats[i], shown = wire_show(f, 40);
		v->formats[i] = f;
		if (str_find(f, '%') == f.len && !str_eq(f, STR("iso")) && !str_eq(f, STR("epoch_s")) &&
		    !str_eq(f, STR("epoch_ms")) && !str_eq(f, STR("excel")))
			return mapping_bad(c, t, "mapping.value",
			                   "Use iso, epoch_s, epoch_ms, excel or a pattern such as %d/%m/%Y %H:%M.",
			                   "'" STR_FMT "' is not a time format", STR_ARG(shown));
		size_t at = value_pattern_check(f);
		if (at < f.len) {
			struct str d = wire_show(str_cut(f, at, at + 2), 4);
			return mapping_bad(c, t, "mapping.value",
			                   "Known are %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %s %a %F %T %R.",
			                   "'" STR_FMT "' in the time format is not known", STR_ARG(d));
		}
	}
	return OK;
}

/* Equal ones are one: zones and calendars are not cheap. */
static enum err_code add_times(struct compiler *c, struct value_times *v, struct field *f)
{
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

static enum err_code set_times(struct compiler *c, const struct toml *own, struct field *f)
{
	struct value_times *v = ARENA_NEW(c->a, struct value_times);
	if (!v) return err_no_memory(c->err);
	const struct toml *zone = own ? toml_get(own, "zone") : NULL,
	                  *calendar = own ? toml_get(own, "calendar") : NULL;
	const struct toml *format = own ? toml_get(own, "format") : NULL;
	if (!zone) zone = mapping_look(c, "zone");
	if (!calendar) calendar = mapping_look(c, "calendar");
	if (!format) format = mapping_look(c, "time_format");
	if (format) TRY(check_formats(c, format, v));
	if (zone) {
		struct zone *z;
		if (zone->type != TOML_STRING) return mapping_wrong_type(c, zone, "a text");
		v->zone = zone->text;
		enum err_code rc = zone_open(v->zone, &z, c->err);
		if (rc != OK) return err_context(c->err, "mapping, line %d", zone->line), rc;
		zone_close(z);
	}
	if (calendar) {
		if (calendar->type != TOML_STRING ||
		    (!str_eq(calendar->text, STR("gregorian")) && !str_eq(calendar->text, STR("persian"))))
			return mapping_bad(c, calendar, "mapping.value", "Use gregorian or persian.",
			                   "this calendar is not known");
		v->persian = str_eq(calendar->text, STR("persian"));
	}
	return add_times(c, v, f);
}

/* --- fields ---------------------------------------------------------------------------------- */

enum err_code mapping_decimal(struct compiler *c, const struct toml *own, char *out)
{
	const struct toml *d = own ? toml_get(own, "decimal") : NULL;
	if (!d) d = mapping_look(c, "decimal");
	*out = '.';
	if (!d) return OK;
	if (d->type != TOML_STRING || (!str_eq(d->text, STR(".")) && !str_eq(d->text, STR(","))))
		return mapping_bad(c, d, "mapping.value", "Digits and group marks are found by themselves.",
		                   "decimal must be \".\" or \",\"");
	*out = d->text.ptr[0];
	return OK;
}

static enum err_code set_map(struct compiler *c, const struct toml *t, struct field *f)
{
	size_t n = 0;
	if (t->type != TOML_TABLE) return mapping_wrong_type(c, t, "a table of from = to");
	for (const struct toml *m = t->first; m; m = m->next) n++;
	f->map_from = ARENA_ARRAY(c->a, struct str, n);
	f->map_to = ARENA_ARRAY(c->a, struct str, n);
	if (!f->map_from || !f->map_to) return err_no_memory(c->err);
	for (const struct toml *m = t->first; m; m = m->next, f->n_map++) {
		f->map_from[f->n_map] = m->key;
		TRY(mapping_scalar(c, m, &f->map_to[f->n_map]));
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
	return mapping_bad(c, t, "mapping.value", "Use text, number, bool or time.", "this type is not known");
}

static enum err_code set_alternatives(struct compiler *c, const struct toml *t, struct str **out, size_t *n)
{
	if (t->type == TOML_ARRAY) return mapping_texts(c, t, out, n);
	*out = ARENA_NEW(c->a, struct str);
	if (!*out) return err_no_memory(c->err);
	*n = 1;
	return mapping_scalar(c, t, *out);
}

/* { column | columns | template | value, default, map, equals, not, format, zone, calendar, decimal, type } */
static enum err_code set_table_field(struct compiler *c, const struct toml *t, struct field *f)
{
	TRY(mapping_check_keys(c, t, IN_FIELD));
	const struct toml *column = toml_get(t, "column"), *columns = toml_get(t, "columns"),
	                  *template = toml_get(t, "template"), *value = toml_get(t, "value"), *m;
	if (!!column + !!columns + !!template + !!value != 1)
		return mapping_bad(c, t, "mapping.value", "For example { column = \"rating\" } or { value = \"web\" }.",
		                   "exactly one of column, columns, template and value must stand here");
	if (value) {
		f->is_constant = true;
		TRY(mapping_scalar(c, value, &f->constant));
	} else if (template) TRY(mapping_template(c, template, f));
	else TRY(mapping_refs(c, column ? column : columns, f));
	if ((m = toml_get(t, "type"))) TRY(set_type(c, m, f));
	if ((m = toml_get(t, "map"))) TRY(set_map(c, m, f));
	if ((m = toml_get(t, "map_only"))) {
		if (m->type != TOML_BOOL) return mapping_wrong_type(c, m, "true or false");
		f->map_only = m->b;
	}
	if ((m = toml_get(t, "default"))) {
		f->has_fallback = true;
		TRY(mapping_scalar(c, m, &f->fallback));
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
	else if (t->type == TOML_STRING || t->type == TOML_ARRAY) TRY(mapping_refs(c, t, f));
	else {
		f->is_constant = true;
		TRY(mapping_scalar(c, t, &f->constant));
	}
	TRY(mapping_decimal(c, own, &f->decimal));
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
		return mapping_bad(c, t, "mapping.value",
		                   "Standard properties are checked; give it another name to keep it as it is.",
		                   "'" STR_FMT "' has a meaning of its own: write " STR_FMT " = \"column\"", STR_ARG(n),
		                   STR_ARG(n));
	}
	if (t->type == TOML_STRING && t->key.len == 0) {
		/* An element of a list: the column's own name, without the join in front. */
		struct ref r;
		TRY(mapping_ref(c, t, t->text, &r));
		*f = (struct field){ .present = true,
			             .name = c->hook ? hook_path_name(r.column) : r.column,
			             .n_refs = 1,
			             .refs = ARENA_NEW(c->a, struct ref),
			             .decimal = '.' };
		if (!f->refs) return err_no_memory(c->err);
		f->refs[0] = r;
		return !traits && standard_name(f->name) ? one_property(c, t, f->name, false, f) : OK;
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
			return mapping_wrong_type(c, t, "a list of columns or a table of name = column");
		for (const struct toml *m = t ? t->first : NULL; m; m = m->next) count++;
	}
	*n = 0;
	*out = ARENA_ARRAY(c->a, struct field, count);
	if (!*out) return err_no_memory(c->err);
	for (int i = c->scope_depth - 1; i >= 0; i--) {
		const struct toml *t = toml_get(c->scope[i], key);
		for (const struct toml *m = t ? t->first : NULL; m; m = m->next) {
			if (t->type == TOML_ARRAY && m->type != TOML_STRING)
				return mapping_wrong_type(c, t, "a list of columns or a table of name = column");
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
		return mapping_bad(c, name, "mapping.value", "Keep one of them.",
		                   "name and name_column exclude each other");
	struct field *f = &e->known[F_NAME];
	if (column) return make_field(c, column, VALUE_TEXT, f);
	if (name && name->type != TOML_STRING) return mapping_wrong_type(c, name, "a text");
	if (!name && e->type != WIRE_IDENTIFY && e->type != WIRE_GROUP && e->type != WIRE_ALIAS)
		return mapping_bad(
		        c, block, "mapping.value",
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
	const struct toml *t = mapping_look(c, "when");
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
	const struct toml *t = mapping_look(c, "wait");
	if (!t) return OK;
	const struct toml *from = t->type == TOML_TABLE ? toml_get(t, "from") : NULL,
	                  *to = t->type == TOML_TABLE ? toml_get(t, "to") : NULL;
	if (!from || !to || t->first->next->next)
		return mapping_bad(c, t, "mapping.value",
		                   "For example wait = { from = \"queued_at\", to = \"served_at\" }.",
		                   "wait needs from and to, two time columns");
	TRY(make_field(c, from, VALUE_TIME, &e->wait_from));
	return make_field(c, to, VALUE_TIME, &e->wait_to);
}

/* A webhook that says no time tells of what happens now. */
static enum err_code time_of_receipt(struct compiler *c, struct event_map *e)
{
	struct field *f = &e->known[F_TIME];
	struct value_times *v = ARENA_NEW(c->a, struct value_times);
	struct ref *r = ARENA_NEW(c->a, struct ref);
	if (!v || !r) return err_no_memory(c->err);
	*r = (struct ref){ .join = -1, .column = STR(WIRE_RECEIVED_COLUMN) };
	*f = (struct field){
		.present = true, .type = VALUE_TIME, .name = STR("time"), .refs = r, .n_refs = 1, .decimal = '.'
	};
	v->formats[v->n_formats++] = STR("epoch_ms");
	return add_times(c, v, f);
}

enum err_code mapping_event(struct compiler *c, const struct toml *block, struct event_map *e)
{
	const struct toml *t;
	*e = (struct event_map){ .at = { block->line, block->column }, .order = c->n_events++ };
	if (c->n_events > WIRE_MAPPED_EVENTS_MAX)
		return mapping_bad(c, block, "mapping.value", "Use name_column.", "more than %d events",
		                   WIRE_MAPPED_EVENTS_MAX);
	if ((t = mapping_look(c, "type"))) {
		bool known = false;
		for (int i = 0; t->type == TOML_STRING && i < WIRE_TYPES; i++)
			if (str_eq(t->text, str_of(wire_type_names[i]))) known = true, e->type = (enum wire_type)i;
		if (!known)
			return mapping_bad(c, t, "mapping.value", "Use track, page, screen, identify, group or alias.",
			                   "this type of event is not known");
	}
	TRY(make_name(c, e, block));
	for (int i = 0; i < KNOWN_FIELDS; i++)
		if (i != F_NAME && (t = mapping_look(c, fields[i].key)))
			TRY(make_field(c, t, fields[i].type, &e->known[i]));
	for (int i = 0; i < KNOWN_FIELDS; i++)
		if (e->known[i].present && !e->known[i].is_constant)
			e->columns[e->n_columns++] = (struct draft_column){ fields[i].property, label(&e->known[i]) };
	e->known[F_EXPECTED].deadline = true;
	if (c->hook && !e->known[F_TIME].present) TRY(time_of_receipt(c, e));
	if (!e->known[F_TIME].present)
		return mapping_bad(c, block, "mapping.value", "time = \"column\" says when it happened.",
		                   "the event has no time");
	if (!e->known[F_CUSTOMER].present && !e->known[F_ANONYMOUS].present)
		return mapping_bad(c, block, "mapping.value", "customer = \"column\" says whose event it is.",
		                   "the event has no customer");
	TRY(make_when(c, e));
	TRY(make_wait(c, e));
	TRY(property_list(c, "properties", &e->properties, &e->n_properties));
	TRY(property_list(c, "traits", &e->traits, &e->n_traits));
	if ((t = mapping_look(c, "stage"))) {
		if (t->type != TOML_STRING) return mapping_wrong_type(c, t, "a text");
		e->stage = t->text;
	}
	if ((t = toml_get(block, "order"))) {
		if (t->type != TOML_INT || t->i < 0 || t->i > 100000)
			return mapping_wrong_type(c, t, "a whole number from 0");
		e->order = (int)t->i;
	}
	return OK;
}
