#include "wire/toml.h"

#include <math.h>
#include <stdarg.h>

const char *const toml_type_names[] = { "a table", "a list", "a text", "a whole number", "a number", "true or false" };

struct parser {
	struct str s;
	size_t i;
	struct arena *a;
	struct err *err;
	int n_nodes;
};

static enum err_code fail_at(struct parser *p, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void where(struct str s, size_t at, int *line, int *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at && i < s.len; i++) {
		if (((unsigned char)s.ptr[i] & 0xC0) != 0x80) ++*column;
		if (s.ptr[i] == '\n') ++*line, *column = 1;
	}
}

static enum err_code fail_at(struct parser *p, size_t at, const char *fmt, ...)
{
	char words[160];
	int line, column;
	va_list args;
	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	where(p->s, at, &line, &column);
	err_set(p->err, ERR_INPUT, "toml.syntax", "", "mapping, line %d, column %d: %s", line, column, words);
	err_hint(p->err, "docs/mapping.md shows how mappings are written.");
	if (p->err) p->err->value = line;
	return ERR_INPUT;
}

static char peek(const struct parser *p, size_t ahead)
{
	return p->i + ahead < p->s.len ? p->s.ptr[p->i + ahead] : '\0';
}

static bool starts(const struct parser *p, const char *z)
{
	return str_starts(str_cut(p->s, p->i, p->s.len), str_of(z));
}

static void blanks(struct parser *p)
{
	while (peek(p, 0) == ' ' || peek(p, 0) == '\t') p->i++;
}

static void comment(struct parser *p)
{
	if (peek(p, 0) != '#') return;
	while (p->i < p->s.len && p->s.ptr[p->i] != '\n') p->i++;
}

static bool newline(struct parser *p)
{
	if (peek(p, 0) == '\r' && peek(p, 1) == '\n') p->i++;
	if (peek(p, 0) != '\n') return false;
	p->i++;
	return true;
}

static void blank_lines(struct parser *p)
{
	do {
		blanks(p);
		comment(p);
	} while (newline(p));
}

static enum err_code node(struct parser *p, enum toml_type type, struct str key, size_t at, struct toml **out)
{
	if (++p->n_nodes > TOML_NODES_MAX)
		return err_limit(p->err, "toml.syntax", "", p->n_nodes, TOML_NODES_MAX,
		                 "the mapping has more than %d values", TOML_NODES_MAX);
	struct toml *n = ARENA_NEW(p->a, struct toml);
	if (!n) return err_no_memory(p->err);
	n->type = type;
	n->key = key;
	n->column = (int)at; /* an offset until place() */
	*out = n;
	return OK;
}

static void append(struct toml *parent, struct toml *child)
{
	if (parent->last) parent->last->next = child;
	else parent->first = child;
	parent->last = child;
}

static struct toml *member(const struct toml *table, struct str key)
{
	for (struct toml *m = table->first; m; m = m->next)
		if (str_eq(m->key, key)) return m;
	return NULL;
}

struct toml *toml_get(const struct toml *table, const char *key)
{
	return member(table, str_of(key));
}

/* --- strings ----------------------------------------------------------------------- */

static enum err_code escape(struct parser *p, struct buf *b)
{
	static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\033\"\\";
	char c = peek(p, 0);
	const char *hit = c ? strchr(from, c) : NULL;
	if (hit) {
		buf_byte(b, to[hit - from]);
		p->i++;
		return OK;
	}
	size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
	uint32_t cp = 0;
	for (size_t k = 1; k <= digits; k++) {
		char h = peek(p, k);
		uint32_t d = h >= '0' && h <= '9'   ? (uint32_t)(h - '0')
		             : h >= 'a' && h <= 'f' ? (uint32_t)(h - 'a' + 10)
		             : h >= 'A' && h <= 'F' ? (uint32_t)(h - 'A' + 10)
		                                    : 16;
		if (d == 16) digits = 0;
		cp = cp << 4 | d;
	}
	if (!digits || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
		return fail_at(p, p->i, "an unknown escape stands in a text");
	char utf8[4];
	buf_put(b, utf8, utf8_put(utf8, cp));
	p->i += digits + 1;
	return OK;
}

static enum err_code string(struct parser *p, struct buf *b)
{
	char quote = peek(p, 0);
	size_t at = p->i;
	bool multi = peek(p, 1) == quote && peek(p, 2) == quote;
	p->i += multi ? 3 : 1;
	if (multi) (void)newline(p);
	for (;;) {
		if (p->i >= p->s.len) return fail_at(p, at, "a text is not closed");
		char c = p->s.ptr[p->i];
		if (c == quote && !multi) break;
		if (c == quote && peek(p, 1) == quote && peek(p, 2) == quote) {
			/* Up to two quotes may stand right before the closing three. */
			while (peek(p, 3) == quote && peek(p, 2) == quote && peek(p, 1) == quote) {
				buf_byte(b, quote);
				p->i++;
			}
			break;
		}
		if ((c == '\n' || c == '\r') && !multi) return fail_at(p, at, "a text is not closed on its line");
		if ((unsigned char)c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return fail_at(p, p->i, "a control character stands in a text");
		p->i++;
		if (c != '\\' || quote == '\'') {
			buf_byte(b, c);
			continue;
		}
		size_t mark = p->i;
		blanks(p);
		if (multi && (peek(p, 0) == '\n' || peek(p, 0) == '\r')) {
			while (peek(p, 0) == ' ' || peek(p, 0) == '\t' || peek(p, 0) == '\n' || peek(p, 0) == '\r')
				p->i++;
			continue;
		}
		p->i = mark;
		TRY(escape(p, b));
	}
	p->i += multi ? 3 : 1;
	return OK;
}

static enum err_code text_value(struct parser *p, struct str *out)
{
	struct buf b;
	buf_init(&b, TOML_BYTES_MAX);
	enum err_code rc = string(p, &b);
	if (rc == OK) rc = buf_check(&b, p->err);
	if (rc == OK) {
		*out = str_copy(p->a, buf_view(&b));
		if (!out->ptr) rc = err_no_memory(p->err);
	}
	buf_done(&b);
	return rc;
}

/* --- keys and values ------------------------------------------------------------------ */

static bool bare(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static enum err_code simple_key(struct parser *p, struct str *out)
{
	blanks(p);
	if (peek(p, 0) == '"' || peek(p, 0) == '\'') {
		if (peek(p, 1) == peek(p, 0) && peek(p, 2) == peek(p, 0))
			return fail_at(p, p->i, "a key cannot have three quotes");
		return text_value(p, out);
	}
	size_t from = p->i;
	while (bare(peek(p, 0))) p->i++;
	if (p->i == from) {
		if ((unsigned char)peek(p, 0) >= 0x80)
			return fail_at(p, p->i, "a key with letters other than a to z needs quotes");
		return fail_at(p, p->i, "a key is expected here");
	}
	*out = str_cut(p->s, from, p->i);
	return OK;
}

static enum err_code value(struct parser *p, struct str key, int depth, struct toml **out);
static enum err_code pair(struct parser *p, struct toml *table, int depth);

static enum err_code array(struct parser *p, struct toml *n, int depth)
{
	p->i++;
	n->defined = true;
	for (;;) {
		blank_lines(p);
		if (peek(p, 0) == ']') break;
		struct toml *e;
		TRY(value(p, STR(""), depth + 1, &e));
		append(n, e);
		blank_lines(p);
		if (peek(p, 0) == ',') p->i++;
		else if (peek(p, 0) != ']') return fail_at(p, p->i, "a comma or ] is expected in the list");
	}
	p->i++;
	return OK;
}

static enum err_code inline_table(struct parser *p, struct toml *n, int depth)
{
	p->i++;
	n->defined = true;
	blanks(p);
	if (peek(p, 0) == '}') return p->i++, OK;
	for (;;) {
		TRY(pair(p, n, depth + 1));
		blanks(p);
		char c = peek(p, 0);
		p->i++;
		if (c == '}') return OK;
		if (c != ',')
			return fail_at(p, p->i - 1, "a comma or } is expected; an inline table stands on one line");
	}
}

static enum err_code number(struct parser *p, struct toml *n)
{
	char z[64];
	size_t from = p->i, len = 0;
	while (bare(peek(p, 0)) || peek(p, 0) == '+' || peek(p, 0) == '.' || peek(p, 0) == ':') p->i++;
	for (size_t k = from; k < p->i && len < sizeof z - 1; k++)
		if (p->s.ptr[k] != '_') z[len++] = p->s.ptr[k];
		else if (k == from || k + 1 == p->i) return fail_at(p, k, "an underscore must stand between digits");
	z[len] = '\0';
	struct str s = { z, len };
	if (p->i == from) return fail_at(p, from, "a value is expected here");
	if (p->i - from >= sizeof z) return fail_at(p, from, "a number is too long");
	n->type = TOML_INT;
	if (str_to_i64(s, &n->i)) {
		n->f = (double)n->i;
		return OK;
	}
	n->type = TOML_FLOAT;
	if (str_to_double(s, &n->f)) return OK;
	if (len > 4 && z[4] == '-' && z[0] >= '0' && z[0] <= '9')
		return fail_at(p, from, "dates are written as texts, in quotes");
	return fail_at(p, from, "'%.40s' is no value; a text needs quotes", z);
}

static enum err_code value(struct parser *p, struct str key, int depth, struct toml **out)
{
	if (depth > TOML_DEPTH_MAX) return fail_at(p, p->i, "it is nested more than %d deep", TOML_DEPTH_MAX);
	struct toml *n;
	blanks(p);
	TRY(node(p, TOML_STRING, key, p->i, &n));
	*out = n;
	char c = peek(p, 0);
	if (c == '"' || c == '\'') return text_value(p, &n->text);
	if (c == '[') return n->type = TOML_ARRAY, array(p, n, depth);
	if (c == '{') return n->type = TOML_TABLE, inline_table(p, n, depth);
	bool yes = starts(p, "true"), no = starts(p, "false");
	if ((yes || no) && !bare(peek(p, yes ? 4 : 5))) {
		n->type = TOML_BOOL;
		n->b = yes;
		p->i += yes ? 4 : 5;
		return OK;
	}
	return number(p, n);
}

/* The table named `key` in `parent`, made when absent; of an array of tables the last element. */
static enum err_code step(struct parser *p, struct toml **parent, struct str key, size_t at, bool header)
{
	struct toml *m = member(*parent, key);
	if (!m) {
		TRY(node(p, TOML_TABLE, key, at, &m));
		append(*parent, m);
	} else if (m->type == TOML_ARRAY && header && !m->defined && m->last) m = m->last;
	else if (m->type != TOML_TABLE || (!header && m->defined))
		return fail_at(p, at, "'" STR_FMT "' has a value already", STR_ARG(wire_show(key, 40)));
	*parent = m;
	return OK;
}

/* key = value, key.key = value */
static enum err_code pair(struct parser *p, struct toml *table, int depth)
{
	struct str key;
	size_t at;
	for (int parts = 1;; parts++) {
		blanks(p);
		at = p->i;
		TRY(simple_key(p, &key));
		blanks(p);
		if (peek(p, 0) != '.') break;
		if (parts > TOML_DEPTH_MAX) return fail_at(p, at, "it is nested more than %d deep", TOML_DEPTH_MAX);
		p->i++;
		TRY(step(p, &table, key, at, false));
	}
	if (peek(p, 0) != '=') return fail_at(p, p->i, "= is expected behind the key");
	if (member(table, key)) return fail_at(p, at, "'" STR_FMT "' stands here twice", STR_ARG(wire_show(key, 40)));
	p->i++;
	struct toml *v;
	TRY(value(p, key, depth, &v));
	v->column = (int)at; /* messages point at the key */
	append(table, v);
	return OK;
}

/* [a.b] and [[a.b]] */
static enum err_code header(struct parser *p, struct toml *root, struct toml **table)
{
	size_t at = p->i;
	bool array = peek(p, 1) == '[';
	struct str key;
	p->i += array ? 2 : 1;
	*table = root;
	for (int parts = 1;; parts++) {
		TRY(simple_key(p, &key));
		blanks(p);
		if (peek(p, 0) != '.') break;
		if (parts > TOML_DEPTH_MAX) return fail_at(p, at, "it is nested more than %d deep", TOML_DEPTH_MAX);
		p->i++;
		TRY(step(p, table, key, at, true));
	}
	if (peek(p, 0) != ']' || (array && peek(p, 1) != ']'))
		return fail_at(p, p->i, array ? "]] is expected" : "] is expected");
	p->i += array ? 2 : 1;
	struct toml *m = member(*table, key);
	struct str shown = wire_show(key, 40);
	if (!array) {
		if (m && (m->type != TOML_TABLE || m->defined))
			return fail_at(p, at, "'" STR_FMT "' stands here twice", STR_ARG(shown));
		TRY(step(p, table, key, at, true));
		(*table)->defined = true;
		return OK;
	}
	if (!m) {
		TRY(node(p, TOML_ARRAY, key, at, &m));
		append(*table, m);
	}
	if (m->type != TOML_ARRAY || m->defined)
		return fail_at(p, at, "'" STR_FMT "' is no list of tables", STR_ARG(shown));
	TRY(node(p, TOML_TABLE, STR(""), at, table));
	(*table)->defined = true;
	append(m, *table);
	return OK;
}

/* Starts of lines, so that places of nodes need no walk through the text. */
struct lines {
	const uint32_t *start;
	size_t n;
};

static void place(struct toml *n, const struct lines *l)
{
	size_t at = (size_t)n->column, low = 0, high = l->n;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (l->start[mid] <= at) low = mid;
		else high = mid;
	}
	n->line = (int)low + 1;
	n->column = (int)(at - l->start[low]) + 1;
	for (struct toml *m = n->first; m; m = m->next) place(m, l);
}

static enum err_code place_all(struct parser *p, struct toml *root)
{
	size_t n = 1;
	for (size_t i = 0; i < p->s.len; i++) n += p->s.ptr[i] == '\n';
	uint32_t *start = ARENA_ARRAY(p->a, uint32_t, n);
	if (!start) return err_no_memory(p->err);
	n = 1;
	for (size_t i = 0; i < p->s.len; i++)
		if (p->s.ptr[i] == '\n') start[n++] = (uint32_t)i + 1;
	place(root, &(struct lines){ start, n });
	return OK;
}

enum err_code toml_read(struct str text, struct arena *a, struct toml **out, struct err *err)
{
	struct parser p = { .s = text, .a = a, .err = err };
	struct toml *root, *table;
	if (text.len > TOML_BYTES_MAX)
		return err_limit(err, "toml.syntax", "", (int64_t)text.len, (int64_t)TOML_BYTES_MAX,
		                 "the mapping has %zu bytes, at most %zu are read", text.len, TOML_BYTES_MAX);
	if (str_starts(text, STR("\xEF\xBB\xBF"))) p.i = 3;
	size_t ok = utf8_valid(text.ptr, text.len);
	if (ok < text.len) return fail_at(&p, ok, "it is not UTF-8");
	TRY(node(&p, TOML_TABLE, STR(""), 0, &root));
	table = root;
	for (;;) {
		blank_lines(&p);
		if (p.i >= p.s.len) break;
		if (peek(&p, 0) == '[') TRY(header(&p, root, &table));
		else TRY(pair(&p, table, 0));
		blanks(&p);
		comment(&p);
		if (p.i < p.s.len && !newline(&p)) return fail_at(&p, p.i, "something stands behind the value");
	}
	TRY(place_all(&p, root));
	*out = root;
	return OK;
}
