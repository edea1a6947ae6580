/* TOML to a mapping: every key known, every value of its type, columns not yet looked up. */
#include "wire/compiler.h"

#include "base/checked.h"

/* --- files and joins ------------------------------------------------------------------------------- */

static enum err_code make_file(struct compiler *c, const struct toml *t, struct file_spec *f)
{
	const struct toml *m;
	*f = (struct file_spec){ .at = { t->line, t->column } };
	if ((m = toml_get(t, "file"))) {
		if (m->type != TOML_STRING) return mapping_wrong_type(c, m, "a text");
		f->pattern = m->text;
	}
	if ((m = toml_get(t, "sheet"))) {
		if (m->type != TOML_STRING) return mapping_wrong_type(c, m, "a text");
		f->options.sheet = m->text;
	}
	if ((m = toml_get(t, "header"))) {
		if (m->type != TOML_BOOL) return mapping_wrong_type(c, m, "true or false");
		f->options.no_header = !m->b;
	}
	if ((m = toml_get(t, "skip"))) {
		if (m->type != TOML_INT || m->i < 0 || m->i > 1000000)
			return mapping_wrong_type(c, m, "a whole number from 0");
		f->options.skip = m->i;
	}
	if ((m = toml_get(t, "delimiter"))) {
		if (m->type != TOML_STRING || m->text.len != 1 || strchr("\"\n\r", m->text.ptr[0]))
			return mapping_bad(c, m, "mapping.value", "Leave it out to have it found.",
			                   "delimiter must be one character such as \";\" or \"\\t\"");
		f->options.delimiter = m->text.ptr[0];
	}
	return OK;
}

static enum err_code make_join(struct compiler *c, const struct toml *t, struct join_map *j)
{
	const struct toml *m;
	if (t->type != TOML_TABLE) return mapping_wrong_type(c, t, "a table");
	TRY(mapping_check_keys(c, t, IN_JOIN));
	*j = (struct join_map){ .name = t->key, .at = { t->line, t->column } };
	TRY(make_file(c, t, &j->file));
	if (j->file.pattern.len == 0)
		return mapping_bad(c, t, "mapping.join", "file = \"customers.csv\"", "the join says no file");
	if (!(m = toml_get(t, "key")))
		return mapping_bad(c, t, "mapping.join", "key = \"customer_id\"", "the join says no key");
	TRY(mapping_texts(c, m, &j->key, &j->n_key));
	struct str *on = j->key;
	size_t n_on = j->n_key;
	if ((m = toml_get(t, "on"))) TRY(mapping_texts(c, m, &on, &n_on));
	if (n_on != j->n_key || n_on == 0)
		return mapping_bad(c, t, "mapping.join", "Each key column has its column in `on`.",
		                   "key and on name different numbers of columns");
	j->on = ARENA_ARRAY(c->a, struct field, n_on);
	if (!j->on) return err_no_memory(c->err);
	for (size_t i = 0; i < n_on; i++) {
		j->on[i] = (struct field){
			.present = true, .n_refs = 1, .refs = ARENA_NEW(c->a, struct ref), .decimal = '.'
		};
		if (!j->on[i].refs) return err_no_memory(c->err);
		TRY(mapping_ref(c, m ? m : t, on[i], &j->on[i].refs[0])); /* joins listed before may be named */
	}
	if ((m = toml_get(t, "missing"))) {
		j->keep_missing = m->type == TOML_STRING && str_eq(m->text, STR("keep"));
		if (!j->keep_missing && !(m->type == TOML_STRING && str_eq(m->text, STR("reject"))))
			return mapping_bad(c, m, "mapping.value",
			                   "keep leaves the joined columns empty, reject refuses the row.",
			                   "missing must be \"keep\" or \"reject\"");
	}
	if ((m = toml_get(t, "many"))) {
		static const char *const names[] = { "reject", "first", "last" };
		int hit = -1;
		for (int i = 0; m->type == TOML_STRING && i < 3; i++)
			if (str_eq(m->text, str_of(names[i]))) hit = i;
		if (hit < 0)
			return mapping_bad(c, m, "mapping.value", "It says which row stands when a key comes again.",
			                   "many must be \"reject\", \"first\" or \"last\"");
		j->many = (unsigned)hit;
	}
	if ((m = toml_get(t, "sum"))) TRY(mapping_texts(c, m, &j->sum, &j->n_sum));
	return mapping_decimal(c, t, &j->decimal);
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
	if (joins && joins->type != TOML_TABLE) return mapping_wrong_type(c, joins, "tables [join.NAME]");
	for (const struct toml *j = joins ? joins->first : NULL; j; j = j->next) {
		if (out->n_joins == WIRE_JOINS_MAX)
			return mapping_bad(c, j, "mapping.join", "Join the files before.", "more than %d joins",
			                   WIRE_JOINS_MAX);
		TRY(make_join(c, j, &out->joins[out->n_joins]));
		out->n_joins++;
	}
	if (events && events->type != TOML_ARRAY) return mapping_wrong_type(c, events, "[[event]] blocks");
	size_t n = events ? 0 : 1;
	for (const struct toml *e = events ? events->first : NULL; e; e = e->next) n++;
	out->events = ARENA_ARRAY(c->a, struct event_map, n);
	if (!out->events) return err_no_memory(c->err);
	if (!events) return mapping_event(c, t, &out->events[out->n_events++]);
	for (const struct toml *e = events->first; e; e = e->next) {
		if (e->type != TOML_TABLE) return mapping_wrong_type(c, events, "[[event]] blocks");
		TRY(mapping_check_keys(c, e, IN_EVENT));
		c->scope_depth = 0;
		c->scope[c->scope_depth++] = e;
		c->scope[c->scope_depth++] = t;
		if (t != c->root) c->scope[c->scope_depth++] = c->root;
		TRY(mapping_event(c, e, &out->events[out->n_events++]));
	}
	return OK;
}

/* --- declarations -------------------------------------------------------------------------------------- */

static enum err_code check_declared(struct compiler *c, const struct toml *at, struct str s, size_t max)
{
	if (s.len > 0 && s.len <= max) return OK;
	return mapping_bad(c, at, "mapping.value", "Shorten it.", "a name must have 1 to %zu bytes", max);
}

static enum err_code make_declared(struct compiler *c)
{
	const struct toml *names = toml_get(c->root, "names"), *dimensions = toml_get(c->root, "dimensions");
	struct str *list = NULL;
	size_t n_list = 0, count = 0;
	if (dimensions) TRY(mapping_texts(c, dimensions, &list, &n_list));
	if (names && names->type != TOML_TABLE) return mapping_wrong_type(c, names, "tables [names.\"Event\"]");
	for (const struct toml *e = names ? names->first : NULL; e; e = e->next) {
		if (e->type != TOML_TABLE) return mapping_wrong_type(c, e, "a table of language = name");
		for (const struct toml *l = e->first; l; l = l->next) count++;
	}
	for (size_t t = 0; t < c->m->n_tables; t++) count += c->m->tables[t].n_events;
	struct wire_declare *d = ARENA_ARRAY(c->a, struct wire_declare, count + n_list);
	if (!d) return err_no_memory(c->err);
	size_t n = 0;
	for (const struct toml *e = names ? names->first : NULL; e; e = e->next) {
		TRY(check_declared(c, e, e->key, WIRE_NAME_BYTES_MAX));
		for (const struct toml *l = e->first; l; l = l->next) {
			if (l->type != TOML_STRING) return mapping_wrong_type(c, l, "a text");
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
				return mapping_bad(c, c->root, "mapping.value", "Shorten it.",
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
	TRY(mapping_check_keys(c, c->root, IN_ROOT));
	if ((t = toml_get(c->root, "source"))) {
		if (t->type != TOML_STRING) return mapping_wrong_type(c, t, "a text");
		c->m->source = t->text;
	}
	if (tables && tables->type != TOML_ARRAY) return mapping_wrong_type(c, tables, "[[table]] blocks");
	if (tables && (toml_get(c->root, "event") || toml_get(c->root, "join")))
		return mapping_bad(c, tables, "mapping.value",
		                   "Write [[table.event]] and [table.join.NAME] below each [[table]].",
		                   "with [[table]] blocks, events and joins belong to a table");
	size_t n = tables ? 0 : 1;
	for (t = tables ? tables->first : NULL; t; t = t->next) n++;
	if (n > WIRE_TABLES_MAX)
		return mapping_bad(c, tables, "mapping.value", "Import in several goes.", "more than %d tables",
		                   WIRE_TABLES_MAX);
	c->m->tables = ARENA_ARRAY(c->a, struct table_map, n);
	if (!c->m->tables) return err_no_memory(c->err);
	if (!tables) TRY(make_table(c, c->root, &c->m->tables[c->m->n_tables++]));
	for (t = tables ? tables->first : NULL; t; t = t->next) {
		if (t->type != TOML_TABLE) return mapping_wrong_type(c, tables, "[[table]] blocks");
		TRY(mapping_check_keys(c, t, IN_TABLE));
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

/* --- webhooks --------------------------------------------------------------------------------------- */

static enum err_code text_key(struct compiler *c, const struct toml *t, const char *key, struct str *out)
{
	const struct toml *m = toml_get(t, key);
	if (!m) return OK;
	if (m->type != TOML_STRING || !m->text.len) return mapping_wrong_type(c, m, "a text");
	*out = m->text;
	return OK;
}

static enum err_code one_of(struct compiler *c, const struct toml *t, const char *key, const char *first,
                            const char *second, bool *is_second)
{
	struct str said = STR("");
	TRY(text_key(c, t, key, &said));
	*is_second = str_eq(said, str_of(second));
	if (!said.len || *is_second || str_eq(said, str_of(first))) return OK;
	const struct toml *m = toml_get(t, key);
	return mapping_bad(c, m, "mapping.value", "Leave the line out for the first of the two.",
	                   "%s must be \"%s\" or \"%s\"", key, first, second);
}

/* The name of a header, in lower case, as requests have them here. */
static enum err_code header_key(struct compiler *c, const struct toml *t, const char *key, struct str *out)
{
	struct str said = { 0 };
	TRY(text_key(c, t, key, &said));
	if (!said.len) return OK;
	char *p = arena_alloc(c->a, said.len + 1);
	if (!p) return err_no_memory(c->err);
	for (size_t i = 0; i < said.len; i++)
		p[i] = said.ptr[i] >= 'A' && said.ptr[i] <= 'Z' ? (char)(said.ptr[i] + 32) : said.ptr[i];
	*out = (struct str){ p, said.len };
	return OK;
}

static enum err_code make_signature(struct compiler *c)
{
	const struct toml *t = toml_get(c->root, "signature");
	struct wire_hook_sign *s = &c->m->sign;
	*s = (struct wire_hook_sign){
		.header = STR("x-hub-signature-256"), .time = STR(""), .prefix = STR("sha256="), .joint = STR(".")
	};
	if (!t) return OK;
	if (t->type != TOML_TABLE) return mapping_wrong_type(c, t, "a table [signature]");
	TRY(mapping_check_keys(c, t, IN_SIGNATURE));
	s->prefix = STR("");
	TRY(header_key(c, t, "header", &s->header));
	TRY(header_key(c, t, "time", &s->time));
	TRY(text_key(c, t, "prefix", &s->prefix));
	TRY(text_key(c, t, "joint", &s->joint));
	TRY(one_of(c, t, "algorithm", "sha256", "sha1", &s->sha1));
	return one_of(c, t, "encoding", "hex", "base64", &s->base64);
}

enum err_code wire_hook_mapping_read(struct str toml, struct arena *a, struct wire_mapping **out, struct err *err)
{
	struct toml *root;
	struct compiler c = { .a = a, .err = err, .hook = true };
	if (toml.len > WIRE_HOOK_MAPPING_BYTES_MAX)
		return err_limit(err, "mapping.size", "mapping", (int64_t)toml.len,
		                 (int64_t)WIRE_HOOK_MAPPING_BYTES_MAX, "the mapping is longer than it may be");
	struct str own = str_copy(a, toml);
	if (!own.ptr) return err_no_memory(err);
	TRY(toml_read(own, a, &root, err));
	c.root = root;
	c.m = ARENA_NEW(a, struct wire_mapping);
	if (!c.m) return err_no_memory(err);
	TRY(mapping_check_keys(&c, root, IN_HOOK));
	c.m->each = c.m->keep = STR("");
	TRY(text_key(&c, root, "each", &c.m->each));
	TRY(text_key(&c, root, "keep", &c.m->keep));
	TRY(make_signature(&c));
	c.m->tables = ARENA_NEW(a, struct table_map);
	if (!c.m->tables) return err_no_memory(err);
	TRY(make_table(&c, root, &c.m->tables[c.m->n_tables++]));
	*out = c.m;
	return OK;
}

const struct wire_hook_sign *wire_mapping_sign(const struct wire_mapping *m)
{
	return &m->sign;
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
