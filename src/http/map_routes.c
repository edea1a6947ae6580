/* Maps: documents, what was measured, the drawing, its people and its words. */
#include <fcntl.h>
#include <sys/mman.h>

#include "http/priv.h"

/* --- documents ------------------------------------------------------------------------------- */

HANDLER(get_templates)
{
	struct str json;
	struct json_out o;
	TRY(maps_templates(c->arena, &json, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "templates");
	json_put_raw(&o, json);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_maps)
{
	struct maps *maps;
	struct maps_info *m;
	size_t n;
	struct json_out o;
	TRY(need_maps(c, &maps, err));
	TRY(maps_list(maps, c->arena, &m, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "maps");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "key", m[i].key);
		json_key(&o, "name");
		json_put_raw(&o, m[i].name);
		json_kv_i64(&o, "version", m[i].version);
		json_kv_i64(&o, "changed_ms", m[i].changed_ms);
		json_kv_i64(&o, "touchpoints", (int64_t)m[i].n_touchpoints);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static enum err_code need_document(struct http_call *c, struct str *out, struct err *err)
{
	if (!json_get(c->body, STR("document"), out) || out->ptr[0] != '{')
		return err_set(err, ERR_INPUT, "http.missing", "document", "\"document\" is missing or no object");
	return OK;
}

static enum err_code save(struct http_call *c, struct str document, int base, struct err *err)
{
	struct maps *maps;
	struct str key;
	int version;
	struct json_out o;
	TRY(need_maps(c, &maps, err));
	TRY(maps_save(maps, document, base, c->local ? STR("local") : c->session.user.login, call_now(c), c->arena,
	              &key, &version, err));
	atomic_fetch_add(&c->h->map_generation, 1); /* what was measured of older versions names the newest one */
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "key", key);
	json_kv_i64(&o, "version", version);
	json_close(&o, '}');
	return OK;
}

HANDLER(post_maps)
{
	struct str document;
	TRY(need_document(c, &document, err));
	TRY(save(c, document, 0, err));
	c->status = 201;
	return OK;
}

HANDLER(put_map)
{
	struct str document, key;
	int64_t base;
	TRY(need_document(c, &document, err));
	if (!json_get_i64(c->body, STR("base_version"), &base) || base < 1 || base > INT32_MAX)
		return err_set(err, ERR_INPUT, "http.missing", "base_version",
		               "\"base_version\" has to be the version that was edited");
	if (!json_get_text(document, STR("key"), c->arena, &key) || !str_eq(key, c->params[0]))
		return err_set(err, ERR_INPUT, "map.key", "/key", "the document's key is not \"" STR_FMT "\"",
		               STR_ARG(c->params[0]));
	return save(c, document, (int)base, err);
}

HANDLER(get_map)
{
	struct maps *maps;
	struct str document, newest_document;
	int version, newest;
	int64_t asked;
	struct json_out o;
	TRY(need_maps(c, &maps, err));
	TRY(query_i64(c, "version", 0, INT32_MAX, 0, &asked, err));
	TRY(maps_document(maps, c->params[0], (int)asked, c->arena, &document, &version, err));
	TRY(maps_document(maps, c->params[0], 0, c->arena, &newest_document, &newest, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "key", c->params[0]);
	json_kv_i64(&o, "version", version);
	json_kv_i64(&o, "newest", newest);
	json_key(&o, "document");
	json_put_raw(&o, document);
	json_close(&o, '}');
	return OK;
}

HANDLER(delete_map)
{
	struct maps *maps;
	TRY(need_maps(c, &maps, err));
	TRY(maps_delete(maps, c->params[0], err));
	/* A new map may take the key, and begin with the same version numbers. */
	atomic_fetch_add(&c->h->map_generation, 1);
	answer_empty(c, 204);
	return OK;
}

HANDLER(get_versions)
{
	struct maps *maps;
	struct maps_info *v;
	size_t n;
	struct json_out o;
	TRY(need_maps(c, &maps, err));
	TRY(maps_versions(maps, c->params[0], c->arena, &v, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "versions");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "version", v[i].version);
		json_kv_i64(&o, "changed_ms", v[i].changed_ms);
		json_kv_str(&o, "author", v[i].author);
		json_kv_i64(&o, "touchpoints", (int64_t)v[i].n_touchpoints);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

/* "filters":[{"dimension":"unit","is":"UAE"} or {...,"is_not":...}] */
static enum err_code body_filters(struct http_call *c, struct journey_query *q, struct err *err)
{
	struct str list, one;
	struct json_reader r;
	if (!json_get(c->body, STR("filters"), &list)) return OK;
	json_read(&r, list);
	enum json_token t = json_next(&r);
	if (t != JT_ARRAY) return err_set(err, ERR_INPUT, "scope.filter", "filters", "\"filters\" has to be a list");
	while ((t = json_next(&r)) == JT_OBJECT) {
		if (q->n_filters == JOURNEY_FILTERS_MAX)
			return err_limit(err, "scope.filters", "filters", JOURNEY_FILTERS_MAX + 1, JOURNEY_FILTERS_MAX,
			                 "at most %d filters go together", JOURNEY_FILTERS_MAX);
		struct journey_filter *f = &q->filters[q->n_filters];
		if (!json_slice(&r, t, &one)) return json_error(&r, err);
		bool is = json_get_text(one, STR("is"), c->arena, &f->value);
		bool is_not = !is && json_get_text(one, STR("is_not"), c->arena, &f->value);
		f->op = is_not ? JOURNEY_IS_NOT : JOURNEY_IS;
		if (!json_get_text(one, STR("dimension"), c->arena, &f->dimension) || !f->dimension.len ||
		    (!is && !is_not))
			return err_set(err, ERR_INPUT, "scope.filter", "filters",
			               "filter %zu has no \"dimension\" with \"is\" or \"is_not\"", q->n_filters + 1);
		q->n_filters++;
	}
	if (t != JT_ARRAY_END)
		return err_set(err, ERR_INPUT, "scope.filter", "filters", "\"filters\" has to be a list of objects");
	return OK;
}

static void put_document(struct json_out *o, struct str document)
{
	json_key(o, "document");
	json_put_raw(o, document);
}

HANDLER(post_propose)
{
	struct maps *maps;
	struct journey_query q = { .from_ms = INT64_MIN,
		                   .to_ms = INT64_MAX,
		                   .instance.gap_ms = JOURNEY_GAP_DEFAULT_MS };
	struct scope s;
	struct str document;
	struct json_out o;
	TRY(need_maps(c, &maps, err));
	TRY(scope_read(c, &s, err));
	q.from_ms = s.maps.from_ms;
	q.to_ms = s.maps.to_ms;
	q.n_filters = s.maps.n_filters;
	q.who = s.maps.who;
	memcpy(q.filters, s.maps.filters, sizeof q.filters);
	TRY(body_filters(c, &q, err));
	TRY(maps_propose(maps, &q, c->arena, &document, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_document(&o, document);
	json_close(&o, '}');
	return OK;
}

static int64_t read_fd(void *ctx, void *into, size_t cap)
{
	return read(*(int *)ctx, into, cap);
}

int body_open(struct http_call *c)
{
	if (c->body_path) return open(c->body_path, O_RDONLY | O_CLOEXEC);
	int fd = memfd_create("table", MFD_CLOEXEC);
	c->body_bytes = (int64_t)c->body.len;
	bool fine = fd >= 0;
	for (size_t done = 0; fine && done < c->body.len;) {
		ssize_t n = write(fd, c->body.ptr + done, c->body.len - done);
		fine = n > 0;
		if (fine) done += (size_t)n;
	}
	if (fine && lseek(fd, 0, SEEK_SET) == 0) return fd;
	if (fd >= 0) close(fd);
	return -1;
}

HANDLER(post_table)
{
	struct str format = query_get(c, "format"), name = query_get(c, "name"), document;
	struct collect_refused *problems;
	size_t n;
	struct json_out o;
	enum wire_format kind = WIRE_AUTO;
	if (str_eq(format, STR("csv"))) kind = WIRE_CSV;
	else if (str_eq(format, STR("xlsx"))) kind = WIRE_XLSX;
	else if (format.len) return err_set(err, ERR_INPUT, "import.format", "format", "format is csv or xlsx");
	if (!name.len) name = STR("map");
	int fd = body_open(c);
	if (fd < 0) return err_set(err, ERR_IO, "upload.read", "", "the table cannot be read again");
	struct str path = str_format(c->arena, "/dev/fd/%d", fd);
	if (!path.ptr) {
		close(fd);
		return err_no_memory(err);
	}
	struct wire_input in = {
		.ctx = &fd, .read = read_fd, .name = name, .size_bytes = c->body_bytes, .path = path.ptr
	};
	enum err_code rc = maps_from_table(&in, kind, name, call_now(c), c->arena, &document, &problems, &n, err);
	close(fd);
	if (rc != OK) return rc;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_document(&o, document);
	json_key(&o, "problems");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "line", problems[i].index);
		json_kv_z(&o, "field", problems[i].err.field);
		json_kv_z(&o, "text", problems[i].err.text);
		json_kv_z(&o, "hint", problems[i].err.hint);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

/* --- measured ---------------------------------------------------------------------------------- */

struct measuring {
	struct http_call *call;
	struct maps *maps;
	struct str map;
	int version;
	const struct scope *scope;
	bool asked_only; /* its question, nothing measured */
};

static enum err_code measure(void *ctx, struct cache_entry *e, struct err *err)
{
	struct measuring *m = ctx;
	struct maps_scope scope = m->scope->maps;
	/* The result may point into the question, which therefore lives as long. */
	struct str key = str_copy(&e->arena, m->map);
	for (size_t i = 0; i < scope.n_filters; i++) {
		scope.filters[i].dimension = str_copy(&e->arena, scope.filters[i].dimension);
		scope.filters[i].value = str_copy(&e->arena, scope.filters[i].value);
	}
	if (!key.ptr) return err_no_memory(err);
	TRY(scope_segment(m->call, m->scope->segment, &e->arena, &scope.who, err));
	if (scope.who && !str_eq(scope.who->text, m->scope->maps.who->text))
		return err_set(err, ERR_CONFLICT, "segment.changed", "segment", "the segment was changed meanwhile");
	if (m->asked_only) return maps_question(m->maps, key, m->version, &scope, &e->arena, &e->measured, err);
	return maps_measure(m->maps, key, m->version, &scope, call_now(m->call), &e->arena, &e->measured, err);
}

enum err_code state_text(struct http_call *c, struct str *out, struct err *err)
{
	struct ask *ask;
	struct ask_state state;
	struct str *names;
	size_t n;
	TRY(need_ask(c, &ask, err));
	TRY(collect_dimensions(c->h->opt.collect, c->arena, &names, &n, err));
	double ready = 0;
	for (size_t i = 0; i < n; i++) ready += ask_dimension_ready(ask, names[i]);
	ask_state(ask, &state);
	*out = str_format(c->arena, "%u|%llu|%.4f", atomic_load(&c->h->map_generation),
	                  (unsigned long long)state.arrival_end, ready);
	return out->ptr ? OK : err_no_memory(err);
}

/* The same for a map in a scope: its version, which may be the newest, and the scope. */
static enum err_code map_state(struct http_call *c, struct str map, const struct scope *s, int *version,
                               struct str *out, struct err *err)
{
	struct maps *maps;
	struct str document, text, state;
	TRY(state_text(c, &state, err));
	TRY(need_maps(c, &maps, err));
	TRY(maps_document(maps, map, s->version, c->arena, &document, version, err));
	TRY(scope_text(c->arena, s, &text, err));
	/* Comments are read a little behind the events, and again: kept for two seconds. */
	if (s->maps.comments) TRY(heard_fresh(c, err));
	*out = str_format(c->arena, STR_FMT "|%d|" STR_FMT "|" STR_FMT "|%lld", STR_ARG(map), *version, STR_ARG(state),
	                  STR_ARG(text), s->maps.comments ? (long long)(call_now(c) / 2000) : -1LL);
	return out->ptr ? OK : err_no_memory(err);
}

static enum err_code map_get(struct http_call *c, struct str map, const struct scope *s, bool asked_only,
                             struct cache_entry **out, struct err *err)
{
	struct measuring m = { .call = c, .map = map, .scope = s, .asked_only = asked_only };
	struct str state, key;
	TRY(need_maps(c, &m.maps, err));
	TRY(map_state(c, map, s, &m.version, &state, err));
	key = str_format(c->arena, "%s|" STR_FMT, asked_only ? "q" : "m", STR_ARG(state));
	if (!key.ptr) return err_no_memory(err);
	return cache_get(c->h->cache, key, measure, &m, out, err);
}

enum err_code measured_get(struct http_call *c, struct str map, const struct scope *s, struct cache_entry **out,
                           struct err *err)
{
	return map_get(c, map, s, false, out, err);
}

enum err_code map_question_get(struct http_call *c, struct str map, const struct scope *s, struct cache_entry **out,
                               struct err *err)
{
	return map_get(c, map, s, true, out, err);
}

enum err_code touchpoint_code(const struct journey_rules *r, struct str key, uint16_t *out, struct err *err)
{
	for (size_t i = 0; r && i < r->n_touchpoints; i++)
		if (str_eq(r->touchpoints[i].key, key)) {
			*out = (uint16_t)(i + 1);
			return OK;
		}
	return err_set(err, ERR_NOT_FOUND, "map.touchpoint", "touchpoint", "this map has no touchpoint \"" STR_FMT "\"",
	               (int)(key.len < 60 ? key.len : 60), key.ptr);
}

HANDLER(get_measured)
{
	struct scope s;
	struct locale l;
	struct cache_entry *e;
	TRY(scope_read(c, &s, err));
	TRY(locale_read(c, &l, err));
	TRY(measured_get(c, c->params[0], &s, &e, err));
	enum err_code rc = maps_measured_json(&e->measured, &l, c->arena, &c->out, err);
	cache_put(c->h->cache, e);
	if (rc == OK) answer_tagged(c);
	return rc;
}

/* --- drawings ------------------------------------------------------------------------------------- */

enum picture { PICTURE_SVG, PICTURE_PNG, PICTURE_PDF, PICTURE_THUMB };

struct drawing {
	struct http_call *call;
	struct scope scope;
	struct render_options options;
	enum picture picture;
};

static enum err_code draw(void *ctx, struct cache_entry *e, struct err *err)
{
	struct drawing *d = ctx;
	struct http_call *c = d->call;
	struct cache_entry *measured;
	struct maps *maps;
	struct render_map map = { 0 };
	TRY(need_maps(c, &maps, err));
	TRY(measured_get(c, c->params[0], &d->scope, &measured, err));
	enum err_code rc = maps_drawing(maps, &measured->measured, &d->options.locale, c->arena, &map, err);
	if (rc == OK) switch (d->picture) {
		case PICTURE_SVG: rc = render_map_svg(&map, &d->options, &e->bytes, err); break;
		case PICTURE_PNG: rc = render_map_png(&map, &d->options, &e->bytes, err); break;
		case PICTURE_PDF: rc = render_map_pdf(&map, &d->options, &e->bytes, err); break;
		case PICTURE_THUMB: rc = render_map_thumb(&map, &d->options, &e->bytes, err); break;
		}
	cache_put(c->h->cache, measured);
	return rc;
}

static enum err_code picture(struct http_call *c, enum picture what, struct err *err)
{
	static const enum render_format formats[] = { [PICTURE_SVG] = RENDER_SVG,
		                                      [PICTURE_PNG] = RENDER_PNG,
		                                      [PICTURE_PDF] = RENDER_PDF,
		                                      [PICTURE_THUMB] = RENDER_SVG };
	struct drawing d = { .call = c, .picture = what };
	struct str state, key;
	struct cache_entry *e;
	int version;
	TRY(scope_read(c, &d.scope, err));
	TRY(picture_read(c, formats[what], &d.options, err));

	TRY(map_state(c, c->params[0], &d.scope, &version, &state, err));
	d.scope.version = version;
	const struct locale *l = &d.options.locale;
	key = str_format(c->arena, "d|%d|%d|%d|%d|%s|%d|%d|%d|%.2f|" STR_FMT, (int)what, (int)l->lang, (int)l->digits,
	                 (int)l->calendar, l->zone, (int)d.options.theme, d.options.interactive, d.options.embed_fonts,
	                 d.options.scale, STR_ARG(state));
	if (!key.ptr) return err_no_memory(err);
	TRY(cache_get(c->h->cache, key, draw, &d, &e, err));
	buf_str(&c->out, buf_view(&e->bytes));
	cache_put(c->h->cache, e);
	picture_sent(c, formats[what]);
	return OK;
}

HANDLER(get_svg)
{
	return picture(c, PICTURE_SVG, err);
}
HANDLER(get_png)
{
	return picture(c, PICTURE_PNG, err);
}
HANDLER(get_pdf)
{
	return picture(c, PICTURE_PDF, err);
}
HANDLER(get_thumb)
{
	return picture(c, PICTURE_THUMB, err);
}

/* --- people and words --------------------------------------------------------------------------------- */

static void put_rating(struct json_out *o, double utility)
{
	json_key(o, "rating");
	json_put_double(o, utility); /* NaN is written as null */
}

static void put_people(struct json_out *o, const struct ask_people *p)
{
	json_open(o, '{');
	json_kv_i64(o, "total", p->total);
	json_kv_i64(o, "customers", p->customers);
	json_key(o, "people");
	json_open(o, '[');
	for (size_t i = 0; i < p->n_rows; i++) {
		json_open(o, '{');
		json_kv_str(o, "customer", p->rows[i].external);
		json_kv_i64(o, "first_ms", p->rows[i].first_ms);
		json_kv_i64(o, "last_ms", p->rows[i].last_ms);
		json_kv_i64(o, "events", p->rows[i].events);
		put_rating(o, (double)p->rows[i].utility);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "next");
	if (p->next) json_put_i64(o, (int64_t)p->next);
	else json_put_null(o);
	json_close(o, '}');
}

static enum err_code read_what(struct http_call *c, enum ask_what *out, struct err *err)
{
	struct str text = query_get(c, "what");
	*out = ASK_ENTERED;
	for (int i = 0; text.len && i <= ASK_WHATS; i++) {
		if (i == ASK_WHATS)
			return err_set(err, ERR_INPUT, "people.what", "what",
			               "\"" STR_FMT "\" is nothing that people are counted by",
			               (int)(text.len < 40 ? text.len : 40), text.ptr);
		*out = (enum ask_what)i;
		if (str_eq(text, str_of(ask_what_names[i]))) break;
	}
	return OK;
}

HANDLER(get_people)
{
	struct scope s;
	struct ask *ask;
	struct cache_entry *e;
	struct ask_people people = { 0 };
	enum ask_what what;
	int64_t step, cursor, limit;
	uint16_t code = 0;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(scope_read(c, &s, err));
	TRY(read_what(c, &what, err));
	TRY(query_i64(c, "step", 0, JOURNEY_STEPS_MAX - 1, -1, &step, err));
	TRY(query_i64(c, "cursor", 0, INT64_MAX, 0, &cursor, err));
	TRY(query_i64(c, "limit", 1, 500, 50, &limit, err));
	TRY(measured_get(c, c->params[0], &s, &e, err));
	const struct maps_measured *m = &e->measured;
	struct str touchpoint = query_get(c, "touchpoint");
	enum err_code rc = touchpoint.len ? touchpoint_code(m->rules, touchpoint, &code, err) : OK;
	if (rc == OK && !code && step >= (int64_t)m->rules->n_steps)
		rc = err_set(err, ERR_NOT_FOUND, "map.step", "step", "this map has %zu steps", m->rules->n_steps);
	if (rc == OK)
		rc = ask_people(ask, &m->query, code, (int)step, what, (uint64_t)cursor, (size_t)limit, c->arena,
		                &people, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		put_people(&o, &people);
	}
	cache_put(c->h->cache, e);
	return rc;
}

HANDLER(get_quotes)
{
	struct scope s;
	struct maps *maps;
	struct cache_entry *e;
	struct maps_quote *q = NULL;
	size_t n = 0;
	int64_t limit;
	uint16_t code = 0;
	struct json_out o;
	TRY(need_maps(c, &maps, err));
	TRY(scope_read(c, &s, err));
	TRY(query_i64(c, "limit", 1, 200, 20, &limit, err));
	TRY(measured_get(c, c->params[0], &s, &e, err));
	struct str touchpoint = query_get(c, "touchpoint");
	enum err_code rc = touchpoint.len ? touchpoint_code(e->measured.rules, touchpoint, &code, err) : OK;
	if (rc == OK) rc = maps_quotes(maps, &e->measured, code, (size_t)limit, c->arena, &q, &n, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "quotes");
	json_open(&o, '[');
	for (size_t i = 0; rc == OK && i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "text", q[i].text);
		json_kv_str(&o, "lang", q[i].lang);
		json_kv_str(&o, "event", q[i].event);
		json_kv_i64(&o, "at_ms", q[i].at_ms);
		put_rating(&o, q[i].utility);
		json_key(&o, "customer");
		if (c->role >= GOVERN_AGENT) json_put_str(&o, q[i].customer);
		else json_put_null(&o);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	cache_put(c->h->cache, e);
	return rc;
}
