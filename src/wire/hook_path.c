/*
 * Paths into a JSON body: "data.customer.id", "items[0].sku", and for names
 * with dots in them data["odd.name"]. "$." in front means from the top of the
 * body, wherever one stands in it; "." alone is where one stands.
 */
#include "wire/hook.h"

/* The next step of a path; false when it is badly written, or at its end (*rest is "" then). */
struct step {
	struct str name; /* of a member; ptr NULL: an element */
	size_t index;
};

static bool next_step(struct str *rest, struct step *out)
{
	struct str r = *rest;
	*out = (struct step){ 0 };
	if (r.len && r.ptr[0] == '.') r = str_cut(r, 1, r.len);
	if (!r.len) return false;
	if (r.ptr[0] != '[') {
		size_t n = 0;
		while (n < r.len && r.ptr[n] != '.' && r.ptr[n] != '[') n++;
		out->name = str_cut(r, 0, n);
		*rest = str_cut(r, n, r.len);
		return n > 0;
	}
	const char quote = r.len > 1 ? r.ptr[1] : '\0';
	if (quote == '"' || quote == '\'') {
		const size_t n = str_find(str_cut(r, 2, r.len), quote);
		if (2 + n + 1 >= r.len || r.ptr[2 + n + 1] != ']') return false;
		out->name = str_cut(r, 2, 2 + n);
		*rest = str_cut(r, 2 + n + 2, r.len);
		return true;
	}
	const size_t close = str_find(r, ']');
	int64_t index;
	if (close == r.len || !str_to_i64(str_cut(r, 1, close), &index) || index < 0) return false;
	out->index = (size_t)index;
	*rest = str_cut(r, close + 1, r.len);
	return true;
}

const struct json_node *hook_at(const struct json_node *top, const struct json_node *item, struct str path)
{
	const struct json_node *at = item;
	struct step s;
	if (str_eq(path, STR("."))) return item;
	if (str_starts(path, STR("$"))) at = top, path = str_cut(path, 1, path.len);
	while (path.len && at) {
		if (!next_step(&path, &s)) return NULL;
		if (s.name.ptr) {
			at = json_member(at, s.name);
		} else if (at->type == JT_ARRAY && s.index < at->n) {
			at = at->first;
			for (size_t i = 0; i < s.index; i++) at = at->next;
		} else {
			return NULL;
		}
	}
	return at;
}

struct str hook_path_name(struct str path)
{
	struct step s;
	struct str rest = str_starts(path, STR("$")) ? str_cut(path, 1, path.len) : path, last = path;
	while (next_step(&rest, &s))
		if (s.name.ptr) last = s.name;
	return last;
}

static bool plain(struct str name)
{
	if (!name.len || name.ptr[0] == '$' || name.ptr[0] == '@' || str_eq(name, STR("#"))) return false;
	for (size_t i = 0; i < name.len; i++)
		if (strchr(".[]{}\"'", name.ptr[i]) || (unsigned char)name.ptr[i] < 0x20) return false;
	return true;
}

struct str hook_path_add(struct arena *a, struct str path, struct str name)
{
	if (plain(name)) return str_format(a, STR_FMT "%s" STR_FMT, STR_ARG(path), path.len ? "." : "", STR_ARG(name));
	const char *quote = str_find(name, '"') < name.len ? "'" : "\"";
	return str_format(a, STR_FMT "[%s" STR_FMT "%s]", STR_ARG(path), quote, STR_ARG(name), quote);
}
