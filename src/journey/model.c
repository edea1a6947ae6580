/* Models: read from JSON or made of a map's steps, and checked. */
#include "base/json.h"
#include "journey/priv.h"

struct model_reader {
	struct json_reader r;
	struct arena *a;
	struct journey_model *m;
	const char *part; /* the member at hand */
	size_t names;     /* activities and ignored ones so far */
	struct err *err;
};

static enum err_code wrong(struct model_reader *x, const char *want)
{
	return err_set(x->err, ERR_INPUT, "model.shape", "model", "at byte %zu of \"%s\": %s", json_offset(&x->r),
	               x->part, want);
}

static enum err_code read_text(struct model_reader *x, enum json_token t, const char *want, struct str *out)
{
	if (t != JT_STRING || !json_text(&x->r, x->a, out) || !out->len) return wrong(x, want);
	*out = str_copy(x->a, *out);
	return out->ptr ? OK : err_no_memory(x->err);
}

static enum err_code read_bool(struct model_reader *x, bool *out)
{
	const enum json_token t = json_next(&x->r);
	if (t != JT_TRUE && t != JT_FALSE) return wrong(x, "true or false belongs here");
	*out = t == JT_TRUE;
	return OK;
}

/* A list of names into *out; the newest token is the value's first. */
static enum err_code read_names(struct model_reader *x, const struct str **out, size_t *n)
{
	struct str *list = ARENA_ARRAY(x->a, struct str, JOURNEY_MODEL_NAMES_MAX);
	if (!list) return err_no_memory(x->err);
	if (json_next(&x->r) != JT_ARRAY) return wrong(x, "a list of names belongs here");
	for (enum json_token t; (t = json_next(&x->r)) != JT_ARRAY_END;) {
		if (++x->names > JOURNEY_MODEL_NAMES_MAX)
			return err_limit(x->err, "model.names", "model", (int64_t)x->names, JOURNEY_MODEL_NAMES_MAX,
			                 "a model has at most %d names", JOURNEY_MODEL_NAMES_MAX);
		TRY(read_text(x, t, "a name belongs here", &list[*n]));
		++*n;
	}
	*out = list;
	return OK;
}

static enum err_code read_node(struct model_reader *x, enum json_token t)
{
	struct journey_model *m = x->m;
	if (m->n_nodes == JOURNEY_MODEL_NODES_MAX)
		return err_limit(x->err, "model.nodes", "model", JOURNEY_MODEL_NODES_MAX + 1, JOURNEY_MODEL_NODES_MAX,
		                 "a model has at most %d nodes", JOURNEY_MODEL_NODES_MAX);
	struct journey_model_node *node = &m->nodes[m->n_nodes++];
	if (t == JT_STRING) {
		TRY(read_text(x, t, "a name belongs here", &node->name));
	} else {
		if (t != JT_OBJECT) return wrong(x, "a node is a name or an object");
		while ((t = json_next(&x->r)) == JT_KEY) {
			struct str key;
			if (!json_text(&x->r, x->a, &key)) return err_no_memory(x->err);
			if (str_eq(key, STR("name")))
				TRY(read_text(x, json_next(&x->r), "a name belongs here", &node->name));
			else if (str_eq(key, STR("activities")))
				TRY(read_names(x, &node->activities, &node->n_activities));
			else if (str_eq(key, STR("optional"))) TRY(read_bool(x, &node->optional));
			else if (str_eq(key, STR("repeat"))) TRY(read_bool(x, &node->repeat));
			else return wrong(x, "a node has name, activities, optional and repeat");
		}
		if (t != JT_OBJECT_END || !node->name.len) return wrong(x, "a node needs a name");
	}
	if (!node->n_activities) {
		node->activities = &node->name;
		node->n_activities = 1;
	}
	for (size_t i = 0; i + 1 < m->n_nodes; i++)
		if (str_eq(m->nodes[i].name, node->name)) return wrong(x, "two nodes have one name");
	return OK;
}

static enum err_code read_nodes(struct model_reader *x)
{
	if (json_next(&x->r) != JT_ARRAY) return wrong(x, "nodes is a list");
	for (enum json_token t; (t = json_next(&x->r)) != JT_ARRAY_END;) TRY(read_node(x, t));
	return OK;
}

static enum err_code read_node_name(struct model_reader *x, enum json_token t, uint16_t *out)
{
	struct str name;
	TRY(read_text(x, t, "the name of a node belongs here", &name));
	for (size_t i = 0; i < x->m->n_nodes; i++) {
		if (!str_eq(x->m->nodes[i].name, name)) continue;
		*out = (uint16_t)i;
		return OK;
	}
	return wrong(x, "no node has this name");
}

static enum err_code read_edges(struct model_reader *x)
{
	struct journey_model *m = x->m;
	if (json_next(&x->r) != JT_ARRAY) return wrong(x, "edges is a list");
	for (enum json_token t; (t = json_next(&x->r)) != JT_ARRAY_END;) {
		if (m->n_edges == JOURNEY_MODEL_EDGES_MAX)
			return err_limit(x->err, "model.edges", "model", JOURNEY_MODEL_EDGES_MAX + 1,
			                 JOURNEY_MODEL_EDGES_MAX, "a model has at most %d edges",
			                 JOURNEY_MODEL_EDGES_MAX);
		struct journey_model_edge *e = &m->edges[m->n_edges++];
		if (t != JT_ARRAY) return wrong(x, "an edge is a pair of names");
		TRY(read_node_name(x, json_next(&x->r), &e->from));
		TRY(read_node_name(x, json_next(&x->r), &e->to));
		if (json_next(&x->r) != JT_ARRAY_END) return wrong(x, "an edge has two names");
	}
	return OK;
}

static enum err_code read_ends(struct model_reader *x, bool starts)
{
	if (json_next(&x->r) != JT_ARRAY) return wrong(x, "starts and ends are lists");
	for (enum json_token t; (t = json_next(&x->r)) != JT_ARRAY_END;) {
		uint16_t v;
		TRY(read_node_name(x, t, &v));
		if (starts) x->m->nodes[v].start = true;
		else x->m->nodes[v].end = true;
	}
	return OK;
}

/* --- checking ------------------------------------------------------------------------------------ */

/* Nodes in a row, and starts and ends where nothing was said of them. */
static void complete(struct journey_model *m, bool has_edges, bool has_starts, bool has_ends)
{
	if (!has_edges)
		for (size_t i = 1; i < m->n_nodes; i++)
			m->edges[m->n_edges++] = (struct journey_model_edge){ (uint16_t)(i - 1), (uint16_t)i };
	for (size_t v = 0; v < m->n_nodes; v++) {
		bool in = false, out = false;
		for (size_t e = 0; e < m->n_edges; e++) {
			const struct journey_model_edge *x = &m->edges[e];
			in |= x->to == v && x->from != v;
			out |= x->from == v && x->to != v;
		}
		if (!has_starts) m->nodes[v].start = !in;
		if (!has_ends) m->nodes[v].end = !out;
	}
}

/* Nodes that can be reached from a start, or from which an end can be. */
static uint64_t reached(const struct journey_model *m, bool from_start)
{
	uint64_t seen = 0;
	for (size_t v = 0; v < m->n_nodes; v++)
		if (from_start ? m->nodes[v].start : m->nodes[v].end) seen |= UINT64_C(1) << v;
	for (uint64_t before = 0; before != seen;) {
		before = seen;
		for (size_t e = 0; e < m->n_edges; e++) {
			const uint16_t at = from_start ? m->edges[e].from : m->edges[e].to;
			const uint16_t to = from_start ? m->edges[e].to : m->edges[e].from;
			if (seen >> at & 1) seen |= UINT64_C(1) << to;
		}
	}
	return seen;
}

static enum err_code check(const struct journey_model *m, struct err *err)
{
	if (!m->n_nodes) return err_set(err, ERR_INPUT, "model.empty", "model", "a model needs at least one node");
	const uint64_t there = reached(m, true), back = reached(m, false);
	for (size_t v = 0; v < m->n_nodes; v++) {
		if (there >> v & back >> v & 1) continue;
		return err_set(err, ERR_INPUT, "model.way", "model",
		               "\"" STR_FMT "\" lies on no way from a start to an end", STR_ARG(m->nodes[v].name));
	}
	return OK;
}

enum err_code journey_model_read(struct str json, struct arena *a, struct journey_model *out, struct err *err)
{
	if (json.len > JOURNEY_MODEL_BYTES_MAX)
		return err_limit(err, "model.bytes", "model", (int64_t)json.len, JOURNEY_MODEL_BYTES_MAX,
		                 "a model of %zu bytes is too long", json.len);
	struct journey_model m = { .nodes = ARENA_ARRAY(a, struct journey_model_node, JOURNEY_MODEL_NODES_MAX),
		                   .edges = ARENA_ARRAY(a, struct journey_model_edge, JOURNEY_MODEL_EDGES_MAX) };
	if (!m.nodes || !m.edges) return err_no_memory(err);
	/* Edges speak of nodes, so nodes come first, wherever they stand. */
	static const char *const keys[] = { "nodes", "edges", "starts", "ends", "ignore", "unknown" };
	struct str parts[COUNT_OF(keys)];
	struct model_reader x = { .a = a, .m = &m, .err = err, .part = "model" };
	json_read(&x.r, json);
	if (json_next(&x.r) != JT_OBJECT)
		return err_set(err, ERR_INPUT, "model.shape", "model", "a model is a JSON object");
	bool has[COUNT_OF(keys)] = { false };
	for (enum json_token t; (t = json_next(&x.r)) == JT_KEY;) {
		struct str key;
		size_t k = 0;
		if (!json_text(&x.r, a, &key)) return err_no_memory(err);
		while (k < COUNT_OF(keys) && !str_eq(key, str_of(keys[k]))) k++;
		if (k == COUNT_OF(keys)) return wrong(&x, "a model has nodes, edges, starts, ends, ignore and unknown");
		if (!json_slice(&x.r, json_next(&x.r), &parts[k])) return json_error(&x.r, err);
		has[k] = true;
	}
	if (json_next(&x.r) != JT_END) return json_error(&x.r, err);
	for (size_t k = 0; k < COUNT_OF(keys); k++) {
		if (!has[k]) continue;
		json_read(&x.r, parts[k]);
		x.part = keys[k];
		switch (k) {
		case 0: TRY(read_nodes(&x)); break;
		case 1: TRY(read_edges(&x)); break;
		case 2:
		case 3: TRY(read_ends(&x, k == 2)); break;
		case 4: TRY(read_names(&x, &m.ignored, &m.n_ignored)); break;
		default:
			m.ignore_unknown = str_eq(parts[k], STR("\"ignore\""));
			if (!m.ignore_unknown && !str_eq(parts[k], STR("\"count\"")))
				return wrong(&x, "unknown is \"count\" or \"ignore\"");
		}
	}
	complete(&m, has[1], has[2], has[3]);
	TRY(check(&m, err));
	*out = m;
	return OK;
}

enum err_code journey_model_of_map(const struct journey_rules *rules, const bool *optional, struct arena *a,
                                   struct journey_model *out, struct err *err)
{
	struct journey_model m = { .nodes = ARENA_ARRAY(a, struct journey_model_node, JOURNEY_STEPS_MAX),
		                   .edges = ARENA_ARRAY(a, struct journey_model_edge, JOURNEY_STEPS_MAX),
		                   .ignore_unknown = true };
	if (!m.nodes || !m.edges) return err_no_memory(err);
	for (size_t s = 0; s < rules->n_steps; s++) {
		struct str *names = ARENA_ARRAY(a, struct str, rules->n_touchpoints);
		struct journey_model_node node = { .optional = true, .repeat = true, .activities = names };
		if (!names) return err_no_memory(err);
		for (size_t i = 0; i < rules->n_touchpoints; i++) {
			if (rules->touchpoints[i].step != s) continue;
			names[node.n_activities++] = rules->touchpoints[i].key;
			node.optional &= optional[i];
			node.name = node.name.len ? str_format(a, STR_FMT "|" STR_FMT, STR_ARG(node.name),
			                                       STR_ARG(rules->touchpoints[i].key))
			                          : rules->touchpoints[i].key;
			if (!node.name.ptr) return err_no_memory(err);
		}
		if (node.n_activities) m.nodes[m.n_nodes++] = node;
	}
	complete(&m, false, false, false);
	TRY(check(&m, err));
	*out = m;
	return OK;
}

_Static_assert(JOURNEY_STEPS_MAX <= JOURNEY_MODEL_NODES_MAX, "every map is a model");
