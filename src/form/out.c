/* Text on its way out: into HTML, into plain text, and the little HTML that authors may write. */
#include "form/priv.h"

/* Written by people and read by browsers: no controls, no non-characters, nothing that turns text for what follows. */
static bool never(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

static bool isolates_closed(struct str s)
{
	int depth = 0;
	for (size_t i = 0; i < s.len;) {
		const uint32_t c = utf8_next(s, &i);
		if (c >= 0x2066 && c <= 0x2068) depth++;
		if (c == 0x2069 && --depth < 0) return false;
	}
	return depth == 0;
}

static const char *escaped(uint32_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

static void put(struct buf *out, struct str s, bool html)
{
	s = str_cut(s, 0, utf8_valid(s.ptr, s.len));
	const bool closed = isolates_closed(s);
	for (size_t i = 0; i < s.len;) {
		const size_t from = i;
		const uint32_t c = utf8_next(s, &i);
		if (never(c) || (!closed && c >= 0x2066 && c <= 0x2069)) continue;
		const char *e = html ? escaped(c) : NULL;
		if (e) buf_str(out, str_of(e));
		else buf_put(out, s.ptr + from, i - from);
	}
}

void form_put_html(struct buf *out, struct str text)
{
	put(out, text, true);
}

void form_put_plain(struct buf *out, struct str text)
{
	put(out, text, false);
}

/* --- rich text ----------------------------------------------------------------------------------------- */

#define RICH_DEPTH_MAX 32

static const char *const rich_tags[] = { "p",  "br", "b",  "strong", "i",  "em", "u", "ul",
	                                 "ol", "li", "h1", "h2",     "h3", "h4", "a" };
enum { RICH_BR = 1, RICH_A = 14 };

struct rich {
	struct buf *out;
	int open[RICH_DEPTH_MAX];
	int n;
};

/* A stretch of text between tags. Its character references are the author's, so "&" that begins one stays. */
static void put_rich_text(struct buf *out, struct str s)
{
	while (s.len) {
		const size_t amp = str_find(s, '&');
		form_put_html(out, str_cut(s, 0, amp));
		if (amp == s.len) return;
		size_t end = amp + 1;
		if (end < s.len && s.ptr[end] == '#') end++;
		while (end < s.len && end - amp < 12 &&
		       ((s.ptr[end] >= '0' && s.ptr[end] <= '9') || (s.ptr[end] >= 'a' && s.ptr[end] <= 'z') ||
		        (s.ptr[end] >= 'A' && s.ptr[end] <= 'Z')))
			end++;
		/* References by number could name a direction mark: only named ones pass. */
		const bool named = end < s.len && s.ptr[end] == ';' && end > amp + 1 && s.ptr[amp + 1] != '#';
		if (named) buf_str(out, str_cut(s, amp, end + 1));
		else buf_str(out, STR("&amp;"));
		s = str_cut(s, named ? end + 1 : amp + 1, s.len);
	}
}

static struct str tag_name(struct str tag)
{
	size_t n = 0;
	while (n < tag.len && ((tag.ptr[n] >= 'a' && tag.ptr[n] <= 'z') || (tag.ptr[n] >= 'A' && tag.ptr[n] <= 'Z') ||
	                       (n && tag.ptr[n] >= '0' && tag.ptr[n] <= '9')))
		n++;
	return str_cut(tag, 0, n);
}

static int rich_tag(struct str name)
{
	for (int k = 0; k < (int)COUNT_OF(rich_tags); k++)
		if (str_eq_ascii_nocase(name, str_of(rich_tags[k]))) return k;
	return -1;
}

/* The value of href="…" in a tag, when it is an address that may be followed. */
static struct str address(struct str tag)
{
	for (size_t i = 0; i + 6 < tag.len; i++) {
		if (!str_eq_ascii_nocase(str_cut(tag, i, i + 5), STR("href="))) continue;
		const char quote = tag.ptr[i + 5];
		if (quote != '"' && quote != '\'') return STR("");
		const struct str rest = str_cut(tag, i + 6, tag.len);
		const size_t end = str_find(rest, quote);
		const struct str v = str_cut(rest, 0, end);
		if (end < rest.len &&
		    (str_starts(v, STR("https://")) || str_starts(v, STR("http://")) || str_starts(v, STR("mailto:"))))
			return v;
		return STR("");
	}
	return STR("");
}

static void close_down_to(struct rich *r, int depth)
{
	while (r->n > depth) {
		r->n--;
		buf_printf(r->out, "</%s>", rich_tags[r->open[r->n]]);
	}
}

static void put_tag(struct rich *r, struct str tag)
{
	const bool closing = tag.len && tag.ptr[0] == '/';
	const int k = rich_tag(tag_name(closing ? str_cut(tag, 1, tag.len) : tag));
	if (k < 0) return;
	if (k == RICH_BR) {
		buf_str(r->out, STR("<br>"));
		return;
	}
	if (closing) {
		int at = r->n - 1;
		while (at >= 0 && r->open[at] != k) at--;
		if (at >= 0) close_down_to(r, at);
		return;
	}
	if (r->n == RICH_DEPTH_MAX) return;
	const struct str href = k == RICH_A ? address(tag) : STR("");
	if (k == RICH_A && !href.len) return;
	r->open[r->n++] = k;
	buf_printf(r->out, "<%s", rich_tags[k]);
	if (href.len) {
		buf_str(r->out, STR(" rel=\"noopener noreferrer\" href=\""));
		put_rich_text(r->out, href);
		buf_byte(r->out, '"');
	}
	buf_byte(r->out, '>');
}

/* Behind the end of <script> or <style>, whose text is no text. */
static size_t behind(struct str html, size_t from, struct str name)
{
	for (size_t i = from; i + name.len + 2 <= html.len; i++)
		if (html.ptr[i] == '<' && html.ptr[i + 1] == '/' &&
		    str_eq_ascii_nocase(str_cut(html, i + 2, i + 2 + name.len), name))
			return i;
	return html.len;
}

void form_put_rich(struct buf *out, struct str html)
{
	struct rich r = { .out = out };
	html = str_cut(html, 0, utf8_valid(html.ptr, html.len));
	for (size_t i = 0; i < html.len;) {
		const struct str rest = str_cut(html, i, html.len);
		const size_t open = str_find(rest, '<');
		put_rich_text(out, str_cut(rest, 0, open));
		if (open == rest.len) break;
		i += open + 1;
		const struct str tag = str_cut(html, i, i + str_find(str_cut(html, i, html.len), '>'));
		const char first = tag.len ? tag.ptr[0] : ' ';
		/* "a < b" is no tag. */
		if (!tag_name(tag).len && first != '/' && first != '!') {
			buf_str(out, STR("&lt;"));
			continue;
		}
		i += tag.len + 1;
		if (str_eq_ascii_nocase(tag_name(tag), STR("script")) ||
		    str_eq_ascii_nocase(tag_name(tag), STR("style")))
			i = behind(html, i < html.len ? i : html.len, tag_name(tag));
		else put_tag(&r, tag);
	}
	close_down_to(&r, 0);
}
