/*
 * Mail as bytes: RFC 5322 headers, RFC 2047 words where a header is not ASCII, multipart/alternative with text and
 * HTML, multipart/mixed around it when files come along. Values that become headers were checked for control
 * characters when the message was put in, and again here nothing below a space is written.
 */
#include "outbox/priv.h"

#define LINE_MAX 76
#define WORD_FRAME 12 /* of an encoded word besides its base64: =?UTF-8?B? and ?= */

/* --- encodings ---------------------------------------------------------------------------------- */

void mime_base64(struct buf *out, struct str bytes, size_t line)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;
	for (size_t i = 0; i < bytes.len; i += 3) {
		const size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		const unsigned char *p = (const unsigned char *)bytes.ptr + i;
		const uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
		if (line && column == line) {
			buf_put(out, "\r\n", 2);
			column = 0;
		}
		const char four[4] = { set[v >> 18], set[v >> 12 & 63], n > 1 ? set[v >> 6 & 63] : '=',
			               n > 2 ? set[v & 63] : '=' };
		buf_put(out, four, 4);
		column += 4;
	}
}

/* Quoted-printable of text; line ends become CRLF. */
void mime_quoted(struct buf *out, struct str text)
{
	size_t column = 0;
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];
		if (c == '\r') continue;
		if (c == '\n') {
			buf_put(out, "\r\n", 2);
			column = 0;
			continue;
		}
		const bool line_ends = i + 1 == text.len || text.ptr[i + 1] == '\n' || text.ptr[i + 1] == '\r';
		const bool plain = (c > 32 && c < 127 && c != '=') || ((c == ' ' || c == '\t') && !line_ends);
		const size_t w = plain ? 1 : 3;
		if (column + w > LINE_MAX - 1) {
			buf_put(out, "=\r\n", 3);
			column = 0;
		}
		if (plain) buf_byte(out, (char)c);
		else buf_printf(out, "=%02X", c);
		column += w;
	}
}

static bool ascii_printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 32 || (unsigned char)s.ptr[i] > 126) return false;
	return true;
}

/* `column`: how much of the line is written. Words of ASCII text are folded at spaces, others as encoded words. */
void mime_word(struct buf *out, struct str text, size_t column)
{
	if (ascii_printable(text) && !memmem(text.ptr ? text.ptr : "", text.len, "=?", 2)) {
		for (size_t i = 0; i < text.len;) {
			const struct str rest = str_cut(text, i, text.len);
			size_t n =
			        str_find(str_cut(rest, 1, rest.len), ' ') + 1; /* up to the next space, not with it */
			if (column > 8 && column + n > LINE_MAX && rest.ptr[0] == ' ') {
				buf_put(out, "\r\n", 2);
				column = 0;
			}
			buf_put(out, rest.ptr, n);
			column += n;
			i += n;
		}
		return;
	}
	for (size_t i = 0; i < text.len;) {
		const size_t from = i,
		             room = column + WORD_FRAME + 8 > LINE_MAX ? 0 : (LINE_MAX - column - WORD_FRAME) / 4 * 3;
		size_t end = i;
		while (end < text.len) {
			size_t next = end;
			(void)utf8_next(text, &next);
			if (next - from > room) break;
			end = next;
		}
		if (end > from) {
			buf_str(out, STR("=?UTF-8?B?"));
			mime_base64(out, str_cut(text, from, end), 0);
			buf_str(out, STR("?="));
		}
		i = end;
		if (i < text.len) buf_str(out, STR("\r\n "));
		column = 1;
	}
}

/* --- headers -------------------------------------------------------------------------------------- */

static void put_date(struct buf *out, int64_t now_ms)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c;
	when_to_civil(now_ms, &c);
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[when_weekday(now_ms / WHEN_DAY_MS)],
	           c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

/* `"Name" <address>`; quotes and backslashes of the name are escaped. */
static void put_mailbox(struct buf *out, const char *header, struct str name, struct str address)
{
	buf_printf(out, "%s: ", header);
	if (name.len && ascii_printable(name)) {
		buf_byte(out, '"');
		for (size_t i = 0; i < name.len; i++) {
			if (name.ptr[i] == '"' || name.ptr[i] == '\\') buf_byte(out, '\\');
			buf_byte(out, name.ptr[i]);
		}
		buf_str(out, STR("\"\r\n "));
	} else if (name.len) {
		mime_word(out, name, strlen(header) + 2);
		buf_str(out, STR("\r\n "));
	}
	buf_printf(out, "<" STR_FMT ">\r\n", STR_ARG(address));
}

static void put_headers(const struct letter *l, const struct settings *s, int64_t now_ms, struct buf *out)
{
	const struct str domain = str_cut(s->from, str_find(s->from, '@') + 1, s->from.len);
	put_date(out, now_ms);
	put_mailbox(out, "From", s->from_name, s->from);
	put_mailbox(out, "To", l->name, l->row.address);
	buf_str(out, STR("Subject: "));
	mime_word(out, l->row.subject, 9);
	buf_printf(out, "\r\nMessage-ID: <%s@" STR_FMT ">\r\n", l->public_id, STR_ARG(domain));
	if (s->reply_to.len) buf_printf(out, "Reply-To: <" STR_FMT ">\r\n", STR_ARG(s->reply_to));
	if (l->unsubscribe.len)
		buf_printf(out,
		           "List-Unsubscribe: <" STR_FMT ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
		           STR_ARG(l->unsubscribe));
	buf_str(out, STR("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"));
	if (l->lang.len) buf_printf(out, "Content-Language: " STR_FMT "\r\n", STR_ARG(l->lang));
}

/* --- parts ---------------------------------------------------------------------------------------- */

/* Base64 when more than a third of the bytes would have to be quoted: Arabic and Persian. */
static void put_text_part(struct buf *out, const char *type, struct str text)
{
	size_t quoted = 0;
	for (size_t i = 0; i < text.len; i++) quoted += (unsigned char)text.ptr[i] > 126;
	const bool base64 = quoted * 3 > text.len;
	buf_printf(out, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
	           base64 ? "base64" : "quoted-printable");
	if (base64) mime_base64(out, text, LINE_MAX);
	else mime_quoted(out, text);
	buf_str(out, STR("\r\n"));
}

/* A file's name in a header: RFC 2231 percent codes for what is not plain. */
static void put_file_name(struct buf *out, struct str name)
{
	buf_str(out, STR("Content-Disposition: attachment; filename*=UTF-8''"));
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.ptr[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		    c == '-' || c == '_')
			buf_byte(out, c);
		else buf_printf(out, "%%%02X", (unsigned char)c);
	}
	buf_str(out, STR("\r\n"));
}

static void put_html(const struct letter *l, struct buf *out)
{
	enum lang lang = LANG_EN;
	struct buf inner;
	if (!lang_of(l->lang, &lang)) lang = LANG_EN;
	buf_init(&inner, 8 * OUTBOX_TEXT_BYTES_MAX + OUTBOX_HTML_BYTES_MAX);
	if (l->html.len) {
		buf_str(&inner, l->html);
	} else {
		buf_str(&inner, STR("<p style=\"margin:0;white-space:pre-line\">"));
		outbox_escape(&inner, l->text);
		buf_str(&inner, STR("</p>"));
	}
	outbox_page(out, lang, l->row.subject, buf_view(&inner), STR(""));
	if (inner.full) out->full = true;
	buf_done(&inner);
}

/* "=_" stands in no quoted-printable and no base64 line, so no part can hold its boundary. */
static void put_alternative(const struct letter *l, struct buf *out)
{
	struct buf page;
	buf_init(&page, 2 * OUTBOX_HTML_BYTES_MAX + 64 * KIB);
	put_html(l, &page);
	buf_printf(out, "Content-Type: multipart/alternative; boundary=\"=_a_%s\"\r\n\r\n--=_a_%s\r\n", l->public_id,
	           l->public_id);
	put_text_part(out, "text/plain", l->text);
	buf_printf(out, "--=_a_%s\r\n", l->public_id);
	put_text_part(out, "text/html", buf_view(&page));
	buf_printf(out, "--=_a_%s--\r\n", l->public_id);
	if (page.full) out->full = true;
	buf_done(&page);
}

enum err_code mime_write(const struct letter *l, const struct settings *s, int64_t now_ms, struct buf *out,
                         struct err *err)
{
	put_headers(l, s, now_ms, out);
	if (!l->n_files) {
		put_alternative(l, out);
		return buf_check(out, err);
	}
	buf_printf(out, "Content-Type: multipart/mixed; boundary=\"=_m_%s\"\r\n\r\n--=_m_%s\r\n", l->public_id,
	           l->public_id);
	put_alternative(l, out);
	for (size_t i = 0; i < l->n_files; i++) {
		buf_printf(out, "--=_m_%s\r\nContent-Type: " STR_FMT "\r\n", l->public_id, STR_ARG(l->files[i].type));
		put_file_name(out, l->files[i].name);
		buf_str(out, STR("Content-Transfer-Encoding: base64\r\n\r\n"));
		mime_base64(out, l->files[i].bytes, LINE_MAX);
		buf_str(out, STR("\r\n"));
	}
	buf_printf(out, "--=_m_%s--\r\n", l->public_id);
	return buf_check(out, err);
}

/* --- pages ---------------------------------------------------------------------------------------- */

/* Overrides of direction, U+202A to U+202E: they would turn what follows around. Whole characters of three bytes. */
static bool override_at(struct str s, size_t i)
{
	return s.len - i >= 3 && s.ptr[i] == '\xe2' && s.ptr[i + 1] == '\x80' && (unsigned char)s.ptr[i + 2] >= 0xaa &&
	       (unsigned char)s.ptr[i + 2] <= 0xae;
}

void outbox_escape(struct buf *out, struct str text)
{
	static const char *const codes[128] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];
		if (override_at(text, i)) i += 2;
		else if (c < 128 && codes[c]) buf_str(out, str_of(codes[c]));
		else if (c >= 32 || c == '\n' || c == '\t') buf_byte(out, (char)c);
	}
}

struct str outbox_line(struct arena *a, struct str text)
{
	struct buf b;
	buf_init(&b, OUTBOX_SUBJECT_BYTES_MAX + 8);
	for (size_t i = 0; i < text.len && b.len < OUTBOX_SUBJECT_BYTES_MAX - 4; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];
		if (override_at(text, i)) i += 2;
		else if (c >= 32 && c != 127) buf_byte(&b, (char)c);
		else if (b.len && b.ptr[b.len - 1] != ' ') buf_byte(&b, ' ');
	}
	/* Whole characters only. */
	size_t end = b.len;
	while (end && utf8_valid(b.ptr, end) != end) end--;
	const struct str out = str_copy(a, (struct str){ b.ptr, end });
	buf_done(&b);
	return out;
}

void outbox_page(struct buf *out, enum lang lang, struct str title, struct str inner, struct str footer)
{
	const char *dir = lang_rtl(lang) ? "rtl" : "ltr", *align = lang_rtl(lang) ? "right" : "left";
	buf_printf(
	        out,
	        "<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
	        "name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light\">\n<title>",
	        lang_codes[lang], dir);
	outbox_escape(out, title);
	buf_printf(out,
	           "</title>\n</head>\n<body style=\"margin:0;background:#f4f5f7\" dir=\"%s\">\n"
	           "<table role=\"presentation\" dir=\"%s\" width=\"100%%\" cellpadding=\"0\" cellspacing=\"0\" "
	           "style=\"background:#f4f5f7\">\n<tr><td align=\"center\" style=\"padding:24px 12px\">\n"
	           "<table role=\"presentation\" dir=\"%s\" width=\"100%%\" cellpadding=\"0\" cellspacing=\"0\" "
	           "style=\"max-width:600px;background:#ffffff;border-radius:12px\">\n<tr><td align=\"%s\" "
	           "style=\"padding:28px;font:16px/1.6 Vazirmatn,'Noto Naskh Arabic',Tahoma,Arial,sans-serif;"
	           "color:#1c2733;text-align:%s\">\n",
	           dir, dir, dir, align, align);
	buf_str(out, inner);
	buf_str(out, STR("\n</td></tr>\n"));
	if (footer.len) {
		buf_printf(out,
		           "<tr><td align=\"%s\" style=\"padding:0 28px 24px;font:13px/1.6 Tahoma,Arial,sans-serif;"
		           "color:#5b6673;text-align:%s\">\n",
		           align, align);
		buf_str(out, footer);
		buf_str(out, STR("\n</td></tr>\n"));
	}
	buf_str(out, STR("</table>\n</td></tr>\n</table>\n</body>\n</html>\n"));
}
