/* What leaves, without sending it: parts of an SMS, templates, mail as bytes, signatures. */
#include "tests/unit/unit.h"

#include "outbox/priv.h"

static struct arena arena;

static int set_up(void **s)
{
	arena_init(&arena, 16 << 20);
	return 0;
}

static int tear_down(void **s)
{
	arena_done(&arena);
	return 0;
}

static struct str repeat(const char *what, size_t n)
{
	struct str one = str_of(what);
	char *p = arena_alloc(&arena, one.len * n + 1);
	assert_non_null(p);
	for (size_t i = 0; i < n; i++) memcpy(p + i * one.len, one.ptr, one.len);
	return (struct str){ p, one.len * n };
}

static void sms_parts_are_counted_as_networks_do(void **s)
{
	static const struct {
		const char *what;
		size_t n, units, parts;
		bool unicode;
	} rows[] = {
		{ "", 0, 0, 0, false },
		{ "a", 1, 1, 1, false },
		{ "a", 160, 160, 1, false },
		{ "a", 161, 161, 2, false },
		{ "a", 306, 306, 2, false },
		{ "a", 307, 307, 3, false },
		{ "é", 160, 160, 1, false },
		{ "€", 80, 160, 1, false },
		{ "€", 81, 162, 2, false },
		{ "€", 153, 306, 3, false }, /* 76 of them in a part: the 153rd septet stays free */
		{ "{", 80, 160, 1, false },
		{ "`", 1, 1, 1, true }, /* ASCII, but not of the alphabet */
		{ "س", 70, 70, 1, true },
		{ "س", 71, 71, 2, true },
		{ "س", 134, 134, 2, true },
		{ "س", 135, 135, 3, true },
		{ "پ", 70, 70, 1, true },
		{ "😀", 35, 70, 1, true },
		{ "😀", 36, 72, 2, true },
		{ "😀", 67, 134, 3, true }, /* 33 pairs in a part, 66 of 67 units */
		{ "می\u200cشود", 10, 60, 1, true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct outbox_sms got = outbox_sms_count(repeat(rows[i].what, rows[i].n));
		if (got.units != rows[i].units || got.parts != rows[i].parts || got.unicode != rows[i].unicode)
			fail_msg("%zu of '%s': %zu units, %zu parts, unicode %d", rows[i].n, rows[i].what, got.units,
			         got.parts, got.unicode);
	}
	assert_int_equal(outbox_sms_count(STR("سلام")).left, 66);
	assert_int_equal(outbox_sms_count(repeat("س", 71)).left, 63);
}

static void a_link_never_stands_across_two_parts(void **s)
{
	const struct str link = STR("https://cx.example/s/k7m2q9xr");
	for (size_t n = 0; n < 220; n++) {
		const struct str text = str_format(&arena, STR_FMT "{{link}} شکراً", STR_ARG(repeat("م", n)));
		const struct str sms = outbox_sms_with_link(text, link, &arena);
		const struct outbox_sms count = outbox_sms_count(sms);
		const char *at = memmem(sms.ptr, sms.len, link.ptr, link.len);
		assert_non_null(at);
		assert_null(memmem(sms.ptr, sms.len, "{{", 2));
		/* All of it is Arabic or ASCII, so a unit is a code point. */
		size_t before = 0;
		for (size_t i = 0; i < (size_t)(at - sms.ptr); before++) (void)utf8_next(sms, &i);
		assert_int_equal(before / count.per_part, (before + link.len - 1) / count.per_part);
	}
	assert_str(outbox_sms_with_link(STR("How was it?"), link, &arena), "How was it? https://cx.example/s/k7m2q9xr");
	assert_str(outbox_sms_with_link(STR(""), link, &arena), "https://cx.example/s/k7m2q9xr");
}

static struct str fill(const char *text, enum escape e)
{
	const struct slot slots[] = { { "to", STR("+966501234567") },
		                      { "text", STR("\"} &x=1\r\nسلام") },
		                      { "id", STR("{{secret}}") },
		                      { "secret", STR("hush") } };
	struct buf b;
	buf_init(&b, 4096);
	template_fill(str_of(text), e, slots, COUNT_OF(slots), &b);
	const struct str out = str_copy(&arena, buf_view(&b));
	buf_done(&b);
	return out;
}

static void values_cannot_leave_their_place_in_a_template(void **s)
{
	assert_str(fill("{\"a\":\"{{text}}\"}", ESCAPE_JSON), "{\"a\":\"\\\"} &x=1\\r\\nسلام\"}");
	assert_str(fill("to={{to}}&text={{ text }}", ESCAPE_FORM),
	           "to=%2B966501234567&text=%22%7D+%26x%3D1%0D%0A%D8%B3%D9%84%D8%A7%D9%85");
	assert_str(fill("/send/{{to}}?t={{text}}", ESCAPE_URL),
	           "/send/%2B966501234567?t=%22%7D%20%26x%3D1%0D%0A%D8%B3%D9%84%D8%A7%D9%85");
	assert_str(fill("{{id}}", ESCAPE_NONE), "{{secret}}"); /* what is put in is not read again */
	struct err err;
	assert_int_equal(template_check(STR("{{to}} {{nobody}}"), "body", &err), ERR_INPUT);
	assert_string_equal(err.id, "outbox.template");
	assert_int_equal(template_check(STR("{{to}} {{text"), "body", &err), ERR_INPUT);
	assert_int_equal(template_check(STR("{\"a\":{\"b\":\"{{to}}\"}}"), "body", &err), OK);
}

static enum err_code read_settings(enum outbox_kind kind, const char *json, struct err *err)
{
	struct settings out;
	return settings_read(kind, str_of(json), &arena, &out, err);
}

static void settings_say_what_is_wrong_with_them(void **s)
{
	static const struct {
		enum outbox_kind kind;
		const char *json, *field; /* field NULL: good */
	} rows[] = {
		{ OUTBOX_SMTP, "{\"host\":\"mail.example\",\"from\":\"cx@example.com\"}", NULL },
		{ OUTBOX_SMTP, "{\"from\":\"cx@example.com\"}", "settings.host" },
		{ OUTBOX_SMTP, "{\"host\":\"mail.example/x\",\"from\":\"cx@example.com\"}", "settings.host" },
		{ OUTBOX_SMTP, "{\"host\":\"mail.example\",\"from\":\"cx\"}", "settings.from" },
		{ OUTBOX_SMTP,
		  "{\"host\":\"mail.example\",\"from\":\"cx@example.com\",\"from_name\":\"a\\r\\nBcc: x@y.zz\"}",
		  "settings.from_name" },
		{ OUTBOX_SMTP, "{\"host\":\"mail.example\",\"from\":\"cx@example.com\",\"tls\":\"maybe\"}",
		  "settings.tls" },
		{ OUTBOX_SMTP, "{\"host\":\"mail.example\",\"from\":\"cx@example.com\",\"port\":70000}",
		  "settings.port" },
		{ OUTBOX_SMTP, "{\"host\":\"mail.example\",\"from\":\"cx@example.com\",\"url\":\"https://x\"}",
		  "settings.url" },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://sms.example/send\",\"body\":\"{\\\"to\\\":\\\"{{to}}\\\"}\"}",
		  NULL },
		{ OUTBOX_GATEWAY, "{\"url\":\"http://sms.example/send\",\"body\":\"{{to}}\"}", "settings.url" },
		{ OUTBOX_GATEWAY, "{\"url\":\"http://sms.example/send\",\"body\":\"{{to}}\",\"plain_http\":true}",
		  NULL },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://{{to}}/send\",\"body\":\"{{to}}\"}", "settings.url" },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://a@b/send\",\"body\":\"{{to}}\"}", "settings.url" },
		{ OUTBOX_GATEWAY, "{\"url\":\"file:///etc/passwd\",\"body\":\"{{to}}\"}", "settings.url" },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://x.example/\",\"body\":\"{{what}}\"}", "settings.body" },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://x.example/\",\"body\":\"hello\"}", "settings.body" },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://x.example/\",\"body\":\"{{to}}\",\"headers\":{\"a b\":\"c\"}}",
		  "settings.headers" },
		{ OUTBOX_GATEWAY, "{\"url\":\"https://x.example/\",\"body\":\"{{to}}\",\"receipts\":{\"ids\":\"/a\"}}",
		  "settings.receipts" },
		{ OUTBOX_WEBHOOK, "{\"url\":\"https://x.example/\",\"types\":[\"feedback.*\"]}", NULL },
		{ OUTBOX_FOLDER, "{}", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = { 0 };
		const enum err_code rc = read_settings(rows[i].kind, rows[i].json, &err);
		if (rc != (rows[i].field ? ERR_INPUT : OK)) fail_msg("%s: %s", rows[i].json, err.text);
		if (rows[i].field) assert_string_equal(err.field, rows[i].field);
	}
}

static void mail_addresses_are_plain(void **s)
{
	static const char *const good[] = { "a@b.co", "first.last+tag@sub.example.com", "o'brien@ex-ample.ir" };
	static const char *const bad[] = { "",          "a",          "@b.co",         "a@",       "a@b",
		                           "a b@c.de",  "a@b..co",    "a.@b.co",       ".a@b.co",  "a@-b.co",
		                           "a@b-.co",   "a@b.co\r\n", "a@b.co,c@d.ee", "<a@b.co>", "a\"b@c.de",
		                           "سلام@b.co", "a@b@c.de" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!outbox_mail_address(str_of(good[i]))) fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (outbox_mail_address(str_of(bad[i]))) fail_msg("accepted %s", bad[i]);
}

static void a_subject_is_one_line(void **state)
{
	static const struct {
		const char *said, *line;
	} rows[] = { { "Brk\nline", "Brk line" },
		     { "a\r\n\r\nBcc: x@y.z", "a Bcc: x@y.z" },
		     { "\n\tstart", "start" },
		     { "Hi\xe2\x80\xaetxt\xe2\x80\xac", "Hitxt" },
		     { "نظرسنجی‌ها", "نظرسنجی‌ها" },
		     { "", "" } };
	struct arena a;
	char many[2 * OUTBOX_SUBJECT_BYTES_MAX + 1];
	arena_init(&a, 1 * MIB);
	for (size_t i = 0; i < COUNT_OF(rows); i++) assert_str(outbox_line(&a, str_of(rows[i].said)), rows[i].line);
	for (size_t i = 0; i < sizeof many - 1; i += 2) memcpy(many + i, "\xd8\xb3", 2);
	const struct str cut = outbox_line(&a, (struct str){ many, sizeof many - 1 });
	assert_true(cut.len > OUTBOX_SUBJECT_BYTES_MAX - 8 && cut.len <= OUTBOX_SUBJECT_BYTES_MAX);
	assert_true(utf8_valid(cut.ptr, cut.len) == cut.len);
	arena_done(&a);
}

static void mail_lines_are_short_ascii_and_end_in_crlf(void **s)
{
	const struct settings set = { .from = STR("cx@example.com"), .from_name = STR("شركة سفر \"قطر\"") };
	struct letter l = { .row = { .address = STR("a@b.co"), .subject = repeat("كيف كانت تجربتك معنا؟ ", 12) },
		            .name = STR("Ann \"the\" O\\Brien"),
		            .text = repeat("سلام\n.\nFrom here = there \n", 40),
		            .lang = STR("ar"),
		            .unsubscribe = STR("https://cx.example/u/abc") };
	snprintf(l.public_id, sizeof l.public_id, "msg_1_2");
	struct buf b;
	buf_init(&b, 1 << 20);
	assert_int_equal(mime_write(&l, &set, 1790000000000, &b, NULL), OK);
	size_t line = 0;
	for (size_t i = 0; i < b.len; i++) {
		assert_in_range((unsigned char)b.ptr[i], '\n', 126);
		if (b.ptr[i] == '\n') {
			assert_int_equal(b.ptr[i - 1], '\r');
			if (line > 79) fail_msg("a line of %zu: %.*s", line, (int)line, b.ptr + i - line);
			line = 0;
		} else {
			line++;
		}
	}
	assert_non_null(memmem(b.ptr, b.len, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", 52));
	buf_done(&b);
}

static void webhooks_are_signed_as_the_standard_says(void **s)
{
	char got[64];
	const struct str secret = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	assert_true(webhook_sign(secret, STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330, STR("{\"test\": 2432232314}"),
	                         got));
	assert_string_equal(got, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_false(webhook_sign(STR("whsec_short"), STR("a"), 0, STR(""), got));
	assert_false(webhook_sign(STR("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), STR("a"), 0, STR(""), got));
}

static void receipts_are_read_out_of_json_and_forms(void **s)
{
	struct str v;
	const struct str json = STR("{\"results\":[{\"id\":\"m1\"},{\"id\":42,\"s\":{\"name\":\"DELIVRD\"}}]}");
	assert_true(receipt_value(json, STR("/results/1/id"), &arena, &v));
	assert_str(v, "42");
	assert_true(receipt_value(json, STR("/results/1/s/name"), &arena, &v));
	assert_str(v, "DELIVRD");
	assert_false(receipt_value(json, STR("/results/2/id"), &arena, &v));
	assert_false(receipt_value(json, STR("/results"), &arena, &v));
	assert_true(receipt_value(STR("From=%2B98912&Body=%D9%84%D8%BA%D9%88+"), STR("Body"), &arena, &v));
	assert_str(v, "لغو");
	assert_false(receipt_value(STR("a=%ff%fe"), STR("a"), &arena, &v));
}

static void retries_come_later_and_later(void **s)
{
	int64_t last = 0, sum = 0;
	for (int i = 1; i < OUTBOX_TRIES_MAX; i++) {
		const int64_t wait = sender_backoff_ms(i, 17);
		assert_true(wait > last);
		last = wait;
		sum += wait;
	}
	assert_true(sum > 36 * WHEN_HOUR_MS && sum < 48 * WHEN_HOUR_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sms_parts_are_counted_as_networks_do),
		cmocka_unit_test(a_link_never_stands_across_two_parts),
		cmocka_unit_test(values_cannot_leave_their_place_in_a_template),
		cmocka_unit_test(settings_say_what_is_wrong_with_them),
		cmocka_unit_test(mail_addresses_are_plain),
		cmocka_unit_test(a_subject_is_one_line),
		cmocka_unit_test(mail_lines_are_short_ascii_and_end_in_crlf),
		cmocka_unit_test(webhooks_are_signed_as_the_standard_says),
		cmocka_unit_test(receipts_are_read_out_of_json_and_forms),
		cmocka_unit_test(retries_come_later_and_later),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
