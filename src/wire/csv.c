/*
 * CSV by RFC 4180, streamed: quoted fields with delimiters, newlines and
 * doubled quotes inside; CRLF, LF or CR; a byte order mark; UTF-16 with one;
 * gzip and zstd. Blank lines are no rows.
 *
 * A row is found first (scan), then cut into fields (split), so that a row
 * that goes wrong can be refused whole and reading goes on behind it. A
 * quote that is never closed would eat the file: its first line is refused
 * and reading goes on at the next.
 */
#include "base/checked.h"
#include "wire/table.h"

enum { START_BYTES = 256 * 1024, SNIFF_BYTES = 64 * 1024, SNIFF_ROWS = 40 };
static const char delimiters[] = { ',', ';', '\t', '|' };

enum state { FIELD, PLAIN, QUOTED, QUOTE, BEHIND };

struct csv {
	struct feed *feed;
	char *bytes;
	size_t cap, from, to;
	bool ended;
	int64_t line;     /* of bytes[from] */
	int64_t consumed; /* bytes of text before bytes[from] */
	char delimiter;
	char better; /* see csv_better_delimiter */
	struct str *cells;
	size_t n_cells, cells_cap;
	struct buf unquoted;
};

/* More bytes behind `to`; false at the end or on an error (see ended). */
static bool fill(struct csv *c)
{
	if (c->ended) return false;
	if (c->from) {
		memmove(c->bytes, c->bytes + c->from, c->to - c->from);
		c->to -= c->from;
		c->from = 0;
	}
	if (c->cap - c->to < c->cap / 4) {
		size_t cap = c->cap * 2;
		if (cap > WIRE_ROW_BYTES_MAX * 2) cap = WIRE_ROW_BYTES_MAX * 2;
		if (cap > c->cap) {
			char *grown = realloc(c->bytes, cap);
			if (grown) c->bytes = grown, c->cap = cap;
		}
	}
	if (c->cap - c->to < 8) return false;
	int64_t n = feed_read(c->feed, c->bytes + c->to, c->cap - c->to);
	if (n <= 0) c->ended = true;
	if (n > 0) c->to += (size_t)n;
	return n > 0;
}

/* --- finding a row ---------------------------------------------------------------------- */

/* How far a row was looked at: i is an offset from c->from. */
struct scan {
	size_t i;
	enum state state;
	bool behind; /* something stood behind a closing quote */
	bool done;   /* bytes[from + i] is the newline that ends the row, or the end */
};

/* Goes on from s->i until the row's end or the end of what is there. */
static void scan(const char *p, size_t len, char delimiter, struct scan *s)
{
	size_t i = s->i;
	enum state state = s->state;
	for (; i < len; i++) {
		char ch = p[i];
		if (state == QUOTED) {
			if (ch == '"') state = QUOTE;
			continue;
		}
		if (state == QUOTE && ch == '"') {
			state = QUOTED;
			continue;
		}
		if (ch == delimiter) state = FIELD;
		else if (ch == '\n' || ch == '\r') {
			s->done = true;
			break;
		} else if (ch == '"' && state == FIELD) state = QUOTED;
		else if (state == QUOTE || state == BEHIND) {
			if (ch != ' ') s->behind = true; /* blanks behind a quote are common and harmless */
			state = BEHIND;
		} else if (state == FIELD) state = PLAIN;
	}
	s->i = i;
	s->state = state;
}

/* Moves behind n bytes, counting lines. CRLF counts once. */
static void consume(struct csv *c, size_t n)
{
	const char *p = c->bytes + c->from;
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\n' || (p[i] == '\r' && !(c->from + i + 1 < c->to && p[i + 1] == '\n'))) c->line++;
	c->from += n;
	c->consumed += (int64_t)n;
}

/* Runs to the end of the line without keeping it. */
static void skip_line(struct csv *c)
{
	for (;;) {
		struct str rest = { c->bytes + c->from, c->to - c->from };
		size_t at = str_find(rest, '\n');
		if (at < rest.len) {
			consume(c, at + 1);
			return;
		}
		consume(c, rest.len);
		if (!fill(c)) return;
	}
}

static size_t newline_bytes(const struct csv *c, size_t at)
{
	const char *p = c->bytes + c->from + at;
	size_t left = c->to - c->from - at;
	return left == 0 ? 0 : left > 1 && p[0] == '\r' && p[1] == '\n' ? 2 : 1;
}

/* --- cutting it ----------------------------------------------------------------------------- */

static bool add_cell(struct csv *c, struct str s)
{
	if (c->n_cells == c->cells_cap) {
		size_t cap = c->cells_cap ? c->cells_cap * 2 : 64;
		struct str *grown = realloc(c->cells, cap * sizeof *grown);
		if (!grown) return false;
		c->cells = grown;
		c->cells_cap = cap;
	}
	c->cells[c->n_cells++] = s;
	return true;
}

/* The field at p, quotes taken off; *len becomes how many bytes it took without the delimiter. */
static struct str field(struct csv *c, const char *p, size_t left, size_t *len)
{
	if (left == 0 || p[0] != '"') {
		*len = str_find((struct str){ p, left }, c->delimiter);
		return (struct str){ p, *len };
	}
	size_t from = c->unquoted.len, i = 1, start = 1;
	bool doubled = false;
	for (; i < left; i++) {
		if (p[i] != '"') continue;
		if (i + 1 < left && p[i + 1] == '"') {
			buf_put(&c->unquoted, p + start, i + 1 - start);
			doubled = true;
			start = i + 2;
			i++;
			continue;
		}
		break;
	}
	size_t end = i;
	*len = i < left ? i + 1 : left;
	while (*len < left && p[*len] != c->delimiter) ++*len; /* blanks behind the quote */
	if (!doubled) return (struct str){ p + 1, end - 1 };
	buf_put(&c->unquoted, p + start, end - start);
	return (struct str){ c->unquoted.ptr + from, c->unquoted.len - from };
}

static bool split(struct csv *c, struct str line)
{
	c->n_cells = 0;
	buf_clear(&c->unquoted);
	/* No growth while cells point into it: unquoting never makes a row longer. */
	if (!buf_reserve(&c->unquoted, line.len + 1)) return false;
	for (size_t i = 0;; i++) {
		size_t len;
		struct str s = field(c, line.ptr + i, line.len - i, &len);
		if (!add_cell(c, s)) return false;
		i += len;
		if (i >= line.len) return true;
	}
}

/* --- rows -------------------------------------------------------------------------------------- */

static enum table_got bad(struct csv *c, struct raw_row *row, size_t take)
{
	row->raw = str_cut((struct str){ c->bytes + c->from, c->to - c->from }, 0,
	                   take < WIRE_RAW_BYTES_MAX ? take : WIRE_RAW_BYTES_MAX);
	row->line = c->line;
	return TABLE_BAD_ROW;
}

static enum table_got unclosed(struct csv *c, struct raw_row *row, const struct scan *s, struct err *why)
{
	struct str all = { c->bytes + c->from, s->i };
	size_t first = str_find(all, '\n');
	if (s->state == QUOTED || s->state == QUOTE) {
		err_set(why, ERR_INPUT, "csv.quote", "", "a quote is opened in the row and not closed%s",
		        s->i > WIRE_ROW_BYTES_MAX ? " within 8 MiB" : "");
		err_hint(why, "Close the quote; a quote inside a quoted field is written twice.");
	} else {
		err_limit(why, "csv.limit", "", 0, (int64_t)WIRE_ROW_BYTES_MAX, "the row is longer than %zu bytes",
		          WIRE_ROW_BYTES_MAX);
		err_hint(why, "Check the line ends and the delimiter.");
	}
	enum table_got got = bad(c, row, first);
	/* The raw text is copied by whoever refuses, but skipping may move it: keep it in the field buffer. */
	buf_clear(&c->unquoted);
	buf_str(&c->unquoted, row->raw);
	row->raw = buf_view(&c->unquoted);
	if (first < all.len) consume(c, first + 1);
	else skip_line(c);
	return got;
}

static bool check_row(const struct csv *c, struct str line, const struct scan *s, struct err *why)
{
	size_t ok = utf8_valid(line.ptr, line.len);
	if (ok < line.len) {
		err_set(why, ERR_INPUT, "csv.utf8", "", "the row is not UTF-8 at byte %lld of the file",
		        (long long)c->consumed + (long long)ok);
		err_hint(why, "Save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\") and import it again.");
		return false;
	}
	if (s->behind) {
		err_set(why, ERR_INPUT, "csv.quote", "", "something stands behind a closing quote");
		err_hint(why, "A quote inside a quoted field is written twice.");
		return false;
	}
	for (size_t i = 0; line.len > WIRE_FIELD_BYTES_MAX && i < c->n_cells; i++)
		if (c->cells[i].len > WIRE_FIELD_BYTES_MAX) {
			err_limit(why, "csv.limit", "", (int64_t)c->cells[i].len, (int64_t)WIRE_FIELD_BYTES_MAX,
			          "field %zu has %zu bytes, at most %zu are read", i + 1, c->cells[i].len,
			          WIRE_FIELD_BYTES_MAX);
			return false;
		}
	return true;
}

static enum table_got next(void *ctx, struct raw_row *row, struct err *why)
{
	struct csv *c = ctx;
	for (;;) {
		struct scan s = { 0 };
		for (;;) {
			scan(c->bytes + c->from, c->to - c->from, c->delimiter, &s);
			if (s.i > WIRE_ROW_BYTES_MAX) return unclosed(c, row, &s, why);
			/* A CR at the very end of what is there may be half of CRLF. */
			if (s.done && !(c->bytes[c->from + s.i] == '\r' && c->from + s.i + 1 == c->to && !c->ended))
				break;
			if (!fill(c) && !(s.done && c->ended)) break;
		}
		if (feed_bytes_in(c->feed) < 0 || (c->ended && feed_read(c->feed, (char[8]){ 0 }, 8) < 0)) {
			(void)feed_error(c->feed, why);
			return TABLE_FAILED;
		}
		if (!s.done && s.state == QUOTED) return unclosed(c, row, &s, why);
		if (s.i == 0 && c->from == c->to) return TABLE_END;
		struct str line = { c->bytes + c->from, s.i };
		size_t take = s.i + newline_bytes(c, s.i);
		if (str_trim(line).len == 0 && memchr(line.ptr, c->delimiter, line.len) == NULL) {
			consume(c, take);
			continue;
		}
		if (!split(c, line)) return err_no_memory(why), TABLE_FAILED;
		bool good = check_row(c, line, &s, why);
		row->cells = c->cells;
		row->n_cells = c->n_cells;
		enum table_got got = bad(c, row, line.len);
		consume(c, take);
		return good ? TABLE_ROW : got;
	}
}

/* --- the delimiter ------------------------------------------------------------------------------- */

/* How well the start of the file fits a delimiter: rows with as many fields as the first, times fields. */
static double fit(struct str head, char delimiter, size_t *columns)
{
	struct scan s = { 0 };
	size_t rows = 0, same = 0, first = 0, at = 0;
	while (at < head.len && rows < SNIFF_ROWS) {
		s = (struct scan){ 0 };
		size_t fields = 1;
		struct str rest = str_cut(head, at, head.len);
		/* Count delimiters that end a field: scan stops at row ends only, so step through it. */
		for (size_t i = 0; i < rest.len && !s.done; i++) {
			s.i = i;
			scan(rest.ptr, i + 1, delimiter, &s);
			if (rest.ptr[i] == delimiter && s.state == FIELD) fields++;
		}
		size_t len = s.done ? s.i : rest.len;
		if (!s.done && rows > 0) break; /* a row cut off by the end of the head */
		at += len + 1;
		if (str_trim(str_cut(rest, 0, len)).len == 0) continue;
		if (rows == 0) first = fields;
		same += fields == first;
		rows++;
	}
	*columns = first;
	return first < 2 || rows == 0 ? 0 : (double)same / (double)rows * (first > 2 ? 1.0 : 0.9);
}

/* Punctuation that stands equally often in each line, the header too, and nowhere else than between fields. */
static char uncommon_delimiter(struct str head)
{
	static const char candidates[] = "^~\x1f\x01#*!&%$=+\\/:";
	for (const char *d = candidates; *d; d++) {
		size_t rows = 0, same = 0, first = 0;
		for (size_t at = 0; at < head.len && rows < SNIFF_ROWS;) {
			struct str rest = str_cut(head, at, head.len);
			size_t len = str_find(rest, '\n'), n = 0;
			if (len == rest.len && rows > 1 && head.len >= SNIFF_BYTES)
				break; /* cut off by the head's end */
			at += len + 1;
			rest = str_cut(rest, 0, len);
			if (str_trim(rest).len == 0) continue;
			for (size_t i = 0; i < rest.len; i++) n += rest.ptr[i] == *d;
			if (rows == 0) first = n;
			same += n == first;
			rows++;
		}
		if (first > 0 && rows > 1 && same == rows) return *d;
	}
	return '\0';
}

static void choose_delimiter(struct csv *c, char asked)
{
	struct str head = str_cut((struct str){ c->bytes + c->from, c->to - c->from }, 0, SNIFF_BYTES);
	char best = ',';
	double best_fit = 0;
	size_t columns;
	for (size_t i = 0; i < COUNT_OF(delimiters); i++) {
		double f = fit(head, delimiters[i], &columns);
		if (f > best_fit) best_fit = f, best = delimiters[i];
	}
	c->delimiter = asked ? asked : best;
	(void)fit(head, c->delimiter, &columns);
	if (columns < 2 && best != c->delimiter && best_fit > 0.5) c->better = best;
	else if (columns < 2) c->better = uncommon_delimiter(head);
}

static int64_t bytes(void *ctx)
{
	return feed_bytes_in(((struct csv *)ctx)->feed);
}

static void close_csv(void *ctx)
{
	struct csv *c = ctx;
	feed_close(c->feed);
	free(c->bytes);
	free(c->cells);
	buf_done(&c->unquoted);
	free(c);
}

char csv_better_delimiter(const struct reader *r)
{
	return r->next == next ? ((struct csv *)r->ctx)->better : '\0';
}

enum err_code csv_open(const struct wire_input *in, const struct table_options *opt, struct reader *out,
                       struct err *err)
{
	struct csv *c = calloc(1, sizeof *c);
	if (!c) return err_no_memory(err);
	c->line = 1;
	c->cap = START_BYTES;
	c->bytes = malloc(c->cap);
	buf_init(&c->unquoted, WIRE_ROW_BYTES_MAX * 3);
	enum err_code rc = c->bytes ? feed_open(in, true, &c->feed, err) : err_no_memory(err);
	if (rc != OK) {
		close_csv(c);
		return rc;
	}
	while (c->to - c->from < SNIFF_BYTES && fill(c)) continue;
	for (int64_t i = 0; i < opt->skip; i++) skip_line(c);
	while (c->to - c->from < SNIFF_BYTES && fill(c)) continue;
	choose_delimiter(c, opt->delimiter);
	*out = (struct reader){ .next = next, .bytes = bytes, .close = close_csv, .ctx = c };
	return OK;
}
