/* What strangers write to us through gateways, and their words on the way out: receipts, phone numbers, templates, SMS,
 * mail. */
#include "base/country.h"
#include "fuzz/one.h"
#include "outbox/priv.h"

static void receipts(struct str in, struct arena *a)
{
	static const char *const paths[] = { "id", "/0/id", "/messages/0/status", "text", "From" };
	struct str v;
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		if (receipt_value(in, str_of(paths[i]), a, &v)) must(v.len > 0 && is_utf8(v), "a value is text");
}

static void phone(struct str in)
{
	char out[COUNTRY_PHONE_BYTES];
	for (size_t i = 0; i <= 3; i++)
		if (country_phone(i < 3 ? country_at(i * 6) : NULL, in, out))
			must(out[0] == '+' && strlen(out) >= 8 && strspn(out + 1, "0123456789") == strlen(out) - 1,
			     "E.164");
}

static void template(struct str in)
{
	struct buf b;
	struct json_reader r;
	const struct slot slots[] = { { "text", in }, { "to", in } };
	buf_init(&b, 4 * MIB);
	template_fill(STR("{\"a\":\"{{text}}\",\"b\":\"{{ to }}\"}"), ESCAPE_JSON, slots, COUNT_OF(slots), &b);
	json_read(&r, buf_view(&b));
	must(b.full || (json_next(&r) == JT_OBJECT && json_skip(&r, JT_OBJECT) && json_next(&r) == JT_END),
	     "still JSON");
	buf_clear(&b);
	template_fill(STR("{{text}}"), ESCAPE_FORM, slots, COUNT_OF(slots), &b);
	must(!memchr(b.len ? b.ptr : "", '&', b.len) && !memchr(b.len ? b.ptr : "", '=', b.len), "one form field");
	if (template_check(in, "body", NULL) == OK) template_fill(in, ESCAPE_NONE, slots, 0, &b);
	buf_done(&b);
}

static void sms(struct str in, struct arena *a)
{
	const struct str link = STR("https://cx.example/s/k7m2q9xr"), whole = outbox_sms_with_link(in, link, a);
	const struct outbox_sms n = outbox_sms_count(whole);
	must(!whole.ptr || (is_utf8(whole) && memmem(whole.ptr, whole.len, link.ptr, link.len)), "the link is whole");
	must(n.parts <= n.units && n.left <= n.per_part && n.units <= n.parts * n.per_part, "parts hold all of it");
}

/* Words go out as mail; where they stand in headers they were checked to be one line. */
static void mail(struct str in)
{
	struct letter l = { .row = { .address = STR("a@b.co") }, .text = in, .lang = STR("fa") };
	const struct settings s = { .from = STR("cx@example.com") };
	struct buf b;
	bool one_line = true;
	for (size_t i = 0; i < in.len; i++) one_line = one_line && (unsigned char)in.ptr[i] >= 32 && in.ptr[i] != 127;
	if (one_line) l.row.subject = l.name = str_cut(in, 0, in.len);
	snprintf(l.public_id, sizeof l.public_id, "msg_1_2");
	buf_init(&b, 8 * MIB);
	if (mime_write(&l, &s, 1790000000000, &b, NULL) == OK) {
		size_t line = 0;
		for (size_t i = 0; i < b.len; i++) {
			must((unsigned char)b.ptr[i] < 127 &&
			             (b.ptr[i] >= 32 || b.ptr[i] == '\r' || b.ptr[i] == '\n' || b.ptr[i] == '\t'),
			     "mail is ASCII");
			line = b.ptr[i] == '\n' ? 0 : line + 1;
			must(line <= 998, "a line of mail");
		}
	}
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	if (size == 0 || size > 32 * KIB) return 0;
	const struct str in = { (const char *)data + 1, size - 1 };
	const bool text = is_utf8(in);
	arena_init(&a, 16 * MIB);
	switch (data[0] % 6) {
	case 0: receipts(in, &a); break;
	case 1: phone(in); break;
	case 2:
		if (text) template(in);
		break;
	case 3:
		if (text) sms(in, &a);
		break;
	case 4:
		if (text) mail(in);
		break;
	default: {
		struct settings s;
		for (int k = 0; k < OUTBOX_KINDS; k++) (void)!settings_read((enum outbox_kind)k, in, &a, &s, NULL);
	}
	}
	arena_done(&a);
	return 0;
}
