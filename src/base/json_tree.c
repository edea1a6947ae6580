#include "base/json_tree.h"

#include <stdlib.h>

/* --- reading ------------------------------------------------------------------------------------ */

/* Objects and arrays that are not closed yet, innermost last. */
struct level {
	struct json_node *node, **last;
	size_t plain; /* bytes that its canonical form has, should its members be canonical and in order */
	bool canonical;
	struct str before; /* the newest key */
};

static void level_open(struct level *l, struct json_node *node)
{
	*l = (struct level){ .node = node, .last = &node->first, .plain = 2, .canonical = true };
}

static void level_add(struct level *l, struct json_node *child, const struct json_reader *key_read)
{
	*l->last = child;
	l->last = &child->next;
	if (l->node->n++) l->plain++; /* its comma */
	if (!key_read) return;
	l->plain += child->key.len + 3;
	if (key_read->escaped || (l->node->n > 1 && str_cmp(l->before, child->key) >= 0)) l->canonical = false;
	l->before = child->key;
}

/* The end of a value: its bytes, and what they say of the canonical form of what is around it. */
static void value_end(struct json_node *node, const char *from, const char *to, bool canonical, struct level *around)
{
	node->raw = (struct str){ from, (size_t)(to - from) };
	node->canonical = canonical;
	if (!around) return;
	around->plain += node->raw.len;
	if (!canonical) around->canonical = false;
}

static void leaf_end(struct json_node *node, const struct json_reader *r, struct level *around)
{
	const char *from = r->p - 4;
	switch (node->type) {
	case JT_STRING:
		node->escaped = r->escaped;
		from = r->raw.ptr - 1;
		break;
	case JT_NUMBER: from = r->raw.ptr; break;
	case JT_FALSE: from = r->p - 5; break;
	default: break;
	}
	value_end(node, from, r->p, !node->escaped, around);
}

static struct json_node *node_new(struct arena *a, const struct json_reader *r, enum json_token type, bool member)
{
	struct json_node *node = ARENA_NEW(a, struct json_node);
	if (!node) return NULL;
	node->type = type;
	if (member && !json_text(r, a, &node->key)) return NULL;
	return node;
}

enum err_code json_tree(struct str text, struct arena *a, struct json_node **root, struct err *err)
{
	struct level levels[JSON_DEPTH_MAX], *in = NULL;
	struct json_reader r;
	struct json_node *node = NULL;
	bool keyed = false; /* `node` waits for its value */
	json_read(&r, text);
	*root = NULL;
	for (enum json_token t; (t = json_next(&r)) != JT_END;) {
		if (t == JT_ERROR) return json_error(&r, err);
		if (t == JT_OBJECT_END || t == JT_ARRAY_END) {
			struct level *out = in > levels ? in - 1 : NULL;
			const char *from = in->node->raw.ptr;
			const bool plain = in->canonical && (size_t)(r.p - from) == in->plain;
			value_end(in->node, from, r.p, plain, out);
			in = out;
			continue;
		}
		if (t == JT_KEY) {
			node = node_new(a, &r, t, true);
			if (!node) return err_no_memory(err);
			level_add(in, node, &r);
			keyed = true;
			continue;
		}
		if (keyed) node->type = t;
		else if (!(node = node_new(a, &r, t, false))) return err_no_memory(err);
		else if (in) level_add(in, node, NULL);
		else *root = node;
		keyed = false;
		if (t != JT_OBJECT && t != JT_ARRAY) {
			leaf_end(node, &r, in);
			continue;
		}
		node->raw.ptr = r.p - 1;
		in = in ? in + 1 : levels;
		level_open(in, node);
	}
	return OK;
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
	const struct json_reader r = { .raw = str_cut(node->raw, 1, node->raw.len - 1), .escaped = node->escaped };
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
		json_key_str(&o, m[i].node->key);
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
