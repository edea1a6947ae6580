#include "base/json_tree.h"

#include <stdlib.h>

#include "base/json_scan.h"

/* --- reading ------------------------------------------------------------------------------------ */

/* Objects and arrays that are not closed yet, innermost last. */
struct level {
	struct json_node *node, **last;
	size_t plain;      /* bytes that its canonical form has, should its members be canonical and in order */
	struct str before; /* the newest key */
	bool canonical;
	char closer;
};

struct growing {
	struct json_reader r;
	struct arena *a;
	struct level *in; /* the innermost that is open; NULL none */
	struct level levels[JSON_DEPTH_MAX];
	struct json_node *nodes; /* that are made already; there are n_nodes more behind it */
	size_t n_nodes;
	bool ended, no_memory;
};

enum { NODES_AT_ONCE = 16, NODES_FIRST = 4 };

static bool wrong(struct growing *g, const char *why)
{
	(void)scan_fail(&g->r, why);
	return false;
}

/* There must be more, and then p stands at it. */
static inline bool more(struct growing *g)
{
	scan_space(&g->r);
	return g->r.p < g->r.end || wrong(g, "it ends too early");
}

/* The end of a value: its bytes, and what they say of the canonical form of what is around it. */
static inline void value_end(struct json_node *node, const char *from, const char *to, bool canonical,
                             struct level *around)
{
	node->raw = (struct str){ from, (size_t)(to - from) };
	node->canonical = canonical;
	if (!around) return;
	around->plain += node->raw.len;
	if (!canonical) around->canonical = false;
}

static inline struct json_node *node_new(struct growing *g)
{
	if (!g->n_nodes) {
		const size_t n = g->nodes ? NODES_AT_ONCE : NODES_FIRST;
		g->nodes = ARENA_ARRAY(g->a, struct json_node, n);
		if (!g->nodes) return g->no_memory = true, NULL;
		g->n_nodes = n;
	}
	g->n_nodes--;
	return g->nodes++;
}

/* The name of a member, up to its value. */
static inline bool key_read(struct growing *g, struct json_node *node)
{
	struct level *in = g->in;
	struct json_reader *r = &g->r;
	if (*r->p != '"') return wrong(g, "a member needs a name in quotes");
	r->p++;
	if (!scan_string(r)) return false;
	node->key = r->raw;
	node->key_escaped = r->escaped;
	if (r->escaped && !json_text(r, g->a, &node->key)) return g->no_memory = true, false;
	in->plain += node->key.len + 3;
	if (in->canonical) {
		in->canonical = !r->escaped && (in->node->n == 1 || str_cmp(in->before, node->key) < 0);
		in->before = node->key;
	}
	if (!more(g)) return false;
	if (*r->p != ':') return wrong(g, "a colon is missing");
	r->p++;
	return more(g);
}

/* The next of what is inside the innermost, up to its value; NULL: it is none. */
static inline struct json_node *child_new(struct growing *g)
{
	struct level *in = g->in;
	struct json_node *node = node_new(g);
	if (!node) return NULL;
	*in->last = node;
	in->last = &node->next;
	if (in->node->n++) in->plain++; /* its comma */
	return in->closer == ']' || key_read(g, node) ? node : NULL;
}

static inline bool level_open(struct growing *g, struct json_node *node)
{
	if (g->in == g->levels + JSON_DEPTH_MAX - 1) return wrong(g, "it is nested more than 64 deep");
	const bool object = *g->r.p == '{';
	node->type = object ? JT_OBJECT : JT_ARRAY;
	node->raw.ptr = g->r.p++;
	g->in = g->in ? g->in + 1 : g->levels;
	*g->in = (struct level){
		.node = node, .last = &node->first, .plain = 2, .canonical = true, .closer = object ? '}' : ']'
	};
	return more(g);
}

static inline void level_close(struct growing *g)
{
	const struct level *in = g->in;
	const char *from = in->node->raw.ptr, *to = ++g->r.p;
	g->in = in > g->levels ? g->in - 1 : NULL;
	value_end(in->node, from, to, in->canonical && (size_t)(to - from) == in->plain, g->in);
}

static inline bool leaf_read(struct growing *g, struct json_node *node)
{
	struct json_reader *r = &g->r;
	const char *from = r->p;
	bool ok;
	switch (*from) {
	case '"':
		r->p++;
		ok = scan_string(r);
		node->type = JT_STRING;
		node->escaped = r->escaped;
		break;
	case 't': ok = scan_word(r, "true", 4), node->type = JT_TRUE; break;
	case 'f': ok = scan_word(r, "false", 5), node->type = JT_FALSE; break;
	case 'n': ok = scan_word(r, "null", 4), node->type = JT_NULL; break;
	default: ok = scan_number(r), node->type = JT_NUMBER; break;
	}
	if (ok) value_end(node, from, r->p, !node->escaped, g->in);
	return ok;
}

/* A value has ended: closes what ends with it. The next, up to its value; NULL: there is none (ended), or it is none.
 */
static struct json_node *next_node(struct growing *g)
{
	while (g->in && more(g)) {
		if (*g->r.p == g->in->closer) {
			level_close(g);
			continue;
		}
		if (*g->r.p != ',') return wrong(g, "a comma is missing"), NULL;
		g->r.p++;
		return more(g) ? child_new(g) : NULL;
	}
	if (g->in) return NULL;
	scan_space(&g->r);
	g->ended = g->r.p == g->r.end || wrong(g, "something follows the end of the value");
	return NULL;
}

static void grow(struct growing *g, struct json_node *node)
{
	while (node) {
		if (*g->r.p != '{' && *g->r.p != '[') {
			node = leaf_read(g, node) ? next_node(g) : NULL;
			continue;
		}
		if (!level_open(g, node)) return;
		node = *g->r.p == g->in->closer ? next_node(g) : child_new(g);
	}
}

enum err_code json_tree(struct str text, struct arena *a, struct json_node **root, struct err *err)
{
	struct growing g;
	json_read(&g.r, text);
	g.a = a;
	g.in = NULL;
	g.nodes = NULL;
	g.n_nodes = 0;
	g.ended = g.no_memory = false;
	*root = node_new(&g);
	scan_space(&g.r);
	if (g.r.p == g.r.end) (void)wrong(&g, text.len ? "it ends too early" : "there is nothing to read");
	else grow(&g, *root);
	if (g.ended) return OK;
	*root = NULL;
	return g.no_memory ? err_no_memory(err) : json_error(&g.r, err);
}

/* --- looking up ------------------------------------------------------------------------------------ */

const struct json_node *json_member(const struct json_node *object, struct str key)
{
	const struct json_node *found = NULL;
	if (!object || object->type != JT_OBJECT) return NULL;
	for (const struct json_node *m = object->first; m; m = m->next)
		if (str_eq(m->key, key)) found = m;
	return found;
}

bool json_node_text(const struct json_node *node, struct arena *a, struct str *out)
{
	if (!node || node->type != JT_STRING) return false;
	if (!node->escaped) return *out = str_cut(node->raw, 1, node->raw.len - 1), true;
	const struct json_reader r = { .raw = str_cut(node->raw, 1, node->raw.len - 1), .escaped = true };
	return json_text(&r, a, out);
}

/* --- canonical form ---------------------------------------------------------------------------------- */

struct member {
	const struct json_node *node;
	size_t order;
};

static int by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	const int c = str_cmp(x->node->key, y->node->key);
	return c ? c : (x->order > y->order) - (x->order < y->order);
}

enum { FEW = 24 }; /* members that are sorted by hand, and need no memory of the arena */

static void sort_few(struct member *m, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct member now = m[i];
		size_t at = i;
		for (; at > 0 && str_cmp(m[at - 1].node->key, now.node->key) > 0; at--) m[at] = m[at - 1];
		m[at] = now;
	}
}

/* A name that was written without a backslash has nothing to escape. */
static void put_key(struct json_out *o, const struct json_node *member)
{
	if (member->key_escaped) {
		json_key_str(o, member->key);
		return;
	}
	if (o->comma) buf_byte(o->buf, ',');
	buf_byte(o->buf, '"');
	buf_str(o->buf, member->key);
	buf_put(o->buf, "\":", 2);
}

static enum err_code put_object(const struct json_node *node, struct arena *a, struct buf *out, struct err *err)
{
	struct member few[FEW], *m = few;
	size_t n = 0;
	if (node->n > FEW && !(m = ARENA_ARRAY(a, struct member, node->n))) return err_no_memory(err);
	for (const struct json_node *c = node->first; c; c = c->next, n++) m[n] = (struct member){ c, n };
	if (n > FEW) qsort(m, n, sizeof *m, by_key);
	else sort_few(m, n);
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(m[i].node->key, m[i + 1].node->key)) continue; /* the last of one name stands */
		put_key(&o, m[i].node);
		TRY(json_node_canonical(m[i].node, a, out, err));
		o.comma = true;
	}
	json_close(&o, '}');
	return OK;
}

static enum err_code put_array(const struct json_node *node, struct arena *a, struct buf *out, struct err *err)
{
	buf_byte(out, '[');
	for (const struct json_node *c = node->first; c; c = c->next) {
		if (c != node->first) buf_byte(out, ',');
		TRY(json_node_canonical(c, a, out, err));
	}
	buf_byte(out, ']');
	return OK;
}

enum err_code json_node_canonical(const struct json_node *node, struct arena *a, struct buf *out, struct err *err)
{
	if (node->canonical) {
		buf_str(out, node->raw);
		return OK;
	}
	if (node->type == JT_OBJECT) return put_object(node, a, out, err);
	if (node->type == JT_ARRAY) return put_array(node, a, out, err);
	struct str text;
	struct json_out o;
	if (!json_node_text(node, a, &text)) return err_no_memory(err);
	json_out_init(&o, out);
	json_put_str(&o, text);
	return OK;
}

enum err_code json_canonical(struct str text, struct arena *scratch, struct buf *out, struct err *err)
{
	struct json_node *root;
	TRY(json_tree(text, scratch, &root, err));
	TRY(json_node_canonical(root, scratch, out, err));
	return buf_check(out, err);
}
