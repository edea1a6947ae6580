/*
 * Webhooks of any system, under a mapping whose columns are paths into the
 * body. Each path is looked up once an item, so that what follows is a row of
 * a table like any other (row.c): the same conditions, formats and messages.
 */
#include "wire/hook.h"

#include "base/checked.h"
#include "wire/row.h"

enum { NAMES_TOLD = 200 };

struct hooking {
	const struct wire_live *in;
	struct arena *a;
	struct wire_mapping *m;
	const struct json_node *top, *item;
	struct str *cells;
	size_t n_cells;
	struct str received;
	struct gate gate;
	struct buf properties, traits;
};

/* --- the columns of a mapping ----------------------------------------------------------------- */

typedef enum err_code (*ref_visit)(struct hooking *h, struct ref *r, struct err *err);

static enum err_code visit_list(struct hooking *h, struct field *f, size_t n, ref_visit visit, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < f[i].n_refs; k++) TRY(visit(h, &f[i].refs[k], err));
		for (size_t k = 0; k < f[i].n_pieces; k++)
			if (f[i].pieces[k].has_ref) TRY(visit(h, &f[i].pieces[k].ref, err));
	}
	return OK;
}

static enum err_code visit_refs(struct hooking *h, ref_visit visit, struct err *err)
{
	struct table_map *t = &h->m->tables[0];
	for (size_t i = 0; i < t->n_events; i++) {
		struct event_map *e = &t->events[i];
		TRY(visit_list(h, e->known, KNOWN_FIELDS, visit, err));
		TRY(visit_list(h, &e->wait_from, 1, visit, err));
		TRY(visit_list(h, &e->wait_to, 1, visit, err));
		TRY(visit_list(h, e->when, e->n_when, visit, err));
		TRY(visit_list(h, e->properties, e->n_properties, visit, err));
		TRY(visit_list(h, e->traits, e->n_traits, visit, err));
	}
	return OK;
}

static enum err_code number_ref(struct hooking *h, struct ref *r, struct err *err)
{
	r->index = h->n_cells++;
	return OK;
}

/* What was said outside the body: "@received", "@header.NAME", "@query.NAME". */
static struct str outside(const struct hooking *h, struct str path)
{
	static const struct str header = STR("@header."), query = STR("@query.");
	const bool of_query = str_starts(path, query);
	if (str_eq(path, STR(WIRE_RECEIVED_COLUMN))) return h->received;
	if (!of_query && !str_starts(path, header)) return STR("");
	const struct str name = str_cut(path, of_query ? query.len : header.len, path.len);
	const struct str_pair *pairs = of_query ? h->in->query : h->in->headers;
	const size_t n = of_query ? h->in->n_query : h->in->n_headers;
	for (size_t i = 0; i < n; i++)
		if (of_query ? str_eq(pairs[i].key, name) : str_eq_ascii_nocase(pairs[i].key, name))
			return pairs[i].value;
	return STR("");
}

/* A single value as text; a list or an object is its JSON. */
static enum err_code fill_ref(struct hooking *h, struct ref *r, struct err *err)
{
	struct str *cell = &h->cells[r->index];
	*cell = STR("");
	if (r->column.ptr[0] == '@') {
		*cell = outside(h, r->column);
		return OK;
	}
	const struct json_node *at = hook_at(h->top, h->item, r->column);
	if (!at || at->type == JT_NULL) return OK;
	if (at->type == JT_STRING) return json_node_text(at, h->a, cell) ? OK : err_no_memory(err);
	*cell = at->raw;
	return OK;
}

/* --- what is wrong, by its path ------------------------------------------------------------------ */

/* Names of everything that has one value, for "did you mean". */
static void tell_names(const struct json_node *at, struct str path, struct arena *a, struct str *names, size_t *n)
{
	if (at->type != JT_OBJECT) {
		if (*n < NAMES_TOLD && path.len && at->type != JT_ARRAY) names[(*n)++] = path;
		return;
	}
	for (const struct json_node *m = at->first; m && *n < NAMES_TOLD; m = m->next) {
		const struct str inner = hook_path_add(a, path, m->key);
		if (inner.ptr) tell_names(m, inner, a, names, n);
	}
}

static enum err_code nothing_at(struct hooking *h, struct str path, const char *what, struct err *why)
{
	char field[64];
	struct str names[NAMES_TOLD], f = wire_show(path, 63), shown = wire_show(path, 60);
	size_t n = 0;
	tell_names(h->item, STR(""), h->a, names, &n);
	const struct str near = mapping_nearest(path, names, n);
	snprintf(field, sizeof field, STR_FMT, STR_ARG(f));
	err_set(why, ERR_INPUT, "hook.path", field, "there is nothing at '" STR_FMT "', which says %s", STR_ARG(shown),
	        what);
	if (near.ptr)
		err_hint(why, "Did you mean '" STR_FMT "'? Try the mapping on this body, on the page of the source.",
		         STR_ARG(wire_show(near, 80)));
	else err_hint(why, "Try the mapping on this body, on the page of the source.");
	return ERR_INPUT;
}

/* Of the paths of a field the first that says something counts: it has to be a single value. */
static enum err_code check_field(struct hooking *h, const struct field *f, const char *needed, struct err *why)
{
	char field[64];
	for (size_t i = 0; i < f->n_refs; i++) {
		const struct str path = f->refs[i].column, shown = wire_show(path, 60);
		if (path.ptr[0] == '@') return OK;
		const struct json_node *at = hook_at(h->top, h->item, path);
		if (!at || at->type == JT_NULL) continue;
		if (at->type != JT_OBJECT && at->type != JT_ARRAY) return OK;
		snprintf(field, sizeof field, STR_FMT, STR_ARG(wire_show(path, 63)));
		err_set(why, ERR_INPUT, "hook.value", field, "'" STR_FMT "' holds %s, '" STR_FMT "', not one value",
		        STR_ARG(shown), at->type == JT_OBJECT ? "an object" : "a list",
		        STR_ARG(wire_show(at->raw, 60)));
		err_hint(why,
		         at->type == JT_OBJECT ? "Name one of its members: '" STR_FMT ".id'."
		                               : "Name one of its elements: '" STR_FMT "[0]'.",
		         STR_ARG(shown));
		return ERR_INPUT;
	}
	return needed && f->n_refs && !f->has_fallback ? nothing_at(h, f->refs[0].column, needed, why) : OK;
}

static enum err_code check_event(struct hooking *h, const struct event_map *e, struct err *why)
{
	/* Without one of these there is no event; whether it is one at all may depend on a condition. */
	const bool always = e->n_when == 0;
	const bool two = e->known[F_CUSTOMER].present && e->known[F_ANONYMOUS].present;
	for (int i = 0; i < KNOWN_FIELDS; i++) {
		const char *needed = i == F_NAME                ? "what happened"
		                     : i == F_TIME              ? "when it happened"
		                     : i == F_CUSTOMER && !two  ? "whose event it is"
		                     : i == F_ANONYMOUS && !two ? "whose event it is"
		                                                : NULL;
		if (e->known[i].present) TRY(check_field(h, &e->known[i], always ? needed : NULL, why));
	}
	return OK;
}

/* --- items ----------------------------------------------------------------------------------------- */

static bool has_meaning(struct str name)
{
	for (int i = F_CHANNEL; i < KNOWN_FIELDS; i++)
		if (str_eq(name, str_of(known_field_property[i]))) return true;
	return false;
}

/* What nobody named. A member that is called like a standard property is none, unless the mapping says so. */
static enum err_code keep_members(struct hooking *h, const struct json_node *object, struct row_cells *row,
                                  struct err *err)
{
	struct buf text[2];
	struct json_out o[2];
	for (int i = 0; i < 2; i++) {
		buf_init(&text[i], object->raw.len * 6 + 16);
		json_out_init(&o[i], &text[i]);
	}
	buf_byte(&text[1], '{');
	for (const struct json_node *m = object->first; m; m = m->next) {
		struct json_out *to = &o[has_meaning(m->key)];
		json_key_str(to, m->key);
		json_put_raw(to, m->raw);
		to->comma = true;
	}
	if (text[1].len > 1) buf_byte(&text[1], '}');
	else buf_clear(&text[1]);
	row->kept = str_copy(h->a, buf_view(&text[0]));
	row->more = str_copy(h->a, buf_view(&text[1]));
	const bool full = text[0].full || text[1].full || !row->kept.ptr || !row->more.ptr;
	buf_done(&text[0]);
	buf_done(&text[1]);
	return full ? err_no_memory(err) : OK;
}

static enum err_code take_item(struct hooking *h, const struct json_node *item, int64_t index, struct err *err)
{
	const struct table_map *t = &h->m->tables[0];
	struct err why = { 0 };
	h->item = item;
	for (size_t i = 0; i < t->n_events; i++) {
		const enum err_code rc = check_event(h, &t->events[i], &why);
		if (rc != OK) return gate_refuse(&h->gate, index, item->raw, &why, err);
	}
	TRY(visit_refs(h, fill_ref, err));
	struct row_cells row = { .cells = { h->cells }, .line = index, .raw = item->raw, .kept = STR("") };
	const struct json_node *kept = h->m->keep.len ? hook_at(h->top, item, h->m->keep) : NULL;
	if (kept && kept->type == JT_OBJECT) TRY(keep_members(h, kept, &row, err));
	return row_events(t, &row, &h->gate, &h->properties, &h->traits, err);
}

static enum err_code take_items(struct hooking *h, struct err *err)
{
	struct err why = { 0 };
	if (!h->m->each.len) return take_item(h, h->top, 0, err);
	const struct json_node *list = hook_at(h->top, h->top, h->m->each);
	h->item = h->top;
	if (!list || list->type == JT_NULL) {
		(void)nothing_at(h, h->m->each, "where the list of events is (each)", &why);
		return gate_refuse(&h->gate, 0, h->top->raw, &why, err);
	}
	if (list->type != JT_ARRAY) return take_item(h, list, 0, err);
	if (list->n > WIRE_HOOK_ITEMS_MAX)
		return err_limit(err, "hook.items", "each", (int64_t)list->n, (int64_t)WIRE_HOOK_ITEMS_MAX,
		                 "the list holds %u events, at most %zu go in one request", list->n,
		                 WIRE_HOOK_ITEMS_MAX);
	int64_t index = 0;
	for (const struct json_node *item = list->first; item; item = item->next) TRY(take_item(h, item, index++, err));
	return OK;
}

static enum err_code with_times(struct hooking *h, struct err *err)
{
	for (size_t i = 0; i < h->m->n_times; i++) TRY(value_times_open(h->m->times[i], err));
	return take_items(h, err);
}

enum err_code hook_custom(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                          struct err *err)
{
	struct hooking h = { .in = in, .a = scratch };
	struct json_node *top;
	if (!in->mapping.len) {
		(void)err_set(err, ERR_INPUT, "hook.mapping", "mapping",
		              "the source does not know yet what such a webhook means");
		err_hint(err, "Open the source on the page Sources, paste a sample and point at who, what and when.");
		return ERR_INPUT;
	}
	TRY(wire_hook_mapping_read(in->mapping, scratch, &h.m, err));
	TRY(json_tree(in->body, scratch, &top, err));
	h.top = top;
	TRY(visit_refs(&h, number_ref, err));
	h.cells = ARENA_ARRAY(scratch, struct str, h.n_cells + 1);
	h.received = str_format(scratch, "%lld", (long long)in->received_ms);
	if (!h.cells || !h.received.ptr) return err_no_memory(err);
	gate_init(&h.gate, sink, scratch, in->received_ms, WIRE_LIVE_AHEAD_MS);
	buf_init(&h.properties, 4 * WIRE_ROW_BYTES_MAX);
	buf_init(&h.traits, 4 * WIRE_ROW_BYTES_MAX);
	const enum err_code rc = with_times(&h, err);
	for (size_t i = 0; i < h.m->n_times; i++) value_times_close(h.m->times[i]);
	buf_done(&h.properties);
	buf_done(&h.traits);
	gate_done(&h.gate);
	return rc;
}
