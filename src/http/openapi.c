/* The route table in words that other programs read. */
#include "http/priv.h"

static const char *body_type(enum http_body b)
{
	switch (b) {
	case BODY_JSON: return "application/json";
	case BODY_FORM: return "application/x-www-form-urlencoded";
	case BODY_INGEST: return "application/json";
	case BODY_TABLE:
	case BODY_UPLOAD: return "application/octet-stream";
	default: return NULL;
	}
}

static void put_parameter(struct json_out *o, struct str name, const char *in)
{
	json_open(o, '{');
	json_kv_str(o, "name", name);
	json_kv_z(o, "in", in);
	json_kv_bool(o, "required", strcmp(in, "path") == 0);
	json_key(o, "schema");
	json_put_raw(o, STR("{\"type\":\"string\"}"));
	json_close(o, '}');
}

static void put_parameters(struct json_out *o, const struct http_route *r)
{
	json_key(o, "parameters");
	json_open(o, '[');
	struct str path = str_of(r->path), query = str_of(r->query);
	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] == '{') {
			struct str rest = str_cut(path, i + 1, path.len);
			put_parameter(o, str_cut(rest, 0, str_find(rest, '}')), "path");
		}
	while (query.len) {
		struct str one = str_cut(query, 0, str_find(query, ' '));
		query = one.len < query.len ? str_cut(query, one.len + 1, query.len) : (struct str){ 0 };
		if (one.len) put_parameter(o, one, "query");
	}
	if (export_has(r)) put_parameter(o, STR("format"), "query");
	json_close(o, ']');
}

static bool needs_csrf(const struct http_route *r)
{
	return strcmp(r->method, "GET") != 0 && !(r->flags & (ROUTE_KEY | ROUTE_NO_CSRF));
}

static void put_security(struct json_out *o, const struct http_route *r)
{
	json_key(o, "security");
	json_open(o, '[');
	if (r->flags & ROUTE_KEY && strcmp(r->method, "POST") == 0) json_put_raw(o, STR("{\"writeKey\":[]}"));
	else if (r->role != GOVERN_NOBODY)
		json_put_raw(o, needs_csrf(r) ? STR("{\"session\":[],\"csrf\":[]}") : STR("{\"session\":[]}"));
	json_close(o, ']');
}

static void put_operation(struct json_out *o, const struct http_route *r)
{
	char method[8];
	size_t n = 0;
	for (; r->method[n] && n < sizeof method - 1; n++) method[n] = (char)(r->method[n] | 32);
	method[n] = '\0';
	json_key(o, method);
	json_open(o, '{');
	json_kv_z(o, "operationId", r->name);
	json_kv_z(o, "x-role", r->flags & ROUTE_KEY ? "write key" : govern_role_names[r->role]);
	if (r->role != GOVERN_NOBODY) json_kv_z(o, "x-unit", unit_way_names[unit_way(r)]);
	put_parameters(o, r);
	if (body_type(r->body)) {
		json_key(o, "requestBody");
		json_open(o, '{');
		json_kv_bool(o, "required", true);
		json_key(o, "content");
		json_open(o, '{');
		json_key(o, body_type(r->body));
		json_put_raw(o, STR("{}"));
		json_close(o, '}');
		json_close(o, '}');
	}
	json_key(o, "responses");
	json_put_raw(o,
	             STR("{\"2XX\":{\"description\":\"what docs/api.md says\"},\"default\":{\"description\":\"a "
	                 "problem\",\"content\":"
	                 "{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
	put_security(o, r);
	json_close(o, '}');
}

static const char components[] =
        "{\"securitySchemes\":{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"safar_session\"},"
        "\"csrf\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Safar-Csrf\"},\"writeKey\":{\"type\":\"http\","
        "\"scheme\":\"basic\"}},"
        "\"schemas\":{\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"id\"],"
        "\"properties\":{"
        "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"id\":{"
        "\"type\":\"string\"},"
        "\"field\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},\"hint\":{\"type\":\"string\"},\"value\":{"
        "\"type\":\"integer\"},"
        "\"limit\":{\"type\":\"integer\"}}}}}";

/* Whether an earlier row has this path: then it was written with that one. */
static bool seen(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(http_routes[k].path, http_routes[i].path) == 0) return true;
	return false;
}

void http_openapi(struct buf *out, const char *version)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_z(&o, "openapi", "3.1.0");
	json_key(&o, "info");
	json_open(&o, '{');
	json_kv_z(&o, "title", "Safar");
	json_kv_z(&o, "version", version);
	json_key(&o, "license");
	json_put_raw(&o, STR("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
	json_close(&o, '}');
	json_key(&o, "paths");
	json_open(&o, '{');
	for (size_t i = 0; i < http_route_count; i++) {
		if (seen(i)) continue;
		json_key(&o, http_routes[i].path);
		json_open(&o, '{');
		for (size_t k = i; k < http_route_count; k++)
			if (strcmp(http_routes[k].path, http_routes[i].path) == 0) put_operation(&o, &http_routes[k]);
		json_close(&o, '}');
	}
	json_close(&o, '}');
	json_key(&o, "components");
	json_put_raw(&o, str_of(components));
	json_close(&o, '}');
}

void http_typescript(struct buf *out)
{
	buf_printf(out,
	           "// Made from the route table (`safar routes`). Do not edit.\n\n"
	           "export type Role = 'nobody' | 'viewer' | 'agent' | 'analyst' | 'administrator';\n\n"
	           "export interface Route {\n  readonly method: string;\n  readonly path: string;\n  readonly role: "
	           "Role;\n"
	           "  readonly query: readonly string[];\n  readonly csrf: boolean;\n}\n\nexport const routes = {\n");
	for (size_t i = 0; i < http_route_count; i++) {
		const struct http_route *r = &http_routes[i];
		if (r->flags & ROUTE_KEY) continue;
		buf_printf(out, "  %s: { method: '%s', path: '%s', role: '%s', query: [", r->name, r->method, r->path,
		           govern_role_names[r->role]);
		const char *glue = "'";
		for (const char *p = r->query; *p; p++) {
			if (*p == ' ') continue;
			bool first = p == r->query || p[-1] == ' ';
			if (first) buf_printf(out, "%s", glue);
			buf_byte(out, *p);
			if (p[1] == ' ' || !p[1]) buf_byte(out, '\'');
			glue = ", '";
		}
		if (export_has(r)) buf_printf(out, "%s'format'", *r->query ? ", " : "");
		buf_printf(out, "], csrf: %s },\n", needs_csrf(r) ? "true" : "false");
	}
	buf_printf(out,
	           "} as const satisfies Record<string, Route>;\n\nexport type RouteName = keyof typeof routes;\n");
}
