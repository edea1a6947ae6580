/*
 * Texts with {{name}} in them: a gateway's URL, headers and body. What is put in is escaped for the place where it
 * stands, so no address and no words can end a JSON string, add a form field or leave a path.
 */
#include "outbox/priv.h"

static const char *const slot_names[] = { "to", "to.digits", "text", "id", "from", "lang", "secret" };

static bool known(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(slot_names); i++)
		if (str_eq(name, str_of(slot_names[i]))) return true;
	return false;
}

/* The next {{name}} at or behind *at: its place in *from, one past it in *at. */
static bool next_slot(struct str text, size_t *at, size_t *from, struct str *name, bool *open)
{
	*open = false;
	const char *begin = *at < text.len ? memmem(text.ptr + *at, text.len - *at, "{{", 2) : NULL;
	if (!begin) return false;
	*from = (size_t)(begin - text.ptr);
	const char *end = memmem(begin, text.len - *from, "}}", 2);
	if (!end) {
		*open = true;
		return false;
	}
	*name = str_trim(str_cut(text, *from + 2, (size_t)(end - text.ptr)));
	*at = (size_t)(end - text.ptr) + 2;
	return true;
}

enum err_code template_check(struct str text, const char *field, struct err *err)
{
	size_t at = 0, from;
	struct str name;
	bool open;
	while (next_slot(text, &at, &from, &name, &open))
		if (!known(name)) {
			err_set(err, ERR_INPUT, "outbox.template", field, "there is no {{" STR_FMT "}}",
			        STR_ARG(str_cut(name, 0, name.len < 40 ? name.len : 40)));
			err_hint(
			        err,
			        "Known are {{to}}, {{to.digits}}, {{text}}, {{id}}, {{from}}, {{lang}} and {{secret}}.");
			return ERR_INPUT;
		}
	if (open) return err_set(err, ERR_INPUT, "outbox.template", field, "a {{ is not closed by }}");
	return OK;
}

bool template_names(struct str text, const char *slot)
{
	size_t at = 0, from;
	struct str name;
	bool open;
	while (next_slot(text, &at, &from, &name, &open))
		if (str_eq(name, str_of(slot))) return true;
	return false;
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static void put_url(struct buf *out, struct str v, bool form)
{
	for (size_t i = 0; i < v.len; i++) {
		if (unreserved(v.ptr[i])) buf_byte(out, v.ptr[i]);
		else if (form && v.ptr[i] == ' ') buf_byte(out, '+');
		else buf_printf(out, "%%%02X", (unsigned char)v.ptr[i]);
	}
}

static void put_json(struct buf *out, struct str v)
{
	struct buf quoted;
	struct json_out j;
	buf_init(&quoted, 8 * OUTBOX_TEXT_BYTES_MAX);
	json_out_init(&j, &quoted);
	json_put_str(&j, v);
	if (quoted.full) out->full = true;
	else buf_put(out, quoted.ptr + 1, quoted.len - 2); /* without the quotes, which the template has */
	buf_done(&quoted);
}

static void put_value(struct buf *out, enum escape e, struct str v)
{
	switch (e) {
	case ESCAPE_JSON: put_json(out, v); break;
	case ESCAPE_URL: put_url(out, v, false); break;
	case ESCAPE_FORM: put_url(out, v, true); break;
	case ESCAPE_NONE: buf_str(out, v); break;
	}
}

void template_fill(struct str text, enum escape e, const struct slot *slots, size_t n, struct buf *out)
{
	size_t at = 0, done = 0, from;
	struct str name;
	bool open;
	while (next_slot(text, &at, &from, &name, &open)) {
		buf_str(out, str_cut(text, done, from));
		for (size_t i = 0; i < n; i++)
			if (str_eq(name, str_of(slots[i].name))) put_value(out, e, slots[i].value);
		done = at;
	}
	buf_str(out, str_cut(text, done, text.len));
}
